//! Whatever `build` calls, however it calls it, decides the registration.

use super::super::EditKind::{Body, Structure, Types};
use super::{all_are, beside};

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
fn calling_a_type_of_another_crate_reaches_no_method_of_the_same_name() {
    let build = "app.insert_resource(R(Vec3::new(1.0, 2.0, 3.0)));";
    let method = |value: u8| format!("struct S; impl S {{ fn new() -> u8 {{ {value} }} }}");
    assert_eq!(beside(build, &method(1), &method(2)), Body);
}

#[test]
fn functions_are_found_by_whatever_name_they_are_called() {
    all_are(
        Structure,
        &[
            // In modules, through imports.
            (
                "a::b::h();",
                "mod a { pub mod b { pub fn h() -> u8 { § } } }",
            ),
            (
                "h();",
                "use crate::a::b::h; mod a { pub mod b { pub fn h() -> u8 { § } } }",
            ),
            ("h();", "use crate::a::*; mod a { pub fn h() -> u8 { § } }"),
            (
                "h();",
                "use crate::a::*; mod a { pub use crate::b::*; } mod b { pub fn h() -> u8 { § } }",
            ),
            (
                "spawn();",
                "use crate::spawn::all as spawn; mod spawn { pub fn all() -> u8 { § } }",
            ),
            (
                "tools::h();",
                "use crate::a as tools; mod a { pub fn h() -> u8 { § } }",
            ),
            (
                "use crate::a::{h as go, x}; go();",
                "mod a { pub fn h() -> u8 { § } pub fn x() {} }",
            ),
            (
                "go();",
                "use crate::a::go; mod a { pub use crate::b::h as go; } mod b { pub fn h() -> u8 { § } }",
            ),
            (
                "a::go();",
                "mod a { pub use crate::b::h as go; } mod b { pub fn h() -> u8 { § } }",
            ),
            // Through other functions.
            ("a();", "fn a() { b() } fn b() { c() } fn c() -> u8 { § }"),
            (
                "count(3);",
                "fn count(n: u8) -> u8 { if n == 0 { § } else { count(n - 1) } }",
            ),
            ("go::<3>();", "fn go<const N: usize>() -> u8 { § }"),
            ("block_on(go());", "async fn go() -> u8 { § }"),
            (
                "block_on(async { go().await });",
                "async fn go() -> u8 { § }",
            ),
            ("const { h() };", "const fn h() -> u8 { § }"),
            ("let x: u8 = const { h() };", "const fn h() -> u8 { § }"),
            (
                "app.init_resource::<R<{ h() }>>();",
                "const fn h() -> usize { § }",
            ),
            // Closures and function pointers.
            (
                "run(|| h());",
                "fn run(f: impl Fn() -> u8) { f(); } fn h() -> u8 { § }",
            ),
            ("run(|| 1);", "fn run(f: impl Fn() -> u8) { f(); § }"),
            (
                "run(&h);",
                "fn run(f: &dyn Fn() -> u8) { f(); } fn h() -> u8 { § }",
            ),
            ("for f in [h] { f(); }", "fn h() -> u8 { § }"),
            (
                "for step in STEPS { step(); }",
                "const STEPS: [fn() -> u8; 1] = [h]; fn h() -> u8 { § }",
            ),
            (
                "for step in STEPS { (step.run)(); }",
                "static STEPS: &[Step] = &[Step { run: h }]; struct Step { run: fn() -> u8 } fn h() -> u8 { § }",
            ),
            (
                "STEPS.iter().for_each(|step| step());",
                "const STEPS: &[fn() -> u8] = &[FIRST]; const FIRST: fn() -> u8 = m::h; mod m { pub fn h() -> u8 { § } }",
            ),
            (
                "(P::STEP)();",
                "impl P { const STEP: fn() -> u8 = h; } fn h() -> u8 { § }",
            ),
            (
                "(GO)();",
                "const GO: fn() -> u8 = || h(); fn h() -> u8 { § }",
            ),
            ("(GO)();", "const GO: fn() -> u8 = || §;"),
            (
                "GO.with(|go| go());",
                "thread_local! { static GO: fn() -> u8 = h; } fn h() -> u8 { § }",
            ),
            (
                "let c = &*CONFIG;",
                "static CONFIG: LazyLock<u8> = LazyLock::new(h); fn h() -> u8 { § }",
            ),
            (
                "let c = CONFIG.get_or_init(h);",
                "static CONFIG: OnceLock<u8> = OnceLock::new(); fn h() -> u8 { § }",
            ),
            ("app.set_runner(h);", "fn h(a: Game) -> Exit { § }"),
            (
                "app.world_mut().commands().queue(h);",
                "fn h(w: &mut World) { § }",
            ),
            (
                "app.world_mut().run_system_once(s);",
                "fn s(c: Commands) { § }",
            ),
            (
                "app.world_mut().run_system_cached(s);",
                "fn s(c: Commands) { § }",
            ),
        ],
    );
}

#[test]
fn methods_are_found_through_traits_and_generics() {
    all_are(
        Structure,
        &[
            (
                "app.wire();",
                "use ext::Wire as _; mod ext { pub trait Wire { fn wire(&mut self); } impl Wire for App { fn wire(&mut self) { § } } }",
            ),
            (
                "for feature in features() { feature.add(); }",
                "fn features() -> Vec<Box<dyn Feature>> { vec![Box::new(Ship)] } trait Feature { fn add(&self) -> u8; } struct Ship; impl Feature for Ship { fn add(&self) -> u8 { § } }",
            ),
            (
                "add::<Ship>();",
                "fn add<T: Feature>() { T::steps(); } trait Feature { fn steps() -> u8 { § } } struct Ship; impl Feature for Ship {}",
            ),
            (
                "add(Ship);",
                "fn add(feature: impl Feature) { feature.steps(); } trait Feature { fn steps(&self) -> u8; } struct Ship; impl Feature for Ship { fn steps(&self) -> u8 { inner() } } fn inner() -> u8 { § }",
            ),
            (
                "Builder(app).ships().go();",
                "struct Builder<'a>(&'a mut World); impl Builder<'_> { fn ships(self) -> Self { §; self } fn go(self) {} }",
            ),
            (
                "Wrapper(Inner).go();",
                "struct Wrapper(Inner); struct Inner; impl Deref for Wrapper { type Target = Inner; fn deref(&self) -> &Inner { &self.0 } } impl Inner { fn go(&self) -> u8 { § } }",
            ),
            (
                "add::<Ship>();",
                "fn add<T: Feature>() { (T::STEP)(); } trait Feature { const STEP: fn() -> u8; } struct Ship; impl Feature for Ship { const STEP: fn() -> u8 = h; } fn h() -> u8 { § }",
            ),
            (
                "add::<Ship>();",
                "fn add<T: Feature>() { (T::STEP)(); } trait Feature { const STEP: fn() -> u8 = h; } struct Ship; impl Feature for Ship {} fn h() -> u8 { § }",
            ),
            (
                "add::<Vec<u8>>();",
                "fn add<T: Feature>() { (T::STEP)(); } trait Feature { const STEP: fn() -> u8; } impl<T> Feature for T { const STEP: fn() -> u8 = h; } fn h() -> u8 { § }",
            ),
            (
                "Ship::steps();",
                "struct Ship; fn elsewhere() { impl Ship { fn steps() { h(); } } } fn h() -> u8 { § }",
            ),
            (
                "for name in Names(3) { app.insert_resource(name); }",
                "struct Names(u8); impl IntoIterator for Names { type Item = u8; type IntoIter = Iter; fn into_iter(self) -> Iter { Iter } } struct Iter; impl Iterator for Iter { type Item = u8; fn next(&mut self) -> Option<u8> { § } }",
            ),
            (
                "app.insert_resource(Title(format!(\"{}\", A)));",
                "struct A; impl Display for A { fn fmt(&self) { § } }",
            ),
            (
                "app.insert_resource(NONE.unwrap_or_default());",
                "struct A; const NONE: Option<A> = None; impl Default for A { fn default() -> A { § } }",
            ),
            (
                "app.insert_resource(Title(ALL.first().map(|a| a.to_string())));",
                "struct A; const ALL: Shelf<A> = Shelf::EMPTY; impl Display for A { fn fmt(&self) { § } }",
            ),
            (
                "app.insert_resource(Title(ALL.first().map(|a| a.to_string())));",
                "struct A; static ALL: Shelf<A> = Shelf::EMPTY; impl Display for A { fn fmt(&self) { § } }",
            ),
            (
                "app.insert_resource(Title(format!(\"{}\", A)));",
                "mod m { trait Display { fn show(&self); } } struct A; impl std::fmt::Display for A { fn fmt(&self) { § } }",
            ),
        ],
    );
}

#[test]
fn systems_in_a_list_that_build_calls_itself_are_called() {
    let list = "const LIST: [fn(Commands); 1] = [h]; const SETUP: fn(Commands) = LIST[0]; fn h(c: Commands) { § }";
    let run = "fn run(list: &[fn(Commands)]) { for f in list { f(c()); } }";
    let more = format!("{list} {run}");
    for build in [
        "for f in LIST { f(c()); }",
        "for f in LIST { app.add_systems(Update, f); f(c()); }",
        "for (at, f) in LIST.iter().enumerate() { f(c()); }",
        "LIST[0](c());",
        "(LIST[0])(c());",
        "let f = LIST[0]; f(c());",
        "if let [f] = LIST { f(c()); }",
        "LIST.iter().for_each(|f| f(c()));",
        "LIST.map(|f| f(c()));",
        "run(&LIST);",
        "SETUP(c());",
        "app.world_mut().run_system_once(SETUP);",
        "app.world_mut().run_system_once(LIST[0]);",
        "custom!(LIST);",
        "let _ = vec![LIST];",
        "for f in LIST { info!(\"{:?}\", f(c())); }",
        "for f in LIST { app.insert_resource(R(f)); }",
        "app.insert_resource(R(m::SETUP)); ",
        "use self::SETUP as go; go(c());",
    ] {
        all_are(Structure, &[(build, &more)]);
    }
    // Only mentioned.
    for build in [
        "for f in LIST { app.add_systems(Update, f); }",
        "for f in &LIST { app.add_systems(Update, (f.run_if(c), s)); }",
        "for f in LIST.iter() { app.add_systems(Update, *f); }",
        "for f in LIST { app.add_observer(f); }",
        "app.add_systems(Update, SETUP);",
        "app.add_systems(Update, (s, SETUP).chain());",
        "app.add_systems(Update, s.run_if(SETUP));",
    ] {
        all_are(Body, &[(build, &more)]);
    }
}

#[test]
fn what_the_macros_in_build_expand_to_is_called() {
    all_are(
        Structure,
        &[
            (
                "register!(app, h);",
                "macro_rules! register { ($a:expr, $f:ident) => { $f() } } fn h() -> u8 { § }",
            ),
            (
                "crate::outer!();",
                "macro_rules! outer { () => { inner!() } } macro_rules! inner { () => { $crate::m::h() } } mod m { pub fn h() -> u8 { § } }",
            ),
            (
                "go!();",
                "use m::register as go; mod m { macro_rules! register { () => { $crate::h() } } pub use register; } fn h() -> u8 { § }",
            ),
            ("let x = with!(SPEED: 3);", "const SPEED: u8 = §;"),
            ("let x = with!(r.SPEED);", "const SPEED: u8 = §;"),
            ("let x = with!(P.go);", "fn go() -> u8 { § }"),
            (
                "let v = vec![R { x: h() }];",
                "struct R { x: u8 } fn h() -> u8 { § }",
            ),
            (
                "let v = matches!(P.go(), 1);",
                "impl P { fn go(&self) -> u8 { § } }",
            ),
            ("info!(\"{}\", h());", "fn h() -> u8 { § }"),
            ("assert!(h() > 0);", "fn h() -> u8 { § }"),
            ("odd::register!(app => h);", "fn h() -> u8 { § }"),
            (
                "let x: ty!(A) = d();",
                "type A = R<§>; macro_rules! ty { ($a:ty) => { $a } }",
            ),
        ],
    );
    // What a macro that may declare items says, or is, a type might depend on.
    all_are(
        Types,
        &[
            ("odd!(app, §);", ""),
            (
                "register!();",
                "macro_rules! register { () => { $crate::m::SPEED } } mod m { pub const SPEED: u8 = §; }",
            ),
            ("odd! { s => § }", ""),
            (
                "register!(app);",
                "macro_rules! register { ($a:expr) => { $a.add_systems(Update, s_§) } }",
            ),
            ("odd!(SPEED);", "const SPEED: u8 = §;"),
            ("", "odd_plugin!(A, §);"),
            ("include!(\"§.rs\");", ""),
            ("macro_rules! m { () => { § } } m!();", ""),
        ],
    );
}

#[test]
fn a_trait_that_is_imported_decides_what_a_method_means() {
    let with = |import: &str| {
        format!(
            "{import} mod a {{ pub trait Wire {{ fn wire(&mut self); }} impl Wire for App {{ fn wire(&mut self) {{ 1 }} }} }} mod b {{ pub trait Wire {{ fn wire(&mut self); }} impl Wire for App {{ fn wire(&mut self) {{ 2 }} }} pub trait Tie {{}} }}"
        )
    };
    for (before, after) in [
        ("use a::Wire;", "use b::Wire;"),
        ("use a::Wire as _;", "use b::Wire as _;"),
        ("use a::Wire as W;", "use b::Wire as W;"),
        ("use a::{Wire};", "use b::{Wire};"),
        ("use a::Wire;", "use b::Wire as Other;"),
        ("use odd_a::Wire;", "use odd_b::Wire;"),
    ] {
        assert_eq!(
            beside("app.wire();", &with(before), &with(after)),
            Structure,
            "{before}"
        );
    }
    // A glob may bring types too.
    assert_eq!(
        beside("app.wire();", &with("use a::*;"), &with("use b::*;")),
        Types
    );
    let inside = |import: &str| {
        with(&format!(
            "{import} mod game {{ use super::*; fn plugin(app: &mut App) {{ app.wire(); }} }}"
        ))
    };
    assert_eq!(
        beside("", &inside("use a::Wire;"), &inside("use b::Wire;")),
        Structure
    );
    // Traits of std and the engine mean what they mean.
    assert_eq!(beside("app.wire();", "", "use std::io::Write;"), Body);
    assert_eq!(beside("app.wire();", "", "use std::fmt::Write as _;"), Body);
}

#[test]
fn where_a_macro_stands_among_its_definitions_counts() {
    let one = "macro_rules! go { () => { 1 } }";
    let two = "macro_rules! go { () => { 2 } }";
    let call = "fn plugin(app: &mut App) { go!(); }";
    assert!(
        beside(
            "",
            &format!("{one} {call} {two}"),
            &format!("{one} {two} {call}")
        ) >= Structure
    );
}
