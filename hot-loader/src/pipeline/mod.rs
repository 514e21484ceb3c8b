//! The life of one edit, off the main thread: watch, build, verdict, load, and
//! the plan of a swap, which then waits in `handoff` for the next frame. This file
//! starts and ends the thread and waits for edits; `start` sees that there can be any,
//! `edit` takes one on its way, and `offer` any generation to the main thread.
//!
//! Together with `frame` the only folder that knows the stages. It must never
//! touch the world, and whatever fails here leaves the game as it was.

mod classify;
mod edit;
mod generation;
mod identity;
mod module;
mod offer;
mod start;
#[cfg(test)]
mod testing;

use crate::{
    events::HotReloadEvent,
    found::{FoundMakers, FoundTypes},
    handoff::{Handoff, Input, RollBack},
    load::{self, Image},
    module::HotModule,
    proxy::Slots,
    record::Exported,
    report::Reporter,
};

use hot_loader_compile::{
    build::{BuildError, Builder, Built, RunningBuild},
    inputs::BuildInputs,
    recipe::Recipe,
    session::SessionDir,
    sources::Sources,
    watch::Watcher,
};

use core::ops::Range;
use generation::{Generation, History};
use hot_loader_verdict::{affected::Affected, layouts::Spellings};
use identity::{Identities, Identity};
use module::Module;
use start::{Grounds, Start};
use std::{
    error::Error,
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

/// How long further changes are waited for after one was told.
const SETTLE: Duration = Duration::from_millis(8);

/// How long a burst of changes is waited out before its first files are built:
/// together with the watcher's own quiet time, 30 ms after a single save.
const LONGEST_BURST: Duration = Duration::from_millis(100);

/// What the pipeline shares with the main thread.
#[derive(Clone)]
pub struct Shared {
    /// Prepared swaps.
    pub handoff: Arc<Handoff>,
    /// Where events go.
    pub reporter: Arc<Reporter>,
    /// The proxies' slots.
    pub slots: Arc<Mutex<Vec<Arc<dyn Slots>>>>,
    /// The numbers of the generations that can be brought back.
    pub generations: Arc<Mutex<Vec<u32>>>,
    /// The types of the running generation that derive `Reflect`, registered or not.
    pub found: Arc<Mutex<FoundTypes>>,
    /// Stops builds at the end of the game.
    running: RunningBuild,
}

impl Shared {
    /// For a new app.
    pub fn new(reporter: Arc<Reporter>, slots: Vec<Arc<dyn Slots>>) -> Self {
        Self {
            handoff: Arc::default(),
            reporter,
            slots: Arc::new(Mutex::new(slots)),
            generations: Arc::default(),
            found: Arc::default(),
            running: RunningBuild::default(),
        }
    }

    fn slots(&self) -> Vec<Arc<dyn Slots>> {
        self.slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The running pipeline; ends with it.
pub struct PipelineHandle {
    inputs: Sender<Input>,
    running: RunningBuild,
    thread: Option<JoinHandle<()>>,
}

impl PipelineHandle {
    /// Starts the pipeline of the module that `recipe` builds.
    ///
    /// # Errors
    /// If the system has no thread left.
    pub fn start(recipe: Recipe, module: HotModule, shared: Shared) -> std::io::Result<Self> {
        let (inputs, received) = mpsc::channel();
        let running = shared.running.clone();
        let tell = inputs.clone();
        let thread = thread::Builder::new()
            .name("hot-loader".into())
            .spawn(move || {
                let reporter = shared.reporter.clone();
                let ended = unpanicked(|| {
                    let mut start = Start::new(recipe, module, shared, tell, received)?;
                    if let Some(grounds) = start.until_grounds() {
                        Pipeline::new(start, grounds).run_edits();
                    }
                    Ok(())
                });
                if let Err(error) = ended {
                    reporter.emit(HotReloadEvent::RestartNeeded {
                        reason: error.to_string(),
                    });
                }
            })?;
        Ok(Self {
            inputs,
            running,
            thread: Some(thread),
        })
    }

    /// Tells the pipeline something. Whether it hears: it may have ended, after it said
    /// why.
    pub fn send(&self, input: Input) -> bool {
        self.inputs.send(input).is_ok()
    }
}

impl Drop for PipelineHandle {
    fn drop(&mut self) {
        self.running.stop();
        self.send(Input::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::debug!("the pipeline ended by a panic");
        }
    }
}

type Fatal = Box<dyn Error + Send + Sync>;

/// Runs `code`; a panic of ours is an error like others, and not a silence.
fn unpanicked(code: impl FnOnce() -> Result<(), Fatal>) -> Result<(), Fatal> {
    panic::catch_unwind(AssertUnwindSafe(code)).unwrap_or_else(|_| {
        Err(
            "hot-loader itself panicked (see the terminal, and please report it). Restart the game"
                .into(),
        )
    })
}

/// A generation on its way to the world.
struct Pending {
    generation: Arc<Generation>,
    /// What code of earlier generations will not know of.
    affected: Affected,
    rolls_back: bool,
}

struct Pipeline {
    shared: Shared,
    inputs: Receiver<Input>,
    builder: Builder,
    watcher: Watcher,
    module: Module,
    /// What made the recipe what it is.
    build_inputs: BuildInputs,
    /// Whether a build has succeeded.
    ready: bool,
    /// What generation 0 was compiled from.
    compiled: Sources,
    /// The executable's image: generation 0.
    executable: Image,
    /// Data of all images so far that nobody writes to.
    read_only: Vec<Range<usize>>,
    /// The generation that runs, or will after the next frame.
    live: Arc<Generation>,
    /// What code of earlier generations, if any still runs, does not know of.
    affected: Affected,
    history: History,
    identities: Identities,
    spellings: Spellings,
    /// What generation 0 exports.
    own: Exported,
    /// A generation that was asked for while something else went on.
    asked: Option<RollBack>,
    /// Something was told to have changed, and the sources were not read since.
    changed: bool,
    /// What is on the disk was given up before it was live: a save of the same is an edit.
    unbuilt: bool,
    /// The game ends.
    ending: bool,
    /// The libraries on the disk.
    files: Vec<PathBuf>,
    /// Waiting for the main thread's answer.
    pending: Option<Pending>,
    /// Tells this thread something.
    tell: Sender<Input>,
    /// The last contents that an edit was made of.
    seen: Sources,
    /// When they were read.
    seen_at: SystemTime,
    /// The build input that was last told to have changed.
    told_input: Option<PathBuf>,
    /// Files besides those below the source folder.
    included: Vec<PathBuf>,
    /// Holds the private folder until the end.
    session: SessionDir,
}

impl Pipeline {
    /// Before the first build.
    fn new(start: Start, grounds: Grounds) -> Self {
        let Grounds {
            executable,
            seen,
            seen_at,
            code,
            included,
            session,
            builder,
        } = grounds;
        let live = Arc::new(Generation {
            number: 0,
            code: code.clone(),
            identity: Identity::default(),
            layouts: None,
            library: None,
        });
        Self {
            shared: start.shared,
            inputs: start.inputs,
            builder,
            watcher: start.watcher,
            module: start.module,
            build_inputs: start.build_inputs,
            ready: false,
            compiled: seen.clone(),
            read_only: executable.read_only().to_vec(),
            executable,
            identities: Identities::new(code),
            spellings: Spellings::default(),
            history: History::new(live.clone()),
            live,
            affected: Affected::default(),
            own: Exported::plugin(start.exported.entry()),
            files: Vec::new(),
            asked: None,
            // Nothing was built yet.
            changed: true,
            unbuilt: false,
            ending: false,
            pending: None,
            tell: start.tell,
            seen,
            seen_at,
            told_input: None,
            included,
            session,
        }
    }

    /// Whether nothing was built yet, and the sources are those of generation 0.
    fn is_to_begin(&self) -> bool {
        !self.ready && self.read_sources().changed_since(&self.compiled).is_empty()
    }

    /// Builds the sources of generation 0, so that its types are known and the first edit
    /// finds a warm cache. What fails is tried again at the next save.
    fn begin(&mut self) {
        self.changed = false;
        if self.inputs_changed() {
            return;
        }
        self.seen = self.read_sources();
        self.shared.running.begin();
        let mut built = self.builder.build(None);
        if matches!(built, Err(BuildError::Compile(_))) && self.let_settle() {
            // Perhaps it read a save that is undone by now.
            built = self.builder.build(None);
        }
        match built {
            Ok(built) => {
                // Unless one was saved meanwhile.
                if self.read_sources().is_untouched_since(&self.seen)
                    && let Err(error) = self.know_own(&built)
                {
                    return self.needs_restart(&*error);
                }
                self.is_ready(built.took);
            }
            Err(BuildError::Stopped) => return,
            // A save that came first is an edit like any other.
            Err(BuildError::Compile(_)) if !self.changed_files().is_empty() => {}
            // A full disk, a compiler that is gone for a moment.
            Err(error) => {
                self.shared.reporter.warn(
                    "the first build failed: the gameplay crate cannot be rebuilt the way cargo built it. The next save tries again",
                );
                self.failed(self.history.next(), error);
            }
        }
        // Saved before anybody looked, or while a build was tried twice.
        self.changed |= !self.changed_files().is_empty();
    }

    /// Learns from a build of the sources of generation 0 what the executable does not say.
    fn know_own(&mut self, built: &Built) -> Result<(), Fatal> {
        self.session.check()?;
        let layouts = classify::layouts(built, &self.module.name, &mut self.spellings);
        let code = classify::compiled(&self.live.code, built);
        // The linker drops what the executable does not use of its reflected types; the
        // library has them, of the same sources and identity.
        let loaded = load::check(&built.library, &built.bytes).and_then(load::load)?;
        self.read_only.extend_from_slice(loaded.image.read_only());
        self.own.types = FoundTypes::of(&loaded.image);
        // Its observers are of its own code.
        self.own.makers = FoundMakers::of(&[&self.executable, &loaded.image]);
        self.own.carriers = loaded.carriers;
        let live = Arc::new(Generation {
            number: 0,
            code: Arc::new(code),
            identity: Identity::default(),
            layouts: layouts.clone(),
            library: None,
        });
        let (identity, code) = (&live.identity, live.code.clone());
        self.identities.lives(identity, code, layouts, &|_| true);
        self.runs(live, false);
        Ok(())
    }

    /// Says once that edits go live from here on.
    fn is_ready(&mut self, took: Duration) {
        if !self.ready {
            self.ready = true;
            self.emit(HotReloadEvent::Ready {
                generation: self.live.number,
                build_ms: took.as_secs_f64() * 1000.0,
            });
        }
    }

    fn run_edits(&mut self) {
        while !self.ending {
            if let Some(asked) = self.asked.take() {
                self.roll_back(asked);
                continue;
            }
            if self.changed {
                match self.is_to_begin() {
                    true => self.begin(),
                    false => self.on_change(),
                }
                // A folder that was replaced meanwhile may hold what nobody told of.
                self.changed |= self.renew_watch();
                continue;
            }
            match self.inputs.recv() {
                Ok(input) => self.heed(input),
                Err(_) => return,
            }
        }
    }

    /// Watches what has to be watched anew. Whether there was anything.
    fn renew_watch(&mut self) -> bool {
        let renewed = self.watcher.renew();
        if let Some(why) = self.watcher.fell_back() {
            self.shared.reporter.warn(&why);
        }
        renewed
    }

    /// Takes in what was told.
    fn heed(&mut self, input: Input) {
        match input {
            Input::Changed => self.changed = true,
            Input::BuildEnded => {}
            Input::RollBack(asked) => self.asked = Some(asked),
            Input::Committed => self.settle(true),
            Input::Declined => self.settle(false),
            Input::Stop => self.ending = true,
        }
    }

    /// `generation` runs now.
    fn runs(&mut self, generation: Arc<Generation>, rolled_back: bool) {
        self.history.runs(generation.clone(), rolled_back);
        let found = self.shared.found.lock();
        *found.unwrap_or_else(PoisonError::into_inner) = self.exported(&generation).types;
        self.live = generation;
        let numbers = self.shared.generations.lock();
        *numbers.unwrap_or_else(PoisonError::into_inner) = self.history.numbers();
    }

    /// Removes libraries of generations that cannot come back. They stay mapped; a
    /// debugger, or a backtrace through their code, would find no names for it.
    fn remove_files(&mut self) {
        let pending = self.pending.as_ref();
        let pending = pending.and_then(|pending| pending.generation.image());
        let kept: Vec<&Path> = self
            .history
            .files()
            .chain(pending.map(Image::path))
            .collect();
        self.files.retain(|file| {
            // Windows keeps what is mapped; the end of the run removes it.
            kept.contains(&&**file) || fs::remove_file(file).is_err() && file.exists()
        });
    }

    fn emit(&self, event: HotReloadEvent) {
        self.shared.reporter.emit(event);
    }

    fn needs_restart(&self, error: &dyn Error) {
        self.emit(HotReloadEvent::RestartNeeded {
            reason: error.to_string(),
        });
    }
}
