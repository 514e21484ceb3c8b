//! Which entries of a library concern the crate, and in which namespace each stands. Every
//! position that is kept here is one of the entries'.

use super::dwarf::{Entries, text};
use crate::{
    HashMap,
    names::{is_written_in, mentions_crate},
};
use gimli::constants as dw;
use std::{iter, mem};

/// What concerns the crate.
pub(super) struct Reached {
    /// Of each unit and namespace, by its position, how the paths of what stands in it begin.
    scopes: HashMap<usize, String>,
    /// Of each entry, whether it is a type that does, or that something which does mentions.
    pub types: Vec<bool>,
}

impl Reached {
    pub(super) fn new(entries: &Entries<'_>, crate_name: &str) -> Self {
        let mut reached = Self {
            scopes: HashMap::default(),
            types: vec![false; entries.all.len()],
        };
        let mut open: Vec<usize> = Vec::new();
        for (at, entry) in entries.all.iter().enumerate() {
            let around = reached.around(entries, at);
            let is_own = || around.is_some_and(|path| is_written_in(path, crate_name));
            let scope = match entry.tag {
                dw::DW_TAG_compile_unit | dw::DW_TAG_partial_unit => Some(String::new()),
                dw::DW_TAG_namespace => around.map(|path| format!("{path}{}::", text(entry.name))),
                _ => None,
            };
            if entry.is_type && (is_own() || mentions_crate(&text(entry.name), crate_name)) {
                reached.types[at] = true;
                open.push(at);
            }
            reached.scopes.extend(scope.map(|scope| (at, scope)));
        }
        while let Some(at) = open.pop() {
            let parts = entries.parts(at).map(|(part, _)| part);
            for at in iter::once(at).chain(parts) {
                if let Some(target) = entries.target(at)
                    && !mem::replace(&mut reached.types[target], true)
                {
                    open.push(target);
                }
            }
        }
        reached
    }

    /// The path of the namespace that the entry at this position stands in; none if that is
    /// not known, or if it stands in another entry.
    pub(super) fn around(&self, entries: &Entries<'_>, at: usize) -> Option<&str> {
        self.scopes.get(&entries.parent(at)?).map(String::as_str)
    }
}
