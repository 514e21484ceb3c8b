//! One mapped image of the module (the executable or a library): where its
//! functions are, by name and by address, and where its constant data is.
//!
//! Reads the file's symbol table and the loader's base address. It must never
//! write to the image.

use super::variables;
use bevy::platform::hash::FixedHasher;
use memchr::memmem;
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol, SectionKind, SymbolKind};
use std::{
    collections::BTreeSet,
    fs,
    hash::BuildHasher,
    io,
    ops::Range,
    path::{Path, PathBuf},
};

/// Why an image's symbols cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file cannot be read.
    #[error("cannot read the symbols of {path}: {source}. Build it again")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is malformed.
    #[error("cannot read the symbols of {path}: {message}. Build it again")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
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
        let file = fs::read(&path).map_err(|source| ImageError::Read {
            path: path.clone(),
            source,
        })?;
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
        self.functions.with(word)
    }

    /// The addresses of the function `name`; several where codegen units have one each.
    pub fn addresses_of(&self, name: &str) -> &[usize] {
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
        let object = object::File::parse(file).map_err(|e| ImageError::Malformed {
            path: path.to_path_buf(),
            message: e.to_string(),
        })?;
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
        if functions.names.is_empty() {
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
    text: String,
    /// Each name once, in the order of their hashes: texts take longer to sort.
    names: Vec<Named>,
    /// The addresses of the first name, then those of the second, and so on.
    addresses: Vec<usize>,
    /// Addresses and the numbers of their names, in order.
    by_address: Vec<(usize, u32)>,
}

/// A name. Its number is its place among all.
struct Named {
    hash: u64,
    /// Where it stands in the text.
    text: Range<usize>,
    /// Which addresses are its own, in the order of the file.
    addresses: Range<usize>,
}

impl Functions {
    fn of<'data>(symbols: impl Iterator<Item = (&'data str, usize)>) -> Self {
        let symbols = symbols.map(|(name, address)| (FixedHasher.hash_one(name), name, address));
        let mut symbols: Vec<_> = symbols.collect();
        symbols.sort_by_key(|(hash, name, _)| (*hash, *name));
        let mut functions = Self {
            names: Vec::with_capacity(symbols.len()),
            addresses: Vec::with_capacity(symbols.len()),
            by_address: Vec::with_capacity(symbols.len()),
            ..Self::default()
        };
        for of_one in symbols.chunk_by(|(_, one, _), (_, next, _)| one == next) {
            let (hash, name, _) = of_one[0];
            let (text, first) = (functions.text.len(), functions.addresses.len());
            let number = functions.names.len() as u32;
            functions.text.push_str(name);
            for (.., address) in of_one {
                functions.addresses.push(*address);
                functions.by_address.push((*address, number));
            }
            functions.names.push(Named {
                hash,
                text: text..functions.text.len(),
                addresses: first..functions.addresses.len(),
            });
        }
        functions.text.shrink_to_fit();
        functions.by_address.sort_unstable();
        functions.by_address.dedup();
        functions
    }

    /// They are mapped `by` above the file's own addresses.
    fn shift(&mut self, by: usize) {
        let by_address = self.by_address.iter_mut().map(|(address, _)| address);
        for address in self.addresses.iter_mut().chain(by_address) {
            *address = address.wrapping_add(by);
        }
        // Where the sum wraps around, they are in another order.
        self.by_address.sort_unstable();
    }

    fn text_of(&self, named: &Named) -> &str {
        &self.text[named.text.clone()]
    }

    fn addresses_of(&self, name: &str) -> &[usize] {
        let wanted = (FixedHasher.hash_one(name), name);
        let found = self
            .names
            .binary_search_by(|named| (named.hash, self.text_of(named)).cmp(&wanted));
        found.map_or(&[], |at| &self.addresses[self.names[at].addresses.clone()])
    }

    fn names_at(&self, address: usize) -> impl Iterator<Item = &str> + Clone {
        let start = self.by_address.partition_point(|(at, _)| *at < address);
        let rest = self.by_address[start..].iter();
        rest.take_while(move |(at, _)| *at == address)
            .map(|(_, number)| self.text_of(&self.names[*number as usize]))
    }

    fn with(&self, word: &str) -> impl Iterator<Item = (&str, usize)> {
        let found = memmem::find_iter(self.text.as_bytes(), word);
        let numbers = found.map(|at| self.names.partition_point(|named| named.text.end <= at));
        let mut numbers: Vec<usize> = numbers.collect();
        numbers.dedup();
        numbers.into_iter().filter_map(move |number| {
            let named = &self.names[number];
            let name = self.text_of(named);
            // Else it stands in two names, one behind the other.
            let is_whole = name.contains(word);
            is_whole.then(|| (name, self.addresses[named.addresses.start]))
        })
    }
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
        assert_eq!(functions.addresses_of("a"), [10]);
        assert_eq!(functions.addresses_of("b"), [20, 21, 20]);
        assert_eq!(functions.addresses_of("c"), [0; 0]);
        assert_eq!(functions.addresses_of(""), [0; 0]);
        let names = |address| {
            let mut names: Vec<_> = functions.names_at(address).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(10), ["a", "merged"]);
        assert_eq!(names(20), ["b"]);
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
            assert_eq!(functions.addresses_of(name), [address]);
            assert!(functions.names_at(address).eq([name.as_str()]));
        }
    }
}
