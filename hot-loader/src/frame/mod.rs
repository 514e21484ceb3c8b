//! The main thread's part of a hot build: builds generation 0 on the real app with
//! proxies before its systems, and lets a planned edit go live between two frames.
//!
//! This file runs the frames; `underway` brings one edit through them, `live` applies it,
//! and `continuing` carries the world into another process. It must never touch the world
//! before an edit is known to succeed.

mod continuing;
mod live;
mod underway;

use crate::{
    after::AfterReload,
    control::{HotReload, Request},
    edit::{Input, RollBack, Shared, WorkerHandle},
    events::HotReloadEvent,
    module::HotModule,
    panics,
    policy::Policy,
    proxy::{Guard, GuardedObservers},
    record::HostView,
    report::Reporter,
    schedules::{Diversion, Known, Pending, adopt},
    stale::Stale,
    status::HotReloadStatus,
    structure::{Gameplay, LiveObserver, Refusal},
    watchdog::Watchdog,
};

use hot_loader_compile::recipe::Recipe;

use bevy::{
    app::App,
    ecs::{
        change_detection::DetectChangesMut,
        message::Messages,
        schedule::{
            InternedScheduleLabel, Schedule, ScheduleLabel, Schedules, SingleThreadedExecutor,
        },
        world::World,
    },
};
use continuing::Continuing;
use core::ops::ControlFlow::{Break, Continue};
use hot_loader_verdict::names::is_ours;
use live::Live;
use std::{
    mem,
    sync::{Arc, atomic::Ordering},
    time::Instant,
};
use underway::Underway;

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
    pending: Option<Pending>,
    /// What stood in the schedules when the module was built.
    known: Known,
    shared: Shared,
    /// How the module is built, until the first frame. None if that is not known; why was said.
    recipe: Option<Recipe>,
    /// Starts with the first frame, when every plugin has finished. None if it could not start;
    /// why was said.
    worker: Option<WorkerHandle>,
    /// An edit that takes some frames.
    underway: Option<Underway>,
    stale: Stale,
    policy: Policy,
    /// The generation that runs.
    running: u32,
    /// How many components there were in which generation, when it was last looked for
    /// carriers.
    counted: (usize, u32),
    /// When the running generation went live, unless it was brought back.
    live_since: Option<Instant>,
    continuing: Continuing,
    _watchdog: Option<Watchdog>,
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
    let recipe = usable_recipe(module);
    let recipe = recipe.map_err(|reason| reporter.need_restart(reason)).ok();
    let mut schedules = app.world_mut().get_resource_or_init::<Schedules>();
    let pending = Pending::hold(&mut schedules, recorded, &host.labels, &guard);
    let known = Known::all(&schedules);
    let mut own = LiveObserver::all(app.world_mut());
    own.retain(|observer| !observers.contains(observer));
    let gameplay = Gameplay::new(Vec::new(), own, host, guard.clone(), module.build);
    let Some(main) = app.main().update_schedule else {
        reporter.need_restart(
            "the app has no update schedule, so hot-loader cannot swap code between its frames. Add HotLoaderPlugin after the app's schedules are set up",
        );
        let mut schedules = app.world_mut().get_resource_or_init::<Schedules>();
        pending.enter(&mut schedules, Vec::new());
        return;
    };
    let shared = Shared::new(reporter, policy.spare);
    let watchdog = Watchdog::start(guard, shared.slots.clone(), shared.reporter.clone());
    let mut loader = HotLoader {
        module,
        main,
        gameplay,
        pending: Some(pending),
        known,
        shared,
        recipe,
        worker: None,
        underway: None,
        stale: Stale::default(),
        policy,
        running: 0,
        counted: (0, 0),
        live_since: None,
        continuing: Continuing::default(),
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
    let embedded = module.recipe.ok_or_else(|| {
        format!(
            "the crate `{}` was not built by cargo as a library, so hot-loader cannot rebuild it. Build the game with cargo, and the gameplay as a library",
            module.name()
        )
    })?;
    Recipe::parse(embedded.json, embedded.debug_assertions).map_err(|error| error.to_string())
}

impl HotLoader {
    /// One frame: swap, then the app's own main schedule, then the reports.
    fn frame(&mut self, world: &mut World) {
        self.start(world);
        panics::install_hook();
        let guard = &self.gameplay.guard;
        guard.set_handler(world.fallback_error_handler());
        self.ask(world);
        self.continuing.go_on(world);
        let live = self.swap(world);
        self.tell(world);
        self.gameplay.messages.update(world);

        world.run_schedule(self.main);

        if let Some(live) = live {
            self.live_since = live.left.is_none().then(Instant::now);
            self.running = live.report.generation;
            live.report(&self.shared.reporter);
        }
        self.tell_panics();
        self.tell(world);
    }

    /// Goes on with the edit that is under way, or begins the one that waits.
    fn swap(&mut self, world: &mut World) -> Option<Live> {
        let begun = Instant::now();
        let underway = match self.underway.take() {
            Some(underway) => underway,
            None => {
                self.gameplay.tidy(world);
                self.count_carriers(world);
                let planned = panics::lock(&self.shared.planned).take()?;
                self.continuing.take_ahead(world, !planned.is_rollback());
                Underway::new(planned, world, &self.gameplay)
            }
        };
        let planned = &underway.planned;
        let (generation, rollback) = (planned.to.number, planned.is_rollback());
        let reporter = &self.shared.reporter;
        match underway.advance(begun, world, &mut self.gameplay, &mut self.stale, reporter) {
            Ok(Continue(underway)) => {
                self.underway = Some(underway);
                None
            }
            Ok(Break((live, planned))) => {
                // What plans next, a rollback for one, plans with these.
                if live.registered {
                    self.show_slots();
                }
                let _heard = self.answer(Input::Committed(planned));
                // Asked for by the game, and there only if it put something into it.
                if world.try_run_schedule(AfterReload).is_err() {
                    tracing::trace!("nothing runs after a reload");
                }
                Some(live.after(begun.elapsed()))
            }
            Err(refusal) => {
                let _heard = self.answer(Input::Declined);
                self.shared.reporter.emit(match refusal {
                    Refusal::Refused { reason, names } => HotReloadEvent::Refused {
                        generation,
                        reason,
                        types: names,
                        rollback,
                    },
                    Refusal::Restart(reason) => HotReloadEvent::RestartNeeded { reason },
                });
                None
            }
        }
    }

    /// Says what the next identity should bring, where that may have changed.
    fn count_carriers(&mut self, world: &World) {
        let now = (world.components().len(), self.running);
        if mem::replace(&mut self.counted, now) != now {
            let lacks = self.gameplay.lacks_carriers(world, self.module.name());
            self.shared.carriers.store(lacks, Ordering::Relaxed);
        }
    }

    /// Passes on what the game asked for.
    fn ask(&mut self, world: &mut World) {
        let Some(mut asked) = world.get_resource_mut::<HotReload>() else {
            return;
        };
        // Every frame: to look is no change.
        for request in asked.bypass_change_detection().take() {
            match request {
                Request::RollBack(to) => self.roll_back(to),
                Request::Snapshot => self.continuing.take_snapshot(world),
                Request::Restart => self.continuing.restart(),
            }
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
        for (system, message) in panics {
            let panicked = HotReloadEvent::Panicked { system, message };
            self.shared.reporter.emit(panicked);
        }
        if let (Some(within), Some(since)) = (self.policy.roll_back_on_panic, self.live_since)
            && since.elapsed() <= within
        {
            // Once: what is brought back is not left for a panic of its own.
            self.live_since = None;
            self.roll_back(None);
        }
    }

    /// In the first frame: proxies before what the module's plugins added since, what it
    /// registered in the schedules, and the worker.
    fn start(&mut self, world: &mut World) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        let name = self.module.name();
        let ours = |system: &str| is_ours(system, name);
        let guard = &self.gameplay.guard;
        let mut schedules = world.get_resource_or_init::<Schedules>();
        let (late, missed) = adopt(&mut schedules, &self.known, &pending, guard, &ours);
        let (live, ran) = pending.enter(&mut schedules, late);
        self.gameplay.schedules = live;
        for schedule in &ran {
            tracing::warn!(
                "the schedule {schedule} ran before the first frame, without the systems of {name}. Run it in the first frame or later"
            );
        }
        self.stale.missed = missed;
        for schedule in &self.stale.missed {
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
        let Some(recipe) = self.recipe.take() else {
            return;
        };
        self.continuing
            .begin(self.module.name(), &recipe, &self.shared);
        match WorkerHandle::start(recipe, self.module, self.shared.clone()) {
            Ok(handle) => self.worker = Some(handle),
            Err(error) => self.shared.reporter.need_restart(format!(
                "cannot start a thread that rebuilds the gameplay: {error}. Restart the game"
            )),
        }
    }

    /// Tells the worker. Whether there is one.
    fn answer(&self, input: Input) -> bool {
        let worker = self.worker.as_ref();
        worker.is_some_and(|worker| worker.send(input))
    }

    /// Lets the worker plan for the slots that there are.
    fn show_slots(&self) {
        *panics::lock(&self.shared.slots) = self.gameplay.slots();
    }

    /// Passes events on to the status and to Bevy messages.
    fn tell(&mut self, world: &mut World) {
        let events = self.shared.reporter.drain();
        if let Some(mut status) = world.get_resource_mut::<HotReloadStatus>() {
            // Which can be brought back, the worker decides.
            let generations = panics::lock(&self.shared.generations);
            if status.generations != *generations {
                status.generations.clone_from(&generations);
            }
            for event in &events {
                status.apply(event);
            }
        }
        if events.is_empty() {
            return;
        }
        self.continuing.hear(world, &events);
        if let Some(mut messages) = world.get_resource_mut::<Messages<HotReloadEvent>>() {
            messages.write_batch(events);
        }
    }
}
