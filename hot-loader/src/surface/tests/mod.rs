//! Which edit is of which kind: tables of sources before and after, a row for each
//! construct. Every row is also read backwards, as an undo.
//!
//! Relies on nothing but the stage's own interface. Rows must never state a smaller
//! kind than the true one to make a test pass.

mod body;
mod game;
mod modules;
mod names;
mod report;
mod structure;
mod types;

use super::{Edit, EditKind, SourceFile, Surface, SurfaceError, compare};
use std::path::{Path, PathBuf};

/// A behaviour, the source before and after, the kind of the edit and of its undo.
type Row = (&'static str, &'static str, &'static str, EditKind, EditKind);

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile {
        path: PathBuf::from(path),
        bytes: text.as_bytes().into(),
    }
}

fn surface_of(files: &[(&str, &str)]) -> Result<Surface, SurfaceError> {
    let files: Vec<SourceFile> = files
        .iter()
        .map(|(path, text)| file(&format!("/game/systems/{path}"), text))
        .collect();
    Surface::of("systems", Path::new("/game/systems/src/lib.rs"), &files)
}

fn edit_files(before: &[(&str, &str)], after: &[(&str, &str)]) -> Edit {
    let before = surface_of(before).expect("the sources before are Rust");
    let after = surface_of(after).expect("the sources after are Rust");
    let edit = compare(&before, &after);
    if edit.kind == EditKind::Types {
        assert_ne!(
            before.type_hash(),
            after.type_hash(),
            "a types edit needs another identity: {edit:#?}"
        );
    }
    if before.type_hash() == after.type_hash()
        && before.registration_hash() == after.registration_hash()
    {
        assert!(edit.kind <= EditKind::Structure, "{edit:#?}");
    }
    let largest = edit.changes.iter().map(|change| change.kind).max();
    assert_eq!(edit.kind, largest.unwrap_or(EditKind::Body));
    edit
}

fn edit(before: &str, after: &str) -> Edit {
    edit_files(&[("src/lib.rs", before)], &[("src/lib.rs", after)])
}

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (behaviour, before, after, kind, undo) in rows {
        for (way, edit, expected) in [
            ("", edit(before, after), kind),
            (" (undone)", edit(after, before), undo),
        ] {
            if edit.kind != *expected {
                wrong.push(format!(
                    "{behaviour}{way}: expected {expected:?}, got {edit:#?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
