//! Edits of types while values of them live, end to end: real rustc, a real process.
//!
//! What a naive reload would do is said at each: with equal crate identities the
//! engine hands new code the old component ids, with the layout, the storage and the
//! drop function that the old types had (design: probed on rustc 1.95).
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Game, Profile, Small, Tally, Workspace};
use serde_json::Value;

const RULES: &str = "rules/src/lib.rs";
const TEXT: &str = include_str!("types/rules.rs");

/// A game whose gameplay is `types/rules.rs`, ready for edits.
fn playing(profile: Profile) -> (Workspace, Game) {
    let workspace = Workspace::types();
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
        "runners",
        "at",
        "names",
        "weights",
        "secrets",
        "luck",
        "followed",
        "children",
        "marked",
        "race",
        "entered",
        "ids",
        "bell",
        "registered",
    ] {
        assert_eq!(before[what], after[what], "{what}: {before:?} {after:?}");
    }
    assert!(after["points"] >= before["points"], "{before:?} {after:?}");
    assert!(after["frames"] > before["frames"], "{before:?} {after:?}");
    assert!(after["hits"] >= before["hits"], "{before:?} {after:?}");
}

#[test]
pub fn a_field_is_added_while_values_live_and_removed_again() {
    let (workspace, mut game) = playing(Profile::DEV);
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
    assert!(!report["stale"].to_string().contains("late"), "{report}");
    let reset = report["systems"]["reset"].as_array().unwrap();
    assert!(
        reset.contains(&"observer arena_rules::late".into()),
        "made while playing, and made again: {report}"
    );
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
    // The engine's own list has these messages since the start: updated twice a frame, they
    // would be gone before a reader in the next frame sees them.
    let on = game.frames(5);
    let later = game.frames(20);
    let passed = later["frames"] - on["frames"];
    assert_eq!(
        later["early"] - on["early"],
        2.0 * passed,
        "one message a frame"
    );
    edited(
        &mut game,
        &workspace,
        &[("score.points += 1;", "score.points += 2;")],
    );
    assert!(game.is_running());
}

#[test]
fn types_that_nobody_can_see_into_are_carried_over_by_their_layout() {
    let (workspace, mut game) = playing(Profile::DEV);
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
    for part in ["arena_rules::Rare", "luck", "-7", "u32"] {
        assert!(reason.contains(part), "{part} in: {reason}");
    }
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
    assert!(reason.contains("`Race`"), "{reason}");
    assert_same_world(&on, &game.frames(5));
}

#[test]
fn names_functions_and_losses_are_what_the_code_says_of_them() {
    let (workspace, mut game) = playing(Profile::DEV);
    let before = game.frames(3);
    let (from, to) = version(1, 2);
    // A renamed field, a renamed type, a type that means something else now, and one that
    // may be lost.
    let report = retyped(
        &mut game,
        &workspace,
        &[
            (
                "    pub name: String,",
                "    #[reflect(@Was(\"name\"))]\n    pub title: String,",
            ),
            ("name: \"first\".into()", "title: \"first\".into()"),
            ("name: \"second\".into()", "title: \"second\".into()"),
            ("r.1.name.len()", "r.1.title.len()"),
            ("r.1.name == \"first\"", "r.1.title == \"first\""),
            (
                "    pub weight: u32,",
                "    /// In grams now.\n    pub grams: u32,",
            ),
            (
                "Item { weight: 3 }, Item { weight: 4 }",
                "Item { grams: 3 }, Item { grams: 4 }",
            ),
            ("f64::from(i.weight)", "f64::from(i.grams)"),
            (
                "    app.register_type::<Runner>()",
                "    app.add_migration(|old| {\n        let old = old.reflect_ref().as_struct()?;\n        let kilos = old.field(\"weight\").and_then(|w| w.try_downcast_ref::<u32>());\n        Ok::<_, BevyError>(Item { grams: kilos.ok_or(\"no weight\")? * 1000 })\n    })\n    .reset_on_change::<Secret>()\n    .register_type::<Runner>()",
            ),
            (
                "#[derive(Component)]\npub struct Secret {\n    pub numbers: Vec<u64>,",
                "#[derive(Component, Default)]\npub struct Secret {\n    pub numbers: Vec<u32>,",
            ),
            (".map(|n| *n as f64)", ".map(|n| f64::from(*n))"),
            (&from, &to),
        ],
    );
    assert!(
        list(&report, "migrated").contains(&"arena_rules::Runner"),
        "{report}"
    );
    assert!(
        list(&report, "reset").contains(&"arena_rules::Secret"),
        "{report}"
    );
    let after = frame_of(&mut game, 2);
    assert_eq!(after["names"], before["names"]);
    assert_eq!(after["followed"], before["followed"]);
    assert_eq!(
        after["weights"],
        before["weights"] * 1000.0,
        "the user's function"
    );
    assert_eq!(after["secrets"], 0.0, "they start anew");

    // The function stays in the code, and has done its work: in an edit of the type around
    // its own it would look for a field that is gone.
    let (second, third) = version(2, 3);
    retyped(
        &mut game,
        &workspace,
        &[
            (
                "    pub at: f32,\n",
                "    pub at: f32,\n    pub stamina: u64,\n",
            ),
            ("at: 1.5,", "at: 1.5, stamina: 9,"),
            ("at: 2.5,", "at: 2.5, stamina: 9,"),
            (&second, &third),
        ],
    );
    let after = frame_of(&mut game, 3);
    assert_eq!(after["weights"], before["weights"] * 1000.0, "once");

    // A function that fails refuses the edit with its own words.
    workspace.write(
        RULES,
        &with(
            &workspace.read(RULES),
            &[
                ("field(\"weight\")", "field(\"grams\")"),
                ("    pub grams: u32,", "    pub grams: u64,"),
                ("f64::from(i.grams)", "i.grams as f64"),
                (
                    "kilos.ok_or(\"no weight\")? * 1000",
                    "u64::from(*kilos.filter(|g| **g > 3000).ok_or(\"too light\")?)",
                ),
            ],
        ),
    );
    let refused = game.refused();
    let reason = refused["reason"].as_str().unwrap();
    assert!(
        reason.contains("bag[0]") && reason.contains("too light"),
        "{reason}"
    );
    let on = game.frames(5);
    assert_eq!(on["weights"], after["weights"]);
}

#[test]
fn what_a_naive_reload_reads_wrongly_is_carried_over_or_refused() {
    let (workspace, mut game) = playing(Profile::DEV);
    let before = game.frames(3);
    // The element of a list in a component: with one identity, `Vec<Item>` and `Runner`
    // keep their ids and sizes, and the new code strides through the buffer by another
    // size: it reads beyond its end.
    let (from, to) = version(1, 2);
    let report = retyped(
        &mut game,
        &workspace,
        &[
            ("    pub weight: u32,", "    pub weight: u64,"),
            ("f64::from(i.weight)", "i.weight as f64"),
            (&from, &to),
        ],
    );
    assert!(
        list(&report, "migrated").contains(&"arena_rules::Runner"),
        "{report}"
    );
    assert_same_world(&before, &frame_of(&mut game, 2));

    // A `Drop` that comes: the engine would go on without it, since it keeps the drop
    // function that a component was registered with.
    let (from, next) = version(2, 3);
    retyped(
        &mut game,
        &workspace,
        &[
            (
                "/// In a sparse set.",
                "impl Drop for Secret {\n    fn drop(&mut self) {\n        self.numbers.clear();\n    }\n}\n\n/// In a sparse set.",
            ),
            (&from, &next),
        ],
    );
    assert_same_world(&before, &frame_of(&mut game, 3));

    // A component that holds a trait object.
    let (from, last) = version(3, 4);
    let report = edited(
        &mut game,
        &workspace,
        &[
            (
                "/// No value at all.",
                "pub trait Think: Send + Sync {\n    fn first(&self) -> f64;\n    fn second(&self) -> f64;\n}\n\npub struct Slow;\n\nimpl Think for Slow {\n    fn first(&self) -> f64 {\n        1.0\n    }\n    fn second(&self) -> f64 {\n        2.0\n    }\n}\n\n#[derive(Component)]\npub struct Brain(pub Box<dyn Think>);\n\nfn think(brains: Query<&Brain>, mut commands: Commands, mut tally: ResMut<Tally>) {\n    if brains.is_empty() {\n        commands.spawn(Brain(Box::new(Slow)));\n    }\n    tally.note(\"first\", brains.iter().map(|b| b.0.first()).sum());\n}\n\n/// No value at all.",
            ),
            ("take_hits, ring)", "take_hits, ring, think)"),
            (&from, &last),
        ],
    );
    assert_eq!(report["kind"], "structure", "only additions: {report}");
    game.tally_until("it thinks", |t| t.get("first") == Some(&1.0));
    // Its methods in another order: the old table, called by the new order, would answer
    // 2.0 to `first`.
    workspace.write(
        RULES,
        &with(
            &workspace.read(RULES),
            &[(
                "    fn first(&self) -> f64;\n    fn second(&self) -> f64;",
                "    fn second(&self) -> f64;\n    fn first(&self) -> f64;",
            )],
        ),
    );
    let refused = game.refused();
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.contains("arena_rules::Brain"), "{reason}");
    assert_eq!(game.frames(5)["first"], 1.0);
}

#[test]
fn a_declined_edit_leaves_types_behind_that_are_not_taken_for_new_ones() {
    let (workspace, mut game) = playing(Profile::DEV);
    let before = game.frames(3);
    // Only additions, under the running identity; its parameters conflict, so it is
    // declined after the world came to know `Shot`, with four bytes.
    let shot = "#[derive(Component)]\npub struct Shot {\n    pub age: f32,\n}\n\nfn shoot(mut shots: Query<&mut Shot>, others: Query<&Shot>, mut tally: ResMut<Tally>, mut commands: Commands) {\n    if others.is_empty() {\n        commands.spawn(Shot { age: 0.0 });\n    }\n    for mut shot in &mut shots {\n        shot.age += 0.5;\n        tally.note(\"age\", shot.age.into());\n    }\n}\n\n/// No value at all.";
    let text = with(
        &workspace.read(RULES),
        &[
            ("/// No value at all.", shot),
            ("take_hits, ring)", "take_hits, ring, shoot)"),
        ],
    );
    workspace.write(RULES, &text);
    let refused = game.refused();
    assert_eq!(refused["types"][0], "arena_rules::shoot", "{refused}");
    // Naively: the mended system reads eight bytes from a column of four.
    let report = edited(
        &mut game,
        &workspace,
        &[
            ("    pub age: f32,", "    pub age: f64,"),
            (
                "mut shots: Query<&mut Shot>, others: Query<&Shot>",
                "mut shots: Query<&mut Shot>",
            ),
            ("others.is_empty()", "shots.is_empty()"),
            ("shot.age.into()", "shot.age"),
        ],
    );
    assert_eq!(report["kind"], "types", "{report}");
    let after = game.tally_until("the shot ages", |t| {
        t.get("age").is_some_and(|age| *age > 3.0)
    });
    assert_same_world(&before, &after);
}

#[test]
fn no_state_is_entered_again_though_its_transition_is_still_queued() {
    let workspace = Workspace::fixture();
    // Where time stands, the engine keeps messages until it goes on.
    let text = with(
        TEXT,
        &[(
            "fn on_race(mut tally: ResMut<Tally>) {",
            "fn on_race(mut tally: ResMut<Tally>, mut time: ResMut<Time<Virtual>>) {\n    time.pause();",
        )],
    );
    workspace.write(RULES, &text);
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let before = game.tally_until("the state's schedule ran", |t| t.contains_key("entered"));
    let (from, to) = version(1, 2);
    retyped(
        &mut game,
        &workspace,
        &[
            (
                "    Warmup,\n    Race,\n",
                "    Warmup,\n    Paused,\n    Race,\n",
            ),
            (&from, &to),
        ],
    );
    frame_of(&mut game, 2);
    let after = game.frames(10);
    assert_eq!((before["entered"], after["entered"]), (1.0, 1.0));
    assert_eq!(after["race"], 1.0);
}

#[test]
fn a_resource_that_comes_back_as_another_type_is_named() {
    let (workspace, mut game) = playing(Profile::DEV);
    game.frames(3);
    let (there, gone) = ("        .init_resource::<HitsSeen>()\n", "");
    let (runs, rests) = ("hit, take_hits, ring)", "hit, ring)");
    let report = edited(&mut game, &workspace, &[(there, gone), (runs, rests)]);
    assert_eq!(report["kind"], "structure", "{report}");
    let seen = "arena_rules::HitsSeen";
    assert!(
        list(&report, "reset").contains(&seen),
        "kept aside: {report}"
    );
    let before = game.frames(3)["hits"];
    assert!(before > 0.0);

    let report = retyped(
        &mut game,
        &workspace,
        &[
            (
                "        .init_state::<Phase>()",
                &format!("{there}        .init_state::<Phase>()"),
            ),
            (rests, runs),
            ("pub struct HitsSeen(u64);", "pub struct HitsSeen(u64, u8);"),
        ],
    );
    assert!(
        list(&report, "reset").contains(&seen),
        "starts anew: {report}"
    );
    game.tally_until("it counts from nothing", |t| {
        t["hits"] < before + 10.0 && t["hits"] != before
    });
}

#[test]
fn after_many_edits_of_one_type_everything_is_as_it_was() {
    let (workspace, mut game) = playing(Profile::OPT_1);
    let before = game.frames(3);
    let field = "    pub at: f32,\n";
    for round in 0..6 {
        let more: String = (0..=round % 3)
            .map(|n| format!("    pub more{n}: u64,\n"))
            .collect();
        let text = TEXT.replace(field, &format!("{field}{more}")).replace(
            "tally.note(\"version\", 1.0);",
            &format!("tally.note(\"version\", {}.0);", round + 2),
        );
        let set: String = (0..=round % 3).map(|n| format!(" more{n}: {n},")).collect();
        let text = text
            .replace("at: 1.5,", &format!("at: 1.5,{set}"))
            .replace("at: 2.5,", &format!("at: 2.5,{set}"));
        workspace.write(RULES, &text);
        let report = game.swapped();
        assert_eq!(report["kind"], "types", "{report}");
        let after = frame_of(&mut game, round + 2);
        assert_same_world(&before, &after);
        assert_eq!(after["registered"], 1.0, "its short name is its own");
    }
}

/// As many values with drop glue move as there are types of them: their bytes are taken out
/// of the world by bundle types, of which the executable has 64 and each generation brings more.
#[test]
fn a_hundred_types_with_drop_glue_move_twice() {
    const TYPES: usize = 100;
    let types: String = (0..TYPES).map(|i| format!("T{i} ")).collect();
    let text = format!(
        "macro_rules! many {{
    ($($t:ident)*) => {{
        $(#[derive(Component)]
        struct $t(String);)*

        fn spawn(mut commands: Commands) {{
            $(commands.spawn($t(stringify!($t).repeat(9)));)*
        }}

        fn plugin(app: &mut App) {{
            app.add_systems(Startup, (spawn, spawn_one)).add_systems(Update, see);
        }}

        fn see(world: &mut World) {{
            let mut whole = 0;
            $(for value in world.query::<&$t>().iter(world) {{
                whole += usize::from(value.0 == stringify!($t).repeat(9));
            }})*
            let one = world.query::<&One>().single(world).unwrap();
            println!(\"whole={{whole}} {{}}\", one.first);
        }}
    }};
}}

#[derive(Component)]
struct One {{
    first: u32,
}}

fn spawn_one(mut commands: Commands) {{
    commands.spawn(One {{ first: 7 }});
}}

many!({types});
"
    );
    let mut small = Small::start(&text);
    small.says(&format!("whole={TYPES} 7"));
    for (from, to) in [("u32", "u64"), ("u64", "u16")] {
        let (from, to) = (format!("first: {from}"), format!("first: {to}"));
        let report = small.live("types", &[(&from, &to)]);
        // The bundle types' own thread-locals are nobody's state.
        assert!(list(&report, "reset").is_empty(), "{report}");
        small.says(&format!("whole={TYPES} 7"));
    }
}
