//! Functions of a library that its code never names to us, found by their symbols: those
//! that register its types ([`FoundTypes`]) and that make its observers ([`FoundMakers`]).
//!
//! They are the engine's own, instantiated for the module's types. Which of them to call,
//! and when, is for others to say; what they do to a scratch world is all that is tried here.
#![expect(
    unsafe_code,
    reason = "functions are called by their addresses; their symbols say their signatures"
)]

mod makers;
mod registrars;
mod types;

pub use makers::{FoundMakers, Made};
pub use types::FoundTypes;
