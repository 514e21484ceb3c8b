//! What a gameplay crate uses of hot-loader: all that the crate `hot_loader` has, but for the
//! plugin, under the same names.
//!
//! Every generation has its own copy of this code. So it must stay thin: data that the loader
//! reads and fills, and no name of the loader.

pub use hot_loader_macros::export;

pub mod after;
#[cfg(feature = "hot")]
#[doc(hidden)]
pub mod carrier;
pub mod control;
pub mod events;
pub mod migration;
pub mod module;
#[doc(hidden)]
pub mod plugin {
    //! Empty: what a module lacks that names the plugin is `HotLoaderPlugin`, whatever it
    //! calls this crate.
}
pub mod recording;
pub mod status;

pub use after::{AfterReload, DespawnOnReload};
pub use control::HotReload;
pub use events::HotReloadEvent;
pub use migration::{AppExtMigration, Was};
pub use module::HotModule;
pub use recording::is_recording;
pub use status::{HotReloadPhase, HotReloadStatus};

/// What `export!` expands to; not for people.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "hot")]
    pub use crate::{
        carrier::{Carriers, carriers},
        module::{ABI, ABI_LEN, ModuleEntry},
    };
    pub use bevy::app::App;
}
