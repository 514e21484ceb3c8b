//! What an edit is: two builds of one crate, compared.
//!
//! Says whether the registration may have changed, and which functions did. Whether types
//! did is the business of `contracts` and `layouts`. A pure function; must never say less
//! because something is unknown.

use crate::{
    HashMap,
    affected::{Affected, Registering},
    code::Code,
    contracts::before_impls,
    graph::{Graph, reach},
    header::Header,
    mir::{Item, Kind, Text, last_segment},
    paths::Paths,
    registration::Registration,
    tokens::{self, Source},
};
use hot_loader_compile::hash::{Name, name};
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

impl Edit {
    /// Whether a closure of this name, which says its function and no number, may be another
    /// one now.
    pub fn renumbers(&self, name: &str) -> bool {
        let Some((function, _)) = name.split_once("::{{closure}}") else {
            return false;
        };
        let function = with_plain_trait(function);
        let mut renumbered = self.renumbered.iter();
        renumbered.any(|one| with_plain_trait(one) == function)
    }
}

/// A function's path, in which the trait that it implements, if any, is named by its last
/// segment: the sources may leave out the others.
fn with_plain_trait(function: &str) -> String {
    if let Some((of, rest)) = function.split_once(" as ")
        && let Some((of_trait, rest)) = rest.rsplit_once(">::")
    {
        let path = of_trait.split('<').next().unwrap_or(of_trait);
        return format!("{of} as {}>::{rest}", last_segment(path));
    }
    function.to_owned()
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
#[derive(Default, PartialEq)]
struct Content<'a> {
    /// Each of its items: its path, signature and body, in order.
    items: Vec<(&'a str, &'a str, &'a Text)>,
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
        let compiled = code.compiled.as_deref()?;
        let graph = &compiled.graph;
        let before = before_impls(&code.source);
        let mut contents: BTreeMap<&str, Content<'_>> = BTreeMap::new();
        for (item, home) in graph.items.iter().zip(&graph.homes) {
            let content = contents.entry(item.outer()).or_default();
            let seen = (&*item.path, &*item.signature, &item.body);
            content.items.push(seen);
            if is_closure(&item.path) {
                content.before = home.at.and_then(|at| before.get(&at).copied());
            }
        }
        Some(Self {
            paths: Paths::of(&code.source),
            code,
            graph,
            registration: &compiled.registration,
            contents,
        })
    }

    fn items(&self) -> std::slice::Iter<'a, Item> {
        self.graph.items.iter()
    }

    /// What each path is, as `content` sees it.
    fn seen_as<T>(&self, content: impl Fn(&'a Item) -> T) -> HashMap<&'a str, Vec<T>> {
        let mut found: HashMap<&str, Vec<T>> = HashMap::default();
        for item in self.items() {
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
            let path = self.graph.items[*at].path.as_str();
            ours.get(path) != theirs.get(path)
        };
        items.filter(differs).collect()
    }
}

fn between(old: &Side<'_>, new: &Side<'_>) -> Edit {
    let paths = old.contents.keys().chain(new.contents.keys()).copied();
    let differ = |path: &&str| old.contents.get(path) != new.contents.get(path);
    let changed: HashSet<&str> = paths.filter(differ).collect();
    let (mut functions, mut renumbered) = (BTreeSet::new(), BTreeSet::new());
    for side in [old, new] {
        for (item, home) in side.items().zip(&side.graph.homes) {
            let is_whole = item.outer() == item.path && item.kind == Kind::Function;
            if !is_whole || !changed.contains(item.path.as_str()) || is_constructor(item) {
                continue;
            }
            let function = side.paths.name(item, &home.header, home.at);
            let [before, after] = [old, new].map(|side| side.contents.get(item.outer()));
            if !keeps_numbers(before, after) {
                renumbered.insert(function.clone());
            }
            functions.insert(function);
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
        [old, new].map(|side| side.seen_as(|item| (item.signature.as_str(), &item.body)));
    let registers = !old.registers_otherwise(&before, &after).is_empty()
        || !new.registers_otherwise(&after, &before).is_empty();
    // The engine registers by itself what derives `Reflect`.
    let types = old.code.contracts().has_new_types(new.code.contracts());
    // A one-shot system is filed under its type, which does not change with its parameters.
    let handed_over = || {
        let named: HashSet<Name> = [old, new].into_iter().flat_map(named).collect();
        let functions = new.items().filter(|item| item.kind == Kind::Function);
        let mut handed_over = functions.filter(|item| named.contains(&name(item.name())));
        handed_over.any(|item| {
            let before = before.get(item.path.as_str());
            before.is_some_and(|all| all.iter().all(|(before, _)| *before != item.signature))
        })
    };
    registers || types || exports(&old.code.source) != exports(&new.code.source) || handed_over()
}

/// The last segments of what is named somewhere, and not called.
fn named(side: &Side<'_>) -> HashSet<Name> {
    let mentions = side.graph.items.iter().flat_map(|item| &item.mentions);
    let named = mentions.filter(|mention| !mention.called && !mention.within);
    named.map(|mention| mention.name).collect()
}

fn exports(source: &Source) -> Vec<&str> {
    let calls = source.named(tokens::Kind::MacroCall);
    let exports = calls.filter(|(name, _)| *name == "export");
    exports.map(|(_, item)| item.head.as_str()).collect()
}

/// All functions that a changed item is reached from.
fn affected(new: &Side<'_>, changed: &HashSet<&str>) -> Affected {
    let graph = new.graph;
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); graph.items.len()];
    for at in 0..graph.items.len() {
        for next in graph.run_by(at) {
            callers[next].push(at);
        }
    }
    let items = new.items().enumerate();
    let changed = items.filter(|(_, item)| changed.contains(item.outer()));
    let changed = changed.map(|(at, _)| at);
    let reached = reach(changed, |at| callers[at].iter().copied());
    let mut affected = Affected::default();
    for ((at, item), home) in new.items().enumerate().zip(&graph.homes) {
        if item.kind != Kind::Function || is_constructor(item) {
            continue;
        }
        let function = new.paths.name(item, &home.header, home.at);
        if reached.contains(&at) {
            affected.functions.insert(function.clone());
        }
        affected.others.insert(function);
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
    let [before, after] = [old, new].map(|side| side.seen_as(|item| &item.bare));
    for (side, other, ours, theirs) in [(old, new, &before, &after), (new, old, &after, &before)] {
        let graph = side.graph;
        let mut evaluated_by = vec![Vec::new(); graph.items.len()];
        for &at in &side.registration.items {
            let next = graph.next(at, |mention, at| {
                mention.called || graph.items[at].kind == Kind::Value
            });
            next.into_iter()
                .for_each(|next| evaluated_by[next].push(at));
        }
        let changed = side.registers_otherwise(ours, theirs);
        for at in reach(changed, |at| evaluated_by[at].iter().copied()) {
            let item = &graph.items[at];
            found.names.insert(name(item.name()));
            let said = item.mentions.iter().filter(|mention| !mention.within);
            let said = said.flat_map(|mention| [Some(mention.name), mention.owner.of_trait]);
            found.names.extend(said.flatten());
        }
        let others = other.items().map(|item| (&*item.path, &item.signature));
        let others: HashMap<&str, &String> = others.collect();
        let is_other = |item: &Item| {
            let their = others.get(&*item.path);
            their.is_some_and(|their| **their != item.signature)
        };
        let functions = side.items().filter(|item| item.kind == Kind::Function);
        let differ = functions.filter(|item| is_other(item));
        found.names.extend(differ.map(|item| name(item.name())));
    }
    found
}

/// Whether the closures of a function that is in both are the same ones still, or edited in
/// their places; some may have been added, or taken away, at the end.
fn keeps_numbers(old: Option<&Content<'_>>, new: Option<&Content<'_>>) -> bool {
    let (Some(old), Some(new)) = (old, new) else {
        let mut there = old.into_iter().chain(new);
        return there.all(|content| closures(content).is_empty());
    };
    if old.before != new.before && old.before.is_some() && new.before.is_some() {
        return false;
    }
    let (old, new) = (closures(old), closures(new));
    let none = Vec::new();
    old.keys().chain(new.keys()).all(|parent| {
        let [before, after] = [&old, &new].map(|all| all.get(parent).unwrap_or(&none));
        let mut pairs = before.iter().zip(after);
        pairs.all(|(one, other)| one == other || !after.contains(one) && !before.contains(other))
    })
}

/// Closures by what they stand in, in order: the signature and the body of each.
fn closures<'a>(of: &Content<'a>) -> BTreeMap<&'a str, Vec<(&'a str, &'a Text)>> {
    let mut by_parent: BTreeMap<&str, Vec<(&str, &Text)>> = BTreeMap::new();
    for (path, signature, body) in of.items.iter().filter(|(path, ..)| is_closure(path)) {
        let (parent, _) = path.rsplit_once("::").unwrap_or(("", path));
        by_parent.entry(parent).or_default().push((signature, body));
    }
    by_parent
}

fn is_closure(path: &str) -> bool {
    last_segment(path).starts_with("{closure#")
}

/// `fn Kind::B(_1: u8) -> Kind`: of a tuple struct or a variant.
fn is_constructor(item: &Item) -> bool {
    item.place.is_none() && item.name().starts_with(char::is_uppercase)
}

/// What is known without the compiler's word on the old one: what is registered may have
/// changed, unless only bodies did, and no `build` runs them.
fn by_sources(old: &Code, new: &Code) -> Edit {
    let (before, after) = (written(old), written(new));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = |path: &&String| before.get(*path) != after.get(*path);
    let changed: Vec<&String> = all.into_iter().filter(differ).collect();
    let head = |(kind, hash, _): &Written| (*kind, *hash);
    let is_function = |(kind, ..): &Written| *kind == tokens::Kind::Fn;
    let sides = |path: &String| [&before, &after].map(|all| all.get(path).into_iter().flatten());
    let is_body = |path: &&String| {
        let [old, mut new] = sides(path);
        old.map(head).eq(new.clone().map(head)) && new.all(is_function)
    };
    let registers: Option<HashSet<&str>> = new.compiled.as_deref().map(|compiled| {
        let items = compiled.registration.items.iter();
        items.map(|at| compiled.graph.items[*at].name()).collect()
    });
    let runs = |path: &&String| {
        let registers = registers.as_ref();
        registers.is_none_or(|names| names.contains(last_segment(path)))
    };
    let has_function = |path: &&&String| sides(path).into_iter().flatten().any(is_function);
    let functions = changed.iter().filter(has_function);
    let functions: Vec<String> = functions.map(|path| (*path).clone()).collect();
    Edit {
        structure: changed.iter().any(|path| !is_body(path) || runs(path)),
        affected: Affected {
            functions: after.keys().cloned().collect(),
            ..Affected::default()
        },
        renumbered: functions.clone(),
        functions,
        registering: Registering::everything(),
    }
}

/// An item as it is written: what it is, and the hashes of head and body.
type Written = (tokens::Kind, u128, Option<u128>);

/// All items by their paths, methods by their types.
fn written(code: &Code) -> BTreeMap<String, Vec<Written>> {
    let source = &code.source;
    let mut found: BTreeMap<String, Vec<Written>> = BTreeMap::new();
    for item in &source.items {
        let parent = item.parent.map(|at| &source.items[at].head);
        let owner = parent.and_then(|head| Header::of(head)?.owner);
        let name = item.name.as_deref().unwrap_or(&item.head);
        let path = match owner {
            Some(owner) => format!("{}::{owner}::{name}", item.module),
            None => format!("{}::{name}", item.module),
        };
        let written = (item.kind, item.hash, item.body);
        found.entry(path).or_default().push(written);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Edit, with_plain_trait};

    #[test]
    fn a_method_is_the_same_however_its_trait_is_written() {
        let plain = "<systems::Game as Plugin>::build";
        for written in [
            plain,
            "<systems::Game as bevy_app::plugin::Plugin>::build",
            "<systems::Game as bevy::app::Plugin>::build",
        ] {
            assert_eq!(with_plain_trait(written), plain);
        }
        let generic = "<systems::A<u8> as systems::Go<u8>>::go";
        assert_eq!(with_plain_trait(generic), "<systems::A<u8> as Go>::go");
        assert_eq!(with_plain_trait("systems::plugin"), "systems::plugin");

        let edit = Edit {
            renumbered: vec![plain.into()],
            ..Edit::default()
        };
        let closure = "<systems::Game as bevy_app::plugin::Plugin>::build::{{closure}}";
        assert!(edit.renumbers(closure));
        assert!(!edit.renumbers("systems::plugin::{{closure}}") && !edit.renumbers(plain));
    }
}
