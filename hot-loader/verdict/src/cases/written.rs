//! Edits of types that only names, numbers, places or spelling tell of.
//!
//! Must not hold rows whose edit is in a definition's own tokens.

use super::Kind::{Body, Structure, Types};
use super::{Alarm, Case, Row, alarms, check, rows};

#[test]
fn what_only_spelling_tells_of_is_seen() {
    let mut cases = rows(ROWS);
    for user in USERS {
        let source = format!("{TRAITS} {}", user.replace('@', IMPORTS));
        cases.extend(types(user, &source));
    }
    for user in SPELLED {
        let source = user.replace('@', "‹a+b¦a + b¦(a) + b¦a +b¦r#a + b›");
        cases.extend(types(user, &source));
    }
    cases.extend(alarms(ALARMS));
    check(&cases);
}

/// Each edit of this source is one of types.
fn types(behaviour: &str, source: &str) -> Vec<Case> {
    let edits = super::edits(source).into_iter();
    edits
        .map(|(before, after)| super::case((behaviour.to_owned(), before, after, Types, Types)))
        .collect()
}

/// Traits that have a constant of one name.
const TRAITS: &str = "pub struct K1; \
    pub mod one { pub trait Has { const K: usize = 1; } impl Has for super::K1 {} } \
    pub mod two { pub trait Has { const K: usize = 3; } impl Has for super::K1 {} \
    pub trait Has2 { const K: usize = 5; } impl Has2 for super::K1 {} }";

/// Which of them is meant.
#[rustfmt::skip]
const IMPORTS: &str = "‹use one::Has;¦use two::Has;¦use two::Has2;¦use one::Has as _;¦use two::Has as _;¦use one::Has as X;¦use two::Has as Y;¦use one::*;¦use self::two::Has;›";

/// What depends on it.
#[rustfmt::skip]
const USERS: &[&str] = &[
    "@ pub struct U(pub [u8; K1::K]);",
    "@ pub struct U(pub [u8; <K1>::K]);",
    "@ const N: usize = K1::K; pub struct U([u8; N]);",
    "@ const fn n() -> usize { K1::K } pub struct U([u8; n()]);",
    "@ macro_rules! k { ($s:ident) => { $s::K } } pub struct U([u8; k!(K1)]);",
    "@ pub struct T1; impl T1 { const N: usize = 1 + K1::K; } pub struct U([u8; T1::N]);",
];

/// What shows how something is spelled.
#[rustfmt::skip]
const SPELLED: &[&str] = &[
    "pub struct A([u8; stringify!(@).len()]);",
    "const N: &str = stringify!(@); pub struct A([u8; N.len()]);",
    "macro_rules! show { ($($t:tt)*) => { stringify!($($t)*).len() } } macro_rules! pass { ($($t:tt)*) => { show!($($t)*) } } pub struct A([u8; pass!(@)]);",
    "macro_rules! make { ($m:ident, $d:tt) => { macro_rules! $m { ($d($d t:tt)*) => { stringify!($d($d t)*) } } } } make!(made, $); pub struct A([u8; made!(@).len()]);",
    "use std::stringify as show; pub struct A([u8; show!(@).len()]);",
];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("what a macro's text shows", "macro_rules! show { () => { stringify!(‹a + b¦(a) + b¦a + bc›).len() } } pub struct A([u8; show!()]);", Types, Types),
    ("spaces in a macro's text", "macro_rules! show { () => { stringify!(a‹+¦ + ›b).len() } } pub struct A([u8; show!()]);", Body, Body),
    ("a future's size", "const fn gives<X>(f: fn(u8) -> X) -> usize { size_of::<X>() } async fn wait(x: u8) -> u8 { let y = [x; ‹3¦4›]; std::future::ready(()).await; y[0] } pub struct A([u8; gives(wait)]);", Types, Types),
    ("a closure's size", "const fn gives<X>(f: fn(u8) -> X) -> usize { size_of::<X>() } fn wait(x: u8) -> impl Fn() -> u8 { let y = [x; ‹3¦4›]; move || y[0] } pub struct A([u8; gives(wait)]);", Types, Types),
    ("an opaque type's size", "const fn gives<X>(f: fn(u8) -> X) -> usize { size_of::<X>() } fn wait(x: u8) -> impl Copy { [x; ‹3¦4›] } pub struct A([u8; gives(wait)]);", Types, Types),
    ("a future's future's size", "const fn gives<X>(f: fn(u8) -> X) -> usize { size_of::<X>() } async fn wait(x: u8) { inner(x).await } async fn inner(x: u8) { let y = [x; ‹3¦4›]; std::future::ready(()).await; drop(y) } pub struct A([u8; gives(wait)]);", Types, Types),
    ("a method's future's size", "const fn gives<X>(f: fn(u8) -> X) -> usize { size_of::<X>() } struct W; impl W { async fn wait(x: u8) { let y = [x; ‹3¦4›]; std::future::ready(()).await; drop(y) } } const N: usize = gives(W::wait); pub struct A([u8; N]);", Types, Types),
    ("a type in an array's length", "pub fn f(x: [u8; { struct L(‹u8¦u16›); const fn k(l: &L) -> usize { 1 } 1 }]) {}", Types, Types),
    ("a macro that counts documentation", "macro_rules! described { ($(#[doc = $d:literal])* struct $n:ident;) => { pub struct $n(pub [u8; 1 $(+ $d.len())*]); } } described! { ‹¦/// x\n¦/// yy\n¦#[doc = \"z\"]› struct A; } fn keep(_: &A) {}", Types, Types),
    ("a macro that counts attributes", "macro_rules! counted { ($(#[$m:meta])* struct $n:ident;) => { pub struct $n(pub [u8; [\"\" $(, stringify!($m))*].len()]); } } counted! { ‹¦#[allow(dead_code)]¦#[inline] #[must_use]› struct A; } fn keep(_: &A) {}", Types, Types),
    ("a macro that takes one attribute alone", "macro_rules! only { (#[inline] struct $n:ident;) => { pub struct $n; }; ($($t:tt)*) => {} } only! { ‹#[inline]¦#[cold]› struct A; }", Types, Types),
    ("a line", "macro_rules! here { () => { line!() } } ‹¦\n¦// A comment.\n\n› pub struct A([u8; here!() as usize]);", Types, Types),
    ("a line through another macro", "macro_rules! here { () => { line!() } } macro_rules! there { () => { here!() } } ‹¦\n¦// A comment.\n\n› pub struct A([u8; there!() as usize]);", Types, Types),
    ("a line inside of a type", "macro_rules! here { () => { line!() } } pub struct A(‹¦\n¦// A comment.\n\n›[u8; here!() as usize]);", Types, Types),
    ("a constant's line", "macro_rules! here { () => { line!() } } ‹¦\n¦// A comment.\n\n›pub const AT: usize = here!() as usize; pub struct A([u8; AT]);", Types, Types),
    ("a macro's type's line", "macro_rules! here { () => { line!() } } macro_rules! placed { ($n:ident) => { pub struct $n([u8; here!() as usize]); } } ‹¦\n¦// A comment.\n\n›placed!(A); fn keep(_: &A) {}", Types, Types),
    ("a line of a macro that is given", "macro_rules! named { ($m:ident) => { $m!() } } ‹¦\n¦// A comment.\n\n›pub struct A([u8; named!(line) as usize]);", Types, Types),
    ("a line of a macro that a macro makes", "macro_rules! make { ($m:ident) => { macro_rules! $m { () => { line!() } } } } make!(made); ‹¦\n¦// A comment.\n\n›pub struct A([u8; made!() as usize]);", Types, Types),
    ("a line of a macro under another name", "macro_rules! here { () => { line!() } } use here as hither; ‹¦\n¦// A comment.\n\n›pub struct A([u8; hither!() as usize]);", Types, Types),
    ("a line of std's under another name", "use std::line as hither; ‹¦\n¦// A comment.\n\n›pub struct A([u8; hither!() as usize]);", Types, Types),
    ("a line in a body's type", "fn f() { ‹¦\n¦// A comment.\n\n›struct L([u8; line!() as usize]); use_it(&L([0; line!() as usize])); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a caller's line", "‹¦\n¦// A comment.\n\n›const fn caller() -> usize { std::panic::Location::caller().line() as usize } pub struct A([u8; caller()]);", Types, Types),
    ("a tracked caller's line", "#[track_caller] const fn tracked() -> usize { std::panic::Location::caller().line() as usize } ‹¦\n¦// A comment.\n\n›pub struct A([u8; tracked()]);", Types, Types),
    ("a column", "pub struct A(‹¦ ›[u8; column!() as usize]);", Types, Types),
    ("a file's name", "‹mod a;¦#[path = \"crate/ab.rs\"] mod a;›\n//// a.rs\npub struct A([u8; file!().len()]); pub fn keep(_: &A) {}\n//// ab.rs\npub struct A([u8; file!().len()]); pub fn keep(_: &A) {}", Types, Types),
    ("an included text's length", "pub struct A([u8; include_str!(\"crate/level.txt\").len()]);\n//// level.txt\n‹a¦ab›", Types, Types),
    ("an included text's length by a constant", "const LEVEL: &str = include_str!(\"crate/level.txt\"); pub struct A([u8; LEVEL.len()]);\n//// level.txt\n‹a¦ab›", Types, Types),
    ("an included text in a body", "fn e() -> &'static str { include_str!(\"crate/level.txt\") }\n//// level.txt\n‹a¦ab›", Body, Body),
    ("an included text in a constant", "const LEVEL: &str = include_str!(\"crate/level.txt\"); fn e() -> &'static str { LEVEL }\n//// level.txt\n‹a¦ab›", Body, Body),
    ("an included text in documentation", "#[doc = include_str!(\"crate/level.txt\")] fn e() {}\n//// level.txt\n‹a¦ab›", Body, Body),
    ("an included text in build", "fn p(app: &mut App) { include_bytes!(\"crate/level.txt\"); k(include_str!(\"crate/level.txt\")); } fn k(_: &str) {}\n//// level.txt\n‹a¦b›", Structure, Structure),
    ("an included text in what build says", "fn p(app: &mut App) { k(LEVEL); } fn k(_: &str) {} const LEVEL: &str = include_str!(\"crate/level.txt\");\n//// level.txt\n‹a¦b›", Structure, Structure),
    ("included code", "include!(\"crate/x.rs\");\n//// x.rs\npub fn e() -> u8 { § }", Body, Body),
    ("an included type", "include!(\"crate/x.rs\"); fn keep(_: &A) {}\n//// x.rs\npub struct A(‹u8¦u16›);", Types, Types),
    ("what included code calls", "include!(\"crate/x.rs\"); fn h() -> u8 { § }\n//// x.rs\nfn p(app: &mut App) { h(); }", Structure, Structure),
    ("an included length", "pub struct A([u8; include!(\"crate/x.rs\")]);\n//// x.rs\n§", Types, Types),

    ("an import of a function beside an associated constant", "mod m { pub fn go() {} } ‹¦use m::go; ›struct A([u8; K::N]); struct K; impl K { const N: usize = 1; } fn f() {‹¦ go()› }", Body, Body),
    ("an async function that no type measures", "async fn wait() { k(§) } fn k(_: u8) {} struct A;", Body, Body),
    ("the place of a macro that asks for its own", "‹¦\n\n›macro_rules! here { () => { line!() } } struct A { line: u32 } fn f() -> u32 { here!() }", Body, Body),
    ("spaces in what a type shows", "pub struct A([u8; stringify!(a‹+¦ + ›b).len()]);", Types, Types),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("an included expression", "const A: u8 = include!(\"crate/x.rs\"); fn e() -> u8 { A }\n//// x.rs\n§", Body, Types, Types, "included code may declare what no item shows"),
    ("an import of a trait that no type needs", "mod m { pub trait Go { fn go(&self) {} } } ‹¦use m::Go; ›struct A(std::vec::Vec<u8>); fn f() {}", Body, Types, Types, "a trait's fact says its own name, which an import binds anew"),
    ("an import of a type that has a contract", "mod m { pub struct A; impl Drop for A { fn drop(&mut self) {} } } mod n { ‹¦use super::m::A; ›pub fn f() {‹¦ let _ = A;› } }", Body, Types, Types, "an impl's fact says its type's name, which an import binds anew"),
];
