//! Edits of a running game whose gameplay uses third-party plugins, end to end.
//!
//! The plugins are made for games that nothing reloads (`tests/plugins`): they have
//! schedules, observers, hooks, required components and registrations in `finish`
//! of their own, and one spawns an entity when it is built. An edit of what the
//! gameplay registers must leave all of that as it is.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Game, Profile, Tally, Workspace};
use serde_json::Value;

const RULES: &str = "rules/src/lib.rs";

/// What an edit adds: it tells how often it ran, and whether `roll` ran before it in
/// its frame (1) or not (0).
const EXTRA: &str = r#"
fn extra(
    frame: Res<bevy::diagnostic::FrameCount>,
    mut runs: Local<i64>,
    mut tally: ResMut<Tally>,
) {
    *runs += 1;
    tally.note("extra", *runs as f64);
    let rolls = tally.0.get("rolls").copied().unwrap_or_default();
    tally.note("extra_saw", rolls - f64::from(frame.0));
}

fn every_other_frame(mut on: Local<bool>) -> bool {
    *on = !*on;
    *on
}
"#;

/// A line of the registration, and what the edits put before it.
const LAST: &str = "    .add_systems(Last, write_out);";

fn with_registration(source: &str, line: &str) -> String {
    assert_eq!(source.matches(LAST).count(), 1, "`{LAST}`");
    source.replace(LAST, &format!("    {line}\n{LAST}")) + EXTRA
}

fn names(report: &Value, list: &str) -> Vec<String> {
    let mut names: Vec<_> = report["systems"][list]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// The next edit's outcome: it changed what is registered, and this alone.
fn restructured(game: &mut Game, added: &[&str], removed: &[&str]) -> Value {
    let report = game.swapped();
    assert_eq!(report["kind"], "structure", "{report}");
    assert_eq!(names(&report, "added"), added, "{report}");
    assert_eq!(names(&report, "removed"), removed, "{report}");
    // What may be registered in another way now, for all that the text says: observers
    // beside the edit, and a closure of a plugin's that captured something.
    for name in names(&report, "reset") {
        let beside = name.starts_with("observer plugin_rules::");
        assert!(
            beside || name.ends_with("::{{closure}}"),
            "{name} in {report}"
        );
    }
    let kept = names(&report, "kept");
    for system in ["plugin_rules::roll", "plugin_rules::count_steps"] {
        assert!(kept.iter().any(|k| k == system), "{system} in {kept:?}");
    }
    report
}

/// What holds in every frame, whatever was edited before it.
fn plugins_are_sound(tally: &Tally) {
    let near = |one: &str, other: f64, by: f64| {
        assert!(
            (tally[one] - other).abs() < by,
            "{one} is not near {other}: {tally:?}"
        );
    };
    // Physics: a step is a 64th of a second, and the cart moves by one a second.
    near("cart", tally["steps"] / 64.0, 0.05);
    // The ball is on the ground, or a little above it.
    near("ball", 1.2, 0.3);
    assert_eq!(tally["bodies"], 3.0);
    // The tween moves by one a second, too.
    near("lamp", tally["seconds"], 0.01);
    // Random numbers: one generator, which nobody else drew from or seeded again.
    assert_eq!(tally["generators"], 1.0);
    assert_eq!(tally.get("odd_rolls"), None, "{tally:?}");
    assert_eq!(tally["rolls"], tally["frames"], "a frame was missed");
    // Input: the key is pressed every 80 frames, and held for 10.
    let jumps = (tally["frames"] / 80.0).floor();
    assert_eq!(tally["jumps"], jumps, "{tally:?}");
    let held = (tally["frames"] - jumps * 80.0 + 1.0).min(10.0);
    assert_eq!(tally["jump_frames"], (jumps - 1.0) * 10.0 + held);
    // What happens once did not happen again.
    assert_eq!((tally["starts"], tally["plays"]), (1.0, 1.0));
    // The loaded asset is there.
    assert_eq!(tally["laps"], 7.0);
}

/// Each plugin went on since `before`, from where it was.
fn plugins_went_on(game: &mut Game, before: &Tally) -> Tally {
    plugins_are_sound(before);
    let growing = ["steps", "cart", "lamp", "rolls", "jumps", "hits", "frames"];
    let after = game.tally_until("every plugin to go on", |tally| {
        plugins_are_sound(tally);
        growing.iter().all(|what| tally[*what] > before[*what])
    });
    assert!(after["seconds"] > before["seconds"]);
    after
}

#[test]
fn a_game_with_third_party_plugins_takes_structure_edits() {
    let workspace = Workspace::plugins();
    let mut game = workspace.start(Profile::DEV);
    assert_eq!(game.ready()["generation"], 0);
    let begun = game.tally_until("every plugin to have done something", |tally| {
        ["laps", "jumps", "hits"]
            .iter()
            .all(|what| tally.contains_key(*what))
    });
    let before = plugins_went_on(&mut game, &begun);
    let source = workspace.read(RULES);

    // A system more, in its place.
    workspace.write(
        RULES,
        &with_registration(&source, ".add_systems(Update, extra.before(roll))"),
    );
    restructured(&mut game, &["plugin_rules::extra"], &[]);
    let first = game.tally_until("the new system", |tally| tally.contains_key("extra"));
    assert_eq!(first["extra_saw"], 0.0);
    let after = plugins_went_on(&mut game, &before);
    assert_eq!(
        after["extra"] - first["extra"],
        after["frames"] - first["frames"],
        "it runs in every frame"
    );

    // Another place, and a condition.
    workspace.write(
        RULES,
        &with_registration(
            &source,
            ".add_systems(Update, extra.after(roll).run_if(every_other_frame))",
        ),
    );
    let report = restructured(&mut game, &["plugin_rules::every_other_frame"], &[]);
    assert!(
        names(&report, "kept").contains(&"plugin_rules::extra".to_owned()),
        "{report}"
    );
    let first = game.tally_until("the other place", |tally| tally["extra_saw"] == 1.0);
    assert!(first["extra"] > after["extra"], "its Local began anew");
    let after = plugins_went_on(&mut game, &after);
    let [runs, frames] = ["extra", "frames"].map(|what| after[what] - first[what]);
    assert!(
        (runs - frames / 2.0).abs() <= 1.0,
        "{runs} runs in {frames} frames"
    );

    // Gone, with its condition.
    workspace.write(RULES, &(source.clone() + EXTRA));
    restructured(
        &mut game,
        &[],
        &["plugin_rules::every_other_frame", "plugin_rules::extra"],
    );
    let stopped = game.frames(2)["extra"];
    let after = plugins_went_on(&mut game, &after);
    assert_eq!(after["extra"], stopped);

    // Bodies, on top of all that.
    workspace.replace(
        RULES,
        "tally.note(\"count_frames\", 1.0)",
        "tally.note(\"count_frames\", 2.0)",
    );
    assert_eq!(game.swapped()["kind"], "body");
    game.tally_until("the edited body", |tally| tally["count_frames"] == 2.0);
    plugins_went_on(&mut game, &after);
}
