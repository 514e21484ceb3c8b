//! Edits of the registration surface.

use super::super::EditKind::{Body, Structure, Types};
use super::{Row, beside, check, edit, plugin};

#[test]
fn what_build_says_is_registration() {
    for (behaviour, before, after) in [
        (
            "a system is added",
            "app.add_systems(Update, a);",
            "app.add_systems(Update, (a, b));",
        ),
        (
            "the order changes",
            "app.add_systems(Update, (a, b));",
            "app.add_systems(Update, (a, b).chain());",
        ),
        (
            "the schedule changes",
            "app.add_systems(Update, a);",
            "app.add_systems(FixedUpdate, a);",
        ),
        (
            "a condition is added",
            "app.add_systems(Update, a);",
            "app.add_systems(Update, a.run_if(c));",
        ),
        (
            "a closure changes",
            "app.add_systems(Update, || { 1; });",
            "app.add_systems(Update, || { 2; });",
        ),
        ("an observer is added", "", "app.add_observer(a);"),
        (
            "a value changes",
            "app.insert_resource(R(1));",
            "app.insert_resource(R(2));",
        ),
        ("a message is added", "", "app.add_message::<M>();"),
        ("a state is added", "", "app.init_state::<S>();"),
    ] {
        let more = "fn a() {} fn b() {} fn c() -> bool { true }";
        let edit = |before, after| edit(&plugin(before, more), &plugin(after, more)).kind;
        assert_eq!(
            (edit(before, after), edit(after, before)),
            (Structure, Structure),
            "{behaviour}"
        );
    }
}

#[test]
fn signatures_that_the_engine_may_know_are_registration() {
    let system = "app.add_systems(Update, (s, t));";
    assert_eq!(
        beside(system, "fn s(a: Res<A>) {}", "fn s(a: ResMut<A>) {}"),
        Structure
    );
    assert_eq!(
        beside(system, "fn s() {}", "fn s(mut n: Local<u8>) {}"),
        Structure
    );
    assert_eq!(
        beside(system, "fn s() {}", "#[cfg(feature = \"x\")] fn s() {}"),
        Structure
    );
    assert_eq!(
        beside(
            system,
            "fn s(a: Local<[u8; N]>) {} const N: usize = 1;",
            "fn s(a: Local<[u8; N]>) {} const N: usize = 2;"
        ),
        Structure
    );
    assert_eq!(
        beside(
            system,
            "fn s(a: Local<[u8; n()]>) {} const fn n() -> usize { 1 }",
            "fn s(a: Local<[u8; n()]>) {} const fn n() -> usize { 2 }"
        ),
        Structure
    );
    assert_eq!(
        beside(
            system,
            "fn s(q: Ships) {} type Ships<'a> = Query<&'a A>;",
            "fn s(q: Ships) {} type Ships<'a> = Query<&'a B>;"
        ),
        Structure
    );
    assert_eq!(
        beside(
            system,
            "fn s(t: Res<Time>) {}",
            "use other::Time; fn s(t: Res<Time>) {}"
        ),
        Structure
    );
    assert_eq!(
        beside("", "fn helper(a: u8) {}", "fn helper(a: u16) {}"),
        Body
    );
    assert_eq!(
        beside(
            "",
            "fn maybe_a_one_shot(a: Res<A>) {}",
            "fn maybe_a_one_shot(a: Res<B>) {}"
        ),
        Structure
    );
    assert_eq!(
        beside(
            "",
            "fn f() -> impl Fn() { || 1 }",
            "fn f() -> impl FnMut() { || 1 }"
        ),
        Structure
    );
    assert_eq!(
        beside(
            "",
            "fn f(a: u8) -> impl Fn() + use<> { || 1 }",
            "fn f(a: u16) -> impl Fn() + use<> { || 1 }"
        ),
        Structure
    );
    assert_eq!(
        beside(
            "",
            "use odd::Bundle; fn f(a: u8) -> impl Bundle { || 1 }",
            "use odd::Bundle; fn f(a: u16) -> impl Bundle { || 1 }"
        ),
        Structure
    );
    assert_eq!(
        beside("", "async fn f(a: u8) {}", "async fn f(a: u16) {}"),
        Structure
    );
    assert_eq!(beside("", "fn f() {}", "async fn f() {}"), Structure);
}

#[test]
fn new_types_are_registration() {
    let rows: &[Row] = &[
        (
            "a component",
            "struct A;",
            "struct A; #[derive(Component)] struct B { x: u8 }",
            Structure,
            Types,
        ),
        (
            "an enum",
            "struct A;",
            "struct A; enum B { C }",
            Structure,
            Types,
        ),
        (
            "a union",
            "struct A;",
            "struct A; union B { x: u8 }",
            Structure,
            Types,
        ),
        (
            "a new type with its own contract",
            "struct A;",
            "struct A; struct B; impl Component for B { const S: u8 = 1; fn on_add() {} } impl Drop for B { fn drop(&mut self) {} }",
            Structure,
            Types,
        ),
        (
            "a new type with a constant of its own",
            "struct A;",
            "struct A; const N: usize = 1; struct B([u8; N]);",
            Structure,
            Types,
        ),
        (
            "a new type over an old constant",
            "const N: usize = 1;",
            "const N: usize = 1; struct B([u8; N]);",
            Structure,
            Types,
        ),
        (
            "a new type with a const fn of its own",
            "struct A;",
            "struct A; const fn n() -> usize { 1 } struct B([u8; n()]);",
            Structure,
            Types,
        ),
        (
            "a new function with a type inside",
            "fn s() {}",
            "fn s() {} fn t() { struct L; }",
            Structure,
            Types,
        ),
        (
            "an enum whose variant is called like a type",
            "struct B; enum E { X(B) }",
            "struct B; enum E { X(B) } struct X;",
            Structure,
            Types,
        ),
        (
            "a trait",
            "struct A;",
            "struct A; trait T { fn go(&self); }",
            Body,
            Types,
        ),
        ("an alias", "struct A;", "struct A; type B = A;", Body, Body),
    ];
    check(rows);
}
