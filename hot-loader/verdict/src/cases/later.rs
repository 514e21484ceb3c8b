//! What the engine runs later is only mentioned in `build`: its signature decides, its body
//! does not, unless `build` itself makes the engine run it.
//!
//! Must not hold rows about what `build` calls by itself.

use super::Kind::{Body, Structure};
use super::{Alarm, Row, Wired, alarms, check, misses, plugins, rows};

#[test]
fn what_runs_later_counts_by_its_signature() {
    let body = plugins(Body, BODY);
    let structure = plugins(Structure, STRUCTURE);
    check(&[body, structure, alarms(ALARMS), rows(FOUND), misses(MISSES)].concat());
}

#[test]
fn a_registered_signature_is_registration() {
    let mut cases = Vec::new();
    for build in REGISTRATIONS {
        let observes = build.contains("bserve");
        for more in if observes { OBSERVERS } else { SIGNATURES } {
            cases.extend(plugins(Structure, &[(build, more)]));
        }
    }
    check(&cases);
}

/// Where a system stands in `build`.
#[rustfmt::skip]
const REGISTRATIONS: &[&str] = &[
    "app.add_systems(Update, s);",
    "app.add_systems(Startup, (a, (s, b).chain()));",
    "app.add_systems(Update, a.after(s));",
    "app.add_systems(Update, b.pipe(|_: In<()>| {}).map(|_| ()).pipe(s2)); app.add_systems(Update, s);",
    "app.add_observer(s);",
    "app.world_mut().spawn(Observer::new(s));",
    "app.world_mut().register_system(s);",
    "app.world_mut().register_system_cached(s);",
    "app.sub_app_mut(RenderApp).add_systems(Update, s);",
    "let systems = (a, s).chain(); app.add_systems(Update, systems);",
    "app.add_systems(Update, in_game(s)); fn in_game<X>(s: impl IntoScheduleConfigs<ScheduleSystem, X>) -> ScheduleConfigs<ScheduleSystem> { s.into_configs() }",
    "App::add_systems(app, Update, s);",
    "use self::s as steer; app.add_systems(Update, steer);",
    "app.add_systems(Update, crate::s);",
];

/// What happens to its signature.
#[rustfmt::skip]
const SIGNATURES: &[&str] = &[
    "fn s2(_: In<()>) {} fn s(‹¦x: Res<R>›) {}",
    "fn s2(_: In<()>) {} fn s(x: ‹Res¦ResMut›<R>) {}",
    "fn s2(_: In<()>) {} fn s(x: Res<R>‹¦, y: Res<Q>›) {}",
    "fn s2(_: In<()>) {} fn s(x: Query<‹&Ship¦&mut Ship›>) {}",
    "fn s2(_: In<()>) {} fn s(x: Query<&Ship‹¦, With<Hull>›>) {}",
    "fn s2(_: In<()>) {} fn s(x: ‹Commands¦&mut World›) {}",
    "fn s2(_: In<()>) {} fn s(mut n: Local<‹u8¦u16›>) {}",
    "fn s2(_: In<()>) {} fn s(x: Alias) {} type Alias<'w> = Res<'w, ‹R¦Q›>;",
    "fn s2(_: In<()>) {} use m::‹T1¦T2› as T; mod m { use bevy::prelude::*; #[derive(Resource)] pub struct T1; #[derive(Resource)] pub struct T2; } fn s(x: Res<T>) {}",
    "fn s2(_: In<()>) {} fn s(x: Local<[u8; N]>) {} const N: usize = §;",
    "fn s2(_: In<()>) {} fn s(x: Local<[u8; n()]>) {} const fn n() -> usize { § }",
];

/// The same of an observer.
#[rustfmt::skip]
const OBSERVERS: &[&str] = &[
    "fn s(e: On<Boom>‹¦, x: Res<R>›) {}",
    "fn s(e: On<‹Boom¦Hit›>) {}",
    "fn s(e: On<‹Add¦Remove›, Ship>) {}",
];

/// A system's body, beside what registers it.
#[rustfmt::skip]
const BODY: &[Wired] = &[
    ("app.add_systems(Update, s);", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, s);", "fn s() { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, (a, s).chain());", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, (a, (b, s)).chain().run_if(c));", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, s.run_if(c).in_set(G::A));", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, a.run_if(s));", "fn s(r: Res<R>) -> bool { r.0 > § }"),
    ("app.add_systems(Update, a.run_if(s));", "fn s() -> bool { k() > § } fn k() -> u8 { 1 }"),
    ("app.add_systems(Update, a.run_if(not(s)));", "fn s(r: Res<R>) -> bool { r.0 > § }"),
    ("app.add_systems(Update, a.run_if(in_state(S::A1).and(s)));", "fn s(r: Res<R>) -> bool { r.0 > § }"),
    ("app.add_systems(Update, a.before(s));", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, a.after(s).after(b));", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, a.pipe(s));", "fn s(x: In<()>) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, s.map(drop));", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, (a, b).distributive_run_if(s));", "fn s(r: Res<R>) -> bool { r.0 > § }"),
    ("app.add_systems(Update, crate::s);", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, self::s::<u8>);", "fn s<T>(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Update, (a.ambiguous_with(s), b));", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_observer(s);", "fn s(e: On<Boom>) { k(§); } fn k(_: u8) {}"),
    ("app.world_mut().register_system(s);", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.configure_sets(Update, G::A.run_if(s));", "fn s(r: Res<R>) -> bool { r.0 > § }"),
    ("app.add_systems(Update, Ship::steer);", "impl Ship { fn steer(q: Query<&Ship>) { k(§); } } fn k(_: u8) {}"),
    ("app.add_systems(Update, m::s);", "mod m { use bevy::prelude::*; const SPEED: u8 = §; pub fn s(r: Res<super::R>) -> u8 { SPEED } }"),
    ("app.add_systems(Update, s.run_if(c));", "const LIMIT: u8 = §; fn c(r: Res<R>) -> bool { r.0 > LIMIT }"),
    ("app.add_observer(o);", "const BLAST: u8 = §; fn o(e: On<Boom>) { k(BLAST); } fn k(_: u8) {}"),
    ("let mut boot = Schedule::new(Boot); boot.add_systems(s); app.add_schedule(boot);", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.edit_schedule(Update, |schedule| { schedule.add_systems((s, a).chain()); });", "fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_observer(on_add); app.world_mut().spawn(Ship(1));", "#[derive(Component)] struct Enemy; fn on_add(b: On<Add, Enemy>) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Boot, boot); app.world_mut().spawn(Ship(1));", "fn boot(c: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.register_type::<W>();", "#[derive(Reflect)] struct W; fn k() -> u8 { § }"),
    ("app.add_systems(Update, s::<R>);", "fn s<T>() {} struct O(u8); impl Default for O { fn default() -> O { O(§) } }"),
];

/// What `build` makes the engine run is called.
#[rustfmt::skip]
const STRUCTURE: &[Wired] = &[
    ("app.add_systems(Boot, boot); app.world_mut().run_schedule(Boot);", "fn boot(c: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_systems(Boot, boot.run_if(c)); app.world_mut().try_run_schedule(Boot);", "fn boot(c: Commands) {} fn c() -> bool { k() > § } fn k() -> u8 { 1 }"),
    ("app.add_systems(Boot, (a, || { helper(); })); app.world_mut().run_schedule(Boot);", "fn helper() -> u8 { § }"),
    ("app.add_systems(Boot, LIST); now(app.world_mut());", "const LIST: fn(Commands) = boot; fn boot(c: Commands) { k(§); } fn k(_: u8) {} fn now(w: &mut World) { w.run_schedule(Boot) }"),
    ("let id = app.world_mut().register_system(boot); app.world_mut().run_system(id);", "fn boot(c: Commands) { k(§); } fn k(_: u8) {}"),
    ("let id = app.world_mut().register_system(boot); app.world_mut().run_system_with(id, 1);", "fn boot(c: In<u8>) { k(§); } fn k(_: u8) {}"),
    ("app.world_mut().run_system_once(s);", "fn s(c: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.world_mut().run_system_cached(s);", "fn s(c: Commands) { k(§); } fn k(_: u8) {}"),
    ("app.add_observer(on_boom); app.world_mut().trigger(Boom);", "fn on_boom(b: On<Boom>) { k(§); } fn k(_: u8) {}"),
    ("app.add_observer(on_boom); app.world_mut().commands().trigger(boom());", "fn boom() -> Boom { Boom } fn on_boom(b: On<Boom>, r: ResMut<R>) { k(§); } fn k(_: u8) {}"),
    ("app.add_observer(|b: On<Boom>| { helper(); }); app.world_mut().trigger(Boom);", "fn helper() -> u8 { § }"),
    ("for f in LIST { app.add_observer(f); } app.world_mut().trigger(Boom);", "const LIST: [fn(On<Boom>); 1] = [h]; fn h(e: On<Boom>) { k(§); } fn k(_: u8) {}"),
    ("app.add_observer(boom); app.world_mut().trigger(Boom);", "use m::on_boom as boom; mod m { use bevy::prelude::*; pub fn on_boom(e: On<super::Boom>) { k(§); } fn k(_: u8) {} }"),
    ("app.world_mut().spawn(Ship(1)).observe(on_hit).trigger(Hit);", "fn on_hit(b: On<Hit>) { k(§); } fn k(_: u8) {}"),
    ("let mut boot = Schedule::new(Boot); boot.add_systems(s(1));", "fn s(x: u8) -> impl FnMut() { move || k(x + §) } fn k(_: u8) {}"),
    ("app.add_systems(Update, || { s(); });", "fn s() -> u8 { § }"),
    ("app.add_systems(Update, a.run_if(|r: Res<R>| s(r)));", "fn s(r: Res<R>) -> bool { r.0 > § }"),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("app.add_systems(OnEnter(S::A1), [a, s]);", "app.add_systems(OnEnter(S::A1), [a, s]); ⟶ fn a(mut commands: Commands) {} fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}", Body, Structure, Structure, "a function that became a pointer is not named where the engine makes a system of it"),
    ("app.add_systems(Update, s as fn(Commands));", "app.add_systems(Update, s as fn(Commands)); ⟶ fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}", Body, Structure, Structure, "a function that became a pointer is not named where the engine makes a system of it"),
    ("for systems in LIST { app.add_systems(Update, systems); }", "for systems in LIST { app.add_systems(Update, systems); } ⟶ const LIST: [fn(Commands); 1] = [s]; fn s(mut commands: Commands) { k(§); } fn k(_: u8) {}", Body, Structure, Structure, "a function that became a pointer is not named where the engine makes a system of it"),
    ("the default of a type that is named alone", "app.add_message::<M>(); ⟶ impl Default for M { fn default() -> M { M(§) } }", Body, Structure, Structure, "of a type that build names the engine may call what traits have"),
];

/// Called less than they are.
#[rustfmt::skip]
const FOUND: &[Row] = &[
    ("a command that is a function", "app.world_mut().commands().queue(h); ⟶ fn h(w: &mut World) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a schedule that a method of App runs", "app.add_systems(Boot, boot); app.update(); ⟶ fn boot(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a schedule that is run by itself", "let mut boot = Schedule::new(Boot); boot.add_systems(s); boot.run(app.world_mut()); ⟶ fn s(c: Commands) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a hook that build sets by hand", "app.world_mut().register_component_hooks::<Ship>().on_add(hook); ⟶ fn hook(w: DeferredWorld, c: HookContext) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a command that build queues in a world", "let f: fn(&mut World) = h; f(app.world_mut()); ⟶ fn h(w: &mut World) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a function in a resource", "app.insert_resource(W(s)); ⟶ #[derive(Resource)] struct W(fn(Query<&Ship>)); fn s(q: Query<&Ship>) { k(§); } fn k(_: u8) {}", Structure, Structure),
];

#[rustfmt::skip]
const MISSES: &[Alarm] = &[
    ("an observer of what build spawns", "app.add_observer(on_add); app.world_mut().spawn(Ship(1)); ⟶ fn on_add(b: On<Add, Ship>) { k(§); } fn k(_: u8) {}", Structure, Body, Body, "spawning runs observers, and is not among the methods that run systems"),
    ("an observer of what it requires", "app.add_observer(on_add); app.world_mut().spawn(Fleet); ⟶ #[derive(Component)] #[require(Hull)] struct Fleet; fn on_add(b: On<Add, Hull>) { k(§); } fn k(_: u8) {}", Structure, Body, Body, "spawning runs observers, and is not among the methods that run systems"),
    ("an observer of a resource", "app.add_observer(on_add).insert_resource(R(1)); ⟶ fn on_add(b: On<Insert, R>) { k(§); } fn k(_: u8) {}", Structure, Body, Body, "inserting runs observers, and is not among the methods that run systems"),
    ("an observer that triggers another", "app.add_observer(first).add_observer(on_boom); app.world_mut().spawn(Ship(1)); ⟶ fn first(b: On<Add, Ship>, mut c: Commands) { c.trigger(Boom); } fn on_boom(b: On<Boom>) { k(§); } fn k(_: u8) {}", Structure, Body, Body, "spawning runs observers, and is not among the methods that run systems"),
];
