//! Edits that change what a name means somewhere else.

use super::super::EditKind::{Body, Structure, Types};
use super::{Row, check};

#[test]
fn imports_count_by_what_says_their_name() {
    let rows: &[Row] = &[
        (
            "one that nothing says",
            "struct A(u8); fn s() {}",
            "use std::mem; struct A(u8); fn s() {}",
            Body,
            Body,
        ),
        (
            "one that a body says",
            "fn s() { Duration; }",
            "use std::time::Duration; fn s() { Duration; }",
            Body,
            Body,
        ),
        (
            "one that a field says",
            "use bevy::prelude::*; struct A(Timer);",
            "use bevy::prelude::*; use other::Timer; struct A(Timer);",
            Types,
            Types,
        ),
        (
            "one from elsewhere now",
            "use a::Timer; struct A(Timer);",
            "use b::Timer; struct A(Timer);",
            Types,
            Types,
        ),
        (
            "one by another name",
            "use a::Timer as T; struct A(T);",
            "use a::Clock as T; struct A(T);",
            Types,
            Types,
        ),
        (
            "one that build says",
            "fn p(app: &mut App) { Timer; }",
            "use other::Timer; fn p(app: &mut App) { Timer; }",
            Structure,
            Structure,
        ),
        (
            "braces",
            "use a::{B, C}; use a::D; struct A(B, C, D);",
            "use a::{C, D, B}; struct A(B, C, D);",
            Body,
            Body,
        ),
        (
            "self in braces",
            "use a::b; struct A(b::C);",
            "use a::b::{self}; struct A(b::C);",
            Body,
            Body,
        ),
        (
            "order",
            "use a::B; use c::D; struct A(B, D);",
            "use c::D; use a::B; struct A(B, D);",
            Body,
            Body,
        ),
        (
            "an unnamed trait",
            "struct A;",
            "use a::B as _; struct A;",
            Body,
            Body,
        ),
        (
            "a type of a path",
            "struct A(time::Timer);",
            "use other::time; struct A(time::Timer);",
            Types,
            Types,
        ),
        (
            "one like the end of an outer path",
            "struct A(bevy::time::Timer);",
            "use other::Timer; struct A(bevy::time::Timer);",
            Body,
            Body,
        ),
        (
            "one in another module",
            "mod m { struct A(Timer); } mod n {}",
            "mod m { struct A(Timer); } mod n { use other::Timer; }",
            Body,
            Body,
        ),
        (
            "a public one that a glob brings",
            "mod m { use super::n::*; struct A(Timer); } mod n {}",
            "mod m { use super::n::*; struct A(Timer); } mod n { pub use other::Timer; }",
            Types,
            Types,
        ),
        (
            "a public one that a path reaches",
            "mod m { struct A(super::n::Timer); } mod n { pub use a::Timer; }",
            "mod m { struct A(super::n::Timer); } mod n { pub use b::Timer; }",
            Types,
            Types,
        ),
        (
            "a private one that a module inside imports",
            "mod m { use super::*; struct A(Timer); } use a::Timer;",
            "mod m { use super::*; struct A(Timer); } use b::Timer;",
            Types,
            Types,
        ),
        (
            "one that an import imports",
            "mod m { use crate::n::Timer as T; struct A(T); } mod n { pub use a::Timer; }",
            "mod m { use crate::n::Timer as T; struct A(T); } mod n { pub use b::Timer; }",
            Types,
            Types,
        ),
        (
            "one that an attribute says",
            "#[require(Timer)] struct A;",
            "use b::Timer; #[require(Timer)] struct A;",
            Types,
            Types,
        ),
        (
            "one that a string in an attribute says",
            "#[serde(with = \"codec\")] struct A;",
            "use b::codec; #[serde(with = \"codec\")] struct A;",
            Types,
            Types,
        ),
        (
            "one that an ordinary impl says",
            "struct A; impl Display for A { fn fmt(&self, f: Formatter) {} }",
            "use x::Formatter; struct A; impl Display for A { fn fmt(&self, f: Formatter) {} }",
            Body,
            Body,
        ),
    ];
    check(rows);
}

#[test]
fn globs_count_for_everything_in_their_reach() {
    let rows: &[Row] = &[
        (
            "beside a type",
            "struct A(Timer);",
            "use odd::*; struct A(Timer);",
            Types,
            Types,
        ),
        (
            "changed beside a type",
            "use a::*; struct A(Timer);",
            "use b::*; struct A(Timer);",
            Types,
            Types,
        ),
        (
            "beside functions alone",
            "mod m { struct A(Timer); } mod n { fn s() {} }",
            "mod m { struct A(Timer); } mod n { use odd::*; fn s() {} }",
            Body,
            Body,
        ),
        (
            "beside a plugin",
            "fn p(app: &mut App) {}",
            "use odd::*; fn p(app: &mut App) {}",
            Structure,
            Structure,
        ),
        (
            "above a type that imports from there",
            "mod m { use super::*; struct A(Timer); }",
            "use odd::*; mod m { use super::*; struct A(Timer); }",
            Types,
            Types,
        ),
        (
            "public, elsewhere",
            "mod m { use crate::n::*; struct A(Timer); } mod n {}",
            "mod m { use crate::n::*; struct A(Timer); } mod n { pub use odd::*; }",
            Types,
            Types,
        ),
        (
            "in a new module of functions",
            "struct A(Timer);",
            "struct A(Timer); mod n { use bevy::prelude::*; fn s() {} }",
            Body,
            Body,
        ),
    ];
    check(rows);
}

#[test]
fn new_names_that_shadow_old_ones_count() {
    let rows: &[Row] = &[
        (
            "a struct",
            "use bevy::prelude::*; struct A(Timer);",
            "use bevy::prelude::*; struct A(Timer); struct Timer;",
            Types,
            Types,
        ),
        (
            "an alias",
            "use bevy::prelude::*; struct A(Timer);",
            "use bevy::prelude::*; struct A(Timer); type Timer = u8;",
            Types,
            Types,
        ),
        (
            "a constant",
            "use odd::*; struct A([u8; N]);",
            "use odd::*; struct A([u8; N]); const N: usize = 1;",
            Types,
            Types,
        ),
        (
            "a const fn",
            "use odd::*; struct A([u8; n()]);",
            "use odd::*; struct A([u8; n()]); const fn n() -> usize { 1 }",
            Types,
            Types,
        ),
        (
            "a module",
            "use odd::*; struct A(time::Timer);",
            "use odd::*; struct A(time::Timer); mod time { pub use odd::Timer; }",
            Types,
            Types,
        ),
        (
            "a trait",
            "use odd::*; struct A(Box<dyn Go>);",
            "use odd::*; struct A(Box<dyn Go>); trait Go {}",
            Types,
            Types,
        ),
        (
            "a private struct elsewhere",
            "mod m { use bevy::prelude::*; struct A(Timer); } mod n {}",
            "mod m { use bevy::prelude::*; struct A(Timer); } mod n { struct Timer; }",
            Structure,
            Types,
        ),
        (
            "a public struct elsewhere, behind a glob",
            "mod m { use super::n::*; struct A(Timer); } mod n {}",
            "mod m { use super::n::*; struct A(Timer); } mod n { pub struct Timer; }",
            Types,
            Types,
        ),
        (
            "one that becomes visible",
            "mod m { use super::n::*; struct A(Timer); } mod n { fn s() {} type Timer = u8; }",
            "mod m { use super::n::*; struct A(Timer); } mod n { fn s() {} pub type Timer = u8; }",
            Types,
            Types,
        ),
        (
            "a system of the same name",
            "use odd::*; fn p(app: &mut App) { app.add_systems(Update, steer); }",
            "use odd::*; fn p(app: &mut App) { app.add_systems(Update, steer); } fn steer() {}",
            Structure,
            Structure,
        ),
        (
            "a constant that build says",
            "use odd::*; fn p(app: &mut App) { N; }",
            "use odd::*; fn p(app: &mut App) { N; } const N: u8 = 1;",
            Structure,
            Structure,
        ),
        (
            "a type of the same name elsewhere, beside a contract",
            "mod m { struct A; impl Drop for A { fn drop(&mut self) {} } }",
            "mod m { struct A; impl Drop for A { fn drop(&mut self) {} } } mod n { struct A; }",
            Structure,
            Types,
        ),
        (
            "a trait of another crate under an ordinary trait's name",
            "struct A; impl Display for A { fn fmt(&self) {} }",
            "use odd::Display; struct A; impl Display for A { fn fmt(&self) {} }",
            Types,
            Types,
        ),
    ];
    check(rows);
}
