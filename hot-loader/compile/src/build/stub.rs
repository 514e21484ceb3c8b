//! A stub of a Rust library: the crate's metadata for rustc, and no symbol for the linker. A
//! module is linked with the stubs of what the game has mapped, where the loader finds what the
//! module uses. Reading all that the engine exports is a quarter of a link (measured).
//!
//! rustc reads the section `.rustc` of whatever file bears the library's name (rustc_metadata
//! `locator.rs`, `get_metadata_section`). To the linker it is an object file whose one section
//! says that it is to be left out; a shared library need not define what it uses.
//!
//! It must never stand for a library that this process has not mapped.

use object::{
    NativeEndian,
    elf::{
        ET_REL, FileHeader64, SHF_EXCLUDE, SHT_NULL, SHT_PROGBITS, SHT_STRTAB, SectionFlags,
        SectionHeader64, SectionType, SymbolSection,
    },
    pod::{bytes_of, bytes_of_slice},
    read::{
        ReadCache,
        elf::{FileHeader, SectionHeader},
    },
};
use std::{fs::File, mem::size_of, path::Path};

/// The content of a stub for `library`. None if that is no library of rustc's, or the system's
/// libraries are not 64-bit ELF files.
pub(super) fn of(library: &Path) -> Option<Vec<u8>> {
    type Header = FileHeader64<NativeEndian>;
    /// The names of sections.
    const NAMES: &[u8] = b"\0.rustc\0.names\0";

    let cache = ReadCache::new(File::open(library).ok()?);
    // With the processor and its flags.
    let mut header = *Header::parse(&cache).ok()?;
    let sections = header.sections(NativeEndian, &cache).ok()?;
    let (_, metadata) = sections.section_by_name(NativeEndian, b".rustc")?;
    let metadata = metadata.data(NativeEndian, &cache).ok()?;

    let begin = size_of::<Header>();
    let names_begin = begin + metadata.len();
    let sections = [
        section(0, SHT_NULL, SectionFlags(0), 0, &[]),
        section(1, SHT_PROGBITS, SHF_EXCLUDE.into(), begin, metadata),
        section(8, SHT_STRTAB, SectionFlags(0), names_begin, NAMES),
    ];
    let sections_begin = (names_begin + NAMES.len()).next_multiple_of(8);
    header.e_type = ET_REL.into();
    header.e_entry = 0.into();
    header.e_phoff = 0.into();
    header.e_phnum = 0.into();
    header.e_phentsize = 0.into();
    header.e_shoff = (sections_begin as u64).into();
    header.e_shnum = 3.into();
    header.e_shstrndx = SymbolSection(2).into();

    let mut stub = bytes_of(&header).to_vec();
    stub.extend_from_slice(metadata);
    stub.extend_from_slice(NAMES);
    stub.resize(sections_begin, 0);
    stub.extend_from_slice(bytes_of_slice(&sections));
    Some(stub)
}

/// A section whose name begins at `name`, with its content and where that begins.
fn section(
    name: u32,
    kind: SectionType,
    flags: SectionFlags,
    begin: usize,
    content: &[u8],
) -> SectionHeader64<NativeEndian> {
    SectionHeader64 {
        sh_name: name.into(),
        sh_type: kind.into(),
        sh_flags: flags.into(),
        sh_addr: 0.into(),
        sh_offset: (begin as u64).into(),
        sh_size: (content.len() as u64).into(),
        sh_link: 0.into(),
        sh_info: 0.into(),
        sh_addralign: 1.into(),
        sh_entsize: 0.into(),
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::scratch_dir;
    use object::{File as Parsed, Object, ObjectSymbol};
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
        let needed: Vec<_> = module.import_libraries().unwrap().collect();
        let needed = needed.into_iter().map(|it| it.unwrap().name().to_vec());
        assert!(needed.clone().any(|name| name.starts_with(b"libstd-")));
        assert!(!needed.clone().any(|name| name.starts_with(b"libengine")));
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
        assert_eq!(of(&std::env::current_exe().unwrap()), None);
    }
}
