//! The facts that the compiler's MIR tells: constants and code of impls that are contracts,
//! those too that macros make.
//!
//! Must not leave out what a constant is computed from.

use super::{Fact, add};
use crate::{
    graph::{Graph, Home, reach},
    mir::{Item, Kind, last_segment},
    tokens::{self, Source},
    traits::Traits,
};
use hot_loader_compile::hash::name;
use std::collections::BTreeMap;

/// All of them, by their paths.
pub(super) fn facts(source: &Source, traits: &Traits<'_>, graph: &Graph) -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::new();
    for (at, item) in graph.items.iter().enumerate() {
        let home = &graph.homes[at];
        let Some(of_trait) = &home.header.of_trait else {
            continue;
        };
        let contract = match home.in_trait {
            true => traits.is_unsafe(of_trait),
            false => traits.is_contract(&home.header, home.module(source)),
        };
        // Of the impl or trait itself, and not of a function in it.
        let of = item.path.rsplit_once("::");
        let is_member = home.in_trait || of.is_some_and(|(of, _)| of.ends_with('>'));
        let is_constant = item.kind == Kind::Value && is_member;
        // What other derives make follows from the tokens of the type.
        let runs = contract && runs_by_itself(item, home, source, traits);
        if !runs && !is_constant {
            continue;
        }
        // The engine keeps pointers to such code, and so do tables: what it runs is old, too.
        let items = match runs {
            true => reach([at], |at| graph.run_by(at)),
            false => graph.values_of(at),
        };
        let items = items.into_iter().map(|at| &graph.items[at]);
        let texts = items.map(|item| (item.signature.clone(), item.body.clone()));
        // Of a trait that is new nobody has asked for its constants.
        let owner = match home.in_trait {
            true => Some(name(of_trait)),
            false => graph.owners[at],
        };
        let fact = Fact {
            texts: texts.collect(),
            owner,
            presence: contract,
            ..Fact::default()
        };
        add(&mut facts, item.path.clone(), fact);
    }
    facts
}

/// Whether the engine or the compiler calls it, and what it calls. Known derives make much
/// that only reflection calls, over code that is anyone's.
fn runs_by_itself(item: &Item, home: &Home, source: &Source, traits: &Traits<'_>) -> bool {
    let of_trait = home.header.of_trait.as_deref().unwrap_or_default();
    let derived = home
        .at
        .is_some_and(|at| source.items[at].kind == tokens::Kind::Type)
        && traits.is_plain_derive(of_trait, home.module(source));
    let of_engine = matches!(
        last_segment(of_trait),
        "Component" | "Resource" | "Bundle" | "Event" | "EntityEvent" | "Message" | "States"
    );
    item.kind == Kind::Function && (!derived || of_engine)
}
