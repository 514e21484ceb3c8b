//! The migration stage: values of the module's types, carried over a change of them.
//!
//! ```text
//! old ids ─► pair with new ids by name ─► how? moved as bytes, by the user's function,
//!            (lineage, pairs)                  by layout, by reflection
//!                                      ─► converted aside ─► committed (mover)
//! ```
//!
//! Everything is converted aside first; on any failure the world is as it was. It must
//! never read a value through another type than its own, and never move a value into
//! new code as bytes unless the compiler's debug info shows its type to be the same.
#![expect(
    unsafe_code,
    reason = "values are read and written by their ids; each type's own registration is the check"
)]

mod error;
mod found;
mod lineage;
mod makers;
mod non_send;
mod numbers;
mod pairs;
mod plan;
mod registrars;
mod way;

pub use error::MigrationError;
pub use found::FoundTypes;
pub use lineage::{Id, Lineage};
pub use makers::{FoundMakers, Made};

use crate::{
    convert::Converter,
    layouts::Layouts,
    migration::hot::Migrations,
    mover::{self, Aside, Carriage, Cause, Column, Convert, How},
    proxy::Guard,
    structure::Applied,
};
use bevy::{
    ecs::{entity::Entity, world::World},
    ptr::Ptr,
    reflect::{Reflect, TypeRegistry},
};
use core::{mem, ptr};
use error::Problem;
use pairs::{Pair, Pairs};
use std::{
    alloc::{Layout, dealloc},
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use way::{Chooser, Way};

/// What is known of the generations whose types are in the world.
pub struct Generations<'a> {
    /// Whether a type is written in the module.
    pub own: &'a dyn Fn(&str) -> bool,
    /// Which component ids are whose.
    pub lineage: &'a Lineage,
    /// What the compiler says of each identity's types.
    pub layouts: &'a HashMap<Id, Arc<Layouts>>,
    /// The running generation's identity.
    pub running: &'a Id,
    /// The new generation's identity.
    pub new: &'a Id,
    /// The worlds in which the plugins of the running generation and of the new one were
    /// built.
    pub recorded: [&'a World; 2],
    /// The reflected types of the running generation, and of the new one.
    pub found: [&'a FoundTypes; 2],
    /// What the new one brings for moving values.
    pub carriers: &'static [Carriage],
}

/// A migration that only waits to be committed.
pub struct Migration {
    aside: Aside<'static>,
    kept: Vec<String>,
    migrated: Vec<String>,
    reset: Vec<String>,
}

/// Parts of values that conversions found no place for, or nothing to make of.
type Lost = Arc<Mutex<BTreeSet<String>>>;

impl Migration {
    /// Pairs old types with new ones, and converts every value, aside.
    ///
    /// # Errors
    /// Names every type that cannot be migrated, with the reason and what to do.
    pub fn prepare(world: &mut World, generations: &Generations) -> Result<Self, MigrationError> {
        let registries = Guard::attempt(|| registries(world, generations));
        let [old_types, new_types] = registries
            .map_err(|panic| {
                MigrationError::plain(format!("a type panics while it is registered: {panic}"))
            })?
            .map(Arc::new);
        let migrations = said(generations, &old_types, &new_types);
        let converter = Converter::new(old_types.clone(), new_types.clone(), &migrations);
        let converter = Arc::new(converter);
        let Pairs {
            pairs,
            mut problems,
            mut gone,
        } = pairs::all(world, generations, &new_types);
        let mut ways: Vec<_> = {
            let types = [&*old_types, &*new_types];
            let chooser = Chooser::new(generations, types, &migrations, &converter);
            pairs
                .into_iter()
                .filter_map(|pair| match chooser.way(world, &pair) {
                    Ok(way) => Some((pair, way)),
                    // Nobody could do anything about it.
                    Err(_) if holds_others_code(world, generations, &pair) => {
                        gone.push(pair.name);
                        None
                    }
                    Err(reason) => {
                        problems.push(Problem::of(&pair, reason));
                        None
                    }
                })
                .collect()
        };
        non_send::check(world, generations, &mut problems);
        if !problems.is_empty() {
            return Err(MigrationError(problems));
        }
        // The values of what is gone stay where no code sees them, and come back with it.
        let (mut kept, mut migrated, mut reset) = (Vec::new(), Vec::new(), gone);
        let lost = Lost::default();
        let counts: HashMap<_, _> = ways
            .iter()
            .map(|(pair, _)| (pair.name.clone(), pair.count))
            .collect();
        let aside = loop {
            let columns = ways
                .iter()
                .map(|(pair, way)| Column {
                    old: pair.old,
                    new: pair.new,
                    how: how(way, &pair.name, &converter, &lost),
                })
                .collect();
            // SAFETY: values that move as bytes are of types that the compiler's own debug
            // info shows to be the same, whose drop functions do the same with them
            // (`way`); what conversions write, they say at each; and the commit comes in
            // the same frame, with nothing between but observers that leave.
            match unsafe { mover::prepare(world, columns, generations.carriers) } {
                Ok(aside) => break aside,
                // Then it is copied through reflection, if it can be seen into.
                Err(failure) if failure.cause == Cause::NoCarrier => {
                    let at = ways.iter().position(|(pair, way)| {
                        pair.name == failure.component && matches!(way, Way::Same)
                    });
                    let copied = at.and_then(|at| {
                        let way = way::reflected(world, &ways[at].0, [&old_types, &new_types])?;
                        Some((at, way))
                    });
                    match copied {
                        Some((at, way)) => ways[at].1 = way,
                        None => return Err(MigrationError::of(failure, &counts)),
                    }
                }
                Err(failure) => return Err(MigrationError::of(failure, &counts)),
            }
        };
        for (pair, way) in &ways {
            match way {
                Way::Same => kept.push(pair.name.clone()),
                Way::Planned { .. } | Way::Reflected { .. } => migrated.push(pair.name.clone()),
                Way::Reset(_) => reset.push(pair.name.clone()),
            }
        }
        reset.extend(mem::take(
            &mut *lost.lock().unwrap_or_else(PoisonError::into_inner),
        ));
        Ok(Self {
            aside,
            kept,
            migrated,
            reset,
        })
    }

    /// Puts the new values in the place of the old.
    pub fn commit(self, world: &mut World, applied: &mut Applied) {
        let moved = self.aside.commit(world);
        applied.hooks.extend(moved.hooks);
        applied.state_kept.extend(self.kept);
        applied.state_migrated.extend(self.migrated);
        applied.state_migrated.extend(moved.rebuilt);
        applied.state_reset.extend(self.reset);
        // User code that ran meanwhile made these impossible.
        for failure in moved.lost.iter().chain(&moved.left).chain(&moved.panics) {
            tracing::warn!(target: "hot_loader", "while values were migrated: {failure}");
            applied.state_reset.push(failure.to_string());
        }
    }
}

/// Whether a component is of a type of others over the module's that holds code, such as
/// the engine's `DespawnWhen` over a state. Its values can neither move nor be made anew,
/// so they stay aside.
fn holds_others_code(world: &World, generations: &Generations, pair: &Pair) -> bool {
    let layouts = generations.layouts.get(&pair.identity);
    let holds_code = layouts.is_some_and(|layouts| {
        layouts.get(&pair.name).is_some() && layouts.holds_code(&pair.name).is_some()
    });
    let is_resource = world.resource_entities().get(pair.old).is_some();
    holds_code && !is_resource && !(generations.own)(&pair.name)
}

/// The types of the running generation and of the new one, registered or not.
fn registries(world: &World, generations: &Generations) -> [TypeRegistry; 2] {
    let [old, new] = generations.found;
    [
        old.beside_registered(world),
        new.beside_registered(generations.recorded[1]),
    ]
}

/// What the user said. A function that the running generation had already, of a type
/// that did not change, has done its work.
fn said(generations: &Generations, old: &TypeRegistry, new: &TypeRegistry) -> Migrations {
    let [before, after] = generations.recorded.map(|world| {
        world
            .get_resource::<Migrations>()
            .cloned()
            .unwrap_or_default()
    });
    let mut said = after;
    let layouts = &generations.layouts;
    let (was, is) = (
        layouts.get(generations.running),
        layouts.get(generations.new),
    );
    said.by_type.retain(|type_id, _| {
        let path = new.get(*type_id).map(|new| new.type_info().type_path());
        let Some((path, former)) =
            path.and_then(|path| Some((path, old.get_with_type_path(path)?.type_id())))
        else {
            return true;
        };
        let unchanged = was.zip(is).is_some_and(|(was, is)| was.unchanged(is, path));
        !(unchanged && before.by_type.contains_key(&former))
    });
    said
}

/// What the mover does with each value.
fn how(way: &Way, name: &str, converter: &Arc<Converter>, lost: &Lost) -> How<'static> {
    match way {
        Way::Same => How::Bytes,
        Way::Reset(reset) => {
            let reset = *reset;
            convert(move |_, _, _, place| {
                // SAFETY: filed under the type id of the new component.
                unsafe { reset(place) };
                Ok(())
            })
        }
        Way::Planned { plan, default } => {
            note(lost, name, plan.lost.iter().chain(&plan.defaulted));
            let (plan, default) = (plan.clone(), default.clone());
            convert(move |_, _, value, place| {
                if let Some(default) = &default {
                    let from = ptr::from_ref::<dyn Reflect>(&**default).cast::<u8>();
                    // SAFETY: a default value is one of the new type; of its bytes only
                    // those stay that own nothing (`plan`).
                    unsafe { from.copy_to_nonoverlapping(place, size_of_val(&**default)) };
                }
                // SAFETY: the layouts are those of the two components' types, whose sizes
                // were compared with the world's; the plan writes every field that is not
                // left to the default value.
                unsafe { plan.run(value.as_ptr(), place) }
            })
        }
        Way::Reflected { old, new } => {
            let (old, new) = (old.clone(), new.clone());
            let (name, converter, lost) = (name.to_owned(), converter.clone(), lost.clone());
            convert(move |_, _, value, place| {
                // SAFETY: the registration is that of the value's own type id, by which the
                // component was registered with the world.
                let value = unsafe { old.as_reflect(value) };
                let converted = converter
                    .convert(value.as_partial_reflect(), &new)
                    .map_err(|error| error.to_string())?;
                let parts = converted.lost.iter().chain(&converted.defaulted);
                note(&lost, &name, parts);
                // SAFETY: the converter promises a value of the new registration's type,
                // which is that of the new component; the mover's place is one for it.
                unsafe { write(converted.value, place) };
                Ok(())
            })
        }
    }
}

fn convert(
    conversion: impl FnMut(&World, Entity, Ptr<'_>, *mut u8) -> Result<(), String> + 'static,
) -> How<'static> {
    let boxed: Box<Convert<'static>> = Box::new(conversion);
    How::Convert(boxed)
}

fn note<'a>(lost: &Lost, name: &str, parts: impl Iterator<Item = &'a String>) {
    for part in parts {
        let part = format!("{name}.{part}");
        let mut lost = lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.insert(part);
    }
}

/// Moves a boxed value to a place for one of its type.
///
/// # Safety
/// `place` must be valid for a write of the value's concrete type.
unsafe fn write(value: Box<dyn Reflect>, place: *mut u8) {
    let (size, align) = (size_of_val(&*value), align_of_val(&*value));
    let value = Box::into_raw(value).cast::<u8>();
    // SAFETY: the value is `size` bytes long, and the caller's place as well.
    unsafe { value.copy_to_nonoverlapping(place, size) };
    if size > 0
        && let Ok(layout) = Layout::from_size_align(size, align)
    {
        // SAFETY: it came out of a `Box` of this layout; the value itself was moved.
        unsafe { dealloc(value, layout) };
    }
}
