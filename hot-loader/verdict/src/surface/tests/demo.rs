//! Edits of the demo's own sources, of the kinds that its makers make, and how many
//! of them are false alarms.
//!
//! Reads `systems/src` beside this crate. A row that no longer fits those sources
//! fails: find another edit of its sort.

use super::super::EditKind::{self, Body, Structure, Types};
use super::super::{SourceFile, Surface};
use super::{compare, surface_of_files};
use std::path::{Path, PathBuf};

/// What is replaced, and by what, in files of `systems/src`.
type Replaced = &'static [(&'static str, &'static str, &'static str)];

/// A behaviour, the edit, and the kind that it truly is, which is the kind that it
/// comes out as.
#[rustfmt::skip]
const EDITS: &[(&str, Replaced, EditKind)] = &[
    // Constants.
    ("the ship's speed", &[("ship", "SPEED: f32 = 520.0", "SPEED: f32 = 560.0")], Body),
    ("the ship's start", &[("ship", "Vec2::new(0.0, -220.0)", "Vec2::new(0.0, -240.0)")], Body),
    ("the lives of a run", &[("ship", "LIVES: u32 = 3", "LIVES: u32 = 5")], Body),
    ("the arena's width, which other files say too", &[("arena", "HALF_WIDTH: f32 = 640.0", "HALF_WIDTH: f32 = 700.0")], Body),
    ("an array of constants", &[("background", "[130, 70, 28]", "[150, 80, 30]")], Body),
    ("a constant's length", &[("background", "const CLOUDS: u32 = 7", "const CLOUDS: u32 = 9")], Body),
    ("a constant made of another", &[("pilot", "-0.66 * HALF_HEIGHT", "-0.7 * HALF_HEIGHT")], Body),
    ("a color", &[("hud", "Color::srgb(0.85, 0.97, 1.0)", "Color::srgb(0.9, 0.97, 1.0)")], Body),
    ("a new constant for a number", &[("shots", "/// For how long a hit", "/// Below which nothing is hit.\nconst IN_SIGHT: f32 = HALF_HEIGHT;\n/// For how long a hit"), ("shots", "at.y < HALF_HEIGHT;", "at.y < IN_SIGHT;")], Body),
    ("a table of traits", &[("enemy", "health: 12.0,", "health: 15.0,")], Body),
    ("a table of looks", &[("looks", "(\"orb.png\", Vec2::splat(50.0), 2.0, 8.0)", "(\"orb.png\", Vec2::splat(56.0), 2.2, 8.0)")], Body),
    // Logic of systems, observers and conditions.
    ("a system's formula", &[("arena", "velocity.0 * time.delta_secs();", "velocity.0 * time.delta_secs() * 1.1;")], Body),
    ("a system's new branch", &[("ship", "ship.cooldown = FIRE_INTERVAL;", "ship.cooldown = if ship.guns > 2 { FIRE_INTERVAL * 1.5 } else { FIRE_INTERVAL };")], Body),
    ("a renamed local", &[("camera", "let strength = trauma.0 * trauma.0;", "let force = trauma.0 * trauma.0;"), ("camera", "= strength * SHAKE_REACH * wave(43.0, 0.0)", "= force * SHAKE_REACH * wave(43.0, 0.0)")], Body),
    ("a renamed parameter", &[("score", "mut scored: MessageReader<Scored>", "mut wins: MessageReader<Scored>"), ("score", "scored.read()", "wins.read()")], Body),
    ("a parameter that is mutable now", &[("looks", "    assets: Res<AssetServer>,\n    mut commands", "    mut assets: Res<AssetServer>,\n    mut commands")], Body),
    ("a string", &[("screens", "\"press enter to go on\"", "\"press enter to fly on\"")], Body),
    ("a format string", &[("hud", "format!(\"wave {}\", wave.number)", "format!(\"wave no. {}\", wave.number)")], Body),
    ("a log line", &[("waves", "    wave.to_come -= 1;", "    info!(\"{} squads to come\", wave.to_come);\n    wave.to_come -= 1;")], Body),
    ("an observer's body", &[("camera", "(trauma.0 + SHAKE * exploded.blast).min(1.0)", "(trauma.0 + SHAKE * exploded.blast.sqrt()).min(1.0)")], Body),
    ("an observer that looks at another kind", &[("enemy", "enemy.kind == EnemyKind::Diver)", "enemy.kind != EnemyKind::Gunner)")], Body),
    ("a condition's body", &[("state", "GameState::Playing | GameState::GameOver", "GameState::Playing | GameState::Paused | GameState::GameOver")], Body),
    ("another condition's body", &[("pilot", "-> bool {\n    pilot.engaged\n}", "-> bool {\n    pilot.engaged && !cfg!(feature = \"manual\")\n}")], Body),
    ("a Startup system's body", &[("dice", "info!(\"the dice are seeded with {seed}\");", "info!(\"seed {seed}\");")], Body),
    ("a closure inside a system", &[("missile", "distance(a).total_cmp(&distance(b))", "distance(b).total_cmp(&distance(a))")], Body),
    ("keys", &[("state", "[KeyCode::Escape, KeyCode::KeyP]", "[KeyCode::Escape, KeyCode::KeyP, KeyCode::Pause]")], Body),
    ("what a system spawns", &[("shields", "Name::new(\"Shield\"),", "Name::new(format!(\"Shield {place}\")),")], Body),
    ("a loop becomes an iterator", &[("arena", "    for (entity, position) in &bodies {\n        if position.abs().cmpgt(limit).any() {\n            commands.entity(entity).despawn();\n        }\n    }", "    let outside = |at: &Position| at.abs().cmpgt(limit).any();\n    for (entity, _) in bodies.iter().filter(|(_, at)| outside(at)) {\n        commands.entity(entity).despawn();\n    }")], Body),
    // Helpers and methods.
    ("a helper's body", &[("particles", "Vec2::Y * 60.0", "Vec2::Y * 80.0")], Body),
    ("a helper that others call", &[("arena", ".powi(2)", ".powi(2) * 0.9")], Body),
    ("a new helper", &[("shots", "/// An orb of an enemy.\npub fn", "/// A slower one.\nfn slow(velocity: Vec2) -> Vec2 {\n    velocity * 0.5\n}\n\n/// An orb of an enemy.\npub fn"), ("shots", "direction * ORB_SPEED", "slow(direction * ORB_SPEED)")], Body),
    ("a helper's new parameter", &[("waves", "fn kind_for(wave: u32, dice", "fn kind_for(wave: u32, _squads: u32, dice"), ("waves", "kind_for(wave.number, &mut", "kind_for(wave.number, wave.to_come, &mut")], Body),
    ("a new parameter of an enemy's maker", &[("enemy", "    toughness: f32,\n    dice", "    toughness: f32,\n    flash: f32,\n    dice"), ("enemy", "            phase,\n            reload", "            phase,\n            flash,\n            reload"), ("waves", "phase, toughness, &mut dice", "phase, toughness, 0.0, &mut dice")], Body),
    ("a helper's new name", &[("shields", "fn on_orbit(", "fn in_orbit("), ("shields", "from_translation(on_orbit(", "from_translation(in_orbit("), ("shields", "= on_orbit(shield", "= in_orbit(shield")], Body),
    ("a method's body", &[("score", "1 + self.combo / KILLS_A_STEP", "1 + (self.combo / KILLS_A_STEP) * 2")], Body),
    ("a new method", &[("dice", "    fn roll(", "    /// One of so many.\n    pub fn pick(&mut self, sides: u32) -> u32 {\n        self.range(0.0, sides as f32) as u32\n    }\n\n    fn roll(")], Body),
    ("the dice themselves", &[("dice", "self.state << 25", "self.state << 27")], Body),
    ("Display of a component", &[("enemy", "/// Steers the enemies.\n", "impl std::fmt::Display for Enemy {\n    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {\n        write!(f, \"{:?}\", self.kind)\n    }\n}\n\n/// Steers the enemies.\n")], Body),
    ("an import that a body needs", &[("shots", "use bevy::prelude::*;", "use std::f32::consts::PI;\n\nuse bevy::prelude::*;"), ("shots", "direction * BOLT_SPEED", "direction.rotate(Vec2::from_angle(0.0 * PI)) * BOLT_SPEED")], Body),
    ("a new file of helpers", &[("lib", "pub mod dice;", "pub mod curves;\npub mod dice;"), ("curves", "", "//! Curves.\n\n/// Slow, fast, slow.\npub fn ease(x: f32) -> f32 {\n    x * x * (3.0 - 2.0 * x)\n}\n"), ("hud", "use crate::pilot::Autopilot;", "use crate::curves::ease;\nuse crate::pilot::Autopilot;"), ("hud", "(age * 8.0).min(1.0)", "ease((age * 8.0).min(1.0))")], Body),
    ("tests", &[("score", "/// Keeps the", "#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn it_counts() {\n        let mut app = App::new();\n        app.add_plugins(ScorePlugin);\n    }\n}\n\n/// Keeps the")], Body),
    ("a private system is public", &[("hud", "\nfn announce(", "\npub(crate) fn announce(")], Body),
    // No code.
    ("a comment in build", &[("looks", "// Before `Update`, where", "// Ahead of `Update`, where")], Body),
    ("a doc comment", &[("waves", "/// Sends the waves.", "/// Sends the waves, one after the other.")], Body),
    ("formatting of build", &[("score", "            .add_message::<Scored>()\n            .add_message::<Counted>()\n", "            .add_message::<Scored>().add_message::<Counted>()\n")], Body),
    ("a lint", &[("hud", "/// Raises and fades", "#[allow(clippy::type_complexity)]\n/// Raises and fades")], Body),
    // The registration.
    ("a new system", &[("score", "count.in_set(Step::Count))", "(count, cheer).in_set(Step::Count))"), ("score", "/// A run starts", "/// Cheers.\nfn cheer(score: Res<Score>) {\n    info!(\"{}\", score.points);\n}\n\n/// A run starts")], Structure),
    ("a system less", &[("ship", "(rearm, steer, fire).chain()", "(steer, fire).chain()")], Structure),
    ("a system by another name", &[("shields", "raise.in_set", "lift.in_set"), ("shields", "\nfn raise(", "\nfn lift(")], Structure),
    ("another order", &[("missile", "(launch, guide)", "(guide, launch)")], Structure),
    ("no order", &[("enemy", "(steer, fire).chain()", "(steer, fire)")], Structure),
    ("after something else", &[("ship", ".after(crate::shots::hit_enemies)", ".before(crate::shots::hit_enemies)")], Structure),
    ("another set", &[("shields", "raise.in_set(Step::Ship)", "raise.in_set(Step::Enemies)")], Structure),
    ("sets in another order", &[("state", "                    Step::Move.run_if(things_move),\n                    Step::Collide.run_if(in_state(GameState::Playing)),", "                    Step::Collide.run_if(in_state(GameState::Playing)),\n                    Step::Move.run_if(things_move),")], Structure),
    ("a condition", &[("shots", "hit_enemies.in_set(Step::Collide)", "hit_enemies.run_if(crate::pilot::engaged).in_set(Step::Collide)")], Structure),
    ("a condition less", &[("arena", "                    .run_if(things_move)\n", "")], Structure),
    ("a condition with a constant", &[("summary", "print.run_if(", "print.run_if(bevy::time::common_conditions::on_timer(std::time::Duration::from_secs_f32(INTERVAL))).run_if(")], Structure),
    ("another condition", &[("looks", "in_state(GameState::Playing)", "not(in_state(GameState::Menu))")], Structure),
    ("another schedule", &[("camera", "add_systems(Update, shake", "add_systems(PostUpdate, shake")], Structure),
    ("a constant that build says", &[("arena", "STEPS_A_SECOND: f64 = 60.0", "STEPS_A_SECOND: f64 = 50.0")], Structure),
    ("a number that build says", &[("background", "srgb(0.035, 0.04, 0.09)", "srgb(0.03, 0.03, 0.08)")], Structure),
    ("a list that build goes through", &[("state", "entered: GameState::Playing,\n    },\n];", "entered: GameState::Menu,\n    },\n];")], Structure),
    ("a list in build", &[("screens", "[GameState::Menu, GameState::Paused, GameState::GameOver]", "[GameState::Menu, GameState::GameOver]")], Structure),
    ("a resource's first value", &[("camera", ".init_resource::<Trauma>()", ".insert_resource(Trauma(0.5))")], Structure),
    ("a message less", &[("score", "            .add_message::<Counted>()\n", "")], Structure),
    ("a plugin less", &[("lib", "            summary::SummaryPlugin,\n", "")], Structure),
    ("an observer less", &[("camera", "            .add_observer(rattle)\n", "")], Structure),
    ("a system's parameter", &[("shields", "fn spin(time: Res<Time>,", "fn spin(time: Res<Time<Virtual>>,")], Structure),
    ("a system's new parameter", &[("score", "    mut score: ResMut<Score>,\n) {\n    score.combo_left", "    mut score: ResMut<Score>,\n    mut best: Local<u32>,\n) {\n    *best += 1;\n    score.combo_left")], Structure),
    ("a query's filter", &[("summary", "enemies: Query<(), With<Enemy>>", "enemies: Query<(), (With<Enemy>, With<Position>)>")], Structure),
    ("an observer's event", &[("enemy", "added: On<Add, Enemy>", "added: On<Insert, Enemy>")], Structure),
    ("a condition's parameter", &[("state", "pub fn things_move(state: Res<State<GameState>>)", "pub fn things_move(state: Res<State<GameState>>, _time: Res<Time>)")], Structure),
    ("a new component", &[("ship", "/// The flame behind", "/// Ash.\n#[derive(Component, Reflect, Default)]\npub struct Ash;\n\n/// The flame behind")], Structure),
    // Types.
    ("a component's field", &[("ship", "    pub guns: u32,", "    pub guns: u32,\n    /// Heat.\n    pub heat: f32,")], Types),
    ("a resource's field", &[("waves", "    pub to_come: u32,", "    pub to_come: u64,")], Types),
    ("a state", &[("state", "    /// The last ship is lost.\n", "    /// Between two waves.\n    Resting,\n    /// The last ship is lost.\n")], Types),
    ("a set", &[("state", "    /// Points are counted.\n", "    /// Things are cleaned up.\n    Clean,\n    /// Points are counted.\n")], Types),
    ("a required component", &[("looks", "#[require(Transform, Visibility)]", "#[require(Transform)]")], Types),
    ("a derive", &[("missile", "#[derive(Component, Reflect, Debug, Clone, Copy, Default)]\n#[reflect(Component)]\npub struct Missile", "#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq)]\n#[reflect(Component)]\npub struct Missile")], Types),
    ("a resource's Default by hand", &[("pilot", "#[derive(Resource, Reflect, Debug, Clone, Copy, Default, PartialEq, Eq)]", "#[derive(Resource, Reflect, Debug, Clone, Copy, PartialEq, Eq)]"), ("pilot", "/// Adds [`Controls`]", "impl Default for Autopilot {\n    fn default() -> Self {\n        Self { engaged: true }\n    }\n}\n\n/// Adds [`Controls`]")], Types),
];

/// A behaviour, the edit, the kind that it truly is, the larger kind that it comes out
/// as, and why.
#[rustfmt::skip]
const FALSE_ALARMS: &[(&str, Replaced, EditKind, EditKind, &str)] = &[
    ("a local variable in build", &[("screens", "for state in [", "for waiting in ["), ("screens", "OnEnter(state)", "OnEnter(waiting)")], Body, Structure,
        "every word of build counts"),
    ("two calls in build instead of one", &[("arena", "(move_bodies, remove_outside).chain().in_set(Step::Move),", "(move_bodies, remove_outside).chain().in_set(Step::Move),\n            )\n            .add_systems(\n                Last,\n                (),")], Body, Structure,
        "what build says is compared, not what it does"),
    ("a number in build, written otherwise", &[("background", "srgb(0.035,", "srgb(3.5e-2,")], Body, Structure,
        "numbers are compared as they are written"),
    ("a constant of build by another name", &[("arena", "pub const STEPS_A_SECOND", "pub const STEP_RATE"), ("arena", "from_hz(STEPS_A_SECOND)", "from_hz(STEP_RATE)")], Body, Structure,
        "its name is in build"),
    ("a constant of build in another unit", &[("arena", "STEPS_A_SECOND: f64 = 60.0", "STEPS_A_SECOND: f64 = 120.0 / 2.0")], Body, Structure,
        "values are not evaluated"),
    ("Display of the state", &[("state", "/// The parts of one", "impl std::fmt::Display for GameState {\n    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {\n        write!(f, \"{self:?}\")\n    }\n}\n\n/// The parts of one")], Body, Structure,
        "build has values of that type, and could show one"),
    ("an import that only a body needs, from a crate that is not known", &[("waves", "use bevy::prelude::*;", "use bevy::prelude::*;\nuse noise::Perlin;"), ("waves", "let phase = dice", "let _ = Perlin::new(1);\n    let phase = dice")], Body, Structure,
        "it could be a trait, and a trait decides what methods in build mean"),
    ("a private system is public, and another file's has its name", &[("enemy", "\nfn fire(", "\npub(crate) fn fire(")], Body, Structure,
        "`crate::ship::fire` in build counts for whatever is called `fire`"),
    ("a system's generic parameter by another name", &[("arena", "fn move_bodies(", "fn move_bodies<'w>(")], Body, Structure,
        "a signature is compared as it is written"),
];

/// Of all rows above. More than before means that something now counts that did not.
const FALSE_ALARMS_OF_ALL: (usize, usize) = (9, 89);

fn sources() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systems/src");
    let mut sources: Vec<(String, String)> = std::fs::read_dir(&folder)
        .expect("the demo's sources are beside this crate")
        .map(|entry| {
            let path = entry.expect("a file").path();
            let name = path.file_stem().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("text");
            (name.into_owned(), text)
        })
        .collect();
    sources.sort();
    sources
}

fn surface(sources: &[(String, String)]) -> Surface {
    let files: Vec<SourceFile> = sources
        .iter()
        .map(|(name, text)| SourceFile {
            path: PathBuf::from(format!("/game/systems/src/{name}.rs")),
            bytes: text.as_bytes().into(),
        })
        .collect();
    surface_of_files(&files).expect("it is Rust")
}

fn edited(sources: &[(String, String)], behaviour: &str, edit: Replaced) -> Surface {
    let mut sources = sources.to_vec();
    for (file, find, replacement) in edit {
        match sources.iter_mut().find(|(name, _)| name == file) {
            Some((_, text)) => {
                assert!(text.contains(find), "{behaviour}: {file} has no {find}");
                *text = text.replacen(find, replacement, 1);
            }
            None => sources.push(((*file).to_owned(), (*replacement).to_owned())),
        }
    }
    surface(&sources)
}

#[test]
fn the_demos_edits_keep_their_kinds() {
    let sources = sources();
    let old = surface(&sources);
    let mut wrong = Vec::new();
    let mut false_alarms = 0;
    let all = EDITS
        .iter()
        .map(|&(behaviour, edit, kind)| (behaviour, edit, kind, kind))
        .chain(
            FALSE_ALARMS
                .iter()
                .map(|&(behaviour, edit, kind, said, _)| (behaviour, edit, kind, said)),
        );
    for (behaviour, edit, truly, said) in all {
        let new = edited(&sources, behaviour, edit);
        let found = compare(&old, &new);
        if found.kind != said {
            let why: Vec<_> = found.changes.iter().map(|change| &change.reason).collect();
            wrong.push(format!(
                "{behaviour}: {:?} instead of {said:?}: {why:#?}",
                found.kind
            ));
        }
        if said <= Structure && truly <= Structure {
            let undone = compare(&new, &old).kind;
            // A type that is new is one less in the undo.
            if undone != said && undone != Types {
                wrong.push(format!(
                    "{behaviour}, undone: {undone:?} instead of {said:?}"
                ));
            }
        }
        assert!(truly <= said, "{behaviour}: a miss is never right");
        false_alarms += usize::from(truly < said);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        (false_alarms, EDITS.len() + FALSE_ALARMS.len()),
        FALSE_ALARMS_OF_ALL
    );
}

#[test]
fn an_edit_of_the_demo_that_is_no_edit_changes_nothing() {
    let sources = sources();
    let again = compare(&surface(&sources), &surface(&sources));
    assert_eq!((again.kind, again.changes.len()), (Body, 0));
}
