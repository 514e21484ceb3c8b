//! Rows that were written against the verdict that asks the compiler: where a name, a type
//! that no item shows, or a function that is only named might slip through.
//!
//! Must not repeat rows of the other tables.

use super::Kind::{Body, Structure, Types};
use super::{Alarm, Row, alarms, case, check, edits, misses, rows, wired};

#[test]
fn what_might_slip_through_is_of_its_kind() {
    let mut cases = [alarms(ALARMS), rows(FOUND), misses(MISSES)].concat();
    for &(behaviour, source, kind, undo) in ROWS {
        let edits = edits(&wired(source)).into_iter();
        let rows = edits.map(|(before, after)| (behaviour.to_owned(), before, after, kind, undo));
        cases.extend(rows.map(case));
    }
    check(&cases);
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("what Drop calls while build runs", "let guard = Guard; ⟶ struct Guard; impl Drop for Guard { fn drop(&mut self) { finish(); } } fn finish() -> u8 { § }", Types, Types),
    ("a blanket Into", "let w: W = 1u8.make(); ⟶ trait Make<T> { fn make(self) -> T; } impl<T: From<u8>> Make<T> for u8 { fn make(self) -> T { T::from(self) } } struct W(u8); impl From<u8> for W { fn from(x: u8) -> W { W(§) } }", Structure, Structure),
    ("a derive added to a type in a body", "fn f() { ‹¦#[derive(Clone)] ›struct L(u8); use_it(&L(1)); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a trait's constant by a macro", "trait T { const N: u8; } macro_rules! n { ($t:ident, $v:expr) => { impl T for $t { const N: u8 = $v; } } } struct A; n!(A, V); const V: u8 = §;", Types, Types),
    ("a contract's constant behind a function", "struct A; const fn v() -> StorageType { if N > 1 { StorageType::Table } else { StorageType::SparseSet } } const N: u8 = §; impl Component for A { const STORAGE_TYPE: StorageType = v(); type Mutability = Mutable; }", Types, Types),
    ("a contract's constant behind a trait's constant", "trait Has { const N: u8; } struct B; impl Has for B { const N: u8 = §; } struct A; impl Component for A { const STORAGE_TYPE: StorageType = if B::N > 1 { StorageType::Table } else { StorageType::SparseSet }; type Mutability = Mutable; }", Types, Types),
    ("a contract's type behind a trait's type", "trait Has { type N; } struct B; impl Has for B { type N = ‹Mutable¦Immutable›; } struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = <B as Has>::N; }", Types, Types),
    ("a contract's type behind an alias", "type N = ‹Mutable¦Immutable›; struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = N; }", Types, Types),
    ("a contract's type in another module's alias", "mod m { pub type N = bevy::ecs::‹Mutable¦Immutable›; } use m::N; struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = N; }", Types, Types),
    ("a contract's type through a macro", "macro_rules! n { () => { ‹Mutable¦Immutable› } } struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = n!(); }", Types, Types),
    ("a blanket impl of a contract", "trait Mark {} struct A; ‹¦impl Mark for A {} ›impl<T: Mark + Send + Sync + 'static> Component for W<T> { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable; } struct W<T>(T);", Body, Body),
    ("a blanket Drop-like marker", "trait Mark { const N: u8 = 1; } struct A; impl Mark for A {‹¦ const N: u8 = 2;› } ", Types, Types),
    ("an associated constant overridden that Component takes", "trait Mark { const S: u8 = 1; } struct A; impl Mark for A {‹¦ const S: u8 = 2;› } impl Component for A { const STORAGE_TYPE: StorageType = if A::S > 1 { StorageType::Table } else { StorageType::SparseSet }; type Mutability = Mutable; }", Types, Types),
    ("a plain associated constant that Component takes", "struct A; impl A { const S: u8 = §; } impl Component for A { const STORAGE_TYPE: StorageType = if A::S > 1 { StorageType::Table } else { StorageType::SparseSet }; type Mutability = Mutable; }", Types, Types),
    ("a constant in another module that a derive takes", "#[derive(Component)] #[require(Hull(m::V))] struct A; mod m { pub const V: u8 = §; }", Types, Types),
    ("a constant in a nested module's impl that a derive takes", "#[derive(Component)] #[require(Hull(Ship::V))] struct A; mod far { pub mod away { impl super::super::Ship { pub const V: u8 = §; } } }", Types, Types),
    ("a constant of an impl in another module that a contract takes", "struct A; impl Component for A { const STORAGE_TYPE: StorageType = if A::S > 1 { StorageType::Table } else { StorageType::SparseSet }; type Mutability = Mutable; } mod far { pub mod away { impl super::super::A { pub const S: u8 = §; } } }", Types, Types),
    ("a trait impl in a nested module that build calls", "Ship(1).wire(); ⟶ trait Wire { fn wire(&self) -> u8; } mod far { pub mod away { impl super::super::Wire for super::super::Ship { fn wire(&self) -> u8 { § } } } }", Structure, Structure),
    ("a default in a nested module", "app.init_resource::<W>(); ⟶ #[derive(Resource)] struct W(u8); mod far { pub mod away { impl Default for super::super::W { fn default() -> Self { Self(§) } } } }", Structure, Structure),
    ("a plugin method on App in a nested module", "app.wire(); ⟶ use far::away::Wire; mod far { pub mod away { use bevy::prelude::*; pub trait Wire { fn wire(&mut self); } impl Wire for App { fn wire(&mut self) { k(§); } } fn k(_: u8) {} } }", Structure, Structure),
    ("a const fn in a nested module's impl that a layout takes", "struct A([u8; Ship::n()]); mod far { pub mod away { impl super::super::Ship { pub const fn n() -> usize { § } } } }", Types, Types),
    ("a static closure", "for f in FS { f(); } ⟶ static FS: [fn() -> u8; 1] = [|| inner()]; fn inner() -> u8 { § }", Structure, Structure),
    ("an iterator adaptor of the crate's own", "for x in [1u8].iter().twice() { app.insert_resource(R(x)); } ⟶ trait Twice: Iterator + Sized { fn twice(self) -> Tw<Self> { Tw(self) } } impl<I: Iterator> Twice for I {} struct Tw<I>(I); impl<'a, I: Iterator<Item = &'a u8>> Iterator for Tw<I> { type Item = u8; fn next(&mut self) -> Option<u8> { self.0.next().map(|x| x * §) } }", Structure, Structure),
    ("a dyn trait from a function that another crate makes", "let p: Box<dyn Fn() -> u8> = Box::new(h); p(); ⟶ fn h() -> u8 { § }", Structure, Structure),
    ("a system that is a condition and is called", "if c2() { app.add_systems(Update, a); } ⟶ fn c2() -> bool { ‹true¦false› }", Structure, Structure),
    ("write! to a type of the crate's own", "use std::fmt::Write; let mut o = Out(0); write!(o, \"x\").unwrap(); app.insert_resource(R(o.0)); ⟶ struct Out(u8); impl std::fmt::Write for Out { fn write_str(&mut self, _: &str) -> std::fmt::Result { self.0 = §; Ok(()) } }", Structure, Structure),
    ("a sort by the crate's own order", "let mut v = vec![K(2), K(1)]; v.sort(); app.insert_resource(R(v[0].0)); ⟶ #[derive(PartialEq, Eq)] struct K(u8); impl PartialOrd for K { fn partial_cmp(&self, o: &K) -> Option<std::cmp::Ordering> { Some(self.cmp(o)) } } impl Ord for K { fn cmp(&self, o: &K) -> std::cmp::Ordering { std::cmp::Ordering::‹Less¦Greater› } }", Structure, Structure),
    ("another field order of a sort key", "let mut v = names(); v.sort_by_key(key); ⟶ fn names() -> Vec<u8> { vec![1] } fn key(x: &u8) -> u8 { § }", Structure, Structure),
    ("Drop added by a macro to a macro's type", "macro_rules! made { ($n:ident) => { pub struct $n(pub u8); } } macro_rules! free { ($n:ident) => { impl Drop for $n { fn drop(&mut self) {} } } } made!(A);‹¦ free!(A);› pub fn keep(_: &A) {}", Types, Types),
    ("Drop added to an instance", "struct W<T>(T); pub fn keep(_: &W<u8>) {}‹¦ impl<T> Drop for W<T> { fn drop(&mut self) {} }›", Types, Types),
    ("a trait's constant overridden for a macro's type", "macro_rules! made { ($n:ident) => { pub struct $n(pub u8); } } made!(A); trait T { const N: u8 = 1; } impl T for A {‹¦ const N: u8 = 2;› }", Types, Types),
    ("a blanket impl over an own generic", "W(1u8).wire(); ⟶ struct W<T>(T); trait Wire { fn wire(&self) -> u8; } impl<T> Wire for W<T> { fn wire(&self) -> u8 { § } }", Structure, Structure),
    ("a blanket impl for references", "(&P).wire(); ⟶ trait Wire { fn wire(&self) -> u8; } impl<T> Wire for &T { fn wire(&self) -> u8 { § } }", Structure, Structure),
    ("a blanket constant", "app.insert_resource(R(P::SPEED)); ⟶ trait Has { const SPEED: u8; } impl<T> Has for T { const SPEED: u8 = v(); } const fn v() -> u8 { if W > 1 { 3 } else { 4 } } const W: u8 = §;", Types, Types),
    ("a system in a nested module's impl, its signature", "app.add_systems(Update, Ship::steer); ⟶ mod far { pub mod away { use bevy::prelude::*; impl super::super::Ship { pub fn steer(q: Query<‹&super::super::A1¦&super::super::A2›>) {} } } } struct A1; struct A2;", Structure, Structure),
    ("a system of a blanket trait, its signature", "app.add_systems(Update, P::steer); ⟶ trait Steer { fn steer(q: Query<‹&A1¦&A2›>); } impl<T> Steer for T { fn steer(q: Query<‹&A1¦&A2›>) {} } struct A1; struct A2;", Types, Types),
    ("a plugin's build calls a helper that closures of a system name too", "let f = |x: u8| h(x); f(1); app.add_systems(Update, || { h(2); }); ⟶ fn h(x: u8) -> u8 { x + § }", Structure, Structure),
    ("a const closure over a static", "app.insert_resource(R(VALUE.get())); ⟶ struct Cell(u8); impl Cell { const fn get(&self) -> u8 { self.0 } } static VALUE: Cell = Cell(SEED); const SEED: u8 = §;", Structure, Structure),
    ("a discriminant that build casts", "app.insert_resource(R(E::B as u8)); ⟶ enum E { A, B = 1 + N as isize } const N: u8 = §;", Types, Types),
    ("a size that build asks for", "app.insert_resource(R(size_of::<W>() as u8)); ⟶ struct W(‹u8¦u16›);", Types, Types),
    ("a type's name that build asks for", "k(std::any::type_name::<K>()); ⟶ fn k(_: &str) {} use ‹m¦n›::K; mod m { pub struct K; } mod n { pub struct K; }", Structure, Structure),
    ("a line that build asks for", "‹¦\n›app.insert_resource(R(line!() as u8)); ⟶ ", Structure, Structure),
    ("a module's path that build asks for", "k(m::f()); ⟶ fn k(_: &str) {} mod m { pub fn f() -> &'static str { concat!(\"‹a¦b›\", module_path!()) } }", Structure, Structure),
    ("a match on a constant's bytes", "if NAME == \"a\" { app.add_systems(Update, a); } ⟶ const NAME: &str = \"‹a¦b›\";", Structure, Structure),
    ("a float's bits", "app.insert_resource(W(X)); ⟶ #[derive(Resource)] struct W(f32); const X: f32 = ‹0.1¦0.10000001›;", Structure, Structure),
    ("a long table's last entry", "app.insert_resource(W(&T)); ⟶ #[derive(Resource)] struct W(&'static [u8]); static T: [u8; 40] = { let mut t = [7; 40]; t[39] = §; t };", Structure, Structure),
    ("a table of texts", "app.insert_resource(W(&T)); ⟶ #[derive(Resource)] struct W(&'static [&'static str]); static T: [&str; 3] = [\"one\", \"two\", \"‹abc¦abd›\"];", Structure, Structure),
    ("a nested table of texts", "app.insert_resource(W(&T)); ⟶ #[derive(Resource)] struct W(&'static [&'static [&'static str]]); static T: [&[&str]; 2] = [&[\"one\"], &[\"two\", \"‹abc¦abd›\"]];", Structure, Structure),
    ("a table of functions", "app.insert_resource(W(&T)); ⟶ #[derive(Resource)] struct W(&'static [fn() -> u8]); static T: [fn() -> u8; 1] = [‹e¦f›]; fn e() -> u8 { 1 } fn f() -> u8 { 2 }", Structure, Structure),
    ("an order of two locals of one type", "let x = k(1); let y = k(2); app.insert_resource(W(‹x, y¦y, x›)); ⟶ #[derive(Resource)] struct W(u8, u8); fn k(x: u8) -> u8 { x }", Structure, Structure),
    ("two closures exchanged", "let x = ‹|| 1u8¦|| 2u8›; let y = ‹|| 2u8¦|| 1u8›; app.insert_resource(W(x(), y())); ⟶ #[derive(Resource)] struct W(u8, u8);", Structure, Structure),
    ("which of two equal closures is a system", "let x = || k(1); let y = || k(2); app.add_systems(Update, ‹x¦y›); ⟶ fn k(_: u8) {}", Structure, Structure),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("a macro's Default", "app.init_resource::<W>(); ⟶ macro_rules! made { ($t:ident, $v:expr) => { impl Default for $t { fn default() -> Self { $t($v) } } } } #[derive(Resource)] struct W(u8); made!(W, V); const V: u8 = §;", Structure, Types, Types, "what a macro makes is a contract, with all that it names"),
];

/// Called less than they are.
#[rustfmt::skip]
const FOUND: &[Row] = &[
    ("a macro's Default through a function", "app.init_resource::<W>(); ⟶ macro_rules! made { ($t:ident, $v:expr) => { impl Default for $t { fn default() -> Self { $t($v) } } } } #[derive(Resource)] struct W(u8); made!(W, v()); fn v() -> u8 { § }", Structure, Structure),
    ("a blanket impl", "self.wire(); ⟶ trait Wire { fn wire(&self) -> u8; } impl<T> Wire for T { fn wire(&self) -> u8 { § } }", Structure, Structure),
    ("a blanket impl for what has another trait", "self.wire(); ⟶ trait Has {} impl Has for P {} trait Wire { fn wire(&self) -> u8; } impl<T: Has> Wire for T { fn wire(&self) -> u8 { § } }", Structure, Structure),
    ("an impl for an alias", "Ship(1).wire(); ⟶ type Ours = Ship; trait Wire { fn wire(&self) -> u8; } impl Wire for Ours { fn wire(&self) -> u8 { § } }", Structure, Structure),
    ("an impl by an import's name", "Ship(1).wire(); ⟶ use self::Ship as Ours; trait Wire { fn wire(&self) -> u8; } impl Wire for Ours { fn wire(&self) -> u8 { § } }", Structure, Structure),
    ("Drop added by another name", "struct A(u8); use self::A as Ours;‹¦ impl Drop for Ours { fn drop(&mut self) {} }›", Types, Types),
    ("Drop added by an alias", "struct A(u8); type Ours = A;‹¦ impl Drop for Ours { fn drop(&mut self) {} }›", Types, Types),
    ("Drop added to a macro's type", "macro_rules! made { ($n:ident) => { pub struct $n(pub u8); } } made!(A);‹¦ impl Drop for A { fn drop(&mut self) {} }› pub fn keep(_: &A) {}", Types, Types),
    ("Clone added to a macro's type", "macro_rules! made { ($n:ident) => { pub struct $n(pub u8); } } made!(A);‹¦ impl Clone for A { fn clone(&self) -> A { A(1) } }› pub fn keep(_: &A) {}", Types, Types),
    ("Drop added to a type in a body", "fn f() { struct L(u8);‹¦ impl Drop for L { fn drop(&mut self) {} }› use_it(&L(1)); } fn use_it<T>(_: &T) {}", Types, Types),
    ("Clone added to a type in a body", "fn f() { struct L(u8);‹¦ impl Clone for L { fn clone(&self) -> L { L(1) } }› use_it(&L(1)); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a hook added to an impl in a body", "fn f() { struct L(u8); impl Component for L { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable;‹¦ fn on_add() -> Option<ComponentHook> { Some(h) }› } use_it(&L(1)); } fn use_it<T>(_: &T) {} fn h(w: DeferredWorld, c: HookContext) {}", Types, Types),
    ("methods of a trait in a body, exchanged", "fn f() { trait T { ‹fn a(&self) {} fn b(&self) {}¦fn b(&self) {} fn a(&self) {}› } impl T for u8 {} struct L(Box<dyn T>); use_it(&L(Box::new(1u8))); } fn use_it<T>(_: &T) {}", Types, Types),
    ("a bool function that std calls", "let on = None.unwrap_or_else(is_on); if on { app.add_systems(Update, a); } ⟶ fn is_on() -> bool { ‹true¦false› }", Structure, Structure),
    ("a function without result that std calls", "Some(()).map(|()| ()).unwrap_or_else(step); ⟶ fn step() { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a maker that takes a world", "let v: Vec<u8> = [1].iter().map(|_| app.world()).map(make).collect(); app.insert_resource(R(v[0])); ⟶ fn make(w: &World) -> u8 { § }", Structure, Structure),
    ("a maker with an argument that a system may have", "let v = Some(In(1)).map(make); app.insert_resource(R(v.unwrap())); ⟶ fn make(w: In<u8>) -> u8 { § }", Structure, Structure),
    ("Drop added in a constant to its own type", "const _: () = { struct L(u8);‹¦ impl Drop for L { fn drop(&mut self) {} }› fn keep(_: &L) {} };", Types, Types),
    ("Component added to a macro's type", "macro_rules! made { ($n:ident) => { pub struct $n(pub u8); } } made!(A);‹¦ impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable; }› pub fn keep(_: &A) {}", Types, Types),
    ("Default of an enum by a macro, through a function", "app.init_state::<K>(); ⟶ macro_rules! made { ($t:ident, $v:expr) => { impl Default for $t { fn default() -> Self { $v } } } } #[derive(States)] enum K { A1, A2 } made!(K, k()); fn k() -> K { K::A§ }", Structure, Structure),
    ("a blanket extension of what build is given", "app.wire(); ⟶ trait Wire { fn wire(&mut self) -> u8; } impl<T> Wire for T { fn wire(&mut self) -> u8 { § } }", Structure, Structure),
    ("a blanket Default", "app.init_resource::<W>(); ⟶ trait Start { fn start() -> u8; } impl<T> Start for T { fn start() -> u8 { § } } #[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { W(W::start()) } }", Structure, Structure),
    ("an impl in a nested module whose function is called from a plain one", "start(); ⟶ fn start() -> u8 { Ship(1).steps() } mod far { pub mod away { impl super::super::Ship { pub fn steps(&self) -> u8 { § } } } }", Structure, Structure),
    ("a condition maker in a nested module's impl", "app.add_systems(Update, a.run_if(Ship::after(3))); ⟶ mod far { pub mod away { impl super::super::Ship { pub fn after(x: u8) -> impl FnMut() -> bool { move || x > § } } } }", Structure, Structure),
];

#[rustfmt::skip]
const MISSES: &[Alarm] = &[
    ("a discriminant of a lone variant that build casts", "app.insert_resource(R(E::B as u8)); ⟶ enum E { B = N } const N: isize = §;", Structure, Body, Body, "the cast does not say the constant, and the type has no bytes"),
];
