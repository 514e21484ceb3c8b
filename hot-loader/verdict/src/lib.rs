//! What two builds of one gameplay crate differ in, by the compiler's own word: its MIR
//! ([`edit`]), its debug info ([`layouts`]), and what neither shows ([`contracts`]); what
//! names and symbols say of it ([`names`], [`symbols`]).
//!
//! For `hot-loader` alone, without promises of its own. It must not know Bevy, nor run or
//! load what it reads. The oracle, its test, compiles generated edits with the real rustc
//! and asks whether the verdict was right.

pub mod affected;
pub mod code;
pub mod contracts;
pub mod edit;
mod graph;
mod header;
pub mod layouts;
mod mir;
pub mod names;
mod paths;
mod registration;
pub mod symbols;
mod tokens;
mod traits;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod oracle;

/// A map whose order of iteration says nothing.
type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// A map that keeps the order in which its keys came.
type IndexMap<K, V> = indexmap::IndexMap<K, V, foldhash::fast::RandomState>;
