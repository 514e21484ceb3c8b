//! What hot reloading does without being asked, as the game sets it. Plain data.

use core::time::Duration;

/// What hot reloading does without being asked.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How long after a swap a panic causes a rollback.
    pub roll_back_on_panic: Option<Duration>,
    /// Whether rustc's cache for the next type edit is warmed ahead.
    pub spare: bool,
}
