//! What edits of types took away: values as they were before, by the entities that they
//! were of, until their types are again what they were. It decides what comes back, and
//! must not touch the world's own values.

use super::{Id, Lineage};
use crate::mover::Kept;
use bevy::{
    ecs::{component::ComponentId, entity::Entity, world::World},
    reflect::{ReflectFromPtr, TypeInfo},
};
use core::ptr::NonNull;
use hot_loader_verdict::{layouts::Layouts, names::Renames};
use std::collections::{HashMap, HashSet};

/// Everything that may come back.
#[derive(Default)]
pub struct Stash {
    /// The oldest first.
    stashed: Vec<Stashed>,
    /// What types of each name have been in this process.
    definitions: HashMap<String, HashSet<u64>>,
}

/// What is remembered of a type with its values.
#[derive(Clone)]
pub struct Origin {
    /// The name of today.
    pub name: String,
    /// Of the type.
    pub identity: Id,
    /// What the type was, if that is known.
    pub definition: Option<u64>,
    /// Shows a value, if reflection sees it.
    pub reflect: Option<(ReflectFromPtr, &'static TypeInfo)>,
}

/// The values of one type that one edit took away.
pub struct Stashed {
    /// Of which type.
    pub origin: Origin,
    /// Whether the entities lost the value itself, and not only parts of it.
    pub is_whole: bool,
    /// The values.
    pub values: Kept,
}

impl Stash {
    /// What is there.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = (usize, &Stashed)> {
        self.stashed.iter().enumerate()
    }

    /// The values at places, each with what reads them. They stay until the stash changes.
    pub fn values<T: Clone>(&self, below: &[(usize, T)]) -> Vec<(HashMap<Entity, NonNull<u8>>, T)> {
        let below = below.iter().filter_map(|(at, reads)| {
            let values: HashMap<_, _> = self.stashed.get(*at)?.values.values().collect();
            Some((values, reads.clone()))
        });
        below.collect()
    }

    /// The values of which parts are missing in the type of this name, the oldest first.
    pub fn layers(&self, name: &str) -> impl Iterator<Item = (usize, &Stashed)> {
        self.all()
            .filter(move |(_, it)| it.origin.name == name && !it.is_whole)
    }

    /// Whether the type has been the same before, so that the edit undoes others.
    pub fn is_back(&self, name: &str, layouts: &Layouts) -> bool {
        // A digest is of all that a type mentions: only where it is compared.
        let known = self.definitions.get(name);
        known.is_some_and(|known| layouts.digest(name).is_some_and(|it| known.contains(&it)))
    }

    /// What can show values of this component.
    pub fn reflect(&self, id: ComponentId) -> Option<&(ReflectFromPtr, &'static TypeInfo)> {
        let of = self.stashed.iter().find(|it| it.values.component() == id)?;
        of.origin.reflect.as_ref()
    }

    /// Remembers what the running generation's types are.
    pub fn learn(&mut self, world: &World, lineage: &Lineage, running: &Id, layouts: &Layouts) {
        for (&id, identity) in &lineage.of {
            if identity == running
                && let Some(info) = world.components().get_info(id)
                && let Some(digest) = layouts.digest(&info.name().to_string())
            {
                let known = self.definitions.entry(info.name().to_string());
                known.or_default().insert(digest);
            }
        }
    }

    /// Takes in what an edit took away. [`Stash::tidy`] takes out what is empty.
    pub fn extend(&mut self, stashed: impl Iterator<Item = Stashed>) {
        self.stashed.extend(stashed);
    }

    /// Gives out those of the values at an index that are asked for. The place stays.
    pub fn take(&mut self, at: usize, of: impl Fn(Entity) -> bool) -> Option<Kept> {
        let stashed = self.stashed.get_mut(at)?;
        Some(stashed.values.take_of(of))
    }

    /// Follows the names of today.
    pub fn rename(&mut self, renames: &Renames) {
        for stashed in &mut self.stashed {
            if let Some(name) = renames.apply(&stashed.origin.name) {
                stashed.origin.name = name;
            }
        }
    }

    /// Drops the values of entities that are gone.
    pub fn tidy(&mut self, world: &World) {
        for stashed in &mut self.stashed {
            let is_gone = |entity| world.get_entity(entity).is_err();
            drop(stashed.values.take_of(is_gone));
        }
        self.stashed.retain(|it| !it.values.is_empty());
    }
}
