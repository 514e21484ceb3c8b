//! What cannot be applied is said, and nothing has changed.

use super::{
    Diversion, Game, Gameplay, Guard, HostSet, HostView, Log, Plugin, Refusal, assert_cold, host,
};
use crate::schedules::enter_first;
use bevy::{
    app::{App, Update},
    ecs::{prelude::*, schedule::Schedules},
    prelude::*,
};
use std::sync::Arc;

#[derive(Component)]
struct Coin;

#[derive(Component, Default)]
struct Shine;

#[derive(Resource, Default)]
struct Purse(#[expect(dead_code, reason = "it owns something")] Vec<u8>);

fn one(mut log: ResMut<Log>) {
    log.note("one");
}

fn two(mut log: ResMut<Log>) {
    log.note("two");
}

const BEFORE: Plugin = |app| {
    app.add_systems(Update, (one, two).chain());
};

/// The answer to an edit that must not go live; the game is as it was.
#[track_caller]
fn refused(after: Plugin) -> Refusal {
    let mut game = Game::start(BEFORE);
    let refusal = game.try_edit(after).unwrap_err();
    let ran = game.frame();
    let own: Vec<_> = ran.iter().filter(|who| !who.starts_with("host")).collect();
    assert_eq!(own, [&"one", &"two"]);
    assert_cold(&mut game, BEFORE);
    refusal
}

#[track_caller]
fn assert_refused(after: Plugin, says: &str) {
    match refused(after) {
        Refusal::Refused { reason, .. } => assert!(reason.contains(says), "{reason}"),
        Refusal::Restart(reason) => panic!("a restart: {reason}"),
    }
}

#[track_caller]
fn assert_restart(after: Plugin, says: &str) {
    match refused(after) {
        Refusal::Restart(reason) => assert!(reason.contains(says), "{reason}"),
        Refusal::Refused { reason, .. } => panic!("refused: {reason}"),
    }
}

#[test]
fn a_plugin_that_panics_is_refused_with_its_words() {
    assert_refused(
        |app| {
            app.add_systems(Update, one);
            panic!("by test");
        },
        "by test",
    );
}

#[test]
fn a_cycle_is_refused_with_the_engines_words() {
    assert_refused(
        |app| {
            app.add_systems(Update, (one.after(two), two.after(one)));
        },
        "cycle",
    );
}

#[test]
fn sets_that_share_systems_and_have_an_order_are_refused() {
    assert_refused(
        |app| {
            app.add_systems(
                Update,
                (one.in_set(HostSet::Early).in_set(HostSet::Late), two),
            );
        },
        "`Early` and `Late`",
    );
}

#[test]
fn parameters_that_conflict_are_refused_by_name() {
    fn conflicting(_: Query<&mut Coin>, _: Query<&mut Coin>) {}
    assert_refused(
        |app| {
            app.add_systems(Update, (one, two, conflicting));
        },
        "conflicting",
    );
}

#[test]
fn an_observer_whose_parameters_conflict_is_refused_by_name() {
    #[derive(Event)]
    struct Bell;
    fn conflicting(_: On<Bell>, _: Query<&mut Coin>, _: Query<&mut Coin>) {}
    assert_refused(
        |app| {
            app.add_systems(Update, (one, two).chain())
                .add_observer(conflicting);
        },
        "conflicting",
    );
}

#[test]
fn required_components_and_hooks_need_a_restart() {
    assert_restart(
        |app| {
            app.register_required_components::<Coin, Shine>()
                .add_systems(Update, (one, two, |_: Query<&Coin>| {}));
        },
        "Coin",
    );
    assert_restart(
        |app| {
            app.world_mut()
                .register_component_hooks::<Coin>()
                .on_add(|_, _| {});
            app.add_systems(Update, (one, two, |_: Query<&Coin>| {}));
        },
        "Coin",
    );
}

#[test]
fn a_new_one_shot_system_a_non_send_value_and_a_resource_that_nobody_names_need_a_restart() {
    assert_restart(
        |app| {
            app.register_system(one);
            app.add_systems(Update, (one, two).chain());
        },
        "one-shot",
    );
    assert_restart(
        |app| {
            app.insert_non_send(std::rc::Rc::new(1));
            app.add_systems(Update, (one, two).chain());
        },
        "Rc<i32>",
    );
    assert_restart(
        |app| {
            app.init_resource::<Purse>()
                .add_systems(Update, (one, two).chain());
        },
        "Purse",
    );
}

#[test]
fn an_entity_more_or_less_in_build_needs_a_restart() {
    assert_restart(
        |app| {
            app.add_systems(Update, (one, two).chain());
            app.world_mut().spawn(Coin);
        },
        "entities",
    );
}

#[test]
fn a_new_resource_that_holds_an_entity_of_its_recording_needs_a_restart() {
    #[derive(Resource)]
    struct Kept(Entity);
    #[derive(Event)]
    struct Bell;
    fn on_bell(_: On<Bell>) {}
    fn uses(kept: Res<Kept>) {
        assert_ne!(kept.0, Entity::PLACEHOLDER);
    }
    assert_restart(
        |app| {
            let entity = app.world_mut().add_observer(on_bell).id();
            app.insert_resource(Kept(entity))
                .add_systems(Update, ((one, two).chain(), uses));
        },
        "Kept",
    );
}

#[test]
fn a_build_that_needs_what_the_scratch_world_lacks_needs_a_restart() {
    #[derive(Resource)]
    struct OfTheGame;
    let needs = |app: &mut App| {
        app.world().resource::<OfTheGame>();
        app.add_systems(Update, one);
    };
    // The game has it when the plugin is built first.
    let mut game = {
        let plugin: Plugin = needs;
        let mut app = host();
        app.insert_resource(OfTheGame);
        let guard = Arc::new(Guard::new(app.world().fallback_error_handler()));
        let view = HostView::of(&mut app, &|_| false);
        let diversion = Diversion::begin(app.world_mut(), &view.labels);
        plugin(&mut app);
        let recorded = diversion.end(app.world_mut());
        let mut schedules = app.world_mut().resource_mut::<Schedules>();
        let live = enter_first(&mut schedules, recorded, &view.labels, &guard);
        let gameplay = Gameplay::new(live, Vec::new(), view, guard, plugin);
        Game {
            app,
            gameplay,
            later: |_| {},
        }
    };
    game.app.update();
    match game.try_edit(|app| {
        app.world().resource::<OfTheGame>();
        app.add_systems(Update, (one, two));
    }) {
        Err(Refusal::Restart(reason)) => assert!(reason.contains("OfTheGame"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn order_between_sets_of_the_game_comes_and_cannot_be_unsaid() {
    #[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
    struct Gates;
    let ordered: Plugin = |app| {
        app.add_systems(Update, (one, two).chain())
            .configure_sets(Update, HostSet::Early.after(Gates))
            .configure_sets(Update, Gates.after(HostSet::Late));
    };
    // Against the game's own order: a cycle.
    assert_refused(ordered, "cycle");
    let said: Plugin = |app| {
        app.add_systems(Update, (one, two).chain())
            .configure_sets(Update, HostSet::Late.run_if(|| true));
    };
    let mut game = Game::start(BEFORE);
    game.edit(said);
    assert_cold(&mut game, said);
    match game.try_edit(BEFORE) {
        Err(Refusal::Restart(reason)) => assert!(reason.contains("Late"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_cold(&mut game, said);
}

#[test]
fn settings_that_nothing_applies_need_a_restart() {
    assert_restart(
        |app| {
            BEFORE(app);
            app.allow_ambiguous_resource::<Log>();
        },
        "::Log",
    );
    assert_restart(
        |app| {
            BEFORE(app);
            app.edit_schedule(Update, |schedule| {
                schedule.set_build_settings(bevy::ecs::schedule::ScheduleBuildSettings {
                    auto_insert_apply_deferred: false,
                    ..default()
                });
            });
        },
        "build settings",
    );
}
