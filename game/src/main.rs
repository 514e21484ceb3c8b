//! The demo game's executable: it picks plugins, for a window or for none.
//!
//! It must hold no gameplay, and of the gameplay it names `HOT_MODULE` alone: all
//! else is `systems`' own and may change while the game runs.

use std::time::Duration;

use bevy::app::{ScheduleRunnerPlugin, TerminalCtrlCHandlerPlugin};
use bevy::diagnostic::FrameCount;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use bevy::time::TimeUpdateStrategy;
use clap::Parser;
use hot_loader::HotLoaderPlugin;

/// Frames a second without a window.
const HEADLESS_FPS: f64 = 60.0;
/// The assets, wherever the game is started from.
const ASSETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets");

/// The demo game of hot-loader.
#[derive(Parser, Debug)]
#[command(version)]
struct Arguments {
    /// Play without a window: the built-in pilot flies, one line a second says how it goes.
    #[arg(long)]
    headless: bool,
    /// Stop after this many frames.
    #[arg(long, value_name = "N")]
    frames: Option<u32>,
    /// Make every run with this seed the same (checked here, read by the gameplay).
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
}

fn main() -> AppExit {
    let arguments = Arguments::parse();
    let mut headless = arguments.headless;
    if !headless && !display_exists() {
        eprintln!("No display (neither DISPLAY nor WAYLAND_DISPLAY is set): playing headless.");
        headless = true;
    }
    App::new()
        .add_plugins(EnginePlugin { headless })
        .add_plugins(FrameLimitPlugin(arguments.frames))
        .add_plugins(HotLoaderPlugin::new(systems::HOT_MODULE))
        .run()
}

/// Whether a window could open.
fn display_exists() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(target_os = "linux")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// The engine's plugins, for a window or for none.
struct EnginePlugin {
    headless: bool,
}

impl Plugin for EnginePlugin {
    fn build(&self, app: &mut App) {
        if self.headless {
            let frame = Duration::from_secs_f64(1.0 / HEADLESS_FPS);
            app.add_plugins((
                MinimalPlugins.set(ScheduleRunnerPlugin::run_loop(frame)),
                LogPlugin::default(),
                TerminalCtrlCHandlerPlugin,
                TransformPlugin,
                StatesPlugin,
            ))
            // Each frame takes the same time, so that one seed is one run.
            .insert_resource(TimeUpdateStrategy::ManualDuration(frame));
        } else {
            app.add_plugins(
                DefaultPlugins
                    .set(AssetPlugin {
                        file_path: ASSETS.to_owned(),
                        ..default()
                    })
                    .set(WindowPlugin {
                        primary_window: Some(Window {
                            title: "Emberfall".to_owned(),
                            resolution: (1280, 720).into(),
                            ..default()
                        }),
                        ..default()
                    }),
            );
        }
    }
}

/// Stops the game after so many frames, if any number was asked for.
struct FrameLimitPlugin(Option<u32>);

impl Plugin for FrameLimitPlugin {
    fn build(&self, app: &mut App) {
        let Some(limit) = self.0 else { return };
        app.add_systems(
            Last,
            move |frames: Res<FrameCount>, mut exit: MessageWriter<AppExit>| {
                if frames.0 + 1 >= limit {
                    exit.write(AppExit::Success);
                }
            },
        );
    }
}
