//! The edit from the running generation to another, as far as it can be worked out off
//! the main thread. It says what is known, and must never decide what is done about it.

use super::Generation;
use crate::{
    events::SwapKind, found::FoundMakers, load::Image, repoint::NewRunners, swap::SwapPlan,
};
use core::ops::Range;
use hot_loader_verdict::{
    affected::Affected,
    edit::Edit,
    names::{is_ours, is_written_in},
};
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// An edit that only needs the main thread now.
pub struct Planned {
    /// The name of the gameplay crate.
    pub module: &'static str,
    /// The generation that runs.
    pub from: Arc<Generation>,
    /// The one that is to.
    pub to: Arc<Generation>,
    pub cause: Cause,
    /// How their code differs.
    pub verdict: Edit,
    /// Whether every closure has the number and the environment that it had.
    pub keeps_closures: bool,
    /// The last names of functions, of the new crate's or of any of its types, whose closures
    /// capture nothing.
    pub capturing_nothing: HashSet<String>,
    /// Which functions may run code that any edit so far changed.
    pub affected: Affected,
    /// The new tables of the systems.
    pub plan: SwapPlan,
    /// The executable, whose code is generation 0's.
    pub executable: Arc<Image>,
    /// What made observers in the running generation, and in earlier ones of its identity.
    pub makers: Vec<FoundMakers>,
    /// Data of all images that nobody writes to.
    pub read_only: Vec<Range<usize>>,
    /// The module's statics that can hold state.
    pub statics: Vec<String>,
    /// Whether the module asks for edges without sync points, before or after the edit.
    pub ignores_deferred: bool,
}

/// Why another generation is to run.
#[derive(Clone, Copy, Debug)]
pub enum Cause {
    /// Its sources were saved then, and rustc took so long.
    Save { at: SystemTime, took: Duration },
    /// It was asked for then.
    RollBack { at: SystemTime },
}

impl Planned {
    /// The kind of the edit.
    pub fn kind(&self) -> SwapKind {
        match (self.changes_types(), self.verdict.structure) {
            (true, _) => SwapKind::Types,
            (_, true) => SwapKind::Structure,
            _ => SwapKind::Body,
        }
    }

    /// Whether every type of the module is a new one.
    pub fn changes_types(&self) -> bool {
        self.from.identity != self.to.identity
    }

    /// Whether what is registered may differ.
    pub fn changes_registration(&self) -> bool {
        self.kind() != SwapKind::Body
    }

    /// Whether an earlier generation is brought back.
    pub fn is_rollback(&self) -> bool {
        matches!(self.cause, Cause::RollBack { .. })
    }

    /// Whether a name is the module's: of its own code, or of a type that mentions its types.
    pub fn is_ours(&self, name: &str) -> bool {
        is_ours(name, self.module)
    }

    /// [`is_ours`](Self::is_ours), for code that knows nothing of edits.
    pub fn ours(&self) -> impl Fn(&str) -> bool + '_ {
        |name| self.is_ours(name)
    }

    /// Whether a function is written in the module.
    pub fn is_written_here(&self, function: &str) -> bool {
        is_written_in(function, self.module)
    }

    /// What observers are run by in the new generation, if all types and closures are the
    /// same there. Those that older code still runs are not found: what became of their
    /// closures since is not known.
    pub fn runners(&self) -> NewRunners<'_> {
        if self.changes_types() || !self.keeps_closures {
            return NewRunners::default();
        }
        let images = [&self.from, &self.to].map(|one| one.library.as_ref());
        let [from, to] = images.map(|library| &**library.unwrap_or(&self.executable));
        NewRunners::new(from, to, |name| self.is_all_of_its_code(name))
    }

    /// Whether the type of an observer's system is all of its code. A pointer to a function is
    /// a value and stays what it is; a closure may have captured code, and an edit of that is
    /// none of its own text.
    fn is_all_of_its_code(&self, name: &str) -> bool {
        let Some((function, _)) = name.split_once("::{{closure}}") else {
            return name.contains("::") && !name.contains("fn(");
        };
        let last = function.rsplit("::").next().unwrap_or(function);
        let mut edited = self.verdict.functions.iter();
        !name.contains("fn(")
            && (self.capturing_nothing.contains(last) || edited.any(|edited| edited == function))
    }
}
