//! When enemies arrive: wave after wave, each larger than the last.
//!
//! How an enemy behaves once it is there is `enemy.rs`.

use bevy::prelude::*;

use crate::arena::{HALF_HEIGHT, HALF_WIDTH};
use crate::dice::Dice;
use crate::enemy::{Enemy, EnemyKind, enemy};
use crate::state::{RUN_BEGINS, Step};

/// Enemies of the first wave (enemies).
const FIRST_SIZE: u32 = 6;
/// Enemies each wave has more than the one before (enemies).
const GROWTH: u32 = 3;
/// Time between two arrivals in the first wave (seconds).
const FIRST_INTERVAL: f32 = 0.75;
/// The shortest time between two arrivals (seconds).
const SHORTEST_INTERVAL: f32 = 0.28;
/// How much sooner enemies arrive each wave (ratio).
const QUICKENING: f32 = 0.9;
/// Quiet between two waves (seconds).
const REST: f32 = 2.2;
/// Share of divers, from the second wave on (0 to 1).
const DIVERS: f32 = 0.3;
/// Share of gunners, from the third wave on (0 to 1).
const GUNNERS: f32 = 0.18;

/// The wave that is on.
#[derive(Resource, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Resource)]
pub struct Wave {
    /// Its number; 0 before the first.
    pub number: u32,
    /// Enemies still to arrive.
    pub to_come: u32,
    /// Until the next arrival, or the next wave (seconds).
    pub wait: f32,
}

/// A wave begins.
#[derive(Message, Reflect, Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaveBegan {
    /// Its number, from 1.
    pub number: u32,
}

/// Sends the waves.
#[derive(Debug, Clone, Copy, Default)]
pub struct WavesPlugin;

impl Plugin for WavesPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Wave>()
            .add_message::<WaveBegan>()
            .add_systems(
                FixedUpdate,
                send_waves.in_set(Step::Enemies).before(crate::enemy::steer),
            );
        for begin in RUN_BEGINS {
            app.add_systems(begin, start_over);
        }
    }
}

/// A run starts before the first wave.
fn start_over(mut wave: ResMut<Wave>) {
    *wave = Wave {
        wait: REST / 2.0,
        ..default()
    };
}

/// Sends one enemy after the other, and the next wave once the arena is clear.
fn send_waves(
    time: Res<Time>,
    mut commands: Commands,
    mut dice: ResMut<Dice>,
    mut wave: ResMut<Wave>,
    mut began: MessageWriter<WaveBegan>,
    enemies: Query<(), With<Enemy>>,
) {
    if wave.to_come == 0 && !enemies.is_empty() {
        wave.wait = REST;
        return;
    }
    wave.wait -= time.delta_secs();
    if wave.wait > 0.0 {
        return;
    }
    if wave.to_come == 0 {
        wave.number += 1;
        wave.to_come = FIRST_SIZE + GROWTH * (wave.number - 1);
        began.write(WaveBegan {
            number: wave.number,
        });
    }
    wave.to_come -= 1;
    let quickened = FIRST_INTERVAL * QUICKENING.powi(wave.number as i32 - 1);
    wave.wait = quickened.max(SHORTEST_INTERVAL) * dice.range(0.7, 1.3);
    let at = Vec2::new(dice.range(-0.85, 0.85) * HALF_WIDTH, HALF_HEIGHT + 50.0);
    let kind = kind_for(wave.number, &mut dice);
    commands.spawn(enemy(kind, at, &mut dice));
}

/// Which kind arrives next in this wave.
fn kind_for(wave: u32, dice: &mut Dice) -> EnemyKind {
    if wave >= 3 && dice.chance(GUNNERS) {
        EnemyKind::Gunner
    } else if wave >= 2 && dice.chance(DIVERS) {
        EnemyKind::Diver
    } else {
        EnemyKind::Drifter
    }
}
