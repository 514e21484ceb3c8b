//! Finding tables in real images: this test's own executable, and libraries of
//! the process.

use super::{Find, NewRunners};
use crate::engine::observer::ObserverFields;
use crate::engine::tables::{TableShape, table_of};
use crate::load::Image;
use bevy::{
    app::{App, First},
    ecs::{
        prelude::*,
        schedule::{BoxedCondition, Schedules},
        system::{BoxedSystem, IntoSystem, ReadOnlySystem},
    },
};
use std::{collections::HashMap, fs, path::PathBuf};

#[derive(Resource, Default)]
struct Count(u32);

fn first(mut count: ResMut<Count>) {
    count.0 += 1;
}

fn second(mut count: ResMut<Count>) {
    count.0 += 2;
}

/// Equal to `first` to the letter: compilers merge such functions.
fn twin(mut count: ResMut<Count>) {
    count.0 += 1;
}

fn generic<T: Send + Sync + 'static>(_: Local<Option<T>>) {}

fn gate(count: Res<Count>) -> bool {
    count.0 > 3
}

fn never() -> bool {
    false
}

fn systems() -> Vec<(&'static str, BoxedSystem)> {
    fn boxed<M>(system: impl IntoSystem<(), (), M>) -> BoxedSystem {
        Box::new(IntoSystem::into_system(system))
    }
    let by = 3;
    vec![
        ("first", boxed(first)),
        ("second", boxed(second)),
        ("twin", boxed(twin)),
        ("generic<u8>", boxed(generic::<u8>)),
        ("generic<i8>", boxed(generic::<i8>)),
        ("a closure", boxed(move |mut c: ResMut<Count>| c.0 += by)),
        (
            "another closure",
            boxed(move |mut c: ResMut<Count>| c.0 += by),
        ),
        ("exclusive", boxed(|world: &mut World| world.clear_all())),
        ("mapped", boxed(first.map(|()| ()))),
        (
            "piped",
            boxed(gate.pipe(|In(open): In<bool>| assert!(!open))),
        ),
    ]
}

fn conditions() -> Vec<(&'static str, BoxedCondition)> {
    fn boxed<M, S: ReadOnlySystem<In = (), Out = bool>>(
        condition: impl IntoSystem<(), bool, M, System = S>,
    ) -> BoxedCondition {
        Box::new(IntoSystem::into_system(condition))
    }
    vec![
        ("gate", boxed(gate)),
        ("never", boxed(never)),
        ("not(gate)", boxed(not(gate))),
        ("a closure", boxed(|count: Res<Count>| count.0 == 1)),
        ("gate and never", boxed(gate.and_then(never))),
    ]
}

fn own() -> Image {
    Image::of_executable(own as fn() -> Image as usize).unwrap()
}

/// The image of a library of the process: the standard library's.
fn standard_library() -> Image {
    let anchor = std::env::current_exe as fn() -> std::io::Result<PathBuf> as usize;
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let path = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| path.contains("/libstd-"))
        .unwrap();
    let path = PathBuf::from(path);
    Image::read(&fs::read(&path).unwrap(), &path, anchor).unwrap()
}

#[test]
fn every_system_and_condition_finds_its_own_table_and_no_other() {
    let image = own();
    let old = [&image];
    let find = Find::new(&old, &image);
    let mut owners = HashMap::new();
    let systems = systems();
    let conditions = conditions();
    let tables = systems
        .iter()
        .map(|(name, system)| (*name, table_of(system), TableShape::System))
        .chain(
            conditions
                .iter()
                .map(|(name, c)| (*name, table_of(c), TableShape::Condition)),
        );
    for (name, table, shape) in tables {
        assert!(find.is_modules(table), "{name}");
        let found = find
            .table(table, shape)
            .unwrap_or_else(|| panic!("{name} has none"));
        if let Some(other) = owners.insert(found, name) {
            panic!("{name} got the table of {other}");
        }
    }
    assert_eq!(owners.len(), systems.len() + conditions.len());
}

#[test]
#[cfg(target_os = "linux")]
fn a_system_that_the_new_code_does_not_have_is_gone() {
    let image = own();
    let old = [&image];
    let new = standard_library();
    let find = Find::new(&old, &new);
    for (name, system) in systems() {
        assert_eq!(
            find.table(table_of(&system), TableShape::System),
            None,
            "{name}"
        );
    }
}

#[test]
fn a_system_of_the_engines_own_library_is_none_of_the_modules() {
    let image = own();
    let old = [&image];
    let find = Find::new(&old, &image);
    // Added by `SubApp::default`, inside the engine's library.
    let mut app = App::empty();
    let schedules = app.world_mut().resource_mut::<Schedules>();
    let engines = schedules
        .get(First)
        .unwrap()
        .graph()
        .systems
        .iter()
        .map(|(_, system, _)| table_of(system))
        .collect::<Vec<_>>();
    assert!(!engines.is_empty());
    for table in engines {
        assert!(!find.is_modules(table));
        assert_eq!(find.table(table, TableShape::System), None);
    }
}

#[derive(Event)]
struct Bell;

fn rings(_: On<Bell>, mut count: ResMut<Count>) {
    count.0 += 1;
}

#[test]
fn what_runs_an_observer_is_found_unless_its_code_is_a_value() {
    let image = own();
    let fields = ObserverFields::find().unwrap();
    let by = 3;
    let pointer: fn(On<Bell>, ResMut<Count>) = rings;
    let closure = move |_: On<Bell>, mut count: ResMut<Count>| count.0 += by;
    let [function, closure, pointer] = [
        Observer::new(rings),
        Observer::new(closure),
        Observer::new(pointer),
    ]
    .map(|observer| (observer.system_name().to_string(), fields.runner(&observer)));
    let runners = NewRunners::new(&image, &image, |name| !name.contains("fn("));
    let find = |(name, runner): &(String, usize)| runners.find(name, *runner);
    assert_eq!(find(&function), Some(function.1));
    assert_eq!(find(&closure), Some(closure.1));
    assert_eq!(find(&pointer), None);
    assert_eq!(find(&(function.0.clone(), 8)), None);
    assert_eq!(NewRunners::default().find(&function.0, function.1), None);
}

#[test]
#[cfg(target_os = "linux")]
fn what_runs_an_observer_that_the_new_code_does_not_have_is_gone() {
    let (image, new) = (own(), standard_library());
    let observer = Observer::new(rings);
    let runner = ObserverFields::find().unwrap().runner(&observer);
    let runners = NewRunners::new(&image, &new, |_| true);
    assert_eq!(
        runners.find(&observer.system_name().to_string(), runner),
        None
    );
}
