//! What is known of the whole crate before any item is looked at: which macros,
//! traits, types and methods it defines, and what it imports.
//!
//! Relies on `files` for the modules. Must never be used to call something
//! harmless that the crate may have redefined.

use super::files::Module;
use super::foreign::{self, Certain};
use super::known;
use super::syntax::{is_label_type, leaves, type_ident};
use super::text::Text;
use super::traits;
use hot_loader_compile::hash::{Name, name};
use quote::ToTokens;
use std::collections::{HashMap, HashSet};
use syn::{Generics, ImplItem, Item, Path, TraitItem};

/// Facts of the whole crate.
#[derive(Clone, Default)]
pub(super) struct Facts {
    /// Macros that the crate defines, and whether all of that name declare no item.
    own_macros: HashMap<String, bool>,
    /// Macros that mean one thing before a definition and another behind it.
    pub(super) shadowed_macros: HashSet<String>,
    /// Names imported from a crate that is not known to mean what std and Bevy mean.
    pub(super) foreign: HashSet<String>,
    /// Somewhere everything of such a crate is imported.
    pub(super) has_foreign_globs: bool,
    /// In the module that is looked at: what a name means all the same.
    pub(super) open: Option<Certain>,
    /// Bevy's prelude has the macros of a log.
    pub(super) prelude_logs: bool,
    /// Methods and associated functions.
    pub(super) methods: HashSet<String>,
    /// What traits and impls of traits declare: constants, types and functions.
    pub(super) members: HashSet<Name>,
    /// `#[macro_use] extern crate` of a crate that may redefine any macro.
    imports_all_macros: bool,
    /// Traits.
    pub(super) traits: HashSet<String>,
    /// Structs, enums and unions.
    pub(super) types: HashSet<String>,
    /// The same, as names.
    pub(super) type_names: HashSet<Name>,
    /// Free functions.
    pub(super) functions: HashSet<String>,
    /// Constants and statics.
    values: HashSet<String>,
    /// The Rust modules that have a type or trait of this name.
    homes: HashMap<String, Vec<String>>,
    /// Types that are labels (system sets, states, schedules).
    pub(super) labels: HashSet<String>,
    /// Modules.
    pub(super) modules: HashSet<Name>,
    /// Everything local that a path can begin with.
    local_roots: HashSet<String>,
    /// Aliases, renames and generic parameters: names that can mean any type.
    pub(super) aliases: HashSet<Name>,
    /// `App` and its like, by all their names.
    pub(super) registrars: HashSet<Name>,
}

impl Facts {
    pub(super) fn of(modules: &[Module], prelude_logs: bool) -> Self {
        let mut facts = Self {
            prelude_logs,
            registrars: known::REGISTRARS.iter().copied().map(name).collect(),
            ..Self::default()
        };
        for item in modules.iter().flat_map(|module| &module.items) {
            facts.note_root(item);
        }
        for module in modules {
            for item in &module.items {
                facts.note(item, module);
            }
        }
        facts.rename_registrars(modules);
        let mut globs = modules.iter().flat_map(Module::imports);
        facts.has_foreign_globs = globs.any(|leaf| facts.is_foreign_glob(&leaf));
        facts
    }

    /// Whether this macro, as a statement, may declare an item. What stands in its
    /// arguments is the caller's question.
    pub(super) fn may_declare(&self, path: &Path) -> bool {
        let Some(last) = path.segments.last() else {
            return true;
        };
        let last = last.ident.to_string();
        match self.own_macros.get(&last) {
            Some(harmless) => !harmless,
            None => {
                let trusted = path.segments.len() == 1
                    && !self.is_foreign_macro(&last)
                    && !self.imports_all_macros
                    || path.segments.len() > 1
                        && path
                            .segments
                            .first()
                            .is_some_and(|first| self.is_trusted(&first.ident.to_string()));
                !(trusted && known::is_harmless_macro(&last))
            }
        }
    }

    /// Whether this is hot-loader's `export!`.
    pub(super) fn is_export(&self, path: &Path) -> bool {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        match segments.as_slice() {
            [only] => {
                only == "export" && !self.own_macros.contains_key(only) && !self.is_foreign(only)
            }
            [first, last] => first == "hot_loader" && last == "export",
            _ => false,
        }
    }

    /// What an impl of this trait means.
    pub(super) fn trait_kind(&self, path: &Path) -> traits::TraitKind {
        let Some(last) = path.segments.last() else {
            return traits::TraitKind::Contract;
        };
        let last = last.ident.to_string();
        let plain = path.segments.len() == 1;
        if !plain && !self.is_known_path(path) {
            return traits::TraitKind::Contract;
        }
        if self.traits.contains(&last) {
            // A trait of the crate that only shares the name of an engine's trait
            // cannot be told from it here.
            let engine = matches!(
                last.as_str(),
                "Component"
                    | "Resource"
                    | "Event"
                    | "Message"
                    | "Bundle"
                    | "Drop"
                    | "Clone"
                    | "Copy"
                    | "Reflect"
                    | "SystemParam"
                    | "QueryData"
                    | "QueryFilter"
                    | "WorldQuery"
                    | "Relationship"
                    | "States"
                    | "SystemSet"
                    | "ScheduleLabel"
                    | "Asset"
            );
            return match traits::trait_kind(&last) {
                _ if engine => traits::TraitKind::Contract,
                traits::TraitKind::Registers => traits::TraitKind::Registers,
                _ => traits::TraitKind::Ordinary,
            };
        }
        if plain && self.is_foreign(&last) {
            return traits::TraitKind::Contract;
        }
        traits::trait_kind(&last)
    }

    /// Whether this name of the engine's is not the crate's own, nor another crate's.
    pub(super) fn is_imported(&self, ident: &str) -> bool {
        !self.traits.contains(ident)
            && !self.types.contains(ident)
            && !self.is_foreign(ident)
            && !self.aliases.contains(&name(ident))
    }

    /// Whether this crate has a name like a crate's whose paths lead out of it.
    pub(super) fn shadows_crates(&self) -> bool {
        self.local_roots
            .iter()
            .any(|root| known::is_external_crate(root))
    }

    /// Whether a path that begins so leads into a crate whose names are known.
    pub(super) fn is_trusted(&self, first: &str) -> bool {
        foreign::is_trusted_crate(first) && !self.local_roots.contains(first)
    }

    /// Whether a path that begins so can lead into this crate.
    pub(super) fn is_local_root(&self, first: &str) -> bool {
        matches!(first, "crate" | "self" | "super" | "Self") || self.local_roots.contains(first)
    }

    /// Names that a path can begin with.
    fn note_root(&mut self, item: &Item) {
        let ident = match item {
            Item::Mod(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Union(item) => &item.ident,
            Item::ExternCrate(item) => match &item.rename {
                Some((_, rename)) => rename,
                None => return,
            },
            Item::Use(item) => {
                let names =
                    leaves(&item.tree)
                        .into_iter()
                        .filter_map(|leaf| match &leaf.path[..] {
                            // `use bevy;` names the crate itself.
                            [only] if leaf.here.as_ref() == Some(only) => None,
                            _ => leaf.here,
                        });
                self.local_roots.extend(names);
                return;
            }
            _ => return,
        };
        self.local_roots.insert(ident.to_string());
    }

    fn note(&mut self, item: &Item, module: &Module) {
        match item {
            Item::Macro(item) => {
                if let Some(ident) = &item.ident {
                    // Without an item keyword, and calling only harmless macros, its
                    // expansion declares nothing but what its arguments declare.
                    let harmless = !known::declares_items(&item.mac.tokens)
                        && known::calls_only_harmless_macros(&item.mac.tokens);
                    let ident = ident.to_string();
                    let known = self.own_macros.contains_key(&ident);
                    if known || known::is_harmless_macro(&ident) {
                        self.shadowed_macros.insert(ident.clone());
                    }
                    *self.own_macros.entry(ident).or_insert(true) &= harmless;
                }
            }
            Item::Use(item) => {
                for leaf in leaves(&item.tree) {
                    let foreign = self.is_foreign_import(&leaf);
                    let Some(here) = leaf.here else { continue };
                    if leaf.path.last() != Some(&here) {
                        self.aliases.insert(name(&here));
                    }
                    if foreign {
                        self.foreign.insert(here);
                    }
                }
            }
            Item::Const(item) => {
                self.values.insert(item.ident.to_string());
            }
            Item::Static(item) => {
                self.values.insert(item.ident.to_string());
            }
            Item::Fn(item) => {
                self.functions.insert(item.sig.ident.to_string());
                self.generics(&item.sig.generics);
            }
            Item::Impl(item) => {
                self.generics(&item.generics);
                for member in &item.items {
                    if item.trait_.is_some() {
                        let ident = match member {
                            ImplItem::Fn(member) => &member.sig.ident,
                            ImplItem::Const(member) => &member.ident,
                            ImplItem::Type(member) => &member.ident,
                            _ => continue,
                        };
                        self.members.insert(name(&ident.to_string()));
                    }
                    if let ImplItem::Fn(member) = member {
                        self.methods.insert(member.sig.ident.to_string());
                        self.generics(&member.sig.generics);
                    }
                }
                if let Some((_, path, _)) = &item.trait_
                    && path
                        .segments
                        .last()
                        .is_some_and(|last| traits::is_label(&last.ident.to_string()))
                    && let Some(owner) = type_ident(&item.self_ty)
                {
                    self.labels.insert(owner);
                }
            }
            Item::Trait(item) => {
                self.traits.insert(item.ident.to_string());
                self.home(&item.ident.to_string(), module);
                self.generics(&item.generics);
                for member in &item.items {
                    let ident = match member {
                        TraitItem::Fn(member) => &member.sig.ident,
                        TraitItem::Const(member) => &member.ident,
                        TraitItem::Type(member) => &member.ident,
                        _ => continue,
                    };
                    self.members.insert(name(&ident.to_string()));
                    if let TraitItem::Fn(member) = member {
                        self.methods.insert(member.sig.ident.to_string());
                        self.generics(&member.sig.generics);
                    }
                }
            }
            Item::Struct(item) => {
                self.type_item(&item.ident.to_string(), is_label_type(&item.attrs), module)
            }
            Item::Enum(item) => {
                self.type_item(&item.ident.to_string(), is_label_type(&item.attrs), module)
            }
            Item::Union(item) => {
                self.type_item(&item.ident.to_string(), is_label_type(&item.attrs), module)
            }
            Item::Type(item) => {
                self.aliases.insert(name(&item.ident.to_string()));
            }
            Item::Mod(item) => {
                self.modules.insert(name(&item.ident.to_string()));
            }
            Item::ExternCrate(item) => {
                self.imports_all_macros |= item
                    .attrs
                    .iter()
                    .any(|attribute| attribute.path().is_ident("macro_use"))
                    && !foreign::is_trusted_crate(&item.ident.to_string());
                if let Some((_, rename)) = &item.rename {
                    self.aliases.insert(name(&rename.to_string()));
                }
            }
            _ => {}
        }
    }

    fn type_item(&mut self, ident: &str, label: bool, module: &Module) {
        self.types.insert(ident.to_owned());
        self.type_names.insert(name(ident));
        self.home(ident, module);
        if label {
            self.labels.insert(ident.to_owned());
        }
    }

    /// The module of the type or trait that `ident` means in module `from`, as far
    /// as the sources tell.
    pub(super) fn home_of(&self, ident: &str, from: &str) -> Option<&str> {
        let homes = self.homes.get(ident)?;
        match homes.as_slice() {
            [only] => Some(only),
            several => several
                .iter()
                .find(|home| *home == from)
                .map(String::as_str),
        }
    }

    fn home(&mut self, ident: &str, module: &Module) {
        let homes = self.homes.entry(ident.to_owned()).or_default();
        homes.push(module.path.clone());
    }

    /// Whether a text says `App` or its like.
    pub(super) fn is_registrar_in(&self, text: &Text) -> bool {
        self.registrars
            .iter()
            .any(|registrar| text.says(*registrar))
    }

    /// Whether an import of this path may be a trait, which decides what methods mean.
    pub(super) fn may_be_trait(&self, path: &[String]) -> bool {
        let (Some(first), Some(last)) = (path.first(), path.last()) else {
            return false;
        };
        if self.traits.contains(last) || self.aliases.contains(&name(last)) {
            return true;
        }
        last.starts_with(char::is_uppercase)
            && match self.is_local_root(first) {
                true => !self.types.contains(last) && !self.values.contains(last),
                false => !known::is_well_known_crate(first),
            }
    }

    fn generics(&mut self, generics: &Generics) {
        for parameter in generics.type_params() {
            self.aliases.insert(name(&parameter.ident.to_string()));
        }
    }

    /// `use bevy::app::App as Game;` and `type Game = App;` register as well.
    fn rename_registrars(&mut self, modules: &[Module]) {
        loop {
            let before = self.registrars.len();
            for item in modules.iter().flat_map(|module| &module.items) {
                match item {
                    Item::Use(item) => {
                        for leaf in leaves(&item.tree) {
                            if let (Some(here), Some(last)) = (leaf.here, leaf.path.last())
                                && self.registrars.contains(&name(last))
                            {
                                self.registrars.insert(name(&here));
                            }
                        }
                    }
                    Item::Type(item) => {
                        let text = Text::of(item.ty.to_token_stream());
                        if self.is_registrar_in(&text) {
                            self.registrars.insert(name(&item.ident.to_string()));
                        }
                    }
                    _ => {}
                }
            }
            if self.registrars.len() == before {
                return;
            }
        }
    }
}
