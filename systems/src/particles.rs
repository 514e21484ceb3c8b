//! Particles: explosions, sparks, flashes and exhaust.
//!
//! They are only for the eye: nothing may depend on where a particle is.

use bevy::prelude::*;

use crate::dice::Dice;
use crate::looks::Look;
use crate::state::GameState;

/// Sparks of a common explosion (particles).
const SPARKS: f32 = 34.0;
/// Fastest spark (world units a second).
const SPARK_SPEED: f32 = 430.0;
/// How long a spark lives (seconds).
const SPARK_LIFE: f32 = 0.9;
/// Size of a spark (world units).
const SPARK_SIZE: f32 = 24.0;
/// How brightly particles glow (times their color; above 1 they bloom).
const BRIGHTNESS: f32 = 2.2;
/// The most particles at a time (particles).
const MOST_PARTICLES: usize = 600;

/// A particle.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Component)]
pub struct Particle {
    /// How fast it moves (world units a second).
    pub velocity: Vec2,
    /// How quickly it slows down (1/seconds).
    pub drag: f32,
    /// Its age (seconds).
    pub age: f32,
    /// How old it gets (seconds).
    pub life: f32,
    /// How large it starts (world units).
    pub size: f32,
    /// How large it ends (world units).
    pub end_size: f32,
    /// Its color at the start; it fades.
    pub color: Color,
}

/// Something exploded.
#[derive(Event, Reflect, Debug, Clone, Copy, PartialEq)]
pub struct Exploded {
    /// Where.
    pub at: Vec2,
    /// How large the explosion is (1 is common).
    pub blast: f32,
    /// Its color.
    pub color: Color,
}

impl Exploded {
    /// An explosion of this size and color.
    pub fn new(at: Vec2, blast: f32, color: Color) -> Self {
        Self { at, blast, color }
    }
}

/// Adds the particles.
#[derive(Debug, Clone, Copy, Default)]
pub struct ParticlesPlugin;

impl Plugin for ParticlesPlugin {
    fn build(&self, app: &mut App) {
        app.add_observer(burst)
            .add_systems(Update, fly.run_if(not(in_state(GameState::Paused))));
    }
}

/// An observer: an explosion is a flash, a ring and many sparks.
fn burst(
    exploded: On<Exploded>,
    mut dice: ResMut<Dice>,
    mut commands: Commands,
    particles: Query<(), With<Particle>>,
) {
    let Exploded { at, blast, color } = *exploded;
    commands.spawn(particle(
        at,
        Look::Glow,
        Particle {
            life: 0.3,
            size: 150.0 * blast,
            end_size: 40.0 * blast,
            color: color.mix(&Color::WHITE, 0.5),
            ..default()
        },
    ));
    commands.spawn(particle(
        at,
        Look::Ring,
        Particle {
            life: 0.45,
            size: 20.0 * blast,
            end_size: 190.0 * blast,
            color,
            ..default()
        },
    ));
    let room = MOST_PARTICLES.saturating_sub(particles.iter().len());
    for _ in 0..room.min((SPARKS * blast) as usize) {
        // The square root of an even roll fills the disc evenly.
        let speed = SPARK_SPEED * dice.range(0.02, 1.0).sqrt() * blast.sqrt();
        let particle_of_it = Particle {
            velocity: dice.direction() * speed,
            drag: 3.2,
            life: SPARK_LIFE * dice.range(0.4, 1.0),
            size: SPARK_SIZE * dice.range(0.6, 1.4),
            end_size: 2.0,
            color: color.mix(&Color::WHITE, dice.range(0.0, 0.5)),
            ..default()
        };
        commands.spawn(particle(at, Look::Glow, particle_of_it));
    }
}

/// The flash of a gun.
pub fn muzzle_flash(at: Vec2) -> impl Bundle {
    particle(
        at,
        Look::Glow,
        Particle {
            life: 0.07,
            size: 46.0,
            end_size: 12.0,
            color: Color::srgb(0.6, 0.95, 1.0),
            ..default()
        },
    )
}

/// A shot struck without killing.
pub fn spark(at: Vec2, color: Color) -> impl Bundle {
    particle(
        at,
        Look::Glow,
        Particle {
            velocity: Vec2::Y * 60.0,
            life: 0.14,
            size: 34.0,
            end_size: 6.0,
            color,
            ..default()
        },
    )
}

/// A puff behind a missile.
pub fn exhaust(at: Vec2, velocity: Vec2) -> impl Bundle {
    particle(
        at - velocity.normalize_or_zero() * 18.0,
        Look::Glow,
        Particle {
            velocity: velocity * -0.12,
            drag: 2.0,
            life: 0.4,
            size: 22.0,
            end_size: 6.0,
            color: Color::srgb(1.0, 0.75, 0.3),
            ..default()
        },
    )
}

/// A particle with its looks.
fn particle(at: Vec2, look: Look, particle: Particle) -> impl Bundle {
    (
        particle,
        look,
        Transform::from_translation(at.extend(0.0)).with_scale(Vec3::splat(particle.size)),
    )
}

/// Moves, shrinks and fades the particles, and removes the old ones.
fn fly(
    time: Res<Time>,
    mut commands: Commands,
    mut particles: Query<(Entity, &mut Particle, &mut Transform, Option<&mut Sprite>)>,
) {
    let step = time.delta_secs();
    for (entity, mut particle, mut transform, sprite) in &mut particles {
        particle.age += step;
        let age = particle.age / particle.life.max(f32::EPSILON);
        if age >= 1.0 {
            commands.entity(entity).despawn();
            continue;
        }
        let slower = (-particle.drag * step).exp();
        particle.velocity *= slower;
        transform.translation += (particle.velocity * step).extend(0.0);
        transform.scale = Vec3::splat(particle.size.lerp(particle.end_size, age));
        if let Some(mut sprite) = sprite {
            let bright = particle.color.to_linear() * BRIGHTNESS;
            sprite.color = Color::from(bright).with_alpha((1.0 - age).powf(1.3));
        }
    }
}
