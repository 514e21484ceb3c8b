//! The executable of the game with third-party plugins: picks the engine's plugins,
//! and names nothing of the rules but their module.

use bevy::{
    app::{PanicHandlerPlugin, ScheduleRunnerPlugin},
    input::InputPlugin,
    prelude::*,
    state::app::StatesPlugin,
};
use hot_loader::HotLoaderPlugin;
use std::time::Duration;

fn main() -> AppExit {
    App::new()
        .add_plugins((
            MinimalPlugins.set(ScheduleRunnerPlugin::run_loop(Duration::from_millis(10))),
            PanicHandlerPlugin,
            TransformPlugin,
            InputPlugin,
            AssetPlugin::default(),
            StatesPlugin,
        ))
        .add_plugins(HotLoaderPlugin::new(plugin_rules::HOT_MODULE))
        .run()
}
