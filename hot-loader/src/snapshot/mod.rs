//! The world written down, so that the next run can take it back: after a crash, or where
//! only a restart brings an edit live. Through Bevy's own world serialisation.
//!
//! A snapshot holds the gameplay's entities (those with a component of the module's types,
//! and their children), with every component that is registered for reflection and can be
//! written and read again; the gameplay's resources, likewise; and its states. It names
//! what it does not hold. It must never change the world that it is taken of.

mod files;
mod restore;
mod take;
#[cfg(test)]
mod tests;
mod write;

use crate::{
    found::FoundTypes,
    panics,
    report::{self, Reporter},
};

use bevy::ecs::world::World;
use files::Open;
use hot_loader_compile::session::create_private;
use restore::RestoreError;
use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Asks a run to take back what the last one left: `1`, or a snapshot's file.
const RESTORE: &str = "HOT_LOADER_RESTORE";
/// What takes longer than this is only taken when it is asked for.
const LONGEST: Duration = Duration::from_millis(250);
/// The part of the time that goes at most into those that nobody asked for: one in so much.
const PART: u32 = 1_000;
/// When a build begins, one that is younger than this is as good as a new one.
pub const RECENT: Duration = Duration::from_secs(5);
/// When a swap begins, one of its build is, unless that took so long. A copy made there
/// would be part of the swap's pause.
pub const OF_THE_BUILD: Duration = Duration::from_secs(30);

/// The snapshots of one game.
pub struct Snapshots {
    module: &'static str,
    dir: PathBuf,
    /// The gameplay's types that derive `Reflect`.
    found: Arc<Mutex<FoundTypes>>,
    reporter: Arc<Reporter>,
    writing: Option<JoinHandle<Option<PathBuf>>>,
    /// One more was asked for while one was written.
    again: bool,
    last: Option<Last>,
    /// Taken back in a moment.
    wanted: Option<PathBuf>,
    open: Open,
}

/// The last one that was taken.
#[derive(Clone, Copy)]
struct Last {
    begun: Instant,
    /// How long a frame waited for it.
    copied: Duration,
    /// How many types were known. The first are taken before the first build.
    types: usize,
}

impl Snapshots {
    /// Begins a run, whose snapshots are in `dir`; says what the last one left.
    pub fn begin(
        module: &'static str,
        dir: PathBuf,
        found: Arc<Mutex<FoundTypes>>,
        reporter: Arc<Reporter>,
    ) -> Self {
        if let Err(error) = create_private(&dir) {
            report::warn(&format!(
                "Snapshot failed: cannot use the folder {}: {error}. Fix that, then restart the game",
                dir.display()
            ));
        }
        let crashed = files::remove_dead(&dir);
        let newest = files::all(&dir).pop();
        let wanted = match env::var_os(RESTORE).filter(|wanted| !wanted.is_empty()) {
            Some(wanted) if wanted == "1" => {
                if newest.is_none() {
                    report::warn(&format!(
                        "Restore failed: {RESTORE} is set, but there is no snapshot. The game starts anew"
                    ));
                }
                newest
            }
            Some(wanted) if wanted == "0" => None,
            Some(wanted) => Some(PathBuf::from(wanted)),
            None => {
                if crashed && let Some(newest) = newest {
                    report::info(&format!(
                        "Restore available: the last run did not end normally. To restore its world ({}), start again with {RESTORE}=1 in the environment",
                        describe(&newest)
                    ));
                }
                None
            }
        };
        if let Some(wanted) = &wanted {
            report::info(&format!(
                "Restoring: {} is restored in a moment, or once the first build knows its types",
                wanted.display()
            ));
        } else {
            // Else one that goes may be what is wanted; the next that is written does it.
            files::remove_oldest(&dir);
        }
        Self {
            module,
            open: Open::begin(&dir),
            dir,
            found,
            reporter,
            writing: None,
            again: false,
            last: None,
            wanted,
        }
    }

    /// Takes one because it was asked for, and writes it beside the next frames. If one is
    /// being written, it is taken when that is done: see [`go_on`](Self::go_on).
    pub fn take(&mut self, world: &World) {
        self.again = self.is_writing();
        if !self.again {
            self.begin_one(world);
        }
    }

    /// Takes the one that had to wait, if it need not any more.
    pub fn go_on(&mut self, world: &World) {
        if self.again {
            self.take(world);
        }
    }

    fn is_writing(&self) -> bool {
        self.writing.as_ref().is_some_and(|w| !w.is_finished())
    }

    /// Copies the world, and begins to write it. Why it does not was said.
    fn begin_one(&mut self, world: &World) {
        // What an earlier one came to is nobody's business any more.
        self.writing = None;
        let begun = Instant::now();
        let found = self.found();
        // A type's own code may run.
        let taken = panics::attempt(|| take::take(world, self.module, &found));
        let taken = match taken {
            Ok(taken) => taken,
            Err(panic) => {
                let why = format!("a type panicked while it was copied: {panic}");
                return self.failed(&why);
            }
        };
        let copied = begun.elapsed();
        self.last = Some(Last {
            begun,
            copied,
            types: found.len(),
        });
        let (dir, reporter) = (self.dir.clone(), self.reporter.clone());
        let write = move || match write::write(taken, copied, &dir) {
            Ok((file, event)) => {
                files::remove_oldest(&dir);
                reporter.emit(event);
                Some(file)
            }
            Err(error) => {
                report::warn(&format!("Snapshot failed: {error}"));
                None
            }
        };
        let thread = thread::Builder::new().name("hot-loader snapshot".into());
        match thread.spawn(write) {
            Ok(thread) => self.writing = Some(thread),
            Err(error) => self.failed(&format!("cannot start a thread to write it: {error}")),
        }
    }

    /// Takes one, and waits until it is on the disk.
    ///
    /// # Errors
    /// If it is not: why was said.
    pub fn take_now(&mut self, world: &World) -> Result<PathBuf, String> {
        // What is not taken back yet is still what the world is to be.
        if let Some(wanted) = &self.wanted {
            return Ok(wanted.clone());
        }
        // One that is written now is older.
        self.finish();
        self.begin_one(world);
        let file = self.finish();
        file.ok_or_else(|| "see the message above".to_owned())
    }

    /// Takes one before something may go wrong, if that is cheap and there is none that is
    /// younger than `enough`.
    pub fn take_ahead(&mut self, world: &World, enough: Duration) {
        let types = self.found().len();
        let is_enough = |last: Last| {
            let as_good = last.types == types && last.begun.elapsed() < enough;
            as_good || last.copied > LONGEST || last.begun.elapsed() < last.copied * PART
        };
        if self.last.is_some_and(is_enough) || self.is_writing() || self.wanted.is_some() {
            return;
        }
        self.begin_one(world);
        if let Some(Last { copied, .. }) = self.last
            && copied > LONGEST
        {
            report::info(&format!(
                "Snapshot: copying the world took {copied:.0?} of a frame, so from now on it is done only when the game asks (HotReload::snapshot)"
            ));
        }
    }

    fn failed(&self, why: &str) {
        report::warn(&format!("Snapshot failed: {why}"));
    }

    fn found(&self) -> FoundTypes {
        panics::lock(&self.found).clone()
    }

    /// Waits for the one that is being written, and returns its file.
    fn finish(&mut self) -> Option<PathBuf> {
        let written = self.writing.take()?.join();
        written.unwrap_or_else(|_| {
            self.failed("a type panicked while it was serialized");
            None
        })
    }

    /// Takes back what this run was asked to take back, once the world has been set up. Not
    /// all types are known before the first build is done: `last` says that it is.
    pub fn restore(&mut self, world: &mut World, last: bool) {
        let Some(file) = &self.wanted else {
            return;
        };
        match restore::restore(world, self.module, &self.found(), file) {
            Ok(event) => self.reporter.emit(event),
            Err(error) if !last && !matches!(error, RestoreError::Partly(_)) => {
                tracing::debug!("the world is not restored yet: {error}");
                return;
            }
            Err(error @ RestoreError::Partly(_)) => report::warn(&format!(
                "Restore failed: {} was restored only in part: {error}. Start again without {RESTORE} for a whole world",
                file.display()
            )),
            Err(error) => report::warn(&format!(
                "Restore failed: {} was not restored: {error}. The game starts anew",
                file.display()
            )),
        }
        self.wanted = None;
    }
}

impl Drop for Snapshots {
    fn drop(&mut self) {
        self.finish();
        // A panic is no proper end.
        if !thread::panicking() {
            self.open.end();
        }
    }
}

fn describe(file: &Path) -> String {
    let modified = fs::metadata(file).and_then(|it| it.modified());
    let age = modified.ok().and_then(|it| it.elapsed().ok());
    match (write::header(file), age) {
        (Ok(header), Some(age)) => format!(
            "{} entities and {} resources, saved {} s ago",
            header.entities,
            header.resources,
            age.as_secs()
        ),
        _ => file.display().to_string(),
    }
}
