//! Takes the system of a schedule's graph out of its place: sets, chains, edges and
//! collective conditions stay as the engine made them.
//!
//! Works only on what was not initialised yet; it must never initialise anything.

use bevy::ecs::{
    schedule::{ApplyDeferred, SystemWithAccess},
    system::ScheduleSystem,
};
use std::{mem, ptr};

/// Takes the system of a graph node that was not initialised yet. One that does nothing
/// stands in its place then.
pub fn take_out(node: &mut SystemWithAccess) -> ScheduleSystem {
    let old = mem::replace(node, SystemWithAccess::new(Box::new(ApplyDeferred)));
    // The field is private to the engine, and `system()` lends it only.
    // SAFETY: `old` is ours and is forgotten at once, so the box has one owner;
    // its other field, the access, is empty before initialisation and owns nothing.
    let system = unsafe { ptr::read(old.system()) };
    mem::forget(old);
    system
}
