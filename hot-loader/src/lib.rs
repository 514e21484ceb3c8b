//! Hot-reloads the gameplay of a [Bevy](bevy) game: edit a function of the
//! gameplay crate while the game runs, save, and as soon as rustc has compiled the
//! crate the running game runs the new code, with its world intact.
//!
//! # Use
//!
//! The gameplay is a library crate with an ordinary plugin, and one line:
//!
//! ```no_run,standalone_crate
//! # use bevy::prelude::*;
//! pub struct GameplayPlugin;
//!
//! impl Plugin for GameplayPlugin {
//!     fn build(&self, app: &mut App) {
//!         app.add_systems(Update, || {});
//!     }
//! }
//!
//! hot_loader::export!(GameplayPlugin);
//! # fn main() {}
//! ```
//!
//! The game's executable adds it, in hot and in static builds alike:
//!
//! ```no_run,standalone_crate
//! # mod systems { hot_loader::export!(|_: &mut bevy::app::App| {}); }
//! # use bevy::prelude::*;
//! use hot_loader::HotLoaderPlugin;
//!
//! fn main() {
//!     App::new()
//!         .add_plugins(HotLoaderPlugin::new(systems::HOT_MODULE))
//!         .run();
//! }
//! ```
//!
//! And its manifest has a feature that turns it on:
//!
//! ```toml
//! [features]
//! hot = ["bevy/dynamic_linking", "hot-loader/hot", "hot-loader/snapshots"]
//! ```
//!
//! Without the feature, the plugin adds the gameplay's plugin and that is all:
//! no thread, no proxy, none of the crates behind it.
//!
//! # What goes live
//!
//! Edits of bodies: functions, constants that no type depends on, new helper
//! functions and files, run conditions. Edits of what the plugin registers:
//! systems, order, sets, schedules, observers, messages, states, resources. And edits of
//! types, with the values that live in the world. What cannot be applied soundly is
//! refused with the reason and the place, and the game plays on by the old code.
//! [`HotReload`] brings earlier code back. What a reload did is told by
//! [`HotReloadStatus`] (a resource), [`HotReloadEvent`] (messages), the log, the
//! overlay, and the file that the environment variable `HOT_LOADER_EVENTS` names.
//!
//! # How it works
//!
//! `export!` embeds the rustc command line that compiled the gameplay; a thread
//! watches its sources, replays the command as a library, checks and loads it;
//! between two frames the proxies that stand in the schedules for the gameplay's
//! systems get the new code for the very data they hold. `ARCHITECTURE.md` in the
//! repository has the whole of it.

// The examples above are compiled and not run (a documentation test does not find
// the dynamic standard library), each alone, since merged ones are run regardless.

pub use hot_loader_macros::export;

pub mod after;
pub mod control;
pub mod events;
pub mod migration;
pub mod module;
pub mod plugin;
pub mod recording;
pub mod status;

#[cfg(feature = "hot")]
mod build;
#[cfg(feature = "hot")]
mod convert;
#[cfg(feature = "hot")]
mod engine;
#[cfg(feature = "hot")]
mod frame;
#[cfg(feature = "hot")]
mod handoff;
#[cfg(feature = "hot")]
mod inputs;
#[cfg(feature = "hot")]
mod layouts;
#[cfg(feature = "hot")]
mod load;
#[cfg(feature = "hot")]
mod lock;
#[cfg(feature = "hot")]
mod migrate;
#[cfg(feature = "hot")]
mod mover;
#[cfg(feature = "hot")]
mod names;
#[cfg(all(feature = "hot", feature = "overlay"))]
mod overlay;
#[cfg(feature = "hot")]
mod paths;
#[cfg(feature = "hot")]
mod pipeline;
#[cfg(feature = "hot")]
mod proxy;
#[cfg(feature = "hot")]
mod recipe;
#[cfg(feature = "hot")]
mod record;
#[cfg(feature = "hot")]
mod repoint;
#[cfg(feature = "hot")]
mod report;
#[cfg(feature = "hot")]
mod restart;
#[cfg(feature = "hot")]
mod schedules;
#[cfg(feature = "hot")]
mod session;
#[cfg(all(feature = "hot", feature = "snapshots"))]
mod snapshot;
#[cfg(all(feature = "hot", not(feature = "snapshots")))]
#[path = "snapshot/off.rs"]
mod snapshot;
#[cfg(feature = "hot")]
mod sources;
#[cfg(feature = "hot")]
mod stale;
#[cfg(feature = "hot")]
mod structure;
#[cfg(feature = "hot")]
mod surface;
#[cfg(feature = "hot")]
mod swap;
#[cfg(feature = "hot")]
mod symbols;
#[cfg(feature = "hot")]
mod watch;
#[cfg(feature = "hot")]
mod watchdog;

#[cfg(feature = "hot")]
mod hotpatching;

#[cfg(all(test, feature = "hot"))]
mod oracle;
#[cfg(all(test, feature = "hot"))]
mod testing;

pub use after::{AfterReload, DespawnOnReload};
pub use control::HotReload;
pub use events::HotReloadEvent;
pub use migration::{AppExtMigration, Was};
pub use module::HotModule;
pub use plugin::HotLoaderPlugin;
pub use recording::is_recording;
pub use status::{HotReloadPhase, HotReloadStatus};

/// What `export!` expands to; not for people.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "hot")]
    pub use crate::{
        module::{ABI, ABI_LEN, Carriers, ModuleEntry},
        mover::carriers,
    };
    pub use bevy::app::App;
}
