//! [`is_recording`]: lets a plugin leave out what it may do only once.
//!
//! Exists in static builds too, where nothing is ever recorded. Who records is `record`.

use bevy::app::App;

/// Stands in the scratch worlds that plugins are recorded in, and nowhere else.
#[cfg(feature = "hot")]
#[derive(bevy::ecs::resource::Resource)]
pub(crate) struct Recording;

/// Whether the plugin that asks is being built in a scratch world, where hot-loader learns
/// what it registers; always `false` in a static build, and when a game starts.
///
/// After an edit of what the gameplay registers, its plugin is built again, several times, in
/// worlds that are thrown away. A plugin that does more than register things in its
/// [`App`] (it starts a thread, binds a port, opens a file) leaves that out then:
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
