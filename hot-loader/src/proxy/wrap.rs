//! Exchanges a system or a run condition of a schedule's graph, in its place: sets,
//! chains, edges and collective conditions stay as the engine made them.
//!
//! Works only on what was not initialised yet; it must never initialise anything.

use bevy::ecs::{
    schedule::{ApplyDeferred, BoxedCondition, ConditionWithAccess, SystemWithAccess},
    system::{IntoSystem, ScheduleSystem},
};
use std::{mem, ptr};

/// Exchanges the system of a graph node that was not initialised yet, and passes on
/// what else `exchange` makes of it.
pub fn exchange_system<R>(
    node: &mut SystemWithAccess,
    exchange: impl FnOnce(ScheduleSystem) -> (ScheduleSystem, R),
) -> R {
    let old = mem::replace(node, SystemWithAccess::new(Box::new(ApplyDeferred)));
    // The field is private to the engine, and `system()` lends it only.
    // SAFETY: `old` is ours and is forgotten at once, so the box has one owner;
    // its other field, the access, is empty before initialisation and owns nothing.
    let system = unsafe { ptr::read(old.system()) };
    mem::forget(old);
    let (system, made) = exchange(system);
    *node = SystemWithAccess::new(system);
    made
}

/// As [`exchange_system`], for a condition.
pub fn exchange_condition<R>(
    condition: &mut ConditionWithAccess,
    exchange: impl FnOnce(BoxedCondition) -> (BoxedCondition, R),
) -> R {
    let placeholder = IntoSystem::into_system(|| false);
    let boxed = mem::replace(&mut condition.condition, Box::new(placeholder));
    let (boxed, made) = exchange(boxed);
    condition.condition = boxed;
    made
}
