//! Which code a plugin's `build` may run, and so what an edit may have changed in what it
//! registers: a walk over the compiler's MIR.
//!
//! Follows calls, constants, and functions that are handed over and are no systems: those
//! are only named there. Whatever is in doubt is reached, which costs a recording.

use crate::{
    graph::Graph,
    header::words,
    mir::{Item, Kind, Mention},
    tokens::{self, Source},
    traits::{Meaning, Traits},
};
use hot_loader_compile::hash::{Name, name};
use std::collections::{BTreeSet, HashSet};

/// Types in the signature of a function that registers.
const REGISTRARS: [&str; 9] = [
    "App",
    "SubApp",
    "Schedule",
    "ScheduleConfigs",
    "IntoScheduleConfigs",
    "SystemSet",
    "Plugin",
    "PluginGroup",
    "PluginGroupBuilder",
];

/// Parameters that only systems, conditions and observers have.
const PARAMETERS: [&str; 29] = [
    "Query",
    "Single",
    "Populated",
    "Res",
    "ResMut",
    "NonSend",
    "NonSendMut",
    "Local",
    "Commands",
    "ParallelCommands",
    "Deferred",
    "ParamSet",
    "MessageReader",
    "MessageWriter",
    "MessageMutator",
    "PopulatedMessageReader",
    "On",
    "RemovedComponents",
    "Gizmos",
    "StaticSystemParam",
    "SystemName",
    "SystemChangeTick",
    "In",
    "InRef",
    "InMut",
    "DeferredWorld",
    "WorldId",
    "EventReader",
    "EventWriter",
];

/// Methods by which `build` can make the engine run systems and observers.
const RUNS: [&str; 9] = [
    "run_schedule",
    "try_run_schedule",
    "run_system",
    "run_system_with",
    "run_system_once",
    "run_system_once_with",
    "run_system_cached",
    "run_system_cached_with",
    "trigger",
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
        let own = own_parameters(source);
        let registrars = REGISTRARS.map(name);
        let items = || graph.mir.items.iter().enumerate();
        let roots = items().filter(|(at, item)| {
            let of_trait = graph.homes[*at].header.of_trait.as_deref();
            let registers = of_trait.is_some_and(|path| traits.meaning(path) == Meaning::Registers);
            registers || item.kind == Kind::Function && says(item, &registrars)
        });
        let wanted = |mention: &Mention, item: &Item| {
            mention.called || item.kind == Kind::Value || !is_system(item, &own)
        };
        let mut found: BTreeSet<usize> = roots.map(|(at, _)| at).collect();
        loop {
            found = graph.reach(found, wanted);
            // Of a type that it names the engine may call what traits have. (What the
            // engine's own traits have is a contract.)
            let named: HashSet<Name> = found
                .iter()
                .flat_map(|at| &graph.mir.items[*at].mentions)
                .map(|mention| mention.name)
                .collect();
            let methods = items().filter(|(at, _)| {
                let header = &graph.homes[*at].header;
                let owner = header.owner.as_deref().map(name);
                owner.is_some_and(|owner| named.contains(&owner))
                    && header
                        .of_trait
                        .as_deref()
                        .is_some_and(|path| traits.meaning(path) != Meaning::Contract)
            });
            let before = found.len();
            found.extend(methods.map(|(at, _)| at));
            if found.len() == before {
                break;
            }
        }
        let runs = RUNS.map(name);
        let mut mentions = found.iter().flat_map(|at| &graph.mir.items[*at].mentions);
        let runs_systems = mentions.any(|mention| mention.called && runs.contains(&mention.name));
        if runs_systems {
            found = items().map(|(at, _)| at).collect();
        }
        Self {
            items: found,
            runs_systems,
        }
    }
}

/// Types of the crate that are parameters of systems.
fn own_parameters(source: &Source) -> HashSet<Name> {
    let types = source.items.iter().filter(|item| {
        let mut derives = item.attributes.iter().filter(|a| a.name == "derive");
        item.kind == tokens::Kind::Type
            && derives.any(|derive| derive.text.ends_with("SystemParam"))
    });
    types
        .filter_map(|item| item.name.as_deref())
        .map(name)
        .collect()
}

/// Whether a function that is named, and not called, is a system or the like.
fn is_system(item: &Item, own: &HashSet<Name>) -> bool {
    let names = || words(&item.signature).into_iter();
    if item.signature.starts_with("()") {
        // `fn tick()`, `fn paused() -> bool`; not what makes values.
        return names().all(|word| !word.starts_with(char::is_alphabetic) || word == "bool");
    }
    let parameters = PARAMETERS.map(name);
    names().any(|word| {
        let word = name(&word);
        parameters.contains(&word) || own.contains(&word)
    }) || names().any(|word| word == "World")
}

/// Whether the signature says one of these.
fn says(item: &Item, wanted: &[Name]) -> bool {
    words(&item.signature)
        .iter()
        .any(|word| wanted.contains(&name(word)))
}
