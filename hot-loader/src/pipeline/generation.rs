//! The versions of the module that this process has run: their code, and what is known
//! of their sources and types. Decides which of them can be brought back. Plain data;
//! must never load or build anything.

use super::identity::Identity;
use crate::{
    found::{FoundMakers, FoundTypes},
    load::{Image, Loaded},
    record::Exported,
};
use hot_loader_verdict::{code::Code, layouts::Layouts};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// How many generations can be brought back, besides the executable's own. Each keeps
/// its symbols in memory.
const KEPT: usize = 4;

/// One version of the module.
pub struct Generation {
    /// 0 is the code linked into the executable.
    pub number: u32,
    /// Its sources, and what the compiler made of them.
    pub code: Arc<Code>,
    pub identity: Identity,
    /// What the compiler says of its types. `None` if it said nothing.
    pub layouts: Option<Arc<Layouts>>,
    /// Its library; none of generation 0, whose code is the executable's.
    pub library: Option<Library>,
}

impl Generation {
    /// Its image, unless that is the executable.
    pub fn image(&self) -> Option<&Image> {
        self.library.as_ref().map(|library| &library.image)
    }
}

/// A library that is mapped for ever.
pub struct Library {
    pub image: Image,
    pub exported: Exported,
}

impl From<Loaded> for Library {
    fn from(loaded: Loaded) -> Self {
        Self {
            exported: Exported {
                build: loaded.build,
                types: FoundTypes::of(&loaded.image),
                makers: FoundMakers::of(&[&loaded.image]),
                carriers: loaded.carriers,
            },
            image: loaded.image,
        }
    }
}

/// The generations that can be brought back, and the one that runs.
pub struct History {
    kept: BTreeMap<u32, Kept>,
    running: u32,
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
    /// When it ran last, in turns.
    ran: u64,
}

impl History {
    /// Begins with the executable's own.
    pub fn new(first: Arc<Generation>) -> Self {
        let number = first.number;
        let first = Kept {
            generation: first,
            before: None,
            left: false,
            ran: 0,
        };
        Self {
            kept: BTreeMap::from([(number, first)]),
            running: number,
            latest: number,
            turns: 0,
        }
    }

    /// `generation` runs now; it was brought back, if `rolled_back`.
    pub fn runs(&mut self, generation: Arc<Generation>, rolled_back: bool) {
        let (left, runs) = (self.running, generation.number);
        self.turns += 1;
        for (number, ran) in [(left, self.turns), (runs, self.turns + 1)] {
            if let Some(kept) = self.kept.get_mut(&number) {
                kept.ran = ran;
            }
        }
        if rolled_back && let Some(left) = self.kept.get_mut(&left) {
            left.left = true;
        }
        let ran = self.turns + 1;
        let kept = self.kept.entry(runs).or_insert_with(|| Kept {
            generation: generation.clone(),
            before: Some(left),
            left: false,
            ran,
        });
        kept.left = false;
        kept.generation = generation;
        self.running = runs;
        self.latest = self.latest.max(runs);
        while self.kept.len() > KEPT + 1 + usize::from(self.running != 0) {
            // The executable's own costs nothing; what was no good goes first.
            let others = self.kept.iter();
            let oldest = others
                .filter(|(number, _)| **number != 0 && **number != runs)
                .min_by_key(|(_, kept)| (!kept.left, kept.ran))
                .map(|(number, _)| *number);
            match oldest {
                Some(oldest) => self.kept.remove(&oldest),
                None => break,
            };
        }
    }

    /// The files of those that are kept.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let kept = self.kept.values();
        kept.filter_map(|kept| Some(kept.generation.image()?.path()))
    }

    /// The number of a generation that has not run yet.
    pub fn next(&self) -> u32 {
        self.latest + 1
    }

    /// Whether one of that identity is kept.
    pub fn has(&self, identity: &Identity) -> bool {
        self.of(identity).next().is_some()
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

    /// The generation of this number.
    pub fn get(&self, number: u32) -> Option<&Arc<Generation>> {
        self.kept.get(&number).map(|kept| &kept.generation)
    }

    /// The one that the running one took over from, or if that was no good or is gone, an
    /// earlier one.
    pub fn before(&self) -> Option<&Arc<Generation>> {
        let mut at = self.kept.get(&self.running)?.before;
        while let Some(number) = at {
            let found = self
                .kept
                .range(..=number)
                .next_back()
                .map(|(_, found)| found)?;
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
    use super::super::testing::code;
    use super::*;

    fn generation(number: u32) -> Arc<Generation> {
        Arc::new(Generation {
            number,
            code: code("fn go() {}"),
            identity: Identity::default(),
            layouts: None,
            library: None,
        })
    }

    fn before(history: &History) -> Option<u32> {
        history.before().map(|generation| generation.number)
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
