//! Edits of the registration surface.

use super::super::EditKind::{self, Body, Structure, Types};
use super::{Row, check, edit};

/// A plugin with this `build`, and more items.
fn plugin(build: &str, more: &str) -> String {
    format!(
        "use bevy::prelude::*; hot_loader::export!(P); pub struct P; impl Plugin for P {{ fn build(&self, app: &mut App) {{ {build} }} }} {more}"
    )
}

/// The kind of an edit of `more`, beside an unchanged `build`.
fn beside(build: &str, before: &str, after: &str) -> EditKind {
    edit(&plugin(build, before), &plugin(build, after)).kind
}

#[test]
fn what_build_says_is_registration() {
    for (behaviour, before, after) in [
        (
            "a system is added",
            "app.add_systems(Update, a);",
            "app.add_systems(Update, (a, b));",
        ),
        (
            "the order changes",
            "app.add_systems(Update, (a, b));",
            "app.add_systems(Update, (a, b).chain());",
        ),
        (
            "the schedule changes",
            "app.add_systems(Update, a);",
            "app.add_systems(FixedUpdate, a);",
        ),
        (
            "a condition is added",
            "app.add_systems(Update, a);",
            "app.add_systems(Update, a.run_if(c));",
        ),
        (
            "a closure changes",
            "app.add_systems(Update, || { 1; });",
            "app.add_systems(Update, || { 2; });",
        ),
        ("an observer is added", "", "app.add_observer(a);"),
        (
            "a value changes",
            "app.insert_resource(R(1));",
            "app.insert_resource(R(2));",
        ),
        ("a message is added", "", "app.add_message::<M>();"),
        ("a state is added", "", "app.init_state::<S>();"),
    ] {
        let more = "fn a() {} fn b() {} fn c() -> bool { true }";
        let edit = |before, after| edit(&plugin(before, more), &plugin(after, more)).kind;
        assert_eq!(
            (edit(before, after), edit(after, before)),
            (Structure, Structure),
            "{behaviour}"
        );
    }
}

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
fn what_build_calls_is_registration() {
    for build in [
        "h();",
        "let x = h();",
        "app.insert_resource(h());",
        "app.add_systems(Update, a.run_if(h(0.5)));",
        "app.add_systems(Update, h(1));",
        "app.add_systems(Update, (a, h(1)).chain());",
        "app.add_systems(h(), a);",
        "let f = h; f();",
        "other(app, h);",
        "app.world_mut().run_system_once(h);",
        "let v: Vec<u8> = [1].into_iter().map(h).collect();",
        "app.add_systems(Update, [h, h].map(|f| f()));",
        "app.add_systems(Update, s.map(|x| h(x)));",
        "app.add_systems(Update, { h(); a });",
        "app.add_systems(Update, if h() { a } else { b });",
        "for x in 0..h() { app.add_systems(Update, a); }",
        "let f = || h(); f();",
        "custom!(h);",
        "vec![h()];",
        "crate::h();",
        "app.insert_resource(R { x: h(), y: 1 });",
        "indirect();",
        "app.insert_resource(R(INDIRECT));",
        "app.world_mut().resource_scope(|w, r| { h(); });",
        "match h() { _ => {} }",
        "app.add_plugins((A, h));",
        "register!(app);",
    ] {
        let more = "fn indirect() { h(); } macro_rules! register { ($a:expr) => { h() } }";
        let helper = |value: u8| {
            format!("{more} const INDIRECT: fn() -> u8 = h; fn h() -> u8 {{ {value} }}")
        };
        assert_eq!(beside(build, &helper(1), &helper(2)), Structure, "{build}");
        // What an unknown macro as a statement names, a type might.
        if !["register!(app);", "custom!(h);"].contains(&build) {
            let constant = |value: u8| {
                format!(
                    "fn indirect() {{ h(); }} const INDIRECT: u8 = h(); const fn h() -> u8 {{ {value} }}"
                )
            };
            assert_eq!(
                beside(build, &constant(1), &constant(2)),
                Structure,
                "{build}, constant"
            );
        }
    }
}

#[test]
fn methods_that_build_calls_are_registration() {
    for (build, item) in [
        ("R::new();", "struct R; impl R { fn new() -> u8 { § } }"),
        (
            "crate::R::new();",
            "struct R; impl R { fn new() -> u8 { § } }",
        ),
        ("self.more(app);", "impl P { fn more(&self) { § } }"),
        ("Self::more(app);", "impl P { fn more() { § } }"),
        (
            "app.more();",
            "trait More { fn more(&mut self); } impl More for App { fn more(&mut self) { § } }",
        ),
        ("app.more();", "trait More { fn more(&mut self) { § } }"),
        (
            "More::more(app);",
            "trait More { fn more(&mut self); } impl More for App { fn more(&mut self) { § } }",
        ),
        (
            "<R as Make>::make();",
            "struct R; trait Make { fn make(); } impl Make for R { fn make() { § } }",
        ),
        (
            "R::make();",
            "struct R; trait Make { fn make() { § } } impl Make for R {}",
        ),
        (
            "Alias::new();",
            "struct R; type Alias = R; impl R { fn new() -> u8 { § } }",
        ),
        (
            "Renamed::new();",
            "use self::R as Renamed; struct R; impl R { fn new() -> u8 { § } }",
        ),
        (
            "generic::<R>();",
            "fn generic<T: Make>() { T::make(); } struct R; trait Make { fn make(); } impl Make for R { fn make() { § } }",
        ),
        (
            "m::R::new();",
            "mod m { pub struct R; impl R { pub fn new() -> u8 { § } } }",
        ),
        ("mk();", "use self::h as mk; fn h() -> u8 { § }"),
        (
            "mk();",
            "use self::a as mk; use self::mk as a; fn h() -> u8 { § } fn a() { h(); }",
        ),
        ("use self::h as mk; mk();", "fn h() -> u8 { § }"),
        (
            "let v = 2.0 * R;",
            "struct R; impl Mul<R> for f32 { type Output = R; fn mul(self, r: R) -> R { § } }",
        ),
        ("m::h();", "mod m { pub fn h() -> u8 { § } }"),
        (
            "m::h();",
            "mod m { pub use super::n::h; } mod n { pub fn h() -> u8 { § } }",
        ),
        (
            "(base() * 2).go();",
            "struct R; fn base() -> R { R } impl Mul<u8> for R { type Output = R; fn mul(self, o: u8) -> R { § } }",
        ),
        (
            "let r: R = x().into();",
            "struct R; impl From<u8> for R { fn from(x: u8) -> R { § } }",
        ),
        (
            "app.insert_resource(W { r: \"1\".parse() });",
            "struct W { r: R } struct R; impl FromStr for R { fn from_str(x: &str) -> R { § } }",
        ),
    ] {
        let (before, after) = (item.replace('§', "1"), item.replace('§', "2"));
        assert_eq!(beside(build, &before, &after), Structure, "{build} {item}");
    }
}

#[test]
fn initial_values_of_resources_are_registration() {
    for (build, item) in [
        (
            "app.init_resource::<R>();",
            "struct R; impl Default for R { fn default() -> R { § } }",
        ),
        (
            "app.init_resource::<R>();",
            "struct R; impl FromWorld for R { fn from_world(w: &mut World) -> R { § } }",
        ),
        (
            "app.insert_resource(R::default());",
            "struct R; impl Default for R { fn default() -> R { § } }",
        ),
        (
            "app.insert_resource(R { a: 1, ..default() });",
            "struct R; impl Default for R { fn default() -> R { § } }",
        ),
        (
            "app.insert_resource(R { a: Default::default() });",
            "struct R { a: A } struct A; impl Default for A { fn default() -> A { § } }",
        ),
        (
            "app.init_resource::<R>();",
            "#[derive(Default)] struct R { a: A } struct A; impl Default for A { fn default() -> A { § } }",
        ),
        (
            "app.init_resource::<R>();",
            "#[derive(Default)] struct R { a: Vec<A>, b: B } #[derive(Default)] struct B(A); struct A; impl Default for A { fn default() -> A { § } }",
        ),
        (
            "app.init_resource::<R>();",
            "struct R; impl Default for R { fn default() -> R { h() } } fn h() -> R { § }",
        ),
        (
            "app.init_resource::<R>();",
            "struct R(u8); impl Default for R { fn default() -> R { R(V) } } const V: u8 = §;",
        ),
        (
            "app.init_resource::<R>();",
            "struct R(u8); impl Default for R { fn default() -> R { R(Self::V) } } impl R { const V: u8 = §; }",
        ),
        (
            "app.init_resource::<R>();",
            "struct R(u8); impl Default for R { fn default() -> R { R(W.0) } } static W: (u8, u8) = (§, 1);",
        ),
        (
            "app.init_state::<S>();",
            "enum S { A, B } impl Default for S { fn default() -> S { § } }",
        ),
        (
            "app.insert_resource(R(V));",
            "struct R(u8); const V: u8 = §;",
        ),
        (
            "app.insert_resource(R(m::V));",
            "struct R(u8); mod m { pub const V: u8 = §; }",
        ),
        (
            "app.insert_resource(R(V));",
            "struct R(u8); const V: u8 = W; const W: u8 = §;",
        ),
        (
            "app.add_systems(Update, a.run_if(on_timer(Duration::from_secs_f32(V))));",
            "const V: f32 = §.0;",
        ),
        (
            "app.insert_resource(Name::new(format!(\"{V}\")));",
            "const V: u8 = §;",
        ),
        (
            "use m::{V}; app.insert_resource(R(V));",
            "struct R(u8); mod m { pub const V: u8 = §; }",
        ),
        (
            "app.insert_resource(R(bevy_tuning::V));",
            "struct R(u8); mod bevy_tuning { pub const V: u8 = §; }",
        ),
        (
            "app.init_resource::<Renamed>();",
            "use self::R as Renamed; struct R; impl Default for R { fn default() -> R { § } }",
        ),
        (
            "app.init_resource::<R>();",
            "type Alias = R; struct R; impl Default for Alias { fn default() -> R { § } }",
        ),
        (
            "let x = y().unwrap_or_default();",
            "struct R; impl Default for R { fn default() -> R { § } }",
        ),
    ] {
        let (before, after) = (item.replace('§', "1"), item.replace('§', "2"));
        assert_eq!(beside(build, &before, &after), Structure, "{build} {item}");
    }
}

#[test]
fn names_of_types_alone_make_nothing_of_them_registration() {
    for build in [
        "app.register_type::<R>();",
        "app.add_message::<R>();",
        "app.add_systems(Update, s::<R>);",
        "app.add_systems(Update, s.run_if(resource_exists::<R>));",
    ] {
        let more = |value: u8| {
            format!(
                "struct R; impl Default for R {{ fn default() -> R {{ {value} }} }} fn s() {{}}"
            )
        };
        assert_eq!(beside(build, &more(1), &more(2)), Body, "{build}");
    }
}

#[test]
fn functions_that_take_an_app_are_registration() {
    let rows: &[Row] = &[
        (
            "a plugin function",
            "fn plugin(app: &mut App) { 1; }",
            "fn plugin(app: &mut App) { 2; }",
            Structure,
            Structure,
        ),
        (
            "a sub-app",
            "fn p(app: &mut SubApp) { 1; }",
            "fn p(app: &mut SubApp) { 2; }",
            Structure,
            Structure,
        ),
        (
            "a schedule",
            "fn p(s: &mut Schedule) { 1; }",
            "fn p(s: &mut Schedule) { 2; }",
            Structure,
            Structure,
        ),
        (
            "a maker of systems",
            "fn p() -> ScheduleConfigs<S> { 1 }",
            "fn p() -> ScheduleConfigs<S> { 2 }",
            Structure,
            Structure,
        ),
        (
            "a generic maker",
            "fn p<M>(s: impl IntoScheduleConfigs<M>) { 1 }",
            "fn p<M>(s: impl IntoScheduleConfigs<M>) { 2 }",
            Structure,
            Structure,
        ),
        (
            "a renamed App",
            "use bevy::app::App as Game; fn p(a: &mut Game) { 1 }",
            "use bevy::app::App as Game; fn p(a: &mut Game) { 2 }",
            Structure,
            Structure,
        ),
        (
            "an aliased App",
            "type Game<'a> = &'a mut App; fn p(a: Game) { 1 }",
            "type Game<'a> = &'a mut App; fn p(a: Game) { 2 }",
            Structure,
            Structure,
        ),
        (
            "a plugin's finish",
            "impl Plugin for P { fn finish(&self, a: &mut App) { 1 } }",
            "impl Plugin for P { fn finish(&self, a: &mut App) { 2 } }",
            Structure,
            Structure,
        ),
        (
            "a plugin's is_unique",
            "impl Plugin for P { fn is_unique(&self) -> bool { true } }",
            "impl Plugin for P { fn is_unique(&self) -> bool { false } }",
            Structure,
            Structure,
        ),
        (
            "a plugin group",
            "impl PluginGroup for P { fn build(self) -> B { 1 } }",
            "impl PluginGroup for P { fn build(self) -> B { 2 } }",
            Structure,
            Structure,
        ),
        (
            "a returned plugin",
            "fn p() -> impl Plugin { 1 }",
            "fn p() -> impl Plugin { 2 }",
            Structure,
            Structure,
        ),
        (
            "a new plugin",
            "struct A;",
            "struct A; impl Plugin for A { fn build(&self, app: &mut App) {} }",
            Structure,
            Structure,
        ),
        (
            "the exported expression",
            "hot_loader::export!(A);",
            "hot_loader::export!(B);",
            Structure,
            Structure,
        ),
        (
            "what the exported expression calls",
            "hot_loader::export!(p(1)); fn p(x: u8) -> P { 1 }",
            "hot_loader::export!(p(1)); fn p(x: u8) -> P { 2 }",
            Structure,
            Structure,
        ),
        (
            "an exclusive system",
            "fn s(world: &mut World) { 1; }",
            "fn s(world: &mut World) { 2; }",
            Body,
            Body,
        ),
    ];
    check(rows);
}

#[test]
fn signatures_that_the_engine_may_know_are_registration() {
    let system = "app.add_systems(Update, (s, t));";
    assert_eq!(
        beside(system, "fn s(a: Res<A>) {}", "fn s(a: ResMut<A>) {}"),
        Structure
    );
    assert_eq!(
        beside(system, "fn s() {}", "fn s(mut n: Local<u8>) {}"),
        Structure
    );
    assert_eq!(
        beside(system, "fn s() {}", "#[cfg(feature = \"x\")] fn s() {}"),
        Structure
    );
    assert_eq!(
        beside(
            system,
            "fn s(a: Local<[u8; N]>) {} const N: usize = 1;",
            "fn s(a: Local<[u8; N]>) {} const N: usize = 2;"
        ),
        Structure
    );
    assert_eq!(
        beside(
            system,
            "fn s(a: Local<[u8; n()]>) {} const fn n() -> usize { 1 }",
            "fn s(a: Local<[u8; n()]>) {} const fn n() -> usize { 2 }"
        ),
        Structure
    );
    assert_eq!(
        beside(
            system,
            "fn s(q: Ships) {} type Ships<'a> = Query<&'a A>;",
            "fn s(q: Ships) {} type Ships<'a> = Query<&'a B>;"
        ),
        Structure
    );
    assert_eq!(
        beside(
            system,
            "fn s(t: Res<Time>) {}",
            "use other::Time; fn s(t: Res<Time>) {}"
        ),
        Structure
    );
    assert_eq!(
        beside("", "fn helper(a: u8) {}", "fn helper(a: u16) {}"),
        Body
    );
    assert_eq!(
        beside(
            "",
            "fn maybe_a_one_shot(a: Res<A>) {}",
            "fn maybe_a_one_shot(a: Res<B>) {}"
        ),
        Structure
    );
    assert_eq!(
        beside(
            "",
            "fn f() -> impl Fn() { || 1 }",
            "fn f() -> impl FnMut() { || 1 }"
        ),
        Structure
    );
    assert_eq!(
        beside("", "async fn f(a: u8) {}", "async fn f(a: u16) {}"),
        Structure
    );
    assert_eq!(beside("", "fn f() {}", "async fn f() {}"), Structure);
}

#[test]
fn new_types_are_registration() {
    let rows: &[Row] = &[
        (
            "a component",
            "struct A;",
            "struct A; #[derive(Component)] struct B { x: u8 }",
            Structure,
            Types,
        ),
        (
            "an enum",
            "struct A;",
            "struct A; enum B { C }",
            Structure,
            Types,
        ),
        (
            "a union",
            "struct A;",
            "struct A; union B { x: u8 }",
            Structure,
            Types,
        ),
        (
            "a new type with its own contract",
            "struct A;",
            "struct A; struct B; impl Component for B { const S: u8 = 1; fn on_add() {} } impl Drop for B { fn drop(&mut self) {} }",
            Structure,
            Types,
        ),
        (
            "a new type with a constant of its own",
            "struct A;",
            "struct A; const N: usize = 1; struct B([u8; N]);",
            Structure,
            Types,
        ),
        (
            "a new type over an old constant",
            "const N: usize = 1;",
            "const N: usize = 1; struct B([u8; N]);",
            Structure,
            Types,
        ),
        (
            "a new type with a const fn of its own",
            "struct A;",
            "struct A; const fn n() -> usize { 1 } struct B([u8; n()]);",
            Structure,
            Types,
        ),
        (
            "a new function with a type inside",
            "fn s() {}",
            "fn s() {} fn t() { struct L; }",
            Structure,
            Types,
        ),
        (
            "an enum whose variant is called like a type",
            "struct B; enum E { X(B) }",
            "struct B; enum E { X(B) } struct X;",
            Structure,
            Types,
        ),
        (
            "a trait",
            "struct A;",
            "struct A; trait T { fn go(&self); }",
            Body,
            Types,
        ),
        ("an alias", "struct A;", "struct A; type B = A;", Body, Body),
    ];
    check(rows);
}

#[test]
fn calling_a_type_of_another_crate_reaches_no_method_of_the_same_name() {
    let build = "app.insert_resource(R(Vec3::new(1.0, 2.0, 3.0)));";
    let method = |value: u8| format!("struct S; impl S {{ fn new() -> u8 {{ {value} }} }}");
    assert_eq!(beside(build, &method(1), &method(2)), Body);
}
