//! What is not in schedules: resources, messages, states, observers, types.

use super::{Game, Log, Plugin, assert_cold, short};
use bevy::{
    app::{App, Startup, Update},
    ecs::{prelude::*, reflect::AppTypeRegistry},
    prelude::*,
};

#[derive(Resource, Reflect, Clone, Debug, PartialEq)]
#[reflect(Resource)]
struct Tuning {
    speed: f32,
    lives: u32,
    names: Vec<String>,
}

fn read_tuning(tuning: Res<Tuning>, mut log: ResMut<Log>) {
    log.number("lives", i64::from(tuning.lives));
}

fn tuned(app: &mut App, speed: f32, lives: u32, name: &str) {
    app.register_type::<Tuning>()
        .insert_resource(Tuning {
            speed,
            lives,
            names: vec![name.to_owned()],
        })
        .add_systems(Update, read_tuning);
}

#[test]
fn a_changed_initial_field_goes_live_and_the_others_keep_what_the_game_made_of_them() {
    let mut game = Game::start(|app| tuned(app, 1.0, 3, "a"));
    {
        let mut tuning = game.app.world_mut().resource_mut::<Tuning>();
        tuning.lives = 1;
        tuning.names.push("found".into());
    }
    let applied = game.edit(|app| tuned(app, 2.5, 3, "a"));
    assert_eq!(short(&applied.state.merged), ["Tuning"]);
    let tuning = game.app.world().resource::<Tuning>().clone();
    assert_eq!(
        (tuning.speed, tuning.lives, tuning.names.len()),
        (2.5, 1, 2)
    );
    game.edit(|app| tuned(app, 2.5, 5, "b"));
    let tuning = game.app.world().resource::<Tuning>().clone();
    assert_eq!((tuning.speed, tuning.lives), (2.5, 5));
    assert_eq!(tuning.names, ["b"]);
}

#[test]
fn what_two_recordings_do_not_agree_on_is_never_merged() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut game = Game::start(|app| tuned(app, 1.0, NEXT.fetch_add(1, Ordering::Relaxed), "a"));
    let lives = game.app.world().resource::<Tuning>().lives;
    let applied = game.edit(|app| tuned(app, 2.0, NEXT.fetch_add(1, Ordering::Relaxed), "a"));
    let tuning = game.app.world().resource::<Tuning>();
    assert_eq!((tuning.lives, tuning.speed), (lives, 2.0));
    assert_eq!(short(&applied.state.merged), ["Tuning"]);
}

/// Not registered for reflection; owns nothing.
#[derive(Resource, Clone, Copy, PartialEq, Debug)]
struct Plain(u64);

fn read_plain(plain: Res<Plain>, mut log: ResMut<Log>) {
    log.number("plain", plain.0 as i64);
}

fn plain(app: &mut App, number: u64) {
    app.insert_resource(Plain(number))
        .add_systems(Update, read_plain);
}

#[test]
fn a_value_without_reflection_takes_a_new_initial_value_only_where_the_game_left_it_alone() {
    let mut game = Game::start(|app| plain(app, 1));
    game.edit(|app| plain(app, 2));
    assert_eq!(game.number("plain"), 2);
    game.app.world_mut().resource_mut::<Plain>().0 = 50;
    let applied = game.edit(|app| plain(app, 3));
    assert_eq!(game.number("plain"), 50);
    assert_eq!(short(&applied.state.kept), ["Plain"], "and that is told");
}

#[test]
fn a_new_resource_comes_with_its_value_and_one_that_is_gone_comes_back_as_it_was() {
    let without: Plugin = |app| {
        app.add_systems(Startup, || {});
    };
    let with: Plugin = |app| plain(app, 7);
    let mut game = Game::start(without);
    let applied = game.edit(with);
    assert_eq!(short(&applied.state.merged), ["Plain"]);
    assert_eq!(game.number("plain"), 7);
    assert_cold(&mut game, with);
    game.app.world_mut().resource_mut::<Plain>().0 = 70;
    let applied = game.edit(without);
    assert_eq!(short(&applied.state_removed), ["Plain"]);
    assert!(!game.app.world().contains_resource::<Plain>());
    assert_cold(&mut game, without);
    game.edit(with);
    assert_eq!(game.number("plain"), 70);
}

#[test]
fn values_that_own_memory_cross_and_are_dropped_once() {
    use std::sync::{
        Arc, LazyLock,
        atomic::{AtomicI32, Ordering},
    };
    #[derive(Resource)]
    struct Owner(#[expect(dead_code, reason = "it is dropped")] Arc<()>);
    static SHARED: LazyLock<Arc<()>> = LazyLock::new(Arc::default);
    static DROPS: AtomicI32 = AtomicI32::new(0);
    impl Drop for Owner {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
        }
    }
    fn uses(_: Res<Owner>) {}
    let with: Plugin = |app| {
        app.insert_resource(Owner(SHARED.clone()))
            .add_systems(Update, uses);
    };
    let without: Plugin = |app| {
        app.add_systems(Startup, || {});
    };
    let mut game = Game::start(without);
    game.edit(with);
    game.edit(without);
    game.edit(with);
    assert!(game.app.world().contains_resource::<Owner>());
    let alive = Arc::strong_count(&SHARED) as i32;
    game.app.world_mut().remove_resource::<Owner>();
    assert_eq!(Arc::strong_count(&SHARED) as i32, alive - 1);
    drop(game);
    assert!(DROPS.load(Ordering::Relaxed) > 0);
    assert!(Arc::strong_count(&SHARED) >= 1);
}

#[derive(Message)]
struct Ping(i64);

fn send(mut pings: MessageWriter<Ping>, mut sent: Local<i64>) {
    *sent += 1;
    pings.write(Ping(*sent));
}

fn receive(mut pings: MessageReader<Ping>, mut log: ResMut<Log>) {
    for ping in pings.read() {
        let sum = log.numbers.get("sum").copied().unwrap_or_default();
        log.number("sum", sum + ping.0);
    }
}

#[test]
fn a_new_message_type_is_live_from_the_next_frame_and_its_queue_does_not_grow() {
    let after: Plugin = |app| {
        app.add_message::<Ping>()
            .add_systems(Update, (send, receive).chain());
    };
    let mut game = Game::start(|app| {
        app.add_systems(Startup, || {});
    });
    game.edit(after);
    for _ in 0..9 {
        game.frame();
    }
    assert_eq!(game.number("sum"), (1..=10).sum::<i64>(), "each once");
    let pings = game.app.world().resource::<Messages<Ping>>();
    assert!(pings.len() <= 2, "{} messages are kept", pings.len());
    assert_cold(&mut game, after);
}

#[test]
fn queues_and_cursors_of_old_messages_stay() {
    let with = |app: &mut App| {
        app.add_message::<Ping>()
            .add_systems(Update, (receive, send).chain());
    };
    let mut game = Game::start(with);
    game.edit(|app| {
        app.add_message::<Ping>()
            .add_systems(Update, ((receive, send).chain(), || {}));
    });
    game.frame();
    // Sent before the edit, read after it, once.
    assert_eq!(game.number("sum"), 1 + 2);
}

#[derive(States, Default, Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    #[default]
    Warmup,
    Race,
}

#[derive(SubStates, Default, Clone, PartialEq, Eq, Hash, Debug)]
#[source(Phase = Phase::Race)]
enum Lap {
    #[default]
    First,
    #[expect(dead_code, reason = "a state has more than one value")]
    Last,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Racing;

impl ComputedStates for Racing {
    type SourceStates = Phase;
    fn compute(phase: Phase) -> Option<Self> {
        (phase == Phase::Race).then_some(Self)
    }
}

fn note_race(mut log: ResMut<Log>) {
    log.note("race");
}

fn note_warmup(mut log: ResMut<Log>) {
    log.note("warmup");
}

fn note_lap(mut log: ResMut<Log>) {
    log.note("lap");
}

#[test]
fn a_state_that_is_new_enters_its_first_value_and_later_edits_keep_the_current_one() {
    let plain: Plugin = |app| {
        app.add_systems(Update, || {});
    };
    let with: Plugin = |app| {
        app.init_state::<Phase>()
            .add_systems(OnEnter(Phase::Warmup), note_warmup)
            .add_systems(OnEnter(Phase::Race), note_race)
            .add_systems(Update, || {});
    };
    let more: Plugin = |app| {
        app.init_state::<Phase>()
            .add_sub_state::<Lap>()
            .add_computed_state::<Racing>()
            .add_systems(OnEnter(Phase::Warmup), note_warmup)
            .add_systems(OnEnter(Phase::Race), note_race)
            .add_systems(OnEnter(Lap::First), note_lap)
            .add_systems(Update, note_lap.run_if(in_state(Racing)));
    };
    let mut game = Game::start(plain);
    game.try_edit(with).unwrap();
    assert!(
        game.frame().contains(&"warmup"),
        "it enters its first value"
    );
    assert_cold(&mut game, with);
    game.app
        .world_mut()
        .resource_mut::<NextState<Phase>>()
        .set(Phase::Race);
    assert!(game.frame().contains(&"race"));
    game.try_edit(more).unwrap();
    let ran = game.frame();
    assert!(
        !ran.contains(&"warmup") && !ran.contains(&"race"),
        "{ran:?}"
    );
    assert_eq!(
        *game.app.world().resource::<State<Phase>>().get(),
        Phase::Race
    );
    // States that follow from another are worked out at its next transition.
    let mut next = game.app.world_mut().resource_mut::<NextState<Phase>>();
    next.set(Phase::Warmup);
    game.frame();
    game.app
        .world_mut()
        .resource_mut::<NextState<Phase>>()
        .set(Phase::Race);
    let ran = game.frame();
    assert_eq!(
        ran.iter().filter(|who| **who == "lap").count(),
        2,
        "{ran:?}"
    );
    game.edit(with);
    assert_eq!(
        *game.app.world().resource::<State<Phase>>().get(),
        Phase::Race
    );
    for gone in ["State<Lap>", "NextState<Lap>", "note_lap"] {
        let short = gone.replace("Lap", "hot_loader::structure::tests::effects::Lap");
        assert!(!game.text().contains(&short), "{gone}");
    }
}

#[derive(Event)]
struct Bell;

#[derive(Component)]
struct Coin;

fn on_bell(_: On<Bell>, mut log: ResMut<Log>) {
    log.note("bell");
}

fn on_bell_too(_: On<Bell>, mut log: ResMut<Log>) {
    log.note("bell too");
}

fn on_coin(_: On<Add, Coin>, mut log: ResMut<Log>) {
    log.note("coin");
}

fn on_removed(_: On<Remove, Coin>, mut log: ResMut<Log>) {
    log.note("removed");
}

#[test]
fn observers_come_and_go_and_stay_on_their_entities() {
    fn ring(mut commands: Commands) {
        commands.trigger(Bell);
        let coin = commands.spawn(Coin).id();
        commands.entity(coin).despawn();
    }
    let before: Plugin = |app| {
        app.add_observer(on_bell).add_systems(Update, ring);
    };
    let after: Plugin = |app| {
        app.add_observer(on_bell)
            .add_observer(on_bell_too)
            .add_observer(on_coin)
            .add_observer(on_removed.run_if(|| true))
            .add_systems(Update, ring);
    };
    let mut game = Game::start(before);
    let entity = game.gameplay.observers[0].entity;
    let applied = game.try_edit(after).unwrap();
    assert_eq!(
        short(&applied.added),
        ["on_bell_too", "on_coin", "on_removed"]
    );
    let mut ran = game.frame();
    ran.retain(|who| !who.starts_with("host"));
    ran.sort_unstable();
    assert_eq!(ran, ["bell", "bell too", "coin", "removed"], "each once");
    assert_eq!(game.gameplay.observers[0].entity, entity);
    assert_cold(&mut game, after);
    let silent: Plugin = |app| {
        app.add_observer(on_coin.run_if(|| false))
            .add_systems(Update, ring);
    };
    game.try_edit(silent).unwrap();
    let ran = game.frame();
    assert!(ran.iter().all(|who| who.starts_with("host")), "{ran:?}");
    assert_cold(&mut game, silent);
}

#[test]
fn an_observer_that_the_game_took_away_does_not_come_back() {
    fn ring(mut commands: Commands) {
        commands.trigger(Bell);
    }
    let before: Plugin = |app| {
        app.add_observer(on_bell).add_systems(Update, ring);
    };
    let after: Plugin = |app| {
        app.add_observer(on_bell).add_systems(Update, (ring, || {}));
    };
    let mut game = Game::start(before);
    let entity = game.gameplay.observers[0].entity;
    game.app.world_mut().despawn(entity);
    for plugin in [after, before, after] {
        let applied = game.try_edit(plugin).unwrap();
        assert!(
            applied.added.iter().all(|name| !name.contains("on_bell")),
            "{applied:?}"
        );
        assert!(!game.frame().contains(&"bell"));
    }
}

#[test]
fn an_observer_that_no_recording_shows_stays() {
    let before: Plugin = |app| {
        app.add_systems(Update, || {});
    };
    let mut game = Game::start(before);
    let entity = game.app.world_mut().add_observer(on_bell).id();
    game.gameplay.observers.push(super::LiveObserver {
        entity,
        name: std::any::type_name_of_val(&on_bell).to_owned(),
        stale: false,
    });
    game.edit(|app| {
        app.add_systems(Update, || {}).add_systems(Startup, || {});
    });
    game.app.world_mut().trigger(Bell);
    assert!(game.log().ran.contains(&"bell"));
}

#[test]
fn a_new_message_type_that_goes_again_leaves_nothing_to_be_dropped_twice() {
    #[derive(Message)]
    struct Said(#[expect(dead_code, reason = "it owns memory")] String);
    fn hear(_: Option<MessageReader<Said>>) {}
    let without: Plugin = |app| {
        app.add_systems(Startup, || {});
    };
    let with: Plugin = |app| {
        app.add_message::<Said>().add_systems(Update, hear);
        app.world_mut().write_message(Said("once".repeat(100)));
    };
    let mut game = Game::start(without);
    for plugin in [with, without, with, without] {
        game.edit(plugin);
        for _ in 0..4 {
            game.frame();
        }
    }
    game.edit(with);
    game.app.world_mut().remove_resource::<Messages<Said>>();
    for _ in 0..4 {
        game.frame();
    }
}

#[test]
fn entities_of_build_are_not_spawned_again() {
    let mut game = Game::start(|app| {
        app.world_mut().spawn(Coin);
    });
    game.edit(|app| {
        app.world_mut().spawn(Coin);
        app.add_systems(Update, || {});
    });
    let mut coins = game.app.world_mut().query::<&Coin>();
    assert_eq!(coins.iter(game.app.world()).count(), 1);
}

#[derive(Component, Reflect)]
struct Shown;

#[test]
fn types_are_registered_and_forgotten_as_the_code_says() {
    let without: Plugin = |app| {
        app.add_systems(Update, || {});
    };
    let with: Plugin = |app| {
        app.register_type::<Shown>().add_systems(Update, || {});
    };
    let mut game = Game::start(without);
    for plugin in [with, without, with] {
        game.edit(plugin);
        assert_cold(&mut game, plugin);
    }
    let registry = game.app.world().resource::<AppTypeRegistry>().read();
    assert!(!registry.is_ambiguous("Shown"));
    assert!(registry.get_with_short_type_path("Shown").is_some());
}

#[test]
fn plugins_of_all_shapes_are_recorded_with_their_later_steps() {
    struct Late;
    impl bevy::app::Plugin for Late {
        fn build(&self, app: &mut App) {
            app.add_plugins(|app: &mut App| {
                app.add_systems(Update, in_build);
            });
        }
        fn finish(&self, app: &mut App) {
            app.add_systems(Update, in_finish);
        }
        fn cleanup(&self, app: &mut App) {
            app.init_resource::<Cleaned>();
        }
    }
    #[derive(Resource, Default)]
    struct Cleaned;
    fn in_build(mut log: ResMut<Log>) {
        log.note("in_build");
    }
    fn in_finish(_: Option<Res<Cleaned>>, mut log: ResMut<Log>) {
        log.note("in_finish");
    }
    struct Group;
    impl PluginGroup for Group {
        fn build(self) -> bevy::app::PluginGroupBuilder {
            bevy::app::PluginGroupBuilder::start::<Self>().add(Late)
        }
    }
    let with: Plugin = |app| {
        app.add_plugins(Group);
    };
    let mut game = Game::start(|app| {
        app.add_systems(Update, || {});
    });
    game.try_edit(with).unwrap();
    let ran = game.frame();
    assert!(
        ran.contains(&"in_build") && ran.contains(&"in_finish"),
        "{ran:?}"
    );
    assert_cold(&mut game, with);
}
