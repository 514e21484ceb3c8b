//! The game's randomness: one seedable resource.
//!
//! Only the simulation rolls it, in a fixed order, so that one seed is one run.
//! What is only for the eye must not roll these dice.

use std::time::{SystemTime, UNIX_EPOCH};

use bevy::prelude::*;

/// A small random number generator (xorshift64*). By default it has no seed yet
/// and gets one at startup.
#[derive(Resource, Reflect, Debug, Clone, Default, PartialEq, Eq)]
#[reflect(Resource)]
pub struct Dice {
    /// The generator's state; 0 means not seeded yet.
    state: u64,
}

impl Dice {
    /// Dice that always roll the same sequence for the same `seed`.
    pub fn seeded(seed: u64) -> Self {
        // SplitMix64 turns neighbouring seeds into unrelated states; never 0.
        let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self {
            state: (mixed ^ (mixed >> 31)) | 1,
        }
    }

    /// Whether the dice have a seed.
    pub fn is_seeded(&self) -> bool {
        self.state != 0
    }

    /// A number in `low..high`.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        let unit = (self.roll() >> 40) as f32 / (1_u32 << 24) as f32;
        low + (high - low) * unit
    }

    /// True with this `probability` (0 to 1).
    pub fn chance(&mut self, probability: f32) -> bool {
        self.range(0.0, 1.0) < probability
    }

    /// A vector of length 1 in any direction.
    pub fn direction(&mut self) -> Vec2 {
        Vec2::from_angle(self.range(0.0, std::f32::consts::TAU))
    }

    fn roll(&mut self) -> u64 {
        self.state = self.state.max(1);
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

/// Adds the [`Dice`], seeded by the command line's `--seed` or by the clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct DicePlugin;

impl Plugin for DicePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Dice>().add_systems(Startup, seed_dice);
    }
}

/// Seeds the dice, unless somebody already did.
fn seed_dice(mut dice: ResMut<Dice>) {
    if dice.is_seeded() {
        return;
    }
    let seed = seed_argument(std::env::args()).unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |now| now.as_nanos() as u64)
    });
    info!("the dice are seeded with {seed}");
    *dice = Dice::seeded(seed);
}

/// The seed in a command line (`--seed 7` or `--seed=7`). The executable
/// describes and checks the argument; its meaning is the gameplay's.
pub fn seed_argument(arguments: impl IntoIterator<Item = String>) -> Option<u64> {
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if argument == "--seed" {
            return arguments.next()?.parse().ok();
        }
        if let Some(value) = argument.strip_prefix("--seed=") {
            return value.parse().ok();
        }
    }
    None
}
