//! The module as the pipeline sees it: its names and places, its surface, and
//! whether the sources are those that the executable was compiled from.

use super::Fatal;
use crate::{
    recipe::Recipe,
    sources::Sources,
    surface::{SourceFile, Surface, SurfaceError},
};
use std::path::{Path, PathBuf};

/// Names and places of the module.
pub struct Module {
    pub name: String,
    pub root: PathBuf,
    pub source_dir: PathBuf,
    /// Where rustc works.
    pub workspace: PathBuf,
}

impl Module {
    pub fn of(recipe: &Recipe) -> Result<Self, Fatal> {
        let root = recipe.root()?;
        Ok(Self {
            name: recipe.crate_name()?.to_owned(),
            source_dir: root
                .parent()
                .map_or_else(|| recipe.cwd.clone(), PathBuf::from),
            root,
            workspace: recipe.cwd.clone(),
        })
    }

    /// Whether `file` is a Rust file below the source folder.
    pub fn holds(&self, file: &Path) -> bool {
        file.starts_with(&self.source_dir) && file.extension().is_some_and(|e| e == "rs")
    }

    pub fn surface(&self, sources: &Sources, files: &[PathBuf]) -> Result<Surface, Fatal> {
        let files: Vec<_> = files
            .iter()
            .filter_map(|path| {
                Some(SourceFile {
                    path: path.clone(),
                    bytes: sources.get(path)?.clone(),
                })
            })
            .collect();
        Ok(Surface::of(&self.name, &self.root, &files)?)
    }

    /// The surface that a build of `sources` will probably have; `last` is what the
    /// last build read. `None` if they are no Rust: rustc will say so better.
    ///
    /// # Errors
    /// If they are nested too deep: rustc may crash on them, and says no place then.
    pub fn predicted(
        &self,
        sources: &Sources,
        last: &Surface,
    ) -> Result<Option<Surface>, SurfaceError> {
        let files: Vec<_> = sources
            .iter()
            .map(|(path, bytes)| SourceFile {
                path: path.clone(),
                bytes: bytes.clone(),
            })
            .collect();
        let known = |path: &Path| last.files().iter().any(|file| file == path);
        match Surface::predict(&self.name, &self.root, &files, &known) {
            Ok(surface) => Ok(Some(surface)),
            Err(error @ SurfaceError::Deep { .. }) => Err(error),
            Err(_) => Ok(None),
        }
    }
}

/// Files that are not among those that [`Sources::read`] finds by itself.
pub fn outside(files: &[PathBuf], module: &Module) -> Vec<PathBuf> {
    files
        .iter()
        .filter(|file| !module.holds(file))
        .cloned()
        .collect()
}

/// The first of the `compiled` files that is not what generation 0 was compiled
/// from: another content, or where no content is known, saved later.
pub fn not_compiled_from<'a>(
    recipe: &Recipe,
    compiled: &'a [PathBuf],
    sources: &Sources,
) -> Option<&'a PathBuf> {
    compiled
        .iter()
        .find(|file| match recipe.sources.get(*file) {
            Some(hash) => !sources.has_hash(file, hash),
            None => sources
                .modified(file)
                .is_none_or(|modified| modified > recipe.compiled_at()),
        })
}
