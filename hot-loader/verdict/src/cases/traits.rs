//! Edits of traits and impls: which of them the engine relies on, and which are code.
//!
//! Must not hold rows about what a plugin registers.

use super::Kind::{Body, Types};
use super::{Alarm, Row, alarms, check, rows};

#[test]
fn edits_of_traits_and_impls_are_of_their_kind() {
    check(&[rows(ROWS), alarms(ALARMS), rows(FOUND)].concat());
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("methods are exchanged", "trait T { ‹fn a(&self); fn b(&self);¦fn b(&self); fn a(&self);› }", Types, Types),
    ("a method is added", "trait T { fn a(&self);‹¦ fn b(&self);› }", Types, Types),
    ("a default method is added", "trait T { fn a(&self);‹¦ fn b(&self) {}› }", Types, Types),
    ("a signature", "trait T { fn a(&‹¦mut ›self); }", Types, Types),
    ("a default method's signature", "trait T { fn a(&self‹¦, x: u8›) {} }", Types, Types),
    ("a supertrait", "trait T‹¦: Send› { fn a(&self); }", Types, Types),
    ("an associated type", "trait T { type A;‹¦ type B;› }", Types, Types),
    ("an associated constant's default", "trait T { const N: u8 = ‹1¦2›; }", Types, Types),
    ("generics", "trait T‹¦<U>› { fn a(&self); }", Types, Types),
    ("Self: Sized", "trait T { fn a(&self)‹¦ where Self: Sized›; }", Types, Types),
    ("unsafe", "‹¦unsafe ›trait T {}", Types, Types),
    ("a default body of an unsafe trait", "unsafe trait T { fn a(&self) -> u8 { ‹1¦2› } }", Types, Types),
    ("an associated type in an impl", "struct A; impl Iterator for A { type Item = ‹u8¦u16›; fn next(&mut self) -> Option<‹u8¦u16›> { None } }", Types, Types),
    ("an associated constant in an impl", "trait T { const N: usize; } struct A; impl T for A { const N: usize = ‹1¦2›; }", Types, Types),
    ("an associated constant's constant", "trait T { const N: usize; } struct A; impl T for A { const N: usize = M; } const M: usize = ‹1¦2›;", Types, Types),
    ("an associated constant's function", "trait T { const N: usize; } struct A; impl T for A { const N: usize = n(); } const fn n() -> usize { ‹1¦2› }", Types, Types),
    ("an associated constant's macro", "macro_rules! n { () => { ‹1¦2› } } trait T { const N: usize; } struct A; impl T for A { const N: usize = n!(); }", Types, Types),
    ("an associated constant of a type that has another trait's too", "trait T { const N: usize; } trait U { const N: usize; } struct A; impl T for A { const N: usize = 1; } impl U for A { const N: usize = ‹1¦2›; }", Types, Types),

    ("Drop by hand, edited", "struct A; impl Drop for A { fn drop(&mut self) { ‹¦f();› } } fn f() {}", Types, Types),
    ("Drop by hand, added", "struct A;‹¦ impl Drop for A { fn drop(&mut self) {} }›", Types, Types),
    ("Clone by hand, edited", "struct A(u8); impl Clone for A { fn clone(&self) -> A { A(§) } }", Types, Types),
    ("Clone by hand, added", "struct A(u8);‹¦ impl Clone for A { fn clone(&self) -> A { A(1) } }›", Types, Types),
    ("Clone's other method, added", "struct A(u8); impl Clone for A { fn clone(&self) -> A { A(1) }‹¦ fn clone_from(&mut self, _: &A) {}› }", Types, Types),
    ("Component by hand, its storage", "struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::‹Table¦SparseSet›; type Mutability = Mutable; }", Types, Types),
    ("Component by hand, its mutability", "struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = ‹Mutable¦Immutable›; }", Types, Types),
    ("Component by hand, its storage by a constant", "struct A; const STORE: StorageType = StorageType::‹Table¦SparseSet›; impl Component for A { const STORAGE_TYPE: StorageType = STORE; type Mutability = Mutable; }", Types, Types),
    ("Component by hand, a hook", "struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable;‹¦ fn on_add() -> Option<ComponentHook> { None }› }", Types, Types),
    ("Component by hand, another hook", "struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable; fn on_add() -> Option<ComponentHook> { Some(‹f¦g›) } } fn f(w: DeferredWorld, c: HookContext) {} fn g(w: DeferredWorld, c: HookContext) {}", Types, Types),
    ("Component by hand, what is required", "struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable; fn register_required_components(r: &mut RequiredComponents) { r.register_required::<‹Ship¦Hull›>(Default::default); } }", Types, Types),
    ("Component by its path", "struct A; impl bevy::ecs::Component for A { const STORAGE_TYPE: StorageType = StorageType::‹Table¦SparseSet›; type Mutability = Mutable; }", Types, Types),
    ("Component, added", "struct A;‹¦ impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable; }›", Types, Types),
    ("Resource, added", "struct A;‹¦ impl Resource for A {}›", Types, Types),
    ("Event by hand, its trigger", "struct A; impl Event for A { type Trigger = ‹GlobalTrigger¦u8›; }", Types, Types),
    ("Message, added", "struct A;‹¦ impl Message for A {}›", Types, Types),
    ("Bundle, added", "struct A;‹¦ impl Bundle for A {}›", Types, Types),
    ("States by hand, its depth", "struct A; impl States for A { const DEPENDENCY_DEPTH: usize = ‹1¦2›; }", Types, Types),
    ("SystemSet by hand", "struct A; impl SystemSet for A { fn is_anonymous(&self) -> bool { ‹true¦false› } }", Types, Types),
    ("ScheduleLabel, added", "struct A;‹¦ impl ScheduleLabel for A {}›", Types, Types),
    ("Reflect by hand", "struct A; impl Reflect for A { fn type_data() -> &'static [&'static str] { &[‹¦\"x\"›] } }", Types, Types),
    ("FromReflect", "struct A(u8); impl FromReflect for A { fn from_reflect(_: &dyn std::any::Any) -> Option<A> { Some(A(§)) } }", Types, Types),
    ("MapEntities", "struct A(Entity); impl MapEntities for A { fn map_entities(&mut self) { self.0 = Entity(§); } }", Types, Types),
    ("SystemParam", "struct A; unsafe impl SystemParam for A { fn init_state() -> u8 { § } }", Types, Types),
    ("SystemParam, a method added", "struct A; unsafe impl SystemParam for A {‹¦ fn init_state() -> u8 { 1 }› }", Types, Types),
    ("QueryData", "struct A; unsafe impl QueryData for A { fn width() -> u8 { § } }", Types, Types),
    ("a marker", "struct A;‹¦ unsafe impl Send for A {}›", Types, Types),
    ("Copy", "#[derive(Clone)] struct A;‹¦ impl Copy for A {}›", Types, Types),
    ("an unsafe trait of the crate's own", "unsafe trait T { fn f(&self) -> u8; } struct A; unsafe impl T for A { fn f(&self) -> u8 { § } }", Types, Types),
    ("an own trait called like an engine's", "trait Component { fn f(&self) -> u8; } struct A; impl Component for A { fn f(&self) -> u8 { § } }", Types, Types),
    ("an impl in a body", "struct A; fn f() {‹¦ impl Drop for A { fn drop(&mut self) {} }› }", Types, Types),
    ("an impl in a constant", "struct A; const _: () = {‹¦ impl Drop for A { fn drop(&mut self) {} }› };", Types, Types),
    ("an impl that a macro makes", "macro_rules! free { ($t:ident) => { impl Drop for $t { fn drop(&mut self) { ‹¦f();› } } } } struct A; free!(A); fn f() {}", Types, Types),
    ("an impl for a reference", "struct A; impl Iterator for &'static A { type Item = ‹u8¦u16›; fn next(&mut self) -> Option<‹u8¦u16›> { None } }", Types, Types),
    ("an impl for all types", "trait T { const N: u8; } impl<A> T for A { const N: u8 = §; }", Types, Types),
    ("a contract for another type", "struct A; struct B; impl Drop for ‹A¦B› { fn drop(&mut self) {} }", Types, Types),
    ("an impl with an associated type is removed", "struct A;‹ impl std::ops::Deref for A { type Target = u8; fn deref(&self) -> &u8 { &1 } }¦›", Body, Body),

    ("a method's body", "struct A; impl A { fn go(&self) -> u8 { § } }", Body, Body),
    ("a default method's body", "trait T { fn go(&self) -> u8 { § } }", Body, Body),
    ("a method of the crate's own trait", "trait T { fn go(&self) -> u8; } struct A; impl T for A { fn go(&self) -> u8 { § } }", Body, Body),
    ("a method of the crate's own trait by its path", "mod m { pub trait T { fn go(&self) -> u8; } } struct A; impl m::T for A { fn go(&self) -> u8 { § } }", Body, Body),
    ("Display", "struct A;‹¦ impl std::fmt::Display for A { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { Ok(()) } }›", Body, Body),
    ("the body of Display", "struct A; impl std::fmt::Display for A { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { ‹Ok(())¦Err(std::fmt::Error)› } }", Body, Body),
    ("the body of From", "struct A(u8); impl From<u8> for A { fn from(x: u8) -> A { A(x + §) } }", Body, Body),
    ("From another type", "struct A; impl From<u8> for A { fn from(x: u8) -> A { A } }‹¦ impl From<u16> for A { fn from(x: u16) -> A { A } }›", Body, Body),
    ("Default that no plugin uses", "struct A;‹¦ impl Default for A { fn default() -> A { A } }›", Body, Body),
    ("the body of an operator", "struct A; impl std::ops::Add for A { type Output = A; fn add(self, o: A) -> A { ‹self¦o› } }", Body, Body),
    ("the body of Iterator::next", "struct A; impl Iterator for A { type Item = u8; fn next(&mut self) -> Option<u8> { ‹None¦Some(1)› } }", Body, Body),
    ("a command", "struct A; impl Command for A { fn apply(self, w: &mut World) { ‹¦w.flush()› } }", Body, Body),
    ("an entity command", "struct A; impl EntityCommand for A { fn apply(self, e: EntityWorldMut) { ‹¦e.id();› } }", Body, Body),
    ("the crate's own trait", "trait T { fn go(&self); } struct A;‹¦ impl T for A { fn go(&self) {} }›", Body, Body),
    ("Hash", "struct A; impl std::hash::Hash for A { fn hash<H: std::hash::Hasher>(&self, h: &mut H) { h.write_u8(§) } }", Body, Body),
    ("Ord for a queue", "#[derive(PartialEq, Eq, PartialOrd)] struct A; impl Ord for A { fn cmp(&self, o: &A) -> std::cmp::Ordering { std::cmp::Ordering::‹Less¦Greater› } }", Body, Body),
    ("an overridden default method", "trait T { fn go(&self) {} } struct A; impl T for A {‹¦ fn go(&self) { f() }› } fn f() {}", Body, Body),
    ("a default method's body is added", "trait T { fn go(&self)‹;¦ {}› }", Body, Body),
    ("FromWorld that no plugin uses", "struct A(u8); impl FromWorld for A { fn from_world(w: &mut World) -> A { A(§) } }", Body, Body),
    ("a trait is new", "struct A;‹¦ trait T { fn go(&self); }›", Body, Body),
    ("a trait with its impls is new", "struct A;‹¦ trait T { const N: u8; fn go(&self); } impl T for A { const N: u8 = 1; fn go(&self) {} }›", Body, Body),
    ("an operator with its output", "struct A;‹¦ impl std::ops::Add for A { type Output = A; fn add(self, o: A) -> A { A } }›", Body, Body),
    ("a doc comment in an impl that is a contract", "struct A; impl Drop for A { ‹¦/// Ends.\n› fn drop(&mut self) {} }", Body, Body),

    ("what a contract names", "struct A(u8); impl Drop for A { fn drop(&mut self) { self.0 = V; } } const V: u8 = §;", Types, Types),
    ("a required component's value", "#[derive(Component)] #[require(Hull(V))] struct A; const V: u8 = §;", Types, Types),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("visibility of a trait", "‹¦pub ›trait T { fn go(&self); }", Body, Types, Types, "the trait's own name is bound with its visibility"),
];

/// Called less than they are. `docs/reload.md` says of hooks, and all they call, that this is
/// an edit of types; what is kept as a pointer to old code is named nowhere else.
#[rustfmt::skip]
const FOUND: &[Row] = &[
    ("a hook's body", "#[derive(Component)] #[component(on_add = f)] struct A; fn f(w: DeferredWorld, c: HookContext) { g(§); } fn g(_: u8) {}", Types, Types),
    ("the body of a hook that is a method", "#[derive(Component)] #[component(on_add)] struct A; impl A { fn on_add(w: DeferredWorld, c: HookContext) { g(§); } } fn g(_: u8) {}", Types, Types),
    ("a required component's constructor", "#[derive(Component)] #[require(Hull = h())] struct A; fn h() -> Hull { Hull(§) }", Types, Types),
    ("a required component's default", "#[derive(Component)] #[require(H)] struct A; #[derive(Component)] struct H(u8); impl Default for H { fn default() -> H { H(§) } }", Types, Types),
    ("what a contract calls", "struct A; impl Drop for A { fn drop(&mut self) { h(); } } fn h() -> u8 { § }", Types, Types),
    ("Hash of a label", "#[derive(SystemSet)] struct A; impl std::hash::Hash for A { fn hash<H: std::hash::Hasher>(&self, h: &mut H) { h.write_u8(§) } }", Types, Types),
    ("PartialEq of a state", "#[derive(States)] struct A; impl PartialEq for A { fn eq(&self, _: &A) -> bool { ‹true¦false› } }", Types, Types),
    ("what a hook calls", "#[derive(Component)] #[component(on_add = f)] struct A; fn f(w: DeferredWorld, c: HookContext) { g(); } fn g() -> u8 { § }", Types, Types),
    ("what Clone calls", "struct A(u8); impl Clone for A { fn clone(&self) -> A { A(h()) } } fn h() -> u8 { § }", Types, Types),
    ("a required component's nested default", "#[derive(Component)] #[require(H)] struct A; #[derive(Component, Default)] struct H(I); struct I(u8); impl Default for I { fn default() -> I { I(§) } }", Types, Types),
    ("a hook of an impl by hand", "struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable; fn on_add() -> Option<ComponentHook> { Some(f) } } fn f(w: DeferredWorld, c: HookContext) { g(§); } fn g(_: u8) {}", Types, Types),
    ("what a component's required components are made by", "struct A; impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable; fn register_required_components(r: &mut RequiredComponents) { more(r); } } fn more(r: &mut RequiredComponents) { r.register_required::<‹Ship¦Hull›>(Default::default); }", Types, Types),
    ("what a system parameter's state is made by", "struct A; unsafe impl SystemParam for A { fn init_state() -> u8 { h() } } fn h() -> u8 { § }", Types, Types),
];
