//! Constants, statics and functions that the compiler evaluates: which of them a type
//! depends on, and which are code.
//!
//! Must not hold rows about values that a plugin registers.

use super::Kind::{Body, Structure, Types};
use super::{Alarm, Row, alarms, check, rows};

#[test]
fn constants_are_what_they_are_used_for() {
    check(&[rows(ROWS), alarms(ALARMS)].concat());
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("a length", "struct A([u8; N]); const N: usize = §;", Types, Types),
    ("an argument", "struct B<const N: usize>; struct A(B<N>); const N: usize = §;", Types, Types),
    ("an argument in a block", "struct B<const N: usize>; struct A(B<{ N + 1 }>); const N: usize = §;", Types, Types),
    ("a discriminant", "enum E { A = N, B = 9 } const N: isize = §;", Types, Types),
    ("a constant of a constant", "struct A([u8; M]); const M: usize = N * 2; const N: usize = §;", Types, Types),
    ("a const fn", "struct A([u8; n()]); const fn n() -> usize { § }", Types, Types),
    ("a const fn of a const fn", "struct A([u8; n()]); const fn n() -> usize { m() } const fn m() -> usize { § }", Types, Types),
    ("a const fn's constant", "struct A([u8; n()]); const fn n() -> usize { N } const N: usize = §;", Types, Types),
    ("an associated constant", "struct A([u8; A::N]); impl A { const N: usize = §; }", Types, Types),
    ("an associated function", "struct A([u8; A::n()]); impl A { const fn n() -> usize { § } }", Types, Types),
    ("of a module", "struct A([u8; m::N]); mod m { pub const N: usize = §; }", Types, Types),
    ("imported", "use m::N; struct A([u8; N]); mod m { pub const N: usize = §; }", Types, Types),
    ("imported by another name", "use m::N as O; struct A([u8; O]); mod m { pub const N: usize = §; }", Types, Types),
    ("of a glob", "use m::*; struct A([u8; N]); mod m { pub const N: usize = §; }", Types, Types),
    ("of the module around", "mod k { use super::*; pub struct A([u8; N]); pub fn keep(_: &A) {} } const N: usize = §;", Types, Types),
    ("by super", "mod k { pub struct A([u8; super::N]); pub fn keep(_: &A) {} } const N: usize = §;", Types, Types),
    ("by crate", "mod k { pub struct A([u8; crate::N]); pub fn keep(_: &A) {} } const N: usize = §;", Types, Types),
    ("of an alias", "struct A(B); type B = [u8; N]; const N: usize = §;", Types, Types),
    ("in an alias", "struct A(B); type B = [u8; §];", Types, Types),
    ("of a type in a body", "fn f(x: u8) { struct L([u8; N]); let l = L([x; N]); g(&l.0); } fn g(_: &[u8]) {} const N: usize = §;", Types, Types),
    ("in the body of a type there", "fn f(x: u8) { const O: usize = §; struct L([u8; O]); let l = L([x; O]); g(&l.0); } fn g(_: &[u8]) {}", Types, Types),
    ("of a macro's type", "macro_rules! odd { () => { struct A([u8; N]); } } odd!(); fn keep(_: &A) {} const N: usize = §;", Types, Types),
    ("in a macro's type", "macro_rules! odd { ($n:expr) => { struct A([u8; $n]); } } odd!(§); fn keep(_: &A) {}", Types, Types),
    ("a string's length", "struct A([u8; N.len()]); const N: &str = \"‹1¦12›\";", Types, Types),
    ("a field of a constant", "struct A([u8; W.0]); const W: (usize, u8) = (§, 1);", Types, Types),
    ("of a type in a constant", "const _: () = { struct A([u8; §]); fn keep(_: &A) {} };", Types, Types),
    ("of a module called like a crate's", "struct A([u8; bevy_size::N]); mod bevy_size { pub const N: usize = §; }", Types, Types),
    ("of a type in a body that imports it", "fn f(x: u8) { use m::N; struct L([u8; N]); let l = L([x; N]); g(&l.0); } fn g(_: &[u8]) {} mod m { pub const N: usize = §; }", Types, Types),
    ("of a trait's constant", "trait Has { const N: usize; } struct B; impl Has for B { const N: usize = §; } struct A([u8; B::N]);", Types, Types),
    ("of a size", "struct A([u8; size_of::<B>()]); struct B(‹u8¦u16›);", Types, Types),
    ("of a function's result's size", "const fn size<R>(f: fn(u8) -> R) -> usize { size_of::<R>() } async fn wait(x: u8) -> u8 { let y = [x; ‹3¦4›]; std::future::ready(()).await; y[0] } struct A([u8; size(wait)]);", Types, Types),
    ("of a variant's number", "struct A([u8; E::B as usize]); enum E { A, B‹ = 1¦ = 2› }", Types, Types),
    ("behind an if", "const ON: bool = ‹true¦false›; struct A([u8; if ON { 1 } else { 2 }]);", Types, Types),
    ("of a match", "const K: u8 = §; struct A([u8; match K { 1 => 3, _ => 4 }]);", Types, Types),
    ("in a loop", "const fn n() -> usize { let mut i = 0; while i < N { i += 1; } i } const N: usize = §; struct A([u8; n()]);", Types, Types),
    ("through a generic's default", "struct W<const N: usize = 3>([u8; N]); struct A(W<‹¦4›>); ", Types, Types),
    ("the only variant's number", "#[repr(u8)] enum E { A = N } const N: u8 = §;", Types, Types),
    // A value of it has no bytes, and its number is a constant of the code that says it.
    ("a lone variant's number", "enum E { A = N } const N: isize = §;", Body, Body),
    // One type is used no more, and another is used now.
    ("which instance of a generic is used", "struct W<T, const N: usize>([T; N]); type A = W<u8, N>; fn keep(_: &A) {} const N: usize = §;", Body, Body),
    ("an equal length by another way", "struct A([u8; N]); const N: usize = ‹3¦1 + 2›;", Body, Body),
    ("two that keep their product", "const X: usize = ‹2¦3›; const Y: usize = ‹3¦2›; struct A([u8; X * Y]);", Body, Body),

    ("a value", "const V: f32 = ‹1.0¦2.0›; fn s() -> f32 { V }", Body, Body),
    ("a type", "const V: ‹f32¦f64› = 1.0; fn s() -> bool { V > 0.0 }", Body, Body),
    ("a new one", "fn s() -> f32 { ‹1.0¦V› }‹¦ const V: f32 = 2.0;›", Body, Body),
    ("one that only a constant names that no type names", "const V: f32 = ‹1.0¦2.0›; const W: f32 = V * 2.0;", Body, Body),
    ("an associated one of no trait", "struct A; impl A { const V: f32 = ‹1.0¦2.0›; }", Body, Body),
    ("a new associated one", "struct A; impl A {‹¦ const V: f32 = 2.0;› }", Body, Body),
    ("a length inside a body", "const N: usize = §; fn s(x: u8) -> u8 { let a = [x; N]; a[0] }", Body, Body),
    ("a static's value", "static V: u8 = §;", Body, Body),
    ("a static's type", "static V: ‹u8¦u16› = 1; fn f() -> bool { V > 0 }", Body, Body),
    ("a new static", "fn s() {}‹¦ static V: u8 = 2;›", Body, Body),
    ("a new static and a new constant in a body", "fn s() -> u32 { ‹1¦static V: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0); const N: u32 = 3; V.fetch_add(N, std::sync::atomic::Ordering::Relaxed)› }", Body, Body),
    ("one in a closure, with a closure", "fn s() { let f = || ‹1¦{ static V: std::sync::LazyLock<u8> = std::sync::LazyLock::new(|| 1); *V }›; f(); }", Body, Body),
    ("the value of one of two", "fn s() -> u8 { static V: u8 = §; V } fn t() -> u16 { static V: u16 = 1; V }", Body, Body),
    ("a thread-local's value", "thread_local! { static V: std::cell::Cell<u8> = std::cell::Cell::new(§); }", Body, Body),
    ("a new thread-local", "thread_local! { static V: u8 = 1;‹¦ pub static W: u8 = const { 1 };› }", Body, Body),
    ("an assertion at compile time", "const N: usize = 1; fn s() {}‹¦ const _: () = assert!(N > 0);›", Body, Body),
    ("one in a signature that nothing names", "fn t(a: [u8; N]) {} const N: usize = §;", Body, Body),
    ("a table of functions that nobody calls", "fn f() {} fn g() {} const T: [fn(); 1] = [‹f¦g›];", Body, Body),
    ("a new type over a constant, which changes", "const N: usize = §;‹¦ struct A([u8; N]);›", Structure, Types),
    ("visibility", "‹¦pub ›const N: usize = 1; fn f() -> usize { N }", Body, Body),
    ("an equal value by another way", "const N: usize = ‹3¦1 + 2›; struct A([u8; 3]);", Body, Body),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("a thread-local's type", "thread_local! { static V: ‹u8¦u16› = 1; }", Body, Structure, Structure, "its initialiser is named, and may be a one-shot system"),
];
