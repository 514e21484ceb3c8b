//! What a plugin registered in one schedule, told system by system.
//!
//! In a schedule of the host the engine can take systems out again, and nothing
//! else: order between sets, sets in sets and conditions of sets stay for ever. So
//! what the plugin said of its sets is told here of the systems in them: a system
//! joins every set that it is in, stands before and after what its sets stand
//! before and after, and has their conditions as [`Gate`]s. Only what concerns the
//! host's own part of a set stays with the set ([`Lasting`]).
//!
//! The same form decides what an edit changed: two descriptions that are equal
//! make the same schedule. Pure: reads a graph and changes nothing.

use super::raw::{Identity, Raw, RawSet};
use bevy::ecs::schedule::{InternedSystemSet, NodeId, SystemKey, SystemSetKey};
use std::collections::{HashMap, HashSet, hash_map::Entry};

/// A set whose conditions hold for the systems in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// One with a name.
    Set(InternedSystemSet),
    /// A tuple with a condition of its own: the engine only numbers these.
    Group(Vec<Identity>),
}

/// What a system is ordered against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spot {
    /// Another system of the plugin.
    System(Identity),
    /// Whatever is in a set.
    Set(InternedSystemSet),
}

/// A system and its place. In `after` and `before`, `true` stands for an edge
/// without a sync point.
#[derive(Clone, Debug)]
pub struct FlatSystem {
    /// In the recorded graph.
    pub key: SystemKey,
    /// Which it is.
    pub id: Identity,
    /// Its own run conditions, in their order.
    pub conditions: Vec<Identity>,
    /// The sets it is in; sets of a system's type go without saying.
    pub sets: HashSet<InternedSystemSet>,
    /// The conditions of the sets it is in.
    pub gates: HashSet<Gate>,
    /// What runs before it.
    pub after: HashMap<Spot, bool>,
    /// What runs after it.
    pub before: HashMap<Spot, bool>,
}

impl FlatSystem {
    /// Whether both stand at the same place, under the same conditions.
    pub fn stands_as(&self, other: &Self) -> bool {
        self.conditions == other.conditions
            && self.sets == other.sets
            && self.gates == other.gates
            && self.after == other.after
            && self.before == other.before
    }
}

/// The conditions of a set.
#[derive(Clone, Debug)]
pub struct FlatGate {
    /// In the recorded graph.
    pub key: SystemSetKey,
    /// Which it is.
    pub gate: Gate,
    /// The conditions, in their order.
    pub conditions: Vec<Identity>,
}

/// What was said of the host's part of a set, and cannot be unsaid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lasting {
    /// A set is in another.
    Nest(InternedSystemSet, InternedSystemSet),
    /// A set has conditions.
    Gated(InternedSystemSet, Gate),
    /// A set runs before another; `true` without a sync point.
    Order(InternedSystemSet, InternedSystemSet, bool),
}

impl core::fmt::Display for Lasting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Nest(child, parent) => write!(f, "{child:?} is in {parent:?}"),
            Self::Gated(set, _) => write!(f, "{set:?} has a run condition"),
            Self::Order(first, second, _) => write!(f, "{first:?} is before {second:?}"),
        }
    }
}

/// A schedule, flat.
#[derive(Clone, Debug, Default)]
pub struct Flat {
    /// In the order of registration.
    pub systems: Vec<FlatSystem>,
    index: HashMap<Identity, usize>,
    /// Those that some system is behind.
    pub gates: Vec<FlatGate>,
    /// See there.
    pub lasting: HashSet<Lasting>,
}

impl Flat {
    /// Flattens what was registered, for a schedule whose sets the host uses as `touched`
    /// says.
    pub fn of(raw: &Raw, touched: &Touched) -> Self {
        Flattening::new(raw, touched).flatten()
    }

    /// The system of this identity.
    pub fn system(&self, id: &Identity) -> Option<&FlatSystem> {
        self.systems.get(*self.index.get(id)?)
    }

    /// The conditions of this gate.
    pub fn gate(&self, gate: &Gate) -> Option<&FlatGate> {
        self.gates.iter().find(|flat| flat.gate == *gate)
    }

    /// Whether both make the same schedule, apart from the systems' code and data.
    pub fn same_as(&self, other: &Self) -> bool {
        self.systems.len() == other.systems.len()
            && self.lasting == other.lasting
            && self.gates.len() == other.gates.len()
            && self.systems.iter().all(|system| {
                other
                    .system(&system.id)
                    .is_some_and(|theirs| system.stands_as(theirs))
            })
            && self.gates.iter().all(|gate| {
                other
                    .gate(&gate.gate)
                    .is_some_and(|theirs| gate.conditions == theirs.conditions)
            })
    }
}

/// The sets that the host has to do with.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// In which it has systems or sets: what is said of such a set holds for these too.
    pub joined: HashSet<InternedSystemSet>,
    /// Against which it orders systems or sets.
    pub ordered: HashSet<InternedSystemSet>,
}

struct Flattening<'a> {
    raw: &'a Raw,
    touched: &'a Touched,
    systems: Vec<FlatSystem>,
    index: HashMap<SystemKey, usize>,
    sets: HashMap<SystemSetKey, &'a RawSet>,
    parents: HashMap<NodeId, Vec<SystemSetKey>>,
    /// The systems in a set, through other sets too, by index.
    members: HashMap<SystemSetKey, Vec<usize>>,
    /// The sets that the host has something in, through other sets too.
    joined: HashSet<SystemSetKey>,
}

impl<'a> Flattening<'a> {
    fn new(raw: &'a Raw, touched: &'a Touched) -> Self {
        let mut systems = Vec::with_capacity(raw.systems.len());
        let mut index = HashMap::new();
        for system in &raw.systems {
            index.insert(system.key, systems.len());
            systems.push(FlatSystem {
                key: system.key,
                id: system.id.clone(),
                conditions: system.conditions.clone(),
                sets: HashSet::new(),
                gates: HashSet::new(),
                after: HashMap::new(),
                before: HashMap::new(),
            });
        }
        let mut parents: HashMap<NodeId, Vec<SystemSetKey>> = HashMap::new();
        for &(parent, child) in &raw.nests {
            parents.entry(child).or_default().push(parent);
        }
        let mut this = Self {
            raw,
            touched,
            systems,
            index,
            sets: raw.sets.iter().map(|set| (set.key, set)).collect(),
            parents,
            members: HashMap::new(),
            joined: HashSet::new(),
        };
        this.find_members();
        this.find_joined();
        this
    }

    fn find_joined(&mut self) {
        let is_joined =
            |set: &&RawSet| !set.label.is_anonymous() && self.touched.joined.contains(&set.label);
        let mut queue: Vec<_> = self
            .raw
            .sets
            .iter()
            .filter(is_joined)
            .map(|s| s.key)
            .collect();
        while let Some(set) = queue.pop() {
            if self.joined.insert(set) {
                queue.extend(self.above(NodeId::Set(set)));
            }
        }
        // What the engine only numbers is told of what is in it.
        let has_name =
            |set: &SystemSetKey| self.sets.get(set).is_some_and(|s| !s.label.is_anonymous());
        let named = self.joined.iter().copied().filter(has_name).collect();
        self.joined = named;
    }

    fn find_members(&mut self) {
        let mut members: HashMap<SystemSetKey, Vec<usize>> =
            self.sets.keys().map(|key| (*key, Vec::new())).collect();
        for (at, system) in self.systems.iter().enumerate() {
            let mut seen = HashSet::new();
            let mut above = self.above(NodeId::System(system.key));
            while let Some(set) = above.pop() {
                if seen.insert(set) {
                    members.entry(set).or_default().push(at);
                    above.extend(self.above(NodeId::Set(set)));
                }
            }
        }
        self.members = members;
    }

    fn above(&self, node: NodeId) -> Vec<SystemSetKey> {
        self.parents.get(&node).cloned().unwrap_or_default()
    }

    fn members(&self, set: SystemSetKey) -> &[usize] {
        self.members.get(&set).map_or(&[], Vec::as_slice)
    }

    fn is_joined(&self, set: SystemSetKey) -> bool {
        self.joined.contains(&set)
    }

    /// Whether an order of this set leads from or to something of the host's that is not
    /// already before or after each of the plugin's systems in it.
    fn orders_hosts(&self, set: SystemSetKey) -> bool {
        let is_ordered = |set: &&RawSet| self.touched.ordered.contains(&set.label);
        self.is_joined(set)
            || self.members(set).is_empty() && self.sets.get(&set).is_some_and(is_ordered)
    }

    fn flatten(mut self) -> Flat {
        let mut lasting = HashSet::new();
        for at in 0..self.systems.len() {
            let (sets, gates) = self.climb(NodeId::System(self.systems[at].key));
            self.systems[at].sets = sets;
            self.systems[at].gates = gates;
        }
        for &RawSet { key, label, .. } in &self.raw.sets {
            if !self.is_joined(key) {
                continue;
            }
            let (sets, mut gates) = self.climb(NodeId::Set(key));
            gates.extend(self.gate(key));
            lasting.extend(sets.into_iter().map(|set| Lasting::Nest(label, set)));
            lasting.extend(gates.into_iter().map(|gate| Lasting::Gated(label, gate)));
        }
        for (from, to, ignore) in self.edges() {
            self.order(from, to, ignore, &mut lasting);
        }
        let used: HashSet<&Gate> = self
            .systems
            .iter()
            .flat_map(|system| &system.gates)
            .chain(lasting.iter().filter_map(|lasting| match lasting {
                Lasting::Gated(_, gate) => Some(gate),
                _ => None,
            }))
            .collect();
        let gates: Vec<FlatGate> = self
            .raw
            .sets
            .iter()
            .filter_map(|set| {
                let gate = self.gate(set.key)?;
                used.contains(&gate).then(|| FlatGate {
                    key: set.key,
                    gate,
                    conditions: set.conditions.clone(),
                })
            })
            .collect();
        let ids = self.systems.iter().enumerate();
        Flat {
            index: ids.map(|(at, system)| (system.id.clone(), at)).collect(),
            systems: self.systems,
            gates,
            lasting,
        }
    }

    /// The sets that a node joins, and the conditions above it. What is above a set
    /// that the host has something in is told of that set.
    fn climb(&self, node: NodeId) -> (HashSet<InternedSystemSet>, HashSet<Gate>) {
        let (mut sets, mut gates) = (HashSet::new(), HashSet::new());
        let mut seen = HashSet::new();
        let mut above = self.above(node);
        while let Some(set) = above.pop() {
            let Some(&&RawSet { label, .. }) = self.sets.get(&set) else {
                continue;
            };
            if label.system_type().is_some() || !seen.insert(set) {
                continue;
            }
            if !label.is_anonymous() {
                sets.insert(label);
            }
            if !self.is_joined(set) {
                gates.extend(self.gate(set));
                above.extend(self.above(NodeId::Set(set)));
            }
        }
        (sets, gates)
    }

    /// The gate that a set is, if it has conditions.
    fn gate(&self, set: SystemSetKey) -> Option<Gate> {
        let raw = self.sets.get(&set)?;
        if raw.conditions.is_empty() {
            return None;
        }
        Some(if raw.label.is_anonymous() {
            let members = self.members(set).iter();
            Gate::Group(members.map(|at| self.systems[*at].id.clone()).collect())
        } else {
            Gate::Set(raw.label)
        })
    }

    /// All edges, and those that lead through sets in which the plugin has no system:
    /// what is before such a set is before what is after it.
    fn edges(&self) -> Vec<(NodeId, NodeId, bool)> {
        let mut ignores: HashMap<(NodeId, NodeId), bool> = HashMap::new();
        for &(from, to, ignore) in &self.raw.edges {
            ignores.insert((from, to), ignore);
        }
        let mut queue: Vec<(NodeId, NodeId)> = ignores.keys().copied().collect();
        let original = queue.clone();
        let is_empty = |node: NodeId| {
            node.as_set()
                .is_some_and(|set| self.members(set).is_empty())
        };
        while let Some((from, through)) = queue.pop() {
            if !is_empty(through) {
                continue;
            }
            for &(start, to) in &original {
                if start == through && to.is_set() && to != from {
                    let both = ignores[&(from, through)] && ignores[&(start, to)];
                    if let Entry::Vacant(new) = ignores.entry((from, to)) {
                        new.insert(both);
                        queue.push((from, to));
                    }
                }
            }
        }
        ignores
            .into_iter()
            .map(|((from, to), ignore)| (from, to, ignore))
            .collect()
    }

    fn order(&mut self, from: NodeId, to: NodeId, ignore: bool, lasting: &mut HashSet<Lasting>) {
        if let (NodeId::Set(first), NodeId::Set(second)) = (from, to)
            && self.orders_hosts(first)
            && self.orders_hosts(second)
        {
            lasting.insert(Lasting::Order(
                self.sets[&first].label,
                self.sets[&second].label,
                ignore,
            ));
        }
        let (firsts, seconds) = (self.spots(from), self.spots(to));
        match to {
            // Both sides say it where both are sets: either may get members of the
            // host's later.
            NodeId::System(key) => self.after(&[self.index[&key]], &firsts, ignore),
            NodeId::Set(set) => {
                if from.is_set() {
                    let members = self.members(set).to_vec();
                    self.after(&members, &firsts, ignore);
                }
            }
        }
        match from {
            NodeId::System(key) if to.is_set() => {
                self.before(&[self.index[&key]], &seconds, ignore);
            }
            NodeId::Set(set) if to.is_set() => {
                let members = self.members(set).to_vec();
                self.before(&members, &seconds, ignore);
            }
            _ => {}
        }
    }

    /// What stands for a node in an edge: itself, or the members of an anonymous set.
    fn spots(&self, node: NodeId) -> Vec<Spot> {
        match node {
            NodeId::System(key) => vec![Spot::System(self.systems[self.index[&key]].id.clone())],
            NodeId::Set(set) => match self.sets.get(&set) {
                Some(raw) if !raw.label.is_anonymous() => vec![Spot::Set(raw.label)],
                _ => self
                    .members(set)
                    .iter()
                    .map(|at| Spot::System(self.systems[*at].id.clone()))
                    .collect(),
            },
        }
    }

    fn after(&mut self, systems: &[usize], spots: &[Spot], ignore: bool) {
        for &at in systems {
            for spot in spots {
                *self.systems[at].after.entry(spot.clone()).or_default() |= ignore;
            }
        }
    }

    fn before(&mut self, systems: &[usize], spots: &[Spot], ignore: bool) {
        for &at in systems {
            for spot in spots {
                *self.systems[at].before.entry(spot.clone()).or_default() |= ignore;
            }
        }
    }
}
