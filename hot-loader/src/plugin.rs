//! [`HotLoaderPlugin`]: the plugin a game adds, in hot and in static builds.
//!
//! A static build adds the module's plugin and nothing else. What a hot build
//! does on the main thread is in `frame`.

use crate::module::HotModule;
use bevy::app::{App, Plugin};

/// Adds the exported gameplay, and in hot builds (`--features hot`) keeps it
/// reloadable: edit the gameplay crate while the game runs, save, and the game
/// plays by the new code.
///
/// ```no_run,standalone_crate
/// # mod systems { hot_loader::export!(|_: &mut bevy::app::App| {}); }
/// # use bevy::prelude::*;
/// # use hot_loader::HotLoaderPlugin;
/// App::new()
///     .add_plugins(MinimalPlugins)
///     .add_plugins(HotLoaderPlugin::new(systems::HOT_MODULE))
///     .run();
/// ```
///
/// Add it after the plugins that the gameplay needs, as the gameplay's own plugin
/// would be. One module an app; a second one is added without being reloadable,
/// and the log says so.
#[derive(Debug)]
pub struct HotLoaderPlugin {
    module: HotModule,
}

impl HotLoaderPlugin {
    /// For the module that [`export!`](crate::export) defined.
    pub const fn new(module: HotModule) -> Self {
        Self { module }
    }
}

impl Plugin for HotLoaderPlugin {
    fn build(&self, app: &mut App) {
        #[cfg(feature = "hot")]
        crate::frame::build(app, self.module);
        #[cfg(not(feature = "hot"))]
        self.module.build(app);
    }

    #[cfg(all(feature = "hot", feature = "overlay"))]
    fn finish(&self, app: &mut App) {
        crate::overlay::add(app);
    }

    fn name(&self) -> &str {
        self.module.name()
    }

    fn is_unique(&self) -> bool {
        true
    }
}
