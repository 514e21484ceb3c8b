//! What the compiler itself says of a crate's types, from the debug info (DWARF) of a
//! library: sizes, alignments, offsets, variants. Compares two builds of the same crate, and
//! says whether a value may be moved as bytes from the one to the other. Pure: reads bytes,
//! loads nothing, runs nothing. Must never call a type unchanged that it is not sure of:
//! what is not found, not understood, or has a name that several types have, is not known
//! to be unchanged.
//!
//! Types are known by their names. Within one library, all entries that have a name must say
//! the same of it; if they do not, the name belongs to several types and is in doubt. So two
//! types of two libraries are the same if what is written under their names is the same, and
//! so for all the names that stand there.
//!
//! What the debug info does not show, and others have to compare: the order of a trait's
//! methods (their number shows, through tables and pointers to `dyn` types), whether a type
//! has `Drop` or any other implementation, constants, attributes of derives, visibility, and
//! which version of a crate a foreign type comes from, the types that the name of a `dyn` type
//! mentions, and whatever stands behind a pointer without a type (a `World`, a task).

mod compare;
mod contents;
mod dwarf;
mod makers;
mod merge;
mod naming;
mod reach;
mod renamed;
mod spelling;
#[cfg(test)]
mod tests;
mod unit;

use crate::{HashMap, IndexMap};
use gimli::DwAte;
use std::{collections::HashSet, iter, sync::Arc};

pub use compare::Differences;
pub use contents::Code;
pub use makers::{Maker, OBSERVER_MAKER, Takes, makes_observers};
pub use spelling::Spellings;
pub use unit::Unit;

/// Why the types of a library are not known.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// Not a file of a format that holds libraries.
    #[error("not a library: {0}")]
    NotALibrary(#[from] object::Error),
    /// The library was built without debug info, or keeps it in another file.
    #[error("the library has no debug info (build with `-C debuginfo=2`, not split)")]
    NoDebugInfo,
    /// There is debug info, but no type of the crate in it.
    #[error(
        "the debug info has no types of `{0}` (build with `-C debuginfo=2`, not \
         `line-tables-only`)"
    )]
    NoTypes(String),
    /// The debug info is compressed, which is not supported.
    #[error("the library's debug info is compressed (link without `--compress-debug-sections`)")]
    Compressed,
    /// Not all units of the library are there: the one with this number is not.
    #[error("the library's unit {0:016x} has no debug info")]
    Missing(u64),
    /// Its debug info breaks off, or contradicts itself.
    #[error("cannot read the library's debug info: {0}")]
    Dwarf(#[from] gimli::Error),
    /// What was read of it cannot be put together.
    #[error("cannot read the library's debug info: {0}")]
    Malformed(String),
}

/// The name of what has none that is known.
const UNKNOWN_NAME: &str = "{unknown}";

/// Every type of one library that concerns one crate: the crate's own, those of others that
/// mention it in their generic arguments, and all that these are made of.
#[derive(Debug)]
pub struct Layouts {
    /// What is known under every name that stands in a type.
    nodes: IndexMap<Arc<str>, Node>,
    /// What makes an observer of a function, by its symbol.
    makers: HashMap<String, Maker>,
}

/// What is known under one name.
#[derive(Clone, PartialEq, Default, Debug)]
struct Node {
    name: Arc<str>,
    /// All definitions that bear the name, as far as they differ; it is in doubt if there are
    /// several.
    types: Vec<Type>,
    /// All that the definitions name, themselves too, by position.
    mentions: Vec<u32>,
    /// Something in its definition is not understood, or there is none.
    doubt: bool,
    /// Not found by its name, which is no name that Rust gives a type: a part of a wide
    /// pointer, a function's signature.
    inner: bool,
    /// Written in the crate, where its path begins.
    own: bool,
    /// The crate is mentioned.
    concerned: bool,
    says: spelling::Says,
}

impl Node {
    /// The one type of this name, if it is known.
    fn sure(&self) -> Option<&Type> {
        match &*self.types {
            [known] if !self.doubt => Some(known),
            _ => None,
        }
    }
}

/// One type.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Type {
    /// Its name, spelled like `core::any::type_name` does, without lifetimes.
    pub name: Arc<str>,
    /// In bytes.
    pub size: u64,
    /// In bytes. For numbers and pointers, of which the debug info does not say it, their
    /// size (16 at most); 0 if it is not known.
    pub align: u64,
    /// What it is made of.
    pub kind: Kind,
    /// The names of its type arguments.
    pub arguments: Vec<Arc<str>>,
}

/// What a type is made of.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub enum Kind {
    /// A struct, a tuple, what a closure captured, a wide pointer; in order of declaration.
    Struct(Vec<Field>),
    /// All fields in the same place, or any of them.
    Union(Vec<Field>),
    /// An enum, or a future between its states.
    Enum {
        /// Where the number stands that tells the variants apart; none if there is just one,
        /// or the enum is nothing but that number.
        discriminant: Option<Field>,
        /// In order of declaration.
        variants: Vec<Variant>,
    },
    /// A number, a `bool`, a `char`, `()`, which is an unsigned number without bytes; and how
    /// its bytes are meant.
    Base(DwAte),
    /// A thin pointer, reference or box to the type of this name, or a function pointer.
    Pointer(Arc<str>),
    /// Elements of the type of this name, and how many; none if that is not fixed.
    Array(Arc<str>, Option<u64>),
    /// What a function pointer points to: the names of parameters and result.
    Function(Vec<Arc<str>>, Option<Arc<str>>),
    /// Not understood.
    #[default]
    Unknown,
}

/// A field.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Field {
    /// Its name; of tuples `__0`, `__1`; empty for most discriminants.
    pub name: String,
    /// In bytes from the start of the type.
    pub offset: u64,
    /// The name of its type, which [`Layouts::get`] knows unless it is in doubt.
    pub type_name: Arc<str>,
    /// The alignment of its type in bytes, where the debug info says it, or 0.
    pub align: u64,
}

/// A variant of an enum.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// The value of the discriminant's field that means this variant; none for the variant
    /// that every other value means.
    pub value: Option<i128>,
    /// What it holds; offsets are from the start of the enum.
    pub fields: Vec<Field>,
}

impl Layouts {
    /// Reads the debug info of the library `file`, which holds all of it; see [`Unit::read`].
    ///
    /// # Errors
    ///
    /// If `file` is no library, breaks off, or has no readable debug info of the crate.
    pub fn read(
        file: &[u8],
        crate_name: &str,
        spellings: &mut Spellings,
    ) -> Result<Self, LayoutError> {
        let units = Unit::read(file, crate_name, spellings)?;
        Self::of(&units, crate_name)
    }

    /// What the instance of `Observer::new` with this symbol takes, if no value of the
    /// program's is needed for it.
    pub fn maker(&self, symbol: &str) -> Option<&Maker> {
        self.makers.get(symbol)
    }

    /// The type that `core::any::type_name` calls so. None if it is not in the debug info, if
    /// several different types have that name, if it is a closure or future (of which
    /// `type_name` does not say which one of a function's it is), or if the name leaves out
    /// arguments whose defaults are not known here (those of the standard library and of Bevy
    /// are).
    pub fn get(&self, type_name: &str) -> Option<&Type> {
        self.node(self.find(type_name)?)?.sure()
    }

    fn node(&self, at: u32) -> Option<&Node> {
        Some(self.nodes.get_index(at as usize)?.1)
    }

    /// The position of a name.
    fn at(&self, name: &str) -> Option<u32> {
        Some(self.nodes.get_index_of(name)? as u32)
    }

    /// The node of a name in any spelling.
    fn find(&self, type_name: &str) -> Option<u32> {
        let at = self.at(type_name).or_else(|| {
            let (name, _) = spelling::canonical(type_name)?;
            self.at(&name)
        })?;
        (!self.node(at)?.inner).then_some(at)
    }

    /// These nodes and all that `next` leads to from them, each once.
    fn walk<'a, N: IntoIterator<Item = u32>>(
        &'a self,
        from: impl IntoIterator<Item = u32>,
        next: impl Fn(&'a Node) -> N,
    ) -> impl Iterator<Item = &'a Node> {
        let mut open: Vec<u32> = from.into_iter().collect();
        let mut seen: HashSet<u32> = open.iter().copied().collect();
        iter::from_fn(move || {
            let node = self.node(open.pop()?)?;
            open.extend(next(node).into_iter().filter(|at| seen.insert(*at)));
            Some(node)
        })
    }

    /// These nodes and all that they mention.
    fn mentioned(&self, from: impl IntoIterator<Item = u32>) -> impl Iterator<Item = &Node> {
        self.walk(from, |node| node.mentions.iter().copied())
    }
}
