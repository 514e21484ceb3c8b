//! Ways in which plugins are written: each decides the registration somewhere else than in
//! `build`.
//!
//! Must not hold rows that another table has in a simpler form.

use super::Kind::{Body, Structure};
use super::{Row, Wired, check, plugins, rows};

#[test]
fn what_decides_the_registration_is_found_however_a_plugin_is_written() {
    let found = plugins(Structure, STRUCTURE);
    check(&[found, plugins(Body, BODY), rows(FOUND)].concat());
}

#[rustfmt::skip]
const STRUCTURE: &[Wired] = &[
    ("Settings.apply(app.world_mut());", "struct Settings; impl Settings { fn apply(&self, w: &mut World) { k(§); } } fn k(_: u8) {}"),
    ("for f in Feature::ALL { f.add(app.world_mut()); }", "enum Feature { A } impl Feature { const ALL: [Self; 1] = [Self::A]; fn add(self, w: &mut World) { k(§); } } fn k(_: u8) {}"),
    ("for f in [Feature::A] { f.add(app.world_mut()); }", "enum Feature { A } impl Feature { fn add(self, w: &mut World) { match self { Feature::A => { helper(); } } } } fn helper() -> u8 { § }"),
    ("PLUGINS.iter().for_each(|f| { f(); });", "static PLUGINS: std::sync::LazyLock<Vec<fn() -> u8>> = std::sync::LazyLock::new(|| vec![h]); fn h() -> u8 { § }"),
    ("PLUGINS.iter().for_each(|f| { f(); });", "static PLUGINS: std::sync::LazyLock<Vec<fn() -> u8>> = std::sync::LazyLock::new(all); fn all() -> Vec<fn() -> u8> { vec![h] } fn h() -> u8 { § }"),
    ("let W { f } = W::NEW; f();", "struct W { f: fn() -> u8 } impl W { const NEW: W = W { f: h }; } fn h() -> u8 { § }"),
    ("app.add_plugins(Made::<Ship>(std::marker::PhantomData));", "struct Made<T>(std::marker::PhantomData<T>); impl<T: Feature + Send + Sync + 'static> Plugin for Made<T> { fn build(&self, app: &mut App) { T::step(); } } impl Feature for Ship { fn step() -> u8 { § } } trait Feature { fn step() -> u8; }"),
    ("app.init_resource::<<Ship as Feature>::Settings>();", "impl Feature for Ship { type Settings = Real; } trait Feature { type Settings; } #[derive(Resource)] struct Real(u8); impl Default for Real { fn default() -> Real { Real(§) } }"),
    ("let total: f32 = SPEEDS.iter().sum(); app.insert_resource(W(total));", "#[derive(Resource)] struct W(f32); struct Speed(f32); const SPEEDS: [Speed; 1] = [Speed(1.0)]; impl<'a> std::iter::Sum<&'a Speed> for f32 { fn sum<I: Iterator<Item = &'a Speed>>(i: I) -> f32 { §.0 } }"),
    ("let mut names = names(); names.sort(); app.insert_resource(W(names));", "#[derive(Resource)] struct W(Vec<K>); fn names() -> Vec<K> { Vec::new() } #[derive(PartialEq, Eq, PartialOrd)] struct K; impl Ord for K { fn cmp(&self, o: &K) -> std::cmp::Ordering { std::cmp::Ordering::‹Less¦Equal› } }"),
    ("app.world_mut().resource_scope(|w, r: Mut<W>| r.apply(w));", "#[derive(Resource)] struct W; impl W { fn apply(&self, w: &mut World) { k(§); } } fn k(_: u8) {}"),
    ("app.world_mut().resource_mut::<W>().add(3);", "#[derive(Resource)] struct W(u8); impl W { fn add(&mut self, x: u8) { self.0 += §; } }"),
    ("*app.world_mut().resource_mut::<W>() += 3;", "#[derive(Resource)] struct W(u8); impl std::ops::AddAssign<u8> for W { fn add_assign(&mut self, x: u8) { self.0 = §; } }"),
    ("app.world_mut().resource_mut::<W>()[3] = 1;", "#[derive(Resource)] struct W(u8); impl std::ops::Index<u8> for W { type Output = u8; fn index(&self, x: u8) -> &u8 { &self.0 } } impl std::ops::IndexMut<u8> for W { fn index_mut(&mut self, x: u8) -> &mut u8 { self.0 = §; &mut self.0 } }"),
    ("app.world_mut().commands().queue(Spawn);", "struct Spawn; impl Command for Spawn { fn apply(self, w: &mut World) { k(§); } } fn k(_: u8) {}"),
    ("app.world_mut().commands().queue(spawn(3));", "fn spawn(n: u8) -> impl Command { move |w: &mut World| { k(n + §); } } fn k(_: u8) {}"),
    ("app.world_mut().commands().spawn(Ship(1)).queue(E);", "struct E; impl EntityCommand for E { fn apply(self, e: EntityWorldMut) { k(§); } } fn k(_: u8) {}"),
    ("app.world_mut().spawn(Ship::bundle());", "impl Ship { fn bundle() -> impl Bundle { (Ship(1), Name::new(\"§\")) } }"),
    ("app.insert_resource(R(1)).add_systems(Update, make::<3>());", "fn make<const N: usize>() -> ScheduleConfigs<ScheduleSystem> { s.run_if(|| N > §).into_configs() }"),
    ("app.add_systems(Update, s.run_if(resource_equals(R(LIMIT))));", "const LIMIT: u8 = §;"),
    ("app.add_systems(Update, s.run_if(run_once.and(after(LIMIT))));", "const LIMIT: u8 = §; fn after(x: u8) -> impl FnMut() -> bool { move || x > 1 }"),
    ("app.add_systems(Update, s.run_if(not(after(LIMIT))));", "const LIMIT: u8 = §; fn after(x: u8) -> impl FnMut() -> bool { move || x > 1 }"),
    ("app.add_systems(Update, (s.run_if(after(limit())), t));", "fn limit() -> u8 { § } fn after(x: u8) -> impl FnMut() -> bool { move || x > 1 }"),
    ("app.add_systems(Update, a.pipe(|_: In<()>| 1u8).map(|x| x + LIMIT).map(drop));", "const LIMIT: u8 = §;"),
    ("app.add_systems(Update, a.with_input(start()));", "fn start() -> u8 { § }"),
    ("app.configure_sets(Update, (G::A, G::B).chain().run_if(at(LIMIT)));", "const LIMIT: u8 = §; fn at(x: u8) -> impl FnMut() -> bool { move || x > 1 }"),
    ("app.add_observer(observer(LIMIT));", "const LIMIT: u8 = §; fn observer(x: u8) -> impl FnMut(On<Boom>) { move |e: On<Boom>| k(x) } fn k(_: u8) {}"),
    ("app.add_systems(OnEnter(State::first()), s);", "impl State { fn first() -> State { State::A§ } } #[derive(States)] enum State { A1, A2 }"),
    ("app.add_systems(label(), s);", "fn label() -> impl ScheduleLabel { OnEnter(S::A§) }"),
    ("app.add_systems(Update, s.in_set(set()));", "fn set() -> G { G::A§ }"),
    ("app.insert_resource(W(STEP));", "use std::time::Duration; #[derive(Resource)] struct W(Duration); const STEP: Duration = Duration::from_millis(§);"),
    ("app.insert_resource(R(match MODE { Mode::A => x(), }));", "enum Mode { A } const MODE: Mode = Mode::A; fn x() -> u8 { § }"),
    ("app.insert_resource(R((|| h())()));", "fn h() -> u8 { § }"),
    ("let r = Some(1).map(h).filter(|x| k(x)); app.insert_resource(R(r.unwrap()));", "fn h(x: u8) -> u8 { x } fn k(x: &u8) -> bool { *x > § }"),
    ("app.insert_resource(W(std::array::from_fn::<_, 3, _>(h)));", "#[derive(Resource)] struct W([u8; 3]); fn h(x: usize) -> u8 { § }"),
    ("app.insert_resource(W(std::iter::repeat_with(K::new).take(2).collect()));", "#[derive(Resource)] struct W(Vec<K>); struct K(u8); impl K { fn new() -> K { K(§) } }"),
    ("app.insert_resource(W { f: Box::new(h) });", "#[derive(Resource)] struct W { f: Box<dyn Fn(usize) -> u8 + Send + Sync> } fn h(x: usize) -> u8 { § }"),
    ("app.insert_resource(W { f: Self::h });", "#[derive(Resource)] struct W { f: fn(usize) -> u8 } impl P { fn h(x: usize) -> u8 { § } }"),
    ("app.insert_resource(R(size(&[1, 2])));", "fn size(x: &[u8]) -> u8 { x.len() as u8 * m::scale() } mod m { pub(super) fn scale() -> u8 { k::inner() } mod k { pub fn inner() -> u8 { § } } }"),
    ("use m::prelude::*; h();", "mod m { pub mod prelude { pub use super::inner::h; } mod inner { pub fn h() -> u8 { § } } }"),
    ("crate::pre::h();", "mod pre { pub use crate::x::*; } mod x { pub use crate::y::h; } mod y { pub fn h() -> u8 { § } }"),
    ("(app as &mut dyn Wire).wire();", "trait Wire { fn wire(&mut self) -> u8; } impl Wire for App { fn wire(&mut self) -> u8 { § } }"),
    ("Wire::wire(app);", "trait Wire { fn wire(&mut self) -> u8 { § } } impl<T> Wire for T {}"),
    ("app.try_wire().unwrap();", "trait Wire { fn try_wire(&mut self) -> Result<(), u8>; } impl Wire for App { fn try_wire(&mut self) -> Result<(), u8> { Err(§) } }"),
    ("r().unwrap_or_else(|e: E| panic!(\"{e}\"));", "fn r() -> Result<(), E> { Ok(()) } struct E; impl std::fmt::Display for E { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, \"§\") } }"),
    ("app.add_plugins(Config::load().plugin());", "struct A(u8); impl Plugin for A { fn build(&self, app: &mut App) {} } struct Config; impl Config { fn load() -> Config { Config } fn plugin(self) -> A { A(§) } }"),
    ("let handles = asset::load(app.world()); app.insert_resource(W(handles));", "#[derive(Resource)] struct W(&'static str); mod asset { use bevy::prelude::*; pub fn load(w: &World) -> &'static str { super::paths::SHIP } } mod paths { pub const SHIP: &str = concat!(\"§\", \".png\"); }"),
    ("app.insert_resource(W(KEYS.into_iter().collect()));", "#[derive(Resource)] struct W(std::collections::HashMap<u8, u8>); const KEYS: [(u8, u8); 1] = [(§, 1)];"),
    ("app.insert_resource(Bindings::default());", "#[derive(Resource)] struct Bindings([u8; 1]); impl Default for Bindings { fn default() -> Self { Self(KEYS) } } static KEYS: [u8; 1] = [§];"),
    ("app.insert_resource(Level::parse(LEVEL));", "#[derive(Resource)] struct Level; const LEVEL: &str = \"§\"; impl Level { fn parse(s: &str) -> Level { Level } }"),
    ("app.insert_resource(Level::parse(\"x\"));", "#[derive(Resource)] struct Level(Vec<Tile>); impl Level { fn parse(s: &str) -> Level { Level(s.lines().map(Tile::from).collect()) } } struct Tile(u8); impl From<&str> for Tile { fn from(s: &str) -> Tile { Tile(§) } }"),
    ("app.insert_resource(\"x\".parse::<Level>().unwrap());", "#[derive(Resource, Debug)] struct Level(Vec<Tile>); impl std::str::FromStr for Level { type Err = (); fn from_str(s: &str) -> Result<Level, ()> { Ok(Level(s.lines().map(|l| l.parse().unwrap()).collect())) } } #[derive(Debug)] struct Tile(u8); impl std::str::FromStr for Tile { type Err = (); fn from_str(s: &str) -> Result<Tile, ()> { Ok(Tile(§)) } }"),
    ("app.insert_resource(Level::try_from(3).unwrap());", "#[derive(Resource, Debug)] struct Level(u8); impl TryFrom<u8> for Level { type Error = (); fn try_from(x: u8) -> Result<Level, ()> { Ok(Level(§)) } }"),
    ("app.insert_resource(R(OFFSET as u8));", "static OFFSET: u16 = §;"),
    ("unsafe { setup() };", "unsafe extern \"C\" fn setup() -> u8 { § }"),
    ("loop { if done() { break; } app.add_systems(Update, s); }", "fn done() -> bool { ‹true¦false› }"),
    ("let Some(x) = find() else { return; };", "fn find() -> Option<u8> { Some(§) }"),
    ("try_build(app.world_mut()).expect(\"it builds\");", "fn try_build(w: &mut World) -> Result<(), E> { inner()?; Ok(()) } fn inner() -> Result<(), F> { Err(F(§)) } #[derive(Debug)] struct E; struct F(u8); impl From<F> for E { fn from(f: F) -> E { E } }"),
    ("try_build(app.world_mut()).expect(\"it builds\");", "fn try_build(w: &mut World) -> Result<(), E> { inner()?; Ok(()) } fn inner() -> Result<(), F> { Err(F) } #[derive(Debug)] struct E(u8); struct F; impl From<F> for E { fn from(f: F) -> E { E(§) } }"),
    ("app.insert_resource(Scores::new().with(3).build());", "struct Scores; impl Scores { fn new() -> S2 { S2(1) } } #[derive(Resource)] struct S2(u8); impl S2 { fn with(self, x: u8) -> S2 { S2(x * §) } fn build(self) -> S2 { self } }"),
    ("app.insert_resource(R(h!(3)));", "macro_rules! h { ($x:expr) => { $crate::m::make($x) } } mod m { pub fn make(x: u8) -> u8 { § } }"),
    ("std::thread::spawn(|| h()).join();", "fn h() -> u8 { § }"),
    ("std::iter::once(1).for_each(h);", "fn h(x: u8) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, e::<Filter>);", "fn e<T>() {} type Filter = With<A§>; struct A1; struct A2;"),
    ("app.add_systems(Update, e::<m::Filter>);", "fn e<T>() {} mod m { use bevy::prelude::*; pub type Filter = With<super::A§>; } struct A1; struct A2;"),
    ("app.add_systems(Update, e);", "fn e(q: Query<Data, Filter>) {} type Data = &'static A1; type Filter = Or<(With<A§>, With<A1>)>; struct A1; struct A2;"),
    ("app.add_systems(Update, e);", "fn e(q: m::Q) {} mod m { use bevy::prelude::*; pub type Q<'w, 's> = Query<'w, 's, D>; type D = &'static super::A§; } struct A1; struct A2;"),
    ("app.add_systems(Update, e);", "fn e(q: Local<[u8; N]>) {} const N: usize = §;"),
    ("app.add_systems(Update, e::<N>);", "const N: usize = §; fn e<const K: usize>() {}"),
    ("app.add_systems(Update, Ship::steer);", "impl Ship { fn steer(q: Query<&A§>) {} } struct A1; struct A2;"),
    ("app.add_systems(Update, m::steer);", "mod m { use bevy::prelude::*; pub fn steer(q: Query<&super::A§>) {} } struct A1; struct A2;"),
];

#[rustfmt::skip]
const BODY: &[Wired] = &[
    ("app.insert_resource(R(if cfg!(f) { ONE } else { TWO }));", "const ONE: u8 = §; const TWO: u8 = 0;"),
    // The value is in the type of the system, and the type in no other.
    ("app.add_systems(Update, Ship::steer);", "impl Ship { fn steer(q: Query<&Hull>) { k(§); } } fn k(_: u8) {}"),
    ("Settings.apply(app.world_mut());", "struct Settings; impl Settings { fn apply(&self, w: &mut World) {} fn other(&self) -> u8 { § } }"),
];

/// Called less than they are.
#[rustfmt::skip]
const FOUND: &[Row] = &[
    ("an associated type in a generic plugin", "app.add_plugins(Made::<Ship>(std::marker::PhantomData)); ⟶ struct Made<T>(std::marker::PhantomData<T>); impl<T: Feature + Send + Sync + 'static> Plugin for Made<T> { fn build(&self, app: &mut App) { app.init_resource::<T::Settings>(); } } impl Feature for Ship { type Settings = Real; } trait Feature { type Settings: Resource + Default; } #[derive(Resource)] struct Real(u8); impl Default for Real { fn default() -> Real { Real(§) } }", Structure, Structure),
    ("an associated type in a generic function", "add::<K>(app.world_mut()); ⟶ use ship::Vessel as K; mod ship { use bevy::prelude::*; pub struct Vessel; impl super::Feature for Vessel { type Settings = Real; } #[derive(Resource)] pub struct Real(u8); impl Default for Real { fn default() -> Real { Real(§) } } } fn add<T: Feature>(w: &mut World) { w.init_resource::<T::Settings>(); } trait Feature { type Settings: Resource + Default; }", Structure, Structure),
    ("a list of systems that build makes and calls", "PLUGINS.iter().for_each(|f| f(app.world_mut().commands())); ⟶ static PLUGINS: std::sync::LazyLock<Vec<fn(Commands)>> = std::sync::LazyLock::new(|| vec![h]); fn h(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a function in a constant's field", "let W { f } = W::NEW; f(app.world_mut().commands()); ⟶ struct W { f: fn(Commands) } impl W { const NEW: W = W { f: h }; } fn h(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
];
