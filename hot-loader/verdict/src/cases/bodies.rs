//! Body edits beside a plugin: what a gameplay programmer does all day, in the same file as
//! a `build` that does not care.
//!
//! Must not hold rows that stand alone, without a game around them.

use super::Kind::{Body, Structure};
use super::{Alarm, Case, Kind, Row, alarms, check, plugin, rows};

#[test]
fn gameplay_edits_beside_a_plugin_are_of_their_kind() {
    let source = plugin(BUILD, GAME);
    let mut cases = [rows(ROWS), alarms(ALARMS)].concat();
    for (kind, edits) in [
        (Body, BODY),
        (Structure, STRUCTURE),
        (Structure, CALLED_STRUCTURE),
    ] {
        cases.extend(edits.iter().map(|edit| replaced(&source, kind, edit)));
    }
    check(&cases);
}

/// A behaviour, and what is replaced by what.
type Replaced = (&'static str, &'static str, &'static str);

fn replaced(source: &str, kind: Kind, &(behaviour, find, replacement): &Replaced) -> Case {
    assert!(source.contains(find), "{behaviour}: {find}");
    let after = source.replacen(find, replacement, 1);
    super::case((behaviour.to_owned(), source.to_owned(), after, kind, kind))
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("a float in a system", "fn e() -> f32 { let x = ‹1.0¦2.0›; x }", Body, Body),
    ("a renamed local", "fn e() -> u8 { let ‹x¦y› = 1; ‹x¦y› }", Body, Body),
    ("a line comment", "‹¦// hello\n›fn e() {}", Body, Body),
    ("inline", "‹¦#[inline(always)] ›fn e() {}", Body, Body),
    ("must_use", "‹¦#[must_use] ›fn e() -> u8 { 1 }", Body, Body),
    ("an unsafe function's body", "unsafe fn e() -> u8 { § }", Body, Body),
    ("an async function's body", "async fn e() -> u8 { § }", Body, Body),
    ("an async function's locals", "async fn e() -> u8 { let y = [1u8; ‹3¦4›]; std::future::ready(()).await; y[0] }", Body, Body),
    ("a closure in a system", "fn e() { let f = |x: u8| x‹¦ + 1›; f(1); }", Body, Body),
    ("what a closure captures", "fn e(x: u8, y: u16) { let f = || ‹x as u16¦y›; f(); }", Body, Body),
    ("a const fn that no constant names", "const fn e() -> u8 { § }", Body, Body),
    ("visibility of a function", "‹¦pub(super) ›fn e() {}", Body, Body),
    ("a test module", "struct A;‹¦ #[cfg(test)] mod tests { struct B; #[test] fn t() {} }›", Body, Body),
    ("a changed test", "#[cfg(test)] mod tests { struct B‹¦(u8)›; }", Body, Body),
    ("a helper", "fn e() {‹¦ t()› }‹¦ fn t() {}›", Body, Body),
    ("a method", "struct A; impl A { fn a(&self) {}‹¦ fn b(&self) {}› }", Body, Body),
    ("an impl block of methods", "struct A;‹¦ impl A { fn b(&self) {} }›", Body, Body),
    ("a plain helper's signature", "fn t(a: f32‹¦, b: f32›) {}", Body, Body),
    ("a plain method's signature", "struct A; impl A { fn t(&‹¦mut ›self) {} }", Body, Body),
    ("an extern function", "extern \"C\" fn e() {‹¦ k()› } fn k() {}", Body, Body),
    ("reordered functions", "‹fn a() {} fn b() {}¦fn b() {} fn a() {}›", Body, Body),
    ("reordered impls", "struct A; struct B; ‹impl A { fn x() {} } impl B { fn x() {} }¦impl B { fn x() {} } impl A { fn x() {} }›", Body, Body),
    ("methods moved to another impl block", "struct A; impl A { fn x() {} ‹fn y() {} }¦} impl A { fn y() {} }›", Body, Body),
    ("an operator", "fn e(a: bool, b: bool) -> bool { a ‹& b¦&& b› }", Body, Body),
    ("what a function returns", "fn f() -> ‹impl Fn() -> u8¦impl FnMut() -> u8› { || 1 }", Body, Body),
    ("a bundle that nobody spawns", "fn f(a: ‹u8¦u16›) -> impl Bundle { Ship(1) }", Body, Body),
    ("a one-shot system's parameters", "fn e(mut c: Commands) { c.run_system_cached(shot); } fn shot(a: Res<‹R¦Q›>) {}", Structure, Structure),
    ("a one-shot system's body", "fn e(mut c: Commands) { c.run_system_cached(shot); } fn shot(a: Res<R>) { k(§); } fn k(_: u8) {}", Body, Body),
    ("a loop becomes an iterator", "fn e(x: &[u8]) -> u8 { ‹let mut n = 0; for y in x { n += y; } n¦x.iter().sum()› }", Body, Body),
    ("a new file of functions", "mod a;‹¦ mod b;› \n//// a.rs\npub struct Hold(f32);\n//// b.rs\n//! Steering.\nuse bevy::prelude::*;\nuse super::a::Hold;\npub const TURN: f32 = 1.0;\npub fn steer(ships: Query<&mut Hold>) {}", Body, Body),
    ("a new file with a component", "mod a;‹¦ mod b;› \n//// a.rs\npub fn e() {}\n//// b.rs\nuse bevy::prelude::*; #[derive(Component)] pub struct Hold(f32);", Structure, Kind::Types),
    ("an inline module that moves to a file", "‹pub mod a { pub struct Hold(f32); fn e() {} }¦pub mod a;›\n//// a.rs\npub struct Hold(f32);\nfn e() {}", Body, Body),
    ("a struct in a file of a folder", "mod a;\n//// a/mod.rs\npub mod b;\n//// a/b.rs\npub struct A(‹u8¦u16›); pub fn keep(_: &A) {}", Kind::Types, Kind::Types),
    ("a function of a file that another brings in", "mod a;\n//// a.rs\npub fn e() -> u8 { § }", Body, Body),
];

const BUILD: &str = "
    // The order matters.
    app.init_resource::<Score>()
        .insert_resource(Speed(START))
        .init_state::<Phase>()
        .add_message::<Scored>()
        .add_observer(on_hit)
        .add_systems(Startup, spawn)
        .add_systems(Update, (steer, fire).chain().run_if(in_state(Phase::Playing).and(alive)))
        .add_systems(FixedUpdate, (count.in_set(Step::Count), Craft::drift).after(steer));
";

const GAME: &str = "
    const START: f32 = 1.0;
    const TURN: f32 = 2.0;
    const NAMES: [&str; 2] = [\"a\", \"b\"];
    #[derive(Resource, Default)] struct Score { points: u32 }
    #[derive(Resource)] struct Speed(f32);
    #[derive(Message)] struct Scored { points: u32 }
    #[derive(States, Default, Clone, PartialEq, Eq, Hash, Debug)] enum Phase { #[default] Menu, Playing }
    #[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)] enum Step { Count }
    #[derive(Component)] struct Craft { speed: f32 }
    impl Craft {
        const TOP: f32 = 9.0;
        fn fast(&self) -> bool { self.speed > Self::TOP }
        fn drift(mut ships: Query<&mut Craft>) { for mut ship in &mut ships { ship.speed *= 0.5; } }
    }
    trait Fast { fn quick(&self) -> bool { false } }
    fn spawn(mut commands: Commands) { commands.spawn(Craft { speed: 3.0 }); }
    fn steer(time: Res<Time>, mut ships: Query<&mut Craft>) {
        for mut ship in &mut ships { let turn = TURN as f32 * time.delta_secs(); ship.speed += turn; }
        ease(0.5);
    }
    fn fire(ships: Query<&Craft>) { for ship in &ships { if ship.fast() { info!(\"fast\"); } } }
    fn count(mut scored: MessageReader<Scored>, mut score: ResMut<Score>) {
        for win in scored.read() { score.points += win.points; }
    }
    fn alive(ships: Query<&Craft>) -> bool { ships.iter().count() > 0 }
    fn on_hit(hit: On<Add, Craft>, mut score: ResMut<Score>) { score.points = 0; }
    fn crew(size: u32) -> impl Bundle { Name::new(\"crew\") }
    fn ease(x: f32) -> f32 { x * x }
    /// What is shown.
    fn shown(name: usize) -> &'static str { NAMES[name] }
";

#[rustfmt::skip]
const BODY: &[Replaced] = &[
    ("an impl of the game's own trait", "fn ease(", "impl Fast for f32 { fn quick(&self) -> bool { true } } fn ease("),
    ("a float in a Startup system", "speed: 3.0", "speed: 4.0"),
    ("a constant that only a system says", "TURN: f32 = 2.0", "TURN: f32 = 2.5"),
    ("its type", "const TURN: f32 = 2.0", "const TURN: f64 = 2.0"),
    ("a constant that only a helper says", "[\"a\", \"b\"]", "[\"x\", \"y\"]"),
    ("an associated constant", "TOP: f32 = 9.0", "TOP: f32 = 8.0"),
    ("a new constant", "fn ease(x: f32) -> f32 { x * x }", "const POWER: i32 = 3; fn ease(x: f32) -> f32 { x.powi(POWER) }"),
    ("a helper's body", "x * x", "x * x * x"),
    ("a helper's signature", "fn ease(x: f32) -> f32", "fn ease(x: f32) -> f64 { half(x) as f64 } fn half(x: f32) -> f32"),
    ("a new helper", "ease(0.5);", "calm(0.5); } fn calm(x: f32) -> f32 { ease(x) / 2.0"),
    ("a parameter of a bundle's maker", "fn crew(size: u32) -> impl Bundle", "fn crew(size: u32, ship: Entity) -> impl Bundle"),
    ("a removed helper", "/// What is shown.\n    fn shown(name: usize) -> &'static str { NAMES[name] }", ""),
    ("a method of a component", "self.speed > Self::TOP", "self.speed >= Self::TOP"),
    ("a new method", "fn fast(", "fn slow(&self) -> bool { !self.fast() } fn fast("),
    ("a method that is a system", "ship.speed *= 0.5", "ship.speed *= 0.6"),
    ("a renamed parameter", "fn fire(ships: Query<&Craft>) { for ship in &ships", "fn fire(fleet: Query<&Craft>) { for ship in &fleet"),
    ("a parameter that is mutable now", "fn fire(ships: Query", "fn fire(mut ships: Query"),
    ("a parameter taken apart", "fn ease(x: f32) -> f32 { x * x }", "fn ease(x @ y: f32) -> f32 { x * y }"),
    ("a renamed local", "let turn = TURN as f32 * time.delta_secs(); ship.speed += turn", "let by = TURN as f32 * time.delta_secs(); ship.speed += by"),
    ("a string in a system", "\"fast\"", "\"very fast\""),
    ("a log line", "for win in scored.read() {", "for win in scored.read() { info!(\"{}\", win.points);"),
    ("an unwrapped query", "for ship in &ships { if", "let _ = ships.single(); for ship in &ships { if"),
    ("a run condition's body", "count() > 0", "count() > 1"),
    ("an observer's body", "score.points = 0", "score.points = 1"),
    ("a Startup system's body", "commands.spawn(Craft", "commands.spawn_empty(); commands.spawn(Craft"),
    ("an exclusive closure in a command", "commands.spawn(Craft", "commands.queue(|world: &mut World| world.flush()); commands.spawn(Craft"),
    ("a system that runs another later", "commands.spawn(Craft", "commands.run_system_cached(fire); commands.spawn(Craft"),
    ("a comment in build", "// The order matters.", "// The order matters a lot."),
    ("no comment in build", "// The order matters.", ""),
    ("a block comment inside a call", ".add_observer(on_hit)", ".add_observer(/* once */ on_hit)"),
    ("formatting of build", ".init_state::<Phase>()\n", ".init_state::<Phase>(\n)\n"),
    ("a trailing comma in build", "(steer, fire).chain()", "(steer, fire,).chain()"),
    ("a doc comment on a system", "fn fire(", "/// Fires.\nfn fire("),
    ("a doc comment on a field", "{ points: u32 }\n", "{ /** So many. */ points: u32 }\n"),
    ("a lint on a system", "fn fire(", "#[allow(clippy::needless_pass_by_value)] fn fire("),
    ("a new test module", "fn ease(", "#[cfg(test)] mod tests { use super::*; struct Fixture; #[test] fn eases() {} } fn ease("),
    ("an import for a system", "fn ease(", "use std::time::Duration; fn ease("),
    ("an imported trait of std", "fn ease(", "use std::fmt::Write as _; fn ease("),
    ("a new static", "fn ease(", "static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0); fn ease("),
    ("a new module of helpers", "fn ease(", "mod math { pub fn lerp(a: f32, b: f32) -> f32 { a + b } } fn ease("),
    ("visibility of a system", "fn fire(", "pub(crate) fn fire("),
    ("visibility of a constant", "const TURN", "pub const TURN"),
    ("visibility of a constant that build says", "const START", "pub const START"),
    ("visibility of a type that others say", "struct Craft", "pub struct Craft"),
    ("an early return", "for ship in &ships { if", "if ships.is_empty() { return; } for ship in &ships { if"),
    ("a nested function", "let turn =", "fn half(x: f32) -> f32 { x / 2.0 } let turn ="),
    ("a closure in a system", "let turn =", "let half = |x: f32| x / 2.0; let turn ="),
    ("a match in a system", "score.points += win.points", "score.points += match win.points { 0 => 1, n => n }"),
    ("an unsafe block", "let turn =", "unsafe { std::hint::assert_unchecked(true) }; let turn ="),
];

#[rustfmt::skip]
const STRUCTURE: &[Replaced] = &[
    ("a resource's value", "Speed(START)", "Speed(2.0)"),
    ("its constant", "START: f32 = 1.0", "START: f32 = 2.0"),
    ("an order", "(steer, fire)", "(fire, steer)"),
    ("no chain", ".chain()", ".into_configs()"),
    ("another state", "Phase::Playing)", "Phase::Menu)"),
    ("a condition less", ".and(alive)", ""),
    ("a message less", ".add_message::<Scored>()", ""),
    ("an observer less", ".add_observer(on_hit)", ""),
    ("another schedule", "(Startup, spawn)", "(PostStartup, spawn)"),
    ("another set", "count.in_set(Step::Count)", "count.into_configs()"),
    ("another place", ".after(steer)", ".before(steer)"),
    ("another parameter", "(time: Res<Time>", "(time: Res<Time<Fixed>>"),
    ("a parameter more", "fn alive(ships: Query<&Craft>)", "fn alive(ships: Query<&Craft>, x: Res<Score>)"),
    ("another event", "hit: On<Add, Craft>", "hit: On<Remove, Craft>"),
    ("a parameter less, and a system more", ".add_observer(on_hit)", ".add_observer(on_hit).add_systems(Update, |x: Res<Score>| ())"),
];

/// Body edits that are called more: of a type that `build` names the engine may call what
/// traits have.
#[rustfmt::skip]
const CALLED_STRUCTURE: &[Replaced] = &[
    ("From for a component", "fn ease(", "impl From<f32> for Craft { fn from(speed: f32) -> Self { Self { speed } } } fn ease("),
    ("Display of a component", "fn ease(", "impl std::fmt::Display for Craft { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, \"ship\") } } fn ease("),
    ("Default of a component that nothing makes so", "fn ease(", "impl Default for Craft { fn default() -> Self { Self { speed: 1.0 } } } fn ease("),
];

/// Called more than they are.
#[rustfmt::skip]
const ALARMS: &[Alarm] = &[
    ("a function becomes async", "‹¦async ›fn f() {}", Body, Structure, Structure, "what it returns is another type, and its own body names it"),
];
