//! What happens to the ship, the enemies and the shots during a run.

mod common;

use bevy::prelude::*;
use common::*;
use systems::arena::{HALF_HEIGHT, HALF_WIDTH, Position, Velocity};
use systems::enemy::{Enemy, EnemyKind};
use systems::missile::{Missile, TargetedBy, Targets};
use systems::particles::Particle;
use systems::score::Score;
use systems::shields::Shield;
use systems::ship::{Lives, Ship};
use systems::shots::{Hostile, Shot, bolt, orb};
use systems::state::GameState;
use systems::waves::{Wave, WaveBegan};

#[test]
fn the_ship_flies_where_it_is_steered_and_stays_in_the_arena() {
    let mut app = quiet_run();
    let start = ship_at(&mut app);
    controls(&mut app, Vec2::X, false);
    frames(&mut app, 30);
    let moved = ship_at(&mut app);
    assert!(moved.x > start.x + 100.0, "{start} to {moved}");
    assert_eq!(moved.y, start.y);

    frames(&mut app, 240);
    let edge = ship_at(&mut app);
    assert!((HALF_WIDTH - 40.0..HALF_WIDTH).contains(&edge.x), "{edge}");
    controls(&mut app, Vec2::NEG_Y, false);
    frames(&mut app, 240);
    assert!(ship_at(&mut app).y > -HALF_HEIGHT);
}

#[test]
fn the_ship_fires_only_while_asked_to() {
    let mut app = quiet_run();
    frames(&mut app, 20);
    assert_eq!(count::<Shot>(&mut app), 0);
    controls(&mut app, Vec2::ZERO, true);
    frames(&mut app, 20);
    let fired = count::<Shot>(&mut app);
    assert!(
        (2..=4).contains(&fired),
        "{fired} bolts in a third of a second"
    );
}

#[test]
fn shots_that_leave_the_arena_are_gone() {
    let mut app = quiet_run();
    let shot = app.world_mut().spawn(bolt(Vec2::ZERO, Vec2::Y)).id();
    frames(&mut app, 10);
    assert!(app.world().get_entity(shot).is_ok());
    frames(&mut app, 50);
    assert!(app.world().get_entity(shot).is_err());
}

#[test]
fn a_bolt_harms_the_enemy_it_touches_and_is_spent() {
    let mut app = quiet_run();
    let at = Vec2::new(0.0, 200.0);
    let gunner = put_enemy(&mut app, EnemyKind::Gunner, at);
    let before = health(&app, gunner).expect("it is there");
    let shot = app.world_mut().spawn(bolt(at, Vec2::Y)).id();
    frames(&mut app, 1);
    assert_eq!(health(&app, gunner), Some(before - 1.0));
    assert!(app.world().get_entity(shot).is_err());
    assert_eq!(app.world().resource::<Score>().points, 0);
}

#[test]
fn an_enemy_out_of_sight_is_not_hit() {
    let mut app = quiet_run();
    let at = Vec2::new(0.0, HALF_HEIGHT + 40.0);
    let drifter = put_enemy(&mut app, EnemyKind::Drifter, at);
    app.world_mut().spawn(bolt(at, Vec2::Y));
    frames(&mut app, 2);
    assert_eq!(
        health(&app, drifter),
        Some(EnemyKind::Drifter.traits().health)
    );
}

#[test]
fn an_enemy_without_health_explodes_and_gives_its_points() {
    let mut app = quiet_run();
    let at = Vec2::new(0.0, 200.0);
    let drifter = put_enemy(&mut app, EnemyKind::Drifter, at);
    app.world_mut()
        .get_mut::<Enemy>(drifter)
        .expect("it is there")
        .health = 1.0;
    assert_eq!(count::<Particle>(&mut app), 0);
    app.world_mut().spawn(bolt(at, Vec2::Y));
    frames(&mut app, 1);
    assert!(app.world().get_entity(drifter).is_err());
    assert_eq!(app.world().resource::<Score>().points, 10);
    let burst = count::<Particle>(&mut app);
    assert!(burst > 20, "{burst} particles");
    frames(&mut app, 60);
    assert_eq!(count::<Particle>(&mut app), 0, "particles grow old");
}

#[test]
fn two_bolts_at_once_kill_an_enemy_only_once() {
    let mut app = quiet_run();
    let at = Vec2::new(0.0, 200.0);
    let drifter = put_enemy(&mut app, EnemyKind::Drifter, at);
    app.world_mut()
        .get_mut::<Enemy>(drifter)
        .expect("it is there")
        .health = 1.0;
    for _ in 0..2 {
        app.world_mut().spawn(bolt(at, Vec2::Y));
    }
    frames(&mut app, 1);
    assert_eq!(app.world().resource::<Score>().points, 10);
    assert_eq!(count::<Shot>(&mut app), 1, "the other bolt flies on");
}

#[test]
fn a_missile_hunts_its_own_enemy_until_that_is_gone() {
    let mut app = quiet_run();
    let prey = put_enemy(&mut app, EnemyKind::Gunner, Vec2::new(300.0, 215.0));
    controls(&mut app, Vec2::ZERO, true);
    frames(&mut app, 3);
    let missile = single::<Missile>(&mut app);
    assert_eq!(app.world().get::<Targets>(missile), Some(&Targets(prey)));
    let hunters = app.world().get::<TargetedBy>(prey).expect("it is hunted");
    assert_eq!(hunters.iter().collect::<Vec<_>>(), [missile]);

    let off_course = |app: &App| {
        let at = |entity| app.world().get::<Position>(entity).expect("it is there").0;
        let course = app.world().get::<Velocity>(missile).expect("it flies").0;
        course.angle_to(at(prey) - at(missile)).abs()
    };
    let before = off_course(&app);
    frames(&mut app, 12);
    assert!(off_course(&app) < before, "it turns after its prey");

    app.world_mut().despawn(prey);
    frames(&mut app, 1);
    assert_eq!(app.world().get::<Targets>(missile), None);
}

#[test]
fn a_diver_dives_at_the_ship() {
    let mut app = quiet_run();
    controls(&mut app, Vec2::NEG_X, false);
    let diver = put_enemy(&mut app, EnemyKind::Diver, Vec2::new(400.0, 300.0));
    let distance = |app: &mut App| {
        let ship = ship_at(app);
        let at = app.world().get::<Position>(diver).expect("it is there");
        at.distance(ship)
    };
    frames(&mut app, 130);
    let lurking = distance(&mut app);
    frames(&mut app, 70);
    let diving = distance(&mut app);
    assert!(diving < lurking - 200.0, "from {lurking} to {diving}");
}

#[test]
fn a_gunner_fires_at_the_ship() {
    let mut app = quiet_run();
    put_enemy(&mut app, EnemyKind::Gunner, Vec2::new(300.0, 215.0));
    frames(&mut app, 120);
    let world = app.world_mut();
    let orbs: Vec<_> = world
        .query_filtered::<&Velocity, With<Hostile>>()
        .iter(world)
        .collect();
    assert!(!orbs.is_empty());
    assert!(orbs[0].x < 0.0 && orbs[0].y < 0.0, "down and to the left");
}

#[test]
fn an_enemy_that_passed_the_ship_comes_back_from_above() {
    let mut app = quiet_run();
    let at = Vec2::new(500.0, -HALF_HEIGHT - 70.0);
    let drifter = put_enemy(&mut app, EnemyKind::Drifter, at);
    frames(&mut app, 2);
    let above = app.world().get::<Position>(drifter).expect("it stays").y;
    assert!(above > HALF_HEIGHT, "{above}");
}

#[test]
fn a_wave_brings_a_shield_and_every_second_wave_a_gun() {
    let mut app = quiet_run();
    assert_eq!(count::<Shield>(&mut app), 0);
    let expected = [(1, 1, 1), (2, 2, 1), (3, 3, 2), (4, 3, 2), (5, 3, 3)];
    for (number, shields, guns) in expected {
        app.world_mut().write_message(WaveBegan { number });
        frames(&mut app, 1);
        assert_eq!(count::<Shield>(&mut app), shields, "wave {number}");
        assert_eq!(single_mut::<Ship>(&mut app).guns, guns, "wave {number}");
    }
}

#[test]
fn a_shield_takes_a_hit_for_the_ship() {
    let mut app = quiet_run();
    app.world_mut().write_message(WaveBegan { number: 1 });
    frames(&mut app, 1);
    let at = ship_at(&mut app);
    let shot = app.world_mut().spawn(orb(at, Vec2::ZERO)).id();
    frames(&mut app, 1);
    assert_eq!(count::<Shield>(&mut app), 0);
    assert_eq!(app.world().resource::<Lives>().0, 3);
    assert!(app.world().get_entity(shot).is_err());
}

#[test]
fn a_hit_without_shields_costs_a_ship_and_the_next_is_safe_for_a_while() {
    let mut app = quiet_run();
    for _ in 0..2 {
        let at = ship_at(&mut app);
        app.world_mut().spawn(orb(at, Vec2::ZERO));
        frames(&mut app, 1);
        assert_eq!(app.world().resource::<Lives>().0, 2);
        assert_eq!(now(&app), GameState::Playing);
    }
}

#[test]
fn the_next_wave_comes_when_the_last_is_destroyed() {
    let mut app = game();
    enter(&mut app, GameState::Playing);
    frames(&mut app, 120);
    assert_eq!(app.world().resource::<Wave>().number, 1);
    frames(&mut app, 600);
    assert!(count::<Enemy>(&mut app) > 0);
    assert_eq!(app.world().resource::<Wave>().number, 1, "nobody fired");

    for _ in 0..10 {
        let world = app.world_mut();
        let all: Vec<_> = world
            .query_filtered::<Entity, With<Enemy>>()
            .iter(world)
            .collect();
        for enemy in all {
            world.despawn(enemy);
        }
        frames(&mut app, 60);
    }
    assert!(app.world().resource::<Wave>().number >= 2);
}
