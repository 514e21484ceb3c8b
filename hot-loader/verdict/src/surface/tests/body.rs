//! Edits that touch neither surface.

use super::super::EditKind::{Body, Structure, Types};
use super::{Row, check, edit};

#[test]
fn bodies_comments_and_formatting_are_body_edits() {
    let rows: &[Row] = &[
        (
            "a float in a system",
            "fn s() { let x = 1.0; }",
            "fn s() { let x = 2.0; }",
            Body,
            Body,
        ),
        (
            "a renamed local",
            "fn s() { let x = 1; x; }",
            "fn s() { let y = 1; y; }",
            Body,
            Body,
        ),
        (
            "a line comment",
            "fn s() {}",
            "// hello\nfn s() {}",
            Body,
            Body,
        ),
        (
            "a doc comment on a struct",
            "struct A { x: u32 }",
            "/// Doc\nstruct A { /** d */ x: u32 }",
            Body,
            Body,
        ),
        (
            "an inner doc comment",
            "struct A;",
            "//! Doc\nstruct A;",
            Body,
            Body,
        ),
        (
            "whitespace in a struct",
            "struct A { x: u32, y: u8 }",
            "struct A {\n  x : u32,\n y:u8,\n}",
            Body,
            Body,
        ),
        (
            "a trailing comma in generics",
            "struct A<T, U>(T, U);",
            "struct A<T, U,>(T, U,);",
            Body,
            Body,
        ),
        (
            "nested generics closed apart",
            "struct A(Vec<Vec<u8>>);",
            "struct A(Vec<Vec<u8> >);",
            Body,
            Body,
        ),
        (
            "a lint",
            "struct A;",
            "#[allow(dead_code)] struct A;",
            Body,
            Body,
        ),
        (
            "a crate lint",
            "struct A;",
            "#![allow(dead_code)] struct A;",
            Body,
            Body,
        ),
        (
            "inline",
            "fn s() {}",
            "#[inline(always)] fn s() {}",
            Body,
            Body,
        ),
        (
            "must_use",
            "fn s() -> u8 { 1 }",
            "#[must_use] fn s() -> u8 { 1 }",
            Body,
            Body,
        ),
        (
            "a method's body",
            "struct A; impl A { fn go(&self) -> u8 { 1 } }",
            "struct A; impl A { fn go(&self) -> u8 { 2 } }",
            Body,
            Body,
        ),
        (
            "a default method's body",
            "trait T { fn go(&self) -> u8 { 1 } }",
            "trait T { fn go(&self) -> u8 { 2 } }",
            Body,
            Body,
        ),
        (
            "a method of the crate's own trait",
            "trait T { fn go(&self) -> u8; } struct A; impl T for A { fn go(&self) -> u8 { 1 } }",
            "trait T { fn go(&self) -> u8; } struct A; impl T for A { fn go(&self) -> u8 { 2 } }",
            Body,
            Body,
        ),
        (
            "an unsafe function's body",
            "unsafe fn s() -> u8 { 1 }",
            "unsafe fn s() -> u8 { 2 }",
            Body,
            Body,
        ),
        (
            "an async function's body",
            "async fn s() -> u8 { 1 }",
            "async fn s() -> u8 { 2 }",
            Body,
            Body,
        ),
        (
            "a closure in a system",
            "fn s() { let f = |x: u8| x; f(1); }",
            "fn s() { let f = |x: u8| x + 1; f(1); }",
            Body,
            Body,
        ),
        (
            "a const fn that no constant context names",
            "const fn s() -> u8 { 1 }",
            "const fn s() -> u8 { 2 }",
            Body,
            Body,
        ),
        (
            "a function inside a system",
            "fn s() { fn t() -> u8 { 1 } t(); }",
            "fn s() { fn t() -> u8 { 2 } t(); }",
            Body,
            Body,
        ),
        (
            "a constant inside a system",
            "fn s() { const N: u8 = 1; }",
            "fn s() { const N: u8 = 2; }",
            Body,
            Body,
        ),
        (
            "a use inside a system",
            "fn s() { use std::mem; }",
            "fn s() { use std::fmt; }",
            Body,
            Body,
        ),
        (
            "visibility of a struct",
            "struct A { x: u8 }",
            "pub struct A { pub(crate) x: u8 }",
            Body,
            Body,
        ),
        (
            "visibility of a function",
            "fn a() {}",
            "pub(super) fn a() {}",
            Body,
            Body,
        ),
        (
            "a test module",
            "struct A;",
            "struct A; #[cfg(test)] mod tests { struct B; #[test] fn t() {} }",
            Body,
            Body,
        ),
        (
            "a changed test",
            "#[cfg(test)] mod tests { struct B; }",
            "#[cfg(test)] mod tests { struct B(u8); }",
            Body,
            Body,
        ),
    ];
    check(rows);
}

#[test]
fn operators_that_differ_by_a_space_are_different_code() {
    assert_eq!(
        edit(
            "fn f(a: bool, b: bool) -> bool { a & &b }",
            "fn f(a: bool, b: bool) -> bool { a && b }"
        )
        .changes
        .len(),
        1
    );
    assert_eq!(
        edit("fn f(a: u8) { m!(a < -1) }", "fn f(a: u8) { m!(a <- 1) }").kind,
        Types
    );
    assert_eq!(
        edit("fn f() -> (u8,) { (1,) }", "fn f() -> (u8,) { (1) }")
            .changes
            .len(),
        1
    );
}

#[test]
fn an_edit_of_nothing_but_comments_has_no_changes() {
    let edit = edit(
        "struct A; fn s() { x(); }",
        "/* a */ struct A; // b\nfn s() {\n  // c\n  x() ; }",
    );
    assert_eq!(
        (edit.kind, edit.changes.len(), edit.functions.len()),
        (Body, 0, 0)
    );
}

#[test]
fn functions_come_and_go_as_body_edits() {
    let rows: &[Row] = &[
        (
            "a helper",
            "fn s() {}",
            "fn s() { t() } fn t() {}",
            Body,
            Body,
        ),
        (
            "a method",
            "struct A; impl A { fn a(&self) {} }",
            "struct A; impl A { fn a(&self) {} fn b(&self) {} }",
            Body,
            Body,
        ),
        (
            "an impl block of methods",
            "struct A;",
            "struct A; impl A { fn b(&self) {} }",
            Body,
            Body,
        ),
        (
            "a helper called like a field",
            "struct A { speed: f32 }",
            "struct A { speed: f32 } fn speed() {}",
            Body,
            Body,
        ),
        (
            "a plain helper's signature",
            "fn t(a: f32) {}",
            "fn t(a: f32, b: f32) {}",
            Body,
            Body,
        ),
        (
            "a plain method's signature",
            "struct A; impl A { fn t(&self) {} }",
            "struct A; impl A { fn t(&mut self) {} }",
            Body,
            Body,
        ),
        (
            "a default method's body is added",
            "trait T { fn go(&self); }",
            "trait T { fn go(&self) {} }",
            Body,
            Body,
        ),
        (
            "an extern function",
            "extern \"C\" fn s() {}",
            "extern \"C\" fn s() { x() }",
            Body,
            Body,
        ),
        (
            "reordered functions",
            "fn a() {} fn b() {}",
            "fn b() {} fn a() {}",
            Body,
            Body,
        ),
        (
            "reordered types",
            "struct A; struct B;",
            "struct B; struct A;",
            Body,
            Body,
        ),
        (
            "reordered impls",
            "struct A; struct B; impl A { fn x() {} } impl B { fn x() {} }",
            "struct A; struct B; impl B { fn x() {} } impl A { fn x() {} }",
            Body,
            Body,
        ),
        (
            "methods moved to another impl block",
            "struct A; impl A { fn x() {} fn y() {} }",
            "struct A; impl A { fn x() {} } impl A { fn y() {} }",
            Body,
            Body,
        ),
    ];
    check(rows);
}

#[test]
fn impls_of_ordinary_traits_come_and_go_as_body_edits() {
    let rows: &[Row] = &[
        (
            "Display",
            "struct A;",
            "struct A; impl std::fmt::Display for A { fn fmt(&self, f: &mut F) -> R { x() } }",
            Body,
            Body,
        ),
        (
            "the body of Display",
            "struct A; impl Display for A { fn fmt(&self) { 1 } }",
            "struct A; impl Display for A { fn fmt(&self) { 2 } }",
            Body,
            Body,
        ),
        (
            "the body of From",
            "struct A; impl From<u8> for A { fn from(x: u8) -> A { A } }",
            "struct A; impl From<u8> for A { fn from(x: u8) -> A { y(); A } }",
            Body,
            Body,
        ),
        (
            "From another type",
            "struct A; impl From<u8> for A { fn from(x: u8) -> A { A } }",
            "struct A; impl From<u8> for A { fn from(x: u8) -> A { A } } impl From<u16> for A { fn from(x: u16) -> A { A } }",
            Body,
            Body,
        ),
        (
            "Default that no plugin uses",
            "struct A;",
            "struct A; impl Default for A { fn default() -> A { A } }",
            Body,
            Body,
        ),
        (
            "the body of an operator",
            "struct A; impl Add for A { type Output = A; fn add(self, o: A) -> A { A } }",
            "struct A; impl Add for A { type Output = A; fn add(self, o: A) -> A { o } }",
            Body,
            Body,
        ),
        (
            "the body of Iterator::next",
            "struct A; impl Iterator for A { type Item = u8; fn next(&mut self) -> Option<u8> { None } }",
            "struct A; impl Iterator for A { type Item = u8; fn next(&mut self) -> Option<u8> { Some(1) } }",
            Body,
            Body,
        ),
        (
            "a command",
            "struct A; impl Command for A { fn apply(self, w: &mut World) { 1 } }",
            "struct A; impl Command for A { fn apply(self, w: &mut World) { 2 } }",
            Body,
            Body,
        ),
        (
            "serde's traits by hand",
            "struct A; impl Serialize for A { fn serialize() { 1 } }",
            "struct A; impl Serialize for A { fn serialize() { 2 } }",
            Body,
            Body,
        ),
        (
            "the crate's own trait",
            "trait T { fn go(&self); } struct A;",
            "trait T { fn go(&self); } struct A; impl T for A { fn go(&self) {} }",
            Body,
            Body,
        ),
        (
            "Hash of a type that is no label",
            "struct A; impl Hash for A { fn hash(&self) { 1 } }",
            "struct A; impl Hash for A { fn hash(&self) { 2 } }",
            Body,
            Body,
        ),
        (
            "Ord for a queue",
            "struct A; impl Ord for A { fn cmp(&self) { 1 } }",
            "struct A; impl Ord for A { fn cmp(&self) { 2 } }",
            Body,
            Body,
        ),
        (
            "an overridden default method",
            "trait T { fn go(&self) {} } struct A; impl T for A {}",
            "trait T { fn go(&self) {} } struct A; impl T for A { fn go(&self) { 1 } }",
            Body,
            Body,
        ),
        (
            "an operator with its output",
            "struct A;",
            "struct A; impl Add for A { type Output = A; fn add(self, o: A) -> A { A } }",
            Structure,
            Types,
        ),
    ];
    check(rows);
}

#[test]
fn constants_that_no_type_names_are_body_edits() {
    let rows: &[Row] = &[
        (
            "a value",
            "const V: f32 = 1.0; fn s() { V; }",
            "const V: f32 = 2.0; fn s() { V; }",
            Body,
            Body,
        ),
        (
            "a type",
            "const V: f32 = 1.0; fn s() { V; }",
            "const V: f64 = 1.0; fn s() { V; }",
            Body,
            Body,
        ),
        (
            "a new one",
            "fn s() {}",
            "const V: f32 = 2.0; fn s() { V; }",
            Body,
            Body,
        ),
        (
            "one that only a constant names that no type names",
            "const V: f32 = 1.0; const W: f32 = V * 2.0;",
            "const V: f32 = 2.0; const W: f32 = V * 2.0;",
            Body,
            Body,
        ),
        (
            "an associated one",
            "struct A; impl A { const V: f32 = 1.0; }",
            "struct A; impl A { const V: f32 = 2.0; }",
            Body,
            Body,
        ),
        (
            "a new associated one",
            "struct A; impl A {}",
            "struct A; impl A { const V: f32 = 2.0; }",
            Body,
            Body,
        ),
        (
            "a length inside a body",
            "const N: usize = 1; fn s() { let a = [0; N]; }",
            "const N: usize = 2; fn s() { let a = [0; N]; }",
            Body,
            Body,
        ),
        (
            "a static's value",
            "static V: u8 = 1;",
            "static V: u8 = 2;",
            Body,
            Body,
        ),
        (
            "a new static",
            "fn s() {}",
            "static V: u8 = 2; fn s() {}",
            Body,
            Body,
        ),
        (
            "a new static and a new constant in a body",
            "fn s() { 1; }",
            "fn s() { static V: AtomicU32 = AtomicU32::new(0); const N: u32 = 3; V.load(N); }",
            Body,
            Body,
        ),
        (
            "one in a closure, with a closure",
            "fn s() { || 1; }",
            "fn s() { || { static V: LazyLock<u8> = LazyLock::new(|| 1); 1 }; }",
            Body,
            Body,
        ),
        (
            "the value of one of two",
            "fn s() { static V: u8 = 1; } fn t() { static V: u16 = 1; }",
            "fn s() { static V: u8 = 2; } fn t() { static V: u16 = 1; }",
            Body,
            Body,
        ),
        (
            "a thread-local's value",
            "thread_local! { static V: Cell<u8> = Cell::new(1); }",
            "thread_local! { static V: Cell<u8> = Cell::new(2); }",
            Body,
            Body,
        ),
        (
            "a new thread-local",
            "thread_local! { static V: u8 = 1; }",
            "thread_local! { static V: u8 = 1; pub static W: u8 = const { 1 }; }",
            Body,
            Body,
        ),
        (
            "an assertion at compile time",
            "const N: usize = 1; fn s() {}",
            "const N: usize = 1; fn s() {} const _: () = assert!(N > 0);",
            Body,
            Body,
        ),
        (
            "one inside a system's signature that nothing registers",
            "fn t(a: [u8; N]) {} const N: usize = 1;",
            "fn t(a: [u8; N]) {} const N: usize = 2;",
            Body,
            Body,
        ),
    ];
    check(rows);
}

#[test]
fn known_macros_in_a_body_declare_nothing() {
    for invocation in [
        "println!(\"{}\", x)",
        "eprintln!()",
        "print!()",
        "write!(f, \"\")",
        "writeln!(f)",
        "dbg!(x)",
        "assert!(x)",
        "assert_eq!(x, 1)",
        "debug_assert!(x)",
        "debug_assert_ne!(x, 1)",
        "panic!()",
        "todo!()",
        "unimplemented!()",
        "unreachable!()",
        "vec![1]",
        "format!(\"\")",
        "matches!(x, 1)",
        "info!(\"a\")",
        "warn!()",
        "error!()",
        "debug!()",
        "trace!()",
        "info_once!(\"\")",
        "warn_once!()",
        "bevy::log::info!(\"a\")",
        "std::println!()",
        "tracing::warn!()",
        "include_str!(\"a\")",
        "env!(\"A\")",
        "option_env!(\"A\")",
        "concat!()",
        "stringify!()",
        "line!()",
        "file!()",
        "cfg!(x)",
        "std::write!(f, \"&'static str\")",
    ] {
        let edit = edit(
            "fn s() { a(); }",
            &format!("fn s() {{ a(); {invocation}; }}"),
        );
        assert_eq!(edit.kind, Body, "{invocation}: {edit:#?}");
    }
    let rows: &[Row] = &[
        (
            "an unknown macro as an expression",
            "fn s() { let a = odd!(1); }",
            "fn s() { let a = odd!(2); }",
            Body,
            Body,
        ),
        (
            "the crate's own macro that declares nothing",
            "macro_rules! go { ($a:expr) => { $a + 1 } } fn s() { go!(1); }",
            "macro_rules! go { ($a:expr) => { $a + 1 } } fn s() { go!(2); }",
            Body,
            Body,
        ),
    ];
    check(rows);
}
