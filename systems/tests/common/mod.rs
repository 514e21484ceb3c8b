//! What the gameplay's tests share: a game without a window, stepped by hand.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::time::Duration;

use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use bevy::time::TimeUpdateStrategy;
use systems::GameplayPlugin;
use systems::arena::{Position, STEPS_A_SECOND};
use systems::dice::Dice;
use systems::enemy::{Enemy, EnemyKind, enemy};
use systems::pilot::{Autopilot, Controls};
use systems::ship::Ship;
use systems::state::GameState;
use systems::waves::Wave;

/// A game in the menu that a test flies itself; every frame is one step.
pub fn game() -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, StatesPlugin, GameplayPlugin))
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_secs_f64(
            1.0 / STEPS_A_SECOND,
        )))
        .insert_resource(Dice::seeded(7));
    // Startup engages the pilot, for want of a keyboard.
    app.update();
    app.world_mut().resource_mut::<Autopilot>().engaged = false;
    app
}

/// A run without waves: only what the test puts there comes near the ship.
pub fn quiet_run() -> App {
    let mut app = game();
    enter(&mut app, GameState::Playing);
    app.world_mut().resource_mut::<Wave>().wait = f32::INFINITY;
    // A new ship is safe for a while.
    single_mut::<Ship>(&mut app).safe = 0.0;
    app
}

/// A run the built-in pilot flies.
pub fn piloted_run(seed: u64) -> App {
    let mut app = game();
    app.insert_resource(Dice::seeded(seed));
    app.world_mut().resource_mut::<Autopilot>().engaged = true;
    enter(&mut app, GameState::Playing);
    app
}

/// Goes to another state.
pub fn enter(app: &mut App, state: GameState) {
    app.world_mut()
        .resource_mut::<NextState<GameState>>()
        .set(state);
    app.update();
    assert_eq!(now(app), state);
}

/// The state the game is in.
pub fn now(app: &App) -> GameState {
    *app.world().resource::<State<GameState>>().get()
}

/// Lets so many frames pass.
pub fn frames(app: &mut App, count: usize) {
    for _ in 0..count {
        app.update();
    }
}

/// Sets the controls.
pub fn controls(app: &mut App, steer: Vec2, fire: bool) {
    *app.world_mut().resource_mut::<Controls>() = Controls { steer, fire };
}

/// How many entities have this component.
pub fn count<C: Component>(app: &mut App) -> usize {
    let world = app.world_mut();
    world.query::<&C>().iter(world).len()
}

/// The only entity with this component.
pub fn single<C: Component>(app: &mut App) -> Entity {
    let world = app.world_mut();
    let mut found = world.query_filtered::<Entity, With<C>>();
    found.single(world).expect("there is exactly one")
}

/// The component of the only entity that has it.
pub fn single_mut<C: Component<Mutability = bevy::ecs::component::Mutable>>(
    app: &mut App,
) -> Mut<'_, C> {
    let entity = single::<C>(app);
    app.world_mut()
        .get_mut::<C>(entity)
        .expect("it was just found")
}

/// Where the ship is.
pub fn ship_at(app: &mut App) -> Vec2 {
    let ship = single::<Ship>(app);
    app.world()
        .get::<Position>(ship)
        .expect("a ship has a position")
        .0
}

/// Puts an enemy there.
pub fn put_enemy(app: &mut App, kind: EnemyKind, at: Vec2) -> Entity {
    let bundle = enemy(kind, at, 0.0, 1.0, &mut Dice::seeded(1));
    app.world_mut().spawn(bundle).id()
}

/// An enemy's health.
pub fn health(app: &App, entity: Entity) -> Option<f32> {
    app.world().get::<Enemy>(entity).map(|enemy| enemy.health)
}
