//! A stub of a Rust library: the crate's metadata for rustc, and no symbol for the linker. A
//! module is linked with stubs of the libraries that the game's executable is linked with, where
//! the system's loader finds what the module uses. Reading all that the engine exports is a
//! quarter of a link (measured).
//!
//! rustc reads the section `.rustc` of whatever file bears the library's name (rustc_metadata
//! `locator.rs`, `get_metadata_section`). To the linker it is an object file whose one section
//! says that it is to be left out; a shared library need not define what it uses.
//!
//! It must never stand for a library that only some of the process's libraries may see.

use object::{
    NativeEndian, Object,
    elf::{self, FileHeader64},
    pod::{bytes_of, bytes_of_slice},
    read::{
        ReadCache, ReadRef,
        elf::{FileHeader, SectionHeader},
    },
};
use std::{env, fs::File, mem::size_of_val, path::Path};

/// The file names of the libraries that the executable says it needs, which the loader searches
/// for all others; none on systems where stubs were never tried.
pub(super) fn needed() -> Vec<String> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    let executable = env::current_exe().and_then(File::open);
    let cache = executable.map(ReadCache::new).ok();
    let file = cache.as_ref().map(object::File::parse);
    let names = file.map(|file| needed_by(&file?));
    names.and_then(Result::ok).unwrap_or_default()
}

/// The file names of the libraries that the system's loader would look for.
///
/// # Errors
/// If the file is malformed.
pub fn needed_by<'data, R: ReadRef<'data>>(
    file: &object::File<'data, R>,
) -> object::Result<Vec<String>> {
    let names = file.import_libraries()?.map(|library| {
        let name = String::from_utf8_lossy(library?.name()).into_owned();
        Ok(name.rsplit(['/', '\\']).next().unwrap_or(&name).to_owned())
    });
    names.collect()
}

/// The content of a stub for `library`. None if that is no library of rustc's, or the system's
/// libraries are not 64-bit ELF files.
pub(super) fn of(library: &Path) -> Option<Vec<u8>> {
    /// The names of sections.
    const NAMES: &[u8] = b"\0.rustc\0.names\0";

    let cache = ReadCache::new(File::open(library).ok()?);
    // It keeps the processor and its flags, and each section what is not set here.
    let mut header = *FileHeader64::<NativeEndian>::parse(&cache).ok()?;
    let sections = header.sections(NativeEndian, &cache).ok()?;
    let section = |name| Some(*sections.section_by_name(NativeEndian, name)?.1);
    let (mut metadata, mut names) = (section(b".rustc")?, section(b".shstrtab")?);
    let content = metadata.data(NativeEndian, &cache).ok()?;

    let mut stub = vec![0; size_of_val(&header)];
    metadata.sh_name = 1.into();
    metadata.sh_flags = elf::SHF_EXCLUDE.into();
    metadata.sh_offset = (stub.len() as u64).into();
    stub.extend_from_slice(content);
    names.sh_name = 8.into();
    names.sh_offset = (stub.len() as u64).into();
    names.sh_size = (NAMES.len() as u64).into();
    stub.extend_from_slice(NAMES);
    stub.resize(stub.len().next_multiple_of(8), 0);

    header.e_type = elf::ET_REL.into();
    header.e_phoff = 0.into();
    header.e_phnum = 0.into();
    header.e_shoff = (stub.len() as u64).into();
    header.e_shnum = 3.into();
    header.e_shstrndx = elf::SymbolSection(2).into();
    stub.extend_from_slice(bytes_of_slice(&[*sections.iter().next()?, metadata, names]));
    stub[..size_of_val(&header)].copy_from_slice(bytes_of(&header));
    Some(stub)
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::scratch_dir;
    use object::{File as Parsed, ObjectSymbol};
    use std::{fs, process::Command};

    #[test]
    fn what_is_linked_with_a_stub_looks_for_everything_in_the_process() {
        let dir = scratch_dir("stub");
        let at = |name: &str| dir.path().join(name);
        let rustc = |name: &str, kind: &str, text: &str| {
            let source = at(&format!("{name}.rs"));
            fs::write(&source, text).unwrap();
            let mut rustc = Command::new("rustc");
            rustc.args(["--edition=2024", "-Cprefer-dynamic", "--crate-type", kind]);
            rustc
                .arg("-L")
                .arg(dir.path())
                .arg("--out-dir")
                .arg(dir.path());
            assert!(rustc.arg(source).status().unwrap().success());
        };
        let engine = "pub struct Size(pub u64);\n#[inline(never)]\npub fn grow(size: Size) -> u64 { size.0 + 1 }";
        rustc("engine", "dylib", engine);
        let whole = at("libengine.so");
        let stub = of(&whole).unwrap();
        assert!(stub.len() < fs::read(&whole).unwrap().len());
        fs::remove_file(&whole).unwrap();
        fs::write(&whole, &stub).unwrap();

        let module = "#[unsafe(no_mangle)]\npub extern \"C\" fn f() -> u64 { engine::grow(engine::Size(1)) }";
        rustc(
            "module",
            "cdylib",
            &format!("extern crate engine;\n{module}"),
        );
        let module = fs::read(at("libmodule.so")).unwrap();
        let module = Parsed::parse(&*module).unwrap();
        let needed = needed_by(&module).unwrap();
        assert!(needed.iter().any(|name| name.starts_with("libstd-")));
        assert!(!needed.iter().any(|name| name.starts_with("libengine")));
        let undefined = module.dynamic_symbols().filter(|it| it.is_undefined());
        let mut undefined = undefined.map(|it| it.name().unwrap().to_owned());
        assert!(undefined.any(|name| name.contains("grow")));
        assert!(module.section_by_name(".rustc").is_none());
    }

    #[test]
    fn what_is_no_library_of_rustcs_has_no_stub() {
        let dir = scratch_dir("no-stub");
        let text = dir.path().join("text.so");
        fs::write(&text, "not an ELF file").unwrap();
        assert_eq!(of(&text), None);
        assert_eq!(of(&dir.path().join("missing.so")), None);
        // Without metadata.
        assert_eq!(of(&env::current_exe().unwrap()), None);
    }
}
