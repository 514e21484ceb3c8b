//! How hot-loader compiles a gameplay crate once more, whenever it is saved: what stays
//! the same from build to build ([`recipe`], [`inputs`], [`build::pin`]), when to build
//! ([`watch`], [`sources`]), the build itself ([`build`]), and the folders that all of it
//! is written to ([`session`]).
//!
//! For `hot-loader` alone, without promises of its own. It must not know Bevy, nor what
//! comes of a build.

pub mod build;
pub mod hash;
pub mod inputs;
pub mod lock;
pub mod paths;
pub mod recipe;
pub mod session;
pub mod sources;
pub mod stamp;
pub mod walk;
pub mod watch;

#[cfg(test)]
mod scratch;
