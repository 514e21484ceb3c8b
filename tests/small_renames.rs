//! Types that are renamed or moved while their values live, what an edit takes away and an
//! undo brings back, and what a refusal says, end to end.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::Small;
use serde_json::Value;

/// Saves a text and waits for the outcome.
fn save(small: &mut Small, text: &str) -> Value {
    small.save(text);
    small.game.next_outcome()
}

/// As [`save`]; it must be an edit of types that goes live.
#[track_caller]
fn retype(small: &mut Small, text: &str) -> Value {
    let event = save(small, text);
    assert_eq!(
        (&event["event"], &event["kind"]),
        (&"swapped".into(), &"types".into()),
        "{event}"
    );
    event
}

/// Replaces all that is there of each first part, which must be something.
fn with(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "`{from}` in\n{text}");
        text.replace(from, to)
    })
}

fn list<'a>(event: &'a Value, list: &str) -> Vec<&'a str> {
    let list = event["state"][list].as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

#[track_caller]
fn refused(event: &Value, parts: &[&str]) -> String {
    assert_eq!(event["event"], "refused", "{event}");
    let reason = event["reason"].as_str().unwrap();
    for part in parts {
        assert!(reason.contains(part), "`{part}` in {reason}");
    }
    reason.to_owned()
}

const RENAMED: &str = r#"
#[derive(Component)]
struct Speed {
    x: f32,
}

#[derive(Component)]
struct Label {
    text: String,
}

#[derive(Component)]
struct Mark;

#[derive(Component, Reflect, Default)]
#[reflect(Component, Default)]
struct Seen {
    name: String,
    often: u32,
}

struct Item {
    weight: u32,
}

#[derive(Component)]
struct Bag(Vec<Item>);

#[derive(Component)]
#[relationship(relationship_target = Owns)]
struct OwnedBy(Entity);

#[derive(Component)]
#[relationship_target(relationship = OwnedBy)]
struct Owns(Vec<Entity>);

#[derive(Resource)]
struct Score(u32);

#[derive(States, Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Screen {
    #[default]
    Menu,
    Play,
}

#[derive(Component)]
struct Left {
    v: u32,
}

#[derive(Component)]
struct Right {
    v: u32,
}

fn plugin(app: &mut App) {
    app.init_state::<Screen>()
        .insert_resource(Score(0))
        .add_systems(Startup, spawn)
        .add_systems(OnEnter(Screen::Play), entered)
        .add_systems(Update, (tell, tell_more, tell_sides));
}

fn spawn(mut commands: Commands, mut next: ResMut<NextState<Screen>>, mut score: ResMut<Score>) {
    next.set(Screen::Play);
    score.0 = 7;
    let owner = commands.spawn((Speed { x: 1.5 }, Label { text: "one".into() }, Mark)).id();
    commands.spawn((Speed { x: 2.5 }, Bag(vec![Item { weight: 3 }, Item { weight: 4 }]), OwnedBy(owner)));
    commands.spawn(Seen { name: "it".into(), often: 9 });
    commands.spawn((Left { v: 1 }, Right { v: 2 }));
}

fn entered() {
    println!("play begins");
}

fn tell(speeds: Query<&Speed>, labels: Query<&Label>, marks: Query<&Mark>, bags: Query<&Bag>) {
    let mut speeds: Vec<f32> = speeds.iter().map(|it| it.x).collect();
    speeds.sort_by(f32::total_cmp);
    let labels: Vec<&String> = labels.iter().map(|it| &it.text).collect();
    let bags: Vec<u32> = bags.iter().flat_map(|it| &it.0).map(|it| it.weight).collect();
    println!("v0 speeds={speeds:?} labels={labels:?} marks={} bags={bags:?}", marks.iter().count());
}

fn tell_more(
    seen: Query<&Seen>,
    owners: Query<&Owns>,
    owned: Query<&OwnedBy>,
    score: Res<Score>,
    screen: Res<State<Screen>>,
) {
    let seen: Vec<_> = seen.iter().map(|it| (&it.name, it.often)).collect();
    let owners: Vec<usize> = owners.iter().map(|it| it.len()).collect();
    let owned = owned.iter().filter(|it| it.0 != Entity::PLACEHOLDER).count();
    println!("v0 seen={seen:?} owners={owners:?} owned={owned} score={} play={}", score.0, *screen.get() == Screen::Play);
}

fn tell_sides(left: Query<&Left>, right: Query<&Right>) {
    let sum = |values: Vec<u32>| values.iter().sum::<u32>();
    println!("v0 left={} right={}", sum(left.iter().map(|it| it.v).collect()), sum(right.iter().map(|it| it.v).collect()));
}
"#;

/// What the game prints as long as nothing is lost.
#[track_caller]
fn all_there(small: &mut Small, version: &str) {
    small.says(&format!(
        "{version} speeds=[1.5, 2.5] labels=[\"one\"] marks=1 bags=[3, 4]"
    ));
    small.says(&format!(
        "{version} seen=[(\"it\", 9)] owners=[1] owned=1 score=7 play=true"
    ));
    small.says(&format!("{version} left=1 right=2"));
}

/// The same with these types in a module of their own.
fn in_module(text: &str, names: &[&str]) -> String {
    let mut text = text.to_owned();
    let mut module = String::from("\nmod parts {\n    use super::*;\n");
    for name in names {
        let at = text.find(&format!("struct {name}")).unwrap();
        let begin = text[..at].rfind("\n\n").unwrap();
        let end = at + text[at..].find("\n\n").unwrap();
        let item = text[begin..end].replace("struct ", "pub struct ");
        let item = item
            .replace("    text:", "    pub text:")
            .replace("    weight:", "    pub weight:");
        let item = item.replace("(Entity)", "(pub Entity)");
        module.push_str(&item);
        text.replace_range(begin..end, "");
    }
    format!("{text}{module}\n}}\nuse parts::*;\n")
}

#[test]
fn renamed_and_moved_types_keep_their_values() {
    let mut small = Small::start(RENAMED);
    all_there(&mut small, "v0");

    // One name, everywhere.
    let text = with(RENAMED, &[("Speed", "Velocity"), ("v0", "v1")]);
    let event = retype(&mut small, &text);
    all_there(&mut small, "v1");
    assert_eq!(
        list(&event, "assumed"),
        ["systems::Speed -> systems::Velocity"]
    );
    assert_eq!(list(&event, "reset"), [""; 0], "{event}");

    // Many at once: moved to a module, a generic argument of the engine's, the element of a
    // list, a relationship, a reflected one, a resource.
    let text = with(
        &text,
        &[
            ("Screen", "Stage"),
            ("Seen", "Spotted"),
            ("Score", "Points"),
            ("v1", "v2"),
        ],
    );
    let text = in_module(&text, &["Label", "Mark", "Item", "OwnedBy", "Owns"]);
    let event = retype(&mut small, &text);
    all_there(&mut small, "v2");
    for renamed in [
        "systems::Screen -> systems::Stage",
        "systems::Label -> systems::parts::Label",
        "systems::Item -> systems::parts::Item",
        "systems::Owns -> systems::parts::Owns",
    ] {
        assert!(list(&event, "assumed").contains(&renamed), "{event}");
    }
    assert_eq!(list(&event, "reset"), [""; 0], "{event}");
    assert_eq!(
        small.said("play begins"),
        1,
        "the state was not entered again"
    );

    // Two that could be either are a matter for whoever wrote them.
    let sides = with(&text, &[("Left", "West"), ("Right", "East"), ("v2", "v3")]);
    let event = save(&mut small, &sides);
    refused(
        &event,
        &["systems::Left", "systems::East", "@Was(\"systems::Left\")"],
    );
    all_there(&mut small, "v2");
    let said = with(
        &sides,
        &[
            (
                "#[derive(Component)]\nstruct West",
                "#[derive(Component, Reflect)]\n#[reflect(Component, @hot_loader::Was(\"Left\"))]\nstruct West",
            ),
            (
                "#[derive(Component)]\nstruct East",
                "#[derive(Component, Reflect)]\n#[reflect(Component, @hot_loader::Was(\"systems::Right\"))]\nstruct East",
            ),
        ],
    );
    let event = retype(&mut small, &said);
    all_there(&mut small, "v3");
    assert_eq!(list(&event, "assumed"), [""; 0], "it was said");

    // A name that fits nothing is named while values wait for it.
    let tag = with(
        &said,
        &[
            (
                "#[derive(Component)]\nstruct Velocity {",
                "#[derive(Component, Reflect, Default)]\n#[reflect(Component, Default, @hot_loader::Was(\"Velocty\"))]\nstruct Pace {\n    y: f32,",
            ),
            ("Velocity { x: 1.5 }", "Pace { x: 1.5, y: 0.0 }"),
            ("Velocity { x: 2.5 }", "Pace { x: 2.5, y: 0.0 }"),
            ("Velocity", "Pace"),
            ("\"Velocty\"", "\"Velocity_\""),
            ("v3", "v4"),
        ],
    );
    let event = save(&mut small, &tag);
    refused(&event, &["Velocity_", "systems::Velocity"]);
    let event = retype(&mut small, &tag.replace("Velocity_", "Velocity"));
    all_there(&mut small, "v4");
    assert_eq!(list(&event, "assumed"), [""; 0], "{event}");

    // All of it undone. Nothing is named again and again.
    let event = retype(&mut small, &RENAMED.replace("v0", "v5"));
    all_there(&mut small, "v5");
    assert_eq!(list(&event, "reset"), ["systems::Speed.y"], "{event}");
    assert_eq!(
        list(&event, "assumed"),
        [""; 0],
        "they were one before: {event}"
    );
}

const WORDS: &str = r#"
use std::marker::PhantomData;

#[derive(Component)]
struct Plain {
    a: u32,
}

trait Mind: Send + Sync {
    fn think(&self) -> u32;
}

struct Slow;

impl Mind for Slow {
    fn think(&self) -> u32 {
        5
    }
}

#[derive(Component)]
struct Brain(Box<dyn Mind>);

#[derive(Component)]
struct OnHit(Box<dyn Fn(u32) -> u32 + Send + Sync>);

struct Mana(u32);

#[derive(Resource)]
struct Named<T>(&'static str, PhantomData<T>);

fn plugin(app: &mut App) {
    app.insert_resource(Named::<Mana>("none", PhantomData))
        .add_systems(Startup, spawn)
        .add_systems(Update, tell);
}

fn spawn(mut commands: Commands, mut named: ResMut<Named<Mana>>) {
    named.0 = "mana";
    commands.spawn((Plain { a: 1 }, Brain(Box::new(Slow)), OnHit(Box::new(|n| n + 1))));
}

fn tell(plain: Query<&Plain>, brains: Query<&Brain>, hits: Query<&OnHit>, named: Res<Named<Mana>>) {
    let plain: Vec<_> = plain.iter().map(|it| it.a).collect();
    let thoughts: Vec<_> = brains.iter().map(|it| it.0.think()).collect();
    let hits: Vec<_> = hits.iter().map(|it| (it.0)(1)).collect();
    println!("v0 plain={plain:?} thoughts={thoughts:?} hits={hits:?} named={}", named.0);
}
"#;

#[test]
fn refusals_say_what_is_true_and_advise_what_can_be_done() {
    let mut small = Small::start(WORDS);
    small.says("v0 plain=[1] thoughts=[5] hits=[2] named=mana");
    // Boxed code is the running generation's, over its types.
    let edits = [("    a: u32,", "    a: u64,"), ("v0", "v1")];
    let reason = refused(
        &save(&mut small, &with(WORDS, &edits)),
        &[
            "systems::Brain (1 value)",
            "`dyn systems::Mind`",
            "systems::OnHit",
            "reset_on_change",
        ],
    );
    assert!(
        !reason.contains("Reflect"),
        "it cannot be derived: {reason}"
    );
    assert!(
        !reason.contains("systems::Named"),
        "nothing is in its way: {reason}"
    );
    // What is advised works, and what only marks a type that changed moves as it is.
    let edits = [
        ("    a: u32,", "    a: u64,"),
        ("struct Mana(u32);", "struct Mana(u64);"),
        (
            "app.insert_resource",
            "use hot_loader::AppExtMigration;\n    app.reset_on_change::<Brain>().reset_on_change::<OnHit>();\n    app.insert_resource",
        ),
        (
            "fn plugin(",
            "impl Default for Brain {\n    fn default() -> Self {\n        Brain(Box::new(Slow))\n    }\n}\n\nimpl Default for OnHit {\n    fn default() -> Self {\n        OnHit(Box::new(|n| n + 10))\n    }\n}\n\nfn plugin(",
        ),
        ("v0", "v1"),
    ];
    let event = retype(&mut small, &with(WORDS, &edits));
    small.says("v1 plain=[1] thoughts=[5] hits=[11] named=mana");
    assert_eq!(
        list(&event, "reset"),
        ["systems::Brain", "systems::OnHit"],
        "{event}"
    );
}

const TAKEN: &str = r#"
#[derive(Component)]
struct Button {
    a: u32,
    b: u32,
}

#[derive(Component)]
enum Mood {
    Calm,
    Says(u32),
}

/// Owns something, and is seen by reflection.
#[derive(Component, Reflect)]
#[reflect(Component)]
struct Bag {
    name: String,
    items: Vec<String>,
}

#[derive(Component)]
struct Gone(u32);

#[derive(Resource)]
struct Score(u32);

#[derive(Component)]
struct Other(u32);

fn plugin(app: &mut App) {
    app.insert_resource(Score(0))
        .add_systems(Startup, spawn)
        .add_systems(Update, (tell, tell_gone, tell_score));
}

fn spawn(mut commands: Commands, mut score: ResMut<Score>) {
    score.0 = 7;
    for n in 0..2 {
        commands.spawn(Button { a: n, b: 40 + n });
        commands.spawn(Mood::Says(5 + n));
    }
    commands.spawn(Mood::Calm);
    commands.spawn(Bag { name: "bag".into(), items: vec!["axe".into()] });
    commands.spawn((Gone(3), Other(1)));
}

fn tell(buttons: Query<&Button>, moods: Query<&Mood>, bags: Query<&Bag>, others: Query<&Other>) {
    let mut buttons: Vec<_> = buttons.iter().map(|it| (it.a, it.b)).collect();
    buttons.sort();
    let mut moods: Vec<_> = moods.iter().map(|it| match it { Mood::Calm => 0, Mood::Says(n) => *n }).collect();
    moods.sort();
    let bags: Vec<_> = bags.iter().map(|it| (&it.name, &it.items)).collect();
    println!("v0 buttons={buttons:?} moods={moods:?} bags={bags:?} others={}", others.iter().map(|it| it.0).sum::<u32>());
}

fn tell_gone(gone: Query<&Gone>) {
    println!("v0 gone={:?}", gone.iter().map(|it| it.0).collect::<Vec<_>>());
}

fn tell_score(score: Res<Score>) {
    println!("v0 score={}", score.0);
}
"#;

#[test]
fn what_an_edit_took_away_comes_back_when_it_is_undone() {
    let mut small = Small::start(TAKEN);
    small
        .says("v0 buttons=[(0, 40), (1, 41)] moods=[0, 5, 6] bags=[(\"bag\", [\"axe\"])] others=1");
    small.says("v0 score=7");

    // A field, the payload of a variant, a field that owns something.
    let less = with(
        TAKEN,
        &[
            ("    b: u32,\n", ""),
            ("Button { a: n, b: 40 + n }", "Button { a: n }"),
            ("(it.a, it.b)", "it.a"),
            ("    Says(u32),", "    Says,"),
            ("Mood::Says(5 + n)", "Mood::Says"),
            ("Mood::Says(n) => *n", "Mood::Says => 1"),
            ("    items: Vec<String>,\n", ""),
            (", items: vec![\"axe\".into()]", ""),
            ("(&it.name, &it.items)", "&it.name"),
            ("v0", "v1"),
        ],
    );
    let event = retype(&mut small, &less);
    small.says("v1 buttons=[0, 1] moods=[0, 1, 1] bags=[\"bag\"] others=1");
    for lost in ["systems::Button.b", "systems::Bag.items"] {
        assert!(list(&event, "reset").contains(&lost), "{event}");
    }
    // Meanwhile one comes that never had them; a component and a resource go, too.
    let fewer = with(
        &less,
        &[
            ("#[derive(Component)]\nstruct Gone(u32);\n\n", ""),
            ("#[derive(Resource)]\nstruct Score(u32);\n\n", ""),
            (
                "app.insert_resource(Score(0))\n        .add_systems",
                "app.add_systems",
            ),
            (", tell_gone, tell_score)", ", late)"),
            (
                "(mut commands: Commands, mut score: ResMut<Score>)",
                "(mut commands: Commands)",
            ),
            ("    score.0 = 7;\n", ""),
            ("(Gone(3), Other(1))", "Other(1)"),
            (
                "fn tell_gone(gone: Query<&Gone>) {\n    println!(\"v1 gone={:?}\", gone.iter().map(|it| it.0).collect::<Vec<_>>());\n}\n",
                "",
            ),
            (
                "fn tell_score(score: Res<Score>) {\n    println!(\"v1 score={}\", score.0);\n}\n",
                "fn late(mut commands: Commands, buttons: Query<(Entity, &Button)>) {\n    if buttons.iter().all(|(_, it)| it.a != 9) {\n        commands.spawn(Button { a: 9 });\n    }\n    for (entity, it) in &buttons {\n        if it.a == 0 {\n            commands.entity(entity).despawn();\n        }\n    }\n}\n",
            ),
            ("struct Other(u32)", "struct Other(u64)"),
            ("sum::<u32>()", "sum::<u64>()"),
            ("v1", "v2"),
        ],
    );
    let event = retype(&mut small, &fewer);
    small.says("v2 buttons=[1, 9] moods=[0, 1, 1] bags=[\"bag\"] others=1");
    for gone in ["systems::Gone", "systems::Score"] {
        assert!(list(&event, "reset").contains(&gone), "{event}");
    }

    // Undone, but for the type of another component: so it is a build of its own, and no
    // type is one that there was.
    let back = with(
        TAKEN,
        &[
            ("struct Other(u32)", "struct Other(i64)"),
            ("sum::<u32>()", "sum::<i64>()"),
            ("v0", "v3"),
        ],
    );
    let event = retype(&mut small, &back);
    small.says("v3 buttons=[(1, 41), (9, 0)] moods=[0, 5, 6] bags=[(\"bag\", [\"axe\"])] others=1");
    small.says("v3 gone=[3]");
    small.says("v3 score=7");
    assert!(
        list(&event, "reset").contains(&"systems::Button.b"),
        "it began at 0 once: {event}"
    );
}

const ADDED: &str = r#"
#[derive(Component)]
struct Thing {
    n: u32,
}

fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, tell);
}

fn spawn(mut commands: Commands) {
    commands.spawn(Thing { n: 1 });
}

fn tell(things: Query<&Thing>) {
    let mut all: Vec<_> = things.iter().map(|it| it.n).collect();
    all.sort();
    println!("v0 {all:?}");
}
"#;

#[test]
fn an_undo_is_not_refused_for_values_that_do_not_fit() {
    let mut small = Small::start(ADDED);
    small.says("v0 [1]");
    // A wider number, which one value needs.
    let wide = with(
        ADDED,
        &[
            ("    n: u32,", "    n: u64,"),
            ("Update, tell)", "Update, (tell, late))"),
            (
                "fn tell(",
                "fn late(mut commands: Commands, things: Query<&Thing>) {\n    if things.iter().count() == 1 {\n        commands.spawn(Thing { n: u64::MAX });\n    }\n}\n\nfn tell(",
            ),
            ("v0", "v1"),
        ],
    );
    retype(&mut small, &wide);
    small.says("v1 [1, 18446744073709551615]");
    let event = retype(&mut small, &with(ADDED, &[("v0", "v2")]));
    small.says("v2 [1]");
    assert!(list(&event, "reset").contains(&"systems::Thing"), "{event}");
    // It is kept, and there again with what has room for it.
    let event = retype(&mut small, &with(&wide, &[("v1", "v3"), ("u64::MAX", "8")]));
    small.says("v3 [1, 18446744073709551615]");
    assert!(
        list(&event, "migrated").contains(&"systems::Thing"),
        "{event}"
    );
}
