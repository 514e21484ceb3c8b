//! Would a schedule build? Asked of stand-ins, before anything live is touched: a
//! cycle leaves a live schedule unusable.
//!
//! The candidate is what a fresh start would have: the host's part as it stands, and
//! the module's as it was registered, sets and all. Stand-ins have names and places,
//! and do nothing. It must never touch the schedule it is asked about.

use super::raw::Raw;
use crate::engine::labels::set_of;
use bevy::ecs::{
    schedule::{
        InternedSystemSet, IntoScheduleConfigs, NodeId, Schedule, ScheduleBuildSettings,
        ScheduleConfigs, SystemKey, SystemSet,
    },
    system::{IntoSystem, ScheduleSystem},
    world::World,
};
use core::any::TypeId;
use core::hash::{Hash, Hasher};
use std::collections::{HashMap, HashSet};

/// A node of the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Node {
    /// A system: of the module, or of the host.
    System(bool, SystemKey),
    /// A set, shared by both.
    Set(InternedSystemSet),
    /// A set without a name, of one of them.
    Group(bool, u64),
}

/// The set of a stand-in: a label cannot be used itself, since the sets of systems'
/// types are not for everyone to join.
#[derive(Clone)]
struct StandIn {
    node: Node,
    shown: Option<InternedSystemSet>,
}

impl core::fmt::Debug for StandIn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.shown {
            Some(set) => set.fmt(f),
            None => f.write_str("a group of systems"),
        }
    }
}

impl PartialEq for StandIn {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl Eq for StandIn {}

impl Hash for StandIn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.node.hash(state);
    }
}

impl SystemSet for StandIn {
    fn system_type(&self) -> Option<TypeId> {
        self.shown?.system_type()
    }

    fn dyn_clone(&self) -> Box<dyn SystemSet> {
        Box::new(self.clone())
    }
}

/// A schedule as it would be: plain data, which any thread can try to build.
#[derive(Default)]
pub struct Candidate {
    settings: Option<ScheduleBuildSettings>,
    systems: Vec<(Node, String)>,
    sets: HashSet<Node>,
    nests: Vec<(Node, Node)>,
    edges: Vec<(Node, Node)>,
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        let same_settings = match (&self.settings, &other.settings) {
            (Some(ours), Some(theirs)) => super::same_settings(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        self.systems == other.systems
            && self.sets == other.sets
            && self.nests == other.nests
            && self.edges == other.edges
            && same_settings
    }
}

impl Candidate {
    /// The schedule that `raw` and what `host` has besides the systems `ours` make
    /// together.
    pub fn of(host: Option<&Schedule>, ours: &HashSet<SystemKey>, raw: &Raw) -> Self {
        let mut candidate = Self::default();
        if let Some(host) = host {
            candidate.settings = Some(host.get_build_settings());
            candidate.add_host(host, ours);
        }
        candidate.add_module(raw);
        candidate
    }

    /// Whether the engine builds it.
    ///
    /// # Errors
    /// Its own words, if it does not.
    pub fn builds(&self) -> Result<(), String> {
        let mut schedule = Schedule::default();
        if let Some(settings) = &self.settings {
            schedule.set_build_settings(settings.clone());
        }
        self.fill(&mut schedule);
        let mut world = World::new();
        match schedule.initialize(&mut world) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string(schedule.graph(), &world)),
        }
    }

    fn add_host(&mut self, host: &Schedule, ours: &HashSet<SystemKey>) {
        let graph = host.graph();
        let mut names: HashMap<SystemKey, String> = graph
            .systems
            .iter()
            .map(|(key, system, _)| (key, system.name().to_string()))
            .collect();
        let built = host.systems().into_iter().flatten();
        names.extend(built.map(|(key, system)| (key, system.name().to_string())));
        // What build passes added has no place of its own.
        for node in graph.hierarchy().graph().nodes() {
            if let NodeId::System(key) = node
                && !ours.contains(&key)
                && let Some(name) = names.remove(&key)
            {
                self.systems.push((Node::System(false, key), name));
            }
        }
        let node = |node: NodeId| match node {
            NodeId::System(key) => (!ours.contains(&key)).then_some(Node::System(false, key)),
            NodeId::Set(key) => {
                let label = set_of(graph, key)?;
                Some(match label.is_anonymous() {
                    true => Node::Group(false, slotmap_number(key)),
                    false => Node::Set(label),
                })
            }
        };
        self.link(&node, graph.hierarchy().graph().all_edges(), true);
        self.link(&node, graph.dependency().graph().all_edges(), false);
    }

    fn add_module(&mut self, raw: &Raw) {
        for system in &raw.systems {
            let node = Node::System(true, system.key);
            self.systems.push((node, system.id.name.clone()));
        }
        let labels: HashMap<_, _> = raw.sets.iter().map(|set| (set.key, set.label)).collect();
        let node = |node: NodeId| match node {
            NodeId::System(key) => Some(Node::System(true, key)),
            NodeId::Set(key) => {
                let label = labels.get(&key)?;
                Some(match label.is_anonymous() {
                    true => Node::Group(true, slotmap_number(key)),
                    false => Node::Set(*label),
                })
            }
        };
        let nests = raw
            .nests
            .iter()
            .map(|(parent, child)| (NodeId::Set(*parent), *child));
        self.link(&node, nests, true);
        self.link(&node, raw.edges.iter().map(|(a, b, _)| (*a, *b)), false);
    }

    fn link(
        &mut self,
        node: &dyn Fn(NodeId) -> Option<Node>,
        links: impl Iterator<Item = (NodeId, NodeId)>,
        nests: bool,
    ) {
        for (a, b) in links {
            let (Some(a), Some(b)) = (node(a), node(b)) else {
                continue;
            };
            for end in [a, b] {
                if !matches!(end, Node::System(..)) {
                    self.sets.insert(end);
                }
            }
            match nests {
                true => self.nests.push((a, b)),
                false => self.edges.push((a, b)),
            }
        }
    }

    /// Puts the stand-ins into a schedule. Every edge is told of one of its ends that
    /// may be configured: a system, or a set that is not a system's type.
    fn fill(&self, schedule: &mut Schedule) {
        let set = |node: Node| {
            StandIn {
                node,
                shown: match node {
                    Node::Set(label) => Some(label),
                    _ => None,
                },
            }
            .intern()
        };
        let can_say =
            |node: &Node| !matches!(node, Node::Set(label) if label.system_type().is_some());
        let mut parents: HashMap<Node, Vec<Node>> = HashMap::new();
        for (parent, child) in &self.nests {
            parents.entry(*child).or_default().push(*parent);
        }
        let (mut before, mut after): (HashMap<Node, Vec<Node>>, HashMap<Node, Vec<Node>>) =
            Default::default();
        for (first, second) in &self.edges {
            match can_say(first) {
                true => before.entry(*first).or_default().push(*second),
                false => after.entry(*second).or_default().push(*first),
            }
        }
        let named: HashSet<Node> = self
            .edges
            .iter()
            .flat_map(|(first, second)| [*first, *second])
            .collect();
        for (node, name) in &self.systems {
            let node = *node;
            let system: ScheduleSystem =
                Box::new(IntoSystem::into_system(stand_in).with_name(name.clone()));
            let mut config = system.into_configs();
            if named.contains(&node) {
                config.in_set_inner(set(node));
            }
            for parent in parents.get(&node).into_iter().flatten() {
                config.in_set_inner(set(*parent));
            }
            schedule.add_systems(order(config, node, &before, &after, &set));
        }
        for node in self.sets.iter().copied().filter(can_say) {
            let mut config: ScheduleConfigs<InternedSystemSet> = set(node).into_configs();
            for parent in parents.get(&node).into_iter().flatten() {
                config.in_set_inner(set(*parent));
            }
            schedule.configure_sets(order(config, node, &before, &after, &set));
        }
    }
}

fn order<T>(
    mut config: ScheduleConfigs<T>,
    node: Node,
    before: &HashMap<Node, Vec<Node>>,
    after: &HashMap<Node, Vec<Node>>,
    set: &dyn Fn(Node) -> InternedSystemSet,
) -> ScheduleConfigs<T>
where
    T: bevy::ecs::schedule::Schedulable<
            Metadata = bevy::ecs::schedule::GraphInfo,
            GroupMetadata = bevy::ecs::schedule::Chain,
        >,
{
    for second in before.get(&node).into_iter().flatten() {
        config = config.before(set(*second));
    }
    for first in after.get(&node).into_iter().flatten() {
        config = config.after(set(*first));
    }
    config
}

/// Tells sets without a name apart.
fn slotmap_number(key: bevy::ecs::schedule::SystemSetKey) -> u64 {
    use core::hash::BuildHasher;
    bevy::platform::hash::FixedHasher.hash_one(key)
}

fn stand_in() {}
