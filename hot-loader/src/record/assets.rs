//! An asset server of the scratch world's own, and the asset collections that the host
//! has: what a plugin loads or adds while it is built goes there.

use super::host::HostView;
use bevy::{
    app::App,
    asset::{Asset, AssetApp, AssetPlugin, AssetServer, Assets},
    ecs::world::World,
};
use core::{
    any::{TypeId, type_name},
    mem,
};

/// What an engine without images, meshes, text or shaders has in their place: which of
/// them this engine has is the game's choice of features, which no crate but the engine
/// can ask for.
mod absent {
    #![allow(dead_code, reason = "unused where the engine has all of them")]

    use bevy::{asset::Asset, reflect::TypePath};

    /// No world has a collection of these.
    #[derive(Asset, TypePath)]
    pub struct Absent;

    pub mod image {
        pub type Image = super::Absent;
        pub type TextureAtlasLayout = super::Absent;
    }
    pub mod mesh {
        pub type Mesh = super::Absent;
    }
    pub mod shader {
        pub type Shader = super::Absent;
    }
    pub mod text {
        pub type Font = super::Absent;
    }
}

/// Sets up assets in `world` if the host has them, with the asset server of `server_of`.
pub fn show(world: &mut World, host: &HostView, server_of: Option<&World>) {
    if host.plugins.contains(&type_name::<AssetPlugin>()) {
        // The plugin wants an app; its schedules are thrown away with it.
        let mut app = App::empty();
        mem::swap(app.world_mut(), world);
        app.add_plugins(AssetPlugin {
            watch_for_changes_override: Some(false),
            ..AssetPlugin::default()
        });
        show_engines(&mut app, host);
        mem::swap(app.world_mut(), world);
    }
    if let Some(server) = server_of.and_then(World::get_resource::<AssetServer>) {
        world.insert_resource(server.clone());
    }
}

/// The collections of the engine's own asset types.
fn show_engines(app: &mut App, host: &HostView) {
    #[allow(unused_imports, reason = "unused where the engine has all of them")]
    use absent::*;
    {
        // Names of an inner block come before those of the outer one.
        #[allow(unused_imports, reason = "unused where the engine has none of them")]
        use bevy::*;
        show_collection::<image::Image>(app, host);
        show_collection::<image::TextureAtlasLayout>(app, host);
        show_collection::<mesh::Mesh>(app, host);
        show_collection::<shader::Shader>(app, host);
        show_collection::<text::Font>(app, host);
    }
}

fn show_collection<A: Asset>(app: &mut App, host: &HostView) {
    if host.resources.contains(&TypeId::of::<Assets<A>>()) {
        app.init_asset::<A>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::{app::TaskPoolPlugin, ecs::reflect::AppTypeRegistry, reflect::TypePath};

    #[derive(Asset, TypePath)]
    struct Level;

    /// What a recording has that is shown a host with `collections`.
    fn shown(collections: impl FnOnce(&mut App)) -> App {
        let mut app = App::new();
        app.add_plugins((TaskPoolPlugin::default(), AssetPlugin::default()));
        collections(&mut app);
        let host = HostView::of(&mut app, &|_| false);
        let mut recording = App::empty();
        recording.init_resource::<AppTypeRegistry>();
        show(recording.world_mut(), &host, None);
        show_collection::<Level>(&mut recording, &host);
        recording
    }

    #[test]
    fn a_recording_has_the_collections_of_the_host() {
        let has = |app: &App| app.world().contains_resource::<Assets<Level>>();
        assert!(has(&shown(|app| {
            app.init_asset::<Level>();
        })));
        let without = shown(|_| ());
        assert!(!has(&without));
        assert!(
            !without
                .world()
                .contains_resource::<Assets<absent::Absent>>()
        );
    }

    // Without it the engine may have no such type.
    #[cfg(feature = "overlay")]
    #[test]
    fn images_are_among_them() {
        use bevy::image::{Image, TextureAtlasLayout};
        let recording = shown(|app| {
            app.init_asset::<Image>().init_asset::<TextureAtlasLayout>();
        });
        assert!(recording.world().contains_resource::<Assets<Image>>());
    }
}
