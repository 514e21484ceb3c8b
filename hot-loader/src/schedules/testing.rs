//! What tests of other rooms need of this one.

use super::{LiveSchedule, Pending, RecordedSchedules};
use crate::proxy::Guard;
use bevy::ecs::schedule::{InternedScheduleLabel, Schedules};
use std::sync::Arc;

/// Puts what a module registered when it was built into the schedules of an app to which
/// nothing else is added: `host` are those that it had by then.
pub fn enter_first(
    schedules: &mut Schedules,
    recorded: RecordedSchedules,
    host: &[InternedScheduleLabel],
    guard: &Arc<Guard>,
) -> Vec<LiveSchedule> {
    let pending = Pending::hold(schedules, recorded, host, guard);
    pending.enter(schedules, Vec::new()).0
}
