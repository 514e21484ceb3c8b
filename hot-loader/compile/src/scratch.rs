//! Folders of their own for tests, those of `hot-loader` too, which includes this file.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

/// A folder that is removed with the value.
pub struct ScratchDir(PathBuf);

impl ScratchDir {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        let _removed = fs::remove_dir_all(&self.0);
    }
}

/// An empty folder for the test `name`.
pub fn scratch_dir(name: &str) -> ScratchDir {
    let dir = env::temp_dir().join(format!("hot-loader-{name}-{}", process::id()));
    fs::create_dir_all(&dir).expect("the folder for temporary files can be written to");
    ScratchDir(dir.canonicalize().expect("it was just made"))
}
