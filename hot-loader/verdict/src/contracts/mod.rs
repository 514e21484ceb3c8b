//! What the engine, the compiler and live values rely on of a crate's types, beyond their
//! layouts: attributes and derives, impls of the engine's traits with the values and code
//! in them, associated types, the declarations of traits, the order of what has no name.
//!
//! Each is a fact with a key and a hash: told by the compiler's MIR where that shows it,
//! and by the tokens where nothing else does. Layouts are the business of `layouts`. Must
//! never call two builds equal because something in them is not understood.

mod bindings;
mod compiled;
mod declared;

pub(crate) use declared::before_impls;

use crate::{
    graph::{Graph, other_names},
    mir::Text,
    tokens::{Item, Source},
    traits::{Traits, is_plain_macro},
};
use bindings::Binding;
use hot_loader_compile::hash::{Fnv, Name, name};
use std::collections::{BTreeMap, BTreeSet};

/// The contracts of one build.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    /// What the tokens tell.
    facts: BTreeMap<String, Fact>,
    /// What the compiler tells; nothing before the build.
    compiled: Option<BTreeMap<String, Fact>>,
    /// What only debug info shows well, as far as the tokens tell it.
    laid_out: BTreeMap<String, Fact>,
    /// What each name of a module means there, as far as the sources say.
    bindings: BTreeMap<(String, String), Binding>,
    modules: BTreeSet<String>,
    /// The names of its types.
    types: BTreeSet<Name>,
    /// What has a body.
    bodies: BTreeSet<String>,
}

/// What is relied on under one key; several of one key are told by their order.
#[derive(Clone, Debug, Default)]
struct Fact {
    hashes: Vec<u128>,
    /// The same of what the compiler tells.
    texts: Vec<(String, Text)>,
    /// The type that it is a fact of.
    owner: Option<Name>,
    /// That it is there, or not, is a fact too.
    presence: bool,
    /// It is the definition of a type.
    is_type: bool,
    /// The body that it is inside of.
    within: Option<String>,
    /// Names that the compiler resolved and nothing shows how.
    names: BTreeSet<Name>,
    /// Names of which debug info shows what they are.
    shown: BTreeSet<Name>,
}

/// What else is known of the two that are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beside {
    /// The debug info of both is compared, too.
    Layouts,
    /// Nothing yet, and it will be: too little may be said, and costs a build.
    Guess,
    /// Nothing.
    Nothing,
}

impl Contracts {
    /// The contracts of a build, by its sources and, once there is one, its MIR.
    pub fn of(source: &Source, mir: Option<&Graph>) -> Self {
        let traits = Traits::of(source);
        let mut found = Self::default();
        for (at, item) in source.items.iter().enumerate() {
            found.modules.insert(item.module.clone());
            found.bind(&traits, item);
            found.declared(source, &traits, at, item);
        }
        if !source.attributes.is_empty() {
            let all = source.attributes.iter();
            let hash = all.fold(Fnv::default(), |hash, one| hash.text(&one.text));
            let fact = Fact::of_hash(hash.finish()).always();
            found.add("attributes of the crate".to_owned(), fact);
        }
        let others = other_names(source);
        for fact in found.facts.values_mut() {
            let is_sure = |owner: &Name| fact.is_type || !others.contains(owner);
            let owner = fact.owner.filter(|owner| found.types.contains(owner));
            fact.owner = owner.filter(is_sure);
        }
        found.order(source);
        found.lay_out(source, &traits);
        found.other_files(source, &traits);
        found.compiled = mir.map(|graph| compiled::facts(source, &traits, graph));
        found
    }

    /// What of `new` is not as it was: `impl Drop for Ship in systems::ship was added`. Types
    /// that only `new` has, with all that is said of them, are no difference; those that are
    /// gone are one.
    pub fn differences(&self, new: &Self, beside: Beside) -> Vec<String> {
        let meant = self.meanings(new, beside);
        let means_another = |fact: &Fact| {
            let shown = fact.shown.iter().filter(|_| beside != Beside::Layouts);
            let mut names = fact.names.iter().chain(shown);
            names.any(|name| meant.contains(name))
        };
        let mut found = self.between(&self.facts, &new.facts, new, means_another);
        if let (Some(old), Some(compiled)) = (&self.compiled, &new.compiled) {
            found.extend(self.between(old, compiled, new, |_| false));
        }
        if beside == Beside::Nothing {
            found.extend(self.between(&self.laid_out, &new.laid_out, new, means_another));
        }
        found
    }

    fn between(
        &self,
        old_facts: &BTreeMap<String, Fact>,
        new_facts: &BTreeMap<String, Fact>,
        new: &Self,
        means_another: impl Fn(&Fact) -> bool,
    ) -> Vec<String> {
        let mut found = Vec::new();
        let keys: BTreeSet<&String> = old_facts.keys().chain(new_facts.keys()).collect();
        for key in keys {
            let is_within = |fact: &Fact, side: &Self| {
                let within = fact.within.as_ref();
                within.is_some_and(|within| side.bodies.contains(within))
            };
            let how = match (old_facts.get(key), new_facts.get(key)) {
                (Some(old), Some(new)) if old.hashes != new.hashes || old.texts != new.texts => {
                    "changed"
                }
                (Some(old), Some(new)) if means_another(old) || means_another(new) => {
                    "names something that now means something else"
                }
                (Some(old), None) if old.presence || old.is_type || is_within(old, new) => {
                    "was removed"
                }
                (None, Some(fact))
                    if fact.presence && fact.owner.is_none_or(|it| self.types.contains(&it))
                        || is_within(fact, self) =>
                {
                    "was added"
                }
                _ => continue,
            };
            found.push(format!("{key} {how}"));
        }
        found
    }

    /// Whether `new` has types that this one has not.
    pub fn has_new_types(&self, new: &Self) -> bool {
        let mut types = new.facts.iter().filter(|(_, fact)| fact.is_type);
        types.any(|(key, _)| !self.facts.contains_key(key))
    }

    /// Stable hash of all that the tokens tell.
    pub fn hash(&self) -> u128 {
        let all = self.facts.iter();
        let hash = all.fold(Fnv::default(), |hash, (key, fact)| {
            let hashes = fact.hashes.iter();
            hashes.fold(hash.text(key), |hash, of| hash.number(*of))
        });
        hash.finish()
    }
}

fn add(facts: &mut BTreeMap<String, Fact>, key: String, fact: Fact) {
    let Some(known) = facts.get_mut(&key) else {
        facts.insert(key, fact);
        return;
    };
    // Variants of a `cfg`, or what a macro made.
    known.hashes.extend(fact.hashes);
    known.texts.extend(fact.texts);
    known.names.extend(fact.names);
    known.shown.extend(fact.shown);
    known.presence |= fact.presence;
}

impl Fact {
    fn of(item: &Item) -> Self {
        Self {
            names: item.names.clone(),
            ..Self::of_hash(item.hash)
        }
    }

    fn of_hash(hash: u128) -> Self {
        Self {
            hashes: vec![hash],
            ..Self::default()
        }
    }

    /// That it is there is a fact.
    fn always(mut self) -> Self {
        self.presence = true;
        self
    }
}

/// Stands for where and how something is written, which `line!()` and `stringify!()` tell.
const PLACE: &str = "line!";

/// All names that an item says, and [`PLACE`] if it may depend on that.
fn all_names(item: &Item) -> BTreeSet<Name> {
    let mut names: BTreeSet<Name> = item.names.union(&item.body_names).copied().collect();
    // Some see formatting, too, or pass it on to those that do.
    let asks = |call: &String| {
        matches!(call.as_str(), "line" | "column" | "file" | "stringify") || !is_plain_macro(call)
    };
    let caller = ["Location", "caller"].map(name);
    if item.calls.iter().any(asks) || caller.iter().all(|caller| names.contains(caller)) {
        names.insert(name(PLACE));
    }
    names
}
