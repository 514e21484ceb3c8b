//! The swap stage: works out off-thread what a body edit re-points, and stores
//! the new tables between two frames.
//!
//! All or nothing: committing a plan checks every slot before it changes the first.
//! It touches proxies and nothing else: no schedule, no resource, no entity. It tells
//! whether there are systems without a new table, which are somebody else's to make afresh.
#![expect(
    unsafe_code,
    reason = "re-pointing a proxy is unsafe; a plan is made by finding each table by its symbols"
)]

#[cfg(test)]
mod tests;

use crate::{proxy::Slots, repoint::Find};
use std::sync::Arc;

/// What a swap will store.
#[derive(Default)]
pub struct SwapPlan {
    /// Each slot, with the table that it has and the one that it gets.
    moves: Vec<(Arc<dyn Slots>, usize, usize)>,
    /// Slots that keep their table.
    others: Vec<Arc<dyn Slots>>,
    /// Whether the module has slots that no new table was found for.
    pub lacks_tables: bool,
    /// Slots that hold plain functions.
    functions: Vec<Arc<dyn Slots>>,
}

impl SwapPlan {
    /// Finds the new table of every slot that holds the module's code. Slots whose
    /// code `is_ours` does not claim are of the engine or of a linked crate, which
    /// no edit changes: they keep theirs.
    pub fn new(slots: &[Arc<dyn Slots>], find: &Find, is_ours: impl Fn(&str) -> bool) -> Self {
        let mut plan = Self::default();
        for slot in slots {
            let from = slot.table();
            if find.is_function(from) {
                plan.functions.push(slot.clone());
            }
            // A bare name may be anybody's (`with_name`): the place of the code decides.
            let engines = !slot.name().contains("::") && !find.is_modules(from);
            if engines || !is_ours(slot.name()) {
                plan.others.push(slot.clone());
                continue;
            }
            match find.table(from, slot.shape()) {
                Some(to) => plan.moves.push((slot.clone(), from, to)),
                None => {
                    tracing::debug!("no new table for {}", slot.name());
                    plan.lacks_tables = true;
                }
            }
        }
        plan
    }

    /// The plan is for a generation of other types: slots of the module's code are somebody
    /// else's to exchange, and everything else stays.
    pub fn move_nothing(&mut self) {
        (self.moves, self.lacks_tables) = (Vec::new(), false);
    }

    /// Whether `slot` holds a function, which has no values of its own.
    pub fn is_function(&self, slot: &Arc<dyn Slots>) -> bool {
        self.functions.iter().any(|other| Arc::ptr_eq(other, slot))
    }

    /// Whether the code of `slot` stays, or has its new table here.
    pub fn places(&self, slot: &Arc<dyn Slots>) -> bool {
        let moved = self.moves.iter().map(|(slot, ..)| slot);
        let mut placed = moved.chain(&self.others);
        placed.any(|other| Arc::ptr_eq(other, slot))
    }

    /// Stores the new tables. To be called between frames, when no system runs.
    /// Returns the names of the systems and conditions that run new code now.
    ///
    /// # Errors
    /// If a slot is not as the plan found it; then nothing was changed.
    pub fn commit(&self) -> Result<Vec<String>, String> {
        let mut moves = self.moves.iter();
        if let Some((changed, ..)) = moves.find(|(slot, from, _)| slot.table() != *from) {
            return Err(format!(
                "the code of {} changed while the swap was being prepared. Save again",
                changed.name()
            ));
        }
        let mut names = Vec::with_capacity(self.moves.len());
        for (slot, from, to) in &self.moves {
            // SAFETY: `Find::table` accepted `to` for the type of `from`: same symbol
            // for the type's identity, size, alignment and methods; images stay mapped.
            let stored = unsafe { slot.repoint(*from, *to) };
            debug_assert!(stored, "checked above, and only the main thread stores");
            if !slot.never_initialised() {
                names.push(slot.name().to_owned());
            }
        }
        // What panicked may have done so because of what it was given.
        self.others.iter().for_each(|slot| slot.turn_on());
        names.sort();
        names.dedup();
        Ok(names)
    }
}
