//! States and observers that edits change: what they are of is entered, left and run as
//! in a game that was started with the new code.

use hot_loader_tests::Small;

const BUTTONS: &str = r#"
fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, press);
}

#[derive(Component)]
struct Button {
    a: u32,
    b: u32,
}

#[derive(EntityEvent)]
struct Click {
    entity: Entity,
}

#[derive(Event)]
struct Bell;

fn spawn(mut commands: Commands) {
    commands.add_observer(on_add);
    commands.add_observer(on_bell);
    let button = commands.spawn(Button { a: 1, b: 2 }).observe(on_click).id();
    commands.spawn(Observer::new(on_press).with_entity(button));
    commands.entity(button).observe(|_: On<Click>| println!("closure 1"));
    let kept = 7;
    commands.entity(button).observe(move |_: On<Click>| println!("captured {kept}"));
    commands.entity(button).observe((|_: On<Click>| println!("conditional")).run_if(|| true));
    commands.queue(|world: &mut World| {
        world.add_observer(on_world);
    });
}

fn on_click(click: On<Click>, buttons: Query<&Button>, mut times: Local<u32>) {
    *times += 1;
    println!("clicked 1 {:?} {}", buttons.get(click.entity).map(|button| button.a), *times);
}

fn on_press(_: On<Click>) {
    println!("pressed 1");
}

fn on_bell(_: On<Bell>) {
    println!("bell 1");
}

fn on_world(_: On<Bell>) {
    println!("world 1");
}

fn on_add(add: On<Add, Button>, buttons: Query<&Button>) {
    println!("added 1 {:?}", buttons.get(add.entity).map(|button| button.a));
}

fn press(mut commands: Commands, buttons: Query<Entity, With<Button>>, mut frame: Local<u32>) {
    *frame += 1;
    if *frame % 20 != 0 {
        return;
    }
    for entity in buttons.iter().take(1) {
        commands.trigger(Click { entity });
    }
    commands.trigger(Bell);
    commands.spawn(Button { a: 3, b: 4 });
}
"#;

#[test]
fn observers_that_the_game_added_keep_their_values_over_an_edit_of_bodies() {
    let mut small = Small::start(BUTTONS);
    small.says("clicked 1 Ok(1) 1\n");
    small.says("captured 7");
    let event = small.live(
        "body",
        &[
            ("\"clicked 1", "\"clicked 2"),
            ("\"captured {kept}", "\"caught {kept}"),
            ("\"conditional", "\"on condition"),
        ],
    );
    assert_eq!(event["systems"]["reset"], serde_json::json!([]), "{event}");
    small.says("clicked 2 Ok(1) ");
    assert_eq!(small.said("clicked 2 Ok(1) 1\n"), 0, "its `Local` is kept");
    small.says("caught 7");
    // Its condition is code of its own, which cannot be reached.
    let closure = "observer systems::spawn::{{closure}}";
    assert_eq!(event["stale"], serde_json::json!([closure]), "{event}");
}

#[test]
fn observers_that_the_game_added_follow_an_edit_of_types() {
    let mut small = Small::start(BUTTONS);
    let all = [
        "clicked",
        "pressed",
        "bell 1",
        "world 1",
        "added",
        "closure",
        "captured",
        "conditional",
    ];
    for what in all {
        small.says(what);
    }
    let closure = "observer systems::spawn::{{closure}}";
    let dead = format!("{closure} no longer runs");

    // Each event is of a new type, and each function of new code.
    let event = small.live(
        "types",
        &[
            ("    a: u32,\n", "    a: u64,\n"),
            ("\"clicked 1", "\"clicked 2"),
            ("\"added 1", "\"added 2"),
        ],
    );
    for what in [
        "clicked 2 Ok(1) 1\n",
        "pressed 1",
        "bell 1",
        "world 1",
        "added 2 Ok(3)",
        "closure 1",
    ] {
        small.says(what);
    }
    // A captured value and a condition are of the old code.
    assert_eq!(event["stale"], serde_json::json!([dead]), "{event}");
    let said = ["captured", "conditional"].map(|what| small.said(what));
    let times = small.said("closure");
    small.game.until("two more clicks", |game| {
        game.log().matches("closure").count() > times + 1
    });
    assert_eq!(
        ["captured", "conditional"].map(|what| small.said(what)),
        said
    );

    // New code, and not by a new type.
    let event = small.live("body", &[("\"pressed 1", "\"pressed 2")]);
    small.says("pressed 2");
    small.says("clicked 2 Ok(1)");
    assert_eq!(event["stale"], serde_json::json!([dead]), "{event}");

    // Undone, what was dead is of types that are there again.
    let event = small.live("types", &[("    a: u64,\n", "    a: u32,\n")]);
    for what in all {
        small.says(what);
    }
    small.says("pressed 2");
    assert_eq!(event["stale"], serde_json::json!([closure]), "{event}");
}

const STATES: &str = r#"
fn plugin(app: &mut App) {
    app.init_state::<Screen>()
        .add_systems(OnEnter(Screen::Game), || println!("enter Game"))
        .add_systems(Update, tell);
}

#[derive(States, Default, Clone, PartialEq, Eq, Hash, Debug)]
enum Screen {
    Menu,
    #[default]
    Game,
}

#[derive(Component)]
struct Mark {
    a: u32,
}

fn tell(screen: Res<State<Screen>>, marks: Query<&Mark>, mut frame: Local<u32>) {
    *frame += 1;
    if *frame % 20 == 0 {
        println!("{:?}, {} marks", screen.get(), marks.iter().map(|mark| mark.a).sum::<u32>());
    }
}
"#;

/// What is typed below `STATES` in the second edit.
const FOLLOWERS: &str = r#"
#[derive(SubStates, Default, Clone, PartialEq, Eq, Hash, Debug)]
#[source(Screen = Screen::Game)]
enum Phase {
    #[default]
    Calm,
    Storm,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct InGame(String);

impl ComputedStates for InGame {
    type SourceStates = Screen;

    fn compute(screen: Screen) -> Option<Self> {
        (screen == Screen::Game).then(|| InGame("first".into()))
    }
}

fn see(phase: Option<Res<State<Phase>>>, game: Res<State<InGame>>, mut frame: Local<u32>) {
    *frame += 1;
    if *frame % 20 == 0 {
        println!("phase {:?} in {:?}", phase.map(|phase| phase.get().clone()), game.get());
    }
}

fn in_game(game: Option<Res<State<InGame>>>) -> bool {
    game.is_some()
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Both;

impl ComputedStates for Both {
    type SourceStates = (InGame, Phase);

    fn compute((_, phase): (InGame, Phase)) -> Option<Self> {
        (phase == Phase::Calm).then_some(Both)
    }
}

fn is_both() {
    println!("enter Both");
}
"#;

/// An edit that goes live.
fn swap(small: &mut Small, edits: &[(&str, &str)]) {
    let event = small.edit(edits);
    assert_eq!(event["event"], "swapped", "{event}");
}

#[test]
fn states_that_follow_others_are_entered_and_left_when_an_edit_says_so() {
    let mut small = Small::start(STATES);
    small.says("Game, 0 marks");
    let said = |small: &Small| {
        [
            "enter Game",
            "enter Calm",
            "exit Calm",
            "enter InGame",
            "exit InGame",
            "enter Both",
        ]
        .map(|what| small.said(what))
    };
    assert_eq!(said(&small), [1, 0, 0, 0, 0, 0]);

    // Both kinds come, and what reads them sees them.
    let text = format!("    a: u32,\n}}\n{FOLLOWERS}");
    small.live(
        "structure",
        &[
            ("    a: u32,\n}\n", &text),
            (
                "        .add_systems(Update, tell);",
                "        .add_sub_state::<Phase>()
        .add_systems(OnEnter(Phase::Calm), || println!(\"enter Calm\"))
        .add_systems(OnExit(Phase::Calm), || println!(\"exit Calm\"))
        .add_computed_state::<InGame>()
        .add_systems(OnEnter(InGame(\"first\".into())), || println!(\"enter InGame\"))
        .add_systems(OnExit(InGame(\"first\".into())), || println!(\"exit InGame\"))
        .add_systems(Update, (tell, see.run_if(in_game)));",
            ),
        ],
    );
    small.says("phase Some(Calm) in InGame(\"first\")");
    assert_eq!(said(&small), [1, 1, 0, 1, 0, 0]);

    // One of two sources, both of which follow others themselves.
    small.live(
        "structure",
        &[(
            "        .add_computed_state::<InGame>()",
            "        .add_computed_state::<InGame>()
        .add_computed_state::<Both>()
        .add_systems(OnEnter(Both), is_both)",
        )],
    );
    small.says("enter Both");
    assert_eq!(said(&small), [1, 1, 0, 1, 0, 1]);

    // Another text that says the same.
    swap(
        &mut small,
        &[(
            "(screen == Screen::Game).then(",
            "(screen != Screen::Menu).then(",
        )],
    );
    small.says("phase Some(Calm)");
    assert_eq!(said(&small), [1, 1, 0, 1, 0, 1]);

    // The body of a function that only runs in a transition; what follows it follows.
    swap(
        &mut small,
        &[("screen != Screen::Menu", "screen == Screen::Menu")],
    );
    small.says("exit InGame");
    assert_eq!(said(&small), [1, 1, 0, 1, 1, 1]);
    swap(
        &mut small,
        &[("screen == Screen::Menu", "screen == Screen::Game")],
    );
    small.says("enter Both");
    assert_eq!(said(&small), [1, 1, 0, 2, 1, 2]);

    // Another value of the same state.
    swap(
        &mut small,
        &[("then(|| InGame(\"first\"", "then(|| InGame(\"other\"")],
    );
    small.says("exit InGame");
    small.says("in InGame(\"other\")");
    assert_eq!(said(&small)[..5], [1, 1, 0, 2, 2]);
    swap(
        &mut small,
        &[("then(|| InGame(\"other\"", "then(|| InGame(\"first\"")],
    );
    small.says("enter InGame");

    // The source that an attribute names.
    swap(
        &mut small,
        &[(
            "#[source(Screen = Screen::Game)]",
            "#[source(Screen = Screen::Menu)]",
        )],
    );
    small.says("exit Calm");
    small.says("phase None");
    swap(
        &mut small,
        &[(
            "#[source(Screen = Screen::Menu)]",
            "#[source(Screen = Screen::Game)]",
        )],
    );
    small.says("enter Calm");
    small.says("phase Some(Calm)");
    assert_eq!(said(&small)[..5], [1, 2, 1, 3, 2]);

    // With types that change, of which none is entered again.
    small.live(
        "types",
        &[
            ("    a: u32,\n", "    a: u64,\n"),
            ("sum::<u32>", "sum::<u64>"),
        ],
    );
    small.says("phase Some(Calm) in InGame(\"first\")");
    assert_eq!(said(&small)[..5], [1, 2, 1, 3, 2]);
    small.live(
        "types",
        &[
            ("    a: u64,\n", "    a: u16,\n"),
            ("sum::<u64>", "sum::<u16>"),
            ("screen == Screen::Game", "screen == Screen::Menu"),
        ],
    );
    small.says("exit InGame");
    assert_eq!(said(&small)[..5], [1, 2, 1, 3, 3]);
    swap(
        &mut small,
        &[("screen == Screen::Menu", "screen == Screen::Game")],
    );
    small.says("enter InGame");

    // Gone, and back.
    small.live(
        "structure",
        &[
            ("        .add_sub_state::<Phase>()\n", ""),
            ("        .add_computed_state::<Both>()\n", ""),
        ],
    );
    small.says("phase None");
    small.live(
        "structure",
        &[(
            "        .add_computed_state::<InGame>()\n",
            "        .add_sub_state::<Phase>()\n        .add_computed_state::<InGame>()\n",
        )],
    );
    small.says("enter Calm");
    small.says("phase Some(Calm)");
    assert_eq!(said(&small)[..5], [1, 3, 1, 4, 3]);
}
