//! Paths as the same file is always spelled: dep-info says `src/../data/a.txt`,
//! the watcher says `data/a.txt`. Pure.

use std::path::{Component, Path, PathBuf};

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
