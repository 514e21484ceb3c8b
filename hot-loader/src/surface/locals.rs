//! The items that a function body declares.
//!
//! A type inside a function is identified by the function and its place there, so
//! these items belong to the type surface though the body around them does not.
//! Relies on `facts` for which macros declare nothing. Must never take a macro
//! that it does not know for harmless.

use super::attributes;
use super::facts::Facts;
use super::known;
use super::syntax::leaves;
use super::text::Text;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprAsync, ExprClosure, ExprConst, ExprMacro, Item, Macro, Stmt, UseTree};

/// What a body declares and holds.
#[derive(Default)]
pub(super) struct Locals {
    /// The declared items in order, if there are any with an identity.
    pub(super) items: Option<TokenStream>,
    /// They are inside a closure, an async block or a constant block, whose number
    /// is part of their identity: the whole body decides it.
    pub(super) numbered: bool,
    /// It holds closures or async blocks.
    pub(super) closures: bool,
    /// Some of them may register: an impl, a function that takes an `App`.
    pub(super) registers: bool,
    /// It imports everything of some module of the crate.
    pub(super) local_glob: bool,
}

impl Locals {
    /// Of a function's body. An async function's own body is itself an async block.
    pub(super) fn of(block: &Block, is_async: bool, facts: &Facts) -> Self {
        let mut finder = Finder::new(facts);
        finder.depth = usize::from(is_async);
        finder.visit_block(block);
        let mut locals = finder.finish();
        locals.closures |= is_async;
        locals
    }

    /// Of a constant's or static's initial value.
    pub(super) fn of_value(value: &Expr, facts: &Facts) -> Self {
        let mut finder = Finder::new(facts);
        finder.visit_expr(value);
        finder.finish()
    }
}

struct Finder<'a> {
    facts: &'a Facts,
    found: TokenStream,
    /// Something with an identity was found, not just a `use` or a helper constant.
    identity: bool,
    depth: usize,
    /// Macros defined in this body, whatever they are called.
    own_macros: Vec<String>,
    locals: Locals,
}

impl<'a> Finder<'a> {
    fn new(facts: &'a Facts) -> Self {
        Self {
            facts,
            found: TokenStream::new(),
            identity: false,
            depth: 0,
            own_macros: Vec::new(),
            locals: Locals::default(),
        }
    }

    fn finish(mut self) -> Locals {
        if self.identity {
            self.locals.registers |= self.facts.is_registrar_in(&Text::of(self.found.clone()));
            self.locals.items = Some(self.found);
        }
        self.locals
    }

    fn declares(&mut self, item: &impl ToTokens) {
        item.to_tokens(&mut self.found);
        self.identity = true;
        self.locals.numbered |= self.depth > 0;
    }

    fn expands(&mut self, invocation: &Macro, statement: bool) {
        let hidden = known::declares_items(&invocation.tokens);
        let own = self
            .own_macros
            .iter()
            .any(|own| invocation.path.is_ident(own));
        if hidden || (statement && (own || self.facts.may_declare(&invocation.path))) {
            self.declares(invocation);
        }
    }

    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        visit(self);
        self.depth -= 1;
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        match statement {
            Stmt::Macro(statement) => self.expands(&statement.mac, true),
            Stmt::Expr(Expr::Macro(expression), _) => self.expands(&expression.mac, true),
            _ => visit::visit_stmt(self, statement),
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(inner) if !attributes::has_unknown_attribute(&inner.attrs) => {
                // Only what is declared inside it has an identity of its own.
                let ident = &inner.sig.ident;
                self.found.extend(quote!(fn #ident));
                let async_body = usize::from(inner.sig.asyncness.is_some());
                self.depth += async_body;
                self.visit_block(&inner.block);
                self.depth -= async_body;
            }
            Item::Use(inner) => {
                self.locals.local_glob |= leaves(&inner.tree).iter().any(|leaf| {
                    leaf.here.is_none()
                        && leaf
                            .path
                            .first()
                            .is_some_and(|first| self.facts.is_local_root(first))
                }) || matches!(inner.tree, UseTree::Glob(_));
                inner.to_tokens(&mut self.found);
            }
            // They have no identity, but a local type can name them.
            Item::Const(inner) => {
                inner.to_tokens(&mut self.found);
                visit::visit_expr(self, &inner.expr);
            }
            Item::Type(inner) => inner.to_tokens(&mut self.found),
            other => {
                match other {
                    Item::Macro(inner) => {
                        self.own_macros
                            .extend(inner.ident.as_ref().map(ToString::to_string));
                    }
                    // Its methods can be called from anywhere.
                    Item::Impl(_) => self.locals.registers = true,
                    _ => {}
                }
                self.declares(other);
            }
        }
    }

    fn visit_expr_macro(&mut self, expression: &'ast ExprMacro) {
        self.expands(&expression.mac, false);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.locals.closures = true;
        self.inside(|finder| visit::visit_expr_closure(finder, closure));
    }

    fn visit_expr_async(&mut self, block: &'ast ExprAsync) {
        self.locals.closures = true;
        self.inside(|finder| visit::visit_expr_async(finder, block));
    }

    fn visit_expr_const(&mut self, block: &'ast ExprConst) {
        self.inside(|finder| visit::visit_expr_const(finder, block));
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        if let Expr::Verbatim(tokens) = expression {
            // Syntax that the parser does not know.
            self.declares(tokens);
            return;
        }
        visit::visit_expr(self, expression);
    }
}
