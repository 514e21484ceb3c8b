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
use syn::{
    Attribute, Block, Expr, ExprAsync, ExprClosure, ExprConst, ExprMacro, ExprRepeat,
    GenericArgument, Item, ItemStatic, ItemUse, Macro, Signature, Stmt, Type, TypeArray, UseTree,
};

/// What a body declares and holds.
#[derive(Default)]
pub(super) struct Locals {
    /// The declared items in order, if there are any with an identity.
    pub(super) items: Option<TokenStream>,
    /// They are inside a closure, an async block or a constant without a name, whose
    /// number is part of their identity: the whole body decides it.
    pub(super) numbered: bool,
    /// That constant is an array's length or a type's argument, which the signature
    /// can have too: it takes part in the numbering.
    pub(super) anonymous: bool,
    /// It holds closures or async blocks.
    pub(super) closures: bool,
    /// Some of them may register: an impl, a function that takes an `App`.
    pub(super) registers: bool,
    /// It imports everything of some module of the crate.
    pub(super) local_glob: bool,
    /// Statics, which no type depends on unless it names them.
    pub(super) statics: Vec<ItemStatic>,
}

impl Locals {
    /// Of a function. An async function's own body is itself an async block.
    pub(super) fn of(signature: &Signature, block: &Block, facts: &Facts) -> Self {
        let is_async = signature.asyncness.is_some();
        let mut finder = Finder::new(facts);
        finder.visit_signature(signature);
        finder.depth = usize::from(is_async);
        finder.visit_block(block);
        let mut locals = finder.finish();
        locals.closures |= is_async;
        locals
    }

    /// Of a constant's or static's type and initial value.
    pub(super) fn of_value(ty: &Type, value: &Expr, facts: &Facts) -> Self {
        let mut finder = Finder::new(facts);
        finder.visit_type(ty);
        finder.visit_expr(value);
        finder.finish()
    }
}

/// Whether an attribute changes nothing of what a static is, or where it is.
fn is_inert(attribute: &Attribute) -> bool {
    let ident = attribute.path().get_ident();
    ident.is_some_and(|ident| attributes::is_inert_attribute(&ident.to_string()))
}

struct Finder<'a> {
    facts: &'a Facts,
    found: TokenStream,
    /// Something with an identity was found, not just a `use` or a helper constant.
    identity: bool,
    depth: usize,
    /// How many constants without a name are around, of those that types can have.
    constants: usize,
    /// Macros defined in this body, or imported there from who knows where, whatever they
    /// are called.
    own_macros: Vec<String>,
    /// It imports everything of a crate that is not known.
    foreign_glob: bool,
    locals: Locals,
}

impl<'a> Finder<'a> {
    fn new(facts: &'a Facts) -> Self {
        Self {
            facts,
            found: TokenStream::new(),
            identity: false,
            depth: 0,
            constants: 0,
            own_macros: Vec::new(),
            foreign_glob: false,
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
        self.locals.anonymous |= self.constants > 0;
    }

    fn expands(&mut self, invocation: &Macro, statement: bool) {
        let hidden = known::declares_items(&invocation.tokens);
        let own = self
            .own_macros
            .iter()
            .any(|own| invocation.path.is_ident(own));
        let foreign = self.foreign_glob
            && (invocation.path.get_ident())
                .is_some_and(|ident| !known::is_std_macro(&ident.to_string()));
        let unknown = own || foreign || self.facts.may_declare(&invocation.path);
        if hidden || (statement && unknown) {
            self.declares(invocation);
        }
    }

    /// Notes what an import means for macros.
    fn imports(&mut self, item: &ItemUse) {
        for leaf in leaves(&item.tree) {
            self.foreign_glob |= self.facts.is_foreign_glob(&leaf);
            if self.facts.is_foreign_import(&leaf) {
                self.own_macros.extend(leaf.here);
            }
        }
    }

    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        visit(self);
        self.depth -= 1;
    }

    /// An array's length, or an argument of a type.
    fn constant(&mut self, value: &Expr) {
        self.constants += 1;
        self.inside(|finder| finder.visit_expr(value));
        self.constants -= 1;
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_block(&mut self, block: &'ast Block) {
        // An import holds in all of its block.
        for statement in &block.stmts {
            if let Stmt::Item(Item::Use(item)) = statement {
                self.imports(item);
            }
        }
        visit::visit_block(self, block);
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        match statement {
            Stmt::Macro(statement) => self.expands(&statement.mac, true),
            Stmt::Expr(Expr::Macro(expression), _) => self.expands(&expression.mac, true),
            _ => visit::visit_stmt(self, statement),
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(inner) if !attributes::has_unknown_attribute(&inner.attrs, self.facts) => {
                // Only what is declared inside it has an identity of its own.
                let ident = &inner.sig.ident;
                self.found.extend(quote!(fn #ident));
                self.visit_signature(&inner.sig);
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
                self.visit_type(&inner.ty);
                self.visit_expr(&inner.expr);
            }
            Item::Static(inner) if inner.attrs.iter().all(is_inert) => {
                inner.to_tokens(&mut self.found);
                self.visit_type(&inner.ty);
                self.visit_expr(&inner.expr);
                self.locals.statics.push(inner.clone());
            }
            Item::Type(inner) => {
                inner.to_tokens(&mut self.found);
                self.visit_type(&inner.ty);
            }
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

    // Each of these is a constant of its own, with a number among the others.
    fn visit_type_array(&mut self, array: &'ast TypeArray) {
        self.visit_type(&array.elem);
        self.constant(&array.len);
    }

    fn visit_expr_repeat(&mut self, array: &'ast ExprRepeat) {
        self.visit_expr(&array.expr);
        self.constant(&array.len);
    }

    fn visit_generic_argument(&mut self, argument: &'ast GenericArgument) {
        match argument {
            GenericArgument::Const(value) => self.constant(value),
            GenericArgument::AssocConst(pair) => self.constant(&pair.value),
            other => visit::visit_generic_argument(self, other),
        }
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
