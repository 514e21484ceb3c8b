//! What an edit of the demo costs, as a benchmark: from save to new code, rustc,
//! and the main thread's pause, beside `cargo build` of the same edit in the same
//! run.
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
const SHIP: &str = "systems/src/ship.rs";

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    println!("The demo's gameplay crate, a constant edited {EDITS} times; medians in ms.\n");
    println!(
        "| opt-level | first build | edit to live | rustc | pause | cargo build | live / cargo |"
    );
    println!("|---|---|---|---|---|---|---|");
    for profile in [Profile::DEV, Profile::OPT_1] {
        measure(profile);
    }
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
