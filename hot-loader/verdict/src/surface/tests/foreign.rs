//! Names that are known, and may mean something of another crate's all the same.

use super::super::EditKind::{Body, Structure, Types};
use super::{EditKind, Row, check};

/// An edit of a number in a source that is otherwise the same.
type Number = (&'static str, &'static str, EditKind);

fn check_numbers(rows: &[Number]) {
    for (behaviour, source, kind) in rows {
        let [before, after] = ["1", "2"].map(|number| &*source.replace('@', number).leak());
        let row: Row = (behaviour, before, after, *kind, *kind);
        check(&[row]);
    }
}

#[test]
fn a_macro_of_a_known_name_is_another_crates_where_that_gives_everything_it_has() {
    check_numbers(&[
        ("of nobody else", "fn s() { info!(@); }", Body),
        ("of a glob", "use other::*; fn s() { info!(@); }", Types),
        (
            "deeper",
            "use other::{a::*, B}; fn s() { debug_once!(@); }",
            Types,
        ),
        (
            "of a crate that is only called as Bevy's",
            "use bevy_other::prelude::*; fn s() { info!(@); }",
            Types,
        ),
        (
            "under another name",
            "use other as o; use o::*; fn s() { info!(@); }",
            Types,
        ),
        (
            "of a module of another crate",
            "use other::prelude; use prelude::*; fn s() { info!(@); }",
            Types,
        ),
        (
            "through a module of this one",
            "mod p { pub use other::*; } use p::*; fn s() { info!(@); }",
            Types,
        ),
        (
            "in another module",
            "mod p { use other::*; } fn s() { info!(@); }",
            Body,
        ),
        (
            "std's, which would be ambiguous",
            "use other::*; fn s() { println!(@); }",
            Body,
        ),
        (
            "of Bevy's prelude, likewise",
            "use bevy::prelude::*; use other::*; fn s() { children![@]; }",
            Body,
        ),
        (
            "imported by its name",
            "use other::*; use bevy::log::info; fn s() { info!(@); }",
            Body,
        ),
        (
            "imported by its name from elsewhere",
            "use other::info; fn s() { info!(@); }",
            Types,
        ),
    ]);
}

#[test]
fn imports_of_a_body_count_in_all_of_it() {
    check_numbers(&[
        ("everything", "fn s() { info!(@); use other::*; }", Types),
        ("one", "fn s() { use other::info; info!(@); }", Types),
        (
            "in a block",
            "fn s() { { use other::info; info!(@); } }",
            Types,
        ),
        ("of std", "fn s() { use other::*; vec![@]; }", Body),
        ("known", "fn s() { use bevy::log::info; info!(@); }", Body),
        (
            "an enum's",
            "enum E { A } fn s() { use E::*; info!(@); }",
            Body,
        ),
    ]);
}

#[test]
fn a_trait_of_a_known_name_may_be_another_crates() {
    let visits = "struct A; impl Visitor for A { fn v(&self) { @; } }";
    let shows = "struct A; impl fmt::Display for A { fn fmt(&self) { @; } }";
    let rows = [
        ("of a glob", "use other::*;", visits, Types),
        (
            "imported by name",
            "use other::*; use serde::de::Visitor;",
            visits,
            Body,
        ),
        ("alone", "", visits, Body),
        ("by a path", "use std::fmt; use other::*;", shows, Body),
        ("by another crate's path", "use other::fmt;", shows, Types),
        (
            "by its last word",
            "",
            "struct A; impl other::Command for A { fn v(&self) { @; } }",
            Types,
        ),
        (
            "of Bevy's prelude",
            "use bevy::prelude::*; use other::*;",
            "struct A; impl FromWorld for A { fn v(&self) { @; } }",
            Body,
        ),
        (
            "a plugin's",
            "use bevy::prelude::*; use other::*;",
            "struct A; impl Plugin for A { fn v(&self) { @; } }",
            Structure,
        ),
    ];
    for (behaviour, imports, source, kind) in rows {
        let source: &str = format!("{imports} {source}").leak();
        check_numbers(&[(behaviour, source, kind)]);
    }
}

#[test]
fn an_attribute_may_be_another_crates_macro() {
    check_numbers(&[
        ("by its last word", "#[other::event] fn s() { @; }", Types),
        ("without a derive", "#[event] fn s() { @; }", Types),
        (
            "on a method",
            "struct A; impl A { #[from] fn s() { @; } }",
            Types,
        ),
        ("known", "#[tracing::instrument] fn s() { @; }", Body),
        (
            "std's",
            "use other::*; #[inline] #[must_use] fn s() { @; }",
            Body,
        ),
        (
            "imported",
            "use other::instrument; #[instrument] fn s() { @; }",
            Types,
        ),
        (
            "of a glob",
            "use other::*; #[instrument] fn s() { @; }",
            Types,
        ),
        (
            "imported by its name",
            "use other::*; use tracing::instrument; #[instrument] fn s() { @; }",
            Body,
        ),
        (
            "a derive's, beside what changes",
            "use other::*; #[derive(Component)] #[require(B)] struct A; fn s() { @; }",
            Body,
        ),
    ]);
}
