//! Systems and conditions whose initialisation panics, in schedules of the running game.

use super::{Game, Log, short};
use bevy::{
    app::{App, PostUpdate, Update},
    ecs::prelude::*,
};
use core::sync::atomic::{AtomicBool, Ordering};

/// Made of what the code is at the time, as a reload's is.
static MENDED: AtomicBool = AtomicBool::new(false);

struct Made;

impl FromWorld for Made {
    fn from_world(_: &mut World) -> Self {
        assert!(MENDED.load(Ordering::Relaxed), "by test");
        Self
    }
}

fn made(_: Local<Made>, mut log: ResMut<Log>) {
    log.note("made");
}

fn asked(mut log: ResMut<Log>) {
    log.note("asked");
}

fn other(mut log: ResMut<Log>) {
    log.note("other");
}

fn more(mut log: ResMut<Log>) {
    log.note("more");
}

fn is_made(_: Local<Made>) -> bool {
    true
}

#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
struct Asked;

fn plugin(app: &mut App) {
    app.add_systems(Update, (made, asked.run_if(is_made), other))
        .configure_sets(PostUpdate, Asked.run_if(is_made))
        .add_systems(PostUpdate, asked.in_set(Asked));
}

fn with_more(app: &mut App) {
    plugin(app);
    app.add_systems(Update, more);
}

#[test]
fn they_are_off_until_a_reload_makes_them_afresh() {
    let mut game = Game::start(plugin);
    let panics = game.gameplay.guard.take_panics();
    assert_eq!(panics.len(), 3, "{panics:?}");
    for slot in game.gameplay.slots() {
        slot.turn_on();
    }
    let ran = game.frame();
    assert!(ran.contains(&"other") && !ran.contains(&"made") && !ran.contains(&"asked"));

    // They do not stand in the way of what else an edit does.
    let applied = game.try_edit(with_more).unwrap();
    assert_eq!(short(&applied.added), ["more"]);
    assert_eq!(short(&applied.reset), [""; 0]);
    assert_eq!(game.gameplay.guard.take_panics().len(), 3, "named again");
    let ran = game.frame();
    assert!(ran.contains(&"more"));
    assert!(!ran.contains(&"made") && !ran.contains(&"asked"));

    MENDED.store(true, Ordering::Relaxed);
    let applied = game.edit(plugin);
    let reset = short(&applied.reset);
    assert!(
        reset.contains(&"made") && reset.contains(&"is_made"),
        "{reset:?}"
    );
    let ran = game.frame();
    assert!(ran.contains(&"made"), "{ran:?}");
    assert_eq!(
        ran.iter().filter(|who| **who == "asked").count(),
        2,
        "{ran:?}"
    );
    assert!(
        game.gameplay
            .slots()
            .iter()
            .all(|slot| !slot.never_initialised())
    );
    let again = game.edit(plugin);
    assert!(
        !short(&again.reset).contains(&"made"),
        "it stays from now on"
    );
}
