//! What initial values are made of: constants, `Default`, `FromWorld`.
//!
//! Must not hold rows about constants that types depend on.

use super::Kind::{Body, Structure, Types};
use super::{Alarm, Row, Wired, alarms, check, plugins, rows};

#[test]
fn initial_values_are_registration() {
    let found = plugins(Structure, STRUCTURE);
    let made = plugins(Structure, MADE);
    check(
        &[
            found,
            made,
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
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { W(§) } }"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(u8); impl FromWorld for W { fn from_world(w: &mut World) -> W { W(§) } }"),
    ("app.insert_resource(W::default());", "#[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { W(§) } }"),
    ("app.insert_resource(W { a: 1, ..default() });", "#[derive(Resource)] struct W { a: u8, b: u8 } impl Default for W { fn default() -> W { W { a: 1, b: § } } }"),
    ("app.insert_resource(W { a: Default::default() });", "#[derive(Resource)] struct W { a: A } struct A(u8); impl Default for A { fn default() -> A { A(§) } }"),
    ("app.init_resource::<W>();", "#[derive(Resource, Default)] struct W { a: A } struct A(u8); impl Default for A { fn default() -> A { A(§) } }"),
    ("app.init_resource::<W>();", "#[derive(Resource, Default)] struct W { a: Vec<A>, b: B } #[derive(Default)] struct B(A); struct A(u8); impl Default for A { fn default() -> A { A(§) } }"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { h() } } fn h() -> W { W(§) }"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { W(V) } } const V: u8 = §;"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { W(Self::V) } } impl W { const V: u8 = §; }"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { W(K.0) } } static K: (u8, u8) = (§, 1);"),
    ("app.init_state::<T>();", "#[derive(States)] enum T { A1, A2 } impl Default for T { fn default() -> T { T::A§ } }"),
    ("app.init_state::<T>();", "#[derive(States)] enum T { A1, A2 } impl Default for T { fn default() -> T { first() } } fn first() -> T { T::A§ }"),
    ("app.init_state::<T>();", "#[derive(States)] enum T { A1, A2 } impl FromWorld for T { fn from_world(w: &mut World) -> T { T::A§ } }"),
    ("app.insert_resource(R(V));", "const V: u8 = §;"),
    ("app.insert_resource(R(m::V));", "mod m { pub const V: u8 = §; }"),
    ("app.insert_resource(R(V));", "const V: u8 = W; const W: u8 = §;"),
    ("app.add_systems(Update, a.run_if(on_timer(std::time::Duration::from_secs_f32(V))));", "const V: f32 = §.0;"),
    ("app.world_mut().spawn(Name::new(format!(\"{V}\")));", "const V: u8 = §;"),
    ("use m::{V}; app.insert_resource(R(V));", "mod m { pub const V: u8 = §; }"),
    ("app.insert_resource(R(bevy_tuning::V));", "mod bevy_tuning { pub const V: u8 = §; }"),
    ("app.init_resource::<Renamed>();", "use self::W as Renamed; #[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { W(§) } }"),
    ("let x = none().unwrap_or_default();", "struct W(u8); fn none() -> Option<W> { None } impl Default for W { fn default() -> W { W(§) } }"),
    ("app.insert_resource(W { speed: SPEED });", "#[derive(Resource)] struct W { speed: f32 } const SPEED: f32 = §.0;"),
    ("app.insert_resource(W { speed: -SPEED * 2.0 });", "#[derive(Resource)] struct W { speed: f32 } const SPEED: f32 = §.0;"),
    ("app.insert_resource(R(P::SPEED));", "impl P { const SPEED: u8 = §; }"),
    ("app.insert_resource(R(Self::SPEED));", "impl P { const SPEED: u8 = §; }"),
    ("app.insert_resource(W([SPEED; 2]));", "#[derive(Resource)] struct W([u8; 2]); const SPEED: u8 = §;"),
    ("app.insert_resource(W(&NAMES));", "#[derive(Resource)] struct W(&'static [u8]); static NAMES: [u8; 1] = [§];"),
    ("app.insert_resource(R(COUNT.load(std::sync::atomic::Ordering::Relaxed)));", "static COUNT: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(§);"),
    ("app.insert_state(START);", "const START: S = S::A§;"),
    ("app.insert_state(S::START);", "impl S { const START: Self = Self::A§; }"),
    ("for name in NAMES { app.insert_resource(R(name)); }", "const NAMES: [u8; 1] = [§];"),
    ("for at in 0..COUNT { app.add_systems(Update, s); }", "const COUNT: usize = §;"),
    ("for begin in BEGINS { app.add_systems(begin, s); }", "const BEGINS: [OnEnter<S>; 1] = [OnEnter(S::A§)];"),
    ("app.add_systems(LABEL, s);", "const LABEL: OnEnter<S> = OnEnter(S::A§);"),
    ("app.configure_sets(Update, ORDER);", "const ORDER: (G, G) = (G::A§, G::B);"),
    ("app.add_systems(Update, s.in_set(SET));", "const SET: G = G::A§;"),
    ("app.add_systems(Update, s.run_if(in_state(WHEN)));", "const WHEN: S = S::A§;"),
    ("app.add_systems(Update, s.run_if(on_timer(EVERY)));", "use std::time::Duration; const EVERY: Duration = Duration::from_secs(SECONDS); const SECONDS: u64 = §;"),
    ("app.add_systems(Update, s.run_if(every(m::SECONDS)));", "mod m { pub const SECONDS: u64 = §; } fn every(s: u64) -> impl FnMut() -> bool { move || s > 1 }"),
    ("app.add_systems(Update, s.run_if(|r: Res<R>| r.0 > LIMIT));", "const LIMIT: u8 = §;"),
    ("if DEBUG { app.add_systems(Update, s); }", "const DEBUG: bool = § > 1;"),
    ("match MODE { 1 => {} _ => { app.add_systems(Update, s); } }", "const MODE: u8 = §;"),
    ("match mode() { MODE => {} _ => { app.add_systems(Update, s); } }", "fn mode() -> u8 { 1 } const MODE: u8 = §;"),
    ("while unsafe { COUNT } > 0 { app.add_systems(Update, s); }", "static mut COUNT: u8 = §;"),
    ("app.add_plugins(A { count: COUNT });", "struct A { count: u8 } impl Plugin for A { fn build(&self, app: &mut App) {} } const COUNT: u8 = §;"),
    ("app.insert_resource(W(SEED.to_ne_bytes()));", "#[derive(Resource)] struct W([u8; 8]); const SEED: u64 = §;"),
    ("app.insert_resource(Title(TITLE.into()));", "#[derive(Resource)] struct Title(String); const TITLE: &str = \"§\";"),
    ("helper(app.world_mut());", "fn helper(w: &mut World) { w.insert_resource(R(SPEED)); } const SPEED: u8 = §;"),
    ("helper(SPEED);", "fn helper(speed: u8) {} const SPEED: u8 = §;"),
    ("use m::SPEED as K; app.insert_resource(R(K));", "mod m { pub const SPEED: u8 = §; }"),
    ("app.insert_resource(R(m::SPEED));", "mod m { pub use super::n::SPEED; } mod n { pub const SPEED: u8 = §; }"),
    ("app.insert_resource(R(SPEED));", "use m::*; mod m { pub const SPEED: u8 = §; }"),
    ("app.insert_resource(R(SPEED));", "const SPEED: u8 = fast(); const fn fast() -> u8 { § }"),
    ("app.insert_resource(R(SPEED));", "const SPEED: u8 = { const fn fast() -> u8 { § } fast() };"),
    ("app.insert_resource(R(bits()));", "const fn bits() -> u8 { BITS } const BITS: u8 = §;"),
    ("app.add_systems(Update, s.before(set(ORDER)));", "fn set(x: u8) -> G { if x > 1 { G::A } else { G::B } } const ORDER: u8 = §;"),
    ("app.init_resource::<W>();", "#[derive(Resource, Default)] struct W { a: A } struct A(u8); struct K; impl K { const X: u8 = §; } impl Default for A { fn default() -> A { A(K::X) } }"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { W::new(SPEED) } } impl W { fn new(s: u8) -> W { W(s) } } const SPEED: u8 = §;"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(u8); impl Default for W { fn default() -> W { W::new() } } impl W { fn new() -> W { m::h() } } mod m { pub fn h() -> super::W { super::W(§) } }"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(u8); impl FromWorld for W { fn from_world(w: &mut World) -> W { w.resource::<K>().make() } } #[derive(Resource)] struct K; impl K { fn make(&self) -> W { W(§) } }"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(&'static str); impl FromWorld for W { fn from_world(w: &mut World) -> W { load(w, PATH) } } fn load(w: &mut World, p: &'static str) -> W { W(p) } const PATH: &str = \"§\";"),
    ("app.init_resource::<W>();", "#[derive(Resource)] struct W(Timer); impl Default for W { fn default() -> W { W(Timer::from_seconds(§.0, TimerMode::Once)) } }"),
    ("app.insert_resource(\"1\".parse::<W>().unwrap());", "#[derive(Resource, Debug)] struct W(u8); impl std::str::FromStr for W { type Err = (); fn from_str(s: &str) -> Result<W, ()> { Ok(W(§)) } }"),
    ("app.insert_resource(W::from(3));", "#[derive(Resource)] struct W(u8); impl From<u8> for W { fn from(x: u8) -> W { W(§) } }"),
    ("app.insert_resource([1u8].into_iter().collect::<W>());", "#[derive(Resource)] struct W(u8); impl FromIterator<u8> for W { fn from_iter<I: IntoIterator<Item = u8>>(_: I) -> W { W(§) } }"),
    ("app.insert_resource(W(1) + W(1));", "#[derive(Resource)] struct W(u8); impl std::ops::Add for W { type Output = W; fn add(self, o: W) -> W { W(§) } }"),
    ("app.insert_resource(R(ALL[0]));", "const ALL: Shelf = Shelf; struct Shelf; impl std::ops::Index<usize> for Shelf { type Output = u8; fn index(&self, at: usize) -> &u8 { &§ } }"),
    ("app.register_required_components_with::<Ship, Hull>(make);", "fn make() -> Hull { Hull(§) }"),
    ("app.world_mut().spawn((Ship(SPEED), name()));", "const SPEED: u8 = §; fn name() -> Name { Name::default() }"),
    ("app.world_mut().spawn((Ship(1), name()));", "fn name() -> Name { Name::new(\"§\") }"),
    ("app.insert_resource(Time::<Fixed>::from_hz(hz()));", "fn hz() -> f64 { §.0 }"),
];

/// What makes a default: each beside the same types.
#[rustfmt::skip]
const MADE: &[Wired] = &[
    ("app.world_mut().init_resource::<W>();", "#[derive(Resource)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("app.world_mut().get_resource_or_init::<W>();", "#[derive(Resource)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("app.insert_resource(<W as Default>::default());", "#[derive(Resource)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("let r: W = Default::default(); app.insert_resource(r);", "#[derive(Resource)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("let r: W = default(); app.insert_resource(r);", "#[derive(Resource)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("app.insert_resource(None.unwrap_or_else(W::default));", "#[derive(Resource)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("let mut x = W(A(9)); app.insert_resource(std::mem::take(&mut x));", "#[derive(Resource)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("let mut x = std::collections::HashMap::new(); let y: &mut W = x.entry(1).or_default();", "#[derive(Resource)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("app.register_required_components::<Ship, W>();", "#[derive(Component)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("app.world_mut().register_required_components::<Ship, W>();", "#[derive(Component)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("make::<W>(app.world_mut()); fn make<T: Default + Resource>(w: &mut World) { w.insert_resource(T::default()); }", "#[derive(Resource)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("app.init_resource::<Wrapper<W>>();", "#[derive(Resource)] struct Wrapper<T: Send + Sync + 'static>(T); impl<T: Default + Send + Sync + 'static> Default for Wrapper<T> { fn default() -> Self { Wrapper(T::default()) } } struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } struct A(u8);"),
    ("app.insert_resource(Table(vec![W::default(); 2]));", "#[derive(Resource)] struct Table(Vec<W>); #[derive(Clone)] struct W(A); impl Default for W { fn default() -> W { W(A(§)) } } #[derive(Clone)] struct A(u8);"),
];

#[rustfmt::skip]
const TYPES: &[Wired] = &[
    ("app.insert_resource(R(u8::SPEED));", "trait Fast { const SPEED: u8 = §; } impl Fast for u8 {}"),
    ("app.insert_resource(R(u8::SPEED));", "trait Fast { const SPEED: u8 = BASE; } impl Fast for u8 {} const BASE: u8 = §;"),
    ("app.insert_resource(W::<SIZE>);", "#[derive(Resource)] struct W<const N: usize>; struct K(W<SIZE>); const SIZE: usize = §;"),
];

#[rustfmt::skip]
const BODY: &[Wired] = &[
    ("app.insert_resource(R(START));", "const START: u8 = 1; const SPEED: u8 = §; fn s() -> u8 { SPEED + START }"),
    ("app.insert_resource(R(ship::SPEED));", "mod ship { pub const SPEED: u8 = 1; } mod enemy { pub const FAST: u8 = §; pub fn s() -> u8 { FAST } }"),
    ("app.insert_resource(R(Ship::SPEED));", "impl Ship { const SPEED: u8 = 1; const TURN: u8 = §; }"),
    ("app.add_systems(Update, enemy::steer);", "fn foe(x: [u8; §]) {} mod enemy { use bevy::prelude::*; pub fn steer(r: Res<super::R>) {} }"),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("two constants of one name", "app.insert_resource(R(ship::SPEED)); ⟶ mod ship { pub const SPEED: u8 = 1; } mod enemy { pub const SPEED: u8 = §; pub fn s() -> u8 { SPEED } }", Body, Structure, Structure, "a mention names the last segments of a path"),
];

/// Called less than they are.
#[rustfmt::skip]
const FOUND: &[Row] = &[
    ("a default of an alias", "app.init_resource::<W>(); ⟶ type Alias = W; #[derive(Resource)] struct W(u8); impl Default for Alias { fn default() -> W { W(§) } }", Structure, Structure),
    ("a default under another name", "app.init_resource::<W>(); ⟶ mod m { use super::W as Ours; impl Default for Ours { fn default() -> Ours { Ours(§) } } } #[derive(Resource)] struct W(u8);", Structure, Structure),
    ("a method of an alias", "W::new(); ⟶ type Alias = W; struct W(u8); impl Alias { fn new() -> W { W(§) } }", Structure, Structure),
];
