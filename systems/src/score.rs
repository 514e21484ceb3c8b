//! The score and the combo.
//!
//! Points arrive as [`Scored`] messages; nothing else may change the points.

use bevy::prelude::*;

use crate::state::{RUN_BEGINS, Step};

/// How long a combo lasts after its last kill (seconds).
const COMBO_SECONDS: f32 = 2.2;
/// Kills it takes to raise the multiplier by one (kills).
const KILLS_A_STEP: u32 = 5;
/// The highest multiplier (times).
const MOST_TIMES: u32 = 8;

/// Points were won.
#[derive(Message, Reflect, Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Points, before the multiplier.
    pub points: u32,
    /// Where.
    pub at: Vec2,
}

/// Points were counted.
#[derive(Message, Reflect, Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    /// Points, multiplied.
    pub points: u32,
    /// Where they were won.
    pub at: Vec2,
}

/// The points of this run, and the best of all.
#[derive(Resource, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Resource)]
pub struct Score {
    /// Points of this run.
    pub points: u32,
    /// The most points of any run since the game was started.
    pub best: u32,
    /// Kills in a row.
    pub combo: u32,
    /// Until the combo lapses (seconds).
    pub combo_left: f32,
}

impl Score {
    /// What points are multiplied by.
    pub fn multiplier(&self) -> u32 {
        (1 + self.combo / KILLS_A_STEP).min(MOST_TIMES)
    }
}

/// Keeps the [`Score`].
#[derive(Debug, Clone, Copy, Default)]
pub struct ScorePlugin;

impl Plugin for ScorePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Score>()
            .add_message::<Scored>()
            .add_message::<Counted>()
            .add_systems(FixedUpdate, count.in_set(Step::Count));
        for begin in RUN_BEGINS {
            app.add_systems(begin, start_from_zero);
        }
    }
}

/// A run starts without points; the best stays.
fn start_from_zero(mut score: ResMut<Score>) {
    *score = Score {
        best: score.best,
        ..default()
    };
}

/// Counts the points, and lets the combo lapse.
fn count(
    time: Res<Time>,
    mut scored: MessageReader<Scored>,
    mut counted: MessageWriter<Counted>,
    mut score: ResMut<Score>,
) {
    score.combo_left -= time.delta_secs();
    if score.combo_left <= 0.0 {
        score.combo = 0;
        score.combo_left = 0.0;
    }
    for win in scored.read() {
        let points = win.points * score.multiplier();
        score.points += points;
        counted.write(Counted { points, at: win.at });
        score.combo += 1;
        score.combo_left = COMBO_SECONDS;
    }
    score.best = score.best.max(score.points);
}
