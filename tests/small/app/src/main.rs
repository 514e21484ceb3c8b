//! The executable of an ordinary game: picks plugins.

use bevy::{
    app::{PanicHandlerPlugin, ScheduleRunnerPlugin},
    log::LogPlugin,
    prelude::*,
    state::app::StatesPlugin,
};
use hot_loader::HotLoaderPlugin;
use std::time::Duration;

fn main() -> AppExit {
    let mut app = App::new();
    // As `App::new` does with Bevy's feature `reflect_auto_register`, which most games have.
    let types = app.world().resource::<AppTypeRegistry>().clone();
    types.write().register_derived_types();
    app.add_plugins((
        MinimalPlugins.set(ScheduleRunnerPlugin::run_loop(Duration::from_millis(10))),
        PanicHandlerPlugin,
        LogPlugin::default(),
        AssetPlugin::default(),
        StatesPlugin,
    ))
    .add_plugins(HotLoaderPlugin::new(systems::HOT_MODULE))
    .run()
}
