//! Puts proxies in the place of systems and run conditions, where they stand in
//! the schedules' graphs: sets, chains, edges and collective conditions stay as
//! the engine made them.
//!
//! Works only on schedules that were not built yet (their systems have moved out
//! of the graph otherwise); it must never build one.

use super::{
    Guard, Slots,
    slot::{OfCondition, OfSystem, Proxy},
};
use bevy::ecs::{
    schedule::{
        ApplyDeferred, ConditionWithAccess, InternedScheduleLabel, Schedule, Schedules, SystemKey,
        SystemSetKey, SystemWithAccess,
    },
    system::{IntoSystem, ScheduleSystem, System},
};
use core::any::TypeId;
use std::{
    collections::{HashMap, HashSet},
    mem, ptr,
    sync::Arc,
};

/// The systems and set conditions that are not the module's: what stood in the
/// schedules before the module was built, and what has its proxy.
#[derive(Debug, Default)]
pub struct Wrapped {
    systems: HashSet<(InternedScheduleLabel, SystemKey)>,
    /// How many systems of a schedule were out of reach, because it was built.
    built: HashMap<InternedScheduleLabel, usize>,
    /// Schedules that were built before their systems got proxies.
    missed: Vec<String>,
    set_conditions: HashMap<(InternedScheduleLabel, SystemSetKey), usize>,
}

impl Wrapped {
    /// Everything that stands in `schedules` now.
    pub fn all(schedules: &Schedules) -> Self {
        let mut all = Self::default();
        for (_, schedule) in schedules.iter() {
            let graph = schedule.graph();
            let label = schedule.label();
            all.systems
                .extend(graph.systems.iter().map(|(key, ..)| (label, key)));
            all.built.insert(label, out_of_reach(schedule));
            for (key, _, conditions) in graph.system_sets.iter() {
                all.set_conditions.insert((label, key), conditions.len());
            }
        }
        all
    }

    /// Schedules that were built (a plugin ran them) between the module's `build`
    /// and the first frame: what the module has in them stays on its first code.
    pub fn missed(&self) -> &[String] {
        &self.missed
    }
}

/// Systems leave the graph when a schedule is built.
fn out_of_reach(schedule: &Schedule) -> usize {
    let systems = &schedule.graph().systems;
    systems.len() - systems.iter().count()
}

/// Puts proxies before everything that is not in `wrapped`, and adds it there.
/// To be called right after the module was built.
pub fn wrap_added(
    schedules: &mut Schedules,
    wrapped: &mut Wrapped,
    guard: &Arc<Guard>,
) -> Vec<Arc<dyn Slots>> {
    wrap(schedules, wrapped, guard, |_| true)
}

/// Puts proxies before everything that is not in `wrapped` and whose name
/// satisfies `ours`: what the module's plugins added in their later steps, among
/// what the game added.
pub fn wrap_named(
    schedules: &mut Schedules,
    wrapped: &mut Wrapped,
    guard: &Arc<Guard>,
    ours: impl Fn(&str) -> bool,
) -> Vec<Arc<dyn Slots>> {
    wrap(schedules, wrapped, guard, ours)
}

fn wrap(
    schedules: &mut Schedules,
    wrapped: &mut Wrapped,
    guard: &Arc<Guard>,
    ours: impl Fn(&str) -> bool,
) -> Vec<Arc<dyn Slots>> {
    let mut slots: Vec<Arc<dyn Slots>> = Vec::new();
    for (_, schedule) in schedules.iter_mut() {
        let label = schedule.label();
        let built = out_of_reach(schedule);
        let before = wrapped.built.insert(label, built).unwrap_or_default();
        // Initialised and not built: the executor would take a proxy's access for
        // the one that the engine asked for already.
        let systems = &schedule.graph().systems;
        let initialized = systems.is_initialized()
            && systems
                .iter()
                .any(|(key, ..)| !wrapped.systems.contains(&(label, key)));
        if built > before || initialized {
            wrapped.missed.push(format!("{label:?}"));
        }
        if initialized {
            continue;
        }
        wrap_systems(label, schedule, wrapped, guard, &ours, &mut slots);
        wrap_set_conditions(label, schedule, wrapped, guard, &ours, &mut slots);
    }
    slots
}

fn wrap_systems(
    label: InternedScheduleLabel,
    schedule: &mut Schedule,
    wrapped: &mut Wrapped,
    guard: &Arc<Guard>,
    ours: &impl Fn(&str) -> bool,
    slots: &mut Vec<Arc<dyn Slots>>,
) {
    let systems = &mut schedule.graph_mut().systems;
    let new: Vec<SystemKey> = systems
        .iter()
        .filter(|(key, system, conditions)| {
            // The executor knows this one by its type, and it does nothing.
            system.system_type() != TypeId::of::<ApplyDeferred>()
                && !wrapped.systems.contains(&(label, *key))
                && (ours(&system.name().to_string())
                    || conditions.iter().any(|c| ours(&c.name().to_string())))
        })
        .map(|(key, ..)| key)
        .collect();
    for key in new {
        wrapped.systems.insert((label, key));
        if let Some(node) = systems.get_mut(key)
            && ours(&node.name().to_string())
        {
            replace_system(node, |system| {
                let (proxy, slot) = Proxy::<OfSystem>::new(system, guard.clone());
                slots.push(slot);
                Box::new(proxy)
            });
        }
        for condition in systems.get_conditions_mut(key).into_iter().flatten() {
            wrap_condition(condition, guard, ours, slots);
        }
    }
}

fn wrap_set_conditions(
    label: InternedScheduleLabel,
    schedule: &mut Schedule,
    wrapped: &mut Wrapped,
    guard: &Arc<Guard>,
    ours: &impl Fn(&str) -> bool,
    slots: &mut Vec<Arc<dyn Slots>>,
) {
    let sets = &mut schedule.graph_mut().system_sets;
    let lengths: Vec<_> = sets.iter().map(|(key, _, c)| (key, c.len())).collect();
    for (key, length) in lengths {
        let seen = wrapped.set_conditions.entry((label, key)).or_default();
        if let Some(conditions) = sets.get_conditions_mut(key) {
            for condition in conditions.iter_mut().skip(*seen) {
                wrap_condition(condition, guard, ours, slots);
            }
        }
        *seen = length;
    }
}

fn wrap_condition(
    condition: &mut ConditionWithAccess,
    guard: &Arc<Guard>,
    ours: &impl Fn(&str) -> bool,
    slots: &mut Vec<Arc<dyn Slots>>,
) {
    if !ours(&condition.name().to_string()) {
        return;
    }
    let placeholder = IntoSystem::into_system(|| false);
    let boxed = mem::replace(&mut condition.condition, Box::new(placeholder));
    let (proxy, slot) = Proxy::<OfCondition>::new(boxed, guard.clone());
    slots.push(slot);
    condition.condition = Box::new(proxy);
}

/// Exchanges the system of a graph node that was not initialised yet.
fn replace_system(
    node: &mut SystemWithAccess,
    exchange: impl FnOnce(ScheduleSystem) -> ScheduleSystem,
) {
    let old = mem::replace(node, SystemWithAccess::new(Box::new(ApplyDeferred)));
    // The field is private to the engine, and `system()` lends it only.
    // SAFETY: `old` is ours and is forgotten at once, so the box has one owner;
    // its other field, the access, is empty before initialisation and owns nothing.
    let system = unsafe { ptr::read(old.system()) };
    mem::forget(old);
    *node = SystemWithAccess::new(exchange(system));
}
