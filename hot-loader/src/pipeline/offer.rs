//! A generation on its way to the main thread, newly built or brought back: compared
//! with the one that runs, its tables found, and offered as a swap.

use super::{
    Pending, Pipeline,
    classify::Classified,
    generation::{Generation, Library},
};
use crate::{
    events::SwapKind,
    handoff::{Prepared, RollBack},
    load::Image,
    record::Exported,
    repoint::Find,
    swap::Plan,
};
use hot_loader_verdict::{
    affected::Affected,
    edit::compare,
    names::{is_ours, is_written_in},
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Why a generation is to run.
struct Occasion {
    /// When it was asked for.
    since: SystemTime,
    /// How long rustc took.
    build: Duration,
    /// Functions whose closures or futures have another environment than in the
    /// generation that runs.
    environments: Vec<String>,
    rolls_back: bool,
}

impl Pipeline {
    /// Offers what was built.
    pub(super) fn offer_built(&mut self, number: u32, classified: Classified, saved: SystemTime) {
        let Classified {
            built,
            code,
            identity,
            layouts,
            loaded,
            environments,
        } = classified;
        let library = match loaded {
            Ok(loaded) => Library::from(loaded),
            Err(error) => return self.refuse(number, error.to_string(), Vec::new()),
        };
        self.read_only.extend_from_slice(library.image.read_only());
        let generation = Arc::new(Generation {
            number,
            code,
            identity,
            layouts,
            library: Some(library),
        });
        let occasion = Occasion {
            since: saved,
            build: built.took,
            environments,
            rolls_back: false,
        };
        self.offer(generation, occasion);
    }

    /// Whether an earlier generation was asked for that can be brought back.
    pub(super) fn is_to_roll_back(&self) -> bool {
        self.asked
            .is_some_and(|asked| self.earlier(asked).is_some())
    }

    /// The generation that is asked for.
    fn earlier(&self, asked: RollBack) -> Option<&Arc<Generation>> {
        let found = match asked.to {
            Some(number) => self.history.get(number),
            None => self.history.before(),
        };
        found.filter(|found| found.number != self.live.number)
    }

    /// Brings an earlier generation back.
    pub(super) fn roll_back(&mut self, asked: RollBack) {
        // A swap that waits is given up for something only.
        if self.earlier(asked).is_some() && !self.withdraw() {
            return;
        }
        let (running, number) = (self.live.number, asked.to);
        if number.is_none() && asked.from != running {
            tracing::debug!("{} is left already", asked.from);
            return;
        }
        let Some(generation) = self.earlier(asked).cloned() else {
            let numbers = self.history.numbers().into_iter();
            let others: Vec<_> = numbers
                .filter(|number| *number != running)
                .map(|number| number.to_string())
                .collect();
            let reason = match (number, others.is_empty()) {
                (Some(number), _) if number == running => {
                    format!("generation {number} is already running; there is nothing to roll back")
                }
                (_, true) => "there is no earlier generation to roll back to".into(),
                (Some(number), false) => format!(
                    "cannot roll back to generation {number}, which is not kept; choose one of {}",
                    others.join(", ")
                ),
                (None, false) => format!(
                    "there is no generation before {running} to roll back to; choose one of {}",
                    others.join(", ")
                ),
            };
            self.shared
                .reporter
                .refuse_rollback(number.unwrap_or(running), &reason);
            return;
        };
        let environments = match (&self.live.layouts, &generation.layouts) {
            (Some(before), Some(after)) if self.live.identity == generation.identity => {
                let changed = before.differences(after).environments.into_iter();
                changed.map(|changed| changed.function).collect()
            }
            _ => Vec::new(),
        };
        let occasion = Occasion {
            since: SystemTime::now(),
            build: Duration::ZERO,
            environments,
            rolls_back: true,
        };
        self.offer(generation, occasion);
    }

    /// What a generation exports.
    pub(super) fn exported(&self, generation: &Generation) -> Exported {
        let library = generation.library.as_ref();
        let exported = library.map(|library| &library.exported);
        exported.unwrap_or(&self.own).clone()
    }

    /// Compares, plans, and offers the swap to the main thread.
    fn offer(&mut self, generation: Arc<Generation>, occasion: Occasion) {
        let live = self.live.clone();
        let mut edit = compare(&live.code, &generation.code);
        let types = generation.identity != live.identity;
        tracing::debug!(
            "structure: {}; {:?} as {:?}",
            edit.structure,
            edit.functions,
            generation.identity,
        );
        // Values of their types may live in the world.
        // What the text of a function does not show: a macro that makes another closure.
        let unseen = occasion.environments.iter();
        let unseen = unseen.filter(|function| !edit.functions.contains(function));
        edit.renumbered.extend(unseen.cloned());
        edit.functions.extend(occasion.environments);
        let image = generation.image().unwrap_or(&self.executable);
        let plan = {
            let old: Vec<&Image> = live.image().into_iter().chain([&self.executable]).collect();
            let find = Find::new(&old, image);
            let ours = |name: &str| is_ours(name, &self.module.name);
            match types {
                // Nothing of the module's has a type that is in both.
                true => Plan::keeping(&self.shared.slots(), &find, ours),
                false => Plan::new(&self.shared.slots(), &find, ours),
            }
        };
        let mut statics = live.code.statics();
        // A library links what the module uses, the executable far more; and of the
        // module's own the sources tell more.
        let library = generation.image().or_else(|| live.image());
        let linked = library.into_iter().flat_map(Image::variables);
        let linked = linked.filter(|name| !is_written_in(name, &self.module.name));
        statics.extend(linked.map(|name| format!("static {name}")));
        let running = (types || edit.structure).then(|| self.exported(&live).types);
        const UNSYNCED: [&str; 3] = [
            "chain_ignore_deferred",
            "before_ignore_deferred",
            "after_ignore_deferred",
        ];
        let ignores_deferred = live.code.says_any(&UNSYNCED) || generation.code.says_any(&UNSYNCED);
        // What was not reached by an earlier reload is not reached by this one.
        let mut affected = match types {
            // What that leaves behind is named one by one, and everything else is new.
            true => Affected::default(),
            false => self.affected.clone(),
        };
        if !types {
            affected.merge(edit.affected.clone());
        }
        self.shared.handoff.offer(Prepared {
            plan,
            generation: generation.number,
            rolled_back: occasion.rolls_back.then_some(live.number),
            kind: match (types, edit.structure) {
                (true, _) => SwapKind::Types,
                (_, true) => SwapKind::Structure,
                _ => SwapKind::Body,
            },
            identity: generation.identity.name(),
            layouts: [live.layouts.clone(), generation.layouts.clone()],
            running,
            makers: self
                .history
                .of(&live.identity)
                .map(|generation| self.exported(generation).makers)
                .collect(),
            saved: occasion.since,
            build: occasion.build,
            functions: edit.functions,
            renumbered: edit.renumbered,
            edited: edit.affected,
            registering: edit.registering,
            ignores_deferred,
            affected: affected.clone(),
            exported: self.exported(&generation),
            read_only: self.read_only.clone(),
            statics,
        });
        self.pending = Some(Pending {
            generation,
            affected,
            rolls_back: occasion.rolls_back,
        });
    }
}
