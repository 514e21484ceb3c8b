//! Where a prepared swap waits for the next frame, and what the two threads say
//! to each other about it.
//!
//! Plain plumbing between `pipeline` (off-thread) and `frame` (main thread); it
//! knows what neither of them does with it.

use crate::{
    events::SwapKind,
    found::{FoundMakers, FoundTypes},
    record::Exported,
    swap::Plan,
};

use core::ops::Range;
use hot_loader_verdict::{
    affected::{Affected, Registering},
    layouts::Layouts,
};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

/// A swap that only needs a moment between two frames.
pub struct Prepared {
    /// What to store.
    pub plan: Plan,
    /// The generation that will run.
    pub generation: u32,
    /// The generation that is left, if an earlier one is brought back.
    pub rolled_back: Option<u32>,
    /// The kind of edit.
    pub kind: SwapKind,
    /// The crate identity of the new generation.
    pub identity: Arc<str>,
    /// What the compiler says of the types of the running generation, and of the new one.
    pub layouts: [Option<Arc<Layouts>>; 2],
    /// The types of the running generation that derive `Reflect`, unless it is a body edit.
    pub running: Option<FoundTypes>,
    /// What made observers in the running generation, and in earlier ones of its identity.
    pub makers: Vec<FoundMakers>,
    /// When the file was saved, or the rollback asked for.
    pub saved: SystemTime,
    /// How long rustc took.
    pub build: Duration,
    /// Paths of the functions that the edit changed.
    pub functions: Vec<String>,
    /// Those whose closures may have other numbers.
    pub renumbered: Vec<String>,
    /// Which functions may run code that this edit changed.
    pub edited: Affected,
    /// Whose registration this edit may have changed.
    pub registering: Registering,
    /// Whether the module asks for edges without sync points, before or after the edit.
    pub ignores_deferred: bool,
    /// Which functions may run code that any edit so far changed.
    pub affected: Affected,
    /// The new generation's plugin and types.
    pub exported: Exported,
    /// Data of all images that nobody writes to.
    pub read_only: Vec<Range<usize>>,
    /// The module's statics that can hold state.
    pub statics: Vec<String>,
}

/// Which generation is to run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollBack {
    /// The one of this number, or the one before that which ran when it was asked for.
    pub to: Option<u32>,
    /// The one that ran when it was asked for.
    pub from: u32,
}

/// What the pipeline thread is told.
#[derive(Debug)]
pub enum Input {
    /// Sources may have changed.
    Changed,
    /// The prepared swap is live.
    Committed,
    /// The prepared swap was not applied; nothing changed.
    Declined,
    /// An earlier generation is to run again.
    RollBack(RollBack),
    /// The build that was waited for has ended.
    BuildEnded,
    /// The game ends.
    Stop,
}

/// The one-place exchange of prepared swaps: a newer one replaces an older.
#[derive(Default)]
pub struct Handoff {
    waiting: AtomicBool,
    place: Mutex<Option<Box<Prepared>>>,
}

impl Handoff {
    /// Offers a swap to the main thread.
    pub fn offer(&self, prepared: Prepared) {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(Box::new(prepared));
        self.waiting.store(true, Ordering::Release);
    }

    /// Takes the waiting swap: to apply it, or to withdraw it. Cheap if there is none.
    pub fn take(&self) -> Option<Box<Prepared>> {
        if !self.waiting.load(Ordering::Acquire) {
            return None;
        }
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.store(false, Ordering::Release);
        place.take()
    }
}
