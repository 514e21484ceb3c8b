//! What `build` says: each call of it, and each way in which a system stands there.
//!
//! Must not hold rows about code that `build` calls.

use super::Kind::{Body, Structure};
use super::{Alarm, Wired, alarms, check, plugins};

#[test]
fn what_build_says_is_registration() {
    check(
        &[
            plugins(Structure, STRUCTURE),
            plugins(Body, BODY),
            alarms(ALARMS),
        ]
        .concat(),
    );
}

#[rustfmt::skip]
const STRUCTURE: &[Wired] = &[
    ("app.add_systems(Update, ‹a¦b›);", "fn a() {} fn b() {}"),
    ("app.add_systems(Update, ‹a¦(a, b)›);", ""),
    ("app.add_systems(Update, ‹(a, b)¦(b, a)›);", ""),
    ("app.add_systems(Update, (a, b)‹¦.chain()›);", ""),
    ("app.add_systems(Update, (a, b).‹chain¦chain_ignore_deferred›());", ""),
    ("app.add_systems(Update, a‹¦.before(b)›);", ""),
    ("app.add_systems(Update, a.‹before¦after›(b));", ""),
    ("app.add_systems(Update, a‹¦.in_set(G::A)›);", ""),
    ("app.add_systems(Update, a.in_set(G::‹A¦B›));", ""),
    ("app.add_systems(Update, a‹¦.run_if(c)›);", ""),
    ("app.add_systems(Update, a.run_if(‹c¦not(c)›));", ""),
    ("app.add_systems(Update, a.run_if(c.‹and¦or›(c)));", ""),
    ("app.add_systems(Update, a.run_if(‹c¦|r: Res<R>| r.0 > 1›));", ""),
    ("app.add_systems(Update, a.run_if(|r: Res<R>| ‹r.0 > 1¦r.0 > 2›));", ""),
    ("app.add_systems(Update, a.run_if(|r: Res<‹R¦Q›>| r.0 > 1));", ""),
    ("app.add_systems(Update, (a, b).‹run_if¦distributive_run_if›(c));", ""),
    ("app.add_systems(Update, a‹¦.ambiguous_with(b)›);", ""),
    ("app.add_systems(Update, a‹¦.pipe(|_: In<()>| {})›);", ""),
    ("app.add_systems(Update, e::<‹u8¦u16›>);", "fn e<T>() {}"),
    ("app.add_systems(Update, ‹a¦m::a2›);", "mod m { pub fn a2() {} }"),
    ("app.add_systems(Update, ‹a¦m::a›);", "fn a() {} mod m { pub fn a() {} }"),
    ("app.add_systems(Update, ‹a¦Ship::a›);", "fn a() {} impl Ship { fn a() {} }"),
    ("app.add_systems(Update, || k(§));", "fn k(_: u8) {}"),
    ("app.add_systems(Update, |x: ‹Res¦ResMut›<R>| ());", ""),
    ("app.add_systems(Update, ‹e¦f›);", "fn ‹e¦f›(x: Res<R>) {}"),
    ("app.add_systems(‹Update¦FixedUpdate›, a);", ""),
    ("app.add_systems(OnEnter(S::‹A1¦A2›), a);", ""),
    ("app.add_systems(‹OnEnter¦OnExit›(S::A1), a);", ""),
    ("‹¦app.add_observer(o);›", "fn o(e: On<Boom>) {}"),
    ("app.add_observer(‹o¦p›);", "fn o(e: On<Boom>) {} fn p(e: On<Boom>) {}"),
    ("‹¦app.init_resource::<R>();›", ""),
    ("app.insert_resource(R(§));", ""),
    ("app.‹init_state::<S>()¦insert_state(S::A2)›;", ""),
    ("app.insert_state(S::A§);", ""),
    ("‹¦app.add_message::<M>();›", ""),
    ("app.add_message::<‹M¦N›>();", "#[derive(Message)] struct N;"),
    ("‹¦app.register_type::<W>();›", "#[derive(Reflect)] struct W;"),
    ("‹¦app.register_required_components::<Ship, Hull>();›", ""),
    ("‹¦app.register_required_components_with::<Ship, Hull>(|| Hull(1));›", ""),
    ("app.register_required_components_with::<Ship, Hull>(|| Hull(§));", ""),
    ("‹¦app.world_mut().register_component_hooks::<Ship>().on_add(|w, c| ());›", ""),
    ("‹¦let id = app.register_system(s);›", ""),
    ("‹¦app.configure_sets(Update, (G::A, G::B).chain());›", ""),
    ("app.configure_sets(Update, ‹(G::A, G::B)¦(G::B, G::A)›.chain());", ""),
    ("‹¦app.configure_sets(FixedUpdate, G::A.run_if(c));›", ""),
    ("‹¦app.add_schedule(Schedule::new(L));›", ""),
    ("‹¦app.init_schedule(L);›", ""),
    ("app.edit_schedule(Update, |schedule| {‹¦ schedule.add_systems(a);› });", ""),
    ("‹¦app.world_mut().spawn(Ship(1));›", ""),
    ("app.world_mut().spawn(Ship(§));", ""),
    ("‹¦app.add_plugins(e);›", "fn e(app: &mut App) {}"),
    ("‹¦app.finish();›", ""),
    ("‹¦#[cfg(not(f))] ›app.add_message::<M>();‹¦ #[cfg(f)] app.init_resource::<R>();› k(§);", "fn k(_: u8) {}"),
    ("#[cfg(‹f¦not(f)›)] app.add_message::<M>();", ""),
    ("if cfg!(‹f¦not(f)›) { app.add_systems(Update, a); }", ""),
    ("if option_env!(\"‹A_B_C¦PATH›\").is_some() { app.add_systems(Update, a); }", ""),
    ("app.insert_resource(W(\"‹a¦b›\"));", "#[derive(Resource)] struct W(&'static str);"),
    ("for at in 0..‹2¦3› { app.add_systems(Update, a); }", ""),
    ("for x in ‹[1, 2]¦[2, 1]› { k(x); }", "fn k(_: u8) {}"),
    ("‹¦let _ = k();›", "fn k() -> u8 { 1 }"),
    ("app.add_systems(Update, s.run_if(resource_equals(R(§))));", ""),
    ("app.add_systems(Update, s.run_if(in_state(S::A§)));", ""),
    ("app.insert_resource(W { f: Self::h§ });", "#[derive(Resource)] struct W { f: fn() -> u8 } impl P { fn h1() -> u8 { 1 } fn h2() -> u8 { 1 } }"),
    ("app.add_systems(Update, a); m::more(app);", "mod m { use bevy::prelude::*; pub fn more(app: &mut App) { app.add_systems(Update, ‹x¦y›); } fn x() {} fn y() {} }"),
    ("", "mod m { use bevy::prelude::*; pub fn more(app: &mut App) { app.add_systems(Update, ‹x¦y›); } fn x() {} fn y() {} }"),
    ("app.add_systems(Update, one_shots);", "fn one_shots(mut c: Commands) { c.run_system_cached(shot); } fn shot(x: Res<‹R¦Q›>) {}"),
];

#[rustfmt::skip]
const BODY: &[Wired] = &[
    ("app.add_systems(Update, ‹(a, b)¦(a, b,)›);", ""),
    ("‹¦// The order matters.\n› app.add_systems(Update, a);", ""),
    ("app.add_systems(‹¦\n›Update, a);", ""),
    ("‹¦#[allow(unused)] ›app.add_systems(Update, a);", ""),
    ("app.add_systems(Update, ‹a¦crate::a›);", ""),
    ("‹app.add_systems(Update, a);¦App::add_systems(app, Update, a);›", ""),
    ("let ‹x¦y› = 1; app.insert_resource(R(‹x¦y›));", ""),
    ("app.add_systems(Update, ‹a¦e›);", "fn a() {} use a as e;"),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("an equal value by another way", "app.insert_resource(R(‹3¦1 + 2›)); ⟶ ", Body, Structure, Structure, "code that registers is compared as it is written"),
];
