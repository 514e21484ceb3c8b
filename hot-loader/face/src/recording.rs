//! [`is_recording`]: lets a plugin skip what it may do only once.
//!
//! It exists in static builds too, where nothing is ever recorded. `record` does the
//! recording.

use bevy::app::App;

/// Marks the scratch worlds in which plugins are recorded.
#[cfg(feature = "hot")]
#[derive(bevy::ecs::resource::Resource)]
#[doc(hidden)]
pub struct Recording;

/// Whether `app` is a scratch world, in which hot-loader learns what a plugin registers.
/// Always `false` in a static build, and when a game starts.
///
/// After an edit of what the gameplay registers, of types, or of an observer, hot-loader
/// builds the gameplay's plugin again, several times, in worlds that it throws away. If
/// the plugin does more than register things in its [`App`], such as starting a thread,
/// binding a port or opening a file, guard that:
///
/// ```no_run,standalone_crate
/// # use bevy::prelude::*;
/// # fn main() {}
/// # #[derive(Resource)]
/// # struct Link(std::net::UdpSocket);
/// # fn listen() {}
/// fn gameplay(app: &mut App) {
///     if !hot_loader::is_recording(app) {
///         let socket = std::net::UdpSocket::bind("127.0.0.1:4000").expect("the port is free");
///         app.insert_resource(Link(socket));
///     }
///     app.add_systems(Update, listen.run_if(resource_exists::<Link>));
/// }
/// ```
#[must_use]
pub fn is_recording(app: &App) -> bool {
    #[cfg(feature = "hot")]
    return app.world().contains_resource::<Recording>();
    #[cfg(not(feature = "hot"))]
    {
        let _never = app;
        false
    }
}
