//! The migration stage: values of the module's types, carried over a change of them.
//!
//! ```text
//! old ids ─► pair with new ids by name ─► how? moved as bytes, by the user's function,
//!            (lineage, renames, pairs)         by layout, by reflection
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

mod attic;
mod back;
mod error;
mod lineage;
mod non_send;
mod numbers;
mod pairs;
mod plan;
mod renames;
mod way;

pub use attic::{Attic, is_needed};
pub use back::Waiting;
pub use error::MigrationError;
pub use lineage::{Id, Lineage};

use crate::{
    convert::Converter,
    engine::names::is_messages,
    found::FoundTypes,
    migration::hot::Migrations,
    mover::{self, Aside, Carriage, Cause, Column, Convert, How, Kept},
    panics,
};

use attic::Shelved;
use back::Back;
use bevy::{
    ecs::{
        component::{ComponentId, ComponentInfo},
        entity::Entity,
        world::World,
    },
    ptr::Ptr,
    reflect::{Reflect, ReflectFromPtr, TypeInfo, TypeRegistration, TypeRegistry},
};
use core::{
    mem,
    ptr::{self, NonNull},
};
use error::Problem;
use hot_loader_verdict::{layouts::Layouts, names::Renames};
use pairs::{Pair, Pairs};
use plan::Plan;
use std::{
    alloc::{Layout, dealloc},
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use way::{Chooser, Way};

/// What became of values: names.
pub struct Carried {
    /// Types whose values were carried over a change of them.
    pub migrated: Vec<String>,
    /// Resources whose live value stays as it is, whatever their initial one is now.
    pub kept: Vec<String>,
    /// Types whose values start anew, and parts of values that were lost.
    pub reset: Vec<String>,
    /// Types that were taken for renamed ones, as `old -> new`.
    pub assumed: Vec<String>,
    /// Types whose hooks ran.
    pub hooks: Vec<String>,
    /// Resources that came back as another type, out of the world that kept their values.
    pub resources_back: Vec<String>,
}

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
    /// What earlier edits took away.
    pub attic: &'a Attic,
}

/// What is known of the types of two generations before their values are looked at.
pub struct Types {
    /// Those of the running generation and of the new one, registered or not.
    registries: [Arc<TypeRegistry>; 2],
    /// What the user said.
    migrations: Migrations,
    /// What the compiler says of each identity's types, by the names of today.
    layouts: HashMap<Id, Arc<Layouts>>,
    renames: Renames,
    assumed: Vec<String>,
}

impl Types {
    /// Finds out which types have another name.
    ///
    /// # Errors
    /// Names those of which that cannot be told.
    pub fn look(world: &World, generations: &Generations) -> Result<Self, MigrationError> {
        let registries = panics::attempt(|| registries(world, generations));
        let registries = registries
            .map_err(|panic| {
                MigrationError::plain(format!("a type panicked while it was registered: {panic}"))
            })?
            .map(Arc::new);
        let [old, new] = &registries;
        let mut migrations = migrations_of(generations.recorded[1]);
        let found = renames::find(world, generations, [old, new], &migrations);
        if !found.problems.is_empty() {
            return Err(MigrationError(found.problems));
        }
        let rename = |name: &str| found.renames.apply(name);
        let layouts = generations.layouts.iter().map(|(id, layouts)| {
            let is_old = *id != *generations.new && !found.renames.is_empty();
            let layouts = match is_old {
                true => Arc::new(layouts.renamed(&rename)),
                false => layouts.clone(),
            };
            (id.clone(), layouts)
        });
        let layouts = layouts.collect();
        forget_done(&mut migrations, generations, &layouts, [old, new]);
        Ok(Self {
            migrations,
            layouts,
            renames: found.renames,
            assumed: found.assumed,
            registries,
        })
    }

    /// What has another name now.
    pub fn renames(&self) -> &Renames {
        &self.renames
    }
}

/// A migration that only waits to be committed.
pub struct Migration {
    aside: Aside<'static>,
    /// The types that are gone from the code, whose values stay where no code sees them.
    gone: HashSet<ComponentId>,
    /// What is known of the old types, by their ids.
    old: HashMap<ComponentId, Old>,
    back: Back,
    types: Types,
    kept: Vec<String>,
    migrated: Vec<String>,
    reset: Vec<String>,
}

/// What is remembered of a type with its values.
struct Old {
    name: String,
    identity: Id,
    definition: Option<u64>,
    reflect: Option<(ReflectFromPtr, &'static TypeInfo)>,
}

/// What conversions found no place for, or nothing to make of.
#[derive(Default)]
struct Losses {
    /// Parts of values, as they are reported.
    parts: BTreeSet<String>,
    /// The components that lost any.
    of: HashSet<ComponentId>,
}

type Lost = Arc<Mutex<Losses>>;

impl Migration {
    /// Pairs old types with new ones, and converts every value, aside.
    ///
    /// # Errors
    /// Names every type that cannot be migrated, with the reason and what to do.
    pub fn prepare(
        world: &mut World,
        generations: &Generations,
        types: Types,
        waiting: &[Waiting],
    ) -> Result<Self, MigrationError> {
        let [old_types, new_types] = types.registries.clone();
        let converter = Converter::new(old_types.clone(), new_types.clone(), &types.migrations);
        let converter = Arc::new(converter.after(types.renames.clone()));
        let Pairs {
            pairs,
            mut problems,
            mut gone,
        } = pairs::all(world, generations, &new_types, &types.renames);
        let attic = generations.attic;
        let chooser = Chooser::new(generations, &types, &converter, attic);
        let mut ways: Vec<_> = {
            pairs
                .into_iter()
                .filter_map(|pair| match chooser.way(world, &pair) {
                    Ok(way) => Some((pair, way)),
                    // Nobody could do anything about it.
                    Err(_) if holds_others_code(world, generations, &pair) => {
                        gone.push((pair.old, pair.name));
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
        // They are named once.
        let news = gone
            .iter()
            .filter(|(id, _)| !generations.lineage.is_aside(*id));
        let reset: Vec<_> = news.map(|(_, name)| name.clone()).collect();
        let (mut kept, mut migrated, mut reset) = (Vec::new(), Vec::new(), reset);
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
                    how: how(way, pair, &converter, attic, &lost),
                    is_lenient: chooser.is_lenient(pair, way),
                })
                .collect();
            // SAFETY: values that move as bytes are of types that the compiler's own debug
            // info shows to be the same, whose drop functions do the same with them
            // (`way`); what conversions write, they say at each; and the commit comes in
            // the same frame, with nothing between but observers that leave.
            match unsafe { mover::prepare(world, columns, generations.carriers) } {
                Ok(mut aside) => {
                    let losses = lost.lock().unwrap_or_else(PoisonError::into_inner);
                    aside.keep(world, &losses.of);
                    break aside;
                }
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
                Way::Same => kept.push(pair.new_name.clone()),
                Way::Planned { .. } | Way::Reflected { .. } => {
                    migrated.push(pair.new_name.clone());
                }
                Way::Reset(_) => reset.push(pair.new_name.clone()),
            }
        }
        let lost_of = mem::take(&mut lost.lock().unwrap_or_else(PoisonError::into_inner).of);
        let may_keep =
            |pair: &Pair, way: &Way| lost_of.contains(&pair.old) || chooser.is_lenient(pair, way);
        let old = ways.iter().filter(|(pair, way)| may_keep(pair, way));
        let old = old.map(|(pair, _)| (pair.old, types.old(world, pair)));
        let old = old.collect();
        let back = Back::prepare(world, &chooser, &ways, waiting, &converter, &lost);
        let mut losses = lost.lock().unwrap_or_else(PoisonError::into_inner);
        reset.extend(mem::take(&mut losses.parts));
        drop(losses);
        Ok(Self {
            aside,
            gone: gone.into_iter().map(|(id, _)| id).collect(),
            old,
            back,
            types,
            kept,
            migrated,
            reset,
        })
    }

    /// Files in `lineage`, and in the `layouts` of the identities, what types are now.
    pub fn file(
        &mut self,
        lineage: &mut Lineage,
        live: &Id,
        layouts: &mut HashMap<Id, Arc<Layouts>>,
    ) {
        lineage.set_aside(&self.gone);
        lineage.rename(&self.types.renames, live);
        *layouts = mem::take(&mut self.types.layouts);
    }

    /// Puts the new values in the place of the old.
    pub fn commit(self, world: &mut World, attic: &mut Attic) -> Carried {
        attic.rename(&self.types.renames);
        let moved = self.aside.commit(world);
        let [back, resources] = self.back.commit(world, attic);
        for mut values in moved.kept {
            let Some(old) = self.old.get(&values.component()) else {
                continue;
            };
            let info = world.components().get_info(values.component());
            let name = info.map(|info| info.name().to_string());
            let refused = moved.refused.iter();
            let refused = refused.filter(|it| Some(&it.component) == name.as_ref());
            let refused: HashSet<_> = refused.filter_map(|it| it.entity).collect();
            let whole = values.take_of(|entity| refused.contains(&entity));
            for (values, is_whole) in [(whole, true), (values, false)] {
                attic.add(old.shelved(values, is_whole));
            }
        }
        attic.tidy(world);
        for failure in &moved.refused {
            tracing::warn!(target: "hot_loader", "Set aside until its type is changed back: {failure}");
        }
        let refused = moved.refused.iter().map(|it| it.component.clone());
        let mut reset: Vec<String> = refused.chain(self.reset).collect();
        // User code that ran meanwhile made these impossible.
        for failure in moved.lost.iter().chain(&moved.left).chain(&moved.panics) {
            tracing::warn!(target: "hot_loader", "Migration incomplete: {failure}");
            reset.push(failure.to_string());
        }
        Carried {
            migrated: [back, self.migrated, moved.rebuilt]
                .into_iter()
                .flatten()
                .collect(),
            kept: self.kept,
            reset,
            assumed: self.types.assumed,
            hooks: moved.hooks,
            resources_back: resources,
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

/// What the user said in a plugin's `build`.
fn migrations_of(recorded: &World) -> Migrations {
    let said = recorded.get_resource::<Migrations>();
    said.cloned().unwrap_or_default()
}

/// A function that the running generation had already, of a type that did not change, has
/// done its work.
fn forget_done(
    said: &mut Migrations,
    generations: &Generations,
    layouts: &HashMap<Id, Arc<Layouts>>,
    [old, new]: [&TypeRegistry; 2],
) {
    let before = migrations_of(generations.recorded[0]);
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
}

impl Types {
    /// What is remembered of the old type of a pair.
    fn old(&self, world: &World, pair: &Pair) -> Old {
        let [old_types, _] = &self.registries;
        let type_id = world.components().get_info(pair.old);
        let type_id = type_id.and_then(ComponentInfo::type_id);
        let reflect = type_id.and_then(|id| {
            let read = old_types.get_type_data::<ReflectFromPtr>(id)?;
            Some((read.clone(), old_types.get_type_info(id)?))
        });
        let layouts = self.layouts.get(&pair.identity);
        Old {
            name: pair.new_name.clone(),
            identity: pair.identity.clone(),
            definition: layouts.and_then(|layouts| layouts.digest(&pair.new_name)),
            reflect,
        }
    }
}

impl Old {
    fn shelved(&self, values: Kept, is_whole: bool) -> Shelved {
        Shelved {
            name: self.name.clone(),
            identity: self.identity.clone(),
            definition: self.definition,
            reflect: self.reflect.clone(),
            is_whole,
            values,
        }
    }
}

/// What the mover does with each value.
fn how(
    way: &Way,
    pair: &Pair,
    converter: &Arc<Converter>,
    attic: &Attic,
    lost: &Lost,
) -> How<'static> {
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
        Way::Planned {
            plan,
            default,
            below,
        } => planned(
            plan.clone(),
            default.clone(),
            values(attic, below),
            pair,
            lost,
        ),
        Way::Reflected { old, new, below } => {
            let below = below.iter().map(|at| (*at, ()));
            let below = values(attic, &below.collect::<Vec<_>>());
            reflected(old.clone(), new.clone(), below, pair, converter, lost)
        }
    }
}

/// Earlier values of one type, and what is known of them.
struct Below<T> {
    values: HashMap<Entity, NonNull<u8>>,
    reflect: Option<ReflectFromPtr>,
    with: T,
}

/// The earlier values at these indices of the attic, which does not change meanwhile.
fn values<T: Clone>(attic: &Attic, below: &[(usize, T)]) -> Vec<Below<T>> {
    let of = |(at, with): &(usize, T)| {
        let (_, shelved) = attic.all().find(|(index, _)| index == at)?;
        Some(Below {
            values: shelved.values.values().collect(),
            reflect: shelved.reflect.as_ref().map(|(read, _)| read.clone()),
            with: with.clone(),
        })
    };
    below.iter().filter_map(of).collect()
}

/// By layouts: from the latest earlier value that has all parts, over which later ones
/// come, and last the one of today.
fn planned(
    plan: Arc<Plan>,
    default: Option<Arc<dyn Reflect>>,
    below: Vec<Below<Arc<Plan>>>,
    pair: &Pair,
    lost: &Lost,
) -> How<'static> {
    note(lost, pair, &plan.lost, []);
    let (lost, pair) = (lost.clone(), pair.clone());
    let mut is_said = false;
    convert(move |_, entity, value, place| {
        if let Some(default) = &default {
            let from = ptr::from_ref::<dyn Reflect>(&**default).cast::<u8>();
            // SAFETY: a default value is one of the new type; of its bytes only those stay
            // that own nothing (`plan`).
            unsafe { from.copy_to_nonoverlapping(place, size_of_val(&**default)) };
        }
        let has = |it: &Below<_>| it.values.contains_key(&entity);
        let first = below
            .iter()
            .rposition(|it| has(it) && it.with.missing.is_empty());
        let mut under = plan::Below::Nothing;
        for it in first.map_or(&[][..], |first| &below[first..]) {
            if let Some(value) = it.values.get(&entity) {
                // SAFETY: the layouts are those of the kept value's type, whose size was
                // compared with the world's; it stays until the commit.
                unsafe { it.with.run(value.as_ptr(), place, under) }?;
                under = plan::Below::Value;
            }
        }
        if under == plan::Below::Nothing && !mem::replace(&mut is_said, true) {
            let begun = plan.defaulted.union(&plan.missing);
            note(&lost, &pair, [], begun);
        }
        // SAFETY: the layouts are those of the two components' types, whose sizes were
        // compared with the world's; the plan writes every field that is not left to the
        // default value, or to the value that is there by now.
        unsafe { plan.run(value.as_ptr(), place, under) }
    })
}

/// Through reflection, as [`planned`].
fn reflected(
    old: ReflectFromPtr,
    new: TypeRegistration,
    below: Vec<Below<()>>,
    pair: &Pair,
    converter: &Arc<Converter>,
    lost: &Lost,
) -> How<'static> {
    let (lost, pair, converter) = (lost.clone(), pair.clone(), converter.clone());
    convert(move |_, entity, value, place| {
        let mut under = None;
        for it in &below {
            if let (Some(read), Some(value)) = (&it.reflect, it.values.get(&entity)) {
                // SAFETY: the registration is that of the kept value's own type; it stays
                // until the commit.
                let value = unsafe { read.as_reflect(Ptr::new(*value)) };
                let made = converter.convert_over(under.take(), value.as_partial_reflect(), &new);
                under = made.ok().map(|made| made.value);
            }
        }
        // SAFETY: the registration is that of the value's own type id, by which the
        // component was registered with the world.
        let value = unsafe { old.as_reflect(value) };
        let converted = converter
            .convert_over(under, value.as_partial_reflect(), &new)
            .map_err(|error| error.to_string())?;
        note(&lost, &pair, &converted.lost, &converted.defaulted);
        // SAFETY: the converter promises a value of the new registration's type, which is
        // that of the new component; the mover's place is one for it.
        unsafe { write(converted.value, place) };
        Ok(())
    })
}

fn convert(
    conversion: impl FnMut(&World, Entity, Ptr<'_>, *mut u8) -> Result<(), String> + 'static,
) -> How<'static> {
    let boxed: Box<Convert<'static>> = Box::new(conversion);
    How::Convert(boxed)
}

/// Notes what parts have no place in the new type, and which begin anew.
fn note<'a>(
    lost: &Lost,
    pair: &Pair,
    gone: impl IntoIterator<Item = &'a String>,
    begun: impl IntoIterator<Item = &'a String>,
) {
    let mut losses = lost.lock().unwrap_or_else(PoisonError::into_inner);
    for part in gone {
        // What is in a queue is gone in two frames anyway.
        if !is_messages(&pair.name) {
            losses.of.insert(pair.old);
        }
        losses.parts.insert(format!("{}.{part}", pair.new_name));
    }
    for part in begun {
        losses.parts.insert(format!("{}.{part}", pair.new_name));
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
