//! Whatever `build` calls, however it calls it, decides the registration.
//!
//! Must not hold rows about what the engine runs later.

use super::Kind::{Body, Structure, Types};
use super::{Alarm, Row, Wired, alarms, check, plugins, rows};

#[test]
fn what_build_calls_is_registration() {
    let mut found = plugins(Structure, STRUCTURE);
    found.extend(plugins(Structure, PRINTED));
    check(
        &[
            found,
            plugins(Types, TYPES),
            plugins(Body, BODY),
            alarms(ALARMS),
            rows(FOUND),
        ]
        .concat(),
    );
}

#[rustfmt::skip]
const STRUCTURE: &[Wired] = &[
    ("h();", "fn h() -> u8 { § }"),
    ("let x = h();", "fn h() -> u8 { § }"),
    ("let x = h();", "const fn h() -> u8 { § }"),
    ("app.insert_resource(R(h()));", "fn h() -> u8 { § }"),
    ("app.insert_resource(R(h()));", "const fn h() -> u8 { § }"),
    ("app.add_systems(Update, a.run_if(h(0.5)));", "fn h(x: f32) -> impl FnMut() -> bool { move || x > §.0 }"),
    ("app.add_systems(Update, h(1));", "fn h(x: u8) -> impl FnMut() { move || k(x + §) } fn k(_: u8) {}"),
    ("app.add_systems(Update, (a, h(1)).chain());", "fn h(x: u8) -> impl FnMut() { move || k(x + §) } fn k(_: u8) {}"),
    ("app.add_systems(h(), a);", "fn h() -> OnEnter<S> { OnEnter(S::A§) }"),
    ("let f = h; f();", "fn h() -> u8 { § }"),
    ("other(app, h);", "fn other(app: &mut App, f: fn() -> u8) {} fn h() -> u8 { § }"),
    ("app.world_mut().run_system_once(h);", "fn h() -> u8 { § }"),
    ("let v: Vec<u8> = [1].into_iter().map(h).collect();", "fn h(x: u8) -> u8 { x + § }"),
    ("app.add_systems(Update, [h, h].map(|f| f()));", "fn h() -> fn() { § + 0; a } "),
    ("app.add_systems(Update, s.map(|x| h()));", "fn h() -> u8 { § }"),
    ("app.add_systems(Update, { h(); a });", "fn h() -> u8 { § }"),
    ("app.add_systems(Update, if h() { a as fn() } else { b });", "fn h() -> bool { ‹true¦false› }"),
    ("for x in 0..h() { app.add_systems(Update, a); }", "fn h() -> u8 { § }"),
    ("let f = || h(); f();", "fn h() -> u8 { § }"),
    ("vec![h()];", "fn h() -> u8 { § }"),
    ("crate::h();", "fn h() -> u8 { § }"),
    ("app.insert_resource(W { x: h(), y: 1 });", "#[derive(Resource)] struct W { x: u8, y: u8 } fn h() -> u8 { § }"),
    ("indirect();", "fn indirect() { h(); } fn h() -> u8 { § }"),
    ("app.insert_resource(W(INDIRECT));", "#[derive(Resource)] struct W(fn() -> u8); const INDIRECT: fn() -> u8 = h; fn h() -> u8 { § }"),
    ("app.world_mut().resource_scope(|w, r: Mut<R>| { h(); });", "fn h() -> u8 { § }"),
    ("match h() { _ => {} }", "fn h() -> u8 { § }"),
    ("register!(app);", "macro_rules! register { ($a:expr) => { h() } } fn h() -> u8 { § }"),

    ("R2::new();", "struct R2; impl R2 { fn new() -> u8 { § } }"),
    ("crate::R2::new();", "struct R2; impl R2 { fn new() -> u8 { § } }"),
    ("self.more();", "impl P { fn more(&self) -> u8 { § } }"),
    ("Self::more();", "impl P { fn more() -> u8 { § } }"),
    ("app.more();", "trait More { fn more(&mut self) -> u8; } impl More for App { fn more(&mut self) -> u8 { § } }"),
    ("app.more();", "trait More { fn more(&mut self) -> u8 { § } } impl More for App {}"),
    ("More::more(app);", "trait More { fn more(&mut self) -> u8; } impl More for App { fn more(&mut self) -> u8 { § } }"),
    ("<R2 as Make>::make();", "struct R2; trait Make { fn make() -> u8; } impl Make for R2 { fn make() -> u8 { § } }"),
    ("R2::make();", "struct R2; trait Make { fn make() -> u8 { § } } impl Make for R2 {}"),
    ("Alias::new();", "struct R2; type Alias = R2; impl R2 { fn new() -> u8 { § } }"),
    ("Renamed::new();", "use self::R2 as Renamed; struct R2; impl R2 { fn new() -> u8 { § } }"),
    ("generic::<R2>();", "fn generic<T: Make>() { T::make(); } struct R2; trait Make { fn make() -> u8; } impl Make for R2 { fn make() -> u8 { § } }"),
    ("m::R2::new();", "mod m { pub struct R2; impl R2 { pub fn new() -> u8 { § } } }"),
    ("mk();", "use self::h as mk; fn h() -> u8 { § }"),
    ("use self::h as mk; mk();", "fn h() -> u8 { § }"),
    ("let v = 2.0 * R2;", "struct R2; impl std::ops::Mul<R2> for f32 { type Output = u8; fn mul(self, r: R2) -> u8 { § } }"),
    ("m::h();", "mod m { pub fn h() -> u8 { § } }"),
    ("m::h();", "mod m { pub use super::n::h; } mod n { pub fn h() -> u8 { § } }"),
    ("(base() * 2).go();", "struct R2(u8); impl R2 { fn go(&self) {} } fn base() -> R2 { R2(1) } impl std::ops::Mul<u8> for R2 { type Output = R2; fn mul(self, o: u8) -> R2 { R2(§) } }"),
    ("let r: R2 = 1u8.into();", "struct R2(u8); impl From<u8> for R2 { fn from(x: u8) -> R2 { R2(§) } }"),
    ("app.insert_resource(W { r: \"1\".parse().unwrap() });", "#[derive(Resource)] struct W { r: R2 } #[derive(Debug)] struct R2(u8); impl std::str::FromStr for R2 { type Err = (); fn from_str(x: &str) -> Result<R2, ()> { Ok(R2(§)) } }"),

    ("h();", "use crate::m::k::h; mod m { pub mod k { pub fn h() -> u8 { § } } }"),
    ("h();", "use crate::m::*; mod m { pub fn h() -> u8 { § } }"),
    ("h();", "use crate::m::*; mod m { pub use super::n::*; } mod n { pub fn h() -> u8 { § } }"),
    ("tools::h();", "use crate::m as tools; mod m { pub fn h() -> u8 { § } }"),
    ("m::go();", "mod m { pub use super::n::h as go; } mod n { pub fn h() -> u8 { § } }"),
    ("d();", "fn d() { e() } fn e() { f(); } fn f() -> u8 { § }"),
    ("count(3);", "fn count(n: u8) -> u8 { if n == 0 { § } else { count(n - 1) } }"),
    ("go::<3>();", "fn go<const N: usize>() -> u8 { § }"),
    ("block_on(go());", "async fn go() -> u8 { § } fn block_on<F>(_: F) {}"),
    ("block_on(async { go().await });", "async fn go() -> u8 { § } fn block_on<F>(_: F) {}"),
    ("run(|| h());", "fn run(f: impl Fn() -> u8) { f(); } fn h() -> u8 { § }"),
    ("run(|| 1);", "fn run(f: impl Fn() -> u8) -> u8 { f(); § }"),
    ("run(&h);", "fn run(f: &dyn Fn() -> u8) { f(); } fn h() -> u8 { § }"),
    ("for f in [h] { f(); }", "fn h() -> u8 { § }"),
    ("for step in STEPS { step(); }", "const STEPS: [fn() -> u8; 1] = [h]; fn h() -> u8 { § }"),
    ("for step in STEPS { (step.run)(); }", "static STEPS: &[Step] = &[Step { run: h }]; struct Step { run: fn() -> u8 } fn h() -> u8 { § }"),
    ("STEPS.iter().for_each(|step| { step(); });", "const STEPS: &[fn() -> u8] = &[FIRST]; const FIRST: fn() -> u8 = m::h; mod m { pub fn h() -> u8 { § } }"),
    ("(P::STEP)();", "impl P { const STEP: fn() -> u8 = h; } fn h() -> u8 { § }"),
    ("(GO)();", "const GO: fn() -> u8 = || h(); fn h() -> u8 { § }"),
    ("(GO)();", "const GO: fn() -> u8 = || §;"),
    ("GO.with(|go| go());", "thread_local! { static GO: fn() -> u8 = h; } fn h() -> u8 { § }"),
    ("let c = &*CONFIG;", "static CONFIG: std::sync::LazyLock<u8> = std::sync::LazyLock::new(h); fn h() -> u8 { § }"),
    ("let c = CONFIG.get_or_init(h);", "static CONFIG: std::sync::OnceLock<u8> = std::sync::OnceLock::new(); fn h() -> u8 { § }"),
    ("app.set_runner(h);", "fn h(a: App) -> AppExit { k(§); AppExit::Success } fn k(_: u8) {}"),

    ("app.wire();", "use ext::Wire as _; mod ext { use bevy::prelude::*; pub trait Wire { fn wire(&mut self) -> u8; } impl Wire for App { fn wire(&mut self) -> u8 { § } } }"),
    ("for feature in features() { feature.add(); }", "fn features() -> Vec<Box<dyn Feature>> { vec![Box::new(Ship(1))] } trait Feature { fn add(&self) -> u8; } impl Feature for Ship { fn add(&self) -> u8 { § } }"),
    ("add::<Ship>();", "fn add<T: Feature>() { T::steps(); } trait Feature { fn steps() -> u8 { § } } impl Feature for Ship {}"),
    ("add(Ship(1));", "fn add(feature: impl Feature) { feature.steps(); } trait Feature { fn steps(&self) -> u8; } impl Feature for Ship { fn steps(&self) -> u8 { inner() } } fn inner() -> u8 { § }"),
    ("Builder(app.world_mut()).ships().go();", "struct Builder<'a>(&'a mut World); impl Builder<'_> { fn ships(self) -> Self { k(§); self } fn go(self) {} } fn k(_: u8) {}"),
    ("Wrapper(Inner).go();", "struct Wrapper(Inner); struct Inner; impl std::ops::Deref for Wrapper { type Target = Inner; fn deref(&self) -> &Inner { &self.0 } } impl Inner { fn go(&self) -> u8 { § } }"),
    ("for name in Names(3) { app.insert_resource(R(name)); }", "struct Names(u8); impl IntoIterator for Names { type Item = u8; type IntoIter = Iter; fn into_iter(self) -> Iter { Iter } } struct Iter; impl Iterator for Iter { type Item = u8; fn next(&mut self) -> Option<u8> { Some(§) } }"),
    ("app.insert_resource(Title(format!(\"{}\", A)));", "#[derive(Resource)] struct Title(String); struct A; impl std::fmt::Display for A { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, \"§\") } }"),
    ("app.insert_resource(NONE.unwrap_or_default());", "#[derive(Resource)] struct A(u8); const NONE: Option<A> = None; impl Default for A { fn default() -> A { A(§) } }"),
    ("app.insert_resource(Title(ALL.first().map(|a| a.to_string())));", "#[derive(Resource)] struct Title(Option<String>); struct A; static ALL: &[A] = &[A]; impl std::fmt::Display for A { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, \"§\") } }"),

    ("app.world_mut().run_system_once(SETUP);", "const SETUP: fn(Commands) = h; fn h(c: Commands) { k(§); } fn k(_: u8) {}"),

    ("register!(app, h);", "macro_rules! register { ($a:expr, $f:ident) => { $f() } } fn h() -> u8 { § }"),
    ("outer!();", "macro_rules! outer { () => { inner!() } } macro_rules! inner { () => { $crate::m::h() } } mod m { pub fn h() -> u8 { § } }"),
    ("go!();", "macro_rules! register { () => { $crate::h() } } use register as go; fn h() -> u8 { § }"),
    ("register!(app);", "macro_rules! register { ($a:expr) => { $a.add_systems(Update, s§) } } fn s1() {} fn s2() {}"),
    ("register!();", "macro_rules! register { () => { k($crate::m::SPEED) } } fn k(_: u8) {} mod m { pub const SPEED: u8 = §; }"),
    ("let v = matches!(P.go(), 1);", "impl P { fn go(&self) -> u8 { § } }"),
    ("info!(\"{}\", h());", "fn h() -> u8 { § }"),
    ("assert!(h() > 0);", "fn h() -> u8 { § }"),
    ("app.wire();", "use ‹m¦n›::Wire as _; mod m { use bevy::prelude::*; pub trait Wire { fn wire(&mut self) -> u8; } impl Wire for App { fn wire(&mut self) -> u8 { 1 } } } mod n { use bevy::prelude::*; pub trait Wire { fn wire(&mut self) -> u8; } impl Wire for App { fn wire(&mut self) -> u8 { 2 } } }"),
    ("go!();", "macro_rules! go { () => { h(1) } } fn h(_: u8) {}‹¦ macro_rules! go { () => { h(2) } }› fn plugin(app: &mut App) { go!(); }"),
];

/// An inline constant with a body, in a method of an impl at the root.
#[rustfmt::skip]
const PRINTED: &[Wired] = &[
    ("const { h() };", "const fn h() -> u8 { § }"),
    ("let x: u8 = const { h() };", "const fn h() -> u8 { § }"),
    ("app.init_resource::<W<{ h() }>>();", "#[derive(Resource, Default)] struct W<const N: usize>; const fn h() -> usize { § }"),
];

#[rustfmt::skip]
const TYPES: &[Wired] = &[
    ("add::<Ship>();", "fn add<T: Feature>() { (T::STEP)(); } trait Feature { const STEP: fn() -> u8; } impl Feature for Ship { const STEP: fn() -> u8 = h§; } fn h1() -> u8 { 1 } fn h2() -> u8 { 2 }"),
];

#[rustfmt::skip]
const BODY: &[Wired] = &[
    ("app.insert_resource(R(1)); Vec3::new(1.0, 2.0, 3.0);", "struct O; impl O { fn new() -> u8 { § } }"),
    ("app.wire();", "‹¦use std::io::Write;› trait Wire { fn wire(&mut self) {} } impl Wire for App {}"),
    ("m::h();", "mod m { pub fn h() {} pub fn k() -> u8 { § } }"),
    ("A::new();", "struct A; struct B; impl A { fn new() {} } impl B { fn new() -> u8 { § } }"),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("for f in LIST { app.add_systems(Update, f); }", "for f in LIST { app.add_systems(Update, f); } ⟶ const LIST: [fn(Commands); 1] = [h]; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Body, Structure, Structure, "a function that became a pointer is not named where the engine makes a system of it"),
    ("for f in &LIST { app.add_systems(Update, (f.run_if(c), s)); }", "for f in &LIST { app.add_systems(Update, (f.run_if(c), s)); } ⟶ const LIST: [fn(Commands); 1] = [h]; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Body, Structure, Structure, "a function that became a pointer is not named where the engine makes a system of it"),
    ("for f in LIST { app.add_observer(f); }", "for f in LIST { app.add_observer(f); } ⟶ const LIST: [fn(On<Boom>); 1] = [h]; fn h(c: On<Boom>) { k(§); } fn k(_: u8) {}", Body, Structure, Structure, "a function that became a pointer is not named where the engine makes a system of it"),
    ("app.add_systems(Update, SETUP);", "app.add_systems(Update, SETUP); ⟶ const SETUP: fn(Commands) = h; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Body, Structure, Structure, "a function that became a pointer is not named where the engine makes a system of it"),
    ("app.add_systems(Update, (s, SETUP).chain());", "app.add_systems(Update, (s, SETUP).chain()); ⟶ const SETUP: fn(Commands) = h; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Body, Structure, Structure, "a function that became a pointer is not named where the engine makes a system of it"),
    ("another trait of the same name", "app.wire(); ⟶ use ‹m¦n›::Wire; mod m { use bevy::prelude::*; pub trait Wire { fn wire(&mut self) -> u8; } impl Wire for App { fn wire(&mut self) -> u8 { 1 } } } mod n { use bevy::prelude::*; pub trait Wire { fn wire(&mut self) -> u8; } impl Wire for App { fn wire(&mut self) -> u8 { 2 } } }", Structure, Types, Types, "the crate's traits of that name mean something else there"),
];

/// Called less than they are.
#[rustfmt::skip]
const FOUND: &[Row] = &[
    ("a method of an impl that stands in a function", "Ship::steps(); ⟶ mod far { pub fn elsewhere() { impl super::Ship { pub fn steps() { super::h(); } } } } fn h() -> u8 { § }", Structure, Structure),
    ("a function that looks like a system, called through a value: for f in LIST { f(app.world_mut().commands()); }", "for f in LIST { f(app.world_mut().commands()); } ⟶ const LIST: [fn(Commands); 1] = [h]; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a function that looks like a system, called through a value: for f in LIST { app.add_systems(Update, f); f(app.world_mut().commands()); }", "for f in LIST { app.add_systems(Update, f); f(app.world_mut().commands()); } ⟶ const LIST: [fn(Commands); 1] = [h]; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a function that looks like a system, called through a value: LIST[0](app.world_mut().commands());", "LIST[0](app.world_mut().commands()); ⟶ const LIST: [fn(Commands); 1] = [h]; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a function that looks like a system, called through a value: let f = LIST[0]; f(app.world_mut().commands());", "let f = LIST[0]; f(app.world_mut().commands()); ⟶ const LIST: [fn(Commands); 1] = [h]; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a function that looks like a system, called through a value: run(&LIST, app.world_mut());", "run(&LIST, app.world_mut()); ⟶ fn run(list: &[fn(Commands)], w: &mut World) { for f in list { f(w.commands()); } } const LIST: [fn(Commands); 1] = [h]; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a function that looks like a system, called through a value: SETUP(app.world_mut().commands());", "SETUP(app.world_mut().commands()); ⟶ const SETUP: fn(Commands) = h; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a function that looks like a system, called through a value: use self::SETUP as go; go(app.world_mut().commands());", "use self::SETUP as go; go(app.world_mut().commands()); ⟶ const SETUP: fn(Commands) = h; fn h(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a method of an impl in another module", "Ship::steps(); ⟶ mod far { pub mod away { impl super::super::Ship { pub fn steps() -> u8 { § } } } }", Structure, Structure),
    ("a method with self of an impl in another module", "let ship = Ship(1); ship.steps(); ⟶ mod far { pub mod away { impl super::super::Ship { pub fn steps(&self) -> u8 { § } } } }", Structure, Structure),
    ("a plugin's method in another module", "self.more(); ⟶ mod far { pub mod away { impl super::super::P { pub fn more(&self) -> u8 { § } } } }", Structure, Structure),
    ("a constant of an impl in another module", "app.insert_resource(R(Ship::SPEED)); ⟶ mod far { pub mod away { impl super::super::Ship { pub const SPEED: u8 = §; } } }", Structure, Structure),
];
