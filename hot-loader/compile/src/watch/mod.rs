//! The watch stage: tells when a source of the module may have changed.
//!
//! Relies on notify and its debouncer, and on `sources` for which folders count. It only says *that* and *where* something
//! happened; whether a content changed is decided by whoever reads the files
//! (`sources`), so that editors that save twice, by rename or through a temporary
//! file all come out as one edit.

use crate::sources::is_foreign;
use notify_debouncer_full::{
    DebounceEventResult, Debouncer, RecommendedCache, new_debouncer, new_debouncer_opt,
    notify::{self, Config, PollWatcher, RecommendedWatcher, RecursiveMode},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long a file must be quiet before its change is told.
const QUIET: Duration = Duration::from_millis(20);
/// How often the debouncer looks.
const TICK: Duration = Duration::from_millis(4);
/// How often files are looked at where the system cannot tell of changes.
const POLL: Duration = Duration::from_millis(200);

/// Why nothing is watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch {path} for changes: {source}. Fix that, then restart the game")]
pub struct WatchError {
    path: PathBuf,
    source: notify::Error,
}

enum Either {
    Native(Debouncer<RecommendedWatcher, RecommendedCache>),
    Polling(Debouncer<PollWatcher, RecommendedCache>),
}

impl Either {
    fn watch(&mut self, path: &Path, mode: RecursiveMode) -> notify::Result<()> {
        match self {
            Self::Native(watcher) => watcher.watch(path, mode),
            Self::Polling(watcher) => watcher.watch(path, mode),
        }
    }

    fn unwatch(&mut self, path: &Path) -> notify::Result<()> {
        match self {
            Self::Native(watcher) => watcher.unwatch(path),
            Self::Polling(watcher) => watcher.unwatch(path),
        }
    }
}

/// Watches the module's sources until it is dropped.
pub struct Watcher {
    inner: Either,
    /// Folders besides those of the root.
    dirs: BTreeSet<PathBuf>,
    fell_back: Option<String>,
    relevant: Relevant,
    tell: Tell,
}

/// Called when something may have changed.
type Tell = Arc<dyn Fn() + Send + Sync>;

/// Which paths are told of: folders hold other files too, and the system tells
/// of all of them.
#[derive(Clone)]
struct Relevant {
    root: PathBuf,
    /// Single files outside the root.
    files: Arc<Mutex<BTreeSet<PathBuf>>>,
    /// The root and, if it holds folders that are not to be watched, those that are.
    trees: Arc<Mutex<BTreeMap<PathBuf, RecursiveMode>>>,
    /// One of them may be another folder now, which nobody watches.
    replaced: Arc<AtomicBool>,
    /// The system had no watch left for a folder.
    exhausted: Arc<AtomicBool>,
}

impl Relevant {
    fn is(&self, path: &Path) -> bool {
        path.starts_with(&self.root) || self.files().contains(path)
    }

    fn files(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trees(&self) -> MutexGuard<'_, BTreeMap<PathBuf, RecursiveMode>> {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folders that are not watched yet, as far as they are there.
    fn unwatched(&self) -> Vec<(PathBuf, RecursiveMode)> {
        let mut trees = trees(&self.root);
        trees.retain(|(dir, _)| !self.trees().contains_key(dir));
        trees
    }
}

/// What to watch for the sources below `root`: all of it, unless cargo's target directory or
/// another package is in it, where files come and go at every build.
fn trees(root: &Path) -> Vec<(PathBuf, RecursiveMode)> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let dirs = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
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
        let tell: Tell = Arc::new(tell);
        let relevant = Relevant {
            root: root.to_path_buf(),
            files: Arc::default(),
            trees: Arc::default(),
            replaced: Arc::default(),
            exhausted: Arc::default(),
        };
        let on_events = {
            let (tell, relevant) = (tell.clone(), relevant.clone());
            move |result| handle(result, &relevant, &*tell)
        };
        let native = new_debouncer(QUIET, Some(TICK), on_events).and_then(|watcher| {
            let mut watcher = Either::Native(watcher);
            watch_root(&mut watcher, &relevant)?;
            Ok(watcher)
        });
        let mut fell_back = None;
        let inner = match native {
            Ok(watcher) => watcher,
            Err(cause) => {
                let polling = polling(&relevant, &tell).map_err(|source| WatchError {
                    path: root.to_path_buf(),
                    source,
                })?;
                fell_back = Some(why(root, &cause.to_string()));
                polling
            }
        };
        let mut watcher = Self {
            inner,
            dirs: BTreeSet::new(),
            fell_back,
            relevant,
            tell,
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
        if self.relevant.exhausted.swap(false, Ordering::Relaxed) {
            return self.fall_back();
        }
        if self.relevant.replaced.swap(false, Ordering::Relaxed) {
            for dir in std::mem::take(&mut *self.relevant.trees()).into_keys() {
                if let Err(error) = self.inner.unwatch(&dir) {
                    tracing::debug!("{} was not watched any more: {error}", dir.display());
                }
            }
        }
        match watch_root(&mut self.inner, &self.relevant) {
            Ok(renewed) => renewed,
            Err(error) if is_exhausted(&error) => self.fall_back(),
            Err(error) => {
                // Once it is there again, that is told.
                self.relevant.replaced.store(true, Ordering::Relaxed);
                tracing::debug!(
                    "{} cannot be watched: {error}",
                    self.relevant.root.display()
                );
                false
            }
        }
    }

    /// Looks for changes from now on. Whether it does.
    fn fall_back(&mut self) -> bool {
        if let Either::Polling(_) = self.inner {
            return false;
        }
        let root = self.relevant.root.clone();
        match polling(&self.relevant, &self.tell) {
            Ok(polling) => {
                self.inner = polling;
                self.fell_back = Some(why(&root, "no watches are left"));
                for dir in std::mem::take(&mut self.dirs) {
                    self.watch_dir(&dir);
                }
                true
            }
            Err(error) => {
                tracing::warn!(
                    "file watching stopped for {}, and polling it fails: {error}. Restart the game to reload further edits",
                    root.display()
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
            self.relevant.files().insert(file);
        }
    }

    /// Folders and not files: a file that is saved by rename is another file.
    fn watch_dir(&mut self, dir: &Path) {
        let watched = {
            let trees = self.relevant.trees();
            let mut around = dir
                .ancestors()
                .filter_map(|around| Some((around, trees.get(around)?)));
            around.any(|(around, mode)| around == dir || *mode == RecursiveMode::Recursive)
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

/// Watches what is not watched yet of the root. Whether there was anything.
fn watch_root(inner: &mut Either, relevant: &Relevant) -> notify::Result<bool> {
    let unwatched = relevant.unwatched();
    for (dir, mode) in &unwatched {
        inner.watch(dir, *mode)?;
        relevant.trees().insert(dir.clone(), *mode);
    }
    Ok(!unwatched.is_empty())
}

/// Looks for changes in the root.
fn polling(relevant: &Relevant, tell: &Tell) -> notify::Result<Either> {
    let config = Config::default()
        .with_poll_interval(POLL)
        .with_compare_contents(true);
    let on_events = {
        let (tell, relevant) = (tell.clone(), relevant.clone());
        move |result| handle(result, &relevant, &*tell)
    };
    let cache = RecommendedCache::new();
    let watcher =
        new_debouncer_opt::<_, PollWatcher, _>(QUIET, Some(TICK), on_events, cache, config)?;
    let mut watcher = Either::Polling(watcher);
    relevant.trees().clear();
    watch_root(&mut watcher, relevant)?;
    Ok(watcher)
}

fn why(root: &Path, cause: &str) -> String {
    format!(
        "file watching unavailable for {} ({cause}); polling every {POLL:?}",
        root.display()
    )
}

fn is_exhausted(error: &notify::Error) -> bool {
    matches!(error.kind, notify::ErrorKind::MaxFilesWatch)
}

fn handle(result: DebounceEventResult, relevant: &Relevant, tell: &dyn Fn()) {
    match result {
        Ok(events) => {
            let trees = relevant.trees().clone();
            let is_tree = |path: &PathBuf| *path == relevant.root || trees.contains_key(path);
            if events
                .iter()
                .filter(|event| !event.kind.is_access())
                .any(|event| event.need_rescan() || event.paths.iter().any(is_tree))
            {
                relevant.replaced.store(true, Ordering::Relaxed);
            }
            // Reading a file is no change of it; rustc reads them all.
            let changed = events
                .iter()
                .filter(|event| !event.kind.is_access())
                // Where the system lost count of the changes it names no path.
                .any(|event| {
                    event.need_rescan() || event.paths.iter().any(|path| relevant.is(path))
                });
            if changed {
                tell();
            }
        }
        Err(errors) => {
            if errors.iter().any(is_exhausted) {
                relevant.exhausted.store(true, Ordering::Relaxed);
            }
            for error in errors {
                tracing::warn!(
                    "an error while watching the sources: {error}; save again if an edit is not picked up"
                );
            }
            tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::scratch_dir;

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
}
