//! The first state of an edit: sources as they were read, to be built under a crate
//! identity.

use super::{
    Input, Worker,
    halt::Halt,
    judged::{Judged, Verdict},
    reading::{Expected, Read},
};
use crate::generation::Identity;
use hot_loader_compile::{build::Built, sources::Sources};
use hot_loader_verdict::contracts::Beside;
use std::time::SystemTime;

/// Sources that are to be a generation.
pub struct Saved {
    pub sources: Sources,
    /// When the last of them was saved.
    pub at: SystemTime,
}

/// More builds of one edit than there is a reason for.
const LONGEST_SEARCH: usize = 4;

impl Saved {
    /// Builds them under the identity that their types ask for: guessed from their tokens
    /// first, and as often again as the compiler's own output says otherwise. Doubt costs a
    /// second build here, and never a type.
    pub fn build(self, worker: &mut Worker) -> Result<Judged, Halt> {
        // Too deep for us is too deep for rustc, which then crashes without naming a place.
        let guessed = worker.disk.module.predicted(&self.sources)?;
        let generations = &worker.generations;
        let live = &generations.live().identity;
        let mut identity = match &guessed {
            Some(code) => generations.identities.choose(live, code, Beside::Guess),
            None => live.clone(),
        };
        for _ in 0..LONGEST_SEARCH {
            let live = worker.generations.live().code.clone();
            let expected = Expected {
                code: guessed.as_ref(),
                live: &live,
            };
            let (built, read) = self.compile(worker, &identity, expected)?;
            match self.judge(worker, built, read, expected, identity)? {
                Verdict::Fits(judged) => return Ok(*judged),
                Verdict::NeedsIdentity(other) => identity = other,
            }
        }
        Err(Halt::Refused(
            "rustc accepts the sources, but hot-loader cannot tell what changed in them: builds of the same sources differ from each other. Restart the game".into(),
        ))
    }

    /// Runs rustc, unless something comes meanwhile by which that is useless: a newer save,
    /// or a generation that is to be brought back.
    fn compile(
        &self,
        worker: &mut Worker,
        identity: &Identity,
        expected: Expected,
    ) -> Result<(Built, Read), Halt> {
        let Worker {
            inbox,
            builds,
            disk,
            generations,
            shared,
            ..
        } = worker;
        let is_useless = |input: &Input| match input {
            Input::Changed => disk.is_changed(),
            Input::RollBack(asked) => generations.history.other(asked.to).is_some(),
            _ => false,
        };
        let (built, read) = inbox.attend(&shared.running, is_useless, || {
            builds.build(identity.metadata(), expected)
        })?;
        builds.add(built.library.clone());
        if disk.adopt(&built.files) {
            return Err(Halt::Outdated);
        }
        Ok((built, read))
    }
}
