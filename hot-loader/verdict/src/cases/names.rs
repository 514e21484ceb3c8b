//! Edits that change what a name means somewhere else.
//!
//! Must not hold rows about what a name in a plugin's `build` means.

use super::Kind::{Body, Structure, Types};
use super::{Alarm, Row, alarms, check, rows};

#[test]
fn names_count_by_what_they_come_to_mean() {
    check(&[rows(ROWS), alarms(ALARMS)].concat());
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("an import that nothing says", "‹¦use std::mem; ›struct A(u8); fn s() {}", Body, Body),
    ("one that a body says", "mod a { pub fn go() -> u8 { 1 } } mod b { pub fn go() -> u8 { 2 } } use ‹a¦b›::go; fn s() { go(); }", Body, Body),
    ("one that a field says", "mod o { pub struct Timer(u64); }‹¦ use o::Timer;› struct A(Timer);", Types, Types),
    ("one from elsewhere now", "mod a { pub struct Clock(u8); } mod b { pub struct Clock(u16); } use ‹a¦b›::Clock; struct A(Clock);", Types, Types),
    ("one of equal layout from elsewhere", "mod a { pub struct Clock(u8); } mod b { pub struct Clock(u8); } use ‹a¦b›::Clock; struct A(Clock);", Types, Types),
    ("one by another name", "mod a { pub struct One(u8); pub struct Two(u16); } use a::‹One¦Two› as T; struct A(T);", Types, Types),
    ("braces", "mod a { pub struct B; pub struct C; pub struct D; } ‹use a::{B, C}; use a::D;¦use a::{C, D, B};› struct A(B, C, D);", Body, Body),
    ("self in braces", "mod a { pub mod b { pub struct C; } } use a::b‹¦::{self}›; struct A(b::C);", Body, Body),
    ("order", "mod a { pub struct B; } mod c { pub struct D; } ‹use a::B; use c::D;¦use c::D; use a::B;› struct A(B, D);", Body, Body),
    ("an unnamed trait", "mod a { pub trait B {} }‹¦ use a::B as _;› struct A;", Body, Body),
    ("a module of a path", "mod one { pub mod time { pub struct Clock(u8); } } mod two { pub mod time { pub struct Clock(u16); } } use ‹one¦two›::time; struct A(time::Clock);", Types, Types),
    ("one like the end of an outer path", "mod o { pub struct Timer(u64); }‹¦ use o::Timer;› struct A(bevy::time::Timer);", Body, Body),
    ("one in another module", "mod m { use bevy::prelude::*; pub struct A(Timer); pub fn keep(_: &A) {} } mod o { pub struct Timer; } mod n {‹¦ use super::o::Timer;› }", Body, Body),
    ("a public one that a glob brings", "mod o { pub struct Clock(u64); } mod p { pub struct Clock(u8); } mod m { use super::n::*; pub struct A(Clock); pub fn keep(_: &A) {} } mod n { pub use super::‹o¦p›::Clock; }", Types, Types),
    ("a public one that a path reaches", "mod a { pub struct Clock(u8); } mod b { pub struct Clock(u16); } mod m { pub struct A(super::n::Clock); pub fn keep(_: &A) {} } mod n { pub use super::‹a¦b›::Clock; }", Types, Types),
    ("a private one that a module inside imports", "mod a { pub struct Clock(u8); } mod b { pub struct Clock(u16); } mod m { use super::*; pub struct A(Clock); pub fn keep(_: &A) {} } use ‹a¦b›::Clock;", Types, Types),
    ("one that an import imports", "mod a { pub struct Clock(u8); } mod b { pub struct Clock(u16); } mod m { use crate::n::Clock as T; pub struct A(T); pub fn keep(_: &A) {} } mod n { pub use super::‹a¦b›::Clock; }", Types, Types),
    ("one that an attribute says", "mod a { use bevy::prelude::*; #[derive(Component, Default)] pub struct Part(u8); } mod b { use bevy::prelude::*; #[derive(Component, Default)] pub struct Part(u8); } use ‹a¦b›::Part; #[derive(Component)] #[require(Part)] struct A;", Types, Types),
    ("one that a hook's name says", "mod a { use bevy::prelude::*; pub fn f(w: DeferredWorld, c: HookContext) {} } mod b { use bevy::prelude::*; pub fn f(w: DeferredWorld, c: HookContext) {} } use ‹a¦b›::f; #[derive(Component)] #[component(on_add = f)] struct A;", Types, Types),
    ("one that an ordinary impl says", "struct A; impl std::fmt::Display for A { fn fmt(&self, f: &mut Formatter) -> std::fmt::Result { Ok(()) } } use std::fmt::Formatter;‹¦ use std::fmt::Write;›", Body, Body),

    ("a glob beside a type", "mod o { pub struct Odd; }‹¦ use o::*;› struct A(Timer);", Body, Body),
    ("a glob that shadows nothing, changed", "mod o { pub struct Odd; } mod q { pub struct Even; } use ‹o¦q›::*; struct A(Timer);", Body, Body),
    ("a glob that brings what a type says", "mod o { pub struct Clock(u8); } mod q { pub struct Clock(u16); } use ‹o¦q›::*; struct A(Clock);", Types, Types),
    ("a glob beside functions alone", "mod o { pub struct Odd; } mod m { pub struct A(u8); pub fn keep(_: &A) {} } mod n {‹¦ use super::o::*;› pub fn s() {} }", Body, Body),
    ("a glob above a type that imports from there", "mod o { pub struct Clock(u8); } mod q { pub struct Clock(u16); } use ‹o¦q›::*; mod m { use super::*; pub struct A(Clock); pub fn keep(_: &A) {} }", Types, Types),
    ("a public glob elsewhere", "mod o { pub struct Clock(u8); } mod q { pub struct Clock(u16); } mod m { use crate::n::*; pub struct A(Clock); pub fn keep(_: &A) {} } mod n { pub use super::‹o¦q›::*; }", Types, Types),
    ("a glob in a new module of functions", "struct A(Timer);‹¦ mod n { use bevy::prelude::*; pub fn s() {} }›", Body, Body),

    ("a struct that shadows", "struct A(Timer);‹¦ struct Timer;›", Types, Types),
    ("an alias that shadows", "struct A(Timer);‹¦ type Timer = u8;›", Types, Types),
    ("a constant that shadows", "mod o { pub const N: usize = 2; } use o::*; struct A([u8; N]);‹¦ const N: usize = 1;›", Types, Types),
    ("a const fn that shadows", "mod o { pub const fn n() -> usize { 2 } } use o::*; struct A([u8; n()]);‹¦ const fn n() -> usize { 1 }›", Types, Types),
    ("a module that shadows", "mod o { pub mod time { pub struct Clock(u8); } pub mod other { pub struct Clock(u16); } } use o::*; struct A(time::Clock);‹¦ mod time { pub use super::o::other::Clock; }›", Types, Types),
    ("a trait that shadows", "mod o { pub trait Go {} } use o::*; struct A(Box<dyn Go>);‹¦ trait Go { fn go(&self); }›", Types, Types),
    ("a private struct elsewhere", "mod m { use bevy::prelude::*; pub struct A(Timer); pub fn keep(_: &A) {} } mod n {‹¦ struct Timer;› }", Structure, Types),
    ("a public struct elsewhere, behind a glob", "mod o { pub struct Clock(u8); } mod m { use super::n::*; pub struct A(Clock); pub fn keep(_: &A) {} } mod n { pub use super::o::*;‹¦ pub struct Clock;› }", Types, Types),
    ("one that becomes visible", "mod o { pub type Clock = u16; } mod m { use super::n::*; use super::o::*; pub struct A(‹super::o::¦›Clock); pub fn keep(_: &A) {} } mod n { pub type Clock2 = u8; }", Types, Types),
    ("a type of the same name elsewhere, beside a contract", "mod m { pub struct A; impl Drop for A { fn drop(&mut self) {} } }‹¦ mod n { pub struct A; }›", Structure, Types),
    ("Drop under another name", "use std::ops::Drop as Finish; struct A;‹¦ impl Finish for A { fn drop(&mut self) {} }›", Types, Types),
    ("Drop under an ordinary trait's name", "use std::ops::Drop as Display; struct A;‹¦ impl Display for A { fn drop(&mut self) {} }›", Types, Types),
    ("Component under another name", "use bevy::ecs::Component as C; struct A; impl C for A { const STORAGE_TYPE: StorageType = StorageType::‹Table¦SparseSet›; type Mutability = Mutable; }", Types, Types),
    ("a derive under another name", "use bevy::prelude::Component as C;‹¦ #[derive(C)]› struct A;", Types, Types),
    ("a storage by an import", "mod a { use bevy::ecs::StorageType; pub const K: StorageType = StorageType::Table; } mod b { use bevy::ecs::StorageType; pub const K: StorageType = StorageType::SparseSet; } use ‹a¦b›::K; struct A; impl Component for A { const STORAGE_TYPE: StorageType = K; type Mutability = Mutable; }", Types, Types),
    ("a helper called like a field", "struct A { speed: f32 }‹¦ fn speed() {}›", Body, Body),
    ("a macro of another module", "mod a { macro_rules! n { () => { 1 } } pub(crate) use n; } mod b { macro_rules! n { () => { 2 } } pub(crate) use n; } use ‹a¦b›::n; struct A([u8; n!()]);", Types, Types),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("a trait under an ordinary trait's name", "struct A; mod o { pub trait Display { const N: u8 = 1; fn fmt(&self) {} } } use ‹std::fmt¦o›::Display; fn f<T: Display>() {}", Body, Types, Types, "a name of the crate's trait means another one elsewhere"),
];
