//! The migration stage: values of the module's types, carried over a change of them.
//!
//! ```text
//! old ids ─► pair with new ids by name ─► how? moved as bytes, by the user's function,
//!            (lineage, renames, pairs)         by layout, by reflection (method)
//!                                      ─► converted aside ─► committed (conversion, mover)
//! ```
//!
//! Everything is converted aside first; on any failure the world is as it was. It must
//! never read a value through another type than its own, and never move a value into
//! new code as bytes unless the compiler's debug info shows its type to be the same.
#![expect(
    unsafe_code,
    reason = "values are read and written by their ids; each type's own registration is the check"
)]

mod back;
mod conversion;
mod error;
mod layout_plan;
mod layout_planner;
mod lineage;
mod method;
mod non_send;
mod numbers;
mod pairs;
mod renames;
mod stash;
mod types;

pub use back::Waiting;
pub use error::MigrationError;
pub use lineage::{Id, Lineage};
pub use stash::Stash;
pub use types::Types;

use crate::{
    events::StateReport,
    found::FoundTypes,
    mover::{self, Aside, CarrierFn, Cause, Column, How},
};

use back::Back;
use bevy::ecs::{component::ComponentId, world::World};
use core::mem;
use error::Problem;
use hot_loader_verdict::{layouts::Layouts, names::is_written_in};
use method::{Chooser, Method};
use pairs::{Pair, Pairs};
use stash::{Origin, Stashed};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// What is known of the module's types, of that of all identities that ran which may be needed.
#[derive(Default)]
pub struct KnownTypes {
    /// Which component ids are whose.
    pub lineage: Lineage,
    /// What the compiler says of each identity's types.
    pub layouts: HashMap<Id, Arc<Layouts>>,
    /// The running generation's identity.
    pub running: Id,
    /// What all generations brought for moving values.
    pub carriers: &'static [CarrierFn],
    /// What edits took away.
    pub stash: Stash,
}

impl KnownTypes {
    /// The identities of which there are values: in `world`, of the components `aside`, or in
    /// the stash.
    pub fn with_values(
        &self,
        world: &World,
        aside: impl Iterator<Item = ComponentId>,
    ) -> HashSet<Id> {
        let archetypes = world.archetypes().iter().filter(|one| !one.is_empty());
        let there = archetypes.flat_map(|one| one.components()).copied();
        let components: HashSet<_> = there.chain(aside).collect();
        let of = self.lineage.of.iter();
        let of = of.filter(|(id, _)| components.contains(*id));
        let stashed = self.stash.all().map(|(_, it)| &it.origin.identity);
        let all = of.map(|(_, identity)| identity).chain(stashed);
        all.cloned().collect()
    }
}

/// A change of types: what is known of the generation that runs and of the new one.
pub struct TypeChange<'a> {
    /// The gameplay crate's name.
    pub module: &'static str,
    /// What is known until now.
    pub known: &'a KnownTypes,
    /// The new generation's identity.
    pub new: &'a Id,
    /// The worlds in which the plugins of the running generation and of the new one were
    /// built.
    pub recorded: [&'a World; 2],
    /// The reflected types of the running generation, and of the new one.
    pub found: [&'a FoundTypes; 2],
}

/// A migration that only waits to be committed.
pub struct Migration {
    aside: Aside<'static>,
    /// The types that are gone from the code, whose values stay where no code sees them.
    gone: HashSet<ComponentId>,
    /// What is known of the old types whose values may be kept, by their ids.
    old: HashMap<ComponentId, Origin>,
    back: Back,
    types: Types,
    /// What becomes of values, as far as that is known before the commit.
    state: StateReport,
}

impl Migration {
    /// Pairs old types with new ones, and converts every value, aside.
    ///
    /// # Errors
    /// Names every type that cannot be migrated, with the reason and what to do.
    pub fn prepare(
        world: &mut World,
        change: &TypeChange,
        types: Types,
        waiting: &[Waiting],
    ) -> Result<Self, MigrationError> {
        let pairs = pairs::all(world, change, &types);
        let chooser = Chooser::new(change, &types);
        let (mut methods, gone) = choose(world, &chooser, pairs)?;
        let aside = convert_aside(world, &chooser, &mut methods)?;

        // Values of what is gone are named once; then they stay where no code sees them, and
        // come back with it.
        let is_news = |(id, _): &&(ComponentId, _)| !change.known.lineage.aside.contains(id);
        let news = gone.iter().filter(is_news);
        let mut state = StateReport {
            reset: news.map(|(_, name)| name.clone()).collect(),
            assumed: types.assumed.clone(),
            ..Default::default()
        };
        let mut old = HashMap::new();
        for (pair, method) in &methods {
            let list = match method {
                Method::Same => &mut state.kept,
                Method::Planned { .. } | Method::Reflected { .. } => &mut state.migrated,
                Method::Reset(_) => &mut state.reset,
            };
            list.push(pair.new_name.clone());
            if chooser.losses.borrow().of.contains(&pair.old) || chooser.is_lenient(pair, method) {
                old.insert(pair.old, types.origin(world, pair));
            }
        }
        let back = Back::prepare(world, &chooser, &methods, waiting);
        let lost = mem::take(&mut chooser.losses.borrow_mut().parts);
        state.reset.extend(lost);
        Ok(Self {
            aside,
            gone: gone.into_iter().map(|(id, _)| id).collect(),
            old,
            back,
            types,
            state,
        })
    }

    /// Files in `known` what types are now, of which those of the identity `live` are to run, and
    /// puts the new values in the place of the old. Returns what became of them, as it is
    /// reported; the types whose hooks ran; and the resources that came back as another type,
    /// out of the world that kept their values.
    pub fn commit(
        self,
        world: &mut World,
        known: &mut KnownTypes,
        live: &Id,
    ) -> (StateReport, Vec<String>, Vec<String>) {
        known.lineage.aside = self.gone;
        known.lineage.rename(&self.types.renames, live);
        known.layouts = self.types.layouts;
        let stash = &mut known.stash;
        stash.rename(&self.types.renames);
        let moved = self.aside.commit(world);
        let [back, resources_back] = self.back.commit(world, stash);
        let set_aside = moved.set_aside.into_iter().map(|values| (values, true));
        let kept = moved.kept.into_iter().map(|values| (values, false));
        stash.extend(set_aside.chain(kept).filter_map(|(values, is_whole)| {
            Some(Stashed {
                origin: self.old.get(&values.component())?.clone(),
                is_whole,
                values,
            })
        }));
        stash.tidy(world);
        let mut state = self.state;
        for failure in &moved.refused {
            tracing::warn!(target: "hot_loader", "Set aside until its type is changed back: {failure}");
            state.reset.push(failure.component.clone());
        }
        // User code that ran meanwhile made these impossible.
        for failure in moved.lost.iter().chain(&moved.left).chain(&moved.panics) {
            tracing::warn!(target: "hot_loader", "Migration incomplete: {failure}");
            state.reset.push(failure.to_string());
        }
        state.migrated.extend([back, moved.rebuilt].concat());
        (state, moved.hooks, resources_back)
    }
}

/// Types that are gone from the code.
type Gone = Vec<(ComponentId, String)>;

/// Chooses how the values of each pair are carried over.
fn choose(
    world: &World,
    chooser: &Chooser,
    (pairs, mut problems, mut gone): Pairs,
) -> Result<(Vec<(Pair, Method)>, Gone), MigrationError> {
    let mut methods = Vec::new();
    for pair in pairs {
        match chooser.method(world, &pair) {
            Ok(method) => methods.push((pair, method)),
            // Nobody could do anything about it.
            Err(_) if holds_others_code(world, chooser.change, &pair) => {
                gone.push((pair.old, pair.name));
            }
            Err(reason) => problems.push(Problem {
                name: pair.name,
                count: pair.count,
                reason,
            }),
        }
    }
    non_send::check(world, chooser.change, &mut problems);
    match problems.is_empty() {
        true => Ok((methods, gone)),
        false => Err(MigrationError(problems)),
    }
}

/// Converts all values aside. Where values cannot move as bytes, they are copied through
/// reflection, if it can see into them.
fn convert_aside(
    world: &mut World,
    chooser: &Chooser,
    methods: &mut [(Pair, Method)],
) -> Result<Aside<'static>, MigrationError> {
    loop {
        let columns = methods.iter().map(|(pair, method)| Column {
            old: pair.old,
            new: pair.new,
            how: chooser
                .conversion(method, pair)
                .map_or(How::Bytes, How::Convert),
            is_lenient: chooser.is_lenient(pair, method),
        });
        let columns = columns.collect();
        let carriers = chooser.change.known.carriers;
        // SAFETY: values that move as bytes are of types that the compiler's own debug
        // info shows to be the same, whose drop functions do the same with them
        // (`method`); what conversions write, they say at each; and the commit comes in
        // the same frame, with nothing between but observers that leave.
        let failure = match unsafe { mover::prepare(world, columns, carriers) } {
            Ok(mut aside) => {
                aside.keep(world, &chooser.losses.borrow().of);
                return Ok(aside);
            }
            Err(failure) => failure,
        };
        let is_it = |(pair, _): &(Pair, Method)| pair.name == failure.component;
        let it = methods.iter().rfind(|it| is_it(it));
        let count = it.map_or(0, |(pair, _)| pair.count);
        let mut bytes = methods
            .iter_mut()
            .filter(|(_, it)| matches!(it, Method::Same));
        if failure.cause == Cause::NoCarrier
            && let Some((pair, method)) = bytes.find(|it| is_it(it))
            && let Some(copied) = chooser.reflected(world, pair)
        {
            *method = copied;
            continue;
        }
        return Err(MigrationError(vec![Problem {
            count,
            reason: failure.to_string(),
            name: failure.component,
        }]));
    }
}

/// Whether a component is of a type of others over the module's that holds code, such as
/// the engine's `DespawnWhen` over a state. Its values can neither move nor be made anew,
/// so they stay aside.
fn holds_others_code(world: &World, change: &TypeChange, pair: &Pair) -> bool {
    let layouts = change.known.layouts.get(&pair.identity);
    let known = layouts.filter(|layouts| layouts.get(&pair.name).is_some());
    let holds_code = known.is_some_and(|layouts| layouts.holds_code(&pair.name).is_some());
    let is_resource = world.resource_entities().get(pair.old).is_some();
    holds_code && !is_resource && !is_written_in(&pair.name, change.module)
}
