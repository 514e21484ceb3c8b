//! [`HotReloadStatus`]: where hot reloading stands, as a resource.
//!
//! Folded from the events, so that the two cannot disagree; it decides nothing.

use crate::events::{BuildErrorReport, HotReloadEvent, SwapReport};
use bevy::ecs::resource::Resource;

/// Where hot reloading stands. Present in the main world of hot builds; a static
/// build has no such resource, so ask with `Option<Res<HotReloadStatus>>`.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct HotReloadStatus {
    /// The generation that runs; 0 is the code linked into the executable.
    pub generation: u32,
    /// What is happening.
    pub phase: HotReloadPhase,
    /// The last swap, if there was one.
    pub last_swap: Option<SwapReport>,
    /// The generations that can be brought back by
    /// [`HotReload`](crate::HotReload), in order, and the one that runs.
    pub generations: Vec<u32>,
    /// The generation that was left for the running one, if it was rolled back: then the
    /// sources on the disk are not those that run.
    pub rolled_back_from: Option<u32>,
    /// Systems that panicked in this generation and are off, with their messages.
    pub panicked: Vec<(String, String)>,
}

/// What is happening.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum HotReloadPhase {
    /// The first background build runs; an edit waits for it.
    #[default]
    Starting,
    /// Waiting for an edit.
    Watching,
    /// rustc runs.
    Building,
    /// The last edit does not compile.
    Failed(Vec<BuildErrorReport>),
    /// The last edit cannot be applied soundly: why, and what to do.
    Refused(String),
    /// Only a restart can bring edits live: why, and what to do.
    RestartNeeded(String),
}

impl HotReloadStatus {
    /// Folds in an event.
    pub fn apply(&mut self, event: &HotReloadEvent) {
        let phase = match event {
            HotReloadEvent::Ready { generation, .. } => {
                self.generation = *generation;
                HotReloadPhase::Watching
            }
            HotReloadEvent::Edit { .. } => return,
            HotReloadEvent::BuildStarted { .. } => HotReloadPhase::Building,
            HotReloadEvent::BuildFailed { errors, .. } => HotReloadPhase::Failed(errors.clone()),
            HotReloadEvent::Swapped(report) => {
                self.generation = report.generation;
                self.last_swap = Some(report.clone());
                self.rolled_back_from = None;
                self.panicked.clear();
                HotReloadPhase::Watching
            }
            HotReloadEvent::Refused { reason, .. } => HotReloadPhase::Refused(reason.clone()),
            HotReloadEvent::RolledBack { generation, to } => {
                self.generation = *to;
                self.rolled_back_from = Some(*generation);
                HotReloadPhase::Watching
            }
            HotReloadEvent::Stuck { .. }
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
