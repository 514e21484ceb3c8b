//! What the module registered when it was built, until the first frame: only then is it
//! known which schedules and sets the rest of the game has to do with, since plugins
//! that are added later may refer to the module's sets, and the module to theirs.
//!
//! Until then an empty schedule stands in the place of each one that the module made.

use super::{
    divert::{RecordedSchedules, is_empty},
    flat::Flat,
    live::LiveSchedule,
    parts::Parts,
    raw::{Identity, Raw},
    same_settings,
};
use crate::proxy::Guard;
use bevy::ecs::schedule::{InternedScheduleLabel, Schedule, ScheduleBuildSettings, Schedules};
use core::mem;
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

/// Systems behind proxies, which no schedule has yet, and whether the module made the schedule.
#[derive(Default)]
pub struct Pending(Vec<(Parts, bool)>);

impl Pending {
    /// Takes the module's part of each schedule. `host` are those that the app had.
    pub fn hold(
        schedules: &mut Schedules,
        recorded: RecordedSchedules,
        host: &[InternedScheduleLabel],
        guard: &Arc<Guard>,
    ) -> Self {
        let mut all = Vec::new();
        for recorded in recorded.schedules {
            let label = recorded.schedule.label();
            let made = !host.contains(&label);
            if !made && recorded.is_empty() {
                continue;
            }
            let settings = recorded.schedule.get_build_settings();
            let mut parts = Parts::of(recorded, guard);
            if made {
                // With its executor, which the engine lends nobody.
                let own = &mut parts.recorded.schedule;
                let mut emptied = mem::replace(own, Schedule::new(label));
                mem::swap(own.graph_mut(), emptied.graph_mut());
                schedules.insert(emptied);
            }
            let schedule = schedules.entry(label);
            // If a plugin set them.
            if made || !same_settings(&settings, &ScheduleBuildSettings::default()) {
                schedule.set_build_settings(settings);
            }
            all.push((parts, made));
        }
        schedules
            .ignored_scheduling_ambiguities
            .extend(recorded.ambiguities);
        Self(all)
    }

    /// What was registered in a schedule.
    pub fn registered(&self, label: InternedScheduleLabel) -> impl Iterator<Item = &Identity> {
        let all = self.0.iter().map(|(parts, _)| parts);
        let all = all.filter(move |parts| parts.recorded.schedule.label() == label);
        all.flat_map(|parts| parts.raw.systems.iter().map(|system| &system.id))
    }

    /// Puts everything into the schedules, and tells of each what the module has in it.
    /// `late` is what got proxies where it stood. Names the schedules that ran before.
    pub fn enter(
        self,
        schedules: &mut Schedules,
        mut late: Vec<LiveSchedule>,
    ) -> (Vec<LiveSchedule>, BTreeSet<String>) {
        let mut too_late = BTreeSet::new();
        let mut all = Vec::new();
        for (parts, made) in self.0 {
            let label = parts.recorded.schedule.label();
            let schedule = schedules.entry(label);
            if schedule.systems().is_ok() {
                too_late.insert(format!("{label:?}"));
            }
            let mut live = match made && is_empty(schedule) {
                true => {
                    let (live, mut recorded) = LiveSchedule::whole(label, parts);
                    let settings = schedule.get_build_settings();
                    *schedule.graph_mut() = mem::take(recorded.graph_mut());
                    schedule.set_build_settings(settings);
                    live
                }
                false => {
                    let host = Raw::of_others(schedule, &HashSet::new());
                    let flat = Flat::of(&parts.raw, &host);
                    let live = LiveSchedule::in_hosts(label, &parts, &flat);
                    live.enter(schedule, &HashSet::new());
                    live
                }
            };
            if let Some(at) = late.iter().position(|late| late.label == label) {
                let late = late.swap_remove(at);
                live.systems.extend(late.systems);
                live.set_conditions.extend(late.set_conditions);
                live.on_hosts.extend(late.on_hosts);
            }
            all.push(live);
        }
        all.extend(late);
        (all, too_late)
    }
}
