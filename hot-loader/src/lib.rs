//! Hot-reloads the gameplay of a [Bevy](bevy) game. Edit the gameplay crate while the
//! game runs and save: seconds later the running game runs the new code, with its world
//! intact.
//!
//! # Quick start
//!
//! Put the gameplay into a library crate with an ordinary plugin, and export it once at
//! the crate's root:
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
//! Add the exported module in the game's executable. The line is the same in hot and
//! static builds:
//!
//! ```no_run,standalone_crate
//! # mod systems { hot_loader::export!(|_: &mut bevy::app::App| {}); }
//! # use bevy::prelude::*;
//! use hot_loader::HotLoaderPlugin;
//!
//! fn main() {
//!     App::new()
//!         .add_plugins(MinimalPlugins)
//!         .add_plugins(HotLoaderPlugin::new(systems::HOT_MODULE))
//!         .run();
//! }
//! ```
//!
//! Give the executable's manifest the feature that turns hot reloading on, and start the
//! game with `cargo run --features hot`:
//!
//! ```toml
//! [features]
//! hot = ["bevy/dynamic_linking", "hot-loader/hot", "hot-loader/snapshots"]
//! ```
//!
//! Without the feature, [`HotLoaderPlugin`] adds the gameplay's plugin and nothing else:
//! no thread, no proxy, none of the crates behind it.
//!
//! # Reloads
//!
//! A *reload* replaces the code of the gameplay crate between two frames. Each version of
//! the code is a *generation*; generation 0 is the code linked into the executable. There
//! are three kinds of edit, and [`SwapKind`](events::SwapKind) names the one that a
//! reload applied:
//!
//! - **Body edits** change the bodies of functions (systems, run conditions, helpers) or
//!   constants that no type depends on, or add helper functions and files. Systems run the new code and keep
//!   their `Local`s and change ticks.
//! - **Structure edits** change what the plugin registers: systems, order, sets,
//!   schedules, observers, messages, states, resources. hot-loader builds the old and the
//!   new plugin in scratch worlds and applies the difference.
//! - **Type edits** change types. hot-loader migrates the values that live in the world.
//!
//! Every save is built and applied. hot-loader rejects an edit that it cannot
//! apply soundly, with the reason and the place, and the old code keeps running. Some
//! edits need a restart; see [below](#rollback-and-restart). What a reload cannot reach
//! may keep running old code, and is reported as *stale*.
//!
//! # Plugins that do more than register
//!
//! After many edits hot-loader runs the plugin's `build` again, in scratch worlds. Guard
//! what it may do only once with [`is_recording`]:
//!
//! ```no_run,standalone_crate
//! # use bevy::prelude::*;
//! # fn main() {}
//! # #[derive(Resource)]
//! # struct Link(std::net::UdpSocket);
//! fn gameplay(app: &mut App) {
//!     if !hot_loader::is_recording(app) {
//!         let socket = std::net::UdpSocket::bind("127.0.0.1:4000").expect("the port is free");
//!         app.insert_resource(Link(socket));
//!     }
//! }
//! ```
//!
//! # Setup systems
//!
//! A new system in `Startup` runs once. Those that have run do not run again after a
//! reload. To run one again after every reload, add it to [`AfterReload`] too, and mark
//! what it spawns with [`DespawnOnReload`]:
//!
//! ```no_run,standalone_crate
//! # use bevy::prelude::*;
//! # fn main() {}
//! use hot_loader::{AfterReload, DespawnOnReload};
//!
//! fn build_level(mut commands: Commands) {
//!     commands.spawn((DespawnOnReload, Name::new("level")));
//! }
//!
//! fn gameplay(app: &mut App) {
//!     app.add_systems(Startup, build_level)
//!         .add_systems(AfterReload, build_level);
//! }
//! ```
//!
//! # Type edits
//!
//! By default, values of unchanged types move as they are. Values of changed types
//! migrate by their layout if they own nothing on the heap, otherwise through reflection,
//! otherwise through serde. A new field takes the type's default. If a value cannot
//! migrate, hot-loader rejects the edit and nothing changes.
//!
//! [`Was`] names what has another name now, and [`AppExtMigration`] registers a migration
//! of your own, or allows values to be lost:
//!
//! ```no_run,standalone_crate
//! # use bevy::prelude::*;
//! # fn main() {}
//! use hot_loader::{AppExtMigration, Was};
//!
//! #[derive(Component, Reflect, Default)]
//! #[reflect(Component, Default)]
//! struct Ship {
//!     #[reflect(@Was("velocity"))]
//!     speed: Vec2,
//! }
//!
//! /// Was in degrees; is now in radians.
//! #[derive(Component, Reflect)]
//! struct Heading(f32);
//!
//! fn gameplay(app: &mut App) {
//!     app.add_migration(|old| {
//!         let old = old.reflect_ref().as_tuple_struct()?;
//!         let degrees = old.field(0).and_then(|f| f.try_downcast_ref::<f32>());
//!         let degrees = degrees.ok_or("no number in it")?;
//!         Ok::<_, BevyError>(Heading(degrees.to_radians()))
//!     });
//! }
//! ```
//!
//! # Panics
//!
//! A panic disables only the system, run condition or observer that panicked, until the
//! next reload. [`HotLoaderPlugin::roll_back_on_panic`] rolls back instead, if the new
//! code panics soon after it goes live:
//!
//! ```no_run,standalone_crate
//! # mod systems { hot_loader::export!(|_: &mut bevy::app::App| {}); }
//! # use hot_loader::HotLoaderPlugin;
//! # use std::time::Duration;
//! let plugin = HotLoaderPlugin::new(systems::HOT_MODULE)
//!     .roll_back_on_panic(Duration::from_secs(3));
//! # bevy::app::App::new().add_plugins(plugin);
//! ```
//!
//! # Rollback and restart
//!
//! [`HotReload`] is a resource with which any system can ask for a *rollback* to an
//! earlier generation, a *snapshot* of the world, or a *restart*. A restart rebuilds the
//! game while it runs and continues in a new process with its world, for edits that no
//! reload can apply. With the feature `overlay`, F9 rolls back, F10 hides the overlay and
//! F11 restarts.
//!
//! ```no_run,standalone_crate
//! # use bevy::prelude::*;
//! # use hot_loader::HotReload;
//! fn back(keys: Res<ButtonInput<KeyCode>>, reload: Option<ResMut<HotReload>>) {
//!     if let Some(mut reload) = reload
//!         && keys.just_pressed(KeyCode::Backspace)
//!     {
//!         reload.roll_back();
//!     }
//! }
//! # bevy::ecs::system::assert_is_system(back);
//! ```
//!
//! # Status and events
//!
//! [`HotReloadStatus`] is a resource that says what hot reloading is doing, and
//! [`HotReloadEvent`] is a message for each thing that happened. A static build has
//! neither, so ask for the resource with `Option`, and run readers only if the messages
//! exist:
//!
//! ```no_run,standalone_crate
//! # use bevy::prelude::*;
//! # fn main() {}
//! use hot_loader::HotReloadEvent;
//!
//! fn announce(mut events: MessageReader<HotReloadEvent>) {
//!     for event in events.read() {
//!         if let HotReloadEvent::Swapped(report) = event {
//!             eprintln!("generation {} is live", report.generation);
//!         }
//!     }
//! }
//!
//! fn gameplay(app: &mut App) {
//!     app.add_systems(
//!         Update,
//!         announce.run_if(resource_exists::<Messages<HotReloadEvent>>),
//!     );
//! }
//! ```
//!
//! The same facts go to the log, to the overlay, and to the file that the environment
//! variable `HOT_LOADER_EVENTS` names, as JSON lines.
//!
//! # Cargo features
//!
//! | feature | effect |
//! |---|---|
//! | `hot` | hot reloading |
//! | `overlay` (default) | the overlay; pulls in `bevy_ui` and its rendering, in static builds too |
//! | `assets` | lets hot-loader build plugins that register or load assets |
//! | `snapshots` | snapshots and restart |
//!
//! A headless game takes hot-loader with `default-features = false`.
//!
//! # How it works
//!
//! `export!` embeds the rustc command line that compiled the gameplay. A thread watches
//! its sources, replays the command as a library, compares the sources before and after,
//! then checks and loads the library. Proxies stand in the schedules for the gameplay's
//! systems. Between two frames each proxy gets the new code for the very data that it
//! holds. `ARCHITECTURE.md` in the repository has the details, and its folder `docs` the
//! complete reference.

// The examples above are compiled and not run (a documentation test does not find
// the dynamic standard library), each alone, since merged ones are run regardless.

#[doc(inline)]
pub use hot_loader_face::*;

pub mod plugin;
mod policy;

#[cfg(feature = "hot")]
mod convert;
#[cfg(feature = "hot")]
mod edit;
#[cfg(feature = "hot")]
mod engine;
#[cfg(feature = "hot")]
mod found;
#[cfg(feature = "hot")]
mod frame;
#[cfg(feature = "hot")]
mod generation;
#[cfg(feature = "hot")]
mod load;
#[cfg(feature = "hot")]
mod migrate;
#[cfg(feature = "hot")]
mod mover;
#[cfg(all(feature = "hot", feature = "overlay"))]
mod overlay;
#[cfg(feature = "hot")]
mod panics;
#[cfg(feature = "hot")]
mod proxy;
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
#[cfg(all(feature = "hot", feature = "snapshots"))]
mod snapshot;
#[cfg(all(feature = "hot", not(feature = "snapshots")))]
#[path = "snapshot/off.rs"]
mod snapshot;
#[cfg(feature = "hot")]
mod stale;
#[cfg(feature = "hot")]
mod structure;
#[cfg(feature = "hot")]
mod swap;
#[cfg(feature = "hot")]
mod watchdog;

#[cfg(feature = "hot")]
mod hotpatching;

#[cfg(all(test, feature = "hot"))]
mod testing;

pub use plugin::HotLoaderPlugin;
