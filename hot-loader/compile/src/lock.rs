//! Files whose locks say that a run lives: the system lets go of them when the process
//! ends, however it does. It must never wait, nor remove a file.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
};

/// Makes the file `path` and holds its lock as long as the result lives. It is locked before
/// it has its name: others judge a run by it.
///
/// # Errors
/// If the disk refuses.
pub fn hold(path: &Path) -> io::Result<File> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unnamed = path.with_file_name(format!("new-{name}"));
    let lock = File::create(&unnamed)?;
    lock.lock()?;
    fs::rename(unnamed, path)?;
    Ok(lock)
}

/// Whether somebody holds the lock of the file `path`.
///
/// # Errors
/// If there is no such file.
pub fn is_held(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    Ok(matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Whether the open `file` is the one that has the name `path`, and not one that had it before.
pub fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (open.dev(), open.ino()) == (named.dev(), named.ino())
    }
    // Elsewhere what is open cannot be removed.
    #[cfg(not(unix))]
    {
        let _exist = (open, named);
        true
    }
}
