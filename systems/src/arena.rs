//! The arena, and how whatever is in it moves.
//!
//! The simulation knows [`Position`]s; a [`Transform`] is only what the eye sees,
//! smoothed between two steps. Nothing but `interpolate` writes a position
//! into a `Transform`.

use bevy::prelude::*;

use crate::state::{Step, things_move};

/// Half the arena's width (world units; one is a pixel of a 1280x720 window).
pub const HALF_WIDTH: f32 = 640.0;
/// Half the arena's height (world units).
pub const HALF_HEIGHT: f32 = 360.0;
/// How far outside the arena a thing is still kept (world units).
pub const MARGIN: f32 = 90.0;
/// Simulation steps a second.
pub const STEPS_A_SECOND: f64 = 60.0;

/// Where a thing is in the simulation.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq, Deref, DerefMut)]
#[reflect(Component)]
pub struct Position(pub Vec2);

/// Where a thing was one step ago.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq, Deref, DerefMut)]
#[reflect(Component)]
pub struct LastPosition(pub Vec2);

/// How fast a thing moves (world units a second).
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq, Deref, DerefMut)]
#[reflect(Component)]
pub struct Velocity(pub Vec2);

/// How large a thing is to the touch (world units).
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq, Deref, DerefMut)]
#[reflect(Component)]
pub struct Radius(pub f32);

/// Turns its nose to where it flies.
#[derive(Component, Reflect, Debug, Clone, Copy, Default)]
#[reflect(Component)]
pub struct FacesVelocity;

/// Is gone once outside the arena.
#[derive(Component, Reflect, Debug, Clone, Copy, Default)]
#[reflect(Component)]
pub struct LeavesArena;

/// What everything that moves in the arena has.
pub fn body(at: Vec2, velocity: Vec2, radius: f32) -> impl Bundle {
    (
        Position(at),
        LastPosition(at),
        Velocity(velocity),
        Radius(radius),
        Transform::from_translation(at.extend(0.0)),
    )
}

/// Whether two discs touch.
pub fn touch(a: Vec2, a_radius: Radius, b: Vec2, b_radius: Radius) -> bool {
    a.distance_squared(b) < (a_radius.0 + b_radius.0).powi(2)
}

/// Moves things, removes what left the arena, and shows the movement smoothly.
#[derive(Debug, Clone, Copy, Default)]
pub struct ArenaPlugin;

impl Plugin for ArenaPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(Time::<Fixed>::from_hz(STEPS_A_SECOND))
            .add_systems(
                FixedUpdate,
                (move_bodies, remove_outside).chain().in_set(Step::Move),
            )
            .add_systems(
                RunFixedMainLoop,
                interpolate
                    .run_if(things_move)
                    .in_set(RunFixedMainLoopSystems::AfterFixedMainLoop),
            );
    }
}

/// Moves everything by its velocity.
fn move_bodies(time: Res<Time>, mut bodies: Query<(&mut Position, &mut LastPosition, &Velocity)>) {
    for (mut position, mut last, velocity) in &mut bodies {
        last.0 = position.0;
        position.0 += velocity.0 * time.delta_secs();
    }
}

/// Removes what left the arena for good.
fn remove_outside(mut commands: Commands, bodies: Query<(Entity, &Position), With<LeavesArena>>) {
    let limit = Vec2::new(HALF_WIDTH, HALF_HEIGHT) + MARGIN;
    for (entity, position) in &bodies {
        if position.abs().cmpgt(limit).any() {
            commands.entity(entity).despawn();
        }
    }
}

/// Puts every `Transform` where the thing is between the last two steps.
fn interpolate(
    time: Res<Time<Fixed>>,
    mut bodies: Query<(
        &Position,
        &LastPosition,
        &Velocity,
        &mut Transform,
        Has<FacesVelocity>,
    )>,
) {
    for (position, last, velocity, mut transform, faces_velocity) in &mut bodies {
        let shown = last.lerp(position.0, time.overstep_fraction());
        transform.translation.x = shown.x;
        transform.translation.y = shown.y;
        if faces_velocity && velocity.0 != Vec2::ZERO {
            transform.rotation = Quat::from_rotation_arc_2d(Vec2::Y, velocity.normalize());
        }
    }
}
