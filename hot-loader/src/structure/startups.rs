//! Systems of the schedules that run in the first frame alone: one that comes with an
//! edit runs once, right after it, and never again, whichever edits and rollbacks follow.
//!
//! Told by names, so that a system that is made afresh (another signature, an edit of
//! types), moved to another of these schedules, or brought back has run already.

use super::order;
use crate::{
    record::Order,
    schedules::{LiveSchedule, Raw},
};
use bevy::{
    app::Main,
    ecs::{
        schedule::{InternedScheduleLabel, Schedule, Schedules},
        world::World,
    },
};
use std::collections::{HashMap, HashSet};

/// How many systems of each name have run in such schedules.
#[derive(Default)]
pub struct Ran(HashMap<String, usize>);

/// The systems that have to run.
#[derive(Default)]
pub struct Startups {
    /// The schedules, in their order. None of them if they did not run yet.
    labels: Vec<InternedScheduleLabel>,
    /// By name: how many are registered beyond those that ran.
    more: HashMap<String, usize>,
    /// Those that were found, by the place of their schedule.
    found: Vec<(usize, LiveSchedule)>,
}

impl Startups {
    /// What is `new`, under the order of schedules as it will be.
    pub fn of(
        world: &World,
        live: &[LiveSchedule],
        new: &[(InternedScheduleLabel, Raw)],
        order: Option<&order::Change>,
        ran: &mut Ran,
    ) -> Self {
        let main = world.get_resource::<Schedules>();
        let main = main.and_then(|schedules| schedules.get(Main));
        let Some(now) = Order::of(world).filter(|_| main.is_some_and(|s| s.systems().is_ok()))
        else {
            return Self::default();
        };
        let mut before: HashMap<&String, usize> = HashMap::new();
        for live in live.iter().filter(|live| now.runs_once(live.label)) {
            for placed in &live.systems {
                *before.entry(&placed.live.id.name).or_default() += 1;
            }
        }
        for (name, count) in before {
            let ran = ran.0.entry(name.clone()).or_default();
            *ran = count.max(*ran);
        }
        let then = order.and_then(order::Change::main).unwrap_or(&now);
        let mut more: HashMap<String, usize> = HashMap::new();
        for (_, raw) in new.iter().filter(|(label, _)| then.runs_once(*label)) {
            for system in &raw.systems {
                *more.entry(system.id.name.clone()).or_default() += 1;
            }
        }
        for (name, count) in &mut more {
            *count = count.saturating_sub(ran.0.get(name).copied().unwrap_or_default());
        }
        let labels = then.startup.iter().copied();
        Self {
            labels: labels.filter(|label| then.runs_once(*label)).collect(),
            more,
            found: Vec::new(),
        }
    }

    /// The place of a schedule among those that run once and have.
    pub fn place(&self, label: InternedScheduleLabel) -> Option<usize> {
        self.labels.iter().position(|once| *once == label)
    }

    /// Whether a system of this name has not run yet; it is taken for one that has then.
    pub fn is_due(&mut self, name: &str) -> bool {
        let more = self.more.get_mut(name).filter(|more| **more > 0);
        more.map(|more| *more -= 1).is_some()
    }

    /// Lets these systems of the schedule at `place` run.
    pub fn add(&mut self, place: usize, systems: LiveSchedule) {
        self.found.push((place, systems));
    }

    /// Runs them, once, each schedule's with their own order and conditions.
    pub fn run(mut self, world: &mut World) {
        self.found.sort_by_key(|(place, _)| *place);
        for (_, new) in self.found {
            let mut schedule = Schedule::new(new.label);
            new.enter(&mut schedule, &HashSet::new());
            schedule.run(world);
        }
    }
}
