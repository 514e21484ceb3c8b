//! The load stage: brings a built library into the process, after checks that
//! make it safe to call.
//!
//! Nothing of the library runs before its needed libraries and its ABI token
//! were read from the file and found equal to this process's (constructors run
//! inside `dlopen`). A library is never unloaded, exit included: thread-local
//! destructors, drop functions, tables of functions and registrations of the
//! engine point into it.
#![expect(
    unsafe_code,
    reason = "loading a library and reading its symbols cannot be safe; the checks stand beside each call"
)]

mod check;
mod image;
mod mapped;
mod variables;

pub use image::{Image, ImageError};

use crate::module::{Carriers, ModuleEntry, engine_address};
use bevy::app::App;
use libloading::Library;
use std::{
    fs, io,
    mem::ManuallyDrop,
    path::{Path, PathBuf},
};

/// A loaded generation's code. Stays mapped for ever.
pub struct Loaded {
    /// Its symbols and tables.
    pub image: Image,
    /// Adds its plugin to an app.
    pub build: fn(&mut App),
    /// What it brings for moving values.
    pub carriers: &'static Carriers,
}

/// Why a library was not loaded. Nothing of it has run, or nothing but its constructors.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read the built library {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not what rustc wrote.
    #[error(
        "{0} is not what was built: something wrote to it in between, and it is not loaded; save again"
    )]
    Changed(PathBuf),
    /// The file is not a library of this platform, or cut short.
    #[error("{path} is not a loadable library: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// It would bring a second engine or standard library into the process.
    #[error(
        "the rebuilt module needs {missing}, which this process does not have: it was built against another engine or toolchain; restart the game"
    )]
    ForeignLibrary {
        /// The library that is not mapped.
        missing: String,
    },
    /// It was built by another compiler or hot-loader.
    #[error(
        "the rebuilt module was built by `{theirs}`, the game by `{ours}`; restart the game to build both alike"
    )]
    ForeignAbi {
        /// The module's token.
        theirs: String,
        /// This process's.
        ours: String,
    },
    /// The loader refused.
    #[error("the system's loader refused {path}: {}", said(.source))]
    Open {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: libloading::Error,
    },
    /// `export!` is missing.
    #[error(
        "the rebuilt module has no {symbol}; does its root still say `hot_loader::export!(…)`?"
    )]
    NoEntry {
        /// The missing symbol.
        symbol: &'static str,
    },
    /// It uses an engine of its own.
    #[error(
        "the rebuilt module is bound to a second copy of the engine; restart the game (and tell the authors: this should not happen)"
    )]
    SecondEngine,
    /// Its symbols cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// Loads the library at `path`, which this process built as `built`.
///
/// # Errors
/// If the file is not one that this process can safely call.
pub fn load(path: &Path, built: &[u8]) -> Result<Loaded, LoadError> {
    let file = fs::read(path).map_err(|source| LoadError::Read {
        path: path.to_path_buf(),
        source,
    })?;
    // Its folder is nobody else's, so the loader finds what is read here.
    if file != built {
        return Err(LoadError::Changed(path.to_path_buf()));
    }
    check::file(&file, path)?;
    // SAFETY: the file's needed libraries are all mapped and its ABI token equals
    // ours (`check::file`), so its constructors are code of the same compiler
    // against the same engine.
    let library = unsafe { open(path) }.map_err(|source| LoadError::Open {
        path: path.to_path_buf(),
        source,
    })?;
    // Never dropped: see the module's documentation.
    let library = ManuallyDrop::new(library);
    // SAFETY: equal ABI tokens mean that the same hot-loader defined this static
    // with this type; it is only read, and stays mapped.
    let entry: &'static ModuleEntry = unsafe {
        match library.get::<*const ModuleEntry>(b"HOT_LOADER_ENTRY\0") {
            Ok(symbol) => &**symbol,
            Err(_) => {
                return Err(LoadError::NoEntry {
                    symbol: "HOT_LOADER_ENTRY",
                });
            }
        }
    };
    if (entry.engine)() != engine_address() {
        return Err(LoadError::SecondEngine);
    }
    let image = Image::read(&file, path, core::ptr::from_ref(entry) as usize)?;
    Ok(Loaded {
        image,
        build: entry.build,
        carriers: entry.carriers,
    })
}

/// What the system itself said, without the name of its function.
fn said(error: &libloading::Error) -> String {
    let system = std::error::Error::source(error);
    system.map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(unix)]
unsafe fn open(path: &Path) -> Result<Library, libloading::Error> {
    use libloading::os::unix::{Library as Unix, RTLD_LOCAL, RTLD_NOW};
    // RTLD_NOW: a missing symbol is an error here and not a crash later.
    // SAFETY: the caller's.
    unsafe { Unix::open(Some(path), RTLD_NOW | RTLD_LOCAL).map(Library::from) }
}

#[cfg(not(unix))]
unsafe fn open(path: &Path) -> Result<Library, libloading::Error> {
    // SAFETY: the caller's.
    unsafe { Library::new(path) }
}
