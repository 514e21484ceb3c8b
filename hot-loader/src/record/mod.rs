//! The record stage: builds a generation's plugin in a scratch world, to learn what
//! it registers without touching the game's.
//!
//! Building again on the live world breaks it: required components and hooks panic
//! on second registration, assets and messages are set up twice, a build that panics
//! half-way cannot be undone. So it happens in a world of its own, which shows the
//! plugin what the host had (`host`), and whatever recording gets wrong cancels out,
//! since the old generation and the new one are recorded alike.
//!
//! It must never touch the live world.

#[cfg(feature = "assets")]
mod assets;
mod host;
mod scratch;

pub use host::{HostView, Order};
pub use scratch::{Exported, RecordError, Recorded, observers, record};
