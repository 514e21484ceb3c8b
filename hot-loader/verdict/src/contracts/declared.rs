//! The facts that a crate's tokens tell.
//!
//! Must not resolve or expand anything: what a macro makes is the macro's definition and
//! its arguments.

use super::{Contracts, Fact, add, all_names};
use crate::{
    header::Header,
    tokens::{Item, Kind, Source, names_in},
    traits::Traits,
};
use hot_loader_compile::hash::{Fnv, Name, name};
use std::collections::{BTreeMap, BTreeSet};

impl Contracts {
    /// Facts that the tokens tell.
    pub(super) fn declared(
        &mut self,
        source: &Source,
        traits: &Traits<'_>,
        at: usize,
        item: &Item,
    ) {
        let module = &item.module;
        let bound = item.name.as_deref().unwrap_or_default();
        let top = item.parent.is_none();
        if item.body.is_some() {
            self.inside(source, item);
        }
        // Attributes of types and modules are facts of theirs.
        if !matches!(item.kind, Kind::Type | Kind::Mod) && traits.is_made(item) {
            let fact = Fact {
                names: attribute_names(item),
                ..Fact::of(item).always()
            };
            self.add(format!("attributes of {} in {module}", item.head), fact);
        }
        let (what, fact) = match item.kind {
            Kind::Type => {
                self.types.insert(name(bound));
                let fact = Fact {
                    owner: Some(name(bound)),
                    is_type: true,
                    names: attribute_names(item),
                    shown: all_names(item),
                    ..Fact::of_hash(item.hash)
                };
                (format!("type {bound}"), fact)
            }
            Kind::Trait => {
                self.types.insert(name(bound));
                let fact = Fact {
                    owner: Some(name(bound)),
                    ..Fact::of(item)
                };
                (format!("trait {bound}"), fact)
            }
            Kind::Impl => return self.implemented(source, traits, at, item),
            Kind::MacroRules if item.declares || calls_any(item, traits) => {
                let fact = Fact::of_hash(item.hash).always();
                (format!("macro {bound}!"), fact)
            }
            Kind::MacroCall if top && !is_plain_call(item, traits) && !is_export(item) => {
                (format!("what {bound}! makes"), Fact::of(item).always())
            }
            // What an `include!` includes stands behind it.
            Kind::Other if top && bound != "include" => {
                (item.head.clone(), Fact::of(item).always())
            }
            Kind::Mod if !item.attributes.is_empty() => {
                let fact = Fact::of(item).always();
                (format!("attributes of mod {bound}"), fact)
            }
            _ => return,
        };
        self.add(format!("{what} in {module}"), fact);
    }

    /// Types, traits and impls inside of a body, which have no other item.
    fn inside(&mut self, source: &Source, item: &Item) {
        let parent = item.parent.map_or("", |at| &source.items[at].head);
        let bound = item.name.as_deref().unwrap_or_default();
        let body = format!("{parent} {bound} in {}", item.module);
        if let Some((hash, impls)) = item.inner {
            let fact = Fact {
                // An impl may be for what was there before.
                within: Some(body.clone()).filter(|_| impls),
                ..Fact::of_hash(hash)
            };
            self.add(format!("items inside of {body}"), fact);
        }
        self.bodies.insert(body);
    }

    /// An impl of a trait: of one that is a contract all of it, else what is associated.
    fn implemented(&mut self, source: &Source, traits: &Traits<'_>, at: usize, item: &Item) {
        let header = Header::of(&item.head).filter(|header| header.of_trait.is_some());
        let Some(header) = header else { return };
        let contract = traits.is_contract(&header, &item.module);
        let mut hash = Fnv::default().number(item.hash);
        let mut fact = Fact {
            owner: header.owner.as_deref().map(name),
            presence: contract,
            ..Fact::of(item)
        };
        let mut associated = contract;
        for member in source.members(at) {
            let is_code = member.kind == Kind::Fn;
            if is_code && !contract {
                continue;
            }
            associated = true;
            let body = member.body.unwrap_or_default();
            hash = hash.number(member.hash).number(body);
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
    pub(super) fn order(&mut self, source: &Source) {
        for (at, before) in before_impls(source) {
            let item = &source.items[at];
            let mut members = source.members(at);
            if members.any(|member| member.declares || member.kind == Kind::MacroCall) {
                let key = format!("the place of {} in {}", item.head, item.module);
                self.add(key, Fact::of_hash(before));
            }
        }
    }

    /// Types inside of bodies, what macros make of others.
    pub(super) fn lay_out(&mut self, source: &Source, traits: &Traits<'_>) {
        let mut order: BTreeMap<&str, (Fnv, &Item)> = BTreeMap::new();
        for item in &source.items {
            let makes = calls_any(item, traits);
            let in_trait = item.parent.is_some_and(|at| {
                let parent = &source.items[at];
                let is_unsafe = parent.head.starts_with("unsafe");
                parent.kind == Kind::Trait && (is_unsafe || item.kind == Kind::Const)
            });
            if item.body.is_some() && (item.declares || makes || in_trait) {
                let key = format!("what is inside of {} in {}", item.head, item.module);
                let fact = Fact {
                    hashes: vec![item.whole()],
                    shown: all_names(item),
                    ..Fact::of(item).always()
                };
                add(&mut self.laid_out, key, fact);
            }
            if makes || item.kind == Kind::MacroRules {
                let (hash, _) = order.entry(&item.module).or_insert((Fnv::default(), item));
                *hash = hash.text(item.name.as_deref().unwrap_or(&item.head));
            }
        }
        for (module, (hash, first)) in order {
            let fact = Fact {
                hashes: vec![hash.finish()],
                ..Fact::of(first)
            };
            let key = format!("the order of macros in {module}");
            add(&mut self.laid_out, key, fact);
        }
    }

    /// Files that are no module's source. Those whose names are given to macros of anyone's,
    /// which may make anything of them, count in any case.
    pub(super) fn other_files(&mut self, source: &Source, traits: &Traits<'_>) {
        for (file, hash) in source.other_files() {
            let (key, fact) = (file.display().to_string(), Fact::of_hash(hash));
            let file_name = file.file_name().unwrap_or_default().to_string_lossy();
            let words: Vec<Name> = names_in(&file_name).collect();
            let reads = |item: &Item| {
                let said = |word| item.names.contains(word) || item.body_names.contains(word);
                words.iter().all(said) && (calls_any(item, traits) || traits.is_made(item))
            };
            if source.items.iter().any(reads) {
                self.add(key.clone(), fact.clone());
            }
            add(&mut self.laid_out, key, fact);
        }
    }

    pub(super) fn add(&mut self, key: String, fact: Fact) {
        add(&mut self.facts, key, fact);
    }
}

/// Whether an item that is a macro makes nothing but code and values.
fn is_plain_call(item: &Item, traits: &Traits<'_>) -> bool {
    let path = item.head.split(" !").next().unwrap_or_default();
    traits.is_plain_macro(path, &item.module)
}

/// Whether an item calls a macro that may make anything.
fn calls_any(item: &Item, traits: &Traits<'_>) -> bool {
    let mut calls = item.calls.iter();
    calls.any(|call| !traits.is_plain_macro(call, &item.module))
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
                *so_far = so_far.text(&item.head);
            }
            Kind::MacroCall => *so_far = so_far.text(&item.head),
            Kind::Type => {
                let attributes = item.attributes.iter();
                let derives = attributes.filter(|attribute| attribute.name != "cfg");
                derives.for_each(|attribute| *so_far = so_far.text(&attribute.text));
            }
            _ => {}
        }
    }
    found
}

/// `hot_loader::export!`, which makes what a build is found by.
fn is_export(item: &Item) -> bool {
    item.head.starts_with("hot_loader :: export !") || item.head.starts_with("export !")
}

fn attribute_names(item: &Item) -> BTreeSet<Name> {
    let attributes = item.attributes.iter();
    let names = attributes.flat_map(|attribute| names_in(&attribute.text));
    names.collect()
}
