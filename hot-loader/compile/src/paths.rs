//! Paths as the same file is always spelled: dep-info says `src/../data/a.txt`,
//! the watcher says `data/a.txt`. And what is wrong with one. Pure.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

/// What is wrong with a file or folder.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct PathError {
    path: PathBuf,
    source: io::Error,
}

impl PathError {
    /// What the system, or who reads it, says of `path`.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        |source| Self { path, source }
    }
}

/// `path` without `.` and `..`, by its text alone: symbolic links stay as they are
/// written, since rustc and the watcher are given them so.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(normal.components().next_back(), Some(Component::Normal(_))) =>
            {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_spelling() {
        for (path, expected) in [
            ("/a/src/../data/x.txt", "/a/data/x.txt"),
            ("/a/./b", "/a/b"),
            ("../up", "../up"),
            ("/..", "/.."),
        ] {
            assert_eq!(normal(Path::new(path)), Path::new(expected));
        }
    }
}
