//! One schedule, as the running generation and the new one register it: which systems
//! stay, come and go, and whether it has to be put together anew.
//!
//! Initialises what is new, and changes nothing else of the game. A schedule in which
//! everything stands where it stood is not touched.

use super::{
    Both, Refusal,
    ahead::Checked,
    changes::{restart, restart_if},
    moves::Moves,
    registered::count,
    reuse::{Reuse, function_of},
    schedules::{Changes, ScheduleEdit, schedule_of},
};
use crate::generation::Planned;
use crate::schedules::{Candidate, Flat, Identity, LiveSchedule, LiveSystem, Parts, Raw};
use bevy::ecs::{
    schedule::{InternedScheduleLabel, ScheduleBuildSettings},
    world::World,
};
use std::collections::{HashMap, HashSet};

/// What is compared.
pub struct Comparison<'a> {
    pub(super) planned: &'a Planned,
    pub(super) label: InternedScheduleLabel,
    /// The module's part of it, as it is.
    pub(super) live: Option<&'a LiveSchedule>,
    /// The schedule of the same name under a label of the old types.
    pub(super) former: Option<&'a LiveSchedule>,
    /// Whether the module made it.
    whole: bool,
    /// What the running generation registers in it, when recorded.
    pub(super) recorded: Option<&'a Raw>,
    /// Sync points between the systems of a schedule of the module's own changed.
    resynced: bool,
    moves: &'a Moves,
    /// The module's systems in it.
    running: HashMap<&'a Identity, &'a LiveSystem>,
    /// What else is in it, if it is not the module's.
    host: Option<(ScheduleBuildSettings, Raw)>,
    was_built: bool,
    pub(super) old: Flat,
    pub(super) new: Flat,
}

impl<'a> Comparison<'a> {
    /// Of the schedule that `parts` were recorded in.
    pub fn of(world: &World, both: &Both<'a>, parts: &Parts, moves: &'a Moves) -> Self {
        let (gameplay, planned) = (both.gameplay, both.planned);
        let label = parts.recorded.schedule.label();
        let live = gameplay.schedules.iter().find(|live| live.label == label);
        let text = format!("{label:?}");
        // A label of a type of the module is another label now.
        let former = gameplay.schedules.iter().find(|former| {
            planned.changes_types()
                && live.is_none()
                && former.whole
                && format!("{:?}", former.label) == text
        });
        let schedule = schedule_of(world, label);
        let is_hosts = || gameplay.host.labels.contains(&label) || schedule.is_some();
        let recorded = both.old.raw(label);
        let running = live.into_iter().flat_map(|live| &live.systems);
        let running = running.filter(|placed| !placed.is_hosts(recorded));
        let host = gameplay.host_part(world, label);
        let nothing = Raw::default();
        let others = host.as_ref().map_or(&nothing, |(_, raw)| raw);
        Self {
            planned,
            label,
            live,
            former,
            whole: live.map_or_else(|| !is_hosts(), |live| live.whole),
            recorded,
            resynced: both.old.unsynced.get(&label) != both.new.unsynced.get(&label),
            moves,
            running: running.map(|placed| (&placed.id, placed)).collect(),
            was_built: schedule.is_some_and(|schedule| schedule.systems().is_ok()),
            old: Flat::of(recorded.unwrap_or(&nothing), others),
            new: Flat::of(&parts.raw, others),
            host,
        }
    }

    /// Works out what changes.
    ///
    /// # Errors
    /// If that cannot be applied.
    pub fn compare(
        &self,
        world: &mut World,
        mut parts: Parts,
        checked: &Checked,
        changes: &mut Changes,
    ) -> Result<(), Refusal> {
        let mut reuse = Reuse::of(self.planned, world);
        let due = self.choose_systems(&mut parts.systems, &mut reuse, changes)?;
        for (set, conditions) in parts.raw.sets.iter().zip(&mut parts.set_conditions) {
            if self.new.set_conditions.contains_key(&set.node) {
                let before = self.live.and_then(|live| live.conditions_of(&set.node));
                let before = before.map_or(&[][..], |before| &before.conditions);
                let runs = self.was_built || self.planned.changes_types();
                reuse.conditions(before, conditions, runs)?;
            }
        }
        changes.applied.reset.append(&mut reuse.reset);
        let (refills, misfit) = (reuse.refills, reuse.misfit);
        changes.applied.removed.extend(self.gone());
        let is_new = self.whole && self.live.is_none() && self.recorded.is_none();
        let same = self.old == self.new && !self.resynced;
        // What can be built before can be built again.
        if !same || is_new || !self.recorded.is_some_and(|old| old.builds_as(&parts.raw)) {
            self.must_build(&parts.raw, checked)?;
        }
        if same && !misfit && !is_new {
            changes.refills.extend(refills);
            return Ok(());
        }
        if let Some(place) = changes.startups.place(self.label)
            && !due.is_empty()
        {
            let mut new = LiveSchedule::in_hosts(self.label, &parts, &self.new);
            new.systems.retain(|placed| due.contains(&placed.id));
            new.constraints.clear();
            changes.startups.found.insert(place, new);
        }
        let edit = match self.whole {
            true => self.replace(world, parts)?,
            false => self.enter(world, &parts)?,
        };
        changes.edits.push((self.label, edit));
        Ok(())
    }

    /// Which systems stay. Returns those that have to run once.
    fn choose_systems(
        &self,
        systems: &mut [LiveSystem],
        reuse: &mut Reuse,
        changes: &mut Changes,
    ) -> Result<HashSet<Identity>, Refusal> {
        let fresh = self.fresh();
        let runs_once = changes.startups.place(self.label).is_some();
        let mut due = HashSet::new();
        for system in systems {
            if let Some(placed) = self.running.get(&system.id) {
                reuse.system(placed, system)?;
                continue;
            }
            if self.old.systems.contains_key(&system.id) && !self.whole {
                // The old generation registers it as well, and it is not there: the
                // host has what the scratch world lacked.
                continue;
            }
            let is_new = fresh.contains(&system.id);
            if is_new && runs_once && self.is_due(&system.id, &fresh, changes)? {
                due.insert(system.id.clone());
            }
            let moved = self.moves.to(self.label, &system.id);
            if let Some(moved) = moved.filter(|moved| moved.id.type_id == system.id.type_id) {
                reuse.system(moved, system)?;
                if self.was_built {
                    reuse.initialize(system, None)?;
                }
                continue;
            }
            match is_new && moved.is_none() {
                true => changes.applied.added.push(system.id.name.clone()),
                false => changes.applied.reset.push(system.id.name.clone()),
            }
            let before = moved.or_else(|| self.before(&system.id));
            let last_run = before.and_then(|before| before.slot.last_run());
            let runs = self.was_built || runs_once || last_run.is_some();
            // The world has to know the new types, wherever they are named.
            if runs || self.planned.changes_types() {
                reuse.initialize(system, last_run)?;
            }
        }
        Ok(due)
    }

    /// Those of the new systems that are more than there were of their name.
    fn fresh(&self) -> HashSet<Identity> {
        let former = self.former.into_iter().flat_map(|former| &former.systems);
        let former = former.map(|placed| &placed.id);
        let before = former.chain(self.running.keys().copied());
        let before: HashSet<&Identity> = before.chain(self.old.systems.keys()).collect();
        let mut more = count(self.new.systems.keys().map(|id| &*id.name));
        for id in before {
            more.entry(&id.name).and_modify(|more| *more -= 1);
        }
        let mut fresh = HashSet::new();
        for id in self.new.systems.keys().rev() {
            if let Some(more) = more.get_mut(&*id.name)
                && *more > 0
                && !self.running.contains_key(id)
            {
                *more -= 1;
                fresh.insert(id.clone());
            }
        }
        fresh
    }

    /// Whether a new system has to run once.
    ///
    /// # Errors
    /// If it is not known which system has not run yet.
    fn is_due(
        &self,
        id: &Identity,
        fresh: &HashSet<Identity>,
        changes: &mut Changes,
    ) -> Result<bool, Refusal> {
        let (name, label) = (&id.name, self.label);
        let function = function_of(name);
        if !changes.startups.is_due(name) {
            if let Some(function) = function {
                // Closures have no names: an undone edit looks like another one.
                tracing::warn!(
                    "a closure of {function} in {label:?} does not run: a closure of that function has already run, and may be the same one. Make it a function to have it run"
                );
            }
            return Ok(false);
        }
        let others = self.new.systems.keys();
        let mut others = others.filter(|other| !fresh.contains(*other));
        if others.all(|other| other.name != *name) || !self.planned.verdict.renumbers(name) {
            return Ok(true);
        }
        Err(Refusal::refused(
            format!(
                "{} has a new closure in {label:?}, and hot-loader cannot tell which of its closures there have already run. Make it a function, or write it after the others; the old code keeps running",
                function.unwrap_or(name)
            ),
            name,
        ))
    }

    /// What a system stands for that is of another type only because all types are new.
    fn before(&self, id: &Identity) -> Option<&LiveSystem> {
        if !self.planned.changes_types() {
            return None;
        }
        let live = self.live.or(self.former)?;
        let mut all = live.systems.iter();
        all.find(|live| live.id.name == id.name && live.id.nth == id.nth)
    }

    /// The names of systems that are gone.
    fn gone(&self) -> impl Iterator<Item = String> {
        let names: HashSet<&str> = self.new.systems.keys().map(|id| &*id.name).collect();
        let gone = self.running.keys().filter(move |id| {
            self.old.systems.contains_key(**id)
                && !names.contains(&*id.name)
                && !self.moves.has(&id.name)
        });
        gone.map(|id| id.name.clone())
    }

    fn must_build(&self, raw: &Raw, checked: &Checked) -> Result<(), Refusal> {
        let candidate = Candidate::of(self.host.clone(), raw);
        let built = match checked.get(&self.label) {
            // The game's own part may have changed since.
            Some((known, built)) if *known == candidate => built.clone(),
            _ => candidate.builds(),
        };
        let label = format!("{:?}", self.label);
        built.map_err(|error| Refusal::refused(
            format!("the schedule {label} cannot be built: {error}. Fix it and save; the old code keeps running"),
            &label,
        ))
    }

    /// Another schedule takes the place of the module's own.
    fn replace(&self, world: &World, mut parts: Parts) -> Result<ScheduleEdit, Refusal> {
        let mut ids = self.running.keys();
        if let Some(extra) = ids.find(|id| !self.old.systems.contains_key(**id)) {
            return Err(self.unknown(&extra.name));
        }
        let label = self.label;
        let live = self.live.zip(schedule_of(world, label));
        restart_if(
            live.is_some_and(|(live, schedule)| live.is_shared(schedule)),
            || format!("the schedule {label:?} changes, but the game has systems of its own in it"),
        )?;
        parts.renew_proxies();
        let (target, schedule) = LiveSchedule::whole(label, parts);
        Ok(ScheduleEdit::Replace(target, Box::new(schedule)))
    }

    /// The module's systems leave the host's schedule, and enter it again.
    fn enter(&self, world: &World, parts: &Parts) -> Result<ScheduleEdit, Refusal> {
        let schedule = schedule_of(world, self.label);
        let live = self.live.zip(schedule);
        let leaving = live.map(|(live, schedule)| live.leaving(schedule, self.recorded));
        let leaving = leaving.transpose().map_err(|error| restart(&error))?;
        let host = self.host.as_ref().map(|(_, raw)| raw);
        let is_alone = host.is_none_or(|raw| raw.nests.is_empty() && raw.edges.is_empty());
        Ok(ScheduleEdit::Enter {
            target: self.target(schedule, parts)?,
            leaving: leaving.unwrap_or_default(),
            rebuild: !self.was_built && is_alone && self.live.is_some(),
        })
    }

    pub(super) fn unknown(&self, name: &str) -> Refusal {
        restart(&format!(
            "{name} is in the schedule {:?}, but the plugin does not register it in a scratch world, so its place cannot change",
            self.label
        ))
    }
}
