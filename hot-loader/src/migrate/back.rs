//! Whole values that come back: those that entities lost with an edit, and resources that
//! the code did not have for a while. They are made aside, like all others.

use super::{
    method::{Chooser, Method},
    pairs::{self, Pair},
    stash::Stash,
};
use crate::mover::{self, Kept};
use bevy::{
    ecs::{component::ComponentId, entity::Entity, world::World},
    reflect::TypeInfo,
};
use core::ptr::NonNull;
use std::collections::HashMap;

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
    values: Vec<Ready>,
    /// What of the stash is needed no more, since nothing of it is missing now.
    done: Vec<usize>,
}

/// Values of one type that come back.
struct Ready {
    pair: Pair,
    from: From,
    /// The new values; none if the old ones are such.
    made: Option<Kept>,
}

/// Where the old values are.
#[derive(Clone, Copy)]
enum From {
    /// At this place of the stash.
    Stash(usize),
    /// A resource, which moves if none was made.
    World(NonNull<u8>),
}

impl Back {
    /// Finds and makes them. What cannot be made stays where it is.
    pub fn prepare(
        world: &World,
        chooser: &Chooser,
        methods: &[(Pair, Method)],
        waiting: &[Waiting],
    ) -> Self {
        let change = chooser.change;
        let new_ids = pairs::new_ids(world, change, &chooser.types.registries[1]);
        let lost = change.known.stash.all().filter(|(_, it)| it.is_whole);
        let lost = lost.filter_map(|(at, stashed)| {
            let (origin, values) = (&stashed.origin, &stashed.values);
            let renamed = chooser.types.renames.apply(&origin.name);
            let name = renamed.unwrap_or_else(|| origin.name.clone());
            let &[new] = new_ids.get(&name)?.as_slice() else {
                return None;
            };
            let pair = Pair {
                old: values.component(),
                new,
                name: origin.name.clone(),
                new_name: name,
                identity: origin.identity.clone(),
                count: values.values().count(),
            };
            Some((pair, From::Stash(at), values.values().collect()))
        });
        let waiting = waiting.iter().filter_map(|it| {
            let pair = Pair {
                old: it.old,
                new: it.new,
                name: it.name.clone(),
                new_name: it.name.clone(),
                identity: change.known.lineage.of.get(&it.old)?.clone(),
                count: 1,
            };
            let value = (Entity::PLACEHOLDER, it.value);
            Some((pair, From::World(it.value), vec![value]))
        });
        let values = lost.chain(waiting).filter_map(|(pair, from, values)| {
            Some(Ready {
                made: make(world, chooser, &pair, values)?,
                pair,
                from,
            })
        });
        Self {
            values: values.collect(),
            done: done(chooser, methods),
        }
    }

    /// Puts them into the world, and says of which types they are. Resources, whose values
    /// are theirs no more that kept them, come second.
    pub fn commit(self, world: &mut World, stash: &mut Stash) -> [Vec<String>; 2] {
        let mut names = [Vec::new(), Vec::new()];
        for at in self.done {
            drop(stash.take(at, |_| true));
        }
        for it in self.values {
            let [of_entities, resources] = &mut names;
            let new = it.pair.new;
            match (it.from, it.made) {
                (From::Stash(at), made) => {
                    let is_made: HashMap<_, _> = made.iter().flat_map(Kept::values).collect();
                    let is_back = |entity| made.is_none() || is_made.contains_key(&entity);
                    let old = stash.take(at, is_back);
                    // SAFETY: they were made for it, or are the same, says the compiler.
                    let put = |values: Kept| unsafe { values.put_back(world, new) };
                    if made.or(old).map_or(0, put) > 0 {
                        of_entities.push(it.pair.new_name);
                    }
                }
                (From::World(old), made) => {
                    // SAFETY: it was made for it, or is the same, says the compiler, and is
                    // given up by the world that has it (`structure::resources`).
                    unsafe {
                        match made {
                            Some(made) => made.put_back_resource(world, new),
                            None => mover::insert_resource(world, new, old),
                        }
                    }
                    resources.push(it.pair.new_name);
                }
            }
        }
        names
    }
}

/// Makes the values of a pair that come back: `None` within if the old ones are such, and
/// `None` if none can be made.
fn make(
    world: &World,
    chooser: &Chooser,
    pair: &Pair,
    values: Vec<(Entity, NonNull<u8>)>,
) -> Option<Option<Kept>> {
    if pair.old == pair.new {
        return Some(None);
    }
    let method = chooser.method(world, pair).ok()?;
    let Some(mut convert) = chooser.conversion(&method, pair) else {
        return Some(None);
    };
    // SAFETY: the way is one from the type of these values.
    let made = unsafe { mover::make(world, pair.new, &mut convert, values) }?;
    (!made.is_empty()).then_some(Some(made))
}

/// The values in the stash of which nothing is missing in the new types.
fn done(chooser: &Chooser, methods: &[(Pair, Method)]) -> Vec<usize> {
    let after = chooser.types.layouts.get(chooser.change.new);
    let of = |(pair, method): &(Pair, Method)| {
        let definition = after.and_then(|after| after.digest(&pair.new_name));
        let has_all = |at, earlier: Option<&TypeInfo>| match method {
            Method::Planned { below, .. } => {
                let mut below = below.iter();
                below.any(|(it, plan)| *it == at && plan.lost.is_empty())
            }
            Method::Reflected { new, .. } => {
                earlier.is_some_and(|earlier| has_parts_of(new.type_info(), earlier))
            }
            _ => false,
        };
        let layers = chooser.change.known.stash.layers(&pair.name);
        let back = layers.filter(|(at, it)| {
            let is_same = it.origin.definition.is_some() && it.origin.definition == definition;
            is_same || has_all(*at, it.origin.reflect.as_ref().map(|(_, info)| *info))
        });
        back.map(|(at, _)| at).collect::<Vec<_>>()
    };
    methods.iter().flat_map(of).collect()
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
