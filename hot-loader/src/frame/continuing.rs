//! The game in another process: snapshots of the world, the one that this run begins with,
//! and a restart that goes on from one. It must never end this run before the other is built.

use crate::{
    edit::Shared,
    events::HotReloadEvent,
    report,
    restart::Restart,
    snapshot::{self, Snapshots},
};
use bevy::ecs::world::World;
use hot_loader_compile::{recipe::Recipe, session};
use std::env;

/// Why there is neither.
const OFF: &str = "hot reloading is off in this run, and snapshots with it";

/// What leads into another process, or out of an earlier one.
#[derive(Default)]
pub struct Continuing {
    snapshots: Option<Snapshots>,
    restart: Option<Restart>,
    /// How many frames there were, up to the second.
    frames: u8,
    /// The types of the gameplay are known, as far as they will be.
    types_known: bool,
}

impl Continuing {
    /// The game begins.
    pub fn begin(&mut self, module: &'static str, recipe: &Recipe, shared: &Shared) {
        if let Ok(executable) = env::current_exe() {
            let dir = session::base(&executable).join("snapshots");
            let dir = dir.join(recipe.package_name());
            let (found, reporter) = (shared.found.clone(), shared.reporter.clone());
            self.snapshots = Some(Snapshots::begin(module, dir, found, reporter));
        }
    }

    /// Takes a snapshot that was asked for.
    pub fn take_snapshot(&mut self, world: &World) {
        match &mut self.snapshots {
            Some(snapshots) => snapshots.take(world),
            None => report::warn(&format!("Snapshot failed: {OFF}")),
        }
    }

    /// Takes one before something may go wrong, unless the last is young enough: of the build
    /// that came before it, if it is `after_build`.
    pub fn take_ahead(&mut self, world: &World, after_build: bool) {
        let enough = match after_build {
            true => snapshot::OF_THE_BUILD,
            false => snapshot::RECENT,
        };
        if let Some(snapshots) = &mut self.snapshots {
            snapshots.take_ahead(world, enough);
        }
    }

    /// Hears what happened. A build that begins is the time to write the world down: what
    /// comes of it may go wrong, and nothing waits for it yet.
    pub fn hear(&mut self, world: &World, events: &[HotReloadEvent]) {
        for event in events {
            match event {
                HotReloadEvent::BuildStarted { .. } => self.take_ahead(world, false),
                HotReloadEvent::Ready { .. } | HotReloadEvent::RestartNeeded { .. } => {
                    self.types_known = true;
                }
                _ => {}
            }
        }
    }

    /// Begins to build the game again, to go on in a new process.
    pub fn restart(&mut self) {
        if self.restart.is_some() {
            return;
        }
        match Restart::begin() {
            Ok(restart) => {
                report::info(
                    "Restart: the game keeps running while it is rebuilt, then continues in a new process",
                );
                self.restart = Some(restart);
            }
            Err(error) => failed(&error),
        }
    }

    /// Takes back the world of an earlier run, once this one has set its own up; goes on in
    /// a new process if that was asked for and is built.
    pub fn go_on(&mut self, world: &mut World) {
        self.frames = self.frames.saturating_add(1);
        let known = self.types_known;
        if let Some(snapshots) = &mut self.snapshots {
            if self.frames == 2 || known && self.frames > 2 {
                snapshots.restore(world, known);
            }
            snapshots.go_on(world);
        }
        let Some(mut restart) = self.restart.take() else {
            return;
        };
        match restart.is_built() {
            Ok(false) => self.restart = Some(restart),
            Ok(true) => {
                let written = match &mut self.snapshots {
                    Some(snapshots) => snapshots.take_now(world),
                    None => Err(OFF.into()),
                };
                failed(&match written {
                    // Returns only if it cannot be started.
                    Ok(file) => restart.go_on(&file),
                    Err(error) => format!("no snapshot of the world could be saved: {error}"),
                });
            }
            Err(error) => failed(&error),
        }
    }
}

fn failed(error: &str) {
    report::warn(&format!("Restart failed: {error}; the game keeps running"));
}
