//! The first state of an edit: sources as they were read, to be built under a crate
//! identity.

use super::{
    Input, Worker,
    generations::Generations,
    halt::Halt,
    judged::{Judged, Verdict},
    module::Module,
    reading::{Expected, Read},
};
use crate::generation::Identity;
use hot_loader_compile::{
    build::{Built, RunningBuild},
    sources::Sources,
};
use hot_loader_verdict::{code::Code, contracts::Beside};
use std::{panic, sync::OnceLock, thread, time::SystemTime};

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
        let code = OnceLock::new();
        let expected = Expected {
            code: &code,
            live: &live.code,
        };
        // rustc does not wait for the guess: mostly the identity stays.
        let (guessed, built) = self.compile(worker, &live.identity, expected, |known| {
            let guessed = self.guess(known.module, known.generations, &code);
            if !matches!(&guessed, Ok(identity) if *identity == live.identity) {
                known.running.cancel();
            }
            guessed
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
                    if !worker.builds.is_warm(identity.metadata()) {
                        worker.say_cold();
                    }
                    self.compile(worker, &identity, expected, |_| ()).1?
                }
            };
            match self.judge(worker, built, read, expected, identity)? {
                Verdict::Fits(judged) => return Ok(*judged),
                Verdict::NeedsIdentity(other) => identity = other,
            }
        }
        Err(Halt::Refused(
            "rustc accepts the sources, but hot-loader cannot tell what changed in them: builds of the same sources differ from each other. Restart the game".into(),
        ))
    }

    /// The identity that the tokens ask for. Tells `expected` what they say.
    fn guess(
        &self,
        module: &Module,
        generations: &Generations,
        expected: &OnceLock<Option<Code>>,
    ) -> Result<Identity, Halt> {
        // Whoever waits for it must not wait for ever.
        let _told = Told(expected);
        // Too deep for us is too deep for rustc, which then crashes without naming a place.
        let code = module.predicted(&self.sources)?;
        let live = &generations.live().identity;
        let identity = match &code {
            Some(code) => generations.identities.choose(live, code, Beside::Guess),
            None => live.clone(),
        };
        // Nobody else tells it.
        expected.set(code).unwrap_or_default();
        Ok(identity)
    }

    /// Runs rustc, unless something comes meanwhile by which that is useless: a newer save,
    /// or a generation that is to be brought back; and `beside` it something else.
    fn compile<T: Send>(
        &self,
        worker: &mut Worker,
        identity: &Identity,
        expected: Expected,
        beside: impl FnOnce(Known<'_>) -> T + Send,
    ) -> (T, Result<(Built, Read), Halt>) {
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
        let known = Known {
            module: &disk.module,
            generations,
            running: &shared.running,
        };
        let (said, built) = inbox.attend(&shared.running, is_useless, || {
            thread::scope(|scope| {
                let beside = scope.spawn(|| beside(known));
                let built = builds.build(identity.metadata(), expected);
                let said = beside.join();
                (
                    said.unwrap_or_else(|panic| panic::resume_unwind(panic)),
                    built,
                )
            })
        });
        let built = built.and_then(|(built, read)| {
            builds.add(built.library.clone());
            match disk.adopt(&built.files) {
                true => Err(Halt::Outdated),
                false => Ok((built, read)),
            }
        });
        (said, built)
    }
}

/// What a guess is made from.
struct Known<'a> {
    module: &'a Module,
    generations: &'a Generations,
    running: &'a RunningBuild,
}

/// Tells that there is no guess, unless there is one.
struct Told<'a>(&'a OnceLock<Option<Code>>);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.set(None).unwrap_or_default();
    }
}
