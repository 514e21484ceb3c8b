//! Gameplay whose types are edited while it runs: a value of every sort that a world
//! can hold, and systems that say what they see of it, a line a frame.

use bevy::prelude::*;
#[allow(unused_imports)]
use hot_loader::{AppExtMigration, Was};
use std::{any::TypeId, collections::BTreeMap, fmt::Write as _, fs::File, io::Write as _};

hot_loader::export!(rules);

/// What is seen in a frame.
#[derive(Resource, Default)]
pub struct Tally(BTreeMap<String, f64>);

impl Tally {
    fn note(&mut self, who: &str, number: f64) {
        self.0.insert(who.into(), number);
    }
}

/// Frames since the start.
#[derive(Resource, Default)]
pub struct Frames(u64);

/// Edited most.
#[derive(Component, Reflect, Default, Clone, Debug)]
#[reflect(Component, Default)]
pub struct Runner {
    pub at: f32,
    pub name: String,
    pub bag: Vec<Item>,
}

/// In a field of another.
#[derive(Reflect, Default, Clone, Debug)]
#[reflect(Default)]
pub struct Item {
    pub weight: u32,
}

/// Not to be seen into, with something on the heap.
#[derive(Component)]
pub struct Secret {
    pub numbers: Vec<u64>,
}

/// In a sparse set.
#[derive(Component, Reflect, Default)]
#[component(storage = "SparseSet")]
#[reflect(Component, Default)]
pub struct Rare {
    pub luck: i64,
}

/// Names another entity.
#[derive(Component, Reflect)]
#[reflect(Component)]
pub struct Follows {
    pub whom: Entity,
}

/// No value at all.
#[derive(Component)]
pub struct Marked;

#[derive(Resource, Reflect, Default)]
#[reflect(Resource, Default)]
pub struct Score {
    pub points: u32,
    pub best: u64,
}

#[derive(States, Default, Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Phase {
    #[default]
    Warmup,
    Race,
}

#[derive(Message, Clone, Debug)]
pub struct Hit {
    pub damage: u32,
}

#[derive(Resource, Default)]
pub struct HitsSeen(u64);

#[derive(Event)]
pub struct Bell;

fn rules(app: &mut App) {
    app.register_type::<Runner>()
        .init_resource::<Tally>()
        .init_resource::<Frames>()
        .init_resource::<Score>()
        .init_resource::<HitsSeen>()
        .init_state::<Phase>()
        .add_message::<Hit>()
        .add_observer(on_bell)
        .add_systems(Startup, start)
        .add_systems(
            Update,
            (count, walk, see, early_hits, hit, take_hits, ring).chain(),
        )
        .add_systems(OnEnter(Phase::Race), on_race)
        .add_systems(Last, write_out);
}

fn start(mut commands: Commands, mut next: ResMut<NextState<Phase>>) {
    let first = commands
        .spawn((
            Runner {
                at: 1.5,
                name: "first".into(),
                bag: vec![Item { weight: 3 }, Item { weight: 4 }],
            },
            Secret {
                numbers: vec![1, 2, 3],
            },
            Rare { luck: -7 },
            Marked,
        ))
        .id();
    let second = commands
        .spawn((
            Runner {
                at: 2.5,
                name: "second".into(),
                bag: vec![],
            },
            Secret { numbers: vec![10] },
            Follows { whom: first },
        ))
        .id();
    commands.entity(first).add_child(second);
    // Not the plugin's own: made while the game plays.
    commands.add_observer(late);
    next.set(Phase::Race);
}

fn count(mut frames: ResMut<Frames>) {
    frames.0 += 1;
}

fn walk(mut score: ResMut<Score>) {
    score.points += 1;
}

fn see(
    mut tally: ResMut<Tally>,
    runners: Query<(Entity, &Runner, Option<&Secret>, Option<&Rare>)>,
    follows: Query<&Follows>,
    children: Query<&ChildOf>,
    marked: Query<(), With<Marked>>,
    added: Query<(), Added<Runner>>,
    changed: Query<(), Changed<Secret>>,
    mut ever: Local<(i64, i64)>,
    score: Res<Score>,
    phase: Res<State<Phase>>,
    (frames, registry): (Res<Frames>, Res<AppTypeRegistry>),
) {
    tally.note("version", 1.0);
    tally.note("frames", frames.0 as f64);
    tally.note("runners", runners.iter().len() as f64);
    tally.note("at", runners.iter().map(|r| f64::from(r.1.at)).sum());
    tally.note("names", runners.iter().map(|r| r.1.name.len() as f64).sum());
    tally.note(
        "weights",
        runners
            .iter()
            .flat_map(|r| &r.1.bag)
            .map(|i| f64::from(i.weight))
            .sum(),
    );
    tally.note(
        "secrets",
        runners
            .iter()
            .filter_map(|r| r.2)
            .flat_map(|s| &s.numbers)
            .map(|n| *n as f64)
            .sum(),
    );
    tally.note(
        "luck",
        runners
            .iter()
            .filter_map(|r| r.3)
            .map(|r| r.luck as f64)
            .sum(),
    );
    let followed = follows
        .iter()
        .filter(|f| runners.get(f.whom).is_ok_and(|r| r.1.name == "first"));
    tally.note("followed", followed.count() as f64);
    tally.note("children", children.iter().len() as f64);
    tally.note("marked", marked.iter().len() as f64);
    ever.0 += added.iter().count() as i64;
    ever.1 += changed.iter().count() as i64;
    tally.note("added", ever.0 as f64);
    tally.note("changed", ever.1 as f64);
    tally.note("points", f64::from(score.points));
    tally.note("race", f64::from(u8::from(*phase.get() == Phase::Race)));
    let short = registry.read();
    let short = short.get_with_short_type_path("Runner");
    let ours = short.is_some_and(|found| found.type_id() == TypeId::of::<Runner>());
    tally.note("registered", f64::from(u8::from(ours)));
    tally.note("ids", runners.iter().map(|r| r.0.to_bits() as f64).sum());
}

/// Reads before the writer of the frame: sees what was written in the last one.
fn early_hits(mut hits: MessageReader<Hit>, mut tally: ResMut<Tally>) {
    let early = tally.0.get("early").copied().unwrap_or_default();
    let now: f64 = hits.read().map(|hit| hit.damage as f64).sum();
    tally.note("early", early + now);
}

fn hit(mut hits: MessageWriter<Hit>) {
    hits.write(Hit { damage: 2 });
}

fn take_hits(mut hits: MessageReader<Hit>, mut seen: ResMut<HitsSeen>, mut tally: ResMut<Tally>) {
    seen.0 += hits.read().map(|hit| u64::from(hit.damage)).sum::<u64>();
    tally.note("hits", seen.0 as f64);
}

fn ring(mut commands: Commands) {
    commands.trigger(Bell);
}

fn on_bell(_: On<Bell>, mut tally: ResMut<Tally>) {
    tally.note("bell", 1.0);
}

fn late(_: On<Bell>, mut tally: ResMut<Tally>) {
    tally.note("late", 1.0);
}

fn on_race(mut tally: ResMut<Tally>) {
    let entered = tally.0.get("entered").copied().unwrap_or_default();
    tally.note("entered", entered + 1.0);
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
