//! Which edit is of which kind: tables of sources before and after, a row for each
//! construct. Every row is also read backwards, as an undo.
//!
//! Relies on nothing but the stage's own interface. Rows must never state a smaller
//! kind than the true one to make a test pass.

mod beside;
mod body;
mod calls;
mod deep;
mod demo;
mod foreign;
mod game;
mod later;
mod modules;
mod names;
mod patterns;
mod plugins;
mod report;
mod structure;
mod types;
mod values;
mod written;

use super::{Crate, Edit, EditKind, SourceFile, Surface, SurfaceError, compare};
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
    surface_of_files(&files)
}

/// The surface of the crate `systems` in `/game/systems`.
fn surface_of_files(files: &[SourceFile]) -> Result<Surface, SurfaceError> {
    let of = Crate {
        name: "systems",
        root: Path::new("/game/systems/src/lib.rs"),
        prelude_logs: true,
    };
    Surface::of(of, files)
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

/// A plugin with this `build`, and more items.
fn plugin(build: &str, more: &str) -> String {
    format!(
        "use bevy::prelude::*; hot_loader::export!(P); pub struct P; impl Plugin for P {{ fn build(&self, app: &mut App) {{ {build} }} }} {more}"
    )
}

/// The kind of an edit of `more`, beside an unchanged `build`.
fn beside(build: &str, before: &str, after: &str) -> EditKind {
    edit(&plugin(build, before), &plugin(build, after)).kind
}

/// That each change of what stands for `§` is of this kind. A row is a `build`, and
/// what is beside it.
fn all_are(kind: EditKind, rows: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (build, more) in rows {
        let with = |value: &str| plugin(&build.replace('§', value), &more.replace('§', value));
        let (before, after) = (with("1"), with("2"));
        assert_ne!(before, after, "nothing is edited: {build} {more}");
        for (before, after) in [(&before, &after), (&after, &before)] {
            let edit = edit(before, after);
            if edit.kind != kind {
                wrong.push(format!("{build}\n    {more}\n    is {:?}", edit.kind));
                break;
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are no {kind:?} edits:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
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
