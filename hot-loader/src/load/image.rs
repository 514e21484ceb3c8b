//! One mapped image of the module (the executable or a library): where its
//! functions are, by name and by address, and where its constant data is.
//!
//! Reads the file's symbol table and the loader's base address. It must never
//! write to the image.

use super::variables;
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol, SectionKind, SymbolKind};
use std::{
    collections::{BTreeSet, HashMap},
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
};

/// Why an image's symbols cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file cannot be read.
    #[error("cannot read the symbols of {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is malformed.
    #[error("cannot read the symbols of {path}: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The symbol table is gone.
    #[error(
        "{0} is stripped: hot reloading finds a system's new code by its symbol; set `strip = false` in the profile and build again"
    )]
    Stripped(PathBuf),
    /// The module is linked as a library of its own.
    #[error(
        "the gameplay crate is not linked into the executable itself; let its `crate-type` be `lib`"
    )]
    NotInExecutable,
    /// The loader does not know the image.
    #[error(
        "the system's loader does not say where {0} is mapped; hot reloading does not run here"
    )]
    NoBase(PathBuf),
}

/// The functions and constant data of a mapped image.
pub struct Image {
    path: PathBuf,
    by_address: HashMap<usize, Vec<u32>>,
    by_name: HashMap<Box<str>, (u32, Vec<usize>)>,
    names: Vec<Box<str>>,
    constants: Vec<Range<usize>>,
    read_only: Vec<Range<usize>>,
    variables: BTreeSet<String>,
}

impl core::fmt::Debug for Image {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Image")
            .field("path", &self.path)
            .field("functions", &self.names.len())
            .finish_non_exhaustive()
    }
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
        let object = object::File::parse(file).map_err(|e| ImageError::Malformed {
            path: path.to_path_buf(),
            message: e.to_string(),
        })?;
        let slide = slide(&object, anchor).ok_or_else(|| ImageError::NoBase(path.to_path_buf()))?;
        let mut image = Self {
            path: path.to_path_buf(),
            by_address: HashMap::new(),
            by_name: HashMap::new(),
            names: Vec::new(),
            constants: constants(&object, slide),
            read_only: read_only(&object, slide),
            variables: variables::of(&object),
        };
        for symbol in object
            .symbols()
            .filter(|s| s.kind() == SymbolKind::Text && s.is_definition())
        {
            if let Ok(name) = symbol.name() {
                image.add(name, slide.wrapping_add(symbol.address() as usize));
            }
        }
        if image.names.is_empty() {
            return Err(ImageError::Stripped(path.to_path_buf()));
        }
        Ok(image)
    }

    fn add(&mut self, name: &str, address: usize) {
        // ThinLTO renames what it promotes: `name.llvm.123`.
        let name = name.split(".llvm.").next().unwrap_or(name);
        let next = self.names.len() as u32;
        let (index, addresses) = self
            .by_name
            .entry(name.into())
            .or_insert_with(|| (next, Vec::with_capacity(1)));
        if *index == next {
            self.names.push(name.into());
        }
        addresses.push(address);
        self.by_address.entry(address).or_default().push(*index);
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the function at `address`; several where the compiler or the
    /// linker merged equal ones.
    pub fn names_at(&self, address: usize) -> impl Iterator<Item = &str> + Clone {
        self.by_address
            .get(&address)
            .into_iter()
            .flatten()
            .filter_map(|&i| self.names.get(i as usize).map(|n| &**n))
    }

    /// All functions: a name, and an address of it.
    pub fn functions(&self) -> impl Iterator<Item = (&str, usize)> {
        let all = self.by_name.iter();
        all.filter_map(|(name, (_, addresses))| Some((&**name, *addresses.first()?)))
    }

    /// The addresses of the function `name`; several where codegen units have one each.
    pub fn addresses_of(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], |(_, a)| a)
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

fn read_only(object: &object::File, slide: usize) -> Vec<Range<usize>> {
    let sections = object.sections().filter(|section| {
        matches!(
            section.kind(),
            SectionKind::ReadOnlyData | SectionKind::ReadOnlyString
        )
    });
    sections.map(|section| mapped(&section, slide)).collect()
}

fn mapped<'data>(section: &impl ObjectSection<'data>, slide: usize) -> Range<usize> {
    let start = slide.wrapping_add(section.address() as usize);
    start..start + section.size() as usize
}

/// Constant data that the loader relocates: `.data.rel.ro` on ELF, `__const` of
/// `__DATA_CONST` (or `__DATA`) on Mach-O, `.rdata` on PE.
fn constants(object: &object::File, slide: usize) -> Vec<Range<usize>> {
    object
        .sections()
        .filter(|section| {
            let name = section.name().unwrap_or_default();
            name.starts_with(".data.rel.ro")
                || (name == "__const"
                    && section
                        .segment_name()
                        .ok()
                        .flatten()
                        .is_some_and(|s| s.starts_with("__DATA")))
                || (name == ".rdata" && section.kind() == SectionKind::ReadOnlyData)
        })
        .map(|section| mapped(&section, slide))
        .collect()
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

/// What the loader added to the file's addresses.
fn slide(object: &object::File, anchor: usize) -> Option<usize> {
    Some(base(anchor)?.wrapping_sub(first_mapped_address(object)?))
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
