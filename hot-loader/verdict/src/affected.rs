//! Which functions may run code that an edit changed, and whose registration it may have
//! changed: what the reports name, and what is made afresh.
//!
//! Names too many rather than too few. Must never be used to decide whether an edit is
//! sound.

use crate::{mir::last_segment, names, tokens::names_in};
use hot_loader_compile::hash::{Name, name};
use std::collections::{BTreeSet, HashSet};

/// What an edit can be noticed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    pub(crate) functions: BTreeSet<String>,
    /// All that are known besides.
    pub(crate) others: BTreeSet<String>,
}

impl Affected {
    /// Whether the function of this `std::any::type_name`, a closure in it, or an
    /// instance of it may run changed code. `true` for functions that are unknown.
    pub fn may_be(&self, type_name: &str) -> bool {
        let plain = plain(type_name);
        !self.others.contains(plain) || self.functions.contains(plain)
    }

    /// Whether a system of this name is made of a function that may run changed code.
    /// `false` if all of its functions are unknown.
    pub fn changes(&self, system: &str) -> bool {
        names::functions(system).any(|function| self.functions.contains(plain(function)))
    }

    /// Whether a function of one of these names, wherever it is, may run changed code.
    pub fn reaches(&self, names: &[&str]) -> bool {
        let mut functions = self.functions.iter();
        functions.any(|path| names.contains(&last_segment(path)))
    }

    /// What either can be noticed in.
    pub fn merge(&mut self, other: Self) {
        self.functions.extend(other.functions);
        self.others.extend(other.others);
    }

    /// Whether no function may run changed code: a comment was edited.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// The types with an impl of this trait that may run changed code.
    pub fn impls_of<'a>(&'a self, of_trait: &'a str) -> impl Iterator<Item = &'a str> {
        self.functions.iter().filter_map(move |function| {
            let (owner, rest) = function.strip_prefix('<')?.split_once(" as ")?;
            let (path, _) = rest.split_once(">::")?;
            (last_segment(path) == of_trait).then_some(owner)
        })
    }
}

/// The path of a function, or of the one that a closure is in, without arguments.
fn plain(type_name: &str) -> &str {
    let plain = type_name.split("::{{closure}}").next().unwrap_or(type_name);
    match plain.starts_with('<') {
        // A method of an impl: as it stands.
        true => plain,
        false => plain.split('<').next().unwrap_or(plain),
    }
}

/// The names that changed registration code says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registering {
    pub(crate) names: HashSet<Name>,
    /// It may be anyone's.
    pub(crate) anything: bool,
}

impl Registering {
    /// Whether the registration of a system, condition or observer of this
    /// `std::any::type_name` may have changed.
    pub fn may_concern(&self, type_name: &str) -> bool {
        let closure = name("closure");
        let mut said = names_in(type_name).filter(|part| *part != closure);
        self.anything || said.any(|part| self.names.contains(&part))
    }

    /// Whatever is registered may have changed: of an edit that nothing is known of.
    pub fn everything() -> Self {
        Self {
            names: HashSet::new(),
            anything: true,
        }
    }
}
