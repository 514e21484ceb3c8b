//! Systems that the module's plugins added after they were built (in `finish`, or by
//! hand before the first frame): they get their proxies where they stand, found by
//! name among what the game added.

use super::{
    flat::Gate,
    live::{LiveGate, LiveSchedule, Placed},
    parts::{LiveSystem, take_condition, take_system},
    pending::Pending,
    raw::Count,
};
use crate::{engine::labels::set_of, proxy::Guard};
use bevy::ecs::{
    schedule::{InternedScheduleLabel, Schedule, Schedules, SystemKey, SystemSetKey},
    system::System,
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// What stood in the schedules at one moment.
#[derive(Debug, Default)]
pub struct Known {
    systems: HashSet<(InternedScheduleLabel, SystemKey)>,
    set_conditions: HashMap<(InternedScheduleLabel, SystemSetKey), usize>,
}

impl Known {
    /// Everything that stands in `schedules` now.
    pub fn all(schedules: &Schedules) -> Self {
        let mut all = Self::default();
        for (_, schedule) in schedules.iter() {
            let graph = schedule.graph();
            let label = schedule.label();
            all.systems
                .extend(graph.systems.iter().map(|(key, ..)| (label, key)));
            // Systems leave the graph when a schedule is built.
            let built = schedule.systems().into_iter().flatten();
            all.systems.extend(built.map(|(key, _)| (label, key)));
            for (key, _, conditions) in graph.system_sets.iter() {
                all.set_conditions.insert((label, key), conditions.len());
            }
        }
        all
    }

    fn has(&self, schedule: &Schedule, key: SystemKey) -> bool {
        self.systems.contains(&(schedule.label(), key))
    }
}

/// Puts proxies before what is not `known` and has a name that is `ours`. Returns it, and
/// the schedules that were built before their systems could get proxies. `pending` is what
/// enters the schedules next.
pub fn adopt(
    schedules: &mut Schedules,
    known: &Known,
    pending: &Pending,
    guard: &Arc<Guard>,
    ours: &dyn Fn(&str) -> bool,
) -> (Vec<LiveSchedule>, BTreeSet<String>) {
    let mut adopted = Vec::new();
    let mut missed = BTreeSet::new();
    for (_, schedule) in schedules.iter_mut() {
        let label = schedule.label();
        let new = |schedule: &Schedule, key, name: &str| !known.has(schedule, key) && ours(name);
        let built = schedule.systems().into_iter().flatten();
        let is_too_late = built
            .map(|(key, system)| (key, system.name().to_string()))
            .any(|(key, name)| new(schedule, key, &name));
        let graph = schedule.graph();
        let waiting: Vec<SystemKey> = graph
            .systems
            .iter()
            .filter(|(key, system, _)| new(schedule, *key, &system.name().to_string()))
            .map(|(key, ..)| key)
            .collect();
        // The executor would take a proxy's access for the one that the engine asked
        // for already.
        let initialized = graph.systems.is_initialized() && !waiting.is_empty();
        if is_too_late || initialized {
            missed.insert(format!("{label:?}"));
        }
        let conditioned: Vec<SystemKey> = graph
            .systems
            .iter()
            .filter(|(key, _, conditions)| {
                !known.has(schedule, *key)
                    && !waiting.contains(key)
                    && conditions.iter().any(|c| ours(&c.name().to_string()))
            })
            .map(|(key, ..)| key)
            .collect();
        if initialized
            || (waiting.is_empty()
                && conditioned.is_empty()
                && !has_new_gates(schedule, known, ours))
        {
            continue;
        }
        let mut live = LiveSchedule {
            label,
            whole: false,
            systems: Vec::new(),
            gates: Vec::new(),
            on_hosts: Vec::new(),
            lasting: HashSet::new(),
            versions: HashMap::new(),
        };
        let mut count = Count::default();
        for id in pending.registered(label) {
            count.again(id);
        }
        adopt_systems(schedule, &waiting, &mut live, count, guard);
        adopt_conditions(schedule, &conditioned, known, &mut live, guard, ours);
        adopted.push(live);
    }
    (adopted, missed)
}

fn adopt_systems(
    schedule: &mut Schedule,
    keys: &[SystemKey],
    live: &mut LiveSchedule,
    mut count: Count,
    guard: &Arc<Guard>,
) {
    let systems = &mut schedule.graph_mut().systems;
    for &key in keys {
        let Some(node) = systems.get_mut(key) else {
            continue;
        };
        let id = count.id(node);
        let (slot, made_of) = take_system(node, guard);
        let mut own = Count::default();
        let conditions = systems.get_conditions_mut(key).into_iter().flatten();
        let conditions = conditions
            .map(|condition| {
                let id = own.id(condition);
                take_condition(condition, &id, guard)
            })
            .collect();
        live.systems.push(Placed {
            live: LiveSystem {
                id,
                slot,
                conditions,
                made_of,
            },
            flat: None,
            late: Some(key),
        });
    }
}

fn has_new_gates(schedule: &Schedule, known: &Known, ours: &dyn Fn(&str) -> bool) -> bool {
    let label = schedule.label();
    schedule
        .graph()
        .system_sets
        .iter()
        .any(|(key, _, conditions)| {
            let seen = known.set_conditions.get(&(label, key)).copied();
            let mut new = conditions.iter().skip(seen.unwrap_or_default());
            new.any(|condition| ours(&condition.name().to_string()))
        })
}

/// Conditions of the module on what the host added, and on sets.
fn adopt_conditions(
    schedule: &mut Schedule,
    keys: &[SystemKey],
    known: &Known,
    live: &mut LiveSchedule,
    guard: &Arc<Guard>,
    ours: &dyn Fn(&str) -> bool,
) {
    let label = schedule.label();
    let graph = schedule.graph_mut();
    let sets: Vec<_> = graph
        .system_sets
        .iter()
        .filter_map(|(key, ..)| Some((key, set_of(graph, key)?)))
        .collect();
    let mut own = Count::default();
    for &key in keys {
        for condition in graph.systems.get_conditions_mut(key).into_iter().flatten() {
            if ours(&condition.name().to_string()) {
                let id = own.id(condition);
                live.on_hosts.push(take_condition(condition, &id, guard));
            }
        }
    }
    for (key, set) in sets {
        let seen = known.set_conditions.get(&(label, key)).copied();
        let conditions = graph.system_sets.get_conditions_mut(key);
        let mut own = Count::default();
        let mut adopted = Vec::new();
        for condition in conditions
            .into_iter()
            .flatten()
            .skip(seen.unwrap_or_default())
        {
            if ours(&condition.name().to_string()) {
                let id = own.id(condition);
                adopted.push(take_condition(condition, &id, guard));
            }
        }
        if !adopted.is_empty() {
            live.gates.push(LiveGate {
                gate: Gate::Set(set),
                version: 0,
                conditions: adopted,
            });
        }
    }
}
