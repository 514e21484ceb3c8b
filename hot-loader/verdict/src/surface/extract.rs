//! From Rust modules to items.
//!
//! Relies on `facts`, and on `impls` for traits and their impls. Must never drop
//! an item: one of an unknown kind is type surface as a whole.

use super::attributes;
use super::facts::Facts;
use super::files::{Module, attributes_of};
use super::functions::Function;
use super::items::{Extra, Flags, Item, ModuleInfo, Role};
use super::mentions::Mentions;
use super::syntax::{Leaf, derives_impls, leaves};
use super::text::Text;
use super::values::StaticParts;
use hot_loader_compile::hash::{Fnv, name};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use std::collections::HashMap;
use syn::spanned::Spanned;
use syn::{Ident, Visibility};

/// All items of a crate, with what classifying needs of each.
#[derive(Default)]
pub(super) struct Extracted {
    pub(super) items: Vec<Item>,
    pub(super) extras: Vec<Extra>,
    pub(super) modules: Vec<ModuleInfo>,
}

/// Reads all items of `modules`.
pub(super) fn extract(modules: &[Module], facts: &Facts) -> Extracted {
    let inside: Vec<_> = modules.iter().map(|module| facts.inside(module)).collect();
    let mut extractor = Extractor {
        facts,
        found: Extracted::default(),
        module: 0,
        file: 0,
        path: "",
        order: Order::default(),
        scope: Fnv::default(),
        scopes: HashMap::new(),
    };
    for (at, module) in modules.iter().enumerate() {
        extractor.facts = inside[at].as_ref().unwrap_or(facts);
        extractor.module = at;
        extractor.file = module.file;
        extractor.path = &module.path;
        extractor.order = Order::default();
        // A module sees the macros that its parent defined before it.
        let outside = extractor.scopes.get(&module.path).copied();
        extractor.scope = outside.unwrap_or(Fnv::default());
        extractor.found.modules.push(ModuleInfo {
            path: module.path.clone(),
            local_glob: false,
        });
        extractor.module_attributes(module);
        for item in &module.items {
            extractor.item(item);
        }
        extractor.finish_order();
    }
    extractor.found
}

/// The impls of one Rust module, in order.
#[derive(Default)]
pub(super) struct Order {
    text: TokenStream,
    pub(super) count: usize,
    /// An item inside a method depends on the order.
    pub(super) matters: bool,
}

/// Reads the items of one Rust module after the other.
pub(super) struct Extractor<'a> {
    pub(super) facts: &'a Facts,
    pub(super) found: Extracted,
    module: usize,
    file: usize,
    pub(super) path: &'a str,
    pub(super) order: Order,
    /// Which macros of several of one name were defined so far.
    scope: Fnv,
    /// The same, where a module is declared.
    scopes: HashMap<String, Fnv>,
}

impl Extractor<'_> {
    /// Notes a definition that changes what a macro's name means from here on.
    fn note_scope(&mut self, item: &syn::Item) {
        match item {
            syn::Item::Macro(inner) => {
                let ident = inner.ident.as_ref().map(ToString::to_string);
                if ident.is_some_and(|ident| self.facts.shadowed_macros.contains(&ident)) {
                    self.scope.text(&item.to_token_stream().to_string());
                }
            }
            syn::Item::Mod(inner) if !self.facts.shadowed_macros.is_empty() => {
                let path = format!("{}::{}", self.path, plain(&inner.ident));
                self.scopes.insert(path.clone(), self.scope);
                let exports = inner
                    .attrs
                    .iter()
                    .any(|attribute| attribute.path().is_ident("macro_use"));
                if exports {
                    self.scope.text(&path);
                }
            }
            _ => {}
        }
    }

    fn module_attributes(&mut self, module: &Module) {
        // Every module has this item, so that adding the first attribute is a change
        // of it. A new module's attributes concern new items alone.
        let attributes = &module.attributes;
        let span = attributes
            .first()
            .map_or_else(Span::call_site, |first| first.span());
        let key = format!("the attributes of {}", self.path);
        let item = self.new_item(Role::Mod, key, span, Text::of(quote!(#(#attributes)*)));
        self.push(
            item,
            Extra {
                types: true,
                ..Extra::default()
            },
        );
    }

    fn finish_order(&mut self) {
        if !self.order.matters {
            return;
        }
        let text = std::mem::take(&mut self.order.text);
        let key = format!("the order of impls in {}", self.path);
        let item = self.new_item(Role::Order, key, Span::call_site(), Text::of(text));
        self.push(
            item,
            Extra {
                types: true,
                ..Extra::default()
            },
        );
    }

    /// Notes something that adds impls to the module; gives the first one's place.
    pub(super) fn in_order(&mut self, text: impl ToTokens) -> usize {
        text.to_tokens(&mut self.order.text);
        self.order.count += 1;
        self.order.count
    }

    fn item(&mut self, item: &syn::Item) {
        self.note_scope(item);
        if !matches!(item, syn::Item::Impl(_) | syn::Item::Fn(_)) && derives_impls(item) {
            let attributes = attributes_of(item);
            self.in_order(quote!(#(#attributes)*));
        }
        let rewritten = attributes::has_unknown_attribute(attributes_of(item), self.facts);
        match item {
            syn::Item::Struct(_) | syn::Item::Union(_) | syn::Item::Enum(_) => {
                self.definition(item);
            }
            _ if rewritten => self.other(item, "the item"),
            syn::Item::Fn(inner) => {
                let attributes = &inner.attrs;
                let path = format!("{}::{}", self.path, plain(&inner.sig.ident));
                let function = Function {
                    key: format!("fn {path}"),
                    path,
                    around: quote!(#(#attributes)*),
                    vis: Some(&inner.vis),
                    signature: &inner.sig,
                    block: &inner.block,
                    owner: None,
                };
                self.function(function, Extra::default(), None);
            }
            syn::Item::Type(inner) => {
                let text = Text::without_vis(inner.to_token_stream());
                self.named(
                    Role::Alias,
                    "type",
                    &inner.ident,
                    &inner.vis,
                    text,
                    Extra::default(),
                );
            }
            syn::Item::Const(inner) => {
                let text = Text::without_vis(inner.to_token_stream());
                let extra = self.value(&inner.ty, &inner.expr, None);
                self.named(Role::Const, "const", &inner.ident, &inner.vis, text, extra);
            }
            syn::Item::Static(inner) => {
                self.static_item(&StaticParts {
                    attributes: &inner.attrs,
                    vis: &inner.vis,
                    mutable: inner.mutability.to_token_stream(),
                    ident: &inner.ident,
                    ty: &inner.ty,
                    value: &inner.expr,
                });
            }
            syn::Item::Mod(inner) => {
                let attributes = &inner.attrs;
                let ident = &inner.ident;
                let text = Text::of(quote!(#(#attributes)* mod #ident;));
                let extra = Extra {
                    types: true,
                    ..Extra::default()
                };
                self.named(Role::Mod, "mod", ident, &inner.vis, text, extra);
            }
            syn::Item::Use(inner) => {
                for leaf in leaves(&inner.tree) {
                    self.import(inner, &leaf);
                }
            }
            syn::Item::Macro(inner) => self.macro_item(inner),
            syn::Item::Trait(inner) => self.trait_item(inner),
            syn::Item::Impl(inner) => self.impl_item(inner),
            other => self.other(other, "the item"),
        }
    }

    fn import(&mut self, item: &syn::ItemUse, leaf: &Leaf) {
        let attributes = &item.attrs;
        let written = leaf.path.join("::");
        let leading = item.leading_colon;
        let segments = leaf.path.iter().map(|segment| ident_tokens(segment));
        let Some(here) = &leaf.here else {
            let text = Text::of(quote!(#(#attributes)* use #leading #(#segments)::*::*));
            let local = leading.is_none()
                && leaf
                    .path
                    .first()
                    .is_none_or(|first| self.facts.is_local_root(first));
            if local && let Some(module) = self.found.modules.last_mut() {
                module.local_glob = true;
            }
            let key = format!("use {written}::* in {}", self.path);
            let mut glob = self.new_item(Role::Glob, key, item.span(), text);
            (glob.wide, glob.vis) = visibility(&item.vis);
            self.push(
                glob,
                Extra {
                    types: true,
                    ..Extra::default()
                },
            );
            return;
        };
        let text = Text::of(quote!(#(#attributes)* use #leading #(#segments)::*));
        let key = match here.as_str() {
            "_" => format!("use {written} as _ in {}", self.path),
            here => format!("use of {here} in {}", self.path),
        };
        let mut import = self.new_item(Role::Use, key, item.span(), text);
        import.name = (here != "_").then(|| name(here));
        (import.wide, import.vis) = visibility(&item.vis);
        let last = leaf.path.last().filter(|last| *last != here);
        let extra = Extra {
            renames: last.map(|last| name(last)),
            may_be_trait: self.facts.may_be_trait(&leaf.path),
            ..Extra::default()
        };
        self.push(import, extra);
    }

    /// Something that is type surface as a whole.
    pub(super) fn other(&mut self, tokens: &(impl ToTokens + Spanned), what: &str) {
        let tokens_of = tokens.to_token_stream();
        self.in_order(&tokens_of);
        let mut text = Text::of(tokens_of.clone());
        text.crate_wide = true;
        let key = format!("{what} {} in {}", first_words(&tokens_of), self.path);
        let item = self.new_item(Role::Other, key, tokens.span(), text);
        let extra = Extra {
            types: true,
            // It may expand to something that registers.
            registers: true,
            shape: Mentions::of_tokens(&tokens_of),
            ..Extra::default()
        };
        self.push(item, extra);
    }

    pub(super) fn named(
        &mut self,
        role: Role,
        kind: &str,
        ident: &Ident,
        vis: &Visibility,
        text: Text,
        extra: Extra,
    ) {
        let plain = plain(ident);
        let key = format!("{kind} {}::{plain}", self.path);
        let mut item = self.new_item(role, key, ident.span(), text);
        item.name = Some(name(&plain));
        (item.wide, item.vis) = visibility(vis);
        self.push(item, extra);
    }

    pub(super) fn new_item(&self, role: Role, key: String, span: Span, shape: Text) -> Item {
        Item {
            role,
            path: String::new(),
            key,
            name: None,
            member: false,
            wide: false,
            vis: 0,
            module: self.module,
            file: self.file,
            line: span.start().line.max(1),
            shape: self.scoped(shape),
            shape_flags: Flags::default(),
            body: None,
            body_flags: Flags::default(),
            owner: None,
            system: false,
            opaque: false,
            doubtful: false,
            contract: false,
            place: None,
            closures: Vec::new(),
        }
    }

    /// A text whose macros mean what they mean at this place.
    pub(super) fn scoped(&self, mut text: Text) -> Text {
        text.hash ^= self.scope.finish() ^ Fnv::default().finish();
        text
    }

    pub(super) fn push(&mut self, item: Item, extra: Extra) {
        self.found.items.push(item);
        self.found.extras.push(extra);
    }
}

/// Whether a visibility lets other modules name the item, and its hash.
pub(super) fn visibility(vis: &Visibility) -> (bool, u128) {
    let mut hash = Fnv::default();
    hash.text(&vis.to_token_stream().to_string());
    (!matches!(vis, Visibility::Inherited), hash.finish())
}

/// An identifier without `r#`.
pub(super) fn plain(ident: &Ident) -> String {
    let shown = ident.to_string();
    shown.strip_prefix("r#").map(str::to_owned).unwrap_or(shown)
}

fn ident_tokens(segment: &str) -> TokenStream {
    // `self`, `super` and `crate` are no identifiers to the parser.
    segment.parse().unwrap_or_default()
}

fn first_words(tokens: &TokenStream) -> String {
    let words: Vec<String> = tokens
        .clone()
        .into_iter()
        .take(4)
        .map(|token| match token {
            proc_macro2::TokenTree::Group(_) => "…".to_owned(),
            token => token.to_string(),
        })
        .collect();
    words.join(" ")
}
