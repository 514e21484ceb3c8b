//! Traits and impls, as items.
//!
//! Relies on `facts` for which traits are ordinary. Must never take the body of an
//! engine trait's method for an ordinary body: the engine noted once what it said.

use super::attributes;
use super::extract::{Extractor, plain};
use super::facts::Facts;
use super::functions::Function;
use super::items::{Extra, Member, Role};
use super::mentions::Mentions;
use super::syntax::type_ident;
use super::text::Text;
use super::traits::{TraitKind, trait_kind};
use hot_loader_compile::hash::name;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{ImplItem, ItemImpl, ItemTrait, Path, TraitItem, Type};

impl Extractor<'_> {
    /// A trait: everything in order, since the order of methods decides its vtables,
    /// but not the default methods' bodies.
    pub(super) fn trait_item(&mut self, item: &ItemTrait) {
        let ident = plain(&item.ident);
        let path = format!("{}::{ident}", self.path);
        let mut declaration = item.clone();
        let mut doubtful = false;
        let mut consts = Mentions::default();
        for member in &mut declaration.items {
            match member {
                TraitItem::Fn(method) => {
                    doubtful |= attributes::has_unknown_attribute(&method.attrs, self.facts);
                    if method.default.take().is_some() {
                        method.semi_token = Some(Default::default());
                    }
                }
                TraitItem::Const(constant) => {
                    doubtful |= attributes::has_unknown_attribute(&constant.attrs, self.facts);
                    if let Some((_, value)) = &constant.default {
                        consts.append(self.value(&constant.ty, value, None).shape);
                    }
                }
                TraitItem::Type(_) => {}
                _ => doubtful = true,
            }
        }
        if doubtful {
            return self.other(item, "the trait");
        }
        let mut found = self.new_item(
            Role::Trait,
            format!("trait {path}"),
            item.ident.span(),
            Text::without_vis(declaration.to_token_stream()),
        );
        found.name = Some(name(&ident));
        (found.wide, found.vis) = super::extract::visibility(&item.vis);
        self.push(
            found,
            Extra {
                types: true,
                // Whoever has the constant can call what it holds.
                registers: !consts.calls_nothing(),
                shape: consts,
                ..Extra::default()
            },
        );

        for member in &item.items {
            let TraitItem::Fn(method) = member else {
                continue;
            };
            let Some(block) = &method.default else {
                continue;
            };
            let attributes = &method.attrs;
            let path = format!("{path}::{}", plain(&method.sig.ident));
            let extra = Extra {
                contract: item.unsafety.is_some(),
                member: Some(Member {
                    owner: None,
                    of_trait: Some(name(&ident)),
                    implicit: false,
                    default: true,
                }),
                ..Extra::default()
            };
            let function = Function {
                key: format!("fn {path}"),
                path,
                around: quote!(#(#attributes)*),
                vis: None,
                signature: &method.sig,
                block,
                owner: None,
            };
            self.function(function, extra, None);
        }
    }

    pub(super) fn impl_item(&mut self, item: &ItemImpl) {
        let (attributes, generics) = (&item.attrs, &item.generics);
        let (clause, self_ty) = (&item.generics.where_clause, &item.self_ty);
        let (unsafety, defaultness) = (&item.unsafety, &item.defaultness);
        let of_trait = item
            .trait_
            .as_ref()
            .map(|(not, path, token)| quote!(#not #path #token));
        let head = quote!(#(#attributes)* #defaultness #unsafety impl #generics #of_trait #self_ty #clause);
        let place = self.in_order(&head);
        if item
            .items
            .iter()
            .any(|member| may_be_rewritten(member, self.facts))
        {
            self.other(item, "the impl");
            let contract = item.trait_.as_ref().is_some_and(|(_, path, _)| {
                item.unsafety.is_some() || self.facts.trait_kind(path) == TraitKind::Contract
            });
            if let Some(extra) = self.found.extras.last_mut() {
                extra.contract = contract;
            }
            return;
        }
        match &item.trait_ {
            None => self.inherent(item, &head, place),
            Some((_, path, _)) => self.of_trait(item, path, &head, place),
        }
    }

    fn inherent(&mut self, item: &ItemImpl, head: &TokenStream, place: usize) {
        let ident = self.owner(&item.self_ty);
        let written = compact(&item.self_ty.to_token_stream());
        let hash = ident.as_deref().map(name);
        for member in &item.items {
            match member {
                ImplItem::Fn(method) => {
                    let attributes = &method.attrs;
                    let path = format!(
                        "{}::{}",
                        self.method_owner(&item.self_ty),
                        plain(&method.sig.ident)
                    );
                    let extra = Extra {
                        member: Some(Member {
                            owner: hash,
                            of_trait: None,
                            implicit: false,
                            default: false,
                        }),
                        ..Extra::default()
                    };
                    let function = Function {
                        key: format!(
                            "fn {written}::{} in {}",
                            plain(&method.sig.ident),
                            self.path
                        ),
                        path,
                        around: quote!(#head; #(#attributes)*),
                        vis: Some(&method.vis),
                        signature: &method.sig,
                        block: &method.block,
                        owner: ident.as_deref(),
                    };
                    self.function(function, extra, Some(place));
                }
                ImplItem::Const(constant) => {
                    let key = format!(
                        "const {written}::{} in {}",
                        plain(&constant.ident),
                        self.path
                    );
                    let text = Text::without_vis(quote!(#head; #constant));
                    let extra = self.value(&constant.ty, &constant.expr, ident.as_deref());
                    let mut found = self.new_item(Role::Const, key, constant.ident.span(), text);
                    found.name = Some(name(&plain(&constant.ident)));
                    found.member = true;
                    self.push(found, extra);
                }
                other => self.other(other, "the member"),
            }
        }
    }

    fn of_trait(&mut self, item: &ItemImpl, of_trait: &Path, head: &TokenStream, place: usize) {
        let trait_ident = of_trait
            .segments
            .last()
            .map(|last| plain(&last.ident))
            .unwrap_or_default();
        let ident = self.owner(&item.self_ty);
        let hash = ident.as_deref().map(name);
        let mut kind = self.facts.trait_kind(of_trait);
        // The engine files labels by their hash and compares them through code that
        // it keeps. (For other types a changed `Hash` is the game's own affair: no
        // reload could re-file what the game keeps in its maps.)
        let label = ident
            .as_deref()
            .is_none_or(|ident| self.facts.labels.contains(ident));
        let filed = matches!(trait_ident.as_str(), "Hash" | "PartialEq" | "Eq");
        if item.unsafety.is_some() || (label && filed) {
            kind = TraitKind::Contract;
        }
        let contract = kind == TraitKind::Contract;

        let mut shape = quote!(#head;);
        let mut associated = false;
        let mut extra = Extra::default();
        for member in &item.items {
            match member {
                ImplItem::Fn(_) => {}
                ImplItem::Const(constant) => {
                    associated = true;
                    let value = self.value(&constant.ty, &constant.expr, ident.as_deref());
                    extra.shape.append(value.shape);
                    extra.registers |= value.registers;
                    constant.to_tokens(&mut shape);
                }
                member => {
                    associated = true;
                    member.to_tokens(&mut shape);
                }
            }
        }
        let (self_shown, trait_shown) = (self.shown(&item.self_ty), self.shown_trait(of_trait));
        let self_written = compact(&item.self_ty.to_token_stream());
        let trait_written = compact(&of_trait.to_token_stream());
        let generics = &item.generics;
        let generic = if generics.params.is_empty() {
            String::new()
        } else {
            compact(&generics.to_token_stream())
        };
        let key = format!(
            "impl{generic} {trait_written} for {self_written} in {}",
            self.path
        );
        let role = if contract { Role::Contract } else { Role::Impl };
        extra.types = contract || associated;
        let mut found = self.new_item(role, key, item.self_ty.span(), Text::of(shape));
        found.owner = hash;
        self.push(found, extra);

        for member in &item.items {
            let ImplItem::Fn(method) = member else {
                continue;
            };
            let attributes = &method.attrs;
            let path = format!(
                "<{self_shown} as {trait_shown}>::{}",
                plain(&method.sig.ident)
            );
            let extra = Extra {
                contract,
                // Also where the name may be another's.
                registers: trait_kind(&trait_ident) == TraitKind::Registers,
                member: Some(Member {
                    owner: hash,
                    of_trait: Some(name(&trait_ident)),
                    implicit: !self.facts.traits.contains(&trait_ident)
                        || trait_kind(&trait_ident) != TraitKind::Contract,
                    default: false,
                }),
                ..Extra::default()
            };
            let function = Function {
                key: format!(
                    "fn <{self_written} as {trait_written}>::{} in {}",
                    plain(&method.sig.ident),
                    self.path
                ),
                path,
                around: quote!(#head; #(#attributes)*),
                vis: None,
                signature: &method.sig,
                block: &method.block,
                owner: ident.as_deref(),
            };
            self.function(function, extra, Some(place));
        }
    }

    /// The identifier of an impl's type, unless it can be any type: an alias, a
    /// renamed import, a generic parameter.
    fn owner(&self, ty: &Type) -> Option<String> {
        type_ident(ty).filter(|ident| !self.facts.aliases.contains(&name(ident)))
    }

    /// A type as `type_name` prints it, as far as the sources tell. Only for
    /// [`Item::path`](super::items::Item): what else of its name exists must not
    /// change an item's key.
    fn shown(&self, ty: &Type) -> String {
        let shown = compact(&ty.to_token_stream());
        let single = matches!(ty, Type::Path(path) if path.path.segments.len() == 1);
        match type_ident(ty).and_then(|ident| self.facts.home_of(&ident, self.path)) {
            Some(home) if single => format!("{home}::{shown}"),
            _ => shown,
        }
    }

    /// What stands before an inherent method's name.
    fn method_owner(&self, ty: &Type) -> String {
        let shown = self.shown(ty);
        let home = type_ident(ty).and_then(|ident| self.facts.home_of(&ident, self.path));
        if home == Some(self.path) {
            // How `type_name` fills in generic arguments depends on the call: the plain
            // path is the stable part.
            shown.split('<').next().unwrap_or(&shown).to_owned()
        } else {
            format!("{}::<impl {shown}>", self.path)
        }
    }

    fn shown_trait(&self, path: &Path) -> String {
        let shown = compact(&path.to_token_stream());
        let Some(last) = path.segments.last().filter(|_| path.segments.len() == 1) else {
            return shown;
        };
        let ident = plain(&last.ident);
        match self
            .facts
            .home_of(&ident, self.path)
            .or_else(|| std_home(&ident))
        {
            Some(home) => format!("{home}::{shown}"),
            None => shown,
        }
    }
}

/// Where well-known traits are, for `type_name`'s sake.
fn std_home(ident: &str) -> Option<&'static str> {
    Some(match ident {
        "Default" => "core::default",
        "Clone" => "core::clone",
        "Display" | "Debug" => "core::fmt",
        "From" | "Into" | "TryFrom" | "TryInto" => "core::convert",
        "PartialEq" | "Eq" | "PartialOrd" | "Ord" => "core::cmp",
        "Hash" => "core::hash",
        "Iterator" => "core::iter::traits::iterator",
        "FromStr" => "core::str::traits",
        "Drop" => "core::ops::drop",
        "Deref" | "DerefMut" => "core::ops::deref",
        "Add" | "Sub" | "Mul" | "Div" | "Rem" | "Neg" => "core::ops::arith",
        "Plugin" => "bevy_app::plugin",
        "PluginGroup" => "bevy_app::plugin_group",
        "FromWorld" => "bevy_ecs::world",
        _ => return None,
    })
}

/// Whether a member of an impl may be a macro's input, or is unknown syntax.
fn may_be_rewritten(member: &ImplItem, facts: &Facts) -> bool {
    let attributes = match member {
        ImplItem::Fn(method) => &method.attrs,
        ImplItem::Const(constant) => &constant.attrs,
        ImplItem::Type(alias) => &alias.attrs,
        _ => return true,
    };
    attributes::has_unknown_attribute(attributes, facts)
}

/// Tokens without the spaces that no one writes.
fn compact(tokens: &TokenStream) -> String {
    tokens
        .to_string()
        .replace(" :: ", "::")
        .replace(" < ", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
        .replace("& ", "&")
        .replace(" <", "<")
}
