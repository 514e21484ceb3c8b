//! The versions of the module that this process has run: their code, and what is known
//! of their sources and types. Decides which of them can be brought back. Plain data;
//! must never load or build anything.

use super::identity::Identity;
use crate::{
    layouts::Layouts,
    load::{Image, Loaded},
    migrate::FoundTypes,
    record::Exported,
    surface::Surface,
};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// How many generations can be brought back, besides the executable's own. Each keeps
/// its symbols in memory.
const KEPT: usize = 4;

/// One version of the module.
pub struct Generation {
    /// 0 is the code linked into the executable.
    pub number: u32,
    pub surface: Arc<Surface>,
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
                carriers: loaded.carriers,
            },
            image: loaded.image,
        }
    }
}

/// The generations that can be brought back, and the one that runs.
pub struct History {
    kept: BTreeMap<u32, Arc<Generation>>,
    latest: u32,
}

impl History {
    /// Begins with the executable's own.
    pub fn new(first: Arc<Generation>) -> Self {
        Self {
            latest: first.number,
            kept: BTreeMap::from([(first.number, first)]),
        }
    }

    /// `generation` runs now.
    pub fn runs(&mut self, generation: Arc<Generation>) {
        let runs = generation.number;
        self.latest = self.latest.max(runs);
        self.kept.insert(runs, generation);
        // The executable's costs nothing.
        let kept = |number: &u32| *number != 0 && *number != runs;
        while self.kept.keys().filter(|number| kept(number)).count() > KEPT {
            let oldest = self.kept.keys().copied().find(kept);
            oldest.and_then(|oldest| self.kept.remove(&oldest));
        }
    }

    /// The files of those that are kept.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let kept = self.kept.values();
        kept.filter_map(|generation| Some(generation.image()?.path()))
    }

    /// The number of a generation that has not run yet.
    pub fn next(&self) -> u32 {
        self.latest + 1
    }

    /// The numbers of those that are kept, in order.
    pub fn numbers(&self) -> Vec<u32> {
        self.kept.keys().copied().collect()
    }

    /// The generation of this number.
    pub fn get(&self, number: u32) -> Option<&Arc<Generation>> {
        self.kept.get(&number)
    }

    /// The last one before that of this number.
    pub fn before(&self, number: u32) -> Option<&Arc<Generation>> {
        self.kept
            .range(..number)
            .next_back()
            .map(|(_, found)| found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::SourceFile;
    use std::path::PathBuf;

    fn generation(number: u32) -> Arc<Generation> {
        let root = PathBuf::from("/ws/systems/src/lib.rs");
        let file = SourceFile {
            path: root.clone(),
            bytes: b"fn go() {}".as_slice().into(),
        };
        Arc::new(Generation {
            number,
            surface: Arc::new(Surface::of("systems", &root, &[file]).unwrap()),
            identity: Identity::default(),
            layouts: None,
            library: None,
        })
    }

    #[test]
    fn the_last_few_and_the_executables_own_are_kept() {
        let mut history = History::new(generation(0));
        assert!(history.before(0).is_none());
        for number in 1..=9 {
            assert_eq!(history.next(), number);
            history.runs(generation(number));
        }
        assert_eq!(history.numbers(), [0, 5, 6, 7, 8, 9]);
        assert_eq!(history.before(9).unwrap().number, 8);
        assert_eq!(history.before(5).unwrap().number, 0);
    }

    #[test]
    fn a_generation_that_was_brought_back_runs_and_the_next_is_still_a_new_one() {
        let mut history = History::new(generation(0));
        for number in 1..=5 {
            history.runs(generation(number));
        }
        history.runs(generation(1));
        assert_eq!(history.next(), 6);
        assert_eq!(history.numbers(), [0, 1, 2, 3, 4, 5]);
        history.runs(generation(6));
        assert_eq!(history.numbers(), [0, 2, 3, 4, 5, 6]);
    }
}
