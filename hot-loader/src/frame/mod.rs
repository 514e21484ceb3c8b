//! The main thread's part of a hot build: builds generation 0 on the real app with
//! proxies before its systems, and swaps between two frames.
//!
//! Together with `pipeline` the only folder that knows the stages. This file runs the
//! frames; `swapping` brings one generation through them. It must never touch the world
//! before a swap is known to succeed.

mod swapping;

use crate::{
    control::{HotReload, Policy, Request},
    events::{HotReloadEvent, SwapReport},
    handoff::{Input, RollBack},
    module::HotModule,
    panics,
    pipeline::{PipelineHandle, Shared},
    proxy::{Guard, GuardedObservers},
    record::HostView,
    report::Reporter,
    restart::Restart,
    schedules::{Diversion, Known, Pending, adopt},
    snapshot::{self, Snapshots},
    stale::Dead,
    status::HotReloadStatus,
    structure::{Gameplay, LiveObserver},
    watchdog::Watchdog,
};

use hot_loader_compile::{recipe::Recipe, session};

use bevy::{
    app::App,
    ecs::{
        message::Messages,
        schedule::{
            InternedScheduleLabel, Schedule, ScheduleLabel, Schedules, SingleThreadedExecutor,
        },
        world::World,
    },
};
use hot_loader_verdict::names::is_ours;
use std::{
    collections::BTreeSet,
    env,
    sync::{Arc, PoisonError},
    time::{Instant, SystemTime},
};
use swapping::{Fresh, Underway};

/// The schedule around the main one. A swap inside the main one would find its
/// resources (`MainScheduleOrder`) checked out.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct HotFrame;

/// What the main thread keeps between frames. Part of the system that runs a frame,
/// and no resource: taking a resource out of the world and putting it back each
/// frame would use up entities of the game's world.
struct HotLoader {
    module: HotModule,
    /// The app's own update schedule.
    main: InternedScheduleLabel,
    gameplay: Gameplay,
    /// What the module registered, until the first frame.
    pending: Pending,
    /// What stood in the schedules when the module was built.
    known: Known,
    /// Schedules that ran before their systems could get proxies.
    missed: BTreeSet<String>,
    shared: Shared,
    pipeline: PipelineState,
    /// What edits of types left behind.
    dead: Dead,
    /// A swap that takes some frames.
    underway: Option<Underway>,
    policy: Policy,
    /// The generation that runs.
    running: u32,
    /// When the running generation went live, unless it was brought back.
    live_since: Option<Instant>,
    snapshots: Option<Snapshots>,
    restart: Option<Restart>,
    /// How many frames there were, up to the second.
    frames: u8,
    /// The types of the gameplay are known, as far as they will be.
    types_known: bool,
    _watchdog: Option<Watchdog>,
}

enum PipelineState {
    /// Starts with the first frame, when every plugin has finished.
    Unstarted(Option<Box<Recipe>>),
    Running(PipelineHandle),
    /// Could not start; why was said.
    Off,
}

/// Builds the module into `app` as a static build does, then makes it reloadable.
pub fn build(app: &mut App, module: HotModule, policy: Policy) {
    if app.world().contains_resource::<HotReloadStatus>() {
        module.build(app);
        tracing::warn!(
            "{} is not hot-reloaded: this app already has a hot module. Add one HotLoaderPlugin per app",
            module.name()
        );
        return;
    }
    app.init_resource::<HotReloadStatus>()
        .init_resource::<HotReload>()
        .add_message::<HotReloadEvent>();
    let guard = Arc::new(Guard::new(app.world().fallback_error_handler()));
    GuardedObservers::install(app.world_mut(), guard.clone(), module.name());
    let host = HostView::of(app, &|name| is_ours(name, module.name()));
    let observers = LiveObserver::all(app.world_mut());
    let diversion = Diversion::begin(app.world_mut(), &host.labels);
    module.build(app);
    let recorded = diversion.end(app.world_mut());

    let reporter = Arc::new(Reporter::from_env());
    let recipe = match usable_recipe(module) {
        Ok(recipe) => Some(Box::new(recipe)),
        Err(reason) => {
            reporter.emit(HotReloadEvent::RestartNeeded { reason });
            None
        }
    };
    let (pending, known) = schedules(app.world_mut(), |schedules| {
        let pending = Pending::hold(schedules, recorded, &host.labels, &guard);
        (pending, Known::all(schedules))
    });
    let observers = LiveObserver::all(app.world_mut())
        .into_iter()
        .filter(|observer| !observers.contains(observer))
        .collect();
    let gameplay = Gameplay::new(Vec::new(), observers, host, guard.clone(), module.entry());
    let Some(main) = app.main().update_schedule else {
        reporter.emit(HotReloadEvent::RestartNeeded {
            reason: "the app has no update schedule, so hot-loader cannot swap code between its frames. Add HotLoaderPlugin after the app's schedules are set up".into(),
        });
        schedules(app.world_mut(), |schedules| {
            pending.enter(schedules, Vec::new())
        });
        return;
    };
    let shared = Shared::new(reporter, Vec::new());
    let watchdog = Watchdog::start(guard, shared.slots.clone(), shared.reporter.clone());
    let mut loader = HotLoader {
        module,
        main,
        gameplay,
        pending,
        known,
        missed: BTreeSet::new(),
        shared,
        pipeline: PipelineState::Unstarted(recipe),
        dead: Dead::default(),
        underway: None,
        policy,
        running: 0,
        live_since: None,
        snapshots: None,
        restart: None,
        types_known: false,
        frames: 0,
        _watchdog: watchdog,
    };
    let mut frame = Schedule::new(HotFrame);
    frame
        .set_executor(SingleThreadedExecutor::new())
        .add_systems(move |world: &mut World| loader.frame(world));
    app.add_schedule(frame);
    app.main_mut().update_schedule = Some(HotFrame.intern());
}

/// The recipe, or why there is no hot reloading in this run.
fn usable_recipe(module: HotModule) -> Result<Recipe, String> {
    let embedded = module.recipe().ok_or_else(|| {
        format!(
            "the crate `{}` was not built by cargo as a library, so hot-loader cannot rebuild it. Build the game with cargo, and the gameplay as a library",
            module.name()
        )
    })?;
    Recipe::parse(embedded.json, embedded.debug_assertions).map_err(|error| error.to_string())
}

fn schedules<R>(world: &mut World, with: impl FnOnce(&mut Schedules) -> R) -> R {
    with(&mut world.get_resource_or_init::<Schedules>())
}

impl HotLoader {
    /// One frame: swap, then the app's own main schedule, then the reports.
    fn frame(&mut self, world: &mut World) {
        self.start(world);
        panics::install_hook();
        let guard = &self.gameplay.guard;
        guard.set_handler(world.fallback_error_handler());
        self.ask(world);
        self.take_back(world);
        let swapped = self.swap(world);
        self.tell(world);
        self.gameplay.messages.update(world);

        world.run_schedule(self.main);

        if let Some(report) = swapped {
            self.report(report);
        }
        self.tell_panics();
        self.tell(world);
    }

    /// Passes on what the game asked for.
    fn ask(&mut self, world: &mut World) {
        let Some(mut asked) = world.get_resource_mut::<HotReload>() else {
            return;
        };
        if !asked.is_asked() {
            return;
        }
        for request in asked.take() {
            match request {
                Request::RollBack(to) => self.roll_back(to),
                Request::Snapshot => match &mut self.snapshots {
                    Some(snapshots) => snapshots.take(world),
                    None => self.shared.reporter.warn(
                        "Snapshot failed: hot reloading is off in this run, and snapshots with it",
                    ),
                },
                Request::Restart if self.restart.is_none() => match Restart::begin() {
                    Ok(restart) => {
                        self.shared
                            .reporter
                            .info("Restart: the game keeps running while it is rebuilt, then continues in a new process");
                        self.restart = Some(restart);
                    }
                    Err(error) => self
                        .shared
                        .reporter
                        .warn(&format!("Restart failed: {error}; the game keeps running")),
                },
                Request::Restart => {}
            }
        }
    }

    /// Takes back the world of an earlier run, once this one has set its own up; goes on in
    /// a new process if that was asked for and is built.
    fn take_back(&mut self, world: &mut World) {
        self.frames = self.frames.saturating_add(1);
        let known = self.types_known;
        if let Some(snapshots) = &mut self.snapshots {
            if self.frames == 2 || known && self.frames > 2 {
                snapshots.restore(world, known);
            }
            snapshots.go_on(world);
        }
        let Some(restart) = &mut self.restart else {
            return;
        };
        let built = match restart.is_built() {
            Ok(built) => built,
            Err(error) => {
                self.shared
                    .reporter
                    .warn(&format!("Restart failed: {error}; the game keeps running"));
                self.restart = None;
                return;
            }
        };
        if built && let Some(restart) = self.restart.take() {
            let written = match &mut self.snapshots {
                Some(snapshots) => snapshots.take_now(world),
                None => Err("hot reloading is off in this run, and snapshots with it".into()),
            };
            let error = match written {
                // Returns only if it cannot be started.
                Ok(file) => restart.go_on(&file).to_string(),
                Err(error) => format!("no snapshot of the world could be saved: {error}"),
            };
            self.shared
                .reporter
                .warn(&format!("Restart failed: {error}; the game keeps running"));
        }
    }

    fn roll_back(&self, to: Option<u32>) {
        let from = self.running;
        if !self.answer(Input::RollBack(RollBack { to, from })) {
            self.shared.reporter.refuse_rollback(
                to.unwrap_or(from),
                "hot reloading is off in this run, so there is no generation to roll back to",
            );
        }
    }

    /// Reports panics of module code, and does what the policy says of them.
    fn tell_panics(&mut self) {
        let panics = self.gameplay.guard.take_panics();
        if panics.is_empty() {
            return;
        }
        for panic in panics {
            self.shared.reporter.emit(HotReloadEvent::Panicked {
                system: panic.system,
                message: panic.message,
            });
        }
        let since = self.live_since.map(|since| since.elapsed());
        if let (Some(within), Some(since)) = (self.policy.roll_back_on_panic, since)
            && since <= within
        {
            // Once: what is brought back is not left for a panic of its own.
            self.live_since = None;
            self.roll_back(None);
        }
    }

    /// In the first frame: proxies before what the module's plugins added since, what it
    /// registered in the schedules, and the pipeline.
    fn start(&mut self, world: &mut World) {
        if !matches!(self.pipeline, PipelineState::Unstarted(_)) {
            return;
        }
        let name = self.module.name();
        let ours = |system: &str| is_ours(system, name);
        let pending = std::mem::take(&mut self.pending);
        let guard = &self.gameplay.guard;
        let (live, missed, ran) = schedules(world, |schedules| {
            let (late, missed) = adopt(schedules, &self.known, &pending, guard, &ours);
            let (live, ran) = pending.enter(schedules, late);
            (live, missed, ran)
        });
        self.gameplay.schedules = live;
        for schedule in &ran {
            tracing::warn!(
                "the schedule {schedule} ran before the first frame, without the systems of {name}. Run it in the first frame or later"
            );
        }
        self.missed = missed;
        for schedule in &self.missed {
            tracing::warn!(
                "the schedule {schedule} ran before the first frame, so the systems of {name} in it keep running their first code. Run it in the first frame or later"
            );
        }
        for observer in LiveObserver::all(world) {
            if ours(&observer.name) && !self.gameplay.observers.contains(&observer) {
                self.gameplay.observers.push(observer);
            }
        }
        self.show_slots();
        let recipe = match std::mem::replace(&mut self.pipeline, PipelineState::Off) {
            PipelineState::Unstarted(Some(recipe)) => *recipe,
            _ => return,
        };
        if let (Ok(executable), Ok(package)) = (env::current_exe(), recipe.package_name()) {
            let dir = session::base(&executable).join("snapshots").join(package);
            let reporter = self.shared.reporter.clone();
            self.snapshots = Some(Snapshots::begin(
                self.module.name(),
                dir,
                self.shared.found.clone(),
                reporter,
            ));
        }
        match PipelineHandle::start(recipe, self.module, self.shared.clone()) {
            Ok(handle) => self.pipeline = PipelineState::Running(handle),
            Err(error) => self.shared.reporter.emit(HotReloadEvent::RestartNeeded {
                reason: format!(
                    "cannot start a thread that rebuilds the gameplay: {error}. Restart the game"
                ),
            }),
        }
    }

    /// Tells the pipeline. Whether there is one.
    fn answer(&self, input: Input) -> bool {
        match &self.pipeline {
            PipelineState::Running(handle) => handle.send(input),
            PipelineState::Unstarted(_) | PipelineState::Off => false,
        }
    }

    /// Lets the pipeline plan for the slots that there are.
    fn show_slots(&self) {
        let slots = self.shared.slots.lock();
        *slots.unwrap_or_else(PoisonError::into_inner) = self.gameplay.slots();
    }

    /// The first frame by new code has ended.
    fn report(&mut self, fresh: Fresh) {
        self.live_since = fresh.rolled_back.is_none().then(Instant::now);
        let live = SystemTime::now().duration_since(fresh.saved);
        let to = fresh.report.generation;
        self.running = to;
        let report = SwapReport {
            // A clock that was set back says nothing.
            edit_to_live_ms: live.map_or(0.0, |d| d.as_secs_f64() * 1000.0),
            ..fresh.report
        };
        let rolls_back = fresh.rolled_back.is_some();
        self.shared
            .reporter
            .emit_swap(report, &fresh.changed, rolls_back);
        if let Some(generation) = fresh.rolled_back {
            let event = HotReloadEvent::RolledBack { generation, to };
            self.shared.reporter.emit(event);
        }
    }

    /// Shows which generations can be brought back, which the pipeline decides.
    fn show_generations(&self, world: &mut World) {
        let generations = self.shared.generations.lock();
        let generations = generations.unwrap_or_else(PoisonError::into_inner);
        if let Some(mut status) = world.get_resource_mut::<HotReloadStatus>()
            && status.generations != *generations
        {
            status.generations.clone_from(&generations);
        }
    }

    /// Passes events on to the status and to Bevy messages. A build that begins is the time
    /// to write the world down: what comes of it may go wrong, and nothing waits for it yet.
    fn tell(&mut self, world: &mut World) {
        self.show_generations(world);
        let events = self.shared.reporter.drain();
        if events.is_empty() {
            return;
        }
        let begins = |event: &HotReloadEvent| matches!(event, HotReloadEvent::BuildStarted { .. });
        if let Some(snapshots) = &mut self.snapshots
            && events.iter().any(begins)
        {
            snapshots.take_ahead(world, snapshot::RECENT);
        }
        self.types_known |= events.iter().any(|event| {
            matches!(
                event,
                HotReloadEvent::Ready { .. } | HotReloadEvent::RestartNeeded { .. }
            )
        });
        if let Some(mut status) = world.get_resource_mut::<HotReloadStatus>() {
            for event in &events {
                status.apply(event);
            }
        }
        if let Some(mut messages) = world.get_resource_mut::<Messages<HotReloadEvent>>() {
            messages.write_batch(events);
        }
    }
}
