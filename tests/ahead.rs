//! What an edit need not wait for, end to end: types that are built ahead, and comments, for
//! which nothing is built.
use hot_loader_tests::{Game, Profile, Small, Workspace};
use std::time::SystemTime;

const SYSTEMS: &str = "systems/src/lib.rs";

const TEXT: &str = r#"use bevy::prelude::*;

hot_loader::export!(plugin);

fn plugin(app: &mut App) {
    app.add_systems(Startup, start).add_systems(Update, see);
}

#[derive(Component, Reflect, Default)]
#[reflect(Component, Default)]
struct Ship {
    speed: f32,
}

fn start(mut commands: Commands) {
    // A word that is a macro elsewhere.
    let line = 4.5;
    commands.spawn(Ship { speed: line, ..default() });
}

/// Says what it sees.
fn see(ships: Query<&Ship>) {
    for ship in &ships {
        println!("one: {}", ship.speed);
    }
}
"#;

/// Waits until spare identities became ready and were used up like this.
#[track_caller]
fn spares(game: &mut Small, expected: &[bool]) {
    let spares = |game: &Game| -> Vec<bool> {
        let events = game.events().into_iter();
        let spares = events.filter(|it| it["event"] == "spare");
        let ready = spares.map(|it| {
            assert_eq!(
                it["build_ms"].as_f64() > Some(0.0),
                it["ready"] == true,
                "{it}"
            );
            it["ready"] == true
        });
        ready.collect()
    };
    game.game.until("a spare identity", |game| {
        spares(game).len() >= expected.len()
    });
    assert_eq!(spares(&game.game), expected);
}

#[test]
fn an_edit_of_types_takes_an_identity_that_was_built_ahead() {
    const COLD: &str = "rustc begins without a cache, since no spare identity is ready";
    let workspace = Workspace::small();
    workspace.write(SYSTEMS, TEXT);
    let mut game = workspace.start_with(Profile::DEV, |game| {
        game.env("HOT_LOADER_SPARE", "1");
    });
    game.ready();
    let mut game = Small::of(workspace, game);
    // Nothing is edited, so it is built.
    spares(&mut game, &[true]);
    // A body edit leaves it alone.
    game.live("body", &[("one:", "two:")]);
    game.says("two: 4.5");
    // The world never met these types, whoever saved them before.
    let field = |n: u32| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        format!(
            "    speed: f32,\n    field{n}_{}: u8,\n",
            now.unwrap().as_nanos()
        )
    };
    let (first, second) = (field(1), field(2));
    let swapped = game.live(
        "types",
        &[("    speed: f32,\n", &first), ("two:", "three:")],
    );
    assert!(swapped["state"]["migrated"].to_string().contains("Ship"));
    game.says("three: 4.5");
    spares(&mut game, &[true, false]);
    assert_eq!(game.said(COLD), 0);
    // Before there is another.
    game.live("types", &[(&first, &second), ("three:", "four:")]);
    game.says("four: 4.5");
    assert_eq!(game.said(COLD), 1);
    // Undone, it is what it was; and the one after that has a spare again.
    game.live(
        "types",
        &[(&second, "    speed: f32,\n"), ("four:", "five:")],
    );
    game.says("five: 4.5");
    assert_eq!(game.said(COLD), 1);
    spares(&mut game, &[true, false, true]);
    game.live(
        "types",
        &[("    speed: f32,\n", &field(3)), ("five:", "six:")],
    );
    game.says("six: 4.5");
    assert_eq!(game.said(COLD), 1);
}

#[test]
fn nothing_is_built_for_comments_and_blanks() {
    let workspace = Workspace::small();
    workspace.write(SYSTEMS, TEXT);
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    let mut game = Small::of(workspace, game);
    let built = |game: &Small| {
        let events = game.game.events();
        let built = events.iter().filter(|it| it["event"] == "build_started");
        built.count()
    };
    let unchanged = |game: &mut Small, edits: &[(&str, &str)]| {
        let event = game.edit(edits);
        assert_eq!(event["event"], "unchanged", "{event}");
        event["generation"].clone()
    };
    // Twice, before and after an edit.
    for (generation, word) in [(0, "one:"), (1, "two:")] {
        let comment = format!("// Nothing {word}\n\nfn see(");
        assert_eq!(unchanged(&mut game, &[("fn see(", &comment)]), generation);
        let shorter = comment.replace("\n\n", "\n");
        assert_eq!(unchanged(&mut game, &[(&comment, &shorter)]), generation);
        assert_eq!(unchanged(&mut game, &[(&shorter, "fn see(")]), generation);
        if generation == 0 {
            assert_eq!(built(&game), 0);
            game.live("body", &[("one:", "two:")]);
            game.says("two: 4.5");
        }
        assert_eq!(built(&game), 1);
        assert!(game.said(word) > 0);
    }
    // Documentation is something that macros read.
    game.live("body", &[("/// Says what it sees.", "/// Says it.")]);
    // What was not built is not what runs: mending it is an edit.
    game.edit(&[("fn see(", "fn see((")]);
    game.live("body", &[("fn see((", "fn see(")]);
    // Code that asks where it stands has to be told.
    game.live(
        "body",
        &[(
            "\"two: {}\", ship.speed",
            "\"three: {} {}\", ship.speed, line!()",
        )],
    );
    let line = |game: &Small| {
        let text = game.text();
        let line = text.lines().position(|line| line.contains("line!()"));
        format!("three: 4.5 {}", line.unwrap() + 1)
    };
    let before = line(&game);
    game.says(&before);
    game.live("body", &[("fn see(", "// Nothing.\nfn see(")]);
    let after = line(&game);
    assert_ne!(before, after);
    game.says(&after);
}
