//! What the engine, the compiler and live values rely on of a crate's types, beyond their
//! layouts: attributes and derives, impls of the engine's traits with the values and code
//! in them, associated types, the declarations of traits, the order of what has no name.
//!
//! Each is a fact with a key and a hash: told by the compiler's MIR where that shows it,
//! and by the tokens where nothing else does. Layouts are the business of `layouts`. Must
//! never call two builds equal because something in them is not understood.

use crate::{
    graph::Graph,
    header::Header,
    mir::Kind as MirKind,
    tokens::{Item, Kind, Source},
    traits::{Meaning, Traits},
};
use hot_loader_compile::hash::{Fnv, Name, name};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

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
}

/// What is relied on under one key; several of one key are told by their order.
#[derive(Clone, Debug, Default)]
struct Fact {
    hashes: Vec<u128>,
    /// The type that it is a fact of.
    owner: Option<Name>,
    /// That it is there, or not, is a fact too.
    presence: bool,
    /// It is the definition of a type.
    is_type: bool,
    /// Names that the compiler resolved and nothing shows how.
    names: BTreeSet<Name>,
    /// Names of which debug info shows what they are.
    shown: BTreeSet<Name>,
    /// The item in the sources.
    at: Option<Place>,
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

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which of the files.
    pub file: usize,
    /// From 1.
    pub line: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Binding {
    hash: u128,
    /// It is another name for what these mean.
    names: BTreeSet<Name>,
}

/// One fact that is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is a fact of: `impl Drop for Ship in systems::ship`.
    pub what: String,
    /// What happened to it.
    pub how: &'static str,
    /// Where it is, in the new sources if it is there.
    pub at: Option<Place>,
}

impl Contracts {
    /// The contracts of a build, by its sources and, once there is one, its MIR.
    #[must_use]
    pub fn of(source: &Source, mir: Option<&Graph>) -> Self {
        let traits = Traits::of(source);
        let mut found = Self::default();
        for (at, item) in source.items.iter().enumerate() {
            found.modules.insert(item.module.clone());
            found.bind(source, item);
            found.declared(source, &traits, at, item);
        }
        found.order(source);
        found.lay_out(source, &traits);
        found.compiled = mir.map(|graph| compiled(source, &traits, graph));
        found
    }

    /// What of `new` is not as it was. Types that only `new` has, with all that is said of
    /// them, are no difference; those that are gone are one.
    #[must_use]
    pub fn differences(&self, new: &Self, beside: Beside) -> Vec<Difference> {
        let meant = self.meanings(new, beside);
        let mut found = self.between(&self.facts, &new.facts, |fact| {
            let shown = fact.shown.iter().filter(|_| beside != Beside::Layouts);
            fact.names
                .iter()
                .chain(shown)
                .any(|name| meant.contains(name))
        });
        if let (Some(old), Some(compiled)) = (&self.compiled, &new.compiled) {
            found.extend(self.between(old, compiled, |_| false));
        }
        if beside == Beside::Nothing {
            found.extend(self.between(&self.laid_out, &new.laid_out, |_| false));
        }
        found
    }

    fn between(
        &self,
        old_facts: &BTreeMap<String, Fact>,
        new_facts: &BTreeMap<String, Fact>,
        means_another: impl Fn(&Fact) -> bool,
    ) -> Vec<Difference> {
        let mut found = Vec::new();
        let keys: BTreeSet<&String> = old_facts.keys().chain(new_facts.keys()).collect();
        for key in keys {
            let is_new = |owner: Option<Name>, sides: &Self| {
                owner.is_some_and(|owner| !sides.types.contains(&owner))
            };
            let (how, fact) = match (old_facts.get(key), new_facts.get(key)) {
                (Some(old), Some(new)) if old.hashes != new.hashes => ("changed", new),
                (Some(old), Some(new)) if means_another(old) || means_another(new) => {
                    ("names something that now means something else", new)
                }
                (Some(old), None) if old.presence || old.is_type => ("was removed", old),
                (None, Some(fact)) if fact.presence && !is_new(fact.owner, self) => {
                    ("was added", fact)
                }
                _ => continue,
            };
            found.push(Difference {
                what: key.clone(),
                how,
                at: fact.at.clone(),
            });
        }
        found
    }

    /// Whether `new` has types that this one has not.
    #[must_use]
    pub fn has_new_types(&self, new: &Self) -> bool {
        let mut types = new.facts.iter().filter(|(_, fact)| fact.is_type);
        types.any(|(key, _)| !self.facts.contains_key(key))
    }

    /// Stable hash of all that the tokens tell.
    #[must_use]
    pub fn hash(&self) -> u128 {
        let mut hash = Fnv::default();
        for (key, fact) in &self.facts {
            hash.text(key);
            fact.hashes.iter().for_each(|of| hash.number(*of));
        }
        hash.finish()
    }

    /// The names that may mean something else in `new`.
    fn meanings(&self, new: &Self, beside: Beside) -> BTreeSet<Name> {
        let keys: BTreeSet<_> = self.bindings.keys().chain(new.bindings.keys()).collect();
        let mut changed = BTreeSet::new();
        if beside != Beside::Layouts {
            changed.insert(name(PLACE));
        }
        for key @ (module, bound) in keys {
            // What a new module has is named by nothing old, unless a `use` changed too.
            let in_both = self.modules.contains(module) && new.modules.contains(module);
            if !in_both || self.bindings.get(key) == new.bindings.get(key) {
                continue;
            }
            if bound == "*" {
                // Whatever the module names.
                let facts = self.facts.iter().filter(|(key, _)| is_in(key, module));
                changed.extend(facts.flat_map(|(_, fact)| &fact.names).copied());
            } else {
                changed.insert(name(bound));
            }
        }
        loop {
            let before = changed.len();
            for sides in [self, new] {
                for ((_, bound), binding) in &sides.bindings {
                    if binding.names.iter().any(|name| changed.contains(name)) {
                        changed.insert(name(bound));
                    }
                }
            }
            if changed.len() == before {
                return changed;
            }
        }
    }

    /// Notes what a name means.
    fn bind(&mut self, source: &Source, item: &Item) {
        let mut bind = |bound: &str, hash: u128, names: BTreeSet<Name>| {
            let key = (item.module.clone(), bound.to_owned());
            let binding = self.bindings.entry(key).or_default();
            let mut all = Fnv::default();
            all.number(binding.hash);
            all.number(hash);
            all.text(&item.vis);
            binding.hash = all.finish();
            binding.names.extend(names);
        };
        if item.kind == Kind::Use {
            for (bound, path) in &item.uses {
                let mut hash = Fnv::default();
                hash.text(path);
                let last = path.rsplit("::").next().unwrap_or(path);
                bind(bound, hash.finish(), BTreeSet::from([name(last)]));
            }
            return;
        }
        let Some(bound) = &item.name else { return };
        let parent = item.parent.and_then(|parent| source.items.get(parent));
        // What the last two give has a type that follows from the body.
        let is_value = item.kind == Kind::Fn
            && ["const ", "async ", "impl "]
                .iter()
                .any(|word| item.head.contains(word));
        let value = || {
            let mut hash = Fnv::default();
            hash.number(item.hash);
            hash.number(item.body.unwrap_or_default());
            (hash.finish(), all_names(item))
        };
        let (hash, names) = match item.kind {
            Kind::Alias | Kind::Const | Kind::Static | Kind::MacroRules => value(),
            Kind::Fn if is_value => value(),
            // A member is named through its type.
            _ if parent.is_some() => return,
            _ => (0, BTreeSet::new()),
        };
        if hash != 0 || parent.is_none() {
            bind(bound, hash, names);
        }
    }

    /// Facts that the tokens tell.
    fn declared(&mut self, source: &Source, traits: &Traits<'_>, at: usize, item: &Item) {
        let module = &item.module;
        let bound = item.name.as_deref().unwrap_or_default();
        let top = item.parent.is_none();
        match item.kind {
            Kind::Type => {
                self.types.insert(name(bound));
                let attributes = item.attributes.iter();
                let attributes = attributes.flat_map(|attribute| names_in(&attribute.text));
                let fact = Fact {
                    owner: Some(name(bound)),
                    is_type: true,
                    names: attributes.collect(),
                    shown: all_names(item),
                    ..Fact::of(item)
                };
                self.add(format!("type {bound} in {module}"), fact);
            }
            Kind::Trait => {
                self.types.insert(name(bound));
                let fact = Fact {
                    owner: Some(name(bound)),
                    ..Fact::of(item)
                };
                self.add(format!("trait {bound} in {module}"), fact);
            }
            Kind::Impl => self.implemented(source, traits, at, item),
            Kind::MacroRules
                if item.declares || item.calls.iter().any(|call| !traits.is_plain_macro(call)) =>
            {
                let fact = Fact {
                    names: BTreeSet::new(),
                    ..Fact::of(item).always()
                };
                self.add(format!("macro {bound}! in {module}"), fact);
            }
            Kind::MacroCall if top && !traits.is_plain_macro(bound) && !is_export(item) => {
                let key = format!("what {bound}! makes in {module}");
                self.add(key, Fact::of(item).always());
            }
            // What an `include!` includes stands behind it.
            Kind::Other if top && bound != "include" => {
                let key = format!("{} in {module}", item.head);
                self.add(key, Fact::of(item).always());
            }
            Kind::Mod if !item.attributes.is_empty() => {
                let key = format!("attributes of mod {bound} in {module}");
                self.add(key, Fact::of(item).always());
            }
            _ => {}
        }
    }

    /// An impl of a trait: of one that is a contract all of it, else what is associated.
    fn implemented(&mut self, source: &Source, traits: &Traits<'_>, at: usize, item: &Item) {
        let header = Header::of(&item.head).unwrap_or_default();
        let Some(path) = &header.of_trait else { return };
        let contract = traits.meaning(path) == Meaning::Contract;
        let mut hash = Fnv::default();
        hash.number(item.hash);
        let mut fact = Fact {
            owner: header.owner.as_deref().map(name),
            presence: contract,
            ..Fact::of(item)
        };
        let mut associated = contract;
        for member in source.members(at).map(|at| &source.items[at]) {
            let is_code = member.kind == Kind::Fn;
            if is_code && !contract {
                continue;
            }
            associated = true;
            hash.number(member.hash);
            hash.number(member.body.unwrap_or_default());
            // How the names of code are resolved, the compiler shows.
            match is_code {
                true => fact.shown.extend(all_names(member)),
                false => fact.names.extend(&member.names),
            }
        }
        if associated {
            fact.hashes = vec![hash.finish()];
            self.add(format!("{} in {}", item.head, item.module), fact);
        }
    }

    /// Types inside of methods are known by the number of the impl that they are in: what
    /// comes before such an impl, in its module, is a fact of it.
    fn order(&mut self, source: &Source) {
        for (at, before) in before_impls(source) {
            let item = &source.items[at];
            let mut members = source.members(at).map(|at| &source.items[at]);
            if members.any(|member| member.declares || member.kind == Kind::MacroCall) {
                let fact = Fact {
                    hashes: vec![before],
                    names: BTreeSet::new(),
                    ..Fact::of(item)
                };
                self.add(
                    format!("the place of {} in {}", item.head, item.module),
                    fact,
                );
            }
        }
    }

    /// Types inside of bodies, what macros and files make of others.
    fn lay_out(&mut self, source: &Source, traits: &Traits<'_>) {
        let mut order: BTreeMap<&str, (Fnv, Fact)> = BTreeMap::new();
        for item in &source.items {
            let makes = item.calls.iter().any(|call| !traits.is_plain_macro(call));
            let path = format!("{} in {}", item.head, item.module);
            if item.body.is_some() && (item.declares || makes) {
                let mut hash = Fnv::default();
                hash.number(item.hash);
                hash.number(item.body.unwrap_or_default());
                let fact = Fact {
                    hashes: vec![hash.finish()],
                    ..Fact::of(item)
                };
                add(
                    &mut self.laid_out,
                    format!("what is inside of {path}"),
                    fact,
                );
            }
            if makes || item.kind == Kind::MacroRules {
                let (hash, _) = order
                    .entry(&item.module)
                    .or_insert_with(|| (Fnv::default(), Fact::of(item)));
                hash.text(item.name.as_deref().unwrap_or(&item.head));
            }
        }
        for (module, (hash, fact)) in order {
            let fact = Fact {
                hashes: vec![hash.finish()],
                ..fact
            };
            add(
                &mut self.laid_out,
                format!("the order of macros in {module}"),
                fact,
            );
        }
        for (file, hash) in source.other_files() {
            let fact = Fact {
                hashes: vec![hash],
                ..Fact::default()
            };
            add(&mut self.laid_out, file.display().to_string(), fact);
        }
    }

    fn add(&mut self, key: String, fact: Fact) {
        add(&mut self.facts, key, fact);
    }
}

fn add(facts: &mut BTreeMap<String, Fact>, key: String, fact: Fact) {
    match facts.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(fact);
        }
        // Variants of a `cfg`, or what a macro made.
        Entry::Occupied(mut entry) => {
            let known = entry.get_mut();
            known.hashes.extend(fact.hashes);
            known.names.extend(fact.names);
            known.shown.extend(fact.shown);
            known.presence |= fact.presence;
        }
    }
}

impl Fact {
    fn of(item: &Item) -> Self {
        Self {
            hashes: vec![item.hash],
            names: item.names.clone(),
            at: Some(Place {
                file: item.file,
                line: item.from.0,
            }),
            ..Self::default()
        }
    }

    /// That it is there is a fact.
    fn always(self) -> Self {
        Self {
            presence: true,
            ..self
        }
    }
}

/// Each impl, and a hash of all in its module before it that makes impls.
pub(crate) fn before_impls(source: &Source) -> BTreeMap<usize, u128> {
    let mut before: BTreeMap<&str, Fnv> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (at, item) in source.items.iter().enumerate() {
        if item.parent.is_some() {
            continue;
        }
        let so_far = before.entry(&item.module).or_default();
        match item.kind {
            Kind::Impl => {
                found.insert(at, so_far.finish());
                so_far.text(&item.head);
            }
            Kind::MacroCall => so_far.text(&item.head),
            Kind::Type => {
                let attributes = item.attributes.iter();
                let derives = attributes.filter(|attribute| attribute.name != "cfg");
                derives.for_each(|attribute| so_far.text(&attribute.text));
            }
            _ => {}
        }
    }
    found
}

/// Facts that the compiler tells: constants and code of impls that are contracts.
fn compiled(source: &Source, traits: &Traits<'_>, graph: &Graph) -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::new();
    for (at, item) in graph.mir.items.iter().enumerate() {
        let home = &graph.homes[at];
        let Some(of_trait) = &home.header.of_trait else {
            continue;
        };
        let contract = match home.in_trait {
            true => traits.is_unsafe(of_trait),
            false => traits.meaning(of_trait) == Meaning::Contract,
        };
        let is_constant = item.kind == MirKind::Value && item.outer() == item.path;
        if !contract && !is_constant {
            continue;
        }
        let mut hash = Fnv::default();
        hash.text(&item.signature);
        hash.number(item.body.into());
        for value in graph.values_of(at) {
            let value = &graph.mir.items[value];
            hash.text(&value.signature);
            hash.number(value.body.into());
        }
        // Of a trait that is new nobody has asked for its constants.
        let owner = match home.in_trait {
            true => Some(of_trait),
            false => home.header.owner.as_ref(),
        };
        let written = home.at.map(|at| Fact::of(&source.items[at]));
        let fact = Fact {
            hashes: vec![hash.finish()],
            owner: owner.map(|owner| name(owner)),
            presence: contract,
            at: written.and_then(|fact| fact.at),
            ..Fact::default()
        };
        add(&mut facts, item.path.clone(), fact);
    }
    facts
}

/// Stands for the place where something is written, which `line!()` is the value of.
const PLACE: &str = "line!";

/// All names that an item says, and [`PLACE`] if it may depend on that.
fn all_names(item: &Item) -> BTreeSet<Name> {
    let mut names: BTreeSet<Name> = item.names.union(&item.body_names).copied().collect();
    let asks = ["line", "column", "file"].map(str::to_owned);
    let caller = ["Location", "caller"].map(name);
    if item.calls.iter().any(|call| asks.contains(call))
        || caller.iter().all(|caller| names.contains(caller))
    {
        names.insert(name(PLACE));
    }
    names
}

/// `hot_loader::export!`, which makes what a build is found by.
fn is_export(item: &Item) -> bool {
    item.head.starts_with("hot_loader :: export !") || item.head.starts_with("export !")
}

fn is_in(key: &str, module: &str) -> bool {
    key.ends_with(&format!(" in {module}"))
}

fn names_in(text: &str) -> impl Iterator<Item = Name> + '_ {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter(|word| !word.is_empty()).map(name)
}
