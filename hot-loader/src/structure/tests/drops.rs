//! Values whose `Drop` panics: wherever an edit drops one, the rest of the edit goes on.

use super::{Game, Log};
use bevy::{app::Update, ecs::prelude::*};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

static ARMED: AtomicBool = AtomicBool::new(false);

#[derive(Resource, Default)]
struct Fragile(u8);

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
    held.0 += 1;
}

/// What ran in the next frame, without the host's.
fn ours(game: &mut Game) -> Vec<&'static str> {
    let ran = game.frame().into_iter();
    ran.filter(|who| !who.starts_with("host")).collect()
}

#[test]
fn a_drop_that_panics_stops_no_edit_and_no_refusal() {
    let mut game = Game::start(|app| {
        app.insert_resource(Fragile(7))
            .add_systems(Update, (one, two, holds).chain())
            .add_observer(|_: On<Bell>, _: Local<Fragile>| {});
    });
    game.app.world_mut().trigger(Bell);
    ARMED.store(true, Ordering::Relaxed);
    // Recordings are dropped that hold one.
    let refused = game.try_edit(|app| {
        app.insert_resource(Fragile(7))
            .add_systems(Update, (one.after(two), two.after(one), holds));
    });
    assert!(refused.is_err());
    assert_eq!(ours(&mut game), ["one", "two"]);
    // The system, the observer and the resource go.
    let applied = game.edit(|app| {
        app.add_systems(Update, (two, one).chain());
    });
    assert!(applied.removed.iter().any(|name| name.ends_with("holds")));
    assert_eq!(ours(&mut game), ["two", "one"]);
    // And come again.
    game.edit(|app| {
        app.add_systems(Update, (one, two, holds).chain())
            .add_observer(|_: On<Bell>, _: Local<Fragile>| {});
    });
    assert_eq!(ours(&mut game), ["one", "two"]);
    game.gameplay.tidy();
    ARMED.store(false, Ordering::Relaxed);
}
