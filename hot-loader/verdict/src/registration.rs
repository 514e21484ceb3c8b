//! Which code a plugin's `build` may run, and so what an edit may have changed in what it
//! registers: a walk over the compiler's MIR.
//!
//! Follows calls, constants, and functions that are handed over, unless the engine makes a
//! system of them there: those are only named. Whatever is in doubt is reached, which costs a recording.

use crate::{
    graph::{Graph, reach},
    mir::{Kind, last_segment},
    tokens::{self, Source, names_in},
    traits::{Meaning, Traits},
};
use hot_loader_compile::hash::{Name, name};
use std::collections::{BTreeSet, HashSet};

/// Types in the signature of a function that registers.
const REGISTRARS: &str = "App SubApp Schedule ScheduleConfigs IntoScheduleConfigs SystemSet \
    Plugin PluginGroup PluginGroupBuilder";

/// Methods by which `build` can make the engine run systems and observers.
const RUNS: &str = "run_schedule try_run_schedule run_system run_system_with run_system_once \
    run_system_once_with run_system_cached run_system_cached_with trigger";

/// The same by types that have methods of such a name.
const RUN_BY: [(&str, &str); 4] = [
    ("App", "update"),
    ("SubApp", "update"),
    ("SubApp", "run_default_schedule"),
    ("Schedule", "run"),
];

/// The code that building a crate's plugins may run.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its items in the MIR.
    pub items: BTreeSet<usize>,
    /// It runs systems, which may do anything.
    pub runs_systems: bool,
}

impl Registration {
    /// That of one build.
    pub fn of(graph: &Graph, source: &Source) -> Self {
        let traits = Traits::of(source);
        let registrars: Vec<Name> = REGISTRARS.split(' ').map(name).collect();
        let items = || graph.items.iter().enumerate();
        let roots = items().filter(|(at, item)| {
            let home = &graph.homes[*at];
            let meaning = |path: &String| traits.meaning(path, home.module(source));
            let registers = home.header.of_trait.as_ref().map(meaning) == Some(Meaning::Registers);
            let mut said = names_in(&item.signature);
            registers || item.kind == Kind::Function && said.any(|name| registrars.contains(&name))
        });
        let mut found: BTreeSet<usize> = roots.map(|(at, _)| at).collect();
        loop {
            found = reach(found, |at| graph.run_by(at));
            // Of a type that it names the engine may call what traits have. (What the
            // engine's own traits have is a contract.)
            let mentions = found.iter().flat_map(|at| &graph.items[*at].mentions);
            let named = mentions.map(|mention| mention.name).collect();
            let named = with_associated(source, named);
            let methods = items().filter(|(at, _)| {
                let home = &graph.homes[*at];
                let Some(of_trait) = &home.header.of_trait else {
                    return false;
                };
                let is_named = match graph.owners[*at] {
                    Some(owner) => named.contains(&owner),
                    // It may be for any type.
                    None => {
                        let says = named.contains(&name(last_segment(of_trait)));
                        says || !home.in_trait && !traits.is_own(of_trait)
                    }
                };
                is_named && !traits.is_contract(&home.header, home.module(source))
            });
            let before = found.len();
            found.extend(methods.map(|(at, _)| at));
            if found.len() == before {
                break;
            }
        }
        let runs: Vec<Name> = RUNS.split(' ').map(name).collect();
        let mut mentions = found.iter().flat_map(|at| &graph.items[*at].mentions);
        let run_by = RUN_BY.map(|(of, method)| (Some(name(of)), name(method)));
        let runs_systems = mentions.any(|mention| {
            let of_type = run_by.contains(&(mention.owner.name, mention.name));
            mention.called && (runs.contains(&mention.name) || of_type)
        });
        if runs_systems {
            found = items().map(|(at, _)| at).collect();
        }
        Self {
            items: found,
            runs_systems,
        }
    }
}

/// These names, and those of what the types or traits of these names are associated with.
fn with_associated(source: &Source, mut named: HashSet<Name>) -> HashSet<Name> {
    let items = source.items.iter();
    let associated = items.filter(|item| item.kind == tokens::Kind::Alias);
    let of_impls =
        associated.filter_map(|item| Some((&source.items[item.parent?].names, &item.names)));
    let mut rest: Vec<_> = of_impls.collect();
    while let Some(at) = rest
        .iter()
        .position(|(of_impl, _)| of_impl.iter().any(|name| named.contains(name)))
    {
        named.extend(rest.swap_remove(at).1);
    }
    named
}
