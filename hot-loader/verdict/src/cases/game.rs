//! The edits that people make, on a small game of several files.
//!
//! Must not hold rows that need no game around them.

use super::Kind::{Body, Structure, Types};
use super::{Case, Kind, case, check};

#[test]
fn typical_edits_are_of_their_kind() {
    let edits = EDITS.iter().chain(ALARMS);
    check(&edits.map(edited).collect::<Vec<_>>());
}

fn edited(&(behaviour, name, find, replacement, kind, undo): &Edit) -> Case {
    let before = whole(name, |text| text.to_owned());
    let after = whole(name, |text| {
        assert!(text.contains(find), "{behaviour}: {find}");
        text.replacen(find, replacement, 1)
    });
    case((behaviour.to_owned(), before, after, kind, undo))
}

/// All files, one of them edited.
fn whole(name: &str, edit: impl Fn(&str) -> String) -> String {
    let files = [
        ("lib", LIB),
        ("ship", SHIP),
        ("tuning", TUNING),
        ("enemies", ENEMIES),
        ("ui", UI),
    ];
    assert!(files.iter().any(|(file, _)| *file == name));
    let mut whole = String::new();
    for (file, text) in files {
        if file != "lib" {
            whole.push_str(&format!("//// {file}.rs\n"));
        }
        match file == name {
            true => whole.push_str(&edit(text)),
            false => whole.push_str(text),
        }
    }
    whole
}

const LIB: &str = r#"//! The gameplay.
use bevy::prelude::*;

mod enemies;
pub mod ship;
mod tuning;
mod ui;

hot_loader::export!(GameplayPlugin);

/// Everything that is played.
pub struct GameplayPlugin;

impl Plugin for GameplayPlugin {
    fn build(&self, app: &mut App) {
        app.init_state::<GameState>()
            .configure_sets(Update, (GameSet::Move, GameSet::Hit).chain())
            .add_plugins((ship::plugin, enemies::EnemiesPlugin { count: 3 }, ui::plugin));
    }
}

#[derive(States, Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum GameState {
    #[default]
    Menu,
    Playing,
}

#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub enum GameSet {
    Move,
    Hit,
}
"#;

const SHIP: &str = r#"use crate::tuning::Tuning;
use crate::{GameSet, GameState};
use bevy::prelude::*;
use std::time::Duration;

const RELOAD: f32 = 0.25;
const MAX_SHOTS: usize = 8;

#[derive(Component, Reflect, Default)]
#[reflect(Component)]
#[require(Transform, Health)]
pub struct Ship {
    pub speed: f32,
    shots: [Option<Entity>; MAX_SHOTS],
}

#[derive(Component, Reflect)]
pub struct Health(pub f32);

impl Default for Health {
    fn default() -> Self {
        Self(100.0)
    }
}

#[derive(Message)]
pub struct Fired(pub Entity);

pub fn plugin(app: &mut App) {
    app.register_type::<Ship>()
        .init_resource::<Tuning>()
        .add_message::<Fired>()
        .add_observer(on_hit)
        .add_systems(Startup, spawn)
        .add_systems(
            Update,
            (steer, shoot.run_if(cooldown(RELOAD)), bounds)
                .chain()
                .in_set(GameSet::Move)
                .run_if(in_state(GameState::Playing).and(alive)),
        )
        .add_systems(Update, |ships: Query<&Ship>| debug!("{} ships", ships.iter().count()));
}

fn spawn(mut commands: Commands) {
    commands.spawn((Ship::default(), Transform::from_xyz(0.0, 0.0, 0.0)));
}

fn steer(time: Res<Time>, tuning: Res<Tuning>, mut ships: Query<(&Ship, &mut Transform)>) {
    for (ship, mut transform) in &mut ships {
        transform.translation.x += ship.speed * tuning.turn * time.delta_secs() * 2.0;
    }
}

fn shoot(mut fired: MessageWriter<Fired>, ships: Query<Entity, With<Ship>>) {
    for ship in &ships {
        fired.write(Fired(ship));
        info!("fired {ship:?}");
    }
}

fn wrap() {}

fn bounds(mut ships: Query<&mut Transform, With<Ship>>) {
    ships.iter_mut().for_each(|mut ship| ship.translation = wrapped(ship.translation));
}

fn wrapped(at: Vec3) -> Vec3 {
    at % 100.0
}

fn alive(ships: Query<&Health>) -> bool {
    ships.iter().any(|health| health.0 > 0.0)
}

fn cooldown(seconds: f32) -> impl FnMut(Res<Time>) -> bool {
    let mut timer = Timer::new(Duration::from_secs_f32(seconds), TimerMode::Repeating);
    move |time| timer.tick(time.delta()).just_finished()
}

fn on_hit(hit: On<Add, Health>) {
    info!("{:?}", hit.entity);
}

impl Ship {
    const TURN: f32 = 1.5;

    pub fn turn(&self) -> f32 {
        self.speed * Self::TURN
    }
}
"#;

const TUNING: &str = r#"use bevy::prelude::*;

#[derive(Resource)]
pub struct Tuning {
    pub turn: f32,
    pub limits: Limits,
}

#[derive(Default)]
pub struct Limits {
    pub top: f32,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { turn: START, limits: Limits::default() }
    }
}

const START: f32 = 1.0;
"#;

const ENEMIES: &str = r#"use bevy::prelude::*;

pub struct EnemiesPlugin {
    pub count: usize,
}

impl Plugin for EnemiesPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, (Enemy::think, wander));
        self.spawn_all(app.world_mut());
    }
}

impl EnemiesPlugin {
    fn spawn_all(&self, world: &mut World) {
        for at in 0..self.count {
            world.spawn(enemy(at));
        }
    }
}

fn enemy(at: usize) -> impl Bundle {
    (Enemy::Idle, Name::new(format!("enemy {at}")))
}

#[derive(Component, Clone, Copy)]
pub enum Enemy {
    Idle,
    Hunting { since: f32 },
}

impl Enemy {
    fn think(mut enemies: Query<&mut Enemy>) {
        for mut enemy in &mut enemies {
            *enemy = Enemy::Idle;
        }
    }
}

fn wander(world: &mut World) {
    world.flush();
}
"#;

const UI: &str = r#"use bevy::prelude::*;

pub fn plugin(app: &mut App) {
    app.add_systems(Update, score);
}

fn score(mut texts: Query<&mut Text>, mut shown: Local<u32>) {
    *shown += 1;
    for mut text in &mut texts {
        text.0 = format!("{}", *shown);
    }
}
"#;

/// A behaviour, the file, what is replaced by what, the kind of the edit and its undo.
type Edit = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Kind,
    Kind,
);

#[rustfmt::skip]
const EDITS: &[Edit] = &[
    ("a required component's default", "ship", "Self(100.0)", "Self(50.0)", Types, Types),
    ("a float in a system", "ship", "delta_secs() * 2.0", "delta_secs() * 3.0", Body, Body),
    ("an observer's body", "ship", "hit.entity);", "hit.entity); info!(\"hit\");", Body, Body),
    ("a condition's body", "ship", "health.0 > 0.0", "health.0 > 1.0", Body, Body),
    ("a helper's body", "ship", "at % 100.0", "at % 50.0", Body, Body),
    ("a method that is a system", "enemies", "*enemy = Enemy::Idle;", "*enemy = Enemy::Hunting { since: 0.0 };", Body, Body),
    ("an exclusive system", "enemies", "world.flush();", "world.flush(); world.flush();", Body, Body),
    ("a new helper, called", "ship", "fn alive(", "fn helper() -> f32 { 1.0 }\nfn alive(", Body, Body),
    ("a helper's signature", "ship", "fn wrapped(at: Vec3) -> Vec3 {", "fn wrapped(at: Vec3) -> Vec3 { wrapped_by(at, 1.0) }\nfn wrapped_by(at: Vec3, by: f32) -> Vec3 {", Body, Body),
    ("a comment", "ship", "fn alive(", "// Is anyone left?\nfn alive(", Body, Body),
    ("a doc comment on a field", "ship", "    pub speed", "    /// Metres a second.\n    pub speed", Body, Body),
    ("a log line", "ship", "fired.write(", "info!(\"shot\"); fired.write(", Body, Body),
    ("an added import for a body", "ship", "use std::time::Duration;", "use std::time::Duration;\nuse std::mem::swap;", Body, Body),
    ("a closure inside a system", "ship", "for_each(|mut ship| ship.translation = wrapped(ship.translation))", "for_each(|mut craft| craft.translation = wrapped(craft.translation))", Body, Body),
    ("a new method", "ship", "    pub fn turn", "    pub fn stop(&mut self) { self.speed = 0.0; }\n    pub fn turn", Body, Body),
    ("a unit test", "ui", "fn score", "#[cfg(test)]\nmod tests { use super::*; struct Fixture; #[test] fn it_works() {} }\nfn score", Body, Body),

    ("a system is added", "ship", "(steer, shoot", "(steer, wrap, shoot", Structure, Structure),
    ("a system is added with its function", "ui", "score);\n}", "(score, lives));\n}\nfn lives(texts: Query<&Text>) {}", Structure, Structure),
    ("a system is removed", "ship", ", bounds)", ")", Structure, Structure),
    ("the order changes", "ship", "(steer, shoot.run_if(cooldown(RELOAD)), bounds)", "(bounds, steer, shoot.run_if(cooldown(RELOAD)))", Structure, Structure),
    ("a condition changes", "ship", ".and(alive)", ".or(alive)", Structure, Structure),
    ("a set's order changes", "lib", "(GameSet::Move, GameSet::Hit)", "(GameSet::Hit, GameSet::Move)", Structure, Structure),
    ("a closure as a system", "ship", "{} ships", "{} boats", Structure, Structure),
    ("a maker of conditions", "ship", "TimerMode::Repeating", "TimerMode::Once", Structure, Structure),
    ("a constant that build says", "ship", "RELOAD: f32 = 0.25", "RELOAD: f32 = 0.5", Structure, Structure),
    ("a resource's default", "tuning", "turn: START", "turn: 3.0", Structure, Structure),
    ("a constant of a resource's default", "tuning", "START: f32 = 1.0", "START: f32 = 2.0", Structure, Structure),
    ("a system's parameters", "ui", "mut shown: Local<u32>", "mut shown: Local<u64>", Structure, Structure),
    ("an observer's parameters", "ship", "On<Add, Health>", "On<Remove, Health>", Structure, Structure),
    ("entities spawned by build", "enemies", "\"enemy {at}\"", "\"foe {at}\"", Structure, Structure),
    ("what a plugin's own method spawns", "enemies", "0..self.count", "0..self.count * 2", Structure, Structure),
    ("a plugin's settings", "lib", "count: 3", "count: 4", Structure, Structure),
    ("another plugin", "lib", ", ui::plugin)", ")", Structure, Structure),
    ("a new component with its system", "ui", "fn score", "#[derive(Component)] struct Score(u32);\nfn score", Structure, Types),
    ("a new message", "ship", "#[derive(Message)]", "#[derive(Message)] pub struct Missed;\n#[derive(Message)]", Structure, Types),

    ("a component's field is added", "ship", "pub speed: f32,", "pub speed: f32, pub fuel: f32,", Types, Types),
    ("a component's fields are exchanged", "ship", "    pub speed: f32,\n    shots: [Option<Entity>; MAX_SHOTS],", "    shots: [Option<Entity>; MAX_SHOTS],\n    pub speed: f32,", Types, Types),
    ("a component's private field is added", "ship", "pub speed: f32,\n    shots", "pub speed: f32,\n    extra: f64,\n    shots", Types, Types),
    ("a constant that a field says", "ship", "MAX_SHOTS: usize = 8", "MAX_SHOTS: usize = 9", Types, Types),
    ("a resource's fields are exchanged", "tuning", "    pub turn: f32,\n    pub limits: Limits,", "    pub limits: Limits,\n    pub turn: f32,", Types, Types),
    ("a type inside a resource", "tuning", "pub top: f32", "pub top: f64", Types, Types),
    ("an enum's variant", "enemies", "    Idle,\n", "    Idle,\n    Fleeing,\n", Types, Types),
    ("a state", "lib", "    Playing,\n", "    Playing,\n    Over,\n", Types, Types),
    ("a storage attribute", "ship", "#[derive(Component, Reflect)]\npub struct Health", "#[derive(Component, Reflect)]\n#[component(storage = \"SparseSet\")]\npub struct Health", Types, Types),
    ("a derive", "ship", "#[derive(Component, Reflect)]\npub struct Health", "#[derive(Component, Reflect, Clone)]\npub struct Health", Types, Types),
    ("a required component", "ship", "#[require(Transform, Health)]", "#[require(Transform)]", Types, Types),
    ("Drop", "ship", "impl Ship {", "impl Drop for Ship { fn drop(&mut self) {} }\nimpl Ship {", Types, Types),
];

/// Body edits that are called more, as they are said.
#[rustfmt::skip]
const ALARMS: &[Edit] = &[
    // `World::spawn` may mean the free function `spawn`.
    ("a Startup system's body", "ship", "from_xyz(0.0", "from_xyz(5.0", Structure, Structure),
    // A field of its name is written where a default is made.
    ("a method's body", "ship", "self.speed * Self::TURN", "self.speed + Self::TURN", Structure, Structure),
    // The method that says it is reached.
    ("an associated constant", "ship", "TURN: f32 = 1.5", "TURN: f32 = 2.5", Structure, Structure),
    // Build names the type.
    ("an impl of Display", "ship", "impl Ship {", "impl std::fmt::Display for Ship { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, \"ship\") } }\nimpl Ship {", Structure, Structure),
    // A field's visibility is in its type's tokens.
    ("a field made public", "ship", "    shots:", "    pub shots:", Types, Types),
];
