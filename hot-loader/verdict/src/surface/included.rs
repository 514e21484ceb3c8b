//! Files that belong to the crate without being some module's source: included
//! text, included bytes, included code.
//!
//! Relies on the string literals of the items. Must never take a file for unused:
//! one that no literal names is included in a way that was not understood.

use super::SourceFile;
use super::extract::Extracted;
use super::items::{Extra, Flags, Item, Role};
use super::mentions::Mentions;
use super::text::Text;
use hot_loader_compile::hash::{Fnv, name};
use hot_loader_compile::paths::normal;
use proc_macro2::TokenStream;
use std::collections::BTreeSet;
use std::path::Path;

/// Adds the files that are in no module.
pub(super) fn add(
    found: &mut Extracted,
    files: &[SourceFile],
    reached: &BTreeSet<usize>,
    base: &Path,
) {
    for (at, file) in files.iter().enumerate() {
        if reached.contains(&at) {
            continue;
        }
        let path = normal(&file.path);
        let shown = shown(&file.path, base);
        let code = path.extension().is_some_and(|extension| extension == "rs");
        let mut text = bytes(&file.bytes);
        let mut extra = Extra::default();
        if code {
            // Included code may be anything, anywhere.
            let tokens = std::str::from_utf8(&file.bytes)
                .ok()
                .and_then(|source| source.parse::<TokenStream>().ok());
            if let Some(tokens) = tokens {
                extra.shape = Mentions::of_tokens(&tokens);
                text = Text::of(tokens);
            }
            text.crate_wide = true;
            extra.types = true;
            extra.registers = true;
        }
        let last = path
            .file_name()
            .map(|last| last.to_string_lossy())
            .unwrap_or_default();
        found.items.push(Item {
            role: if code { Role::Other } else { Role::Data },
            key: format!("file {shown}"),
            path: String::new(),
            name: None,
            member: false,
            wide: false,
            vis: 0,
            module: 0,
            file: at,
            line: 1,
            shape: text,
            shape_flags: Flags::default(),
            body: None,
            body_flags: Flags::default(),
            owner: Some(name(&last)),
            system: false,
            opaque: false,
            doubtful: false,
            contract: false,
            place: None,
            closures: Vec::new(),
        });
        found.extras.push(extra);
    }
}

/// A file's path as every machine spells it.
pub(super) fn shown(path: &Path, base: &Path) -> String {
    let path = normal(path);
    path.strip_prefix(base)
        .unwrap_or(&path)
        .to_string_lossy()
        .replace('\\', "/")
}

fn bytes(bytes: &[u8]) -> Text {
    let mut hash = Fnv::default();
    hash.bytes(bytes);
    Text {
        hash: hash.finish(),
        ..Text::default()
    }
}

/// Gives each data file the flags of what includes it.
pub(super) fn flag(items: &mut [Item]) {
    let data: Vec<usize> = (0..items.len())
        .filter(|at| items[*at].role == Role::Data)
        .collect();
    for at in data {
        let Some(last) = items[at].owner else {
            continue;
        };
        let mut used = false;
        let mut flags = Flags::default();
        for item in items.iter().filter(|item| item.role != Role::Data) {
            let body = item.body.as_ref().map(|body| (body, item.body_flags));
            for (text, text_flags) in std::iter::once((&item.shape, item.shape_flags)).chain(body) {
                used |= text.doc_strings.contains(&last);
                if text.any_file || text.strings.contains(&last) {
                    used = true;
                    flags.types |= text_flags.types || text.includes_code;
                    flags.registration |= text_flags.registration;
                }
            }
        }
        flags.types |= !used;
        items[at].shape_flags = flags;
    }
}
