//! How an edit of the registration ends: what it did, or why it is not applied.

use crate::{events::StateReport, migrate::MigrationError};
use bevy::ecs::entity::Entity;

/// Why an edit is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be applied as it is.
    Refused {
        /// Why, and what to do.
        reason: String,
        /// What it is about.
        names: Vec<String>,
    },
    /// Only a restart can bring it live.
    Restart(String),
}

impl Refusal {
    /// Why.
    pub fn reason(&self) -> &str {
        let (Self::Refused { reason, .. } | Self::Restart(reason)) = self;
        reason
    }

    /// Refused because of nothing that has a name.
    pub fn unnamed(reason: String) -> Self {
        Self::Refused {
            reason,
            names: Vec::new(),
        }
    }

    /// Refused because what has this name, and is `called` so, cannot be initialised.
    pub fn uninitialised(called: &str, name: &str, error: &str) -> Self {
        let reason = format!(
            "{called} cannot be initialised: {error}. Fix it and save; the old code keeps running"
        );
        Self::refused(reason, name)
    }

    /// Refused because of what has this name.
    pub fn refused(reason: String, name: &str) -> Self {
        Self::Refused {
            reason,
            names: vec![name.to_owned()],
        }
    }
}

/// What a swap did, for its report: names, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Systems and observers that were made afresh: their `Local`s start anew.
    pub reset: Vec<String>,
    /// New ones.
    pub added: Vec<String>,
    /// Ones that are gone.
    pub removed: Vec<String>,
    /// Types and resources, but for those that were taken out.
    pub state: StateReport,
    /// Resources that were taken out.
    pub state_removed: Vec<String>,
    /// Types whose hooks ran while values were carried over.
    pub hooks: Vec<String>,
    /// Resources that came back as another type, out of the world that kept their values.
    pub resources_back: Vec<String>,
    /// States that follow others, and begin to with the next change of those.
    pub waiting: Vec<String>,
    /// Observers that were exchanged, and run new code now.
    pub exchanged: Vec<Entity>,
    /// Whether the asset server has its loaders anew.
    pub loaders: bool,
}

impl Applied {
    /// Puts each list in order.
    pub fn sort(&mut self) {
        let state = &mut self.state;
        for list in [
            &mut self.reset,
            &mut self.added,
            &mut self.removed,
            &mut state.kept,
            &mut state.merged,
            &mut state.migrated,
            &mut state.assumed,
            &mut state.reset,
            &mut self.state_removed,
            &mut self.hooks,
        ] {
            list.sort();
            list.dedup();
        }
    }
}

impl From<MigrationError> for Refusal {
    fn from(error: MigrationError) -> Self {
        Self::Refused {
            reason: error.to_string(),
            names: error.types(),
        }
    }
}
