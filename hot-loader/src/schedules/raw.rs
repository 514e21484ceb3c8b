//! What is registered in one schedule, as data: systems, sets, and how they stand to
//! each other, as the engine's graph has it.
//!
//! Each is a [`Node`], which two generations of a plugin call by the same value. Pure:
//! reads a graph and changes nothing.

use super::divert::RecordedSchedule;
use crate::engine::labels::set_of;
use bevy::ecs::{
    schedule::{
        ConditionWithAccess, InternedSystemSet, NodeId, Schedule, ScheduleGraph, SystemKey,
        SystemSetKey,
    },
    system::{ScheduleSystem, System},
};
use core::any::TypeId;
use std::collections::{HashMap, HashSet};

/// Which system or condition of a schedule: its type, its name, and its index among
/// those of the same type and name.
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

    /// Goes on after a system that was numbered before.
    pub fn again(&mut self, id: &Identity) {
        let next = self.0.entry((id.type_id, id.name.clone())).or_default();
        *next = (*next).max(id.nth + 1);
    }

    fn conditions(&mut self, conditions: &[ConditionWithAccess]) -> Vec<Identity> {
        let ids = conditions.iter().map(|one| self.id(&*one.condition));
        ids.collect()
    }
}

/// A system or a set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A system.
    System(Identity),
    /// A set with a name.
    Set(InternedSystemSet),
    /// A tuple with a condition of its own, by what is in it: the engine only numbers
    /// these. Nothing is ordered against them, and they are in no set.
    Group(Vec<Node>),
}

impl Node {
    /// The name of a set.
    pub fn label(&self) -> Option<InternedSystemSet> {
        match self {
            Self::Set(label) => Some(*label),
            Self::System(_) | Self::Group(_) => None,
        }
    }

    fn of(graph: &ScheduleGraph, systems: &HashMap<SystemKey, Node>, node: NodeId) -> Option<Self> {
        let key = match node {
            NodeId::System(key) => return systems.get(&key).cloned(),
            NodeId::Set(key) => key,
        };
        let label = set_of(graph, key)?;
        Some(match label.is_anonymous() {
            true => {
                let members = graph.hierarchy().graph().neighbors(node);
                let members = members.filter_map(|member| Self::of(graph, systems, member));
                Self::Group(members.collect())
            }
            false => Self::Set(label),
        })
    }
}

/// A system.
#[derive(Clone, Debug, PartialEq)]
pub struct RawSystem {
    /// In the graph.
    pub key: SystemKey,
    /// Which it is.
    pub id: Identity,
    /// Its own run conditions.
    pub conditions: Vec<Identity>,
}

/// A set.
#[derive(Clone, Debug, PartialEq)]
pub struct RawSet {
    /// In the graph.
    pub key: SystemSetKey,
    /// Which it is.
    pub node: Node,
    /// Its run conditions.
    pub conditions: Vec<Identity>,
}

/// A system in a schedule, with its own run conditions.
type Placed<'a> = (SystemKey, &'a ScheduleSystem, &'a [ConditionWithAccess]);

/// All systems of a schedule: they leave its graph, and their conditions, when it is built.
pub fn systems_of(schedule: &Schedule) -> impl Iterator<Item = Placed<'_>> {
    let built = schedule.systems().into_iter().flatten();
    let built = built.map(|(key, system)| (key, system, &[][..]));
    schedule.graph().systems.iter().chain(built)
}

/// One schedule's registrations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Raw {
    /// In the order of registration.
    pub systems: Vec<RawSystem>,
    /// Every set that was named.
    pub sets: Vec<RawSet>,
    /// Sets, and the systems and sets that are directly in them.
    pub nests: Vec<(Node, Node)>,
    /// What runs before what; `true` without a sync point.
    pub edges: Vec<(Node, Node, bool)>,
}

impl Raw {
    /// What stands in `recorded`.
    pub fn of(recorded: &RecordedSchedule) -> Self {
        let graph = recorded.schedule.graph();
        Self::read(graph, graph.systems.iter(), &recorded.ignores_deferred)
    }

    /// What stands in `schedule` besides the systems `ours`.
    pub fn of_others(schedule: &Schedule, ours: &HashSet<SystemKey>) -> Self {
        let graph = schedule.graph();
        // What build passes added has no place of its own.
        let placed = graph.hierarchy().graph();
        let others = systems_of(schedule)
            .filter(|(key, ..)| !ours.contains(key) && placed.contains_node(NodeId::System(*key)));
        Self::read(graph, others, &HashSet::new())
    }

    fn read<'a>(
        graph: &'a ScheduleGraph,
        systems: impl Iterator<Item = Placed<'a>>,
        ignores: &HashSet<(NodeId, NodeId)>,
    ) -> Self {
        let mut count = Count::default();
        let systems = systems.map(|(key, system, conditions)| RawSystem {
            key,
            id: count.id(&**system),
            conditions: Count::default().conditions(conditions),
        });
        let systems: Vec<_> = systems.collect();
        let known = systems.iter().map(|s| (s.key, Node::System(s.id.clone())));
        let known: HashMap<SystemKey, Node> = known.collect();
        let node = |id: NodeId| Node::of(graph, &known, id);
        let mut counts: HashMap<Node, Count> = HashMap::new();
        let sets = graph.system_sets.iter().filter_map(|(key, _, conditions)| {
            let node = node(NodeId::Set(key))?;
            // Two groups may have the same members.
            let count = counts.entry(node.clone()).or_default();
            Some(RawSet {
                key,
                conditions: count.conditions(conditions),
                node,
            })
        });
        let sets = sets.collect();
        let nests = graph.hierarchy().graph().all_edges();
        let edges = graph.dependency().graph().all_edges();
        let edges = edges
            .filter_map(|(from, to)| Some((node(from)?, node(to)?, ignores.contains(&(from, to)))));
        Self {
            nests: nests
                .filter_map(|(set, member)| Some((node(set)?, node(member)?)))
                .collect(),
            edges: edges.collect(),
            systems,
            sets,
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
    pub fn unsynced(&self) -> HashSet<(Node, Node)> {
        let edges = self.edges.iter().filter(|(_, _, ignores)| *ignores);
        edges
            .map(|(from, to, _)| (from.clone(), to.clone()))
            .collect()
    }

    /// All links, by what they are between.
    fn links(&self) -> HashSet<(&Node, &Node, bool)> {
        let nests = self.nests.iter().map(|(set, member)| (set, member, true));
        let edges = self.edges.iter().map(|(from, to, _)| (from, to, false));
        nests.chain(edges).collect()
    }
}
