//! Edits of types while values of them live, end to end: real rustc, a real process.
//!
//! What a naive reload would do is said at each: with equal crate identities the
//! engine hands new code the old component ids, with the layout, the storage and the
//! drop function that the old types had (design: probed on rustc 1.95).
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Game, Profile, Tally, Workspace};
use serde_json::Value;

const RULES: &str = "rules/src/lib.rs";
const TEXT: &str = include_str!("types/rules.rs");

/// A game whose gameplay is `types/rules.rs`, ready for edits.
fn playing(case: &str, profile: Profile) -> (Workspace, Game) {
    let workspace = Workspace::fixture(case);
    workspace.write(RULES, TEXT);
    let mut game = workspace.start(profile);
    game.ready();
    game.tally_until("the state's schedule ran", |t| t.contains_key("entered"));
    (workspace, game)
}

/// Saves an edit of several places, and waits for it to be live.
fn edited(game: &mut Game, workspace: &Workspace, edits: &[(&str, &str)]) -> Value {
    workspace.write(RULES, &with(&workspace.read(RULES), edits));
    game.swapped()
}

/// The text with each of `edits`, whose first part stands in it exactly once.
fn with(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}`");
        text.replace(from, to)
    })
}

/// Saves an edit that has to be one of types.
fn retyped(game: &mut Game, workspace: &Workspace, edits: &[(&str, &str)]) -> Value {
    let report = edited(game, workspace, edits);
    assert_eq!(report["kind"], "types", "{report}");
    report
}

fn list<'a>(report: &'a Value, list: &str) -> Vec<&'a str> {
    let names = report["state"][list].as_array().unwrap().iter();
    names.map(|name| name.as_str().unwrap()).collect()
}

/// Changes a number that `see` notes, so that a frame of the new code is known by it.
fn version(from: u32, to: u32) -> (String, String) {
    let text = |n: u32| format!("tally.note(\"version\", {n}.0);");
    (text(from), text(to))
}

/// Waits for a frame of the version.
fn frame_of(game: &mut Game, version: u32) -> Tally {
    game.tally_until(&format!("version {version}"), |t| {
        t["version"] == f64::from(version)
    })
}

/// Everything in the world that no edit of these tests changes.
#[track_caller]
fn assert_same_world(before: &Tally, after: &Tally) {
    for what in [
        "runners", "at", "names", "weights", "secrets", "luck", "followed", "children", "marked",
        "race", "entered", "ids", "bell",
    ] {
        assert_eq!(before[what], after[what], "{what}: {before:?} {after:?}");
    }
    assert!(after["points"] >= before["points"], "{before:?} {after:?}");
    assert!(after["frames"] > before["frames"], "{before:?} {after:?}");
    assert!(after["hits"] >= before["hits"], "{before:?} {after:?}");
}

#[test]
fn a_field_is_added_while_values_live_and_removed_again() {
    let (workspace, mut game) = playing("types-field", Profile::DEV);
    let before = game.frames(3);
    let (from, to) = version(1, 2);
    // Naively: `Runner` keeps its place in tables of the old size, and the new field
    // reads what stands behind it.
    let report = retyped(
        &mut game,
        &workspace,
        &[
            (
                "    pub at: f32,\n",
                "    pub at: f32,\n    pub stamina: u64,\n",
            ),
            ("at: 1.5,", "at: 1.5, stamina: 9,"),
            ("at: 2.5,", "at: 2.5, stamina: 9,"),
            (
                &from,
                &(to.clone()
                    + "\n    tally.note(\"stamina\", runners.iter().map(|r| r.1.stamina as f64).sum());"),
            ),
        ],
    );
    assert!(
        list(&report, "migrated").contains(&"arena_rules::Runner"),
        "{report}"
    );
    for kept in ["Secret", "Rare", "Follows", "Marked", "Score", "Tally"] {
        let kept = format!("arena_rules::{kept}");
        assert!(list(&report, "kept").contains(&&*kept), "{kept}: {report}");
    }
    let after = frame_of(&mut game, 2);
    assert_same_world(&before, &after);
    assert_eq!(after["stamina"], 0.0, "the type's own default");
    assert_eq!(
        (after["added"], after["changed"]),
        (0.0, 0.0),
        "nothing counts as new"
    );
    let later = game.frames(10);
    assert!(later["points"] > after["points"] && later["hits"] > after["hits"]);

    // A body edit of the new types, then all of it undone: the first shape comes back,
    // from its own cache.
    edited(
        &mut game,
        &workspace,
        &[("r.1.stamina as f64", "(r.1.stamina + 1) as f64")],
    );
    game.tally_until("the body edit", |t| t["stamina"] == 2.0);
    workspace.write(RULES, TEXT);
    let report = game.swapped();
    assert_eq!(report["kind"], "types");
    let back = frame_of(&mut game, 1);
    assert_same_world(&before, &back);
    edited(
        &mut game,
        &workspace,
        &[("score.points += 1;", "score.points += 2;")],
    );
    assert!(game.is_running());
}

#[test]
fn types_that_nobody_can_see_into_are_carried_over_by_their_layout() {
    let (workspace, mut game) = playing("types-layout", Profile::DEV);
    let before = game.frames(3);
    let (from, to) = version(1, 2);
    // A state without `Reflect`, a message, a component in a sparse set, a resource, and
    // another storage. Naively: the state's number means another variant, the queue's
    // elements are read at the wrong places, and the marker is looked for in tables.
    let report = retyped(
        &mut game,
        &workspace,
        &[
            (
                "    Warmup,\n    Race,\n",
                "    Warmup,\n    Paused,\n    Race,\n    Finish,\n",
            ),
            ("    pub damage: u32,", "    pub damage: u64,"),
            ("u64::from(hit.damage)", "hit.damage"),
            ("    pub luck: i64,", "    pub luck: i32,"),
            ("map(|r| r.luck as f64)", "map(|r| f64::from(r.luck))"),
            ("    pub points: u32,", "    pub points: u64,"),
            ("f64::from(score.points)", "score.points as f64"),
            (
                "#[derive(Component)]\npub struct Marked;",
                "#[derive(Component)]\n#[component(storage = \"SparseSet\")]\npub struct Marked;",
            ),
            (&from, &to),
        ],
    );
    for migrated in [
        "arena_rules::Rare",
        "arena_rules::Score",
        "bevy_state::state::resources::State<arena_rules::Phase>",
    ] {
        assert!(
            list(&report, "migrated").contains(&migrated),
            "{migrated}: {report}"
        );
    }
    let after = frame_of(&mut game, 2);
    assert_same_world(&before, &after);
    let later = game.frames(10);
    assert_eq!(later["entered"], 1.0, "no state was entered again");
    assert!(later["hits"] > after["hits"]);

    // A value that does not fit is a refusal that says which, and the game plays on.
    workspace.write(
        RULES,
        &with(
            &workspace.read(RULES),
            &[
                ("    pub luck: i32,", "    pub luck: u32,"),
                ("luck: -7", "luck: 7"),
            ],
        ),
    );
    let refused = game.refused();
    let reason = refused["reason"].as_str().unwrap();
    assert!(
        reason.contains("arena_rules::Rare") && reason.contains("luck: -7 does not fit u32"),
        "{reason}"
    );
    assert_eq!(refused["types"][0], "arena_rules::Rare");
    let on = game.frames(5);
    assert_same_world(&later, &on);
    workspace.write(
        RULES,
        &with(
            &workspace.read(RULES),
            &[
                ("    pub luck: u32,", "    pub luck: i32,"),
                ("luck: 7", "luck: -7"),
                (&to, "tally.note(\"version\", 3.0);"),
            ],
        ),
    );
    assert_eq!(game.swapped()["kind"], "body", "undone");
    frame_of(&mut game, 3);

    // A variant that a live value has cannot go.
    workspace.write(
        RULES,
        &with(
            &workspace.read(RULES),
            &[
                ("    Paused,\n    Race,\n", "    Paused,\n"),
                ("next.set(Phase::Race)", "next.set(Phase::Finish)"),
                ("Phase::Race))", "Phase::Finish))"),
                ("OnEnter(Phase::Race)", "OnEnter(Phase::Finish)"),
            ],
        ),
    );
    let refused = game.refused();
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.contains("a value is `Race`"), "{reason}");
    assert_same_world(&on, &game.frames(5));
}
