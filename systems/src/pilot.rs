//! Who flies: a hand at the keyboard, or the built-in pilot.
//!
//! Both only set [`Controls`]; neither may move the ship itself.

use bevy::input::InputSystems;
use bevy::prelude::*;

use crate::arena::{HALF_HEIGHT, Position, Velocity};
use crate::enemy::Enemy;
use crate::ship::Ship;
use crate::shots::Hostile;
use crate::state::{GameState, Step};

/// How near a threat must be for the pilot to dodge it (world units).
const DODGE_RANGE: f32 = 190.0;
/// How hard the pilot dodges, against its wish to aim (ratio).
const DODGE_WEIGHT: f32 = 2.6;
/// How far ahead the pilot leads its aim (seconds).
const AIM_LEAD: f32 = 0.35;
/// How far off the aim steers at full throttle (world units).
const AIM_SLACK: f32 = 70.0;
/// How far off the aim the pilot fires (world units).
const FIRE_WITHIN: f32 = 130.0;
/// The height the pilot likes to fly at (world units, up from the middle).
const CRUISE_HEIGHT: f32 = -0.66 * HALF_HEIGHT;
/// How long the pilot waits before it starts a run (seconds).
const START_DELAY: f32 = 1.5;

/// What whoever flies the ship asks of it.
#[derive(Resource, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Resource)]
pub struct Controls {
    /// Where to, at most 1 long.
    pub steer: Vec2,
    /// Whether to fire.
    pub fire: bool,
}

/// The built-in pilot. It flies from the start when there is nobody to watch.
#[derive(Resource, Reflect, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[reflect(Resource)]
pub struct Autopilot {
    /// Whether it flies.
    pub engaged: bool,
}

/// Adds [`Controls`], the keyboard and the [`Autopilot`].
#[derive(Debug, Clone, Copy, Default)]
pub struct PilotPlugin;

impl Plugin for PilotPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Controls>()
            .init_resource::<Autopilot>()
            .add_systems(
                Startup,
                engage_pilot.run_if(not(resource_exists::<AssetServer>)),
            )
            .add_systems(
                PreUpdate,
                read_keyboard
                    .after(InputSystems)
                    .run_if(resource_exists::<ButtonInput<KeyCode>>),
            )
            .add_systems(FixedUpdate, fly.run_if(engaged).in_set(Step::Pilot))
            .add_systems(
                Update,
                press_start
                    .run_if(engaged)
                    .run_if(in_state(GameState::Menu).or_else(in_state(GameState::GameOver))),
            );
    }
}

/// A run condition: the built-in pilot flies.
pub fn engaged(pilot: Res<Autopilot>) -> bool {
    pilot.engaged
}

/// With no keyboard to wait for, the pilot takes over.
fn engage_pilot(mut pilot: ResMut<Autopilot>) {
    pilot.engaged = true;
}

/// Arrows or WASD steer, space fires, tab engages the pilot or takes over from it.
fn read_keyboard(
    keys: Res<ButtonInput<KeyCode>>,
    mut pilot: ResMut<Autopilot>,
    mut controls: ResMut<Controls>,
) {
    if keys.just_pressed(KeyCode::Tab) {
        pilot.engaged = !pilot.engaged;
    }
    if pilot.engaged {
        return;
    }
    let axis = |less: [KeyCode; 2], more: [KeyCode; 2]| {
        f32::from(u8::from(keys.any_pressed(more))) - f32::from(u8::from(keys.any_pressed(less)))
    };
    controls.steer = Vec2::new(
        axis(
            [KeyCode::ArrowLeft, KeyCode::KeyA],
            [KeyCode::ArrowRight, KeyCode::KeyD],
        ),
        axis(
            [KeyCode::ArrowDown, KeyCode::KeyS],
            [KeyCode::ArrowUp, KeyCode::KeyW],
        ),
    )
    .clamp_length_max(1.0);
    controls.fire = keys.pressed(KeyCode::Space);
}

/// The pilot aims at the nearest enemy above and dodges what comes near.
fn fly(
    mut controls: ResMut<Controls>,
    ship: Query<&Position, With<Ship>>,
    enemies: Query<(&Position, &Velocity), With<Enemy>>,
    threats: Query<(&Position, &Velocity), Or<(With<Enemy>, With<Hostile>)>>,
) {
    let Ok(ship) = ship.single() else {
        return;
    };
    let mut aim = Vec2::new(ship.x * -0.3, CRUISE_HEIGHT - ship.y);
    let above = enemies.iter().filter(|(at, _)| at.y > ship.y + 40.0);
    let nearest = above.min_by(|(a, _), (b, _)| {
        let key = |at: &Position| (at.x - ship.x).abs() + 0.35 * (at.y - ship.y);
        key(a).total_cmp(&key(b))
    });
    if let Some((at, velocity)) = nearest {
        aim.x = at.x + velocity.x * AIM_LEAD - ship.x;
    }
    let mut dodge = Vec2::ZERO;
    for (at, velocity) in &threats {
        let away = ship.0 - at.0;
        let distance = away.length().max(1.0);
        if distance > DODGE_RANGE || velocity.dot(away) < 0.0 {
            continue;
        }
        // Aside rather than back: across the threat's path, to the nearer side.
        let path = velocity.normalize_or(Vec2::NEG_Y);
        let side = (away - path * away.dot(path)).normalize_or(Vec2::X);
        dodge += (side + 0.4 * away / distance) * (1.0 - distance / DODGE_RANGE);
    }
    controls.steer =
        ((aim / AIM_SLACK).clamp_length_max(1.0) + dodge * DODGE_WEIGHT).clamp_length_max(1.0);
    controls.fire = nearest.is_some() && aim.x.abs() < FIRE_WITHIN;
}

/// The pilot starts a run, a moment after the menu or the end of the last one.
fn press_start(time: Res<Time>, mut waited: Local<f32>, mut next: ResMut<NextState<GameState>>) {
    *waited += time.delta_secs();
    if *waited >= START_DELAY {
        *waited = 0.0;
        next.set(GameState::Playing);
    }
}
