//! The ship: how it flies, fires and is lost.
//!
//! It obeys [`Controls`] and must not read any key itself.

use bevy::prelude::*;

use crate::arena::{
    HALF_HEIGHT, HALF_WIDTH, LastPosition, Position, Radius, Velocity, body, touch,
};
use crate::enemy::Enemy;
use crate::looks::Look;
use crate::particles::{Exploded, muzzle_flash};
use crate::pilot::Controls;
use crate::score::Score;
use crate::shields::Shield;
use crate::shots::{Hostile, bolt};
use crate::state::{GameState, RUN_BEGINS, Step};
use crate::waves::WaveBegan;

/// Top speed (world units a second).
const SPEED: f32 = 520.0;
/// How quickly the ship takes up a new speed (1/seconds; higher is snappier).
const RESPONSE: f32 = 11.0;
/// How far from the arena's edge the ship stays (world units).
const EDGE: f32 = 36.0;
/// How large the ship is to the touch (world units).
const RADIUS: f32 = 17.0;
/// Time between two volleys (seconds).
const FIRE_INTERVAL: f32 = 0.13;
/// Angle between two bolts of a volley (radians).
const SPREAD: f32 = 0.075;
/// How many waves it takes to win another gun (waves).
const WAVES_A_GUN: u32 = 2;
/// The most guns there are (bolts a volley).
const MOST_GUNS: u32 = 4;
/// Ships in a run (ships).
const LIVES: u32 = 3;
/// How long nothing harms the ship after it lost a shield (seconds).
const SAFE_AFTER_HIT: f32 = 0.7;
/// How long nothing harms a new ship (seconds).
const SAFE_AFTER_LOSS: f32 = 2.5;
/// How far the ship leans into a turn (radians at top speed).
const LEAN: f32 = 0.3;
/// Where a ship starts (world units from the middle).
const START: Vec2 = Vec2::new(0.0, -220.0);

/// The player's ship.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Component)]
pub struct Ship {
    /// Bolts a volley.
    pub guns: u32,
    /// Until the next volley (seconds).
    pub cooldown: f32,
    /// For how long nothing harms it (seconds).
    pub safe: f32,
}

/// The flame behind the ship, its child.
#[derive(Component, Reflect, Debug, Clone, Copy, Default)]
#[reflect(Component)]
pub struct Flame;

/// Ships left, the flying one among them.
#[derive(Resource, Reflect, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[reflect(Resource)]
pub struct Lives(pub u32);

/// Adds the ship.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShipPlugin;

impl Plugin for ShipPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Lives>()
            .add_systems(FixedUpdate, (rearm, steer, fire).chain().in_set(Step::Ship))
            .add_systems(
                FixedUpdate,
                take_hits
                    .after(crate::shots::hit_enemies)
                    .in_set(Step::Collide),
            )
            .add_systems(Update, animate.run_if(not(in_state(GameState::Paused))));
        for begin in RUN_BEGINS {
            app.add_systems(begin, launch);
        }
    }
}

/// Clears the arena and puts a new ship into it.
fn launch(
    mut commands: Commands,
    mut lives: ResMut<Lives>,
    leftovers: Query<Entity, With<Position>>,
) {
    for entity in &leftovers {
        commands.entity(entity).despawn();
    }
    lives.0 = LIVES;
    commands.spawn((
        Name::new("Ship"),
        Ship {
            guns: 1,
            cooldown: 0.0,
            safe: SAFE_AFTER_LOSS,
        },
        Look::Ship,
        body(START, Vec2::ZERO, RADIUS),
        children![(
            Name::new("Flame"),
            Flame,
            Look::Flame,
            Transform::from_xyz(0.0, -44.0, 0.0),
        )],
    ));
}

/// Now and then a new wave brings another gun.
fn rearm(mut waves: MessageReader<WaveBegan>, mut ships: Query<&mut Ship>) {
    for wave in waves.read() {
        for mut ship in &mut ships {
            ship.guns = (1 + wave.number.saturating_sub(1) / WAVES_A_GUN).min(MOST_GUNS);
        }
    }
}

/// Takes up the speed the controls ask for, within the arena.
fn steer(
    time: Res<Time>,
    controls: Res<Controls>,
    mut ships: Query<(&Position, &mut Velocity), With<Ship>>,
) {
    let step = time.delta_secs();
    let limit = Vec2::new(HALF_WIDTH, HALF_HEIGHT) - EDGE;
    for (position, mut velocity) in &mut ships {
        let wanted = controls.steer.clamp_length_max(1.0) * SPEED;
        velocity.0 = wanted + (velocity.0 - wanted) * (-RESPONSE * step).exp();
        let next = (position.0 + velocity.0 * step).clamp(-limit, limit);
        velocity.0 = (next - position.0) / step;
    }
}

/// Fires a volley when asked to and able to.
pub(crate) fn fire(
    time: Res<Time>,
    controls: Res<Controls>,
    mut commands: Commands,
    mut ships: Query<(&Position, &mut Ship)>,
) {
    for (position, mut ship) in &mut ships {
        ship.cooldown -= time.delta_secs();
        if !controls.fire || ship.cooldown > 0.0 {
            continue;
        }
        ship.cooldown = FIRE_INTERVAL;
        let nose = position.0 + Vec2::Y * 40.0;
        for gun in 0..ship.guns {
            let turn = (gun as f32 - (ship.guns - 1) as f32 / 2.0) * SPREAD;
            let direction = Vec2::from_angle(-turn).rotate(Vec2::Y);
            commands.spawn(bolt(nose + Vec2::X * turn * 150.0, direction));
        }
        commands.spawn(muzzle_flash(nose));
    }
}

/// What touches the ship costs it a shield, or the ship itself.
fn take_hits(
    time: Res<Time>,
    mut commands: Commands,
    mut lives: ResMut<Lives>,
    mut score: ResMut<Score>,
    mut next: ResMut<NextState<GameState>>,
    mut ships: Query<(
        Entity,
        &mut Ship,
        &mut Position,
        &mut LastPosition,
        &mut Velocity,
        &Radius,
    )>,
    shields: Query<(Entity, &ChildOf), With<Shield>>,
    shots: Query<(Entity, &Position, &Radius), (With<Hostile>, Without<Ship>)>,
    enemies: Query<(&Position, &Radius), (With<Enemy>, Without<Ship>)>,
) {
    for (entity, mut ship, mut position, mut last, mut velocity, radius) in &mut ships {
        ship.safe = (ship.safe - time.delta_secs()).max(0.0);
        if ship.safe > 0.0 {
            continue;
        }
        let shot = shots
            .iter()
            .find(|(_, at, size)| touch(position.0, *radius, at.0, **size));
        let rammed = enemies
            .iter()
            .any(|(at, size)| touch(position.0, *radius, at.0, *size));
        if let Some((shot, ..)) = shot {
            commands.entity(shot).despawn();
        } else if !rammed {
            continue;
        }
        score.combo = 0;
        if let Some((shield, _)) = shields.iter().find(|(_, child)| child.parent() == entity) {
            commands.entity(shield).despawn();
            ship.safe = SAFE_AFTER_HIT;
            commands.trigger(Exploded::new(position.0, 0.5, Color::srgb(0.4, 0.8, 1.0)));
            continue;
        }
        commands.trigger(Exploded::new(position.0, 2.2, Color::srgb(0.5, 0.9, 1.0)));
        lives.0 = lives.0.saturating_sub(1);
        if lives.0 == 0 {
            commands.entity(entity).despawn();
            next.set(GameState::GameOver);
            continue;
        }
        // A fair start: the next ship finds no shot in the air.
        for (other, ..) in &shots {
            commands.entity(other).try_despawn();
        }
        ship.safe = SAFE_AFTER_LOSS;
        position.0 = START;
        last.0 = START;
        velocity.0 = Vec2::ZERO;
    }
}

/// Flickers the flame, leans the ship and blinks it while safe.
fn animate(
    time: Res<Time>,
    mut ships: Query<(&Ship, &Velocity, &mut Transform, Option<&mut Sprite>)>,
    mut flames: Query<(&ChildOf, &mut Transform), (With<Flame>, Without<Ship>)>,
) {
    let now = time.elapsed_secs();
    for (ship, velocity, mut transform, sprite) in &mut ships {
        transform.rotation = Quat::from_rotation_z(-LEAN * velocity.x / SPEED);
        if let Some(mut sprite) = sprite {
            let dim = ship.safe > 0.0 && (now * 9.0).fract() < 0.5;
            sprite.color.set_alpha(if dim { 0.3 } else { 1.0 });
        }
    }
    for (child, mut transform) in &mut flames {
        let climb = ships
            .get(child.parent())
            .map_or(0.0, |(_, velocity, ..)| velocity.y / SPEED);
        let flicker = 0.12 * (now * 61.0).sin() + 0.08 * (now * 97.0).sin();
        transform.scale = Vec3::new(1.0, 1.0 + 0.6 * climb + flicker, 1.0);
    }
}
