//! What everybody types in the first hour of a new game, end to end: from an empty
//! plugin, each edit's outcome seen in the world.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Profile, Small, Workspace};
use serde_json::Value;

/// A game that is typed from nothing, and whose executable has systems of its own.
struct Hour(Small);

impl Hour {
    fn begin() -> Self {
        let workspace = Workspace::small();
        let main = "app/src/main.rs";
        let plugin = "    .add_plugins(HotLoaderPlugin::new(systems::HOT_MODULE))\n";
        let around = format!(
            "    .add_systems(Startup, || println!(\"the window opens\"))
    .add_systems(Update, || ())
{plugin}    .add_systems(Update, || ())
    .add_systems(PostUpdate, || ())\n"
        );
        workspace.replace(main, plugin, &around);
        workspace.replace(main, "from_millis(10)", "from_millis(15)");
        let mut game = workspace.start(Profile::DEV);
        game.ready();
        Self(Small::of(workspace, game))
    }

    /// Registers something more in `plugin`, and adds items at the end, in one save.
    #[track_caller]
    fn adds(&mut self, registration: &str, items: &str) {
        let text = self.0.text();
        let plugin = text.find("fn plugin").unwrap();
        let end = plugin + text[plugin..].find(";\n}").unwrap();
        let (before, after) = text.split_at(end);
        let text = format!("{before}\n        {registration}{after}\n{items}");
        self.0.write(&text);
        self.lives("structure");
    }

    /// Replaces each first part, which stands in the text exactly once, in one save.
    #[track_caller]
    fn changes(&mut self, kind: &str, edits: &[(&str, &str)]) -> Value {
        self.0.live(kind, edits)
    }

    /// The outcome of the last save.
    #[track_caller]
    fn lives(&mut self, kind: &str) {
        let event = self.0.game.next_outcome();
        let outcome = (&event["event"], &event["kind"]);
        assert_eq!(outcome, (&"swapped".into(), &kind.into()), "{event}");
    }

    #[track_caller]
    fn says(&mut self, text: &str) {
        self.0.says(text);
    }
}

#[test]
fn the_first_hour_of_a_game() {
    let mut hour = Hour::begin();
    from_nothing_to_a_ship(&mut hour);
    rules_of_a_game(&mut hour);
    things_that_happen(&mut hour);
    more_things(&mut hour);
    types_that_change(&mut hour);
    mistakes(&mut hour);
    for once in ["the window opens", "spawned a ship", "a kit is there"] {
        assert_eq!(hour.0.said(once), 1, "{once}");
    }
}

/// The first component, systems, constant, helper and field.
fn from_nothing_to_a_ship(hour: &mut Hour) {
    hour.changes(
        "structure",
        &[(
            "fn plugin(_app: &mut App) {}",
            r#"fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn);
}

#[derive(Component, Reflect, Default)]
#[reflect(Component, Default)]
struct Ship;

fn spawn(mut commands: Commands) {
    commands.spawn(Ship);
    println!("spawned a ship");
}"#,
        )],
    );
    hour.says("spawned a ship");
    hour.adds(
        ".add_systems(Update, fly)",
        r#"fn fly(ships: Query<&Ship>) {
    println!("ships {}", ships.iter().count());
}
"#,
    );
    hour.says("ships 1");
    hour.changes("body", &[("\"ships {}\"", "\"fleet {}\"")]);
    hour.says("fleet 1");
    hour.changes(
        "body",
        &[(
            "    println!(\"fleet {}\", ships.iter().count());\n}",
            "    println!(\"fleet {}\", doubled(ships.iter().count()));\n}

const FACTOR: usize = 2;

fn doubled(number: usize) -> usize {
    number * FACTOR
}",
        )],
    );
    hour.says("fleet 2");
    hour.changes("body", &[("FACTOR: usize = 2", "FACTOR: usize = 5")]);
    hour.says("fleet 5");
    hour.changes(
        "types",
        &[
            ("struct Ship;", "struct Ship {\n    fuel: f32,\n}"),
            ("spawn(Ship)", "spawn(Ship { fuel: 9.0 })"),
        ],
    );
    hour.says("fleet 5");
    hour.changes(
        "structure",
        &[(
            "fn fly(ships: Query<&Ship>) {",
            r#"fn fly(mut ships: Query<&mut Ship>) {
    for mut ship in &mut ships {
        ship.fuel = ship.fuel.max(40.0) + 1.0;
        println!("fuel {}", ship.fuel);
    }"#,
        )],
    );
    hour.says("fuel 43");
}

/// A resource, a state, a condition, a timer.
fn rules_of_a_game(hour: &mut Hour) {
    hour.adds(
        ".init_resource::<Score>()\n        .add_systems(Update, score)",
        r#"#[derive(Resource, Reflect, Default)]
#[reflect(Resource)]
struct Score {
    points: u32,
}

fn score(mut score: ResMut<Score>, mut frames: Local<u32>) {
    *frames += 1;
    score.points += 1;
    println!("points {} after {}", score.points, *frames);
}
"#,
    );
    hour.says("points 3 after 3");
    hour.changes("body", &[("score.points += 1;", "score.points = 777_000;")]);
    hour.says("points 777000 after ");
    hour.adds(
        ".init_state::<Phase>()
        .add_systems(Update, begin.run_if(in_state(Phase::Menu)))
        .add_systems(OnEnter(Phase::Play), enter)",
        r#"#[derive(States, Clone, PartialEq, Eq, Hash, Debug, Default)]
enum Phase {
    #[default]
    Menu,
    Play,
}

fn begin(mut next: ResMut<NextState<Phase>>) {
    next.set(Phase::Play);
    println!("the menu closes");
}

fn enter() {
    println!("the game begins");
}
"#,
    );
    hour.says("the menu closes");
    hour.says("the game begins");
    hour.changes(
        "structure",
        &[(
            "(Update, score)",
            "(Update, score.run_if(in_state(Phase::Play)))",
        )],
    );
    hour.says("points ");
    hour.adds(
        ".insert_resource(Blink(Timer::from_seconds(0.05, TimerMode::Repeating)))
        .add_systems(Update, blink)",
        r#"#[derive(Resource)]
struct Blink(Timer);

fn blink(time: Res<Time>, mut blink: ResMut<Blink>) {
    if blink.0.tick(time.delta()).just_finished() {
        println!("blinked");
    }
}
"#,
    );
    hour.says("blinked");
    hour.adds(
        ".add_systems(FixedUpdate, step)",
        "fn step() {\n    println!(\"a fixed step\");\n}\n",
    );
    hour.says("a fixed step");
}

/// Messages, events, closures, order.
fn things_that_happen(hour: &mut Hour) {
    hour.adds(
        ".add_message::<Hit>()\n        .add_systems(Update, (shoot, hurt).chain())",
        r#"#[derive(Message)]
struct Hit(u32);

fn shoot(mut hits: MessageWriter<Hit>) {
    hits.write(Hit(7));
}

fn hurt(mut hits: MessageReader<Hit>) {
    for hit in hits.read() {
        println!("hit for {}", hit.0);
    }
}
"#,
    );
    hour.says("hit for 7");
    hour.adds(
        ".add_observer(on_boom)\n        .add_systems(Update, boom)",
        r#"#[derive(Event)]
struct Boom;

fn boom(mut commands: Commands) {
    commands.trigger(Boom);
}

fn on_boom(_: On<Boom>) {
    println!("it goes boom");
}
"#,
    );
    hour.says("it goes boom");
    hour.changes("body", &[("\"it goes boom\"", "\"it goes bang\"")]);
    hour.says("it goes bang");
    hour.adds(".add_systems(Update, || println!(\"closure one\"))", "");
    hour.says("closure one");
    hour.changes("structure", &[("closure one", "closure two")]);
    hour.says("closure two");
    hour.adds(
        ".configure_sets(Update, (Step::Early, Step::Late).chain())
        .add_systems(Update, (last.in_set(Step::Late), first.in_set(Step::Early)))",
        r#"#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
enum Step {
    Early,
    Late,
}

fn first(mut score: ResMut<Score>) {
    score.points = 1;
}

fn last(score: Res<Score>) {
    println!("at last {}", score.points);
}
"#,
    );
    hour.says("at last ");
    hour.changes("structure", &[("FixedUpdate, step", "PostUpdate, step")]);
    hour.says("a fixed step");
}

/// Startup systems, bundles, children, files: what is new runs once.
fn more_things(hour: &mut Hour) {
    hour.adds(
        ".add_systems(Startup, equip)\n        .add_systems(Update, armed)",
        r#"#[derive(Component)]
struct Armed;

#[derive(Bundle)]
struct Kit {
    name: Name,
    armed: Armed,
}

fn equip(mut commands: Commands) {
    commands.spawn(Kit {
        name: Name::new("kit"),
        armed: Armed,
    });
    println!("a kit is there");
}

fn armed(all: Query<&Name, With<Armed>>) {
    println!("armed {}", all.iter().count());
}
"#,
    );
    hour.says("armed 1");
    hour.adds(
        ".add_systems(PostStartup, family)\n        .add_systems(Update, kids)",
        r#"#[derive(Component)]
struct Kid;

#[derive(Component)]
struct House;

fn family(mut commands: Commands) {
    commands.spawn((House, children![Kid, Kid]));
}

fn kids(houses: Query<&Children, With<House>>, kids: Query<&Kid>) {
    for children in &houses {
        println!("kids {}", children.iter().filter(|kid| kids.contains(*kid)).count());
    }
}
"#,
    );
    hour.says("kids 2");
    hour.0.workspace.write(
        "systems/src/enemy.rs",
        r#"//! Enemies.

use bevy::prelude::*;

pub struct EnemyPlugin;

impl Plugin for EnemyPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Startup, spawn).add_systems(Update, count);
    }
}

#[derive(Component, Clone, Copy, Debug)]
pub enum Mood {
    Calm,
    Angry(u8),
}

fn spawn(mut commands: Commands) {
    commands.spawn(Mood::Calm);
    commands.spawn(Mood::Angry(3));
}

fn count(moods: Query<&Mood>) {
    let mut moods: Vec<String> = moods.iter().map(|mood| format!("{mood:?}")).collect();
    moods.sort();
    println!("moods {moods:?}");
}
"#,
    );
    hour.0.game.skip_events();
    hour.adds(".add_plugins(enemy::EnemyPlugin)", "mod enemy;\n");
    hour.says("moods [\"Angry(3)\", \"Calm\"]");
}

/// Fields and variants that come and go, names that change, with the values that live.
fn types_that_change(hour: &mut Hour) {
    let enemy = "systems/src/enemy.rs";
    let before = hour.0.workspace.read(enemy);
    let text = before.replace("pub enum Mood {\n", "pub enum Mood {\n    Bored,\n");
    let text = text.replace("moods {moods:?}", "they feel {moods:?}");
    hour.0.workspace.write(enemy, &text);
    hour.lives("types");
    hour.says("they feel [\"Angry(3)\", \"Calm\"]");
    hour.changes(
        "types",
        &[
            ("    fuel: f32,\n", "    fuel: f32,\n    hull: u32,\n"),
            ("fuel: 9.0 }", "fuel: 9.0, hull: 5 }"),
            ("\"fuel {}\"", "\"full {}\""),
        ],
    );
    hour.says("full ");
    hour.changes(
        "types",
        &[
            ("    fuel: f32,\n    hull: u32,\n", "    fuel: f32,\n"),
            ("fuel: 9.0, hull: 5 }", "fuel: 9.0 }"),
            ("\"full {}\"", "\"again {}\""),
        ],
    );
    hour.says("again ");
    // By the editor's rename.
    let text = hour.0.text().replace("Armed", "Equipped");
    hour.0.write(&text.replace("armed {}", "equipped {}"));
    hour.lives("types");
    hour.says("equipped 1");
    hour.says("kids 2");
}

/// What goes wrong on the way, and is taken back.
fn mistakes(hour: &mut Hour) {
    let good = hour.0.text();
    let failed = hour.0.edit(&[("fn enter() {", "fn enter( {")]);
    assert_eq!(failed["event"], "build_failed", "{failed}");
    hour.0.write(&good.replace("closure two", "closure three"));
    hour.lives("structure");
    hour.says("closure three");
    let failed = hour.0.edit(&[("next.set(", "nxt.set(")]);
    assert_eq!(failed["event"], "build_failed", "{failed}");
    hour.0.write(&good);
    hour.lives("structure");
    hour.says("closure two");

    hour.changes(
        "body",
        &[(
            "    println!(\"a fixed step\");",
            "    panic!(\"stumbled\");",
        )],
    );
    let panicked = hour.0.game.next_event("panicked", &["snapshot"]);
    assert_eq!(panicked["system"], "systems::step", "{panicked}");
    hour.changes(
        "body",
        &[(
            "    panic!(\"stumbled\");",
            "    println!(\"on its feet\");",
        )],
    );
    hour.says("on its feet");
    hour.changes(
        "structure",
        &[("\n        .add_systems(PostUpdate, step)", "")],
    );
    let text = hour.0.text();
    let plugin = "\n        .add_systems(Update, kids)";
    hour.0.write(&text.replace(
        plugin,
        &format!("\n        .add_systems(PostUpdate, step){plugin}"),
    ));
    hour.lives("structure");
    hour.says("on its feet");
}
