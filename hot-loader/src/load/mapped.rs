//! Which libraries the process has mapped, by file name.
//!
//! Asks the system's loader; must never load anything.

use std::{collections::BTreeSet, ffi::CStr, path::Path};

fn base_name(path: &CStr) -> Option<String> {
    let path = path.to_str().ok()?;
    Some(Path::new(path).file_name()?.to_str()?.to_owned())
}

/// The file names of the mapped libraries.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub fn names() -> BTreeSet<String> {
    /// # Safety
    /// As `dl_iterate_phdr` calls it: `info` is valid, `data` is the set below.
    unsafe extern "C" fn collect(
        info: *mut libc::dl_phdr_info,
        _size: libc::size_t,
        data: *mut libc::c_void,
    ) -> libc::c_int {
        // SAFETY: `names` passes its own set, which outlives the call, and the
        // loader passes a valid entry with a C string or null.
        unsafe {
            let names = &mut *data.cast::<BTreeSet<String>>();
            if !(*info).dlpi_name.is_null() {
                names.extend(base_name(CStr::from_ptr((*info).dlpi_name)));
            }
        }
        0
    }
    let mut names = BTreeSet::new();
    // SAFETY: the callback matches, and the set outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(collect), (&raw mut names).cast()) };
    names
}

/// The file names of the mapped libraries.
#[cfg(target_vendor = "apple")]
#[allow(
    deprecated,
    reason = "the mach2 crate that libc points to is one more dependency"
)]
pub fn names() -> BTreeSet<String> {
    // SAFETY: dyld's own list; an index that went out of range yields null.
    unsafe {
        (0..libc::_dyld_image_count())
            .map(|i| libc::_dyld_get_image_name(i))
            .filter(|name| !name.is_null())
            .filter_map(|name| base_name(CStr::from_ptr(name)))
            .collect()
    }
}

/// Hot reloading does not run on other systems yet: nothing is known to be mapped,
/// so that every module is refused.
#[cfg(not(unix))]
pub fn names() -> BTreeSet<String> {
    BTreeSet::new()
}
