//! The title, the pause and the end: one screen for each state that waits.
//!
//! It is only for the eye: the keys are `state.rs`. Without an asset server there
//! are no screens.

use bevy::prelude::*;

use crate::arena::{HALF_HEIGHT, HALF_WIDTH};
use crate::score::Score;
use crate::state::GameState;
use crate::waves::Wave;

/// Size of a screen's title (pixels).
const TITLE_SIZE: f32 = 104.0;
/// Size of a screen's other lines (pixels).
const LINE_SIZE: f32 = 24.0;
/// Distance between two lines (world units).
const LINE_HEIGHT: f32 = 38.0;
/// How dark the game is behind a screen (0 to 1).
const SHADE: f32 = 0.62;
/// How often the prompt pulses (pulses a second).
const PULSE: f32 = 0.8;

/// The line that says which key goes on.
#[derive(Component, Reflect, Debug, Clone, Copy, Default)]
#[reflect(Component)]
pub struct Prompt;

/// Adds the screens.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScreensPlugin;

impl Plugin for ScreensPlugin {
    fn build(&self, app: &mut App) {
        for state in [GameState::Menu, GameState::Paused, GameState::GameOver] {
            app.add_systems(OnEnter(state), show.run_if(resource_exists::<AssetServer>));
        }
        app.add_systems(Update, pulse.run_if(not(in_state(GameState::Playing))));
    }
}

/// Shows the screen of the state that was just entered.
fn show(mut commands: Commands, state: Res<State<GameState>>, score: Res<Score>, wave: Res<Wave>) {
    let state = *state.get();
    let (title, color, lines, prompt) = match state {
        GameState::Playing => return,
        GameState::Menu => (
            "EMBERFALL",
            LinearRgba::rgb(3.2, 1.1, 0.25),
            vec![
                "arrows or WASD   fly      ".to_owned(),
                "         space   fire     ".to_owned(),
                "   P or escape   pause    ".to_owned(),
                "           tab   autopilot".to_owned(),
            ],
            "press enter",
        ),
        GameState::Paused => (
            "PAUSED",
            LinearRgba::rgb(0.5, 1.8, 2.6),
            vec![],
            "press enter to go on",
        ),
        GameState::GameOver => (
            "GAME OVER",
            LinearRgba::rgb(3.0, 0.45, 0.5),
            vec![
                format!("{} points", score.points),
                format!("wave {}   best {}", wave.number, score.best),
            ],
            "press enter to fly again",
        ),
    };
    let shade = if state == GameState::Menu { 0.0 } else { SHADE };
    let text = |text: String, size: f32, color: LinearRgba, y: f32| {
        (
            Text2d::new(text),
            TextFont::from_font_size(size),
            TextColor(color.into()),
            Transform::from_xyz(0.0, y, 1.0),
        )
    };
    let quiet = LinearRgba::rgb(0.45, 0.62, 0.85);
    commands
        .spawn((
            Name::new("Screen"),
            DespawnOnExit(state),
            Sprite::from_color(
                Color::srgba(0.01, 0.01, 0.03, shade),
                // Larger than the arena, so that a shake or a wide window shows no edge.
                Vec2::new(HALF_WIDTH, HALF_HEIGHT) * 4.0,
            ),
            Transform::from_xyz(0.0, 0.0, 50.0),
        ))
        .with_children(|screen| {
            screen.spawn(text(title.to_owned(), TITLE_SIZE, color, 110.0));
            let mut y = 0.0;
            for line in lines {
                screen.spawn(text(line, LINE_SIZE, quiet, y));
                y -= LINE_HEIGHT;
            }
            screen.spawn((
                Prompt,
                text(
                    prompt.to_owned(),
                    LINE_SIZE,
                    LinearRgba::rgb(1.2, 1.3, 1.4),
                    y - 24.0,
                ),
            ));
        });
}

/// Pulses the prompt.
fn pulse(time: Res<Time<Real>>, mut prompts: Query<&mut TextColor, With<Prompt>>) {
    let turn = std::f32::consts::TAU * PULSE * time.elapsed_secs();
    for mut color in &mut prompts {
        color.0.set_alpha(0.65 + 0.35 * turn.sin());
    }
}
