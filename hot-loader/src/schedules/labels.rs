//! The system sets that hot-loader itself puts into a schedule of the host.
//!
//! Named by what they stand for, so that entering the same system again uses the
//! same set. Sets cannot be taken out of a schedule soundly (`SystemSets::remove`
//! leaves the label bound to a dead key, bevy_ecs 0.19.1 `schedule/node.rs:835`),
//! so nothing but systems may ever be tied to them, unless said otherwise.

use super::{flat::Gate, raw::Identity};
use bevy::ecs::schedule::SystemSet;

/// Everything of the module in one schedule: what leaves it at a swap.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModuleSystems;

/// One system, for the order that a chain gives it.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place(pub Identity);

/// The conditions of a set. Conditions stay in a schedule for ever, so other ones
/// get another version.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct GateSet {
    /// The set whose conditions these are.
    pub gate: Gate,
    /// Counts up with each change of them.
    pub version: u32,
}
