//! Systems, sets, order and conditions.

use super::{Game, HostSet, Log, Plugin, assert_cold, short};
use bevy::{
    app::{
        App, FixedUpdate, Main, MainScheduleOrder, PostUpdate, PreUpdate, RunFixedMainLoop,
        Startup, Update,
    },
    ecs::{
        prelude::*,
        schedule::ScheduleLabel,
        system::{NonSendMarker, RunSystemOnce},
    },
};

macro_rules! noting {
    ($($name:ident),*) => {
        $(
            /// Notes that it ran, and counts its runs.
            fn $name(mut runs: Local<i64>, mut log: ResMut<Log>) {
                *runs += 1;
                log.note(stringify!($name));
                log.number(stringify!($name), *runs);
            }
        )*
    };
}
noting!(one, two, three, four);

fn yes() -> bool {
    true
}

fn no() -> bool {
    false
}

#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    A,
    B,
    Empty,
    AlsoEmpty,
}

#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct Own;

#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct Seldom;

/// Starts with the first plugin, edits to each of the others, and holds the result
/// against a fresh start each time.
fn series(plugins: &[Plugin]) -> Game {
    let mut game = Game::start(plugins[0]);
    assert_cold(&mut game, plugins[0]);
    for plugin in &plugins[1..] {
        game.edit(*plugin);
        assert_cold(&mut game, *plugin);
    }
    game
}

#[test]
fn a_system_is_added_and_removed_and_the_others_keep_their_locals() {
    let before: Plugin = |app| {
        app.add_systems(Update, one);
    };
    let after: Plugin = |app| {
        app.add_systems(Update, (one, two));
    };
    let mut game = Game::start(before);
    assert_eq!(game.number("one"), 1);
    let applied = game.edit(after);
    assert_eq!(short(&applied.added), ["two"]);
    assert!(applied.reset.is_empty() && applied.removed.is_empty());
    assert_eq!((game.number("one"), game.number("two")), (2, 1));
    assert_cold(&mut game, after);
    let applied = game.edit(before);
    assert_eq!(short(&applied.removed), ["two"]);
    assert_eq!(game.number("one"), 3);
    assert!(!game.frame().contains(&"two"));
    assert_cold(&mut game, before);
}

#[test]
fn a_system_moves_to_another_schedule_with_its_local() {
    let game = &mut series(&[
        |app| {
            app.add_systems(Update, (one, two.run_if(yes)));
        },
        |app| {
            app.add_systems(Update, one)
                .add_systems(PostUpdate, two.run_if(yes));
        },
        |app| {
            app.add_systems(PreUpdate, one).add_systems(Own, two);
        },
    ]);
    assert_eq!(game.frame(), ["one", "host_early", "host_late"]);
    game.app.world_mut().run_schedule(Own);
    assert_eq!((game.number("one"), game.number("two")), (4, 3));
    let applied = game.edit(|app| {
        app.add_systems(Own, one).add_systems(Update, two);
    });
    assert_eq!(applied, Default::default());
    assert_eq!((game.number("one"), game.number("two")), (4, 4));
}

#[test]
fn which_of_two_systems_of_one_name_moved_is_not_guessed() {
    let mut game = Game::start(|app| {
        app.add_systems(Update, one).add_systems(PostUpdate, one);
    });
    game.edit(|app| {
        app.add_systems(PreUpdate, one);
    });
    assert_eq!(game.number("one"), 1, "it starts anew");
    game.edit(|app| {
        app.add_systems(Update, one).add_systems(PostUpdate, one);
    });
    assert_eq!(game.number("one"), 1);
}

#[test]
fn order_changes_and_chains_come_and_go() {
    let chained: Plugin = |app| {
        app.add_systems(Update, (one, two, three).chain());
    };
    let turned: Plugin = |app| {
        app.add_systems(Update, (three, two, one).chain());
    };
    let game = &mut series(&[
        |app| {
            app.add_systems(Update, (one, two, three));
        },
        chained,
        turned,
        |app| {
            app.add_systems(Update, (one.after(two), two, three.before(two)));
        },
        chained,
    ]);
    let ran = game.frame();
    let own: Vec<_> = ran.iter().filter(|who| !who.starts_with("host")).collect();
    assert_eq!(own, [&"one", &"two", &"three"]);
    assert_eq!(game.number("one"), 6, "its Local lived through four edits");
    game.edit(turned);
    let ran = game.frame();
    let own: Vec<_> = ran.iter().filter(|who| !who.starts_with("host")).collect();
    assert_eq!(own, [&"three", &"two", &"one"]);
}

#[test]
fn systems_are_put_in_and_out_of_sets_of_the_host_and_of_their_own() {
    series(&[
        |app| {
            app.add_systems(Update, (one, two));
        },
        |app| {
            app.add_systems(Update, (one.in_set(HostSet::Early), two.in_set(Step::A)));
        },
        |app| {
            app.add_systems(Update, (one.in_set(HostSet::Late), two.in_set(Step::B)));
        },
        |app| {
            app.add_systems(
                Update,
                (
                    one.after(HostSet::Early).before(HostSet::Late),
                    two.in_set(Step::A),
                ),
            );
        },
        |app| {
            app.add_systems(Update, (one, two));
        },
    ]);
}

#[test]
fn order_between_sets_comes_and_goes_through_empty_sets_too() {
    let base = |app: &mut App| {
        app.add_systems(
            Update,
            (
                (one, two).in_set(Step::A),
                three.in_set(Step::B),
                four.before(Step::Empty),
            ),
        );
    };
    let _: fn(&mut App) = base;
    series(&[
        |app| {
            app.add_systems(
                Update,
                ((one, two).in_set(Step::A), three.in_set(Step::B), four),
            );
        },
        |app| {
            app.add_systems(
                Update,
                ((one, two).in_set(Step::A), three.in_set(Step::B), four),
            )
            .configure_sets(Update, (Step::A, Step::B).chain());
        },
        |app| {
            app.add_systems(
                Update,
                ((one, two).in_set(Step::A), three.in_set(Step::B), four),
            )
            .configure_sets(Update, (Step::B, Step::A).chain());
        },
        |app| {
            app.add_systems(
                Update,
                (
                    (one, two).in_set(Step::A),
                    three.after(Step::AlsoEmpty),
                    four.before(Step::Empty),
                ),
            )
            .configure_sets(Update, (Step::A, Step::Empty, Step::AlsoEmpty).chain());
        },
        |app| {
            app.add_systems(
                Update,
                (
                    (one, two).in_set(Step::A),
                    three.after(Step::AlsoEmpty),
                    four.before(Step::Empty),
                ),
            );
        },
    ]);
}

#[test]
fn sets_in_sets_and_their_conditions_come_and_go() {
    let game = &mut series(&[
        |app| {
            app.add_systems(Update, (one.in_set(Step::A), two.in_set(Step::B)));
        },
        |app| {
            app.add_systems(Update, (one.in_set(Step::A), two.in_set(Step::B)))
                .configure_sets(Update, Step::A.run_if(no));
        },
        |app| {
            app.add_systems(Update, (one.in_set(Step::A), two.in_set(Step::B)))
                .configure_sets(Update, (Step::A.run_if(yes), Step::B.in_set(Step::A)));
        },
        |app| {
            app.add_systems(Update, (one.in_set(Step::A), two.in_set(Step::B)))
                .configure_sets(
                    Update,
                    Step::A.run_if(yes).run_if(no).in_set(HostSet::Early),
                );
        },
        |app| {
            app.add_systems(Update, ((one, two).run_if(no), three));
        },
        |app| {
            app.add_systems(Update, (((one, two).run_if(yes), three).run_if(yes), four));
        },
    ]);
    let ran = game.frame();
    assert!(
        ["one", "two", "three", "four"]
            .iter()
            .all(|who| ran.contains(who))
    );
}

#[test]
fn tuples_of_the_same_systems_keep_their_conditions_apart() {
    let game = &mut series(&[
        |app| {
            app.add_systems(Update, (one.in_set(Step::A), two.in_set(Step::B)));
        },
        |app| {
            app.configure_sets(Update, (Step::A, Step::B).run_if(no))
                .add_systems(
                    Update,
                    (one.in_set(Step::A), two.in_set(Step::B)).run_if(yes),
                );
        },
    ]);
    let ran = game.frame();
    assert!(!ran.contains(&"one") && !ran.contains(&"two"));
}

#[test]
fn a_gate_that_was_there_at_the_start_changes_and_comes_back() {
    let closed: Plugin = |app| {
        app.add_systems(Update, one.in_set(Step::A))
            .configure_sets(Update, Step::A.run_if(no));
    };
    let open: Plugin = |app| {
        app.add_systems(Update, one.in_set(Step::A))
            .configure_sets(Update, Step::A.run_if(yes));
    };
    let none: Plugin = |app| {
        app.add_systems(Update, one.in_set(Step::A));
    };
    let mut game = Game::start(closed);
    assert!(!game.frame().contains(&"one"));
    for (plugin, runs) in [
        (open, true),
        (none, true),
        (closed, false),
        (open, true),
        (closed, false),
    ] {
        game.edit(plugin);
        assert_cold(&mut game, plugin);
        assert_eq!(game.frame().contains(&"one"), runs);
    }
}

#[test]
fn a_value_that_an_adapter_holds_is_made_afresh() {
    fn add(In(number): In<i64>, mut log: ResMut<Log>) {
        log.number("added", number);
    }
    fn add_to(InMut(number): InMut<i64>, mut log: ResMut<Log>) {
        log.number("added", *number);
    }
    fn number() -> i64 {
        1
    }
    fn times(by: i64) -> impl FnMut(i64) -> i64 {
        move |number| number * by
    }
    let mut game = Game::start(|app| {
        app.add_systems(Update, number.map(times(3)).pipe(add));
    });
    assert_eq!(game.number("added"), 3);
    game.edit(|app| {
        app.add_systems(Update, number.map(times(5)).pipe(add));
    });
    assert_eq!(game.number("added"), 5);
    game.edit(|app| {
        app.add_systems(Update, add_to.with_input(7));
    });
    assert_eq!(game.number("added"), 7);
    game.edit(|app| {
        app.add_systems(Update, add_to.with_input(8));
    });
    assert_eq!(game.number("added"), 8);
}

#[test]
fn a_slice_that_a_condition_captured_is_told_from_another() {
    static ONE: [i64; 2] = [1, 2];
    static OTHER: [i64; 2] = [1, 5];
    fn sums_to(numbers: &'static [i64], sum: i64) -> impl Fn() -> bool + Clone {
        move || numbers.iter().sum::<i64>() == sum
    }
    let mut game = Game::start(|app| {
        app.add_systems(Update, one.run_if(sums_to(&ONE, 6)));
    });
    assert!(!game.frame().contains(&"one"));
    game.edit(|app| {
        app.add_systems(Update, one.run_if(sums_to(&OTHER, 6)));
    });
    assert!(game.frame().contains(&"one"));
}

#[test]
fn new_startup_systems_run_in_their_order_and_under_the_conditions_of_their_sets() {
    use bevy::app::{PostStartup, PreStartup};
    let mut game = Game::start(|app| {
        app.add_systems(Startup, four);
    });
    game.log().ran.clear();
    game.try_edit(|app| {
        app.add_systems(PostStartup, three)
            .add_systems(Startup, (two.after(one), one, four))
            .add_systems(PreStartup, ((never, also_never).run_if(no), || {}));
    })
    .unwrap();
    assert_eq!(game.log().ran, ["one", "two", "three"]);
}

fn never() {
    panic!("its set's condition is false");
}

fn also_never() {
    panic!("its set's condition is false");
}

#[test]
fn a_condition_with_another_value_is_another_condition() {
    fn at_most(limit: i64) -> impl Fn(Res<Log>) -> bool + Clone {
        move |log: Res<Log>| log.numbers.get("one").copied().unwrap_or_default() < limit
    }
    let mut game = Game::start(|app| {
        app.add_systems(Update, one.run_if(at_most(3)));
    });
    for _ in 0..5 {
        game.frame();
    }
    assert_eq!(game.number("one"), 3);
    game.edit(|app| {
        app.add_systems(Update, one.run_if(at_most(5)));
    });
    for _ in 0..5 {
        game.frame();
    }
    assert_eq!(
        game.number("one"),
        5,
        "the new limit holds, and the Local lives on"
    );
}

#[test]
fn a_system_with_another_signature_starts_anew_and_is_named() {
    mod before {
        use super::*;
        pub fn steer(mut runs: Local<i64>, mut log: ResMut<Log>) {
            *runs += 1;
            log.number("steer", *runs);
        }
    }
    fn exclusive(world: &mut World) {
        world.resource_mut::<Log>().note("exclusive");
    }
    fn local_only(_: NonSendMarker, mut log: ResMut<Log>) {
        log.note("local_only");
    }
    let mut game = Game::start(|app| {
        app.add_systems(Update, before::steer);
    });
    game.frame();
    assert_eq!(game.number("steer"), 2);
    let after: Plugin = |app| {
        app.add_systems(Update, (exclusive, local_only, one).chain());
    };
    let applied = game.edit(after);
    assert_eq!(short(&applied.removed), ["steer"]);
    assert_eq!(short(&applied.added), ["exclusive", "local_only", "one"]);
    assert_cold(&mut game, after);
    let ran = game.frame();
    assert!(
        ran.iter()
            .filter(|who| !who.starts_with("host"))
            .eq(["exclusive", "local_only", "one"].iter())
    );
}

#[test]
fn two_systems_never_hold_one_resource_mutably_after_an_edit() {
    // A slot that was refilled with a system of other access let two `ResMut` of one
    // resource run at once: the executor keeps what it was built with.
    #[derive(Resource, Default)]
    struct Contended(bool);
    fn hold(mut contended: ResMut<Contended>) {
        assert!(!contended.0, "two at once");
        contended.0 = true;
        std::thread::sleep(std::time::Duration::from_millis(2));
        contended.0 = false;
    }
    fn nothing() {}
    fn also_hold(contended: ResMut<Contended>) {
        hold(contended);
    }
    let mut game = Game::start(|app| {
        app.init_resource::<Contended>()
            .add_systems(Update, (hold, nothing));
    });
    game.edit(|app| {
        app.init_resource::<Contended>()
            .add_systems(Update, (hold, also_hold));
    });
    for _ in 0..10 {
        game.frame();
    }
}

#[test]
fn the_same_system_twice_generic_piped_mapped_and_closures() {
    fn generic<T: Send + Sync + 'static>(_: Local<Option<T>>, mut log: ResMut<Log>) {
        log.note(std::any::type_name::<T>());
    }
    fn number() -> i64 {
        7
    }
    fn take(In(number): In<i64>, mut log: ResMut<Log>) {
        log.number("piped", number);
    }
    fn fallible(mut log: ResMut<Log>) -> Result {
        log.note("fallible");
        Ok(())
    }
    let game = &mut series(&[
        |app| {
            app.add_systems(Update, one);
        },
        |app| {
            app.add_systems(Update, (one, one, generic::<u8>));
        },
        |app| {
            app.add_systems(
                Update,
                (
                    one,
                    generic::<u8>,
                    generic::<i8>,
                    number.pipe(take),
                    fallible,
                    (|mut log: ResMut<Log>| log.note("closure")).after(one),
                    number.map(|_| ()),
                ),
            );
        },
    ]);
    let ran = game.frame();
    for who in ["one", "u8", "i8", "fallible", "closure"] {
        assert_eq!(
            ran.iter().filter(|ran| **ran == who).count(),
            1,
            "{who} in {ran:?}"
        );
    }
    assert_eq!(game.number("piped"), 7);
    assert_eq!(game.number("one"), 4, "the first of the two lived on");
}

#[test]
fn a_function_pointer_and_a_closures_value_are_made_afresh() {
    fn say(number: i64) -> impl FnMut(ResMut<Log>) {
        move |mut log: ResMut<Log>| log.number("said", number)
    }
    fn first(mut log: ResMut<Log>) {
        log.note("first");
    }
    fn second(mut log: ResMut<Log>) {
        log.note("second");
    }
    let mut game = Game::start(|app| {
        app.add_systems(Update, (say(1), first as fn(ResMut<Log>)));
    });
    assert_eq!(game.number("said"), 1);
    let applied = game.edit(|app| {
        app.add_systems(Update, (say(2), second as fn(ResMut<Log>)));
    });
    assert_eq!(game.number("said"), 2);
    let ran = game.frame();
    assert!(
        ran.contains(&"second") && !ran.contains(&"first"),
        "{ran:?}"
    );
    assert_eq!(applied.reset.len(), 2, "{applied:?}");
}

#[test]
fn params_of_all_kinds_enter() {
    #[derive(Component)]
    struct Thing;
    fn set(mut set: ParamSet<(Query<&mut Thing>, Query<&Thing>)>, mut log: ResMut<Log>) {
        log.number(
            "things",
            set.p1().iter().count() as i64 + set.p0().iter().count() as i64,
        );
    }
    fn populated(_: Populated<&Thing>, mut log: ResMut<Log>) {
        log.note("populated");
    }
    fn single(_: Single<&Thing>, mut log: ResMut<Log>) {
        log.note("single");
    }
    fn spawn(mut commands: Commands, things: Query<(), With<Thing>>) {
        if things.is_empty() {
            commands.spawn(Thing);
        }
    }
    let game = &mut series(&[
        |app| {
            app.add_systems(Update, one);
        },
        |app| {
            app.add_systems(Update, (one, spawn, (set, populated, single)).chain());
        },
    ]);
    let ran = game.frame();
    assert!(
        ran.contains(&"populated") && ran.contains(&"single"),
        "{ran:?}"
    );
    assert_eq!(game.number("things"), 2);
}

#[test]
fn commands_are_applied_between_chained_systems_and_not_where_that_is_ignored() {
    #[derive(Component)]
    struct Thing;
    fn spawn(mut commands: Commands) {
        commands.spawn(Thing);
    }
    fn count(things: Query<(), With<Thing>>, mut log: ResMut<Log>) {
        log.number("things", things.iter().count() as i64);
    }
    let synced: Plugin = |app| {
        app.add_systems(Update, (spawn, count).chain());
    };
    let unsynced: Plugin = |app| {
        app.add_systems(Update, (spawn, count).chain_ignore_deferred());
    };
    let in_sets: Plugin = |app| {
        app.add_systems(Update, (spawn.in_set(Step::A), count.in_set(Step::B)))
            .configure_sets(Update, (Step::A, Step::B).chain_ignore_deferred());
    };
    let mut game = Game::start(synced);
    assert_eq!(game.number("things"), 1);
    game.edit(unsynced);
    assert_eq!(
        game.number("things"),
        1,
        "the second is counted a frame later"
    );
    game.edit(synced);
    assert_eq!(game.number("things"), 3);
    game.edit(in_sets);
    assert_eq!(game.number("things"), 3);
}

#[test]
fn sync_points_of_the_modules_own_schedules_come_and_go() {
    #[derive(Component)]
    struct Thing;
    fn spawn(mut commands: Commands) {
        commands.spawn(Thing);
    }
    fn count(things: Query<(), With<Thing>>, mut log: ResMut<Log>) {
        log.number("things", things.iter().count() as i64);
    }
    let mut game = Game::start(|app| {
        app.add_systems(Own, (spawn, count).chain());
    });
    let run = |game: &mut Game| {
        game.app.world_mut().run_schedule(Own);
        game.number("things")
    };
    assert_eq!(run(&mut game), 1);
    game.edit(|app| {
        app.add_systems(Own, (spawn, count).chain_ignore_deferred());
    });
    assert_eq!(run(&mut game), 1, "the second is not there yet");
    game.edit(|app| {
        app.add_systems(Own, (spawn, count).chain());
    });
    assert_eq!(run(&mut game), 3);
}

#[test]
fn a_plugin_that_looks_whether_its_schedule_is_there_is_recorded_as_it_was_built() {
    let plugin: Plugin = |app| {
        if app.get_schedule(Own).is_none() {
            app.init_schedule(Own).add_systems(Update, one);
        }
        app.add_systems(Own, (three, four).chain());
    };
    let mut game = Game::start(plugin);
    let applied = game.edit(plugin);
    assert_eq!(applied, Default::default());
    assert!(game.frame().contains(&"one"));
}

#[test]
fn fixed_startup_and_the_modules_own_schedules() {
    fn run_seldom(world: &mut World) {
        world.run_schedule(Seldom);
    }
    let game = &mut series(&[
        |app| {
            app.add_systems(Startup, one).add_systems(FixedUpdate, two);
        },
        |app| {
            app.init_schedule(Own)
                .add_systems(Own, three)
                .add_systems(RunFixedMainLoop, four)
                .add_systems(Startup, one)
                .add_systems(FixedUpdate, two);
            app.world_mut()
                .resource_mut::<MainScheduleOrder>()
                .insert_after(Update, Own);
        },
        |app| {
            app.add_systems(Own, (four, three).chain())
                .add_systems(Startup, one)
                .add_systems(Seldom, two)
                .add_systems(PostUpdate, run_seldom);
            app.world_mut()
                .resource_mut::<MainScheduleOrder>()
                .insert_before(Update, Own);
        },
    ]);
    assert_eq!(
        game.frame(),
        ["four", "three", "host_early", "host_late", "two"]
    );
    assert_eq!(game.number("one"), 1, "startup systems do not run again");
    game.edit(|app| {
        app.add_systems(Startup, one);
    });
    assert_eq!(game.frame(), ["host_early", "host_late"]);
    let labels = &game.app.world().resource::<MainScheduleOrder>().labels;
    assert!(!labels.contains(&Own.intern()));
    assert_eq!(game.app.world_mut().run_system_once(|| 1).unwrap(), 1);
}

#[test]
fn a_new_startup_system_runs_once_and_an_edited_one_does_not() {
    fn setup(mut log: ResMut<Log>) {
        let runs = log.numbers.get("setup").copied().unwrap_or_default();
        log.number("setup", runs + 1);
    }
    let mut game = Game::start(|app| {
        app.add_systems(Startup, one);
    });
    let after: Plugin = |app| {
        app.add_systems(Startup, (one, setup.run_if(yes)).chain());
    };
    game.edit(after);
    game.frame();
    assert_eq!((game.number("setup"), game.number("one")), (1, 1));
    assert_cold(&mut game, after);
    game.edit(|app| {
        app.add_systems(Startup, (setup, one.run_if(yes)));
    });
    assert_eq!((game.number("setup"), game.number("one")), (1, 1));
}

#[test]
fn a_startup_system_runs_once_whatever_comes_after_it() {
    use bevy::app::PostStartup;
    fn signature(_: Local<u8>, mut log: ResMut<Log>) {
        log.note("signature");
    }
    let none: Plugin = |_| {};
    let mut game = Game::start(none);
    let mut runs = |plugin: Plugin| {
        game.log().ran.clear();
        let edited = game.try_edit(plugin);
        edited.unwrap();
        assert_cold(&mut game, plugin);
        game.log().ran.clone()
    };
    let noted = |ran: Vec<&'static str>| -> Vec<&'static str> {
        ran.into_iter()
            .filter(|who| !who.starts_with("host"))
            .collect()
    };
    let both: Plugin = |app| {
        app.add_systems(Startup, (one, two).chain());
    };
    let in_post: Plugin = |app| {
        app.add_systems(PostStartup, one).add_systems(Startup, two);
    };
    assert_eq!(
        noted(runs(|app| {
            app.add_systems(Startup, two);
        })),
        ["two"]
    );
    assert_eq!(noted(runs(both)), ["one"]);
    // In another of these schedules, undone, and done again.
    for plugin in [in_post, none, both] {
        assert_eq!(noted(runs(plugin)), [""; 0]);
    }
    // Twice: the second has not run.
    assert_eq!(
        noted(runs(|app| {
            app.add_systems(Startup, (one, two, one, signature).chain());
        })),
        ["one", "signature"]
    );
    assert_eq!(noted(runs(both)), [""; 0]);
}

#[test]
fn a_startup_schedule_that_comes_with_its_order_runs_once() {
    let plugin: Plugin = |app| {
        app.add_systems(Own, one);
        app.world_mut()
            .resource_mut::<MainScheduleOrder>()
            .insert_startup_after(Startup, Own);
    };
    let mut game = Game::start(|app| {
        app.add_systems(Update, two);
    });
    game.edit(plugin);
    game.edit(plugin);
    assert_eq!(game.number("one"), 1);
    assert_cold(&mut game, plugin);
}

#[test]
fn a_schedule_that_never_ran_is_not_initialised_early() {
    #[derive(Resource, Default)]
    struct Made(u32);
    struct Counted;
    impl FromWorld for Counted {
        fn from_world(world: &mut World) -> Self {
            world.resource_mut::<Made>().0 += 1;
            Self
        }
    }
    fn uses(_: Local<Counted>) {}
    fn also(_: Local<Counted>) {}
    let before: Plugin = |app| {
        app.init_resource::<Made>().add_systems(Seldom, uses);
    };
    let after: Plugin = |app| {
        app.init_resource::<Made>()
            .add_systems(Seldom, (uses, also).chain());
    };
    let mut game = Game::start(before);
    game.edit(after);
    assert_eq!(game.app.world().resource::<Made>().0, 0);
    game.app.world_mut().run_schedule(Seldom);
    assert_eq!(
        game.app.world().resource::<Made>().0,
        2,
        "the new code, when it runs"
    );
}

#[test]
fn schedules_that_did_not_change_are_not_built_again() {
    use bevy::ecs::schedule::ScheduleBuilt;
    #[derive(Resource, Default)]
    struct Built(Vec<String>);
    let mut game = Game::start(|app| {
        app.add_systems(Update, one).add_systems(PostUpdate, two);
    });
    game.app.init_resource::<Built>();
    game.app
        .world_mut()
        .add_observer(|built: On<ScheduleBuilt>, mut all: ResMut<Built>| {
            all.0.push(format!("{:?}", built.label));
        });
    game.edit(|app| {
        app.add_systems(Update, (one, three))
            .add_systems(PostUpdate, two);
    });
    assert_eq!(game.app.world().resource::<Built>().0, ["Update"]);
    assert!(game.app.get_schedule(Main).is_some());
}

#[test]
fn edits_leave_no_sets_behind_that_pile_up() {
    let plugins: [Plugin; 2] = [
        |app| {
            app.add_systems(Update, (one, two, three).chain())
                .configure_sets(Update, Step::A.run_if(yes));
        },
        |app| {
            app.add_systems(Update, (three, two, one).chain());
        },
    ];
    let mut game = Game::start(plugins[0]);
    let sets = |game: &Game| {
        game.app
            .get_schedule(Update)
            .unwrap()
            .graph()
            .system_sets
            .len()
    };
    game.edit(plugins[1]);
    let after_one = sets(&game);
    for round in 0..20 {
        game.edit(plugins[round % 2]);
    }
    assert_eq!(sets(&game), after_one);
}
