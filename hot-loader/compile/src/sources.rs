//! A snapshot of the module's sources: what was on the disk at one moment.
//!
//! Reads files; decides nothing but which contents differ.

use crate::{stamp::Stamp, walk::sources_in};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

/// In bytes. A source that is larger counts as unreadable: no compiler reads it in reasonable
/// time, and it would have to be held in memory.
const LARGEST: u64 = 1 << 28;

/// Files by absolute path. A file that cannot be read is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(BTreeMap<PathBuf, Source>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    /// Tells a file that was saved again with the same content; none of a text that is known
    /// from elsewhere.
    stamp: Option<Stamp>,
    bytes: Arc<[u8]>,
}

impl Sources {
    /// Reads every `.rs` file below `dir`, and `others`.
    pub fn read<'a>(dir: &Path, others: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let mut sources = Self::default();
        sources_in(dir, &mut Vec::new(), &mut |path| sources.add(path));
        for file in others {
            if !sources.0.contains_key(file) {
                sources.add(file.clone());
            }
        }
        sources
    }

    fn add(&mut self, path: PathBuf) {
        // The stamp first: a save between the two gives content that is newer than
        // its stamp, which is noticed; the other way round it would not be.
        let Ok(metadata) = fs::metadata(&path) else {
            return;
        };
        // Reading a pipe or a device may never end.
        if !metadata.is_file() || metadata.len() > LARGEST {
            return;
        }
        if let Ok(bytes) = fs::read(&path) {
            let (stamp, bytes) = (Stamp::read(&metadata).ok(), bytes.into());
            self.0.insert(path, Source { stamp, bytes });
        }
    }

    /// As they were when `texts` were all that is known of them, and nothing else was saved
    /// since `then`.
    #[must_use]
    pub fn as_of(&self, texts: &BTreeMap<PathBuf, String>, then: SystemTime) -> Self {
        let mut sources = self.clone();
        sources.0.retain(|path, source| match texts.get(path) {
            Some(text) => *source.bytes == *text.as_bytes(),
            None => source.stamp.is_some_and(|stamp| stamp.modified <= then),
        });
        for (path, text) in texts {
            let source = sources.0.entry(path.clone());
            source.or_insert_with(|| Source {
                stamp: None,
                bytes: text.as_bytes().into(),
            });
        }
        sources
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
        Some(self.0.get(path)?.stamp?.modified)
    }

    /// Forgets files that `keep` does not want.
    pub fn retain(&mut self, keep: impl Fn(&Path) -> bool) {
        self.0.retain(|path, _| keep(path));
    }

    /// Whether no file was saved since `before`, not even with the same content:
    /// only then is what was read in between known.
    pub fn is_untouched_since(&self, before: &Self) -> bool {
        self == before
    }

    /// Files whose content is not the one in `before`, or that are in one of the two only.
    pub fn changed_since(&self, before: &Self) -> Vec<PathBuf> {
        let changed = self.0.keys().filter(|it| self.get(it) != before.get(it));
        let gone = before.0.keys().filter(|it| !self.0.contains_key(*it));
        changed.chain(gone).cloned().collect()
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
            stamp: Some(Stamp {
                len: text.len() as u64,
                modified: at(seconds),
                #[cfg(unix)]
                inode: 1,
            }),
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
    fn what_cargo_builds_and_other_packages_are_no_sources() {
        let dir = crate::scratch::scratch_dir("sources");
        for file in [
            "lib.rs",
            "parts/mod.rs",
            "target/CACHEDIR.TAG",
            "target/made.rs",
            "other/Cargo.toml",
            "other/lib.rs",
            ".git/hook.rs",
        ] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let sources = Sources::read(dir.path(), []);
        let found: Vec<_> = sources.iter().map(|(path, _)| path.clone()).collect();
        assert_eq!(
            found,
            ["lib.rs", "parts/mod.rs"].map(|file| dir.path().join(file))
        );
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
