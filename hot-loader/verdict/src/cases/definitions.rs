//! Edits of definitions of types: fields, attributes, what comes and goes.
//!
//! Must not hold rows about traits and impls, which have a table of their own.

use super::Kind::{Body, Structure, Types};
use super::{Alarm, Row, alarms, check, rows};

#[test]
fn edits_of_definitions_are_of_their_kind() {
    check(&[rows(ROWS), alarms(ALARMS)].concat());
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("a field is added", "struct A { x: u8‹¦, y: u8› }", Types, Types),
    ("a field is renamed", "struct A { ‹x¦y›: u8 }", Types, Types),
    ("a field's type changes", "struct A { x: ‹u32¦u64› }", Types, Types),
    ("a field's type changes at equal size", "struct A { x: ‹u32¦f32› }", Types, Types),
    ("a field inside a tuple", "struct A((u8, ‹u16¦u32›));", Types, Types),
    ("a field inside an array", "struct A([‹u8¦u16›; 4]);", Types, Types),
    ("an array's length", "struct A([u8; ‹4¦5›]);", Types, Types),
    ("a field inside a Vec", "struct A(Vec<‹u8¦u16›>);", Types, Types),
    ("reordered fields", "struct A { ‹x: u8, y: u8¦y: u8, x: u8› }", Types, Types),
    ("a unit struct becomes a tuple", "struct A‹¦(u8)›;", Types, Types),
    ("a conditional field that is not there", "struct A { x: u8‹¦, #[cfg(f)] y: u8› } fn keep(_: &A) {}", Types, Types),
    ("a variant is added", "enum E { A‹¦, B› }", Types, Types),
    ("a variant's field", "enum E { A { x: ‹u8¦u16› } }", Types, Types),
    ("reordered variants", "enum E { ‹A, B¦B, A› }", Types, Types),
    ("a discriminant", "enum E { A = ‹1¦2› }", Types, Types),
    ("the default variant", "#[derive(Default)] enum E { ‹#[default] A, B¦A, #[default] B› }", Types, Types),
    ("a union", "union U { a: ‹u8¦u16› }", Types, Types),
    ("generics", "struct A<T‹¦: Copy›>(T); fn keep(_: &A<u8>) {}", Types, Types),
    ("a default of a generic", "struct A<T = ‹u8¦u16›>(T); fn keep(_: &A<u32>) {}", Types, Types),
    ("a default of a generic that is used", "struct A<T = ‹u8¦u16›>(T); fn keep(_: &A) {}", Types, Types),
    ("a where clause", "struct A<T>(T)‹¦ where T: Copy›; fn keep(_: &A<u8>) {}", Types, Types),
    ("repr", "‹¦#[repr(C)] ›struct A(u8);", Types, Types),
    ("an alignment", "‹¦#[repr(align(8))] ›struct A(u8);", Types, Types),
    ("transparency", "‹¦#[repr(transparent)] ›struct A(u8);", Types, Types),
    ("a derive", "#[derive(Component‹¦, Clone›)] struct A;", Types, Types),
    ("a derive of Debug", "#[derive(Component‹¦, Debug›)] struct A;", Types, Types),
    ("an order of derives", "#[derive(‹Clone, Component¦Component, Clone›)] struct A;", Types, Types),
    ("another derive attribute", "‹#[derive(Clone, Component)]¦#[derive(Clone)] #[derive(Component)]› struct A;", Body, Body),
    ("storage", r#"#[derive(Component)]‹¦ #[component(storage = "SparseSet")]› struct A;"#, Types, Types),
    ("mutability", "#[derive(Component)]‹¦ #[component(immutable)]› struct A;", Types, Types),
    ("a required component", "#[derive(Component)]‹¦ #[require(Transform)]› struct A;", Types, Types),
    ("another required component", "#[derive(Component)] #[require(‹Ship¦Hull›)] struct A;", Types, Types),
    ("an order of required components", "#[derive(Component)] #[require(‹Ship, Hull¦Hull, Ship›)] struct A;", Types, Types),
    ("a hook", "#[derive(Component)]‹¦ #[component(on_add = f)]› struct A; fn f(w: DeferredWorld, c: HookContext) {}", Types, Types),
    ("a hook at another time", "#[derive(Component)] #[component(‹on_add¦on_insert› = f)] struct A; fn f(w: DeferredWorld, c: HookContext) {}", Types, Types),
    ("reflection", "#[derive(Reflect)]‹¦ #[reflect(Component)]› struct A;", Types, Types),
    ("a relationship", "#[derive(Component)] #[relationship(relationship_target = ‹B¦C›)] struct A(Entity); struct B; struct C;", Types, Types),
    ("a component becomes a resource", "#[derive(‹Component¦Resource›)] struct A(u8);", Types, Types),
    ("a plain struct becomes a component", "‹¦#[derive(Component)] ›struct A(u8);", Types, Types),
    ("a cfg that takes away", "struct A;‹¦ #[cfg(f)]› struct B(u8);", Types, Types),
    ("a cfg that does not", "struct A;‹¦ #[cfg(not(f))]› struct B(u8);", Types, Types),
    ("a cfg_attr", "‹¦#[cfg_attr(f, derive(Component))] ›struct A;", Types, Types),
    ("a nested module's struct", "mod m { pub mod n { pub struct A(‹u8¦u16›); pub fn keep(_: &A) {} } }", Types, Types),
    ("a struct moves to another module", "mod m { ‹pub struct A;¦› } mod n { ‹¦pub struct A;› }", Types, Types),
    ("a struct is renamed", "struct ‹A¦B›(u8);", Types, Types),
    ("one of two conditional variants", "#[cfg(not(f))] struct A(‹u8¦u16›); #[cfg(f)] struct A(u32); fn keep(_: &A) {}", Types, Types),
    ("the one that is not there", "#[cfg(not(f))] struct A(u8); #[cfg(f)] struct A(‹u16¦u32›); fn keep(_: &A) {}", Types, Types),
    ("a type behind a Box", "struct A(Box<B>); struct B(‹u8¦u16›);", Types, Types),
    ("a type behind an Option", "struct A(Option<B>); enum B { X‹¦, Y› }", Types, Types),
    ("a type behind a reference", "struct A(&'static B); struct B(‹u8¦u16›);", Types, Types),
    ("a type behind a function pointer", "struct A(fn(‹u8¦u16›) -> u8);", Types, Types),
    ("a type behind a trait object", "trait T { fn go(&self)‹¦; fn stop(&self)›; } struct A(Box<dyn T>);", Types, Types),
    ("the argument of a phantom", "struct A(std::marker::PhantomData<‹u8¦u16›>);", Types, Types),
    ("a map's value", "struct A(std::collections::HashMap<u8, ‹u8¦u16›>);", Types, Types),
    ("a niche", "struct A(Option<B>); struct B(‹bool¦u8›);", Types, Types),
    ("an alias of a field", "type T = ‹u8¦u16›; struct A(T);", Types, Types),
    ("an alias of a field at equal size", "type T = ‹u32¦f32›; struct A(T);", Types, Types),
    ("an alias of an alias", "type U = ‹u8¦u16›; type T = Vec<U>; struct A(T);", Types, Types),
    ("an associated type of a field", "trait Has { type T; } struct B; impl Has for B { type T = ‹u8¦u16›; } struct A(<B as Has>::T);", Types, Types),
    ("a generic of a newtype", "struct W<T>(T); struct A(W<‹u8¦u16›>);", Types, Types),
    ("a const generic", "struct W<const N: usize>([u8; N]); struct A(W<‹1¦2›>);", Types, Types),

    ("a struct is removed", "struct A;‹ struct B;¦›", Types, Structure),
    ("an enum is removed", "struct A;‹ enum B { C }¦›", Types, Structure),
    ("a component is new", "struct A;‹¦ #[derive(Component)] struct B { x: u8 }›", Structure, Types),
    ("an enum is new", "struct A;‹¦ enum B { C }›", Structure, Types),
    ("a union is new", "struct A;‹¦ union B { x: u8 }›", Structure, Types),
    ("a new type with its own contract", "struct A;‹¦ struct B; impl Component for B { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable; } impl Drop for B { fn drop(&mut self) {} }›", Structure, Types),
    ("a new type with a constant of its own", "struct A;‹¦ const N: usize = 1; struct B([u8; N]);›", Structure, Types),
    ("a new type over an old constant", "const N: usize = 1;‹¦ struct B([u8; N]);›", Structure, Types),
    ("a new type with a const fn of its own", "struct A;‹¦ const fn n() -> usize { 1 } struct B([u8; n()]);›", Structure, Types),
    ("an enum whose variant is called like a new type", "struct B; enum E { X(B) }‹¦ struct X;›", Structure, Types),
    ("a trait is removed, of which no value is left", "struct A;‹ trait T { fn go(&self); }¦›", Body, Body),
    ("an alias", "struct A;‹¦ type B = A;›", Body, Body),
    ("a type and an alias of the same name elsewhere", "struct A(u8); mod m {‹¦ pub type A = u16;› }", Body, Body),

    ("a doc comment on a struct", "‹struct A { x: u32 }¦/// Doc\nstruct A { /** d */ x: u32 }›", Body, Body),
    ("an inner doc comment", "‹¦//! Doc\n›struct A;", Body, Body),
    ("whitespace in a struct", "‹struct A { x: u32, y: u8 }¦struct A {\n  x : u32,\n y:u8,\n}›", Body, Body),
    ("a trailing comma in generics", "struct A<T, U‹¦,›>(T, U‹¦,›); fn keep(_: &A<u8, u16>) {}", Body, Body),
    ("a lint", "‹¦#[allow(dead_code)] ›struct A;", Body, Body),
    ("visibility of a struct", "‹¦pub ›struct A { x: u8 }", Body, Body),
    ("reordered types", "‹struct A; struct B;¦struct B; struct A;› fn keep(_: &A, _: &B) {}", Body, Body),
    ("documentation, and a new type", "‹struct S;¦/// Docs.\nstruct S; #[doc = \"x\"] struct T;›", Structure, Types),
    ("a field is called by another name in a pattern", "struct A { x: u8 } fn f(a: A) -> u8 { let A { x‹¦: y› } = a; ‹x¦y› }", Body, Body),
    ("a renamed lifetime", "struct A<'‹a¦b›>(&'‹a¦b› u8); fn keep(_: &A) {}", Types, Types),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("nested generics closed apart", "struct A(Vec<Vec<u8‹>>¦> >›);", Body, Types, Types, "tokens are compared with what joins them"),
    ("visibility of a field", "struct A { ‹¦pub(crate) ›x: u8 }", Body, Types, Types, "a field's visibility is in its type's tokens"),
];
