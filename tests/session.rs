//! A session that nothing ends: generations that are brought back, code that panics or
//! does not come back, builds that would never end. End to end: real rustc, a real
//! process.

use hot_loader_tests::{Game, Profile, Tally, Workspace};
use serde_json::Value;

const RULES: &str = "rules/src/lib.rs";
const TEXT: &str = include_str!("types/rules.rs");

fn playing() -> (Workspace, Game) {
    let workspace = Workspace::types();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    game.tally_until("the state's schedule ran", |t| t.contains_key("entered"));
    (workspace, game)
}

/// The text with each of `edits`, whose first part stands in it exactly once.
fn with(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}`");
        text.replace(from, to)
    })
}

fn version(number: u32) -> String {
    format!("tally.note(\"version\", {number}.0);")
}

fn frame_of(game: &mut Game, version: u32) -> Tally {
    game.tally_until(&format!("version {version}"), |t| {
        t["version"] == f64::from(version)
    })
}

fn list<'a>(report: &'a Value, list: &str) -> Vec<&'a str> {
    let names = report["state"][list].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}

#[track_caller]
fn assert_same_world(before: &Tally, after: &Tally) {
    for what in [
        "runners", "at", "names", "weights", "secrets", "luck", "followed", "children", "race",
        "entered", "ids",
    ] {
        assert_eq!(before[what], after[what], "{what}: {before:?} {after:?}");
    }
    assert!(after["points"] >= before["points"], "{before:?} {after:?}");
}

#[test]
pub fn earlier_generations_are_brought_back_with_the_world_as_it_is() {
    let (workspace, mut game) = playing();
    let before = game.frames(3);
    game.wish("back");
    let refused = game.refused();
    assert_eq!(refused["generation"], 0, "{refused}");
    assert_eq!(refused["rollback"], true, "{refused}");
    // And not: later, or never.
    assert!(refused["reason"].as_str().unwrap().contains("earlier"));

    // A field more, then a body of the new types, then a system more.
    let wider = with(
        TEXT,
        &[
            (
                "    pub at: f32,\n",
                "    pub at: f32,\n    pub stamina: u64,\n",
            ),
            ("at: 1.5,", "at: 1.5, stamina: 9,"),
            ("at: 2.5,", "at: 2.5, stamina: 9,"),
            (&version(1), &version(2)),
        ],
    );
    workspace.write(RULES, &wider);
    assert_eq!(game.swapped()["kind"], "types");
    frame_of(&mut game, 2);
    let text = with(&wider, &[(&version(2), &version(3))]);
    workspace.write(RULES, &text);
    assert_eq!(game.swapped()["kind"], "body");
    frame_of(&mut game, 3);
    let text = with(
        &text,
        &[
            (&version(3), &version(4)),
            ("take_hits, ring)", "take_hits, ring, more)"),
            (
                "fn ring(",
                "fn more(mut tally: ResMut<Tally>) {\n    let more = tally.0.get(\"more\").copied().unwrap_or_default();\n    tally.note(\"more\", more + 1.0);\n}\n\nfn ring(",
            ),
        ],
    );
    workspace.write(RULES, &text);
    let report = game.swapped();
    assert_eq!(report["kind"], "structure");
    assert_eq!(report["generation"], 3);
    game.tally_until("the system runs", |t| t.contains_key("more"));

    // Each of them back: the system goes, the body is the old one, the field goes.
    game.wish("back");
    let report = game.rolled_back(3, 2);
    assert_eq!(report["kind"], "structure");
    assert_eq!(report["systems"]["removed"][0], "arena_rules::more");
    let back = frame_of(&mut game, 3);
    assert_eq!(game.frames(3)["more"], back["more"], "it is gone");
    game.wish("back");
    assert_eq!(game.rolled_back(2, 1)["kind"], "body");
    frame_of(&mut game, 2);
    game.wish("back");
    let report = game.rolled_back(1, 0);
    assert_eq!(report["kind"], "types");
    assert!(
        list(&report, "migrated").contains(&"arena_rules::Runner"),
        "{report}"
    );
    let first = frame_of(&mut game, 1);
    assert_same_world(&before, &first);
    game.frames(10);
    game.wish("back");
    let refused = game.refused();
    assert_eq!(refused["generation"], 0, "{refused}");
    let reason = refused["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("1, 2, 3"), "{reason}");

    // Any that is kept can be chosen, a later one too, and one after the other.
    game.wish("back 3");
    assert_eq!(game.rolled_back(0, 3)["kind"], "types");
    frame_of(&mut game, 4);
    game.wish("back 0");
    assert_eq!(game.rolled_back(3, 0)["kind"], "types");
    game.wish("back 7");
    let refused = game.refused();
    assert_eq!(refused["generation"], 7, "{refused}");
    let reason = refused["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("1, 2, 3"), "{reason}");
    assert_same_world(&before, &frame_of(&mut game, 1));

    // The sources are as they were: the next save, of the same, is an edit of what runs now.
    workspace.write(RULES, &text);
    let report = game.swapped();
    assert_eq!(
        (&report["generation"], &report["kind"]),
        (&4.into(), &"types".into())
    );
    assert_same_world(&before, &frame_of(&mut game, 4));
    assert!(game.frames(10)["more"] > back["more"]);
}

#[test]
#[cfg(unix)]
fn a_rollback_that_ends_a_build_stays_until_the_next_save() {
    let workspace = Workspace::types();
    workspace.own_rustc();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let text = |number| with(TEXT, &[(&version(1), &version(number))]);
    workspace.write(RULES, &text(2));
    game.swapped();
    frame_of(&mut game, 2);
    let waits = workspace.next_rustc_waits();
    workspace.write(RULES, &text(3));
    game.until("rustc", |_| waits.exists());
    // The next one waits too: else it may be done before the game is asked.
    std::fs::remove_dir(&waits).unwrap();
    // As some editors do.
    workspace.write(RULES, &text(3));
    game.wish("back");
    game.rolled_back(1, 0);
    // It may have been ended before it came to that. None waits from here on.
    let _made = std::fs::create_dir(&waits);
    let events = game.events().len();
    frame_of(&mut game, 1);
    game.frames(50);
    assert_eq!(game.events().len(), events);
    workspace.write(RULES, &text(3));
    game.swapped();
    frame_of(&mut game, 3);
}

#[test]
fn a_generation_that_panics_at_once_is_left_by_itself_if_the_game_asks_for_it() {
    let workspace = Workspace::types();
    let mut game = workspace.start_with(Profile::DEV, |cargo| {
        cargo.env("FIXTURE_ROLL_BACK", "1");
    });
    game.ready();
    game.tally_until("a frame", |t| t.contains_key("version"));
    let text = with(
        TEXT,
        &[(
            &version(1),
            &format!("{} if ever.0 < 9 {{ panic!(\"no way\"); }}", version(2)),
        )],
    );
    workspace.write(RULES, &text);
    game.swapped();
    let panicked = game.next_event("panicked", &[]);
    assert_eq!(panicked["system"], "arena_rules::see");
    game.rolled_back(1, 0);
    frame_of(&mut game, 1);
    game.frames(5);

    // Mended, it goes on.
    workspace.write(RULES, &with(TEXT, &[(&version(1), &version(3))]));
    assert_eq!(game.swapped()["generation"], 2);
    frame_of(&mut game, 3);
}

#[test]
fn an_observer_that_panics_stops_alone_and_the_next_reload_starts_it() {
    let (workspace, mut game) = playing();
    let text = with(
        TEXT,
        &[(
            "fn on_bell(_: On<Bell>, mut tally: ResMut<Tally>) {",
            "fn on_bell(_: On<Bell>, mut tally: ResMut<Tally>) {\n    panic!(\"cracked\");",
        )],
    );
    workspace.write(RULES, &text);
    game.swapped();
    let panicked = game.next_event("panicked", &[]);
    assert_eq!(panicked["system"], "observer arena_rules::on_bell");
    let message = panicked["message"].as_str().unwrap_or_default();
    assert!(
        message.contains("cracked at rules/src/lib.rs:"),
        "{message}"
    );
    let before = game.frames(10);
    let panics = game.events();
    let panics = panics.iter().filter(|event| event["event"] == "panicked");
    assert_eq!(panics.count(), 1, "it is off");
    workspace.write(
        RULES,
        &with(
            TEXT,
            &[("tally.note(\"bell\", 1.0)", "tally.note(\"bell\", 2.0)")],
        ),
    );
    game.swapped();
    let after = game.tally_until("the bell", |t| t["bell"] == 2.0);
    assert!(after["hits"] > before["hits"], "whoever rings it plays on");
}

#[test]
fn a_system_that_does_not_come_back_is_named_while_the_game_waits_for_it() {
    let (workspace, mut game) = playing();
    let stays_away = "if score.points % 2 < 2 && !*away {\n        *away = true;\n        std::thread::sleep(std::time::Duration::from_secs(6));\n    }";
    let text = with(
        TEXT,
        &[(
            "fn walk(mut score: ResMut<Score>) {",
            &format!(
                "fn walk(mut score: ResMut<Score>, mut away: Local<bool>) {{\n    {stays_away}"
            ),
        )],
    );
    workspace.write(RULES, &text);
    // The frame has not ended when it is told of.
    let stuck = game.next_event("stuck", &["edit", "build_started"]);
    assert_eq!(stuck["system"], "arena_rules::walk");
    assert!(
        stuck["seconds"].as_f64().is_some_and(|s| s >= 3.0),
        "{stuck}"
    );
    assert_eq!(game.swapped()["generation"], 1);
    game.frames(5);
}

#[test]
fn a_build_that_never_ends_is_given_up_for_the_next_save() {
    let (workspace, mut game) = playing();
    // rustc works this out for ever.
    workspace.write(RULES, &format!("{TEXT}\nconst _: () = loop {{}};\n"));
    game.next_event("build_started", &["edit"]);
    game.frames(50);
    workspace.write(RULES, &with(TEXT, &[(&version(1), &version(2))]));
    assert_eq!(game.swapped()["generation"], 1);
    frame_of(&mut game, 2);
}
