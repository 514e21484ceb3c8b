//! Edits of the demo's own sources, of the kinds that its makers make: each is compiled as
//! a running game compiles it, and judged, forwards and as an undo. Nothing is linked but
//! what only layouts can decide.
//!
//! A row that no longer fits the sources fails: find another edit of its sort. Must not
//! state a smaller kind than the true one to make a row pass.

#![expect(clippy::unwrap_used, reason = "a test panics where it must fail")]

use Kind::{Body, Structure, Types};
use hot_loader_compile::recipe::{Recipe, ReplayPaths};
use hot_loader_tests::{Profile, Workspace};
use hot_loader_verdict::{
    code::{Code, Memory, SourceFile},
    contracts::Beside,
    edit::compare,
    layouts::{Layouts, Spellings, Unit},
};
use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock},
    thread,
};

/// What an edit is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    Body,
    Structure,
    Types,
}

/// What is replaced, and by what, in files of `systems/src`.
type Replaced = &'static [(&'static str, &'static str, &'static str)];

/// A behaviour, the edit, and its kind.
#[rustfmt::skip]
const EDITS: &[(&str, Replaced, Kind)] = &[
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
    ("a renamed local", &[("camera", "let strength = trauma.0 * trauma.0;", "let force = trauma.0 * trauma.0;"), ("camera", "= strength * SHAKE_REACH * wave(43.0, 0.0)", "= force * SHAKE_REACH * wave(43.0, 0.0)"), ("camera", "= strength * SHAKE_REACH * wave(51.0, 2.0)", "= force * SHAKE_REACH * wave(51.0, 2.0)"), ("camera", "(strength * SHAKE_TURN", "(force * SHAKE_TURN")], Body),
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
    ("an import that a body needs", &[("shots", "use bevy::prelude::*;", "use std::f32::consts::PI;\n\nuse bevy::prelude::*;"), ("shots", "direction * BOLT_SPEED", "direction.rotate(Vec2::from_angle(0.0 * PI)) * BOLT_SPEED")], Body),
    ("a new file of helpers", &[("lib", "pub mod dice;", "pub mod curves;\npub mod dice;"), ("curves", "", "//! Curves.\n\n/// Slow, fast, slow.\npub fn ease(x: f32) -> f32 {\n    x * x * (3.0 - 2.0 * x)\n}\n"), ("hud", "use crate::pilot::Autopilot;", "use crate::curves::ease;\nuse crate::pilot::Autopilot;"), ("hud", "(age * 8.0).min(1.0)", "ease((age * 8.0).min(1.0))")], Body),
    ("tests", &[("score", "/// Keeps the", "#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn it_counts() {\n        let mut app = App::new();\n        app.add_plugins(ScorePlugin);\n    }\n}\n\n/// Keeps the")], Body),
    ("a private system is public", &[("hud", "\nfn announce(", "\npub(crate) fn announce(")], Body),
    // No code.
    ("a comment in build", &[("looks", "// Before `Update`, where", "// Ahead of `Update`, where")], Body),
    ("a doc comment", &[("waves", "/// Sends the waves.", "/// Sends the waves, one after the other.")], Body),
    ("formatting of build", &[("score", "            .add_message::<Scored>()\n            .add_message::<Counted>()\n", "            .add_message::<Scored>().add_message::<Counted>()\n")], Body),
    ("a lint", &[("hud", "/// Raises and fades", "#[allow(clippy::type_complexity)]\n/// Raises and fades")], Body),
    ("a local variable in build", &[("screens", "for state in [", "for waiting in ["), ("screens", "OnEnter(state)", "OnEnter(waiting)")], Body),
    ("a number in build, written otherwise", &[("background", "srgb(0.035,", "srgb(3.5e-2,")], Body),
    ("a system's generic parameter by another name", &[("arena", "fn move_bodies(", "fn move_bodies<'w>(")], Body),
    ("a private system is public, and another file's has its name", &[("enemy", "\nfn fire(", "\npub(crate) fn fire(")], Body),
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
    ("a component's field", &[("ship", "    pub guns: u32,", "    pub guns: u32,\n    /// Heat.\n    pub heat: f32,"), ("ship", "            guns: 1,", "            guns: 1,\n            heat: 0.0,")], Types),
    ("a resource's field", &[("waves", "    pub to_come: u32,", "    pub to_come: u64,"), ("waves", "= FIRST_SIZE + GROWTH * (wave.number - 1);", "= (FIRST_SIZE + GROWTH * (wave.number - 1)).into();")], Types),
    ("a state", &[("state", "    /// The last ship is lost.\n", "    /// Between two waves.\n    Resting,\n    /// The last ship is lost.\n"), ("screens", "GameState::Playing => return", "GameState::Playing | GameState::Resting => return")], Types),
    ("a set", &[("state", "    /// Points are counted.\n", "    /// Things are cleaned up.\n    Clean,\n    /// Points are counted.\n")], Types),
    ("a required component", &[("looks", "#[require(Transform, Visibility)]", "#[require(Transform)]")], Types),
    ("a derive", &[("missile", "#[derive(Component, Reflect, Debug, Clone, Copy, Default)]\n#[reflect(Component)]\npub struct Missile", "#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq)]\n#[reflect(Component)]\npub struct Missile")], Types),
    ("a resource's Default by hand", &[("pilot", "#[derive(Resource, Reflect, Debug, Clone, Copy, Default, PartialEq, Eq)]", "#[derive(Resource, Reflect, Debug, Clone, Copy, PartialEq, Eq)]"), ("pilot", "/// Adds [`Controls`]", "impl Default for Autopilot {\n    fn default() -> Self {\n        Self { engaged: true }\n    }\n}\n\n/// Adds [`Controls`]")], Types),
];

/// A behaviour, the edit, its kind, the larger kind that it comes out as, and why.
#[rustfmt::skip]
const ALARMS: &[(&str, Replaced, Kind, Kind, &str)] = &[
    ("two calls in build instead of one", &[("arena", "(move_bodies, remove_outside).chain().in_set(Step::Move),", "move_bodies.in_set(Step::Move),\n            )\n            .add_systems(\n                FixedUpdate,\n                remove_outside.after(move_bodies).in_set(Step::Move),")], Body, Structure,
        "what build says is compared, not what it does"),
    ("a constant of build by another name", &[("arena", "pub const STEPS_A_SECOND", "pub const STEP_RATE"), ("arena", "from_hz(STEPS_A_SECOND)", "from_hz(STEP_RATE)")], Body, Structure,
        "its name is in build"),
    ("a constant of build in another unit", &[("arena", "STEPS_A_SECOND: f64 = 60.0", "STEPS_A_SECOND: f64 = 120.0 / 2.0")], Body, Structure,
        "values are not evaluated"),
    ("Display of a component", &[("enemy", "/// Steers the enemies.\n", "impl std::fmt::Display for Enemy {\n    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {\n        write!(f, \"{:?}\", self.kind)\n    }\n}\n\n/// Steers the enemies.\n")], Body, Structure,
        "a system that build registers has values of that type, and could show one"),
    ("Display of the state", &[("state", "/// The parts of one", "impl std::fmt::Display for GameState {\n    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {\n        write!(f, \"{self:?}\")\n    }\n}\n\n/// The parts of one")], Body, Structure,
        "build has values of that type, and could show one"),
];

/// How many rows are compiled at a time, each in a copy of the sources with a cache of its own.
const COPIES: usize = 2;

#[test]
fn the_demos_edits_are_of_their_kinds() {
    let workspace = Workspace::demo();
    workspace.build(Profile::DEV);
    let recipe = recipe(&workspace.executable());
    let alarms = ALARMS.iter().map(|&(behaviour, edit, truth, said, why)| {
        assert!(truth < said && !why.is_empty());
        (behaviour, edit, said)
    });
    let rows = EDITS.iter().copied().chain(alarms);
    let copies: Vec<_> = (0..COPIES)
        .map(|number| Copy::of(&workspace, number, &recipe))
        .collect();
    let groups = Mutex::new(groups(rows, &copies[0]).into_iter());
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for copy in &copies {
            let (groups, wrong) = (&groups, &wrong);
            scope.spawn(move || {
                let before = copy.compiled(&[]);
                let before = before.unwrap_or_else(|said| panic!("{said}"));
                loop {
                    let Some(group) = groups.lock().unwrap().next() else {
                        break;
                    };
                    let all: Vec<_> = group.iter().flat_map(|(_, edit, _)| *edit).collect();
                    let (_, _, kind) = group[0];
                    if copy.judged(&before, &all, kind).is_ok() {
                        continue;
                    }
                    for (behaviour, edit, said) in group {
                        let edit: Vec<_> = edit.iter().collect();
                        if let Err(why) = copy.judged(&before, &edit, said) {
                            wrong.lock().unwrap().push(format!("{behaviour}: {why}"));
                        }
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A row as it is judged.
type Row = (&'static str, Replaced, Kind);

/// How many rows are compiled at once at most.
const GROUP: usize = 12;

/// Rows that are judged together: edits of bodies that can be made in one text, since all of
/// them are one if each is. Others would hide a row that is called too small.
fn groups(rows: impl Iterator<Item = Row>, copy: &Copy) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let fits = |group: &&mut Vec<Row>| {
            let edits = group.iter().chain([&row]).flat_map(|(_, edit, _)| *edit);
            group.len() < GROUP
                && group[0].2 == Body
                && copy.edited(&edits.collect::<Vec<_>>()).is_ok()
        };
        let together = groups.iter_mut().filter(|_| row.2 == Body);
        match { together }.find(fits) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// The recipe in an executable.
fn recipe(executable: &Path) -> Recipe {
    const BEGIN: &[u8] = br#"{"v":2,"rustc":"#;
    let bytes = fs::read(executable).unwrap();
    let begins = bytes.windows(BEGIN.len()).enumerate();
    let mut begins = begins.filter(|(_, window)| *window == BEGIN);
    let found = begins.find_map(|(at, _)| {
        let mut json = serde_json::Deserializer::from_slice(&bytes[at..]).into_iter();
        let json: serde_json::Value = json.next()?.ok()?;
        Recipe::parse(&json.to_string(), true).ok()
    });
    found.expect("a hot build has a recipe")
}

/// Edits of one or more rows.
type Edits<'a> = &'a [&'static (&'static str, &'static str, &'static str)];

/// A copy of the demo's sources that one thread edits.
struct Copy {
    recipe: Recipe,
    dir: PathBuf,
    /// By the names of the files, as they are at first.
    sources: BTreeMap<String, String>,
    /// What debug info says of these, once somebody has asked.
    layouts: OnceLock<Layouts>,
}

impl Copy {
    fn of(workspace: &Workspace, number: usize, recipe: &Recipe) -> Self {
        let dir = workspace.path(&format!("edits-{number}"));
        let package = dir.join("systems");
        fs::create_dir_all(package.join("src")).unwrap();
        // The engine's derives ask it what the engine is called.
        fs::write(
            package.join("Cargo.toml"),
            workspace.read("systems/Cargo.toml"),
        )
        .unwrap();
        let entries = fs::read_dir(workspace.path("systems/src")).unwrap();
        let sources = entries.map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        });
        let mut recipe = recipe.clone();
        recipe.cwd = dir.clone();
        let manifest = package.to_string_lossy().into_owned();
        recipe.env.insert("CARGO_MANIFEST_DIR".into(), manifest);
        Self {
            sources: sources.collect(),
            layouts: OnceLock::new(),
            recipe,
            dir,
        }
    }

    /// That an edit is of this kind, and that its undo is.
    fn judged(&self, before: &Code, edit: Edits, expected: Kind) -> Result<(), String> {
        let after = self.compiled(edit)?;
        let sides = [(before, &after), (&after, before)];
        let differ = |beside| {
            sides.map(|(old, new)| {
                let differences = old.contracts().differences(new.contracts(), beside);
                !differences.is_empty()
            })
        };
        let mut types = differ(Beside::Layouts);
        // What is only in doubt as long as nothing is known of layouts, these decide.
        if differ(Beside::Nothing) != types {
            let before = match self.layouts.get() {
                Some(layouts) => layouts,
                None => {
                    let layouts = self.layouts(&[])?;
                    self.layouts.get_or_init(|| layouts)
                }
            };
            let after = self.layouts(edit)?;
            types[0] |= !before.differences(&after).types.is_empty();
            types[1] |= !after.differences(before).types.is_empty();
        }
        let kind = |at: usize| match types[at] {
            true => Types,
            false if compare(sides[at].0, sides[at].1).structure => Structure,
            false => Body,
        };
        let (said, undone) = (kind(0), kind(1));
        // A type that is new is one less in the undo.
        match said == expected && (undone == said || undone == Types) {
            true => Ok(()),
            false => Err(format!("{said:?}, undone {undone:?}, and not {expected:?}")),
        }
    }

    /// The edited sources, compiled.
    fn compiled(&self, edit: Edits) -> Result<Code, String> {
        let out = self.rustc(edit, "metadata,mir")?;
        let source = self.dir.join("systems/src");
        let files = fs::read_dir(&source).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            SourceFile {
                bytes: fs::read(&path).unwrap().into(),
                path,
            }
        });
        let files: Vec<_> = files.collect();
        let code = Code::of("systems", &source.join("lib.rs"), &files);
        let code = code.map_err(|error| error.to_string())?;
        let mir = fs::read_to_string(out.join("systems.mir")).unwrap();
        code.built(&mir, &mut Memory::default())
            .map_err(|error| error.to_string())
    }

    /// What the compiler's debug info says of the edited sources.
    fn layouts(&self, edit: Edits) -> Result<Layouts, String> {
        let out = self.rustc(edit, "link,dep-info,mir")?;
        let (prefix, suffix) = (env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
        let library = fs::read(out.join(format!("{prefix}systems{suffix}"))).unwrap();
        let mut spellings = Spellings::default();
        let files = units(&out);
        if files.is_empty() {
            let layouts = Layouts::read(&library, "systems", &mut spellings);
            return layouts.map_err(|error| error.to_string());
        }
        let units = files.iter().map(|file| {
            let bytes = fs::read(file).unwrap();
            Unit::read(&bytes, "systems", &mut spellings)
        });
        let units = units.collect::<Result<Vec<_>, _>>();
        let units: Vec<Unit> = units
            .map_err(|error| error.to_string())?
            .into_iter()
            .flatten()
            .collect();
        Unit::are_all_of(&library, &units, "systems").map_err(|error| error.to_string())?;
        Layouts::of(&units, "systems").map_err(|error| error.to_string())
    }

    /// Runs the compiler as a reload does; gives where it has written to.
    fn rustc(&self, edit: Edits, emit: &str) -> Result<PathBuf, String> {
        self.write(edit)?;
        let out = self.dir.join(emit);
        fs::create_dir_all(&out).unwrap();
        for old in units(&out) {
            fs::remove_file(old).unwrap();
        }
        let mut args = self.recipe.replay_args(&ReplayPaths {
            out_dir: &out,
            incremental: &out.join("incremental"),
            // What is linked has to be there as a whole.
            artifact: &|path| {
                let whole = path.with_extension("rlib");
                if whole.exists() {
                    whole
                } else {
                    path.to_owned()
                }
            },
            metadata: None,
        });
        let is_emit = |arg: &&mut OsString| arg.to_string_lossy().starts_with("--emit=");
        for arg in args.iter_mut().filter(is_emit) {
            *arg = format!("--emit={emit}").into();
        }
        let mut command = Command::new(&self.recipe.rustc);
        command
            .args(args)
            .current_dir(&self.dir)
            .envs(&self.recipe.env);
        let output = command.env("HOT_LOADER_REPLAY", "1").output().unwrap();
        match output.status.success() {
            true => Ok(out),
            false => {
                let said = String::from_utf8_lossy(&output.stderr);
                let first = said.lines().next().unwrap_or_default();
                let first: serde_json::Value = serde_json::from_str(first).unwrap_or_default();
                Err(format!("it does not compile: {}", first["message"]))
            }
        }
    }

    /// The sources with this edit, by the names of the files.
    fn edited(&self, edit: Edits) -> Result<BTreeMap<String, String>, String> {
        let mut sources = self.sources.clone();
        for (file, find, replacement) in edit {
            let text = sources.entry((*file).to_owned()).or_default();
            if !text.contains(find) {
                return Err(format!("{file} has no {find}"));
            }
            *text = text.replacen(find, replacement, 1);
        }
        Ok(sources)
    }

    /// Writes the sources with this edit, and nothing else.
    fn write(&self, edit: Edits) -> Result<(), String> {
        let sources = self.edited(edit)?;
        let folder = self.dir.join("systems/src");
        for entry in fs::read_dir(&folder).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        for (name, text) in sources {
            fs::write(folder.join(format!("{name}.rs")), text).unwrap();
        }
        Ok(())
    }
}

/// The files with the debug info of one codegen unit each.
fn units(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().flatten();
    let files = files.map(|file| file.path());
    let is_unit = |file: &PathBuf| file.extension().is_some_and(|it| it == "dwo");
    files.filter(is_unit).collect()
}
