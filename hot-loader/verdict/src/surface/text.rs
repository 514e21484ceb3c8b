//! A piece of source, reduced to what comparing needs: a hash of its tokens that
//! ignores formatting, and the names that it mentions.
//!
//! Relies on `tokens` for reading it. Must never hold a token or a span, which
//! belong to the thread that parsed.

use hot_loader_compile::hash::Name;
use proc_macro2::TokenStream;

/// A piece of source.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    /// Of all tokens, without comments, lints and formatting.
    pub(super) hash: u128,
    /// Identifiers that stand alone or begin a path.
    pub(super) heads: Vec<Name>,
    /// Identifiers behind a `::` of a path that may lead into this crate.
    pub(super) tails: Vec<Name>,
    /// Identifiers behind a `::` of a path that begins at another crate.
    pub(super) outer: Vec<Name>,
    /// Identifiers behind a `.`: fields and methods.
    pub(super) dots: Vec<Name>,
    /// Those of all of them with no `::` behind them, which a function can have.
    pub(super) ends: Vec<Name>,
    /// Last components of the string literals: files that it may include.
    pub(super) strings: Vec<Name>,
    /// The same, of documentation (`#[doc = include_str!("…")]`).
    pub(super) doc_strings: Vec<Name>,
    /// It includes a file whose name is not a plain literal.
    pub(super) any_file: bool,
    /// It includes source code (`include!`).
    pub(super) includes_code: bool,
    /// Macros that it calls, but for those that are known to do nothing odd.
    pub(super) calls: Vec<Name>,
    /// It may name an associated constant or function: `Ship::SIZE`, `<Ship>::size`.
    pub(super) associated: bool,
    /// It may ask for its own place: `line!()`, `Location::caller()`.
    pub(super) asks_place: bool,
    /// It defines macros inside of something else.
    pub(super) defines: bool,
    /// Hash of where its identifiers are.
    pub(super) place: u128,
    /// Hash of how macros' arguments are spelled: which tokens touch, and `r#`.
    pub(super) spelling: u128,
    /// Of these two, what counts where a type depends on it, or 0. Set last of all.
    pub(super) exact: u128,
    /// Its names are resolved wherever it expands, not where it is written.
    pub(super) crate_wide: bool,
}

impl Text {
    /// Of tokens, visibilities included.
    pub(super) fn of(tokens: TokenStream) -> Self {
        Self::read(tokens, false)
    }

    /// Of tokens, without visibilities: who may name a thing decides neither its
    /// layout nor its identity. What a *widened* visibility can do (shadow a glob
    /// import elsewhere) is compared apart.
    pub(super) fn without_vis(tokens: TokenStream) -> Self {
        Self::read(tokens, true)
    }

    fn read(tokens: TokenStream, drop_vis: bool) -> Self {
        let mut text = super::tokens::read(tokens, drop_vis);
        for names in [
            &mut text.heads,
            &mut text.tails,
            &mut text.dots,
            &mut text.ends,
        ] {
            names.sort_unstable();
            names.dedup();
        }
        text
    }

    /// This hash with the names of `pieces` alone: for items whose own parts
    /// (variants) look like names that they mention.
    pub(super) fn with_names_of(mut self, pieces: TokenStream) -> Self {
        let named = Self::of(pieces);
        self.heads = named.heads;
        self.tails = named.tails;
        self.outer = named.outer;
        self.ends = named.ends;
        self.dots = named.dots;
        self
    }

    /// Takes paths that seem to begin at another crate for paths into this one,
    /// because this one has a name like that crate's.
    pub(super) fn distrust_crates(&mut self) {
        self.tails.append(&mut self.outer);
        self.tails.sort_unstable();
        self.tails.dedup();
    }

    /// Whether `name` occurs in any role.
    pub(super) fn has(&self, name: Name) -> bool {
        self.head(name) || self.tail(name) || self.dot(name)
    }

    /// Whether `name` occurs in any role, in a path into another crate too.
    pub(super) fn says(&self, name: Name) -> bool {
        self.has(name) || self.outer.contains(&name)
    }

    pub(super) fn head(&self, name: Name) -> bool {
        self.heads.binary_search(&name).is_ok()
    }

    pub(super) fn tail(&self, name: Name) -> bool {
        self.tails.binary_search(&name).is_ok()
    }

    /// Whether `name` occurs where a function, constant or static can be meant.
    pub(super) fn end(&self, name: Name) -> bool {
        self.ends.binary_search(&name).is_ok()
    }

    pub(super) fn dot(&self, name: Name) -> bool {
        self.dots.binary_search(&name).is_ok()
    }
}
