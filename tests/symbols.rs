//! Games whose own crates have symbols of the mangling v0, which rustc writes by default from
//! 1.97 on, in an engine that has those of this rustc. What is the same for both is one test,
//! run twice; `HOT_LOADER_TEST_SYMBOLS=v0` runs all tests so.

use super::{demo, reload, session, small_unnamed, types};
use hot_loader_tests::{Small, Workspace, with_new_symbols};
use serde_json::Value;

#[test]
fn body_edits() {
    with_new_symbols(reload::every_kind_of_system_runs_the_new_code_with_its_state_at_opt_level_1);
}

#[test]
fn types_edits() {
    with_new_symbols(types::a_field_is_added_while_values_live_and_removed_again);
}

#[test]
fn types_that_no_system_names() {
    with_new_symbols(small_unnamed::types_that_no_system_names_are_carried_over_as_they_are);
}

#[test]
fn rollback() {
    with_new_symbols(session::earlier_generations_are_brought_back_with_the_world_as_it_is);
}

#[test]
fn snapshots() {
    with_new_symbols(demo::the_world_is_taken_back_after_a_kill_and_over_a_restart);
}

const CLOSURES: &str = r#"
#[derive(Component, Reflect, Default)]
#[reflect(Component, Default)]
struct Mob {
    name: String,
    hp: u32,
}

#[derive(Event)]
struct Ask;

fn plugin(app: &mut App) {
    let by: u32 = 7;
    app.add_systems(Startup, spawn)
        .add_systems(Update, (tell, move |mut n: Local<u32>| {
            *n += 1;
            if *n % 40 == 1 {
                println!("by={by}");
            }
        }))
        .add_observer(move |_: On<Ask>| println!("asked={by}"));
}

fn spawn(mut commands: Commands) {
    commands.spawn(Mob { name: "one".into(), hp: 3 });
    let times: u32 = 3;
    commands.add_observer(move |_: On<Ask>| println!("told={times}!"));
}

fn tell(mobs: Query<&Mob>, mut commands: Commands, mut n: Local<u32>) {
    *n += 1;
    if *n % 40 == 1 {
        let mobs: Vec<_> = mobs.iter().map(|mob| (&*mob.name, mob.hp)).collect();
        println!("mobs={mobs:?} v=1");
        commands.trigger(Ask);
    }
}
"#;

fn has(event: &Value, list: &str, name: &str) -> bool {
    let mut list = event["state"][list].as_array().into_iter().flatten();
    list.any(|it| it == name)
}

/// Edits of structure, of what closures capture, and of a type that derives `Reflect`.
fn play(mut small: Small) {
    small.says("by=7");
    small.says("asked=7");
    small.says("mobs=[(\"one\", 3)] v=1");
    small.says("told=3!");
    // Nor for an observer that nothing can make again: it stays on old code.
    let event = small.live("body", &[("times: u32 = 3", "times: f32 = 3.5")]);
    let closure = "observer systems::spawn::{{closure}}";
    assert_eq!(event["stale"], serde_json::json!([closure]), "{event}");
    small.says("told=3!");
    // What captures as many bytes is another type for all that, which a symbol does not say.
    small.edit(&[("by: u32 = 7", "by: f32 = 7.5")]);
    small.says("by=7.5");
    small.says("asked=7.5");
    small.live("structure", &[("\"by={by}\"", "\"is={by}\"")]);
    small.says("is=7.5");
    small.live(
        "structure",
        &[("(tell, move", "(tell, || (), move"), ("v=1", "v=2")],
    );
    small.says("is=7.5");
    small.says("mobs=[(\"one\", 3)] v=2");
    let event = small.live(
        "types",
        &[
            ("    hp: u32,", "    hp: u32,\n    armor: f32,"),
            ("hp: 3 }", "hp: 3, ..default() }"),
            ("(&*mob.name, mob.hp)", "(&*mob.name, mob.hp, mob.armor)"),
            ("v=2", "v=3"),
        ],
    );
    assert!(has(&event, "migrated", "systems::Mob"), "{event}");
    small.says("mobs=[(\"one\", 3, 0.0)] v=3");
    small.says("is=7.5");
    small.says("asked=7.5");
}

/// Whether the game's own code has symbols of the new mangling.
fn is_new(small: &Small) -> bool {
    let program = std::fs::read(small.workspace.executable()).unwrap_or_default();
    let has = |name: &[u8]| program.windows(name.len()).any(|part| part == name);
    let [new, old] = [has(b"_7systems6plugin"), has(b"_ZN7systems6plugin17h")];
    assert_ne!(new, old);
    new
}

#[test]
fn closures_and_types_that_are_registered_by_deriving() {
    with_new_symbols(|| {
        let small = Small::start(CLOSURES);
        assert!(is_new(&small));
        play(small);
    });
}

#[test]
fn closures_and_types_that_nobody_registers() {
    with_new_symbols(|| {
        let workspace = Workspace::small();
        workspace.replace(
            "app/src/main.rs",
            "types.write().register_derived_types();",
            "drop(types);",
        );
        let small = Small::start_in(workspace, CLOSURES);
        assert!(is_new(&small));
        play(small);
    });
}

#[test]
fn closures_with_the_symbols_of_this_rustc() {
    play(Small::start(CLOSURES));
}
