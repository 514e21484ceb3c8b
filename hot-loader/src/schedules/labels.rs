//! The system sets that hot-loader itself puts into a schedule of the host, and what links
//! something with sets.
//!
//! Named by what they stand for, so that entering the same system again uses the
//! same set. Sets cannot be taken out of a schedule soundly (`SystemSets::remove`
//! leaves the label bound to a dead key, bevy_ecs 0.19.1 `schedule/node.rs:835`),
//! so nothing but systems may ever be tied to them, unless said otherwise.

use super::raw::Node;
use bevy::ecs::schedule::{
    Chain, GraphInfo, InternedSystemSet, IntoScheduleConfigs, Schedulable, ScheduleConfigs,
    SystemSet,
};
use indexmap::IndexSet;

/// Everything of the module in one schedule: what leaves it at a swap.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModuleSystems;

/// One system, for the order that a chain gives it.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place(pub Node);

/// The conditions of a set. Conditions stay in a schedule for ever, so other ones
/// get another version.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConditionSet {
    /// The set whose conditions these are.
    pub of: Node,
    /// Counts up with each change of them.
    pub version: u32,
}

/// The set that an order against `node` names.
pub fn order_target(node: &Node) -> InternedSystemSet {
    let place = || Place(node.clone()).intern();
    node.label().unwrap_or_else(place)
}

/// The sets that something is in, and those that it is after and before; without a sync point
/// where `true` is with one.
#[derive(Default)]
pub struct Links {
    pub sets: IndexSet<InternedSystemSet>,
    pub after: Vec<(InternedSystemSet, bool)>,
    pub before: Vec<(InternedSystemSet, bool)>,
}

/// Links `configs` with sets.
pub fn linked<T>(mut configs: ScheduleConfigs<T>, links: Links) -> ScheduleConfigs<T>
where
    T: Schedulable<Metadata = GraphInfo, GroupMetadata = Chain>,
{
    for set in links.sets {
        configs.in_set_inner(set);
    }
    for (set, ignores_deferred) in links.after {
        configs = match ignores_deferred {
            false => configs.after(set),
            true => configs.after_ignore_deferred(set),
        };
    }
    for (set, ignores_deferred) in links.before {
        configs = match ignores_deferred {
            false => configs.before(set),
            true => configs.before_ignore_deferred(set),
        };
    }
    configs
}
