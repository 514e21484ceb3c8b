//! Plans over real proxies and real images: this test's own executable, and the
//! standard library's, which has none of these systems.

use super::SwapPlan;
use crate::{
    load::Image,
    proxy::{Guard, Slots},
    repoint::Find,
    schedules::{Diversion, LiveSchedule, enter_first},
};
use bevy::{
    app::{App, Update},
    ecs::{prelude::*, schedule::Schedules},
};
use hot_loader_verdict::names::is_ours;
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
    let schedules = app.world().resource::<Schedules>();
    let labels: Vec<_> = schedules.iter().map(|(_, s)| s.label()).collect();
    let diversion = Diversion::begin(app.world_mut(), &labels);
    app.init_resource::<Runs>()
        .add_systems(Update, (count.run_if(always), breaks));
    let recorded = diversion.end(app.world_mut());
    let mut schedules = app.world_mut().resource_mut::<Schedules>();
    let live = enter_first(&mut schedules, recorded, &labels, &guard);
    let slots = live.iter().flat_map(LiveSchedule::slots).collect();
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
    let plan = SwapPlan::new(&slots, &Find::new(&old, &image), ours);
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
fn systems_without_new_code_are_noticed_and_stay_as_they_are() {
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
    let plan = SwapPlan::new(&slots, &Find::new(&old, &new), ours);
    assert_eq!(slots.len(), 3);
    assert!(plan.lacks_tables);
    assert!(slots.iter().all(|slot| !plan.places(slot)));
    assert!(plan.commit().unwrap().is_empty());
    // None of them is ours: nothing to place, nothing to refuse.
    let plan = SwapPlan::new(&slots, &Find::new(&old, &new), |_| false);
    assert!(slots.iter().all(|slot| plan.places(slot)));
    assert!(plan.commit().unwrap().is_empty());
    assert_eq!(
        tables,
        slots.iter().map(|slot| slot.table()).collect::<Vec<_>>()
    );
    app.update();
    assert_eq!(app.world().resource::<Runs>().0, 1);
}
