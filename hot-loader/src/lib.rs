//! Hot-reloads the gameplay of a Bevy game.
pub use hot_loader_macros::export;
pub mod module;
pub mod plugin;
pub use module::HotModule;
pub use plugin::HotLoaderPlugin;
/// What `export!` expands to; not for people.
#[doc(hidden)]
pub mod __private {
    pub use bevy::app::App;
}
