//! One column, checked against the world and with room for its values. It must not touch the
//! world's values itself.

use crate::{engine, panics};
use std::collections::BTreeMap;
use std::ptr::NonNull;

use bevy::ecs::component::{ComponentId, ComponentInfo};
use bevy::ecs::entity::Entity;
use bevy::ecs::relationship::RelationshipAccessor;
use bevy::ecs::world::World;

use super::kept::Kept;
use super::value_stack::{DropFn, ValueStack};
use super::{Cause, Column, Failure, How};
use hot_loader_face::carrier::CarrierFn;

/// What a column's components are to Bevy's relationships.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing.
    Plain,
    /// The side that names its target; with the old target, where the old one was such.
    Source(Option<ComponentId>),
    /// The side that lists its sources. Hooks write it; it never moves.
    Target,
}

/// One column with what it takes to move its values.
pub(super) struct ColumnMove<'a> {
    pub(super) old: ComponentId,
    pub(super) new: ComponentId,
    pub(super) how: How<'a>,
    pub(super) role: Role,
    /// The path of the old component, for messages.
    pub(super) name: String,
    /// The size of the old component.
    pub(super) size: usize,
    /// Drops a value of the old component.
    pub(super) old_drop: DropFn,
    /// Set before the commit for each column that [`ColumnMove::needs_carrier`].
    pub(super) carrier: Option<CarrierFn>,
    /// Values that are out of the world: converted ones, the taken ones of relationship
    /// sources, or room for one taken value.
    pub(super) stack: ValueStack,
    /// The value that is on its way, in memory of the stack. Whoever sets it sees to it that
    /// the value arrives or is dropped, also where user code panics.
    pub(super) held: Option<NonNull<u8>>,
    /// The components with hooks that moving one value runs.
    pub(super) hooks: Vec<String>,
    /// Whether all old values are kept that are converted.
    pub(super) keeps_all: bool,
    /// The old values that are kept.
    pub(super) kept: Kept,
    is_lenient: bool,
    /// The values that stay aside, since they could not be converted.
    pub(super) refused: BTreeMap<Entity, Failure>,
}

impl<'a> ColumnMove<'a> {
    /// Checks that the two components can be those of one column.
    pub(super) fn new(world: &World, column: Column<'a>) -> Result<Self, Failure> {
        let unfit = |component: String, reason: &str| Failure {
            entity: None,
            component,
            cause: Cause::Unfit(reason.to_owned()),
        };
        let components = world.components();
        let Some(old) = components.get_info(column.old) else {
            return Err(unfit(format!("{:?}", column.old), "no such component"));
        };
        let name = old.name().to_string();
        let Some(new) = components.get_info(column.new) else {
            return Err(unfit(name, "the world does not know the new component"));
        };
        if column.old == column.new {
            return Err(unfit(name, "the old and the new component are the same"));
        }
        let bytes = matches!(column.how, How::Bytes);
        if bytes && old.layout() != new.layout() {
            return Err(unfit(name, "size or alignment differs"));
        }
        if bytes && old.drop().is_some() != new.drop().is_some() {
            return Err(unfit(name, "only one of the two needs to be dropped"));
        }
        let role = role(old, new);
        if role == Role::Target && !is_target(new) {
            return Err(unfit(name, "it is no longer a relationship target"));
        }
        if role != Role::Target && is_target(new) {
            return Err(unfit(name, "it becomes a relationship target"));
        }
        Ok(Self {
            old: column.old,
            new: column.new,
            role,
            size: old.layout().size(),
            old_drop: old.drop(),
            carrier: None,
            // The taken ones of `Bytes`, or the converted ones.
            stack: ValueStack::of(if bytes { old } else { new }),
            held: None,
            hooks: hooks(&name, old, new),
            keeps_all: false,
            kept: Kept::new(column.old, ValueStack::of(old)),
            is_lenient: column.is_lenient && role != Role::Target,
            refused: BTreeMap::new(),
            how: column.how,
            name,
        })
    }

    /// Whether the values are taken out by a carrier.
    pub(super) fn needs_carrier(&self) -> bool {
        matches!(self.how, How::Bytes) && self.old_drop.is_some() && self.role != Role::Target
    }

    /// Whether the old value of `entity` is kept.
    pub(super) fn keeps(&self, entity: Entity) -> bool {
        matches!(self.how, How::Convert(_))
            && (self.keeps_all || self.refused.contains_key(&entity))
    }

    /// Whether any value is taken out by a carrier.
    pub(super) fn binds(&self) -> bool {
        let keeps = self.keeps_all || !self.refused.is_empty();
        self.needs_carrier() || keeps && self.old_drop.is_some()
    }

    /// The converted value of `entity`, which is the next one on the stack.
    pub(super) fn next(&mut self, entity: Entity) -> Option<NonNull<u8>> {
        match self.refused.contains_key(&entity) {
            true => None,
            false => self.stack.pop(),
        }
    }

    /// Makes the new value of `entity`, if the column converts, and puts it on the stack.
    pub(super) fn convert(&mut self, world: &World, entity: Entity) -> Result<(), Failure> {
        // What a hook puts in the place of a value that was set aside is set aside, too.
        if self.refused.contains_key(&entity) {
            return Ok(());
        }
        let How::Convert(convert) = &mut self.how else {
            return Ok(());
        };
        let Some(value) = world.get_by_id(entity, self.old) else {
            return Err(self.unfit(Some(entity), "the entity changed"));
        };
        let room = self.stack.room();
        let made = panics::catch(|| convert(world, entity, value, room.as_ptr()));
        match made {
            Ok(Ok(())) => {
                // SAFETY: `room` is the stack's, and the conversion wrote a whole value to
                // it, as the caller of `prepare` promised.
                unsafe { self.stack.grow() };
                Ok(())
            }
            Ok(Err(reason)) => {
                let failure = self.failure(Some(entity), Cause::Refused(reason));
                let is_resource = world.resource_entities().get(self.old) == Some(entity);
                if !self.is_lenient || is_resource {
                    return Err(failure);
                }
                self.refused.insert(entity, failure);
                Ok(())
            }
            Err(panic) => Err(self.failure(Some(entity), Cause::panicked(&panic))),
        }
    }

    /// Drops the value that is on its way, if there is one; says whether there was.
    pub(super) fn drop_held(&mut self) -> bool {
        let Some(value) = self.held.take() else {
            return false;
        };
        // SAFETY: the column owns the held value, one of the stack's component, and gives it up.
        unsafe { self.stack.drop_value(value) };
        true
    }

    /// Why the column, or a value of it, cannot move at all.
    pub(super) fn unfit(&self, entity: Option<Entity>, reason: &str) -> Failure {
        self.failure(entity, Cause::Unfit(reason.to_owned()))
    }

    /// A failure of this column.
    pub(super) fn failure(&self, entity: Option<Entity>, cause: Cause) -> Failure {
        Failure {
            entity,
            component: self.name.clone(),
            cause,
        }
    }
}

/// The old component decides, since its hooks run on the values there are.
fn role(old: &ComponentInfo, new: &ComponentInfo) -> Role {
    use RelationshipAccessor::Relationship;
    match (old.relationship_accessor(), new.relationship_accessor()) {
        (None, Some(Relationship { .. })) => Role::Source(None),
        (None, _) => Role::Plain,
        (
            Some(Relationship {
                relationship_target,
                ..
            }),
            _,
        ) => Role::Source(Some(*relationship_target)),
        (Some(_), _) => Role::Target,
    }
}

fn is_target(info: &ComponentInfo) -> bool {
    matches!(
        info.relationship_accessor(),
        Some(RelationshipAccessor::RelationshipTarget { .. })
    )
}

/// The components with hooks that run when a value leaves `old` and comes to `new`.
fn hooks(name: &str, old: &ComponentInfo, new: &ComponentInfo) -> Vec<String> {
    let [_, _, discard, remove, _] = engine::hooks(old);
    let [add, insert, ..] = engine::hooks(new);
    let out = (discard || remove).then(|| name.to_owned());
    let into = (add || insert).then(|| new.name().to_string());
    out.into_iter().chain(into).collect()
}

/// The component's name, if it has any hook.
pub(super) fn any_hook(info: &ComponentInfo) -> Option<String> {
    (!hooks("", info, info).is_empty()).then(|| info.name().to_string())
}
