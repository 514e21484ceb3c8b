//! Structs, enums and unions, as items.
//!
//! Relies on `attributes` for what an attribute may do. Must never leave out of a
//! type's text what decides its layout or what the engine notes of it.

use super::attributes;
use super::extract::Extractor;
use super::files::attributes_of;
use super::items::{Extra, Role};
use super::mentions::Mentions;
use super::syntax::derives;
use super::text::Text;
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::{Attribute, Fields, Ident, Visibility};

impl Extractor<'_> {
    pub(super) fn definition(&mut self, item: &syn::Item) {
        match item {
            syn::Item::Struct(inner) => {
                let mut piece = inner.clone();
                strip_field_visibility(&mut piece.fields);
                piece.vis = Visibility::Inherited;
                let text = Text::of(piece.to_token_stream());
                self.type_item("struct", &inner.ident, &inner.vis, text, item);
            }
            syn::Item::Union(inner) => {
                let text = Text::without_vis(inner.to_token_stream());
                self.type_item("union", &inner.ident, &inner.vis, text, item);
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
                self.type_item("enum", &inner.ident, &inner.vis, text, item);
            }
            other => self.other(other, "the item"),
        }
    }

    fn type_item(
        &mut self,
        kind: &str,
        ident: &Ident,
        vis: &Visibility,
        text: Text,
        item: &syn::Item,
    ) {
        let attributes = attributes_of(item);
        let doubtful = attributes::has_unknown_attribute(attributes, self.facts);
        let mut extra = Extra {
            types: true,
            // What an unknown derive makes of its attributes may be a plugin.
            registers: doubtful,
            attributes: attributes_in(item),
            ..Extra::default()
        };
        extra.derives_default = derives(attributes).iter().any(|derive| derive == "Default");
        // What the engine keeps of a type: constructors of required components, hooks.
        for attribute in attributes {
            if ["require", "component", "cfg_attr"]
                .iter()
                .any(|kept| attribute.path().is_ident(kept))
            {
                let read = Mentions::of_tokens(&attribute.meta.to_token_stream());
                extra.shape.functions.extend(read.functions);
                extra.shape.defaults.extend(read.types);
            }
        }
        self.named(Role::Type, kind, ident, vis, text, extra);
        if let Some(item) = self.found.items.last_mut() {
            item.doubtful = doubtful;
        }
    }
}

/// What all attributes say that a derive can read, those of fields and variants too.
fn attributes_in(item: &syn::Item) -> Mentions {
    struct Finder(Mentions);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_attribute(&mut self, attribute: &'ast Attribute) {
            let plain = attribute.path().get_ident().is_some_and(|ident| {
                let ident = ident.to_string();
                attributes::is_inert_attribute(&ident)
                    || ["derive", "cfg", "repr", "reflect"].contains(&ident.as_str())
            });
            if !plain {
                self.0.append(Mentions::of_attribute(&attribute.meta));
            }
        }
    }
    let mut finder = Finder(Mentions::default());
    finder.visit_item(item);
    finder.0
}

fn strip_field_visibility(fields: &mut Fields) {
    for field in fields.iter_mut() {
        field.vis = Visibility::Inherited;
    }
}
