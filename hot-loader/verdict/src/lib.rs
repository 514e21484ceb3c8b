//! What two builds of one gameplay crate differ in: by its sources ([`surface`]), and by
//! the compiler's debug info ([`layouts`]); what names and symbols say of it ([`names`],
//! [`symbols`]).
//!
//! For `hot-loader` alone, without promises of its own. It must not know Bevy, nor run or
//! load what it reads. The oracle, its test, compiles generated edits with the real rustc
//! and asks whether the verdict was right.

#[cfg(test)]
mod contracts;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod header;
pub mod layouts;
#[cfg(test)]
mod mir;
pub mod names;
pub mod surface;
pub mod symbols;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod traits;

#[cfg(test)]
mod oracle;

/// A map whose order of iteration says nothing.
type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
