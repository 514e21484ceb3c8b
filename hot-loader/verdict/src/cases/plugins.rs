//! Plugins in all their shapes: each of them is a root of the registration.
//!
//! Must not hold rows about what `build` calls.

use super::Kind::{Body, Structure, Types};
use super::{Row, Wired, check, plugins, rows};

#[test]
fn plugins_are_found_wherever_they_are() {
    let wired = plugins(Structure, STRUCTURE);
    check(&[rows(ROWS), wired, plugins(Types, TYPES)].concat());
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("a plugin function", "fn plugin(app: &mut App) { h(§); } fn h(_: u8) {}", Structure, Structure),
    ("a sub-app", "fn p(app: &mut SubApp) { h(§); } fn h(_: u8) {}", Structure, Structure),
    ("a schedule", "fn p(s: &mut Schedule) { h(§); } fn h(_: u8) {}", Structure, Structure),
    ("a maker of systems", "fn p() -> ScheduleConfigs<ScheduleSystem> { ‹(a, b)¦(b, a)›.chain() }", Structure, Structure),
    ("a generic maker", "fn p<M>(s: impl IntoScheduleConfigs<ScheduleSystem, M>) { h(§); } fn h(_: u8) {}", Structure, Structure),
    ("a maker by a where clause", "fn plugin(app: &mut App) { p(a); } fn p<I, X>(s: I) where I: IntoScheduleConfigs<ScheduleSystem, X> { h(§); } fn h(_: u8) {}", Structure, Structure),
    ("one that nothing calls", "fn p<I, X>(s: I) where I: IntoScheduleConfigs<ScheduleSystem, X> { h(§); } fn h(_: u8) {}", Body, Body),
    ("a renamed App", "use bevy::app::App as Game; fn p(a: &mut Game) { h(§); } fn h(_: u8) {}", Structure, Structure),
    ("an aliased App", "type Game<'a> = &'a mut App; fn p(a: Game) { h(§); } fn h(_: u8) {}", Structure, Structure),
    ("a plugin's finish", "struct P; impl Plugin for P { fn build(&self, a: &mut App) {} fn finish(&self, a: &mut App) { h(§); } } fn h(_: u8) {}", Structure, Structure),
    ("a plugin's is_unique", "struct P; impl Plugin for P { fn build(&self, a: &mut App) {} fn is_unique(&self) -> bool { ‹true¦false› } }", Structure, Structure),
    ("a plugin's ready", "struct P; impl Plugin for P { fn build(&self, a: &mut App) {} fn ready(&self, a: &App) -> bool { ‹true¦false› } }", Structure, Structure),
    ("a plugin's cleanup", "struct P; impl Plugin for P { fn build(&self, a: &mut App) {} fn cleanup(&self, a: &mut App) { h(§); } } fn h(_: u8) {}", Structure, Structure),
    ("a plugin's name", "struct P; impl Plugin for P { fn build(&self, a: &mut App) {} fn name(&self) -> &str { \"§\" } }", Structure, Structure),
    ("a plugin's name by a constant", "struct P; impl Plugin for P { fn build(&self, a: &mut App) {} fn name(&self) -> &str { NAME } } const NAME: &str = \"§\";", Structure, Structure),
    ("what is_unique calls", "struct P; impl Plugin for P { fn build(&self, a: &mut App) {} fn is_unique(&self) -> bool { h() } } fn h() -> bool { ‹true¦false› }", Structure, Structure),
    ("a plugin beside an own trait of that name", "mod own { pub trait Plugin { fn go(&self); } } struct A; impl bevy::app::Plugin for A { fn build(&self, app: &mut App) { h(); } fn is_unique(&self) -> bool { ‹true¦false› } } fn h() {}", Structure, Structure),
    ("a plugin group", "struct P; struct X; impl Plugin for X { fn build(&self, a: &mut App) {} } impl PluginGroup for P { fn build(self) -> PluginGroupBuilder { PluginGroupBuilder::start::<Self>()‹¦.add(X)› } }", Structure, Structure),
    ("a plugin group's name", "struct P; impl PluginGroup for P { fn build(self) -> PluginGroupBuilder { PluginGroupBuilder::start::<Self>() } fn name() -> String { n() } } fn n() -> String { \"§\".into() }", Structure, Structure),
    ("a returned plugin", "fn p() -> impl Plugin { |a: &mut App| h(§) } fn h(_: u8) {}", Structure, Structure),
    ("a boxed plugin", "fn p() -> Box<dyn Plugin> { Box::new(|a: &mut App| h(§)) } fn h(_: u8) {}", Structure, Structure),
    ("a closure for an App", "fn p() -> Box<dyn FnOnce(&mut App)> { Box::new(|_| h(§)) } fn h(_: u8) {}", Structure, Structure),
    ("a taker of one", "fn p(f: impl FnOnce(&mut App)) { h(§); } fn h(_: u8) {}", Structure, Structure),
    ("a maker of sets", "fn plugin(app: &mut App) { app.add_systems(Update, a.in_set(p())); } fn p() -> impl SystemSet { G::A§ }", Structure, Structure),
    ("a maker of sets that nothing calls", "fn p() -> impl SystemSet { G::A§ }", Body, Body),
    ("a new plugin", "struct A;‹¦ impl Plugin for A { fn build(&self, app: &mut App) {} }›", Structure, Structure),
    ("a plugin that goes with its type", "‹¦struct A; impl Plugin for A { fn build(&self, app: &mut App) {} }› fn f() {}", Structure, Types),
    ("a method of a type for an App", "struct P; impl P { fn extra(&self, app: &mut App) { h(§); } } fn h(_: u8) {}", Structure, Structure),
    ("a trait's default for an App", "trait Feature { fn add(&self, app: &mut App) { h(§); } } fn h(_: u8) {}", Structure, Structure),
    ("a plugin in a module in a module", "mod a { pub mod b { use bevy::prelude::*; pub fn plugin(app: &mut App) { helper(); } fn helper() -> u8 { § } } }", Structure, Structure),
    ("a plugin in a constant", "const _: () = { impl Plugin for A { fn build(&self, app: &mut App) { helper(); } } }; struct A; fn helper() -> u8 { § }", Structure, Structure),
    ("a plugin in a function", "fn hidden() { impl Plugin for A { fn build(&self, app: &mut App) { helper(); } } } struct A; fn helper() -> u8 { § }", Structure, Structure),
    ("a plugin in a static", "static HIDDEN: u8 = { impl Plugin for A { fn build(&self, app: &mut App) { helper(); } } 1 }; struct A; fn helper() -> u8 { § }", Structure, Structure),
    ("a plugin that a macro makes", "macro_rules! plugin { ($t:ident) => { impl Plugin for $t { fn build(&self, app: &mut App) { helper(); } } } } struct A; plugin!(A); fn helper() -> u8 { § }", Structure, Structure),
    ("a plugin under another name", "use bevy::app::Plugin as Part; struct A; impl Part for A { fn build(&self, app: &mut App) { helper(); } } fn helper() -> u8 { § }", Structure, Structure),
    ("an exclusive system", "fn s(world: &mut World) { h(§); } fn h(_: u8) {}", Body, Body),
    ("a function that takes another crate's App", "mod o { pub struct Application(pub u8); } fn s(app: &mut o::Application) { app.0 = §; }", Body, Body),

    ("the exported plugin", "hot_loader::export!(‹A¦B›); struct A; struct B; impl Plugin for A { fn build(&self, app: &mut App) {} } impl Plugin for B { fn build(&self, app: &mut App) {} }", Structure, Structure),
    ("an exported plugin's value", "hot_loader::export! { A { x: § } } struct A { x: u8 } impl Plugin for A { fn build(&self, app: &mut App) {} }", Structure, Structure),
    ("what the exported expression calls", "hot_loader::export!(p(1)); fn p(x: u8) -> A { A { x: § } } struct A { x: u8 } impl Plugin for A { fn build(&self, app: &mut App) {} }", Structure, Structure),
    ("an exported tuple", "hot_loader::export!((A, B, m::plugin)); mod m { use bevy::prelude::*; pub fn plugin(a: &mut App) { h(§); } fn h(_: u8) {} } struct A; struct B; impl Plugin for A { fn build(&self, app: &mut App) {} } impl Plugin for B { fn build(&self, app: &mut App) {} }", Structure, Structure),
    ("an exported closure", "hot_loader::export!(|app: &mut App| { h(); }); fn h() -> u8 { § }", Structure, Structure),
    ("an exported default", "hot_loader::export!(A::default()); struct A { x: u8 } impl Plugin for A { fn build(&self, app: &mut App) {} } impl Default for A { fn default() -> A { A { x: § } } }", Structure, Structure),
    ("an exported nested default", "hot_loader::export!(A::default()); #[derive(Default)] struct A { x: X } impl Plugin for A { fn build(&self, app: &mut App) {} } struct X(u8); impl Default for X { fn default() -> X { X(§) } }", Structure, Structure),
    ("an exported constant", "hot_loader::export!(A::DEMO); struct A(u8); impl Plugin for A { fn build(&self, app: &mut App) {} } impl A { const DEMO: A = A(§); }", Structure, Structure),
    ("a constant in the export", "hot_loader::export!(A(COUNT)); struct A(u8); impl Plugin for A { fn build(&self, app: &mut App) {} } const COUNT: u8 = §;", Structure, Structure),
    ("an export that is imported", "use hot_loader::export; export!(start); fn start(a: &mut App) { h(§); } fn h(_: u8) {}", Structure, Structure),
    ("an exported import", "use crate::m::start; hot_loader::export!(start); mod m { use bevy::prelude::*; pub fn start(a: &mut App) { h(§); } fn h(_: u8) {} }", Structure, Structure),
    ("another import for the export", "use crate::‹m¦n›::start; hot_loader::export!(start); mod m { use bevy::prelude::*; pub fn start(a: &mut App) {} } mod n { use bevy::prelude::*; pub fn start(a: &mut App) {} }", Structure, Structure),
    ("an exported instance", "hot_loader::export!(generic::<‹u8¦u16›>); fn generic<T>(a: &mut App) {}", Structure, Structure),
    ("an export whose spelling alone changes", "hot_loader::export!(A‹¦,›); struct A; impl Plugin for A { fn build(&self, app: &mut App) {} }", Structure, Structure),
];

/// A `build`, and what is beside it.
#[rustfmt::skip]
const STRUCTURE: &[Wired] = &[
    ("app.add_plugins(A);", "struct A; impl Plugin for A { fn build(&self, app: &mut App) { h(§); } } fn h(_: u8) {}"),
    ("app.add_plugins(A { count: § });", "struct A { count: u8 } impl Plugin for A { fn build(&self, app: &mut App) {} }"),
    ("app.add_plugins(m::A);", "mod m { pub struct A; mod n { use bevy::prelude::*; impl bevy::app::Plugin for super::A { fn build(&self, app: &mut App) { h(§); } } fn h(_: u8) {} } }"),
    ("app.add_plugins(A::<u8>::new());", "struct A<T>(T, u8); impl A<u8> { fn new() -> Self { A(1, §) } } impl<T: Send + Sync + 'static> Plugin for A<T> { fn build(&self, app: &mut App) {} }"),
    ("app.add_plugins(A::<u8>(1));", "struct A<T>(T); impl<T: Send + Sync + 'static> Plugin for A<T> { fn build(&self, app: &mut App) { h(§); } } fn h(_: u8) {}"),
    ("app.add_plugins(A);", "struct A; impl Plugin for A { fn build(&self, app: &mut App) { self.more(); } } impl A { fn more(&self) -> u8 { § } }"),
    ("app.add_plugins((e, f, (g, d)));", "fn e(app: &mut App) {} fn f(app: &mut App) {} fn g(app: &mut App) {} fn d(app: &mut App) { h(§); } fn h(_: u8) {}"),
    ("app.add_plugins((e, |app: &mut App| { h(); }));", "fn e(app: &mut App) {} fn h() -> u8 { § }"),
    ("app.add_plugins((e, |app: &mut App| { h(§); }));", "fn e(app: &mut App) {} fn h(_: u8) {}"),
    ("app.add_plugins(m::plugin);", "mod m { pub fn plugin(app: &mut bevy::app::App) { h(§); } fn h(_: u8) {} }"),
    ("for p in PLUGINS { app.add_plugins(p); }", "const PLUGINS: [fn(&mut App); 1] = [e]; fn e(app: &mut App) { h(§); } fn h(_: u8) {}"),
    ("for p in PLUGINS { app.add_plugins(p); }", "const PLUGINS: [fn(&mut App); 1] = [e§]; fn e1(app: &mut App) {} fn e2(app: &mut App) {}"),
    ("app.add_plugins(boxed());", "fn boxed() -> Box<dyn Plugin> { Box::new(A(§)) } struct A(u8); impl Plugin for A { fn build(&self, app: &mut App) {} }"),
    ("app.add_plugins(Group);", "struct Group; struct A1; struct A2; impl Plugin for A1 { fn build(&self, app: &mut App) {} } impl Plugin for A2 { fn build(&self, app: &mut App) {} } impl PluginGroup for Group { fn build(self) -> PluginGroupBuilder { PluginGroupBuilder::start::<Self>().add(A1).disable::<A§>() } }"),
    ("app.add_plugins(ui(§));", "fn ui(n: u8) -> impl Fn(&mut App) { move |app| {} }"),
    ("app.add_plugins(ui(1));", "fn ui(n: u8) -> impl Fn(&mut App) + Send + Sync { move |app| { h(n + §); } } fn h(_: u8) {}"),
    ("if !app.is_plugin_added::<A§>() { app.add_plugins(A1); }", "struct A1; struct A2; impl Plugin for A1 { fn build(&self, app: &mut App) {} } impl Plugin for A2 { fn build(&self, app: &mut App) {} }"),
    ("", "fn sub(app: &mut SubApp) { app.add_systems(Update, s§); } fn s1() {} fn s2() {}"),
    ("app.sub_app_mut(RenderApp).add_systems(Render, s§);", "fn s1() {} fn s2() {}"),
    ("wire(app.sub_app_mut(RenderApp));", "fn wire(sub: &mut SubApp) { sub.add_systems(Render, s); h(); } fn h() -> u8 { § }"),
    ("if let Some(render) = app.get_sub_app_mut(RenderApp) { more(render); }", "fn more(render: &mut SubApp) { h(§); } fn h(_: u8) {}"),
    ("app.add_computed_state::<C>();", "struct C; impl ComputedStates for C { type SourceStates = u8; fn compute(m: u8) -> Option<C> { if m > § { None } else { Some(C) } } }"),
    ("app.add_sub_state::<C>();", "struct C; impl SubStates for C { type SourceStates = u8; fn should_exist(m: u8) -> Option<C> { if m > § { None } else { Some(C) } } }"),
    ("app.add_computed_state::<C>();", "struct C; impl ComputedStates for C { type SourceStates = u8; fn compute(m: u8) -> Option<C> { made(m) } } fn made(m: u8) -> Option<C> { if m > § { None } else { Some(C) } }"),
];

#[rustfmt::skip]
const TYPES: &[Wired] = &[
    ("app.add_systems(L::A1, s);", "#[derive(ScheduleLabel)] enum L { A1, B§ }"),
    ("app.configure_sets(Update, G::A);", "#[derive(SystemSet)] enum G { A, B§ }"),
    ("app.init_state::<S>();", "#[derive(States, Default)] enum S { #[default] A, B§ }"),
    ("app.add_plugins(A { n: 1, x§: 1 });", "struct A { n: u8, x§: u8 } impl Plugin for A { fn build(&self, app: &mut App) {} }"),
];
