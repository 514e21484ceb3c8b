//! Systems that an edit registers in another schedule: they take their `Local`s and the
//! tick of their last run along.
//!
//! Only where it is clear which became which: one system of a name is gone from a
//! schedule, and one of that name comes in another.

use super::Both;
use crate::schedules::{Identity, LiveSystem};
use bevy::ecs::schedule::InternedScheduleLabel;
use std::collections::{HashMap, HashSet};

/// Where a system comes, and what it was.
#[derive(Default)]
pub struct Moves(HashMap<(InternedScheduleLabel, Identity), LiveSystem>);

impl Moves {
    /// Those between two generations.
    pub fn between(both: &Both) -> Self {
        // Labels of the module's types are others then, too.
        let text = |label: InternedScheduleLabel| format!("{label:?}");
        let key = |label, id: &Identity| {
            let exact = (!both.planned.changes_types()).then_some((id.type_id, id.nth));
            (text(label), id.name.clone(), exact)
        };
        let [(_, were), (after, are)] = [both.old, both.new].map(|registered| {
            let raws = registered.raws.iter();
            let systems = raws.flat_map(|(label, raw)| raw.systems.iter().map(|s| (*label, &s.id)));
            let systems: Vec<_> = systems.collect();
            let keys = systems.iter().map(|(label, id)| key(*label, id));
            let keys: HashSet<_> = keys.collect();
            (systems, keys)
        });
        // By name, what is gone and what comes.
        let mut named: HashMap<&str, (Vec<_>, Vec<_>)> = HashMap::new();
        for live in &both.gameplay.schedules {
            let before = both.old.raw(live.label);
            for system in &live.systems {
                // Another closure can have its number.
                if !system.id.name.contains("{{closure}}")
                    && before.is_some_and(|raw| raw.has(&system.id))
                    && !are.contains(&key(live.label, &system.id))
                {
                    let (gone, _) = named.entry(&system.id.name).or_default();
                    gone.push((live.label, system));
                }
            }
        }
        for (label, id) in after {
            if !were.contains(&key(label, id)) {
                let (_, come) = named.entry(&id.name).or_default();
                come.push((label, id));
            }
        }
        let moves = named.values().filter_map(|(gone, come)| {
            let ([(from, system)], [(to, id)]) = (&gone[..], &come[..]) else {
                return None;
            };
            let is_elsewhere = text(*from) != text(*to);
            is_elsewhere.then(|| ((*to, Identity::clone(id)), LiveSystem::clone(system)))
        });
        Self(moves.collect())
    }

    /// What a system was that comes in this schedule.
    pub fn to(&self, label: InternedScheduleLabel, id: &Identity) -> Option<&LiveSystem> {
        self.0.get(&(label, id.clone()))
    }

    /// Whether a system of this name is in another schedule now.
    pub fn has(&self, name: &str) -> bool {
        self.0.keys().any(|(_, id)| id.name == name)
    }
}
