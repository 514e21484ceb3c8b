//! What is known of one build of a crate: its sources, and what the compiler made of them.
//!
//! Relies on the caller for files and for the compiler's text. Must do no I/O.

use crate::{
    contracts::Contracts,
    graph::Graph,
    paths::Paths,
    registration::Registration,
    tokens::{Kind, Source},
};
use hot_loader_compile::hash::name;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use crate::{
    mir::{Memory, MirError},
    tokens::{Error, SourceFile, are_same},
};

/// One build, or the sources of one that is to come.
#[derive(Clone, Debug)]
pub struct Code {
    pub(crate) source: Arc<Source>,
    /// Nothing before the build, or if its text is not understood.
    pub(crate) compiled: Option<Arc<Compiled>>,
    contracts: Contracts,
}

/// What the compiler made of it.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) graph: Graph,
    pub(crate) registration: Registration,
}

impl Code {
    /// The sources of the crate of this name, whose root is this file. `files` holds every
    /// Rust file of it, and may hold others.
    ///
    /// Span information that `proc_macro2` holds for the calling thread is dropped.
    ///
    /// # Errors
    ///
    /// If a file is not Rust, or one is missing.
    pub fn of(name: &str, root: &Path, files: &[SourceFile]) -> Result<Self, Error> {
        let source = Source::of(name, root, files)?;
        Ok(Self {
            contracts: Contracts::of(&source, None),
            compiled: None,
            source: Arc::new(source),
        })
    }

    /// These sources, with what the compiler says of them (`--emit=mir`). `memory` is of the
    /// build before, and makes this one's reading quicker.
    ///
    /// # Errors
    ///
    /// If that is not understood: `self` is all that is known then.
    pub fn built(&self, mir: &str, memory: &mut Memory) -> Result<Self, MirError> {
        let items = crate::mir::read(mir, &Paths::of(&self.source), memory)?;
        let graph = Graph::of(items, &self.source);
        Ok(Self {
            source: self.source.clone(),
            contracts: Contracts::of(&self.source, Some(&graph)),
            compiled: Some(Arc::new(Compiled {
                registration: Registration::of(&graph, &self.source),
                graph,
            })),
        })
    }

    /// What the engine, the compiler and live values rely on.
    pub fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// Whether all of these files were looked at.
    pub fn knows(&self, files: &[PathBuf]) -> bool {
        let known = &self.source.files;
        let is_known = |path: &PathBuf| known.iter().any(|file| file.path == *path);
        files.iter().all(is_known)
    }

    /// The statics and thread-locals of the crate that can hold state, as `static
    /// systems::score::BEST`: every generation has its own.
    pub fn statics(&self) -> Vec<String> {
        let items = self.source.items.iter();
        let found = items.flat_map(|item| {
            let named = |name: &str| format!("static {}::{name}", item.module);
            match (item.kind, &item.name) {
                (Kind::Static, Some(name)) if !is_plain(&item.head) => vec![named(name)],
                (Kind::MacroCall, Some(name)) if name == "thread_local" => {
                    let words: Vec<&str> = item.head.split(' ').collect();
                    let statics = words.windows(2).filter(|pair| pair[0] == "static");
                    statics.map(|pair| named(pair[1])).collect()
                }
                _ => Vec::new(),
            }
        });
        found.collect()
    }

    /// Whether any of these macros may be called in the sources themselves, by its last segment.
    pub fn calls_any(&self, macros: &[&str]) -> bool {
        let mut calls = self.source.items.iter().flat_map(|item| &item.calls);
        calls.any(|call| macros.contains(&call.as_str()) || call.starts_with('$'))
    }

    /// Whether any of these identifiers stands anywhere in the sources.
    pub fn says_any(&self, idents: &[&str]) -> bool {
        let names: Vec<_> = idents.iter().map(|ident| name(ident)).collect();
        let mut items = self.source.items.iter();
        items.any(|item| {
            let mut said = item.names.iter().chain(&item.body_names);
            said.any(|name| names.contains(name))
        })
    }
}

/// Whether a static of this head holds plain values alone, which nothing writes to.
fn is_plain(head: &str) -> bool {
    const PLAIN: [&str; 17] = [
        "str", "f32", "f64", "bool", "char", "u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64",
        "u128", "i128", "usize", "isize",
    ];
    let of_type = head.split_once(" : ").map_or("", |(_, of_type)| of_type);
    let mut words = of_type.split(' ');
    !head.starts_with("static mut")
        && words.all(|word| {
            PLAIN.contains(&word) || !word.starts_with(|c: char| c.is_alphabetic() || c == '_')
        })
}
