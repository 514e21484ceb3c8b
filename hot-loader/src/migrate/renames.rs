//! Which types of the running code have another name, or stand in another module, in the
//! new code: what `Was` says, and what can be meant by nothing else. It looks at
//! definitions only, and must not guess: what could be meant in two ways is a problem.

use super::{Lineage, MigrationError, TypeChange, error::Problem, pairs};
use crate::{convert::former_paths, migration::hot::Migrations};
use bevy::{
    ecs::{
        component::{ComponentInfo, StorageType},
        world::World,
    },
    reflect::TypeRegistry,
};
use hot_loader_verdict::{
    layouts::{Layouts, Type},
    names::{Renames, base},
};
use std::collections::{BTreeMap, BTreeSet};

/// What the engine is told of a component besides its layout: its storage; whether it is
/// dropped, mutable, and a side of a relationship.
type Contract = (StorageType, [bool; 3]);

fn contract(info: &ComponentInfo) -> Contract {
    let is_related = info.relationship_accessor().is_some();
    let facts = [info.drop().is_some(), info.mutable(), is_related];
    (info.storage_type(), facts)
}

/// One side of an edit.
struct Side<'a> {
    layouts: &'a Layouts,
    /// Its components.
    components: BTreeMap<String, Contract>,
    /// The module's types that they are made of, by their paths without arguments.
    types: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Side<'a> {
    fn new(layouts: &'a Layouts, components: BTreeMap<String, Contract>) -> Self {
        let mut types: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for name in layouts.own_within(components.keys().map(String::as_str)) {
            if !base(name).is_empty() {
                types.entry(base(name)).or_default().push(name);
            }
        }
        Self {
            layouts,
            components,
            types,
        }
    }

    /// Those of them that `other` has not.
    fn without(&self, other: &Self) -> BTreeSet<&'a str> {
        let paths = self.types.keys().copied();
        paths
            .filter(|path| !other.types.contains_key(path) && !has(other.layouts, path))
            .collect()
    }

    /// Each definition of a path, with names as `rename` gives them, and its contract.
    fn definitions(
        &self,
        path: &str,
        rename: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Definitions<'_>> {
        let names = self.types.get(path)?.iter();
        names
            .map(|name| {
                let known = self.layouts.get(name)?;
                Some((known.renamed(rename), self.components.get(*name)))
            })
            .collect()
    }
}

/// Definitions, and what the engine is told of them.
type Definitions<'a> = Vec<(Type, Option<&'a Contract>)>;

fn has(layouts: &Layouts, path: &str) -> bool {
    layouts.get(path).is_some()
}

/// The last segment of a path.
fn ident(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// Finds all types that have another name, and says of which of them nobody said anything, as
/// `old -> new`. The world must know all that the new code registers by now.
///
/// # Errors
/// Those that may be meant by several new ones, and what was said that fits nothing.
pub fn find(
    world: &World,
    change: &TypeChange,
    [old_types, new_types]: [&TypeRegistry; 2],
    migrations: &Migrations,
) -> Result<(Renames, Vec<String>), MigrationError> {
    let layouts = &change.known.layouts;
    let (mut renames, mut assumed, mut problems) = <(Renames, Vec<_>, Vec<_>)>::default();
    let valued = pairs::counts(world, change);
    let valued: BTreeMap<&str, usize> = valued
        .values()
        .map(|(name, _, count)| (name.as_str(), *count))
        .collect();
    let before = layouts.get(&change.known.running);
    let said = said(&valued, before, [old_types, new_types], &mut renames);
    if let (Some(before), Some(after)) = (before, layouts.get(change.new)) {
        let components = world.components();
        let contract = |name: &str, id| Some((name.to_owned(), contract(components.get_info(id)?)));
        let old = change.known.lineage.of.iter();
        let old = old.filter_map(|(&id, identity)| {
            let name = components.get_info(id)?.name().to_string();
            let is_there = *identity == change.known.running && has(before, &name);
            is_there.then(|| contract(&name, id)).flatten()
        });
        let new = pairs::new_ids(world, change, new_types);
        let new = new
            .iter()
            .filter_map(|(name, ids)| contract(name, *ids.first()?));
        let sides = [
            Side::new(before, old.collect()),
            Side::new(after, new.collect()),
        ];
        let mut search = Search::new(&sides, renames);
        search.undo(&change.known.lineage);
        search.run();
        let matters = before.own_within(valued.keys().copied());
        let matters: BTreeSet<_> = matters.into_iter().map(base).collect();
        let is_reset = |path: &str| {
            let mut resets = migrations.resets.keys().filter_map(|id| new_types.get(*id));
            resets.any(|it| base(it.type_info().type_path()) == path)
        };
        for (old, new) in &search.assumed {
            if matters.contains(old) {
                assumed.push(format!("{old} -> {new}"));
            }
        }
        for old in search.gone.iter().filter(|old| !search.renames.has(old)) {
            let counts = valued.iter().filter(|(name, _)| base(name) == *old);
            let count: usize = counts.map(|(_, count)| count).sum();
            let mut may_be = search.may_be(old);
            may_be.retain(|new| !is_reset(new));
            if count > 0 && !may_be.is_empty() {
                problems.push(untold(old, count, &may_be));
            }
        }
        renames = search.renames;
    }
    problems.extend(settle(said, &valued, change, &renames));
    match problems.is_empty() {
        true => Ok((renames, assumed)),
        false => Err(MigrationError(problems)),
    }
}

/// Says of each `Was` that fits nothing what would; that is a problem if values wait for it.
fn settle(
    said: Vec<(String, String)>,
    valued: &BTreeMap<&str, usize>,
    change: &TypeChange,
    renames: &Renames,
) -> Vec<Problem> {
    let after = change.known.layouts.get(change.new);
    let is_gone = |name: &&&str| {
        let is_there = after.is_none_or(|after| has(after, name));
        !is_there && renames.apply(name).is_none()
    };
    let Some(like) = valued.keys().find(is_gone) else {
        for (path, what) in said {
            tracing::warn!(target: "hot_loader", "{path}: {what}");
        }
        return Vec::new();
    };
    let problems = said.into_iter().map(|(name, what)| Problem {
        name,
        count: 0,
        reason: format!("{what}. Write a full path, such as `{like}`"),
    });
    problems.collect()
}

fn untold(old: &str, count: usize, may_be: &BTreeSet<&str>) -> Problem {
    let may_be: Vec<_> = may_be.iter().map(|new| format!("`{new}`")).collect();
    Problem {
        name: old.to_owned(),
        count,
        reason: format!(
            "the new code no longer has it, and it may be {} now. If it is, add `#[reflect(@Was(\"{old}\"))]` there (and derive `Reflect`), or discard the values with `app.reset_on_change` for the new type. If it is not, save its removal and the new type one after the other",
            may_be.join(" or ")
        ),
    }
}

/// Adds what `Was` says of types, and gives back what it says that fits nothing: the type
/// on which it stands, and why.
fn said(
    valued: &BTreeMap<&str, usize>,
    before: Option<&std::sync::Arc<Layouts>>,
    [old_types, new_types]: [&TypeRegistry; 2],
    renames: &mut Renames,
) -> Vec<(String, String)> {
    let mut known: BTreeSet<&str> = valued.keys().map(|name| base(name)).collect();
    let paths = old_types.iter().map(|it| it.type_info().type_path());
    known.extend(paths.map(base));
    if let Some(before) = before {
        known.extend(before.own().map(base));
    }
    let mut unfit = Vec::new();
    for new in new_types.iter().map(|it| it.type_info()) {
        let path = base(new.type_path());
        let is_old = |former: &str| {
            let old = old_types.get_with_type_path(new.type_path());
            old.is_some_and(|old| former_paths(old.type_info()).any(|it| it == former))
        };
        for former in former_paths(new) {
            let old = match meant(base(former), &known) {
                Ok(old) => old,
                // It has done its work in an earlier edit.
                Err(_) if is_old(former) => continue,
                Err(why) => {
                    unfit.push((path.to_owned(), why));
                    continue;
                }
            };
            // A former name counts as long as the own one is not there.
            let is_valued = valued.keys().any(|name| base(name) == old);
            if old != path && (is_valued || !known.contains(path)) && !renames.has(old) {
                renames.add(old, path);
            }
        }
    }
    unfit
}

/// Which type a former path means: that of this path, or the one whose path ends so.
fn meant<'a>(former: &str, known: &BTreeSet<&'a str>) -> Result<&'a str, String> {
    if let Some(known) = known.get(former) {
        return Ok(known);
    }
    let end = format!("::{former}");
    let fits: Vec<_> = known.iter().filter(|path| path.ends_with(&end)).collect();
    match fits[..] {
        [one] => Ok(one),
        [] => Err(format!(
            "`@Was(\"{former}\")` does not name a type of the old code"
        )),
        [one, other, ..] => Err(format!(
            "`@Was(\"{former}\")` is ambiguous: it may be `{one}` or `{other}`"
        )),
    }
}

/// The search for pairs that can be meant by nothing else.
struct Search<'a> {
    sides: &'a [Side<'a>; 2],
    gone: BTreeSet<&'a str>,
    come: BTreeSet<&'a str>,
    renames: Renames,
    assumed: Vec<(&'a str, &'a str)>,
}

impl<'a> Search<'a> {
    fn new(sides: &'a [Side<'a>; 2], renames: Renames) -> Self {
        let [old, new] = sides;
        let mut gone = old.without(new);
        let mut come = new.without(old);
        gone.retain(|old| !renames.has(old));
        come.retain(|new| !renames.has_new(new));
        Self {
            sides,
            gone,
            come,
            renames,
            assumed: Vec::new(),
        }
    }

    /// Pairs those that had the other's name before: an earlier edit told that they are one.
    fn undo(&mut self, lineage: &Lineage) {
        for old in &self.gone {
            let mut names = lineage.names_of(old).into_iter();
            let new = names.find(|it| self.come.contains(it) && !self.renames.has_new(it));
            if let Some(new) = new {
                self.renames.add(old, new);
            }
        }
    }

    /// Pairs those of one name first, then those that alone have equal definitions; what
    /// is paired tells more of what mentions it.
    fn run(&mut self) {
        let mut by_name = true;
        loop {
            let pairs = self.unambiguous(by_name);
            for (old, new) in &pairs {
                self.renames.add(old, new);
                self.assumed.push((old, new));
            }
            match (pairs.is_empty(), by_name) {
                (true, false) => break,
                (empty, _) => by_name = !empty,
            }
        }
        // What was blank until now has a name.
        loop {
            let [old, new] = self.sides;
            let renames = self.renames.clone();
            let rename = |name: &str| renames.apply(name);
            let differs = |(from, to): &(&str, &str)| {
                let after = new.definitions(to, &|_| None);
                let before = old.definitions(from, &rename);
                !is_within(&before, &after)
            };
            let Some(at) = self.assumed.iter().position(differs) else {
                break;
            };
            let (from, _) = self.assumed.swap_remove(at);
            self.renames.remove(from);
        }
        self.assumed.sort_unstable();
    }

    /// The pairs of which each has no other.
    fn unambiguous(&self, by_name: bool) -> Vec<(&'a str, &'a str)> {
        let mut fits = self.candidates();
        fits.retain(|(old, new)| !by_name || ident(old) == ident(new));
        let once = |(old, new): &&(&str, &str)| {
            let all = fits.iter().filter(|(a, b)| a == old || b == new);
            all.count() == 1
        };
        fits.iter().filter(once).copied().collect()
    }

    /// The types that are left, with those of equal definitions.
    fn candidates(&self) -> Vec<(&'a str, &'a str)> {
        let [old, new] = self.sides;
        let (mut gone, mut come) = (self.gone.clone(), self.come.clone());
        gone.retain(|it| !self.renames.has(it));
        come.retain(|it| !self.renames.has_new(it));
        let mut blanks = Renames::default();
        for path in gone.iter().chain(&come) {
            blanks.add(path, "?");
        }
        let today = |name: &str| {
            let renamed = self.renames.apply(name);
            blanks.apply(renamed.as_deref().unwrap_or(name)).or(renamed)
        };
        let blank = |name: &str| blanks.apply(name);
        let after = come.iter().map(|it| (*it, new.definitions(it, &blank)));
        let after: Vec<_> = after.collect();
        let mut all = Vec::new();
        for path in gone {
            let before = old.definitions(path, &today);
            let fits = after.iter().filter(|(_, after)| is_within(&before, after));
            all.extend(fits.map(|(new_path, _)| (path, *new_path)));
        }
        all
    }

    /// What a type that is gone may be now, though that cannot be told.
    fn may_be(&self, old: &str) -> BTreeSet<&'a str> {
        let mut fits = self.candidates();
        fits.retain(|(gone, _)| *gone == old);
        let [_, new] = self.sides;
        let named = self.come.iter().filter(|it| {
            ident(it) == ident(old)
                && !self.renames.has_new(it)
                && new.components.contains_key(**it)
        });
        let fits = fits.into_iter().map(|(_, new)| new);
        fits.chain(named.copied()).collect()
    }
}

/// Whether each old definition is among the new ones.
fn is_within(old: &Option<Definitions>, new: &Option<Definitions>) -> bool {
    let both = old.as_ref().zip(new.as_ref());
    both.is_some_and(|(old, new)| old.iter().all(|it| new.contains(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_segment_will_do_where_it_is_unambiguous() {
        let known = BTreeSet::from(["systems::Label", "systems::ui::Mark", "systems::map::Mark"]);
        assert_eq!(meant("Label", &known), Ok("systems::Label"));
        assert_eq!(meant("systems::Label", &known), Ok("systems::Label"));
        assert_eq!(meant("ui::Mark", &known), Ok("systems::ui::Mark"));
        assert!(meant("Mark", &known).is_err(), "two");
        assert!(meant("bel", &known).is_err(), "part of a segment");
        assert!(meant("Tag", &known).is_err(), "none");
    }
}
