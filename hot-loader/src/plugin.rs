//! [`HotLoaderPlugin`]: the plugin a game adds, in hot and in static builds.
//!
//! A static build adds the module's plugin and nothing else. `frame` does what a hot
//! build does on the main thread.

use crate::module::HotModule;
use crate::policy::Policy;
use bevy::app::{App, Plugin};
use core::time::Duration;

/// Adds the exported gameplay. In hot builds (`--features hot`) it also hot-reloads it:
/// edit the gameplay crate while the game runs, save, and the game runs the new code.
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
/// Add it where you would add the gameplay's own plugin: after the plugins that the
/// gameplay needs.
///
/// An app has one hot module. A second one is added without being reloadable, and the
/// log says so.
#[derive(Debug)]
pub struct HotLoaderPlugin {
    module: HotModule,
    policy: Policy,
}

impl HotLoaderPlugin {
    /// Creates the plugin for the module that [`export!`](crate::export) defined.
    pub const fn new(module: HotModule) -> Self {
        Self {
            module,
            policy: Policy {
                roll_back_on_panic: None,
                spare: true,
            },
        }
    }

    /// Rolls back to the previous generation if a new one panics `within` this time of
    /// going live.
    ///
    /// Off by default: a system that panicked is disabled, and the rest of the new code
    /// keeps running. A generation that was rolled back to is not left for a panic of
    /// its own.
    ///
    /// ```no_run,standalone_crate
    /// # mod systems { hot_loader::export!(|_: &mut bevy::app::App| {}); }
    /// # use hot_loader::HotLoaderPlugin;
    /// # use std::time::Duration;
    /// let plugin = HotLoaderPlugin::new(systems::HOT_MODULE)
    ///     .roll_back_on_panic(Duration::from_secs(3));
    /// # bevy::app::App::new().add_plugins(plugin);
    /// ```
    #[must_use]
    pub const fn roll_back_on_panic(mut self, within: Duration) -> Self {
        self.policy.roll_back_on_panic = Some(within);
        self
    }

    /// Builds nothing ahead: type edits take longer, and the machine rests while nothing is
    /// edited.
    ///
    /// A type edit needs a build that shares no cache with earlier ones. So hot-loader warms
    /// one cache ahead when nothing was edited for two seconds, at the lowest priority, once
    /// after the start and once after each type edit. `HOT_LOADER_SPARE=0` in the environment
    /// turns it off, too.
    ///
    /// ```no_run,standalone_crate
    /// # mod systems { hot_loader::export!(|_: &mut bevy::app::App| {}); }
    /// # use hot_loader::HotLoaderPlugin;
    /// let plugin = HotLoaderPlugin::new(systems::HOT_MODULE).without_spare();
    /// # bevy::app::App::new().add_plugins(plugin);
    /// ```
    #[must_use]
    pub const fn without_spare(mut self) -> Self {
        self.policy.spare = false;
        self
    }
}

impl Plugin for HotLoaderPlugin {
    fn build(&self, app: &mut App) {
        #[cfg(feature = "hot")]
        crate::frame::build(app, self.module, self.policy);
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
}
