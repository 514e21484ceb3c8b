//! What everybody types in the first hour of a new game, end to end: from an empty
//! plugin, each edit's outcome seen in the world.

use hot_loader_tests::Small;

#[test]
fn the_first_startup_system_of_a_game_runs_once() {
    let mut small = Small::start("hour-startup", "fn plugin(_app: &mut App) {}\n");
    small.live("structure", &[(
        "fn plugin(_app: &mut App) {}",
        "fn plugin(app: &mut App) {\n    app.add_systems(Startup, spawn);\n}\n\nfn spawn() {\n    println!(\"spawned\");\n}",
    )]);
    small.says("spawned");
}
