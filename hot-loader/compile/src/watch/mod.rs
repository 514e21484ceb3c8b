//! The watch stage: tells when a source of the module may have changed.
//!
//! Relies on notify, and on `walk` for which folders count. It only says *that* something
//! happened, as often as it does. Whoever is told waits until it is quiet, and decides by the
//! contents of the files (`sources`), so that editors that save twice, by rename or through a
//! temporary file all come out as one edit.

use crate::walk::{entries, is_foreign};
use notify::{
    Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode,
    event::{AccessKind, AccessMode},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How often files are looked at where the system cannot tell of changes.
const POLL: Duration = Duration::from_millis(200);

/// Why nothing is watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch {path} for changes: {source}. Fix that, then restart the game")]
pub struct WatchError {
    path: PathBuf,
    source: notify::Error,
}

/// Watches the module's sources until it is dropped.
pub struct Watcher {
    inner: Box<dyn notify::Watcher + Send>,
    polls: bool,
    /// Folders besides those of the root.
    dirs: BTreeSet<PathBuf>,
    fell_back: Option<String>,
    watched: Arc<Watched>,
}

/// Which paths are told of: folders hold other files too, and the system tells
/// of all of them.
struct Watched {
    root: PathBuf,
    /// Single files outside the root.
    files: Mutex<BTreeSet<PathBuf>>,
    /// The root and, if it holds folders that are not to be watched, those that are.
    trees: Mutex<BTreeMap<PathBuf, RecursiveMode>>,
    /// One of them may be another folder now, which nobody watches.
    replaced: AtomicBool,
    /// The system had no watch left for a folder.
    exhausted: AtomicBool,
    /// Called when something may have changed.
    tell: Box<dyn Fn() + Send + Sync>,
}

impl Watched {
    fn files(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trees(&self) -> MutexGuard<'_, BTreeMap<PathBuf, RecursiveMode>> {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches what is not watched yet of the root. Whether there was anything.
    fn watch_root(&self, inner: &mut dyn notify::Watcher) -> notify::Result<bool> {
        let mut unwatched = trees(&self.root);
        unwatched.retain(|(dir, _)| !self.trees().contains_key(dir));
        for (dir, mode) in &unwatched {
            inner.watch(dir, *mode)?;
            self.trees().insert(dir.clone(), *mode);
        }
        Ok(!unwatched.is_empty())
    }

    /// Why changes are looked for.
    fn why(&self, cause: &str) -> String {
        format!(
            "file watching unavailable for {} ({cause}); polling every {POLL:?}",
            self.root.display()
        )
    }

    fn handle(&self, result: notify::Result<Event>) {
        match result {
            // Reading a file is no change of it; rustc reads them all.
            Ok(event) if is_read(&event) => return,
            Ok(event) => {
                // Where the system lost count of the changes it names no path.
                let concerns = |is: &dyn Fn(&PathBuf) -> bool| {
                    event.need_rescan() || event.paths.iter().any(is)
                };
                let trees = self.trees().clone();
                if concerns(&|path| *path == self.root || trees.contains_key(path)) {
                    self.replaced.store(true, Ordering::Relaxed);
                }
                if !concerns(&|path| path.starts_with(&self.root) || self.files().contains(path)) {
                    return;
                }
            }
            Err(error) if is_exhausted(&error) => self.exhausted.store(true, Ordering::Relaxed),
            Err(error) => tracing::warn!(
                "an error while watching the sources: {error}; save again if an edit is not picked up"
            ),
        }
        (self.tell)();
    }
}

/// Whether a file was opened, read, or closed by somebody who did not write to it.
fn is_read(event: &Event) -> bool {
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        kind => kind.is_access(),
    }
}

/// What to watch for the sources below `root`: all of it, unless cargo's target directory or
/// another package is in it, where files come and go at every build.
fn trees(root: &Path) -> Vec<(PathBuf, RecursiveMode)> {
    let dirs = entries(root).filter(|path| path.is_dir());
    let (foreign, own): (Vec<_>, Vec<_>) = dirs.partition(|dir| is_foreign(dir));
    if foreign.is_empty() {
        return vec![(root.to_path_buf(), RecursiveMode::Recursive)];
    }
    let own = own.into_iter().map(|dir| (dir, RecursiveMode::Recursive));
    let root = (root.to_path_buf(), RecursiveMode::NonRecursive);
    [root].into_iter().chain(own).collect()
}

impl Watcher {
    /// Watches `root`, a folder, and all below it; `tell` is called from another
    /// thread. Falls back to polling where the system has no watches left, at once or
    /// later: see [`fell_back`](Self::fell_back).
    ///
    /// # Errors
    /// If the folder cannot be watched either way.
    pub fn new(root: &Path, tell: impl Fn() + Send + Sync + 'static) -> Result<Self, WatchError> {
        let watched = Arc::new(Watched {
            root: root.to_path_buf(),
            files: Mutex::default(),
            trees: Mutex::default(),
            replaced: AtomicBool::default(),
            exhausted: AtomicBool::default(),
            tell: Box::new(tell),
        });
        let native = watcher::<RecommendedWatcher>(&watched).map(|inner| (inner, None));
        let polling = |cause: notify::Error| {
            let inner = watcher::<PollWatcher>(&watched)?;
            Ok((inner, Some(watched.why(&cause.to_string()))))
        };
        let (inner, fell_back) = native.or_else(polling).map_err(|source| WatchError {
            path: root.to_path_buf(),
            source,
        })?;
        let mut watcher = Self {
            inner,
            polls: fell_back.is_some(),
            dirs: BTreeSet::new(),
            fell_back,
            watched,
        };
        // Where it is told that the root itself goes and comes.
        if let Some(parent) = root.parent() {
            watcher.watch_dir(parent);
        }
        Ok(watcher)
    }

    /// Why changes are looked for from now on, where the system does not tell of them any
    /// more; once.
    pub fn fell_back(&mut self) -> Option<String> {
        self.fell_back.take()
    }

    /// Watches the root again if it was moved, or removed and made again, and by other means
    /// if the system has none left. Before the sources are read: what changed in between is
    /// seen then. Whether it was.
    pub fn renew(&mut self) -> bool {
        if self.watched.exhausted.swap(false, Ordering::Relaxed) {
            return self.fall_back();
        }
        if self.watched.replaced.swap(false, Ordering::Relaxed) {
            // Unwatching waits for the thread that tells, which asks for these.
            let trees = mem::take(&mut *self.watched.trees());
            for dir in trees.into_keys() {
                if let Err(error) = self.inner.unwatch(&dir) {
                    tracing::debug!("{} was not watched any more: {error}", dir.display());
                }
            }
        }
        match self.watched.watch_root(&mut *self.inner) {
            Ok(renewed) => renewed,
            Err(error) if is_exhausted(&error) => self.fall_back(),
            Err(error) => {
                // Once it is there again, that is told.
                self.watched.replaced.store(true, Ordering::Relaxed);
                tracing::debug!("{} cannot be watched: {error}", self.watched.root.display());
                false
            }
        }
    }

    /// Looks for changes from now on. Whether it does.
    fn fall_back(&mut self) -> bool {
        if self.polls {
            return false;
        }
        match watcher::<PollWatcher>(&self.watched) {
            Ok(polling) => {
                (self.inner, self.polls) = (polling, true);
                self.fell_back = Some(self.watched.why("no watches are left"));
                for dir in mem::take(&mut self.dirs) {
                    self.watch_dir(&dir);
                }
                true
            }
            Err(error) => {
                tracing::warn!(
                    "file watching stopped for {}, and polling it fails: {error}. Restart the game to reload further edits",
                    self.watched.root.display()
                );
                false
            }
        }
    }

    /// Watches `files` too, which may be outside the root and may not exist yet:
    /// what `include_str!` and the like read, manifests.
    pub fn also(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        for file in files {
            if let Some(dir) = file.parent() {
                self.watch_dir(dir);
            }
            self.watched.files().insert(file);
        }
    }

    /// Folders and not files: a file that is saved by rename is another file.
    fn watch_dir(&mut self, dir: &Path) {
        let watched = {
            let trees = self.watched.trees();
            dir.ancestors().any(|around| {
                let mode = trees.get(around);
                mode.is_some_and(|mode| around == dir || *mode == RecursiveMode::Recursive)
            })
        };
        if watched || !dir.is_dir() || !self.dirs.insert(dir.to_path_buf()) {
            return;
        }
        if let Err(error) = self.inner.watch(dir, RecursiveMode::NonRecursive) {
            if is_exhausted(&error) && self.fall_back() {
                return;
            }
            tracing::warn!(
                "cannot watch {}, which holds files that the gameplay is built from: {error}. Restart the game after you edit them",
                dir.display()
            );
        }
    }
}

/// Is told of changes in the root as `W` is: by the system, or by looking for them.
fn watcher<W: notify::Watcher + Send + 'static>(
    watched: &Arc<Watched>,
) -> notify::Result<Box<dyn notify::Watcher + Send>> {
    // Of no meaning to those that the system tells.
    let config = Config::default()
        .with_poll_interval(POLL)
        .with_compare_contents(true);
    let handler = watched.clone();
    let mut watcher = W::new(move |event| handler.handle(event), config)?;
    watched.trees().clear();
    watched.watch_root(&mut watcher)?;
    Ok(Box::new(watcher))
}

fn is_exhausted(error: &notify::Error) -> bool {
    matches!(error.kind, notify::ErrorKind::MaxFilesWatch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::scratch_dir;
    use std::fs;

    #[test]
    fn what_cargo_builds_and_other_packages_are_not_watched() {
        let dir = scratch_dir("watch-trees");
        let root = dir.path();
        fs::create_dir(root.join("parts")).unwrap();
        assert_eq!(
            trees(root),
            [(root.to_path_buf(), RecursiveMode::Recursive)]
        );
        for (folder, file) in [("target", "CACHEDIR.TAG"), ("other", "Cargo.toml")] {
            fs::create_dir(root.join(folder)).unwrap();
            fs::write(root.join(folder).join(file), "").unwrap();
        }
        assert_eq!(
            trees(root),
            [
                (root.to_path_buf(), RecursiveMode::NonRecursive),
                (root.join("parts"), RecursiveMode::Recursive)
            ]
        );
    }

    #[test]
    fn what_is_watched_anew_does_not_wait_for_who_tells_of_changes() {
        let dir = scratch_dir("watch-renew");
        let root = dir.path().join("src");
        fs::create_dir(&root).unwrap();
        let mut watcher = Watcher::new(&root, || ()).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    fs::write(root.join("lib.rs"), "").unwrap();
                }
            });
            for polls in [false, true] {
                if polls {
                    assert!(watcher.fall_back());
                }
                for _ in 0..200 {
                    watcher.watched.replaced.store(true, Ordering::Relaxed);
                    watcher.renew();
                }
            }
            done.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn saves_in_the_root_and_of_files_outside_are_told_whoever_tells_of_them() {
        let dir = scratch_dir("watch-saves");
        let (root, outside) = (dir.path().join("src"), dir.path().join("data"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&outside).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        // Nobody listens when the test is over.
        let tell = move || tell.send(()).unwrap_or_default();
        let mut watcher = Watcher::new(&root, tell).unwrap();
        let included = outside.join("level.ron");
        watcher.also([included.clone()]);
        let soon = Duration::from_secs(60);
        for polls in [false, true] {
            if polls {
                assert!(watcher.fall_back());
                assert!(
                    watcher
                        .fell_back()
                        .is_some_and(|why| why.contains("polling"))
                );
            }
            for file in [root.join("lib.rs"), included.clone()] {
                while told.try_recv().is_ok() {}
                fs::write(&file, format!("{polls}")).unwrap();
                told.recv_timeout(soon).unwrap();
            }
        }
    }
}
