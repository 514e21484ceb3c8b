//! Body edits of a running game, end to end: a real process, real saves, rustc.
//!
//! The game is another workspace than this one, with Bevy's headless features
//! alone and a gameplay crate of its own name (`tests/fixture`).
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Game, Profile, Tally, Workspace};
use serde_json::Value;
use std::{fs, thread, time::Duration};

const RULES: &str = "rules/src/lib.rs";

/// Systems that note their version, 1 until a test edits them. One of every kind.
const VERSIONED: [&str; 15] = [
    "pre",
    "walk",
    "count_frames",
    "count_added",
    "exclusive",
    "desk",
    "fallible",
    "closure",
    "on_race",
    "on_warmup",
    "fixed",
    "post",
    "seldom",
    "on_bell",
    "piped",
];

fn names(report: &Value, list: &str) -> Vec<String> {
    report["systems"][list]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

/// What systems count in a Local.
const LOCALS: [&str; 4] = ["frames", "guarded", "in_gated_set", "seldom_runs"];

/// Two systems whose Local counts their runs, one behind a condition, have missed no frame.
fn locals_went_on(before: &Tally, after: &Tally) {
    for local in LOCALS {
        assert!(
            after[local] > before[local],
            "the Local `{local}` began anew: {} after {}",
            after[local],
            before[local]
        );
    }
    assert_eq!(after["frames"], after["guarded"], "a frame was missed");
}

fn every_kind_of_system(profile: Profile) {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(profile);
    assert_eq!(game.ready()["generation"], 0);
    // Until every schedule has run.
    let before = game.tally_until("every system ran", |tally| {
        VERSIONED
            .iter()
            .all(|system| tally.get(*system) == Some(&1.0))
    });
    let source = workspace.read(RULES);
    let mut edited = source.clone();
    for system in VERSIONED.iter().filter(|system| **system != "closure") {
        edited = edited.replace(
            &format!("note(\"{system}\", 1)"),
            &format!("note(\"{system}\", 2)"),
        );
    }
    edited = edited
        .replace(
            "fn produce() -> i64 {\n    1\n}",
            "fn produce() -> i64 {\n    2\n}",
        )
        .replace("STRIDE: f32 = 1.0", "STRIDE: f32 = 0.5");
    workspace.write(RULES, &edited);
    let report = game.swapped();

    assert_eq!(report["kind"], "body");
    assert_eq!(report["generation"], 1);
    assert_eq!(report["stale"], serde_json::json!([]));
    assert_eq!(
        report["state"]["reset"],
        serde_json::json!([
            "static arena_rules::LAPS",
            "static linked::LATEST",
            "static linked::STEPS"
        ]),
        "they live outside the world"
    );
    for list in ["added", "removed", "reset"] {
        assert_eq!(names(&report, list).len(), 0, "{list}: {report}");
    }
    let kept = names(&report, "kept");
    for system in [
        "observer arena_rules::on_bell",
        "arena_rules::walk",
        "arena_rules::gate",
        "arena_rules::set_gate",
    ] {
        assert!(kept.iter().any(|k| k == system), "{system} in {kept:?}");
    }
    let after = game.tally_until("the new code everywhere", |tally| {
        VERSIONED
            .iter()
            .filter(|system| **system != "closure")
            .all(|system| tally[*system] == 2.0)
    });
    assert_eq!(after["closure"], 1.0);
    locals_went_on(&before, &after);
    assert_eq!(after["added"], 3.0, "Added fired again");
    assert_eq!(after["ids"], before["ids"], "the entities are others");
    let later = game.frames(10);
    // Three runners, half a stride a frame each.
    assert_eq!(
        later["at"] - after["at"],
        (later["frames"] - after["frames"]) * 1.5
    );
    assert!(after["at"] >= before["at"], "positions began anew");

    workspace.write(RULES, &source);
    let report = game.swapped();
    assert_eq!(report["generation"], 2, "a revert reloads");
    assert_eq!(report["stale"], serde_json::json!([]));
    let reverted = game.tally_until("the old code again", |t| t["walk"] == 1.0);
    locals_went_on(&later, &game.frames(45));
    assert_eq!(reverted["added"], 3.0);
}

#[test]
fn every_kind_of_system_runs_the_new_code_with_its_state_at_opt_level_0() {
    every_kind_of_system(Profile::DEV);
}

#[test]
pub fn every_kind_of_system_runs_the_new_code_with_its_state_at_opt_level_1() {
    every_kind_of_system(Profile::OPT_1);
}

#[test]
fn every_kind_of_system_runs_the_new_code_with_its_state_where_equal_functions_are_merged() {
    every_kind_of_system(Profile::OPT_2);
}

#[test]
fn edits_of_every_plain_sort_are_body_edits() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let body = |game: &mut Game, what: &str| {
        let report = game.swapped();
        assert_eq!(report["kind"], "body", "{what}");
    };

    // A new helper, in a new file.
    fs::write(
        workspace.path("rules/src/extra.rs"),
        "//! New.\n\npub fn seven() -> i64 {\n    7\n}\n",
    )
    .unwrap();
    let text = workspace
        .read(RULES)
        .replace("mod words;", "mod extra;\nmod words;")
        .replace(
            "tally.note(\"pre\", 1)",
            "tally.note(\"pre\", extra::seven())",
        );
    workspace.write(RULES, &text);
    body(&mut game, "a new file of functions");
    game.tally_until("the new helper", |t| t["pre"] == 7.0);

    // The new file is watched like the others.
    workspace.replace("rules/src/extra.rs", "    7\n", "    8\n");
    body(&mut game, "an edit of the new file");
    game.tally_until("the edited helper", |t| t["pre"] == 8.0);

    // A run condition: the guarded system stops, and goes on where it was.
    workspace.replace(
        RULES,
        "fn gate() -> bool {\n    true",
        "fn gate() -> bool {\n    false",
    );
    body(&mut game, "a run condition");
    let stopped = game.frames(5)["guarded"];
    assert_eq!(game.frames(5)["guarded"], stopped);
    workspace.replace(
        RULES,
        "fn gate() -> bool {\n    false",
        "fn gate() -> bool {\n    true",
    );
    body(&mut game, "a run condition, back");
    let on = game.tally_until("the guarded system", |t| t["guarded"] > stopped);
    assert!(
        on["guarded"] < on["frames"],
        "its Local went on from where it stopped"
    );

    // A condition of a set.
    workspace.replace(RULES, "tally.0.len() > 1", "tally.0.len() > 1_000");
    body(&mut game, "a condition of a set");
    let stopped = game.frames(5)["in_gated_set"];
    assert_eq!(game.frames(5)["in_gated_set"], stopped);

    // A float constant.
    workspace.replace(RULES, "STRIDE: f32 = 1.0", "STRIDE: f32 = 0.0");
    let report = game.swapped();
    assert_eq!(report["kind"], "body", "a float constant");
    assert_eq!(
        report["stale"],
        serde_json::json!([]),
        "no observer runs that"
    );
    let at = game.frames(2)["at"];
    assert_eq!(game.frames(5)["at"], at);

    // A file that is included.
    workspace.write("rules/data/number.txt", "42\n");
    body(&mut game, "an included file");
    game.tally_until("the included number", |t| t["words"] == 42.0);

    // A Rust file outside of `src`.
    workspace.replace("rules/shared/length.rs", "    400", "    401");
    body(&mut game, "a Rust file outside of `src`");
    game.tally_until("the edited file", |t| t["length"] == 401.0);

    // A comment changes nothing, and still reports.
    workspace.replace(
        RULES,
        "/// How far a runner gets",
        "// Nothing.\n/// How far a runner gets",
    );
    body(&mut game, "a comment");
    assert_eq!(game.tally()["added"], 3.0);
}

#[test]
fn a_broken_file_leaves_the_game_running_until_it_is_mended() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    // The first build may be done before the first frame is.
    let before = game.tally_until("every Local", |tally| {
        LOCALS.iter().all(|local| tally.contains_key(*local))
    });

    workspace.replace(
        RULES,
        "tally.note(\"post\", 1);",
        "tally.note(\"post\", \"one\");",
    );
    let failed = game.build_failed();
    let error = &failed["errors"][0];
    assert_eq!(error["file"], "rules/src/lib.rs");
    let line = workspace
        .read(RULES)
        .lines()
        .position(|l| l.contains("\"one\""))
        .unwrap();
    assert_eq!(error["line"], line + 1);
    assert_eq!(error["message"], "mismatched types");
    assert!(
        error["rendered"]
            .as_str()
            .unwrap()
            .contains("expected `i64`")
    );
    assert!(
        game.log().contains("expected `i64`, found `&str`"),
        "rustc's own words are in the terminal: {}",
        game.log()
    );
    let after = game.frames(10);
    locals_went_on(&before, &game.frames(45));
    assert_eq!(after["post"], 1.0);

    // Not even Rust.
    let good = workspace.replaced(RULES, "\"one\"", "1");
    workspace.write(RULES, "fn (");
    game.build_failed();
    game.frames(5);

    // Mended to what it was, and edited again.
    workspace.write(RULES, &good);
    assert_eq!(game.swapped()["generation"], 1);
    workspace.replace(
        RULES,
        "tally.note(\"post\", 1);",
        "tally.note(\"post\", 3);",
    );
    assert_eq!(game.swapped()["generation"], 2);
    game.tally_until("the mended code", |t| t["post"] == 3.0);
}

#[test]
fn every_way_an_editor_saves_is_one_reload() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let file = workspace.path(RULES);
    let temporary = workspace.path("rules/src/lib.rs~");
    let text = |number: i64| {
        Workspace::fixture_text(RULES).replace(
            "tally.note(\"post\", 1);",
            &format!("tally.note(\"post\", {number});"),
        )
    };
    let ways: [(&str, &dyn Fn(i64)); 4] = [
        ("a temporary file renamed over it", &|n| {
            fs::write(&temporary, text(n)).unwrap();
            fs::rename(&temporary, &file).unwrap();
        }),
        ("the old one renamed away first", &|n| {
            fs::rename(&file, &temporary).unwrap();
            fs::write(&file, text(n)).unwrap();
            fs::remove_file(&temporary).unwrap();
        }),
        ("emptied, then written in two goes", &|n| {
            let text = text(n);
            let half = text.len() / 2;
            fs::write(&file, "").unwrap();
            fs::write(&file, &text[..half]).unwrap();
            thread::sleep(Duration::from_millis(5));
            fs::write(&file, &text).unwrap();
        }),
        ("saved twice", &|n| {
            fs::write(&file, text(n)).unwrap();
            thread::sleep(Duration::from_millis(5));
            fs::write(&file, text(n)).unwrap();
        }),
    ];
    for (i, (way, save)) in ways.iter().enumerate() {
        let number = i as i64 + 2;
        save(number);
        let report = game.swapped();
        assert_eq!(report["generation"], i + 1, "{way}");
        game.tally_until(way, |t| t["post"] == number as f64);
    }
    // Nothing more comes of a save that changes nothing.
    fs::write(&file, text(5)).unwrap();
    fs::write(&file, text(6)).unwrap();
    assert_eq!(game.swapped()["generation"], 5);
    let swaps = game
        .events()
        .iter()
        .filter(|e| e["event"] == "swapped")
        .count();
    assert_eq!(swaps, 5, "one reload a save");
}

#[test]
fn only_the_newest_of_two_saves_during_a_build_goes_live() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    workspace.replace(
        RULES,
        "tally.note(\"post\", 1);",
        "tally.note(\"post\", 2);",
    );
    game.next_event("edit", &[]);
    game.next_event("build_started", &[]);
    workspace.replace(
        RULES,
        "tally.note(\"post\", 2);",
        "tally.note(\"post\", 3);",
    );
    game.next_event("edit", &[]);
    game.next_event("build_started", &[]);
    let report = game.next_event("swapped", &[]);
    assert_eq!(report["generation"], 1);
    assert_eq!(game.frames(1)["post"], 3.0);
}

#[test]
fn a_save_that_is_undone_while_rustc_runs_is_built_again_before_anything_goes_live() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let edited = workspace.replaced(
        RULES,
        "tally.note(\"post\", 1);",
        "tally.note(\"post\", 2);",
    );
    workspace.write(RULES, &edited);
    game.next_event("edit", &[]);
    game.next_event("build_started", &[]);
    // rustc may have read this field of another type: the contents before and after
    // are equal, and what was compiled is still not known.
    workspace.write(RULES, &edited.replace("pub at: f32,", "pub at: f64,"));
    workspace.write(RULES, &edited);
    game.next_event("build_started", &[]);
    // One save may be seen as two, where the system lets the test wait in between.
    let report = game.next_event("swapped", &["edit", "build_started"]);
    assert_eq!(report["generation"], 1);
    assert_eq!(game.frames(1)["post"], 2.0);
}

#[test]
fn an_edit_of_types_is_refused_by_name_where_a_value_cannot_move_and_can_be_undone() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let good = workspace.read(RULES);
    let edits = [
        ("    pub at: f32,", "    pub at: f32,\n    pub lane: u64,"),
        ("    Warmup,\n", "    Warmup,\n    Finish,\n"),
        (
            "#[derive(Component)]\npub struct Coin;",
            "#[derive(Component)]\n#[component(storage = \"SparseSet\")]\npub struct Coin;",
        ),
    ];
    for (from, to) in edits {
        let text = good.replace(from, to);
        assert_ne!(text, good);
        workspace.write(RULES, &text);
        let refused = game.refused();
        let reason = refused["reason"].as_str().unwrap();
        assert!(
            reason.contains("arena_rules::Desk (1 value)") && reason.contains("non-send"),
            "{to}: {reason}"
        );
        let types = refused["types"].as_array().unwrap();
        assert!(types.contains(&"arena_rules::Desk".into()), "{refused}");
        let before = game.tally();
        assert_eq!(before["closure"], 1.0);
        assert!(game.frames(5)["frames"] > before["frames"]);
    }
    workspace.write(
        RULES,
        &good.replace("tally.note(\"post\", 1);", "tally.note(\"post\", 2);"),
    );
    assert_eq!(
        game.swapped()["kind"],
        "body",
        "undone, edits go live again"
    );
    game.tally_until("the body edit", |t| t["post"] == 2.0);
}

#[test]
fn a_system_that_panics_stops_alone_and_the_next_reload_starts_it() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    workspace.replace(
        RULES,
        "tally.note(\"post\", 1);",
        "tally.note(\"post\", 2);\n    panic!(\"out of track\");",
    );
    game.swapped();
    let panicked = game.next_event("panicked", &[]);
    assert_eq!(panicked["system"], "arena_rules::post");
    let message = panicked["message"].as_str().unwrap();
    assert!(
        message.starts_with("out of track at rules/src/lib.rs:"),
        "{message}"
    );
    let on = game.frames(20);
    assert_eq!((on["walk"], on["post"]), (1.0, 2.0));
    let panics = game
        .events()
        .iter()
        .filter(|e| e["event"] == "panicked")
        .count();
    assert_eq!(panics, 1, "it is off");

    // An error that nothing handles is a panic of the default handler's.
    workspace.replace(
        RULES,
        "    panic!(\"out of track\");",
        "    tally.note(\"post\", 3);",
    );
    game.swapped();
    game.tally_until("the mended system", |t| t["post"] == 3.0);
    workspace.replace(
        RULES,
        "tally.note(\"fallible\", 1);\n    Ok(())",
        "tally.note(\"fallible\", 2);\n    Err(\"no track\".into())",
    );
    game.swapped();
    let panicked = game.next_event("panicked", &[]);
    assert_eq!(panicked["system"], "arena_rules::fallible");
    game.frames(20);
    assert!(game.is_running());
}

#[test]
fn a_changed_manifest_needs_a_restart_and_undone_needs_none() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let manifest = workspace.read("rules/Cargo.toml");
    workspace.write("rules/Cargo.toml", &format!("{manifest}\n# Edited.\n"));
    let needed = game.next_event("restart_needed", &[]);
    let reason = needed["reason"].as_str().unwrap();
    assert!(reason.contains("rules/Cargo.toml"), "{reason}");
    game.frames(5);
    workspace.write("rules/Cargo.toml", &manifest);
    game.next_event("ready", &["restart_needed"]);
    workspace.replace(
        RULES,
        "tally.note(\"post\", 1);",
        "tally.note(\"post\", 2);",
    );
    game.swapped();
    game.tally_until("the edit", |t| t["post"] == 2.0);
}

#[test]
fn a_dependency_that_was_rebuilt_meanwhile_is_not_what_the_module_is_compiled_against() {
    let workspace = Workspace::fixture().with_own_target();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let pinned = game.pinned(&workspace, "libhot_loader-");
    let before = fs::read(&pinned).unwrap();
    // As a `cargo build` in another terminal does: another file under the same name.
    let original = workspace.artifact(pinned.file_name().unwrap());
    let kept = original.with_extension("kept");
    fs::rename(&original, &kept).unwrap();
    fs::write(&original, b"another build of it").unwrap();
    workspace.replace(
        RULES,
        "tally.note(\"post\", 1);",
        "tally.note(\"post\", 2);",
    );
    let outcome = game.next_event("swapped", &["edit", "build_started"]);
    fs::rename(&kept, &original).unwrap();
    assert_eq!(outcome["kind"], "body");
    assert_eq!(
        fs::read(&pinned).unwrap(),
        before,
        "the pinned one is what it was"
    );
    // Written over in place, the pinned one would be another too: that is noticed. By a
    // copy: other tests have hard links to the file itself.
    let modified = fs::metadata(&pinned).unwrap().modified().unwrap();
    let copy = pinned.with_extension("copy");
    fs::copy(&pinned, &copy).unwrap();
    fs::File::options()
        .append(true)
        .open(&copy)
        .unwrap()
        .set_modified(modified + Duration::from_secs(1))
        .unwrap();
    fs::rename(copy, &pinned).unwrap();
    workspace.replace(
        RULES,
        "tally.note(\"post\", 2);",
        "tally.note(\"post\", 3);",
    );
    let needed = game.next_event("restart_needed", &["edit", "build_started"]);
    let file = pinned.file_name().unwrap().to_str().unwrap();
    let reason = needed["reason"].as_str().unwrap();
    assert!(reason.contains(file), "{file} in: {reason}");
    assert_eq!(game.frames(5)["post"], 2.0);
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let workspace = Workspace::fixture();
    // The module's unit names its libraries, whoever else runs at the same time.
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let killed = game.runs(&workspace);
    assert_eq!(killed.len(), 1, "one folder for this run: {killed:?}");
    drop(game);
    assert!(killed[0].exists(), "killed, it could not clean up");
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    assert!(!killed[0].exists(), "the next run did");
    assert_eq!(game.runs(&workspace).len(), 1);
}

#[test]
fn a_static_build_plays_and_holds_nothing_of_it() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::STATIC);
    let frames = game.frames(50);
    assert_eq!(frames["walk"], 1.0);
    assert!(game.events().is_empty());
    let executable = fs::read(workspace.executable()).unwrap();
    for trace in [
        "hot_loader_compile",
        "libloading",
        "HOT_LOADER_EVENTS",
        "hot_loader..proxy",
        "hot_loader5proxy",
    ] {
        assert!(
            !executable
                .windows(trace.len())
                .any(|w| w == trace.as_bytes()),
            "{trace} is in the static executable"
        );
    }
}
