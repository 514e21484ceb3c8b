//! A crate that nobody knows, whose names are those of harmless things.
//!
//! Compiled by the test as a crate of its own. Must not hold what only one row needs.

pub use kit_macros::*;

pub mod parts {
    pub use super::Command;
}

pub trait Command {
    fn run(&self);
}

pub trait Default {
    fn default(&self);
}

#[macro_export]
macro_rules! debug { ($($t:tt)*) => { $($t)* } }
