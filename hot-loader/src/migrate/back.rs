//! Whole values that come back: those that entities lost with an edit, and resources that
//! the code did not have for a while. They are made aside, like all others.

use super::{
    Lost,
    attic::Attic,
    how, pairs,
    pairs::Pair,
    way::{Chooser, Way},
};
use crate::{
    convert::Converter,
    mover::{self, How, Kept},
};
use bevy::{
    ecs::{component::ComponentId, entity::Entity, world::World},
    reflect::TypeInfo,
};
use core::ptr::NonNull;
use std::{collections::HashSet, sync::Arc};

/// A resource that is out of the world, and whose name the new code has again.
pub struct Waiting {
    /// Its name.
    pub name: String,
    /// The component that it is of, in the live world.
    pub old: ComponentId,
    /// The component that is to have it.
    pub new: ComponentId,
    /// The value, which stays until the commit.
    pub value: NonNull<u8>,
}

/// What comes back, made aside.
pub struct Back {
    entities: Vec<Whole>,
    resources: Vec<Resource>,
    /// What of the attic is needed no more, since nothing of it is missing now.
    done: Vec<usize>,
}

/// Values of one type in the attic.
struct Whole {
    at: usize,
    new: ComponentId,
    name: String,
    /// The new values; none if the old ones are such.
    made: Option<Kept>,
}

/// A resource.
struct Resource {
    name: String,
    new: ComponentId,
    /// The old value, which moves if none was made.
    old: NonNull<u8>,
    made: Option<Kept>,
}

impl Back {
    /// Finds and makes them. What cannot be made stays where it is.
    pub fn prepare(
        world: &World,
        chooser: &Chooser,
        ways: &[(Pair, Way)],
        waiting: &[Waiting],
        converter: &Arc<Converter>,
        lost: &Lost,
    ) -> Self {
        let generations = chooser.generations;
        let [_, new_types] = &chooser.types.registries;
        let new_ids = pairs::new_ids(world, generations, new_types);
        let attic = generations.attic;
        let mut back = Self {
            entities: Vec::new(),
            resources: Vec::new(),
            done: done(chooser, ways),
        };
        // How the values of a pair come back; none if they do not.
        let ready = |pair: &Pair, values: &mut dyn Iterator<Item = (Entity, NonNull<u8>)>| {
            if pair.old == pair.new {
                return Some(None);
            }
            let way = chooser.way(world, pair).ok()?;
            match how(&way, pair, converter, attic, lost) {
                How::Bytes => Some(None),
                How::Convert(mut convert) => {
                    // SAFETY: the way is one from the type of these values.
                    let made = unsafe { mover::make(world, pair.new, &mut convert, values) }?;
                    (!made.is_empty()).then_some(Some(made))
                }
                How::Drop => None,
            }
        };
        for (at, shelved) in attic.all().filter(|(_, it)| it.is_whole) {
            let name = chooser.types.renames().apply(&shelved.name);
            let name = name.unwrap_or_else(|| shelved.name.clone());
            let Some([new]) = new_ids.get(&name).map(Vec::as_slice) else {
                continue;
            };
            let old = shelved.values.component();
            let pair = Pair {
                old,
                new: *new,
                name: shelved.name.clone(),
                new_name: name.clone(),
                identity: shelved.identity.clone(),
                count: shelved.values.values().count(),
            };
            let Some(made) = ready(&pair, &mut shelved.values.values()) else {
                continue;
            };
            back.entities.push(Whole {
                at,
                new: *new,
                name,
                made,
            });
        }
        for it in waiting {
            let Some(identity) = generations.lineage.of(it.old) else {
                continue;
            };
            let pair = Pair {
                old: it.old,
                new: it.new,
                name: it.name.clone(),
                new_name: it.name.clone(),
                identity: identity.clone(),
                count: 1,
            };
            let mut value = core::iter::once((Entity::PLACEHOLDER, it.value));
            if let Some(made) = ready(&pair, &mut value) {
                back.resources.push(Resource {
                    name: it.name.clone(),
                    new: it.new,
                    old: it.value,
                    made,
                });
            }
        }
        back
    }

    /// Puts them into the world, and says of which types they are. Resources, whose values
    /// are theirs no more that kept them, come second.
    pub fn commit(self, world: &mut World, attic: &mut Attic) -> [Vec<String>; 2] {
        let mut names = Vec::new();
        for at in self.done {
            drop(attic.take(at, |_| true));
        }
        for whole in self.entities {
            let made: HashSet<_> = match &whole.made {
                Some(made) => made.values().map(|(entity, _)| entity).collect(),
                None => HashSet::new(),
            };
            let old = attic.take(whole.at, |it| whole.made.is_none() || made.contains(&it));
            let Some(values) = whole.made.or(old) else {
                continue;
            };
            // SAFETY: they were made for it, or are the same, says the compiler.
            if unsafe { values.put_back(world, whole.new) } > 0 {
                names.push(whole.name);
            }
        }
        let mut resources = Vec::new();
        for resource in self.resources {
            // SAFETY: it was made for it, or is the same, says the compiler, and is given up
            // by the world that has it (`structure::resources`).
            unsafe {
                match resource.made {
                    Some(made) => made.put_back_resource(world, resource.new),
                    None => mover::insert_resource(world, resource.new, resource.old),
                }
            }
            resources.push(resource.name);
        }
        [names, resources]
    }
}

/// The values in the attic of which nothing is missing in the new types.
fn done(chooser: &Chooser, ways: &[(Pair, Way)]) -> Vec<usize> {
    let after = chooser.types.layouts.get(chooser.generations.new);
    let mut done = Vec::new();
    for (pair, way) in ways {
        let mut layers = chooser.attic.layers(&pair.name).peekable();
        if layers.peek().is_none() {
            continue;
        }
        let definition = after.and_then(|after| after.digest(&pair.new_name));
        let has_all = |at: usize| match way {
            Way::Planned { below, .. } => {
                let mut below = below.iter();
                below.any(|(it, plan)| *it == at && plan.lost.is_empty())
            }
            Way::Reflected { new, .. } => {
                let earlier = chooser.attic.all().find(|(it, _)| *it == at);
                let info = earlier.and_then(|(_, it)| Some(it.reflect.as_ref()?.1));
                info.is_some_and(|info| has_parts_of(new.type_info(), info))
            }
            _ => false,
        };
        let back = layers.filter(|(at, it)| {
            has_all(*at) || it.definition.is_some() && it.definition == definition
        });
        done.extend(back.map(|(at, _)| at));
    }
    done
}

/// Whether a definition has all fields and variants of another.
fn has_parts_of(new: &TypeInfo, old: &TypeInfo) -> bool {
    match (new, old) {
        (TypeInfo::Struct(new), TypeInfo::Struct(old)) => {
            old.iter().all(|field| new.field(field.name()).is_some())
        }
        (TypeInfo::TupleStruct(new), TypeInfo::TupleStruct(old)) => {
            new.field_len() >= old.field_len()
        }
        _ => false,
    }
}
