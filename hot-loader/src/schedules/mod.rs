//! The schedules stage: what a plugin registers in schedules, and how it gets into
//! those of the running game and out of them again.
//!
//! ```text
//! build ─► divert ─► Parts (proxies) ─► Raw ─► Flat ─► LiveSchedule.enter / leave
//!                                          └─► candidate: would it build?
//! ```
//!
//! What is registered first waits for the first frame (`pending`).
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
mod labels;
mod late;
mod live;
mod parts;
mod pending;
mod raw;

pub use candidate::Candidate;
pub use divert::{Diversion, RecordedSchedule, RecordedSchedules};
pub use flat::{Flat, HostSetConstraint};
pub use late::{Known, adopt};
pub use live::{LiveSchedule, Placed};
pub use parts::{LiveCondition, LiveSystem, Parts};
pub use pending::Pending;
pub use raw::{Identity, Raw};

use bevy::ecs::schedule::ScheduleBuildSettings;

/// Puts what a module registered when it was built into the schedules of an app to which
/// nothing else is added: `host` are those that it had by then.
#[cfg(test)]
pub fn enter_first(
    schedules: &mut bevy::ecs::schedule::Schedules,
    recorded: RecordedSchedules,
    host: &[bevy::ecs::schedule::InternedScheduleLabel],
    guard: &std::sync::Arc<crate::proxy::Guard>,
) -> Vec<LiveSchedule> {
    let pending = Pending::hold(schedules, recorded, host, guard);
    pending.enter(schedules, Vec::new()).0
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
