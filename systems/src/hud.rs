//! Score, wave and ships along the top, points where they are won, and the
//! announcement of each wave.
//!
//! It is only for the eye and must not change the simulation. Without an asset
//! server there is none.

use bevy::prelude::*;

use crate::pilot::Autopilot;
use crate::score::{Counted, Score};
use crate::ship::Lives;
use crate::state::GameState;
use crate::waves::{Wave, WaveBegan};

/// Size of the numbers along the top (pixels).
const NUMBER_SIZE: f32 = 30.0;
/// Size of the small print (pixels).
const SMALL_SIZE: f32 = 16.0;
/// Ships drawn at most (ships).
const MOST_ICONS: u32 = 5;
/// How long an announcement stays (seconds).
const ANNOUNCE_SECONDS: f32 = 2.0;
/// How long won points float (seconds).
const FLOAT_SECONDS: f32 = 0.8;
/// How fast won points rise (world units a second).
const FLOAT_SPEED: f32 = 60.0;
/// The color of the small print.
const QUIET: Color = Color::srgba(0.6, 0.75, 0.95, 0.7);
/// The color of the numbers.
const LOUD: Color = Color::srgb(0.85, 0.97, 1.0);

/// A changing text along the top.
#[derive(Component, Reflect, Debug, Clone, Copy, PartialEq, Eq)]
#[reflect(Component)]
pub enum Readout {
    /// The points.
    Points,
    /// The multiplier and the best.
    Combo,
    /// The wave.
    Wave,
    /// Who flies.
    Pilot,
}

/// The picture of one ship left.
#[derive(Component, Reflect, Debug, Clone, Copy, PartialEq, Eq)]
#[reflect(Component)]
pub struct LifeIcon(pub u32);

/// A text in the arena that rises and fades.
#[derive(Component, Reflect, Debug, Clone, Copy, Default, PartialEq)]
#[reflect(Component)]
pub struct Floating {
    /// Its age (seconds).
    pub age: f32,
    /// How old it gets (seconds).
    pub life: f32,
    /// How fast it rises (world units a second).
    pub rise: f32,
}

/// Adds the head-up display.
#[derive(Debug, Clone, Copy, Default)]
pub struct HudPlugin;

impl Plugin for HudPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Startup, spawn_hud.run_if(resource_exists::<AssetServer>))
            .add_systems(
                Update,
                (read_out, announce, float)
                    .run_if(resource_exists::<AssetServer>)
                    .run_if(not(in_state(GameState::Paused))),
            );
    }
}

/// Lays out the texts along the top.
fn spawn_hud(mut commands: Commands, assets: Res<AssetServer>) {
    let column = |align: AlignItems| Node {
        flex_direction: FlexDirection::Column,
        align_items: align,
        width: percent(33),
        row_gap: px(2),
        ..default()
    };
    let text = |readout: Readout, size: f32, color: Color| {
        (
            readout,
            Text::default(),
            TextFont::from_font_size(size),
            TextColor(color),
        )
    };
    let row = Node {
        width: percent(100),
        padding: UiRect::axes(px(22), px(14)),
        justify_content: JustifyContent::SpaceBetween,
        ..default()
    };
    commands
        .spawn((Name::new("Head-up display"), row))
        .with_children(|row| {
            row.spawn((
                column(AlignItems::Start),
                children![
                    text(Readout::Points, NUMBER_SIZE, LOUD),
                    text(Readout::Combo, SMALL_SIZE, QUIET),
                ],
            ));
            row.spawn((
                column(AlignItems::Center),
                children![
                    text(Readout::Wave, SMALL_SIZE, QUIET),
                    text(Readout::Pilot, SMALL_SIZE, Color::srgb(1.0, 0.75, 0.3)),
                ],
            ));
            let icons = Node {
                column_gap: px(6),
                width: percent(33),
                justify_content: JustifyContent::End,
                ..default()
            };
            row.spawn(icons).with_children(|icons| {
                for number in 0..MOST_ICONS {
                    icons.spawn((
                        LifeIcon(number),
                        ImageNode::new(assets.load("ship.png")),
                        Node {
                            width: px(34),
                            height: px(34),
                            ..default()
                        },
                    ));
                }
            });
        });
}

/// Brings the texts along the top up to date.
fn read_out(
    score: Res<Score>,
    wave: Res<Wave>,
    lives: Res<Lives>,
    pilot: Res<Autopilot>,
    state: Res<State<GameState>>,
    mut readouts: Query<(&Readout, &mut Text)>,
    mut icons: Query<(&LifeIcon, &mut Visibility)>,
) {
    let in_menu = *state.get() == GameState::Menu;
    for (readout, mut text) in &mut readouts {
        let now = match readout {
            _ if in_menu => String::new(),
            Readout::Points => format!("{:06}", score.points),
            Readout::Combo if score.multiplier() > 1 => {
                format!("x{}   best {}", score.multiplier(), score.best)
            }
            Readout::Combo => format!("best {}", score.best),
            Readout::Wave => format!("wave {}", wave.number),
            Readout::Pilot if pilot.engaged => "autopilot".to_owned(),
            Readout::Pilot => String::new(),
        };
        if text.0 != now {
            text.0 = now;
        }
    }
    for (icon, mut visibility) in &mut icons {
        let shown = !in_menu && icon.0 < lives.0;
        let wanted = if shown {
            Visibility::Inherited
        } else {
            Visibility::Hidden
        };
        visibility.set_if_neq(wanted);
    }
}

/// Announces each wave, and shows points where they are won.
fn announce(
    mut commands: Commands,
    mut waves: MessageReader<WaveBegan>,
    mut wins: MessageReader<Counted>,
) {
    let floating = |text: String, at: Vec2, size: f32, color: LinearRgba, life: f32, rise: f32| {
        (
            Floating {
                age: 0.0,
                life,
                rise,
            },
            Text2d::new(text),
            TextFont::from_font_size(size),
            TextColor(color.into()),
            Transform::from_translation(at.extend(40.0)),
        )
    };
    for wave in waves.read() {
        commands.spawn(floating(
            format!("WAVE {}", wave.number),
            Vec2::new(0.0, 215.0),
            72.0,
            LinearRgba::rgb(0.5, 2.2, 3.0),
            ANNOUNCE_SECONDS,
            12.0,
        ));
    }
    for win in wins.read() {
        commands.spawn(floating(
            format!("+{}", win.points),
            win.at,
            22.0,
            LinearRgba::rgb(2.2, 2.0, 1.1),
            FLOAT_SECONDS,
            FLOAT_SPEED,
        ));
    }
}

/// Raises and fades the floating texts, and removes the old ones.
fn float(
    time: Res<Time>,
    mut commands: Commands,
    mut texts: Query<(Entity, &mut Floating, &mut Transform, &mut TextColor)>,
) {
    for (entity, mut floating, mut transform, mut color) in &mut texts {
        floating.age += time.delta_secs();
        let age = floating.age / floating.life.max(f32::EPSILON);
        if age >= 1.0 {
            commands.entity(entity).despawn();
            continue;
        }
        transform.translation.y += floating.rise * time.delta_secs();
        // In with a small bounce, out slowly.
        let entry = (age * 8.0).min(1.0);
        transform.scale = Vec3::splat(entry * (1.0 + 0.25 * (1.0 - entry)));
        color.0.set_alpha((2.0 * (1.0 - age)).min(1.0));
    }
}
