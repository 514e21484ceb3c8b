//! The libraries of this session: built, read, and removed when no generation of theirs can
//! come back.

use super::halt::Halt;
use hot_loader_compile::{
    build::{Builder, Built},
    session::{SessionDir, SessionError},
};
use hot_loader_verdict::{
    code::Code,
    layouts::{LayoutError, Layouts, Spellings},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Builds the module, into a private folder.
pub struct Builds {
    builder: Builder,
    /// Holds the folder until the end.
    session: SessionDir,
    /// The libraries in it, but for the first build's: generation 0 uses it.
    libraries: Vec<PathBuf>,
    spellings: Spellings,
}

impl Builds {
    /// Nothing was built yet.
    pub fn new(builder: Builder, session: SessionDir) -> Self {
        Self {
            builder,
            session,
            libraries: Vec::new(),
            spellings: Spellings::default(),
        }
    }

    /// Runs rustc on what is on the disk.
    pub fn build(&mut self, metadata: Option<&str>) -> Result<Built, Halt> {
        Ok(self.builder.build(metadata)?)
    }

    /// A library may become a generation's, and be removed when that cannot come back.
    pub fn add(&mut self, library: PathBuf) {
        self.libraries.push(library);
    }

    /// Whether the folder is still nobody else's.
    pub fn check(&self) -> Result<(), SessionError> {
        self.session.check()
    }

    /// What the compiler says of the module's types in a library.
    pub fn layouts(&mut self, built: &Built, module: &str) -> Option<Arc<Layouts>> {
        match Layouts::read(&built.bytes, module, &mut self.spellings) {
            Ok(layouts) => Some(Arc::new(layouts)),
            Err(error @ LayoutError::NoDebugInfo) => {
                tracing::debug!("{error}");
                None
            }
            Err(error) => {
                tracing::warn!(
                    target: "hot_loader",
                    "cannot read the debug info of {}, so types are compared by their sources alone: {error}",
                    built.library.display()
                );
                None
            }
        }
    }

    /// Removes all libraries but these. Those that are removed stay mapped; a debugger, or a
    /// backtrace through their code, would find no names for it.
    pub fn keep(&mut self, kept: &[&Path]) {
        self.libraries.retain(|file| {
            // Windows keeps what is mapped; the end of the run removes it.
            kept.contains(&&**file) || fs::remove_file(file).is_err() && file.exists()
        });
    }
}

/// These sources with what the compiler made of them, as far as that is understood.
pub fn compiled(code: &Code, built: &Built) -> Code {
    code.built(&built.mir).unwrap_or_else(|error| {
        tracing::warn!(
            target: "hot_loader",
            "{error}, so each edit counts as larger than it may be. Use a rustc that this hot-loader knows, or a newer hot-loader"
        );
        code.clone()
    })
}
