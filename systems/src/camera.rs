//! The camera: it sees the whole arena, glows, and shakes when something explodes.
//!
//! It is only for the eye: without an asset server there is no camera.

use bevy::camera::ScalingMode;
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::post_process::bloom::Bloom;
use bevy::prelude::*;

use crate::arena::{HALF_HEIGHT, HALF_WIDTH};
use crate::particles::Exploded;
use crate::state::GameState;

/// How strongly light spreads (0 to 1).
const BLOOM: f32 = 0.22;
/// How much a common explosion shakes (0 to 1).
const SHAKE: f32 = 0.24;
/// The farthest shake (world units).
const SHAKE_REACH: f32 = 22.0;
/// The most a shake turns (radians).
const SHAKE_TURN: f32 = 0.018;
/// How quickly a shake calms (1/seconds).
const CALM: f32 = 1.9;

/// How shaken the camera is, from 0 to 1.
#[derive(Resource, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Resource)]
pub struct Trauma(pub f32);

/// Adds the camera.
#[derive(Debug, Clone, Copy, Default)]
pub struct CameraPlugin;

impl Plugin for CameraPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Trauma>()
            .add_observer(rattle)
            .add_systems(Startup, spawn_camera.run_if(resource_exists::<AssetServer>))
            .add_systems(Update, shake.run_if(not(in_state(GameState::Paused))));
    }
}

/// Spawns the camera.
fn spawn_camera(mut commands: Commands) {
    commands.spawn((
        Camera2d,
        Projection::Orthographic(OrthographicProjection {
            scaling_mode: ScalingMode::AutoMin {
                min_width: 2.0 * HALF_WIDTH,
                min_height: 2.0 * HALF_HEIGHT,
            },
            ..OrthographicProjection::default_2d()
        }),
        Bloom {
            intensity: BLOOM,
            ..Bloom::NATURAL
        },
        Tonemapping::AcesFitted,
        DebandDither::Enabled,
    ));
}

/// An observer: an explosion shakes the camera.
fn rattle(exploded: On<Exploded>, mut trauma: ResMut<Trauma>) {
    trauma.0 = (trauma.0 + SHAKE * exploded.blast).min(1.0);
}

/// Shakes the camera, less and less.
fn shake(
    time: Res<Time>,
    mut trauma: ResMut<Trauma>,
    mut cameras: Query<&mut Transform, With<Camera2d>>,
) {
    trauma.0 = (trauma.0 - CALM * trauma.0 * time.delta_secs()).max(0.0);
    // Squared, so that small blasts are felt less and large ones more.
    let strength = trauma.0 * trauma.0;
    let now = time.elapsed_secs();
    let wave =
        |pace: f32, phase: f32| ((now * pace + phase).sin() + (now * pace * 1.7).sin()) / 2.0;
    for mut transform in &mut cameras {
        transform.translation.x = strength * SHAKE_REACH * wave(43.0, 0.0);
        transform.translation.y = strength * SHAKE_REACH * wave(51.0, 2.0);
        transform.rotation = Quat::from_rotation_z(strength * SHAKE_TURN * wave(37.0, 4.0));
    }
}
