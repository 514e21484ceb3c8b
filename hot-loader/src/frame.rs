//! The main thread's part of a hot build: builds generation 0 on the real app,
//! puts proxies before its systems, and swaps between two frames.
//!
//! Together with `pipeline` the only file that knows the stages. Between frames
//! it stores tables and nothing more; everything slow is done off-thread.

use crate::{
    events::{HotReloadEvent, StateReport, SwapReport, SystemsReport},
    handoff::{Input, Prepared},
    module::HotModule,
    names::is_ours,
    pipeline::{PipelineHandle, Shared},
    proxy::{Guard, Wrapped, wrap_added, wrap_named},
    recipe::Recipe,
    report::Reporter,
    stale,
    status::HotReloadStatus,
};
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
use std::{
    sync::{Arc, PoisonError},
    time::{Instant, SystemTime},
};

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
    wrapped: Wrapped,
    guard: Arc<Guard>,
    shared: Shared,
    pipeline: PipelineState,
}

enum PipelineState {
    /// Starts with the first frame, when every plugin has finished.
    Unstarted(Option<Box<Recipe>>),
    Running(PipelineHandle),
    /// Could not start; why was said.
    Off,
}

/// Builds the module into `app` as a static build does, then makes it reloadable.
pub fn build(app: &mut App, module: HotModule) {
    if app.world().contains_resource::<HotReloadStatus>() {
        module.build(app);
        tracing::warn!(
            "{} is not hot-reloaded: this app has a hot module already",
            module.name()
        );
        return;
    }
    app.init_resource::<HotReloadStatus>()
        .add_message::<HotReloadEvent>();
    let mut wrapped = schedules(app.world_mut(), |schedules| Wrapped::all(schedules));
    module.build(app);

    let reporter = Arc::new(Reporter::from_env());
    let recipe = match usable_recipe(module) {
        Ok(recipe) => Some(Box::new(recipe)),
        Err(reason) => {
            reporter.emit(HotReloadEvent::RestartNeeded { reason });
            None
        }
    };
    let guard = Arc::new(Guard::new(app.world().fallback_error_handler()));
    let slots = schedules(app.world_mut(), |schedules| {
        wrap_added(schedules, &mut wrapped, &guard)
    });
    let Some(main) = app.main().update_schedule else {
        reporter.emit(HotReloadEvent::RestartNeeded {
            reason: "the app has no update schedule, so there is no moment between its frames; add HotLoaderPlugin after the app's schedules are set up".into(),
        });
        return;
    };
    let mut loader = HotLoader {
        module,
        main,
        wrapped,
        guard,
        shared: Shared::new(reporter, slots),
        pipeline: PipelineState::Unstarted(recipe),
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
            "the crate `{}` was not built by cargo as a library, so how to rebuild it is not known",
            module.name()
        )
    })?;
    Recipe::parse(embedded.json, embedded.debug_assertions).map_err(|error| error.to_string())
}

fn schedules<R>(world: &mut World, with: impl FnOnce(&mut Schedules) -> R) -> R {
    with(&mut world.get_resource_or_init::<Schedules>())
}

/// A swap whose first frame has not ended yet.
struct Fresh {
    report: SwapReport,
    saved: SystemTime,
}

impl HotLoader {
    /// One frame: swap, then the app's own main schedule, then the reports.
    fn frame(&mut self, world: &mut World) {
        self.start(world);
        self.guard.set_handler(world.fallback_error_handler());
        let prepared = self.shared.handoff.take();
        let swapped = prepared.and_then(|prepared| self.swap(world, *prepared));
        self.tell(world);

        world.run_schedule(self.main);

        if let Some(report) = swapped {
            self.report(report);
        }
        for panic in self.guard.take_panics() {
            self.shared.reporter.emit(HotReloadEvent::Panicked {
                system: panic.system,
                message: panic.message,
            });
        }
        self.tell(world);
    }

    /// In the first frame: proxies before what the module's plugins added since,
    /// and the pipeline.
    fn start(&mut self, world: &mut World) {
        if !matches!(self.pipeline, PipelineState::Unstarted(_)) {
            return;
        }
        let name = self.module.name();
        let late = schedules(world, |schedules| {
            wrap_named(schedules, &mut self.wrapped, &self.guard, |system| {
                is_ours(system, name)
            })
        });
        for schedule in self.wrapped.missed() {
            tracing::warn!(
                "the schedule {schedule} was run before the first frame: systems of {name} in it stay on their first code"
            );
        }
        self.shared
            .slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(late);
        let recipe = match std::mem::replace(&mut self.pipeline, PipelineState::Off) {
            PipelineState::Unstarted(Some(recipe)) => *recipe,
            _ => return,
        };
        match PipelineHandle::start(recipe, self.module.anchor(), self.shared.clone()) {
            Ok(handle) => self.pipeline = PipelineState::Running(handle),
            Err(error) => self.shared.reporter.emit(HotReloadEvent::RestartNeeded {
                reason: format!("the system has no thread for rebuilding the gameplay: {error}"),
            }),
        }
    }

    fn answer(&self, input: Input) {
        if let PipelineState::Running(handle) = &self.pipeline {
            handle.send(input);
        }
    }

    /// Puts the new code behind the proxies.
    fn swap(&mut self, world: &mut World, prepared: Prepared) -> Option<Fresh> {
        let started = Instant::now();
        if let Err(reason) = stale::environments(world, &prepared.functions) {
            self.answer(Input::Declined);
            self.shared.reporter.emit(HotReloadEvent::Refused {
                generation: prepared.generation,
                reason: reason.to_string(),
                types: reason.types,
            });
            return None;
        }
        let kept = match prepared.plan.commit() {
            Ok(kept) => kept,
            Err(error) => {
                self.answer(Input::Declined);
                self.shared.reporter.emit(HotReloadEvent::Refused {
                    generation: prepared.generation,
                    reason: error.to_string(),
                    types: Vec::new(),
                });
                return None;
            }
        };
        self.answer(Input::Committed);
        let mut stale = stale::names(world, self.module.name(), &prepared.affected);
        let missed = self.wrapped.missed();
        stale.extend(missed.map(|schedule| format!("systems of the schedule {schedule}")));
        let stall = started.elapsed();
        Some(Fresh {
            saved: prepared.saved,
            report: SwapReport {
                generation: prepared.generation,
                kind: prepared.kind,
                edit_to_live_ms: 0.0,
                build_ms: prepared.build.as_secs_f64() * 1000.0,
                stall_ms: stall.as_secs_f64() * 1000.0,
                systems: SystemsReport {
                    kept,
                    ..SystemsReport::default()
                },
                state: StateReport {
                    // Every generation has its own statics.
                    reset: prepared.statics,
                    ..StateReport::default()
                },
                stale,
            },
        })
    }

    /// The first frame by new code has ended.
    fn report(&mut self, fresh: Fresh) {
        let live = SystemTime::now().duration_since(fresh.saved);
        self.shared
            .reporter
            .emit(HotReloadEvent::Swapped(SwapReport {
                // A clock that was set back says nothing.
                edit_to_live_ms: live.map_or(0.0, |d| d.as_secs_f64() * 1000.0),
                ..fresh.report
            }));
    }

    /// Passes events on to the status and to Bevy messages.
    fn tell(&self, world: &mut World) {
        let events = self.shared.reporter.drain();
        if events.is_empty() {
            return;
        }
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
