//! Hot-reloads the gameplay of a Bevy game.
pub use hot_loader_macros::export;

pub mod events;
pub mod module;
pub mod plugin;
pub mod status;

#[cfg(feature = "hot")]
mod build;
#[cfg(feature = "hot")]
mod frame;
#[cfg(feature = "hot")]
mod handoff;
#[cfg(feature = "hot")]
mod load;
#[cfg(all(feature = "hot", feature = "overlay"))]
mod overlay;
#[cfg(feature = "hot")]
mod pipeline;
#[cfg(feature = "hot")]
mod proxy;
#[cfg(feature = "hot")]
mod recipe;
#[cfg(feature = "hot")]
mod repoint;
#[cfg(feature = "hot")]
mod report;
#[cfg(feature = "hot")]
mod session;
#[cfg(feature = "hot")]
mod sources;
#[cfg(feature = "hot")]
mod stale;
#[cfg(feature = "hot")]
mod surface;
#[cfg(feature = "hot")]
mod swap;
#[cfg(feature = "hot")]
mod watch;

pub use events::HotReloadEvent;
pub use module::HotModule;
pub use plugin::HotLoaderPlugin;
pub use status::{HotReloadPhase, HotReloadStatus};

/// What `export!` expands to; not for people.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "hot")]
    pub use crate::module::{ABI, ABI_LEN, ModuleEntry};
    pub use bevy::app::App;
}
