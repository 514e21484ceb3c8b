//! From Rust modules to items.
//!
//! Relies on `facts`, and on `impls` for traits and their impls. Must never drop
//! an item: one of an unknown kind is type surface as a whole.

use super::facts::{Facts, Leaf, derives, derives_impls, leaves};
use super::files::{Module, attributes_of};
use super::hash::{Fnv, name};
use super::items::{Extra, Flags, Item, ModuleInfo, Role};
use super::known;
use super::locals::Locals;
use super::mentions::Mentions;
use super::tokens::Text;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Attribute, Block, Expr, Fields, Ident, Signature, Token, Type, Visibility};

/// All items of a crate, with what classifying needs of each.
#[derive(Default)]
pub(super) struct Extracted {
    pub(super) items: Vec<Item>,
    pub(super) extras: Vec<Extra>,
    pub(super) modules: Vec<ModuleInfo>,
}

/// Reads all items of `modules`.
pub(super) fn extract(modules: &[Module], facts: &Facts) -> Extracted {
    let mut extractor = Extractor {
        facts,
        found: Extracted::default(),
        module: 0,
        file: 0,
        path: "",
        order: Order::default(),
    };
    for (at, module) in modules.iter().enumerate() {
        extractor.module = at;
        extractor.file = module.file;
        extractor.path = &module.path;
        extractor.order = Order::default();
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
}

/// A function's parts, wherever it stands.
pub(super) struct Function<'a> {
    pub(super) key: String,
    pub(super) path: String,
    /// Attributes of the function, and the head of the impl around it.
    pub(super) around: TokenStream,
    pub(super) vis: Option<&'a Visibility>,
    pub(super) signature: &'a Signature,
    pub(super) block: &'a Block,
    /// The type that it is a method of.
    pub(super) owner: Option<&'a str>,
}

impl Extractor<'_> {
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
        if !matches!(item, syn::Item::Impl(_) | syn::Item::Fn(_)) && derives_impls(item) {
            let attributes = attributes_of(item);
            self.in_order(quote!(#(#attributes)*));
        }
        let rewritten = known::has_unknown_attribute(attributes_of(item));
        match item {
            syn::Item::Struct(inner) => {
                let mut piece = inner.clone();
                strip_field_visibility(&mut piece.fields);
                piece.vis = Visibility::Inherited;
                let text = Text::of(piece.to_token_stream());
                self.type_item("struct", &inner.ident, &inner.vis, &inner.attrs, text);
            }
            syn::Item::Union(inner) => {
                let text = Text::without_vis(inner.to_token_stream());
                self.type_item("union", &inner.ident, &inner.vis, &inner.attrs, text);
            }
            syn::Item::Enum(inner) => {
                let (attributes, generics) = (&inner.attrs, &inner.generics);
                let clause = &inner.generics.where_clause;
                // The variants' own names are no mentions of anything.
                let variants = inner.variants.iter().map(|variant| {
                    let (attributes, fields) = (&variant.attrs, &variant.fields);
                    let discriminant = variant.discriminant.as_ref().map(|(_, value)| value);
                    quote!(#(#attributes)* #fields #discriminant;)
                });
                let pieces = quote!(#(#attributes)* #generics; #clause; #(#variants)*);
                let text = Text::without_vis(inner.to_token_stream()).with_names_of(pieces);
                self.type_item("enum", &inner.ident, &inner.vis, &inner.attrs, text);
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
                let extra = self.value(&inner.expr, None);
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

    fn type_item(
        &mut self,
        kind: &str,
        ident: &Ident,
        vis: &Visibility,
        attributes: &[Attribute],
        text: Text,
    ) {
        let mut extra = Extra {
            types: true,
            ..Extra::default()
        };
        extra.derives_default = derives(attributes).iter().any(|derive| derive == "Default");
        // What the engine keeps of a type: constructors of required components, hooks.
        for attribute in attributes {
            if attribute.path().is_ident("require") || attribute.path().is_ident("component") {
                let read = Mentions::of_tokens(&attribute.meta.to_token_stream());
                extra.shape.functions.extend(read.functions);
                extra.shape.defaults.extend(read.types);
            }
        }
        self.named(Role::Type, kind, ident, vis, text, extra);
        if let Some(item) = self.found.items.last_mut() {
            item.doubtful = known::has_unknown_attribute(attributes);
        }
    }

    fn static_item(&mut self, parts: &StaticParts<'_>) {
        let StaticParts {
            attributes,
            vis,
            mutable,
            ident,
            ty,
            value,
        } = parts;
        let shape = Text::without_vis(quote!(#(#attributes)* static #mutable #ident: #ty));
        let mut extra = self.value(value, None);
        extra.body = std::mem::take(&mut extra.shape);
        // Its presence decides nothing, its type does: a static of another type under
        // the same name must not be taken for the old one.
        extra.body_types = std::mem::replace(&mut extra.types, true);
        self.named(Role::Static, "static", ident, vis, shape, extra);
        if let Some(item) = self.found.items.last_mut() {
            item.body = Some(Text::of(value.to_token_stream()));
        }
    }

    /// What a constant's value can run, and whether it declares items.
    pub(super) fn value(&mut self, value: &Expr, owner: Option<&str>) -> Extra {
        let locals = Locals::of_value(value, self.facts);
        let mut shape = Mentions::of(self.facts, owner, |reader| reader.visit_expr(value));
        shape.is_list = true;
        Extra {
            shape,
            types: locals.items.is_some(),
            ..Extra::default()
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
        self.push(import, Extra::default());
    }

    fn macro_item(&mut self, item: &syn::ItemMacro) {
        let invocation = &item.mac;
        let last = invocation
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default();
        if item.ident.is_none() {
            if self.facts.is_export(&invocation.path) {
                let key = format!("export! of {}", self.path);
                let export = self.new_item(
                    Role::Export,
                    key,
                    item.span(),
                    Text::of(item.to_token_stream()),
                );
                let shape = match syn::parse2::<Exported>(invocation.tokens.clone()) {
                    Ok(Exported(plugin)) => {
                        Mentions::of(self.facts, None, |reader| reader.visit_expr(&plugin))
                    }
                    Err(_) => Mentions::of_tokens(&invocation.tokens),
                };
                self.push(
                    export,
                    Extra {
                        registers: true,
                        shape,
                        ..Extra::default()
                    },
                );
                return;
            }
            if last == "thread_local"
                && let Ok(locals) = syn::parse2::<ThreadLocals>(invocation.tokens.clone())
            {
                for local in &locals.0 {
                    self.static_item(&StaticParts {
                        attributes: &local.attributes,
                        vis: &local.vis,
                        mutable: quote!(thread_local),
                        ident: &local.ident,
                        ty: &local.ty,
                        value: &local.value,
                    });
                }
                return;
            }
            self.in_order(item);
        }
        let (key, named) = match &item.ident {
            Some(ident) => (format!("macro {ident} in {}", self.path), ident.to_string()),
            None => (format!("{last}! in {}", self.path), String::new()),
        };
        let mut text = Text::of(item.to_token_stream());
        text.crate_wide = true;
        let mut found = self.new_item(Role::Macro, key, item.span(), text);
        found.name = (!named.is_empty()).then(|| name(&named));
        let extra = Extra {
            types: true,
            // A definition runs where it is called, an invocation may be anything.
            registers: named.is_empty(),
            shape: Mentions::of_tokens(&item.to_token_stream()),
            ..Extra::default()
        };
        self.push(found, extra);
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

    fn named(
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

    /// A function, with the items that its body declares.
    pub(super) fn function(
        &mut self,
        function: Function<'_>,
        mut extra: Extra,
        place: Option<usize>,
    ) {
        let Function {
            key,
            path,
            around,
            vis,
            signature,
            block,
            owner,
        } = function;
        let facts = self.facts;
        let locals = Locals::of(block, signature.asyncness.is_some(), facts);
        if locals.local_glob
            && let Some(module) = self.found.modules.last_mut()
        {
            module.local_glob = true;
        }
        if let Some(items) = locals.items {
            self.order.matters |= place.is_some();
            let key = format!("the items inside {key}");
            let mut item =
                self.new_item(Role::Locals, key, signature.ident.span(), Text::of(items));
            item.owner = Some(name(&path));
            self.push(
                item,
                Extra {
                    types: true,
                    ..Extra::default()
                },
            );
            extra.body_types |= locals.numbered;
        }

        let text = Text::of(quote!(#around #signature));
        extra.registers |= facts
            .registrars
            .iter()
            .any(|registrar| text.has(*registrar));
        extra.is_const = signature.constness.is_some();
        extra.body = Mentions::of(facts, owner, |reader| {
            reader.visit_signature(signature);
            reader.visit_block(block);
        });
        let mut item = self.new_item(Role::Fn, key, signature.ident.span(), text);
        item.path = path;
        item.name = Some(name(&signature.ident.to_string()));
        item.member = extra.member.is_some();
        (item.wide, item.vis) = vis.map(visibility).unwrap_or_default();
        item.body = Some(Text::of(block.to_token_stream()));
        item.owner = owner.map(name);
        item.system = is_system(signature);
        item.opaque = signature.asyncness.is_some() || returns_opaque(signature);
        item.place = place.filter(|_| locals.closures);
        item.contract = extra.contract;
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
            shape,
            shape_flags: Flags::default(),
            body: None,
            body_flags: Flags::default(),
            owner: None,
            system: false,
            opaque: false,
            doubtful: false,
            contract: false,
            place: None,
        }
    }

    pub(super) fn push(&mut self, item: Item, extra: Extra) {
        self.found.items.push(item);
        self.found.extras.push(extra);
    }
}

struct StaticParts<'a> {
    attributes: &'a [Attribute],
    vis: &'a Visibility,
    mutable: TokenStream,
    ident: &'a Ident,
    ty: &'a Type,
    value: &'a Expr,
}

/// `export!`'s argument.
struct Exported(Expr);

impl Parse for Exported {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let plugin = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Self(plugin))
    }
}

/// `thread_local!`'s argument.
struct ThreadLocals(Vec<ThreadLocal>);

struct ThreadLocal {
    attributes: Vec<Attribute>,
    vis: Visibility,
    ident: Ident,
    ty: Type,
    value: Expr,
}

impl Parse for ThreadLocals {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut found = Vec::new();
        while !input.is_empty() {
            let attributes = input.call(Attribute::parse_outer)?;
            let vis = input.parse()?;
            input.parse::<Token![static]>()?;
            let ident = input.parse()?;
            input.parse::<Token![:]>()?;
            let ty = input.parse()?;
            input.parse::<Token![=]>()?;
            let value = input.parse()?;
            input.parse::<Option<Token![;]>>()?;
            found.push(ThreadLocal {
                attributes,
                vis,
                ident,
                ty,
                value,
            });
        }
        Ok(Self(found))
    }
}

/// Whether a visibility lets other modules name the item, and its hash.
pub(super) fn visibility(vis: &Visibility) -> (bool, u128) {
    let mut hash = Fnv::new();
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

fn strip_field_visibility(fields: &mut Fields) {
    for field in fields.iter_mut() {
        field.vis = Visibility::Inherited;
    }
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

/// Whether only a system, condition or observer can have these parameters.
fn is_system(signature: &Signature) -> bool {
    signature.receiver().is_none()
        && signature.inputs.iter().any(|input| match input {
            syn::FnArg::Typed(input) => match &*input.ty {
                Type::Path(path) => path
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| known::is_system_param(&last.ident.to_string())),
                _ => false,
            },
            syn::FnArg::Receiver(_) => false,
        })
}

fn returns_opaque(signature: &Signature) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    finder.visit_return_type(&signature.output);
    finder.0
}
