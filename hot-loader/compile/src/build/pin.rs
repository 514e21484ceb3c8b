//! Pins the artifacts that the module is compiled against.
//!
//! A `cargo build` in another terminal replaces a dependency's library under
//! the same name, and a module compiled against the new one has other layouts
//! under equal type ids (seen). So every library that a replay can read is hard
//! linked into a private folder at start-up, and its size and modification time
//! are checked before every build.
//!
//! rustc reads them in another place, which all runs of the game share in turn: an
//! incremental cache is of use only to builds that read their dependencies by the same
//! paths (seen: 11 s with others, 2 s with the same).
//!
//! It must never write to a file that it did not make.

use crate::{recipe::Recipe, session::create_private};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Why the module cannot be rebuilt against what the executable was linked with.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// A folder of `-L` cannot be read, or the private one not be made.
    #[error(
        "cannot pin (link or copy) the libraries in {path}: {source}. Fix that, then save again"
    )]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A dependency is gone.
    #[error(
        "{0}, which the gameplay crate was built against, was removed. Restart the game to rebuild it"
    )]
    Missing(PathBuf),
    /// A dependency was built again after the executable.
    #[error(
        "{0} was rebuilt after the game was linked or started. Restart the game so that all of it matches"
    )]
    Stale(PathBuf),
}

/// Size and modification time: two builds of one artifact differ in the latter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stamp {
    len: u64,
    modified: SystemTime,
}

impl Stamp {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            len: metadata.len(),
            modified: metadata.modified()?,
        })
    }
}

/// The pinned artifacts.
#[derive(Debug)]
pub struct Pins {
    /// The folder of ours that they are all in.
    dir: PathBuf,
    /// Cargo's folder to ours.
    dirs: BTreeMap<PathBuf, PathBuf>,
    stamps: BTreeMap<PathBuf, Stamp>,
}

impl Pins {
    /// Pins what `recipe` names in folders below `dir`. `linked` is when the
    /// executable was linked: a direct dependency that is younger belongs to a
    /// later build.
    ///
    /// # Errors
    /// If a dependency is gone or younger than the executable, or the disk refuses.
    pub fn new(recipe: &Recipe, dir: &Path, linked: SystemTime) -> Result<Self, PinError> {
        let mut pins = Self {
            dir: dir.to_path_buf(),
            dirs: BTreeMap::new(),
            stamps: BTreeMap::new(),
        };
        for (i, from) in recipe.dependency_dirs().into_iter().enumerate() {
            let to = dir.join(format!("deps-{i}"));
            pins.pin_dir(&from, &to).map_err(|source| PinError::Io {
                path: from.clone(),
                source,
            })?;
            pins.dirs.insert(from, to);
        }
        for path in recipe.externs() {
            let pinned = pins.pinned(&path);
            let stamp = Stamp::of(&pinned).map_err(|_| PinError::Missing(path.clone()))?;
            if stamp.modified > linked {
                return Err(PinError::Stale(path));
            }
            pins.stamps.insert(pinned, stamp);
        }
        Ok(pins)
    }

    fn pin_dir(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let path = entry?.path();
            let library = path
                .extension()
                .and_then(|e| e.to_str())
                .is_some_and(|e| matches!(e, "rlib" | "rmeta" | "so" | "dylib" | "dll" | "lib"));
            let Some(name) = path.file_name().filter(|_| library) else {
                continue;
            };
            let pinned = to.join(name);
            // A file that cargo removes just now is none of the module's: what it
            // is built against is checked by name below.
            link(&path, &pinned)?;
            if let Ok(stamp) = Stamp::of(&pinned) {
                self.stamps.insert(pinned, stamp);
            }
        }
        Ok(())
    }

    /// The pinned file or folder that stands for cargo's `path`.
    ///
    /// A `.rmeta`, which cannot be linked, stands for the `.rlib` or the dynamic
    /// library beside it.
    pub fn pinned(&self, path: &Path) -> PathBuf {
        if let Some(dir) = self.dirs.get(path) {
            return dir.clone();
        }
        let moved = match (
            path.parent().and_then(|p| self.dirs.get(p)),
            path.file_name(),
        ) {
            (Some(dir), Some(name)) => dir.join(name),
            _ => path.to_path_buf(),
        };
        if moved.extension().is_some_and(|e| e == "rmeta") {
            for extension in ["rlib", "so", "dylib", "dll"] {
                let linkable = moved.with_extension(extension);
                if linkable.exists() {
                    return linkable;
                }
            }
        }
        moved
    }

    /// Puts them into the folder `place`, unless they are there and nothing else is. Nobody
    /// else may use it meanwhile.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn place(&self, place: &Path) -> io::Result<()> {
        if self.are_in(place) {
            return Ok(());
        }
        if place.exists() {
            fs::remove_dir_all(place)?;
        }
        create_private(place)?;
        for path in self.stamps.keys() {
            let to = self.placed(path, place);
            if let Some(dir) = to.parent() {
                fs::create_dir_all(dir)?;
            }
            link(path, &to)?;
        }
        Ok(())
    }

    /// Whether they are in the folder `place`, and nothing else is.
    pub fn are_in(&self, place: &Path) -> bool {
        let files = |dir: &Path| fs::read_dir(dir).map_or(0, Iterator::count);
        self.dirs
            .values()
            .all(|dir| files(dir) == files(&self.placed(dir, place)))
            && self.stamps.iter().all(|(path, stamp)| {
                Stamp::of(&self.placed(path, place)).is_ok_and(|there| there == *stamp)
            })
    }

    /// What stands for a pinned file or folder in `place`.
    pub fn placed(&self, pinned: &Path, place: &Path) -> PathBuf {
        match pinned.strip_prefix(&self.dir) {
            Ok(inside) => place.join(inside),
            Err(_) => pinned.to_path_buf(),
        }
    }

    /// Checks that no pinned file was written over in place.
    ///
    /// # Errors
    /// Names the first that was, or that is gone.
    pub fn verify(&self) -> Result<(), PinError> {
        for (path, stamp) in &self.stamps {
            match Stamp::of(path) {
                Ok(now) if now == *stamp => {}
                Ok(_) => return Err(PinError::Stale(path.clone())),
                Err(_) => return Err(PinError::Missing(path.clone())),
            }
        }
        Ok(())
    }
}

/// Makes the file `to` be the file `from`, if that is there.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    if fs::hard_link(from, to).is_err() && from.exists() {
        // File systems without hard links: a copy is as good, and slower.
        fs::copy(from, to)?;
        let modified = fs::metadata(from)?.modified()?;
        let file = fs::File::options().write(true).open(to)?;
        file.set_modified(modified)?;
    }
    Ok(())
}
