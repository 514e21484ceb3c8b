//! The enemies: three kinds, each with its own way to move.
//!
//! When they arrive is `waves.rs`, what harms them is `shots.rs`.

use std::f32::consts::TAU;

use bevy::prelude::*;

use crate::arena::{FacesVelocity, HALF_HEIGHT, HALF_WIDTH, Position, Velocity, body};
use crate::dice::Dice;
use crate::looks::Look;
use crate::ship::Ship;
use crate::shots::orb;
use crate::state::Step;

/// How fast a drifter sinks (world units a second).
const DRIFTER_SINK: f32 = 90.0;
/// How far a drifter swings to each side (world units).
const DRIFTER_SWING: f32 = 95.0;
/// How often a drifter swings (swings a second).
const DRIFTER_PACE: f32 = 0.35;
/// How long a diver lurks before it dives (seconds).
const DIVER_LURK: f32 = 1.5;
/// How fast a diver moves while it lurks (world units a second).
const DIVER_PROWL: f32 = 90.0;
/// Top speed of a dive (world units a second).
const DIVER_SPEED: f32 = 470.0;
/// How quickly a diver takes up a new course (1/seconds).
const DIVER_RESPONSE: f32 = 2.4;
/// The height gunners hold (world units, up from the middle).
const GUNNER_HEIGHT: f32 = 215.0;
/// How fast a gunner moves (world units a second).
const GUNNER_SPEED: f32 = 110.0;
/// Time between two shots of a gunner (seconds).
const GUNNER_INTERVAL: f32 = 1.9;
/// Orbs a gunner fires at once (orbs).
const GUNNER_FAN: u32 = 3;
/// Angle between two orbs of a gunner (radians).
const GUNNER_SPREAD: f32 = 0.24;
/// How far below the arena an enemy turns up above it again (world units).
const RETURN_DEPTH: f32 = 60.0;

/// How an enemy moves and fights.
#[derive(Reflect, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EnemyKind {
    /// Sinks and swings.
    #[default]
    Drifter,
    /// Lurks, then dives at the ship.
    Diver,
    /// Holds its height and fires.
    Gunner,
}

/// What the enemies of a kind have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traits {
    /// Harm it takes (health).
    pub health: f32,
    /// Points for it.
    pub points: u32,
    /// How large it is to the touch (world units).
    pub radius: f32,
    /// How large its explosion is (1 is common).
    pub blast: f32,
    /// The color of its explosion.
    pub color: Color,
    /// What it looks like.
    pub look: Look,
}

impl EnemyKind {
    /// What the enemies of this kind have in common.
    pub fn traits(self) -> Traits {
        match self {
            Self::Drifter => Traits {
                health: 3.0,
                points: 10,
                radius: 26.0,
                blast: 0.9,
                color: Color::srgb(0.5, 1.0, 0.35),
                look: Look::Drifter,
            },
            Self::Diver => Traits {
                health: 4.0,
                points: 25,
                radius: 22.0,
                blast: 1.0,
                color: Color::srgb(1.0, 0.3, 0.75),
                look: Look::Diver,
            },
            Self::Gunner => Traits {
                health: 12.0,
                points: 60,
                radius: 34.0,
                blast: 1.6,
                color: Color::srgb(1.0, 0.65, 0.2),
                look: Look::Gunner,
            },
        }
    }
}

/// An enemy.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Component)]
pub struct Enemy {
    /// How it moves and fights.
    pub kind: EnemyKind,
    /// Harm it still takes.
    pub health: f32,
    /// For how long it has been here (seconds).
    pub age: f32,
    /// Where in its swing it started (radians).
    pub phase: f32,
    /// Until it fires again (seconds).
    pub reload: f32,
    /// For how long it still flashes from a hit (seconds).
    pub flash: f32,
}

/// An enemy of this kind, in this phase of its swing (radians), with so many
/// times the health of its kind.
pub fn enemy(
    kind: EnemyKind,
    at: Vec2,
    phase: f32,
    toughness: f32,
    dice: &mut Dice,
) -> impl Bundle {
    let traits = kind.traits();
    let side = if at.x < 0.0 { 1.0 } else { -1.0 };
    (
        Enemy {
            kind,
            health: traits.health * toughness,
            phase,
            reload: GUNNER_INTERVAL * dice.range(0.6, 1.2),
            ..default()
        },
        traits.look,
        body(
            at,
            Vec2::new(side * GUNNER_SPEED, -DRIFTER_SINK),
            traits.radius,
        ),
    )
}

/// Steers the enemies.
#[derive(Debug, Clone, Copy, Default)]
pub struct EnemyPlugin;

impl Plugin for EnemyPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(FixedUpdate, (steer, fire).chain().in_set(Step::Enemies))
            .add_observer(face_dive);
    }
}

/// Gives every enemy the velocity of its kind; below the arena it starts again above.
pub(crate) fn steer(
    time: Res<Time>,
    ship: Query<&Position, (With<Ship>, Without<Enemy>)>,
    mut enemies: Query<(&mut Enemy, &mut Position, &mut Velocity)>,
) {
    let step = time.delta_secs();
    let prey = ship.single().map_or(Vec2::NEG_Y * HALF_HEIGHT, |at| at.0);
    for (mut enemy, mut position, mut velocity) in &mut enemies {
        enemy.age += step;
        enemy.flash = (enemy.flash - step).max(0.0);
        if position.y < -HALF_HEIGHT - RETURN_DEPTH {
            position.y = HALF_HEIGHT + RETURN_DEPTH;
            position.x = position.x.clamp(-0.85 * HALF_WIDTH, 0.85 * HALF_WIDTH);
            enemy.age = 0.0;
        }
        match enemy.kind {
            EnemyKind::Drifter => {
                let turn = TAU * DRIFTER_PACE;
                let swing = (enemy.age * turn + enemy.phase).cos() * turn * DRIFTER_SWING;
                velocity.0 = Vec2::new(swing, -DRIFTER_SINK);
            }
            EnemyKind::Diver => {
                let wanted = if enemy.age < DIVER_LURK {
                    Vec2::new((enemy.age * 3.0 + enemy.phase).sin(), -0.6) * DIVER_PROWL
                } else if position.y > prey.y {
                    (prey - position.0).normalize_or(Vec2::NEG_Y) * DIVER_SPEED
                } else {
                    Vec2::NEG_Y * DIVER_SPEED
                };
                velocity.0 = wanted + (velocity.0 - wanted) * (-DIVER_RESPONSE * step).exp();
            }
            EnemyKind::Gunner => {
                let at_edge = position.x.abs() > 0.85 * HALF_WIDTH;
                if at_edge && position.x * velocity.x > 0.0 {
                    velocity.x = -velocity.x;
                }
                let bob = 14.0 * (enemy.age * 2.0 + enemy.phase).sin();
                velocity.y = ((GUNNER_HEIGHT + bob - position.y) * 1.5).max(-140.0);
            }
        }
        // Nobody swings out of sight.
        let out = position.x.abs() > HALF_WIDTH - 30.0 && position.x * velocity.x > 0.0;
        if out {
            velocity.x = -velocity.x;
        }
    }
}

/// Gunners in sight fire at the ship.
fn fire(
    time: Res<Time>,
    mut commands: Commands,
    ship: Query<&Position, With<Ship>>,
    mut enemies: Query<(&mut Enemy, &Position)>,
) {
    let Ok(prey) = ship.single() else {
        return;
    };
    for (mut enemy, position) in &mut enemies {
        if enemy.kind != EnemyKind::Gunner || position.y > HALF_HEIGHT {
            continue;
        }
        enemy.reload -= time.delta_secs();
        if enemy.reload <= 0.0 {
            enemy.reload += GUNNER_INTERVAL;
            let muzzle = position.0 - Vec2::Y * 40.0;
            let ahead = (prey.0 - muzzle).normalize_or(Vec2::NEG_Y);
            for place in 0..GUNNER_FAN {
                let turn = (place as f32 - (GUNNER_FAN - 1) as f32 / 2.0) * GUNNER_SPREAD;
                commands.spawn(orb(muzzle, Vec2::from_angle(turn).rotate(ahead)));
            }
        }
    }
}

/// An observer: divers point where they fly, the other kinds do not turn.
fn face_dive(added: On<Add, Enemy>, enemies: Query<&Enemy>, mut commands: Commands) {
    if enemies
        .get(added.entity)
        .is_ok_and(|enemy| enemy.kind == EnemyKind::Diver)
    {
        commands.entity(added.entity).insert(FacesVelocity);
    }
}
