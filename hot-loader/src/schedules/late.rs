//! Systems that the module's plugins added after they were built (in `finish`, or by
//! hand before the first frame): they get their proxies where they stand, found by
//! name among what the game added.

use super::{
    live::{LiveSchedule, SetConditions},
    parts::{LiveCondition, LiveSystem, take_condition, take_system},
    pending::Pending,
    raw::{Count, Node, systems_of},
};
use crate::{engine::labels::set_of, proxy::Guard};
use bevy::ecs::{
    schedule::{
        ConditionWithAccess, InternedScheduleLabel, Schedule, Schedules, SystemKey, SystemSetKey,
    },
    system::{ScheduleSystem, System},
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
            let systems = systems_of(schedule);
            all.systems.extend(systems.map(|(key, ..)| (label, key)));
            for (key, _, conditions) in graph.system_sets.iter() {
                all.set_conditions.insert((label, key), conditions.len());
            }
        }
        all
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
        let is_new = |key| !known.systems.contains(&(label, key));
        let is_late =
            |(key, system): (SystemKey, &ScheduleSystem)| is_new(key) && ours(&system.name());
        let is_too_late = schedule.systems().into_iter().flatten().any(is_late);
        let systems = &schedule.graph().systems;
        let new = systems.iter().filter(|(key, ..)| is_new(*key));
        let new: Vec<_> = new
            .map(|(key, system, _)| (key, ours(&system.name())))
            .collect();
        // The executor would take a proxy's access for the one that the engine asked
        // for already.
        let is_initialized = systems.is_initialized() && new.iter().any(|(_, is_ours)| *is_ours);
        if is_too_late || is_initialized {
            missed.insert(format!("{label:?}"));
        }
        if is_initialized {
            continue;
        }
        let mut live = LiveSchedule::new(label);
        let (mut count, mut on_hosts) = (Count::default(), Count::default());
        for id in pending.registered(label) {
            count.again(id);
        }
        let systems = &mut schedule.graph_mut().systems;
        for (key, is_ours) in new {
            let own = systems.get_mut(key).filter(|_| is_ours);
            let own = own.map(|node| (count.id(node), take_system(node, guard)));
            let conditions = systems.get_conditions_mut(key).into_iter().flatten();
            let Some((id, slot)) = own else {
                // Of the module, on what the host added.
                let conditions = take_conditions(conditions, &mut on_hosts, guard, ours);
                live.on_hosts.extend(conditions);
                continue;
            };
            live.systems.push(LiveSystem {
                id,
                slot,
                conditions: take_conditions(conditions, &mut Count::default(), guard, &|_| true),
                flat: None,
                late: Some(key),
            });
        }
        adopt_set_conditions(schedule, known, &mut live, guard, ours);
        if live.slots().next().is_some() {
            adopted.push(live);
        }
    }
    (adopted, missed)
}

/// Conditions of the module on sets.
fn adopt_set_conditions(
    schedule: &mut Schedule,
    known: &Known,
    live: &mut LiveSchedule,
    guard: &Arc<Guard>,
    ours: &dyn Fn(&str) -> bool,
) {
    let graph = schedule.graph_mut();
    let sets = graph.system_sets.iter();
    let sets: Vec<_> = sets
        .filter_map(|(key, ..)| Some((key, set_of(graph, key)?)))
        .collect();
    for (key, set) in sets {
        let seen = known.set_conditions.get(&(live.label, key)).copied();
        let conditions = graph.system_sets.get_conditions_mut(key).into_iter();
        let new = conditions.flatten().skip(seen.unwrap_or_default());
        let conditions = take_conditions(new, &mut Count::default(), guard, ours);
        if !conditions.is_empty() {
            live.set_conditions.push(SetConditions {
                set: Node::Set(set),
                version: 0,
                conditions,
            });
        }
    }
}

fn take_conditions<'a>(
    nodes: impl Iterator<Item = &'a mut ConditionWithAccess>,
    count: &mut Count,
    guard: &Arc<Guard>,
    ours: &dyn Fn(&str) -> bool,
) -> Vec<LiveCondition> {
    nodes
        .filter(|node| ours(&node.name()))
        .map(|node| take_condition(node, count.id(node), guard))
        .collect()
}
