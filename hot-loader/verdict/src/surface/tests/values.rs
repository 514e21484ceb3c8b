//! What initial values are made of: constants, `Default`, `FromWorld`.

use super::super::EditKind::{Body, Structure, Types};
use super::{all_are, beside};

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
fn constants_and_statics_that_build_says_are_registration() {
    all_are(
        Structure,
        &[
            (
                "app.insert_resource(R { speed: SPEED });",
                "const SPEED: f32 = §.0;",
            ),
            (
                "app.insert_resource(R { speed: -SPEED * 2.0 });",
                "const SPEED: f32 = §.0;",
            ),
            (
                "app.insert_resource(R { speed: P::SPEED });",
                "impl P { const SPEED: f32 = §.0; }",
            ),
            (
                "app.insert_resource(R { speed: Self::SPEED });",
                "impl P { const SPEED: f32 = §.0; }",
            ),
            (
                "app.insert_resource(R([SPEED; 2]));",
                "const SPEED: f32 = §.0;",
            ),
            (
                "app.insert_resource(R(&NAMES));",
                "static NAMES: [u8; 1] = [§];",
            ),
            (
                "app.insert_resource(R(COUNT.load(Relaxed)));",
                "static COUNT: AtomicU8 = AtomicU8::new(§);",
            ),
            (
                "app.insert_state(START);",
                "const START: Phase = Phase::A§;",
            ),
            (
                "app.insert_state(Phase::START);",
                "enum Phase { A } impl Phase { const START: Self = Self::A§; }",
            ),
            (
                "for name in NAMES { app.insert_resource(name); }",
                "const NAMES: [u8; 1] = [§];",
            ),
            (
                "for at in 0..COUNT { app.add_systems(Update, s(at)); }",
                "const COUNT: usize = §;",
            ),
            (
                "for begin in BEGINS { app.add_systems(begin, s); }",
                "const BEGINS: [OnEnter<S>; 1] = [OnEnter(S::A§)];",
            ),
            (
                "app.add_systems(LABEL, s);",
                "const LABEL: OnEnter<S> = OnEnter(S::A§);",
            ),
            (
                "app.configure_sets(Update, ORDER);",
                "const ORDER: (G, G) = (G::A§, G::B);",
            ),
            (
                "app.add_systems(Update, s.in_set(SET));",
                "const SET: G = G::A§;",
            ),
            (
                "app.add_systems(Update, s.run_if(in_state(WHEN)));",
                "const WHEN: S = S::A§;",
            ),
            (
                "app.add_systems(Update, s.run_if(on_timer(EVERY)));",
                "const EVERY: Duration = Duration::from_secs(SECONDS); const SECONDS: u64 = §;",
            ),
            (
                "app.add_systems(Update, s.run_if(every(m::SECONDS)));",
                "mod m { pub const SECONDS: u64 = §; } fn every(s: u64) -> impl FnMut() -> bool { move || s > 1 }",
            ),
            (
                "app.add_systems(Update, s.run_if(|r: Res<R>| r.0 > LIMIT));",
                "const LIMIT: u8 = §;",
            ),
            (
                "if DEBUG { app.add_systems(Update, s); }",
                "const DEBUG: bool = § > 1;",
            ),
            (
                "match MODE { 1 => {} _ => { app.add_systems(Update, s); } }",
                "const MODE: u8 = §;",
            ),
            (
                "match mode() { MODE => {} _ => { app.add_systems(Update, s); } }",
                "const MODE: u8 = §;",
            ),
            (
                "while COUNT > 0 { app.add_systems(Update, s); }",
                "static mut COUNT: u8 = §;",
            ),
            (
                "app.add_plugins(A { count: COUNT });",
                "const COUNT: u8 = §;",
            ),
            (
                "app.add_plugins(EntropyPlugin::<W>::with_seed(SEED.to_ne_bytes()));",
                "const SEED: u64 = §;",
            ),
            (
                "app.add_plugins(window(WindowPlugin { title: TITLE.into(), ..d() }));",
                "const TITLE: &str = \"§\";",
            ),
            (
                "helper(app);",
                "fn helper(w: &mut World) { w.insert_resource(R(SPEED)); } const SPEED: u8 = §;",
            ),
            (
                "helper(SPEED);",
                "fn helper(speed: u8) {} const SPEED: u8 = §;",
            ),
            (
                "use m::SPEED as S; app.insert_resource(R(S));",
                "mod m { pub const SPEED: u8 = §; }",
            ),
            (
                "app.insert_resource(R(m::SPEED));",
                "mod m { pub use super::n::SPEED; } mod n { pub const SPEED: u8 = §; }",
            ),
            (
                "app.insert_resource(R(SPEED));",
                "use m::*; mod m { pub const SPEED: u8 = §; }",
            ),
            (
                "app.insert_resource(R(SPEED));",
                "const SPEED: u8 = fast(); const fn fast() -> u8 { § }",
            ),
            (
                "app.insert_resource(R(SPEED));",
                "const SPEED: u8 = { const fn fast() -> u8 { § } fast() };",
            ),
            (
                "app.insert_resource(R(bits()));",
                "const fn bits() -> u8 { BITS } const BITS: u8 = §;",
            ),
            (
                "app.add_systems(Update, s.before(Step::of(ORDER)));",
                "const ORDER: u8 = §;",
            ),
        ],
    );
    all_are(
        Types,
        &[
            (
                "app.insert_resource(R(u8::SPEED));",
                "trait Fast { const SPEED: u8 = §; } impl Fast for u8 {}",
            ),
            (
                "app.insert_resource(R(u8::SPEED));",
                "trait Fast { const SPEED: u8 = BASE; } impl Fast for u8 {} const BASE: u8 = §;",
            ),
            (
                "app.insert_resource(R::<SIZE>::new());",
                "struct R<const N: usize>; impl R<SIZE> {} const SIZE: usize = §; struct Q(R<SIZE>);",
            ),
        ],
    );
}

#[test]
fn defaults_are_found_through_what_makes_them() {
    let made = "struct R { a: A } impl Default for R { fn default() -> R { R { a: A(§) } } } struct A(u8);";
    for build in [
        "app.init_resource::<R>();",
        "app.init_resource::<Wrapper<R>>();",
        "app.world_mut().init_resource::<R>();",
        "app.world_mut().get_resource_or_init::<R>();",
        "app.init_non_send_resource::<R>();",
        "app.insert_resource(R::default());",
        "app.insert_resource(<R as Default>::default());",
        "let r: R = Default::default(); app.insert_resource(r);",
        "let r: R = default(); app.insert_resource(r);",
        "app.insert_resource(R { b: 1, ..default() });",
        "app.insert_resource(R { b: 1, ..R::default() });",
        "app.insert_resource(None.unwrap_or_else(R::default));",
        "app.insert_resource(x.map(Into::into).unwrap_or_default());",
        "app.insert_resource(std::mem::take(&mut x));",
        "x.entry(1).or_default();",
        "x.get_or_insert_default();",
        "app.world_mut().entry::<R>().or_from_world();",
        "app.world_mut().spawn(R::default());",
        "app.insert_resource(Table(vec![R::default(); 2]));",
        "app.register_required_components::<Ship, R>();",
        "app.world_mut().register_required_components::<Ship, R>();",
        "make::<R>(app.world_mut()); fn make<T: Default>(w: &mut World) { w.insert_resource(T::default()); }",
    ] {
        all_are(Structure, &[(build, made)]);
    }
    all_are(
        Structure,
        &[
            (
                "app.init_resource::<R>();",
                "#[derive(Default)] struct R { a: A } #[derive(Default)] struct A { b: Option<B>, c: C } #[derive(Default)] struct B; struct C; impl Default for C { fn default() -> C { § } }",
            ),
            (
                "app.init_resource::<R>();",
                "#[derive(Default)] struct R { a: A } #[derive(Default)] enum A { #[default] B, C(u8) } struct R2; impl R { const X: u8 = §; } impl Default for A { fn default() -> A { R::X } }",
            ),
            (
                "app.init_resource::<R>();",
                "struct R; impl Default for R { fn default() -> R { R::new(SPEED) } } impl R { fn new(s: u8) -> R { R } } const SPEED: u8 = §;",
            ),
            (
                "app.init_resource::<R>();",
                "struct R; impl Default for R { fn default() -> R { R::new() } } impl R { fn new() -> R { m::h() } } mod m { pub fn h() -> R { § } }",
            ),
            (
                "app.init_resource::<R>();",
                "struct R; impl FromWorld for R { fn from_world(w: &mut World) -> R { w.resource::<Q>().make() } } struct Q; impl Q { fn make(&self) -> R { § } }",
            ),
            (
                "app.init_resource::<R>();",
                "struct R; impl FromWorld for R { fn from_world(w: &mut World) -> R { load(w, PATH) } } fn load(w: &mut World, p: &str) -> R { R } const PATH: &str = \"§\";",
            ),
            (
                "app.init_resource::<R>();",
                "struct R; impl FromWorld for R { fn from_world(w: &mut World) -> R { R(w.resource::<AssetServer>().load(\"§.png\")) } }",
            ),
            (
                "app.init_resource::<R>();",
                "struct R(Timer); impl Default for R { fn default() -> R { R(Timer::from_seconds(§.0, TimerMode::Once)) } }",
            ),
            (
                "app.init_resource::<R>();",
                "#[derive(SmartDefault)] struct R { #[default(h())] x: u8 } fn h() -> u8 { § }",
            ),
            (
                "app.init_resource::<R>();",
                "#[derive(SmartDefault)] struct R { #[default(_code = \"m::h()\")] x: u8 } mod m { pub fn h() -> u8 { § } }",
            ),
            (
                "app.insert_resource(ron::from_str::<R>(TEXT));",
                "#[derive(Deserialize)] struct R { #[serde(default = \"h\")] x: u8 } fn h() -> u8 { § }",
            ),
            (
                "app.insert_resource(ron::from_str::<R>(TEXT));",
                "#[derive(Deserialize)] struct R { #[serde(default = \"R::h\")] x: u8 } impl R { fn h() -> u8 { § } }",
            ),
            (
                "app.insert_resource(ron::from_str::<R>(TEXT));",
                "#[derive(Deserialize)] struct R { #[serde(with = \"codec\")] x: u8 } mod codec { pub fn deserialize(d: D) -> u8 { § } }",
            ),
            (
                "app.insert_resource(ron::from_str::<R>(TEXT));",
                "#[derive(Deserialize)] struct R(u8); const TEXT: &str = \"§\";",
            ),
            (
                "app.insert_resource(Config::parse());",
                "#[derive(Parser)] struct Config { #[arg(default_value_t = speed())] speed: u8 } fn speed() -> u8 { § }",
            ),
            (
                "app.insert_resource(\"1\".parse::<R>());",
                "struct R; impl FromStr for R { fn from_str(s: &str) -> R { § } }",
            ),
            (
                "app.insert_resource(R::from(3));",
                "struct R; impl From<u8> for R { fn from(x: u8) -> R { § } }",
            ),
            (
                "app.insert_resource([1].into_iter().collect::<R>());",
                "struct R; impl FromIterator<u8> for R { fn from_iter() -> R { § } }",
            ),
            (
                "app.insert_resource(R + R);",
                "struct R; impl Add for R { type Output = R; fn add(self, o: R) -> R { § } }",
            ),
            (
                "app.insert_resource(ALL[0]);",
                "struct R; const ALL: Shelf = Shelf; struct Shelf; impl Index<usize> for Shelf { type Output = R; fn index(&self, at: usize) -> &R { § } }",
            ),
            (
                "app.init_state::<S>();",
                "#[derive(States)] enum S { A, B } impl Default for S { fn default() -> S { first() } } fn first() -> S { S::A§ }",
            ),
            (
                "app.init_state::<S>();",
                "#[derive(States)] enum S { A, B } impl FromWorld for S { fn from_world(w: &mut World) -> S { S::A§ } }",
            ),
            (
                "app.register_required_components_with::<Ship, R>(make);",
                "fn make() -> R { § }",
            ),
            (
                "app.world_mut().register_component_hooks::<Ship>().on_add(hook);",
                "fn hook(w: DeferredWorld, c: HookContext) { § }",
            ),
            (
                "app.world_mut().spawn((Ship { speed: SPEED }, name()));",
                "const SPEED: u8 = §; fn name() -> Name { Name }",
            ),
            (
                "app.world_mut().spawn((Ship, name()));",
                "fn name() -> Name { Name::new(\"§\") }",
            ),
        ],
    );
}
