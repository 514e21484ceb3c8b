//! Functions and methods, as items.
//!
//! Relies on `locals` for the items in a body, and on `mentions` for what it calls.
//! Must never take a signature for part of the body: the engine knows signatures.

use super::extract::{Extractor, visibility};
use super::hash::name;
use super::items::{Extra, Role};
use super::known;
use super::locals::Locals;
use super::mentions::Mentions;
use super::text::Text;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::{Block, Signature, Type, Visibility};

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
