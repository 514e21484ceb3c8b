//! What things look like: sprite, size, brightness and depth, in one table.
//!
//! Gameplay only says which [`Look`] a thing has. Without an asset server nothing
//! is dressed, and nothing may depend on a [`Sprite`] being there.

use bevy::prelude::*;

use crate::enemy::Enemy;
use crate::state::GameState;

/// How brightly a hit enemy flashes (times its color).
const FLASH: f32 = 4.0;

/// What a thing looks like.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[reflect(Component)]
#[require(Transform, Visibility)]
pub enum Look {
    /// The ship.
    Ship,
    /// The flame behind it.
    Flame,
    /// One of its shields.
    Shield,
    /// One of its bolts.
    Bolt,
    /// One of its missiles.
    Missile,
    /// An enemy that drifts.
    Drifter,
    /// An enemy that dives.
    Diver,
    /// An enemy that fires.
    Gunner,
    /// A shot of an enemy.
    Orb,
    /// A soft light, of size 1 until scaled.
    #[default]
    Glow,
    /// A thin ring, of size 1 until scaled.
    Ring,
}

impl Look {
    /// The sprite's file, its size (world units), its brightness (times its
    /// color; above 1 it blooms) and its depth (higher is in front).
    pub fn sprite(self) -> (&'static str, Vec2, f32, f32) {
        match self {
            Self::Ship => ("ship.png", Vec2::splat(98.0), 1.35, 10.0),
            Self::Flame => ("flame.png", Vec2::new(30.0, 44.0), 2.4, -1.0),
            Self::Shield => ("shield.png", Vec2::splat(42.0), 1.5, 1.0),
            Self::Bolt => ("bolt.png", Vec2::new(27.0, 45.0), 2.2, 6.0),
            Self::Missile => ("missile.png", Vec2::new(36.0, 48.0), 1.8, 7.0),
            Self::Drifter => ("drifter.png", Vec2::splat(94.0), 1.2, 5.0),
            Self::Diver => ("diver.png", Vec2::splat(91.0), 1.4, 5.5),
            Self::Gunner => ("gunner.png", Vec2::splat(126.0), 1.3, 5.2),
            Self::Orb => ("orb.png", Vec2::splat(50.0), 2.0, 8.0),
            Self::Glow => ("glow.png", Vec2::ONE, 1.0, 12.0),
            Self::Ring => ("ring.png", Vec2::ONE, 1.0, 11.0),
        }
    }

    /// The sprite's color: white, as bright as it is.
    fn color(self) -> Color {
        Color::from(LinearRgba::WHITE * self.sprite().2).with_alpha(1.0)
    }
}

/// Dresses whatever has a [`Look`].
#[derive(Debug, Clone, Copy, Default)]
pub struct LooksPlugin;

impl Plugin for LooksPlugin {
    fn build(&self, app: &mut App) {
        // Before `Update`, where what is new may already change its color.
        app.add_systems(
            RunFixedMainLoop,
            dress
                .run_if(resource_exists::<AssetServer>)
                .in_set(RunFixedMainLoopSystems::AfterFixedMainLoop),
        )
        .add_systems(Update, flash_hits.run_if(in_state(GameState::Playing)));
    }
}

/// Gives what has a new look its sprite.
fn dress(
    assets: Res<AssetServer>,
    mut commands: Commands,
    mut naked: Query<(Entity, &Look, &mut Transform), Changed<Look>>,
) {
    for (entity, look, mut transform) in &mut naked {
        let (file, size, _, depth) = look.sprite();
        transform.translation.z = depth;
        commands.entity(entity).insert(Sprite {
            image: assets.load(file),
            custom_size: Some(size),
            color: look.color(),
            ..default()
        });
    }
}

/// An enemy that was hit is bright for a moment.
fn flash_hits(mut enemies: Query<(&Enemy, &Look, &mut Sprite)>) {
    for (enemy, look, mut sprite) in &mut enemies {
        let color = if enemy.flash > 0.0 {
            Color::from(LinearRgba::WHITE * FLASH).with_alpha(1.0)
        } else {
            look.color()
        };
        if sprite.color != color {
            sprite.color = color;
        }
    }
}
