//! The life of one edit, off the main thread: watch, build, surface, load, and
//! the plan of a swap, which then waits in `handoff` for the next frame.
//!
//! Together with `frame` the only file that knows the stages. It must never
//! touch the world, and whatever fails here leaves the game as it was.

use crate::{
    build::{BuildError, Builder, Built, RunningBuild, dep_info::DepInfo},
    events::{BuildErrorReport, HotReloadEvent, SwapKind},
    handoff::{Handoff, Input, Prepared},
    inputs::BuildInputs,
    load::{self, Image},
    names::is_ours,
    proxy::Slots,
    recipe::Recipe,
    repoint::{Find, verify_shapes},
    report::Reporter,
    session::SessionDir,
    sources::{Sources, saved_at},
    surface::{self, Affected, EditKind, SourceFile, Surface},
    swap::Plan,
    watch::Watcher,
};
use std::{
    error::Error,
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime},
};

/// How long further changes are waited for after one was told.
const SETTLE: Duration = Duration::from_millis(8);

/// How long a burst of changes is waited out before its first files are built:
/// together with the watcher's own quiet time, 30 ms after a single save.
const LONGEST_BURST: Duration = Duration::from_millis(100);

/// Sources are parsed and walked on this thread, as deep as they are nested; rustc
/// grows its stack for them.
const STACK: usize = 64 << 20;

/// What the pipeline shares with the main thread.
#[derive(Clone)]
pub struct Shared {
    /// Prepared swaps.
    pub handoff: Arc<Handoff>,
    /// Where events go.
    pub reporter: Arc<Reporter>,
    /// The proxies' slots.
    pub slots: Arc<Mutex<Vec<Arc<dyn Slots>>>>,
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
    /// Starts the pipeline of the module that `recipe` builds and that has `anchor`
    /// as an address of its code in the executable.
    ///
    /// # Errors
    /// If the system has no thread left.
    pub fn start(recipe: Recipe, anchor: usize, shared: Shared) -> std::io::Result<Self> {
        let (inputs, received) = mpsc::channel();
        let running = shared.running.clone();
        let tell = inputs.clone();
        let thread = thread::Builder::new()
            .name("hot-loader".into())
            .stack_size(STACK)
            .spawn(move || {
                let reporter = shared.reporter.clone();
                let ended = unpanicked(|| {
                    Pipeline::prepare(recipe, anchor, shared, tell, received)
                        .and_then(|mut pipeline| pipeline.run())
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

    /// Tells the pipeline something. It may have ended, after it said why.
    pub fn send(&self, input: Input) {
        if self.inputs.send(input).is_err() {
            tracing::debug!("the pipeline has ended");
        }
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
            "hot-loader itself panicked (its message is in the terminal; please report it); restart the game"
                .into(),
        )
    })
}

/// The version of the module that runs, or will after the next frame.
struct Live {
    surface: Surface,
    image: Option<Image>,
    generation: u32,
    /// What code of earlier generations, if any still runs, does not know of.
    affected: Affected,
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
    /// The executable's image: generation 0.
    executable: Image,
    live: Live,
    /// Waiting for the main thread's answer.
    pending: Option<Live>,
    /// The last contents that an edit was made of.
    seen: Sources,
    /// When they were read.
    seen_at: SystemTime,
    /// The build input that was last told to have changed.
    told_input: Option<PathBuf>,
    /// Files besides those below the source folder.
    included: Vec<PathBuf>,
    /// Holds the private folder until the end.
    _session: SessionDir,
}

/// Names and places of the module.
struct Module {
    name: String,
    root: PathBuf,
    source_dir: PathBuf,
}

impl Module {
    fn of(recipe: &Recipe) -> Result<Self, Fatal> {
        let root = recipe.root()?;
        Ok(Self {
            name: recipe.crate_name()?.to_owned(),
            source_dir: root
                .parent()
                .map_or_else(|| recipe.cwd.clone(), PathBuf::from),
            root,
        })
    }

    /// Whether `file` is a Rust file below the source folder.
    fn holds(&self, file: &Path) -> bool {
        file.starts_with(&self.source_dir) && file.extension().is_some_and(|e| e == "rs")
    }

    fn surface(&self, sources: &Sources, files: &[PathBuf]) -> Result<Surface, Fatal> {
        let files: Vec<_> = files
            .iter()
            .filter_map(|path| {
                Some(SourceFile {
                    path: path.clone(),
                    bytes: sources.get(path)?.clone(),
                })
            })
            .collect();
        Ok(Surface::of(&self.name, &self.root, &files)?)
    }
}

impl Pipeline {
    /// Everything up to the first build.
    fn prepare(
        recipe: Recipe,
        anchor: usize,
        shared: Shared,
        tell: Sender<Input>,
        inputs: Receiver<Input>,
    ) -> Result<Self, Fatal> {
        verify_shapes()?;
        let module = Module::of(&recipe)?;
        let executable = Image::of_executable(anchor)?;
        let linked = fs::metadata(executable.path())?.modified()?;
        // The watcher first: what is saved from here on is an edit.
        let mut watcher = Watcher::new(&module.source_dir, move || {
            // The pipeline has ended: nobody waits for changes.
            if tell.send(Input::Changed).is_err() {
                tracing::debug!("a change was seen after the end");
            }
        })?;
        let compiled: Vec<PathBuf> = fs::read_to_string(recipe.dep_info()?)
            .map(|text| DepInfo::parse(&text, &recipe.cwd).files)
            .map_err(|error| {
                format!(
                    "cargo's dep-info {} cannot be read: {error}; build the game again",
                    recipe.dep_info().unwrap_or_default().display()
                )
            })?
            .into_iter()
            .collect();
        let seen_at = SystemTime::now();
        let seen = Sources::read(&module.source_dir, &compiled);
        if let Some(file) = not_compiled_from(&recipe, &compiled, &seen) {
            return Err(format!(
                "{} is not what the running game was compiled from; start the game again",
                file.display()
            )
            .into());
        }
        let surface = module.surface(&seen, &compiled)?;
        let included = outside(&compiled, &module);
        let build_inputs = BuildInputs::read(&recipe);
        watcher.also(included.iter().chain(build_inputs.paths()).cloned());
        let session = SessionDir::create(&recipe.out_dir()?)?;
        let running = shared.running.clone();
        let builder = Builder::new(recipe, session.path(), session.shared(), linked, running)?;
        Ok(Self {
            shared,
            inputs,
            builder,
            watcher,
            module,
            build_inputs,
            ready: false,
            executable,
            live: Live {
                surface,
                image: None,
                generation: 0,
                affected: Affected::default(),
            },
            pending: None,
            seen,
            seen_at,
            told_input: None,
            included,
            _session: session,
        })
    }

    fn run(&mut self) -> Result<(), Fatal> {
        // Unasked, so that the first edit finds a warm cache.
        let mut first = self.builder.build();
        if matches!(first, Err(BuildError::Compile(_))) && self.let_settle() {
            // Perhaps it read a save that is undone by now.
            first = self.builder.build();
        }
        match first {
            Ok(built) => self.is_ready(built.took),
            Err(BuildError::Stopped) => return Ok(()),
            // A save that came first is an edit like any other.
            Err(BuildError::Compile(_)) if !self.changed_files().is_empty() => self.on_change(),
            Err(error) => {
                return Err(format!(
                    "the gameplay crate cannot be rebuilt as cargo built it: {error}"
                )
                .into());
            }
        }
        self.run_edits();
        Ok(())
    }

    /// Says once that edits go live from here on.
    fn is_ready(&mut self, took: Duration) {
        if !self.ready {
            self.ready = true;
            self.emit(HotReloadEvent::Ready {
                generation: self.live.generation,
                build_ms: took.as_secs_f64() * 1000.0,
            });
        }
    }

    fn run_edits(&mut self) {
        loop {
            match self.inputs.recv() {
                Ok(Input::Changed) => self.on_change(),
                Ok(Input::Committed) => self.settle(true),
                Ok(Input::Declined) => self.settle(false),
                Ok(Input::Stop) | Err(_) => return,
            }
        }
    }

    fn emit(&self, event: HotReloadEvent) {
        self.shared.reporter.emit(event);
    }

    /// The main thread answered.
    fn settle(&mut self, committed: bool) {
        if let Some(pending) = self.pending.take()
            && committed
        {
            self.live = pending;
        }
    }

    /// Sees that no swap is under way: withdraws the waiting one, or waits for the
    /// answer if the main thread has it. `false` if the game ends.
    fn withdraw(&mut self) -> bool {
        if self.shared.handoff.take().is_some() {
            self.pending = None;
        }
        while self.pending.is_some() {
            match self.inputs.recv() {
                Ok(Input::Changed) => {}
                Ok(Input::Committed) => self.settle(true),
                Ok(Input::Declined) => self.settle(false),
                Ok(Input::Stop) | Err(_) => return false,
            }
        }
        true
    }

    fn read_sources(&self) -> Sources {
        Sources::read(&self.module.source_dir, &self.included)
    }

    fn changed_files(&self) -> Vec<PathBuf> {
        self.read_sources().changed_since(&self.seen)
    }

    /// Lets a burst of writes end, for a while. `false` if the game ends.
    fn let_settle(&mut self) -> bool {
        let end = Instant::now() + LONGEST_BURST;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.inputs.recv_timeout(SETTLE.min(left)) {
                Ok(Input::Changed) => {}
                Ok(Input::Committed) => self.settle(true),
                Ok(Input::Declined) => self.settle(false),
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => return true,
            }
        }
    }

    /// Builds until what was compiled is what is on the disk, then prepares the swap.
    fn on_change(&mut self) {
        if !self.let_settle() {
            return;
        }
        if self.inputs_changed() {
            return;
        }
        let mut saved = self.seen_at;
        let mut again = !self.ready;
        loop {
            let now = SystemTime::now();
            let sources = self.read_sources();
            let changed = sources.changed_since(&self.seen);
            if changed.is_empty() && !again {
                return;
            }
            if !changed.is_empty() {
                saved = saved_at(&changed, &sources, self.seen_at, now);
                self.emit(HotReloadEvent::Edit {
                    files: changed.iter().map(|f| f.display().to_string()).collect(),
                });
            }
            self.seen = sources;
            self.seen_at = now;
            if !self.withdraw() {
                return;
            }
            let generation = self.live.generation + 1;
            self.emit(HotReloadEvent::BuildStarted { generation });
            let built = self.builder.build();
            // A save while rustc ran, even one that was undone: what it compiled is
            // not known to be what was read.
            if !self.read_sources().is_untouched_since(&self.seen) {
                again = true;
                continue;
            }
            match built {
                Ok(built) => {
                    self.is_ready(built.took);
                    if self.adopt_included(&built) {
                        again = true;
                        continue;
                    }
                    self.offer(generation, &built, saved);
                }
                Err(BuildError::Stopped) => {}
                Err(BuildError::Compile(errors)) => {
                    for error in &errors {
                        self.shared
                            .reporter
                            .print_error(&error.rendered, &error.coloured);
                    }
                    self.emit(HotReloadEvent::BuildFailed {
                        generation,
                        errors: errors
                            .into_iter()
                            .map(|error| BuildErrorReport {
                                message: error.message,
                                file: error.file,
                                line: error.line,
                                column: error.column,
                                rendered: error.rendered,
                            })
                            .collect(),
                    });
                }
                Err(error @ BuildError::Pin(_)) => self.emit(HotReloadEvent::RestartNeeded {
                    reason: error.to_string(),
                }),
                Err(error) => self.refuse(generation, error.to_string(), Vec::new()),
            }
            return;
        }
    }

    /// Watches files that this build included for the first time. Whether there
    /// were any: they were not in the snapshot, so what was compiled is not known.
    fn adopt_included(&mut self, built: &Built) -> bool {
        let included = outside(&built.files, &self.module);
        if included == self.included {
            return false;
        }
        self.watcher.also(included.clone());
        let new = included.iter().any(|file| !self.included.contains(file));
        self.included = included;
        let (module, included) = (&self.module, &self.included);
        self.seen
            .retain(|file| module.holds(file) || included.iter().any(|path| path == file));
        new
    }

    /// Whether something decides otherwise now how cargo builds the module; says so
    /// once, and when it is undone.
    fn inputs_changed(&mut self) -> bool {
        let changed = self.build_inputs.changed().map(Path::to_path_buf);
        if changed != self.told_input {
            self.emit(match &changed {
                Some(file) => HotReloadEvent::RestartNeeded {
                    reason: format!(
                        "{} changed, which decides how cargo builds the gameplay; restart the game to build it so (or undo the change)",
                        file.display()
                    ),
                },
                None => HotReloadEvent::Ready {
                    generation: self.live.generation,
                    build_ms: 0.0,
                },
            });
            self.told_input.clone_from(&changed);
        }
        changed.is_some()
    }

    fn refuse(&self, generation: u32, reason: String, types: Vec<String>) {
        self.emit(HotReloadEvent::Refused {
            generation,
            reason,
            types,
        });
    }

    /// Classifies, loads and plans; offers the swap to the main thread.
    fn offer(&mut self, generation: u32, built: &Built, saved: SystemTime) {
        let surface = match self.module.surface(&self.seen, &built.files) {
            Ok(surface) => surface,
            Err(error) => {
                let reason = format!(
                    "rustc accepts the sources, and hot-loader cannot tell what changed in them: {error}"
                );
                return self.refuse(generation, reason, Vec::new());
            }
        };
        let edit = surface::compare(&self.live.surface, &surface);
        tracing::debug!(
            "surfaces: types {:x}, registration {:x}; {:?} edit of {:?}",
            surface.type_hash(),
            surface.registration_hash(),
            edit.kind,
            edit.functions
        );
        if edit.kind != EditKind::Body {
            let (reason, types) = why_not_body(&edit);
            return self.refuse(generation, reason, types);
        }
        let loaded = match load::load(&built.library) {
            Ok(loaded) => loaded,
            Err(error) => return self.refuse(generation, error.to_string(), Vec::new()),
        };
        let plan = {
            let old: Vec<&Image> = self.live.image.iter().chain([&self.executable]).collect();
            let find = Find::new(&old, &loaded.image);
            let ours = |name: &str| is_ours(name, &self.module.name);
            Plan::new(&self.shared.slots(), &find, ours)
        };
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                let reason = format!(
                    "the new code of a system cannot be put behind its running state ({error}); restart the game to run it"
                );
                let names = error.0.into_iter().map(|(name, _)| name).collect();
                return self.refuse(generation, reason, names);
            }
        };
        // What was not reached by an earlier reload is not reached by this one.
        let mut affected = self.live.affected.clone();
        affected.merge(edit.affected);
        self.pending = Some(Live {
            surface,
            image: Some(loaded.image),
            generation,
            affected: affected.clone(),
        });
        self.shared.handoff.offer(Prepared {
            plan,
            generation,
            kind: SwapKind::Body,
            saved,
            build: built.took,
            functions: edit.functions,
            affected,
            statics: self.live.surface.statics(),
        });
    }
}

/// Files that are not among those that [`Sources::read`] finds by itself.
fn outside(files: &[PathBuf], module: &Module) -> Vec<PathBuf> {
    files
        .iter()
        .filter(|file| !module.holds(file))
        .cloned()
        .collect()
}

/// The first of the `compiled` files that is not what generation 0 was compiled
/// from: another content, or where no content is known, saved later.
fn not_compiled_from<'a>(
    recipe: &Recipe,
    compiled: &'a [PathBuf],
    sources: &Sources,
) -> Option<&'a PathBuf> {
    compiled
        .iter()
        .find(|file| match recipe.sources.get(*file) {
            Some(hash) => !sources.has_hash(file, hash),
            None => sources
                .modified(file)
                .is_none_or(|modified| modified > recipe.compiled_at()),
        })
}

/// The reason for refusing an edit that is more than bodies, and the items it is about.
fn why_not_body(edit: &surface::Edit) -> (String, Vec<String>) {
    let what = match edit.kind {
        EditKind::Body => "bodies of functions",
        EditKind::Structure => "what the plugin registers",
        EditKind::Types => "types",
    };
    let mut places: Vec<String> = edit
        .changes
        .iter()
        .filter(|change| change.kind == edit.kind)
        .map(|change| {
            format!(
                "{} ({}:{})",
                change.reason,
                change.file.display(),
                change.line
            )
        })
        .collect();
    places.dedup();
    let more = places.len().saturating_sub(3);
    places.truncate(3);
    if more > 0 {
        places.push(format!("and {more} more"));
    }
    let reason = format!(
        "this edit changes {what}, which cannot go live yet: {}. The old code plays on; undo this part to go on editing, or restart the game to run it",
        places.join("; ")
    );
    let mut items: Vec<String> = edit
        .changes
        .iter()
        .filter(|change| change.kind == edit.kind)
        .map(|change| change.item.clone())
        .collect();
    items.sort();
    items.dedup();
    (reason, items)
}
