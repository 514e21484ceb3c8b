//! A library's content in memory that nobody can write to (Linux): what was checked is
//! what the loader maps, whoever can exchange the file or a folder that it is in.

use object::{Object, ObjectSegment};
use std::{
    fs::File,
    io,
    mem::ManuallyDrop,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::fs::FileExt,
    },
    path::{Path, PathBuf},
    process,
};

/// The copy. Its descriptor is never closed: the loader knows libraries by their names, and
/// the next one must not get this one's.
pub struct Sealed(File);

/// Copies of `built` what the loader maps: the rest, symbols and debug info, would stay in
/// memory for ever.
///
/// # Errors
/// If the system does not allow it.
pub fn copy(built: &[u8]) -> io::Result<Sealed> {
    let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
    // SAFETY: the name is a C string; the result is checked.
    let memory = unsafe { libc::memfd_create(c"gameplay".as_ptr(), flags) };
    if memory < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just opened, and nobody else has it.
    let file = File::from(unsafe { OwnedFd::from_raw_fd(memory) });
    file.set_len(built.len() as u64)?;
    for (start, size) in mapped(built) {
        // Holes between them read as zeros.
        let bytes = built.get(start..start.saturating_add(size));
        file.write_all_at(bytes.unwrap_or_default(), start as u64)?;
    }
    let seals = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_WRITE | libc::F_SEAL_SEAL;
    // SAFETY: the descriptor is open; the call takes an integer.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, seals) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Sealed(file))
}

/// What the loader maps of a file, with its headers: offsets and sizes.
fn mapped(built: &[u8]) -> Vec<(usize, usize)> {
    /// glibc reads less (`elf/dl-load.c`, `struct filebuf`).
    const HEADERS: usize = 4096;
    let Ok(object) = object::File::parse(built) else {
        return vec![(0, built.len())];
    };
    let segments = object.segments().map(|segment| segment.file_range());
    let segments = segments.map(|(start, size)| (start as usize, size as usize));
    segments.chain([(0, HEADERS.min(built.len()))]).collect()
}

impl Sealed {
    /// The name that the loader opens and remembers it by; the same from every process.
    pub fn name(&self) -> PathBuf {
        format!("/proc/{}/fd/{}", process::id(), self.0.as_raw_fd()).into()
    }

    /// Once it is mapped: lets its name lead to the file at `path`, for debuggers and
    /// backtraces, which want what the copy lacks.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn stand_for(self, path: &Path) -> io::Result<()> {
        let copy = ManuallyDrop::new(self.0);
        let file = File::open(path)?;
        // SAFETY: both descriptors are open, and the second is this function's own.
        match unsafe { libc::dup3(file.as_raw_fd(), copy.as_raw_fd(), libc::O_CLOEXEC) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::scratch_dir;
    use std::{fs, process::Command};

    #[test]
    fn nobody_can_write_to_a_copy_and_then_its_name_leads_to_the_file() {
        let copy = copy(b"as it was checked").unwrap();
        let name = copy.name();
        assert_eq!(fs::read(&name).unwrap(), b"as it was checked");
        let error = copy.0.write_all_at(b"!", 0).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(copy.0.set_len(0).is_err());
        let file = std::env::current_exe().unwrap();
        copy.stand_for(&file).unwrap();
        assert_eq!(
            fs::canonicalize(name).unwrap(),
            fs::canonicalize(file).unwrap()
        );
    }

    #[test]
    fn a_copy_has_all_that_is_mapped_and_no_more() {
        let dir = scratch_dir("sealed");
        let [source, library] = ["lib.rs", "library"].map(|file| dir.path().join(file));
        fs::write(&source, "#[unsafe(no_mangle)] pub fn f() -> u8 { 1 }").unwrap();
        let mut rustc = Command::new("rustc");
        rustc.args([
            "--edition=2024",
            "--crate-type=cdylib",
            "-Cdebuginfo=2",
            "-o",
        ]);
        assert!(rustc.args([&library, &source]).status().unwrap().success());
        let built = fs::read(library).unwrap();
        let copied = fs::read(copy(&built).unwrap().name()).unwrap();
        assert_eq!(copied.len(), built.len());
        let mapped = mapped(&built);
        let is_mapped = |at: usize| {
            let mut mapped = mapped.iter();
            mapped.any(|(start, size)| (*start..start + size).contains(&at))
        };
        assert!((0..built.len()).any(|at| !is_mapped(at) && built[at] != 0));
        for at in 0..built.len() {
            let expected = if is_mapped(at) { built[at] } else { 0 };
            assert_eq!(copied[at], expected, "at {at}");
        }
    }
}
