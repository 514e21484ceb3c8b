//! What a plugin registered in one schedule, as data: systems, sets, and how they
//! stand to each other, as the engine's graph has it.
//!
//! Systems and conditions are known by an [`Identity`], which holds across
//! generations. Pure: reads a graph and changes nothing.

use super::divert::RecordedSchedule;
use crate::engine::labels::set_of;
use bevy::{
    ecs::{
        schedule::{InternedSystemSet, NodeId, SystemKey, SystemSetKey},
        system::System,
    },
    platform::hash::FixedHasher,
};
use core::{any::TypeId, hash::BuildHasher};
use std::collections::{HashMap, HashSet};

/// Which system or condition of a schedule: its type, its name, and the how manieth
/// of these it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// As the engine names it.
    pub name: String,
    /// `System::system_type`: covers the signature.
    pub type_id: TypeId,
    /// 0 for the first of this type and name.
    pub nth: u32,
}

/// Numbers systems of one type and name.
#[derive(Default)]
pub struct Count(HashMap<(TypeId, String), u32>);

impl Count {
    /// The identity of the next system.
    pub fn id<S: System + ?Sized>(&mut self, system: &S) -> Identity {
        let (type_id, name) = (system.system_type(), system.name().to_string());
        let next = self.0.entry((type_id, name.clone())).or_default();
        let nth = *next;
        *next += 1;
        Identity { name, type_id, nth }
    }
}

impl Count {
    /// Goes on after a system that was numbered before.
    pub fn again(&mut self, id: &Identity) {
        let next = self.0.entry((id.type_id, id.name.clone())).or_default();
        *next = (*next).max(id.nth + 1);
    }
}

/// A system.
#[derive(Clone, Debug)]
pub struct RawSystem {
    /// In the recorded graph.
    pub key: SystemKey,
    /// Which it is.
    pub id: Identity,
    /// Its own run conditions.
    pub conditions: Vec<Identity>,
}

/// A set.
#[derive(Clone, Debug)]
pub struct RawSet {
    /// In the recorded graph.
    pub key: SystemSetKey,
    /// Its label.
    pub label: InternedSystemSet,
    /// Its run conditions.
    pub conditions: Vec<Identity>,
}

/// One schedule's registrations.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    /// In the order of registration.
    pub systems: Vec<RawSystem>,
    /// Every set that was named.
    pub sets: Vec<RawSet>,
    /// Sets, and the systems and sets that are directly in them.
    pub nests: Vec<(SystemSetKey, NodeId)>,
    /// What runs before what; `true` without a sync point.
    pub edges: Vec<(NodeId, NodeId, bool)>,
}

impl Raw {
    /// What stands in `recorded`.
    pub fn of(recorded: &RecordedSchedule) -> Self {
        let graph = recorded.schedule.graph();
        let ignores = recorded.ignores_deferred();
        let mut count = Count::default();
        let systems = graph.systems.iter().map(|(key, system, conditions)| {
            let mut own = Count::default();
            RawSystem {
                key,
                id: count.id(&**system),
                conditions: conditions
                    .iter()
                    .map(|condition| own.id(&*condition.condition))
                    .collect(),
            }
        });
        let systems = systems.collect();
        let sets = graph.system_sets.iter().filter_map(|(key, _, conditions)| {
            let mut own = Count::default();
            Some(RawSet {
                key,
                label: set_of(graph, key)?,
                conditions: conditions
                    .iter()
                    .map(|condition| own.id(&*condition.condition))
                    .collect(),
            })
        });
        let nests = graph.hierarchy().graph().all_edges();
        let edges = graph.dependency().graph().all_edges();
        Self {
            systems,
            sets: sets.collect(),
            nests: nests
                .filter_map(|(parent, child)| Some((parent.as_set()?, child)))
                .collect(),
            edges: edges
                .map(|(from, to)| (from, to, ignores.contains(&(from, to))))
                .collect(),
        }
    }

    /// Whether the system of this identity stands in it.
    pub fn has(&self, id: &Identity) -> bool {
        self.systems.iter().any(|system| system.id == *id)
    }

    /// Whether the engine has the same to say to both: whether they can be built.
    pub fn builds_as(&self, other: &Self) -> bool {
        self.links() == other.links()
    }

    /// The edges without sync points, by what they are between.
    pub fn unsynced(&self) -> HashSet<(u64, u64)> {
        let names = self.names();
        let name = |node: NodeId| names.get(&node).copied().unwrap_or_default();
        let edges = self.edges.iter().filter(|(_, _, ignore)| *ignore);
        edges
            .map(|(from, to, _)| (name(*from), name(*to)))
            .collect()
    }

    fn names(&self) -> HashMap<NodeId, u64> {
        let mut names: HashMap<NodeId, u64> = HashMap::new();
        for system in &self.systems {
            names.insert(NodeId::System(system.key), FixedHasher.hash_one(&system.id));
        }
        for set in &self.sets {
            names.insert(NodeId::Set(set.key), FixedHasher.hash_one(set.label));
        }
        names
    }

    /// All links, by what they are between.
    fn links(&self) -> HashSet<(u64, u64, bool)> {
        let names = self.names();
        let name = |node: NodeId| names.get(&node).copied().unwrap_or_default();
        let nests = self.nests.iter();
        let nests = nests.map(|(set, node)| (name(NodeId::Set(*set)), name(*node), true));
        let edges = self.edges.iter();
        nests
            .chain(edges.map(|(from, to, _)| (name(*from), name(*to), false)))
            .collect()
    }
}
