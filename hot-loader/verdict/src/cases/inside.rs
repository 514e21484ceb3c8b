//! Items inside of bodies, and macros: what they declare has an identity, the rest is code.
//!
//! Must not hold rows about macros in a plugin's `build`.

use super::Kind::{Body, Types};
use super::{Alarm, Row, alarms, check, rows};

#[test]
fn what_bodies_and_macros_declare_is_found() {
    check(&[rows(ROWS), rows(FOUND), alarms(ALARMS)].concat());
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("a struct", "fn f() { struct L(‹u8¦u16›); use_it(&L(1)); } fn use_it<T>(_: &T) {}", Types, Types),
    ("an enum", "fn f() { enum L { A‹¦, B› } use_it(&L::A); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a union", "fn f() { union L { a: ‹u8¦u16› } use_it(&L { a: 1 }); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a trait with another method", "fn f(x: &dyn std::any::Any) { trait T { fn a(&self) {}‹¦ fn b(&self) {}› } struct L(Box<dyn T>); impl T for u8 {} use_it(&L(Box::new(1u8))); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a constant that a local type names", "fn f() { const V: usize = §; struct L([u8; V]); use_it(&L([0; V])); } fn use_it<T>(_: &T) {}", Types, Types),
    ("an alias that a local type names", "fn f() { type T = ‹u8¦u16›; struct L(T); use_it(&L(1)); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a use beside a local type", "mod a { pub struct T(u8); impl T { pub fn new() -> T { T(1) } } } mod b { pub struct T(u16); impl T { pub fn new() -> T { T(1) } } } fn f() { use ‹a¦b›::T; struct L(T); use_it(&L(T::new())); } fn use_it<T>(_: &T) {}", Types, Types),
    ("one in a block of an if", "fn f(x: bool) { if x { struct L(‹u8¦u16›); use_it(&L(1)); } } fn use_it<T>(_: &T) {}", Types, Types),
    ("one in a function inside", "fn f() { fn t() { struct L(‹u8¦u16›); use_it(&L(1)); } t(); } fn use_it<T>(_: &T) {}", Types, Types),
    ("one in a closure", "fn f() { let g = || { struct L(‹u8¦u16›); use_it(&L(1)); }; g(); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a method's struct", "struct A; impl A { fn f() { struct L(‹u8¦u16›); use_it(&L(1)); } } fn use_it<T>(_: &T) {}", Types, Types),
    ("a struct in a macro's argument", "fn f() { println!(\"{}\", { struct L(‹u8¦u16›); use_it(&L(1)); 1 }); } fn use_it<T>(_: &T) {}", Types, Types),
    ("the crate's own macro that declares", "macro_rules! m { ($a:ty) => { struct L($a); use_it(&L(1)); } } fn f() { m!(‹u8¦u16›); } fn use_it<T>(_: &T) {}", Types, Types),
    ("the crate's own macro that calls another", "macro_rules! l { ($a:ty) => { struct L($a); use_it(&L(1)); } } macro_rules! m { ($a:ty) => { l!($a) } } fn f() { m!(‹u8¦u16›); } fn use_it<T>(_: &T) {}", Types, Types),
    ("an item for the crate's own macro", "macro_rules! m { ($($a:tt)*) => { $($a)* } } fn f() { m!(struct L(‹u8¦u16›);); use_it(&L(1)); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a macro of the body's own with a harmless name", "fn f() { macro_rules! info { ($a:ty) => { struct L($a); use_it(&L(1)); } } info!(‹u8¦u16›); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a struct in a constant's value", "const V: u8 = { struct L(‹u8¦u16›); let l = L(1); l.0 as u8 }; static W: fn() = { struct K(‹u8¦u16›); fn f() { use_it(&K(1)); } f }; fn use_it<T>(_: &T) {}", Types, Types),
    ("a struct in an impl that a body has", "struct A; fn f() { impl A { fn g() { struct L(‹u8¦u16›); use_it(&L(1)); } } } fn use_it<T>(_: &T) {}", Types, Types),
    ("Drop in a body", "struct A; fn f() { impl Drop for A { fn drop(&mut self) { ‹¦h();› } } } fn h() {}", Types, Types),
    ("storage of a type in a body", "fn f() { #[derive(Component)]‹¦ #[component(storage = \"SparseSet\")]› struct L(u8); use_it(&L(1)); } fn use_it<T: Component>(_: &T) {}", Types, Types),
    ("a new function with a type inside", "fn s() {}‹¦ fn t() { struct L; use_it(&L); }› fn use_it<T>(_: &T) {}", Body, Body),
    ("a struct that appears in a body", "fn f() {‹¦ struct L; use_it(&L);› } fn use_it<T>(_: &T) {}", Body, Body),

    ("a macro that declares, at the root", "macro_rules! m { ($n:ident, $t:ty) => { struct $n($t); } } m!(A, ‹u8¦u16›); fn keep(_: &A) {}", Types, Types),
    ("the definition of one", "macro_rules! m { ($n:ident) => { struct $n(‹u8¦u16›); } } m!(A); fn keep(_: &A) {}", Types, Types),
    ("a macro that declares one more", "macro_rules! m { ($($n:ident)*) => { $(struct $n;)* } } m!(A‹¦ B›);", Types, Types),
    ("an extern block", "unsafe extern \"C\" { fn f(‹¦x: u8›); }", Types, Types),
    ("the line of a type that depends on it", "‹¦\n›struct A([u8; line!() as usize]);", Types, Types),
    ("a module's attribute", "‹¦#[cfg(f)] ›mod m { pub struct A(u8); pub fn keep(_: &A) {} }", Types, Types),
    ("a module's inner attribute", "mod m {‹¦ #![cfg(f)]› pub struct A(u8); pub fn keep(_: &A) {} }", Types, Types),
    ("global assembly", "std::arch::global_asm!(\"‹nop¦›\");", Types, Types),
    ("a new macro that would declare", "struct A;‹¦ macro_rules! m { () => { struct B; } }›", Body, Body),
    ("an impl by a macro for another type", "macro_rules! go { ($t:ty) => { impl Go for $t { const N: u8 = 1; } } } trait Go { const N: u8; } struct A; struct B; go!(‹A¦B›);", Types, Types),
    ("a constant by a macro's repetition", "macro_rules! count { ($($t:tt)*) => { 0 $(+ { let _ = stringify!($t); 1 })* } } struct A([u8; count!(a b‹¦ c›)]);", Types, Types),

    ("a function inside", "fn f() { fn t() -> u8 { § } t(); }", Body, Body),
    ("a constant inside", "fn f() -> u8 { const N: u8 = §; N }", Body, Body),
    ("a static inside", "fn f() -> u8 { static N: u8 = §; N }", Body, Body),
    ("a static's type inside", "fn f() -> bool { static N: ‹u8¦u16› = 1; N > 0 }", Body, Body),
    ("a use inside", "fn f() { use std::‹mem¦fmt›; }", Body, Body),
    ("the crate's own macro that declares nothing", "macro_rules! go { ($a:expr) => { $a + 1 } } fn f() -> u8 { go!(§) }", Body, Body),
    ("the definition of one that declares nothing", "macro_rules! go { () => { § } } fn f() -> u8 { go!() }", Body, Body),
    ("a closure before one with a struct", "fn f() {‹¦ let g = || h(1); g();› let f = || { struct L(u8); use_it(&L(1)); }; f(); } fn h(_: u8) {} fn use_it<T>(_: &T) {}", Body, Body),
    ("a new macro that declares nothing", "struct A;‹¦ macro_rules! m { () => { 2 } }›", Body, Body),
    ("an array's length beside a local type", "fn f(x: u8) { struct L(u8);‹¦ let b = [x; 2]; use_it(&b);› let a = [x; 4]; use_it(&L(a[0])); } fn use_it<T>(_: &T) {}", Body, Body),
    ("formatting of macros' arguments", "macro_rules! m { ($a:expr) => { $a } } struct S([u8; m!(1‹+¦ + ›2)]); fn f() -> Vec<u8> { vec![1‹+¦ + ›1] }", Body, Body),
    ("the place of what asks in a body alone", "‹¦\n\n›#[track_caller] fn at() -> u32 { std::panic::Location::caller().line() } fn f() { at(); } struct S;", Body, Body),
    ("an included file's name in a body", "fn f() -> &'static str { ‹file!()¦module_path!()› }", Body, Body),
    ("a body's macros that are known", "fn f(x: u8) { ‹¦println!(\"{}\", x); eprintln!(); assert!(x > 0); assert_eq!(x, x); debug_assert!(x > 0); let _ = format!(\"{x}\"); let _ = vec![x]; let _ = matches!(x, 1); info!(\"a\"); warn!(\"b\"); bevy::log::info!(\"c\"); let _ = concat!(\"a\", 1); let _ = stringify!(a); let _ = cfg!(f); let _ = option_env!(\"A\"); dbg!(x); if x > 200 { unreachable!() } if x > 100 { todo!() } if x > 50 { panic!(\"no\") }› }", Body, Body),

    ("an impl before one whose method has a struct", "struct A; struct B; trait Go { fn go(&self); }‹¦ impl Go for A { fn go(&self) {} }› impl Go for B { fn go(&self) { struct L(u8); use_it(&L(1)); } } fn use_it<T>(_: &T) {}", Types, Types),
    ("a plain impl before it", "struct A; struct B; trait Go { fn go(&self); }‹¦ impl A {}› impl Go for B { fn go(&self) { struct L(u8); use_it(&L(1)); } } fn use_it<T>(_: &T) {}", Types, Types),
    ("a derive before it", "struct B; trait Go { fn go(&self); }‹¦ #[derive(Debug)]› struct C; impl Go for B { fn go(&self) { struct L(u8); use_it(&L(1)); } } fn use_it<T>(_: &T) {}", Types, Types),
    ("an impl before one whose method has none", "struct A; struct B; trait Go { fn go(&self); }‹¦ impl Go for A { fn go(&self) {} }› impl Go for B { fn go(&self) { h(); } } fn h() {}", Body, Body),
    ("a function before one whose method has a struct", "struct B; trait Go { fn go(&self); }‹¦ #[allow(dead_code)] fn x() {}› impl Go for B { fn go(&self) { struct L(u8); use_it(&L(1)); } } fn use_it<T>(_: &T) {}", Body, Body),
    ("an impl behind it", "struct A; struct B; trait Go { fn go(&self); } impl Go for B { fn go(&self) { struct L(u8); use_it(&L(1)); } }‹¦ impl Go for A { fn go(&self) {} }› fn use_it<T>(_: &T) {}", Body, Body),
];

/// Called less than they are.
#[rustfmt::skip]
const FOUND: &[Row] = &[
    ("two of one name, exchanged", "fn f() { { struct L(‹u8¦u16›); use_it(&L(1)); } { struct L(‹u16¦u8›); use_it(&L(1)); } } fn use_it<T>(_: &T) {}", Types, Types),
    ("two of one name in constants, exchanged", "const _: () = { struct L(‹u8¦u16›); fn keep(_: &L) {} }; const _: () = { struct L(‹u16¦u8›); fn keep(_: &L) {} };", Types, Types),
    ("mutability of a type in a body", "fn f() { #[derive(Component)]‹¦ #[component(immutable)]› struct L(u8); use_it(&L(1)); } fn use_it<T: Component>(_: &T) {}", Types, Types),
    ("mutability of a made type in a body", "fn f() { kit::paste! { #[derive(Component)]‹¦ #[component(immutable)]› struct [<Car go>](u8); use_it(&Cargo(1)); } } fn use_it<T: Component>(_: &T) {}", Types, Types),
    ("the order of a made trait's methods in a body", "fn f() { kit::paste! { trait [<Go es>] { ‹fn a(&self) {} fn b(&self) {}¦fn b(&self) {} fn a(&self) {}› } impl Goes for u8 {} struct L(Box<dyn Goes>); use_it(&L(Box::new(1u8))); } } fn use_it<T>(_: &T) {}", Types, Types),
    ("an event's trigger in a body", "fn f() { struct L(u8); impl Event for L { type Trigger = ‹GlobalTrigger¦u8›; } use_it(&L(1)); } fn use_it<T: Event>(_: &T) {}", Types, Types),
];

#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("a macro inside that declares nothing", "fn f() -> u8 { macro_rules! m { () => { § } } m!() }", Body, Types, Types, "a macro inside of a body may declare what no item shows"),
];
