//! What one generation's plugin registers, as far as recordings show it. It must never be
//! asked of the live world.

use crate::{
    record::{Exported, HostView, RecordError, Recorded, observers, record},
    schedules::{Node, Raw},
};
use bevy::ecs::schedule::InternedScheduleLabel;
use core::hash::Hash;
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// One generation's registration, recorded twice: what differs between the two is
/// chance, and is never acted upon.
pub struct Registered {
    pub first: Recorded,
    pub second: Recorded,
    /// How many observers of each name it adds.
    pub observers: HashMap<String, isize>,
    /// What the second says of each schedule.
    pub raws: IndexMap<InternedScheduleLabel, Raw>,
    /// The edges without sync points in schedules that the plugin makes.
    pub unsynced: HashMap<InternedScheduleLabel, HashSet<(Node, Node)>>,
}

impl Registered {
    /// Records what `exported` registers.
    pub fn of(
        host: &HostView,
        exported: &Exported,
        ignores_deferred: bool,
    ) -> Result<Self, RecordError> {
        let first = record(host, &[], exported, None)?;
        let mut second = record(host, &[], exported, None)?;
        let raws = raws_of(&second);
        let observers = observers(&mut second.world).into_iter();
        let observers = count(observers.map(|(_, name)| name));
        let made = raws
            .iter()
            .filter(|(label, _)| !host.labels.contains(label));
        let has_order = made.clone().any(|(_, raw)| !raw.edges.is_empty());
        // The options of edges are only seen in a schedule that is there before the
        // plugin, which may do something else then: a third look, for these alone.
        let mut third = IndexMap::new();
        if ignores_deferred && has_order {
            let made: Vec<_> = made.map(|(label, _)| *label).collect();
            let recorded = record(host, &made, exported, None);
            third = recorded.as_ref().map(raws_of).unwrap_or_default();
        }
        third.retain(|label, raw| raws.get(label).is_some_and(|truth| truth.builds_as(raw)));
        let unsynced = third.iter().map(|(label, raw)| (*label, raw.unsynced()));
        Ok(Self {
            unsynced: unsynced.collect(),
            first,
            second,
            observers,
            raws,
        })
    }

    /// The raw registration of a schedule.
    pub fn raw(&self, label: InternedScheduleLabel) -> Option<&Raw> {
        self.raws.get(&label)
    }
}

/// How many there are of each name.
pub fn count<K: Eq + Hash>(names: impl Iterator<Item = K>) -> HashMap<K, isize> {
    let mut counts = HashMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn raws_of(recorded: &Recorded) -> IndexMap<InternedScheduleLabel, Raw> {
    let schedules = recorded.schedules.schedules.iter();
    schedules
        .map(|recorded| (recorded.schedule.label(), Raw::of(recorded)))
        .collect()
}
