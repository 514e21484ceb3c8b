//! The folders that rustc works in, one for each identity, and which of them are kept. It must
//! never remove one that somebody builds in.

use super::{BuildError, group::Priority, running::RunningBuild};
use crate::{lock, paths::PathError, session::create_private, walk::entries};
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

/// Where rustc works: the same folders for every build of one identity of the module
/// and every run of the game, so that its incremental cache stays valid.
#[derive(Debug)]
pub(super) struct Cache {
    dir: PathBuf,
    /// Where rustc reads the pinned artifacts.
    pub deps: PathBuf,
    pub incremental: PathBuf,
    pub out: PathBuf,
    lock: PathBuf,
    /// The folder of all identities' caches besides the executable's, if it is in that.
    others: Option<PathBuf>,
}

impl Cache {
    /// How many identities besides the executable's keep their caches.
    const KEPT: usize = 6;

    /// That of one identity, whether it is there or not. Touches no file.
    pub(super) fn of(caches: &Path, metadata: Option<&str>) -> Self {
        let others = metadata.map(|_| caches.join("identities"));
        let dir = match (&others, metadata) {
            (Some(others), Some(metadata)) => others.join(metadata),
            _ => caches.to_path_buf(),
        };
        Self {
            others,
            deps: dir.join("deps"),
            incremental: dir.join("incremental"),
            out: dir.join("out"),
            lock: dir.join("lock"),
            dir,
        }
    }

    /// Makes room and the folders, and waits until no other run of the game builds in them; what is of
    /// the lowest priority does not wait. Unlocked by dropping it.
    ///
    /// # Errors
    /// If the build was stopped meanwhile, or the disk refuses.
    pub(super) fn lock(
        &self,
        running: &RunningBuild,
        priority: Priority,
    ) -> Result<File, BuildError> {
        const LOOK_AGAIN: Duration = Duration::from_millis(20);
        if let Some(others) = &self.others
            && !self.dir.exists()
        {
            remove_oldest(others, Self::KEPT - 1);
        }
        loop {
            running.lock().check()?;
            for path in [&self.incremental, &self.out] {
                create_private(path).map_err(PathError::at(path))?;
            }
            let file = File::create(&self.lock).map_err(PathError::at(&self.lock))?;
            match file.try_lock() {
                // Another run may have removed all of it since the folders were made.
                Ok(()) if lock::is_at(&file, &self.lock) => return Ok(file),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if priority == Priority::Lowest => {
                    return Err(BuildError::Cancelled);
                }
                Err(TryLockError::WouldBlock) => thread::sleep(LOOK_AGAIN),
                Err(TryLockError::Error(error)) => {
                    return Err(PathError::at(&self.lock)(error).into());
                }
            }
        }
    }
}

/// Removes the caches that were not built in for longest, and that no other run builds
/// in, until `left` are left.
fn remove_oldest(all: &Path, left: usize) {
    let dirs = entries(all).filter_map(|dir| {
        // Opened anew by every build.
        let lock = fs::metadata(dir.join("lock")).ok()?;
        Some((lock.modified().ok()?, dir))
    });
    let mut dirs: Vec<(SystemTime, PathBuf)> = dirs.collect();
    dirs.sort();
    let many = dirs.len().saturating_sub(left);
    for (_, dir) in dirs.into_iter().take(many) {
        if let Err(error) = remove_unused(&dir) {
            tracing::debug!("cannot remove {}: {error}", dir.display());
        }
    }
}

/// Removes a cache that no run builds in. It loses its name first, while it is locked: who
/// wants that one from here on makes another.
fn remove_unused(dir: &Path) -> io::Result<()> {
    let path = dir.join("lock");
    let lock = File::open(&path)?;
    if lock.try_lock().is_err() || !lock::is_at(&lock, &path) {
        return Ok(());
    }
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let unnamed = dir.with_file_name(format!("removed-{}-{name}", std::process::id()));
    fs::rename(dir, &unnamed)?;
    drop(lock);
    fs::remove_dir_all(&unnamed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::scratch_dir;

    #[test]
    fn a_cache_that_was_removed_while_it_was_waited_for_is_made_again() {
        let dir = scratch_dir("cache");
        let running = RunningBuild::default();
        let cache = Cache::of(dir.path(), Some("one"));
        let first = cache.lock(&running, Priority::Normal).unwrap();
        let second = thread::scope(|scope| {
            let second = scope.spawn(|| cache.lock(&running, Priority::Normal).unwrap());
            // Until it waits.
            thread::sleep(Duration::from_millis(60));
            let one = dir.path().join("identities/one");
            fs::rename(&one, one.with_file_name("removed")).unwrap();
            fs::remove_dir_all(one.with_file_name("removed")).unwrap();
            drop(first);
            second.join().unwrap()
        });
        assert!(cache.out.is_dir() && cache.incremental.is_dir());
        // It is held against everybody else.
        let other = File::open(&cache.lock).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(second);
    }

    #[test]
    fn only_caches_that_nobody_builds_in_are_removed() {
        let dir = scratch_dir("caches");
        let running = RunningBuild::default();
        let cache = |name: &str| Cache::of(dir.path(), Some(name));
        let held = cache("held").lock(&running, Priority::Normal).unwrap();
        drop(cache("free").lock(&running, Priority::Normal).unwrap());
        let all = dir.path().join("identities");
        remove_oldest(&all, 0);
        let left: Vec<_> = fs::read_dir(&all)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert_eq!(left, ["held"]);
        drop(held);
    }
}
