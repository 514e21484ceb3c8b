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
        SystemSetKey, SystemSets, SystemWithAccess, Systems,
    },
    system::{IntoSystem, ScheduleSystem, System},
};
use bevy::utils::prelude::DebugName;
use core::any::TypeId;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    mem, ptr,
    sync::Arc,
};

/// The systems and set conditions that are not the module's: what stood in the
/// schedules before the module was built, and what has its proxy.
#[derive(Debug, Default)]
pub struct Wrapped {
    systems: HashSet<(InternedScheduleLabel, SystemKey)>,
    /// Schedules that were built before their systems got proxies.
    missed: BTreeSet<String>,
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
            // Systems leave the graph when a schedule is built.
            let built = schedule.systems().into_iter().flatten();
            all.systems.extend(built.map(|(key, _)| (label, key)));
            for (key, _, conditions) in graph.system_sets.iter() {
                all.set_conditions.insert((label, key), conditions.len());
            }
        }
        all
    }

    /// Schedules that were built (a plugin ran them) between the module's `build`
    /// and the first frame: what the module has in them stays on its first code.
    pub fn missed(&self) -> impl Iterator<Item = &String> {
        self.missed.iter()
    }
}

/// Puts proxies before everything that is not in `wrapped`, and adds it there.
/// To be called right after the module was built.
pub fn wrap_added(
    schedules: &mut Schedules,
    wrapped: &mut Wrapped,
    guard: &Arc<Guard>,
) -> Vec<Arc<dyn Slots>> {
    wrap_named(schedules, wrapped, guard, |_| true)
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
    let mut slots = Vec::new();
    for (_, schedule) in schedules.iter_mut() {
        Wrapper {
            label: schedule.label(),
            wrapped,
            guard,
            ours: &|name| ours(&name.to_string()),
            slots: &mut slots,
        }
        .wrap(schedule);
    }
    slots
}

/// Wraps one schedule.
struct Wrapper<'a> {
    label: InternedScheduleLabel,
    wrapped: &'a mut Wrapped,
    guard: &'a Arc<Guard>,
    ours: &'a dyn Fn(DebugName) -> bool,
    slots: &'a mut Vec<Arc<dyn Slots>>,
}

impl Wrapper<'_> {
    fn wrap(mut self, schedule: &mut Schedule) {
        if self.is_too_late(schedule) {
            self.wrapped.missed.insert(format!("{:?}", self.label));
        }
        let systems = &schedule.graph().systems;
        if systems.is_initialized() && !systems.is_empty() && self.has_new(systems) {
            // The executor would take a proxy's access for the one that the engine
            // asked for already.
            return;
        }
        self.wrap_systems(&mut schedule.graph_mut().systems);
        self.wrap_set_conditions(&mut schedule.graph_mut().system_sets);
    }

    fn is_new(&self, key: SystemKey) -> bool {
        !self.wrapped.systems.contains(&(self.label, key))
    }

    /// Systems in the graph that have no proxy and should have one.
    fn has_new(&self, systems: &Systems) -> bool {
        systems
            .iter()
            .any(|(key, system, _)| self.is_new(key) && (self.ours)(system.name()))
    }

    /// Whether systems that should have a proxy are initialised already, or out of
    /// reach in a built schedule.
    fn is_too_late(&self, schedule: &Schedule) -> bool {
        let systems = &schedule.graph().systems;
        let initialized = systems.is_initialized() && self.has_new(systems);
        let mut built = schedule.systems().into_iter().flatten();
        initialized || built.any(|(key, system)| self.is_new(key) && (self.ours)(system.name()))
    }

    fn wrap_systems(&mut self, systems: &mut Systems) {
        let new: Vec<SystemKey> = systems
            .iter()
            .filter(|(key, system, conditions)| {
                // The executor knows this one by its type, and it does nothing.
                system.system_type() != TypeId::of::<ApplyDeferred>()
                    && self.is_new(*key)
                    && ((self.ours)(system.name())
                        || conditions.iter().any(|c| (self.ours)(c.name())))
            })
            .map(|(key, ..)| key)
            .collect();
        for key in new {
            self.wrapped.systems.insert((self.label, key));
            if let Some(node) = systems.get_mut(key)
                && (self.ours)(node.name())
            {
                replace_system(node, |system| {
                    let (proxy, slot) = Proxy::<OfSystem>::new(system, self.guard.clone());
                    self.slots.push(slot);
                    Box::new(proxy)
                });
            }
            for condition in systems.get_conditions_mut(key).into_iter().flatten() {
                self.wrap_condition(condition);
            }
        }
    }

    fn wrap_set_conditions(&mut self, sets: &mut SystemSets) {
        let lengths: Vec<_> = sets.iter().map(|(key, _, c)| (key, c.len())).collect();
        for (key, length) in lengths {
            let seen = self
                .wrapped
                .set_conditions
                .insert((self.label, key), length)
                .unwrap_or_default();
            for condition in sets
                .get_conditions_mut(key)
                .into_iter()
                .flatten()
                .skip(seen)
            {
                self.wrap_condition(condition);
            }
        }
    }

    fn wrap_condition(&mut self, condition: &mut ConditionWithAccess) {
        if !(self.ours)(condition.name()) {
            return;
        }
        let placeholder = IntoSystem::into_system(|| false);
        let boxed = mem::replace(&mut condition.condition, Box::new(placeholder));
        let (proxy, slot) = Proxy::<OfCondition>::new(boxed, self.guard.clone());
        self.slots.push(slot);
        condition.condition = Box::new(proxy);
    }
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
