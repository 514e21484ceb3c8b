//! How a run begins, waits, ends and begins again, and who flies it.

mod common;

use bevy::prelude::*;
use common::*;
use systems::arena::Position;
use systems::dice::{Dice, seed_argument};
use systems::enemy::{Enemy, EnemyKind};
use systems::pilot::{Autopilot, Controls};
use systems::score::{Score, Scored};
use systems::ship::{Lives, Ship};
use systems::shots::orb;
use systems::state::GameState;
use systems::waves::Wave;

/// Everything in the arena and the score, in an order of its own.
fn world_of(app: &mut App) -> (Vec<[u32; 2]>, Score, Wave) {
    let world = app.world_mut();
    let mut places: Vec<_> = world
        .query::<&Position>()
        .iter(world)
        .map(|at| [at.x.to_bits(), at.y.to_bits()])
        .collect();
    places.sort_unstable();
    let score = *world.resource::<Score>();
    (places, score, *world.resource::<Wave>())
}

#[test]
fn the_game_waits_in_the_menu_for_whoever_flies() {
    let mut app = game();
    frames(&mut app, 300);
    assert_eq!(now(&app), GameState::Menu);
    assert_eq!(count::<Ship>(&mut app), 0);
}

#[test]
fn without_a_keyboard_the_pilot_takes_over_and_starts_a_run() {
    let mut app = game();
    app.world_mut().resource_mut::<Autopilot>().engaged = true;
    frames(&mut app, 120);
    assert_eq!(now(&app), GameState::Playing);
    assert_eq!(count::<Ship>(&mut app), 1);
}

#[test]
fn the_keyboard_flies_and_tab_engages_the_pilot() {
    let mut app = game();
    app.init_resource::<ButtonInput<KeyCode>>();
    enter(&mut app, GameState::Playing);
    let mut keys = app.world_mut().resource_mut::<ButtonInput<KeyCode>>();
    keys.press(KeyCode::ArrowLeft);
    keys.press(KeyCode::Space);
    frames(&mut app, 1);
    let asked = *app.world().resource::<Controls>();
    assert_eq!(
        asked,
        Controls {
            steer: Vec2::NEG_X,
            fire: true
        }
    );
    app.world_mut()
        .resource_mut::<ButtonInput<KeyCode>>()
        .press(KeyCode::Tab);
    frames(&mut app, 1);
    assert!(app.world().resource::<Autopilot>().engaged);
}

#[test]
fn keys_start_pause_and_resume_a_run() {
    let mut app = game();
    app.init_resource::<ButtonInput<KeyCode>>();
    let strike = |app: &mut App, key| {
        app.world_mut()
            .resource_mut::<ButtonInput<KeyCode>>()
            .press(key);
        frames(app, 1);
        let mut keys = app.world_mut().resource_mut::<ButtonInput<KeyCode>>();
        keys.release(key);
        keys.clear();
        frames(app, 1);
        now(app)
    };
    assert_eq!(strike(&mut app, KeyCode::KeyP), GameState::Menu);
    assert_eq!(strike(&mut app, KeyCode::Enter), GameState::Playing);
    assert_eq!(strike(&mut app, KeyCode::Enter), GameState::Playing);
    assert_eq!(strike(&mut app, KeyCode::KeyP), GameState::Paused);
    assert_eq!(strike(&mut app, KeyCode::Escape), GameState::Playing);
    assert_eq!(strike(&mut app, KeyCode::Escape), GameState::Paused);
    assert_eq!(strike(&mut app, KeyCode::Enter), GameState::Playing);
}

#[test]
fn the_pilot_destroys_enemies() {
    let mut app = piloted_run(7);
    frames(&mut app, 15 * 60);
    assert!(app.world().resource::<Score>().points >= 50);
}

#[test]
fn one_seed_is_one_run_and_another_seed_another() {
    let mut worlds = [7, 7, 8].map(|seed| {
        let mut app = piloted_run(seed);
        frames(&mut app, 600);
        world_of(&mut app)
    });
    assert!(worlds[0].1.points > 0 && worlds[0].0.len() > 3);
    assert_eq!(worlds[0], worlds[1]);
    worlds.swap(1, 2);
    assert_ne!(worlds[0], worlds[1]);
}

#[test]
fn a_pause_stops_the_simulation_and_ends_where_it_began() {
    let mut app = piloted_run(7);
    frames(&mut app, 400);
    enter(&mut app, GameState::Paused);
    let before = world_of(&mut app);
    frames(&mut app, 200);
    assert_eq!(world_of(&mut app), before);
    enter(&mut app, GameState::Playing);
    frames(&mut app, 2);
    let after = world_of(&mut app);
    assert_ne!(after.0, before.0, "things move again");
    assert_eq!(after.2.number, before.2.number, "in the same run");
    assert!(after.1.points >= before.1.points);
}

#[test]
fn won_points_raise_the_score_and_a_combo_multiplies_them() {
    let mut app = quiet_run();
    for _ in 0..5 {
        app.world_mut().write_message(Scored {
            points: 10,
            at: Vec2::ZERO,
        });
    }
    frames(&mut app, 1);
    assert_eq!(app.world().resource::<Score>().points, 50);
    assert_eq!(app.world().resource::<Score>().multiplier(), 2);
    app.world_mut().write_message(Scored {
        points: 10,
        at: Vec2::ZERO,
    });
    frames(&mut app, 1);
    assert_eq!(app.world().resource::<Score>().points, 70);
    frames(&mut app, 180);
    let score = *app.world().resource::<Score>();
    assert_eq!((score.points, score.multiplier()), (70, 1), "it lapses");
}

#[test]
fn losing_the_last_ship_ends_the_run_and_the_next_starts_afresh() {
    let mut app = quiet_run();
    app.world_mut().write_message(Scored {
        points: 30,
        at: Vec2::ZERO,
    });
    frames(&mut app, 1);
    app.world_mut().resource_mut::<Lives>().0 = 1;
    put_enemy(&mut app, EnemyKind::Drifter, Vec2::new(400.0, 300.0));
    let at = ship_at(&mut app);
    app.world_mut().spawn(orb(at, Vec2::ZERO));
    frames(&mut app, 2);
    assert_eq!(now(&app), GameState::GameOver);
    assert_eq!(count::<Ship>(&mut app), 0);
    assert_eq!(app.world().resource::<Score>().points, 30);

    enter(&mut app, GameState::Playing);
    assert_eq!(count::<Ship>(&mut app), 1);
    assert_eq!(count::<Enemy>(&mut app), 0);
    assert_eq!(app.world().resource::<Lives>().0, 3);
    assert_eq!(app.world().resource::<Wave>().number, 0);
    let score = *app.world().resource::<Score>();
    assert_eq!((score.points, score.best), (0, 30));
}

#[test]
fn the_seed_comes_from_the_command_line_in_both_spellings() {
    let seed = |line: &str| seed_argument(line.split(' ').map(str::to_owned));
    assert_eq!(seed("game --headless --seed 42 --frames 9"), Some(42));
    assert_eq!(seed("game --seed=42"), Some(42));
    assert_eq!(seed("game --seed"), None);
    assert_eq!(seed("game --seed many"), None);
    assert_eq!(seed("game --frames 42"), None);
}

#[test]
fn dice_stay_within_their_range_and_use_all_of_it() {
    let mut dice = Dice::seeded(0);
    let rolls: Vec<_> = (0..1000).map(|_| dice.range(-2.0, 3.0)).collect();
    assert!(rolls.iter().all(|roll| (-2.0..3.0).contains(roll)));
    assert!(rolls.iter().any(|roll| *roll < -1.5));
    assert!(rolls.iter().any(|roll| *roll > 2.5));
    assert!(!Dice::default().is_seeded() && dice.is_seeded());
}
