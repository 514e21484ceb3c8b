//! The gameplay, before anything is typed.

use bevy::prelude::*;

hot_loader::export!(plugin);

fn plugin(_app: &mut App) {}
