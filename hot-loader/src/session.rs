//! The private folder of one run of the game, under the target directory: pinned
//! libraries and built generations. Removed at the end of the run; what a killed
//! run left is removed by the next.
//!
//! It must never remove the folder of a run that is still alive.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    process,
    time::{SystemTime, UNIX_EPOCH},
};

/// The folder of one run.
#[derive(Debug)]
pub struct SessionDir {
    path: PathBuf,
    shared: PathBuf,
    /// Locked as long as the run lives; the system unlocks it when the process ends.
    _lock: File,
}

/// Why there is no folder.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the folder {path} for rebuilt modules: {source}")]
pub struct SessionError {
    path: PathBuf,
    source: io::Error,
}

const LOCK: &str = "lock";

impl SessionDir {
    /// Makes a folder beside cargo's `out_dir`.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn create(out_dir: &Path) -> Result<Self, SessionError> {
        let base = out_dir.parent().unwrap_or(out_dir).join("hot-loader");
        let runs = base.join("runs");
        let started = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_nanos());
        let path = runs.join(format!("{}-{started}", process::id()));
        let make = || {
            create_private(&path)?;
            // Locked before it has its name: others judge a run by this file.
            let unnamed = path.join("lock.new");
            let lock = File::create(&unnamed)?;
            lock.lock()?;
            fs::rename(unnamed, path.join(LOCK))?;
            Ok(lock)
        };
        let lock = make().map_err(|source| SessionError {
            path: path.clone(),
            source,
        })?;
        remove_dead(&runs, &path);
        Ok(Self {
            path,
            shared: base.join("cache"),
            _lock: lock,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that all runs share, for caches.
    pub fn shared(&self) -> &Path {
        &self.shared
    }
}

impl Drop for SessionDir {
    fn drop(&mut self) {
        // Libraries of this run stay mapped; removing their files is fine on Unix
        // and fails on Windows, where the next run removes them.
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::debug!("left for the next run: {}: {error}", self.path.display());
        }
    }
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Removes folders of runs that have ended without doing so themselves.
fn remove_dead(runs: &Path, own: &Path) {
    let Ok(entries) = fs::read_dir(runs) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        // A run that is just making its folder has no lock file yet: it is left alone.
        let Ok(lock) = File::open(path.join(LOCK)) else {
            continue;
        };
        let alive = path == own || matches!(lock.try_lock(), Err(TryLockError::WouldBlock));
        if !alive && let Err(error) = fs::remove_dir_all(&path) {
            tracing::debug!("cannot remove {}: {error}", path.display());
        }
    }
}
