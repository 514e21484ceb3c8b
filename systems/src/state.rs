//! Which part of the game is on, and the order of a simulation step.
//!
//! It must not do any gameplay of its own: features put their systems in a
//! [`Step`] set and react to [`GameState`].

use bevy::prelude::*;

/// Which part of the game is on.
#[derive(States, Reflect, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum GameState {
    /// The title, before the first run.
    #[default]
    Menu,
    /// The simulation runs.
    Playing,
    /// The simulation waits.
    Paused,
    /// The last ship is lost.
    GameOver,
}

/// The parts of one simulation step, in their order.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The pilot, if any, sets the controls.
    Pilot,
    /// The ship and what it launched steer and fire.
    Ship,
    /// Waves arrive, enemies steer and fire.
    Enemies,
    /// Everything moves.
    Move,
    /// What touches is hit.
    Collide,
    /// Points are counted.
    Count,
}

/// The changes of state that begin a run: going on after a pause is none.
pub const RUN_BEGINS: [OnTransition<GameState>; 2] = [
    OnTransition {
        exited: GameState::Menu,
        entered: GameState::Playing,
    },
    OnTransition {
        exited: GameState::GameOver,
        entered: GameState::Playing,
    },
];

/// Adds [`GameState`], orders the [`Step`] sets, reads the keys that change state.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatePlugin;

impl Plugin for StatePlugin {
    fn build(&self, app: &mut App) {
        app.init_state::<GameState>()
            .configure_sets(
                FixedUpdate,
                (
                    Step::Pilot.run_if(in_state(GameState::Playing)),
                    Step::Ship.run_if(in_state(GameState::Playing)),
                    Step::Enemies.run_if(in_state(GameState::Playing)),
                    Step::Move.run_if(things_move),
                    Step::Collide.run_if(in_state(GameState::Playing)),
                    Step::Count.run_if(in_state(GameState::Playing)),
                )
                    .chain(),
            )
            .add_systems(
                Update,
                change_state.run_if(resource_exists::<ButtonInput<KeyCode>>),
            );
    }
}

/// A run condition: things drift on after the last ship is lost, until the next run.
pub fn things_move(state: Res<State<GameState>>) -> bool {
    matches!(state.get(), GameState::Playing | GameState::GameOver)
}

/// Reads the keys that change state.
fn change_state(
    keys: Res<ButtonInput<KeyCode>>,
    state: Res<State<GameState>>,
    mut next: ResMut<NextState<GameState>>,
) {
    let start = keys.any_just_pressed([KeyCode::Enter, KeyCode::NumpadEnter]);
    let pause = keys.any_just_pressed([KeyCode::Escape, KeyCode::KeyP]);
    match state.get() {
        GameState::Menu if start => next.set(GameState::Playing),
        GameState::Playing if pause => next.set(GameState::Paused),
        GameState::Paused if start || pause => next.set(GameState::Playing),
        GameState::GameOver if start => next.set(GameState::Playing),
        _ => {}
    }
}
