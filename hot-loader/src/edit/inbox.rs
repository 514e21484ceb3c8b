//! What the worker's thread was told and has not done yet. Plain plumbing; it does not know
//! what comes of it.

use crate::generation::Planned;
use core::time::Duration;
use hot_loader_compile::build::RunningBuild;
use std::{
    panic,
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Instant,
};

/// How long further changes are waited for after one was told. An editor that takes longer
/// is told again, and what was built so far is given up.
const SETTLE: Duration = Duration::from_millis(10);

/// How long a burst of changes is waited out before its first files are built.
const LONGEST_BURST: Duration = Duration::from_millis(100);

/// Which generation is to run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollBack {
    /// The one of this number, or the one before that which ran when it was asked for.
    pub to: Option<u32>,
    /// The one that ran when it was asked for.
    pub from: u32,
}

/// What the worker's thread is told.
pub enum Input {
    /// Sources may have changed.
    Changed,
    /// This edit is live. It holds much, which is dropped here: no frame waits for it then.
    Committed(Box<Planned>),
    /// The planned edit was not applied; nothing changed.
    Declined,
    /// An earlier generation is to run again.
    RollBack(RollBack),
    /// The build that was waited for has ended.
    BuildEnded,
    /// The game ends. The running build was stopped.
    Stop,
}

/// What the worker was told and has not done yet.
pub struct Inbox {
    inputs: Receiver<Input>,
    tell: Sender<Input>,
    /// Something was told to have changed, and the sources were not read since.
    pub changed: bool,
    /// The generation that was asked for last.
    pub asked: Option<RollBack>,
    /// Whether the edit that was offered went live.
    pub answer: Option<bool>,
    /// The game ends.
    pub ending: bool,
}

impl Inbox {
    /// Hears what its senders are given.
    pub fn new() -> Self {
        let (tell, inputs) = mpsc::channel();
        Self {
            inputs,
            tell,
            changed: false,
            asked: None,
            answer: None,
            ending: false,
        }
    }

    /// Tells this inbox something.
    pub fn sender(&self) -> Sender<Input> {
        self.tell.clone()
    }

    /// Waits until something is told.
    pub fn wait(&mut self) {
        match self.inputs.recv() {
            Ok(input) => self.hear(input),
            Err(_) => self.ending = true,
        }
    }

    /// Waits until something is told, or for so long. Whether something was.
    pub fn waits_for(&mut self, long: Duration) -> bool {
        // Never disconnected: this inbox has a sender, too.
        let told = self.inputs.recv_timeout(long);
        told.map(|input| self.hear(input)).is_ok()
    }

    /// Lets a burst of writes end, for a while. `false` if the game ends.
    pub fn let_settle(&mut self) -> bool {
        let end = Instant::now() + LONGEST_BURST;
        while !self.ending {
            let left = end.saturating_duration_since(Instant::now());
            if !self.waits_for(SETTLE.min(left)) {
                // The sources are read after this.
                self.changed = false;
                return true;
            }
        }
        false
    }

    /// Builds on a thread beside this one, and cancels that when it is told something by
    /// which the build `is_useless`.
    pub fn attend<T: Send>(
        &mut self,
        running: &RunningBuild,
        is_useless: impl Fn(&Input) -> bool,
        build: impl FnOnce() -> T + Send,
    ) -> T {
        // Before the other thread begins: what ends the build may come at once.
        running.begin();
        let tell = self.sender();
        let built = thread::scope(|scope| {
            let build = scope.spawn(move || {
                let _told = Ended(tell);
                build()
            });
            while let Ok(input) = self.inputs.recv()
                && !matches!(input, Input::BuildEnded)
            {
                if is_useless(&input) {
                    running.cancel();
                }
                self.hear(input);
            }
            build.join()
        });
        built.unwrap_or_else(|panic| panic::resume_unwind(panic))
    }

    fn hear(&mut self, input: Input) {
        match input {
            Input::Changed => self.changed = true,
            Input::BuildEnded => {}
            Input::RollBack(asked) => self.asked = Some(asked),
            Input::Committed(_planned) => self.answer = Some(true),
            Input::Declined => self.answer = Some(false),
            Input::Stop => self.ending = true,
        }
    }
}

/// Tells the worker that its build has ended, however it did.
struct Ended(Sender<Input>);

impl Drop for Ended {
    fn drop(&mut self) {
        // The worker waits, so it is there.
        self.0.send(Input::BuildEnded).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_during_a_build_is_heard() {
        let mut inbox = Inbox::new();
        let tell = inbox.sender();
        inbox.attend(
            &RunningBuild::default(),
            |_| false,
            || {
                tell.send(Input::Changed).unwrap();
                tell.send(Input::Declined).unwrap();
            },
        );
        assert!(inbox.changed && inbox.answer == Some(false) && !inbox.ending);
    }
}
