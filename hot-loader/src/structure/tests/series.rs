//! Hot equals cold, over generated series of edits: plugins over a small grammar of
//! registrations, each edit held against a fresh start.
//!
//! A generation's plugin is a function without captures, so what it registers is read
//! from a place that the test writes before it edits.

use super::{Game, Log, Plugin, Refusal, assert_cold};
use crate::panics;
use bevy::{
    app::{App, FixedUpdate, PostUpdate, Startup, Update},
    ecs::{prelude::*, schedule::ScheduleLabel},
    prelude::*,
};
use std::cell::RefCell;

/// Edits in all; a minute's worth can be asked for by the environment.
const EDITS: usize = 300;
const MORE: &str = "HOT_LOADER_SERIES";

thread_local! {
    static SPEC: RefCell<Vec<Registration>> = const { RefCell::new(Vec::new()) };
    /// What the host adds after the gameplay.
    static LATER: RefCell<Vec<Registration>> = const { RefCell::new(Vec::new()) };
}

/// One thing that a plugin registers; numbers choose from small lists.
#[derive(Clone, Debug)]
enum Registration {
    System {
        schedule: u8,
        system: u8,
        sets: Vec<u8>,
        after: Option<u8>,
        before_set: Option<u8>,
        condition: Option<u8>,
    },
    Chain {
        schedule: u8,
        systems: [u8; 3],
        condition: Option<u8>,
    },
    Sets {
        schedule: u8,
        order: (u8, u8),
        nest: Option<(u8, u8)>,
        condition: Option<(u8, u8)>,
    },
    Observer(u8),
    Resource(u8, u32),
    Message,
    State,
    Type,
}

/// A small generator of numbers, the same at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides) as u8
    }

    /// Mostly one, so that what is registered has to do with each other.
    fn schedule(&mut self) -> u8 {
        self.roll(9).saturating_sub(4)
    }

    fn maybe(&mut self, sides: u64) -> Option<u8> {
        (self.roll(2) == 0).then(|| self.roll(sides))
    }
}

impl Registration {
    fn random(dice: &mut Dice) -> Self {
        match dice.roll(12) {
            0..=4 => Self::System {
                schedule: dice.schedule(),
                system: dice.roll(6),
                sets: (0..dice.roll(3)).map(|_| dice.roll(5)).collect(),
                after: dice.maybe(6),
                before_set: dice.maybe(5),
                condition: dice.maybe(3),
            },
            5..=6 => Self::Chain {
                schedule: dice.schedule(),
                systems: [dice.roll(6), dice.roll(6), dice.roll(6)],
                condition: dice.maybe(3),
            },
            7..=8 => Self::Sets {
                schedule: dice.schedule(),
                order: (dice.roll(5), dice.roll(5)),
                nest: (dice.roll(3) == 0).then(|| (dice.roll(5), dice.roll(5))),
                condition: (dice.roll(3) == 0).then(|| (dice.roll(5), dice.roll(3))),
            },
            9 => Self::Observer(dice.roll(2)),
            10 => Self::Resource(dice.roll(2), u32::from(dice.roll(5))),
            _ => match dice.roll(3) {
                0 => Self::Message,
                1 => Self::State,
                _ => Self::Type,
            },
        }
    }
}

#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
struct Set(u8);

#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct Own;

#[derive(Resource, Clone, Copy, PartialEq, Debug)]
struct Numbered<const N: u8>(u32);

#[derive(Message)]
struct Ping;

#[derive(Event)]
struct Bell;

#[derive(States, Default, Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    #[default]
    Warmup,
}

#[derive(Component, Reflect)]
struct Shown;

fn system<const N: u8>(mut runs: Local<i64>, mut log: ResMut<Log>) {
    *runs += 1;
    log.note(["s0", "s1", "s2", "s3", "s4", "s5"][usize::from(N)]);
}

fn of_host<const N: u8>(mut log: ResMut<Log>) {
    log.note(["h0", "h1", "h2", "h3", "h4", "h5"][usize::from(N)]);
}

fn condition<const N: u8>(_: Local<u8>) -> bool {
    N != 2
}

fn observer<const N: u8>(_: On<Bell>) {}

fn uses_resource<const N: u8>(_: Res<Numbered<N>>) {}

fn uses_message(_: MessageReader<Ping>) {}

macro_rules! pick {
    ($number:expr, $name:ident, $($n:literal),*) => {
        match $number {
            $($n => IntoSystem::into_system($name::<$n>).with_name_kept(),)*
            _ => IntoSystem::into_system($name::<0>).with_name_kept(),
        }
    };
}

/// Systems of several types in one variable.
trait Boxed {
    fn with_name_kept(self) -> bevy::ecs::system::BoxedSystem;
}

impl<S: System<In = (), Out = ()>> Boxed for S {
    fn with_name_kept(self) -> bevy::ecs::system::BoxedSystem {
        Box::new(self)
    }
}

/// Makes one of several systems.
type Systems = fn(u8) -> bevy::ecs::system::BoxedSystem;

fn boxed_system(number: u8) -> bevy::ecs::system::BoxedSystem {
    pick!(number, system, 0, 1, 2, 3, 4, 5)
}

fn boxed_of_host(number: u8) -> bevy::ecs::system::BoxedSystem {
    pick!(number, of_host, 0, 1, 2, 3, 4, 5)
}

fn set_of(number: u8) -> bevy::ecs::schedule::InternedSystemSet {
    match number {
        3 => super::HostSet::Early.intern(),
        4 => super::HostSet::Late.intern(),
        number => Set(number).intern(),
    }
}

fn run_if<T>(
    config: bevy::ecs::schedule::ScheduleConfigs<T>,
    number: Option<u8>,
) -> bevy::ecs::schedule::ScheduleConfigs<T>
where
    T: bevy::ecs::schedule::Schedulable<
            Metadata = bevy::ecs::schedule::GraphInfo,
            GroupMetadata = bevy::ecs::schedule::Chain,
        >,
{
    match number {
        Some(0) => config.run_if(condition::<0>),
        Some(1) => config.run_if(condition::<1>),
        Some(_) => config.run_if(condition::<2>),
        None => config,
    }
}

fn system_set(number: u8) -> bevy::ecs::schedule::InternedSystemSet {
    boxed_system(number).default_system_sets()[0]
}

/// Registers what the specification says.
fn plugin(app: &mut App) {
    for registration in SPEC.with_borrow(Clone::clone) {
        register(app, registration, boxed_system);
    }
}

/// Registers what the host has besides.
fn later(app: &mut App) {
    for registration in LATER.with_borrow(Clone::clone) {
        register(app, registration, boxed_of_host);
    }
}

fn register(app: &mut App, registration: Registration, boxed: Systems) {
    match registration {
        Registration::System {
            schedule,
            system,
            sets,
            after,
            before_set,
            condition,
        } => {
            let mut config = boxed(system).into_configs();
            for set in sets {
                config = config.in_set(set_of(set));
            }
            if let Some(after) = after {
                config = config.after(system_set(after));
            }
            if let Some(set) = before_set {
                config = config.before(set_of(set));
            }
            add(app, schedule, run_if(config, condition));
        }
        Registration::Chain {
            schedule,
            systems: [a, b, c],
            condition,
        } => {
            let config = (boxed(a), boxed(b), boxed(c)).chain();
            add(app, schedule, run_if(config, condition));
        }
        Registration::Sets {
            schedule,
            order: (first, second),
            nest,
            condition,
        } => {
            let mut config = set_of(first).before(set_of(second));
            // What is said of the game's own sets cannot be unsaid, and is tested apart.
            if first >= 3 && second >= 3 {
                return;
            }
            if let Some((_, parent)) = nest.filter(|_| first < 3) {
                config = config.in_set(set_of(parent));
            }
            if let Some((_, number)) = condition.filter(|_| first < 3) {
                config = run_if(config, Some(number));
            }
            match schedule {
                0 => app.configure_sets(Update, config),
                1 => app.configure_sets(PostUpdate, config),
                2 => app.configure_sets(FixedUpdate, config),
                3 => app.configure_sets(Startup, config),
                _ => app.configure_sets(Own, config),
            };
        }
        Registration::Observer(0) => {
            app.add_observer(observer::<0>);
        }
        Registration::Observer(_) => {
            app.add_observer(observer::<1>);
        }
        Registration::Resource(0, value) => {
            app.insert_resource(Numbered::<0>(value))
                .add_systems(Update, uses_resource::<0>);
        }
        Registration::Resource(_, value) => {
            app.insert_resource(Numbered::<1>(value))
                .add_systems(Update, uses_resource::<1>);
        }
        Registration::Message => {
            app.add_message::<Ping>().add_systems(Update, uses_message);
        }
        Registration::State => {
            app.init_state::<Phase>();
        }
        Registration::Type => {
            app.register_type::<Shown>();
        }
    }
}

fn add(
    app: &mut App,
    schedule: u8,
    config: bevy::ecs::schedule::ScheduleConfigs<bevy::ecs::system::ScheduleSystem>,
) {
    match schedule {
        0 => app.add_systems(Update, config),
        1 => app.add_systems(PostUpdate, config),
        2 => app.add_systems(FixedUpdate, config),
        3 => app.add_systems(Startup, config),
        _ => app.add_systems(Own, config),
    };
}

/// Whether the engine itself builds what the specification says.
fn builds() -> bool {
    panics::attempt(|| {
        let mut app = super::host();
        plugin(&mut app);
        later(&mut app);
        app.update();
        for label in [Own.intern(), FixedUpdate.intern()] {
            // Only if something is in it.
            app.world_mut().try_run_schedule(label).unwrap_or_default();
        }
    })
    .is_ok()
}

/// A specification that builds, set as what the plugin registers.
fn first(dice: &mut Dice) -> Vec<Registration> {
    loop {
        let spec: Vec<_> = (0..dice.roll(8))
            .map(|_| Registration::random(dice))
            .collect();
        SPEC.set(spec.clone());
        if builds() {
            return spec;
        }
    }
}

/// What a host adds later: systems, in half of all games.
fn hosts_own(dice: &mut Dice) -> Vec<Registration> {
    let count = dice.roll(8).saturating_sub(4);
    let mut all = core::iter::repeat_with(|| Registration::random(dice));
    let mut systems = Vec::new();
    while systems.len() < usize::from(count) {
        let systems_only =
            all.find(|it| matches!(it, Registration::System { .. } | Registration::Chain { .. }));
        systems.extend(systems_only);
    }
    systems
}

/// Takes something away, adds something, or changes something.
fn mutate(spec: &mut Vec<Registration>, dice: &mut Dice) {
    for _ in 0..=dice.roll(3) {
        let at = (!spec.is_empty()).then(|| usize::from(dice.roll(spec.len() as u64)));
        match (dice.roll(3), at) {
            (0, Some(at)) => {
                spec.remove(at);
            }
            (1, Some(at)) => spec[at] = Registration::random(dice),
            _ => spec.push(Registration::random(dice)),
        }
    }
    spec.truncate(14);
}

#[test]
fn a_game_after_any_edits_is_as_one_that_was_started_with_the_last() {
    let edits = std::env::var(MORE)
        .ok()
        .and_then(|edits| edits.parse().ok())
        .unwrap_or(EDITS);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut applied, mut refused, mut restarts) = (0, 0, 0);
    let plugin: Plugin = plugin;
    while applied < edits {
        SPEC.take();
        LATER.set(hosts_own(&mut dice));
        if !builds() {
            continue;
        }
        let mut spec = first(&mut dice);
        // Some of the host's may be told from the gameplay's by their code alone.
        let is_taken = dice.roll(2) == 0;
        let mut game =
            Game::start_before(plugin, later, &|name| is_taken && name.contains("of_host"));
        // Records it now: the function will register something else later.
        game.edit(plugin);
        assert_cold(&mut game, plugin);
        for _ in 0..12 {
            let before = spec.clone();
            mutate(&mut spec, &mut dice);
            SPEC.set(spec.clone());
            let good = builds();
            let outcome = game.try_edit(plugin);
            match (good, outcome) {
                (true, Ok(_)) => {
                    game.frame();
                    applied += 1;
                    let hot = panics::attempt(|| assert_cold(&mut game, plugin));
                    if let Err(error) = hot {
                        let later = LATER.with_borrow(Clone::clone);
                        panic!("beside {later:#?}\nafter {before:#?}\nto {spec:#?}\n{error}");
                    }
                }
                // It does not build: the game is as it was.
                (false, Err(_)) => {
                    refused += 1;
                    spec.clone_from(&before);
                    SPEC.set(before);
                    assert_cold(&mut game, plugin);
                }
                // An order between sets of the game's own cannot be unsaid.
                (true, Err(Refusal::Restart(reason))) if reason.contains("no longer declares") => {
                    restarts += 1;
                    spec.clone_from(&before);
                    SPEC.set(before);
                    assert_cold(&mut game, plugin);
                }
                (true, Err(refusal)) => panic!("{before:#?}\nto {spec:#?}\n{refusal:?}"),
                (false, Ok(_)) => panic!("the engine does not build {spec:#?}"),
            }
        }
    }
    assert!(refused > 0, "some of them must not build");
    assert!(
        restarts * 10 < applied,
        "{restarts} of {applied} need a restart"
    );
}
