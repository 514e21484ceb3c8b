//! Would a schedule build? Asked of stand-ins, before anything live is touched: a
//! cycle leaves a live schedule unusable.
//!
//! The candidate is what a fresh start would have: the host's part as it stands, and
//! the module's as it was registered, sets and all. Stand-ins have names and places,
//! and do nothing. It must never touch the schedule it is asked about.

use super::{
    labels::{Links, linked},
    raw::{Node, Raw},
};
use bevy::ecs::{
    schedule::{
        InternedSystemSet, IntoScheduleConfigs, Schedule, ScheduleBuildSettings, SystemSet,
    },
    system::{IntoSystem, ScheduleSystem},
    world::World,
};
use std::collections::HashMap;

/// The set of a system, or of a set without a name: of the module or of the host.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash)]
struct StandIn {
    is_module: bool,
    node: Node,
}

impl StandIn {
    /// The set that stands for `node`: one with a name is shared by host and module.
    fn set(node: &Node, is_module: bool) -> InternedSystemSet {
        let stand_in = || {
            let node = node.clone();
            Self { is_module, node }.intern()
        };
        node.label().unwrap_or_else(stand_in)
    }
}

impl core::fmt::Debug for StandIn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a group of systems")
    }
}

/// A schedule as it would be: plain data, which any thread can try to build.
pub struct Candidate {
    settings: ScheduleBuildSettings,
    host: Raw,
    module: Raw,
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.host == other.host
            && self.module == other.module
            && super::same_settings(&self.settings, &other.settings)
    }
}

impl Candidate {
    /// The schedule that `module` and what is in a schedule of the `host`, if there is one,
    /// make together.
    pub fn of(host: Option<(ScheduleBuildSettings, Raw)>, module: &Raw) -> Self {
        let (settings, host) = host.unwrap_or_default();
        Self {
            settings,
            host,
            module: module.clone(),
        }
    }

    /// Whether the engine builds it.
    ///
    /// # Errors
    /// Its own words, if it does not.
    pub fn builds(&self) -> Result<(), String> {
        let mut schedule = Schedule::default();
        schedule.set_build_settings(self.settings.clone());
        fill(&mut schedule, &self.host, false);
        fill(&mut schedule, &self.module, true);
        let mut world = World::new();
        let built = schedule.initialize(&mut world);
        built.map_err(|error| error.to_string(schedule.graph(), &world))?;
        Ok(())
    }
}

/// Puts stand-ins into a schedule.
fn fill(schedule: &mut Schedule, raw: &Raw, is_module: bool) {
    let set = |node: &Node| StandIn::set(node, is_module);
    let synced = |node: &Node| (set(node), false);
    // The set of a system's type cannot be configured.
    let is_typed = |node: &Node| node.label().is_some_and(|it| it.system_type().is_some());
    let mut links: HashMap<&Node, Links> = HashMap::new();
    for (parent, child) in &raw.nests {
        links.entry(child).or_default().sets.insert(set(parent));
    }
    for (first, second, _) in &raw.edges {
        for end in [first, second] {
            if let Node::System(_) = end {
                links.entry(end).or_default().sets.insert(set(end));
            }
        }
        match is_typed(first) {
            false => links.entry(first).or_default().before.push(synced(second)),
            true => links.entry(second).or_default().after.push(synced(first)),
        }
    }
    for system in &raw.systems {
        let stand_in = IntoSystem::into_system(|| ()).with_name(system.id.name.clone());
        let stand_in: ScheduleSystem = Box::new(stand_in);
        let links = links.remove(&Node::System(system.id.clone()));
        schedule.add_systems(linked(stand_in.into_configs(), links.unwrap_or_default()));
    }
    let sets = raw.sets.iter().map(|set| &set.node);
    for node in sets.filter(|set| !is_typed(set)) {
        let links = links.remove(node).unwrap_or_default();
        schedule.configure_sets(linked(set(node).into_configs(), links));
    }
}
