//! Constants' and statics' values, and macros, as items.
//!
//! Relies on `locals` for what a value declares. Must never take an unknown macro
//! for anything but a possible type.

use super::extract::{Extractor, plain};
use super::items::{Extra, Role};
use super::locals::Locals;
use super::mentions::Mentions;
use super::text::Text;
use hot_loader_compile::hash::name;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Attribute, Expr, Ident, ItemStatic, Token, Type, Visibility};

impl Extractor<'_> {
    pub(super) fn static_item(&mut self, parts: &StaticParts<'_>) {
        let StaticParts {
            attributes,
            vis,
            mutable,
            ident,
            ty,
            value,
        } = parts;
        let shape = Text::without_vis(quote!(#(#attributes)* static #mutable #ident: #ty));
        let mut extra = self.value(ty, value, None);
        extra.body = std::mem::take(&mut extra.shape);
        // Its presence decides nothing, its type does: a static of another type under
        // the same name must not be taken for the old one.
        extra.body_types = std::mem::replace(&mut extra.types, true);
        let body = self.scoped(Text::of(value.to_token_stream()));
        self.named(Role::Static, "static", ident, vis, shape, extra);
        if let Some(item) = self.found.items.last_mut() {
            item.body = Some(body);
        }
    }

    /// A static in the body of the function `path`, where nobody else can name it.
    pub(super) fn local_static(&mut self, path: &str, item: &ItemStatic) {
        self.static_item(&StaticParts {
            attributes: &item.attrs,
            vis: &item.vis,
            mutable: item.mutability.to_token_stream(),
            ident: &item.ident,
            ty: &item.ty,
            value: &item.expr,
        });
        if let Some(found) = self.found.items.last_mut() {
            found.key = format!("static {path}::{}", plain(&item.ident));
        }
    }

    /// What a constant's value can run, and whether it declares items.
    pub(super) fn value(&mut self, ty: &Type, value: &Expr, owner: Option<&str>) -> Extra {
        let locals = Locals::of_value(ty, value, self.facts);
        let mut shape = Mentions::of(self.facts, owner, |reader| {
            reader.visit_type(ty);
            reader.visit_expr(value);
        });
        shape.is_list = true;
        Extra {
            shape,
            types: locals.items.is_some(),
            registers: locals.registers,
            ..Extra::default()
        }
    }

    pub(super) fn macro_item(&mut self, item: &syn::ItemMacro) {
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
}

/// A static's or thread-local's parts.
pub(super) struct StaticParts<'a> {
    pub(super) attributes: &'a [Attribute],
    pub(super) vis: &'a Visibility,
    pub(super) mutable: TokenStream,
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
    pub(super) value: &'a Expr,
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
