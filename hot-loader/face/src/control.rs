//! [`HotReload`]: what a game, a test or a tool can ask hot reloading to do.
//!
//! It keeps requests until the next frame, in which `frame` carries them out.

use bevy::ecs::resource::Resource;
use core::mem;

/// Asks hot reloading for a rollback, a snapshot or a restart, from any system.
///
/// Hot builds have this resource in the main world. Static builds do not, so ask for
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

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub enum Request {
    /// Roll back to the generation with this number, or to the previous one.
    RollBack(Option<u32>),
    /// Save a snapshot of the world.
    Snapshot,
    /// Build the game again and continue in a new process.
    Restart,
}

impl HotReload {
    /// Rolls back to the previous generation, shortly after this call. The world stays as
    /// it is: values whose types differ migrate back. The sources on the disk stay as
    /// they are, and the next save is an edit like any other.
    ///
    /// The result is a [`Swapped`](crate::events::HotReloadEvent::Swapped) event followed by a
    /// [`RolledBack`](crate::events::HotReloadEvent::RolledBack), or a
    /// [`Refused`](crate::events::HotReloadEvent::Refused).
    pub fn roll_back(&mut self) {
        self.requests.push(Request::RollBack(None));
    }

    /// Rolls back to the generation `number`, one of
    /// [`HotReloadStatus::generations`](crate::status::HotReloadStatus::generations). It may also
    /// be later than the running one.
    pub fn roll_back_to(&mut self, number: u32) {
        self.requests.push(Request::RollBack(Some(number)));
    }

    /// Saves a snapshot of the world: the gameplay's states, and those of its entities
    /// and resources that are registered for reflection and can be serialised. A
    /// [`Snapshot`](crate::events::HotReloadEvent::Snapshot) event says what it holds and what it
    /// does not.
    ///
    /// The next run restores it if `HOT_LOADER_RESTORE=1` is set in its environment.
    /// Needs the feature `snapshots`; without it the log says that there is none.
    pub fn snapshot(&mut self) {
        self.requests.push(Request::Snapshot);
    }

    /// Builds the game again while it keeps running, then continues in a new process with
    /// its world, as far as a [`snapshot`](Self::snapshot) holds it. For edits that no
    /// reload can apply: the executable's own code, manifests, features.
    ///
    /// The new process is started by `cargo run --features hot` with this run's own
    /// arguments, or by the `cargo run` in `HOT_LOADER_RUN`. If the build fails, or the
    /// snapshot cannot be saved, the game keeps running.
    pub fn restart(&mut self) {
        self.requests.push(Request::Restart);
    }

    /// Takes the requests made since the last call.
    #[doc(hidden)]
    pub fn take(&mut self) -> Vec<Request> {
        mem::take(&mut self.requests)
    }
}
