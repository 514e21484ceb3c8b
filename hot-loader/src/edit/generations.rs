//! What the worker knows of all generations so far: those that can come back, what the world
//! has met under each crate identity, and what lies in their images.

use super::{history::History, identity::Identities};
use crate::{
    generation::{Generation, Identity},
    load::Image,
    record::Exported,
};
use core::ops::Range;
use hot_loader_verdict::{
    affected::Affected,
    code::Code,
    layouts::{Differences, Layouts},
};
use std::{ptr, sync::Arc};

/// All generations so far.
pub struct Generations {
    pub history: History,
    pub identities: Identities,
    /// The executable's image: generation 0.
    pub executable: Arc<Image>,
    /// Data of all images so far that nobody writes to.
    pub read_only: Vec<Range<usize>>,
    /// What code of earlier generations, if any still runs, does not know of.
    pub affected: Affected,
}

impl Generations {
    /// Before the first build. `exported` is what generation 0 exports, as far as it is known.
    pub fn new(executable: Image, code: Arc<Code>, exported: Exported) -> Self {
        let live = Generation {
            number: 0,
            code: code.clone(),
            identity: Identity::default(),
            layouts: None,
            exported,
            library: None,
        };
        Self {
            history: History::new(Arc::new(live)),
            identities: Identities::new(code),
            read_only: executable.read_only().to_vec(),
            executable: Arc::new(executable),
            affected: Affected::default(),
        }
    }

    /// The generation that runs, or will after the next frame.
    pub fn live(&self) -> &Arc<Generation> {
        self.history.running()
    }

    /// The world has met the types of this one under its identity. What nothing that runs or
    /// can be brought back is of may be forgotten.
    pub fn met(&mut self, one: &Generation) {
        let history = &self.history;
        let is_kept = |identity: &Identity| history.of(identity).next().is_some();
        let (code, layouts) = (one.code.clone(), one.layouts.clone());
        self.identities
            .lives(&one.identity, code, layouts, &is_kept);
    }

    /// How types under the identity that runs differ from those that run.
    pub fn live_differences(&self, identity: &Identity, after: &Layouts) -> Differences {
        let live = self.live();
        let before = live.layouts.as_ref().filter(|_| *identity == live.identity);
        before.map_or_else(Differences::default, |before| before.differences(after))
    }

    /// The types that are not as the world met them under `identity`, by debug info; and if
    /// it is the one that runs, functions whose closures have another environment.
    pub fn differing(&self, identity: &Identity, after: &Arc<Layouts>) -> Differences {
        let live = self.live();
        let current = live.layouts.as_ref().filter(|_| *identity == live.identity);
        if current.is_some_and(|current| Arc::ptr_eq(current, after)) {
            // Held against all that was met, before it went live or after.
            return Differences::default();
        }
        let met = self.identities.layouts(identity);
        let others = met.filter(|met| current.is_none_or(|current| !ptr::eq(*met, &**current)));
        let mut differ = self.live_differences(identity, after);
        let types = others.flat_map(|before| before.differences(after).types);
        differ.types.extend(types);
        differ.types.sort();
        differ.types.dedup();
        differ
    }
}
