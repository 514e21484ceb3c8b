//! The systems and conditions of a recorded schedule, taken into slots: what a live
//! schedule is made of.

use super::{
    divert::RecordedSchedule,
    raw::{Identity, Raw},
};
use crate::proxy::{
    Guard, MadeOf, OfCondition, OfSystem, Proxy, Slot, exchange_condition, exchange_system,
};
use bevy::ecs::schedule::{BoxedCondition, ConditionWithAccess, SystemSetKey, SystemWithAccess};
use std::{collections::HashMap, sync::Arc};

/// A run condition that has its slot.
#[derive(Clone)]
pub struct LiveCondition {
    /// Which of its system's or set's.
    pub id: Identity,
    /// Holds it.
    pub slot: Arc<Slot<OfCondition>>,
    /// What it captured.
    pub made_of: MadeOf,
}

/// A system that has its slot.
#[derive(Clone)]
pub struct LiveSystem {
    /// Which of its schedule.
    pub id: Identity,
    /// Holds it.
    pub slot: Arc<Slot<OfSystem>>,
    /// Its own conditions.
    pub conditions: Vec<LiveCondition>,
    /// What it captured.
    pub made_of: MadeOf,
}

/// A recorded schedule, with proxies in the place of all its systems and conditions.
pub struct Parts {
    /// The schedule.
    pub recorded: RecordedSchedule,
    /// What stands in it, as data.
    pub raw: Raw,
    /// Its systems, as in `raw`.
    pub systems: Vec<LiveSystem>,
    /// The conditions of its sets.
    pub set_conditions: HashMap<SystemSetKey, Vec<LiveCondition>>,
}

impl Parts {
    /// Takes the systems of `recorded` into slots and puts proxies in their place.
    pub fn of(mut recorded: RecordedSchedule, guard: &Arc<Guard>) -> Self {
        let raw = Raw::of(&recorded);
        let graph = recorded.schedule.graph_mut();
        let systems = raw.systems.iter().filter_map(|system| {
            let (slot, made_of) = take_system(graph.systems.get_mut(system.key)?, guard);
            let conditions = graph.systems.get_conditions_mut(system.key);
            Some(LiveSystem {
                id: system.id.clone(),
                slot,
                made_of,
                conditions: take_conditions(conditions, &system.conditions, guard),
            })
        });
        let systems = systems.collect();
        let set_conditions = raw
            .sets
            .iter()
            .map(|set| {
                let conditions = graph.system_sets.get_conditions_mut(set.key);
                (set.key, take_conditions(conditions, &set.conditions, guard))
            })
            .collect();
        Self {
            recorded,
            raw,
            systems,
            set_conditions,
        }
    }
}

/// Puts a proxy in the place of a system that was not initialised yet.
pub fn take_system(
    node: &mut SystemWithAccess,
    guard: &Arc<Guard>,
) -> (Arc<Slot<OfSystem>>, MadeOf) {
    exchange_system(node, |system| {
        let made_of = MadeOf::read(&*system);
        let slot = Arc::new(Slot::<OfSystem>::new(system, guard.clone()));
        (Box::new(Proxy::of(slot.clone())), (slot, made_of))
    })
}

/// Puts proxies in the place of conditions that were not initialised yet.
pub fn take_conditions(
    conditions: Option<&mut Vec<ConditionWithAccess>>,
    ids: &[Identity],
    guard: &Arc<Guard>,
) -> Vec<LiveCondition> {
    conditions
        .into_iter()
        .flatten()
        .zip(ids)
        .map(|(condition, id)| take_condition(condition, id, guard))
        .collect()
}

/// Puts a proxy in the place of a condition that was not initialised yet.
pub fn take_condition(
    condition: &mut ConditionWithAccess,
    id: &Identity,
    guard: &Arc<Guard>,
) -> LiveCondition {
    exchange_condition(condition, |condition: BoxedCondition| {
        let made_of = MadeOf::read(&*condition);
        let slot = Arc::new(Slot::<OfCondition>::new(condition, guard.clone()));
        let live = LiveCondition {
            id: id.clone(),
            slot: slot.clone(),
            made_of,
        };
        (Box::new(Proxy::of(slot)), live)
    })
}
