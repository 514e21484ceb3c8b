//! One edit on its way: built until what was compiled is what is on the disk, and
//! classified.

use super::{LONGEST_BURST, Pending, Pipeline, SETTLE, classify::Unclassified, module::outside};
use crate::{
    events::{BuildErrorReport, HotReloadEvent},
    handoff::{Input, RollBack},
};
use hot_loader_compile::{
    build::{BuildError, Built},
    sources::{Sources, saved_at},
};
use std::{
    panic,
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, Sender},
    thread,
    time::{Instant, SystemTime},
};

/// Tells the pipeline that its build has ended, however it did.
struct Ended<'a>(&'a Sender<Input>);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        // The pipeline waits, so it is there.
        self.0.send(Input::BuildEnded).unwrap_or_default();
    }
}

impl Pipeline {
    /// The main thread answered.
    pub(super) fn settle(&mut self, committed: bool) {
        let Some(Pending {
            generation,
            affected,
            rolls_back,
        }) = self.pending.take()
        else {
            return;
        };
        // Declined or not, the world may know its types by now.
        let (live, history) = (&self.live.identity, &self.history);
        self.identities.lives(
            &generation.identity,
            generation.code.clone(),
            generation.layouts.clone(),
            &|identity| identity == live || history.has(identity),
        );
        if committed {
            self.affected = affected;
            // The sources are not what runs then.
            self.unbuilt |= rolls_back;
            self.runs(generation, rolls_back);
        }
    }

    /// Sees that no swap is under way: withdraws the waiting one, or waits for the
    /// answer if the main thread has it. `false` if the game ends.
    pub(super) fn withdraw(&mut self) -> bool {
        if self.shared.handoff.take().is_some() {
            self.pending = None;
            self.unbuilt = true;
        }
        while self.pending.is_some() && !self.ending {
            match self.inputs.recv() {
                Ok(input) => self.heed(input),
                Err(_) => self.ending = true,
            }
        }
        !self.ending
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
                Ok(input) => self.heed(input),
                Err(RecvTimeoutError::Disconnected) => self.ending = true,
                Err(RecvTimeoutError::Timeout) => {
                    // The sources are read after this.
                    self.changed = false;
                    return true;
                }
            }
            if self.ending {
                return false;
            }
        }
    }

    /// Builds, and meanwhile looks out for what makes the build useless: a newer save, or
    /// a generation that is to be brought back.
    pub(super) fn build_attended(&mut self, metadata: Option<&str>) -> Result<Built, BuildError> {
        let Self {
            builder,
            inputs,
            tell,
            shared,
            module,
            included,
            seen,
            history,
            asked,
            ending,
            ..
        } = self;
        let running = &shared.running;
        let may_roll_back = |asked: RollBack| match asked.to {
            Some(number) => history.get(number).is_some(),
            None => history.before().is_some(),
        };
        // Before the other thread begins: what ends the build may come at once.
        running.begin();
        let built = thread::scope(|scope| {
            let build = scope.spawn(|| {
                let _told = Ended(tell);
                builder.build(metadata)
            });
            loop {
                match inputs.recv() {
                    Ok(Input::BuildEnded) | Err(_) => break,
                    Ok(Input::Changed) => {
                        let now = Sources::read(&module.source_dir, included.iter());
                        if !now.changed_since(seen).is_empty() {
                            running.cancel();
                        }
                    }
                    Ok(Input::RollBack(wish)) => {
                        *asked = Some(wish);
                        if may_roll_back(wish) {
                            running.cancel();
                        }
                    }
                    Ok(Input::Stop) => {
                        *ending = true;
                        running.stop();
                    }
                    // No swap is under way.
                    Ok(Input::Committed | Input::Declined) => {}
                }
            }
            build.join()
        });
        built.unwrap_or_else(|panic| panic::resume_unwind(panic))
    }

    /// Builds until what was compiled is what is on the disk, then prepares the swap.
    pub(super) fn on_change(&mut self) {
        if !self.let_settle() {
            return;
        }
        self.renew_watch();
        if self.inputs_changed() {
            return;
        }
        let mut saved = self.seen_at;
        let mut again = !self.ready;
        loop {
            self.renew_watch();
            let now = SystemTime::now();
            let sources = self.read_sources();
            again |= self.unbuilt && !sources.is_untouched_since(&self.seen);
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
            self.unbuilt = false;
            self.remove_files();
            let generation = self.history.next();
            self.emit(HotReloadEvent::BuildStarted { generation });
            let built = self.build();
            if self.is_to_roll_back() {
                self.unbuilt = true;
                return;
            }
            // A save while rustc ran, even one that was undone: what it compiled is
            // not known to be what was read.
            if !self.read_sources().is_untouched_since(&self.seen) {
                again = true;
                continue;
            }
            let error = match built {
                Ok(classified) => {
                    self.is_ready(classified.built.took);
                    self.offer_built(generation, classified, saved);
                    return;
                }
                Err(Unclassified::Included) => {
                    again = true;
                    continue;
                }
                Err(Unclassified::Unread(error)) => {
                    let reason = format!(
                        "rustc accepts the sources, but hot-loader cannot tell what changed in them: {error}"
                    );
                    return self.refuse(generation, reason, Vec::new());
                }
                Err(Unclassified::Deep(error)) => {
                    return self.refuse(generation, error.to_string(), Vec::new());
                }
                Err(Unclassified::Session(error)) => {
                    return self.refuse(generation, error.to_string(), Vec::new());
                }
                Err(Unclassified::Build(error)) => error,
            };
            if let BuildError::Cancelled = error {
                if !self.let_settle() {
                    return;
                }
                again = true;
                continue;
            }
            return self.failed(generation, error);
        }
    }

    /// Says why there is no `generation`.
    pub(super) fn failed(&self, generation: u32, error: BuildError) {
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
    pub(super) fn inputs_changed(&mut self) -> bool {
        let root = &self.module.workspace;
        let changed = match root.is_dir() {
            true => self.build_inputs.changed(),
            false => Some(root.as_path()),
        };
        let changed = changed.map(Path::to_path_buf);
        if changed.is_some() || self.told_input.is_some() {
            self.emit(match &changed {
                Some(file) if file == root => HotReloadEvent::RestartNeeded {
                    reason: BuildError::Moved(file.clone()).to_string(),
                },
                Some(file) => HotReloadEvent::RestartNeeded {
                    reason: format!(
                        "{} changed, which affects how cargo builds the gameplay. Restart the game, or undo the change",
                        file.display()
                    ),
                },
                None => HotReloadEvent::Ready {
                    generation: self.live.number,
                    build_ms: 0.0,
                },
            });
            self.told_input.clone_from(&changed);
        }
        changed.is_some()
    }

    pub(super) fn refuse(&self, generation: u32, reason: String, types: Vec<String>) {
        self.emit(HotReloadEvent::Refused {
            generation,
            reason,
            types,
            rollback: false,
        });
    }
}
