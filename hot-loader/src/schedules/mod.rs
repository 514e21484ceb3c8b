//! The schedules stage: what a plugin registers in schedules, and how it gets into
//! those of the running game and out of them again.
//!
//! ```text
//! build ─► divert ─► Parts (proxies) ─► Raw ─► Flat ─► LiveSchedule.enter / leave
//!                                          └─► candidate: would it build?
//! ```
//!
//! While a plugin builds, the world has empty schedules (`divert`), so that what it
//! registers is known apart from the host's. `raw` is that as data, `flat` the same
//! told system by system: the form in which it enters a schedule of the host, and in
//! which two generations are compared. It must never replace a schedule of the host,
//! run a system, or initialise a schedule that never ran, unless systems have to
//! leave it.

mod candidate;
mod divert;
mod flat;
mod interned;
mod labels;
mod late;
mod live;
mod parts;
mod raw;

pub use candidate::Candidate;
pub use divert::{Diversion, RecordedSchedule, RecordedSchedules};
pub use flat::{Flat, FlatSystem, Gate, Lasting};
pub use late::{Known, adopt};
pub use live::{LiveGate, LiveSchedule, Placed, touched};
pub use parts::{LiveCondition, LiveSystem, Parts};
pub use raw::{Identity, Raw};

use crate::proxy::Guard;
use bevy::ecs::schedule::{InternedScheduleLabel, ScheduleBuildSettings, Schedules};
use std::{collections::HashSet, sync::Arc};

/// Puts what the module registered when it was first built into the schedules of the
/// app: `host` are those that the app had by then.
pub fn enter_first(
    schedules: &mut Schedules,
    recorded: RecordedSchedules,
    host: &[InternedScheduleLabel],
    guard: &Arc<Guard>,
) -> Vec<LiveSchedule> {
    let mut all = Vec::new();
    for recorded in recorded.schedules {
        let label = recorded.schedule.label();
        let hosts = host.contains(&label);
        if hosts && recorded.is_empty() {
            continue;
        }
        let settings = recorded.schedule.get_build_settings();
        let parts = Parts::of(recorded, guard);
        let live = if hosts {
            let schedule = schedules.entry(label);
            if !same_settings(&settings, &ScheduleBuildSettings::default()) {
                schedule.set_build_settings(settings);
            }
            let touched = touched(schedule, &HashSet::new());
            let flat = Flat::of(&parts.raw, &|set| touched.contains(&set));
            let live = LiveSchedule::in_hosts(label, parts, flat);
            live.enter(schedule, &HashSet::new());
            live
        } else {
            let (live, schedule) = LiveSchedule::whole(label, parts);
            schedules.insert(schedule);
            live
        };
        all.push(live);
    }
    schedules
        .ignored_scheduling_ambiguities
        .extend(recorded.ambiguities);
    all
}

/// Whether a schedule is built in the same way by both.
pub fn same_settings(a: &ScheduleBuildSettings, b: &ScheduleBuildSettings) -> bool {
    // All of them: a new one is a compile error here.
    let ScheduleBuildSettings {
        ambiguity_detection,
        hierarchy_detection,
        auto_insert_apply_deferred,
        use_shortnames,
        report_sets,
    } = a;
    *ambiguity_detection == b.ambiguity_detection
        && *hierarchy_detection == b.hierarchy_detection
        && *auto_insert_apply_deferred == b.auto_insert_apply_deferred
        && *use_shortnames == b.use_shortnames
        && *report_sets == b.report_sets
}
