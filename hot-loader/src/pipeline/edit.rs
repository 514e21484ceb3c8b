//! One edit on its way: built until what was compiled is what is on the disk,
//! classified, loaded, planned, and offered to the main thread.

use super::{
    LONGEST_BURST, Live, Pipeline, SETTLE,
    classify::{Classified, Unclassified},
    module::outside,
};
use crate::{
    build::{BuildError, Built},
    events::{BuildErrorReport, HotReloadEvent, SwapKind},
    handoff::{Input, Prepared},
    load::{self, Image},
    migrate::FoundTypes,
    names::{is_ours, is_written_in},
    record::Exported,
    repoint::Find,
    sources::{Sources, saved_at},
    surface::{self, Affected, EditKind},
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
        let Some(pending) = self.pending.take() else {
            return;
        };
        // Declined or not, the world may know its types by now.
        self.identities.lives(
            &pending.identity,
            pending.surface.clone(),
            pending.layouts.clone(),
        );
        if committed {
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
            let built = self.build();
            // A save while rustc ran, even one that was undone: what it compiled is
            // not known to be what was read.
            if !self.read_sources().is_untouched_since(&self.seen) {
                again = true;
                continue;
            }
            let error = match built {
                Ok(classified) => {
                    self.is_ready(classified.built.took);
                    self.offer(generation, classified, saved);
                    return;
                }
                Err(Unclassified::Included) => {
                    again = true;
                    continue;
                }
                Err(Unclassified::Surface(error)) => {
                    let reason = format!(
                        "rustc accepts the sources, and hot-loader cannot tell what changed in them: {error}"
                    );
                    return self.refuse(generation, reason, Vec::new());
                }
                Err(Unclassified::Build(error)) => error,
            };
            match error {
                BuildError::Stopped => {}
                BuildError::Compile(errors) => {
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
                error @ BuildError::Pin(_) => self.emit(HotReloadEvent::RestartNeeded {
                    reason: error.to_string(),
                }),
                error => self.refuse(generation, error.to_string(), Vec::new()),
            }
            return;
        }
    }

    /// Watches files that this build included for the first time. Whether there
    /// were any: they were not in the snapshot, so what was compiled is not known.
    pub(super) fn adopt_included(&mut self, built: &Built) -> bool {
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

    /// The reflected types of the running generation. The linker drops what the
    /// executable does not use of them, so for generation 0 the library of the first
    /// build is asked: the same sources under the same identity.
    fn found_types(&self) -> FoundTypes {
        if let Some(image) = &self.live.image {
            return FoundTypes::of(image);
        }
        let loaded = self.first.as_ref().map(|library| load::load(library));
        match loaded {
            Some(Ok(loaded)) => FoundTypes::of(&loaded.image),
            Some(Err(error)) => {
                tracing::warn!(target: "hot_loader", "types that are not registered for reflection cannot be migrated: {error}");
                FoundTypes::default()
            }
            None => FoundTypes::default(),
        }
    }

    /// Classifies, loads and plans; offers the swap to the main thread.
    fn offer(&mut self, generation: u32, classified: Classified, saved: SystemTime) {
        let Classified {
            built,
            surface,
            identity,
            layouts,
            loaded,
            environments,
        } = classified;
        let mut edit = surface::compare(&self.live.surface, &surface);
        let types = identity != self.live.identity;
        tracing::debug!(
            "surfaces: types {:x}, registration {:x}; {:?} edit of {:?} as {identity:?}",
            surface.type_hash(),
            surface.registration_hash(),
            edit.kind,
            edit.functions
        );
        // Values of their types may live in the world.
        edit.functions.extend(environments);
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) => return self.refuse(generation, error.to_string(), Vec::new()),
        };
        let plan = {
            let old: Vec<&Image> = self.live.image.iter().chain([&self.executable]).collect();
            let find = Find::new(&old, &loaded.image);
            let ours = |name: &str| is_ours(name, &self.module.name);
            match types {
                // Nothing of the module's has a type that is in both.
                true => Plan::keeping(&self.shared.slots(), &find, ours),
                false => Plan::new(&self.shared.slots(), &find, ours),
            }
        };
        let (running, found) = match types || edit.kind != EditKind::Body {
            true => (Some(self.found_types()), FoundTypes::of(&loaded.image)),
            false => Default::default(),
        };
        const UNSYNCED: [&str; 3] = [
            "chain_ignore_deferred",
            "before_ignore_deferred",
            "after_ignore_deferred",
        ];
        let ignores_deferred = self.live.surface.says_any(&UNSYNCED) || surface.says_any(&UNSYNCED);
        // What was not reached by an earlier reload is not reached by this one.
        let mut affected = match types {
            // What that leaves behind is named one by one, and everything else is new.
            true => Affected::default(),
            false => self.live.affected.clone(),
        };
        if !types {
            affected.merge(edit.affected.clone());
        }
        self.read_only.extend_from_slice(loaded.image.read_only());
        let mut statics = self.live.surface.statics();
        let linked = loaded.image.variables().iter();
        // Of the module's own the sources tell more.
        let linked = linked.filter(|name| !is_written_in(name, &self.module.name));
        statics.extend(linked.map(|name| format!("static {name}")));
        let name = identity.name();
        let before = self.live.layouts.clone();
        let after = layouts.clone();
        self.pending = Some(Live {
            surface,
            identity,
            layouts,
            image: Some(loaded.image),
            generation,
            affected: affected.clone(),
        });
        self.shared.handoff.offer(Prepared {
            plan,
            generation,
            kind: match edit.kind {
                _ if types => SwapKind::Types,
                EditKind::Body => SwapKind::Body,
                EditKind::Structure | EditKind::Types => SwapKind::Structure,
            },
            identity: name,
            layouts: [before, after],
            running,
            saved,
            build: built.took,
            functions: edit.functions,
            edited: edit.affected,
            registering: edit.registering,
            ignores_deferred,
            affected,
            exported: Exported {
                build: loaded.build,
                types: found,
                carriers: loaded.carriers,
            },
            read_only: self.read_only.clone(),
            statics,
        });
    }
}
