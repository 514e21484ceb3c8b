//! Which of the engine's plugins an app has. An app answers for one plugin type at a
//! time, so the engine's are asked for by name.
//!
//! Plugins of others are not known this way: a module that looks for one finds none
//! while it is recorded, for the old generation as for the new one.

use crate::panics;
use bevy::app::{App, Plugin};
use core::sync::atomic::{AtomicBool, Ordering};

/// The names of Bevy 0.19.1's plugins, as `Plugin::name` gives them.
const ENGINE: &str = "
    bevy_a11y::AccessibilityPlugin bevy_animation::AnimationPlugin
    bevy_anti_alias::AntiAliasPlugin bevy_app::panic_handler::PanicHandlerPlugin
    bevy_app::schedule_runner::ScheduleRunnerPlugin bevy_app::task_pool_plugin::TaskPoolPlugin
    bevy_app::terminal_ctrl_c_handler::TerminalCtrlCHandlerPlugin bevy_asset::AssetPlugin
    bevy_asset::io::web::WebAssetPlugin bevy_audio::AudioPlugin bevy_camera::CameraPlugin
    bevy_camera::visibility::range::VisibilityRangePlugin
    bevy_camera::visibility::VisibilityPlugin bevy_clipboard::ClipboardPlugin
    bevy_core_pipeline::CorePipelinePlugin bevy_diagnostic::DiagnosticsPlugin
    bevy_diagnostic::entity_count_diagnostics_plugin::EntityCountDiagnosticsPlugin
    bevy_diagnostic::frame_count::FrameCountPlugin
    bevy_diagnostic::frame_time_diagnostics_plugin::FrameTimeDiagnosticsPlugin
    bevy_diagnostic::log_diagnostics_plugin::LogDiagnosticsPlugin
    bevy_diagnostic::system_information_diagnostics_plugin::SystemInformationDiagnosticsPlugin
    bevy_gilrs::GilrsPlugin bevy_gizmos::GizmoPlugin bevy_gizmos_render::GizmoRenderPlugin
    bevy_gltf::GltfPlugin bevy_image::image::ImagePlugin
    bevy_image::texture_atlas::TextureAtlasPlugin bevy_input::InputPlugin
    bevy_input_focus::directional_navigation::DirectionalNavigationPlugin
    bevy_input_focus::InputDispatchPlugin bevy_input_focus::InputFocusPlugin
    bevy_input_focus::tab_navigation::TabNavigationPlugin bevy_light::LightPlugin
    bevy_log::LogPlugin bevy_mesh::MeshPlugin bevy_pbr::PbrPlugin
    bevy_picking::input::PointerInputPlugin bevy_picking::InteractionPlugin
    bevy_picking::mesh_picking::MeshPickingPlugin bevy_picking::PickingPlugin
    bevy_post_process::PostProcessPlugin bevy_remote::RemotePlugin
    bevy_render::pipelined_rendering::PipelinedRenderingPlugin bevy_render::RenderPlugin
    bevy_render::sync_world::SyncWorldPlugin bevy_render::texture::TexturePlugin
    bevy_scene::ScenePlugin bevy_sprite::picking_backend::SpritePickingPlugin
    bevy_sprite::SpritePlugin bevy_sprite_render::SpriteRenderPlugin
    bevy_state::app::StatesPlugin bevy_text::TextPlugin bevy_time::TimePlugin
    bevy_transform::plugins::TransformPlugin bevy_ui::picking_backend::UiPickingPlugin
    bevy_ui::UiPlugin bevy_ui_render::UiRenderPlugin bevy_ui_widgets::EditableTextInputPlugin
    bevy_window::WindowPlugin bevy_winit::cursor::WinitCursorPlugin bevy_winit::WinitPlugin
    bevy_world_serialization::WorldSerializationPlugin
";

/// Those of the engine's plugins that `app` has: none, where asking would change it.
pub fn plugins_of(app: &mut App) -> Vec<&'static str> {
    if verify().is_err() {
        return Vec::new();
    }
    let present = ENGINE.split_whitespace().filter(|name| has(app, name));
    present.collect()
}

/// Whether `app` has a plugin of this name.
///
/// A plugin that is there already makes `add_plugins` panic before anything changed.
/// One that is not is added under another name: the engine asks for the name again
/// when it notes it (bevy_app 0.19.1 `app.rs`, `add_boxed_plugin`).
fn has(app: &mut App, name: &'static str) -> bool {
    let probe = Probe {
        name,
        asked: AtomicBool::new(false),
    };
    panics::does_panic(|| {
        app.add_plugins(probe);
    })
}

/// Makes sure that asking finds what is there, and leaves nothing behind.
///
/// # Errors
/// What is otherwise.
pub fn verify() -> Result<(), String> {
    let mut app = App::empty();
    let [first, second] = ["hot_loader::first", "hot_loader::second"];
    app.add_plugins(Placeholder(first));
    match [first, second, second].map(|name| has(&mut app, name)) {
        [true, false, false] => Ok(()),
        _ => Err("an app does not tell which plugins it has".into()),
    }
}

struct Probe {
    name: &'static str,
    asked: AtomicBool,
}

impl Plugin for Probe {
    fn build(&self, _: &mut App) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// The name that is looked for, until the plugin is built: it was not there then.
    fn name(&self) -> &str {
        match self.asked.load(Ordering::Relaxed) {
            false => self.name,
            true => "hot_loader::engine::plugins::Probe",
        }
    }
}

/// Stands for a plugin of the host in a scratch app.
pub struct Placeholder(pub &'static str);

impl Plugin for Placeholder {
    fn build(&self, _: &mut App) {}

    fn name(&self) -> &str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::{
        MinimalPlugins,
        app::{PanicHandlerPlugin, TaskPoolPlugin},
        state::app::StatesPlugin,
    };

    #[test]
    fn the_engines_plugins_are_found_and_asking_changes_nothing() {
        let mut app = App::new();
        app.add_plugins(TaskPoolPlugin::default());
        assert_eq!(
            plugins_of(&mut app),
            ["bevy_app::task_pool_plugin::TaskPoolPlugin"]
        );
        assert!(!app.is_plugin_added::<PanicHandlerPlugin>());
        app.add_plugins((PanicHandlerPlugin, StatesPlugin));
        assert_eq!(plugins_of(&mut app).len(), 3);
    }

    #[test]
    fn all_of_a_group_are_known_by_their_names() {
        let mut app = App::new();
        app.add_plugins(MinimalPlugins);
        assert_eq!(
            plugins_of(&mut app),
            [
                "bevy_app::schedule_runner::ScheduleRunnerPlugin",
                "bevy_app::task_pool_plugin::TaskPoolPlugin",
                "bevy_diagnostic::frame_count::FrameCountPlugin",
                "bevy_time::TimePlugin",
            ]
        );
    }
}
