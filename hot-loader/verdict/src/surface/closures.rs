//! The closures that stand in a function's body. The compiler numbers them by their
//! order there, and that number is all that tells one closure of a function from
//! another: which of them are still the same ones after an edit?
//!
//! In doubt none of them is.

use super::text::Text;
use quote::ToTokens;
use syn::{
    Block, Expr, ExprAsync, ExprClosure, Item, Macro,
    visit::{self, Visit},
};

/// What has a number of its own in a body, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    hash: u128,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Closure,
    /// A closure or async block that others are in, whose numbers follow from it.
    Outer,
    /// It may hold closures, which are numbered after those that are written out.
    Macro,
}

/// Those of a body, in their order.
pub(super) fn of(block: &Block, is_async: bool) -> Vec<Numbered> {
    if is_async {
        return vec![Numbered {
            hash: Text::of(block.to_token_stream()).hash,
            kind: Kind::Outer,
        }];
    }
    let mut finder = Finder::default();
    finder.visit_block(block);
    finder.found
}

/// Whether what was there has the same numbers still; some may have been added, or
/// taken away, at the end.
pub(super) fn keep_numbers(old: &[Numbered], new: &[Numbered]) -> bool {
    let has = |all: &[Numbered], one: &Numbered| all.iter().any(|other| other.hash == one.hash);
    let is_macro = |one: &Numbered| one.kind == Kind::Macro;
    let same_or_edited = |(before, after): (&Numbered, &Numbered)| {
        let are_closures = [before, after].iter().all(|one| one.kind == Kind::Closure);
        before == after || are_closures && !has(old, after) && !has(new, before)
    };
    let count = old.len() == new.len() || !old.iter().chain(new).any(is_macro);
    count && old.iter().zip(new).all(same_or_edited)
}

#[derive(Default)]
struct Finder {
    found: Vec<Numbered>,
}

impl Finder {
    fn push(&mut self, tokens: &impl ToTokens, kind: Kind) {
        let hash = Text::of(tokens.to_token_stream()).hash;
        self.found.push(Numbered { hash, kind });
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        let mut inner = Self::default();
        visit::visit_expr_closure(&mut inner, closure);
        let holds = inner.found.iter().any(|one| one.kind != Kind::Macro);
        self.push(closure, if holds { Kind::Outer } else { Kind::Closure });
    }

    fn visit_expr_async(&mut self, block: &'ast ExprAsync) {
        self.push(block, Kind::Outer);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        self.push(invocation, Kind::Macro);
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            // Syntax that the parser does not know.
            Expr::Verbatim(tokens) => self.push(tokens, Kind::Macro),
            _ => visit::visit_expr(self, expression),
        }
    }

    // What is in it is numbered by itself.
    fn visit_item(&mut self, _: &'ast Item) {}
}

#[cfg(test)]
mod tests {
    use super::{keep_numbers, of};

    fn kept(old: &str, new: &str) -> bool {
        let [old, new] = [old, new].map(|body| {
            let block = syn::parse_str(&format!("{{ {body} }}")).expect("a block");
            of(&block, false)
        });
        keep_numbers(&old, &new)
    }

    #[test]
    fn closures_keep_their_numbers_where_they_are_edited_or_others_follow() {
        assert!(kept("f(|| 1).g(|| 2);", "h(x); f(|| 1).g(|| 2);"));
        assert!(kept("f(|| 1).g(|| 2);", "f(|| 3).g(|| 2);"));
        assert!(kept("f(|| 1);", "f(|| 1).g(|| 2);"));
        assert!(kept("f(|| 1).g(|| 2);", "f(|| 1);"));
    }

    #[test]
    fn closures_that_moved_do_not() {
        assert!(!kept("f(|| 1);", "f(|| 2).g(|| 1);"));
        assert!(!kept("f(|| 1).g(|| 2);", "f(|| 2).g(|| 1);"));
        assert!(!kept("f(|| 1).g(|| 2).h(|| 3);", "f(|| 1).h(|| 3);"));
        assert!(!kept("f(|| g(|| 1));", "f(|| g(|| 2));"), "those inside");
        assert!(!kept("f(|| 1); m!(|| 2);", "f(|| 1).g(|| 3); m!(|| 2);"));
        assert!(!kept("m!(1); f(|| 1);", "m!(2); f(|| 1);"));
    }
}
