//! Proxies in real schedules: they change nothing, and they stop what must not
//! get out.

use super::{Guard, OfSystem, Proxy, Slot, Slots};
use crate::{
    schedules::{Diversion, Known, LiveSchedule, Pending, adopt, enter_first},
    testing::render,
};
use bevy::{
    app::{App, Update},
    ecs::{
        error::{BevyError, ErrorContext, FallbackErrorHandler},
        prelude::*,
        schedule::Schedules,
        system::{BoxedSystem, NonSendMarker, RunSystemError, System, SystemBuffer, SystemMeta},
        world::DeferredWorld,
    },
};
use std::sync::Arc;

#[derive(Resource, Default, Debug, PartialEq)]
struct Log(Vec<&'static str>);

#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
struct Group;

#[derive(Resource)]
struct Open(bool);

#[derive(Component)]
struct Thing;

fn early(mut log: ResMut<Log>) {
    log.0.push("early");
}

fn late(mut log: ResMut<Log>, mut runs: Local<u8>, mut commands: Commands) {
    *runs += 1;
    log.0.push(if *runs == 1 { "late" } else { "late again" });
    commands.spawn(Thing);
}

fn after_commands(things: Query<(), Added<Thing>>, mut log: ResMut<Log>) {
    log.0.push(if things.is_empty() {
        "no thing"
    } else {
        "a new thing"
    });
}

fn exclusive(world: &mut World) {
    world.resource_mut::<Log>().0.push("exclusive");
}

fn local_only(_: NonSendMarker, mut log: ResMut<Log>) {
    log.0.push("main thread");
}

fn grouped(mut log: ResMut<Log>) {
    log.0.push("grouped");
}

fn is_open(open: Res<Open>) -> bool {
    open.0
}

fn add_systems(app: &mut App) {
    app.init_resource::<Log>()
        .insert_resource(Open(true))
        .configure_sets(Update, Group.run_if(is_open).after(exclusive))
        .add_systems(
            Update,
            (
                (early, late, after_commands, exclusive, local_only).chain(),
                grouped.in_set(Group).after(local_only),
            ),
        );
}

/// Builds `add` on an app with proxies, as a module is.
fn proxied(app: &mut App, guard: &Arc<Guard>, add: impl FnOnce(&mut App)) -> Vec<LiveSchedule> {
    let schedules = app.world().resource::<Schedules>();
    let labels: Vec<_> = schedules.iter().map(|(_, s)| s.label()).collect();
    let diversion = Diversion::begin(app.world_mut(), &labels);
    add(app);
    let recorded = diversion.end(app.world_mut());
    let mut schedules = app.world_mut().resource_mut::<Schedules>();
    enter_first(&mut schedules, recorded, &labels, guard)
}

fn wrapped_app(add: impl FnOnce(&mut App)) -> (App, Vec<Arc<dyn Slots>>, Arc<Guard>) {
    let mut app = App::new();
    let guard = Arc::new(Guard::new(app.world().fallback_error_handler()));
    let live = proxied(&mut app, &guard, add);
    let slots = live.iter().flat_map(LiveSchedule::slots).collect();
    (app, slots, guard)
}

#[test]
fn a_schedule_with_proxies_looks_and_runs_as_without() {
    let mut plain = App::new();
    add_systems(&mut plain);
    let (mut proxied, slots, _) = wrapped_app(add_systems);
    assert_eq!(slots.len(), 7, "six systems and the condition of a set");
    assert_eq!(render(proxied.world_mut()), render(plain.world_mut()));
    for open in [true, false, true] {
        for app in [&mut plain, &mut proxied] {
            app.world_mut().resource_mut::<Open>().0 = open;
            app.update();
        }
        assert_eq!(
            proxied.world().resource::<Log>(),
            plain.world().resource::<Log>()
        );
    }
    let log = &proxied.world().resource::<Log>().0;
    assert_eq!(
        log[..6],
        [
            "early",
            "late",
            "a new thing",
            "exclusive",
            "main thread",
            "grouped"
        ]
    );
    assert_eq!(log[6 + 1], "late again", "a Local lives behind the proxy");
    assert_eq!(log.iter().filter(|l| **l == "grouped").count(), 2);
}

#[test]
fn only_what_the_module_added_gets_a_proxy() {
    let mut app = App::new();
    app.init_resource::<Log>().add_systems(Update, early);
    let guard = Arc::new(Guard::new(app.world().fallback_error_handler()));
    let mut live = proxied(&mut app, &guard, |app| {
        app.add_systems(Update, grouped);
    });
    assert_eq!(names(&live), ["grouped"]);
    // Later steps of plugins: by name, among what the game added.
    let mut schedules = app.world_mut().resource_mut::<Schedules>();
    let known = Known::all(&schedules);
    schedules.add_systems(Update, (exclusive, early));
    let ours = |name: &str| name.ends_with("exclusive");
    let (late, missed) = adopt(&mut schedules, &known, &Pending::default(), &guard, &ours);
    live.extend(late);
    assert_eq!(names(&live), ["grouped", "exclusive"]);
    assert!(missed.is_empty());
    app.update();
    assert!(app.world().resource::<Log>().0.contains(&"exclusive"));
}

fn names(live: &[LiveSchedule]) -> Vec<String> {
    live.iter()
        .flat_map(LiveSchedule::slots)
        .map(|slot| slot.name().rsplit("::").next().unwrap().to_owned())
        .collect()
}

#[test]
fn a_schedule_that_was_built_too_early_is_named() {
    let mut app = App::new();
    let guard = Arc::new(Guard::new(app.world().fallback_error_handler()));
    let known = Known::all(app.world().resource::<Schedules>());
    add_systems(&mut app);
    app.world_mut().run_schedule(Update);
    let mut schedules = app.world_mut().resource_mut::<Schedules>();
    let (live, missed) = adopt(&mut schedules, &known, &Pending::default(), &guard, &|_| {
        true
    });
    assert!(
        live.iter().flat_map(LiveSchedule::slots).count() <= 1,
        "the set's condition"
    );
    assert_eq!(missed.iter().collect::<Vec<_>>(), ["Update"]);
}

#[test]
fn a_panic_stops_its_system_until_it_is_turned_on_and_no_other() {
    fn breaks(mut log: ResMut<Log>) {
        log.0.push("breaks");
        panic!("by test");
    }
    let (mut app, slots, guard) = wrapped_app(|app| {
        app.init_resource::<Log>()
            .add_systems(Update, (breaks, early).chain());
    });
    app.update();
    app.update();
    assert_eq!(
        app.world().resource::<Log>().0,
        ["breaks", "early", "early"]
    );
    let panics = guard.take_panics();
    assert_eq!(panics.len(), 1);
    assert!(panics[0].0.ends_with("breaks"));
    assert!(panics[0].1.starts_with("by test at "), "{}", panics[0].1);
    assert!(panics[0].1.contains("tests.rs:"), "{}", panics[0].1);
    assert!(guard.take_panics().is_empty(), "each is told once");

    slots.iter().for_each(|slot| slot.turn_on());
    app.update();
    assert_eq!(guard.take_panics().len(), 1, "it ran again");
}

#[test]
fn a_condition_that_panics_is_false() {
    fn breaks() -> bool {
        panic!("by test")
    }
    let (mut app, _, guard) = wrapped_app(|app| {
        app.init_resource::<Log>()
            .add_systems(Update, (early.run_if(breaks), grouped));
    });
    app.update();
    assert_eq!(app.world().resource::<Log>().0, ["grouped"]);
    assert_eq!(guard.take_panics().len(), 1);
}

#[test]
fn a_deferred_command_that_panics_stops_its_system() {
    fn queues(mut commands: Commands, mut log: ResMut<Log>) {
        log.0.push("queues");
        commands.queue(|_: &mut World| panic!("by test"));
    }
    let (mut app, _, guard) = wrapped_app(|app| {
        app.init_resource::<Log>().add_systems(Update, queues);
    });
    app.update();
    app.update();
    assert_eq!(app.world().resource::<Log>().0, ["queues"]);
    assert_eq!(guard.take_panics().len(), 1);
}

#[test]
fn an_error_goes_to_the_worlds_handler_and_a_handler_that_panics_stops_the_system() {
    fn fails(mut log: ResMut<Log>) -> Result {
        log.0.push("fails");
        Err("by test".into())
    }
    fn lenient(_: BevyError, context: ErrorContext) {
        assert!(context.name().to_string().ends_with("fails"));
    }
    fn strict(error: BevyError, _: ErrorContext) {
        panic!("{error}");
    }
    for (handler, runs) in [(lenient as fn(BevyError, ErrorContext), 2), (strict, 1)] {
        let (mut app, _, guard) = wrapped_app(|app| {
            app.insert_resource(FallbackErrorHandler(handler))
                .init_resource::<Log>()
                .add_systems(Update, fails);
        });
        guard.set_handler(handler);
        app.update();
        app.update();
        assert_eq!(app.world().resource::<Log>().0.len(), runs);
        assert_eq!(guard.take_panics().len(), 2 - runs);
    }
}

#[test]
fn what_panics_while_it_is_initialised_never_runs() {
    struct Unmakeable;
    impl FromWorld for Unmakeable {
        fn from_world(_: &mut World) -> Self {
            panic!("by test")
        }
    }
    fn conflicts(mut commands: Commands, mut log: ResMut<Log>, _again: ResMut<Log>) {
        commands.spawn(Thing);
        log.0.push("conflicts");
    }
    fn unmade(_: Local<Unmakeable>, mut log: ResMut<Log>) {
        log.0.push("unmade");
    }
    fn asks(_: Local<Unmakeable>) -> bool {
        true
    }
    let (mut app, slots, guard) = wrapped_app(|app| {
        app.init_resource::<Log>()
            .add_systems(Update, (conflicts, unmade, grouped.run_if(asks), early));
    });
    app.update();
    assert_eq!(guard.take_panics().len(), 3, "each is named");
    // A reload that puts new code behind the same state.
    for slot in &slots {
        slot.turn_on();
        let table = slot.table();
        #[expect(unsafe_code, reason = "the table is the slot's own")]
        // SAFETY: a table of the very same object.
        let stored = unsafe { slot.repoint(table, table) };
        assert!(stored);
    }
    app.update();
    assert_eq!(app.world().resource::<Log>().0, ["early", "early"]);
    assert_eq!(guard.take_panics(), []);
    let off = slots.iter().filter(|slot| slot.never_initialised());
    assert_eq!(off.count(), 3);
}

/// A slot and what its proxies share.
fn slot<M>(system: impl IntoSystem<(), (), M>) -> (Arc<Slot<OfSystem>>, Arc<Guard>) {
    let guard = Arc::new(Guard::new(bevy::ecs::error::panic));
    let system: BoxedSystem = Box::new(IntoSystem::into_system(system));
    (Arc::new(Slot::new(system, guard.clone())), guard)
}

#[test]
fn what_takes_over_for_a_system_runs_behind_every_proxy_of_it() {
    let (old, _) = slot(late);
    let (new, _) = slot(late);
    let (other, _) = slot(grouped);
    let world = &mut World::new();
    world.init_resource::<Log>();
    let mut proxies = [Proxy::of(old.clone()), Proxy::of(old.clone())];
    proxies[0].initialize(world);
    for slot in [&new, &other] {
        slot.initialize(world, None).unwrap();
    }
    for proxy in &mut proxies {
        proxy.run((), world).unwrap();
    }
    assert!(old.fits(&new) && !old.fits(&other));
    old.take(&new);
    for proxy in &mut proxies {
        proxy.run((), world).unwrap();
    }
    let log = &world.resource::<Log>().0;
    assert_eq!(*log, ["late", "late again", "late", "late again"]);
    assert_eq!(new.last_run(), None, "it is empty");
}

#[test]
fn a_system_that_is_run_while_it_runs_is_told_of_and_runs_once() {
    #[derive(Resource)]
    struct Second(Proxy<OfSystem>);
    fn nests(world: &mut World) {
        world.resource_mut::<Log>().0.push("nests");
        world.resource_scope(|world, mut second: Mut<Second>| {
            second.0.run((), world).unwrap();
        });
    }
    let (slot, guard) = slot(nests);
    let world = &mut World::new();
    world.init_resource::<Log>();
    world.insert_resource(Second(Proxy::of(slot.clone())));
    let mut first = Proxy::of(slot);
    first.initialize(world);
    for _ in 0..2 {
        first.run((), world).unwrap();
    }
    assert_eq!(world.resource::<Log>().0, ["nests"], "it is off");
    let told = guard.take_panics();
    assert_eq!(told.len(), 1);
    assert!(told[0].1.contains("while it runs"), "{told:?}");
}

#[test]
fn what_lacks_a_parameter_is_skipped_without_a_word() {
    fn needs(_: Single<&Thing>, mut log: ResMut<Log>) {
        log.0.push("needs");
    }
    let (slot, guard) = slot(needs);
    let world = &mut World::new();
    world.init_resource::<Log>();
    let mut proxy = Proxy::of(slot);
    proxy.initialize(world);
    let skipped = proxy.run((), world);
    assert!(matches!(skipped, Err(RunSystemError::Skipped(_))));
    world.spawn(Thing);
    proxy.run((), world).unwrap();
    assert_eq!(world.resource::<Log>().0, ["needs"]);
    assert_eq!(guard.take_panics(), []);
}

#[test]
fn what_a_system_deferred_before_it_panicked_happens() {
    fn breaks(mut commands: Commands) {
        commands.spawn(Thing);
        panic!("by test");
    }
    let (mut app, _, guard) = wrapped_app(|app| {
        app.add_systems(Update, breaks);
    });
    app.update();
    assert_eq!(guard.take_panics().len(), 1);
    let world = app.world_mut();
    assert_eq!(world.query::<&Thing>().iter(world).count(), 1);
}

#[test]
fn a_buffer_that_panics_whenever_it_is_applied_is_told_of_once() {
    #[derive(Default)]
    struct Breaks;
    impl SystemBuffer for Breaks {
        fn queue(&mut self, _: &SystemMeta, _: DeferredWorld) {
            panic!("by test");
        }
    }
    fn defers(_: Deferred<Breaks>, mut log: ResMut<Log>) {
        log.0.push("defers");
    }
    let (mut app, slots, guard) = wrapped_app(|app| {
        app.init_resource::<Log>().add_systems(Update, defers);
    });
    for told in [1, 0, 0] {
        app.update();
        assert_eq!(guard.take_panics().len(), told);
    }
    slots.iter().for_each(|slot| slot.turn_on());
    app.update();
    assert_eq!(guard.take_panics().len(), 1, "it ran again");
    assert_eq!(app.world().resource::<Log>().0, ["defers", "defers"]);
}

#[test]
fn a_system_that_runs_enters_no_other_schedule() {
    #[derive(Resource)]
    struct Second(Proxy<OfSystem>);
    fn asks(world: &mut World) {
        world.resource_scope(|world, mut second: Mut<Second>| {
            let access = second.0.initialize(world);
            assert!(access.filtered_accesses().is_empty());
        });
        world.resource_mut::<Log>().0.push("asks");
    }
    let (slot, guard) = slot(asks);
    let world = &mut World::new();
    world.init_resource::<Log>();
    world.insert_resource(Second(Proxy::of(slot.clone())));
    let mut first = Proxy::of(slot);
    first.initialize(world);
    first.run((), world).unwrap();
    assert_eq!(world.resource::<Log>().0, ["asks"]);
    assert!(guard.take_panics()[0].1.contains("while it runs"));
}

#[test]
fn an_outdated_table_is_not_replaced() {
    let (_app, slots, _) = wrapped_app(add_systems);
    let slot = &slots[0];
    let table = slot.table();
    #[expect(unsafe_code, reason = "the tables are the slot's own, or never stored")]
    // SAFETY: a table of the very same object; the wrong one is not stored.
    unsafe {
        assert!(!slot.repoint(table + 8, table));
        assert_eq!(slot.table(), table);
        assert!(slot.repoint(table, table));
    }
}
