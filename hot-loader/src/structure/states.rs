//! Sub-states and computed states, which follow other states: the engine looks at them when
//! one of those changes, so an edit of what they follow, or of how, would wait for that.
//!
//! After such an edit the engine's own system for the state runs once, as if its sources had
//! just changed: a copy of it from a recording, which reads the recording's queues of
//! transitions in place of the game's. So no other state is entered again, and what comes of
//! the transition (`OnEnter`, states that follow this one) is the engine's business in the
//! frame that begins.
//!
//! It runs only if the state would change. That is tried in the recording: the engine tells
//! of a transition to the same state too, and enters a computed state again then.

use super::{
    Gameplay, Registered,
    transfer::{has, id_of, swap, swap_ids},
};
use crate::{
    engine::names::{previous_state_of, state_of, transition_of},
    generation::Planned,
    panics,
    proxy::take_out,
    record::{Exported, HostView, RecordError, Recorded, record},
    schedules::{Identity, Raw},
};
use bevy::ecs::{
    component::ComponentId,
    system::{RunSystemError, ScheduleSystem},
    world::World,
};
use core::{any::TypeId, mem};
use hot_loader_verdict::affected::Affected;
use std::collections::{BTreeMap, BTreeSet};

/// The methods that say what a state is (`ComputedStates`, `SubStates`).
const METHODS: [&str; 2] = ["compute", "should_exist"];

/// Whether the engine's system of this name brings a state to follow others: a closure in
/// `StateSet::register_computed_state_systems_in_schedule`, or the one of sub-states.
pub fn is_follower(system: &str) -> bool {
    system.contains("StateSet") && system.contains("_state_systems_in_schedule<")
}

fn followers(registered: &Registered) -> BTreeSet<&str> {
    let systems = registered.raws.values().flat_map(|raw| &raw.systems);
    let names = systems.map(|system| system.id.name.as_str());
    names.filter(|name| is_follower(name)).collect()
}

impl Gameplay {
    /// Whether code that says what a state is may have changed.
    pub fn has_edited_states(&self, edited: &Affected) -> bool {
        let mut systems = self.schedules.iter().flat_map(|live| &live.systems);
        systems.any(|placed| is_follower(&placed.id.name)) && edited.reaches(&METHODS)
    }
}

/// Whether an edit may change which states there are by which others.
pub fn may_change(old: &Registered, new: &Registered, planned: &Planned) -> bool {
    let after = followers(new);
    let edited = || planned.changes_types() || planned.verdict.affected.reaches(&METHODS);
    !after.is_empty() && (edited() || after != followers(old))
}

/// The systems for states of a recording, which have never been in a world.
#[derive(Default)]
struct Copies(BTreeMap<Identity, ScheduleSystem>);

impl Copies {
    fn taken_from(recorded: &mut Recorded) -> Self {
        let mut copies = Self::default();
        for schedule in &mut recorded.schedules.schedules {
            let raw = Raw::of(schedule);
            let graph = schedule.schedule.graph_mut();
            for system in raw.systems {
                if is_follower(&system.id.name)
                    && let Some(node) = graph.systems.get_mut(system.key)
                {
                    copies.0.insert(system.id, take_out(node));
                }
            }
        }
        copies
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        panics::discard(mem::take(&mut self.0));
    }
}

/// Runs module code, which may panic, in `world`.
fn run(system: &mut ScheduleSystem, world: &mut World) -> Result<(), String> {
    panics::attempt(|| {
        system.initialize(world);
        match system.run((), world) {
            Ok(()) | Err(RunSystemError::Skipped(_)) => Ok(()),
            Err(RunSystemError::Failed(error)) => Err(error.to_string()),
        }
    })?
}

/// Exchanges resources of the game and of the recording.
fn exchange(world: &mut World, recorded: &mut World, types: &[TypeId]) {
    for type_id in types {
        swap(world, recorded, *type_id);
    }
}

/// A state that follows others, by the resources that its system looks at.
struct Follower {
    id: Identity,
    system: ScheduleSystem,
    name: String,
    state: TypeId,
    /// In the recording.
    previous: ComponentId,
    sources: Vec<(String, TypeId)>,
    /// Those of the sources' transitions.
    queues: Vec<TypeId>,
}

impl Follower {
    /// What `system` looks at, which is initialised in `recorded` for that. `None` if the
    /// game does not know it.
    fn of(
        id: Identity,
        mut system: ScheduleSystem,
        world: &World,
        recorded: &mut World,
    ) -> Option<Self> {
        let access = panics::attempt(|| system.initialize(recorded)).ok()?;
        let access = access.combined_access();
        let writes = access.try_writes().ok()?;
        let (mut state, mut previous) = (None, None);
        let (mut sources, mut queues) = (Vec::new(), Vec::new());
        for id in access.try_reads_and_writes().ok()?.iter() {
            let info = recorded.components().get_info(id)?;
            let name = info.name().to_string();
            let type_id = || {
                let type_id = info.type_id()?;
                world.components().get_id(type_id).map(|_| type_id)
            };
            match (writes.contains(id), state_of(&name)) {
                (true, Some(name)) => state = Some((name.to_owned(), type_id()?)),
                (true, None) if previous_state_of(&name).is_some() => previous = Some(id),
                (false, Some(source)) => sources.push((source.to_owned(), type_id()?)),
                (false, None) if transition_of(&name).is_some() => queues.push(type_id()?),
                _ => {}
            }
        }
        let (name, state) = state?;
        Some(Self {
            id,
            system,
            name,
            state,
            previous: previous?,
            sources,
            queues,
        })
    }

    fn follows(&self, states: &BTreeSet<String>) -> bool {
        let mut sources = self.sources.iter();
        sources.any(|(source, _)| states.contains(source))
    }
}

/// Lets the states that follow others be what the code of `exported` says. `fresh` are the
/// names of systems that have not run yet.
///
/// Returns the states that wait for the next change of what they follow, with the reason.
///
/// # Errors
/// If nothing can be recorded.
pub fn follow(
    world: &mut World,
    host: &HostView,
    exported: &Exported,
    fresh: &[String],
) -> Result<Vec<String>, RecordError> {
    let mut first = record(host, &[], exported, None)?;
    let systems = mem::take(&mut Copies::taken_from(&mut first).0);
    let mut waiting = Vec::new();
    let mut followers = Vec::new();
    for (id, system) in systems {
        let name = id.name.clone();
        match Follower::of(id, system, world, &mut first.world) {
            Some(follower) => followers.push(follower),
            None => waiting.push(name),
        }
    }
    let mut pass = Pass {
        host,
        exported,
        fresh,
        recorded: &mut first.world,
        more: Vec::new(),
        moved: BTreeSet::new(),
    };
    while !followers.is_empty() {
        let names: BTreeSet<String> = followers.iter().map(|it| it.name.clone()).collect();
        let is_next = |follower: &Follower| !follower.follows(&names);
        // The engine asserts that there are no circles.
        let next = followers.iter().position(is_next).unwrap_or_default();
        let mut follower = followers.swap_remove(next);
        if let Err(reason) = pass.settle(world, &mut follower) {
            tracing::debug!("{} waits for its source: {reason}", follower.name);
            waiting.push(follower.name);
        }
        panics::discard(follower.system);
    }
    Ok(waiting)
}

struct Pass<'a> {
    host: &'a HostView,
    exported: &'a Exported,
    /// The names of the game's systems that have not run yet.
    fresh: &'a [String],
    recorded: &'a mut World,
    /// Further copies, as many as were needed.
    more: Vec<Copies>,
    /// States that change now: what follows them is the engine's business.
    moved: BTreeSet<String>,
}

impl Pass<'_> {
    /// One more system for a state, which has never been in a world.
    fn copy(&mut self, id: &Identity) -> Result<ScheduleSystem, String> {
        let mut copies = self.more.iter_mut();
        if let Some(system) = copies.find_map(|copies| copies.0.remove(id)) {
            return Ok(system);
        }
        let recorded = record(self.host, &[], self.exported, None);
        let mut recorded = recorded.map_err(|error| error.to_string())?;
        let mut copies = Copies::taken_from(&mut recorded);
        let system = copies.0.remove(id);
        self.more.push(copies);
        system.ok_or_else(|| "the plugin does not register it each time".into())
    }

    /// Runs a copy that has read no transition yet, in the game or in the recording, on the
    /// queues of the other: the recording's hold what each state began with.
    fn run_copy(
        &mut self,
        world: &mut World,
        follower: &Follower,
        in_game: bool,
    ) -> Result<(), String> {
        let mut copy = self.copy(&follower.id)?;
        exchange(world, self.recorded, &follower.queues);
        let place = match in_game {
            true => &mut *world,
            false => &mut *self.recorded,
        };
        let ran = run(&mut copy, place);
        exchange(world, self.recorded, &follower.queues);
        panics::discard(copy);
        ran
    }

    fn settle(&mut self, world: &mut World, follower: &mut Follower) -> Result<(), String> {
        if follower.follows(&self.moved) {
            self.moved.insert(follower.name.clone());
            return Ok(());
        }
        let in_both = |queue: &TypeId| has(world, *queue) && has(self.recorded, *queue);
        if !follower.queues.iter().all(in_both) {
            return Err("its source state is not the gameplay's".into());
        }
        // The game's values of its sources are looked at in the recording.
        let mut there = Vec::new();
        for &(_, source) in &follower.sources {
            match (has(world, source), id_of(self.recorded, source)) {
                (true, Some(_)) => there.push(source),
                (true, None) => return Err("the value of its source state is not known".into()),
                (false, Some(id)) => _ = self.recorded.remove_resource_by_id(id),
                (false, None) => {}
            }
        }
        exchange(world, self.recorded, &there);
        let changes = self.would_change(world, follower);
        exchange(world, self.recorded, &there);
        if !changes? {
            return Ok(());
        }
        self.moved.insert(follower.name.clone());
        self.run_copy(world, follower, true)
    }

    /// Whether the code now says another state than there is, and the engine's own system
    /// does not know yet.
    fn would_change(&mut self, world: &mut World, follower: &mut Follower) -> Result<bool, String> {
        run(&mut follower.system, self.recorded)?;
        let changes = match (
            has(world, follower.state),
            has(self.recorded, follower.state),
        ) {
            (true, true) => self.differs(world, follower)?,
            (before, after) => before != after,
        };
        if !changes || !self.fresh.contains(&follower.id.name) {
            return Ok(changes);
        }
        // A system that is new reads of transitions of the last frames, too.
        if let Some(recorded) = id_of(self.recorded, follower.state) {
            self.recorded.remove_resource_by_id(recorded);
        }
        self.run_copy(world, follower, false)?;
        let sees = has(self.recorded, follower.state);
        if sees {
            self.moved.insert(follower.name.clone());
        }
        Ok(!sees)
    }

    /// Whether the state in the game differs from what the code says, which is recorded:
    /// the engine compares them, with its own code for a transition. The game's is as before
    /// when this returns.
    fn differs(&mut self, world: &mut World, follower: &Follower) -> Result<bool, String> {
        let mut copy = self.copy(&follower.id)?;
        self.recorded.increment_change_tick();
        let before = self.recorded.change_tick();
        self.recorded.increment_change_tick();
        swap(world, self.recorded, follower.state);
        let ran = run(&mut copy, self.recorded);
        panics::discard(copy);
        let recorded = id_of(self.recorded, follower.state);
        let value = recorded.and_then(|id| self.recorded.get_resource_mut_by_id(id));
        let changed = value.is_some_and(|value| value.has_changed_since(before));
        let live = id_of(world, follower.state);
        let is_back = changed
            && live.is_some_and(|live| {
                // SAFETY: the engine moves the state that is left into `PreviousState`,
                // which is made as `State` is: of the state alone (bevy_state 0.19.1,
                // `state/resources.rs`).
                unsafe { swap_ids(world, live, self.recorded, follower.previous) }
            });
        if !is_back {
            swap(world, self.recorded, follower.state);
        }
        ran?;
        Ok(changed)
    }
}
