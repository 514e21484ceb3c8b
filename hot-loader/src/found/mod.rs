//! Functions of a library that its code never names to us, found by their symbols: those
//! that register its types ([`FoundTypes`]) and that make its observers ([`FoundMakers`]).
//!
//! They are the engine's own generic functions for the module's types, and what the derive of
//! `Reflect` writes. What they are for is found out in scratch worlds; when one is called in
//! the game's is for others to say.
#![expect(
    unsafe_code,
    reason = "functions are called by their addresses; their symbols say their signatures"
)]

mod makers;
mod registrars;
mod types;

pub use makers::{FoundMakers, Made};
pub use types::FoundTypes;
