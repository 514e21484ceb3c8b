//! What running a piece of code can run next: the functions it calls or passes
//! on, the methods, the types whose values it makes, and what the engine is to run
//! for it later.
//!
//! Relies on `reader` for code whose syntax is known. Must never leave out a word of
//! tokens whose meaning is unknown.

use super::facts::Facts;
use super::known;
use super::reader::Reader;
use hot_loader_compile::hash::{Name, name};
use proc_macro2::{TokenStream, TokenTree};

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
    /// Functions called, or passed on as values; constants too, which can hold some.
    pub(super) functions: Vec<(Qualifier, Name)>,
    /// Methods called.
    pub(super) methods: Vec<Name>,
    /// Types of which it may make or use a value.
    pub(super) types: Vec<Name>,
    /// Types that are made by their `Default` or `FromWorld`.
    pub(super) defaults: Vec<Name>,
    /// It is a constant: the systems in it are only mentioned.
    pub(super) is_list: bool,
    /// What the engine is given to run later.
    pub(super) later: Option<Box<Later>>,
    /// It may make the engine run schedules now.
    pub(super) runs: bool,
    /// It may make the engine run observers now.
    pub(super) triggers: bool,
}

/// What the engine is given to run later.
#[derive(Clone, Debug, Default)]
pub(super) struct Later {
    /// Systems and conditions, and what closures among them mention.
    pub(super) systems: Mentions,
    /// Functions that are observers.
    pub(super) observers: Vec<(Qualifier, Name)>,
    /// What closures that are observers mention.
    pub(super) observing: Mentions,
}

impl Mentions {
    /// Of code inside the impl of `owner`.
    pub(super) fn of(
        facts: &Facts,
        owner: Option<&str>,
        visit: impl FnOnce(&mut Reader<'_>),
    ) -> Self {
        let mut reader = Reader::new(facts, owner);
        visit(&mut reader);
        let mut mentions = reader.finish();
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

    /// Of an attribute's arguments, where functions are named by strings too.
    pub(super) fn of_attribute(meta: &syn::Meta) -> Self {
        let mut mentions = Self::default();
        match meta {
            syn::Meta::Path(_) => {}
            syn::Meta::List(list) => mentions.attribute(&list.tokens),
            syn::Meta::NameValue(pair) => {
                mentions.attribute(&quote::ToTokens::to_token_stream(&pair.value));
            }
        }
        mentions
    }

    pub(super) fn all(&mut self, tokens: &TokenStream) {
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(ident) => self.word(&ident.to_string()),
                TokenTree::Group(group) => self.all(&group.stream()),
                _ => {}
            }
        }
    }

    fn attribute(&mut self, tokens: &TokenStream) {
        for token in tokens.clone() {
            match token {
                // `#[serde(default)]`: the field's own, which is found by its type.
                TokenTree::Ident(ident) if ident == "default" => {}
                // `#[serde(with = "codec")]` names a module.
                TokenTree::Ident(ident) if ident == "with" => {
                    self.word("serialize");
                    self.word("deserialize");
                }
                TokenTree::Ident(ident) => self.word(&ident.to_string()),
                TokenTree::Group(group) => self.attribute(&group.stream()),
                TokenTree::Literal(literal) => {
                    let shown = literal.to_string();
                    shown
                        .split(|char: char| !char.is_alphanumeric() && char != '_')
                        .filter(|word| !word.is_empty())
                        .for_each(|word| self.word(word));
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn word(&mut self, word: &str) {
        let name = name(word);
        self.functions.push((Qualifier::Any, name));
        self.methods.push(name);
        self.types.push(name);
        if known::makes_defaults(word) {
            self.functions.push((Qualifier::Any, self::name("default")));
        }
        self.runs |= known::runs_a_schedule(word);
        self.triggers |= known::triggers(word);
    }

    /// Adds what other code mentions.
    pub(super) fn append(&mut self, other: Self) {
        self.functions.extend(other.functions);
        self.methods.extend(other.methods);
        self.types.extend(other.types);
        self.defaults.extend(other.defaults);
        self.runs |= other.runs;
        self.triggers |= other.triggers;
        if let Some(later) = other.later {
            let own = self.later.get_or_insert_default();
            own.systems.append(later.systems);
            own.observers.extend(later.observers);
            own.observing.append(later.observing);
        }
    }

    /// Whether nothing can be called by it.
    pub(super) fn calls_nothing(&self) -> bool {
        self.functions.is_empty() && self.methods.is_empty() && self.defaults.is_empty()
    }
}
