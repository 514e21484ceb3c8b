//! The last step of an edit: its tables are stored, what it registers otherwise is applied,
//! and what that did is put together for the report. Between two frames; what can fail was
//! worked out before.

use crate::{
    after::DespawnOnReload,
    events::{HotReloadEvent, StateReport, SwapReport, SystemsReport},
    generation::{Cause, Planned},
    proxy::GuardedObservers,
    report::Reporter,
    stale::Stale,
    structure::{Applied, Gameplay, Ready, Refusal, despawn},
};
use bevy::ecs::{entity::Entity, observer::Observer, query::With, world::World};
use core::mem;
use hot_loader_verdict::names::is_own_code;
use std::time::{Duration, SystemTime};

/// An edit whose first frame has not ended yet.
pub struct Live {
    /// What is known of it so far.
    pub report: SwapReport,
    /// Systems whose code changed, or if there are none, functions.
    changed: Vec<String>,
    since: SystemTime,
    /// Whether more than tables and runners changed.
    pub registered: bool,
    /// The generation that was left, if this one was brought back.
    pub left: Option<u32>,
}

/// Puts the new code behind the proxies, and applies what it registers otherwise: what is
/// `ready`, if anything but tables has to change.
///
/// # Errors
/// If it cannot be applied after all. The game is as it was.
pub fn commit(
    planned: &mut Planned,
    mut ready: Option<Box<Ready>>,
    world: &mut World,
    gameplay: &mut Gameplay,
    stale: &mut Stale,
    reporter: &Reporter,
) -> Result<Live, Refusal> {
    if let Some(ready) = &mut ready {
        gameplay.register_assets(world, ready)?;
    }
    let mut kept = planned.plan.commit().map_err(Refusal::unnamed)?;
    let mut repointed = GuardedObservers::repoint(world, &planned.runners());
    if let Some(ready) = &ready {
        for entity in ready.observers.taken_out() {
            repointed.remove(&entity);
        }
    }
    let mut marked = world.query_filtered::<Entity, With<DespawnOnReload>>();
    let marked: Vec<Entity> = marked.iter(world).collect();
    let registered = ready.is_some();
    let applied = match ready {
        None => {
            despawn(world, &marked);
            Applied::default()
        }
        Some(ready) => gameplay
            .commit(world, *ready, &marked)
            .unwrap_or_else(|reason| {
                reporter.need_restart(format!(
                    "the new registration was applied only in part: {reason}. Restart the game"
                ));
                Applied::default()
            }),
    };
    kept.extend(repointed.iter().filter_map(|entity| {
        let observer = world.get::<Observer>(*entity)?;
        Some(format!("observer {}", observer.system_name()))
    }));
    GuardedObservers::renew(world);
    gameplay.note_observers(planned, &applied, &repointed);
    let stale = stale.names(world, gameplay, planned, &applied, &repointed);
    // It has systems that left: their `Local`s are the game's, and dropped on its thread.
    drop(mem::take(&mut planned.plan));
    Ok(Live::of(planned, registered, applied, kept, stale))
}

impl Live {
    /// Puts the report together. `kept` are the systems and observers with new tables.
    fn of(
        planned: &mut Planned,
        registered: bool,
        applied: Applied,
        mut kept: Vec<String>,
        stale: Vec<String>,
    ) -> Self {
        kept.retain(|name| !applied.reset.contains(name) && !applied.removed.contains(name));
        kept.sort();
        kept.dedup();
        let kept = kept.into_iter();
        let (kept, others): (Vec<_>, Vec<_>) =
            kept.partition(|name| is_own_code(name, planned.module));
        let running = kept.iter().chain(&applied.reset);
        let changed = running.filter(|name| planned.verdict.affected.changes(name));
        let mut changed: Vec<String> = changed.cloned().collect();
        let kind = planned.kind();
        let (since, build) = match planned.cause {
            Cause::Save { at, took } => (at, took),
            Cause::RollBack { at } => (at, Duration::ZERO),
        };
        let left = planned.is_rollback().then_some(planned.from.number);
        if changed.is_empty() && applied.reset.is_empty() {
            changed = mem::take(&mut planned.verdict.functions);
        }
        // Every generation has its own statics; what is gone from the code is put aside.
        let statics = mem::take(&mut planned.statics);
        let reset = [statics, applied.state_removed, applied.state.reset].concat();
        Self {
            changed,
            since,
            registered,
            left,
            report: SwapReport {
                generation: planned.to.number,
                kind,
                edit_to_live_ms: 0.0,
                build_ms: build.as_secs_f64() * 1000.0,
                stall_ms: 0.0,
                systems: SystemsReport {
                    kept,
                    kept_others: others.len(),
                    reset: applied.reset,
                    added: applied.added,
                    removed: applied.removed,
                },
                state: StateReport {
                    reset,
                    ..applied.state
                },
                stale,
            },
        }
    }

    /// A frame waited so long for it.
    pub fn after(mut self, stall: Duration) -> Self {
        let stall = stall.as_secs_f64() * 1000.0;
        self.report.stall_ms = self.report.stall_ms.max(stall);
        self
    }

    /// Reports it: its first frame has ended.
    pub fn report(mut self, reporter: &Reporter) {
        let live = SystemTime::now().duration_since(self.since);
        // A clock that was set back says nothing.
        self.report.edit_to_live_ms = live.map_or(0.0, |d| d.as_secs_f64() * 1000.0);
        let to = self.report.generation;
        reporter.emit_swap(self.report, &self.changed, self.left.is_some());
        if let Some(generation) = self.left {
            reporter.emit(HotReloadEvent::RolledBack { generation, to });
        }
    }
}
