//! The private folder of one run of the game, beside the executable: pinned
//! libraries and built generations. Removed at the end of the run; what a killed
//! run left is removed by the next.
//!
//! Only this user can write into it, which is what makes a library in it ours. It must
//! never remove the folder of a run that is still alive.

use crate::{lock, walk::entries};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process,
    time::UNIX_EPOCH,
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
pub enum SessionError {
    /// The disk refuses.
    #[error(
        "cannot create the folder {path} for rebuilt modules: {source}. Check for a full disk or a read-only target directory, then save again"
    )]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It was removed.
    #[error("the folder {path} of this run was removed ({source}). Restart the game")]
    Gone {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else could put a library into it.
    #[error(
        "{path} is not private ({why}), so nothing is loaded from it. Make it private (`chmod 700`); if its file system has no permissions, set CARGO_TARGET_DIR to a folder on one that has them"
    )]
    NotPrivate {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Somebody else put a library into it, or where rustc writes to.
    #[error(
        "{path} belongs to user {owner}, who must have put it there, so it was not loaded. Check who may write into the target directory, then save again"
    )]
    Foreign {
        /// The library.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
}

const LOCK: &str = "lock";

impl SessionDir {
    /// Makes a folder beside the `executable`.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn create(executable: &Path) -> Result<Self, SessionError> {
        let base = base(executable);
        let runs = base.join("runs");
        let started = UNIX_EPOCH.elapsed().map_or(0, |d| d.as_nanos());
        let path = runs.join(format!("{}-{started}", process::id()));
        let made = create_private(&path).and_then(|()| lock::hold(&path.join(LOCK)));
        let lock = match made {
            Ok(lock) => lock,
            Err(source) => return Err(SessionError::Io { path, source }),
        };
        remove_dead(&runs, &path);
        let session = Self {
            path,
            shared: base.join("cache"),
            _lock: lock,
        };
        session.check()?;
        Ok(session)
    }

    /// Checks that the folder is still this user's alone.
    ///
    /// # Errors
    /// If it is gone, belongs to somebody else, or others may write into it.
    pub fn check(&self) -> Result<(), SessionError> {
        let path = self.path.clone();
        match fs::symlink_metadata(&path).map(|it| not_private(&it)) {
            Ok(None) => Ok(()),
            Ok(Some(why)) => Err(SessionError::NotPrivate { path, why }),
            Err(source) => Err(SessionError::Gone { path, source }),
        }
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

/// What lets others than this user write into a folder.
fn not_private(metadata: &fs::Metadata) -> Option<String> {
    if !metadata.is_dir() {
        return Some("it isn't a folder".into());
    }
    let (stranger, mode) = stranger_and_mode(metadata);
    match stranger {
        Some(owner) => Some(format!("it belongs to user {owner}")),
        None => (mode & 0o077 != 0).then(|| format!("its mode is {mode:o}")),
    }
}

/// Checks that a file is this user's.
///
/// # Errors
/// If it is somebody else's.
pub(crate) fn must_be_own(path: &Path, metadata: &fs::Metadata) -> Result<(), SessionError> {
    match stranger_and_mode(metadata) {
        (Some(owner), _) => Err(SessionError::Foreign {
            path: path.to_path_buf(),
            owner,
        }),
        (None, _) => Ok(()),
    }
}

/// Whose a file or folder is, if not this user's, and its mode. Where files have neither, the
/// target directory's own permissions decide.
#[cfg(unix)]
#[expect(unsafe_code, reason = "asking for the user's number is a call into C")]
fn stranger_and_mode(metadata: &fs::Metadata) -> (Option<u32>, u32) {
    use std::os::unix::fs::MetadataExt;
    // SAFETY: it has no conditions, and cannot fail.
    let user = unsafe { libc::geteuid() };
    let stranger = Some(metadata.uid()).filter(|owner| *owner != user);
    (stranger, metadata.mode() & 0o777)
}

#[cfg(not(unix))]
fn stranger_and_mode(_metadata: &fs::Metadata) -> (Option<u32>, u32) {
    (None, 0)
}

/// Makes a folder, and those it is in, that only this user may enter.
///
/// # Errors
/// If the disk refuses.
pub fn create_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    builder.mode(0o700);
    builder.recursive(true).create(path)?;
    // One that was made by an earlier version, or by somebody's own hand.
    #[cfg(unix)]
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// The folder that is hot-loader's own, beside the `executable`: cargo links that to one place
/// whatever its features, flags and the layout of its build directory.
pub fn base(executable: &Path) -> PathBuf {
    let dir = executable.parent().unwrap_or(executable);
    dir.join("hot-loader")
}

/// Removes folders of runs that have ended without doing so themselves.
fn remove_dead(runs: &Path, own: &Path) {
    for path in entries(runs) {
        // A run that is just making its folder has no lock file yet: it is left alone.
        let is_dead = path != own && lock::is_held(&path.join(LOCK)).is_ok_and(|held| !held);
        if is_dead && let Err(error) = fs::remove_dir_all(&path) {
            tracing::debug!("cannot remove {}: {error}", path.display());
        }
    }
}
