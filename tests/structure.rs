//! Edits of what the plugin registers, end to end: real rustc, a real process. What
//! each row of registrations does is tested in one process (`hot-loader/src/structure`);
//! here it goes through the compiler and the loader.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Game, Profile, Workspace};
use serde_json::Value;

const RULES: &str = "rules/src/lib.rs";

fn names(report: &Value, list: &str) -> Vec<String> {
    let names = report["systems"][list].as_array().unwrap().iter();
    let mut names: Vec<_> = names
        .map(|name| name.as_str().unwrap().replace("arena_rules::", ""))
        .collect();
    names.sort();
    names
}

/// Replaces, saves, and waits for the edit to be live as one of the registration.
fn restructured(game: &mut Game, workspace: &Workspace, from: &str, to: &str) -> Value {
    workspace.replace(RULES, from, to);
    let report = game.swapped();
    assert_eq!(report["kind"], "structure", "{to}: {report}");
    report
}

/// The registrations of a static game that starts with the workspace's sources.
fn fresh(workspace: &Workspace) -> String {
    let other = Workspace::fixture();
    other.write(RULES, &workspace.read(RULES));
    let mut game = other.start(Profile::STATIC);
    game.frames(60);
    game.registrations()
}

/// Lines that are in one text alone.
fn difference(hot: &str, cold: &str) -> String {
    let only = |a: &str, b: &str, mark: char| -> String {
        let lines = a
            .lines()
            .filter(|line| !b.lines().any(|other| other == *line));
        lines.map(|line| format!("{mark} {line}\n")).collect()
    };
    only(hot, cold, '+') + &only(cold, hot, '-')
}

#[test]
fn after_many_edits_the_game_is_as_one_that_was_started_with_the_last() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let before = game.tally_until("every system ran", |t| t.contains_key("seldom_runs"));

    // A system comes, with an order, in a new function.
    workspace.write(
        RULES,
        &(workspace.read(RULES)
            + "\nfn extra(mut runs: Local<i64>, mut tally: ResMut<Tally>) {\n    *runs += 1;\n    tally.note(\"extra\", *runs);\n    let frames = tally.0.get(\"frames\").copied().unwrap_or_default();\n    tally.note(\"extra_saw\", frames);\n}\n\nfn sometimes(tally: Res<Tally>) -> bool {\n    tally.0.get(\"frames\").is_some_and(|frames| frames % 2 == 0)\n}\n"),
    );
    assert_eq!(game.swapped()["kind"], "body", "nothing registers it yet");
    let report = restructured(
        &mut game,
        &workspace,
        "                switch,\n",
        "                switch,\n                extra.before(walk),\n",
    );
    assert_eq!(names(&report, "added"), ["extra"]);
    assert_eq!(names(&report, "removed"), [""; 0]);
    // What may be registered in another way now, for all that the text says.
    let beside = ["Pipe(produce, consume)", "observer on_bell"];
    assert_eq!(names(&report, "reset"), beside);
    let one = game.tally_until("the new system", |t| t.contains_key("extra"));
    assert!(one["frames"] > before["frames"] && one["guarded"] == one["frames"]);
    assert_eq!(
        one["extra_saw"],
        one["frames"] - 1.0,
        "it ran before `count_frames`"
    );

    // Another order, and a condition.
    restructured(
        &mut game,
        &workspace,
        "extra.before(walk),",
        "extra.after(count_frames).run_if(sometimes),",
    );
    let two = game.frames(20);
    assert_eq!(two["extra_saw"] % 2.0, 0.0);
    assert!(two["extra"] < two["frames"] - before["frames"], "{two:?}");
    assert!(two["extra"] > one["extra"], "its Local went on");

    // Into another schedule, with its `Local`.
    workspace.replace(
        RULES,
        "                extra.after(count_frames).run_if(sometimes),\n",
        "",
    );
    let report = restructured(
        &mut game,
        &workspace,
        ".add_systems(PostUpdate, post)",
        ".add_systems(PostUpdate, (post, extra).chain())",
    );
    assert_eq!(names(&report, "added"), [""; 0]);
    assert!(
        names(&report, "kept").contains(&"extra".to_owned()),
        "{report}"
    );
    let three = game.frames(5);
    assert!(three["extra"] > two["extra"], "its Local went on");

    // A closure in `build`, a signature, a set's condition, a resource, a state's system.
    restructured(
        &mut game,
        &workspace,
        "note(\"closure\", 1)",
        "note(\"closure\", 2)",
    );
    game.tally_until("the closure", |t| t["closure"] == 2.0);
    let report = restructured(
        &mut game,
        &workspace,
        "fn post(mut tally: ResMut<Tally>)",
        "fn post(mut tally: ResMut<Tally>, _runs: Local<i64>)",
    );
    assert_eq!(names(&report, "reset"), ["post"], "nothing else is");
    restructured(
        &mut game,
        &workspace,
        "Gated.run_if(set_gate)",
        "Gated.after(exclusive)",
    );
    restructured(
        &mut game,
        &workspace,
        ".add_systems(OnExit(Phase::Race), on_warmup)",
        ".add_systems(OnEnter(Phase::Warmup), on_warmup)",
    );
    restructured(&mut game, &workspace, "guarded.run_if(gate)", "guarded");
    restructured(&mut game, &workspace, "exclusive,\n", "fixed,\n");
    let after = game.frames(80);
    assert_eq!(after["frames"], after["guarded"], "no frame was missed");
    assert_eq!(after["added"], 3.0, "`Added` did not fire again");
    assert_eq!(after["ids"], before["ids"]);

    let hot = game.registrations();
    let cold = fresh(&workspace);
    assert!(hot == cold, "{}", difference(&hot, &cold));
}

#[test]
fn observers_states_messages_and_resources_follow_the_code() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let before = game.tally_until("a frame", |t| t.contains_key("on_bell"));

    // A body edit reaches a registered observer, too.
    workspace.replace(RULES, "note(\"on_bell\", 1)", "note(\"on_bell\", 2)");
    let report = game.swapped();
    assert_eq!(report["kind"], "body");
    assert_eq!(report["stale"], serde_json::json!([]));
    assert_eq!(names(&report, "reset"), [""; 0]);
    assert!(names(&report, "kept").contains(&"observer on_bell".into()));
    game.tally_until("the observer", |t| t["on_bell"] == 2.0);

    // New types, resources, messages and an observer with a filter, in one edit.
    let text = workspace.read(RULES).replace(
        "        .add_observer(on_bell)\n",
        "        .add_observer(on_bell)\n        .add_observer(on_coin)\n        .insert_resource(Purse { coins: 5 })\n        .add_message::<Paid>()\n        .add_systems(Update, (pay, count_pay).chain())\n        .add_systems(Startup, give)\n        .add_systems(hot_loader::AfterReload, again)\n",
    ) + r#"
#[derive(Resource)]
pub struct Purse {
    coins: i64,
}

#[derive(Message)]
pub struct Paid(i64);

fn pay(mut purse: ResMut<Purse>, mut paid: MessageWriter<Paid>) {
    if purse.coins > 0 {
        purse.coins -= 1;
        paid.write(Paid(1));
    }
}

fn count_pay(mut paid: MessageReader<Paid>, mut sum: Local<i64>, mut tally: ResMut<Tally>) {
    *sum += paid.read().map(|paid| paid.0).sum::<i64>();
    tally.note("paid", *sum);
}

fn give(mut commands: Commands) {
    commands.spawn((Coin, hot_loader::DespawnOnReload));
}

fn on_coin(_: On<Add, Coin>, mut tally: ResMut<Tally>) {
    let coins = tally.0.get("coins").copied().unwrap_or_default();
    tally.note("coins", coins + 1);
}

fn again(mut runs: Local<i64>, mut tally: ResMut<Tally>) {
    *runs += 1;
    tally.note("again", *runs);
}
"#;
    workspace.write(RULES, &text);
    let report = game.swapped();
    assert_eq!(report["kind"], "structure");
    let tally = game.tally_until("the new systems", |t| t.get("paid") == Some(&5.0));
    assert_eq!(tally["coins"], 1.0, "the new startup system ran once");
    assert_eq!(tally["generic"], 2.0, "and its coin is there");
    assert_eq!(tally["again"], 1.0);
    assert_eq!(tally["ids"], before["ids"]);

    // Another initial value: the purse was played with, but nothing reads it in the
    // old sense; it owns nothing, is not what it was, and so stays.
    restructured(&mut game, &workspace, "coins: 5 }", "coins: 9 }");
    let tally = game.frames(10);
    assert_eq!(tally["paid"], 5.0);
    assert_eq!(tally["again"], 2.0);
    assert_eq!(tally["generic"], 1.0, "what asked for it was despawned");
    assert_eq!(tally["coins"], 1.0, "startup systems do not run again");
}

#[test]
fn what_cannot_be_built_or_applied_is_said_and_the_game_plays_on() {
    let workspace = Workspace::fixture();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let good = workspace.read(RULES);
    let before = game.tally_until("a frame", |t| t.contains_key("post"));
    let refusals = [
        // A cycle.
        (
            "guarded.run_if(gate)",
            "guarded.before(pre_walk).after(walk), pre_walk.after(guarded).before(guarded)",
            "cycle",
        ),
        // Parameters that conflict.
        (
            "guarded.run_if(gate)",
            "guarded, |_: Query<&mut Runner>, _: Query<&mut Runner>| {}",
            "conflict",
        ),
        // A plugin that panics.
        (
            "fn rules(app: &mut App) {\n",
            "fn rules(app: &mut App) {\n    assert!(app.world().is_resource_added::<Tally>(), \"by test\");\n",
            "by test",
        ),
    ];
    for (from, to, says) in refusals {
        let edited = good.replace(from, to) + "\nfn pre_walk() {}\n";
        workspace.write(RULES, &edited);
        let refused = game.refused();
        let reason = refused["reason"].as_str().unwrap();
        assert!(reason.contains(says), "{to}: {reason}");
        assert!(game.frames(5)["guarded"] > before["guarded"]);
    }
    workspace.write(
        RULES,
        &good.replace(
            "fn rules(app: &mut App) {\n",
            "fn rules(app: &mut App) {\n    app.register_required_components::<Coin, Runner>();\n",
        ),
    );
    let event = game.next_event("restart_needed", &["edit", "build_started"]);
    assert!(
        event["reason"].as_str().unwrap().contains("Coin"),
        "{event}"
    );
    workspace.write(
        RULES,
        &good.replace("note(\"post\", 1)", "note(\"post\", 2)"),
    );
    assert_eq!(
        game.swapped()["kind"],
        "body",
        "undone, edits go live again"
    );
    game.tally_until("the body edit", |t| t["post"] == 2.0);
    let tally = game.frames(5);
    assert_eq!(tally["frames"], tally["guarded"], "no frame was missed");
}
