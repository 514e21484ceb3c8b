//! For "set it up again after an edit": [`AfterReload`], a schedule, and
//! [`DespawnOnReload`], a component.
//!
//! Both exist in static builds too, where nothing ever reloads. This file holds the
//! types; what a reload does with them is in `frame`.

use bevy::ecs::{component::Component, schedule::ScheduleLabel};

/// Runs after each reload, before the frame's own schedules; never in a static build.
///
/// With [`DespawnOnReload`], a setup function whose numbers are edited often is run
/// again:
///
/// ```no_run,standalone_crate
/// # use bevy::prelude::*;
/// # fn main() {}
/// use hot_loader::{AfterReload, DespawnOnReload};
///
/// fn build_level(mut commands: Commands) {
///     commands.spawn((DespawnOnReload, Name::new("level")));
/// }
///
/// fn gameplay(app: &mut App) {
///     app.add_systems(Startup, build_level)
///         .add_systems(AfterReload, build_level);
/// }
/// ```
#[derive(ScheduleLabel, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AfterReload;

/// Despawns its entity, with its children, before a reload; does nothing in a static
/// build. See [`AfterReload`].
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DespawnOnReload;
