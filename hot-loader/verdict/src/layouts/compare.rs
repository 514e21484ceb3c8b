//! Holds two libraries' types against each other. Must not call a type unchanged that is in
//! doubt in either.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use crate::HashMap;

use super::{Field, Kind, Layouts, Node, Type, UNKNOWN_NAME, spelling};

/// Which of the module's types differ between two libraries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Differences {
    /// Names of types that are in both and differ, or made of others that do, in order. Types
    /// of other crates that mention the module are named only if none of the module's types
    /// that they are made of is. A name that ends in `{vtable_type}` says that the number of
    /// the trait's methods differs.
    pub types: Vec<String>,
    /// Environments of closures and futures that are in both and differ, and types that hold
    /// such. Closures are known by their position: if a function has more or fewer of them,
    /// all that are in both count as different.
    pub environments: Vec<Environment>,
}

/// What a closure captured, or a future keeps.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Environment {
    /// The path of the function it is in; an impl in it is written `{impl#0}`, by position.
    pub function: String,
    /// Its name.
    pub name: String,
}

#[cfg(test)]
impl Differences {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty() && self.environments.is_empty()
    }
}

impl Layouts {
    /// Whether the type of this name is in both libraries, and it and everything it mentions
    /// (fields, arguments, what it points to, variants) is written the same: sizes,
    /// alignments, offsets, names and order of members, values of discriminants. False if
    /// anything is in doubt, and for what mentions a `dyn` of a trait that mentions the
    /// module, whose methods' order the debug info does not show.
    #[must_use]
    pub fn unchanged(&self, other: &Self, type_name: &str) -> bool {
        let Some(start) = self.find(type_name) else {
            return false;
        };
        let mut seen = HashSet::from([start]);
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            let Some(node) = self.node(at) else {
                return false;
            };
            let theirs = other
                .by_name
                .get(&node.known.name)
                .and_then(|at| other.node(*at));
            if !theirs.is_some_and(|theirs| node.is_surely(theirs)) {
                return false;
            }
            open.extend(node.mentions.iter().filter(|at| seen.insert(**at)));
        }
        true
    }

    /// What differs of the module's types: its own, and those that mention it. Names that
    /// several types have are held against each other as a whole. Only what surely differs
    /// counts: an empty answer does not mean that every type is [`unchanged`](Self::unchanged).
    #[must_use]
    pub fn differences(&self, other: &Self) -> Differences {
        let theirs: Vec<Option<&Node>> = self
            .nodes
            .iter()
            .map(|node| {
                let at = other.by_name.get(&node.known.name)?;
                other.node(*at)
            })
            .collect();
        let moved = self.moved_environments(other);
        let differ = self.reaching(
            self.nodes
                .iter()
                .zip(&theirs)
                .map(|(node, theirs)| {
                    theirs.is_some_and(|theirs| !node.is_alike(theirs))
                        || moved.contains(&*node.known.name)
                })
                .collect(),
            false,
        );
        // A type of another crate is explained by a type of the module that it is made of.
        let explained = self.reaching(
            self.nodes
                .iter()
                .zip(&differ)
                .map(|(node, differs)| *differs && node.own)
                .collect(),
            true,
        );
        let mut found = Differences::default();
        let all = self
            .nodes
            .iter()
            .zip(&theirs)
            .zip(differ.iter().zip(&explained));
        for ((node, theirs), (differs, explained)) in all {
            let told = node.own || !explained;
            if !differs || !node.concerned || theirs.is_none() || !told || node.is_part() {
                continue;
            }
            if node.says.environment {
                found.environments.push(Environment {
                    function: spelling::function_of(&node.known.name).to_owned(),
                    name: node.known.name.to_string(),
                });
            } else {
                found.types.push(node.known.name.to_string());
            }
        }
        found.types.sort_unstable();
        found.environments.sort_unstable();
        found
    }

    /// What is known here and not in one of `newer`, or not as surely; none if that is
    /// nothing. Environments are left out: they come and go with bodies.
    #[must_use]
    pub fn besides(&self, newer: &[&Self]) -> Option<Self> {
        let is_said = |node: &Node| {
            newer.iter().any(|newer| {
                let theirs = newer.by_name.get(&node.known.name);
                theirs
                    .and_then(|at| newer.node(*at))
                    .is_some_and(|theirs| node.is_surely(theirs) || node.says_what(theirs))
            })
        };
        let kept: Vec<&Node> = self
            .nodes
            .iter()
            .filter(|node| !node.says.environment && !is_said(node))
            .collect();
        let by_name: HashMap<Arc<str>, u32> = kept
            .iter()
            .map(|node| node.known.name.clone())
            .zip(0..)
            .collect();
        let moved = |mentioned: &u32| {
            let name = &self.node(*mentioned)?.known.name;
            by_name.get(name).copied()
        };
        let nodes: Vec<Node> = kept
            .iter()
            .map(|node| Node {
                mentions: node.mentions.iter().filter_map(moved).collect(),
                ..(*node).clone()
            })
            .collect();
        (!nodes.is_empty()).then_some(Self {
            nodes,
            by_name,
            makers: HashMap::default(),
        })
    }

    /// Whether there are closures in the module's functions of this name, and none of them
    /// holds anything.
    #[must_use]
    pub fn captures_nothing(&self, function: &str) -> bool {
        let all = self.environments();
        let mut found = all
            .iter()
            .filter(|(path, _)| path.rsplit("::").next() == Some(function))
            .flat_map(|(_, names)| names)
            .peekable();
        found.peek().is_some()
            && found.all(|name| {
                let node = self.by_name.get(*name).and_then(|at| self.node(*at));
                node.is_some_and(|node| {
                    !node.doubt && node.known.size == 0 && node.others.iter().all(|it| it.size == 0)
                })
            })
    }

    /// Which nodes are marked or, through any number of others, mention one that is.
    /// `strictly`: being marked is not enough.
    fn reaching(&self, marked: Vec<bool>, strictly: bool) -> Vec<bool> {
        let mut mentioned_by: Vec<Vec<u32>> = vec![Vec::new(); self.nodes.len()];
        for (at, node) in (0..).zip(&self.nodes) {
            for mentioned in &node.mentions {
                if let Some(by) = mentioned_by.get_mut(*mentioned as usize) {
                    by.push(at);
                }
            }
        }
        let mut open: Vec<u32> = (0..)
            .zip(&marked)
            .filter_map(|(at, is)| is.then_some(at))
            .collect();
        let mut reaching = if strictly {
            vec![false; marked.len()]
        } else {
            marked
        };
        while let Some(at) = open.pop() {
            for by in mentioned_by.get(at as usize).into_iter().flatten() {
                if let Some(is) = reaching.get_mut(*by as usize)
                    && !std::mem::replace(is, true)
                {
                    open.push(*by);
                }
            }
        }
        reaching
    }

    /// Environments of functions that do not have the same ones in both.
    fn moved_environments(&self, other: &Self) -> HashSet<&str> {
        let (ours, theirs) = (self.environments(), other.environments());
        ours.iter()
            .filter(|(function, names)| {
                theirs.get(*function).is_some_and(|theirs| theirs != *names)
            })
            .flat_map(|(_, names)| names.iter().copied())
            .collect()
    }

    /// The module's environments, by function.
    fn environments(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for node in &self.nodes {
            if node.own && node.says.environment && node.is_environment() {
                let name = &*node.known.name;
                all.entry(spelling::function_of(name))
                    .or_default()
                    .insert(name);
            }
        }
        all
    }
}

impl Node {
    /// Whether both are known, and the same.
    fn is_surely(&self, other: &Self) -> bool {
        let of_the_module = self.known.name.starts_with("dyn ") && self.concerned;
        let sure = |node: &Self| !node.doubt && node.others.is_empty();
        !of_the_module && sure(self) && sure(other) && self.known == other.known
    }

    /// Whether exactly the same is written, doubts included.
    fn says_what(&self, other: &Self) -> bool {
        self.doubt == other.doubt && self.known == other.known && self.others == other.others
    }

    /// Whether the same is written under a name, once or several times, as far as is known.
    fn is_alike(&self, other: &Self) -> bool {
        let ours = || std::iter::once(&self.known).chain(&self.others);
        let theirs = || std::iter::once(&other.known).chain(&other.others);
        ours().all(|our| theirs().any(|their| may_be_same(our, their)))
            && theirs().all(|their| ours().any(|our| may_be_same(our, their)))
    }

    /// Whether it is a part of a type, and no type.
    fn is_part(&self) -> bool {
        self.known.name.contains("::{variant ") || self.known.name.starts_with("{code of ")
    }

    /// Whether it is what a closure captured, or a future keeps.
    pub(super) fn is_environment(&self) -> bool {
        self.says.environment && spelling::ends_in_environment(&self.known.name)
    }
}

/// Whether two types are the same but for what is not known of either: a field's type. What
/// the compiler leaves out changes with the units that it cuts the crate into.
fn may_be_same(our: &Type, their: &Type) -> bool {
    let same =
        |our: &Arc<str>, their: &Arc<str>| our == their || is_unknown(our) || is_unknown(their);
    let all = |ours: &[Arc<str>], theirs: &[Arc<str>]| {
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(our, their)| same(our, their))
    };
    let fields = |ours: &[Field], theirs: &[Field]| {
        ours.len() == theirs.len()
            && ours.iter().zip(theirs).all(|(our, their)| {
                our.name == their.name
                    && our.offset == their.offset
                    && our.align == their.align
                    && same(&our.type_name, &their.type_name)
            })
    };
    our.size == their.size
        && our.align == their.align
        && all(&our.arguments, &their.arguments)
        && match (&our.kind, &their.kind) {
            (Kind::Struct(ours), Kind::Struct(theirs))
            | (Kind::Union(ours), Kind::Union(theirs)) => fields(ours, theirs),
            (
                Kind::Enum {
                    discriminant: our,
                    variants: ours,
                },
                Kind::Enum {
                    discriminant: their,
                    variants: theirs,
                },
            ) => {
                our == their
                    && ours.len() == theirs.len()
                    && ours.iter().zip(theirs).all(|(our, their)| {
                        our.name == their.name
                            && our.value == their.value
                            && fields(&our.fields, &their.fields)
                    })
            }
            (Kind::Pointer(our), Kind::Pointer(their)) => same(our, their),
            (Kind::Function(ours, our), Kind::Function(theirs, their)) => {
                all(ours, theirs)
                    && match (our, their) {
                        (Some(our), Some(their)) => same(our, their),
                        (our, their) => our == their,
                    }
            }
            (our, their) => our == their,
        }
}

fn is_unknown(name: &str) -> bool {
    name == UNKNOWN_NAME
}
