//! The surface stage: from the module's sources before and after an edit, which
//! kind of edit is it? (interface only for now: every edit is a types edit)
mod error;
pub use error::SurfaceError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One file of the module, as it was at one moment.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Absolute path, as rustc's dep-info lists it.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Arc<[u8]>,
}
/// What of a snapshot of the module's sources can decide types and registration.
#[derive(Clone, Debug)]
pub struct Surface {
    hash: u128,
}
impl Surface {
    /// The surface of `files`, whose crate root is `root`.
    pub fn of(_crate_name: &str, _root: &Path, files: &[SourceFile]) -> Result<Self, SurfaceError> {
        let mut hash = 0x6c62272e07bb014262b821756295c58d_u128;
        for file in files {
            for byte in file.bytes.iter() {
                hash = (hash ^ u128::from(*byte)).wrapping_mul(0x0000000001000000000000000000013B);
            }
        }
        Ok(Self { hash })
    }
    /// Stable hash of the type surface.
    pub fn type_hash(&self) -> u128 {
        self.hash
    }
    /// Stable hash of the registration surface.
    pub fn registration_hash(&self) -> u128 {
        self.hash
    }
}
/// What an edit is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The largest kind among the changes.
    pub kind: EditKind,
    /// What changed.
    pub changes: Vec<Change>,
    /// Full paths of functions whose body changed, was added or removed.
    pub functions: Vec<String>,
}
/// The three kinds of edit; the larger one wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EditKind {
    /// Neither surface changed.
    Body,
    /// The registration surface changed.
    Structure,
    /// The type surface changed.
    Types,
}
/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What this change alone would make the edit.
    pub kind: EditKind,
    /// The file it is in.
    pub file: PathBuf,
    /// Its line, from 1, in the new file, or in the old one for something removed.
    pub line: usize,
    /// What it is, such as `struct systems::ship::Ship`.
    pub item: String,
    /// A sentence that says why it has this kind.
    pub reason: String,
}
/// What the edit from `old` to `new` is.
pub fn compare(old: &Surface, new: &Surface) -> Edit {
    let kind = if old.hash == new.hash { EditKind::Body } else { EditKind::Types };
    Edit { kind, changes: Vec::new(), functions: Vec::new() }
}
