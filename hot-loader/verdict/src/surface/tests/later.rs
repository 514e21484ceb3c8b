//! What the engine runs later is only mentioned in `build`: its signature decides,
//! its body does not, unless `build` itself makes the engine run it.

use super::super::EditKind::{self, Body, Structure};
use super::{all_are, beside};

#[test]
fn the_body_of_a_registered_system_is_a_body() {
    for build in [
        "app.add_systems(Update, s);",
        "app.add_systems(Update, (a, s).chain());",
        "app.add_systems(Update, (a, (b, s)).chain().run_if(c));",
        "app.add_systems(Update, s.run_if(c).in_set(G::A));",
        "app.add_systems(Update, a.run_if(s));",
        "app.add_systems(Update, a.run_if(not(s)));",
        "app.add_systems(Update, a.run_if(in_state(G::A).and(s)));",
        "app.add_systems(Update, a.before(s));",
        "app.add_systems(Update, a.after(s).after(b));",
        "app.add_systems(Update, a.pipe(s));",
        "app.add_systems(Update, s.pipe(a));",
        "app.add_systems(Update, s.map(drop));",
        "app.add_systems(OnEnter(G::A), [a, s]);",
        "app.add_systems(Update, (a, b).distributive_run_if(s));",
        "app.add_systems(Update, crate::s);",
        "app.add_systems(Update, self::s::<u8>);",
        "app.add_systems(Update, s as fn(Commands));",
        "app.add_systems(Update, (a.ambiguous_with(s), b));",
        "app.add_observer(s);",
        "app.world_mut().register_system(s);",
        "app.configure_sets(Update, G::A.run_if(s));",
        "app.add_systems(Update, || { s(); });",
        "app.add_systems(Update, (a).run_if(|r: Res<R>| s(r)));",
        "for systems in LIST { app.add_systems(Update, systems); }",
    ] {
        let more = "const LIST: [fn(Commands); 1] = [s];";
        let system = |value: u8| format!("{more} fn s(mut commands: Commands) {{ {value}; }}");
        assert_eq!(beside(build, &system(1), &system(2)), Body, "{build}");
    }
}

#[test]
fn the_signature_of_a_registered_system_is_registration() {
    let registrations = [
        "app.add_systems(Update, s);",
        "app.add_systems(Startup, (a, (s, b).chain()));",
        "app.add_systems(Update, a.run_if(s));",
        "app.add_systems(Update, a.run_if(not(s).or(b)));",
        "app.add_systems(Update, a.after(s));",
        "app.add_systems(Update, a.pipe(s));",
        "app.configure_sets(Update, G::A.run_if(s));",
        "app.add_observer(s);",
        "app.world_mut().spawn(Observer::new(s));",
        "app.world_mut().register_system(s);",
        "app.world_mut().register_system_cached(s);",
        "app.sub_app_mut(R).add_systems(Update, s);",
        "let systems = (a, s).chain(); app.add_systems(Update, systems);",
        "for system in [a, s] { app.add_systems(Update, system); }",
        "for system in LIST { app.add_systems(Update, system); }",
        "app.add_systems(Update, in_game(s));",
        "app.add_systems(Update, s.in_game());",
        "App::add_systems(app, Update, s);",
        "add!(app, s);",
        "use self::s as steer; app.add_systems(Update, steer);",
        "app.add_systems(Update, crate::s);",
    ];
    let signatures = [
        ("fn s() {}", "fn s(x: Res<R>) {}"),
        ("fn s(x: Res<R>) {}", "fn s(x: ResMut<R>) {}"),
        ("fn s(x: Res<R>) {}", "fn s(x: Res<R>, y: Res<Q>) {}"),
        ("fn s(x: Query<&A>) {}", "fn s(x: Query<&mut A>) {}"),
        ("fn s(x: Query<&A>) {}", "fn s(x: Query<&A, With<B>>) {}"),
        ("fn s(x: Commands) {}", "fn s(x: &mut World) {}"),
        ("fn s(x: In<u8>) {}", "fn s(x: In<u16>) {}"),
        ("fn s() {}", "fn s() -> bool { true }"),
        ("fn s() -> bool { true }", "fn s() -> Result { Ok(()) }"),
        ("fn s() {}", "fn s(mut n: Local<u8>) {}"),
        ("fn s(mut n: Local<u8>) {}", "fn s(mut n: Local<u16>) {}"),
        ("fn s(x: Odd) {}", "fn s(x: Odder) {}"),
        ("fn s(x: (Res<R>, Res<Q>)) {}", "fn s(x: (Res<R>,)) {}"),
        (
            "fn s<T: Component>(x: Query<&T>) {}",
            "fn s<T: Resource>(x: Query<&T>) {}",
        ),
        ("fn s() {}", "async fn s() {}"),
        ("fn s() {}", "#[cfg(odd)] fn s() {}"),
        (
            "fn s(x: Alias) {} type Alias = Res<'static, R>;",
            "fn s(x: Alias) {} type Alias = Res<'static, Q>;",
        ),
        (
            "use odd::R; fn s(x: Res<R>) {}",
            "use even::R; fn s(x: Res<R>) {}",
        ),
    ];
    let more = "const LIST: [fn(); 1] = [s]; fn a() {} fn b() {} fn in_game<M>(s: impl IntoScheduleConfigs<S, M>) {} trait InGame { fn in_game(self); } macro_rules! add { ($app:expr, $s:expr) => { $app.add_systems(Update, $s) } }";
    for build in registrations {
        for (before, after) in signatures {
            let kind = beside(
                build,
                &format!("{more} {before}"),
                &format!("{more} {after}"),
            );
            assert_eq!(kind, Structure, "{build}: {before} -> {after}");
        }
    }
}

#[test]
fn a_system_that_comes_goes_or_gets_another_name_is_registration() {
    for (before, after) in [
        ("a", "b"),
        ("a", "(a, b)"),
        ("(a, b)", "(b, a)"),
        ("(a, b)", "(a, b).chain()"),
        ("(a, b).chain()", "(a, b).chain_ignore_deferred()"),
        ("a", "a.before(b)"),
        ("a.before(b)", "a.after(b)"),
        ("a", "a.in_set(G::A)"),
        ("a.in_set(G::A)", "a.in_set(G::B)"),
        ("a", "a.run_if(c)"),
        ("a.run_if(c)", "a.run_if(not(c))"),
        ("a.run_if(c)", "a.run_if(|r: Res<R>| r.0)"),
        ("a.run_if(|r: Res<R>| r.0)", "a.run_if(|r: Res<R>| !r.0)"),
        ("a.run_if(|r: Res<R>| r.0)", "a.run_if(|r: Res<Q>| r.0)"),
        ("(a, b).run_if(c)", "(a, b).distributive_run_if(c)"),
        ("a", "a.ambiguous_with(b)"),
        ("a", "a.pipe(b)"),
        ("a", "a::<u8>"),
        ("a::<u8>", "a::<u16>"),
        ("a", "A::a"),
        ("a", "m::a"),
        ("|| 1", "|| 2"),
        ("|x: Res<R>| ()", "|x: ResMut<R>| ()"),
    ] {
        let with = |systems: &str| format!("app.add_systems(Update, {systems});");
        let more = "fn a() {} fn b() {} fn c() -> bool { true } mod m { pub fn a() {} }";
        for (before, after) in [(before, after), (after, before)] {
            let edit = super::edit(
                &super::plugin(&with(before), more),
                &super::plugin(&with(after), more),
            );
            assert_eq!(edit.kind, Structure, "{before} -> {after}");
        }
    }
    // Its name alone, everywhere.
    let renamed = |name: &str| {
        super::plugin(
            &format!("app.add_systems(Update, {name});"),
            &format!("fn {name}(x: Res<R>) {{ 1; }}"),
        )
    };
    assert_eq!(super::edit(&renamed("a"), &renamed("b")).kind, Structure);
}

#[test]
fn one_of_each_registration_is_registration() {
    for statement in [
        "app.init_resource::<R>();",
        "app.insert_resource(R);",
        "app.insert_non_send_resource(R);",
        "app.init_state::<S>();",
        "app.insert_state(S::A);",
        "app.add_sub_state::<S>();",
        "app.add_computed_state::<S>();",
        "app.enable_state_scoped_entities::<S>();",
        "app.add_message::<M>();",
        "app.add_event::<M>();",
        "app.add_observer(on_hit);",
        "app.add_observer(on_hit.run_if(c));",
        "app.register_type::<R>();",
        "app.register_type_data::<R, ReflectComponent>();",
        "app.register_required_components::<A, B>();",
        "app.register_required_components_with::<A, B>(|| B(1));",
        "app.world_mut().register_component_hooks::<A>().on_add(|w, c| ());",
        "let id = app.register_system(s);",
        "let id = app.world_mut().register_system(s); app.insert_resource(R(id));",
        "app.configure_sets(Update, (G::A, G::B).chain());",
        "app.configure_sets(FixedUpdate, G::A.run_if(c));",
        "app.add_schedule(Schedule::new(L));",
        "app.init_schedule(L);",
        "app.edit_schedule(Update, |schedule| { schedule.set_executor_kind(E::SingleThreaded); });",
        "app.world_mut().resource_mut::<MainScheduleOrder>().insert_after(Update, L);",
        "app.allow_ambiguous_resource::<R>();",
        "app.ignore_ambiguity(Update, a, b);",
        "app.init_asset::<A>();",
        "app.register_asset_loader(L);",
        "app.init_gizmo_group::<G>();",
        "app.world_mut().spawn(A);",
        "app.set_error_handler(warn);",
        "app.insert_sub_app(L, SubApp::new());",
        "app.sub_app_mut(L).set_extract(extract);",
        "app.add_plugins(a);",
        "app.finish();",
        "#[cfg(feature = \"debug\")] app.add_systems(Update, s);",
        "if cfg!(debug_assertions) { app.add_systems(Update, s); }",
        "if option_env!(\"CHEATS\").is_some() { app.add_systems(Update, s); }",
        "app.insert_resource(Version(env!(\"CARGO_PKG_VERSION\")));",
        "app.insert_resource(Level(include_str!(\"level.txt\")));",
        "for at in 0..3 { app.add_systems(Update, s(at)); }",
        "let _ = 1;",
    ] {
        for (before, after) in [("", statement), (statement, "")] {
            let more = "fn a() {} fn b() {} fn c() -> bool { true } fn s() {}";
            let edit = super::edit(&super::plugin(before, more), &super::plugin(after, more));
            assert_eq!(edit.kind, Structure, "{statement}");
        }
    }
    for (before, after) in [
        ("app.add_observer(a);", "app.add_observer(b);"),
        ("app.init_state::<S>();", "app.insert_state(S::B);"),
        ("app.add_message::<M>();", "app.add_message::<N>();"),
        (
            "#[cfg(a)] app.add_message::<M>();",
            "#[cfg(b)] app.add_message::<M>();",
        ),
        ("if cfg!(a) { s(); }", "if cfg!(b) { s(); }"),
        ("f(env!(\"A\"));", "f(env!(\"B\"));"),
        ("f(option_env!(\"A\"));", "f(option_env!(\"B\"));"),
        ("f(include_str!(\"a\"));", "f(include_str!(\"b\"));"),
        ("for x in [1, 2] { f(x); }", "for x in [2, 1] { f(x); }"),
        ("for x in 0..2 { f(x); }", "for x in 0..3 { f(x); }"),
    ] {
        let edit = super::edit(&super::plugin(before, ""), &super::plugin(after, ""));
        assert_eq!(edit.kind, Structure, "{before} -> {after}");
    }
}

#[test]
fn what_build_makes_the_engine_run_is_called() {
    all_are(
        Structure,
        &[
            // A schedule, by hand.
            (
                "app.add_systems(Boot, boot); app.world_mut().run_schedule(Boot);",
                "fn boot(c: Commands) { § }",
            ),
            (
                "app.add_systems(Boot, boot.run_if(c)); app.world_mut().try_run_schedule(Boot);",
                "fn boot(c: Commands) {} fn c() -> bool { § > 1 }",
            ),
            (
                "app.add_systems(Boot, (a, || helper())); app.world_mut().run_schedule(Boot);",
                "fn helper() { § }",
            ),
            (
                "app.add_systems(Boot, boot); app.update();",
                "fn boot(c: Commands) { inner() } fn inner() { § }",
            ),
            (
                "app.add_systems(Boot, LIST); now(app.world_mut());",
                "const LIST: fn(Commands) = boot; fn boot(c: Commands) { § } fn now(w: &mut World) { w.run_schedule(Boot) }",
            ),
            (
                "app.add_systems(Boot, boot); let mut s = app.world_mut().resource_mut::<Schedules>().remove(Boot); s.run(app.world_mut());",
                "fn boot(c: Commands) { § }",
            ),
            (
                "let id = app.world_mut().register_system(boot); app.world_mut().run_system(id);",
                "fn boot(c: Commands) { § }",
            ),
            (
                "let id = app.world_mut().register_system(boot); app.world_mut().run_system_with(id, 1);",
                "fn boot(c: In<u8>) { § }",
            ),
            // Observers, by their events.
            (
                "app.add_observer(on_boom); app.world_mut().trigger(Boom);",
                "#[derive(Event)] struct Boom; fn on_boom(b: On<Boom>) { § }",
            ),
            (
                "app.add_observer(on_boom); app.world_mut().commands().trigger(boom());",
                "#[derive(Event)] struct Boom; fn boom() -> Boom { Boom } fn on_boom(b: On<Boom>, r: ResMut<R>) { § }",
            ),
            (
                "app.add_observer(|b: On<Boom>| helper()); app.world_mut().trigger(Boom);",
                "#[derive(Event)] struct Boom; fn helper() { § }",
            ),
            (
                "app.add_observer(on_add); app.world_mut().spawn(Ship);",
                "#[derive(Component)] struct Ship; fn on_add(b: On<Add, Ship>) { § }",
            ),
            (
                "app.add_observer(on_add); app.world_mut().spawn(Ship);",
                "#[derive(Component)] #[require(Hull)] struct Ship; #[derive(Component, Default)] struct Hull; fn on_add(b: On<Add, Hull>) { § }",
            ),
            (
                "app.add_observer(on_add); app.world_mut().spawn(Transform);",
                "fn on_add(b: On<Add, Transform>) { § }",
            ),
            (
                "app.add_observer(on_add).insert_resource(Score);",
                "#[derive(Resource)] struct Score; fn on_add(b: On<Insert, Score>) { § }",
            ),
            (
                "app.add_observer(on_add).init_resource::<Score>();",
                "#[derive(Resource, Default)] struct Score; fn on_add(b: On<Add, Score>) { § }",
            ),
            (
                "app.add_observer(a).add_observer(on_boom); app.world_mut().spawn(Ship);",
                "struct Ship; struct Boom; fn a(b: On<Add, Ship>, mut c: Commands) { c.trigger(Boom); } fn on_boom(b: On<Boom>) { § }",
            ),
            (
                "for f in LIST { app.add_observer(f); } app.world_mut().trigger(Boom);",
                "const LIST: [fn(On<Boom>); 1] = [h]; struct Boom; fn h(e: On<Boom>) { § }",
            ),
            (
                "app.add_observer(ON_BOOM); app.world_mut().trigger(Boom);",
                "const ON_BOOM: fn(On<Boom>) = h; struct Boom; fn h(e: On<Boom>) { § }",
            ),
            (
                "app.add_observer(boom); app.world_mut().trigger(Boom);",
                "use m::on_boom as boom; struct Boom; mod m { pub fn on_boom(e: On<super::Boom>) { § } }",
            ),
            (
                "app.add_observer(on_any::<Ship>); app.world_mut().spawn(Ship);",
                "struct Ship; fn on_any<C: Component>(b: On<Add, C>) { § }",
            ),
            (
                "app.world_mut().spawn(Ship).observe(on_hit).trigger(Hit);",
                "struct Ship; struct Hit; fn on_hit(b: On<Hit>) { § }",
            ),
        ],
    );
    all_are(
        Body,
        &[
            // Nothing runs yet.
            (
                "app.add_observer(on_boom);",
                "#[derive(Event)] struct Boom; fn on_boom(b: On<Boom>) { § }",
            ),
            (
                "app.add_observer(on_add); app.world_mut().spawn(Ship);",
                "struct Ship; struct Enemy; fn on_add(b: On<Add, Enemy>) { § }",
            ),
            (
                "app.add_observer(on_boom); app.world_mut().trigger(Boom);",
                "struct Boom; struct Hit; fn on_boom(b: On<Boom>) {} fn on_hit(b: On<Hit>) { § }",
            ),
            (
                "app.add_observer(on_add).init_resource::<R>();",
                "struct R; fn on_add(b: On<Add, Camera>) { § }",
            ),
            (
                "app.add_systems(Boot, boot); app.world_mut().spawn(Ship);",
                "struct Ship; fn boot(c: Commands) { § }",
            ),
            (
                "app.add_systems(Boot, boot.run_if(|| helper()));",
                "fn boot(c: Commands) { § } fn helper() { § }",
            ),
        ],
    );
}

#[test]
fn a_schedule_of_its_own_takes_systems_first() {
    let with = |value: u8| format!("fn s(c: Commands) {{ {value} }}");
    for build in [
        "let mut boot = Schedule::new(Boot); boot.add_systems(s); app.add_schedule(boot);",
        "app.edit_schedule(Update, |schedule| { schedule.add_systems((s, a).chain()); });",
        "app.edit_schedule(Update, |schedule| { schedule.configure_sets(G::A.run_if(s)); });",
    ] {
        assert_eq!(beside(build, &with(1), &with(2)), Body, "{build}");
    }
    let kind: EditKind = beside(
        "let mut boot = Schedule::new(Boot); boot.add_systems(s(1));",
        &with(1),
        &with(2),
    );
    assert_eq!(kind, Structure);
}
