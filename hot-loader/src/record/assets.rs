//! An asset server of the scratch world's own, and the asset collections that the host
//! has: what a plugin loads or adds while it is built goes there.

use super::host::HostView;
#[cfg(feature = "overlay")]
use bevy::asset::AssetApp;
use bevy::{app::App, asset::AssetPlugin, ecs::world::World};
use core::mem;

/// The name of the engine's plugin.
const PLUGIN: &str = "bevy_asset::AssetPlugin";

/// Sets up assets in `world` if the host has them.
pub fn show(world: &mut World, host: &HostView) {
    if !host.plugins.contains(&PLUGIN) {
        return;
    }
    // The plugin wants an app; its schedules are thrown away with it.
    let mut app = App::empty();
    let observers = mem::take(world);
    *app.world_mut() = observers;
    app.add_plugins(AssetPlugin {
        watch_for_changes_override: Some(false),
        ..AssetPlugin::default()
    });
    #[cfg(feature = "overlay")]
    app.init_asset::<bevy::image::Image>()
        .init_asset::<bevy::image::TextureAtlasLayout>()
        .init_asset::<bevy::mesh::Mesh>()
        .init_asset::<bevy::text::Font>()
        .init_asset::<bevy::shader::Shader>();
    *world = mem::take(app.world_mut());
}
