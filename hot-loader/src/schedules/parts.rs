//! The systems and conditions of a recorded schedule, taken into slots: what a live
//! schedule is made of.

use super::{
    divert::RecordedSchedule,
    flat::FlatSystem,
    raw::{Identity, Node, Raw},
};
use crate::proxy::{Guard, OfCondition, OfSystem, Proxy, Slot, take_out};
use bevy::ecs::{
    schedule::{ConditionWithAccess, ScheduleGraph, SystemKey, SystemWithAccess},
    system::IntoSystem,
};
use core::mem;
use std::sync::Arc;

/// A run condition that has its slot.
#[derive(Clone)]
pub struct LiveCondition {
    /// Which of its system's or set's.
    pub id: Identity,
    /// Holds it.
    pub slot: Arc<Slot<OfCondition>>,
}

/// A system that has its slot, and where it stands.
#[derive(Clone)]
pub struct LiveSystem {
    /// Which of its schedule.
    pub id: Identity,
    /// Holds it.
    pub slot: Arc<Slot<OfSystem>>,
    /// Its own conditions.
    pub conditions: Vec<LiveCondition>,
    /// Its place in a schedule that it enters. `None` for what a plugin added after it was
    /// built, of which only the engine knows the place.
    pub flat: Option<FlatSystem>,
    /// Its node, if it got its proxy where it stood.
    pub late: Option<SystemKey>,
}

impl LiveSystem {
    /// Whether it got a proxy for its name only: the module registers nothing like it.
    pub fn is_hosts(&self, recorded: Option<&Raw>) -> bool {
        self.late.is_some() && !recorded.is_some_and(|raw| raw.has(&self.id))
    }
}

/// A recorded schedule, with proxies in the place of all its systems and conditions.
pub struct Parts {
    /// The schedule.
    pub recorded: RecordedSchedule,
    /// What stands in it, as data.
    pub raw: Raw,
    /// Its systems, as in `raw`.
    pub systems: Vec<LiveSystem>,
    /// The conditions of its sets, as in `raw`.
    pub set_conditions: Vec<Vec<LiveCondition>>,
}

impl Parts {
    /// Takes the systems of `recorded` into slots and puts proxies in their place.
    pub fn of(mut recorded: RecordedSchedule, guard: &Arc<Guard>) -> Self {
        let raw = Raw::of(&recorded);
        let graph = recorded.schedule.graph_mut();
        let take = |nodes: Option<&mut Vec<ConditionWithAccess>>, ids: &[Identity]| {
            let nodes = nodes.into_iter().flatten().zip(ids);
            nodes
                .map(|(node, id)| take_condition(node, id.clone(), guard))
                .collect()
        };
        let systems = raw.systems.iter().filter_map(|system| {
            Some(LiveSystem {
                id: system.id.clone(),
                slot: take_system(graph.systems.get_mut(system.key)?, guard),
                conditions: take(
                    graph.systems.get_conditions_mut(system.key),
                    &system.conditions,
                ),
                flat: None,
                late: None,
            })
        });
        let systems = systems.collect();
        let sets = raw.sets.iter().map(|set| {
            let nodes = graph.system_sets.get_conditions_mut(set.key);
            take(nodes, &set.conditions)
        });
        Self {
            set_conditions: sets.collect(),
            recorded,
            raw,
            systems,
        }
    }

    /// The conditions of a set.
    pub fn conditions_of(&self, set: &Node) -> Vec<LiveCondition> {
        let sets = self.raw.sets.iter().zip(&self.set_conditions);
        let own = sets.filter(|(raw, _)| raw.node == *set);
        own.flat_map(|(_, conditions)| conditions)
            .cloned()
            .collect()
    }

    /// Puts proxies into the recorded schedule itself again, for slots that were exchanged.
    pub fn renew_proxies(&mut self) {
        let graph: &mut ScheduleGraph = self.recorded.schedule.graph_mut();
        let put = |nodes: Option<&mut Vec<ConditionWithAccess>>, conditions: &[LiveCondition]| {
            for (node, condition) in nodes.into_iter().flatten().zip(conditions) {
                node.condition = Box::new(Proxy::of(condition.slot.clone()));
            }
        };
        for (system, raw) in self.systems.iter().zip(&self.raw.systems) {
            if let Some(node) = graph.systems.get_mut(raw.key) {
                *node = SystemWithAccess::new(Box::new(Proxy::of(system.slot.clone())));
            }
            put(
                graph.systems.get_conditions_mut(raw.key),
                &system.conditions,
            );
        }
        for (conditions, raw) in self.set_conditions.iter().zip(&self.raw.sets) {
            put(graph.system_sets.get_conditions_mut(raw.key), conditions);
        }
    }
}

/// Puts a proxy in the place of a system that was not initialised yet.
pub fn take_system(node: &mut SystemWithAccess, guard: &Arc<Guard>) -> Arc<Slot<OfSystem>> {
    let slot = Arc::new(Slot::new(take_out(node), guard.clone()));
    *node = SystemWithAccess::new(Box::new(Proxy::of(slot.clone())));
    slot
}

/// Puts a proxy in the place of a condition that was not initialised yet.
pub fn take_condition(
    node: &mut ConditionWithAccess,
    id: Identity,
    guard: &Arc<Guard>,
) -> LiveCondition {
    let placeholder = Box::new(IntoSystem::into_system(|| false));
    let condition = mem::replace(&mut node.condition, placeholder);
    let slot = Arc::new(Slot::new(condition, guard.clone()));
    node.condition = Box::new(Proxy::of(slot.clone()));
    LiveCondition { id, slot }
}
