//! Values whose `Drop` panics: wherever an edit drops one, the rest of the edit goes on.

use super::{Game, Log, Plugin};
use bevy::{app::Update, ecs::prelude::*};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

static ARMED: AtomicBool = AtomicBool::new(false);

/// Owns something, so that nobody drops it twice unnoticed.
#[derive(Resource, Default)]
struct Fragile(Box<u8>);

impl Drop for Fragile {
    fn drop(&mut self) {
        // While a panic is under way another one would be nobody's to catch.
        if ARMED.load(Ordering::Relaxed) && !thread::panicking() {
            panic!("fragile {}", self.0);
        }
    }
}

fn one(mut log: ResMut<Log>) {
    log.note("one");
}

fn two(mut log: ResMut<Log>) {
    log.note("two");
}

#[derive(Event)]
struct Bell;

fn holds(mut held: Local<Fragile>) {
    *held.0 += 1;
}

/// What ran in the next frame, without the host's.
fn ours(game: &mut Game) -> Vec<&'static str> {
    let ran = game.frame().into_iter();
    ran.filter(|who| !who.starts_with("host")).collect()
}

fn rings(_: On<Bell>, mut log: ResMut<Log>, mut held: Local<Fragile>) {
    *held.0 += 1;
    log.note("bell");
}

const WITH: Plugin = |app| {
    app.insert_resource(Fragile(Box::new(7)))
        .add_systems(Update, (one, two, holds).chain())
        .add_observer(rings);
};

#[test]
fn a_drop_that_panics_stops_no_edit_and_no_refusal() {
    let mut game = Game::start(WITH);
    game.app.world_mut().trigger(Bell);
    ARMED.store(true, Ordering::Relaxed);
    // Recordings are dropped that hold one.
    let refused = game.try_edit(|app| {
        app.insert_resource(Fragile(Box::new(7)))
            .add_systems(Update, (one.after(two), two.after(one), holds));
    });
    assert!(refused.is_err());
    assert_eq!(ours(&mut game), ["one", "two"]);
    // The system and the observer go. The resource cannot.
    let applied = game.edit(|app| {
        app.add_systems(Update, (two, one).chain());
    });
    assert!(applied.removed.iter().any(|name| name.ends_with("holds")));
    let removed = &applied.state_removed;
    assert!(!removed.iter().any(|name| name.ends_with("Fragile")));
    assert_eq!(ours(&mut game), ["two", "one"]);
    assert_eq!(*game.app.world().resource::<Fragile>().0, 7);
    assert_eq!(rung(&mut game), 0);
    // They come again, and the observer is exchanged.
    game.edit(WITH);
    assert_eq!(rung(&mut game), 1);
    game.edit(WITH);
    assert_eq!(rung(&mut game), 1);
    assert_eq!(ours(&mut game), ["one", "two"]);
    assert_eq!(*game.app.world().resource::<Fragile>().0, 7);
    game.gameplay.tidy(game.app.world());
    ARMED.store(false, Ordering::Relaxed);
}

/// How many observers hear the bell.
fn rung(game: &mut Game) -> usize {
    game.log().ran.clear();
    game.app.world_mut().trigger(Bell);
    game.log().ran.iter().filter(|who| **who == "bell").count()
}
