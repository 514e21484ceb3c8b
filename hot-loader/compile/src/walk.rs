//! Where the sources of a crate are, and what is in a folder. `export!` includes this file, so
//! that what it embeds and what a save is compared with are the same files.
//!
//! Must come to an end whatever links there are, and not open what it finds.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Tells of every `.rs` file below `dir`, but for pipes, devices, and what is of another
/// package or of cargo's. `open` are the folders that `dir` is in, as they really are: a link
/// to one of them, or to what they are in, would never end.
pub fn sources_in(dir: &Path, open: &mut Vec<PathBuf>, found: &mut impl FnMut(PathBuf)) {
    let Ok(real) = dir.canonicalize() else {
        return;
    };
    if open.iter().any(|open| open.starts_with(&real)) {
        return;
    }
    open.push(real);
    for path in entries(dir) {
        let Ok(metadata) = fs::metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            if !is_foreign(&path) {
                sources_in(&path, open, found);
            }
        } else if metadata.is_file()
            && !is_hidden(&path)
            && path.extension().is_some_and(|e| e == "rs")
        {
            found(path);
        }
    }
    open.pop();
}

/// What is in the folder `dir`; nothing if it cannot be read.
pub fn entries(dir: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

/// Editors leave locks and swap files that begin with a dot, and version control its folder.
fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with('.')
}

/// Whether the folder `dir` below the module's holds none of its sources: another package,
/// or cargo's target directory.
pub fn is_foreign(dir: &Path) -> bool {
    let marks = ["Cargo.toml", "CACHEDIR.TAG"];
    is_hidden(dir) || marks.iter().any(|file| dir.join(file).exists())
}
