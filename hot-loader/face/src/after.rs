//! Setting things up again after a reload: [`AfterReload`], a schedule, and
//! [`DespawnOnReload`], a component.
//!
//! Both exist in static builds too, where nothing ever reloads. This file holds the
//! types; `frame` acts on them.

use bevy::ecs::{component::Component, schedule::ScheduleLabel};

/// Runs after each reload, before the frame's own schedules. Never runs in a static build.
///
/// Together with [`DespawnOnReload`] it runs a setup function again, for example one
/// whose numbers you edit often:
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

/// Despawns its entity, with its children, before a reload. Does nothing in a static
/// build. See [`AfterReload`].
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DespawnOnReload;
