//! What a gameplay crate hands over.
use bevy::app::App;
/// The exported gameplay crate.
#[derive(Clone, Copy, Debug)]
pub struct HotModule {
    /// crate name
    pub name: &'static str,
    /// entry
    pub build: fn(&mut App),
}
