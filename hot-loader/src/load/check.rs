//! What is checked in a library's file before any of it runs: that every Rust
//! library it needs is mapped already, and that its ABI token is ours.
//!
//! Reads bytes; must never map or execute them.

use super::{LoadError, mapped};
use crate::module::{ABI, ABI_LEN};
use hot_loader_compile::build::needed_by;
use object::{Object, ObjectSection, ObjectSymbol};
use std::{collections::BTreeSet, path::Path};

/// Checks the bytes of the library at `path`.
pub fn file(bytes: &[u8], path: &Path) -> Result<(), LoadError> {
    let malformed = |message: String| LoadError::Malformed {
        path: path.to_path_buf(),
        message,
    };
    let object = object::File::parse(bytes).map_err(|e| malformed(e.to_string()))?;
    let needed = needed_by(&object).map_err(|e| malformed(e.to_string()))?;
    if let Some(missing) = foreign(&needed, &mapped::names()) {
        return Err(LoadError::ForeignLibrary(missing.clone()));
    }
    let token = abi_token(&object).ok_or(LoadError::NoEntry("HOT_LOADER_ABI"))?;
    if token != ABI {
        return Err(LoadError::ForeignAbi {
            theirs: readable(token),
            ours: readable(&ABI),
        });
    }
    Ok(())
}

/// The first needed Rust library that is not mapped. Others (libc, libgcc_s) are
/// the system's, one copy a process.
fn foreign<'a>(needed: &'a [String], mapped: &BTreeSet<String>) -> Option<&'a String> {
    let mut needed = needed.iter().filter(|name| may_be_rusts(name));
    needed.find(|name| !mapped.contains(*name))
}

/// Whether a library may be one of rustc's. It gives them no version, as systems do with
/// theirs (`libc.so.6`), and most of them end in 16 hex digits (`libname-<hash>`).
fn may_be_rusts(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let hash = stem.rsplit_once('-').map(|(_, hash)| hash);
    name.ends_with(".so")
        || hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The bytes of `HOT_LOADER_ABI`.
fn abi_token<'a>(object: &object::File<'a>) -> Option<&'a [u8]> {
    // Mach-O puts an underscore before every name.
    let address = object
        .dynamic_symbols()
        .chain(object.symbols())
        .find(|symbol| matches!(symbol.name(), Ok("HOT_LOADER_ABI" | "_HOT_LOADER_ABI")))?
        .address();
    object
        .sections()
        .find_map(|section| section.data_range(address, ABI_LEN as u64).ok().flatten())
}

fn readable(token: &[u8]) -> String {
    let text = String::from_utf8_lossy(token);
    text.trim_end_matches('\0').replace(';', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rust_libraries_must_be_mapped() {
        let mapped = BTreeSet::from(["libstd-0123456789abcdef.so".to_owned()]);
        let needed = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let fine = needed(&["libc.so.6", "libstd-0123456789abcdef.so", "libm.so.6"]);
        assert_eq!(foreign(&fine, &mapped), None);
        let other = needed(&["libc.so.6", "libbevy_dylib-ffffffffffffffff.so"]);
        assert_eq!(foreign(&other, &mapped), Some(&other[1]));
        let unhashed = needed(&["libm.so.6", "libshared.so"]);
        assert_eq!(foreign(&unhashed, &mapped), Some(&unhashed[1]));
    }

    #[test]
    fn a_truncated_file_is_named_as_such() {
        let error = file(b"\x7fELF cut short", Path::new("m.so")).unwrap_err();
        assert!(matches!(error, LoadError::Malformed { .. }), "{error}");
    }
}
