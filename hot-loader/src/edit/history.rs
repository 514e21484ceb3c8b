//! The generations that can be brought back. Plain data; must never load or build anything.

use crate::generation::{Generation, Identity};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// How many generations can be brought back, besides the executable's own. Each keeps
/// its symbols in memory.
const KEPT: usize = 4;

/// The generations that can be brought back, and the one that runs.
pub struct History {
    kept: BTreeMap<u32, Kept>,
    running: Arc<Generation>,
    latest: u32,
    /// How often another one began to run.
    turns: u64,
}

struct Kept {
    generation: Arc<Generation>,
    /// The one that it took over from when it was new.
    before: Option<u32>,
    /// It was left for an earlier one, since it was no good.
    left: bool,
    /// When it began to run the last time, in turns.
    ran: u64,
}

impl History {
    /// Begins with the executable's own.
    pub fn new(first: Arc<Generation>) -> Self {
        let kept = Kept {
            generation: first.clone(),
            before: None,
            left: false,
            ran: 0,
        };
        Self {
            kept: BTreeMap::from([(0, kept)]),
            running: first,
            latest: 0,
            turns: 0,
        }
    }

    /// `generation` runs now; it was brought back, if `rolled_back`.
    pub fn runs(&mut self, generation: Arc<Generation>, rolled_back: bool) {
        let (left, runs) = (self.running.number, generation.number);
        self.turns += 1;
        if rolled_back && let Some(left) = self.kept.get_mut(&left) {
            left.left = true;
        }
        let known = self.kept.get(&runs);
        let kept = Kept {
            generation: generation.clone(),
            before: known.map_or(Some(left), |known| known.before),
            left: false,
            ran: self.turns,
        };
        self.kept.insert(runs, kept);
        self.running = generation;
        self.latest = self.latest.max(runs);
        if self.kept.len() > KEPT + 1 + usize::from(runs != 0) {
            // The executable's own costs nothing; what was no good goes first.
            let others = self.kept.iter();
            let oldest = others
                .filter(|(number, _)| **number != 0 && **number != runs)
                .min_by_key(|(_, kept)| (!kept.left, kept.ran))
                .map(|(number, _)| *number);
            oldest.and_then(|oldest| self.kept.remove(&oldest));
        }
    }

    /// The files of those that are kept.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let kept = self.kept.values();
        kept.filter_map(|kept| Some(kept.generation.library.as_ref()?.path()))
    }

    /// The number of a generation that has not run yet.
    pub fn next(&self) -> u32 {
        self.latest + 1
    }

    /// The one that runs, or will after the next frame.
    pub fn running(&self) -> &Arc<Generation> {
        &self.running
    }

    /// Those of that identity that are kept.
    pub fn of(&self, identity: &Identity) -> impl Iterator<Item = &Arc<Generation>> {
        let kept = self.kept.values().map(|kept| &kept.generation);
        kept.filter(move |generation| generation.identity == *identity)
    }

    /// The numbers of those that are kept, in order.
    pub fn numbers(&self) -> Vec<u32> {
        self.kept.keys().copied().collect()
    }

    /// The generation of this number, earlier or later than the running one, or if none is
    /// given, the one that the running one took over from; if that was no good or is gone, an
    /// earlier one. None if it is not kept, or is the running one.
    pub fn other(&self, number: Option<u32>) -> Option<&Arc<Generation>> {
        let found = match number {
            Some(number) => self.kept.get(&number).map(|kept| &kept.generation),
            None => self.before(),
        };
        found.filter(|found| found.number != self.running.number)
    }

    /// Why none comes back that was asked for by this number, or by none.
    pub fn why_not(&self, number: Option<u32>) -> String {
        let running = self.running.number;
        let others = self.kept.keys().filter(|number| **number != running);
        let others: Vec<_> = others.map(u32::to_string).collect();
        match (number, others.is_empty()) {
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
        }
    }

    fn before(&self) -> Option<&Arc<Generation>> {
        let mut at = self.kept.get(&self.running.number)?.before;
        while let Some(number) = at {
            let (_, found) = self.kept.range(..=number).next_back()?;
            if !found.left {
                return Some(&found.generation);
            }
            at = found.before;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Exported;
    use crate::testing::code;

    fn generation(number: u32) -> Arc<Generation> {
        Arc::new(Generation {
            number,
            code: code("fn go() {}"),
            identity: Identity::default(),
            layouts: None,
            exported: Exported::plugin(|_| {}),
            library: None,
        })
    }

    fn before(history: &History) -> Option<u32> {
        history.other(None).map(|generation| generation.number)
    }

    #[test]
    fn the_last_few_and_the_executables_own_are_kept() {
        let mut history = History::new(generation(0));
        assert_eq!(before(&history), None);
        for number in 1..=9 {
            assert_eq!(history.next(), number);
            history.runs(generation(number), false);
            assert_eq!(before(&history), Some(number - 1));
        }
        assert_eq!(history.numbers(), [0, 5, 6, 7, 8, 9]);
        for number in [8, 7, 6, 5, 0] {
            assert_eq!(before(&history), Some(number));
            history.runs(generation(number), true);
        }
        assert_eq!(before(&history), None);
        assert_eq!(history.next(), 10);
    }

    #[test]
    fn what_was_left_because_it_was_no_good_is_not_brought_back_unasked() {
        let mut history = History::new(generation(0));
        for number in 1..=3 {
            history.runs(generation(number), false);
        }
        history.runs(generation(2), true);
        assert_eq!(before(&history), Some(1));
        history.runs(generation(4), false);
        assert_eq!(before(&history), Some(2), "3 was no good");
        // Asked for by its number it may be good after all.
        history.runs(generation(3), true);
        history.runs(generation(5), false);
        assert_eq!(before(&history), Some(3));
    }

    #[test]
    fn what_ran_last_is_kept_longest() {
        let mut history = History::new(generation(0));
        for number in 1..=5 {
            history.runs(generation(number), false);
        }
        history.runs(generation(1), true);
        history.runs(generation(6), false);
        assert!(history.numbers().contains(&1), "{:?}", history.numbers());
        assert_eq!(before(&history), Some(1));
    }
}
