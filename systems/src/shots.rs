//! Shots of both sides, and what the ship's shots do to enemies.
//!
//! What hits the ship is the ship's own matter (`ship.rs`).

use bevy::prelude::*;

use crate::arena::{FacesVelocity, HALF_HEIGHT, LeavesArena, Position, Radius, body, touch};
use crate::enemy::Enemy;
use crate::looks::Look;
use crate::particles::{Exploded, spark};
use crate::score::Scored;
use crate::state::Step;

/// Speed of a bolt (world units a second).
const BOLT_SPEED: f32 = 980.0;
/// How large a bolt is to the touch (world units).
const BOLT_RADIUS: f32 = 7.0;
/// Harm a bolt does (health).
const BOLT_DAMAGE: f32 = 1.0;
/// Speed of an enemy's orb (world units a second).
const ORB_SPEED: f32 = 250.0;
/// How large an enemy's orb is to the touch (world units).
const ORB_RADIUS: f32 = 8.0;
/// For how long a hit enemy flashes (seconds).
const HIT_FLASH: f32 = 0.09;

/// A shot of the ship.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Component)]
pub struct Shot {
    /// Health it takes from what it hits.
    pub damage: f32,
}

/// A shot of an enemy.
#[derive(Component, Reflect, Debug, Clone, Copy, Default)]
#[reflect(Component)]
pub struct Hostile;

/// A bolt of the ship.
pub fn bolt(from: Vec2, direction: Vec2) -> impl Bundle {
    (
        Shot {
            damage: BOLT_DAMAGE,
        },
        Look::Bolt,
        FacesVelocity,
        LeavesArena,
        body(from, direction * BOLT_SPEED, BOLT_RADIUS),
    )
}

/// An orb of an enemy.
pub fn orb(from: Vec2, direction: Vec2) -> impl Bundle {
    (
        Hostile,
        Look::Orb,
        LeavesArena,
        body(from, direction * ORB_SPEED, ORB_RADIUS),
    )
}

/// Adds what shots do.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShotsPlugin;

impl Plugin for ShotsPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(FixedUpdate, hit_enemies.in_set(Step::Collide));
    }
}

/// A shot that touches an enemy in sight harms it and is gone; an enemy without health is gone.
pub(crate) fn hit_enemies(
    mut commands: Commands,
    mut scored: MessageWriter<Scored>,
    shots: Query<(Entity, &Shot, &Position, &Radius)>,
    mut enemies: Query<(Entity, &mut Enemy, &Position, &Radius)>,
) {
    for (shot_entity, shot, shot_at, shot_radius) in &shots {
        let struck = enemies.iter_mut().find(|(_, enemy, at, radius)| {
            let in_sight = at.y < HALF_HEIGHT;
            in_sight && enemy.health > 0.0 && touch(shot_at.0, *shot_radius, at.0, **radius)
        });
        let Some((entity, mut enemy, at, _)) = struck else {
            continue;
        };
        commands.entity(shot_entity).despawn();
        let traits = enemy.kind.traits();
        enemy.health -= shot.damage;
        enemy.flash = HIT_FLASH;
        if enemy.health > 0.0 {
            commands.spawn(spark(shot_at.0, traits.color));
            continue;
        }
        commands.entity(entity).despawn();
        commands.trigger(Exploded::new(at.0, traits.blast, traits.color));
        scored.write(Scored {
            points: traits.points,
            at: at.0,
        });
    }
}
