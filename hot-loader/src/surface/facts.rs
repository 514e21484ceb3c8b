//! What is known of the whole crate before any item is looked at: which macros,
//! traits, types and methods it defines, and what it imports.
//!
//! Relies on `files` for the modules. Must never be used to call something
//! harmless that the crate may have redefined.

use super::files::{Module, attributes_of};
use super::hash::{Name, name};
use super::known;
use quote::ToTokens;
use std::collections::{HashMap, HashSet};
use syn::{Generics, ImplItem, Item, Meta, Path, TraitItem, Type, UseTree};

/// One imported name: a `use` without its braces.
pub(super) struct Leaf {
    /// The path's segments as written, without a `self` at the end.
    pub(super) path: Vec<String>,
    /// The name it gets here; `None` for a glob.
    pub(super) here: Option<String>,
}

/// The leaves of a `use` tree.
pub(super) fn leaves(tree: &UseTree) -> Vec<Leaf> {
    let mut found = Vec::new();
    collect_leaves(tree, &mut Vec::new(), &mut found);
    found
}

fn collect_leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<Leaf>) {
    let with = |last: String, here: Option<String>, path: &[String]| {
        let mut path = path.to_vec();
        // `a::{self}` imports `a`.
        if last != "self" || path.is_empty() {
            path.push(last);
        }
        Leaf { path, here }
    };
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            collect_leaves(&tree.tree, path, found);
            path.pop();
        }
        UseTree::Name(tree) => {
            let last = tree.ident.to_string();
            let here = if last == "self" {
                path.last().cloned()
            } else {
                Some(last.clone())
            };
            found.push(with(last, here.or_else(|| Some("self".to_owned())), path));
        }
        UseTree::Rename(tree) => {
            found.push(with(
                tree.ident.to_string(),
                Some(tree.rename.to_string()),
                path,
            ));
        }
        UseTree::Glob(_) => found.push(Leaf {
            path: path.clone(),
            here: None,
        }),
        UseTree::Group(tree) => {
            for tree in &tree.items {
                collect_leaves(tree, path, found);
            }
        }
    }
}

/// Facts of the whole crate.
#[derive(Default)]
pub(super) struct Facts {
    /// Macros that the crate defines, and whether all of that name declare no item.
    own_macros: HashMap<String, bool>,
    /// Names imported from a crate that is not known to mean what std and Bevy mean.
    foreign: HashSet<String>,
    /// Methods and associated functions.
    pub(super) methods: HashSet<String>,
    /// Traits.
    pub(super) traits: HashSet<String>,
    /// Structs, enums and unions.
    pub(super) types: HashSet<String>,
    /// Free functions.
    pub(super) functions: HashSet<String>,
    /// Where each type or trait is, if there is only one of that name.
    pub(super) homes: HashMap<String, Option<String>>,
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
    pub(super) fn of(modules: &[Module]) -> Self {
        let mut facts = Self {
            registrars: known::REGISTRARS.iter().copied().map(name).collect(),
            ..Self::default()
        };
        for module in modules {
            for item in &module.items {
                facts.note(item, module);
            }
        }
        facts.rename_registrars(modules);
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
                let trusted = path.segments.len() == 1 && !self.foreign.contains(&last)
                    || path.segments.len() > 1
                        && path
                            .segments
                            .first()
                            .is_some_and(|first| known::is_trusted_crate(&first.ident.to_string()));
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
                only == "export"
                    && !self.own_macros.contains_key(only)
                    && !self.foreign.contains(only)
            }
            [first, last] => first == "hot_loader" && last == "export",
            _ => false,
        }
    }

    /// What an impl of this trait means.
    pub(super) fn trait_kind(&self, path: &Path) -> known::TraitKind {
        let Some(last) = path.segments.last() else {
            return known::TraitKind::Contract;
        };
        let last = last.ident.to_string();
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
            return if engine {
                known::TraitKind::Contract
            } else {
                known::TraitKind::Ordinary
            };
        }
        if self.foreign.contains(&last) {
            return known::TraitKind::Contract;
        }
        known::trait_kind(&last)
    }

    /// Whether a path that begins so can lead into this crate.
    pub(super) fn is_local_root(&self, first: &str) -> bool {
        matches!(first, "crate" | "self" | "super" | "Self") || self.local_roots.contains(first)
    }

    fn note(&mut self, item: &Item, module: &Module) {
        match item {
            Item::Macro(item) => {
                if let Some(ident) = &item.ident {
                    // Without an item keyword, and calling only harmless macros, its
                    // expansion declares nothing but what its arguments declare.
                    let harmless = !known::declares_items(&item.mac.tokens)
                        && only_harmless_macros(&item.mac.tokens);
                    let entry = self.own_macros.entry(ident.to_string()).or_insert(true);
                    *entry &= harmless;
                }
            }
            Item::Use(item) => {
                for leaf in leaves(&item.tree) {
                    let (Some(here), Some(first)) = (leaf.here, leaf.path.first()) else {
                        continue;
                    };
                    let renamed = leaf.path.last() != Some(&here);
                    if renamed {
                        self.aliases.insert(name(&here));
                    }
                    let ours = first == "hot_loader"
                        || matches!(first.as_str(), "crate" | "self" | "super");
                    if renamed || !(ours || known::is_trusted_crate(first)) {
                        self.foreign.insert(here.clone());
                    }
                    self.local_roots.insert(here);
                }
            }
            Item::Fn(item) => {
                self.functions.insert(item.sig.ident.to_string());
                self.generics(&item.sig.generics);
            }
            Item::Impl(item) => {
                self.generics(&item.generics);
                for member in &item.items {
                    if let ImplItem::Fn(member) = member {
                        self.methods.insert(member.sig.ident.to_string());
                        self.generics(&member.sig.generics);
                    }
                }
                if let Some((_, path, _)) = &item.trait_
                    && path
                        .segments
                        .last()
                        .is_some_and(|last| known::is_label(&last.ident.to_string()))
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
                    if let TraitItem::Fn(member) = member {
                        self.methods.insert(member.sig.ident.to_string());
                        self.generics(&member.sig.generics);
                    }
                }
            }
            Item::Struct(item) => self.type_item(
                &item.ident.to_string(),
                attributes_of_type(&item.attrs),
                module,
            ),
            Item::Enum(item) => self.type_item(
                &item.ident.to_string(),
                attributes_of_type(&item.attrs),
                module,
            ),
            Item::Union(item) => self.type_item(
                &item.ident.to_string(),
                attributes_of_type(&item.attrs),
                module,
            ),
            Item::Type(item) => {
                self.aliases.insert(name(&item.ident.to_string()));
                self.local_roots.insert(item.ident.to_string());
            }
            Item::Mod(item) => {
                self.modules.insert(name(&item.ident.to_string()));
                self.local_roots.insert(item.ident.to_string());
            }
            Item::ExternCrate(item) => {
                if let Some((_, rename)) = &item.rename {
                    self.aliases.insert(name(&rename.to_string()));
                }
            }
            _ => {}
        }
    }

    fn type_item(&mut self, ident: &str, label: bool, module: &Module) {
        self.types.insert(ident.to_owned());
        self.local_roots.insert(ident.to_owned());
        self.home(ident, module);
        if label {
            self.labels.insert(ident.to_owned());
        }
    }

    fn home(&mut self, ident: &str, module: &Module) {
        self.homes
            .entry(ident.to_owned())
            .and_modify(|home| *home = None)
            .or_insert_with(|| Some(module.path.clone()));
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
                        let text = super::tokens::Text::of(item.ty.to_token_stream());
                        if self.registrars.iter().any(|registrar| text.has(*registrar)) {
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

/// Whether a type's derives make it a label.
fn attributes_of_type(attributes: &[syn::Attribute]) -> bool {
    derives(attributes)
        .iter()
        .any(|derive| known::is_label(derive))
}

/// The last words of the derived traits.
pub(super) fn derives(attributes: &[syn::Attribute]) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in attributes {
        if let Meta::List(list) = &attribute.meta
            && (list.path.is_ident("derive") || list.path.is_ident("cfg_attr"))
        {
            for token in list.tokens.clone() {
                words(token, &mut found);
            }
        }
    }
    found
}

fn words(token: proc_macro2::TokenTree, found: &mut Vec<String>) {
    match token {
        proc_macro2::TokenTree::Ident(ident) => found.push(ident.to_string()),
        proc_macro2::TokenTree::Group(group) => {
            for token in group.stream() {
                words(token, found);
            }
        }
        _ => {}
    }
}

/// The identifier of a type that is a plain path, behind references too.
pub(super) fn type_ident(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) if path.qself.is_none() => {
            path.path.segments.last().map(|last| last.ident.to_string())
        }
        Type::Reference(reference) => type_ident(&reference.elem),
        Type::Paren(paren) => type_ident(&paren.elem),
        Type::Group(group) => type_ident(&group.elem),
        _ => None,
    }
}

/// Whether every macro called in a macro's definition is a harmless one.
fn only_harmless_macros(tokens: &proc_macro2::TokenStream) -> bool {
    use proc_macro2::TokenTree;
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    tokens.iter().enumerate().all(|(at, token)| match token {
        TokenTree::Group(group) => only_harmless_macros(&group.stream()),
        TokenTree::Ident(ident) => {
            let called = matches!(tokens.get(at + 1), Some(TokenTree::Punct(bang)) if bang.as_char() == '!')
                && matches!(tokens.get(at + 2), Some(TokenTree::Group(_)));
            !called || known::is_harmless_macro(&ident.to_string())
        }
        // A macro's name given as an argument: `$name!(…)`.
        TokenTree::Punct(dollar) if dollar.as_char() == '$' => {
            !(matches!(tokens.get(at + 1), Some(TokenTree::Ident(_)))
                && matches!(tokens.get(at + 2), Some(TokenTree::Punct(bang)) if bang.as_char() == '!'))
        }
        _ => true,
    })
}

/// Whether an item's attributes may add impls to its module, which take places among
/// the impls written there.
pub(super) fn derives_impls(item: &Item) -> bool {
    attributes_of(item).iter().any(|attribute| {
        let first = attribute
            .path()
            .segments
            .first()
            .map(|first| first.ident.to_string());
        first.is_none_or(|first| first != "cfg" && !known::is_inert_attribute(&first))
    })
}
