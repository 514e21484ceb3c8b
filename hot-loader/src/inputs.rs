//! What decides how the module is built, besides its sources: manifests, the lock
//! file, a build script, the toolchain file, cargo's configuration. If one of
//! them changes, the recipe is stale and only cargo can build the module again.
//!
//! Reads files; decides nothing but which differ.

use crate::recipe::Recipe;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The inputs as they were when the game started; `None` for one that did not exist.
#[derive(Debug, PartialEq, Eq)]
pub struct BuildInputs(BTreeMap<PathBuf, Option<Vec<u8>>>);

impl BuildInputs {
    /// Reads the inputs of the module's package and of its workspace.
    pub fn read(recipe: &Recipe) -> Self {
        let package = recipe
            .env
            .get("CARGO_MANIFEST_DIR")
            .map_or_else(|| recipe.cwd.clone(), PathBuf::from);
        // The lock file is in the workspace's root.
        let workspace = package
            .ancestors()
            .find(|dir| dir.join("Cargo.lock").is_file())
            .unwrap_or(&package);
        let of_package = ["Cargo.toml", "build.rs"].map(|file| package.join(file));
        let of_workspace = [
            "Cargo.toml",
            "Cargo.lock",
            "rust-toolchain.toml",
            "rust-toolchain",
            ".cargo/config.toml",
        ]
        .map(|file| workspace.join(file));
        Self(
            of_package
                .into_iter()
                .chain(of_workspace)
                .map(|path| {
                    let content = fs::read(&path).ok();
                    (path, content)
                })
                .collect(),
        )
    }

    /// The inputs' paths, existing or not.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.keys()
    }

    /// The first input that is not as it was.
    pub fn changed(&self) -> Option<&Path> {
        self.0
            .iter()
            .find(|(path, content)| fs::read(path).ok() != **content)
            .map(|(path, _)| path.as_path())
    }
}
