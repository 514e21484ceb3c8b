//! Functions and methods, as items.
//!
//! Relies on `locals` for the items in a body, and on `mentions` for what it calls.
//! Must never take a signature for part of the body: the engine knows signatures.

use super::closures;
use super::extract::{Extractor, plain, visibility};
use super::facts::Facts;
use super::items::{Extra, Role};
use super::known;
use super::locals::Locals;
use super::mentions::Mentions;
use super::text::Text;
use hot_loader_compile::hash::{Name, name};
use proc_macro2::TokenStream;
use quote::quote;
use syn::visit::Visit;
use syn::{Block, Signature, Type, TypeParamBound, Visibility};

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
        let locals = Locals::of(signature, block, facts);
        if locals.local_glob
            && let Some(module) = self.found.modules.last_mut()
        {
            module.local_glob = true;
        }
        for local in &locals.statics {
            self.local_static(&path, local);
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
            extra.types |= locals.anonymous;
        }
        extra.registers |= locals.registers;

        let (types, patterns) = without_patterns(signature);
        let text = Text::of(quote!(#around #types));
        extra.registers |= facts.is_registrar_in(&text);
        extra.observes = observes(signature, facts);
        extra.is_const = signature.constness.is_some();
        extra.gives_opaque = signature.asyncness.is_some() || gives_opaque(signature, |_| false);
        extra.body = Mentions::of(facts, owner, |reader| {
            reader.visit_signature(signature);
            reader.visit_block(block);
        });
        let mut item = self.new_item(Role::Fn, key, signature.ident.span(), text);
        item.path = path;
        item.name = Some(name(&signature.ident.to_string()));
        item.member = extra.member.is_some();
        (item.wide, item.vis) = vis.map(visibility).unwrap_or_default();
        item.body = Some(self.scoped(Text::of(quote!(#patterns #block))));
        item.owner = owner.map(name);
        item.system = is_system(signature);
        item.opaque = signature.asyncness.is_some()
            || gives_opaque(signature, |bound| {
                // A bundle is taken apart where it is spawned: nothing is of its type.
                bound.is_ident("Bundle") && facts.is_imported("Bundle")
            });
        item.place = place.filter(|_| locals.closures);
        item.closures = closures::of(block, signature.asyncness.is_some());
        item.contract = extra.contract;
        self.push(item, extra);
    }
}

/// A signature without what its parameters are called there, and what they are
/// called, which is the body's own affair.
fn without_patterns(signature: &Signature) -> (Signature, TokenStream) {
    let mut types = signature.clone();
    let mut patterns = TokenStream::new();
    for input in &mut types.inputs {
        if let syn::FnArg::Typed(input) = input {
            let nothing = syn::Pat::Wild(syn::PatWild {
                attrs: Vec::new(),
                underscore_token: Default::default(),
            });
            let pattern = std::mem::replace(&mut *input.pat, nothing);
            patterns.extend(quote!(#pattern,));
        }
    }
    (types, patterns)
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

/// What an observer waits for: the types in its event's parameter.
fn observes(signature: &Signature, facts: &Facts) -> Option<Vec<Name>> {
    struct Finder(Vec<String>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
            let last = path.path.segments.last();
            self.0.extend(last.map(|last| plain(&last.ident)));
            syn::visit::visit_type_path(self, path);
        }
    }
    let syn::FnArg::Typed(first) = signature.inputs.first()? else {
        return None;
    };
    let Type::Path(event) = &*first.ty else {
        return None;
    };
    let last = event.path.segments.last()?;
    if last.ident != "On" && last.ident != "Trigger" {
        return None;
    }
    let mut finder = Finder(Vec::new());
    finder.visit_path_arguments(&last.arguments);
    let named = finder.0.into_iter();
    let waits_for =
        named.filter(|ident| !known::is_lifecycle_event(ident) || facts.types.contains(ident));
    Some(waits_for.map(|ident| name(&ident)).collect())
}

/// Whether values of a type without a name can come out of it, other than of those
/// whose only traits are `harmless`.
fn gives_opaque(signature: &Signature, harmless: impl Fn(&syn::Path) -> bool) -> bool {
    struct Finder<F>(bool, F);
    impl<'ast, F: Fn(&syn::Path) -> bool> Visit<'ast> for Finder<F> {
        fn visit_type_impl_trait(&mut self, opaque: &'ast syn::TypeImplTrait) {
            let harmless = opaque.bounds.iter().all(|bound| match bound {
                TypeParamBound::Trait(bound) => self.1(&bound.path),
                TypeParamBound::Lifetime(_) => true,
                _ => false,
            });
            self.0 |= !harmless;
        }
    }
    let mut finder = Finder(false, harmless);
    finder.visit_return_type(&signature.output);
    finder.0
}
