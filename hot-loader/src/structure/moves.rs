//! Systems that an edit registers in another schedule: they take their `Local`s and the
//! tick of their last run along.
//!
//! Only where it is clear which became which: one system of a name is gone from a
//! schedule, and one of that name comes in another.

use super::Registered;
use crate::schedules::{Identity, LiveSchedule, LiveSystem, Raw};
use bevy::ecs::schedule::InternedScheduleLabel;
use std::collections::HashMap;

/// Where a system comes, and what it was.
#[derive(Default)]
pub struct Moves(HashMap<(InternedScheduleLabel, Identity), LiveSystem>);

impl Moves {
    /// Those between two generations. `types`: all of the module's types are new ones.
    pub fn between(live: &[LiveSchedule], old: &Registered, new: &Registered, types: bool) -> Self {
        // Labels of the module's types are others then, too.
        let text = |label: InternedScheduleLabel| format!("{label:?}");
        let has = |raw: &Raw, id: &Identity| match types {
            true => raw.systems.iter().any(|system| system.id.name == id.name),
            false => raw.has(id),
        };
        let [before, after] = [old, new].map(|registered| {
            let raws = registered.raws.iter();
            raws.map(|(label, raw)| (text(*label), (*label, raw)))
                .collect::<HashMap<_, _>>()
        });
        let mut gone: HashMap<&str, Vec<(String, &LiveSystem)>> = HashMap::new();
        for live in live {
            let label = text(live.label);
            for system in live.systems.iter().map(|placed| &placed.live) {
                // Another closure can have its number.
                if !system.id.name.contains("{{closure}}")
                    && old.raw(live.label).is_some_and(|raw| raw.has(&system.id))
                    && !after
                        .get(&label)
                        .is_some_and(|(_, raw)| has(raw, &system.id))
                {
                    let all = gone.entry(&system.id.name).or_default();
                    all.push((label.clone(), system));
                }
            }
        }
        let mut come: HashMap<&str, Vec<(InternedScheduleLabel, &Identity)>> = HashMap::new();
        for (shown, (label, raw)) in &after {
            for system in &raw.systems {
                if !before
                    .get(shown)
                    .is_some_and(|(_, raw)| has(raw, &system.id))
                {
                    let all = come.entry(&system.id.name).or_default();
                    all.push((*label, &system.id));
                }
            }
        }
        let mut moves = HashMap::new();
        for (name, gone) in gone {
            if let ([(from, system)], Some([(to, id)])) =
                (gone.as_slice(), come.get(name).map(Vec::as_slice))
                && *from != text(*to)
            {
                moves.insert((*to, (*id).clone()), (*system).clone());
            }
        }
        Self(moves)
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
