//! Schedules: which systems stay behind their proxies, which are made afresh, and
//! which schedules are put together anew.
//!
//! A system stays if the new plugin registers one of the same type, name and captured
//! values, and its code is placed. Schedules in which everything stands where it stood
//! are not touched.

use super::{
    Ahead, Applied, Edit, Gameplay, Refusal, changes::restart, moves::Moves, order,
    startups::Startups,
};
use crate::{
    engine::names::is_stateless_condition,
    panics,
    proxy::{Proxy, Slot, SlotKind, Slots},
    schedules::{
        Candidate, Flat, FlatSystem, Gate, Identity, Lasting, LiveCondition, LiveGate,
        LiveSchedule, LiveSystem, Parts, Placed, Raw, RecordedSchedule, Touched, touched,
    },
};
use bevy::ecs::{
    change_detection::Tick,
    schedule::{InternedScheduleLabel, Schedule, Schedules, SystemKey},
    world::World,
};
use core::mem;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// What changes in schedules.
#[derive(Default)]
pub struct Changes {
    /// Systems that are exchanged in their slots.
    refills: Vec<Refill>,
    /// Schedules that are put together anew.
    edits: Vec<ScheduleEdit>,
    startups: Startups,
    reset: Vec<String>,
    added: Vec<String>,
    removed: Vec<String>,
}

/// A slot that gets a system made afresh.
enum Refill {
    System {
        old: LiveSystem,
        new: LiveSystem,
    },
    Condition {
        old: LiveCondition,
        new: LiveCondition,
    },
}

enum ScheduleEdit {
    /// Of the host: the module's systems leave it and enter it again.
    Enter {
        target: Box<LiveSchedule>,
        /// What leaves besides those that entered before.
        late: HashSet<SystemKey>,
        rebuild: bool,
    },
    /// Of the module: another takes its place.
    Replace {
        target: Box<LiveSchedule>,
        schedule: Box<Schedule>,
    },
    /// Of the module, and gone.
    Remove { label: InternedScheduleLabel },
}

/// Whether the code of a system or condition stays, or it is made afresh.
struct Chooser<'a> {
    edit: &'a Edit<'a>,
}

impl Chooser<'_> {
    fn stays<K: SlotKind>(
        &self,
        name: &str,
        old: (&Arc<Slot<K>>, &crate::proxy::MadeOf),
        new: &crate::proxy::MadeOf,
    ) -> bool {
        let slot: Arc<dyn Slots> = old.0.clone();
        !slot.never_initialised()
            && (self.edit.placed)(&slot)
            && !self.is_renumbered(name)
            && ((is_plain(name) && ((self.edit.function)(&slot) || is_engines(name)))
                || ((self.edit.function)(&slot) && self.captured_nothing(name))
                || self.is_registered_as_before(name)
                || old.1.is_like(new, name, self.edit.constants))
    }

    /// Nothing that could have made another value of it changed: of what the engine and
    /// the module define, the place that registers it says its name.
    fn is_registered_as_before(&self, name: &str) -> bool {
        let known = |part: &str| part.starts_with("bevy_") || (self.edit.ours)(part);
        parts(name).all(known)
            && name.contains("::")
            && !name.contains("fn(")
            && !self.edit.registering.may_concern(name)
    }

    /// A closure is numbered within its function: the number may mean another one now.
    fn is_renumbered(&self, name: &str) -> bool {
        let mut renumbered = self.edit.renumbered.iter();
        function_of(name).is_some_and(|function| {
            let function = with_plain_trait(function);
            renumbered.any(|one| with_plain_trait(one) == function)
        })
    }

    /// Whether it is a closure whose value is its type alone.
    fn captured_nothing(&self, name: &str) -> bool {
        !name.contains(['(', ',', '!'])
            && function_of(name).is_some_and(|function| {
                let last = function.rsplit("::").next().unwrap_or(function);
                (self.edit.captures_nothing)(last)
            })
    }
}

/// The function that a closure of this name is in.
fn function_of(name: &str) -> Option<&str> {
    name.split_once("::{{closure}}")
        .map(|(function, _)| function)
}

/// A function's path, in which the trait that it implements, if any, is named by its last
/// segment: the sources may leave out the others.
fn with_plain_trait(function: &str) -> String {
    let Some((of, (of_trait, rest))) = function
        .split_once(" as ")
        .and_then(|(of, rest)| Some((of, rest.rsplit_once(">::")?)))
    else {
        return function.to_owned();
    };
    let path = of_trait.split('<').next().unwrap_or(of_trait);
    let last = path.rsplit("::").next().unwrap_or(path);
    format!("{of} as {last}>::{rest}")
}

/// The functions that a system or a combination of systems is made of.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let parts = name.split([' ', '!', '(', ')', ',']);
    parts.filter(|part| part.contains("::"))
}

/// Whether it is made of functions of the engine alone, which the engine combined: what
/// follows a state's transitions, for example.
fn is_engines(name: &str) -> bool {
    parts(name).all(|part| part.starts_with("bevy_"))
}

/// Whether a system of this name is a function item, which has no value of its own.
fn is_plain(name: &str) -> bool {
    name.contains("::") && !name.contains("{{closure}}") && !name.contains("fn(")
}

impl Changes {
    /// Compares all schedules, and makes sure that those that change can be built.
    pub fn prepare(
        &mut self,
        world: &mut World,
        gameplay: &mut Gameplay,
        edit: &Edit,
        ahead: &mut Ahead,
        order: Option<&order::Change>,
    ) -> Result<(), Refusal> {
        let mut recorded = mem::take(&mut ahead.new.second.schedules).schedules;
        let Some(old) = &gameplay.registered else {
            return Ok(());
        };
        let live = &gameplay.schedules;
        self.startups = Startups::of(world, live, &ahead.new.raws, order, &mut gameplay.ran);
        let moves = Moves::between(live, old, &ahead.new, edit.is_of_types());
        // The plugin named it first, and the host has something in it.
        for live in live.iter().filter(|live| !live.whole) {
            if recorded.iter().all(|r| r.schedule.label() != live.label) {
                recorded.push(RecordedSchedule::empty(live.label));
            }
        }
        let mut seen = HashSet::new();
        let mut renamed = HashSet::new();
        for recorded in recorded {
            let label = recorded.schedule.label();
            seen.insert(label);
            let parts = Parts::of(recorded, &gameplay.guard);
            let live = gameplay.schedules.iter().find(|live| live.label == label);
            if live.is_none() && parts.recorded.is_empty() && gameplay.host.labels.contains(&label)
            {
                continue;
            }
            let text = format!("{label:?}");
            // A label of a type of the module is another label now.
            let former = gameplay.schedules.iter().find(|former| {
                edit.is_of_types()
                    && live.is_none()
                    && former.whole
                    && format!("{:?}", former.label) == text
            });
            renamed.extend(former.map(|former| former.label));
            let is_hosts = || {
                let schedules = world.get_resource::<Schedules>();
                gameplay.host.labels.contains(&label)
                    || schedules.is_some_and(|schedules| schedules.contains(label))
            };
            let one = One {
                former,
                label,
                whole: live.map_or_else(|| !is_hosts(), |live| live.whole),
                live,
                old: old.raw(label),
                resynced: old.unsynced(label) != ahead.new.unsynced(label),
                chooser: Chooser { edit },
                run_once: self.startups.place(label),
                moves: &moves,
            };
            one.prepare(world, parts, ahead, self)?;
        }
        for live in &gameplay.schedules {
            if !seen.contains(&live.label) && live.whole {
                let others = |raw: &Raw| {
                    let ids = live.systems.iter().map(|placed| &placed.live.id);
                    let unknown = |id: &&Identity| raw.systems.iter().all(|s| s.id != **id);
                    ids.filter(unknown).count()
                };
                let shared = world
                    .get_resource::<Schedules>()
                    .and_then(|schedules| schedules.get(live.label))
                    .is_some_and(|schedule| live.is_shared(schedule));
                if shared || old.raw(live.label).is_none_or(|raw| others(raw) > 0) {
                    return Err(restart(&format!(
                        "the plugin no longer creates the schedule {:?}, but the game has systems of its own in it",
                        live.label
                    )));
                }
                if !renamed.contains(&live.label) {
                    let systems = live.systems.iter();
                    let names = systems.map(|placed| placed.live.id.name.clone());
                    self.removed.extend(names.filter(|name| !moves.has(name)));
                }
                self.edits.push(ScheduleEdit::Remove { label: live.label });
            }
        }
        Ok(())
    }

    /// Applies them. Returns what has to run once.
    ///
    /// # Errors
    /// If the engine does not build a schedule that its stand-ins could be built for.
    pub fn commit(
        self,
        world: &mut World,
        live: &mut Vec<LiveSchedule>,
        applied: &mut Applied,
    ) -> Result<Startups, String> {
        for refill in self.refills {
            refill.commit(live);
        }
        let mut failed = None;
        for edit in self.edits {
            if let Err(error) = edit.commit(world, live) {
                failed.get_or_insert(error);
            }
        }
        applied.reset.extend(self.reset);
        applied.added.extend(self.added);
        applied.removed.extend(self.removed);
        match failed {
            Some(error) => Err(error),
            None => Ok(self.startups),
        }
    }
}

impl Refill {
    fn commit(self, live: &mut [LiveSchedule]) {
        match self {
            Self::System { old, new } => {
                old.slot.take(&new.slot);
                for placed in live.iter_mut().flat_map(|live| &mut live.systems) {
                    if Arc::ptr_eq(&placed.live.slot, &old.slot) {
                        placed.live.made_of = new.made_of.clone();
                    }
                }
            }
            Self::Condition { old, new } => {
                old.slot.take(&new.slot);
                for condition in live.iter_mut().flat_map(LiveSchedule::conditions_mut) {
                    if Arc::ptr_eq(&condition.slot, &old.slot) {
                        condition.made_of = new.made_of.clone();
                    }
                }
            }
        }
    }
}

/// One schedule's change.
struct One<'a> {
    /// The schedule of the same name under a label of the old types.
    former: Option<&'a LiveSchedule>,
    label: InternedScheduleLabel,
    whole: bool,
    live: Option<&'a LiveSchedule>,
    /// What the running generation registers in it, when recorded.
    old: Option<&'a Raw>,
    chooser: Chooser<'a>,
    /// Its place among the schedules that ran in the first frame alone.
    run_once: Option<usize>,
    moves: &'a Moves,
    /// Sync points between the systems of a schedule of the module's own changed.
    resynced: bool,
}

impl One<'_> {
    fn prepare(
        &self,
        world: &mut World,
        mut parts: Parts,
        ahead: &mut Ahead,
        changes: &mut Changes,
    ) -> Result<(), Refusal> {
        let mut schedule = world
            .get_resource_mut::<Schedules>()
            .and_then(|mut schedules| schedules.remove(self.label));
        // Whatever happens, the schedule is put back.
        let prepared =
            panics::attempt(|| self.compare(world, schedule.as_ref(), &mut parts, ahead, changes));
        if let (Some(schedule), Some(mut schedules)) =
            (schedule.take(), world.get_resource_mut::<Schedules>())
        {
            schedules.insert(schedule);
        }
        let prepared = prepared.unwrap_or_else(|panic| {
            Err(Refusal::Restart(format!(
                "cannot compare the schedule {:?}: {panic}. Restart the game to run this edit",
                self.label
            )))
        });
        match prepared? {
            Plan::Refill => {}
            Plan::Enter { target, rebuild } => {
                let live = self.live;
                changes.edits.push(ScheduleEdit::Enter {
                    target: Box::new(target),
                    late: live.map(|live| live.late(self.old)).unwrap_or_default(),
                    rebuild,
                });
            }
            Plan::Replace => {
                let (target, schedule) = LiveSchedule::whole(self.label, parts);
                let (target, schedule) = (Box::new(target), Box::new(schedule));
                changes
                    .edits
                    .push(ScheduleEdit::Replace { target, schedule });
                return Ok(());
            }
        }
        Ok(())
    }

    fn compare(
        &self,
        world: &mut World,
        schedule: Option<&Schedule>,
        parts: &mut Parts,
        ahead: &mut Ahead,
        changes: &mut Changes,
    ) -> Result<Plan, Refusal> {
        let keys = match (self.live, schedule) {
            (Some(live), Some(schedule)) => live.keys(schedule, self.old),
            _ => HashSet::new(),
        };
        let shared = match (self.whole, schedule) {
            (false, Some(schedule)) => touched(schedule, &keys),
            _ => Touched::default(),
        };
        let old = self.old.map(|old| Flat::of(old, &shared));
        let old = old.unwrap_or_default();
        let new = Flat::of(&parts.raw, &shared);
        let live: HashMap<_, _> = self
            .live
            .into_iter()
            .flat_map(|live| &live.systems)
            .filter(|placed| !placed.is_hosts(self.old))
            .map(|placed| (&placed.live.id, placed))
            .collect();
        let fresh = self.fresh(&old, &new, &live);
        let was_built = schedule.is_some_and(|schedule| schedule.systems().is_ok());

        let mut choice = Choice::default();
        for (system, flat) in parts.systems.iter_mut().zip(&new.systems) {
            let Some(placed) = live.get(&flat.id) else {
                if old.system(&flat.id).is_some() && !self.whole {
                    // The old generation registers it as well, and it is not there: the
                    // host has what the scratch world lacked.
                    continue;
                }
                let is_new = fresh.contains(&flat.id);
                if is_new && self.run_once.is_some() {
                    if changes.startups.is_due(&flat.id.name) {
                        self.can_tell(&flat.id, &new, &fresh)?;
                        choice.startups.push(flat.id.clone());
                    } else if let Some(function) = function_of(&flat.id.name) {
                        // Closures have no names: an undone edit looks like another one.
                        tracing::warn!(
                            "a closure of {function} in {:?} does not run: a closure of that function has already run, and may be the same one. Make it a function to have it run",
                            self.label
                        );
                    }
                }
                let moved = self.moves.to(self.label, &flat.id);
                if let Some(moved) = moved.filter(|moved| moved.id.type_id == flat.id.type_id) {
                    self.choose(world, moved, system, &mut choice, changes)?;
                    if was_built {
                        initialize(world, system, None, None)?;
                    }
                    continue;
                }
                match is_new && moved.is_none() {
                    true => changes.added.push(flat.id.name.clone()),
                    false => changes.reset.push(flat.id.name.clone()),
                }
                let before = moved.or_else(|| self.before(&flat.id));
                let last_run = before.and_then(|before| before.slot.last_run());
                // The world has to know the new types, wherever they are named.
                let runs = was_built || self.run_once.is_some() || last_run.is_some();
                if runs || self.chooser.edit.is_of_types() {
                    initialize(world, system, last_run, last_run)?;
                }
                continue;
            };
            self.choose(world, &placed.live, system, &mut choice, changes)?;
        }
        for gate in &new.gates {
            let conditions = parts.set_conditions.get_mut(&gate.key);
            let before = self
                .live
                .and_then(|live| live.gates.iter().find(|g| g.gate == gate.gate));
            for condition in conditions.into_iter().flatten() {
                let old = before
                    .and_then(|gate| gate.conditions.iter().find(|old| old.id == condition.id));
                match old {
                    Some(old) => {
                        self.choose_condition(world, old, condition, &mut choice, changes)?
                    }
                    None if was_built || self.chooser.edit.is_of_types() => {
                        initialize_condition(world, condition, None)?;
                    }
                    None => {}
                }
            }
        }
        let new_names: HashSet<&str> = new.systems.iter().map(|s| s.id.name.as_str()).collect();
        changes.removed.extend(
            live.keys()
                .filter(|id| old.system(id).is_some() && new.system(id).is_none())
                .filter(|id| !new_names.contains(id.name.as_str()) && !self.moves.has(&id.name))
                .map(|id| id.name.clone()),
        );
        let is_new = self.whole && self.live.is_none() && self.old.is_none();
        let all_there =
            |flat: &FlatSystem| live.contains_key(&flat.id) || old.system(&flat.id).is_some();
        let same = old.same_as(&new) && new.systems.iter().all(all_there) && !self.resynced;
        // What can be built before can be built again.
        if !same || is_new || !self.old.is_some_and(|old| old.builds_as(&parts.raw)) {
            let candidate = Candidate::of(schedule.filter(|_| !self.whole), &keys, &parts.raw);
            ahead
                .builds(self.label, candidate)
                .map_err(|error| Refusal::Refused {
                    reason: format!(
                        "the schedule {:?} cannot be built: {error}. Fix it and save; the old code keeps running",
                        self.label
                    ),
                    names: vec![format!("{:?}", self.label)],
                })?;
        }
        if same && choice.misfits.is_empty() && !is_new {
            changes.refills.extend(choice.refills);
            return Ok(Plan::Refill);
        }
        if let Some(place) = self.run_once
            && !choice.startups.is_empty()
        {
            let new = self.startups(parts, &new, &choice.startups);
            changes.startups.add(place, new);
        }
        if self.whole {
            if let Some(extra) = live.keys().find(|id| old.system(id).is_none()) {
                return Err(self.unknown(&extra.name));
            }
            if let (Some(live), Some(schedule)) = (self.live, schedule)
                && live.is_shared(schedule)
            {
                return Err(restart(&format!(
                    "the schedule {:?} changes, but the game has systems of its own in it",
                    self.label
                )));
            }
            self.replace_in_graph(parts);
            return Ok(Plan::Replace);
        }
        if let (Some(live), Some(schedule)) = (self.live, schedule) {
            let late = live.late(self.old);
            live.can_leave(schedule, &late)
                .map_err(|error| restart(&error))?;
        }
        let target = self.target(parts, &old, &new, &live)?;
        let is_shared = !shared.joined.is_empty() || !shared.ordered.is_empty();
        let rebuild = !was_built && !is_shared && self.live.is_some();
        Ok(Plan::Enter { target, rebuild })
    }

    /// Those of the new systems that are more than there were of their name.
    fn fresh(
        &self,
        old: &Flat,
        new: &Flat,
        live: &HashMap<&Identity, &Placed>,
    ) -> HashSet<Identity> {
        let former = self.former.into_iter().flat_map(|former| &former.systems);
        let former = former.map(|placed| &placed.live.id);
        let before = former.chain(live.keys().copied());
        let before: HashSet<&Identity> = before.chain(old.systems.iter().map(|s| &s.id)).collect();
        let mut more: HashMap<&str, isize> = HashMap::new();
        for flat in &new.systems {
            *more.entry(&flat.id.name).or_default() += 1;
        }
        for id in before {
            more.entry(&id.name).and_modify(|more| *more -= 1);
        }
        let mut fresh = HashSet::new();
        for flat in new.systems.iter().rev() {
            if let Some(more) = more.get_mut(&*flat.id.name)
                && *more > 0
                && !live.contains_key(&flat.id)
            {
                *more -= 1;
                fresh.insert(flat.id.clone());
            }
        }
        fresh
    }

    /// Whether it is known which system has not run yet.
    fn can_tell(
        &self,
        id: &Identity,
        new: &Flat,
        fresh: &HashSet<Identity>,
    ) -> Result<(), Refusal> {
        let others = new.systems.iter().map(|system| &system.id);
        let mut others = others.filter(|other| !fresh.contains(other));
        if others.all(|other| other.name != id.name) || !self.chooser.is_renumbered(&id.name) {
            return Ok(());
        }
        Err(Refusal::refused(
            format!(
                "{} has a new closure in {:?}, and hot-loader cannot tell which of its closures there have already run. Make it a function, or write it after the others; the old code keeps running",
                function_of(&id.name).unwrap_or(&id.name),
                self.label
            ),
            &id.name,
        ))
    }

    /// Whether a system may stay that no recording shows.
    fn may_stay(&self, id: &Identity) -> bool {
        !self.chooser.edit.is_of_types() || !(self.chooser.edit.ours)(&id.name)
    }

    /// What a system stands for that is of another type only because all types are new.
    fn before(&self, id: &Identity) -> Option<&LiveSystem> {
        if !self.chooser.edit.is_of_types() {
            return None;
        }
        let live = self.live.or(self.former)?;
        let mut all = live.systems.iter().map(|placed| &placed.live);
        all.find(|live| live.id.name == id.name && live.id.nth == id.nth)
    }

    fn unknown(&self, name: &str) -> Refusal {
        restart(&format!(
            "{name} is in the schedule {:?}, but the plugin does not register it in a scratch world, so its place cannot change",
            self.label
        ))
    }

    /// Keeps what stays, and notes what is made afresh.
    fn choose(
        &self,
        world: &mut World,
        old: &LiveSystem,
        new: &mut LiveSystem,
        choice: &mut Choice,
        changes: &mut Changes,
    ) -> Result<(), Refusal> {
        for condition in &mut new.conditions {
            if let Some(before) = old.conditions.iter().find(|c| c.id == condition.id) {
                self.choose_condition(world, before, condition, choice, changes)?;
            } else if old.slot.was_tried() {
                initialize_condition(world, condition, None)?;
            }
        }
        if self
            .chooser
            .stays(&old.id.name, (&old.slot, &old.made_of), &new.made_of)
        {
            new.slot = old.slot.clone();
            return Ok(());
        }
        if old.slot.was_tried() {
            let made = initialize_system(world, new, old.slot.last_run());
            if !is_made(&old.slot, made)? {
                new.slot = old.slot.clone();
                return Ok(());
            }
        }
        changes.reset.push(old.id.name.clone());
        if old.slot.fits(&new.slot) {
            choice.refills.push(Refill::System {
                old: old.clone(),
                new: new.clone(),
            });
        } else {
            choice.misfits.push(old.id.name.clone());
        }
        Ok(())
    }

    fn choose_condition(
        &self,
        world: &mut World,
        old: &LiveCondition,
        new: &mut LiveCondition,
        choice: &mut Choice,
        changes: &mut Changes,
    ) -> Result<(), Refusal> {
        if self
            .chooser
            .stays(&old.id.name, (&old.slot, &old.made_of), &new.made_of)
        {
            new.slot = old.slot.clone();
            return Ok(());
        }
        if old.slot.was_tried() {
            let made = initialize_condition(world, new, old.slot.last_run());
            if !is_made(&old.slot, made)? {
                new.slot = old.slot.clone();
                return Ok(());
            }
        }
        if may_hold_state(&old.id.name) {
            changes.reset.push(old.id.name.clone());
        }
        if old.slot.fits(&new.slot) {
            choice.refills.push(Refill::Condition {
                old: old.clone(),
                new: new.clone(),
            });
        } else {
            choice.misfits.push(old.id.name.clone());
        }
        Ok(())
    }

    /// The systems of these identities alone, with their conditions.
    fn startups(&self, parts: &Parts, new: &Flat, ids: &[Identity]) -> LiveSchedule {
        let systems = parts.systems.iter().zip(&new.systems);
        let gates = new.gates.iter().map(|gate| LiveGate {
            gate: gate.gate.clone(),
            version: 0,
            conditions: parts
                .set_conditions
                .get(&gate.key)
                .cloned()
                .unwrap_or_default(),
        });
        LiveSchedule {
            label: self.label,
            whole: false,
            systems: systems
                .filter(|(_, flat)| ids.contains(&flat.id))
                .map(|(system, flat)| stand(system, flat))
                .collect(),
            gates: gates.collect(),
            on_hosts: Vec::new(),
            lasting: HashSet::new(),
            versions: HashMap::new(),
        }
    }

    /// The module's part of a host's schedule, as it will be.
    fn target(
        &self,
        parts: &mut Parts,
        old: &Flat,
        new: &Flat,
        live: &HashMap<&Identity, &Placed>,
    ) -> Result<LiveSchedule, Refusal> {
        let said = self
            .live
            .map(|live| live.lasting.clone())
            .unwrap_or_default();
        let unsaid: Vec<&Lasting> = said
            .iter()
            .filter(|lasting| old.lasting.contains(lasting) && !new.lasting.contains(lasting))
            // Said of sets of types that are gone, and again of those in their place.
            .filter(|lasting| {
                let same = |other: &Lasting| other.to_string() == lasting.to_string();
                !self.chooser.edit.is_of_types() || !new.lasting.iter().any(same)
            })
            .collect();
        if let Some(lasting) = unsaid.first() {
            return Err(restart(&format!(
                "the plugin no longer declares that {lasting} in the schedule {:?}",
                self.label
            )));
        }
        let mut systems = Vec::new();
        let incoming: HashMap<_, _> = parts
            .systems
            .iter()
            .zip(&new.systems)
            .map(|(system, flat)| (&flat.id, (system, flat)))
            .collect();
        // What stays keeps its place among those without an order; what is new comes last.
        for placed in self.live.into_iter().flat_map(|live| &live.systems) {
            let id = &placed.live.id;
            match (incoming.get(id), old.system(id)) {
                (None, None) if placed.is_hosts(self.old) || self.may_stay(id) => {
                    systems.push(placed.clone());
                }
                (_, None) if placed.is_hosts(self.old) => return Err(self.unknown(&id.name)),
                (Some((system, flat)), _) => systems.push(stand(system, flat)),
                (None, Some(_)) => {}
                (None, None) => return Err(self.unknown(&id.name)),
            }
        }
        for (system, flat) in parts.systems.iter().zip(&new.systems) {
            if !live.contains_key(&flat.id) && old.system(&flat.id).is_none() {
                systems.push(stand(system, flat));
            }
        }
        let mut versions = self
            .live
            .map(|live| live.versions.clone())
            .unwrap_or_default();
        let before = |gate: &Gate| {
            self.live
                .and_then(|live| live.gates.iter().find(|g| g.gate == *gate))
        };
        let mut gates: Vec<LiveGate> = Vec::new();
        for gate in &new.gates {
            let conditions = parts
                .set_conditions
                .get(&gate.key)
                .cloned()
                .unwrap_or_default();
            let old_gate = before(&gate.gate);
            let same = old_gate.is_some_and(|old| {
                old.conditions.len() == conditions.len()
                    && old
                        .conditions
                        .iter()
                        .zip(&conditions)
                        .all(|(a, b)| Arc::ptr_eq(&a.slot, &b.slot))
            });
            if !same
                && new.lasting.iter().any(|l| {
                    matches!(l, Lasting::Gated(_, g) if *g == gate.gate) && said.contains(l)
                })
            {
                return Err(restart(&format!(
                    "the conditions of {:?} change, but the game uses that set too",
                    gate.gate
                )));
            }
            let version = match old_gate {
                Some(old) if same => old.version,
                _ => versions.get(&gate.gate).map_or(0, |version| version + 1),
            };
            versions.insert(gate.gate.clone(), version);
            gates.push(LiveGate {
                gate: gate.gate.clone(),
                version,
                conditions,
            });
        }
        // Of what stays although it was not recorded.
        for placed in &systems {
            let wanted = placed.flat.iter().flat_map(|flat| &flat.gates);
            for gate in wanted.filter_map(&before) {
                if gates.iter().all(|known| known.gate != gate.gate) {
                    gates.push(gate.clone());
                }
            }
        }
        let on_hosts = self.live.map(|live| live.on_hosts.clone());
        let mut lasting = said;
        lasting.extend(new.lasting.iter().cloned());
        Ok(LiveSchedule {
            label: self.label,
            whole: false,
            systems,
            gates,
            on_hosts: on_hosts.unwrap_or_default(),
            lasting,
            versions,
        })
    }

    /// Puts proxies of the slots that stay into the recorded schedule itself.
    fn replace_in_graph(&self, parts: &mut Parts) {
        use bevy::ecs::schedule::SystemWithAccess;
        let graph = parts.recorded.schedule.graph_mut();
        for (system, raw) in parts.systems.iter().zip(&parts.raw.systems) {
            if let Some(node) = graph.systems.get_mut(raw.key) {
                *node = SystemWithAccess::new(Box::new(Proxy::of(system.slot.clone())));
            }
            let conditions = graph
                .systems
                .get_conditions_mut(raw.key)
                .into_iter()
                .flatten();
            for (node, condition) in conditions.zip(&system.conditions) {
                node.condition = Box::new(Proxy::of(condition.slot.clone()));
            }
        }
        for (key, conditions) in &parts.set_conditions {
            let nodes = graph
                .system_sets
                .get_conditions_mut(*key)
                .into_iter()
                .flatten();
            for (node, condition) in nodes.zip(conditions) {
                node.condition = Box::new(Proxy::of(condition.slot.clone()));
            }
        }
    }
}

/// What becomes of a schedule.
enum Plan {
    Refill,
    Enter { target: LiveSchedule, rebuild: bool },
    Replace,
}

/// What was chosen for the systems of one schedule.
#[derive(Default)]
struct Choice {
    refills: Vec<Refill>,
    /// Made afresh, and too different for their slots.
    misfits: Vec<String>,
    startups: Vec<Identity>,
}

fn stand(system: &LiveSystem, flat: &FlatSystem) -> Placed {
    Placed {
        live: system.clone(),
        flat: Some(flat.clone()),
        late: None,
    }
}

/// Whether a condition can have something to lose: the engine's plain ones do not,
/// nor what combines them.
fn may_hold_state(name: &str) -> bool {
    parts(name).any(|part| !is_stateless_condition(part))
}

fn initialize(
    world: &mut World,
    system: &LiveSystem,
    last_run: Option<Tick>,
    of_conditions: Option<Tick>,
) -> Result<(), Refusal> {
    for condition in &system.conditions {
        initialize_condition(world, condition, of_conditions)?;
    }
    initialize_system(world, system, last_run)
}

fn initialize_system(
    world: &mut World,
    system: &LiveSystem,
    last_run: Option<Tick>,
) -> Result<(), Refusal> {
    initialized(&system.id.name, system.slot.initialize(world, last_run))
}

fn initialize_condition(
    world: &mut World,
    condition: &LiveCondition,
    last_run: Option<Tick>,
) -> Result<(), Refusal> {
    initialized(
        &condition.id.name,
        condition.slot.initialize(world, last_run),
    )
}

/// Whether what takes the place of `old` was initialised. If neither was, nothing gets
/// worse: it stays off, and is named again.
fn is_made<K: SlotKind>(old: &Slot<K>, made: Result<(), Refusal>) -> Result<bool, Refusal> {
    match made {
        Err(refusal) if old.never_initialised() => {
            old.report(refusal.reason());
            Ok(false)
        }
        made => made.map(|()| true),
    }
}

fn initialized(name: &str, result: Result<(), String>) -> Result<(), Refusal> {
    result.map_err(|error| {
        Refusal::refused(
            format!(
                "{name} cannot be initialised: {error}. Fix it and save; the old code keeps running"
            ),
            name,
        )
    })
}

impl ScheduleEdit {
    fn commit(self, world: &mut World, all: &mut Vec<LiveSchedule>) -> Result<(), String> {
        match self {
            Self::Remove { label } => {
                all.retain(|live| live.label != label);
                if let Some(mut schedules) = world.get_resource_mut::<Schedules>() {
                    schedules.remove(label);
                }
                Ok(())
            }
            Self::Replace { target, schedule } => {
                all.retain(|live| live.label != target.label);
                all.push(*target);
                if let Some(mut schedules) = world.get_resource_mut::<Schedules>() {
                    schedules.insert(*schedule);
                }
                Ok(())
            }
            Self::Enter {
                target,
                late,
                rebuild,
            } => {
                let before = all.iter().position(|live| live.label == target.label);
                let before = before.map(|at| all.swap_remove(at));
                let label = target.label;
                let taken = world
                    .get_resource_mut::<Schedules>()
                    .and_then(|mut schedules| schedules.remove(label));
                let mut schedule = taken.unwrap_or_else(|| Schedule::new(label));
                // Whatever happens, the schedule is put back.
                let entered = panics::attempt(|| {
                    if rebuild {
                        let settings = schedule.get_build_settings();
                        schedule = Schedule::new(label);
                        schedule.set_build_settings(settings);
                    }
                    // Nothing of the host's in it, and it never ran: it need not be initialised.
                    let before = before.as_ref().filter(|_| !rebuild);
                    enter(&mut schedule, world, before, &late, &target)
                });
                let entered = entered.unwrap_or_else(Err);
                if let Some(mut schedules) = world.get_resource_mut::<Schedules>() {
                    schedules.insert(schedule);
                }
                all.push(*target);
                entered
            }
        }
    }
}

fn enter(
    schedule: &mut Schedule,
    world: &mut World,
    before: Option<&LiveSchedule>,
    late: &HashSet<SystemKey>,
    target: &LiveSchedule,
) -> Result<(), String> {
    let was_built = schedule.systems().is_ok();
    let mut said = HashSet::new();
    if let Some(before) = before {
        before.leave(schedule, world, late)?;
        said.clone_from(&before.lasting);
    }
    target.enter(schedule, &said);
    if was_built && let Err(error) = schedule.initialize(world) {
        return Err(error.to_string(schedule.graph(), world));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::with_plain_trait;

    #[test]
    fn a_method_is_the_same_however_its_trait_is_written() {
        let plain = "<systems::Game as Plugin>::build";
        for written in [
            plain,
            "<systems::Game as bevy_app::plugin::Plugin>::build",
            "<systems::Game as bevy::app::Plugin>::build",
        ] {
            assert_eq!(with_plain_trait(written), plain);
        }
        let generic = "<systems::A<u8> as systems::Go<u8>>::go";
        assert_eq!(with_plain_trait(generic), "<systems::A<u8> as Go>::go");
        assert_eq!(with_plain_trait("systems::plugin"), "systems::plugin");
    }
}
