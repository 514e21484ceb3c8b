//! The surface stage: from the module's sources before and after an edit, which
//! kind of edit is it?
//!
//! ```text
//! SourceFiles ─► Rust modules ─► items ─► which parts are surface ─► Surface
//!          files         extract     reach                  old, new ─► compare ─► Edit
//! ```
//!
//! The *type surface* is defined by exclusion: everything except the bodies of
//! non-const functions, comments, and constants and aliases that no type names. (Where
//! and how something is written is part of it where a type can ask: `line!()`.) The
//! *registration surface* is everything that `build` can run or name. Both are
//! properties of one snapshot, so that each has a stable hash; comparing two
//! snapshots adds what only two can show (a new name that shadows another).
//!
//! Relies on `syn` for reading Rust, and on the caller for the files. Must never do
//! I/O, never know of another stage, and never call an edit a body edit in doubt: a
//! doubtful edit is of the next kind up (body, structure, types).

mod affected;
mod attributes;
mod calls;
mod closures;
mod compare;
mod definitions;
mod depth;
mod error;
mod exact;
mod extract;
mod facts;
mod files;
mod follow;
mod foreign;
mod functions;
mod impls;
mod included;
mod items;
mod known;
mod locals;
mod mentions;
mod places;
mod reach;
mod reader;
mod registering;
mod spelling;
mod syntax;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod traits;
mod values;

pub use affected::Affected;
pub use compare::{compare, kind};
pub use depth::STACK;
pub use error::SurfaceError;
pub use registering::Registering;

use hot_loader_compile::hash::{self, Fnv};
use items::{Flags, Item, ModuleInfo};
use reach::{Index, Kind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One file of the module, as it was at one moment.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Absolute path: as rustc's dep-info lists it, made absolute by the caller.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Arc<[u8]>,
}

/// The crate whose sources are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Crate<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its root file.
    pub root: &'a Path,
    /// Bevy's prelude has `info!` and its like there: a feature of the engine's.
    pub prelude_logs: bool,
}

/// What of one snapshot of the module's sources can decide types and registration.
#[derive(Clone, Debug)]
pub struct Surface {
    items: Vec<Item>,
    modules: Vec<ModuleInfo>,
    files: Vec<PathBuf>,
    type_hash: u128,
    registration_hash: u128,
}

impl Surface {
    /// The surface of a crate. `files` holds every Rust file of it, and every file that it
    /// includes as data.
    ///
    /// Span information that `proc_macro2` holds for the calling thread is dropped.
    ///
    /// # Errors
    ///
    /// If a file is not Rust, or one is missing.
    pub fn of(of: Crate<'_>, files: &[SourceFile]) -> Result<Self, SurfaceError> {
        let tree = files::load(of.name, of.root, files);
        let surface = tree.map(|tree| Self::of_tree(&tree, of, files));
        // proc_macro2 keeps the text of everything parsed on a thread, for spans. No
        // span is left here, and this runs at every save.
        proc_macro2::extra::invalidate_current_thread_spans();
        surface
    }

    /// The surface that a build of these sources will probably have, before it is known
    /// which files rustc reads: those that modules name, and those that `known` says
    /// of that the last build read them.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn predict(
        of: Crate<'_>,
        files: &[SourceFile],
        known: &dyn Fn(&Path) -> bool,
    ) -> Result<Self, SurfaceError> {
        let tree = files::load(of.name, of.root, files);
        let surface = tree.and_then(|tree| {
            let read: Vec<SourceFile> = files
                .iter()
                .enumerate()
                .filter(|(at, file)| tree.reached.contains(at) || known(&file.path))
                .map(|(_, file)| file.clone())
                .collect();
            match read.len() == files.len() {
                true => Ok(Self::of_tree(&tree, of, files)),
                false => Self::of(of, &read),
            }
        });
        proc_macro2::extra::invalidate_current_thread_spans();
        surface
    }

    /// The files that it was made of.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Whether it is the surface of just these files.
    #[must_use]
    pub fn is_of(&self, files: &[PathBuf]) -> bool {
        let (mut ours, mut theirs): (Vec<_>, Vec<_>) =
            (self.files.iter().collect(), files.iter().collect());
        ours.sort();
        theirs.sort();
        ours == theirs
    }

    fn of_tree(tree: &files::Tree, of: Crate<'_>, files: &[SourceFile]) -> Self {
        let facts = facts::Facts::of(&tree.modules, of.prelude_logs);
        let mut found = extract::extract(&tree.modules, &facts);
        // Keys begin at the package, so that hashes agree between machines.
        let base = of
            .root
            .parent()
            .and_then(Path::parent)
            .map(hot_loader_compile::paths::normal)
            .unwrap_or_default();
        included::add(&mut found, files, &tree.reached, &base);

        if facts.shadows_crates() {
            for item in &mut found.items {
                item.shape.distrust_crates();
                item.body.iter_mut().for_each(text::Text::distrust_crates);
            }
        }

        let index = Index::of(&found, &facts);
        let types = index.follow(Kind::Types);
        let registration = index.follow(Kind::Registration);
        let extract::Extracted {
            mut items,
            modules,
            extras,
        } = found;
        for (item, (types, registration)) in
            items.iter_mut().zip(types.into_iter().zip(registration))
        {
            item.shape_flags = Flags {
                types: types.0,
                registration: registration.0,
            };
            if item.body.is_some() {
                item.body_flags = Flags {
                    types: types.1,
                    registration: registration.1,
                };
            }
        }
        included::flag(&mut items);
        let paths = files.iter().map(|file| included::shown(&file.path, &base));
        exact::settle(&mut items, &extras, &paths.collect::<Vec<_>>());
        // Items of one key keep their order, which can mean something.
        items.sort_by(|a, b| a.key.cmp(&b.key));
        Self {
            type_hash: hash_of(&items, |flags| flags.types) ^ exact::hash_of(&items),
            registration_hash: hash_of(&items, |flags| flags.registration),
            items,
            modules,
            files: files.iter().map(|file| file.path.clone()).collect(),
        }
    }

    /// Stable hash of the type surface: the same in every process and on every
    /// machine. It differs between two surfaces if [`compare`] calls the step from
    /// one to the other a types edit.
    ///
    /// It can also differ between surfaces that a smaller edit joins (a type was
    /// added), so equal crate identities are sound for two generations only if no
    /// surface that lived under that identity is a types edit away from the new
    /// one. Example: a type is added (structure), removed (types), and added again
    /// with other fields (structure, seen from the last surface alone).
    #[must_use]
    pub fn type_hash(&self) -> u128 {
        self.type_hash
    }

    /// The statics and thread-locals of the crate that can hold state, as `static
    /// systems::score::BEST`: every generation has its own.
    #[must_use]
    pub fn statics(&self) -> Vec<String> {
        let plain = [
            "static", "str", "f32", "f64", "bool", "char", "u8", "i32", "u32", "u64", "usize",
        ];
        let plain: Vec<_> = plain.into_iter().map(hash::name).collect();
        self.items
            .iter()
            .filter(|item| item.role == items::Role::Static)
            .filter(|item| {
                let shape = &item.shape;
                let names = [&shape.heads, &shape.tails, &shape.outer];
                let only_plain = names
                    .into_iter()
                    .flatten()
                    .all(|n| plain.contains(n) || Some(*n) == item.name);
                !only_plain
            })
            .map(|item| item.key.clone())
            .collect()
    }

    /// Whether any of these identifiers stands anywhere in the sources.
    #[must_use]
    pub fn says_any(&self, idents: &[&str]) -> bool {
        let names: Vec<_> = idents.iter().map(|ident| hash::name(ident)).collect();
        self.items.iter().any(|item| {
            let texts = [Some(&item.shape), item.body.as_ref()];
            let mut texts = texts.into_iter().flatten();
            texts.any(|text| names.iter().any(|name| text.has(*name)))
        })
    }

    /// Stable hash of the registration surface.
    #[must_use]
    pub fn registration_hash(&self) -> u128 {
        self.registration_hash
    }
}

/// What an edit is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The largest kind among the changes; [`EditKind::Body`] if there are none.
    pub kind: EditKind,
    /// What changed, the largest kind first. Empty if only comments, formatting,
    /// lints or tests did.
    pub changes: Vec<Change>,
    /// Full paths of the functions that changed, were added or removed, as
    /// `std::any::type_name` prints them where that is possible: `systems::ship::steer`,
    /// `<systems::A as systems::Go>::go`. Functions with closures count as changed
    /// too when an impl before theirs came or went, since that renumbers them.
    pub functions: Vec<String>,
    /// Those of them whose closures, known by their number alone, may be others now.
    pub renumbered: Vec<String>,
    /// Which functions may run changed code.
    pub affected: Affected,
    /// Whose registration may have changed.
    pub registering: Registering,
}

/// The three kinds of edit. In order: of several, the largest counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EditKind {
    /// Neither surface changed.
    Body,
    /// The registration surface changed.
    Structure,
    /// The type surface changed.
    Types,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What this change alone makes of the edit.
    pub kind: EditKind,
    /// The file it is in.
    pub file: PathBuf,
    /// Its line, from 1: in the new file, or in the old one for something removed.
    pub line: usize,
    /// What it is, such as `struct systems::ship::Ship`.
    pub item: String,
    /// A sentence that says what happened to it.
    pub reason: String,
}

/// Hash of all parts whose flags are wanted.
fn hash_of(items: &[Item], wanted: impl Fn(Flags) -> bool) -> u128 {
    let mut hash = Fnv::default();
    for item in items {
        let body = item.body.as_ref().filter(|_| wanted(item.body_flags));
        let shape = wanted(item.shape_flags);
        if !shape && body.is_none() {
            continue;
        }
        hash.text(&item.key);
        if shape {
            hash.number(item.shape.hash);
            hash.number(item.vis);
        }
        if let Some(body) = body {
            hash.text("body");
            hash.number(body.hash);
        }
    }
    hash.finish()
}
