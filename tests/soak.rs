//! An hour of edits in minutes: bodies, registrations and types change, files are broken
//! and mended, systems panic, while the demo plays on. No crash, every value accounted
//! for, old libraries off the disk; prints what a reload costs in memory.
//!
//!     HOT_LOADER_SOAK=300 cargo test -p hot-loader-tests --test e2e soak -- --nocapture
//!
//! Without the variable it is a short one.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected, and prints what it measured"
)]

use hot_loader_tests::{Game, Profile, Workspace};
use std::{
    collections::BTreeMap,
    env,
    fs::{self, File},
    path::{Path, PathBuf},
};

/// Edits, if nobody asks for more.
const FEW: u32 = 10;
/// Entities whose values are counted.
const COINS: u64 = 50;

const FILE: &str = "systems/src/soak.rs";
const ROOT: &str = "systems/src/lib.rs";

/// What the next version of the code is.
#[derive(Clone, Copy, Debug, Default)]
struct Version {
    number: u32,
    /// Another field in a component and in a resource.
    wide: bool,
    /// Another system.
    more: bool,
    panics: bool,
    broken: bool,
}

impl Version {
    fn text(self) -> String {
        let Self { number, .. } = self;
        let [field, value] = match self.wide {
            true => ["    pub weight: f32,\n", " weight: 0.5,"],
            false => ["", ""],
        };
        let more = match self.more {
            true => ", more",
            false => "",
        };
        let panics = match self.panics {
            true => "    if ledger.frames > 0 {\n        panic!(\"out of luck\");\n    }\n",
            false => "",
        };
        let broken = match self.broken {
            true => "fn broken( {",
            false => "",
        };
        format!(
            "//! Values that are counted.\n\n\
            use bevy::prelude::*;\n\n\
            #[derive(Component, Reflect, Default)]\n#[reflect(Component, Default)]\n\
            pub struct Coin {{\n    pub value: u64,\n{field}    pub name: String,\n}}\n\n\
            #[derive(Resource, Reflect, Default)]\n#[reflect(Resource, Default)]\n\
            pub struct Ledger {{\n    pub frames: u64,\n{field}    pub last: u32,\n}}\n\n\
            pub fn soak(app: &mut App) {{\n\
                app.init_resource::<Ledger>()\n\
                    .add_systems(Startup, fill)\n\
                    .add_systems(Update, (count, look, risky{more}).chain());\n\
            }}\n\n\
            fn fill(mut commands: Commands) {{\n\
                for value in 1..={COINS} {{\n\
                    commands.spawn(Coin {{ value,{value} name: format!(\"coin {{value}}\") }});\n\
                }}\n\
            }}\n\n\
            fn count(mut ledger: ResMut<Ledger>) {{\n    ledger.frames += 1;\n    ledger.last = {number};\n}}\n\n\
            fn look(ledger: Res<Ledger>, coins: Query<&Coin>, mut said: Local<u64>) {{\n\
                if ledger.frames < *said + 5 {{\n        return;\n    }}\n\
                *said = ledger.frames;\n\
                let sum: u64 = coins.iter().map(|coin| coin.value).sum();\n\
                let names: usize = coins.iter().map(|coin| coin.name.len()).sum();\n\
                eprintln!(\"ledger version={{}} coins={{}} sum={{sum}} names={{names}} frames={{}}\", ledger.last, coins.iter().len(), ledger.frames);\n\
            }}\n\n\
            fn risky(ledger: Res<Ledger>, mut runs: Local<u64>) {{\n{panics}    *runs += ledger.frames.min(1);\n}}\n\n\
            #[allow(dead_code)]\nfn more(mut ledger: ResMut<Ledger>) {{\n    ledger.last = ledger.last.max({number});\n}}\n{broken}\n"
        )
    }
}

/// The newest line that the game wrote of its values.
fn ledger(game: &Game) -> Option<BTreeMap<String, u64>> {
    let log = game.log();
    let complete = log.rsplit_once('\n')?.0;
    let line = complete
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("ledger "))?;
    let entries = line.split_whitespace().filter_map(|entry| {
        let (name, number) = entry.split_once('=')?;
        Some((name.to_owned(), number.parse().ok()?))
    });
    Some(entries.collect())
}

/// In KiB: all that is resident, and what was written to and cannot be dropped; 0 where the
/// system does not say it so. `run` is where the game's libraries are.
fn memory(process: u32, run: &Path) -> [i64; 2] {
    // Linux writes new files out within half a minute; until then their pages count as dirty.
    for library in files(run) {
        // The game may be removing it.
        if let Ok(library) = File::open(library) {
            library.sync_all().unwrap();
        }
    }
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let sum = |names: &[&str]| -> i64 {
        let lines = rollup.lines().filter_map(|line| line.split_once(':'));
        let numbers = lines.filter(|(name, _)| names.contains(name));
        numbers
            .filter_map(|(_, rest)| rest.split_whitespace().next()?.parse::<i64>().ok())
            .sum()
    };
    [sum(&["Rss"]), sum(&["Private_Dirty", "Shared_Dirty"])]
}

/// The libraries of a run.
fn files(run: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(run).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.is_file() && path.file_name() != Some("lock".as_ref()))
        .collect()
}

#[test]
fn a_session_of_many_edits_loses_nothing() {
    let asked = env::var("HOT_LOADER_SOAK").map(|text| text.parse().unwrap());
    let workspace = match asked {
        // Its pauses are those that a developer has.
        Ok(_) => Workspace::demo().optimised(),
        Err(_) => Workspace::demo(),
    };
    let edits = asked.unwrap_or(FEW);
    let mut version = Version::default();
    workspace.write(FILE, &version.text());
    workspace.replace(ROOT, "pub mod dice;", "pub mod dice;\npub mod soak;");
    workspace.replace(
        ROOT,
        "summary::SummaryPlugin,",
        "summary::SummaryPlugin, soak::soak,",
    );
    let mut game = workspace.start_with(Profile::DEV, |cargo| {
        cargo.args(["--", "--headless", "--seed", "5"]);
    });
    game.ready();
    game.until("the values", |game| ledger(game).is_some());
    let first = ledger(&game).unwrap();
    let mut before = first.clone();
    let run = game.runs(&workspace).remove(0);
    let mut grown: BTreeMap<String, Vec<[i64; 2]>> = BTreeMap::new();
    let mut memories = vec![memory(game.process(), &run)];

    for edit in 0..edits {
        version.number += 1;
        version.panics = false;
        match edit % 5 {
            0 => {}
            1 => version.more = !version.more,
            2 => version.wide = !version.wide,
            3 => version.panics = true,
            _ => {
                version.broken = true;
                workspace.write(FILE, &version.text());
                game.build_failed();
                version.broken = false;
            }
        }
        workspace.write(FILE, &version.text());
        let report = game.swapped();
        if version.panics {
            let panicked = game.next_event("panicked", &["snapshot"]);
            assert_eq!(panicked["system"], "systems::soak::risky");
        }
        let number = u64::from(version.number);
        game.until("the new code", |game| {
            ledger(game).is_some_and(|ledger| ledger["version"] == number)
        });
        let now = ledger(&game).unwrap();
        for what in ["coins", "sum", "names"] {
            assert_eq!(now[what], first[what], "{what} after edit {edit}: {report}");
        }
        assert!(now["frames"] > before["frames"], "after edit {edit}");
        before = now;
        // A field that comes has its default value, and one that goes had one.
        let reset = report["state"]["reset"].as_array().unwrap();
        let other = reset.iter().find(|name| {
            let name = name.as_str().unwrap();
            !name.ends_with(".weight") || report["kind"] != "types"
        });
        assert_eq!(other, None, "lost in edit {edit}");
        // Those that can be brought back, the first build's, and the last one's.
        assert!(files(&run).len() <= 8, "old libraries stay on the disk");

        let [last, now] = [*memories.last().unwrap(), memory(game.process(), &run)];
        memories.push(now);
        let kind = report["kind"].as_str().unwrap().to_owned();
        let grew = [now[0] - last[0], now[1] - last[1]];
        grown.entry(kind).or_default().push(grew);
    }
    println!("{edits} edits; memory in KiB a reload, resident and written to:");
    let print = |what: &str, all: &[[i64; 2]]| {
        let count = i64::try_from(all.len()).unwrap();
        let mean = |at: usize| all.iter().map(|grew| grew[at]).sum::<i64>() / count;
        let median = |at: usize| {
            let mut sorted: Vec<i64> = all.iter().map(|grew| grew[at]).collect();
            sorted.sort_unstable();
            sorted[sorted.len() / 2]
        };
        println!(
            "  {what}: {count} reloads, {} and {} on the average, medians {} and {}",
            mean(0),
            mean(1),
            median(0),
            median(1)
        );
    };
    for (kind, grown) in &grown {
        print(kind, grown);
        if grown.len() > 20 {
            print("  of these the last half", &grown[grown.len() / 2..]);
        }
    }
    println!(
        "  {:?} at first, {:?} at the end",
        memories[0],
        memories.last().unwrap()
    );
    assert!(game.is_running());
    game.interrupt();
    assert!(!run.exists(), "nothing is left on the disk");
}
