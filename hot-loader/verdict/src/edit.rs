//! What an edit is: two builds of one crate, compared.
//!
//! Says whether the registration may have changed, and which functions did. Whether types
//! did is the business of `contracts` and `layouts`. A pure function; must never say less
//! because something is unknown.

use crate::{
    HashMap,
    affected::{Affected, Registering},
    code::{Code, Compiled},
    contracts::before_impls,
    graph::Graph,
    mir::{Item, Kind},
    paths::Paths,
    registration::Registration,
    tokens::{self, Source},
};
use hot_loader_compile::hash::{Fnv, Name, name};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What an edit is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// What is registered may have changed.
    pub structure: bool,
    /// Full paths of the functions that changed, were added or removed, as
    /// `std::any::type_name` prints them where that is possible: `systems::ship::steer`,
    /// `<systems::A as systems::Go>::go`.
    pub functions: Vec<String>,
    /// Those of them whose closures, known by their number alone, may be others now.
    pub renumbered: Vec<String>,
    /// Which functions may run changed code.
    pub affected: Affected,
    /// Whose registration may have changed.
    pub registering: Registering,
}

/// What the edit from `old` to `new` is. A pure function.
#[must_use]
pub fn compare(old: &Code, new: &Code) -> Edit {
    match (Side::of(old), Side::of(new)) {
        (Some(old), Some(new)) => between(&old, &new),
        _ => by_sources(old, new),
    }
}

/// A function, constant or static with its closures and the like.
#[derive(PartialEq, Eq)]
struct Content<'a> {
    /// Each of its items: its path, signature and body, in order.
    items: Vec<(&'a str, &'a str, u64)>,
    /// What its closures are numbered by, if it is a method that has some.
    before: Option<u128>,
}

struct Side<'a> {
    code: &'a Code,
    graph: &'a Graph,
    registration: &'a Registration,
    paths: Paths<'a>,
    /// By the path without closures.
    contents: BTreeMap<&'a str, Content<'a>>,
}

impl<'a> Side<'a> {
    fn of(code: &'a Code) -> Option<Self> {
        let Compiled {
            graph,
            registration,
        } = code.compiled.as_deref()?;
        let before = before_impls(&code.source);
        let mut contents: BTreeMap<&str, Content<'_>> = BTreeMap::new();
        for (item, home) in graph.mir.items.iter().zip(&graph.homes) {
            let content = contents.entry(item.outer()).or_insert(Content {
                items: Vec::new(),
                before: None,
            });
            content.items.push((&item.path, &item.signature, item.body));
            if is_closure(&item.path) {
                content.before = home.at.and_then(|at| before.get(&at).copied());
            }
        }
        Some(Self {
            paths: Paths::of(&code.source, &code.name),
            code,
            graph,
            registration,
            contents,
        })
    }

    fn items(&self) -> impl Iterator<Item = (usize, &'a Item)> + use<'a> {
        self.graph.mir.items.iter().enumerate()
    }

    /// What each path is, as `content` sees it.
    fn seen_as<T>(&self, content: impl Fn(&'a Item) -> T) -> HashMap<&'a str, Vec<T>> {
        let mut found: HashMap<&str, Vec<T>> = HashMap::default();
        for (_, item) in self.items() {
            found.entry(&item.path).or_default().push(content(item));
        }
        found
    }

    /// What of the registration is not in `theirs`, or is another there.
    fn registers_otherwise<T: PartialEq>(
        &self,
        ours: &HashMap<&str, Vec<T>>,
        theirs: &HashMap<&str, Vec<T>>,
    ) -> BTreeSet<usize> {
        let items = self.registration.items.iter().copied();
        let differs = |at: &usize| {
            let path = self.graph.mir.items[*at].path.as_str();
            ours.get(path) != theirs.get(path)
        };
        items.filter(differs).collect()
    }
}

fn between(old: &Side<'_>, new: &Side<'_>) -> Edit {
    let paths: BTreeSet<&str> = old
        .contents
        .keys()
        .chain(new.contents.keys())
        .copied()
        .collect();
    let differ = |path: &&str| old.contents.get(path) != new.contents.get(path);
    let changed: HashSet<&str> = paths.into_iter().filter(differ).collect();
    let (mut functions, mut renumbered) = (BTreeSet::new(), BTreeSet::new());
    for side in [old, new] {
        for ((_, item), home) in side.items().zip(&side.graph.homes) {
            let is_whole = item.outer() == item.path && item.kind == Kind::Function;
            if !is_whole || !changed.contains(item.path.as_str()) || is_constructor(item) {
                continue;
            }
            let all = side.paths.names(item, home);
            let [before, after] = [old, new].map(|side| side.contents.get(item.outer()));
            if !keeps_numbers(before, after) {
                renumbered.extend(all.iter().cloned());
            }
            functions.extend(all);
        }
    }
    Edit {
        structure: is_structure(old, new),
        functions: functions.into_iter().collect(),
        renumbered: renumbered.into_iter().collect(),
        affected: affected(new, &changed),
        registering: registering(old, new),
    }
}

fn is_structure(old: &Side<'_>, new: &Side<'_>) -> bool {
    let [before, after] =
        [old, new].map(|side| side.seen_as(|item| (item.signature.as_str(), item.body)));
    let registers = !old.registers_otherwise(&before, &after).is_empty()
        || !new.registers_otherwise(&after, &before).is_empty();
    // The engine registers by itself what derives `Reflect`.
    let types = old.code.contracts().has_new_types(new.code.contracts());
    // A one-shot system is filed under its type, which does not change with its parameters.
    let handed_over = || {
        let named = named(old).into_iter().chain(named(new));
        let named = named.collect::<HashSet<_>>();
        let functions = new.items().filter(|(_, item)| item.kind == Kind::Function);
        let mut handed_over = functions.filter(|(_, item)| named.contains(&name(item.name())));
        handed_over.any(|(_, item)| {
            let before = before.get(item.path.as_str());
            before.is_some_and(|all| {
                all.iter()
                    .all(|(signature, _)| *signature != item.signature)
            })
        })
    };
    registers || types || exports(&old.code.source) != exports(&new.code.source) || handed_over()
}

/// The last segments of what is named somewhere, and not called.
fn named(side: &Side<'_>) -> HashSet<Name> {
    let mentions = side.graph.mir.items.iter().flat_map(|item| &item.mentions);
    let named = mentions.filter(|mention| !mention.called && !mention.within);
    named.map(|mention| mention.name).collect()
}

fn exports(source: &Source) -> Vec<&str> {
    let calls = source.items.iter().filter(|item| {
        item.kind == tokens::Kind::MacroCall && item.name.as_deref() == Some("export")
    });
    calls.map(|item| item.head.as_str()).collect()
}

/// All functions that a changed item is reached from.
fn affected(new: &Side<'_>, changed: &HashSet<&str>) -> Affected {
    let graph = new.graph;
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); graph.mir.items.len()];
    for (at, _) in new.items() {
        for next in graph.next(at, |_, _| true) {
            callers[next].push(at);
        }
    }
    let is_changed = |(_, item): &(usize, &Item)| changed.contains(item.outer());
    let mut reached: BTreeSet<usize> = new.items().filter(is_changed).map(|(at, _)| at).collect();
    let mut open: Vec<usize> = reached.iter().copied().collect();
    while let Some(at) = open.pop() {
        open.extend(
            callers[at]
                .iter()
                .copied()
                .filter(|caller| reached.insert(*caller)),
        );
    }
    let mut affected = Affected::default();
    for ((at, item), home) in new.items().zip(&graph.homes) {
        if item.kind != Kind::Function || is_constructor(item) {
            continue;
        }
        let names = new.paths.names(item, home);
        if reached.contains(&at) {
            affected.functions.extend(names.iter().cloned());
        }
        affected.others.extend(names);
    }
    affected
}

/// The names that changed registration code says, and code that evaluates what changed.
fn registering(old: &Side<'_>, new: &Side<'_>) -> Registering {
    let mut found = Registering {
        names: HashSet::new(),
        anything: old.registration.runs_systems || new.registration.runs_systems,
    };
    // A system that has another signature changes the types of what names it.
    let [before, after] = [old, new].map(|side| side.seen_as(|item| item.bare));
    for (side, other, ours, theirs) in [(old, new, &before, &after), (new, old, &after, &before)] {
        let mut changed = side.registers_otherwise(ours, theirs);
        let graph = side.graph;
        loop {
            let evaluates = |at: &usize| {
                let next = graph.next(*at, |mention, item| {
                    mention.called || item.kind == Kind::Value
                });
                next.iter().any(|next| changed.contains(next))
            };
            let more: Vec<usize> = side
                .registration
                .items
                .iter()
                .copied()
                .filter(|at| !changed.contains(at) && evaluates(at))
                .collect();
            if more.is_empty() {
                break;
            }
            changed.extend(more);
        }
        for at in changed {
            let item = &graph.mir.items[at];
            found.names.insert(name(item.name()));
            let said = item.mentions.iter().filter(|mention| !mention.within);
            found.names.extend(
                said.flat_map(|mention| [Some(mention.name), mention.of_trait])
                    .flatten(),
            );
        }
        let signatures = side.items().filter(|(_, item)| item.kind == Kind::Function);
        let others: BTreeMap<&str, &str> = other
            .items()
            .map(|(_, item)| (item.path.as_str(), item.signature.as_str()))
            .collect();
        let differ = signatures.filter(|(_, item)| {
            others
                .get(item.path.as_str())
                .is_some_and(|signature| *signature != item.signature)
        });
        found
            .names
            .extend(differ.map(|(_, item)| name(item.name())));
    }
    found
}

/// Whether the closures of a function that is in both are the same ones still, or edited in
/// their places; some may have been added, or taken away, at the end.
fn keeps_numbers(old: Option<&Content<'_>>, new: Option<&Content<'_>>) -> bool {
    let (Some(old), Some(new)) = (old, new) else {
        return false;
    };
    if old.before != new.before && old.before.is_some() && new.before.is_some() {
        return false;
    }
    let closures = |of: &Content<'_>| -> BTreeMap<String, Vec<(String, u64)>> {
        let mut by_parent: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
        let items = of.items.iter().filter(|(path, ..)| is_closure(path));
        for (path, signature, body) in items {
            let (parent, _) = path.rsplit_once("::").unwrap_or(("", path));
            let all = by_parent.entry(parent.to_owned()).or_default();
            all.push(((*signature).to_owned(), *body));
        }
        by_parent
    };
    let (old, new) = (closures(old), closures(new));
    let none = Vec::new();
    old.keys().chain(new.keys()).all(|parent| {
        let (before, after) = (
            old.get(parent).unwrap_or(&none),
            new.get(parent).unwrap_or(&none),
        );
        let mut pairs = before.iter().zip(after);
        pairs.all(|(one, other)| one == other || !after.contains(one) && !before.contains(other))
    })
}

fn is_closure(path: &str) -> bool {
    path.rsplit("::")
        .next()
        .is_some_and(|last| last.starts_with("{closure#"))
}

/// `fn Kind::B(_1: u8) -> Kind`: of a tuple struct or a variant.
fn is_constructor(item: &Item) -> bool {
    item.place.is_none() && item.name().starts_with(char::is_uppercase)
}

/// What is known without the compiler's word on one of them: everything may have changed
/// what is registered, and all functions whose text did are others.
fn by_sources(old: &Code, new: &Code) -> Edit {
    let functions = |code: &Code| -> BTreeMap<String, Vec<u128>> {
        let source = &code.source;
        let mut found: BTreeMap<String, Vec<u128>> = BTreeMap::new();
        for item in source
            .items
            .iter()
            .filter(|item| item.kind == tokens::Kind::Fn)
        {
            let parent = item.parent.map(|at| &source.items[at]);
            let header = parent.and_then(|parent| crate::header::Header::of(&parent.head));
            let bound = item.name.as_deref().unwrap_or_default();
            let path = match header {
                Some(header) => {
                    let owner = header.owner.unwrap_or_default();
                    format!("{}::{owner}::{bound}", item.module)
                }
                None => format!("{}::{bound}", item.module),
            };
            let mut hash = Fnv::default();
            hash.number(item.hash);
            hash.number(item.body.unwrap_or_default());
            found.entry(path).or_default().push(hash.finish());
        }
        found
    };
    let (before, after) = (functions(old), functions(new));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = all
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path));
    let changed: Vec<String> = changed.cloned().collect();
    Edit {
        structure: true,
        affected: Affected {
            functions: after.keys().cloned().collect(),
            others: after.keys().cloned().collect(),
        },
        functions: changed.clone(),
        renumbered: changed,
        registering: Registering::everything(),
    }
}
