//! Systems of the schedules that run in the first frame alone: one that comes with an
//! edit runs once, right after it, and never again, whichever edits and rollbacks follow.
//!
//! Told by names, so that a system that is made afresh (another signature, an edit of
//! types), moved to another of these schedules, or brought back has run already.

use super::{registered::count, schedules::schedule_of};
use crate::{
    record::Order,
    schedules::{LiveSchedule, Raw},
};
use bevy::{
    app::Main,
    ecs::{
        schedule::{InternedScheduleLabel, Schedule},
        world::World,
    },
};
use indexmap::IndexMap;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many systems of each name have run in such schedules.
pub type Ran = HashMap<String, isize>;

/// The systems that have to run.
#[derive(Default)]
pub struct Startups {
    /// The schedules, in their order. None of them if they did not run yet.
    labels: Vec<InternedScheduleLabel>,
    /// By name: how many are registered beyond those that ran.
    more: HashMap<String, isize>,
    /// Those that were found, by the place of their schedule.
    pub(super) found: BTreeMap<usize, LiveSchedule>,
}

impl Startups {
    /// What is `new`, under the order of schedules as it will be.
    pub fn of(
        world: &World,
        live: &[LiveSchedule],
        new: &IndexMap<InternedScheduleLabel, Raw>,
        order: Option<&Order>,
        ran: &mut Ran,
    ) -> Self {
        let has_run = schedule_of(world, Main).is_some_and(|main| main.systems().is_ok());
        let Some(now) = Order::of(world).filter(|_| has_run) else {
            return Self::default();
        };
        let before = live.iter().filter(|live| now.runs_once(live.label));
        let before = before.flat_map(|live| &live.systems);
        for (name, count) in count(before.map(|placed| placed.id.name.clone())) {
            let ran = ran.entry(name).or_default();
            *ran = count.max(*ran);
        }
        let then = order.unwrap_or(&now);
        let after = new.iter().filter(|(label, _)| then.runs_once(**label));
        let after = after.flat_map(|(_, raw)| &raw.systems);
        let mut more = count(after.map(|system| system.id.name.clone()));
        for (name, count) in &mut more {
            *count -= ran.get(name).copied().unwrap_or_default();
        }
        let labels = then.startup.iter().copied();
        Self {
            labels: labels.filter(|label| then.runs_once(*label)).collect(),
            more,
            found: BTreeMap::new(),
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

    /// Runs them, once, each schedule's with their own order and conditions.
    pub fn run(self, world: &mut World) {
        for new in self.found.into_values() {
            let mut schedule = Schedule::new(new.label);
            new.enter(&mut schedule, &HashSet::new());
            schedule.run(world);
        }
    }
}
