//! One mapped image of the module (the executable or a library): where its
//! functions are, by name and by address, and where its constant data is.
//!
//! Reads the file's symbol table and the loader's base address. It must never
//! write to the image.

use super::variables;
use bevy::platform::hash::FixedHasher;
use hot_loader_compile::paths::PathError;
use memchr::memmem;
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol, SectionKind, SymbolKind};
use std::{
    collections::{BTreeSet, HashSet},
    fs,
    hash::BuildHasher,
    io,
    ops::Range,
    path::{Path, PathBuf},
};

/// Why an image's symbols cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file cannot be read, or is malformed.
    #[error("cannot read the symbols of {0}. Build it again")]
    Read(#[from] PathError),
    /// The symbol table is gone.
    #[error(
        "{0} is stripped, but hot reloading finds a system's new code by its symbol. Set `strip = false` in the profile, then rebuild the game"
    )]
    Stripped(PathBuf),
    /// The module is linked as a library of its own.
    #[error(
        "the gameplay crate is not linked into the executable. Set its `crate-type` to `lib`, then rebuild the game"
    )]
    NotInExecutable,
    /// The loader does not know the image.
    #[error(
        "the system's loader does not report where {0} is mapped, so hot reloading does not work on this system"
    )]
    NoBase(PathBuf),
}

/// The functions and constant data of a mapped image.
pub struct Image {
    path: PathBuf,
    functions: Functions,
    constants: Vec<Range<usize>>,
    read_only: Vec<Range<usize>>,
    variables: BTreeSet<String>,
}

impl Image {
    /// Reads the running executable, which must hold `anchor`, an address of the
    /// module's code in generation 0.
    ///
    /// # Errors
    /// If it does not, is stripped, or cannot be read.
    pub fn of_executable(anchor: usize) -> Result<Self, ImageError> {
        let path = executable();
        // hot-loader is linked into the executable like the module.
        let own = executable as fn() -> PathBuf as usize;
        if base(anchor) != base(own) {
            return Err(ImageError::NotInExecutable);
        }
        let file = fs::read(&path).map_err(PathError::at(&path))?;
        Self::read(&file, &path, anchor)
    }

    /// Reads the image whose file is `file` and that `anchor` is an address of.
    ///
    /// # Errors
    /// If it is stripped, malformed, or not mapped.
    pub fn read(file: &[u8], path: &Path, anchor: usize) -> Result<Self, ImageError> {
        Unmapped::read(file, path)?.mapped(anchor)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the function at `address`; several where the compiler or the
    /// linker merged equal ones.
    pub fn names_at(&self, address: usize) -> impl Iterator<Item = &str> + Clone {
        self.functions.names_at(address)
    }

    /// The functions whose names have this word in them: a name, and an address of it.
    pub fn functions_with(&self, word: &str) -> impl Iterator<Item = (&str, usize)> {
        let Functions { text, symbols, .. } = &self.functions;
        let mut numbers: Vec<usize> = memmem::find_iter(text.as_bytes(), word)
            .map(|at| symbols.partition_point(|symbol| symbol.end <= at))
            .collect();
        numbers.dedup();
        let mut seen = HashSet::new();
        numbers.into_iter().filter_map(move |number| {
            let name = self.functions.name(number)?;
            let address = symbols.get(number)?.address;
            // Else it stands in two names, one behind the other.
            (name.contains(word) && seen.insert(name)).then_some((name, address))
        })
    }

    /// The addresses of the function `name`; several where codegen units have one each.
    pub fn addresses_of(&self, name: &str) -> impl Iterator<Item = usize> {
        self.functions.addresses_of(name)
    }

    /// The address ranges of constant data that holds pointers: where tables of
    /// functions are.
    pub fn constants(&self) -> &[Range<usize>] {
        &self.constants
    }

    /// Statics and thread-locals, of which this image has its own.
    pub fn variables(&self) -> &BTreeSet<String> {
        &self.variables
    }

    /// The address ranges of data that nobody writes to: where literal text is.
    pub fn read_only(&self) -> &[Range<usize>] {
        &self.read_only
    }
}

/// An image of a file that is not mapped, or where is not known: all addresses are the
/// file's own.
pub struct Unmapped {
    image: Image,
    first_mapped_address: Option<usize>,
}

impl Unmapped {
    /// Reads the image whose file is `file`.
    ///
    /// # Errors
    /// If it is stripped or malformed.
    pub fn read(file: &[u8], path: &Path) -> Result<Self, ImageError> {
        let object = object::File::parse(file).map_err(io::Error::other);
        let object = object.map_err(PathError::at(path))?;
        let symbols = object
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition());
        let functions = Functions::of(symbols.filter_map(|symbol| {
            let mut name = symbol.name().ok()?;
            // ThinLTO renames what it promotes: `name.llvm.123`.
            if name.ends_with(|last: char| last.is_ascii_digit()) {
                name = name.split(".llvm.").next()?;
            }
            Some((name, symbol.address() as usize))
        }));
        if functions.symbols.is_empty() {
            return Err(ImageError::Stripped(path.to_path_buf()));
        }
        Ok(Self {
            first_mapped_address: first_mapped_address(&object),
            image: Image {
                path: path.to_path_buf(),
                functions,
                constants: ranges(&object, is_constant),
                read_only: ranges(&object, is_read_only),
                variables: variables::of(&object),
            },
        })
    }

    /// The image, mapped where `anchor` is an address of it.
    ///
    /// # Errors
    /// If the loader does not know that address.
    pub fn mapped(self, anchor: usize) -> Result<Image, ImageError> {
        let mut image = self.image;
        let slide = base(anchor)
            .zip(self.first_mapped_address)
            .map(|(base, first)| base.wrapping_sub(first))
            .ok_or_else(|| ImageError::NoBase(image.path.clone()))?;
        image.functions.shift(slide);
        for range in image.constants.iter_mut().chain(&mut image.read_only) {
            *range = range.start.wrapping_add(slide)..range.end.wrapping_add(slide);
        }
        Ok(image)
    }
}

/// Functions by name and by address. Some are kept for each generation that can be brought
/// back, and a module has tens of thousands: all names stand in one text.
#[derive(Default)]
struct Functions {
    /// The names, one behind the other.
    text: String,
    /// In the order of their names in the text, which is that of the file. The place of each
    /// here is its number.
    symbols: Vec<Symbol>,
    /// Hashes of the names, each with the number, in order.
    by_hash: Vec<(u32, u32)>,
    /// The numbers in the order of the addresses.
    by_address: Vec<u32>,
}

struct Symbol {
    address: usize,
    /// Where its name ends in the text.
    end: usize,
}

impl Functions {
    fn of<'data>(symbols: impl Iterator<Item = (&'data str, usize)>) -> Self {
        let mut functions = Self::default();
        let mut by_address = Vec::new();
        for ((name, address), number) in symbols.zip(0..) {
            functions.text.push_str(name);
            let end = functions.text.len();
            functions.symbols.push(Symbol { address, end });
            functions.by_hash.push((hash(name), number));
            by_address.push((address, number));
        }
        functions.text.shrink_to_fit();
        functions.symbols.shrink_to_fit();
        functions.by_hash.shrink_to_fit();
        functions.by_hash.sort_unstable();
        by_address.sort_unstable();
        functions.by_address = by_address.into_iter().map(|(_, number)| number).collect();
        functions
    }

    /// They are mapped `by` above the file's own addresses.
    fn shift(&mut self, by: usize) {
        for symbol in &mut self.symbols {
            symbol.address = symbol.address.wrapping_add(by);
        }
        // Where the sum wraps around, they are in another order.
        let symbols = &self.symbols;
        let address = |number: &u32| symbols.get(*number as usize).map(|it| it.address);
        if !self.by_address.is_sorted_by_key(address) {
            self.by_address.sort_by_key(address);
        }
    }

    fn name(&self, number: usize) -> Option<&str> {
        let start = match number.checked_sub(1) {
            Some(before) => self.symbols.get(before)?.end,
            None => 0,
        };
        let end = self.symbols.get(number)?.end;
        self.text.get(start..end)
    }

    fn addresses_of(&self, name: &str) -> impl Iterator<Item = usize> {
        let hash = hash(name);
        let start = self.by_hash.partition_point(|(other, _)| *other < hash);
        let rest = self.by_hash.get(start..).unwrap_or_default().iter();
        rest.take_while(move |(other, _)| *other == hash)
            .map(|(_, number)| *number as usize)
            .filter(move |number| self.name(*number) == Some(name))
            .filter_map(|number| Some(self.symbols.get(number)?.address))
    }

    fn names_at(&self, address: usize) -> impl Iterator<Item = &str> + Clone {
        let at = |number: &u32| self.symbols.get(*number as usize).map(|it| it.address);
        let start = self.by_address.partition_point(|it| at(it) < Some(address));
        let rest = self.by_address.get(start..).unwrap_or_default().iter();
        rest.take_while(move |it| at(it) == Some(address))
            .filter_map(|number| self.name(*number as usize))
    }
}

/// Names with equal hashes are compared.
fn hash(name: &str) -> u32 {
    FixedHasher.hash_one(name) as u32
}

/// Where the sections of a kind are.
fn ranges(object: &object::File, is_wanted: fn(&object::Section) -> bool) -> Vec<Range<usize>> {
    let sections = object.sections().filter(is_wanted);
    let ranges = sections.map(|section| {
        let start = section.address() as usize;
        start..start + section.size() as usize
    });
    ranges.collect()
}

fn is_read_only(section: &object::Section) -> bool {
    matches!(
        section.kind(),
        SectionKind::ReadOnlyData | SectionKind::ReadOnlyString
    )
}

/// Constant data that the loader relocates: `.data.rel.ro` on ELF, `__const` of
/// `__DATA_CONST` (or `__DATA`) on Mach-O, `.rdata` on PE.
fn is_constant(section: &object::Section) -> bool {
    let name = section.name().unwrap_or_default();
    let segment = section.segment_name().ok().flatten().unwrap_or_default();
    name.starts_with(".data.rel.ro")
        || (name == "__const" && segment.starts_with("__DATA"))
        || (name == ".rdata" && section.kind() == SectionKind::ReadOnlyData)
}

/// Where the first byte of the file that holds `address` is mapped.
#[cfg(unix)]
fn base(address: usize) -> Option<usize> {
    let mut info = core::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `dladdr` takes any address and fills the structure if it returns non-zero.
    let info = unsafe {
        if libc::dladdr(address as *const libc::c_void, info.as_mut_ptr()) == 0 {
            return None;
        }
        info.assume_init()
    };
    Some(info.dli_fbase as usize)
}

#[cfg(not(unix))]
fn base(_address: usize) -> Option<usize> {
    None
}

/// The file's own address for its first mapped byte.
fn first_mapped_address(object: &object::File) -> Option<usize> {
    object
        .segments()
        // Mach-O executables begin with an unmapped page of zeros, which is no part of the file.
        .filter(|segment| segment.file_range().1 > 0)
        .min_by_key(|segment| segment.file_range().0)
        .map(|segment| (segment.address() - segment.file_range().0) as usize)
}

/// The running executable's file.
fn executable() -> PathBuf {
    // A rebuild unlinks the file; the link of the process still opens it.
    let own = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && own.exists() {
        own.to_path_buf()
    } else {
        std::env::current_exe().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_by_name_and_by_address() {
        let symbols = [("b", 20), ("a", 10), ("b", 21), ("merged", 10), ("b", 20)];
        let functions = Functions::of(symbols.into_iter());
        let addresses = |name| functions.addresses_of(name).collect::<Vec<_>>();
        assert_eq!(addresses("a"), [10]);
        assert_eq!(addresses("b"), [20, 21, 20]);
        assert_eq!(addresses("c"), [0; 0]);
        assert_eq!(addresses(""), [0; 0]);
        let names = |address| functions.names_at(address).collect::<Vec<_>>();
        assert_eq!(names(10), ["a", "merged"]);
        assert_eq!(names(20), ["b", "b"]);
        assert_eq!(names(21), ["b"]);
        assert_eq!(names(9), [""; 0]);
        assert_eq!(names(22), [""; 0]);
        assert!(Functions::of([].into_iter()).names_at(0).next().is_none());
    }

    #[test]
    fn a_name_is_found_among_many() {
        let names: Vec<String> = (0..5000).map(|n| format!("_ZN7systems{n}E")).collect();
        let functions = Functions::of(names.iter().map(String::as_str).zip(0..));
        for (address, name) in names.iter().enumerate() {
            assert!(functions.addresses_of(name).eq([address]));
            assert!(functions.names_at(address).eq([name.as_str()]));
        }
    }
}
