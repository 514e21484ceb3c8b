//! The sources of one crate as a list of items, each with its tokens as text that ignores
//! comments, lints and formatting.
//!
//! ```text
//! SourceFiles ─► tokens ─► items ─► modules and members ─► Source
//!       modules     split     words
//! ```
//!
//! Relies on `proc_macro2` for tokens, and on the caller for the files. Must do no I/O,
//! must not expand or resolve anything, and must never lose a token: an item that it does
//! not understand is one of kind [`Kind::Other`].

mod error;
mod inner;
mod modules;
mod split;
#[cfg(test)]
mod tests;
mod words;

pub use error::Error;
pub use split::Kind;
pub use words::{Attr, names_in};

use hot_loader_compile::hash::{Fnv, Name};
use hot_loader_compile::paths::normal;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One file of a crate, as it was at one moment.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Absolute path: as rustc's dep-info lists it, made absolute by the caller.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Arc<[u8]>,
}

/// The items of one crate, in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The crate's name, as paths begin with it.
    pub name: String,
    /// All items but those in bodies of functions, and those that only tests see. A module
    /// is followed by its items, an impl or trait by its members.
    pub items: Vec<Item>,
    /// The inner attributes of the crate.
    pub attributes: Vec<Attr>,
    /// Which of the files are some module's source.
    pub read: BTreeSet<usize>,
    /// The files that it was made of, by their normal paths.
    pub files: Vec<SourceFile>,
}

/// One item.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// The module that it stands in, such as `systems::ship`.
    pub module: String,
    /// Its identifier, without `r#`. None for an impl or `use`; of a call of a macro the
    /// last segment of its path.
    pub name: Option<String>,
    /// The impl or trait that it is a member of.
    pub parent: Option<usize>,
    /// Its attributes without documentation and lints; those inside of it are behind those
    /// before it.
    pub attributes: Vec<Attr>,
    /// All its tokens but attributes, visibility, body and the `;` at its end.
    pub head: String,
    /// Hash of attributes and head.
    pub hash: u128,
    /// Hash of a function's block, or of the initialiser of a constant or static.
    pub body: Option<u128>,
    /// Whether the body has a keyword that can declare an item with an identity.
    pub declares: bool,
    /// Hash of the items inside of the body, and whether an impl is one, if it has some.
    pub inner: Option<(u128, bool)>,
    /// Macros called in head or body: their last segments, `$name` for one whose
    /// name a macro was given.
    pub calls: BTreeSet<String>,
    /// Its visibility; empty for a private one.
    pub vis: String,
    /// Identifiers in head and attributes, and in the initialiser of a constant or static.
    /// Words in the strings that macros and attributes are given count too.
    pub names: BTreeSet<Name>,
    /// The same in the body.
    pub body_names: BTreeSet<Name>,
    /// What each leaf of a `use` binds (`*` for a glob, `_` for nothing), and the path that
    /// it binds: without braces and `self`, else as written.
    pub uses: Vec<(String, String)>,
    /// Its file, among the given ones.
    pub file: usize,
    /// Where it begins, with its attributes: line and column in characters, from 1.
    pub from: (usize, usize),
    /// Where the first character behind it is.
    pub to: (usize, usize),
}

impl Source {
    /// The items of the crate of this name, whose root is this file. `files` holds every Rust
    /// file of it.
    ///
    /// Span information that `proc_macro2` holds for the calling thread is dropped.
    ///
    /// # Errors
    ///
    /// If a file is not Rust, or one is missing.
    pub fn of(name: &str, root: &Path, files: &[SourceFile]) -> Result<Self, Error> {
        let source = modules::load(name, root, files);
        // proc_macro2 keeps the text of everything parsed on a thread, for spans. No span
        // is left here, and this runs at every save.
        proc_macro2::extra::invalidate_current_thread_spans();
        source
    }

    /// The items of this kind that have a name.
    pub fn named(&self, kind: Kind) -> impl Iterator<Item = (&str, &Item)> {
        let items = self.items.iter().filter(move |item| item.kind == kind);
        items.filter_map(|item| Some((item.name.as_deref()?, item)))
    }

    /// The innermost item that this place is in.
    pub fn at(&self, file: &Path, line: usize, column: usize) -> Option<usize> {
        let file = self.file(file)?;
        let place = (line, column);
        let items = self.items.iter().enumerate();
        items
            .filter(|(_, item)| item.file == file && item.from <= place && place < item.to)
            .max_by_key(|(_, item)| item.from)
            .map(|(at, _)| at)
    }

    /// The source text between two places of a file, the second of which is no part of it.
    pub fn text(&self, file: &Path, from: (usize, usize), to: (usize, usize)) -> Option<&str> {
        let text = std::str::from_utf8(&self.files[self.file(file)?].bytes).ok()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        text.get(offset(text, from)?..offset(text, to)?)
    }

    /// The members of an impl or trait.
    pub fn members(&self, of: usize) -> impl Iterator<Item = &Item> {
        let items = self.items.iter();
        items.filter(move |item| item.parent == Some(of))
    }

    /// The files that are no module's source, each with a hash of its content.
    pub fn other_files(&self) -> impl Iterator<Item = (&Path, u128)> {
        let files = self.files.iter().enumerate();
        let others = files.filter(|(at, _)| !self.read.contains(at));
        others.map(|(_, file)| {
            let hash = Fnv::default().bytes(&file.bytes);
            (file.path.as_path(), hash.finish())
        })
    }

    /// The file that rustc prints as `path`, relative to some directory. Of several it is
    /// the one that this says most of.
    fn file(&self, path: &Path) -> Option<usize> {
        let path = normal(path);
        let length = |at: &usize| self.files[*at].path.components().count();
        let ours = self.read.iter().copied();
        ours.filter(|at| self.files[*at].path.ends_with(&path))
            .min_by_key(length)
    }
}

impl Item {
    /// Hash of attributes, head and body.
    pub fn whole(&self) -> u128 {
        let body = self.body.unwrap_or_default();
        Fnv::default().number(self.hash).number(body).finish()
    }
}

/// Whether two files of these contents have the same tokens, documentation among them: what else differs are
/// comments and blanks. False for what is no Rust.
pub fn are_same(old: &[u8], new: &[u8]) -> bool {
    let same = old == new || {
        let [old, new] = [old, new].map(modules::spelled);
        old.is_ok_and(|old| new.is_ok_and(|new| old == new))
    };
    proc_macro2::extra::invalidate_current_thread_spans();
    same
}

/// Where in a text a place is, in bytes.
fn offset(text: &str, (line, column): (usize, usize)) -> Option<usize> {
    let before = line.checked_sub(1)?;
    let begin: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let line = text.get(begin..)?.lines().next().unwrap_or_default();
    let mut places = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    places.nth(column.checked_sub(1)?).map(|at| begin + at)
}
