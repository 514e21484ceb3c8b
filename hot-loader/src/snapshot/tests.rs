//! Worlds that are written to real files, and taken back by other worlds.

use super::{
    restore::{RestoreError, restore},
    take::take,
    write,
};
use crate::{events::HotReloadEvent, found::FoundTypes};
use bevy::{
    app::{App, TaskPoolPlugin},
    asset::{Asset, AssetApp, AssetPlugin, AssetServer, Assets, Handle},
    ecs::prelude::*,
    reflect::Reflect,
    state::{
        app::{AppExtStates, StatesPlugin},
        state::{NextState, State, States},
    },
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    time::Duration,
};

/// A folder of a test's own.
pub struct Dir(PathBuf);

impl Dir {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

pub fn dir(name: &str) -> Dir {
    let path = env::temp_dir().join(format!("hot-loader-{name}-{}", process::id()));
    fs::create_dir_all(&path).unwrap();
    Dir(path)
}

const OURS: &str = env!("CARGO_CRATE_NAME");

#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
struct Ship {
    name: String,
    #[entities]
    target: Option<Entity>,
    path: Vec<f32>,
}

/// An asset, as an image is one; without a renderer.
#[derive(Asset, Reflect)]
struct Picture;

/// Holds an asset.
#[derive(Component, Reflect)]
#[reflect(Component)]
struct Engine(Handle<Picture>);

/// Reflection sees nothing of it.
#[derive(Component)]
struct Secret;

/// Of somebody else: as far as names tell.
#[derive(Resource, Reflect, Default, Debug, PartialEq)]
#[reflect(Resource)]
struct Score {
    points: u64,
}

#[derive(Resource)]
struct Hidden;

#[derive(States, Reflect, Default, Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    #[default]
    Menu,
    Playing(u8),
}

#[derive(Resource, Default)]
struct Entered(u32);

fn app() -> App {
    let mut app = App::new();
    app.add_plugins((
        TaskPoolPlugin::default(),
        AssetPlugin::default(),
        StatesPlugin,
    ))
    .init_asset::<Picture>()
    .register_asset_reflect::<Picture>()
    .register_type::<Name>()
    .register_type::<Ship>()
    .register_type::<Engine>()
    .register_type::<Score>()
    .register_type::<Phase>()
    .init_resource::<Score>()
    .init_resource::<Entered>()
    .init_state::<Phase>()
    .add_systems(
        bevy::state::state::OnEnter(Phase::Playing(3)),
        |mut e: ResMut<Entered>| {
            e.0 += 1;
        },
    );
    app.update();
    app
}

fn written(app: &App, to: &Dir) -> (PathBuf, HotReloadEvent) {
    let taken = take(app.world(), OURS, &FoundTypes::default());
    write::write(taken, Duration::ZERO, to.path()).unwrap()
}

#[test]
fn entities_resources_and_states_are_as_they_were_in_another_world() {
    let mut first = app();
    let world = first.world_mut();
    let other = world.spawn_empty().id();
    let child = world.spawn(Name::new("flame")).id();
    let target = world
        .spawn(Ship {
            name: "target".into(),
            target: None,
            path: vec![],
        })
        .id();
    world
        .spawn(Ship {
            name: "ship".into(),
            target: Some(target),
            path: vec![1.5, -2.0],
        })
        .add_child(child);
    world.entity_mut(other).insert(Name::new("the host's"));
    world.resource_mut::<Score>().points = 7;
    world.insert_resource(Hidden);
    world
        .resource_mut::<NextState<Phase>>()
        .set(Phase::Playing(3));
    first.update();
    let to = dir("snapshot-all");
    let (file, event) = written(&first, &to);
    let HotReloadEvent::Snapshot {
        entities, missing, ..
    } = event
    else {
        panic!("{event:?}");
    };
    assert_eq!(entities, 3, "two ships and a child");
    assert!(
        missing.iter().any(|name| name.ends_with("::Hidden")),
        "{missing:?}"
    );

    let mut second = app();
    let world = second.world_mut();
    // What a fresh start set up makes room.
    world.spawn(Ship {
        name: "fresh".into(),
        target: None,
        path: vec![],
    });
    world.spawn(Name::new("the host's"));
    let event = restore(world, OURS, &FoundTypes::default(), &file).unwrap();
    assert!(matches!(
        event,
        HotReloadEvent::Restored { entities: 3, .. }
    ));
    let mut ships = world.query::<(Entity, &Ship)>();
    let ships: Vec<_> = ships.iter(world).map(|(e, s)| (e, s.clone())).collect();
    assert_eq!(ships.len(), 2);
    let target = ships.iter().find(|(_, s)| s.name == "target").unwrap().0;
    let (ship, value) = ships.iter().find(|(_, s)| s.name == "ship").unwrap();
    assert_eq!(value.target, Some(target), "it names the new entity");
    assert_eq!(value.path, [1.5, -2.0]);
    let children = world.get::<Children>(*ship).unwrap();
    assert_eq!(world.get::<Name>(children[0]).unwrap().as_str(), "flame");
    let mut names = world.query::<&Name>();
    assert_eq!(names.iter(world).count(), 2, "the host's own is left alone");
    assert_eq!(world.resource::<Score>().points, 7);
    assert_eq!(*world.resource::<State<Phase>>().get(), Phase::Playing(3));
    second.update();
    assert_eq!(
        second.world().resource::<Entered>().0,
        0,
        "nothing is entered"
    );
}

#[test]
fn what_cannot_be_written_is_left_out_and_named() {
    let mut app = app();
    let image = app
        .world_mut()
        .resource_mut::<Assets<Picture>>()
        .add(Picture);
    let loaded = app.world().resource::<AssetServer>().load("ship.png");
    app.world_mut().spawn((
        Ship {
            name: "made".into(),
            target: None,
            path: vec![],
        },
        Engine(image),
        Secret,
    ));
    let to = dir("snapshot-named");
    let (_, event) = written(&app, &to);
    let HotReloadEvent::Snapshot { missing, .. } = event else {
        panic!("{event:?}");
    };
    for name in ["Engine", "Secret"] {
        assert!(
            missing.iter().any(|missing| missing.ends_with(name)),
            "{name} in {missing:?}"
        );
    }

    // An asset of a file is held by its path.
    let mut app = self::app();
    app.world_mut().spawn(Engine(loaded));
    let (file, event) = written(&app, &to);
    let HotReloadEvent::Snapshot { missing, .. } = event else {
        panic!("{event:?}");
    };
    assert!(
        !missing.iter().any(|missing| missing.ends_with("Engine")),
        "{missing:?}"
    );
    let mut second = self::app();
    restore(second.world_mut(), OURS, &FoundTypes::default(), &file).unwrap();
    let mut engines = second.world_mut().query::<&Engine>();
    let engine = engines.single(second.world()).unwrap();
    assert_eq!(engine.0.path().unwrap().to_string(), "ship.png");
}

#[test]
fn a_file_that_is_broken_or_of_others_changes_nothing() {
    let mut first = app();
    first.world_mut().spawn(Ship {
        name: "ship".into(),
        target: None,
        path: vec![],
    });
    let to = dir("snapshot-broken");
    let (file, _) = written(&first, &to);
    let whole = fs::read_to_string(&file).unwrap();
    let mut second = app();
    second.world_mut().spawn(Ship {
        name: "fresh".into(),
        target: None,
        path: vec![],
    });
    let broken = to.path().join("broken.ron");
    let mut refuses = |text: &str, module: &str, is_expected: fn(&RestoreError) -> bool| {
        fs::write(&broken, text).unwrap();
        let error =
            restore(second.world_mut(), module, &FoundTypes::default(), &broken).unwrap_err();
        assert!(is_expected(&error), "{error:?}");
        let mut ships = second.world_mut().query::<&Ship>();
        assert_eq!(ships.single(second.world()).unwrap().name, "fresh");
    };
    refuses(
        &whole,
        "somebody_elses",
        |error: &RestoreError| matches!(error, RestoreError::Foreign(name) if name == OURS),
    );
    let is_unreadable = |error: &RestoreError| matches!(error, RestoreError::Io(_));
    refuses("", OURS, is_unreadable);
    refuses("// hot-loader snapshot {\"v\":99}\n", OURS, is_unreadable);
    for end in [whole.len() / 2, whole.len() - 2] {
        refuses(&whole[..end], OURS, |_: &RestoreError| true);
    }
    refuses(
        &whole.replace("path", "way"),
        OURS,
        |error: &RestoreError| matches!(error, RestoreError::Read(_)),
    );
    // A field that came since, of a type without a default.
    let narrower = whole.replace("path:[]", "");
    assert_ne!(narrower, whole);
    refuses(
        &narrower,
        OURS,
        |error: &RestoreError| matches!(error, RestoreError::Make(name) if name.ends_with("Ship")),
    );
    let nowhere = restore(
        second.world_mut(),
        OURS,
        &FoundTypes::default(),
        &to.path().join("nowhere.ron"),
    );
    assert!(nowhere.is_err());
}

#[test]
fn what_a_panic_cuts_short_is_told_of_as_such() {
    let to = dir("snapshot-partly");
    let mut first = app();
    first.world_mut().spawn(Ship {
        name: "ship".into(),
        target: None,
        path: vec![],
    });
    let (file, _) = written(&first, &to);
    let mut second = app();
    second
        .world_mut()
        .add_observer(|_: On<Add, Ship>| panic!("no room for ships"));
    let restored = restore(second.world_mut(), OURS, &FoundTypes::default(), &file);
    let Err(RestoreError::Partly(panic)) = restored else {
        panic!("{restored:?}");
    };
    assert!(panic.contains("no room for ships"), "{panic}");
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let to = dir("snapshot-full");
    let taken = take(app().world(), OURS, &FoundTypes::default());
    let gone = to.path().join("gone");
    assert!(write::write(taken, Duration::ZERO, &gone).is_err());
    assert_eq!(fs::read_dir(to.path()).unwrap().count(), 0);
}
