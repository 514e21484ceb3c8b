//! Holds two libraries' types against each other. Must not call a type unchanged that is in
//! doubt in either.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::{HashMap, IndexMap, graph::reach};

use super::{Layouts, Node, Type, UNKNOWN_NAME, spelling};

/// Which of the module's types differ between two libraries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Differences {
    /// Names of types that are in both and differ, or made of others that do, in order. Types
    /// of other crates that mention the module are named only if none of the module's types
    /// that they are made of is. A name that ends in `{vtable_type}` says that the number of
    /// the trait's methods differs.
    pub types: Vec<String>,
    /// Functions with environments (what a closure captured, or a future keeps) that are in
    /// both and differ, or types that hold such: their paths, in which an impl is written
    /// `{impl#0}`, by position. Closures are known by their position: if a function has more
    /// or fewer of them, all that are in both count as different.
    pub environments: BTreeSet<String>,
}

impl Layouts {
    /// Whether the type of this name is in both libraries, and it and everything it mentions
    /// (fields, arguments, what it points to, variants) is written the same: sizes,
    /// alignments, offsets, names and order of members, values of discriminants. False if
    /// anything is in doubt, and for what mentions a `dyn` of a trait that mentions the
    /// module, whose methods' order the debug info does not show.
    pub fn unchanged(&self, other: &Self, type_name: &str) -> bool {
        let is_unchanged = |node: &Node| {
            let theirs = other.of_same_name(node);
            theirs.is_some_and(|theirs| node.is_surely(theirs))
        };
        self.find(type_name)
            .is_some_and(|start| self.mentioned([start]).all(is_unchanged))
    }

    /// What differs of the module's types: its own, and those that mention it. Names that
    /// several types have are held against each other as a whole. Only what surely differs
    /// counts: an empty answer does not mean that every type is [`unchanged`](Self::unchanged).
    pub fn differences(&self, other: &Self) -> Differences {
        let mut mentioned_by: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.values().enumerate() {
            for mentioned in &node.mentions {
                mentioned_by[*mentioned as usize].push(at);
            }
        }
        let mentioning = |at: usize| mentioned_by[at].iter().copied();
        let moved = self.moved_environments(other);
        let differs = |node: &Node| {
            let theirs = other.of_same_name(node);
            theirs.is_some_and(|theirs| !node.is_alike(theirs)) || moved.contains(&*node.name)
        };
        let nodes = || self.nodes.values().enumerate();
        // Which differ or, through any number of others, mention one that does.
        let differ = nodes().filter(|(_, node)| differs(node));
        let differ = reach(differ.map(|(at, _)| at), mentioning);
        // A type of another crate is explained by a type of the module that it is made of.
        let own = nodes().filter(|(at, node)| node.own && differ.contains(at));
        let explained = reach(own.flat_map(|(at, _)| mentioning(at)), mentioning);
        let told = nodes().filter(|(at, node)| {
            let is_told = differ.contains(at) && (node.own || !explained.contains(at));
            is_told && node.concerned && !node.is_signature() && other.of_same_name(node).is_some()
        });
        let mut found = Differences::default();
        for (_, node) in told {
            let name = &*node.name;
            if node.says.environment {
                let function = spelling::function_of(name);
                found.environments.insert(function.to_owned());
            } else {
                found.types.push(name.to_owned());
            }
        }
        found.types.sort_unstable();
        found
    }

    /// What is known under the name of another's node.
    fn of_same_name(&self, node: &Node) -> Option<&Node> {
        self.nodes.get(&node.name)
    }

    /// What is known here and not in one of `newer`, or not as surely; none if that is
    /// nothing. Environments are left out: they come and go with bodies.
    #[must_use]
    pub fn besides(&self, newer: &[&Self]) -> Option<Self> {
        let is_said = |node: &Node| {
            let mut theirs = newer.iter().filter_map(|newer| newer.of_same_name(node));
            theirs.any(|theirs| node.is_surely(theirs) || node.says_what(theirs))
        };
        let kept = |node: &&Node| !node.says.environment && !is_said(node);
        let kept = self.nodes.values().filter(kept);
        let nodes: IndexMap<_, _> = kept.map(|it| (it.name.clone(), it.clone())).collect();
        (!nodes.is_empty()).then(|| Self::joined(nodes, HashMap::default()))
    }

    /// The last names of the module's functions that have closures, where no closure in any
    /// function of that name holds anything.
    pub fn capturing_nothing(&self) -> HashSet<&str> {
        let mut all: HashMap<&str, bool> = HashMap::default();
        for (path, node) in self.environments() {
            let sizes = node.types.iter().map(|known| known.size);
            let holds_nothing = !node.doubt && sizes.sum::<u64>() == 0;
            let last = path.rsplit("::").next().unwrap_or(path);
            *all.entry(last).or_insert(true) &= holds_nothing;
        }
        all.into_iter()
            .filter_map(|(last, bare)| bare.then_some(last))
            .collect()
    }

    /// Environments of functions that do not have the same ones in both.
    fn moved_environments(&self, other: &Self) -> HashSet<&str> {
        let (ours, theirs) = (self.by_function(), other.by_function());
        let moved = ours.into_iter().filter(|(function, ours)| {
            let theirs = theirs.get(*function);
            theirs.is_some_and(|theirs| theirs != ours)
        });
        moved.flat_map(|(_, names)| names).collect()
    }

    /// The names of the module's environments, by function.
    fn by_function(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (function, node) in self.environments() {
            all.entry(function).or_default().insert(&node.name);
        }
        all
    }

    /// The module's environments, each with its function.
    fn environments(&self) -> impl Iterator<Item = (&str, &Node)> {
        let all = self.nodes.values();
        all.filter(|node| node.own && node.says.is_environment)
            .map(|node| (spelling::function_of(&node.name), node))
    }
}

impl Node {
    /// Whether both are known, and the same.
    fn is_surely(&self, other: &Self) -> bool {
        let of_the_module = self.name.starts_with("dyn ") && self.concerned;
        !of_the_module && self.sure().is_some() && self.sure() == other.sure()
    }

    /// Whether exactly the same is written, doubts included.
    fn says_what(&self, other: &Self) -> bool {
        self.doubt == other.doubt && self.types == other.types
    }

    /// Whether the same is written under a name, once or several times, as far as is known.
    fn is_alike(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.types, &other.types);
        let is_theirs = |our| theirs.iter().any(|their| may_be_same(our, their));
        let is_ours = |their| ours.iter().any(|our| may_be_same(our, their));
        ours.iter().all(is_theirs) && theirs.iter().all(is_ours)
    }

    /// Whether it is what a function pointer points to, and no type.
    fn is_signature(&self) -> bool {
        self.name.starts_with("{code of ")
    }
}

/// Whether two types are the same but for what is not known of either: a field's type. What
/// the compiler leaves out changes with the units that it cuts the crate into.
fn may_be_same(our: &Type, their: &Type) -> bool {
    our.is_like(their, |our, their| [our, their].contains(&UNKNOWN_NAME))
}
