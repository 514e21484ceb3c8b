//! Plans over real proxies and real images: this test's own executable, and the
//! standard library's, which has none of these systems.

use super::{NotFound, Plan};
use crate::{
    load::Image,
    names::is_ours,
    proxy::{Guard, Slots, Wrapped, wrap_added},
    repoint::Find,
};
use bevy::{
    app::{App, Update},
    ecs::{prelude::*, schedule::Schedules},
};
use std::{fs, path::PathBuf, sync::Arc};

#[derive(Resource, Default)]
struct Runs(u32);

fn count(mut runs: ResMut<Runs>) {
    runs.0 += 1;
}

fn always() -> bool {
    true
}

fn breaks() {
    panic!("by test");
}

fn proxied() -> (App, Vec<Arc<dyn Slots>>) {
    let mut app = App::new();
    let guard = Arc::new(Guard::new(app.world().fallback_error_handler()));
    let mut wrapped = Wrapped::all(app.world().resource::<Schedules>());
    app.init_resource::<Runs>()
        .add_systems(Update, (count.run_if(always), breaks));
    let mut schedules = app.world_mut().resource_mut::<Schedules>();
    let slots = wrap_added(&mut schedules, &mut wrapped, &guard);
    (app, slots)
}

fn own() -> Image {
    Image::of_executable(own as fn() -> Image as usize).unwrap()
}

fn ours(name: &str) -> bool {
    is_ours(name, "hot_loader")
}

#[test]
fn a_committed_plan_keeps_data_and_turns_systems_on_again() {
    let (mut app, slots) = proxied();
    app.update();
    let image = own();
    let old = [&image];
    let plan = Plan::new(&slots, &Find::new(&old, &image), ours).unwrap();
    let names = plan.commit().unwrap();
    let last = |name: &String| name.rsplit("::").next().unwrap().to_owned();
    assert_eq!(
        names.iter().map(last).collect::<Vec<_>>(),
        ["always", "breaks", "count"]
    );
    app.update();
    assert_eq!(app.world().resource::<Runs>().0, 2);
}

#[test]
#[cfg(target_os = "linux")]
fn every_system_without_new_code_is_named_and_nothing_is_planned() {
    let (mut app, slots) = proxied();
    let anchor = std::env::current_exe as fn() -> std::io::Result<PathBuf> as usize;
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let library = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| path.contains("/libstd-"))
        .map(PathBuf::from)
        .unwrap();
    let new = Image::read(&fs::read(&library).unwrap(), &library, anchor).unwrap();
    let image = own();
    let old = [&image];
    let tables: Vec<_> = slots.iter().map(|slot| slot.table()).collect();
    let Err(unplaced) = Plan::new(&slots, &Find::new(&old, &new), ours) else {
        panic!("the standard library has no game in it");
    };
    assert_eq!(unplaced.0.len(), 3);
    assert!(unplaced.0.iter().all(|(_, why)| *why == NotFound::Gone));
    assert!(
        unplaced
            .to_string()
            .contains("tests::count: the new code has no system")
    );
    // None of them is ours: nothing to place, nothing to refuse.
    let plan = Plan::new(&slots, &Find::new(&old, &new), |_| false).unwrap();
    assert!(plan.commit().unwrap().is_empty());
    assert_eq!(
        tables,
        slots.iter().map(|slot| slot.table()).collect::<Vec<_>>()
    );
    app.update();
    assert_eq!(app.world().resource::<Runs>().0, 1);
}
