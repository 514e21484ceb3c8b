//! The facts that the compiler's MIR tells: constants and code of impls that are contracts,
//! those too that macros make.
//!
//! Must not leave out what a constant is computed from.

use super::{Fact, add};
use crate::{
    graph::Graph,
    mir::Kind,
    tokens::Source,
    traits::{Meaning, Traits},
};
use hot_loader_compile::hash::{Fnv, name};
use std::collections::BTreeMap;

/// All of them, by their paths.
pub(super) fn facts(source: &Source, traits: &Traits<'_>, graph: &Graph) -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::new();
    for (at, item) in graph.mir.items.iter().enumerate() {
        let home = &graph.homes[at];
        let Some(of_trait) = &home.header.of_trait else {
            continue;
        };
        let contract = match home.in_trait {
            true => traits.is_unsafe(of_trait),
            false => traits.meaning(of_trait) == Meaning::Contract,
        };
        let is_constant = item.kind == Kind::Value && item.outer() == item.path;
        if !contract && !is_constant {
            continue;
        }
        let mut hash = Fnv::default();
        hash.text(&item.signature);
        hash.number(item.body.into());
        for value in graph.values_of(at) {
            let value = &graph.mir.items[value];
            hash.text(&value.signature);
            hash.number(value.body.into());
        }
        // Of a trait that is new nobody has asked for its constants.
        let owner = match home.in_trait {
            true => Some(of_trait),
            false => home.header.owner.as_ref(),
        };
        let written = home.at.map(|at| Fact::of(&source.items[at]));
        let fact = Fact {
            hashes: vec![hash.finish()],
            owner: owner.map(|owner| name(owner)),
            presence: contract,
            at: written.and_then(|fact| fact.at),
            ..Fact::default()
        };
        add(&mut facts, item.path.clone(), fact);
    }
    facts
}
