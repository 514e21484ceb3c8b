//! Code that must not run, and panics that are told with their place, end to end.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Profile, Small, Workspace};
use serde_json::Value;

/// What comes before the outcome of an edit here.
const PASSING: [&str; 4] = ["edit", "build_started", "snapshot", "panicked"];

const SYSTEMS: &str = r#"#[derive(Component)]
struct Mob;

struct Picky;

impl FromWorld for Picky {
    fn from_world(_: &mut World) -> Self {
        panic!("by test");
    }
}

fn plugin(app: &mut App) {
    app.add_systems(Startup, listen)
        .add_systems(Update, (tick, twice, picky, asked.run_if(is_picky)));
}

fn listen() {
    std::panic::set_hook(Box::new(|_| println!("the game heard of it")));
}

fn tick() {
    println!("tick 1");
}

fn twice(_one: Query<&mut Mob>, _other: Query<&mut Mob>) {
    println!("ran twice");
}

fn picky(_: Local<Picky>) {
    println!("ran picky");
}

fn asked() {
    println!("ran asked");
}

fn is_picky(_: Local<Picky>) -> bool {
    true
}
"#;

/// Starts a game in which that many systems and conditions panic before it is ready.
fn start(panics: usize) -> Small {
    let workspace = Workspace::small();
    let text = workspace.read("systems/src/lib.rs");
    let head = text.find("fn plugin").unwrap();
    workspace.write("systems/src/lib.rs", &format!("{}{SYSTEMS}", &text[..head]));
    let mut game = workspace.start(Profile::DEV);
    game.next_event("ready", &PASSING);
    let small = Small::of(workspace, game);
    assert_eq!(panicked(&small).len(), panics, "{:?}", panicked(&small));
    small
}

fn panicked(small: &Small) -> Vec<Value> {
    let mut events = small.game.events();
    events.retain(|event| event["event"] == "panicked");
    events
}

/// Edits, and waits until the new code plays.
fn live(small: &mut Small, from: &str, to: &str) -> Value {
    let text = small.text();
    assert_eq!(text.matches(from).count(), 1, "`{from}`");
    small.write(&text.replace(from, to));
    small.game.next_event("swapped", &PASSING)
}

fn names<'a>(event: &'a Value, list: &str) -> Vec<&'a str> {
    let names = event["systems"][list].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}

#[test]
fn what_could_not_be_initialised_is_off_until_it_is_mended() {
    let mut small = start(3);
    let off = ["ran twice", "ran picky", "ran asked"];

    // A reload of other code turns nothing on.
    let swapped = live(&mut small, "tick 1", "tick 2");
    assert_eq!(swapped["kind"], "body", "{swapped}");
    let kept = names(&swapped, "kept");
    assert!(kept.contains(&"systems::tick"), "{swapped}");
    assert!(!kept.contains(&"systems::twice"), "{swapped}");
    small.says("tick 2");
    let told = panicked(&small);
    for name in ["systems::twice", "systems::picky", "systems::is_picky"] {
        let again = told.iter().filter(|event| event["system"] == name);
        assert!(again.count() >= 2, "{name} is named again: {told:?}");
    }
    assert_eq!(off.map(|what| small.said(what)), [0; 3]);

    // Mended, they are made afresh, and what is not mended stands in nobody's way.
    let swapped = live(&mut small, "panic!(\"by test\");", "Picky");
    assert!(
        names(&swapped, "reset").contains(&"systems::picky"),
        "{swapped}"
    );
    small.says("ran picky");
    small.says("ran asked");
    assert_eq!(small.said("ran twice"), 0);
    live(
        &mut small,
        "_other: Query<&mut Mob>",
        "_other: Query<Entity>",
    );
    small.says("ran twice");

    // The game's own hook hears of a panic, and its place is known.
    let before = panicked(&small).len();
    live(&mut small, "println!(\"tick 2\");", "panic!(\"tock\");");
    small.says("the game heard of it");
    small.game.until("the panic", |game| {
        let events = game.events();
        events.iter().filter(|e| e["event"] == "panicked").count() > before
    });
    let told = panicked(&small);
    let message = told[before]["message"].as_str().unwrap();
    assert!(
        message.starts_with("tock at systems/src/lib.rs:"),
        "{message}"
    );
}

#[test]
fn what_a_system_that_left_had_is_dropped_on_the_games_thread() {
    let mut game = Small::start(
        r#"fn plugin(app: &mut App) {
    app.add_systems(Update, (stays, leaves));
}

#[derive(Default)]
struct Told(u32);

impl Drop for Told {
    fn drop(&mut self) {
        println!("dropped by {:?}", std::thread::current().name());
    }
}

fn stays() {}

fn leaves(mut told: Local<Told>) {
    told.0 += 1;
}
"#,
    );
    game.live("structure", &[("(stays, leaves)", "stays")]);
    game.says("dropped by Some(\"main\")");
    assert_eq!(game.said("dropped by"), 1);
}
