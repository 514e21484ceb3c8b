//! What is on the disk, and what of it was seen: the sources of the module, and the files
//! by which cargo builds it. It reads and compares; it must never build anything.

use super::{
    Fatal,
    module::{Module, outside, uncertain},
    saved::Saved,
};
use crate::{
    events::HotReloadEvent,
    report::{self, Reporter},
};
use hot_loader_compile::{
    build::BuildError,
    inputs::BuildInputs,
    sources::{Sources, saved_at},
    watch::Watcher,
};
use hot_loader_verdict::code::Code;
use std::{path::PathBuf, time::SystemTime};

/// The files of the module.
pub struct Disk {
    pub module: Module,
    watcher: Watcher,
    /// What made the recipe what it is.
    build_inputs: BuildInputs,
    /// It was told that a build input has changed, and not yet that this is undone.
    told_input: bool,
    /// Files besides those below the source folder.
    included: Vec<PathBuf>,
    /// What generation 0 was compiled from.
    pub compiled: Sources,
    /// The last contents that an edit was made of.
    seen: Sources,
    /// When they were read.
    seen_at: SystemTime,
    /// What is on the disk was given up before it was live: saving the same text again
    /// counts as an edit.
    pub given_up: bool,
}

impl Disk {
    /// Watches the files of `module` from here on, and has somebody told of changes.
    ///
    /// # Errors
    /// If nothing can be watched.
    pub fn watch(module: Module, tell: impl Fn() + Send + Sync + 'static) -> Result<Self, Fatal> {
        // The watcher first: what is saved from here on is an edit.
        let mut watcher = Watcher::new(module.source_dir(), tell)?;
        if let Some(why) = watcher.fell_back() {
            report::warn(&why);
        }
        let build_inputs = BuildInputs::read(&module.recipe)?;
        watcher.also(build_inputs.paths().cloned());
        Ok(Self {
            module,
            watcher,
            build_inputs,
            told_input: false,
            included: Vec::new(),
            compiled: Sources::default(),
            seen: Sources::default(),
            seen_at: SystemTime::UNIX_EPOCH,
            given_up: false,
        })
    }

    /// Learns what generation 0 was compiled from: these files, which rustc read until `read`.
    ///
    /// # Errors
    /// If that is not certain.
    pub fn begin(&mut self, compiled: &[PathBuf], read: SystemTime) -> Result<Code, Fatal> {
        let recipe = &self.module.recipe;
        self.included = outside(compiled, &self.module);
        self.watcher.also(self.included.iter().cloned());
        self.seen_at = SystemTime::now();
        let now = Sources::read(self.module.source_dir(), compiled);
        if let Some(file) = uncertain(recipe, compiled, &now, read) {
            return Err(format!(
                "{} was saved while the game was being compiled, so hot-loader does not know which text the game runs. Restart the game",
                file.display()
            )
            .into());
        }
        self.compiled = now.as_of(&recipe.sources, read);
        self.seen = self.compiled.clone();
        Ok(self.module.code(&self.seen, compiled)?)
    }

    fn read(&self) -> Sources {
        Sources::read(self.module.source_dir(), &self.included)
    }

    /// Whether nobody saved anything since they were read, not even the same.
    pub fn is_untouched(&self) -> bool {
        self.read().is_untouched_since(&self.seen)
    }

    /// Whether they say something else than when they were read.
    pub fn is_changed(&self) -> bool {
        !self.read().changed_since(&self.seen).is_empty()
    }

    /// Reads the sources, to build generation 0 again. `false`, and nothing was read, if they
    /// say something else than it was compiled from.
    pub fn reads_as_compiled(&mut self) -> bool {
        let now = self.read();
        let is_same = now.changed_since(&self.compiled).is_empty();
        if is_same {
            self.seen = now;
        }
        is_same
    }

    /// Something else goes live than what is on the disk: that is built when it is saved once
    /// more, if only again.
    pub fn give_up(&mut self) {
        let now = self.read();
        // What was written again before is not told of as a save.
        if now.changed_since(&self.seen).is_empty() {
            self.seen = now;
        }
        self.given_up = true;
    }

    /// What was saved since the sources were read, or if they are to be built `again`, what
    /// was read; nothing, if nothing changed. Reports what changed. `since` is when an earlier
    /// part of this edit was saved.
    pub fn look(
        &mut self,
        again: bool,
        since: &mut Option<SystemTime>,
        reporter: &Reporter,
    ) -> Option<Saved> {
        let now = SystemTime::now();
        let sources = self.read();
        let again = again || self.given_up && !sources.is_untouched_since(&self.seen);
        let changed = sources.changed_since(&self.seen);
        if changed.is_empty() && !again {
            return None;
        }
        if !changed.is_empty() {
            *since = Some(saved_at(&changed, &sources, self.seen_at, now));
            let files = changed.iter().map(|file| file.display().to_string());
            reporter.emit(HotReloadEvent::Edit {
                files: files.collect(),
            });
        }
        let at = *since.get_or_insert(self.seen_at);
        self.seen = sources;
        self.seen_at = now;
        Some(Saved {
            sources: self.seen.clone(),
            at,
        })
    }

    /// Watches files that a build included for the first time. Whether there were any: they
    /// were not read before it, so what was compiled is not known.
    pub fn adopt(&mut self, built: &[PathBuf]) -> bool {
        let included = outside(built, &self.module);
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

    /// Watches what has to be watched anew. Whether there was anything: it may hold what
    /// nobody told of.
    pub fn renew_watch(&mut self) -> bool {
        let renewed = self.watcher.renew();
        if let Some(why) = self.watcher.fell_back() {
            report::warn(&why);
        }
        renewed
    }

    /// Whether something decides otherwise now how cargo builds the module; says so at
    /// every save, and when it is undone. `live` is the generation that runs.
    pub fn inputs_changed(&mut self, reporter: &Reporter, live: u32) -> bool {
        let root = &self.module.recipe.cwd;
        let changed = match root.is_dir() {
            true => self.build_inputs.changed(),
            false => Some(root.as_path()),
        };
        let is_changed = changed.is_some();
        match changed {
            Some(file) if file == root => {
                reporter.need_restart(BuildError::Moved(root.clone()).to_string());
            }
            Some(file) => reporter.need_restart(format!(
                "{} changed, which affects how cargo builds the gameplay. Restart the game, or undo the change",
                file.display()
            )),
            None if self.told_input => reporter.emit(HotReloadEvent::Ready {
                generation: live,
                build_ms: 0.0,
            }),
            None => {}
        }
        self.told_input = is_changed;
        is_changed
    }
}
