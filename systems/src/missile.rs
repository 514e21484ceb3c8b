//! Homing missiles: the ship launches them by itself, each after its own enemy.
//!
//! Who hunts whom is a relationship ([`Targets`], [`TargetedBy`]), so that a
//! missile whose prey is gone simply has no target any more.

use bevy::prelude::*;

use crate::arena::{FacesVelocity, LeavesArena, Position, Velocity, body};
use crate::enemy::Enemy;
use crate::looks::Look;
use crate::particles::exhaust;
use crate::pilot::Controls;
use crate::ship::Ship;
use crate::shots::Shot;
use crate::state::Step;

/// Time between two missiles (seconds).
const LAUNCH_INTERVAL: f32 = 2.0;
/// Speed of a missile (world units a second).
const SPEED: f32 = 460.0;
/// How fast a missile turns (radians a second).
const TURN: f32 = 4.6;
/// Harm a missile does (health).
const DAMAGE: f32 = 3.0;
/// How large a missile is to the touch (world units).
const RADIUS: f32 = 10.0;
/// Steps between two puffs of its exhaust (steps).
const EXHAUST_EVERY: u32 = 2;

/// A missile.
#[derive(Component, Reflect, Debug, Clone, Copy, Default)]
#[reflect(Component)]
pub struct Missile;

/// The enemy a missile hunts.
#[derive(Component, Reflect, Debug, Clone, Copy, PartialEq, Eq)]
#[reflect(Component)]
#[relationship(relationship_target = TargetedBy)]
pub struct Targets(pub Entity);

/// The missiles that hunt an enemy.
#[derive(Component, Reflect, Debug, Clone, Default)]
#[reflect(Component)]
#[relationship_target(relationship = Targets)]
pub struct TargetedBy(Vec<Entity>);

/// Adds the missiles.
#[derive(Debug, Clone, Copy, Default)]
pub struct MissilePlugin;

impl Plugin for MissilePlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            FixedUpdate,
            (launch, guide)
                .chain()
                .in_set(Step::Ship)
                .after(crate::ship::fire),
        );
    }
}

/// While the ship fires, a missile leaves it now and then, if there is prey.
fn launch(
    time: Res<Time>,
    controls: Res<Controls>,
    mut wait: Local<f32>,
    mut left: Local<bool>,
    mut commands: Commands,
    ships: Query<&Position, With<Ship>>,
    prey: Query<(), With<Enemy>>,
) {
    *wait -= time.delta_secs();
    if *wait > 0.0 || !controls.fire || prey.is_empty() {
        return;
    }
    for position in &ships {
        *wait = LAUNCH_INTERVAL;
        *left = !*left;
        let side = if *left { -1.0 } else { 1.0 };
        commands.spawn((
            Missile,
            Shot { damage: DAMAGE },
            Look::Missile,
            FacesVelocity,
            LeavesArena,
            body(
                position.0 + Vec2::new(26.0 * side, 0.0),
                Vec2::new(0.8 * side, 0.6) * SPEED,
                RADIUS,
            ),
        ));
    }
}

/// A missile without prey picks the nearest that no other hunts; then it turns after it.
fn guide(
    time: Res<Time>,
    mut steps: Local<u32>,
    mut commands: Commands,
    mut missiles: Query<(Entity, &Position, &mut Velocity, Option<&Targets>), With<Missile>>,
    free: Query<(Entity, &Position), (With<Enemy>, Without<TargetedBy>)>,
    enemies: Query<&Position, With<Enemy>>,
) {
    *steps = steps.wrapping_add(1);
    let mut taken = Vec::new();
    for (missile, position, mut velocity, targets) in &mut missiles {
        if steps.is_multiple_of(EXHAUST_EVERY) {
            commands.spawn(exhaust(position.0, velocity.0));
        }
        let target = targets.map(|targets| targets.0).or_else(|| {
            let (prey, _) = free
                .iter()
                .filter(|(prey, _)| !taken.contains(prey))
                .min_by(|(_, a), (_, b)| {
                    let distance = |at: &Position| at.distance_squared(position.0);
                    distance(a).total_cmp(&distance(b))
                })?;
            taken.push(prey);
            commands.entity(missile).insert(Targets(prey));
            Some(prey)
        });
        let Some(at) = target.and_then(|prey| enemies.get(prey).ok()) else {
            continue;
        };
        let toward = velocity.angle_to(at.0 - position.0);
        let most = TURN * time.delta_secs();
        let turn = Vec2::from_angle(toward.clamp(-most, most));
        velocity.0 = turn.rotate(velocity.0).normalize_or(Vec2::Y) * SPEED;
    }
}
