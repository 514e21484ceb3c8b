//! The life of one edit, off the main thread: one value that each step takes and makes into
//! the next.
//!
//! ```text
//! Saved ──rustc, compare, load──► Judged ──find tables──► Planned ──► the next frame
//! ```
//!
//! This file starts and ends the thread and says what comes when; what the thread knows
//! between two edits is in [`Disk`], [`Builds`] and [`Generations`], what it was told in
//! [`Inbox`]. It must never touch the world, and whatever fails here leaves the game as it
//! was.

mod builds;
mod disk;
mod first;
mod generations;
mod halt;
mod history;
mod identity;
mod inbox;
mod judged;
mod module;
mod planned;
mod reading;
mod saved;
mod spare;
mod start;

pub use inbox::{Input, RollBack};

use crate::{
    events::HotReloadEvent,
    found::FoundTypes,
    generation::{Generation, Planned},
    module::HotModule,
    panics::{self, lock},
    proxy::Slots,
    report::Reporter,
};
use builds::Builds;
use disk::Disk;
use generations::Generations;
use halt::Halt;
use hot_loader_compile::{build::RunningBuild, recipe::Recipe, sources::Sources};
use hot_loader_verdict::affected::Affected;
use inbox::Inbox;
use judged::Judged;
use module::are_same_tokens;
use start::start;
use std::{
    error::Error,
    path::Path,
    sync::{Arc, Mutex, atomic::AtomicUsize, mpsc::Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

/// What the worker shares with the main thread.
#[derive(Clone)]
pub struct Shared {
    /// The edit that waits for the next frame.
    pub planned: Arc<Mutex<Option<Box<Planned>>>>,
    /// Where events go.
    pub reporter: Arc<Reporter>,
    /// The proxies' slots.
    pub slots: Arc<Mutex<Vec<Arc<dyn Slots>>>>,
    /// The numbers of the generations that can be brought back.
    pub generations: Arc<Mutex<Vec<u32>>>,
    /// The types of the running generation that derive `Reflect`, registered or not.
    pub found: Arc<Mutex<FoundTypes>>,
    /// How many carriers an identity should bring that is built now.
    pub carriers: Arc<AtomicUsize>,
    /// Whether spare identities are built.
    spare: bool,
    /// Stops builds at the end of the game.
    running: RunningBuild,
}

impl Shared {
    /// For a new app.
    pub fn new(reporter: Arc<Reporter>, spare: bool) -> Self {
        Self {
            planned: Arc::default(),
            reporter,
            slots: Arc::default(),
            generations: Arc::default(),
            carriers: Arc::default(),
            found: Arc::default(),
            spare: spare::are_wanted(spare),
            running: RunningBuild::default(),
        }
    }
}

/// The thread that follows edits; ends with it.
pub struct WorkerHandle {
    inputs: Sender<Input>,
    running: RunningBuild,
    thread: Option<JoinHandle<()>>,
}

impl WorkerHandle {
    /// Starts the thread for the module that `recipe` builds.
    ///
    /// # Errors
    /// If the system has no thread left.
    pub fn start(recipe: Recipe, module: HotModule, shared: Shared) -> std::io::Result<Self> {
        let inbox = Inbox::new();
        let (inputs, running) = (inbox.sender(), shared.running.clone());
        let thread = thread::Builder::new()
            .name("hot-loader".into())
            .spawn(move || {
                let reporter = shared.reporter.clone();
                let ended = panics::catch(|| {
                    if let Some(mut worker) = start(recipe, module, shared, inbox)? {
                        worker.run();
                    }
                    Ok::<(), Fatal>(())
                });
                // A panic of ours is an error like others, and not a silence.
                reporter.need_restart(match ended {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "hot-loader itself panicked (see the terminal, and please report it). Restart the game".into(),
                });
            })?;
        Ok(Self {
            inputs,
            running,
            thread: Some(thread),
        })
    }

    /// Tells the worker something. Whether it hears: it may have ended, after it said why.
    pub fn send(&self, input: Input) -> bool {
        self.inputs.send(input).is_ok()
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.running.stop();
        self.send(Input::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::debug!("the worker ended by a panic");
        }
    }
}

type Fatal = Box<dyn Error + Send + Sync>;

/// What the thread knows between two edits.
struct Worker {
    shared: Shared,
    inbox: Inbox,
    disk: Disk,
    builds: Builds,
    generations: Generations,
    /// The generation that ran when a spare identity could not be built.
    spare_failed: Option<u32>,
    /// Whether a build has succeeded.
    ready: bool,
    /// What runs, if nothing else was saved since.
    live_text: Option<Sources>,
    /// Waiting for the main thread's answer.
    offered: Option<Offered>,
}

/// Macros by which code asks for its text or where it stands in it, and such that read files.
const OF_TEXT: [&str; 7] = [
    "include",
    "include_str",
    "include_bytes",
    "line",
    "column",
    "stringify",
    "dbg",
];
/// What else tells where it is called.
const OF_PLACE: [&str; 2] = ["Location", "track_caller"];

/// A generation on its way to the world.
struct Offered {
    /// What it was built of; none of one that is brought back.
    text: Option<Sources>,
    to: Arc<Generation>,
    /// What code of earlier generations will not know of.
    affected: Affected,
}

impl Worker {
    fn run(&mut self) {
        while !self.inbox.ending {
            self.hear_answer();
            if let Some(asked) = self.inbox.asked.take() {
                self.roll_back(asked);
            } else if self.inbox.changed {
                // Nothing was built yet, and nothing edited.
                match !self.ready && self.disk.reads_as_compiled() {
                    true => self.begin(),
                    false => self.edit(),
                }
                // A folder that was replaced meanwhile may hold what nobody told of.
                self.inbox.changed |= self.disk.renew_watch();
            } else {
                self.wait();
            }
        }
    }

    /// Brings what is on the disk to the main thread: once what was compiled is what is there.
    fn edit(&mut self) {
        if !self.inbox.let_settle() {
            return;
        }
        self.hear_answer();
        let reporter = &*self.shared.reporter.clone();
        self.disk.renew_watch();
        let live_number = self.generations.live().number;
        if self.disk.inputs_changed(reporter, live_number) {
            return;
        }
        let (mut again, mut since) = (!self.ready, None);
        loop {
            self.disk.renew_watch();
            let saved = self.disk.look(again, &mut since, reporter);
            let Some(saved) = saved.filter(|_| self.withdraw()) else {
                return;
            };
            if let Some(live) = self.live_text.take().filter(|_| !again)
                && self.is_only_text(&live, &saved.sources)
            {
                self.live_text = Some(saved.sources);
                // The one that was withdrawn from may have gone live instead.
                let generation = self.generations.live().number;
                return reporter.emit(HotReloadEvent::Unchanged { generation });
            }
            self.disk.given_up = false;
            // Libraries of generations that cannot come back.
            let kept: Vec<&Path> = self.generations.history.files().collect();
            self.builds.keep(&kept);
            let generation = self.generations.history.next();
            reporter.emit(HotReloadEvent::BuildStarted { generation });
            let text = saved.sources.clone();
            let mut judged = saved.build(self);
            if self.is_asked() {
                return self.disk.give_up();
            }
            // A save while rustc ran, even one that was undone: what it compiled is
            // not known to be what was read.
            if !self.disk.is_untouched()
                && let Ok(judged) = std::mem::replace(&mut judged, Err(Halt::Outdated))
            {
                // Its library is loaded.
                self.met(&judged.to);
            }
            match judged {
                Ok(judged) => return self.offer(judged, Some(text)),
                // More may be saved just now.
                Err(Halt::Outdated) if self.inbox.let_settle() => again = true,
                Err(halt) => return halt.report(generation, reporter),
            }
        }
    }

    /// Whether an earlier generation is to be brought back, and can be.
    fn is_asked(&self) -> bool {
        let asked = self.inbox.asked;
        asked.is_some_and(|asked| self.generations.history.other(asked.to).is_some())
    }

    /// Whether what was saved differs from what runs in comments and blanks alone, and the
    /// code does not ask for its own text or places.
    fn is_only_text(&self, live: &Sources, saved: &Sources) -> bool {
        let code = &self.generations.live().code;
        self.ready
            && !self.shared.reporter.has_panicked()
            && !code.calls_any(&OF_TEXT)
            && !code.says_any(&OF_PLACE)
            && are_same_tokens(live, saved)
    }

    /// Whether what was read is not to be built any more.
    fn is_outdated(&self) -> bool {
        self.is_asked() || self.disk.is_changed()
    }

    /// Brings an earlier generation back.
    fn roll_back(&mut self, asked: RollBack) {
        // A swap that waits is given up for something only.
        if self.generations.history.other(asked.to).is_some() && !self.withdraw() {
            return;
        }
        let running = self.generations.live().number;
        if asked.to.is_none() && asked.from != running {
            tracing::debug!("{} is left already", asked.from);
            return;
        }
        match self.generations.history.other(asked.to).cloned() {
            Some(to) => {
                self.live_text = None;
                self.offer(Judged::back(to, &self.generations), None);
            }
            None => {
                let number = asked.to.unwrap_or(running);
                let reason = self.generations.history.why_not(asked.to);
                self.shared.reporter.refuse_rollback(number, &reason);
            }
        }
    }

    /// Plans an edit, which then waits for the next frame.
    fn offer(&mut self, judged: Judged, text: Option<Sources>) {
        let slots = lock(&self.shared.slots).clone();
        let planned = judged.plan(&self.generations, self.disk.module.name, &slots);
        self.offered = Some(Offered {
            text,
            to: planned.to.clone(),
            affected: planned.affected.clone(),
        });
        *lock(&self.shared.planned) = Some(Box::new(planned));
    }

    /// Sees that no edit waits for the main thread: withdraws it, or waits for the answer if
    /// the main thread has it. `false` if the game ends.
    fn withdraw(&mut self) -> bool {
        // Not dropped while the main thread may wait for the lock.
        let withdrawn = lock(&self.shared.planned).take();
        if withdrawn.is_some() {
            self.disk.given_up = true;
            if let Some(Offered { to, .. }) = self.offered.take() {
                self.met(&to);
            }
        }
        self.hear_answer();
        while self.offered.is_some() && !self.inbox.ending {
            self.inbox.wait();
            self.hear_answer();
        }
        !self.inbox.ending
    }

    /// Takes in what the main thread said of the edit that it was offered.
    fn hear_answer(&mut self) {
        if let Some(committed) = self.inbox.answer.take()
            && let Some(offered) = self.offered.take()
        {
            // Declined or not, the world may know its types by now.
            self.met(&offered.to);
            if committed {
                let is_rollback = offered.text.is_none();
                self.live_text = offered.text;
                self.generations.affected = offered.affected;
                // The sources are not what runs then.
                self.disk.given_up |= is_rollback;
                self.runs(offered.to, is_rollback);
            } else {
                self.generations.identities.declined = Some(offered.to.identity.clone());
            }
        }
    }

    /// The process knows the types of this one under its identity, live or not.
    fn met(&mut self, one: &Generation) {
        let was_spared = self.generations.identities.is_spared();
        self.generations.met(one);
        if was_spared && !self.generations.identities.is_spared() {
            self.shared.reporter.emit(HotReloadEvent::Spare {
                ready: false,
                build_ms: 0.0,
            });
        }
    }

    /// `generation` runs now.
    fn runs(&mut self, generation: Arc<Generation>, rolled_back: bool) {
        let history = &mut self.generations.history;
        *lock(&self.shared.found) = generation.exported.types.clone();
        history.runs(generation, rolled_back);
        *lock(&self.shared.generations) = history.numbers();
    }

    /// Says once that edits go live from here on.
    fn is_ready(&mut self, took: Duration) {
        if !self.ready {
            self.ready = true;
            self.shared.reporter.emit(HotReloadEvent::Ready {
                generation: self.generations.live().number,
                build_ms: took.as_secs_f64() * 1000.0,
            });
        }
    }
}
