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

use crate::module::{ModuleEntry, engine_address};
use hot_loader_compile::{build::Built, paths::PathError, stamp::Stamp};
use image::Unmapped;
use libloading::Library;
use std::{
    fs,
    mem::{self, ManuallyDrop},
    path::{Path, PathBuf},
};

/// Why a library was not loaded. Nothing of it has run, or nothing but its constructors.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read the built library {0}. Save again to rebuild it")]
    Read(#[from] PathError),
    /// It is not what rustc wrote.
    #[error(
        "{0} was modified after rustc wrote it, so it was not loaded. Save again to rebuild it"
    )]
    Changed(PathBuf),
    /// The file is not a library of this platform, or cut short.
    #[error("{path} is not a loadable library: {message}. Save again to rebuild it")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// It would bring a second engine or standard library into the process.
    #[error(
        "the rebuilt module needs {0}, which this process has not loaded: it was built against a different engine or toolchain. Restart the game"
    )]
    ForeignLibrary(String),
    /// It was built by another compiler or hot-loader.
    #[error(
        "the rebuilt module was built by `{theirs}`, but the game by `{ours}`. Restart the game to build both alike"
    )]
    ForeignAbi {
        /// The module's token.
        theirs: String,
        /// This process's.
        ours: String,
    },
    /// The loader refused.
    #[error("the system's loader rejected {path}: {}. Fix that, then save again", said(.source))]
    Open {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: libloading::Error,
    },
    /// `export!` is missing.
    #[error(
        "the rebuilt module has no symbol {0}. Check that its crate root contains `hot_loader::export!(…)`, then save again"
    )]
    NoEntry(&'static str),
    /// It uses an engine of its own.
    #[error(
        "the rebuilt module is linked to a second copy of the engine. Restart the game, and please report this: it should not happen"
    )]
    SecondEngine,
    /// Its symbols cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// A library that may be loaded. Nothing of it has run.
pub struct Checked(Unmapped);

/// Checks a library that this process built.
///
/// # Errors
/// If it is not one that this process can safely call.
pub fn check(built: &Built) -> Result<Checked, LoadError> {
    let path = &*built.library;
    check::file(&built.bytes, path)?;
    Ok(Checked(Unmapped::read(&built.bytes, path)?))
}

/// Loads what was built and checked: its constructors run. A loaded generation's code stays
/// mapped for ever.
///
/// # Errors
/// If the loader refuses it, or it turns out not to be of this process's engine.
pub fn load(built: &Built, checked: Checked) -> Result<(Image, &'static ModuleEntry), LoadError> {
    let path = &*built.library;
    if Stamp::of(path).map_err(PathError::at(path))? != built.stamp {
        return Err(LoadError::Changed(path.to_path_buf()));
    }
    // SAFETY: the file's needed libraries are all mapped and its ABI token equals
    // ours (`check::file`), so its constructors are code of the same compiler. They are
    // against the same engine, which the build was pinned to (`pin`), or a symbol is
    // missing. It is the file that was read and checked, or has the same
    // content, in a folder that is nobody else's (`session`).
    let library = unsafe { open_read(&built.file, path, &built.bytes) }?;
    // Never dropped: see the module's documentation.
    let library = ManuallyDrop::new(library);
    // SAFETY: equal ABI tokens mean that the same hot-loader defined this static
    // with this type; it is only read, and stays mapped.
    let entry: &'static ModuleEntry = unsafe {
        let symbol = library.get::<*const ModuleEntry>(b"HOT_LOADER_ENTRY\0");
        &**symbol.map_err(|_| LoadError::NoEntry("HOT_LOADER_ENTRY"))?
    };
    if (entry.engine)() != engine_address() {
        return Err(LoadError::SecondEngine);
    }
    let image = checked.0.mapped(core::ptr::from_ref(entry) as usize)?;
    Ok((image, entry))
}

/// What the system itself said, without the name of its function.
fn said(error: &libloading::Error) -> String {
    let system = std::error::Error::source(error);
    system.map_or_else(|| error.to_string(), ToString::to_string)
}

/// Opens the library that `file` is, whatever is at `path` by now: its content was `bytes`.
///
/// # Safety
/// Its constructors run.
unsafe fn open_read(file: &fs::File, path: &Path, bytes: &[u8]) -> Result<Library, LoadError> {
    let refused = |source| LoadError::Open {
        path: path.to_path_buf(),
        source,
    };
    if let Some((name, descriptor)) = named(file) {
        // SAFETY: the caller's.
        let library = unsafe { open(&name) }.map_err(refused)?;
        // Never closed: the loader knows libraries by their names, and the next one must
        // not get this one's. Debuggers and backtraces read it by that name, too.
        mem::forget(descriptor);
        return Ok(library);
    }
    // What is opened by its path must still be what was read.
    if fs::read(path).map_err(PathError::at(path))? != bytes {
        return Err(LoadError::Changed(path.to_path_buf()));
    }
    // SAFETY: the caller's.
    unsafe { open(path) }.map_err(refused)
}

/// A path that leads to an open file, whatever takes its own: the descriptor in it is of this
/// process, and the same from every other. `None` where the system has no such paths.
#[cfg(target_os = "linux")]
fn named(file: &fs::File) -> Option<(PathBuf, fs::File)> {
    use std::os::fd::AsRawFd;
    let descriptor = file.try_clone().ok()?;
    let name = format!("/proc/{}/fd/{}", std::process::id(), descriptor.as_raw_fd());
    // `/proc` may be missing, or that of another namespace, where other processes have these
    // numbers.
    if !hot_loader_compile::lock::is_at(&descriptor, name.as_ref()) {
        tracing::debug!("{name} does not lead to the built library");
        return None;
    }
    Some((name.into(), descriptor))
}

/// Elsewhere libraries are opened by their own paths.
#[cfg(not(target_os = "linux"))]
fn named(_file: &fs::File) -> Option<(PathBuf, fs::File)> {
    None
}

/// Opens the library at `path`.
///
/// # Safety
/// Its constructors run.
#[cfg(unix)]
unsafe fn open(path: &Path) -> Result<Library, libloading::Error> {
    use libloading::os::unix::{Library as Unix, RTLD_LOCAL, RTLD_NOW};
    // RTLD_NOW: a missing symbol is an error here and not a crash later.
    // SAFETY: the caller's.
    unsafe { Unix::open(Some(path), RTLD_NOW | RTLD_LOCAL).map(Library::from) }
}

/// Opens the library at `path`.
///
/// # Safety
/// Its constructors run.
#[cfg(not(unix))]
unsafe fn open(path: &Path) -> Result<Library, libloading::Error> {
    // SAFETY: the caller's.
    unsafe { Library::new(path) }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::scratch_dir;
    use std::process::Command;

    #[test]
    fn a_file_is_loaded_as_it_was_read_whatever_took_its_path() {
        let dir = scratch_dir("load");
        let library = |name: &str, answer: u8| {
            let [source, library] = ["rs", "so"].map(|it| dir.path().join(name).with_extension(it));
            let text = format!("#[unsafe(no_mangle)] pub extern \"C\" fn f() -> u8 {{ {answer} }}");
            fs::write(&source, text).unwrap();
            let mut rustc = Command::new("rustc");
            rustc.args(["--edition=2024", "--crate-type=cdylib", "-o"]);
            assert!(rustc.args([&library, &source]).status().unwrap().success());
            library
        };
        let answer = |file: fs::File, path: &Path| {
            let bytes = fs::read(path).unwrap();
            // SAFETY: it has no constructors but those of std and of C.
            let library = unsafe { open_read(&file, path, &bytes) }.unwrap();
            let library = ManuallyDrop::new(library);
            // SAFETY: each of them defines it so.
            unsafe { library.get::<extern "C" fn() -> u8>(b"f\0").unwrap()() }
        };
        let path = library("built", 1);
        let file = fs::File::open(&path).unwrap();
        fs::rename(library("second", 2), &path).unwrap();
        assert_eq!(answer(file, &path), 1);
        // The first one's descriptor is not free for the next, nor its name.
        let third = library("third", 3);
        assert_eq!(answer(fs::File::open(&third).unwrap(), &third), 3);
    }
}
