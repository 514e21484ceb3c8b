//! The gameplay of the demo game: what an edit changes while the game runs.
//!
//! One feature a file, each an ordinary Bevy plugin with its tuning constants at
//! the top. Nothing here opens a window or assumes one: what is only for the
//! eye runs when an [`AssetServer`] exists.

pub mod arena;
pub mod background;
pub mod camera;
pub mod dice;
pub mod enemy;
pub mod hud;
pub mod looks;
pub mod missile;
pub mod particles;
pub mod pilot;
pub mod score;
pub mod screens;
pub mod shields;
pub mod ship;
pub mod shots;
pub mod state;
pub mod summary;
pub mod waves;

use bevy::prelude::*;

/// All of the gameplay.
#[derive(Debug, Clone, Copy, Default)]
pub struct GameplayPlugin;

impl Plugin for GameplayPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins((
            state::StatePlugin,
            dice::DicePlugin,
            arena::ArenaPlugin,
            pilot::PilotPlugin,
            ship::ShipPlugin,
            shields::ShieldsPlugin,
            missile::MissilePlugin,
            waves::WavesPlugin,
            enemy::EnemyPlugin,
            shots::ShotsPlugin,
            score::ScorePlugin,
        ))
        .add_plugins((
            particles::ParticlesPlugin,
            looks::LooksPlugin,
            background::BackgroundPlugin,
            camera::CameraPlugin,
            hud::HudPlugin,
            screens::ScreensPlugin,
            summary::SummaryPlugin,
        ));
    }
}

hot_loader::export!(GameplayPlugin);
