//! What one generation's plugin registers, as far as recordings show it. It must never be
//! asked of the live world.

use crate::{
    record::{Exported, HostView, RecordError, Recorded, record},
    schedules::Raw,
};
use bevy::ecs::schedule::InternedScheduleLabel;
use std::collections::{HashMap, HashSet};

/// One generation's registration, recorded twice: what differs between the two is
/// chance, and is never acted upon.
pub struct Registered {
    pub first: Recorded,
    pub second: Recorded,
    /// How many observers of each name it adds.
    pub observers: HashMap<String, usize>,
    /// What the second says of each schedule.
    pub raws: Vec<(InternedScheduleLabel, Raw)>,
    /// The edges without sync points in schedules that the plugin makes.
    unsynced: Vec<(InternedScheduleLabel, HashSet<(u64, u64)>)>,
}

impl Registered {
    /// Records what `exported` registers.
    pub fn of(
        host: &HostView,
        exported: &Exported,
        ignores_deferred: bool,
    ) -> Result<Self, RecordError> {
        let first = record(host, &[], exported)?;
        let mut second = record(host, &[], exported)?;
        let raws = raws(&second);
        let mut observers = HashMap::new();
        for (_, name) in second.observers() {
            *observers.entry(name).or_default() += 1;
        }
        let made = first.made(host);
        let is_ordered = |(label, raw): &(InternedScheduleLabel, Raw)| {
            made.contains(label) && !raw.edges.is_empty()
        };
        // The options of edges are only seen in a schedule that is there before the
        // plugin, which may do something else then: a third look, for these alone.
        let unsynced = match ignores_deferred && raws.iter().any(is_ordered) {
            true => raws_of_third(host, &made, exported),
            false => Vec::new(),
        };
        Ok(Self {
            unsynced: unsynced
                .into_iter()
                .filter(|(label, raw)| {
                    raws.iter()
                        .any(|(other, truth)| other == label && truth.builds_as(raw))
                })
                .map(|(label, raw)| (label, raw.unsynced()))
                .collect(),
            first,
            second,
            observers,
            raws,
        })
    }

    /// The raw registration of a schedule.
    pub fn raw(&self, label: InternedScheduleLabel) -> Option<&Raw> {
        let raw = self.raws.iter().find(|(known, _)| *known == label);
        raw.map(|(_, raw)| raw)
    }

    /// The edges without sync points of a schedule that the plugin made.
    pub fn unsynced(&self, label: InternedScheduleLabel) -> Option<&HashSet<(u64, u64)>> {
        let edges = self.unsynced.iter().find(|(known, _)| *known == label);
        edges.map(|(_, edges)| edges)
    }
}

fn raws(recorded: &Recorded) -> Vec<(InternedScheduleLabel, Raw)> {
    let schedules = recorded.schedules.schedules.iter();
    schedules
        .map(|recorded| (recorded.schedule.label(), Raw::of(recorded)))
        .collect()
}

fn raws_of_third(
    host: &HostView,
    made: &[InternedScheduleLabel],
    exported: &Exported,
) -> Vec<(InternedScheduleLabel, Raw)> {
    record(host, made, exported).map_or_else(|_| Vec::new(), |third| raws(&third))
}
