//! Gameplay on top of third-party plugins: physics, input actions, random numbers,
//! tweens, loading states and asset formats. Nothing is done for reloading; each
//! plugin is used as its own README says.
//!
//! Each of its systems notes what a plugin holds, so that a test can edit `rules`
//! and see that the plugins' state goes on.

use avian2d::prelude::*;
use bevy::{input::InputSystems, prelude::*};
use bevy_asset_loader::prelude::*;
use bevy_common_assets::json::JsonAssetPlugin;
use bevy_enhanced_input::prelude::{
    Action, EnhancedInputPlugin, EnhancedInputSystems, InputAction, InputContextAppExt, Start,
    actions, bindings,
};
use bevy_prng::WyRand;
use bevy_rand::prelude::{EntropyPlugin, GlobalRng};
use bevy_tweening::{AnimationSystem, EntityCommandsTweeningExtensions, TweeningPlugin};
use rand_core::{Rng, SeedableRng};
use std::{collections::BTreeMap, fmt::Write as _, fs::File, io::Write as _, time::Duration};

hot_loader::export!(rules);

/// What each system noted last.
#[derive(Resource, Default)]
pub struct Tally(BTreeMap<&'static str, f64>);

impl Tally {
    fn note(&mut self, who: &'static str, number: f64) {
        self.0.insert(who, number);
    }

    fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1.0;
    }
}

#[derive(States, Default, Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    #[default]
    Loading,
    Playing,
}

/// Read from a JSON file.
#[derive(serde::Deserialize, Asset, TypePath)]
struct Level {
    laps: u32,
}

#[derive(AssetCollection, Resource)]
struct Levels {
    #[asset(path = "first.level.json")]
    first: Handle<Level>,
}

/// Whom the keys steer.
#[derive(Component)]
struct Player;

#[derive(InputAction)]
#[action_output(bool)]
struct Jump;

/// Bounces on the ground.
#[derive(Component)]
struct Ball;

/// Moves by one unit a second, by its velocity.
#[derive(Component)]
struct Cart;

/// Moves by one unit a second, by a tween.
#[derive(Component)]
struct Lamp;

/// Of the random numbers.
const SEED: u64 = 42;

fn rules(app: &mut App) {
    app.add_plugins((
        PhysicsPlugins::default(),
        EnhancedInputPlugin,
        EntropyPlugin::<WyRand>::with_seed(SEED.to_ne_bytes()),
        JsonAssetPlugin::<Level>::new(&["level.json"]),
        TweeningPlugin,
    ))
    .insert_resource(Gravity(Vec2::NEG_Y * 9.81))
    .init_resource::<Tally>()
    .init_state::<Phase>()
    .add_loading_state(
        LoadingState::new(Phase::Loading)
            .continue_to_state(Phase::Playing)
            .load_collection::<Levels>(),
    )
    .add_input_context::<Player>()
    .add_observer(on_jump)
    .add_observer(on_hit)
    .add_systems(Startup, start)
    .add_systems(OnEnter(Phase::Playing), on_playing)
    .add_systems(
        PreUpdate,
        press_keys
            .after(InputSystems)
            .before(EnhancedInputSystems::Update),
    )
    .add_systems(FixedUpdate, count_steps)
    .add_systems(
        Update,
        (
            count_frames,
            roll,
            read_jump,
            look_at_bodies,
            look_at_lamp.after(AnimationSystem::AnimationUpdate),
            read_level.run_if(in_state(Phase::Playing)),
        ),
    )
    .add_systems(Last, write_out);
}

fn start(mut commands: Commands, mut tally: ResMut<Tally>) {
    commands.spawn((
        Player,
        actions!(Player[(Action::<Jump>::new(), bindings![KeyCode::Space])]),
    ));
    commands.spawn((RigidBody::Static, Collider::rectangle(100.0, 1.0)));
    commands.spawn((
        Ball,
        RigidBody::Dynamic,
        Collider::circle(0.5),
        CollisionEventsEnabled,
        Transform::from_xyz(0.0, 1.5, 0.0),
    ));
    commands.spawn((
        Cart,
        RigidBody::Kinematic,
        LinearVelocity(Vec2::X),
        Transform::from_xyz(0.0, 50.0, 0.0),
    ));
    commands.spawn((Lamp, Transform::default())).move_to(
        Vec3::X * 1000.0,
        Duration::from_secs(1000),
        EaseFunction::Linear,
    );
    tally.count("starts");
}

/// Once the loading state has ended.
fn on_playing(mut tally: ResMut<Tally>) {
    tally.count("plays");
}

fn read_level(levels: Res<Levels>, all: Res<Assets<Level>>, mut tally: ResMut<Tally>) {
    let laps = all.get(&levels.first).map_or(0, |level| level.laps);
    tally.note("laps", laps.into());
}

/// Presses and releases the key, in place of somebody at the keyboard.
fn press_keys(mut keys: ResMut<ButtonInput<KeyCode>>, mut frames: Local<u64>) {
    *frames += 1;
    match *frames % 80 {
        0 => keys.press(KeyCode::Space),
        10 => keys.release(KeyCode::Space),
        _ => {}
    }
}

/// Counts the frames in which the action was on.
fn read_jump(jump: Single<&Action<Jump>>, mut tally: ResMut<Tally>) {
    if ***jump {
        tally.count("jump_frames");
    }
}

fn on_jump(
    _: On<Start<Jump>>,
    mut ball: Single<&mut LinearVelocity, With<Ball>>,
    mut tally: ResMut<Tally>,
) {
    ball.y = 1.0;
    tally.count("jumps");
}

fn on_hit(hit: On<CollisionStart>, balls: Query<(), With<Ball>>, mut tally: ResMut<Tally>) {
    if balls.contains(hit.collider1) {
        tally.count("hits");
    }
}

/// Draws from the plugin's generator, and compares with one that nothing else touches.
fn roll(
    mut rng: Single<&mut WyRand, With<GlobalRng>>,
    all: Query<(), With<GlobalRng>>,
    mut own: Local<Option<WyRand>>,
    mut tally: ResMut<Tally>,
) {
    let own = own.get_or_insert_with(|| WyRand::from_seed(SEED.to_ne_bytes()));
    let [theirs, ours] = [rng.next_u32(), own.next_u32()];
    tally.count("rolls");
    if theirs != ours {
        tally.count("odd_rolls");
    }
    tally.note("generators", all.iter().count() as f64);
}

fn count_steps(mut steps: Local<i64>, mut tally: ResMut<Tally>) {
    *steps += 1;
    tally.note("steps", *steps as f64);
}

fn look_at_bodies(
    ball: Single<&Transform, With<Ball>>,
    cart: Single<&Transform, With<Cart>>,
    bodies: Query<(), With<RigidBody>>,
    mut tally: ResMut<Tally>,
) {
    tally.note("ball", ball.translation.y.into());
    tally.note("cart", cart.translation.x.into());
    tally.note("bodies", bodies.iter().count() as f64);
}

fn look_at_lamp(lamp: Single<&Transform, With<Lamp>>, time: Res<Time>, mut tally: ResMut<Tally>) {
    tally.note("lamp", lamp.translation.x.into());
    tally.note("seconds", time.elapsed_secs_f64());
}

fn count_frames(mut frames: Local<i64>, mut tally: ResMut<Tally>) {
    *frames += 1;
    tally.note("frames", *frames as f64);
    tally.note("count_frames", 1.0);
}

/// One line a frame into the file that the test named.
fn write_out(tally: Res<Tally>, mut file: Local<Option<File>>) -> Result {
    let Ok(path) = std::env::var("FIXTURE_OUT") else {
        return Ok(());
    };
    let file = match &mut *file {
        Some(file) => file,
        None => file.insert(File::options().create(true).append(true).open(path)?),
    };
    let mut line = String::new();
    for (who, number) in &tally.0 {
        write!(line, "{who}={number} ")?;
    }
    writeln!(line)?;
    file.write_all(line.as_bytes())?;
    Ok(())
}
