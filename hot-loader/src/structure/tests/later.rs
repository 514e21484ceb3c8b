//! Hosts with systems of their own that come after the gameplay: they never stand in an
//! edit's way, and the order between theirs and the gameplay's is that of a fresh start.

use super::{Game, HostSet, Log, Plugin, Refusal, assert_cold, short};
use bevy::{
    app::{App, FixedUpdate, Last, PostUpdate, Startup, Update},
    ecs::{prelude::*, schedule::ScheduleLabel},
};

macro_rules! noting {
    ($($name:ident),*) => {
        $(
            fn $name(mut runs: Local<i64>, mut log: ResMut<Log>) {
                *runs += 1;
                log.note(stringify!($name));
                log.number(stringify!($name), *runs);
            }
        )*
    };
}
noting!(one, two, three, hud, before_all, after_all, between);

#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Move,
    Count,
    Empty,
    Outer,
}

#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct Own;

#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct Hosts;

fn yes() -> bool {
    true
}

fn no() -> bool {
    false
}

/// In every schedule, one that the gameplay makes and one that it may come to make too.
const LATER: Plugin = |app| {
    app.add_systems(
        Update,
        (
            hud,
            before_all.before(Step::Move),
            after_all.after(Step::Count),
            between.in_set(Step::Count),
        ),
    )
    .add_systems(Startup, hud)
    .add_systems(FixedUpdate, hud)
    .add_systems(PostUpdate, hud)
    .add_systems(Own, hud)
    .add_systems(Hosts, hud);
};

/// Edits from each plugin to the next, in a host that has proxies before what comes later,
/// or none.
fn series(plugins: &[Plugin]) -> [Game; 2] {
    let none: &dyn Fn(&str) -> bool = &|_| false;
    [none, &|name| {
        name.ends_with("hud") || name.ends_with("_all") || name.ends_with("between")
    }]
    .map(|ours| {
        let mut game = Game::start_before(plugins[0], LATER, ours);
        assert_cold(&mut game, plugins[0]);
        for plugin in &plugins[1..] {
            game.edit(*plugin);
            assert_cold(&mut game, *plugin);
        }
        game
    })
}

#[test]
fn systems_come_and_go_beside_those_of_the_host() {
    let games = series(&[
        |app| {
            app.add_systems(Update, one).add_systems(Own, two);
        },
        |app| {
            app.add_systems(Update, (one, three).chain())
                .add_systems(Own, (two, three).chain())
                .add_systems(Startup, two)
                .add_systems(PostUpdate, two)
                .add_systems(FixedUpdate, two)
                .add_systems(Hosts, two)
                .add_systems(Last, two);
        },
        |app| {
            app.add_systems(Update, (three, one).chain());
        },
    ]);
    for mut game in games {
        let ran = game.frame();
        let at = |who| ran.iter().position(|ran| *ran == who);
        assert!(at("three") < at("one"), "{ran:?}");
        assert_eq!(
            ran.iter().filter(|who| **who == "hud").count(),
            2,
            "{ran:?}"
        );
        game.app.world_mut().run_schedule(Own);
        assert_eq!(game.number("one"), 4, "its Local lived through the edits");
    }
}

#[test]
fn order_that_host_and_gameplay_give_each_other_by_sets_comes_and_goes() {
    series(&[
        |app| {
            app.add_systems(Update, (one.in_set(Step::Move), two.in_set(Step::Count)));
        },
        |app| {
            app.add_systems(Update, (one.in_set(Step::Move), two.in_set(Step::Empty)))
                .configure_sets(Update, (Step::Move, Step::Empty).chain());
        },
        // Conditions and sets around what the host only orders itself against.
        |app| {
            app.add_systems(Update, (one.in_set(Step::Move), two))
                .configure_sets(Update, Step::Move.run_if(yes).in_set(Step::Outer));
        },
        |app| {
            app.add_systems(Update, (one.in_set(Step::Move), two))
                .configure_sets(Update, Step::Move.run_if(no).after(HostSet::Early));
        },
        |app| {
            app.add_systems(Update, (one.in_set(Step::Move), two));
        },
        |app| {
            app.add_systems(
                Update,
                one.in_set(Step::Count).after(two).after(HostSet::Late),
            );
            app.add_systems(Update, two);
        },
    ]);
}

#[test]
fn order_between_sets_that_only_the_host_fills_is_there_from_the_start() {
    let plugin: Plugin = |app| {
        app.add_systems(Update, one)
            .configure_sets(Update, (Step::Empty, Step::Move, Step::Count).chain())
            .configure_sets(Update, Step::Count.in_set(Step::Outer).run_if(yes))
            .configure_sets(Update, Step::Outer.after(HostSet::Late));
    };
    for mut game in series(&[plugin, plugin]) {
        let ran = game.frame();
        let at = |who| ran.iter().position(|ran| *ran == who);
        assert!(at("before_all") < at("between"), "{ran:?}");
        assert!(at("host_late") < at("between"), "{ran:?}");
        // What the host's own system is behind cannot be unsaid.
        let refusal = game.try_edit(|app| {
            app.add_systems(Update, one);
        });
        match refusal {
            Err(Refusal::Restart(reason)) => {
                let sets = ["Empty", "Move", "Count", "Outer", "Late"];
                assert!(sets.iter().any(|set| reason.contains(set)), "{reason}");
            }
            other => panic!("{other:?}"),
        }
        assert_cold(&mut game, plugin);
    }
}

#[test]
fn a_schedule_that_the_gameplay_gives_up_stays_with_the_host() {
    let games = series(&[
        |app| {
            app.add_systems(Own, (one, two).chain());
        },
        |_| {},
        |app| {
            app.add_systems(Own, one.before(hud));
        },
    ]);
    for mut game in games {
        game.log().ran.clear();
        game.app.world_mut().run_schedule(Own);
        assert_eq!(game.log().ran, ["one", "hud"]);
    }
}

#[test]
fn what_the_host_adds_later_is_named_by_nothing() {
    let before: Plugin = |app: &mut App| {
        app.add_systems(Update, one);
    };
    let mut game = Game::start_before(before, LATER, &|_| true);
    let applied = game.edit(|app| {
        app.add_systems(Update, (one, two));
    });
    assert_eq!(short(&applied.added), ["two"]);
    assert!(
        applied.reset.is_empty() && applied.removed.is_empty(),
        "{applied:?}"
    );
}
