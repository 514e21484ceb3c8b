//! When enemies arrive: wave after wave, each larger than the last.
//!
//! How an enemy behaves once it is there is `enemy.rs`.

use std::f32::consts::TAU;

use bevy::prelude::*;

use crate::arena::{HALF_HEIGHT, HALF_WIDTH};
use crate::dice::Dice;
use crate::enemy::{Enemy, EnemyKind, enemy};
use crate::state::{RUN_BEGINS, Step};

/// Squads of the first wave (squads).
const FIRST_SIZE: u32 = 4;
/// Squads each wave has more than the one before (squads).
const GROWTH: u32 = 2;
/// Drifters, divers and gunners in a squad (enemies).
const SQUAD: [u32; 3] = [4, 2, 1];
/// Distance between two enemies of a squad (world units).
const SPACING: f32 = 84.0;
/// Time between two arrivals in the first wave (seconds).
const FIRST_INTERVAL: f32 = 1.7;
/// The shortest time between two arrivals (seconds).
const SHORTEST_INTERVAL: f32 = 0.55;
/// How much shorter that time is each wave (ratio).
const QUICKENING: f32 = 0.88;
/// Health enemies gain each wave (share of their first).
const TOUGHENING: f32 = 0.14;
/// Quiet between two waves (seconds).
const REST: f32 = 1.8;
/// Share of squads of divers, from the second wave on (0 to 1).
const DIVERS: f32 = 0.4;
/// Share of squads of gunners, from the second wave on (0 to 1).
const GUNNERS: f32 = 0.22;

/// The wave that is on.
#[derive(Resource, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Resource)]
pub struct Wave {
    /// Its number; 0 before the first.
    pub number: u32,
    /// Squads still to arrive.
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

/// Sends one squad after the other, and the next wave once the arena is clear.
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
    let kind = kind_for(wave.number, &mut dice);
    let size = SQUAD[kind as usize];
    let half = SPACING * size.saturating_sub(1) as f32 / 2.0;
    let middle = dice.range(-1.0, 1.0) * (0.85 * HALF_WIDTH - half);
    let phase = dice.range(0.0, TAU);
    let toughness = 1.0 + TOUGHENING * (wave.number - 1) as f32;
    for place in 0..size {
        let across = SPACING * place as f32 - half;
        // A squad flies as a wedge, its middle first.
        let at = Vec2::new(middle + across, HALF_HEIGHT + 50.0 + 0.4 * across.abs());
        commands.spawn(enemy(kind, at, phase, toughness, &mut dice));
    }
}

/// Which kind arrives next in this wave.
fn kind_for(wave: u32, dice: &mut Dice) -> EnemyKind {
    if wave >= 2 && dice.chance(GUNNERS) {
        EnemyKind::Gunner
    } else if wave >= 2 && dice.chance(DIVERS) {
        EnemyKind::Diver
    } else {
        EnemyKind::Drifter
    }
}
