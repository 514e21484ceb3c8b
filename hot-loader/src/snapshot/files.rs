//! The files of all runs' snapshots, in one folder that runs at the same time share: their
//! names, how many are kept, and which of them a run left that is gone. It must never touch
//! what belongs to another run that lives, nor read what is in a file.

use hot_loader_compile::{lock, walk::entries};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process,
};

/// How many are kept of each run, and of all runs that are gone together.
const KEPT: usize = 4;
/// What a file is called while it is written.
pub const UNFINISHED: &str = "new";
const FINISHED: &str = "ron";

/// What a snapshot's name says: its number, and the process that wrote it. Later ones have
/// larger numbers: the time in Unix milliseconds, where that is so.
type Name = (u64, Option<u32>);

fn name(path: &Path) -> Option<Name> {
    let stem = path.file_stem()?.to_str()?;
    let (number, process) = match stem.split_once('-') {
        Some((number, process)) => (number, Some(process.parse().ok()?)),
        None => (stem, None),
    };
    Some((number.parse().ok()?, process))
}

/// All snapshots, the newest last.
pub fn all(dir: &Path) -> Vec<PathBuf> {
    let mut all = named(dir, FINISHED);
    all.sort_by_key(|(name, _)| *name);
    all.into_iter().map(|(_, path)| path).collect()
}

fn named(dir: &Path, extension: &str) -> Vec<(Name, PathBuf)> {
    entries(dir)
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .filter_map(|path| Some((name(&path)?, path)))
        .collect()
}

/// Where this run writes a snapshot of that time: later than all there are, also when the
/// clock was set back, since the newest is what is taken back.
pub fn next(dir: &Path, taken_ms: u64) -> PathBuf {
    let newest = all(dir).pop().and_then(|path| name(&path));
    let number = newest.map_or(taken_ms, |(newest, _)| {
        taken_ms.max(newest.saturating_add(1))
    });
    dir.join(format!("{number:015}-{}.{FINISHED}", process::id()))
}

/// Removes the oldest where there are more than are kept.
pub fn remove_oldest(dir: &Path) {
    let mut kept: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    for path in all(dir).iter().rev() {
        let process = name(path).and_then(|(_, process)| process);
        let run = process.filter(|process| lives(dir, *process));
        let count = kept.entry(run).or_default();
        *count += 1;
        if *count > KEPT {
            remove(path);
        }
    }
}

/// Removes what runs left that did not end properly. Whether there was one.
pub fn remove_dead(dir: &Path) -> bool {
    for ((_, process), path) in named(dir, UNFINISHED) {
        if !process.is_some_and(|process| lives(dir, process)) {
            remove(&path);
        }
    }
    let dead = entries(dir).filter(|path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(OPEN) && !is_locked(path)
    });
    let dead: Vec<_> = dead.collect();
    dead.iter().for_each(|path| remove(path));
    !dead.is_empty()
}

const OPEN: &str = "open-";

/// Says as long as it is there and nobody holds its lock that a run did not end properly.
#[derive(Debug)]
pub struct Open {
    path: PathBuf,
    _lock: Option<File>,
}

impl Open {
    /// This run begins.
    pub fn begin(dir: &Path) -> Self {
        let path = marker(dir, process::id());
        let lock = lock::hold(&path);
        let lock = lock.inspect_err(|error| tracing::debug!("{}: {error}", path.display()));
        Self {
            _lock: lock.ok(),
            path,
        }
    }

    /// It ends properly.
    pub fn end(&self) {
        remove(&self.path);
    }
}

fn marker(dir: &Path, process: u32) -> PathBuf {
    dir.join(format!("{OPEN}{process}"))
}

fn lives(dir: &Path, process: u32) -> bool {
    is_locked(&marker(dir, process))
}

fn is_locked(path: &Path) -> bool {
    lock::is_held(path).is_ok_and(|held| held)
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::debug!("{}: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::tests::dir;

    fn numbers(dir: &Path) -> Vec<u64> {
        let all = all(dir);
        all.iter().map(|path| name(path).unwrap().0).collect()
    }

    fn write(dir: &Path, name: &str) {
        fs::write(dir.join(name), "").unwrap();
    }

    #[test]
    fn the_last_few_of_each_run_are_kept() {
        let dir = dir("snapshots-kept");
        let dir = dir.path();
        let ours = process::id();
        let other = File::create(marker(dir, 1)).unwrap();
        other.lock().unwrap();
        let open = Open::begin(dir);
        for number in 0..6 {
            write(dir, &format!("{number:015}.ron"));
            write(dir, &format!("{:015}-2.ron", 100 + number));
            write(dir, &format!("{:015}-1.ron", 200 + number));
            write(dir, &format!("{:015}-{ours}.ron", 300 + number));
        }
        write(dir, "of somebody else.ron");
        remove_oldest(dir);
        assert_eq!(
            numbers(dir),
            [102, 103, 104, 105, 202, 203, 204, 205, 302, 303, 304, 305]
        );
        // Later than all, whatever the clock says.
        assert_eq!(next(dir, 7), dir.join(format!("{:015}-{ours}.ron", 306)));
        assert_eq!(
            next(dir, 1_000),
            dir.join(format!("{:015}-{ours}.ron", 1_000))
        );
        open.end();
        drop(open);
        remove_oldest(dir);
        assert_eq!(numbers(dir), [202, 203, 204, 205, 302, 303, 304, 305]);
    }

    #[test]
    fn a_run_that_was_killed_is_known_once_and_what_lives_is_left_alone() {
        let dir = dir("snapshots-dead");
        let dir = dir.path();
        assert!(!remove_dead(dir));
        let alive = File::create(marker(dir, 1)).unwrap();
        alive.lock().unwrap();
        write(dir, "000000000000005-1.new");
        write(dir, "000000000000006-2.new");
        assert!(!remove_dead(dir), "it runs");
        assert!(dir.join("000000000000005-1.new").exists(), "it is written");
        assert!(!dir.join("000000000000006-2.new").exists());
        drop(alive);
        assert!(remove_dead(dir), "nobody holds its lock");
        assert!(!remove_dead(dir), "said once");
        assert!(!dir.join("000000000000005-1.new").exists());
    }
}
