//! Body edits beside a plugin: what a gameplay programmer does all day, in the same
//! file as a `build` that does not care.

use super::super::EditKind::{Body, Structure};
use super::{all_are, edit, plugin};

const BUILD: &str = "
    // The order matters.
    app.init_resource::<Score>()
        .insert_resource(Speed(START))
        .init_state::<Phase>()
        .add_message::<Scored>()
        .add_observer(on_hit)
        .add_systems(Startup, spawn)
        .add_systems(Update, (steer, fire).chain().run_if(in_state(Phase::Playing).and(alive)))
        .add_systems(FixedUpdate, (count.in_set(Step::Count), Ship::drift).after(steer));
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
    #[derive(Component)] struct Ship { speed: f32 }
    impl Ship {
        const TOP: f32 = 9.0;
        fn fast(&self) -> bool { self.speed > Self::TOP }
        fn drift(mut ships: Query<&mut Ship>) { for mut ship in &mut ships { ship.speed *= 0.5; } }
    }
    trait Fast { fn quick(&self) -> bool { false } }
    fn spawn(mut commands: Commands) { commands.spawn(Ship { speed: 3.0 }); }
    fn steer(time: Res<Time>, mut ships: Query<&mut Ship>) {
        for mut ship in &mut ships { let turn = TURN * time.delta_secs(); ship.speed += turn * ease(0.5); }
    }
    fn fire(ships: Query<&Ship>) { for ship in &ships { if ship.fast() { info!(\"fast\"); } } }
    fn count(mut scored: MessageReader<Scored>, mut score: ResMut<Score>) {
        for win in scored.read() { score.points += win.points; }
    }
    fn alive(ships: Query<&Ship>) -> bool { ships.iter().count() > 0 }
    fn on_hit(hit: On<Add, Ship>, mut score: ResMut<Score>) { score.points = 0; }
    fn crew(size: u32) -> impl Bundle { Name::new(\"crew\") }
    fn ease(x: f32) -> f32 { x * x }
    /// What is shown.
    fn shown(name: usize) -> &'static str { NAMES[name] }
";

/// What is replaced by what, in `build` or beside it.
#[rustfmt::skip]
const BODY: &[(&str, &str, &str)] = &[
    ("a float in a system", "speed: 3.0", "speed: 4.0"),
    ("a constant that only a system says", "TURN: f32 = 2.0", "TURN: f32 = 2.5"),
    ("its type", "const TURN: f32 = 2.0", "const TURN: f64 = 2.0"),
    ("a constant that only a helper says", "[\"a\", \"b\"]", "[\"x\", \"y\"]"),
    ("an associated constant", "TOP: f32 = 9.0", "TOP: f32 = 8.0"),
    ("a new constant", "fn ease(x: f32) -> f32 { x * x }", "const POWER: i32 = 3; fn ease(x: f32) -> f32 { x.powi(POWER) }"),
    ("a helper's body", "x * x", "x * x * x"),
    ("a helper's signature", "fn ease(x: f32) -> f32", "fn ease(x: f32, y: f32) -> f32"),
    ("a new helper", "ease(0.5); }\n    }", "calm(0.5); }\n    }\n    fn calm(x: f32) -> f32 { ease(x) / 2.0 }"),
    ("a parameter of a bundle's maker", "fn crew(size: u32) -> impl Bundle", "fn crew(size: u32, ship: Entity) -> impl Bundle"),
    ("a removed helper", "/// What is shown.\n    fn shown(name: usize) -> &'static str { NAMES[name] }", ""),
    ("a method of a component", "self.speed > Self::TOP", "self.speed >= Self::TOP"),
    ("a new method", "fn fast(", "fn slow(&self) -> bool { !self.fast() } fn fast("),
    ("a method that is a system", "ship.speed *= 0.5", "ship.speed *= 0.6"),
    ("a renamed parameter", "fn steer(time: Res<Time>, mut ships: Query<&mut Ship>) {\n        for mut ship in &mut ships {", "fn steer(time: Res<Time>, mut fleet: Query<&mut Ship>) {\n        for mut ship in &mut fleet {"),
    ("a parameter that is mutable now", "fn fire(ships: Query", "fn fire(mut ships: Query"),
    ("a parameter that is no longer used", "fn fire(ships: Query", "fn fire(_ships: Query"),
    ("a parameter taken apart", "fn ease(x: f32)", "fn ease(x @ y: f32)"),
    ("a renamed local", "let turn = TURN * time.delta_secs(); ship.speed += turn", "let by = TURN * time.delta_secs(); ship.speed += by"),
    ("a string in a system", "\"fast\"", "\"very fast\""),
    ("a log line", "for win in scored.read() {", "for win in scored.read() { info!(\"{}\", win.points);"),
    ("an unwrapped query", "for ship in &ships { if", "let _ = ships.single(); for ship in &ships { if"),
    ("a run condition's body", "count() > 0", "count() > 1"),
    ("an observer's body", "score.points = 0", "score.points = 1"),
    ("a Startup system's body", "commands.spawn(Ship", "commands.spawn_empty(); commands.spawn(Ship"),
    ("an exclusive closure in a command", "commands.spawn(Ship", "commands.queue(|world: &mut World| world.flush()); commands.spawn(Ship"),
    ("a system that runs another later", "commands.spawn(Ship", "commands.run_system_cached(fire); commands.spawn(Ship"),
    ("a comment in build", "// The order matters.", "// The order matters a lot."),
    ("no comment in build", "// The order matters.", ""),
    ("a block comment inside a call", ".add_observer(on_hit)", ".add_observer(/* once */ on_hit)"),
    ("formatting of build", ".init_state::<Phase>()\n", ".init_state::<Phase>(\n)\n"),
    ("a trailing comma in build", "(steer, fire).chain()", "(steer, fire,).chain()"),
    ("a doc comment", "/// What is shown.", "/// What is shown where."),
    ("a doc comment on a system", "fn fire(", "/// Fires.\nfn fire("),
    ("a doc comment on a field", "{ points: u32 }\n", "{ /** So many. */ points: u32 }\n"),
    ("a lint on a system", "fn fire(", "#[allow(clippy::needless_pass_by_value)] fn fire("),
    ("a lint in build", "app.init_resource", "#[allow(unused)] app.init_resource"),
    ("a new test module", "fn ease(", "#[cfg(test)] mod tests { use super::*; struct Fixture; impl Plugin for Fixture { fn build(&self, app: &mut App) {} } #[test] fn eases() { App::new(); } } fn ease("),
    ("an import for a system", "fn ease(", "use std::time::Duration; fn ease("),
    ("an imported function for a system", "fn ease(", "use std::f32::consts::TAU; use rand::random; fn ease("),
    ("an imported trait of std", "fn ease(", "use std::fmt::Write as _; fn ease("),
    ("Display of a component", "fn ease(", "impl std::fmt::Display for Ship { fn fmt(&self, f: &mut F) -> R { write!(f, \"ship\") } } fn ease("),
    ("From for a component", "fn ease(", "impl From<f32> for Ship { fn from(speed: f32) -> Self { Self { speed } } } fn ease("),
    ("Default for a component", "fn ease(", "impl Default for Ship { fn default() -> Self { Self { speed: 1.0 } } } fn ease("),
    ("an impl of the game's own trait", "fn ease(", "impl Fast for f32 { fn quick(&self) -> bool { true } } fn ease("),
    ("a new static", "fn ease(", "static COUNT: AtomicU32 = AtomicU32::new(0); fn ease("),
    ("a new module of helpers", "fn ease(", "mod math { pub fn lerp(a: f32, b: f32) -> f32 { a + b } } fn ease("),
    ("visibility of a system", "fn fire(", "pub(crate) fn fire("),
    ("visibility of a constant", "const TURN", "pub const TURN"),
    ("visibility of a constant that build says", "const START", "pub const START"),
    ("visibility of a type that others say", "struct Ship", "pub struct Ship"),
    ("an early return", "for ship in &ships { if", "if ships.is_empty() { return; } for ship in &ships { if"),
    ("a nested function", "let turn =", "fn half(x: f32) -> f32 { x / 2.0 } let turn ="),
    ("a closure in a system", "let turn =", "let half = |x: f32| x / 2.0; let turn ="),
    ("a match in a system", "score.points += win.points", "score.points += match win.points { 0 => 1, n => n }"),
    ("an unsafe block", "let turn =", "unsafe { danger() }; let turn ="),
];

#[test]
fn a_gameplay_edit_beside_a_plugin_is_a_body_edit() {
    let source = plugin(BUILD, GAME);
    let mut wrong = Vec::new();
    for (behaviour, find, replacement) in BODY {
        assert!(source.contains(find), "{behaviour}: {find}");
        let edited = source.replacen(find, replacement, 1);
        assert_ne!(source, edited, "{behaviour}");
        for (way, edit) in [
            ("", edit(&source, &edited)),
            (" (undone)", edit(&edited, &source)),
        ] {
            if edit.kind != Body {
                wrong.push(format!("{behaviour}{way}: {edit:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_order_of_items_in_a_file_is_a_body_edit() {
    let mut items: Vec<&str> = GAME.split("\n    fn ").collect();
    let head = items.remove(0);
    let joined = |items: &[&str]| {
        plugin(
            BUILD,
            &format!("{head}\n    fn {}", items.join("\n    fn ")),
        )
    };
    let before = joined(&items);
    items.reverse();
    let edit = edit(&before, &joined(&items));
    assert_eq!((edit.kind, edit.changes.len()), (Body, 0), "{edit:#?}");
}

#[test]
fn an_edit_inside_build_is_never_a_body_edit() {
    let source = plugin(BUILD, GAME);
    for (find, replacement) in [
        ("Speed(START)", "Speed(2.0)"),
        ("START: f32 = 1.0", "START: f32 = 2.0"),
        ("(steer, fire)", "(fire, steer)"),
        (".chain()", ""),
        ("Phase::Playing)", "Phase::Menu)"),
        (".and(alive)", ""),
        (".add_message::<Scored>()", ""),
        (".add_observer(on_hit)", ""),
        ("(Startup, spawn)", "(PostStartup, spawn)"),
        ("count.in_set(Step::Count)", "count"),
        (".after(steer)", ".before(steer)"),
        ("(time: Res<Time>", "(time: Res<Time<Fixed>>"),
        (
            "fn alive(ships: Query<&Ship>)",
            "fn alive(ships: Query<&Ship>, x: Res<Score>)",
        ),
        ("hit: On<Add, Ship>", "hit: On<Remove, Ship>"),
    ] {
        assert!(source.contains(find), "{find}");
        let edited = source.replacen(find, replacement, 1);
        assert_eq!(edit(&source, &edited).kind, Structure, "{find}");
        assert_eq!(edit(&edited, &source).kind, Structure, "{find}, undone");
    }
}

#[test]
fn constants_of_one_module_are_told_apart() {
    all_are(
        Body,
        &[
            (
                "app.insert_resource(R(START));",
                "const START: u8 = 1; const SPEED: u8 = §; fn s() { SPEED; START; }",
            ),
            (
                "app.insert_resource(R(ship::SPEED));",
                "mod ship { pub const SPEED: u8 = 1; } mod enemy { const SPEED: u8 = §; fn s() { SPEED; } }",
            ),
            (
                "app.insert_resource(R(Ship::SPEED));",
                "struct Ship; impl Ship { const SPEED: u8 = 1; const TURN: u8 = §; }",
            ),
            (
                "app.add_systems(Update, enemy::steer);",
                "fn enemy(x: [u8; §]) {} mod enemy { pub fn steer(r: Res<R>) {} }",
            ),
            (
                "app.add_systems(Update, s.run_if(c));",
                "const LIMIT: u8 = §; fn c(r: Res<R>) -> bool { r.0 > LIMIT }",
            ),
            (
                "app.add_observer(o);",
                "const BLAST: u8 = §; fn o(e: On<Boom>) { BLAST; }",
            ),
            (
                "app.add_systems(Update, m::s);",
                "mod m { const SPEED: u8 = §; pub fn s(r: Res<R>) { SPEED; } }",
            ),
        ],
    );
}
