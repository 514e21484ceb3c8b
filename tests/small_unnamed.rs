//! Edits of types beside types that did not change and that no system names: they are
//! carried over as they are, whatever it is that touches them.

use hot_loader_tests::{Small, Workspace};
use serde_json::Value;

/// Markers that are only spawned, a component that an observer and a hook read, a
/// relationship of which one side is queried, an immutable component, a resource and a
/// queue of messages that no system names, and the engine's types over the module's.
const UNNAMED: &str = r#"
fn plugin(app: &mut App) {
    app.init_state::<Screen>()
        .add_message::<Unread>()
        .init_resource::<Index>()
        .add_observer(on_ask)
        .add_systems(Startup, spawn)
        .add_systems(Update, (look, ask).chain());
}

#[derive(States, Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Screen {
    #[default]
    Menu,
    Play,
}

#[derive(Component)]
struct Plain {
    at: u32,
    spare: u8,
}

#[derive(Component)]
struct OnMenu;

#[derive(Component)]
#[require(Needed)]
struct Slot(String);

#[derive(Component, Default)]
struct Needed(u8);

#[derive(Component)]
#[component(immutable, on_add = indexed)]
struct Fixed(String);

#[derive(Component)]
#[relationship(relationship_target = Owns)]
struct OwnedBy(Entity);

#[derive(Component)]
#[relationship_target(relationship = OwnedBy)]
struct Owns(Vec<Entity>);

#[derive(Resource, Default)]
struct Index(Vec<String>);

#[derive(Message)]
struct Unread(String);

#[derive(Event)]
struct Ask;

fn indexed(mut world: bevy::ecs::world::DeferredWorld, context: bevy::ecs::lifecycle::HookContext) {
    let name = world.get::<Fixed>(context.entity).unwrap().0.clone();
    world.resource_mut::<Index>().0.push(name);
}

fn spawn(world: &mut World) {
    let owner = world.spawn((OnMenu, Slot("one".into()), Fixed("first".into()))).id();
    world.spawn((OnMenu, DespawnOnExit(Screen::Menu), OwnedBy(owner)));
    world.spawn(DespawnWhen::new(|_: &StateTransitionEvent<Screen>| false));
    for at in 0..20 {
        world.spawn(Plain { at, spare: 0 });
    }
}

fn look(plains: Query<&Plain>, owns: Query<&Owns>, mut ticks: Local<u32>) {
    *ticks += 1;
    if *ticks % 40 != 1 {
        return;
    }
    let order: Vec<String> = plains.iter().map(|plain| plain.at.to_string()).collect();
    let owned: usize = owns.iter().map(|owns| owns.0.len()).sum();
    println!("plains={} owned={owned} v=1", order.join(","));
}

fn ask(mut commands: Commands, mut ticks: Local<u32>) {
    *ticks += 1;
    if *ticks % 40 == 1 {
        commands.trigger(Ask);
    }
}

fn on_ask(_: On<Ask>, mut commands: Commands) {
    commands.queue(|world: &mut World| {
        let mut slots = world.query::<(&Slot, &Fixed, &Needed)>();
        let slots: Vec<_> = slots
            .iter(world)
            .map(|(slot, fixed, _)| format!("{}/{}", slot.0, fixed.0))
            .collect();
        let menus = world.query_filtered::<(), With<OnMenu>>().iter(world).count();
        let index = world.resource::<Index>().0.len();
        world.write_message(Unread("read by nobody".into()));
        let unread = world.resource::<Messages<Unread>>().len();
        println!("slots={slots:?} menus={menus} index={index} unread={unread} v=1");
    });
}
"#;

/// A component that an edit changes, its values in the order in which they were spawned.
fn plains() -> String {
    let order: Vec<String> = (0..20).map(|at| at.to_string()).collect();
    format!("plains={}", order.join(","))
}

fn has(list: &Value, name: &str) -> bool {
    let mut list = list.as_array().into_iter().flatten();
    list.any(|it| it == name)
}

#[test]
pub fn types_that_no_system_names_are_carried_over_as_they_are() {
    let mut small = Small::start(UNNAMED);
    let plains = plains();
    small.says(&format!("{plains} owned=1 v=1"));
    small.says("slots=[\"one/first\"] menus=2 index=1 unread=1 v=1");

    let event = small.live(
        "types",
        &[
            ("    spare: u8,\n", ""),
            ("Plain { at, spare: 0 }", "Plain { at }"),
            ("owned={owned} v=1", "owned={owned} v=2"),
            ("unread={unread} v=1", "unread={unread} v=2"),
        ],
    );
    let state = &event["state"];
    for name in ["OnMenu", "Slot", "Needed", "Fixed", "OwnedBy", "Index"] {
        assert!(
            has(&state["kept"], &format!("systems::{name}")),
            "{name}: {event}"
        );
    }
    let despawn_when = "bevy_state::state_scoped::DespawnWhen<systems::Screen>";
    assert!(has(&state["reset"], despawn_when), "{event}");
    small.says(&format!("{plains} owned=1 v=2"));
    small.says("slots=[\"one/first\"] menus=2 ");
    // The engine's own update of the queue goes on.
    small.says(" unread=1 v=2");

    small.live(
        "types",
        &[
            ("    at: u32,\n", "    at: u64,\n"),
            ("owned={owned} v=2", "owned={owned} v=3"),
            (
                "commands.trigger(Ask);",
                "commands.set_state(Screen::Play);\n        commands.trigger(Ask);",
            ),
            ("unread={unread} v=2", "unread={unread} v=3"),
        ],
    );
    small.says(&format!("{plains} owned=1 v=3"));
    // What was to go with the state does.
    small.says("slots=[\"one/first\"] menus=1 ");
    small.says(" unread=1 v=3");
}

/// An asset type of the game, and its loader.
const LEVELS: &str = r#"
use bevy::asset::{AssetLoader, LoadContext, io::Reader};

fn plugin(app: &mut App) {
    app.init_asset::<Level>()
        .init_asset_loader::<LevelLoader>()
        .add_systems(Startup, spawn)
        .add_systems(Update, look);
}

#[derive(Component)]
struct Mob {
    hp: u32,
}

#[derive(Asset, TypePath)]
struct Level(u32);

#[derive(Resource)]
struct Current(Handle<Level>);

#[derive(Default, TypePath)]
struct LevelLoader;

impl AssetLoader for LevelLoader {
    type Asset = Level;
    type Settings = ();
    type Error = std::io::Error;

    async fn load(
        &self,
        reader: &mut dyn Reader,
        _: &(),
        _: &mut LoadContext<'_>,
    ) -> Result<Level, std::io::Error> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).await?;
        Ok(Level(parse(&bytes)))
    }

    fn extensions(&self) -> &[&str] {
        &["lvl"]
    }
}

fn parse(bytes: &[u8]) -> u32 {
    bytes.len() as u32
}

fn spawn(mut commands: Commands, mut levels: ResMut<Assets<Level>>) {
    commands.insert_resource(Current(levels.add(Level(7))));
    commands.spawn(Mob { hp: 3 });
}

fn look(
    levels: Res<Assets<Level>>,
    current: Res<Current>,
    mobs: Query<&Mob>,
    mut ticks: Local<u32>,
) {
    *ticks += 1;
    if *ticks % 40 == 1 {
        let level = levels.get(&current.0).map(|level| level.0);
        let hp: Vec<_> = mobs.iter().map(|mob| mob.hp).collect();
        println!("level={level:?} hp={hp:?} v=1");
    }
}
"#;

#[test]
fn an_edited_loader_is_named_and_asset_types_are_named_where_types_change() {
    let mut small = Small::start(LEVELS);
    small.says("level=Some(7) hp=[3] v=1");
    for (from, to) in [
        ("bytes.len() as u32", "bytes.len() as u32 + 1"),
        (
            "let mut bytes = Vec::new();",
            "println!(\"loads\");\n        let mut bytes = Vec::new();",
        ),
        ("&[\"lvl\"]", "&[\"lvl\", \"map\"]"),
    ] {
        let event = small.edit(&[(from, to)]);
        assert_eq!(event["event"], "swapped", "{from}: {event}");
        assert!(
            has(&event["stale"], "asset loader systems::LevelLoader"),
            "{event}"
        );
    }

    let event = small.edit(&[("hp: u32", "hp: u64")]);
    assert_eq!(event["event"], "restart_needed", "{event}");
    assert!(
        event["reason"]
            .as_str()
            .unwrap()
            .contains("systems::Level)"),
        "{event}"
    );

    small.edit(&[("hp: u64", "hp: u32"), ("v=1", "v=2")]);
    small.says("level=Some(7) hp=[3] v=2");
}

#[test]
fn asset_types_that_nobody_uses_move_without_a_word() {
    let levels = LEVELS
        .replace(
            "commands.insert_resource(Current(levels.add(Level(7))));",
            "let gone = levels.add(Level(7));\n    drop(gone);\n    commands.insert_resource(Current(None));",
        )
        .replace("Current(Handle<Level>)", "Current(Option<UntypedHandle>)")
        .replace(
            "levels.get(&current.0)",
            "current.0.as_ref().and_then(|level| levels.get(level.id().typed()))",
        )
        .replace(
            ".add_systems(Update, look)",
            ".add_systems(Update, (look, load))",
        );
    let levels = format!(
        "{levels}\nfn load(mut current: ResMut<Current>, server: Res<AssetServer>) {{
    if WHEN && current.0.is_none() {{
        current.0 = Some(server.load::<Level>(\"first.lvl\").untyped());
    }}
}}\n\nconst WHEN: bool = false;\n"
    );
    let workspace = Workspace::small();
    workspace.write("app/assets/first.lvl", "four");
    let mut small = Small::start_in(workspace, &levels);
    small.says("level=None hp=[3] v=1");

    // The type, its loader and what stands beside them are all new, and so again.
    for (from, to) in [
        (("hp: u32", "hp: u64"), ("v=1", "v=2")),
        (("struct Level(u32)", "struct Level(u64)"), ("v=2", "v=3")),
    ] {
        let edits = match from.0.starts_with("hp") {
            true => vec![from, to],
            false => vec![
                from,
                to,
                (
                    "-> u32 {\n    bytes.len() as u32",
                    "-> u64 {\n    bytes.len() as u64",
                ),
            ],
        };
        let event = small.live("types", &edits);
        let named = [&event["state"]["reset"], &event["stale"]];
        let named = named.map(|list| list.as_array().map_or(0, Vec::len));
        assert_eq!(named, [0, 0], "{event}");
        small.says(&format!("level=None hp=[3] {}", to.1));
    }

    // Undone, it is the first type again, with its first loader.
    small.live(
        "types",
        &[
            ("struct Level(u64)", "struct Level(u32)"),
            (
                "-> u64 {\n    bytes.len() as u64",
                "-> u32 {\n    bytes.len() as u32",
            ),
            ("hp: u64", "hp: u32"),
            ("v=3", "v=4"),
        ],
    );
    small.says("level=None hp=[3] v=4");
    small.live(
        "types",
        &[
            ("hp: u32", "hp: u64"),
            ("bytes.len() as u32", "bytes.len() as u32 + 1"),
            ("v=4", "v=5"),
        ],
    );

    // The new loader is asked.
    small.live(
        "body",
        &[("WHEN: bool = false", "WHEN: bool = true"), ("v=5", "v=6")],
    );
    small.says("level=Some(5) hp=[3] v=6");
    let event = small.edit(&[("hp: u64", "hp: u32")]);
    assert_eq!(event["event"], "restart_needed", "{event}");
    assert!(
        event["reason"]
            .as_str()
            .unwrap()
            .contains("systems::Level)"),
        "{event}"
    );
}

#[test]
fn a_loader_of_others_assets_is_named_where_types_change_too() {
    const OTHERS: &str = "bevy::asset::LoadedUntypedAsset";
    let loader = [
        (
            "app.init_asset::<Level>()\n        .init_asset_loader",
            "app.init_asset_loader",
        ),
        ("type Asset = Level", &format!("type Asset = {OTHERS}")),
        ("Result<Level, ", &format!("Result<{OTHERS}, ")),
        (
            "Ok(Level(parse(&bytes)))",
            &format!(
                "println!(\"{{}}\", parse(&bytes));\n        Ok({OTHERS} {{ handle: Handle::<{OTHERS}>::default().untyped() }})"
            ),
        ),
        (", mut levels: ResMut<Assets<Level>>", ""),
        (
            "commands.insert_resource(Current(levels.add(Level(7))));",
            "",
        ),
        (
            "    levels: Res<Assets<Level>>,\n    current: Res<Current>,\n",
            "",
        ),
        ("levels.get(&current.0).map(|level| level.0)", "Some(1)"),
    ];
    let text = loader.iter().fold(LEVELS.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}`");
        text.replace(from, to)
    });
    let mut small = Small::start(&text);
    small.says("level=Some(1) hp=[3] v=1");
    let event = small.live(
        "types",
        &[
            ("hp: u32", "hp: u64"),
            ("bytes.len() as u32", "bytes.len() as u32 + 1"),
        ],
    );
    assert!(
        has(&event["stale"], "asset loader systems::LevelLoader"),
        "{event}"
    );
}
