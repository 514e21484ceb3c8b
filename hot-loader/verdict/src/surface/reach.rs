//! Which parts of which items are type surface, and which are registration surface:
//! where following names begins, and what a name can lead to.
//!
//! Relies on the items' texts and mentions, and on `follow` for the way. Must never
//! leave out a root, or a thing that a name can mean.

use super::extract::Extracted;
use super::facts::Facts;
use super::follow::{Follower, Part};
use super::items::{Extra, Item, ModuleInfo, Role};
use super::text::Text;
use hot_loader_compile::hash::{Name, name};
use std::collections::{HashMap, HashSet};

/// Which surface is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Types,
    Registration,
}

/// Names, and what they can lead to.
pub(super) struct Index<'a> {
    pub(super) items: &'a [Item],
    pub(super) extras: &'a [Extra],
    pub(super) modules: &'a [ModuleInfo],
    pub(super) facts: &'a Facts,
    pub(super) by_name: HashMap<Name, Vec<usize>>,
    /// Functions in impls, by the type they are for.
    pub(super) methods_of: HashMap<Name, Vec<usize>>,
    /// Functions in impls of traits that name no type of the crate.
    pub(super) methods_of_any: Vec<usize>,
    /// Impls of traits, by the type they are for.
    pub(super) impls_of: HashMap<Name, Vec<usize>>,
    /// Impls of traits for any type.
    pub(super) impls_of_any: Vec<usize>,
    /// Functions called `default` or `from_world`.
    pub(super) defaults: Vec<usize>,
    /// Imports that may be traits.
    pub(super) traits: Vec<usize>,
    /// Macros that the crate defines.
    macros: HashSet<Name>,
}

impl<'a> Index<'a> {
    pub(super) fn of(found: &'a Extracted, facts: &'a Facts) -> Self {
        let mut index = Self {
            items: &found.items,
            extras: &found.extras,
            modules: &found.modules,
            facts,
            by_name: HashMap::new(),
            methods_of: HashMap::new(),
            methods_of_any: Vec::new(),
            impls_of: HashMap::new(),
            impls_of_any: Vec::new(),
            defaults: Vec::new(),
            traits: Vec::new(),
            macros: HashSet::new(),
        };
        let (default, from_world) = (name("default"), name("from_world"));
        for (at, (item, extra)) in found.items.iter().zip(&found.extras).enumerate() {
            if let Some(name) = item.name {
                index.by_name.entry(name).or_default().push(at);
                if item.role == Role::Fn && (name == default || name == from_world) {
                    index.defaults.push(at);
                }
            }
            match (&extra.member, item.role) {
                (Some(member), Role::Fn) if member.of_trait.is_some() && !member.default => {
                    index.file_method(at, member.owner);
                }
                (None, Role::Impl | Role::Contract) => match item.owner {
                    Some(owner) => index.impls_of.entry(owner).or_default().push(at),
                    None => index.impls_of_any.push(at),
                },
                _ => {}
            }
            if item.role == Role::Macro {
                index.macros.extend(item.name);
            }
            if extra.may_be_trait {
                index.traits.push(at);
            }
        }
        index
    }

    /// Files a method under the types whose values it takes to call it: the impl's
    /// own, or for `impl Mul<Speed> for f32` those that the impl names.
    fn file_method(&mut self, at: usize, owner: Option<Name>) {
        let is_own = |name: &Name| self.facts.type_names.contains(name);
        let shape = &self.items[at].shape;
        let named: Vec<Name> = match owner {
            Some(owner) if is_own(&owner) => vec![owner],
            Some(_) => shape
                .heads
                .iter()
                .chain(&shape.tails)
                .copied()
                .filter(is_own)
                .collect(),
            None => Vec::new(),
        };
        if named.is_empty() {
            self.methods_of_any.push(at);
        }
        for name in named {
            self.methods_of.entry(name).or_default().push(at);
        }
    }

    /// Whether a text may name something of a type's that a trait gives, so that the
    /// imports around it decide which: by its own words, or those of a macro in it.
    pub(super) fn is_associated_in(&self, text: &Text) -> bool {
        let is_named =
            |member: &Name| text.tail(*member) || text.dot(*member) || text.outer.contains(member);
        text.associated
            || text.calls.iter().any(|called| self.macros.contains(called))
            || self.facts.members.iter().any(is_named)
    }

    /// For each item, whether its shape and its body are surface of this kind.
    pub(super) fn follow(&self, kind: Kind) -> Vec<(bool, bool)> {
        let mut follower = Follower::new(self, kind);
        for (at, extra) in self.extras.iter().enumerate() {
            match kind {
                Kind::Types => {
                    if extra.types {
                        follower.enter(at, Part::Shape);
                    }
                    if extra.body_types {
                        follower.enter(at, Part::Body);
                    }
                    if extra.contract {
                        follower.enter(at, Part::Run);
                    }
                }
                Kind::Registration => {
                    if extra.registers {
                        follower.run(at);
                    }
                }
            }
        }
        follower.finish()
    }
}
