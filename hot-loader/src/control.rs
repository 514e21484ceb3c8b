//! [`HotReload`]: what a game, a test or a tool can ask of hot reloading.
//!
//! It keeps what was asked for until the next frame; `frame` does it.

use bevy::ecs::resource::Resource;
use core::mem;

/// What a game can ask of hot reloading, from any system. Present in the main world of
/// hot builds; a static build has no such resource, so ask with
/// `Option<ResMut<HotReload>>`.
///
/// ```no_run,standalone_crate
/// # use bevy::prelude::*;
/// # use hot_loader::HotReload;
/// fn back(keys: Res<ButtonInput<KeyCode>>, reload: Option<ResMut<HotReload>>) {
///     if let Some(mut reload) = reload
///         && keys.just_pressed(KeyCode::Backspace)
///     {
///         reload.roll_back();
///     }
/// }
/// # bevy::ecs::system::assert_is_system(back);
/// ```
#[derive(Resource, Debug, Default)]
pub struct HotReload {
    requests: Vec<Request>,
}

/// One thing that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// An earlier generation: the one of this number, or the one before the running one.
    RollBack(Option<u32>),
    /// The world is to be written down.
    Snapshot,
    /// The game is to be built again, and to go on in a new process.
    Restart,
}

impl HotReload {
    /// Brings back the generation before the one that runs, in a moment, with the world
    /// as it is: values whose types differ are migrated back. The sources stay as they
    /// are on the disk, and the next save is an edit like any other.
    ///
    /// What comes of it is a [`Swapped`](crate::HotReloadEvent::Swapped) event and a
    /// [`RolledBack`](crate::HotReloadEvent::RolledBack), or a
    /// [`Refused`](crate::HotReloadEvent::Refused).
    pub fn roll_back(&mut self) {
        self.requests.push(Request::RollBack(None));
    }

    /// Brings back the generation `number`, which may also be a later one than runs: one
    /// of [`HotReloadStatus::generations`](crate::HotReloadStatus::generations).
    pub fn roll_back_to(&mut self, number: u32) {
        self.requests.push(Request::RollBack(Some(number)));
    }

    /// Writes the world down, in a moment: the gameplay's entities and resources, as far as
    /// they are registered for reflection and can be serialised, and its states. A
    /// [`Snapshot`](crate::HotReloadEvent::Snapshot) event says what is in it and what not.
    ///
    /// The next run takes it back if `HOT_LOADER_RESTORE=1` is in its environment.
    pub fn snapshot(&mut self) {
        self.requests.push(Request::Snapshot);
    }

    /// Builds the game again while it plays on, and then goes on in a new process with the
    /// world as it is, as far as a [`snapshot`](Self::snapshot) holds it: for what no reload
    /// brings live (the executable's own code, manifests, features).
    ///
    /// It is started by `cargo run --features hot` with this run's own arguments, or by
    /// what `HOT_LOADER_RUN` says. If it cannot be built, the game plays on.
    pub fn restart(&mut self) {
        self.requests.push(Request::Restart);
    }

    /// What was asked for since the last call.
    #[cfg_attr(not(feature = "hot"), expect(dead_code, reason = "nobody does it"))]
    pub(crate) fn take(&mut self) -> Vec<Request> {
        mem::take(&mut self.requests)
    }

    #[cfg(feature = "hot")]
    pub(crate) fn is_asked(&self) -> bool {
        !self.requests.is_empty()
    }
}
