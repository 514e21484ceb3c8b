//! The shields that circle the ship, its children.
//!
//! What hits the ship, and so costs a shield, is `ship.rs`.

use std::f32::consts::TAU;

use bevy::prelude::*;

use crate::looks::Look;
use crate::ship::Ship;
use crate::state::{GameState, Step};
use crate::waves::WaveBegan;

/// Shields a ship gets with every wave (shields).
const SHIELDS_A_WAVE: usize = 1;
/// The most shields a ship has (shields).
const MOST_SHIELDS: usize = 3;
/// How far out the shields circle (world units).
const ORBIT: f32 = 52.0;
/// How fast the shields circle (radians a second).
const SPIN: f32 = 2.4;

/// A shield that circles the ship. Each takes one hit.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Component)]
pub struct Shield {
    /// Where on the circle it is (radians).
    pub angle: f32,
}

/// Adds the shields.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShieldsPlugin;

impl Plugin for ShieldsPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            FixedUpdate,
            raise.in_set(Step::Ship).before(crate::ship::fire),
        )
        .add_systems(Update, spin.run_if(in_state(GameState::Playing)));
    }
}

/// A new wave brings a shield.
fn raise(
    mut commands: Commands,
    mut waves: MessageReader<WaveBegan>,
    ships: Query<Entity, With<Ship>>,
    shields: Query<Entity, With<Shield>>,
) {
    for _ in waves.read() {
        for ship in &ships {
            let count = (shields.iter().len() + SHIELDS_A_WAVE).min(MOST_SHIELDS);
            // All anew, evenly spaced.
            for shield in &shields {
                commands.entity(shield).despawn();
            }
            for place in 0..count {
                let angle = TAU * place as f32 / count as f32;
                commands.spawn((
                    Name::new("Shield"),
                    Shield { angle },
                    Look::Shield,
                    Transform::from_translation(on_orbit(angle)),
                    ChildOf(ship),
                ));
            }
        }
    }
}

/// Circles the shields around their ship.
fn spin(time: Res<Time>, mut shields: Query<(&mut Shield, &mut Transform)>) {
    for (mut shield, mut transform) in &mut shields {
        shield.angle = (shield.angle + SPIN * time.delta_secs()) % TAU;
        transform.translation = on_orbit(shield.angle).with_z(transform.translation.z);
    }
}

/// A place on the circle, seen from the ship.
fn on_orbit(angle: f32) -> Vec3 {
    (Vec2::from_angle(angle) * ORBIT).extend(0.0)
}
