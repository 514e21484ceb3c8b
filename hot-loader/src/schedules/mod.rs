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
#[cfg(test)]
mod testing;

pub use candidate::Candidate;
pub use divert::{Diversion, RecordedSchedule, RecordedSchedules};
pub use flat::{Flat, HostSetConstraint};
pub use late::{Known, adopt};
pub use live::{LiveSchedule, leave};
pub use parts::{LiveCondition, LiveSystem, Parts};
pub use pending::Pending;
pub use raw::{Identity, Node, Raw, systems_of};
#[cfg(test)]
pub use testing::enter_first;

use bevy::ecs::schedule::ScheduleBuildSettings;

/// Whether a schedule is built in the same way by both.
pub fn same_settings(a: &ScheduleBuildSettings, b: &ScheduleBuildSettings) -> bool {
    // The engine derives it, with all of them.
    format!("{a:?}") == format!("{b:?}")
}
