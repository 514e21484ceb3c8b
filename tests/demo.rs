//! The demo game, headless, edited while it plays.
use hot_loader_tests::{Game, Profile, Workspace};
use std::collections::BTreeMap;

const SHIP: &str = "systems/src/ship.rs";

/// The summary lines the game printed, as numbers by name.
fn summaries(game: &Game) -> Vec<BTreeMap<String, f64>> {
    game.log()
        .lines()
        .filter(|line| line.starts_with("t="))
        .map(|line| {
            line.split_whitespace()
                .filter_map(|entry| {
                    let (name, value) = entry.split_once('=')?;
                    Some((name.to_owned(), value.trim_end_matches('s').parse().ok()?))
                })
                .collect()
        })
        .collect()
}

fn start(workspace: &Workspace, arguments: &[&str]) -> Game {
    workspace.start_with(Profile::DEV, |cargo| {
        cargo.arg("--").args(arguments);
    })
}

#[test]
fn the_demo_plays_on_through_edits_with_its_score_and_time() {
    let workspace = Workspace::demo();
    let mut game = start(&workspace, &["--headless", "--seed", "5"]);
    game.ready();
    game.until("a score", |game| {
        summaries(game).last().is_some_and(|s| s["score"] > 0.0)
    });
    let before = summaries(&game);

    // A ship that never fires scores nothing more.
    workspace.replace(
        SHIP,
        "const FIRE_INTERVAL: f32 = 0.13;",
        "const FIRE_INTERVAL: f32 = 1.0e9;",
    );
    let report = game.swapped();
    assert_eq!(report["kind"], "body");
    assert_eq!(report["systems"]["reset"].as_array().unwrap().len(), 0);
    let kept = report["systems"]["kept"].as_array().unwrap();
    for system in [
        "systems::ship::steer",
        "systems::score::count",
        "systems::summary::print",
    ] {
        assert!(kept.iter().any(|k| k == system), "{system} in {kept:?}");
    }
    let at_swap = summaries(&game);
    game.until("two more seconds of play", |game| {
        summaries(game).len() >= at_swap.len() + 2
    });

    let all = summaries(&game);
    for (earlier, later) in all.iter().zip(&all[1..]) {
        assert_eq!(later["t"], earlier["t"] + 1.0, "the game's time went on");
        assert!(later["best"] >= earlier["best"], "the best score went on");
    }
    assert!(all.len() > before.len());

    // A field comes to the ship that flies, and a state to the game that is played.
    let ship = workspace.replaced(
        SHIP,
        "    pub guns: u32,\n",
        "    pub guns: u32,\n    /// Until it has to cool down (seconds).\n    pub heat: f32,\n",
    );
    workspace.write(
        SHIP,
        &ship.replacen(
            "            guns: 1,\n",
            "            guns: 1,\n            heat: 0.0,\n",
            1,
        ),
    );
    let report = game.swapped();
    assert_eq!(report["kind"], "types", "{report}");
    let names = |list: &str| report["state"][list].as_array().unwrap().clone();
    let migrated = names("migrated").contains(&"systems::ship::Ship".into());
    // Between two ships there is none.
    assert!(
        migrated || summaries(&game).iter().any(|s| s["lives"] < 3.0),
        "{report}"
    );
    assert!(
        names("kept").contains(&"systems::score::Score".into()),
        "{report}"
    );
    let at_swap = summaries(&game).len();
    game.until("two more seconds of play", |game| {
        summaries(game).len() >= at_swap + 2
    });
    let all = summaries(&game);
    for (earlier, later) in all.iter().zip(&all[1..]) {
        // What prints is a new system, which begins a second of its own, up to a second after
        // the old one has printed.
        let passed = later["t"] - earlier["t"];
        assert!(
            (0.0..=2.0).contains(&passed),
            "the game's time went on: {passed}"
        );
        assert!(later["best"] >= earlier["best"], "the best score went on");
        assert!(later["wave"] >= 0.0);
    }

    let runs = game.runs(&workspace);
    assert_eq!(runs.len(), 1, "the private folder of this run: {runs:?}");
    game.interrupt();
    assert!(!runs[0].exists(), "Ctrl-C leaves nothing behind");
}

#[test]
fn a_run_of_so_many_frames_ends_by_itself() {
    let workspace = Workspace::demo();
    let mut game = start(
        &workspace,
        &["--headless", "--frames", "130", "--seed", "1"],
    );
    assert!(game.ended().success());
    assert_eq!(summaries(&game).len(), 3, "a line a second: {}", game.log());
}

/// The event of this name, once there is one.
fn event(game: &mut Game, name: &str) -> serde_json::Value {
    game.until(name, |game| {
        game.events().iter().any(|event| event["event"] == name)
    });
    let events = game.events();
    let found = events.iter().rfind(|event| event["event"] == name);
    found.cloned().unwrap_or_default()
}

/// What the game said first after `from` lines.
fn summary_after(game: &mut Game, from: usize) -> BTreeMap<String, f64> {
    game.until("a summary", |game| summaries(game).len() > from);
    summaries(game).swap_remove(from)
}

#[test]
#[cfg(unix)]
pub fn the_world_is_taken_back_after_a_kill_and_over_a_restart() {
    let workspace = Workspace::demo();
    let mut game = start(&workspace, &["--headless", "--seed", "5"]);
    game.ready();
    game.until("a score", |game| {
        summaries(game).last().is_some_and(|s| s["score"] > 40.0)
    });
    let before = summaries(&game).pop().unwrap();
    // A ship that fires no more; the world is written down before the swap.
    workspace.replace(
        SHIP,
        "const FIRE_INTERVAL: f32 = 0.13;",
        "const FIRE_INTERVAL: f32 = 1.0e9;",
    );
    game.swapped();
    let snapshot = event(&mut game, "snapshot");
    // While it was built, and not in the pause of the swap.
    let events = game.events();
    let order = events.iter().filter_map(|event| event["event"].as_str());
    let order: Vec<_> = order
        .filter(|kind| ["build_started", "snapshot", "swapped"].contains(kind))
        .collect();
    assert_eq!(order, ["build_started", "snapshot", "swapped"]);
    assert!(snapshot["entities"].as_u64() > Some(0), "{snapshot}");
    assert!(snapshot["resources"].as_u64() > Some(3), "{snapshot}");
    game.kill();

    // The next one says what could be taken back, and begins anew.
    let mut game = start(&workspace, &["--headless", "--seed", "5"]);
    game.until("the offer", |game| {
        game.log().contains("HOT_LOADER_RESTORE=1")
    });
    assert_eq!(summary_after(&mut game, 1)["score"], 0.0);
    game.interrupt();

    // A restart in the middle of it: another process, the same world.
    const ROOT: &str = "systems/src/lib.rs";
    workspace.replace(
        ROOT,
        "summary::SummaryPlugin,",
        "summary::SummaryPlugin, again,",
    );
    let again = format!(
        "{}\nfn again(app: &mut App) {{\n    app.add_systems(Last, restart);\n}}\n\nfn restart(reload: Option<ResMut<hot_loader::HotReload>>, status: Option<Res<hot_loader::HotReloadStatus>>, mut frames: Local<u32>) {{\n    let var = |name| std::env::var_os(name);\n    if status.is_some_and(|status| status.phase == hot_loader::HotReloadPhase::Watching) && var(\"HOT_LOADER_RESTORE\") == var(\"AGAIN_FROM\") {{\n        *frames += 1;\n    }}\n    if *frames == 180 && let Some(mut reload) = reload {{\n        reload.restart();\n    }}\n}}\n",
        workspace.read(ROOT)
    );
    workspace.write(ROOT, &again);
    // The newest there is.
    let mut game = workspace.start_with(Profile::DEV, |cargo| {
        cargo
            .env("HOT_LOADER_RESTORE", "1")
            .env("AGAIN_FROM", "1")
            .env(
                "HOT_LOADER_RUN",
                format!("cargo run --quiet --features {}/hot", workspace.package()),
            )
            .args(["--", "--headless", "--seed", "5"]);
    });
    let restored = event(&mut game, "restored");
    assert_eq!(restored["entities"], snapshot["entities"]);
    let now = summaries(&game).len();
    let first = summary_after(&mut game, now + 1);
    // It was written down after the edit was saved; a fresh start has nothing.
    // The ship may have been lost meanwhile; the best score only grows.
    assert!(first["best"] >= before["best"], "{first:?} {before:?}");
    game.until("it is taken back twice", |game| {
        let events = game.events();
        let restored = events.iter().filter(|event| event["event"] == "restored");
        restored.count() == 2
    });
    let now = summaries(&game).len();
    let later = summary_after(&mut game, now + 1);
    assert!(later["best"] >= first["best"], "{later:?} {first:?}");
    game.interrupt();
}
