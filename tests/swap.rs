//! What an edit of the demo costs, as a benchmark: from save to new code, rustc,
//! and the main thread's pause, beside `cargo build` of the same edit in the same
//! run; other body edits, and the same one in larger crates; then edits of what the plugin
//! registers, with a hundred systems more; then edits of a type of which a hundred thousand
//! values live, and of one beside `cargo build`.
//!
//!     cargo bench -p hot-loader-tests
//!     cargo bench -p hot-loader-tests -- body   # or kinds, growth, structure, types, warm
//!
//! It prints a table and asserts nothing: machines are noisy.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its table, and ends where it cannot go on"
)]

use hot_loader_tests::{Game, Profile, Workspace};
use serde_json::Value;
use std::{fs, time::Instant};

const EDITS: usize = 9;
/// Edits of types, each of which rebuilds much.
const TYPE_EDITS: usize = 3;
/// Systems that all leave a schedule and enter it again.
const SYSTEMS: usize = 100;
const SHIP: &str = "systems/src/ship.rs";

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let tables: [(&str, fn()); 7] = [
        ("proxies", proxies),
        ("body", body),
        ("kinds", kinds),
        ("growth", growth),
        ("structure", structure),
        ("types", types),
        ("warm", warm),
    ];
    let asked = |name: &str| std::env::args().any(|arg| arg == name);
    let all = !tables.iter().any(|(name, _)| asked(name));
    for (name, table) in tables {
        if all || asked(name) {
            table();
        }
    }
}

fn body() {
    println!("The demo's gameplay crate, a constant edited {EDITS} times; medians in ms.\n");
    println!(
        "| opt-level | first build | edit to live | rustc | all checks | pause | cargo build | live / cargo |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for profile in [Profile::DEV, Profile::OPT_1] {
        measure(profile);
    }
}

fn demo(workspace: &Workspace, profile: Profile, spare: &str) -> Game {
    let mut game = workspace.start_with(profile, |cargo| {
        cargo.args(["--", "--headless", "--seed", "5"]);
        cargo.env("HOT_LOADER_SPARE", spare);
    });
    game.ready();
    game
}

fn number(report: &Value, field: &str) -> f64 {
    report[field].as_f64().unwrap()
}

/// Empty systems in a schedule.
const EMPTY: usize = 1000;

/// What a proxy costs: the gameplay's systems have one, those of the executable have none.
fn proxies() {
    let named = |prefix: &str| -> (String, String) {
        let all = (0..EMPTY)
            .map(|i| format!("fn {prefix}{i}() {{}}\n"))
            .collect();
        let add = (0..EMPTY)
            .map(|i| format!("    schedule.add_systems({prefix}{i});\n"))
            .collect();
        (all, add)
    };
    let workspace = Workspace::small();
    // As a game has all that it depends on, if it follows the engine's advice.
    let manifest = workspace.read("Cargo.toml");
    let dependencies = "[profile.dev.package]\n";
    let (before, tested) = manifest.split_once(dependencies).unwrap();
    let optimised = tested
        .replace("opt-level = 0", "opt-level = 3")
        .replace("opt-level = 1", "opt-level = 3");
    workspace.write("Cargo.toml", &format!("{before}{dependencies}{optimised}"));
    let (all, add) = named("ours");
    let single = "schedule.set_executor(bevy::ecs::schedule::SingleThreadedExecutor::new());";
    workspace.write(
        "systems/src/lib.rs",
        &format!(
            "use bevy::prelude::*;\nuse std::time::Instant;\n\nhot_loader::export!(plugin);\n\n{all}\n\
            fn plugin(app: &mut App) {{\n    app.edit_schedule(FixedPreUpdate, fill).add_systems(Update, measure);\n}}\n\n\
            fn fill(schedule: &mut Schedule) {{\n{add}}}\n\n\
            fn measure(world: &mut World, mut rounds: Local<u32>) {{\n\
                *rounds += 1;\n\
                if *rounds % 50 != 0 {{\n        return;\n    }}\n\
                let mut all: Vec<(f64, f64)> = (0..201).map(|_| {{\n\
                    let start = Instant::now();\n    world.run_schedule(FixedPreUpdate);\n\
                    let ours = start.elapsed().as_secs_f64();\n\
                    let start = Instant::now();\n    world.run_schedule(FixedPostUpdate);\n\
                    (ours, start.elapsed().as_secs_f64())\n\
                }}).collect();\n\
                let ns = |seconds: f64| seconds * 1e9 / {EMPTY}.0;\n\
                all.sort_by(|a, b| a.0.total_cmp(&b.0));\n    let ours = ns(all[100].0);\n\
                all.sort_by(|a, b| a.1.total_cmp(&b.1));\n    let hosts = ns(all[100].1);\n\
                println!(\"proxies={{ours:.1}} {{hosts:.1}}\");\n\
            }}\n"
        ),
    );
    let (all, add) = named("hosts");
    let main = workspace.read("app/src/main.rs");
    let main = main.replacen("    .run()", "    .edit_schedule(FixedPreUpdate, single)\n    .edit_schedule(FixedPostUpdate, |schedule| {\n        single(schedule);\n        fill(schedule);\n    })\n    .run()", 1);
    workspace.write(
        "app/src/main.rs",
        &format!("{main}\n{all}\nfn single(schedule: &mut Schedule) {{\n    {single}\n}}\n\nfn fill(schedule: &mut Schedule) {{\n{add}}}\n"),
    );
    println!(
        "\n{EMPTY} empty systems, run by the single-threaded executor; medians in ns a system.\n"
    );
    println!("| opt-level | with proxies | without | a proxy |");
    println!("|---|---|---|---|");
    for profile in [Profile::DEV, Profile::OPT_1] {
        let mut game = workspace.start(profile);
        // While the first build runs, nothing is alone on the machine.
        game.ready();
        let before = figures(&game.log()).len();
        game.until("the figures", |game| {
            figures(&game.log()).len() >= before + EDITS
        });
        let all = figures(&game.log()).split_off(before);
        let median_of = |of: fn(&(f64, f64)) -> f64| median(all.iter().map(of).collect());
        println!(
            "| {} | {:.1} | {:.1} | {:.1} |",
            profile.opt_level,
            median_of(|(ours, _)| *ours),
            median_of(|(_, hosts)| *hosts),
            median_of(|(ours, hosts)| ours - hosts),
        );
    }
}

/// What the game printed of systems with proxies and without.
fn figures(log: &str) -> Vec<(f64, f64)> {
    let lines = log.lines().filter_map(|line| line.strip_prefix("proxies="));
    let numbers = lines.filter_map(|line| line.split_once(' '));
    numbers
        .map(|(ours, hosts)| (ours.parse().unwrap(), hosts.parse().unwrap()))
        .collect()
}

fn kinds() {
    println!("\nOther edits of the demo at opt-level 0, {EDITS} each; medians in ms.\n");
    println!("| edit | answered | rustc | all checks |");
    println!("|---|---|---|---|");
    let workspace = Workspace::demo().optimised();
    let mut game = demo(&workspace, Profile::DEV, "0");
    let original = workspace.read(SHIP);
    let edits: [(&str, fn(&str, usize) -> String); 4] = [
        ("a constant", edited),
        ("a line at a file's top", |text, i| {
            text.replacen(
                "use bevy::prelude::*;",
                &format!("use bevy::prelude::*;\nconst _: u32 = {i};"),
                1,
            )
        }),
        ("a new system", |text, i| {
            let system = format!(
                "\nfn new_{i}(time: Res<Time>) {{\n    std::hint::black_box(time.delta_secs());\n}}\n"
            );
            text.replacen(
                "        app",
                &format!("        app.add_systems(Update, new_{i});\n        app"),
                1,
            ) + &system
        }),
        ("a comment", |text, i| format!("{text}// {i}\n")),
    ];
    for (what, edit) in edits {
        let (mut live, mut rustc, mut checks) = (vec![], vec![], vec![]);
        for i in 0..EDITS {
            let at = Instant::now();
            workspace.write(SHIP, &edit(&original, i));
            let report = game.next_outcome();
            if report["event"] == "unchanged" {
                let ms = at.elapsed().as_secs_f64() * 1000.0;
                live.push(ms);
                rustc.push(0.0);
                checks.push(ms);
                continue;
            }
            assert_eq!(report["event"], "swapped", "{what}: {report}");
            live.push(number(&report, "edit_to_live_ms"));
            rustc.push(number(&report, "build_ms"));
            checks.push(live[i] - rustc[i]);
        }
        workspace.write(SHIP, &original);
        game.next_outcome();
        let [live, rustc, checks] = [live, rustc, checks].map(median);
        println!("| {what} | {live:.0} | {rustc:.0} | {checks:.0} |");
    }
}

/// How often the demo's gameplay stands in the crate.
const SIZES: [usize; 3] = [1, 4, 16];

fn growth() {
    println!(
        "\nA constant of the demo edited at opt-level 0, with its modules as often in the crate; medians in ms.\n"
    );
    println!("| the demo's lines | rustc | all checks | pause |");
    println!("|---|---|---|---|");
    let mut all = Vec::new();
    for size in SIZES {
        let workspace = Workspace::demo().optimised();
        multiply(&workspace, size);
        let mut game = demo(&workspace, Profile::DEV, "0");
        let original = workspace.read(SHIP);
        let (mut rustc, mut checks, mut pause) = (vec![], vec![], vec![]);
        for i in 0..EDITS {
            workspace.write(SHIP, &edited(&original, i));
            let report = game.swapped();
            rustc.push(number(&report, "build_ms"));
            checks.push(number(&report, "edit_to_live_ms") - rustc[i]);
            pause.push(number(&report, "stall_ms"));
        }
        let [rustc, checks, pause] = [rustc, checks, pause].map(median);
        all.push(checks);
        println!("| × {size} | {rustc:.0} | {checks:.0} | {pause:.2} |");
    }
    let [small, _, large] = [0, 1, 2].map(|at| all[at]);
    println!(
        "\nSlope of all checks: {:.1} ms for each time.",
        (large - small) / (SIZES[2] - SIZES[0]) as f64
    );
}

/// Puts copies of the gameplay's modules into the crate, which nobody runs.
fn multiply(workspace: &Workspace, size: usize) {
    let files = fs::read_dir(workspace.path("systems/src"))
        .unwrap()
        .flatten();
    let files: Vec<_> = files
        .map(|file| file.file_name().into_string().unwrap())
        .collect();
    let root = workspace.read("systems/src/lib.rs");
    let (mut modules, mut added) = (String::new(), String::new());
    for i in 1..size {
        for file in &files {
            let text = workspace.read(&format!("systems/src/{file}"));
            let text = text.replace("crate::", &format!("crate::copy{i}::"));
            let text = text.replace("hot_loader::export!(GameplayPlugin);\n", "");
            let name = if file == "lib.rs" { "mod.rs" } else { file };
            workspace.write(&format!("systems/src/copy{i}/{name}"), &text);
        }
        modules += &format!("pub mod copy{i};\n");
        added += &format!("            copy{i}::GameplayPlugin.build(app);\n");
    }
    let copies = format!(
        "        if std::env::var_os(\"COPIES\").is_some() {{\n{added}        }}\n        app.add_plugins(("
    );
    let root = root.replacen("        app.add_plugins((", &copies, 1);
    workspace.write(
        "systems/src/lib.rs",
        &root.replacen("pub mod arena;", &format!("pub mod arena;\n{modules}"), 1),
    );
}

fn warm() {
    println!(
        "\nA field added to a component of the demo, and its type changed, each with a spare identity that was built ahead, beside `cargo build` of the same edit; medians in ms.\n"
    );
    println!("| opt-level | edit | live | rustc | cargo build | live / cargo |");
    println!("|---|---|---|---|---|---|");
    for profile in [Profile::DEV, Profile::OPT_1] {
        let workspace = Workspace::demo().optimised();
        let original = workspace.read(SHIP);
        let fields = |i: usize| [format!("extra_{i}: u32"), format!("extra_{i}: u16")];
        let text = |field: &str| {
            let name = field.split(':').next().unwrap();
            let text = original.replacen(
                "pub struct Ship {\n",
                &format!("pub struct Ship {{\n    /// More.\n    pub {field},\n"),
                1,
            );
            text.replacen(
                "        Ship {\n",
                &format!("        Ship {{\n            {name}: 0,\n"),
                1,
            )
        };
        let mut found = [(vec![], vec![], vec![]), (vec![], vec![], vec![])];
        let mut game = demo(&workspace, profile, "1");
        for i in 0..TYPE_EDITS {
            for (at, field) in fields(i).iter().enumerate() {
                game.until("a spare identity", |game| {
                    let events = game.events();
                    let last = events.iter().rev().find(|it| it["event"] == "spare");
                    last.is_some_and(|it| it["ready"] == true)
                });
                workspace.write(SHIP, &text(field));
                let report = game.swapped();
                assert_eq!(report["kind"], "types", "{report}");
                found[at].0.push(number(&report, "edit_to_live_ms"));
                found[at].1.push(number(&report, "build_ms"));
            }
        }
        drop(game);
        for i in 0..TYPE_EDITS {
            for (at, field) in fields(TYPE_EDITS + i).iter().enumerate() {
                workspace.write(SHIP, &text(field));
                let started = Instant::now();
                workspace.build(profile);
                found[at].2.push(started.elapsed().as_secs_f64() * 1000.0);
            }
        }
        workspace.write(SHIP, &original);
        for ((live, rustc, cargo), what) in
            found.into_iter().zip(["a field added", "its type changed"])
        {
            let [live, rustc, cargo] = [live, rustc, cargo].map(median);
            println!(
                "| {} | {what} | {live:.0} | {rustc:.0} | {cargo:.0} | {:.2} |",
                profile.opt_level,
                live / cargo
            );
        }
    }
}

/// Entities whose components change their types.
const CROWD: usize = 100_000;

fn types() {
    println!(
        "\nA field added to a component of three, and taken out again, while {CROWD} entities have it and four more components of the module; medians in ms. `raw` is the engine alone, taking that component off as many entities and inserting another.\n"
    );
    println!(
        "| opt-level | first build of the new types | of the old ones again | pause | raw | pause / raw |"
    );
    println!("|---|---|---|---|---|---|");
    for profile in [Profile::DEV, Profile::OPT_1] {
        measure_types(profile);
    }
}

/// A plugin that spawns a crowd, and measures the engine alone. `more` is one more field.
fn crowd(more: &str) -> String {
    let others: String = (0..4)
        .map(|i| {
            format!("#[derive(Component, Clone, Default)]\npub struct C{i} {{ pub a: f32, pub b: f32, pub c: f32 }}\n")
        })
        .collect();
    format!(
        "//! Many entities.\n\nuse bevy::prelude::*;\nuse std::time::Instant;\n\n\
        #[derive(Component, Reflect, Clone, Default)]\n#[reflect(Component, Default)]\npub struct A {{ pub x: f32, pub y: f32, pub z: f32,{more} }}\n\
        #[derive(Component, Clone, Default)]\npub struct B {{ pub x: f32, pub y: f32, pub z: f32 }}\n\
        {others}\n\
        pub fn crowd(app: &mut App) {{\n    app.add_systems(Startup, fill).add_systems(Update, look);\n}}\n\n\
        fn fill(world: &mut World) {{\n\
            let all = || (A::default(), C0::default(), C1::default(), C2::default(), C3::default());\n\
            let mut raw: Vec<f64> = (0..5).map(|_| {{\n\
                let entities: Vec<Entity> = (0..{CROWD}).map(|_| world.spawn(all()).id()).collect();\n\
                let start = Instant::now();\n\
                for entity in &entities {{\n\
                    let mut entity = world.entity_mut(*entity);\n\
                    if let Some(A {{ x, y, z, .. }}) = entity.take::<A>() {{\n\
                        entity.insert(B {{ x, y, z }});\n\
                    }}\n\
                }}\n\
                let took = start.elapsed().as_secs_f64() * 1000.0;\n\
                for entity in entities {{ world.despawn(entity); }}\n\
                took\n\
            }}).collect();\n\
            raw.sort_by(f64::total_cmp);\n\
            eprintln!(\"raw-ms={{}}\", raw[2]);\n\
            world.spawn_batch((0..{CROWD}).map(move |_| all()));\n\
        }}\n\n\
        fn look(a: Query<(&A, &C0, &C1, &C2, &C3)>, b: Query<&B>, mut said: Local<bool>) {{\n\
            if !*said {{\n                *said = true;\n                eprintln!(\"crowd={{}}+{{}}\", a.iter().len(), b.iter().len());\n            }}\n\
        }}\n"
    )
}

fn measure_types(profile: Profile) {
    const MANY: &str = "systems/src/crowd.rs";
    const ROOT: &str = "systems/src/lib.rs";
    let workspace = Workspace::demo().optimised();
    workspace.write(MANY, &crowd(""));
    workspace.replace(ROOT, "pub mod dice;", "pub mod crowd;\npub mod dice;");
    workspace.replace(
        ROOT,
        "summary::SummaryPlugin,",
        "summary::SummaryPlugin, crowd::crowd,",
    );
    let mut game = workspace.start_with(profile, |cargo| {
        cargo.args(["--", "--headless", "--seed", "5"]);
    });
    game.ready();
    game.until("the engine's own time", |game| {
        game.log().contains("crowd=")
    });
    let log = game.log();
    let raw = log
        .split("raw-ms=")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let raw: f64 = raw.unwrap().parse().unwrap();
    let (mut first, mut again, mut pause) = (0.0, vec![], vec![]);
    for i in 0..EDITS {
        workspace.write(MANY, &crowd(if i % 2 == 0 { " pub w: f32," } else { "" }));
        let report = game.swapped();
        assert_eq!(report["kind"], "types", "{report}");
        let ms = |field: &str| report[field].as_f64().unwrap();
        match i {
            0 => first = ms("build_ms"),
            _ => again.push(ms("build_ms")),
        }
        pause.push(ms("stall_ms"));
    }
    let [again, pause] = [again, pause].map(median);
    println!(
        "| {} | {first:.0} | {again:.0} | {pause:.1} | {raw:.1} | {:.2} |",
        profile.opt_level,
        pause / raw
    );
}

fn structure() {
    println!(
        "\nThe same, with {SYSTEMS} systems more in `Update`, which are put in another order; medians in ms.\n"
    );
    println!("| opt-level | edit to live | rustc | pause | pause of a body edit | first pause |");
    println!("|---|---|---|---|---|---|");
    for profile in [Profile::DEV, Profile::OPT_1] {
        measure_structure(profile);
    }
}

/// A plugin of many systems, in one order or the other.
fn many(turned: bool, number: usize) -> String {
    let mut text = String::from("//! Many systems.\n\nuse bevy::prelude::*;\n\n");
    for i in 0..SYSTEMS {
        text += &format!(
            "fn s{i}(mut runs: Local<u64>, time: Res<Time>) {{\n    *runs += {number} + u64::from(time.delta_secs() > 1.0);\n}}\n"
        );
    }
    text += "\npub fn many(app: &mut App) {\n";
    for chunk in (0..SYSTEMS).collect::<Vec<_>>().chunks(10) {
        let mut names: Vec<String> = chunk.iter().map(|i| format!("s{i}")).collect();
        if turned {
            names.reverse();
        }
        text += &format!(
            "    app.add_systems(Update, ({}).chain());\n",
            names.join(", ")
        );
    }
    text + "}\n"
}

fn measure_structure(profile: Profile) {
    const MANY: &str = "systems/src/many.rs";
    const ROOT: &str = "systems/src/lib.rs";
    let workspace = Workspace::demo().optimised();
    workspace.write(MANY, &many(false, 1));
    workspace.replace(ROOT, "pub mod looks;", "pub mod looks;\npub mod many;");
    workspace.replace(
        ROOT,
        "summary::SummaryPlugin,",
        "summary::SummaryPlugin, many::many,",
    );
    let mut game = workspace.start_with(profile, |cargo| {
        cargo.args(["--", "--headless", "--seed", "5"]);
    });
    game.ready();
    let (mut live, mut rustc, mut pause, mut body) = (vec![], vec![], vec![], vec![]);
    for i in 0..EDITS {
        workspace.write(MANY, &many(i % 2 == 0, 1));
        let report = game.swapped();
        assert_eq!(report["kind"], "structure");
        let ms = |field: &str| report[field].as_f64().unwrap();
        live.push(ms("edit_to_live_ms"));
        rustc.push(ms("build_ms"));
        pause.push(ms("stall_ms"));
    }
    for i in 0..EDITS {
        workspace.write(MANY, &many(EDITS % 2 == 1, 2 + i));
        let report = game.swapped();
        assert_eq!(report["kind"], "body");
        body.push(report["stall_ms"].as_f64().unwrap());
    }
    let first = pause.remove(0);
    let [live, rustc, pause, body] = [live, rustc, pause, body].map(median);
    println!(
        "| {} | {live:.0} | {rustc:.0} | {pause:.2} | {body:.3} | {first:.2} |",
        profile.opt_level
    );
}

fn measure(profile: Profile) {
    let workspace = Workspace::demo().optimised();
    let mut game = workspace.start_with(profile, |cargo| {
        cargo.args(["--", "--headless", "--seed", "5"]);
    });
    let first = game.ready()["build_ms"].as_f64().unwrap();
    let (mut live, mut rustc, mut pause) = (Vec::new(), Vec::new(), Vec::new());
    let mut checks = Vec::new();
    let original = workspace.read(SHIP);
    for i in 0..EDITS {
        workspace.write(SHIP, &edited(&original, i));
        let report = game.swapped();
        let ms = |field: &str| report[field].as_f64().unwrap();
        live.push(ms("edit_to_live_ms"));
        rustc.push(ms("build_ms"));
        // Waiting for the editor, the verdict, the debug info, loading, the plan.
        checks.push(ms("edit_to_live_ms") - ms("build_ms"));
        pause.push(ms("stall_ms"));
    }
    drop(game);
    let mut cargo = Vec::new();
    for i in 0..EDITS {
        workspace.write(SHIP, &edited(&original, EDITS + i));
        let started = Instant::now();
        workspace.build(profile);
        cargo.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    workspace.write(SHIP, &original);
    let [live, rustc, checks, pause, cargo] = [live, rustc, checks, pause, cargo].map(median);
    println!(
        "| {} | {first:.0} | {live:.0} | {rustc:.0} | {checks:.0} | {pause:.3} | {cargo:.0} | {:.2} |",
        profile.opt_level,
        live / cargo
    );
}

fn edited(source: &str, i: usize) -> String {
    let edited = source.replace(
        "const SPEED: f32 = 520.0;",
        &format!("const SPEED: f32 = 52{i}.5;"),
    );
    assert_ne!(edited, source, "the constant is gone from {SHIP}");
    edited
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
