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
