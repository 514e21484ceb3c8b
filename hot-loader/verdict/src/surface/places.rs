//! The places where a system is only *mentioned* (`add_systems(Update, steer)`): the
//! engine runs it later, so its body decides nothing about the registration.
//!
//! Relies on Bevy's names for them. Must never take a call for a mention.

use super::known;
use super::reader::{Reader, Stands};
use syn::visit::Visit;
use syn::{Expr, ExprClosure, ExprMethodCall, ExprPath, Pat};

impl Reader<'_> {
    /// A path where systems stand: a system, a set, a variable that holds some.
    pub(super) fn mention(&mut self, path: &ExprPath) {
        let Some(function) = self.function(path) else {
            return;
        };
        let later = self.mentions.later.get_or_insert_default();
        match self.stands {
            Stands::Observers => later.observers.push(function),
            _ => later.systems.functions.push(function),
        }
    }

    /// A closure where systems stand. Its text is part of this very code.
    pub(super) fn closure_for_later(&mut self, closure: &ExprClosure) {
        let now = std::mem::take(&mut self.mentions);
        self.with(Stands::Now, |reader| reader.visit_expr_closure(closure));
        let inside = std::mem::replace(&mut self.mentions, now);
        let later = self.mentions.later.get_or_insert_default();
        match self.stands {
            Stands::Observers => later.observing.append(inside),
            _ => later.systems.append(inside),
        }
    }

    /// Whether this is a system, or a combination of some.
    fn is_system(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
                let last = last.ident.to_string();
                self.facts.functions.contains(&last) || self.own_method(&last)
            }),
            Expr::MethodCall(call) => {
                let method = call.method.to_string();
                known::combines_systems(&method)
                    && !self.own_method(&method)
                    && self.is_system(&call.receiver)
            }
            Expr::Paren(inner) => self.is_system(&inner.expr),
            Expr::Closure(_) => true,
            _ => false,
        }
    }

    /// What a loop goes through, behind what only hands out its elements.
    pub(super) fn iterated<'e>(&self, expression: &'e Expr) -> &'e Expr {
        match expression {
            Expr::Reference(inner) => self.iterated(&inner.expr),
            Expr::Paren(inner) => self.iterated(&inner.expr),
            Expr::MethodCall(call) => {
                let method = call.method.to_string();
                let hands_out = call.args.is_empty()
                    && !self.own_method(&method)
                    && ["iter", "into_iter", "copied", "cloned", "rev"].contains(&method.as_str());
                match hands_out {
                    true => self.iterated(&call.receiver),
                    false => expression,
                }
            }
            other => other,
        }
    }

    /// A method where systems stand.
    pub(super) fn combination(&mut self, call: &ExprMethodCall) {
        let method = call.method.to_string();
        // What combines arrays can run anything now: `[a, b].map(make)`.
        let mapped = method == "map" && !self.is_system(&call.receiver);
        if self.own_method(&method) || mapped || !known::combines_systems(&method) {
            return self.with(Stands::Now, |reader| reader.visit_expr_method_call(call));
        }
        self.visit_expr(&call.receiver);
        for argument in &call.args {
            match argument {
                Expr::Closure(_) if method == "map" => {
                    self.with(Stands::Now, |reader| reader.visit_expr(argument));
                }
                _ => self.visit_expr(argument),
            }
        }
    }
}

/// The only name that a pattern binds, if it is nothing else.
pub(super) fn variable(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(pattern) if pattern.subpat.is_none() => Some(pattern.ident.to_string()),
        Pat::Reference(pattern) => variable(&pattern.pat),
        Pat::Paren(pattern) => variable(&pattern.pat),
        _ => None,
    }
}
