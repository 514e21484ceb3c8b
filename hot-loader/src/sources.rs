//! A snapshot of the module's sources: what was on the disk at one moment.
//!
//! Reads files; decides nothing but which contents differ.

use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

/// File contents by absolute path. A file that cannot be read is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(BTreeMap<PathBuf, Arc<[u8]>>);

impl Sources {
    /// Reads every `.rs` file below `dir`, and `others`.
    pub fn read<'a>(dir: &Path, others: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let mut sources = Self::default();
        sources.add_dir(dir);
        for file in others {
            if !sources.0.contains_key(file) {
                sources.add(file.clone());
            }
        }
        sources
    }

    fn add_dir(&mut self, dir: &Path) {
        let Ok(entries) = fs::read_dir(dir) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            // Editors leave locks and swap files that begin with a dot.
            if hidden {
                continue;
            }
            if path.is_dir() {
                self.add_dir(&path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                self.add(path);
            }
        }
    }

    fn add(&mut self, path: PathBuf) {
        if let Ok(bytes) = fs::read(&path) {
            self.0.insert(path, bytes.into());
        }
    }

    /// The content of `path`.
    pub fn get(&self, path: &Path) -> Option<&Arc<[u8]>> {
        self.0.get(path)
    }

    /// Files whose content is not the one in `before`, or that are in one of the two only.
    pub fn changed_since(&self, before: &Self) -> Vec<PathBuf> {
        let changed = self
            .0
            .iter()
            .filter(|(path, bytes)| before.get(path) != Some(bytes));
        let gone = before.0.keys().filter(|path| !self.0.contains_key(*path));
        changed.map(|(path, _)| path).chain(gone).cloned().collect()
    }

    /// Files of `hashes` (SHA-256 in hex) whose content is another now.
    pub fn differing<'a>(&self, hashes: &'a BTreeMap<PathBuf, String>) -> Vec<&'a PathBuf> {
        hashes
            .iter()
            .filter(|(path, hash)| {
                self.get(path).is_none_or(|bytes| {
                    let now = Sha256::digest(bytes);
                    now.iter().map(|b| format!("{b:02x}")).collect::<String>() != **hash
                })
            })
            .map(|(path, _)| path)
            .collect()
    }
}

/// When the newest of `files` was saved; `seen` for one that is gone, or whose
/// time cannot be true (later than it was seen, or long before).
pub fn saved_at(files: &[PathBuf], seen: SystemTime) -> SystemTime {
    const PLAUSIBLE: std::time::Duration = std::time::Duration::from_secs(5);
    files
        .iter()
        .filter_map(|file| fs::metadata(file).ok()?.modified().ok())
        .filter(|at| seen.duration_since(*at).is_ok_and(|age| age < PLAUSIBLE))
        .max()
        .unwrap_or(seen)
}
