//! The first state of an edit: sources as they were read, to be built under a crate
//! identity.

use super::{
    Input, Worker,
    generations::Generations,
    halt::Halt,
    judged::Judged,
    module::Module,
    reading::{Expected, Read},
};
use crate::generation::Identity;
use core::ops::ControlFlow::{Break, Continue};
use hot_loader_compile::{
    build::{Built, RunningBuild},
    sources::Sources,
};
use hot_loader_verdict::contracts::Beside;
use std::{sync::Arc, time::SystemTime};

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
        let live = worker.generations.live().clone();
        let mut guessed = Ok(live.identity.clone());
        let mut expected = Expected {
            code: None,
            live: live.code.clone(),
        };
        // rustc does not wait for the guess: mostly the identity stays.
        let built = worker.compile(&live.identity, |module, generations, running| {
            match module.predicted(&self.sources) {
                Ok(code) => expected.code = code.map(Arc::new),
                // Too deep for us is too deep for rustc, which then crashes without naming a
                // place.
                Err(error) => guessed = Err(Halt::refused(error)),
            }
            if let Some(code) = &expected.code {
                let identities = &generations.identities;
                guessed = Ok(identities.choose(&live.identity, code, Beside::Guess));
            }
            if !matches!(&guessed, Ok(identity) if *identity == live.identity) {
                running.cancel();
            }
            expected.clone()
        });
        let mut identity = guessed?;
        let mut built = match built {
            Ok(_) | Err(Halt::Outdated) if identity != live.identity => None,
            built => Some(built?),
        };
        for _ in 0..LONGEST_SEARCH {
            let (built, read) = match built.take() {
                Some(built) => built,
                None => {
                    // What came while the last one was read has ended nothing.
                    if worker.is_outdated() {
                        return Err(Halt::Outdated);
                    }
                    if !worker.builds.builder.is_warm(identity.metadata()) {
                        worker.say_cold();
                    }
                    worker.compile(&identity, |_, _, _| expected.clone())?
                }
            };
            match self.judge(worker, built, read, identity)? {
                Break(judged) => return Ok(judged),
                Continue(other) => identity = other,
            }
        }
        Err(Halt::Refused(
            "rustc accepts the sources, but hot-loader cannot tell what changed in them: builds of the same sources differ from each other. Restart the game".into(),
        ))
    }
}

impl Worker {
    /// Runs rustc, unless something comes meanwhile by which that is useless: a newer save,
    /// or a generation that is to be brought back. What to `expect` is worked out beside it.
    fn compile(
        &mut self,
        identity: &Identity,
        expect: impl FnOnce(&Module, &Generations, &RunningBuild) -> Expected + Send,
    ) -> Result<(Built, Read), Halt> {
        let running = &self.shared.running;
        let is_useless = |input: &Input| match input {
            Input::Changed => self.disk.is_changed(),
            Input::RollBack(asked) => self.generations.history.other(asked.to).is_some(),
            _ => false,
        };
        let built = self.inbox.attend(running, is_useless, || {
            let expect = || expect(&self.disk.module, &self.generations, running);
            self.builds.build(identity.metadata(), expect)
        });
        let (built, read) = built?;
        self.builds.libraries.push(built.library.clone());
        match self.disk.adopt(&built.files) {
            true => Err(Halt::Outdated),
            false => Ok((built, read)),
        }
    }
}
