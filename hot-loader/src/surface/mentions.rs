//! What running a piece of code can run next: the functions it calls or passes
//! on, the methods, the types whose values it makes.
//!
//! Relies on Bevy's names for the places where a system is only *mentioned*
//! (`add_systems(Update, steer)`): the engine runs it later, so its body decides
//! nothing about the registration. Must never take a call for a mention.

use super::facts::Facts;
use super::hash::{Name, name};
use super::known;
use super::syntax::leaves;
use super::traits;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::HashSet;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprCall, ExprMethodCall, ExprPath, ExprStruct, Generics, ItemUse, Macro, Pat, Path,
    TypePath,
};

/// What a called function's path says about where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Qualifier {
    /// `helper()`.
    None,
    /// `Ship::new()`, `ship::helper()`.
    Name(Name),
    /// Anything: `<T as Make>::make()`, an alias, a generic parameter, a macro.
    Any,
}

/// What a piece of code can run next.
#[derive(Clone, Debug, Default)]
pub(super) struct Mentions {
    /// Functions called, or passed on as values.
    pub(super) functions: Vec<(Qualifier, Name)>,
    /// Methods called.
    pub(super) methods: Vec<Name>,
    /// Types of which it may make or use a value.
    pub(super) types: Vec<Name>,
    /// Types that are made by their `Default` or `FromWorld`.
    pub(super) defaults: Vec<Name>,
    /// It is a constant: the systems in it are only mentioned.
    pub(super) is_list: bool,
}

impl Mentions {
    /// Of code inside the impl of `owner`.
    pub(super) fn of(
        facts: &Facts,
        owner: Option<&str>,
        visit: impl FnOnce(&mut Reader<'_>),
    ) -> Self {
        let mut reader = Reader {
            facts,
            owner: owner.map(str::to_owned),
            generics: HashSet::new(),
            systems: false,
            mentions: Self::default(),
        };
        visit(&mut reader);
        let mut mentions = reader.mentions;
        if let Some(owner) = owner {
            mentions.types.push(name(owner));
        }
        mentions
    }

    /// Of tokens whose meaning is unknown: every word may be anything.
    pub(super) fn of_tokens(tokens: &TokenStream) -> Self {
        let mut mentions = Self::default();
        mentions.all(tokens);
        mentions
    }

    fn all(&mut self, tokens: &TokenStream) {
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(ident) => {
                    let name = name(&ident.to_string());
                    self.functions.push((Qualifier::Any, name));
                    self.methods.push(name);
                    self.types.push(name);
                }
                TokenTree::Group(group) => self.all(&group.stream()),
                _ => {}
            }
        }
    }
}

/// Reads code by walking it.
pub(super) struct Reader<'a> {
    facts: &'a Facts,
    owner: Option<String>,
    generics: HashSet<Name>,
    /// A plain path here is a system that is only mentioned.
    systems: bool,
    mentions: Mentions,
}

impl Reader<'_> {
    fn with<R>(&mut self, systems: bool, visit: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.systems, systems);
        let result = visit(self);
        self.systems = before;
        result
    }

    fn resolved(&self, ident: &str) -> String {
        match &self.owner {
            Some(owner) if ident == "Self" => owner.clone(),
            _ => ident.to_owned(),
        }
    }

    fn function(&mut self, path: &ExprPath) {
        let segments = &path.path.segments;
        let Some(last) = segments.last() else {
            return;
        };
        let qualifier = if path.qself.is_some() {
            Qualifier::Any
        } else {
            match segments
                .len()
                .checked_sub(2)
                .and_then(|at| segments.get(at))
            {
                None => Qualifier::None,
                Some(before) => {
                    let before = self.resolved(&before.ident.to_string());
                    let hash = name(&before);
                    let vague = matches!(before.as_str(), "Self" | "self" | "super" | "crate")
                        || self.facts.aliases.contains(&hash)
                        || self.generics.contains(&hash)
                        || self.facts.traits.contains(&before)
                        || traits::trait_kind(&before) != traits::TraitKind::Contract;
                    if vague {
                        Qualifier::Any
                    } else {
                        Qualifier::Name(hash)
                    }
                }
            }
        };
        self.mentions
            .functions
            .push((qualifier, name(&last.ident.to_string())));
    }

    fn types_of(&mut self, path: &Path) {
        for segment in &path.segments {
            let ident = self.resolved(&segment.ident.to_string());
            self.mentions.types.push(name(&ident));
        }
    }

    fn own_method(&self, method: &str) -> bool {
        self.facts.methods.contains(method)
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        if !self.systems {
            if let Expr::Verbatim(tokens) = expression {
                self.mentions.all(tokens);
            }
            return visit::visit_expr(self, expression);
        }
        match expression {
            // Still a place for systems.
            Expr::Tuple(_)
            | Expr::Array(_)
            | Expr::Paren(_)
            | Expr::Group(_)
            | Expr::Reference(_)
            | Expr::Cast(_)
            | Expr::Call(_)
            | Expr::MethodCall(_) => visit::visit_expr(self, expression),
            // A system or a set, mentioned; its signature counts because its name is
            // in the text.
            Expr::Path(path) if path.qself.is_none() => {}
            // The engine runs it later. Its text is part of this very code.
            Expr::Closure(_) => {}
            _ => self.with(false, |reader| reader.visit_expr(expression)),
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let method = call.method.to_string();
        let own = self.own_method(&method);
        if self.systems {
            // What combines arrays can run anything now: `[a, b].map(|f| f())`.
            let mapped =
                method == "map" && !matches!(&*call.receiver, Expr::Path(_) | Expr::MethodCall(_));
            if own || mapped || !known::combines_systems(&method) {
                return self.with(false, |reader| reader.visit_expr_method_call(call));
            }
            self.visit_expr(&call.receiver);
            for argument in &call.args {
                let now = method == "map" && matches!(argument, Expr::Closure(_));
                self.with(!now, |reader| reader.visit_expr(argument));
            }
            return;
        }

        self.mentions.methods.push(name(&method));
        let takes = !own && known::takes_systems(&method);
        let stands = takes && known::stands_on_systems(&method);
        self.with(stands, |reader| reader.visit_expr(&call.receiver));
        if let Some(arguments) = &call.turbofish
            && (own || !known::only_names_types(&method))
        {
            self.visit_angle_bracketed_generic_arguments(arguments);
        }
        // The first argument of these is the schedule.
        let labelled = matches!(method.as_str(), "add_systems" | "configure_sets");
        for (at, argument) in call.args.iter().enumerate() {
            let systems = takes && !(labelled && at == 0);
            self.with(systems, |reader| reader.visit_expr(argument));
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let systems = self.systems;
        self.with(false, |reader| {
            reader.visit_expr(&call.func);
            let combinator = match &*call.func {
                Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
                    let last = last.ident.to_string();
                    systems
                        && (last == "not" || last == "into_system")
                        && !reader.own_method(&last)
                        && !reader.facts.functions.contains(&last)
                }),
                _ => false,
            };
            for argument in &call.args {
                reader.with(combinator, |reader| reader.visit_expr(argument));
            }
        });
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        self.function(path);
        self.types_of(&path.path);
        visit::visit_expr_path(self, path);
    }

    fn visit_expr_struct(&mut self, literal: &'ast ExprStruct) {
        self.types_of(&literal.path);
        visit::visit_expr_struct(self, literal);
    }

    fn visit_type_path(&mut self, path: &'ast TypePath) {
        self.types_of(&path.path);
        visit::visit_type_path(self, path);
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Verbatim(tokens) = pattern {
            self.mentions.all(tokens);
        }
        visit::visit_pat(self, pattern);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        if let Some(last) = invocation.path.segments.last() {
            self.mentions
                .functions
                .push((Qualifier::Any, name(&last.ident.to_string())));
        }
        self.mentions.all(&invocation.tokens);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // Whatever it is called from here on.
        for leaf in leaves(&item.tree) {
            if let Some(last) = leaf
                .path
                .last()
                .filter(|last| leaf.here.as_ref() != Some(last))
            {
                let last = name(last);
                self.mentions.functions.push((Qualifier::Any, last));
                self.mentions.types.push(last);
            }
        }
    }

    fn visit_generics(&mut self, generics: &'ast Generics) {
        for parameter in generics.type_params() {
            self.generics.insert(name(&parameter.ident.to_string()));
        }
        visit::visit_generics(self, generics);
    }
}
