//! The sky: stars in three depths and slow clouds behind them.
//!
//! It is only for the eye: without an asset server there is no sky.

use bevy::prelude::*;

use crate::arena::{HALF_HEIGHT, HALF_WIDTH};
use crate::dice::Dice;
use crate::ship::Ship;
use crate::state::GameState;

/// Stars in each depth, the farthest first (stars).
const STARS: [u32; 3] = [130, 70, 28];
/// How fast the stars of each depth sink (world units a second).
const SCROLL: [f32; 3] = [14.0, 42.0, 110.0];
/// Size of the stars of each depth (world units).
const SIZE: [f32; 3] = [4.0, 6.5, 10.0];
/// Brightness of the stars of each depth (times white).
const LIGHT: [f32; 3] = [0.5, 0.9, 1.8];
/// How far the nearest stars shift when the ship crosses the arena (world units).
const PARALLAX: f32 = 46.0;
/// How much longer a moving star is for its speed (seconds).
const STREAK: f32 = 0.12;
/// Clouds (clouds).
const CLOUDS: u32 = 7;
/// Seeds the sky, which is the same in every run (any number).
const SKY_SEED: u64 = 2;

/// A star or a cloud.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Component)]
pub struct Backdrop {
    /// Where it is, before the parallax (world units).
    pub home: Vec2,
    /// How fast it sinks (world units a second).
    pub scroll: f32,
    /// How much it shifts with the ship (0 to 1).
    pub nearness: f32,
    /// How far outside the arena it turns around (world units).
    pub margin: f32,
}

/// Adds the sky.
#[derive(Debug, Clone, Copy, Default)]
pub struct BackgroundPlugin;

impl Plugin for BackgroundPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(ClearColor(Color::srgb(0.035, 0.04, 0.09)))
            .add_systems(Startup, hang_sky.run_if(resource_exists::<AssetServer>))
            .add_systems(Update, scroll.run_if(not(in_state(GameState::Paused))));
    }
}

/// Hangs the stars and the clouds.
fn hang_sky(mut commands: Commands, assets: Res<AssetServer>) {
    let mut dice = Dice::seeded(SKY_SEED);
    let mut anywhere = |margin: f32| {
        Vec2::new(
            dice.range(-1.0, 1.0) * (HALF_WIDTH + margin),
            dice.range(-1.0, 1.0) * (HALF_HEIGHT + margin),
        )
    };
    let glow = assets.load("glow.png");
    for depth in 0..STARS.len() {
        for star in 0..STARS[depth] {
            let home = anywhere(PARALLAX);
            let size = SIZE[depth] * (0.7 + 0.6 * (star % 7) as f32 / 6.0);
            let hue = if star % 5 == 0 { 28.0 } else { 215.0 };
            let light = Color::hsl(hue, 0.7, 0.85).to_linear() * LIGHT[depth];
            commands.spawn((
                Backdrop {
                    home,
                    scroll: SCROLL[depth],
                    nearness: (depth + 1) as f32 / STARS.len() as f32,
                    margin: PARALLAX,
                },
                Sprite {
                    image: glow.clone(),
                    color: light.with_alpha(0.9).into(),
                    custom_size: Some(Vec2::new(size, size + SCROLL[depth] * STREAK)),
                    ..default()
                },
                Transform::from_translation(home.extend(-20.0 + depth as f32)),
            ));
        }
    }
    let cloud = assets.load("nebula.png");
    for number in 0..CLOUDS {
        let home = anywhere(260.0);
        let hue = [265.0, 200.0, 320.0][number as usize % 3];
        commands.spawn((
            Backdrop {
                home,
                scroll: 7.0 + number as f32,
                nearness: 0.15,
                margin: 420.0,
            },
            Sprite {
                image: cloud.clone(),
                color: Color::hsla(hue, 0.75, 0.45, 0.32),
                custom_size: Some(Vec2::splat(620.0 + 60.0 * number as f32)),
                flip_x: number % 2 == 0,
                ..default()
            },
            Transform::from_translation(home.extend(-30.0 + number as f32))
                .with_rotation(Quat::from_rotation_z(number as f32 * 1.3)),
        ));
    }
}

/// Sinks the sky, and shifts it against the ship.
fn scroll(
    time: Res<Time>,
    mut shift: Local<f32>,
    ship: Query<&Transform, (With<Ship>, Without<Backdrop>)>,
    mut sky: Query<(&mut Backdrop, &mut Transform)>,
) {
    let wanted = ship
        .single()
        .map_or(0.0, |at| -at.translation.x / HALF_WIDTH * PARALLAX);
    *shift += (wanted - *shift) * (1.0 - (-4.0 * time.delta_secs()).exp());
    for (mut backdrop, mut transform) in &mut sky {
        backdrop.home.y -= backdrop.scroll * time.delta_secs();
        let edge = HALF_HEIGHT + backdrop.margin;
        if backdrop.home.y < -edge {
            backdrop.home.y += 2.0 * edge;
        }
        transform.translation.x = backdrop.home.x + *shift * backdrop.nearness;
        transform.translation.y = backdrop.home.y;
    }
}
