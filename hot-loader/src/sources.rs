//! A snapshot of the module's sources: what was on the disk at one moment.
//!
//! Reads files; decides nothing but which contents differ.

use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

/// In bytes. A source that is larger counts as unreadable: no compiler reads it in reasonable
/// time, and it would have to be held in memory.
const LARGEST: u64 = 1 << 28;

/// Files by absolute path. A file that cannot be read is not in it.
#[derive(Clone, Debug, Default)]
pub struct Sources(BTreeMap<PathBuf, Source>);

#[derive(Clone, Debug)]
struct Source {
    bytes: Arc<[u8]>,
    stamp: Stamp,
}

/// Tells a file that was saved again with the same content.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    #[cfg(unix)]
    inode: u64,
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(metadata),
        }
    }
}

impl Sources {
    /// Reads every `.rs` file below `dir`, and `others`.
    pub fn read<'a>(dir: &Path, others: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let mut sources = Self::default();
        sources.add_dir(dir, &mut BTreeSet::new());
        for file in others {
            if !sources.0.contains_key(file) {
                sources.add(file.clone());
            }
        }
        sources
    }

    /// `open` are the folders that `dir` is in, as they really are: a link to one of them
    /// would never end.
    fn add_dir(&mut self, dir: &Path, open: &mut BTreeSet<PathBuf>) {
        let (Ok(real), Ok(entries)) = (dir.canonicalize(), fs::read_dir(dir)) else {
            return;
        };
        if !open.insert(real.clone()) {
            return;
        }
        for entry in entries.flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            // Editors leave locks and swap files that begin with a dot.
            if hidden {
                continue;
            }
            if path.is_dir() {
                self.add_dir(&path, open);
            } else if path.extension().is_some_and(|e| e == "rs")
                && entry.metadata().is_ok_and(|of| of.len() <= LARGEST)
            {
                self.add(path);
            }
        }
        open.remove(&real);
    }

    fn add(&mut self, path: PathBuf) {
        // The stamp first: a save between the two gives content that is newer than
        // its stamp, which is noticed; the other way round it would not be.
        let Ok(metadata) = fs::metadata(&path) else {
            return;
        };
        // Reading a pipe or a device may never end.
        if !metadata.is_file() {
            return;
        }
        if let Ok(bytes) = fs::read(&path) {
            let source = Source {
                bytes: bytes.into(),
                stamp: Stamp::of(&metadata),
            };
            self.0.insert(path, source);
        }
    }

    /// The content of `path`.
    pub fn get(&self, path: &Path) -> Option<&Arc<[u8]>> {
        self.0.get(path).map(|source| &source.bytes)
    }

    /// All files and their contents.
    pub fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Arc<[u8]>)> {
        self.0.iter().map(|(path, source)| (path, &source.bytes))
    }

    /// When `path` was saved.
    pub fn modified(&self, path: &Path) -> Option<SystemTime> {
        self.0.get(path)?.stamp.modified
    }

    /// Forgets files that `keep` does not want.
    pub fn retain(&mut self, keep: impl Fn(&Path) -> bool) {
        self.0.retain(|path, _| keep(path));
    }

    /// Whether no file was saved since `before`, not even with the same content:
    /// only then is what was read in between known.
    pub fn is_untouched_since(&self, before: &Self) -> bool {
        self.0.len() == before.0.len()
            && self
                .0
                .iter()
                .zip(&before.0)
                .all(|((path, now), (old_path, old))| {
                    path == old_path && now.stamp == old.stamp && now.bytes == old.bytes
                })
    }

    /// Files whose content is not the one in `before`, or that are in one of the two only.
    pub fn changed_since(&self, before: &Self) -> Vec<PathBuf> {
        let changed = self
            .0
            .iter()
            .filter(|(path, source)| before.get(path) != Some(&source.bytes));
        let gone = before.0.keys().filter(|path| !self.0.contains_key(*path));
        changed.map(|(path, _)| path).chain(gone).cloned().collect()
    }

    /// Whether the content of `path` has this SHA-256 in hex.
    pub fn has_hash(&self, path: &Path, hash: &str) -> bool {
        self.get(path).is_some_and(|bytes| {
            let now = Sha256::digest(bytes);
            now.iter().map(|b| format!("{b:02x}")).collect::<String>() == hash
        })
    }
}

/// When the newest of `files` was saved; `now` for one that is gone, or whose time
/// cannot be true (later than now, or earlier than the `last` time anyone looked).
pub fn saved_at(
    files: &[PathBuf],
    sources: &Sources,
    last: SystemTime,
    now: SystemTime,
) -> SystemTime {
    files
        .iter()
        .filter_map(|file| sources.modified(file))
        .filter(|at| (last..=now).contains(at))
        .max()
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn source(text: &str, seconds: u64) -> Source {
        Source {
            bytes: text.as_bytes().into(),
            stamp: Stamp {
                modified: Some(at(seconds)),
                #[cfg(unix)]
                inode: 1,
            },
        }
    }

    fn sources(text: &str, seconds: u64) -> Sources {
        Sources(BTreeMap::from([("a.rs".into(), source(text, seconds))]))
    }

    #[test]
    fn saved_and_undone_is_touched_and_not_changed() {
        let before = sources("a", 10);
        let undone = sources("a", 12);
        assert!(undone.changed_since(&before).is_empty());
        assert!(!undone.is_untouched_since(&before));
        assert!(before.clone().is_untouched_since(&before));
        assert!(!Sources::default().is_untouched_since(&before));
    }

    #[test]
    fn a_save_counts_from_its_own_time_where_that_can_be_true() {
        let files = [PathBuf::from("a.rs")];
        let saved = |seconds| saved_at(&files, &sources("a", seconds), at(10), at(20));
        assert_eq!(saved(12), at(12));
        assert_eq!(saved(9), at(20), "a restored file keeps an old time");
        assert_eq!(saved(99), at(20), "a clock jumped");
        assert_eq!(
            saved_at(&files, &Sources::default(), at(10), at(20)),
            at(20)
        );
    }
}
