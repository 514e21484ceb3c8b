//! One swap: from what the pipeline prepared to the first frame by new code.
//!
//! A body edit stores tables between two frames and nothing more. What an edit of the
//! registration changes is worked out over some frames, each of them short, and
//! checked before the first thing is touched.

use super::HotLoader;
use crate::{
    after::{AfterReload, DespawnOnReload},
    events::{HotReloadEvent, StateReport, SwapKind, SwapReport, SystemsReport},
    handoff::{Input, Prepared},
    panics,
    proxy::GuardedObservers,
    record::Exported,
    snapshot, stale,
    structure::{Ahead, Applied, Edit, NewTypes, Ready, Refusal, despawn},
};
use bevy::ecs::{entity::Entity, query::With, world::World};
use hot_loader_verdict::names::{is_ours, is_own_code, is_written_in};
use std::time::{Duration, Instant, SystemTime};

/// A swap that takes some frames.
pub struct Underway {
    prepared: Prepared,
    step: Step,
    /// The longest that a frame has waited for it so far.
    stall: Duration,
}

/// What comes next.
enum Step {
    /// What the running generation registers is recorded.
    Running,
    /// What the new one registers is recorded.
    New,
    /// They are compared, and the difference is applied.
    Compare(Box<Ahead>),
    /// Tables are stored, and nothing else.
    Repoint,
}

/// How a step ended.
#[expect(clippy::large_enum_variant, reason = "one value, moved twice an edit")]
enum Stepped {
    /// The next frame goes on with this.
    Next(Underway),
    Live(Box<Fresh>),
    Declined(Refusal),
}

/// A swap whose first frame has not ended yet.
pub struct Fresh {
    pub(super) report: SwapReport,
    /// Systems whose code changed, or if there are none, functions.
    pub(super) changed: Vec<String>,
    pub(super) saved: SystemTime,
    /// The generation that was left, if this one was brought back.
    pub(super) rolled_back: Option<u32>,
}

impl HotLoader {
    /// Goes on with the swap that is under way, or begins the one that waits.
    pub(super) fn swap(&mut self, world: &mut World) -> Option<Fresh> {
        let begun = Instant::now();
        let underway = match self.underway.take() {
            Some(underway) => underway,
            None => {
                self.gameplay.tidy(world);
                let prepared = *self.shared.handoff.take()?;
                if let Some(snapshots) = &mut self.snapshots {
                    let enough = match prepared.rolled_back {
                        // No build came before it.
                        Some(_) => snapshot::RECENT,
                        None => snapshot::OF_THE_BUILD,
                    };
                    snapshots.take_ahead(world, enough);
                }
                Underway {
                    step: match self.must_record(world, &prepared) {
                        true => Step::Running,
                        false => Step::Repoint,
                    },
                    prepared,
                    stall: Duration::ZERO,
                }
            }
        };
        let generation = underway.prepared.generation;
        let rollback = underway.prepared.rolled_back.is_some();
        match self.step(world, underway, begun) {
            Stepped::Next(mut underway) => {
                underway.stall = underway.stall.max(begun.elapsed());
                self.underway = Some(underway);
                None
            }
            Stepped::Live(fresh) => Some(*fresh),
            Stepped::Declined(refusal) => {
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

    /// Whether anything but tables has to change.
    fn must_record(&self, world: &mut World, prepared: &Prepared) -> bool {
        let own = |function: &str| is_written_in(function, self.module.name());
        let (gameplay, edited) = (&self.gameplay, &prepared.edited);
        must_apply(prepared)
            || gameplay.has_stale(edited, &own)
            || gameplay.has_stale_spawned(world, edited, &own)
    }

    fn step(&mut self, world: &mut World, mut underway: Underway, begun: Instant) -> Stepped {
        let Prepared {
            ignores_deferred,
            ref exported,
            ref running,
            ..
        } = underway.prepared;
        // Values of new types are migrated, or the edit is refused.
        if underway.prepared.kind != SwapKind::Types
            && let Step::Compare(_) | Step::Repoint = &underway.step
            && let Err(reason) = stale::environments(world, &underway.prepared.functions)
        {
            return Stepped::Declined(Refusal::Refused {
                reason: reason.to_string(),
                names: reason.types,
            });
        }
        let stepped = match underway.step {
            Step::Running => match self
                .gameplay
                .record_running(running.as_ref(), ignores_deferred)
            {
                Ok(true) => {
                    underway.step = Step::New;
                    return Stepped::Next(underway);
                }
                Ok(false) => self.record_new(world, exported, ignores_deferred),
                Err(refusal) => Err(refusal),
            },
            Step::New => self.record_new(world, exported, ignores_deferred),
            Step::Compare(ahead) if !ahead.is_ready() => {
                underway.step = Step::Compare(ahead);
                return Stepped::Next(underway);
            }
            Step::Compare(ahead) => match self.compare(world, &underway.prepared, *ahead) {
                Ok(ready) => {
                    return self.commit(
                        world,
                        underway.prepared,
                        Some(ready),
                        begun,
                        underway.stall,
                    );
                }
                Err(refusal) => Err(refusal),
            },
            Step::Repoint => {
                return self.commit(world, underway.prepared, None, begun, underway.stall);
            }
        };
        match stepped {
            Ok(step) => {
                underway.step = step;
                Stepped::Next(underway)
            }
            Err(refusal) if must_apply(&underway.prepared) => Stepped::Declined(refusal),
            // What proxies hold goes live all the same; the rest is named as stale.
            Err(refusal) => {
                tracing::debug!("observers stay on old code: {refusal:?}");
                self.gameplay.report_never_initialised(&refusal);
                underway.step = Step::Repoint;
                Stepped::Next(underway)
            }
        }
    }

    fn record_new(
        &self,
        world: &World,
        exported: &Exported,
        ignores_deferred: bool,
    ) -> Result<Step, Refusal> {
        let ahead = self
            .gameplay
            .record_new(world, exported, ignores_deferred)?;
        Ok(Step::Compare(Box::new(ahead)))
    }

    /// Works out what has to be made afresh.
    fn compare(
        &mut self,
        world: &mut World,
        prepared: &Prepared,
        ahead: Ahead,
    ) -> Result<Ready, Refusal> {
        let name = self.module.name();
        let types = (prepared.kind == SwapKind::Types).then(|| NewTypes {
            identity: prepared.identity.clone(),
            layouts: prepared.layouts.clone(),
        });
        let edit = Edit {
            exported: &prepared.exported,
            types: types.as_ref(),
            layouts: &prepared.layouts,
            makers: &prepared.makers,
            registration: prepared.kind != SwapKind::Body,
            placed: &|slot| prepared.plan.places(slot),
            function: &|slot| prepared.plan.is_function(slot),
            constants: &prepared.read_only,
            captures_nothing: &|function| {
                let layouts = prepared.layouts[1].as_ref();
                layouts.is_some_and(|layouts| layouts.captures_nothing(function))
            },
            renumbered: &prepared.renumbered,
            affected: &prepared.edited,
            registering: &prepared.registering,
            ours: &|system| is_ours(system, name),
            own: &|function| is_written_in(function, name),
        };
        // Each piece of module code in it is caught where it runs. Should one be forgotten,
        // nothing is applied yet.
        panics::attempt(|| self.gameplay.prepare(world, &edit, ahead)).unwrap_or_else(|panic| {
            Err(Refusal::Refused {
                reason: format!("the gameplay's code panicked while the edit was being prepared: {panic}. Fix the panic and save; the old code keeps running"),
                names: Vec::new(),
            })
        })
    }

    /// Puts the new code behind the proxies, and applies what it registers otherwise.
    fn commit(
        &mut self,
        world: &mut World,
        prepared: Prepared,
        mut ready: Option<Ready>,
        begun: Instant,
        stall: Duration,
    ) -> Stepped {
        let generation = prepared.generation;
        if let Some(ready) = &mut ready
            && let Err(refusal) = self.gameplay.register_assets(world, ready)
        {
            return Stepped::Declined(refusal);
        }
        let mut kept = match prepared.plan.commit() {
            Ok(kept) => kept,
            Err(error) => {
                return Stepped::Declined(Refusal::Refused {
                    reason: error.to_string(),
                    names: Vec::new(),
                });
            }
        };
        let before = self.gameplay.identity();
        let marked = marked(world);
        if ready.is_none() {
            despawn(world, &marked);
        }
        let applied = match ready.map(|ready| self.gameplay.commit(world, ready, &marked)) {
            None => Applied::default(),
            Some(Ok(applied)) => applied,
            Some(Err(reason)) => {
                self.shared.reporter.emit(HotReloadEvent::RestartNeeded {
                    reason: format!(
                        "the new registration was applied only in part: {reason}. Restart the game"
                    ),
                });
                Applied::default()
            }
        };
        // What plans next, a rollback for one, plans with these.
        self.show_slots();
        let _heard = self.answer(Input::Committed);
        GuardedObservers::renew(world);
        let own = |function: &str| is_written_in(function, self.module.name());
        for observer in &mut self.gameplay.observers {
            let shown = observer.shown();
            observer.stale = !applied.reset.contains(&shown)
                && !applied.added.contains(&shown)
                && observer.may_run(&prepared.edited, &own);
        }
        kept.retain(|name| !applied.reset.contains(name) && !applied.removed.contains(name));
        let (kept, others): (Vec<_>, Vec<_>) = kept
            .into_iter()
            .partition(|name| is_own_code(name, self.module.name()));
        let types = prepared.kind == SwapKind::Types;
        let running = kept.iter().chain(&applied.reset);
        let changed = running.filter(|name| prepared.edited.changes(name));
        let mut changed: Vec<String> = changed.cloned().collect();
        if changed.is_empty() && applied.reset.is_empty() {
            changed = prepared.functions;
        }
        if types {
            self.dead.add_all(world);
        }
        let name = self.module.name();
        let left = |observer: &str| match types {
            true => is_ours(observer, name),
            false => is_ours(observer, name) && prepared.edited.may_be(observer),
        };
        let mut stale = stale::names(
            world,
            &prepared.affected,
            &self.gameplay.observers,
            &mut self.dead,
        );
        if types && !applied.loaders {
            let loaders = prepared.edited.impls_of("AssetLoader");
            stale.extend(loaders.map(|name| format!("asset loader {name}")));
        }
        let exchanged = &applied.exchanged;
        stale.extend(
            self.gameplay
                .left_observers(world, &left, exchanged, &before),
        );
        let missed = self.missed.iter();
        stale.extend(missed.map(|schedule| format!("systems of the schedule {schedule}")));
        // Asked for by the game, and there only if it put something into it.
        if world.try_run_schedule(AfterReload).is_err() {
            tracing::trace!("nothing runs after a reload");
        }
        // Every generation has its own statics; what is gone from the code is put aside.
        let mut reset = prepared.statics;
        reset.extend(applied.state_removed);
        reset.extend(applied.state_reset);
        let hooks = applied.hooks.iter();
        stale.extend(hooks.map(|name| format!("hooks of {name} ran while it was migrated")));
        let waiting = applied.waiting.iter();
        stale.extend(waiting.map(|name| format!("state {name}, until its source state changes")));
        let stall = stall.max(begun.elapsed());
        Stepped::Live(Box::new(Fresh {
            changed,
            saved: prepared.saved,
            rolled_back: prepared.rolled_back,
            report: SwapReport {
                generation,
                kind: prepared.kind,
                edit_to_live_ms: 0.0,
                build_ms: prepared.build.as_secs_f64() * 1000.0,
                stall_ms: stall.as_secs_f64() * 1000.0,
                systems: SystemsReport {
                    kept,
                    kept_others: others.len(),
                    reset: applied.reset,
                    added: applied.added,
                    removed: applied.removed,
                },
                state: StateReport {
                    kept: applied.state_kept,
                    merged: applied.state_merged,
                    migrated: applied.state_migrated,
                    assumed: applied.state_assumed,
                    reset,
                },
                stale,
            },
        }))
    }
}

/// Whether the edit is not live without what recording finds.
fn must_apply(prepared: &Prepared) -> bool {
    prepared.kind != SwapKind::Body || prepared.plan.unplaced().next().is_some()
}

/// What asked to be despawned.
fn marked(world: &mut World) -> Vec<Entity> {
    let mut marked = world.query_filtered::<Entity, With<DespawnOnReload>>();
    marked.iter(world).collect()
}
