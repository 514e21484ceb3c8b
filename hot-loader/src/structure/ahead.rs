//! What an edit of the registration needs before it can be compared, worked out over
//! several frames, so that none of them is long: both recordings, each in a frame of
//! its own, and beside the frames whether the new schedules would build.
//!
//! It must never touch the world but to look at its schedules.

use super::{Gameplay, Refusal, Registered, transfer::resources};
use crate::{
    engine::names::is_messages,
    found::FoundTypes,
    record::{Exported, RecordError},
    schedules::Candidate,
};
use bevy::ecs::{schedule::InternedScheduleLabel, world::World};
use std::{collections::HashMap, thread::JoinHandle};

/// The new registration, recorded, and the schedules that are looked at meanwhile.
pub struct Ahead {
    pub(super) new: Registered,
    checking: Option<JoinHandle<Checked>>,
}

/// What was asked about, and the engine's answer.
pub(super) type Checked = HashMap<InternedScheduleLabel, (Candidate, Result<(), String>)>;

impl Ahead {
    /// Whether everything is worked out that needs no frame.
    pub fn is_ready(&self) -> bool {
        self.checking.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Which schedules were looked at.
    pub(super) fn checked(&mut self) -> Checked {
        let checked = self.checking.take().map(JoinHandle::join);
        checked.and_then(Result::ok).unwrap_or_default()
    }
}

impl From<RecordError> for Refusal {
    fn from(error: RecordError) -> Self {
        Self::unnamed(format!("{error}; the old code keeps running"))
    }
}

impl Gameplay {
    /// Records what the running generation registers, unless that was done. Whether it
    /// had to. `types` are its types that derive `Reflect`, where an
    /// edit can change what is registered.
    ///
    /// # Errors
    /// If it cannot be recorded, or an earlier edit was applied in part.
    pub fn record_running(
        &mut self,
        types: Option<&FoundTypes>,
        ignores_deferred: bool,
    ) -> Result<bool, Refusal> {
        if self.broken {
            return Err(Refusal::Restart(
                "an earlier edit was applied only in part. Restart the game".into(),
            ));
        }
        let complete = self.types_known || types.is_none() || !self.host.registers_derived;
        if self.registered.is_some() && complete {
            return Ok(false);
        }
        if let Some(types) = types {
            self.exported.types = types.clone();
            self.types_known = true;
        }
        let old = Registered::of(&self.host, &self.exported, ignores_deferred).map_err(|error| {
            Refusal::Restart(format!(
                "cannot compare what the gameplay registers: {error}. Restart the game to run this edit"
            ))
        })?;
        self.first_messages.get_or_insert_with(|| {
            let queues = resources(&old.first.world, |name, _| is_messages(name));
            queues.into_values().collect()
        });
        self.registered = Some(old);
        Ok(true)
    }

    /// Records what the plugin of `exported` registers, and begins to see whether the
    /// schedules that it changes would build.
    ///
    /// # Errors
    /// If it cannot be recorded.
    pub fn record_new(
        &self,
        world: &World,
        exported: &Exported,
        ignores_deferred: bool,
    ) -> Result<Ahead, Refusal> {
        let new = Registered::of(&self.host, exported, ignores_deferred)?;
        let changed = new.raws.iter().filter(|(label, raw)| {
            let old = self.registered.as_ref().and_then(|old| old.raw(**label));
            // What could be built before can be built again.
            !old.is_some_and(|old| old.builds_as(raw))
        });
        let candidates: Vec<_> = changed
            .map(|(label, raw)| (*label, Candidate::of(self.host_part(world, *label), raw)))
            .collect();
        // Without a thread they are looked at when they are needed.
        let is_changed = !candidates.is_empty();
        let check = move || {
            let checked = candidates.into_iter().map(|(label, candidate)| {
                let builds = candidate.builds();
                (label, (candidate, builds))
            });
            checked.collect()
        };
        let thread = std::thread::Builder::new().name("hot-loader schedules".into());
        let checking = is_changed.then(|| thread.spawn(check)).transpose();
        let checking = checking
            .inspect_err(|error| tracing::debug!("no thread to look at schedules: {error}"));
        Ok(Ahead {
            new,
            checking: checking.unwrap_or_default(),
        })
    }
}
