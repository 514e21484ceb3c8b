//! Reads code for what running it can run next.
//!
//! Relies on `places` for where a system is only mentioned. Must never pass over
//! something that runs.

use super::facts::Facts;
use super::known;
use super::mentions::{Mentions, Qualifier};
use super::places;
use super::syntax::leaves;
use super::traits;
use hot_loader_compile::hash::{Name, name};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::HashSet;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprCall, ExprForLoop, ExprMethodCall, ExprPath, ExprStruct, Generics, ItemImpl, ItemUse,
    Macro, Pat, Path, Type, TypePath, UnOp,
};

/// What stands at a place in the code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Code that runs now.
    Now,
    /// Systems and conditions, which the engine runs later.
    Systems,
    /// Observers, which the engine runs when something happens.
    Observers,
}

/// Reads code by walking it.
pub(super) struct Reader<'a> {
    pub(super) facts: &'a Facts,
    owner: Option<String>,
    generics: HashSet<Name>,
    pub(super) stands: Stands,
    /// Variables that go through a list of the crate's, and whether they are used
    /// as anything but systems.
    elements: Vec<(String, bool)>,
    pub(super) mentions: Mentions,
}

impl<'a> Reader<'a> {
    /// Of code inside the impl of `owner`.
    pub(super) fn new(facts: &'a Facts, owner: Option<&str>) -> Self {
        Self {
            facts,
            owner: owner.map(str::to_owned),
            generics: HashSet::new(),
            stands: Stands::Now,
            elements: Vec::new(),
            mentions: Mentions::default(),
        }
    }

    pub(super) fn finish(self) -> Mentions {
        self.mentions
    }

    pub(super) fn with<R>(&mut self, stands: Stands, visit: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.stands, stands);
        let result = visit(self);
        self.stands = before;
        result
    }

    fn resolved(&self, ident: &str) -> String {
        match &self.owner {
            Some(owner) if ident == "Self" => owner.clone(),
            _ => ident.to_owned(),
        }
    }

    /// The function that a path may be.
    pub(super) fn function(&self, path: &ExprPath) -> Option<(Qualifier, Name)> {
        let segments = &path.path.segments;
        let last = segments.last()?;
        let before = segments
            .len()
            .checked_sub(2)
            .and_then(|at| segments.get(at));
        let qualifier = match before {
            _ if path.qself.is_some() => Qualifier::Any,
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
        };
        Some((qualifier, name(&last.ident.to_string())))
    }

    fn types_of(&mut self, path: &Path) {
        for segment in &path.segments {
            let ident = self.resolved(&segment.ident.to_string());
            self.mentions.types.push(name(&ident));
        }
    }

    pub(super) fn own_method(&self, method: &str) -> bool {
        self.facts.methods.contains(method)
    }

    /// A method of this name is called, or a function of some type.
    fn engine_runs(&mut self, called: &str) {
        self.mentions.runs |= known::runs_systems(called);
        self.mentions.triggers |= known::triggers(called);
    }

    /// Tokens whose meaning is unknown.
    fn unknown(&mut self, tokens: &TokenStream) {
        self.mentions.all(tokens);
        self.uses_elements(tokens);
    }

    fn uses_elements(&mut self, tokens: &TokenStream) {
        if self.elements.is_empty() {
            return;
        }
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(ident) => self.uses_element(&ident.to_string()),
                TokenTree::Group(group) => self.uses_elements(&group.stream()),
                _ => {}
            }
        }
    }

    fn uses_element(&mut self, word: &str) {
        for (element, used) in &mut self.elements {
            *used |= element == word;
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        if self.stands == Stands::Now {
            if let Expr::Verbatim(tokens) = expression {
                self.unknown(tokens);
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
            | Expr::Call(_) => visit::visit_expr(self, expression),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                visit::visit_expr(self, expression);
            }
            Expr::MethodCall(call) => self.combination(call),
            // A system or a set, mentioned; its signature counts because its name is
            // in the text.
            Expr::Path(path) => self.mention(path),
            Expr::Closure(closure) => self.closure_for_later(closure),
            _ => self.with(Stands::Now, |reader| reader.visit_expr(expression)),
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let method = call.method.to_string();
        let own = self.own_method(&method);
        self.mentions.methods.push(name(&method));
        if known::makes_defaults(&method) {
            let default = (Qualifier::Any, name("default"));
            self.mentions.functions.push(default);
        }
        self.engine_runs(&method);
        let takes = match method.as_str() {
            _ if own => Stands::Now,
            _ if known::takes_observers(&method) => Stands::Observers,
            _ if known::takes_systems(&method) => Stands::Systems,
            _ => Stands::Now,
        };
        let receiver = match takes {
            Stands::Systems if known::stands_on_systems(&method) => Stands::Systems,
            _ => Stands::Now,
        };
        self.with(receiver, |reader| reader.visit_expr(&call.receiver));
        if let Some(arguments) = &call.turbofish
            && (own || !known::only_names_types(&method))
        {
            self.visit_angle_bracketed_generic_arguments(arguments);
        }
        // The first argument of these is the schedule, if they are an app's.
        let labelled =
            matches!(method.as_str(), "add_systems" | "configure_sets") && call.args.len() > 1;
        for (at, argument) in call.args.iter().enumerate() {
            let stands = if labelled && at == 0 {
                Stands::Now
            } else {
                takes
            };
            self.with(stands, |reader| reader.visit_expr(argument));
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let stands = self.stands;
        self.with(Stands::Now, |reader| {
            reader.visit_expr(&call.func);
            let combinator = match &*call.func {
                Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
                    let last = last.ident.to_string();
                    (last == "not" || last == "into_system")
                        && !reader.own_method(&last)
                        && !reader.facts.functions.contains(&last)
                }),
                _ => false,
            };
            let stands = if combinator { stands } else { Stands::Now };
            for argument in &call.args {
                reader.with(stands, |reader| reader.visit_expr(argument));
            }
        });
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        self.mentions.functions.extend(self.function(path));
        self.types_of(&path.path);
        match path.path.get_ident() {
            Some(ident) => self.uses_element(&ident.to_string()),
            None => {
                if let Some(last) = path.path.segments.last() {
                    self.engine_runs(&last.ident.to_string());
                }
            }
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_expr_for_loop(&mut self, walk: &'ast ExprForLoop) {
        let (Some(element), Expr::Path(list)) =
            (places::variable(&walk.pat), self.iterated(&walk.expr))
        else {
            return visit::visit_expr_for_loop(self, walk);
        };
        self.elements.push((element, false));
        self.visit_block(&walk.body);
        let used = self.elements.pop().is_some_and(|(_, used)| used);
        if used {
            self.visit_expr(&walk.expr);
        } else {
            for stands in [Stands::Systems, Stands::Observers] {
                self.with(stands, |reader| reader.mention(list));
            }
        }
    }

    fn visit_expr_struct(&mut self, literal: &'ast ExprStruct) {
        self.types_of(&literal.path);
        visit::visit_expr_struct(self, literal);
    }

    fn visit_type(&mut self, ty: &'ast Type) {
        if let Type::Verbatim(tokens) = ty {
            self.unknown(tokens);
        }
        visit::visit_type(self, ty);
    }

    fn visit_type_path(&mut self, path: &'ast TypePath) {
        self.types_of(&path.path);
        visit::visit_type_path(self, path);
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Verbatim(tokens) = pattern {
            self.unknown(tokens);
        }
        visit::visit_pat(self, pattern);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        if let Some(last) = invocation.path.segments.last() {
            self.mentions
                .functions
                .push((Qualifier::Any, name(&last.ident.to_string())));
        }
        self.unknown(&invocation.tokens);
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

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        // `Self` is another type in there.
        let owner = self.owner.take();
        visit::visit_item_impl(self, item);
        self.owner = owner;
    }

    fn visit_generics(&mut self, generics: &'ast Generics) {
        for parameter in generics.type_params() {
            self.generics.insert(name(&parameter.ident.to_string()));
        }
        visit::visit_generics(self, generics);
    }
}
