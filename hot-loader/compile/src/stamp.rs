//! What tells a file that was written to. Looks at it, and must never read it.

use std::{fs, io, path::Path, time::SystemTime};

/// Equal for the same content: a file that nobody wrote to, wherever it is linked. Another one
/// may have the same content.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Stamp {
    pub(crate) len: u64,
    pub(crate) modified: SystemTime,
    #[cfg(unix)]
    pub(crate) inode: u64,
}

impl Stamp {
    /// What is at `path` now.
    ///
    /// # Errors
    /// If there is nothing.
    pub fn of(path: &Path) -> io::Result<Self> {
        Self::read(&fs::metadata(path)?)
    }

    pub(crate) fn read(metadata: &fs::Metadata) -> io::Result<Self> {
        Ok(Self {
            len: metadata.len(),
            modified: metadata.modified()?,
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(metadata),
        })
    }
}
