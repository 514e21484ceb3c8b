//! The plugin (static part).
use crate::HotModule;
use bevy::app::{App, Plugin};
/// Adds the module's plugin.
pub struct HotLoaderPlugin { module: HotModule }
impl HotLoaderPlugin {
    /// For this module.
    pub fn new(module: HotModule) -> Self { Self { module } }
}
impl Plugin for HotLoaderPlugin {
    fn build(&self, app: &mut App) { (self.module.build)(app) }
}
