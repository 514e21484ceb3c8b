//! Snapshots of a build without the feature `snapshots`: there are none, and it says so.

use crate::{
    found::FoundTypes,
    report::{self, Reporter},
};
use bevy::ecs::world::World;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

pub const RECENT: Duration = Duration::ZERO;
pub const OF_THE_BUILD: Duration = Duration::ZERO;

/// Writes nothing down.
pub struct Snapshots;

impl Snapshots {
    /// Begins a run.
    pub fn begin(
        _module: &'static str,
        _dir: PathBuf,
        _found: Arc<Mutex<FoundTypes>>,
        _reporter: Arc<Reporter>,
    ) -> Self {
        Self
    }

    /// Says that there are none.
    pub fn take(&mut self, _world: &World) {
        report::warn(
            "Snapshot failed: hot-loader was built without its feature `snapshots`. Enable it, then restart the game",
        );
    }

    /// There is none to wait for.
    pub fn go_on(&mut self, _world: &World) {}

    /// Says that there are none.
    pub fn take_now(&mut self, _world: &World) -> Result<PathBuf, String> {
        Err("hot-loader was built without its feature `snapshots`".into())
    }

    /// Nothing is taken unasked.
    pub fn take_ahead(&mut self, _world: &World, _enough: Duration) {}

    /// Nothing can be taken back.
    pub fn restore(&mut self, _world: &mut World, last: bool) {
        if last && std::env::var_os("HOT_LOADER_RESTORE").is_some() {
            report::warn(
                "Restore failed: hot-loader was built without its feature `snapshots`. Enable it, then restart the game",
            );
        }
    }
}
