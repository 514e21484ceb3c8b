//! Edits of the type surface that only names, numbers, places or spelling tell of.

use super::super::EditKind::{Body, Structure, Types};
use super::{Row, check, edit, edit_files};

/// Each `§` takes each of the values, in both directions.
fn each(rows: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (source, values) in rows {
        for (at, before) in values.iter().enumerate() {
            for after in values.iter().skip(at + 1) {
                let sources = [before, after].map(|value| source.replace('§', value));
                for (before, after) in [(0, 1), (1, 0)] {
                    if edit(&sources[before], &sources[after]).kind != Types {
                        wrong.push(format!("{}\n->\n{}", sources[before], sources[after]));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n----\n"));
}

#[test]
fn which_trait_an_associated_constant_is_of_is_types() {
    let traits = |rest: &str| {
        format!(
            "pub struct S; \
             pub mod a {{ pub trait Has {{ const K: usize = 1; }} impl Has for super::S {{}} }} \
             pub mod b {{ pub trait Has {{ const K: usize = 3; }} impl Has for super::S {{}} \
             pub trait Has2 {{ const K: usize = 5; }} impl Has2 for super::S {{}} }} {rest}"
        )
    };
    let imports: &[&str] = &[
        "use a::Has;",
        "use b::Has;",
        "use b::Has2;",
        "use a::Has as _;",
        "use b::Has as _;",
        "use a::Has as X;",
        "use b::Has as Y;",
        "use a::*;",
        "use self::b::*;",
    ];
    for user in [
        "§ pub struct U(pub [u8; S::K]);",
        "§ pub struct U(pub [u8; <S>::K]);",
        "§ const N: usize = S::K; pub struct U([u8; N]);",
        "§ const fn n() -> usize { S::K } pub struct U([u8; n()]);",
        "§ macro_rules! k { ($s:ident) => { $s::K } } pub struct U([u8; k!(S)]);",
        "§ pub struct T; impl T { const N: usize = 1 + S::K; } pub struct U([u8; T::N]);",
    ] {
        each(&[(&traits(user), imports)]);
    }
    each(&[
        (
            &traits("pub mod p { § } use p::*; pub struct U([u8; S::K]);"),
            &[
                "pub use super::a::Has as _;",
                "pub use super::b::Has2 as _;",
                "pub use super::b::Has as _;",
            ],
        ),
        (
            &traits("use § as m; use m::Has as _; pub struct U([u8; S::K]);"),
            &["a", "b"],
        ),
        (
            &traits(
                "mod k { macro_rules! k { () => { crate::S::K } } pub(crate) use k; } § pub struct U([u8; k::k!()]);",
            ),
            &["use a::Has as _;", "use b::Has as _;"],
        ),
        (
            "use § as _; pub struct U([u8; u8::K]);",
            &["odd::Has", "other::Has"],
        ),
    ]);
}

#[test]
fn what_has_no_name_but_a_size_is_types() {
    let gives = "pub const fn gives<R>(f: fn(u8) -> R) -> usize { size_of::<R>() }";
    for function in [
        "async fn wait(x: u8) -> u8 { let y = [x; §]; std::future::ready(()).await; y[0] } \
         pub struct A([u8; gives(wait)]);",
        "fn wait(x: u8) -> impl Fn() -> u8 { let y = [x; §]; move || y[0] } \
         pub struct A([u8; gives(wait)]);",
        "fn wait(x: u8) -> impl Bundle { [x; §] } pub struct A([u8; gives(wait)]);",
        "async fn wait(x: u8) { inner(x).await } async fn inner(x: u8) { let y = [x; §]; \
         std::future::ready(()).await; drop(y) } pub struct A([u8; gives(wait)]);",
        "struct S; impl S { async fn wait(x: u8) { let y = [x; §]; \
         std::future::ready(()).await; drop(y) } } \
         const N: usize = gives(S::wait); pub struct A([u8; N]);",
    ] {
        each(&[(&format!("{gives} {function}"), &["3", "4"])]);
    }
}

#[test]
fn types_inside_constants_without_a_name_are_numbered() {
    let local = "{ struct L(u8); const fn k(l: &L) -> usize { 1 } k(&L(1)) }";
    each(&[
        (
            &format!("pub fn f() {{ § let a = [0u8; {local}]; }}"),
            &["", "let c = [0u8; 4];", "let c: [u8; 2] = [0, 1];"],
        ),
        (
            &format!("pub fn f() {{ § let a: [u8; {local}] = [0]; }}"),
            &["", "let c: [u8; 1] = [0];"],
        ),
        (
            &format!("fn take<const N: usize>() {{}} pub fn f() {{ § take::<{local}>(); }}"),
            &["", "take::<{ 1 + 1 }>();", "let x: Odd<{ 2 }>;"],
        ),
        (
            &format!("pub fn f(§) {{ let a = [0u8; {local}]; }}"),
            &["", "x: [u8; 4]"],
        ),
        (
            "pub fn f(x: [u8; { struct L(§); const fn k(l: &L) -> usize { 1 } 1 }]) {}",
            &["u8", "u16"],
        ),
        (
            "pub const V: [u8; { struct L(§); const fn k(l: &L) -> usize { 1 } 1 }] = [0];",
            &["u8", "u16"],
        ),
    ]);
}

#[test]
fn macros_see_attributes() {
    each(&[
        (
            "macro_rules! described { ($(#[doc = $d:literal])* struct $n:ident;) => { pub struct $n(pub [u8; 1 $(+ $d.len())*]); } } \
             described! { § struct A; }",
            &["", "/// x\n", "/// yy\n", "#[doc = \"z\"]"],
        ),
        (
            "macro_rules! counted { ($(#[$m:meta])* struct $n:ident;) => { pub struct $n(pub [u8; [\"\" $(, stringify!($m))*].len()]); } } \
             counted! { § struct A; }",
            &[
                "",
                "#[allow(dead_code)]",
                "#[inline]",
                "#[inline] #[must_use]",
            ],
        ),
        (
            "macro_rules! only { (§ struct $n:ident;) => { pub struct $n; }; ($($t:tt)*) => {} } \
             only! { #[inline] struct A; }",
            &["", "#[inline]", "#[cold]"],
        ),
    ]);
}

#[test]
fn the_place_of_what_a_type_asks_for_is_types() {
    let moved: &[&str] = &["", "\n", "// A comment.\n\n"];
    let here = "macro_rules! here { () => { line!() } } macro_rules! there { () => { here!() } }";
    for rest in [
        "§pub struct A([u8; here!() as usize]);",
        "§pub struct A([u8; there!() as usize]);",
        "pub struct A(§[u8; there!() as usize]);",
        "§pub const AT: usize = here!() as usize; pub struct A([u8; AT]);",
        "macro_rules! placed { ($n:ident) => { pub struct $n([u8; here!() as usize]); } } §placed!(A);",
        "macro_rules! named { ($m:ident) => { $m!() } } §pub struct A([u8; named!(line) as usize]);",
        "macro_rules! make { ($m:ident) => { macro_rules! $m { () => { line!() } } } } make!(made); §pub struct A([u8; made!() as usize]);",
        "use here as hither; §pub struct A([u8; hither!() as usize]);",
        "use std::line as hither; §pub struct A([u8; hither!() as usize]);",
        "fn f() { §struct L([u8; here!() as usize]); }",
    ] {
        each(&[(&format!("{here} {rest}"), moved)]);
    }
    let caller = "std::panic::Location::caller().line() as usize";
    each(&[
        (
            &format!("§const fn caller() -> usize {{ {caller} }} pub struct A([u8; caller()]);"),
            moved,
        ),
        (
            &format!(
                "#[track_caller] const fn tracked() -> usize {{ {caller} }} §pub struct A([u8; tracked()]);"
            ),
            moved,
        ),
        (
            &format!(
                "#[track_caller] const fn inner() -> usize {{ {caller} }} #[track_caller] const fn tracked() -> usize {{ inner() }} §pub struct A([u8; tracked()]);"
            ),
            moved,
        ),
    ]);
    // The file, by its path.
    let with = |path: &'static str| {
        let root = format!("#[path = \"{path}\"] pub mod m;");
        let module = "macro_rules! f { () => { file!() } } struct A([u8; f!().len()]);";
        (root, module)
    };
    let ((old, module), (new, _)) = (with("a.rs"), with("ab.rs"));
    let before = [("src/lib.rs", old.as_str()), ("src/a.rs", module)];
    let after = [("src/lib.rs", new.as_str()), ("src/ab.rs", module)];
    assert_eq!(edit_files(&before, &after).kind, Types);
    let before = [("src/lib.rs", "mod m;"), ("src/m.rs", module)];
    let after = [("src/lib.rs", "mod m;"), ("src/m/mod.rs", module)];
    assert_eq!(edit_files(&before, &after).kind, Types);
}

#[test]
fn the_spelling_that_a_type_shows_is_types() {
    let spelled: &[&str] = &["a+b", "a + b", "a +b", "r#a + b", "(a) + b", "( a) + b"];
    each(&[
        ("pub struct A([u8; stringify!(§).len()]);", spelled),
        (
            "const N: &str = stringify!(§); pub struct A([u8; N.len()]);",
            spelled,
        ),
        (
            "macro_rules! show { ($($t:tt)*) => { stringify!($($t)*).len() } } \
             macro_rules! pass { ($($t:tt)*) => { show!($($t)*) } } pub struct A([u8; pass!(§)]);",
            spelled,
        ),
        (
            "macro_rules! show { () => { stringify!(§).len() } } pub struct A([u8; show!()]);",
            spelled,
        ),
        (
            "macro_rules! make { ($m:ident, $d:tt) => { macro_rules! $m { ($d($d t:tt)*) => { stringify!($d($d t)*) } } } } \
             make!(made, $); pub struct A([u8; made!(§).len()]);",
            spelled,
        ),
        (
            "use std::stringify as show; pub struct A([u8; show!(§).len()]);",
            spelled,
        ),
    ]);
}

#[test]
fn the_same_where_no_type_asks_is_no_types_edit() {
    let rows: &[Row] = &[
        (
            "an import of a trait that no type needs",
            "mod a { pub trait Go { fn go(&self) {} } } struct S(std::vec::Vec<u8>); fn f() {}",
            "mod a { pub trait Go { fn go(&self) {} } } use a::Go; struct S(std::vec::Vec<u8>); fn f() {}",
            Body,
            Body,
        ),
        (
            "an import of a function beside an associated constant",
            "mod a { pub fn go() {} } struct S([u8; T::N]); struct T; impl T { const N: usize = 1; } fn f() {}",
            "mod a { pub fn go() {} } use a::go; struct S([u8; T::N]); struct T; impl T { const N: usize = 1; } fn f() { go() }",
            Body,
            Body,
        ),
        (
            "an async function that no type measures",
            "async fn wait() { a(1) } struct S;",
            "async fn wait() { a(2) } struct S;",
            Body,
            Body,
        ),
        (
            "an array's length beside a local type",
            "fn f() { struct L(u8); let a = [0; 4]; }",
            "fn f() { struct L(u8); let b = [0; 2]; let a = [0; 4]; }",
            Body,
            Body,
        ),
        (
            "formatting of macros' arguments",
            "macro_rules! m { ($a:expr) => { $a } } struct S([u8; m!(1+2)], [u8; { assert!(1<2); 3 }]); fn f() { vec![1+1]; odd!(1+1); }",
            "macro_rules! m {\n($a:expr) => {\n$a\n}\n}\nstruct S(\n[u8; m!(1 + 2)], [u8; { assert!(1 < 2); 3 }]);\nfn f() { vec![1 + 1];\nodd!( 1 + 1 ); }",
            Body,
            Body,
        ),
        (
            "the place of a macro that asks for its own",
            "macro_rules! here { () => { line!() } } struct S { line: u32 } fn f() { here!(); }",
            "\nmacro_rules! here {\n() => { line!() } }\n\nstruct S {\nline: u32 }\n fn f() { here!(); }",
            Body,
            Body,
        ),
        (
            "the place of what asks in a body alone",
            "#[track_caller] fn at() -> u32 { std::panic::Location::caller().line() } fn f() { at(); } struct S;",
            "#[track_caller] fn at() -> u32 {\n std::panic::Location::caller().line() }\n\nfn f() { at(); }\n struct S;",
            Body,
            Body,
        ),
        (
            "documentation, and a new type",
            "struct S;",
            "/// Docs.\nstruct S; #[doc = \"x\"] struct T;",
            Structure,
            Types,
        ),
    ];
    check(rows);
}
