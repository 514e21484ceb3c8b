//! The proxy stage: systems that stand in the schedule for the module's and
//! forward to them.
//!
//! A proxy answers the executor as the system it stands for would, and adds what
//! a reload needs: the system is held where a swap can reach it, and a panic or error
//! in module code stops at it.
//!
//! It must never change what a schedule looks like: same names, same sets, same
//! access, same flags.
#![expect(
    unsafe_code,
    reason = "System::run_unsafe is unsafe to forward, and putting a new table behind a system's data is what this project is for"
)]

mod bytes;
mod forward;
mod guard;
mod held;
mod kind;
mod made_of;
mod observer;
mod slot;
#[cfg(test)]
mod tests;
mod wrap;

pub use bytes::copied;
pub use forward::Proxy;
pub use guard::Guard;
pub use kind::{OfCondition, OfSystem, SlotKind};
use made_of::MadeOf;
pub use observer::GuardedObservers;
pub use slot::{Slot, Slots};
pub use wrap::take_out;
