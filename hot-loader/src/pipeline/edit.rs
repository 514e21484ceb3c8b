//! One edit on its way: built until what was compiled is what is on the disk,
//! classified, loaded, planned, and offered to the main thread.

use super::{LONGEST_BURST, Live, Pipeline, SETTLE, module::outside, reason::why_not_types};
use crate::{
    build::{BuildError, Built},
    events::{BuildErrorReport, HotReloadEvent, SwapKind},
    handoff::{Input, Prepared},
    load::{self, Image},
    names::is_ours,
    repoint::Find,
    sources::{Sources, saved_at},
    surface::{self, EditKind},
    swap::Plan,
};
use std::{
    path::{Path, PathBuf},
    sync::mpsc::RecvTimeoutError,
    time::{Instant, SystemTime},
};

impl Pipeline {
    /// The main thread answered.
    pub(super) fn settle(&mut self, committed: bool) {
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

    pub(super) fn read_sources(&self) -> Sources {
        Sources::read(&self.module.source_dir, &self.included)
    }

    pub(super) fn changed_files(&self) -> Vec<PathBuf> {
        self.read_sources().changed_since(&self.seen)
    }

    /// Lets a burst of writes end, for a while. `false` if the game ends.
    pub(super) fn let_settle(&mut self) -> bool {
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
    pub(super) fn on_change(&mut self) {
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

    /// Whether something decides otherwise now how cargo builds the module; says so at
    /// every save, and when it is undone.
    fn inputs_changed(&mut self) -> bool {
        let changed = self.build_inputs.changed().map(Path::to_path_buf);
        if changed.is_some() || self.told_input.is_some() {
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
        if edit.kind == EditKind::Types {
            let (reason, types) = why_not_types(&edit);
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
        const UNSYNCED: [&str; 3] = [
            "chain_ignore_deferred",
            "before_ignore_deferred",
            "after_ignore_deferred",
        ];
        let ignores_deferred = self.live.surface.says_any(&UNSYNCED) || surface.says_any(&UNSYNCED);
        // What was not reached by an earlier reload is not reached by this one.
        let mut affected = self.live.affected.clone();
        affected.merge(edit.affected.clone());
        self.read_only.extend_from_slice(loaded.image.read_only());
        self.pending = Some(Live {
            surface,
            image: Some(loaded.image),
            generation,
            affected: affected.clone(),
        });
        self.shared.handoff.offer(Prepared {
            plan,
            generation,
            kind: match edit.kind {
                EditKind::Body => SwapKind::Body,
                EditKind::Structure | EditKind::Types => SwapKind::Structure,
            },
            saved,
            build: built.took,
            functions: edit.functions,
            edited: edit.affected,
            registering: edit.registering,
            ignores_deferred,
            affected,
            plugin: loaded.build,
            read_only: self.read_only.clone(),
            statics: self.live.surface.statics(),
        });
    }
}
