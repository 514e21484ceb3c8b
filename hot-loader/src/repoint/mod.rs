//! The re-point stage: finds, in a new generation's image, the table of functions
//! of the very system type whose data a proxy holds.
//!
//! A proxy's boxed system is data and a table of functions. After a body edit the
//! data stays, and the table becomes the new generation's own for the same type,
//! found by symbol, without running anything. Equal symbols mean equal types: they cover
//! type arguments, and legacy ones what closures capture. (v0 ones do not: what differs
//! there is known by the debug info, and not re-pointed.)
//!
//! An observer keeps its data too, and gets the new function that runs it.
//!
//! Nothing here guesses: a system whose table is not found, or whose functions do not all
//! agree, gets none, and is made afresh by others.
#![expect(
    unsafe_code,
    reason = "tables are found by reading words of mapped constant data; the image's own section bounds are the check"
)]

mod find;
mod runners;
#[cfg(test)]
mod tests;

pub use find::Find;
pub use runners::NewRunners;
