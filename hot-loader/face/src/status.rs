//! [`HotReloadStatus`]: what hot reloading is doing, as a resource.
//!
//! It is computed from the events, so the two cannot disagree. It decides nothing.

use crate::events::{BuildErrorReport, HotReloadEvent, SwapReport};
use bevy::ecs::resource::Resource;

/// What hot reloading is doing.
///
/// Hot builds have this resource in the main world. Static builds do not, so ask for
/// `Option<Res<HotReloadStatus>>`.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct HotReloadStatus {
    /// The running generation; 0 is the code linked into the executable.
    pub generation: u32,
    /// The current phase.
    pub phase: HotReloadPhase,
    /// The last reload, if there was one.
    pub last_swap: Option<SwapReport>,
    /// The generations that [`HotReload`](crate::control::HotReload) can roll back to, and the
    /// running one, in order.
    pub generations: Vec<u32>,
    /// The generation that a rollback left for the running one, if there was a rollback.
    /// The sources on the disk are then not those that run.
    pub rolled_back_from: Option<u32>,
    /// Whether the next edit of types finds a warm cache.
    pub spare: bool,
    /// Systems that panicked in this generation and are disabled, with their messages.
    pub panicked: Vec<(String, String)>,
}

/// What hot reloading is doing at the moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum HotReloadPhase {
    /// The first background build is running; edits wait for it.
    #[default]
    Starting,
    /// Waiting for an edit.
    Watching,
    /// rustc is running.
    Building,
    /// The last edit does not compile.
    Failed(Vec<BuildErrorReport>),
    /// The last edit was rejected, since it cannot be applied soundly: why, and what to do.
    Refused(String),
    /// The last rollback was rejected: why, and what to do.
    RollbackRefused(String),
    /// Only a restart brings edits live: why, and what to do.
    RestartNeeded(String),
}

impl HotReloadStatus {
    /// Updates the status with an event.
    pub fn apply(&mut self, event: &HotReloadEvent) {
        let phase = match event {
            HotReloadEvent::Ready { generation, .. } => {
                self.generation = *generation;
                HotReloadPhase::Watching
            }
            HotReloadEvent::Unchanged { .. } => HotReloadPhase::Watching,
            HotReloadEvent::BuildStarted { .. } => HotReloadPhase::Building,
            HotReloadEvent::BuildFailed { errors, .. } => HotReloadPhase::Failed(errors.clone()),
            HotReloadEvent::Swapped(report) => {
                self.generation = report.generation;
                self.last_swap = Some(report.clone());
                self.rolled_back_from = None;
                self.panicked.clear();
                HotReloadPhase::Watching
            }
            HotReloadEvent::Refused {
                reason,
                rollback: true,
                ..
            } => HotReloadPhase::RollbackRefused(reason.clone()),
            HotReloadEvent::Refused { reason, .. } => HotReloadPhase::Refused(reason.clone()),
            HotReloadEvent::RolledBack { generation, to } => {
                self.generation = *to;
                self.rolled_back_from = Some(*generation);
                HotReloadPhase::Watching
            }
            HotReloadEvent::Spare { ready, .. } => {
                self.spare = *ready;
                return;
            }
            HotReloadEvent::Edit { .. }
            | HotReloadEvent::Stuck { .. }
            | HotReloadEvent::Snapshot { .. }
            | HotReloadEvent::Restored { .. } => return,
            HotReloadEvent::Panicked { system, message } => {
                self.panicked.push((system.clone(), message.clone()));
                return;
            }
            HotReloadEvent::RestartNeeded { reason } => {
                HotReloadPhase::RestartNeeded(reason.clone())
            }
        };
        self.phase = phase;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_good_build_clears_a_failure() {
        let mut status = HotReloadStatus::default();
        status.apply(&HotReloadEvent::BuildFailed {
            generation: 1,
            errors: Vec::new(),
        });
        assert_eq!(status.phase, HotReloadPhase::Failed(Vec::new()));
        status.apply(&HotReloadEvent::BuildStarted { generation: 1 });
        assert_eq!(status.phase, HotReloadPhase::Building);
        assert_eq!(status.generation, 0);
    }
}
