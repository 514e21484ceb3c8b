//! Systems and their schedules, end to end: setup code that comes with an edit, the
//! executable's own systems beside it, and systems that move.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Small, Workspace};
use serde_json::Value;

fn names(report: &Value, list: &str) -> Vec<String> {
    let names = report["systems"][list].as_array().unwrap().iter();
    let names = names.map(|name| name.as_str().unwrap().replace("systems::", ""));
    names.collect()
}

#[test]
fn each_new_startup_system_runs_once_whatever_comes_after_it() {
    let mut small = Small::start(
        r#"
fn plugin(app: &mut App) {
    app.add_systems(Update, watch);
    // Startup
}

#[derive(Component, Debug)]
struct Mob(u32);

fn watch(mobs: Query<&Mob>, mut last: Local<usize>) {
    let all: Vec<_> = mobs.iter().map(|mob| mob.0).collect();
    if all.len() != *last {
        println!("saw {all:?} as 0");
        *last = all.len();
    }
}
// Systems
"#,
    );
    // The first of the game, with a closure beside it.
    let report = small.live(
        "structure",
        &[
            (
                "    // Startup\n",
                "    app.add_systems(Startup, (first, |mut c: Commands| { println!(\"runs closure\"); c.spawn(Mob(2)); }).chain());\n    // Startup\n",
            ),
            (
                "// Systems\n",
                "fn first(mut c: Commands) { println!(\"runs first\"); c.spawn(Mob(1)); }\n// Systems\n",
            ),
        ],
    );
    assert_eq!(names(&report, "added"), ["first", "plugin::{{closure}}"]);
    small.says("saw [1, 2] as 0");

    // Several more, in their order, in schedules that were empty too.
    small.live(
        "structure",
        &[
            (
                "    // Startup\n",
                "    app.add_systems(PostStartup, post).add_systems(PreStartup, pre).add_systems(Startup, (third, second.before(third)));\n    // Startup\n",
            ),
            (
                "// Systems\n",
                "fn post() { println!(\"runs post\"); }\nfn pre(mut c: Commands) { println!(\"runs pre\"); c.spawn(Mob(3)); }\nfn second() { println!(\"runs second\"); }\nfn third() { println!(\"runs third\"); }\n// Systems\n",
            ),
        ],
    );
    small.says("saw [1, 2, 3] as 0");
    small.says("runs post");
    let log = small.game.log();
    let order = ["runs pre", "runs second", "runs third", "runs post"];
    let places = order.map(|line| log.find(line).unwrap());
    assert!(places.is_sorted(), "{log}");

    // Another closure.
    small.live(
        "structure",
        &[(
            "    // Startup\n",
            "    app.add_systems(Startup, || println!(\"runs another\"));\n    // Startup\n",
        )],
    );
    small.says("runs another");

    // Edits of all kinds: a body, a signature, another schedule, a type.
    small.live("body", &[("runs first", "runs first, edited")]);
    small.live("structure", &[("fn third()", "fn third(_: Local<u8>)")]);
    let report = small.live(
        "structure",
        &[(
            "add_systems(PostStartup, post)",
            "add_systems(Startup, post)",
        )],
    );
    assert_eq!(
        (names(&report, "added"), names(&report, "removed")),
        (vec![], vec![])
    );
    let types = [("struct Mob(u32)", "struct Mob(u64)"), ("as 0", "as 1")];
    small.live("types", &types);
    small.says("saw [1, 2, 3] as 1");

    // Brought back, undone, and done again.
    small.edit(&[
        (
            "    // Startup\n",
            "    app.add_systems(Startup, last).add_systems(Update, back);\n    // Startup\n",
        ),
        (
            "// Systems\n",
            "fn last() { println!(\"runs last\"); }\nfn back(mut reload: ResMut<hot_loader::HotReload>, mut done: Local<bool>) { if !std::mem::replace(&mut *done, true) { reload.roll_back(); } }\n// Systems\n",
        ),
    ]);
    small.game.next_event(
        "rolled_back",
        &["edit", "build_started", "snapshot", "swapped"],
    );
    small.live("structure", &[(".add_systems(Update, back)", "")]);
    small.live(
        "structure",
        &[("    app.add_systems(Startup, last);\n", "")],
    );
    small.live(
        "structure",
        &[("    // Startup\n", "    app.add_systems(Startup, last);\n")],
    );
    small.live(
        "types",
        &[("struct Mob(u64)", "struct Mob(u32)"), ("as 1", "as 2")],
    );
    small.says("saw [1, 2, 3] as 2");
    for (line, times) in [
        ("runs first", 1),
        ("runs closure", 1),
        ("runs pre", 1),
        ("runs second", 1),
        ("runs third", 1),
        ("runs post", 1),
        ("runs another", 1),
        ("runs last", 1),
    ] {
        assert_eq!(small.said(line), times, "{line} in\n{}", small.game.log());
    }
}

#[test]
fn systems_of_the_executable_stand_in_no_edits_way() {
    let workspace = Workspace::small();
    let main = "app/src/main.rs";
    workspace.replace(
        main,
        "    .add_plugins(HotLoaderPlugin::new(systems::HOT_MODULE))\n",
        r#"    .add_systems(PreUpdate, before)
    .add_plugins(HotLoaderPlugin::new(systems::HOT_MODULE))
    .add_plugins(|app: &mut App| {
        app.add_systems(Update, hud)
            .add_systems(PostUpdate, IntoSystem::into_system(hud).with_name("hud"))
            .add_systems(Startup, || println!("the hud opens"))
            .add_systems(Own, hud);
    })
"#,
    );
    workspace.write(
        main,
        &(workspace.read(main)
            + r#"
#[derive(bevy::ecs::schedule::ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct Own;

fn before() {}

fn hud(mut frames: Local<u32>) {
    *frames += 1;
    if *frames == 100 {
        println!("hud at 100");
    }
}
"#),
    );
    let mut small = Small::start_in(
        workspace,
        r#"
fn plugin(app: &mut App) {
    app.add_systems(Update, (count, |mut runs: Local<u32>| { *runs += 1; if *runs == 1 { println!("closure one"); } }));
    app.add_systems(PreUpdate, tell);
}

#[derive(Resource, Default, Reflect)]
#[reflect(Resource)]
struct Score(u32);

#[derive(Component)]
struct Mob(u32);

fn count(mut runs: Local<u32>, mut c: Commands) {
    *runs += 1;
    if *runs == 1 { println!("count starts"); c.spawn(Mob(7)); }
}

fn tell(mobs: Query<&Mob>, mut last: Local<u32>) {
    for mob in &mobs { if *last != 1 { println!("tell {} as 0", mob.0); *last = 1; } }
}
// Systems
"#,
    );
    // A system more in the schedules that the executable uses, too.
    let report = small.live(
        "structure",
        &[
            (
                "    app.add_systems(PreUpdate, tell);\n",
                "    app.add_systems(PreUpdate, tell).add_systems((Update), more.after(count)).add_systems(PostUpdate, post);\n",
            ),
            (
                "// Systems\n",
                "fn more(mut once: Local<bool>) { if !*once { println!(\"more runs\"); *once = true; } }\nfn post(mut once: Local<bool>) { if !*once { println!(\"post runs\"); *once = true; } }\n// Systems\n",
            ),
        ],
    );
    small.says("more runs");
    small.says("post runs");
    assert_eq!(names(&report, "added"), ["more", "post"]);
    assert_eq!(names(&report, "reset"), [""; 0], "no closure either");
    assert_eq!(report["state"]["merged"], serde_json::json!([]));

    // One of them moves, with its `Local`; an edited closure keeps its own.
    let report = small.live(
        "structure",
        &[
            ("(count, |mut runs", "(more, |mut runs"),
            (
                ".add_systems((Update), more.after(count))",
                ".add_systems(PostUpdate, count)",
            ),
            ("*runs += 1; if *runs == 1 {", "*runs += 2; if *runs == 2 {"),
        ],
    );
    assert_eq!(names(&report, "added"), [""; 0]);
    assert_eq!(names(&report, "removed"), [""; 0]);
    assert_eq!(names(&report, "reset"), [""; 0]);

    // Types.
    small.live(
        "types",
        &[("struct Mob(u32)", "struct Mob(u64)"), ("as 0", "as 1")],
    );
    small.says("tell 7 as 1");
    small.live("structure", &[(", post)", ", (post, more).chain())")]);
    let log = small.game.log();
    assert!(log.contains("hud at 100"));
    for line in ["the hud opens", "count starts", "closure one"] {
        let times = 1 + usize::from(line == "count starts" || line == "closure one");
        assert_eq!(small.said(line), times, "{line} in\n{log}");
    }
}
