//! What an edit of the demo costs, as a benchmark: from save to new code, rustc,
//! and the main thread's pause, beside `cargo build` of the same edit in the same
//! run; then edits of what the plugin registers, with a hundred systems more.
//!
//!     cargo bench -p hot-loader-tests
//!
//! It prints a table and asserts nothing: machines are noisy.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its table, and ends where it cannot go on"
)]

use hot_loader_tests::{Profile, Workspace};
use std::time::Instant;

const EDITS: usize = 9;
/// Systems that all leave a schedule and enter it again.
const SYSTEMS: usize = 100;
const SHIP: &str = "systems/src/ship.rs";

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    // `cargo bench -p hot-loader-tests -- structure`: the second table alone.
    if std::env::args().any(|arg| arg == "structure") {
        return structure();
    }
    println!("The demo's gameplay crate, a constant edited {EDITS} times; medians in ms.\n");
    println!(
        "| opt-level | first build | edit to live | rustc | pause | cargo build | live / cargo |"
    );
    println!("|---|---|---|---|---|---|---|");
    for profile in [Profile::DEV, Profile::OPT_1] {
        measure(profile);
    }
    structure();
}

fn structure() {
    println!(
        "\nThe same, with {SYSTEMS} systems more in `Update`, which are put in another order; medians in ms.\n"
    );
    println!("| opt-level | edit to live | rustc | pause | pause of a body edit | first pause |");
    println!("|---|---|---|---|---|---|");
    for profile in [Profile::DEV, Profile::OPT_1] {
        measure_structure(profile);
    }
}

/// A plugin of many systems, in one order or the other.
fn many(turned: bool, number: usize) -> String {
    let mut text = String::from("//! Many systems.\n\nuse bevy::prelude::*;\n\n");
    for i in 0..SYSTEMS {
        text += &format!(
            "fn s{i}(mut runs: Local<u64>, time: Res<Time>) {{\n    *runs += {number} + u64::from(time.delta_secs() > 1.0);\n}}\n"
        );
    }
    text += "\npub fn many(app: &mut App) {\n";
    for chunk in (0..SYSTEMS).collect::<Vec<_>>().chunks(10) {
        let mut names: Vec<String> = chunk.iter().map(|i| format!("s{i}")).collect();
        if turned {
            names.reverse();
        }
        text += &format!(
            "    app.add_systems(Update, ({}).chain());\n",
            names.join(", ")
        );
    }
    text + "}\n"
}

fn measure_structure(profile: Profile) {
    const MANY: &str = "systems/src/many.rs";
    const ROOT: &str = "systems/src/lib.rs";
    let workspace = Workspace::demo("bench-structure");
    workspace.write(MANY, &many(false, 1));
    if !workspace.read(ROOT).contains("pub mod many;") {
        workspace.replace(ROOT, "pub mod looks;", "pub mod looks;\npub mod many;");
        workspace.replace(
            ROOT,
            "summary::SummaryPlugin,",
            "summary::SummaryPlugin, many::many,",
        );
    }
    let mut game = workspace.start_with(profile, |cargo| {
        cargo.args(["--", "--headless", "--seed", "5"]);
    });
    game.ready();
    let (mut live, mut rustc, mut pause, mut body) = (vec![], vec![], vec![], vec![]);
    for i in 0..EDITS {
        workspace.write(MANY, &many(i % 2 == 0, 1));
        let report = game.swapped();
        assert_eq!(report["kind"], "structure");
        let ms = |field: &str| report[field].as_f64().unwrap();
        live.push(ms("edit_to_live_ms"));
        rustc.push(ms("build_ms"));
        pause.push(ms("stall_ms"));
    }
    for i in 0..EDITS {
        workspace.write(MANY, &many(EDITS % 2 == 1, 2 + i));
        let report = game.swapped();
        assert_eq!(report["kind"], "body");
        body.push(report["stall_ms"].as_f64().unwrap());
    }
    let first = pause.remove(0);
    let [live, rustc, pause, body] = [live, rustc, pause, body].map(median);
    println!(
        "| {} | {live:.0} | {rustc:.0} | {pause:.2} | {body:.3} | {first:.2} |",
        profile.opt_level
    );
}

fn measure(profile: Profile) {
    let workspace = Workspace::demo("bench");
    let mut game = workspace.start_with(profile, |cargo| {
        cargo.args(["--", "--headless", "--seed", "5"]);
    });
    let first = game.ready()["build_ms"].as_f64().unwrap();
    let (mut live, mut rustc, mut pause) = (Vec::new(), Vec::new(), Vec::new());
    let original = workspace.read(SHIP);
    for i in 0..EDITS {
        workspace.write(SHIP, &edited(&original, i));
        let report = game.swapped();
        let ms = |field: &str| report[field].as_f64().unwrap();
        live.push(ms("edit_to_live_ms"));
        rustc.push(ms("build_ms"));
        pause.push(ms("stall_ms"));
    }
    drop(game);
    let mut cargo = Vec::new();
    for i in 0..EDITS {
        workspace.write(SHIP, &edited(&original, EDITS + i));
        let started = Instant::now();
        workspace.build(profile);
        cargo.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    workspace.write(SHIP, &original);
    let [live, rustc, pause, cargo] = [live, rustc, pause, cargo].map(median);
    println!(
        "| {} | {first:.0} | {live:.0} | {rustc:.0} | {pause:.3} | {cargo:.0} | {:.2} |",
        profile.opt_level,
        live / cargo
    );
}

fn edited(source: &str, i: usize) -> String {
    let edited = source.replace(
        "const SPEED: f32 = 520.0;",
        &format!("const SPEED: f32 = 52{i}.5;"),
    );
    assert_ne!(edited, source, "the constant is gone from {SHIP}");
    edited
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
