//! Schedules: what an edit changes in all of them, prepared and applied.

use super::{
    Ahead, Applied, Gameplay, Refusal, changes::restart_if, comparison::Comparison, moves::Moves,
    reuse::Refill, startups::Startups,
};
use crate::{
    generation::Planned,
    panics,
    record::Order,
    schedules::{LiveSchedule, Parts, Raw, RecordedSchedule, leave},
};
use bevy::ecs::{
    schedule::{
        InternedScheduleLabel, InternedSystemSet, Schedule, ScheduleBuildSettings, ScheduleLabel,
        Schedules,
    },
    world::World,
};
use core::mem;
use std::collections::HashSet;

/// What changes in schedules.
#[derive(Default)]
pub struct Changes {
    /// Systems that are exchanged in their slots.
    pub(super) refills: Vec<Refill>,
    /// Schedules that are put together anew.
    pub(super) edits: Vec<(InternedScheduleLabel, ScheduleEdit)>,
    pub(super) startups: Startups,
    /// What that does to systems.
    pub(super) applied: Applied,
}

/// What happens to a schedule.
pub enum ScheduleEdit {
    /// Of the host: the module's systems leave it and enter it again.
    Enter {
        target: LiveSchedule,
        /// The sets of those that leave.
        leaving: Vec<InternedSystemSet>,
        rebuild: bool,
    },
    /// Of the module: another takes its place.
    Replace(LiveSchedule, Box<Schedule>),
    /// Of the module, and gone.
    Remove,
}

/// A schedule of the world.
pub fn schedule_of(world: &World, label: impl ScheduleLabel) -> Option<&Schedule> {
    world.get_resource::<Schedules>()?.get(label)
}

impl Gameplay {
    /// What is in a schedule besides the module's systems, unless the module made it.
    pub(super) fn host_part(
        &self,
        world: &World,
        label: InternedScheduleLabel,
    ) -> Option<(ScheduleBuildSettings, Raw)> {
        let live = self.schedules.iter().find(|live| live.label == label);
        let is_whole = live.is_some_and(|live| live.whole);
        let schedule = schedule_of(world, label).filter(|_| !is_whole)?;
        let recorded = self.registered.as_ref().and_then(|old| old.raw(label));
        let ours = live.map(|live| live.keys(schedule, recorded));
        let others = Raw::of_others(schedule, &ours.unwrap_or_default());
        Some((schedule.get_build_settings(), others))
    }
}

impl Changes {
    /// Compares all schedules, and makes sure that those that change can be built.
    pub fn prepare(
        &mut self,
        world: &mut World,
        gameplay: &mut Gameplay,
        planned: &Planned,
        ahead: &mut Ahead,
        order: Option<&Order>,
    ) -> Result<(), Refusal> {
        let checked = ahead.checked();
        let mut recorded = mem::take(&mut ahead.new.second.schedules).schedules;
        let live = &gameplay.schedules;
        self.startups = Startups::of(world, live, &ahead.new.raws, order, &mut gameplay.ran);
        let both = gameplay.both(&ahead.new, planned)?;
        let moves = Moves::between(&both);
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
            let is_known = live.iter().any(|live| live.label == label);
            if !is_known && recorded.is_empty() && gameplay.host.labels.contains(&label) {
                continue;
            }
            let parts = Parts::of(recorded, &gameplay.guard);
            let one = Comparison::of(world, &both, &parts, &moves);
            renamed.extend(one.former.map(|former| former.label));
            let compared = panics::attempt(|| one.compare(world, parts, &checked, self));
            compared.unwrap_or_else(|panic| {
                Err(Refusal::Restart(format!(
                    "cannot compare the schedule {label:?}: {panic}. Restart the game to run this edit"
                )))
            })?;
        }
        let unmade = live.iter().filter(|live| live.whole);
        for live in unmade.filter(|live| !seen.contains(&live.label)) {
            // The module makes it no more.
            let label = live.label;
            let is_shared = schedule_of(world, label).is_some_and(|it| live.is_shared(it));
            let mut ids = live.systems.iter().map(|placed| &placed.id);
            let raw = both.old.raw(label);
            let is_ours = raw.is_some_and(|raw| ids.all(|id| raw.has(id)));
            restart_if(is_shared || !is_ours, || {
                format!(
                    "the plugin no longer creates the schedule {label:?}, but the game has systems of its own in it"
                )
            })?;
            self.edits.push((label, ScheduleEdit::Remove));
            let is_renamed = renamed.contains(&label);
            let names = live.systems.iter().map(|placed| &placed.id.name);
            // What comes elsewhere is not gone.
            let gone = names.filter(|name| !is_renamed && !moves.has(name));
            self.applied.removed.extend(gone.cloned());
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
    ) -> Result<Startups, String> {
        for refill in self.refills {
            refill();
        }
        let mut done = Ok(self.startups);
        for (label, edit) in self.edits {
            if let Err(error) = edit.commit(label, world, live) {
                done = done.and(Err(error));
            }
        }
        done
    }
}

impl ScheduleEdit {
    fn commit(
        self,
        label: InternedScheduleLabel,
        world: &mut World,
        all: &mut Vec<LiveSchedule>,
    ) -> Result<(), String> {
        let before = all.iter().position(|live| live.label == label);
        let before = before.map(|at| all.swap_remove(at));
        let schedules = world.get_resource_mut::<Schedules>();
        let taken = schedules.and_then(|mut schedules| schedules.remove(label));
        let (schedule, entered) = match self {
            Self::Remove => return Ok(()),
            Self::Replace(target, schedule) => {
                all.push(target);
                (*schedule, Ok(()))
            }
            Self::Enter {
                target,
                leaving,
                rebuild,
            } => {
                let mut schedule = taken.unwrap_or_else(|| Schedule::new(label));
                // Whatever happens, the schedule is put back.
                let entered = panics::attempt(|| {
                    let was_built = !rebuild && schedule.systems().is_ok();
                    let mut said = HashSet::new();
                    if rebuild {
                        // Nothing of the host's in it, and it never ran: it need not be initialised.
                        let settings = schedule.get_build_settings();
                        schedule = Schedule::new(label);
                        schedule.set_build_settings(settings);
                    } else if let Some(before) = &before {
                        for set in leaving {
                            leave(&mut schedule, world, set)?;
                        }
                        said.clone_from(&before.constraints);
                    }
                    target.enter(&mut schedule, &said);
                    if was_built && let Err(error) = schedule.initialize(world) {
                        return Err(error.to_string(schedule.graph(), world));
                    }
                    Ok(())
                });
                all.push(target);
                (schedule, entered.unwrap_or_else(Err))
            }
        };
        if let Some(mut schedules) = world.get_resource_mut::<Schedules>() {
            schedules.insert(schedule);
        }
        entered
    }
}
