//! What a plugin registered in one schedule, told system by system.
//!
//! In a schedule of the host the engine can take systems out again, and nothing
//! else: order between sets, sets in sets and conditions of sets stay for ever. So
//! what the plugin said of its sets is told here of the systems in them: a system
//! joins every set that it is in, stands before and after what its sets stand
//! before and after, and runs under their conditions. Only what concerns the host's
//! own part of a set stays with the set ([`HostSetConstraint`]).
//!
//! The same form decides what an edit changed: two that are equal make the same
//! schedule, apart from the systems' code and data. Pure: reads and changes nothing.

use super::raw::{Identity, Node, Raw};
use bevy::ecs::schedule::InternedSystemSet;
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// A system's conditions, and its place. In `after` and `before`, `true` stands for an
/// edge without a sync point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlatSystem {
    /// Its own run conditions, in their order.
    pub conditions: Vec<Identity>,
    /// The sets it is in; sets of a system's type go without saying.
    pub sets: HashSet<InternedSystemSet>,
    /// Those whose conditions it has.
    pub conditioned_by: HashSet<Node>,
    /// What runs before it.
    pub after: HashMap<Node, bool>,
    /// What runs after it.
    pub before: HashMap<Node, bool>,
}

/// What was said of the host's part of a set, and cannot be unsaid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostSetConstraint {
    /// A set is in another.
    Nested(InternedSystemSet, InternedSystemSet),
    /// A set has the conditions of itself or of another.
    Conditioned(InternedSystemSet, Node),
    /// A set runs before another; `true` without a sync point.
    Ordered(InternedSystemSet, InternedSystemSet, bool),
}

impl HostSetConstraint {
    /// The set whose conditions it gives another.
    pub fn conditions_of(&self) -> Option<&Node> {
        match self {
            Self::Conditioned(_, by) => Some(by),
            Self::Nested(..) | Self::Ordered(..) => None,
        }
    }
}

impl core::fmt::Display for HostSetConstraint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Nested(child, parent) => write!(f, "{child:?} is in {parent:?}"),
            Self::Conditioned(set, _) => write!(f, "{set:?} has a run condition"),
            Self::Ordered(first, second, _) => write!(f, "{first:?} is before {second:?}"),
        }
    }
}

/// A schedule, flat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flat {
    /// In the order of registration, which does not count when two are compared.
    pub systems: IndexMap<Identity, FlatSystem>,
    /// The conditions of the sets that something is conditioned by, in their order.
    pub set_conditions: IndexMap<Node, Vec<Identity>>,
    /// What concerns the host's part of sets.
    pub constraints: HashSet<HostSetConstraint>,
}

impl Flat {
    /// Flattens what was registered, for a schedule in which the host has `host`.
    pub fn of(raw: &Raw, host: &Raw) -> Self {
        let sets = Sets::of(raw, host);
        let mut flat = Self::default();
        for system in &raw.systems {
            let (joins, conditioned_by) = sets.above(&Node::System(system.id.clone()));
            let place = FlatSystem {
                conditions: system.conditions.clone(),
                sets: joins,
                conditioned_by,
                ..FlatSystem::default()
            };
            flat.systems.insert(system.id.clone(), place);
        }
        for set in &sets.joined {
            let Some(label) = set.label() else { continue };
            let (joins, mut conditioned_by) = sets.above(set);
            if sets.conditioned.contains(set) {
                conditioned_by.insert((*set).clone());
            }
            let nested = joins.into_iter();
            let nested = nested.map(|parent| HostSetConstraint::Nested(label, parent));
            let conditioned = conditioned_by.into_iter();
            let conditioned = conditioned.map(|by| HostSetConstraint::Conditioned(label, by));
            flat.constraints.extend(nested.chain(conditioned));
        }
        for ((from, to), ignores) in sets.edges() {
            flat.order(&sets, from, to, ignores);
        }
        let of_systems = flat.systems.values();
        let of_systems = of_systems.flat_map(|system| &system.conditioned_by);
        let of_sets = flat.constraints.iter();
        let of_sets = of_sets.filter_map(HostSetConstraint::conditions_of);
        let used: HashSet<&Node> = of_systems.chain(of_sets).collect();
        for set in raw.sets.iter().filter(|set| used.contains(&set.node)) {
            let conditions = flat.set_conditions.entry(set.node.clone()).or_default();
            conditions.extend(set.conditions.iter().cloned());
        }
        flat
    }

    /// Tells an edge of the systems at its ends.
    fn order(&mut self, sets: &Sets, from: &Node, to: &Node, ignores: bool) {
        let labels = (from.label(), to.label());
        if let (Some(first), Some(second)) = labels
            && sets.orders_hosts(from)
            && sets.orders_hosts(to)
        {
            let order = HostSetConstraint::Ordered(first, second, ignores);
            self.constraints.insert(order);
        }
        // Both sides say it where both are sets: either may get members of the host's later.
        if let (Some(_), _) | (None, None) = labels {
            for system in sets.systems(to) {
                if let Some(system) = self.systems.get_mut(system) {
                    *system.after.entry(from.clone()).or_default() |= ignores;
                }
            }
        }
        if let (_, Some(_)) = labels {
            for system in sets.systems(from) {
                if let Some(system) = self.systems.get_mut(system) {
                    *system.before.entry(to.clone()).or_default() |= ignores;
                }
            }
        }
    }
}

/// The sets of a plugin in a schedule that the host may have something in.
struct Sets<'a> {
    raw: &'a Raw,
    parents: HashMap<&'a Node, Vec<&'a Node>>,
    /// The systems in a set, through other sets too.
    members: HashMap<&'a Node, Vec<&'a Identity>>,
    /// The sets that have conditions.
    conditioned: HashSet<&'a Node>,
    /// Those that the host has something in, through other sets too: what is said of such
    /// a set holds for these too.
    joined: HashSet<&'a Node>,
    /// Those against which it orders systems or sets.
    ordered: HashSet<&'a Node>,
}

impl<'a> Sets<'a> {
    fn of(raw: &'a Raw, host: &'a Raw) -> Self {
        let conditioned = raw.sets.iter().filter(|set| !set.conditions.is_empty());
        let ordered = host.edges.iter();
        let ordered = ordered.flat_map(|(first, second, _)| [first, second]);
        let mut sets = Self {
            raw,
            parents: HashMap::new(),
            members: HashMap::new(),
            conditioned: conditioned.map(|set| &set.node).collect(),
            joined: HashSet::new(),
            ordered: ordered.collect(),
        };
        for (parent, child) in &raw.nests {
            sets.parents.entry(child).or_default().push(parent);
        }
        for system in &raw.systems {
            for set in sets.ancestors(&Node::System(system.id.clone()), |_| false) {
                sets.members.entry(set).or_default().push(&system.id);
            }
        }
        let hosts: HashSet<&Node> = host.nests.iter().map(|(set, _)| set).collect();
        for set in raw.sets.iter().map(|set| &set.node) {
            if set.label().is_some() && hosts.contains(set) {
                let above = sets.ancestors(set, |_| false);
                sets.joined.extend(above.into_iter().chain([set]));
            }
        }
        // What the engine only numbers is told of what is in it.
        sets.joined.retain(|set| set.label().is_some());
        sets
    }

    /// The sets that a node is in, through others up to those that are an `end`.
    fn ancestors(&self, node: &Node, is_end: impl Fn(&Node) -> bool) -> HashSet<&'a Node> {
        let parents = |node: &Node| self.parents.get(node).into_iter().flatten().copied();
        let mut found = HashSet::new();
        let mut queue: Vec<&'a Node> = parents(node).collect();
        while let Some(set) = queue.pop() {
            if found.insert(set) && !is_end(set) {
                queue.extend(parents(set));
            }
        }
        found
    }

    /// The sets that a node joins, and those whose conditions it has. What is above a set
    /// that the host has something in is told of that set.
    fn above(&self, node: &Node) -> (HashSet<InternedSystemSet>, HashSet<Node>) {
        let above = self.ancestors(node, |set| self.joined.contains(set));
        let named = above.iter().filter_map(|set| set.label());
        let named = named.filter(|label| label.system_type().is_none());
        let mut by = above.clone();
        by.retain(|set| self.conditioned.contains(set) && !self.joined.contains(set));
        (named.collect(), by.into_iter().cloned().collect())
    }

    /// The system that a node is, or those in it.
    fn systems<'b>(&'b self, node: &'b Node) -> impl Iterator<Item = &'b Identity> {
        let (own, members) = match node {
            Node::System(id) => (Some(id), None),
            set => (None, self.members.get(set)),
        };
        let members = members.into_iter().flatten();
        own.into_iter().chain(members.copied())
    }

    /// Whether an order of this set leads from or to something of the host's that is not
    /// already before or after each of the plugin's systems in it.
    fn orders_hosts(&self, set: &Node) -> bool {
        self.joined.contains(set) || !self.members.contains_key(set) && self.ordered.contains(set)
    }

    /// All edges, and those that lead through sets in which the plugin has no system:
    /// what is before such a set is before what is after it.
    fn edges(&self) -> HashMap<(&'a Node, &'a Node), bool> {
        let direct = self.raw.edges.iter();
        let mut edges: HashMap<_, bool> =
            direct.map(|(a, b, ignores)| ((a, b), *ignores)).collect();
        let direct: Vec<_> = edges.keys().copied().collect();
        let is_set = |node: &Node| node.label().is_some();
        let mut queue = direct.clone();
        while let Some((from, through)) = queue.pop() {
            if !is_set(through) || self.members.contains_key(through) {
                continue;
            }
            for &(start, to) in &direct {
                if start == through && is_set(to) && to != from && !edges.contains_key(&(from, to))
                {
                    let both = edges[&(from, through)] && edges[&(start, to)];
                    edges.insert((from, to), both);
                    queue.push((from, to));
                }
            }
        }
        edges
    }
}
