//! What must hold before anything can be reloaded: the executable can be read, it is known
//! what it was compiled from, and there is a place to build in. What does not hold is
//! reported, again at each save, until it does.

use super::{
    Fatal, Shared,
    inbox::{Inbox, Input},
    module::{Module, outside, uncertain},
};
use crate::{engine, events::HotReloadEvent, load::Image, module::HotModule};
use hot_loader_compile::{
    build::{Builder, dep_info::DepInfo},
    inputs::BuildInputs,
    recipe::Recipe,
    session::SessionDir,
    sources::Sources,
    watch::Watcher,
};
use hot_loader_verdict::{code::Code, symbols::Name};
use std::{env, fs, path::PathBuf, sync::Arc, time::SystemTime};

/// What the worker has of the start of the game.
pub struct Start {
    pub recipe: Recipe,
    pub exported: HotModule,
    pub shared: Shared,
    pub inbox: Inbox,
    pub watched: Watched,
}

/// The files by which the module is built, watched.
pub struct Watched {
    pub module: Module,
    pub watcher: Watcher,
    pub build_inputs: BuildInputs,
}

/// What it needs besides.
pub struct Grounds {
    pub executable: Image,
    /// What generation 0 was compiled from.
    pub seen: Sources,
    pub seen_at: SystemTime,
    pub code: Arc<Code>,
    pub included: Vec<PathBuf>,
    pub session: SessionDir,
    pub builder: Builder,
}

impl Start {
    /// Watches from here on.
    ///
    /// # Errors
    /// If nothing can be watched.
    pub fn new(
        recipe: Recipe,
        exported: HotModule,
        shared: Shared,
        inbox: Inbox,
    ) -> Result<Self, Fatal> {
        let module = Module::of(exported.name(), &recipe);
        let changes = inbox.sender();
        // The watcher first: what is saved from here on is an edit.
        let mut watcher = Watcher::new(&module.source_dir, move || {
            // The worker has ended: nobody waits for changes.
            if changes.send(Input::Changed).is_err() {
                tracing::debug!("a change was seen after the end");
            }
        })?;
        if let Some(why) = watcher.fell_back() {
            shared.reporter.warn(&why);
        }
        let build_inputs = BuildInputs::read(&recipe)?;
        watcher.also(build_inputs.paths().cloned());
        Ok(Self {
            recipe,
            exported,
            shared,
            inbox,
            watched: Watched {
                module,
                watcher,
                build_inputs,
            },
        })
    }

    /// Waits until everything holds. `None` if the game ends before.
    pub fn until_grounds(&mut self) -> Option<Grounds> {
        let (mut said, mut seen) = (String::new(), Sources::default());
        loop {
            let reason = match self.grounds() {
                Ok(grounds) => return Some(grounds),
                Err(error) => error.to_string(),
            };
            let now = Sources::read(&self.watched.module.source_dir, []);
            if reason != said || !now.changed_since(&seen).is_empty() {
                self.shared.reporter.emit(HotReloadEvent::RestartNeeded {
                    reason: reason.clone(),
                });
            }
            (said, seen) = (reason, now);
            if !self.is_told() {
                return None;
            }
        }
    }

    fn grounds(&mut self) -> Result<Grounds, Fatal> {
        let recipe = &self.recipe;
        recipe.verify_kind()?;
        engine::verify()?;
        let executable = Image::of_executable(self.exported.anchor())?;
        if let Some(symbol) = unreadable(executable.names_at(self.exported.anchor())) {
            return Err(format!(
                "cannot read the gameplay's symbols (`{symbol}`): this rustc mangles names in a way that hot-loader does not know. Compile with `-C symbol-mangling-version=v0`, or use a newer hot-loader"
            )
            .into());
        }
        let linked = fs::metadata(executable.path())?.modified()?;
        let dep_info = recipe.dep_info();
        let read = fs::read_to_string(&dep_info)
            .and_then(|text| Ok((text, fs::metadata(&dep_info)?.modified()?)));
        let (compiled, read) = read.map_err(|error| {
            format!(
                "cannot read cargo's dep-info {}: {error}. Rebuild the game",
                dep_info.display()
            )
        })?;
        let compiled = DepInfo::parse(&compiled, &recipe.cwd).files;
        let compiled: Vec<PathBuf> = compiled.into_iter().collect();
        let included = outside(&compiled, &self.watched.module);
        self.watched.watcher.also(included.iter().cloned());
        let seen_at = SystemTime::now();
        let now = Sources::read(&self.watched.module.source_dir, &compiled);
        if let Some(file) = uncertain(recipe, &compiled, &now, read) {
            return Err(format!(
                "{} was saved while the game was being compiled, so hot-loader does not know which text the game runs. Restart the game",
                file.display()
            )
            .into());
        }
        let seen = now.as_of(&recipe.sources, recipe.reads_included_at());
        let code = Arc::new(self.watched.module.code(&seen, &compiled)?);
        let session = SessionDir::create(&env::current_exe()?)?;
        let running = self.shared.running.clone();
        let builder = Builder::new(
            recipe.clone(),
            session.path(),
            session.shared(),
            linked,
            running,
        )?;
        Ok(Grounds {
            executable,
            seen,
            seen_at,
            code,
            included,
            session,
            builder,
        })
    }

    /// Waits for a change, and for the end of a burst of them. `false` if the game ends.
    fn is_told(&mut self) -> bool {
        while !self.inbox.ending {
            if let Some(asked) = self.inbox.asked.take() {
                self.shared.reporter.refuse_rollback(
                    asked.to.unwrap_or(asked.from),
                    "hot reloading has not started yet, so there is no generation to roll back to",
                );
            }
            if self.inbox.changed {
                let settled = self.inbox.let_settle();
                self.watched.watcher.renew();
                return settled;
            }
            self.inbox.wait();
        }
        false
    }
}

/// The first of a function's names, if none of them can be read.
fn unreadable<'a>(mut names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let first = names.clone().next();
    first.filter(|_| names.all(|symbol| Name::of(symbol).is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mangling_that_nobody_knows_is_shown() {
        let read = |names: &[&'static str]| unreadable(names.iter().copied());
        assert_eq!(read(&["_ZN7systems6plugin17h3a43ab1fb3b16505E"]), None);
        assert_eq!(read(&["_RNvCs1234_7systems6plugin"]), None);
        assert_eq!(read(&["_H7systems", "_H6plugin"]), Some("_H7systems"));
        // Functions may be merged, and have a name of another kind besides.
        assert_eq!(read(&["merged", "_RNvCs1234_7systems6plugin"]), None);
        assert_eq!(read(&[]), None);
    }
}
