//! What the sources of a crate are split into: each shape of item, and what is said of it.

mod places;
mod tree;

use super::{Error, Item, Kind, Source, SourceFile};
use hot_loader_compile::hash::name;
use std::path::Path;

fn files(files: &[(&str, &str)]) -> Vec<SourceFile> {
    let file = |(path, text): &(&str, &str)| SourceFile {
        path: Path::new("/w").join(path),
        bytes: text.as_bytes().into(),
    };
    files.iter().map(file).collect()
}

fn try_read(of: &[(&str, &str)]) -> Result<Source, Error> {
    Source::of("systems", Path::new("/w/src/lib.rs"), &files(of))
}

fn read(text: &str) -> Source {
    try_read(&[("src/lib.rs", text)]).expect("it is Rust")
}

fn only(text: &str) -> Item {
    let source = read(text);
    assert_eq!(source.items.len(), 1, "{text}: {:#?}", source.items);
    source.items.into_iter().next().expect("there is one")
}

/// Kind, name and head of each item.
fn heads(source: &Source) -> Vec<(Kind, &str, &str)> {
    source
        .items
        .iter()
        .map(|item| {
            let name = item.name.as_deref().unwrap_or("-");
            (item.kind, name, item.head.as_str())
        })
        .collect()
}

#[test]
fn each_shape_of_an_item_is_split_right() {
    use Kind::{Alias, Const, Fn, Impl, MacroCall, MacroRules, Mod, Other, Static, Trait, Type};
    // What is written, and the item: two of the same must be two items.
    let cases: &[(&str, Kind, &str, &str)] = &[
        (
            "fn steer(ship: &mut Ship) { ship.x += 1.0; }",
            Fn,
            "steer",
            "fn steer ( ship : & mut Ship )",
        ),
        (
            "const fn f<'a>(x: &'a u8,) -> u8 { 1 }",
            Fn,
            "f",
            "const fn f < 'a > ( x : & 'a u8 , ) -> u8",
        ),
        (
            "async unsafe extern \"C\" fn f() {}",
            Fn,
            "f",
            "async unsafe extern \"C\" fn f ( )",
        ),
        ("extern fn f() {}", Fn, "f", "extern fn f ( )"),
        (
            "pub(in crate::a) default fn f() {}",
            Fn,
            "f",
            "default fn f ( )",
        ),
        (
            "fn f() -> Foo<{ N }> where Foo<{ N }>: Sized, { 1 }",
            Fn,
            "f",
            "fn f ( ) -> Foo < { N } > where Foo < { N } > : Sized",
        ),
        (
            "fn f<T: Fn(u8) -> Vec<Vec<u8>>>(t: T) -> [u8; { 3 }] {}",
            Fn,
            "f",
            "fn f < T : Fn ( u8 ) -> Vec < Vec < u8 >>> ( t : T ) -> [ u8 ; { 3 } ]",
        ),
        (
            "fn f(#[cfg(a)] a: u8, #[allow(b)] b: u8) {}",
            Fn,
            "f",
            "fn f ( # [ cfg ( a ) ] a : u8 , b : u8 )",
        ),
        ("pub fn r#type() {}", Fn, "type", "fn type ( )"),
        (
            "struct Ship { /** Where */ x: f32, }",
            Type,
            "Ship",
            "struct Ship { x : f32 }",
        ),
        (
            "struct Ship { #[allow(unused)] #[reflect(ignore)] pub x: f32 }",
            Type,
            "Ship",
            "struct Ship { # [ reflect ( ignore ) ] pub x : f32 }",
        ),
        ("struct Unit;", Type, "Unit", "struct Unit"),
        (
            "struct Pair<T>(pub T, u8) where T: Copy;",
            Type,
            "Pair",
            "struct Pair < T > ( pub T , u8 ) where T : Copy",
        ),
        (
            "struct Grid<const N: usize = { 1 }> { x: [u8; N] }",
            Type,
            "Grid",
            "struct Grid < const N : usize = { 1 } > { x : [ u8 ; N ] }",
        ),
        (
            "enum E { A = 1, B { x: u8 } = { 2 }, C(u8) }",
            Type,
            "E",
            "enum E { A = 1 , B { x : u8 } = { 2 } , C ( u8 ) }",
        ),
        (
            "union U { a: u8, b: f32 }",
            Type,
            "U",
            "union U { a : u8 , b : f32 }",
        ),
        ("const N: usize = 1 < 2;", Const, "N", "const N : usize"),
        (
            "const M: Vec<Vec<u8>>= Vec::new();",
            Const,
            "M",
            "const M : Vec < Vec < u8 >>",
        ),
        (
            "const _: () = { assert!(true); };",
            Const,
            "_",
            "const _ : ( )",
        ),
        (
            "const F: fn() -> u8 = f;",
            Const,
            "F",
            "const F : fn ( ) -> u8",
        ),
        (
            "static mut BEST: u32 = 3;",
            Static,
            "BEST",
            "static mut BEST : u32",
        ),
        (
            "type Alias<T> = Vec<(T,)>;",
            Alias,
            "Alias",
            "type Alias < T > = Vec < ( T , ) >",
        ),
        (
            "unsafe impl<T> Send for Ship<T> {}",
            Impl,
            "-",
            "unsafe impl < T > Send for Ship < T >",
        ),
        (
            "impl<const N: usize> Foo<{ N }> for [u8; { N }] {}",
            Impl,
            "-",
            "impl < const N : usize > Foo < { N } > for [ u8 ; { N } ]",
        ),
        ("impl !Send for Ship {}", Impl, "-", "impl ! Send for Ship"),
        (
            "default impl Go for Ship {}",
            Impl,
            "-",
            "default impl Go for Ship",
        ),
        (
            "auto trait Marker {}",
            Trait,
            "Marker",
            "auto trait Marker { }",
        ),
        (
            "pub unsafe trait Go: Super<{ 1 }> {}",
            Trait,
            "Go",
            "unsafe trait Go : Super < { 1 } > { }",
        ),
        (
            "trait Both<T> = Go + Into<T>;",
            Trait,
            "Both",
            "trait Both < T > = Go + Into < T >",
        ),
        ("mod empty {}", Mod, "empty", "mod empty"),
        (
            "macro_rules! twice { ($a:expr,) => { $a + $a }; }",
            MacroRules,
            "twice",
            "macro_rules ! twice { ( $ a : expr , ) => { $ a + $ a } ; }",
        ),
        (
            "macro_rules! once(() => {});",
            MacroRules,
            "once",
            "macro_rules ! once ( ( ) => { } )",
        ),
        (
            "bevy::plugins! { a, /// doc\n b, }",
            MacroCall,
            "plugins",
            "bevy :: plugins ! { a , # [ doc = \" doc\" ] b , }",
        ),
        ("::a::b!(r#fn);", MacroCall, "b", ":: a :: b ! ( r#fn )"),
        ("default! { x }", MacroCall, "default", "default ! { x }"),
        (
            "include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));",
            MacroCall,
            "include",
            "include ! ( concat ! ( env ! ( \"OUT_DIR\" ) , \"/x.rs\" ) )",
        ),
        (
            "extern crate alloc as a;",
            Other,
            "-",
            "extern crate alloc as a",
        ),
        (
            "unsafe extern \"C\" { safe fn f(); static mut X: u8; }",
            Other,
            "-",
            "unsafe extern \"C\" { safe fn f ( ) ; static mut X : u8 ; }",
        ),
        ("extern { }", Other, "-", "extern { }"),
        (
            "pub macro m($a:expr) { $a }",
            Other,
            "-",
            "macro m ( $ a : expr ) { $ a }",
        ),
        ("what is this < { x }", Other, "-", "what is this < { x }"),
        (";", Other, "-", ""),
    ];
    for &(text, kind, name, head) in cases {
        let twice = format!("{text}\n{text}");
        let source = read(&twice);
        assert_eq!(heads(&source), [(kind, name, head); 2], "{text}");
        assert_eq!(source.items[0].hash, source.items[1].hash, "{text}");
        assert_eq!(source.items[0].from, (1, 1), "{text}");
    }
}

#[test]
fn what_never_closes_is_unknown_up_to_a_brace() {
    let source = read("fn f() -> A< { } fn g() {}");
    let expected = [
        (Kind::Other, "-", "fn f ( ) -> A < { }"),
        (Kind::Fn, "g", "fn g ( )"),
    ];
    assert_eq!(heads(&source), expected);
}

#[test]
fn visibility_is_apart() {
    for (text, vis) in [
        ("fn f() {}", ""),
        ("pub fn f() {}", "pub"),
        ("pub(crate) fn f() {}", "pub ( crate )"),
        ("pub(in crate::a) fn f() {}", "pub ( in crate :: a )"),
    ] {
        let item = only(text);
        assert_eq!((item.vis.as_str(), item.head.as_str()), (vis, "fn f ( )"));
    }
    assert_eq!(only("fn f() {}").hash, only("pub fn f() {}").hash);
}

#[test]
fn attributes_are_those_that_mean_something() {
    let item = only(
        "/// A ship.\n#[derive(Clone, bevy::Component,)]\n#[allow(dead_code)]\n#[deny(x)]\n\
         #[bevy::doc]\n#[require(Hull(\"full_hull\"))]\n#[unsafe(no_mangle)]\n#[rustfmt::skip]\nstruct Ship;",
    );
    let found: Vec<(&str, &str)> = item
        .attributes
        .iter()
        .map(|attribute| (attribute.name.as_str(), attribute.text.as_str()))
        .collect();
    let expected = [
        ("derive", "Clone"),
        ("derive", "bevy :: Component"),
        ("doc", "bevy :: doc"),
        ("require", "require ( Hull ( \"full_hull\" ) )"),
        ("no_mangle", "unsafe ( no_mangle )"),
        ("skip", "rustfmt :: skip"),
    ];
    assert_eq!(found, expected);
    for named in ["Component", "Hull", "full_hull", "Ship"] {
        assert!(item.names.contains(&name(named)), "{named}");
    }
    assert!(!item.names.contains(&name("dead_code")));
    assert_eq!((item.from, item.to), ((1, 1), (9, 13)));
    let with = |derives| only(&format!("#[derive({derives})] struct Ship;")).hash;
    assert_ne!(with("Clone"), with("Copy"));
    assert_eq!(with("Clone, Copy"), with("Clone,Copy,"));
}

#[test]
fn inner_attributes_belong_to_what_they_are_in() {
    let source = try_read(&[
        ("src/lib.rs", "#![no_std]\n//! Doc.\n#![allow(x)] #[a] mod m; mod n { #![b] } impl X { #![c] fn f() {} }"),
        ("src/m.rs", "#![d] fn f() {}"),
    ])
    .expect("it is Rust");
    let texts = |of: &[super::Attr]| of.iter().map(|a| a.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&source.attributes), ["no_std"]);
    let found: Vec<_> = source
        .items
        .iter()
        .map(|item| texts(&item.attributes))
        .collect();
    assert_eq!(
        found,
        [vec!["a", "d"], vec![], vec!["b"], vec!["c"], vec![]]
    );
}

#[test]
fn members_follow_their_impl_or_trait() {
    let source = read(
        "mod ship { trait Go: Sized { #[must_use] fn go(&self, by: f32) -> f32 { by } \
         const N: usize = 3; type Out; fn stop(); rules! { a } #[cfg(test)] fn t(); }\n\
         impl Go for Ship { fn stop() {} make!(b); type Out = u8; } }",
    );
    let expected = [
        (Kind::Mod, "ship", "mod ship"),
        (
            Kind::Trait,
            "Go",
            "trait Go : Sized { # [ must_use ] fn go ( & self , by : f32 ) -> f32 ; \
             const N : usize ; type Out ; fn stop ( ) ; rules ! { a } ; }",
        ),
        (Kind::Fn, "go", "fn go ( & self , by : f32 ) -> f32"),
        (Kind::Const, "N", "const N : usize"),
        (Kind::Alias, "Out", "type Out"),
        (Kind::Fn, "stop", "fn stop ( )"),
        (Kind::MacroCall, "rules", "rules ! { a }"),
        (Kind::Impl, "-", "impl Go for Ship"),
        (Kind::Fn, "stop", "fn stop ( )"),
        (Kind::MacroCall, "make", "make ! ( b )"),
        (Kind::Alias, "Out", "type Out = u8"),
    ];
    assert_eq!(heads(&source), expected);
    let parents: Vec<_> = source.items.iter().map(|item| item.parent).collect();
    let (of_trait, of_impl) = (Some(1), Some(7));
    let members = [[None; 2].as_slice(), &[of_trait; 5], &[None], &[of_impl; 3]].concat();
    assert_eq!(parents, members);
    assert_eq!(source.items[8].module, "systems::ship");
    assert!(source.items[1].calls.iter().eq(["rules"]));
    let bodies: Vec<_> = source
        .items
        .iter()
        .map(|item| item.body.is_some())
        .collect();
    let with_body: Vec<_> = (0..bodies.len()).filter(|at| bodies[*at]).collect();
    assert_eq!(with_body, [2, 3, 8]);
    let members = source.members(7).map(|item| item.kind);
    assert!(members.eq([Kind::Fn, Kind::MacroCall, Kind::Alias]));
}

#[test]
fn what_no_impl_can_have_is_unknown() {
    let source = read("impl A { mod m { fn f() {} } }");
    let expected = [
        (Kind::Impl, "-", "impl A"),
        (Kind::Other, "-", "mod m { fn f ( ) { } }"),
    ];
    assert_eq!(heads(&source), expected);
}

#[test]
fn a_body_is_its_tokens_without_formatting() {
    let body = |text: &str| only(&format!("fn f() {{ {text} }}")).body;
    for (a, b) in [
        ("g(1, 2)", "g(\n 1, // one\n 2,\n)"),
        ("let a = 1;", "#[allow(unused)] let a=1;"),
        ("Vec::<(u8, u8)>::new()", "Vec::<(u8, u8),>::new()"),
        ("r#a()", "a()"),
    ] {
        assert_eq!(body(a), body(b), "{a} is {b}");
    }
    for (a, b) in [
        ("a && b", "a & &b"),
        ("(a,)", "(a)"),
        ("g!(1, 2)", "g!(1, 2,)"),
        ("g!(r#a)", "g!(a)"),
        ("#[cfg(x)] a()", "a()"),
        ("\"a  b\"", "\"a b\""),
    ] {
        assert_ne!(body(a), body(b), "{a} is not {b}");
    }
    assert_eq!(only("fn f();").body, None);
    assert_ne!(only("const A: u8 = 1;").body, only("const A: u8 = 2;").body);
}

#[test]
fn a_body_says_what_it_declares_and_calls() {
    let declares = |text: &str| only(&format!("fn f() {{ {text} }}")).declares;
    for text in [
        "struct A;",
        "{ impl A {} }",
        "static X: u8 = 1;",
        "union U {}",
        "macro_rules! a {}",
    ] {
        assert!(declares(text), "{text}");
    }
    for text in [
        "fn g() {}",
        "x::<'static>()",
        "union()",
        "r#struct()",
        "use a;",
    ] {
        assert!(!declares(text), "{text}");
    }
    let item = only(
        "fn f(a: list!(A)) { if !(x) {} b::info!(\"{SPEED}\", y); a != (b); vec![vec![1]]; $m!(); macro_rules! n {} }",
    );
    let calls: Vec<_> = item.calls.iter().collect();
    assert_eq!(calls, ["$m", "info", "list", "vec"]);
    assert!(item.names.contains(&name("A")) && !item.names.contains(&name("SPEED")));
    for named in ["SPEED", "y", "info"] {
        assert!(item.body_names.contains(&name(named)), "{named}");
    }
    let item = only("const A: u8 = B + { C };");
    assert!(
        [&item.names, &item.body_names]
            .iter()
            .all(|names| names.contains(&name("C")))
    );
}

#[test]
fn each_leaf_of_a_use_is_bound() {
    for (text, expected) in [
        ("use a;", vec![("a", "a")]),
        ("pub use a::b as c;", vec![("c", "a::b")]),
        (
            "use a::b::{self, c as d, e::*, f::{g, self as h}};",
            vec![
                ("b", "a::b"),
                ("d", "a::b::c"),
                ("*", "a::b::e"),
                ("g", "a::b::f::g"),
                ("h", "a::b::f"),
            ],
        ),
        (
            "use ::std::{fmt, r#type as _};",
            vec![("fmt", "::std::fmt"), ("_", "::std::type")],
        ),
        (
            "use {crate::a, super::b, self::c};",
            vec![("a", "crate::a"), ("b", "super::b"), ("c", "systems::c")],
        ),
        ("use super::*;", vec![("*", "super")]),
    ] {
        let item = only(text);
        let found: Vec<(&str, &str)> = item
            .uses
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!((item.kind, found), (Kind::Use, expected), "{text}");
    }
    assert_eq!(only("use a::{b, c,};").head, "use a :: { b , c }");
}
