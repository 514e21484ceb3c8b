//! One line a second about the world, for a game nobody sees.
//!
//! It must not change anything, and says nothing when there is a picture to look at.

use bevy::prelude::*;

use crate::arena::Position;
use crate::enemy::Enemy;
use crate::particles::Particle;
use crate::score::Score;
use crate::ship::{Lives, Ship};
use crate::shots::{Hostile, Shot};
use crate::state::GameState;
use crate::waves::Wave;

/// Time between two lines (seconds).
const INTERVAL: f32 = 1.0;

/// Prints the summary.
#[derive(Debug, Clone, Copy, Default)]
pub struct SummaryPlugin;

impl Plugin for SummaryPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Last, print.run_if(not(resource_exists::<AssetServer>)));
    }
}

/// Prints one line a second.
fn print(
    time: Res<Time>,
    mut until_next: Local<f32>,
    state: Res<State<GameState>>,
    wave: Res<Wave>,
    score: Res<Score>,
    lives: Res<Lives>,
    ship: Query<&Position, With<Ship>>,
    enemies: Query<(), With<Enemy>>,
    bullets: Query<(), Or<(With<Shot>, With<Hostile>)>>,
    particles: Query<(), With<Particle>>,
) {
    *until_next -= time.delta_secs();
    if *until_next > 0.0 {
        return;
    }
    *until_next += INTERVAL;
    let ship = ship
        .single()
        .map_or("none".to_owned(), |at| format!("{:.0},{:.0}", at.x, at.y));
    let line = format!(
        "t={:.0}s state={:?} wave={} score={} best={} lives={} ship={ship} enemies={} bullets={} particles={}",
        time.elapsed_secs(),
        state.get(),
        wave.number,
        score.points,
        score.best,
        lives.0,
        enemies.iter().len(),
        bullets.iter().len(),
        particles.iter().len(),
    );
    say(&line);
}

/// Prints a line.
#[expect(
    clippy::print_stdout,
    reason = "the summary is what a run without a window is for"
)]
fn say(line: &str) {
    println!("{line}");
}
