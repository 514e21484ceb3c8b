//! What rustc writes, as it names it, and which of it is there. Others may read that while
//! rustc runs; it must not read any of it itself.

use super::{BuildError, library_name};
use crate::{paths::PathError, stamp::Stamp, walk::entries};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The extension of a file with the debug info of one codegen unit.
const UNIT: &str = "dwo";

/// The folder that rustc writes to, and the files in it.
#[derive(Clone, Debug)]
pub struct Outputs {
    dir: PathBuf,
    pub(super) library: PathBuf,
    pub(super) dep_info: PathBuf,
    mir: PathBuf,
}

/// A file that is there.
#[derive(Clone, Debug)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// What it is.
    pub stamp: Stamp,
}

impl Written {
    /// What is at `path` now.
    ///
    /// # Errors
    /// If there is nothing.
    pub fn at(path: PathBuf) -> io::Result<Self> {
        let stamp = Stamp::of(&path)?;
        Ok(Self { path, stamp })
    }
}

impl Outputs {
    pub(super) fn new(dir: &Path, name: &str) -> Self {
        Self {
            dir: dir.to_path_buf(),
            library: dir.join(library_name(name)),
            dep_info: dir.join(format!("{name}.d")),
            mir: dir.join(format!("{name}.mir")),
        }
    }

    /// The compiler's MIR as text, if it is there.
    pub fn mir(&self) -> Option<Written> {
        Written::at(self.mir.clone()).ok()
    }

    /// The files with the debug info of one codegen unit each, as far as they are there;
    /// none if the library holds all debug info. A unit that did not change is the same file
    /// as in the build before, under another name.
    pub fn units(&self) -> Vec<PathBuf> {
        entries(&self.dir)
            .filter(|path| path.extension().is_some_and(|it| it == UNIT))
            .collect()
    }

    /// Removes what an earlier build left, which may have been killed while it wrote.
    ///
    /// # Errors
    /// If the disk refuses.
    pub(super) fn clear(&self) -> Result<(), BuildError> {
        let mut files = vec![self.library.clone(), self.mir.clone()];
        files.extend(self.units());
        for file in files {
            match fs::remove_file(&file) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed.map_err(PathError::at(&file))?,
            }
        }
        Ok(())
    }
}
