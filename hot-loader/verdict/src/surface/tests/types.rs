//! Edits of the type surface.

use super::super::EditKind::{Structure, Types};
use super::{Row, check, edit};

/// Rows that are types edits both ways.
fn types(rows: &[(&'static str, &'static str, &'static str)]) {
    let rows: Vec<Row> = rows
        .iter()
        .map(|&(name, before, after)| (name, before, after, Types, Types))
        .collect();
    check(&rows);
}

#[test]
fn changed_definitions_are_types_edits() {
    types(&[
        (
            "a field is added",
            "struct A { x: u8 }",
            "struct A { x: u8, y: u8 }",
        ),
        (
            "a field is renamed",
            "struct A { x: u8 }",
            "struct A { y: u8 }",
        ),
        (
            "a field's type changes",
            "struct A { x: u32 }",
            "struct A { x: u64 }",
        ),
        (
            "a field's type changes at equal size",
            "struct A { x: u32 }",
            "struct A { x: f32 }",
        ),
        (
            "a field inside a tuple",
            "struct A((u8, u16));",
            "struct A((u8, u32));",
        ),
        (
            "a field inside an array",
            "struct A([u8; 4]);",
            "struct A([u16; 4]);",
        ),
        (
            "an array's length",
            "struct A([u8; 4]);",
            "struct A([u8; 5]);",
        ),
        (
            "a field inside a Vec",
            "struct A(Vec<u8>);",
            "struct A(Vec<u16>);",
        ),
        (
            "reordered fields",
            "struct A { x: u8, y: u8 }",
            "struct A { y: u8, x: u8 }",
        ),
        (
            "a unit struct becomes a tuple",
            "struct A;",
            "struct A(u8);",
        ),
        (
            "a conditional field",
            "struct A { x: u8 }",
            "struct A { #[cfg(f)] x: u8 }",
        ),
        ("a variant is added", "enum E { A }", "enum E { A, B }"),
        (
            "a variant's field",
            "enum E { A { x: u8 } }",
            "enum E { A { x: u16 } }",
        ),
        ("reordered variants", "enum E { A, B }", "enum E { B, A }"),
        ("a discriminant", "enum E { A = 1 }", "enum E { A = 2 }"),
        (
            "the default variant",
            "#[derive(Default)] enum E { #[default] A, B }",
            "#[derive(Default)] enum E { A, #[default] B }",
        ),
        ("a union", "union U { a: u8 }", "union U { a: u16 }"),
        ("generics", "struct A<T>(T);", "struct A<T: Copy>(T);"),
        (
            "a default of a generic",
            "struct A<T = u8>(T);",
            "struct A<T = u16>(T);",
        ),
        (
            "a where clause",
            "struct A<T>(T);",
            "struct A<T>(T) where T: Copy;",
        ),
        ("repr", "struct A(u8);", "#[repr(C)] struct A(u8);"),
        (
            "a derive",
            "#[derive(Component)] struct A;",
            "#[derive(Component, Clone)] struct A;",
        ),
        (
            "storage",
            "#[derive(Component)] struct A;",
            "#[derive(Component)] #[component(storage = \"SparseSet\")] struct A;",
        ),
        (
            "a required component",
            "#[derive(Component)] struct A;",
            "#[derive(Component)] #[require(Transform)] struct A;",
        ),
        (
            "a hook",
            "#[derive(Component)] struct A;",
            "#[derive(Component)] #[component(on_add = f)] struct A;",
        ),
        (
            "reflection",
            "#[derive(Reflect)] struct A;",
            "#[derive(Reflect)] #[reflect(Component)] struct A;",
        ),
        (
            "a relationship",
            "#[relationship(relationship_target = B)] struct A(E);",
            "#[relationship(relationship_target = C)] struct A(E);",
        ),
        (
            "a serde attribute",
            "struct A { x: u8 }",
            "struct A { #[serde(default)] x: u8 }",
        ),
        ("a cfg", "struct A;", "#[cfg(f)] struct A;"),
        (
            "a cfg_attr",
            "struct A;",
            "#[cfg_attr(f, derive(Component))] struct A;",
        ),
        (
            "a nested module's struct",
            "mod m { mod n { struct A(u8); } }",
            "mod m { mod n { struct A(u16); } }",
        ),
        (
            "a struct moves to another module",
            "mod m { pub struct A; } mod n {}",
            "mod m {} mod n { pub struct A; }",
        ),
        ("a struct is renamed", "struct A(u8);", "struct B(u8);"),
        (
            "one of two conditional variants",
            "#[cfg(a)] struct A(u8); #[cfg(b)] struct A(u16);",
            "#[cfg(a)] struct A(u8); #[cfg(b)] struct A(u32);",
        ),
        ("a crate attribute", "struct A;", "#![feature(x)] struct A;"),
        (
            "an unknown attribute",
            "#[odd] struct A;",
            "#[odd(1)] struct A;",
        ),
    ]);
}

#[test]
fn removed_definitions_are_types_edits() {
    let rows: &[Row] = &[
        (
            "a struct",
            "struct A; struct B;",
            "struct A;",
            Types,
            Structure,
        ),
        (
            "an enum",
            "struct A; enum B { C }",
            "struct A;",
            Types,
            Structure,
        ),
        (
            "an impl with an associated type",
            "struct A; impl Deref for A { type Target = u8; fn deref(&self) -> &u8 { 1 } }",
            "struct A;",
            Types,
            Structure,
        ),
    ];
    check(rows);
}

#[test]
fn traits_are_types() {
    types(&[
        (
            "a method before another",
            "trait T { fn a(&self); fn b(&self); }",
            "trait T { fn b(&self); fn a(&self); }",
        ),
        (
            "a method is added",
            "trait T { fn a(&self); }",
            "trait T { fn a(&self); fn b(&self); }",
        ),
        (
            "a default method is added",
            "trait T { fn a(&self); }",
            "trait T { fn a(&self); fn b(&self) {} }",
        ),
        (
            "a signature",
            "trait T { fn a(&self); }",
            "trait T { fn a(&mut self); }",
        ),
        (
            "a default method's signature",
            "trait T { fn a(&self) {} }",
            "trait T { fn a(&self, x: u8) {} }",
        ),
        (
            "a supertrait",
            "trait T { fn a(&self); }",
            "trait T: Send { fn a(&self); }",
        ),
        (
            "an associated type",
            "trait T { type A; }",
            "trait T { type A; type B; }",
        ),
        (
            "an associated constant's default",
            "trait T { const N: u8 = 1; }",
            "trait T { const N: u8 = 2; }",
        ),
        (
            "generics",
            "trait T { fn a(&self); }",
            "trait T<U> { fn a(&self); }",
        ),
        (
            "Self: Sized",
            "trait T { fn a(&self); }",
            "trait T { fn a(&self) where Self: Sized; }",
        ),
        ("unsafe", "trait T {}", "unsafe trait T {}"),
        (
            "a default body of an unsafe trait",
            "unsafe trait T { fn a(&self) { 1 } }",
            "unsafe trait T { fn a(&self) { 2 } }",
        ),
        (
            "an associated type in an impl",
            "struct A; impl Iterator for A { type Item = u8; fn next(&mut self) {} }",
            "struct A; impl Iterator for A { type Item = u16; fn next(&mut self) {} }",
        ),
        (
            "an associated constant in an impl",
            "trait T { const N: usize; } struct A; impl T for A { const N: usize = 1; }",
            "trait T { const N: usize; } struct A; impl T for A { const N: usize = 2; }",
        ),
        (
            "an associated constant's constant",
            "trait T { const N: usize; } struct A; impl T for A { const N: usize = M; } const M: usize = 1;",
            "trait T { const N: usize; } struct A; impl T for A { const N: usize = M; } const M: usize = 2;",
        ),
        (
            "a trait behind an unknown attribute",
            "#[odd] trait T { fn a(&self) { 1 } }",
            "#[odd] trait T { fn a(&self) { 2 } }",
        ),
    ]);
}

#[test]
fn bodies_that_are_contracts_are_types() {
    for (of_trait, unsafety) in [
        ("SystemParam", "unsafe "),
        ("SystemParam", ""),
        ("QueryData", ""),
        ("QueryFilter", ""),
        ("WorldQuery", "unsafe "),
        ("Bundle", "unsafe "),
        ("Component", ""),
        ("Resource", ""),
        ("Event", ""),
        ("EntityEvent", ""),
        ("Message", ""),
        ("Relationship", ""),
        ("RelationshipTarget", ""),
        ("Drop", ""),
        ("Reflect", ""),
        ("FromReflect", ""),
        ("GetTypeRegistration", ""),
        ("Typed", ""),
        ("TypePath", ""),
        ("PartialReflect", ""),
        ("MapEntities", ""),
        ("SystemSet", ""),
        ("ScheduleLabel", ""),
        ("States", ""),
        ("Clone", ""),
        ("Unheard", ""),
        ("bevy::ecs::component::Component", ""),
        ("Material", ""),
        ("Display", "unsafe "),
    ] {
        let with = |value: &str| {
            format!("struct A; {unsafety}impl {of_trait} for A {{ fn f(&self) {{ {value} }} }}")
        };
        assert_eq!(edit(&with("1"), &with("2")).kind, Types, "{of_trait}");
        assert_eq!(
            edit("struct A;", &with("1")).kind,
            Types,
            "{of_trait} added"
        );
        assert_eq!(
            edit(&with("1"), "struct A;").kind,
            Types,
            "{of_trait} removed"
        );
        let bare = format!("struct A; {unsafety}impl {of_trait} for A {{}}");
        assert_eq!(
            edit(&bare, &with("1")).kind,
            Types,
            "{of_trait} method added"
        );
    }
    types(&[
        (
            "a marker",
            "struct A;",
            "struct A; unsafe impl Send for A {}",
        ),
        ("Copy", "struct A;", "struct A; impl Copy for A {}"),
        (
            "Hash of a label",
            "#[derive(SystemSet)] struct A; impl Hash for A { fn hash(&self) { 1 } }",
            "#[derive(SystemSet)] struct A; impl Hash for A { fn hash(&self) { 2 } }",
        ),
        (
            "PartialEq of a state",
            "#[derive(States)] struct A; impl PartialEq for A { fn eq(&self) { 1 } }",
            "#[derive(States)] struct A; impl PartialEq for A { fn eq(&self) { 2 } }",
        ),
        (
            "Hash of a label by hand",
            "struct A; impl ScheduleLabel for A {} impl Hash for A { fn hash(&self) { 1 } }",
            "struct A; impl ScheduleLabel for A {} impl Hash for A { fn hash(&self) { 2 } }",
        ),
        (
            "an own trait called like an engine's",
            "trait Component { fn f(&self); } struct A; impl Component for A { fn f(&self) { 1 } }",
            "trait Component { fn f(&self); } struct A; impl Component for A { fn f(&self) { 2 } }",
        ),
        (
            "an ordinary name from an unknown crate",
            "use odd::Display; struct A; impl Display for A { fn f(&self) { 1 } }",
            "use odd::Display; struct A; impl Display for A { fn f(&self) { 2 } }",
        ),
        (
            "what a contract calls",
            "struct A; impl Drop for A { fn drop(&mut self) { h() } } fn h() { 1 }",
            "struct A; impl Drop for A { fn drop(&mut self) { h() } } fn h() { 2 }",
        ),
        (
            "what a contract names",
            "struct A; impl Component for A { fn f() { V } } const V: u8 = 1;",
            "struct A; impl Component for A { fn f() { V } } const V: u8 = 2;",
        ),
        (
            "an impl behind an unknown attribute",
            "struct A; #[odd] impl A { fn a() { 1 } }",
            "struct A; #[odd] impl A { fn a() { 2 } }",
        ),
        (
            "a function behind an unknown attribute",
            "#[odd] fn a() { 1 }",
            "#[odd] fn a() { 2 }",
        ),
        (
            "a method behind an unknown attribute",
            "struct A; impl A { #[odd] fn a() { 1 } }",
            "struct A; impl A { #[odd] fn a() { 2 } }",
        ),
    ]);
}

#[test]
fn what_the_engine_keeps_of_a_component_is_types() {
    types(&[
        (
            "a required component's default",
            "#[derive(Component)] #[require(H)] struct A; struct H; impl Default for H { fn default() -> H { 1 } }",
            "#[derive(Component)] #[require(H)] struct A; struct H; impl Default for H { fn default() -> H { 2 } }",
        ),
        (
            "a required component's nested default",
            "#[require(H)] struct A; #[derive(Default)] struct H(I); struct I; impl Default for I { fn default() -> I { 1 } }",
            "#[require(H)] struct A; #[derive(Default)] struct H(I); struct I; impl Default for I { fn default() -> I { 2 } }",
        ),
        (
            "a required component's constructor",
            "#[require(H = h())] struct A; fn h() -> H { 1 }",
            "#[require(H = h())] struct A; fn h() -> H { 2 }",
        ),
        (
            "a required component's value",
            "#[require(H(V))] struct A; const V: u8 = 1;",
            "#[require(H(V))] struct A; const V: u8 = 2;",
        ),
        (
            "a required component by another name",
            "use self::H as I; #[require(I)] struct A; struct H; impl Default for H { fn default() -> H { 1 } }",
            "use self::H as I; #[require(I)] struct A; struct H; impl Default for H { fn default() -> H { 2 } }",
        ),
        (
            "a conditionally required component",
            "#[cfg_attr(f, require(H))] struct A; struct H; impl Default for H { fn default() -> H { 1 } }",
            "#[cfg_attr(f, require(H))] struct A; struct H; impl Default for H { fn default() -> H { 2 } }",
        ),
        (
            "a hook that is a method",
            "#[component(on_add)] struct A; impl A { fn on_add(w: DeferredWorld, c: C) { 1 } }",
            "#[component(on_add)] struct A; impl A { fn on_add(w: DeferredWorld, c: C) { 2 } }",
        ),
        (
            "a hook",
            "#[component(on_add = f)] struct A; fn f(w: DeferredWorld, c: C) { 1 }",
            "#[component(on_add = f)] struct A; fn f(w: DeferredWorld, c: C) { 2 }",
        ),
    ]);
}

#[test]
fn constants_that_types_name_are_types() {
    for (item, constant) in [
        ("struct A([u8; N]);", "const N: usize = §;"),
        ("struct A(B<N>);", "const N: usize = §;"),
        ("struct A(B<{ N + 1 }>);", "const N: usize = §;"),
        ("enum E { A = N }", "const N: isize = §;"),
        (
            "struct A([u8; M]); const M: usize = N * 2;",
            "const N: usize = §;",
        ),
        ("struct A([u8; n()]);", "const fn n() -> usize { § }"),
        (
            "struct A([u8; n()]); const fn n() -> usize { m() }",
            "const fn m() -> usize { § }",
        ),
        (
            "struct A([u8; n()]); const fn n() -> usize { N }",
            "const N: usize = §;",
        ),
        ("struct A([u8; A::N]);", "impl A { const N: usize = §; }"),
        ("struct A([u8; Self::N]);", "impl A { const N: usize = §; }"),
        (
            "struct A([u8; A::n()]);",
            "impl A { const fn n() -> usize { § } }",
        ),
        ("struct A([u8; m::N]);", "mod m { pub const N: usize = §; }"),
        (
            "use m::N; struct A([u8; N]);",
            "mod m { pub const N: usize = §; }",
        ),
        (
            "use m::N as M; struct A([u8; M]);",
            "mod m { pub const N: usize = §; }",
        ),
        (
            "use m::*; struct A([u8; N]);",
            "mod m { pub const N: usize = §; }",
        ),
        (
            "mod k { use super::*; struct A([u8; N]); }",
            "const N: usize = §;",
        ),
        ("mod k { struct A([u8; super::N]); }", "const N: usize = §;"),
        ("mod k { struct A([u8; crate::N]); }", "const N: usize = §;"),
        ("struct A(B); type B = [u8; N];", "const N: usize = §;"),
        ("struct A(B); type B = [u8; §];", ""),
        ("fn s() { struct L([u8; N]); }", "const N: usize = §;"),
        ("fn s() { const M: usize = §; struct L([u8; M]); }", ""),
        ("odd!(N);", "const N: usize = §;"),
        (
            "macro_rules! odd { () => { struct A([u8; N]); } }",
            "const N: usize = §;",
        ),
        (
            "mod k { odd!(); } macro_rules! odd { () => { struct A([u8; N]); } }",
            "mod m { const N: usize = §; }",
        ),
        ("struct A([u8; N.len()]);", "const N: &str = \"§\";"),
        ("struct A([u8; W.0]);", "static W: (usize, u8) = (§, 1);"),
        ("#[odd(N)] struct A;", "const N: usize = §;"),
        ("const _: () = { struct A([u8; §]); };", ""),
        (
            "fn s() { use m::{N}; struct L([u8; N]); }",
            "mod m { pub const N: usize = §; }",
        ),
        (
            "struct A([u8; bevy_size::N]);",
            "mod bevy_size { pub const N: usize = §; }",
        ),
    ] {
        let with = |value: &str| format!("{item} {constant}").replace('§', value);
        let edit = edit(&with("1"), &with("2"));
        assert_eq!(edit.kind, Types, "{item} {constant}: {edit:#?}");
    }
}

#[test]
fn items_inside_bodies_are_types() {
    types(&[
        (
            "a struct",
            "fn s() { struct L(u8); }",
            "fn s() { struct L(u16); }",
        ),
        (
            "an enum",
            "fn s() { enum L { A } }",
            "fn s() { enum L { A, B } }",
        ),
        (
            "a union",
            "fn s() { union L { a: u8 } }",
            "fn s() { union L { a: u16 } }",
        ),
        (
            "an impl",
            "struct A; fn s() { }",
            "struct A; fn s() { impl Drop for A { fn drop(&mut self) {} } }",
        ),
        (
            "a trait",
            "fn s() { trait T { fn a(&self); } }",
            "fn s() { trait T { fn a(&self); fn b(&self); } }",
        ),
        (
            "a static",
            "fn s() { static V: u8 = 1; }",
            "fn s() { static V: u16 = 1; }",
        ),
        (
            "a static that a local type names",
            "fn s() { static V: usize = 1; struct L([u8; V]); }",
            "fn s() { static V: usize = 2; struct L([u8; V]); }",
        ),
        (
            "a static where the linker is told to put it",
            "fn s() {}",
            "fn s() { #[unsafe(link_section = \"odd\")] static V: usize = 2; }",
        ),
        (
            "a macro",
            "fn s() { macro_rules! m { () => { 1 } } }",
            "fn s() { macro_rules! m { () => { 2 } } }",
        ),
        (
            "an alias that a local type names",
            "fn s() { type T = u8; struct L(T); }",
            "fn s() { type T = u16; struct L(T); }",
        ),
        (
            "a use beside a local type",
            "fn s() { use a::T; struct L(T); }",
            "fn s() { use b::T; struct L(T); }",
        ),
        (
            "two of one name, exchanged",
            "fn s() { { struct L(u8); } { struct L(u16); } }",
            "fn s() { { struct L(u16); } { struct L(u8); } }",
        ),
        (
            "one in a block of an if",
            "fn s() { if x { struct L(u8); } }",
            "fn s() { if x { struct L(u16); } }",
        ),
        (
            "one in a function inside",
            "fn s() { fn t() { struct L(u8); } }",
            "fn s() { fn t() { struct L(u16); } }",
        ),
        (
            "one in a closure",
            "fn s() { let f = || { struct L(u8); }; }",
            "fn s() { let f = || { struct L(u16); }; }",
        ),
        (
            "a closure before one with a struct",
            "fn s() { let f = || { struct L; }; }",
            "fn s() { let g = || 1; let f = || { struct L; }; }",
        ),
        (
            "a closure before a struct in an async block",
            "async fn s() { struct L; }",
            "async fn s() { || 1; struct L; }",
        ),
        (
            "a method's struct",
            "struct A; impl A { fn s() { struct L(u8); } }",
            "struct A; impl A { fn s() { struct L(u16); } }",
        ),
        (
            "a default method's struct",
            "trait T { fn s() { struct L(u8); } }",
            "trait T { fn s() { struct L(u16); } }",
        ),
        (
            "an unknown macro as a statement",
            "fn s() { odd!(1); }",
            "fn s() { odd!(2); }",
        ),
        (
            "an unknown macro with braces",
            "fn s() { odd! { 1 } }",
            "fn s() { odd! { 2 } }",
        ),
        (
            "an unknown macro at the end",
            "fn s() { odd!(1) }",
            "fn s() { odd!(2) }",
        ),
        (
            "an unknown macro's path",
            "fn s() { info!(1); }",
            "fn s() { odd::info!(1); }",
        ),
        (
            "a known name from an unknown crate",
            "use odd::info; fn s() { info!(1); }",
            "use odd::info; fn s() { info!(2); }",
        ),
        (
            "a struct in an expression macro",
            "fn s() { let a = odd!({ struct L(u8); }); }",
            "fn s() { let a = odd!({ struct L(u16); }); }",
        ),
        (
            "a struct in a known macro",
            "fn s() { println!(\"{}\", { struct L(u8); 1 }); }",
            "fn s() { println!(\"{}\", { struct L(u16); 1 }); }",
        ),
        (
            "the crate's own macro that declares",
            "macro_rules! m { ($a:ty) => { struct L($a); } } fn s() { m!(u8); }",
            "macro_rules! m { ($a:ty) => { struct L($a); } } fn s() { m!(u16); }",
        ),
        (
            "the crate's own macro that calls another",
            "macro_rules! m { ($a:ty) => { odd!($a) } } fn s() { m!(u8); }",
            "macro_rules! m { ($a:ty) => { odd!($a) } } fn s() { m!(u16); }",
        ),
        (
            "an item for the crate's own macro",
            "macro_rules! m { ($($a:tt)*) => { $($a)* } } fn s() { m!(struct L(u8);); }",
            "macro_rules! m { ($($a:tt)*) => { $($a)* } } fn s() { m!(struct L(u16);); }",
        ),
        (
            "a macro of the body's own with a harmless name",
            "fn s() { macro_rules! info { ($a:ty) => { struct L($a); } } info!(u8); }",
            "fn s() { macro_rules! info { ($a:ty) => { struct L($a); } } info!(u16); }",
        ),
        (
            "a harmless name where another crate's macros are imported",
            "#[macro_use] extern crate odd; fn s() { info!(u8); }",
            "#[macro_use] extern crate odd; fn s() { info!(u16); }",
        ),
        (
            "a struct in a static's value",
            "static V: u8 = { struct L(u8); 1 };",
            "static V: u8 = { struct L(u16); 1 };",
        ),
    ]);
}

#[test]
fn the_order_of_impls_is_type_surface_where_a_method_declares_items() {
    let with = |before: &str, item: &str| {
        format!(
            "struct A; struct B; trait Go {{ fn go(&self); }} {before} impl Go for B {{ fn go(&self) {{ {item} }} }}"
        )
    };
    for before in [
        "impl Go for A { fn go(&self) {} }",
        "impl A {}",
        "#[derive(Debug)] struct C;",
        "odd!();",
    ] {
        let inserted = edit(&with("", "struct L;"), &with(before, "struct L;"));
        assert_eq!(inserted.kind, Types, "{before}: {inserted:#?}");
        assert_eq!(
            edit(&with(before, "struct L;"), &with("", "struct L;")).kind,
            Types,
            "{before} removed"
        );
    }
    let inserted = edit(
        &with("", "1;"),
        &with("impl Go for A { fn go(&self) {} }", "1;"),
    );
    assert!(inserted.kind < Structure, "{inserted:#?}");
    let unnumbered = edit(
        &with("", "struct L;"),
        &with("#[allow(dead_code)] fn x() {}", "struct L;"),
    );
    assert!(unnumbered.kind < Structure, "{unnumbered:#?}");
}

#[test]
fn macros_and_unknown_items_are_types() {
    types(&[
        (
            "a macro's definition",
            "macro_rules! m { () => { 1 } }",
            "macro_rules! m { () => { 2 } }",
        ),
        (
            "a new macro",
            "struct A;",
            "struct A; macro_rules! m { () => { 2 } }",
        ),
        ("an invocation", "odd!(1);", "odd!(2);"),
        ("a new invocation", "struct A;", "struct A; odd!();"),
        (
            "bitflags",
            "bitflags! { struct F: u8 { const A = 1; } }",
            "bitflags! { struct F: u16 { const A = 1; } }",
        ),
        (
            "another crate's export!",
            "odd::export!(1);",
            "odd::export!(2);",
        ),
        (
            "an export! of the crate's own",
            "macro_rules! export { () => {} } export!(1);",
            "macro_rules! export { () => {} } export!(2);",
        ),
        (
            "an extern crate",
            "struct A;",
            "extern crate odd; struct A;",
        ),
        (
            "an extern block",
            "extern \"C\" { fn f(); }",
            "extern \"C\" { fn f(x: u8); }",
        ),
        ("a static's type", "static V: u8 = 1;", "static V: u16 = 1;"),
        (
            "a thread-local's type",
            "thread_local! { static V: u8 = 1; }",
            "thread_local! { static V: u16 = 1; }",
        ),
        (
            "a thread_local! that is not understood",
            "thread_local! { odd V = 1 }",
            "thread_local! { odd V = 2 }",
        ),
        (
            "the line of a type that depends on it",
            "struct A([u8; line!() as usize]);",
            "\nstruct A([u8; line!() as usize]);",
        ),
        ("no_mangle", "fn a() {}", "#[unsafe(no_mangle)] fn a() {}"),
        (
            "global assembly",
            "std::arch::global_asm!(\"nop\");",
            "std::arch::global_asm!(\"\");",
        ),
        ("a module's attribute", "mod m {}", "#[cfg(f)] mod m {}"),
        (
            "a module's inner attribute",
            "mod m {}",
            "mod m { #![cfg(f)] }",
        ),
    ]);
}
