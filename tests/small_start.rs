//! The start of a session: what is saved while cargo still builds the game, how the gameplay
//! crate may be built, what its build script reads, and a plugin that does more in `build`
//! than register things.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Game, Profile, Small, Workspace};
use serde_json::Value;
use std::{env::consts::DLL_SUFFIX, path::Path};

const SYSTEMS: &str = "systems/src/lib.rs";
const MANIFEST: &str = "systems/Cargo.toml";

/// Gameplay that says which text of it runs.
fn speaking(text: &str) -> String {
    format!(
        "use bevy::prelude::*;\n\nhot_loader::export!(plugin);\n\nfn plugin(app: &mut App) {{\n    app.add_systems(Update, speak);\n}}\n\nfn speak() {{\n    println!(\"it says {text}\");\n}}\n"
    )
}

#[track_caller]
fn says(game: &mut Game, text: &str) {
    let from = game.log().len();
    game.until(&format!("`{text}` to be printed"), |game| {
        game.log()[from..].contains(text)
    });
}

/// The next event, which must be one that only a restart answers.
#[track_caller]
fn needs_restart(game: &mut Game, names: &[&str]) {
    let event = game.next_event("restart_needed", &["edit"]);
    for name in names {
        assert!(event["reason"].as_str().unwrap().contains(name), "{event}");
    }
}

/// The kinds of the events so far.
fn kinds(game: &Game) -> Vec<String> {
    let kind = |event: &Value| event["event"].as_str().unwrap().to_owned();
    game.events().iter().map(kind).collect()
}

#[test]
fn a_save_while_cargo_builds_the_game_is_its_first_edit() {
    let workspace = Workspace::small();
    workspace.write(SYSTEMS, &speaking("one"));
    // Of another age than the build: what is saved now was not read by any compiler yet.
    workspace.build(Profile::DEV);
    // As if rustc were at the executable, and the game started after that.
    workspace.write(SYSTEMS, &speaking("two"));
    let mut game = workspace.start_built();
    let swapped = game.next_event("swapped", &["edit", "build_started", "ready"]);
    assert_eq!(
        (&swapped["generation"], &swapped["kind"]),
        (&1.into(), &"body".into())
    );
    assert_eq!(kinds(&game), ["edit", "build_started", "ready", "swapped"]);
    says(&mut game, "it says two");
    // What ran first is known, and comes back.
    workspace.write(SYSTEMS, &speaking("one"));
    game.swapped();
    says(&mut game, "it says one");
    drop(game);

    // A save that does not compile, undone.
    workspace.write(SYSTEMS, &speaking("one").replace("fn speak()", "fn speak("));
    let mut game = workspace.start_built();
    game.build_failed();
    workspace.write(SYSTEMS, &speaking("one"));
    game.next_event("ready", &["edit", "build_started"]);
    workspace.write(SYSTEMS, &speaking("three"));
    game.swapped();
    says(&mut game, "it says three");
}

#[test]
#[cfg(unix)]
fn a_save_ends_a_first_build_that_has_a_cache() {
    let workspace = Workspace::small();
    workspace.write(SYSTEMS, &speaking("one"));
    workspace.own_rustc();
    workspace.start(Profile::DEV).ready();
    // Cargo has built the game then.
    let mut waits = None;
    let mut game = workspace.start_with(Profile::DEV, |_| {
        waits = Some(workspace.next_rustc_waits());
    });
    game.until("the first build", |_| waits.as_ref().unwrap().exists());
    workspace.write(SYSTEMS, &speaking("two"));
    let swapped = game.next_event("swapped", &["edit", "build_started", "ready"]);
    assert_eq!(swapped["kind"], "body");
    assert_eq!(kinds(&game), ["edit", "build_started", "ready", "swapped"]);
    says(&mut game, "it says two");
}

#[test]
fn crate_types_may_stand_in_any_order_and_without_an_rlib_every_save_says_so() {
    let start = |kinds: &str| {
        // Libraries of these kinds have no name of their own in a target directory.
        let workspace = Workspace::small().with_own_target();
        workspace.replace(
            MANIFEST,
            "[lib]\n",
            &format!("[lib]\ncrate-type = {kinds}\n"),
        );
        workspace.write(SYSTEMS, &speaking("one"));
        let game = workspace.start(Profile::DEV);
        (workspace, game)
    };
    let (workspace, mut game) = start("[\"cdylib\", \"rlib\"]");
    game.ready();
    workspace.write(SYSTEMS, &speaking("two"));
    game.swapped();
    says(&mut game, "it says two");
    drop(game);

    // What is in the way at the start is said at every save, and over when it is gone.
    let written = workspace.written();
    std::fs::remove_dir_all(&written).unwrap();
    std::fs::write(&written, "").unwrap();
    let mut game = workspace.start_built();
    needs_restart(&mut game, &["debug/hot-loader"]);
    workspace.write(SYSTEMS, &speaking("three"));
    needs_restart(&mut game, &["debug/hot-loader"]);
    std::fs::remove_file(&written).unwrap();
    workspace.write(SYSTEMS, &speaking("four"));
    game.next_event("swapped", &["edit", "build_started", "ready"]);
    says(&mut game, "it says four");
    drop(game);

    let (workspace, mut game) = start("[\"dylib\"]");
    let manifest = format!("{}/systems/Cargo.toml", workspace.package());
    let add = ["`\"rlib\"`", &manifest];
    needs_restart(&mut game, &add);
    for text in ["two", "three"] {
        workspace.write(SYSTEMS, &speaking(text));
        needs_restart(&mut game, &add);
    }
    assert_eq!(kinds(&game), ["restart_needed"; 3]);
}

#[test]
fn what_a_build_script_reads_is_named() {
    let workspace = Workspace::small();
    workspace.replace(MANIFEST, "[lib]\n", "build = \"script/main.rs\"\n\n[lib]\n");
    std::fs::create_dir_all(workspace.path("systems/script")).unwrap();
    workspace.write(
        "systems/script/main.rs",
        "mod write;\n\nfn main() {\n    println!(\"cargo::rerun-if-changed=levels.txt\");\n    write::levels();\n}\n",
    );
    workspace.write(
        "systems/script/write.rs",
        "pub fn levels() {\n    let levels = std::fs::read_to_string(\"levels.txt\").unwrap();\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    std::fs::write(format!(\"{out}/levels.rs\"), format!(\"const LEVELS: u32 = {};\", levels.trim())).unwrap();\n}\n",
    );
    workspace.write("systems/levels.txt", "3\n");
    let gameplay =
        speaking("{LEVELS} levels") + "\ninclude!(concat!(env!(\"OUT_DIR\"), \"/levels.rs\"));\n";
    workspace.write(SYSTEMS, &gameplay);
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    says(&mut game, "it says 3 levels");
    for file in ["levels.txt", "script/main.rs", "script/write.rs"] {
        let file = format!("systems/{file}");
        let text = workspace.read(&file);
        workspace.write(&file, &format!("{text}\n"));
        needs_restart(&mut game, &[&file]);
        workspace.write(&file, &text);
        game.next_event("ready", &["restart_needed"]);
    }
    workspace.write(SYSTEMS, &gameplay.replace("it says", "it has"));
    game.swapped();
    says(&mut game, "it has 3 levels");
}

const THREAD: &str = "std::thread::Builder::new().name(\"mine\".into()).spawn(|| loop { std::thread::park() }).unwrap();";
const BIND: &str = "std::mem::forget(std::net::UdpSocket::bind(\"127.0.0.1:47853\").unwrap());";

#[test]
fn a_plugin_that_does_more_than_register_is_named_and_can_ask() {
    let mut game = Small::start(&format!(
        "fn plugin(app: &mut App) {{\n    {THREAD}\n    println!(\"recording: {{}}\", hot_loader::is_recording(app));\n    app.add_systems(Update, || {{}});\n}}\n"
    ));
    assert_eq!(game.said("recording: false"), 1);
    game.live("structure", &[("Update, ||", "PostUpdate, ||")]);
    assert!(game.said("recording: true") > 0);
    let named = "(mine";
    game.says(named);
    game.live("structure", &[("PostUpdate, ||", "Last, ||")]);
    assert_eq!(game.said(named), 1, "once is enough");

    // What only one can have.
    let refused = game.edit(&[(THREAD, BIND), ("Last, ||", "First, ||")]);
    assert_eq!(refused["event"], "refused", "{refused}");
    let reason = refused["reason"].as_str().unwrap();
    assert!(
        reason.contains("AddrInUse") && reason.contains("is_recording"),
        "{reason}"
    );
    assert_eq!(game.said("panicked at"), 0, "the refusal says it");
    let asks = format!("if !hot_loader::is_recording(app) {{ {BIND} }}");
    game.live("structure", &[(BIND, &asks)]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_loaded_is_what_was_built_and_backtraces_name_it() {
    let mut game = Small::start(
        "fn plugin(app: &mut App) {\n    app.add_systems(Update, speak);\n}\n\nfn speak() {\n    println!(\"one\");\n}\n",
    );
    game.live(
        "body",
        &[(
            "println!(\"one\");",
            "println!(\"{}\", std::backtrace::Backtrace::force_capture());\n    std::thread::sleep(std::time::Duration::from_millis(200));",
        )],
    );
    game.says("systems::speak");
    game.says("systems/src/lib.rs:");
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", game.game.process())).unwrap();
    let code = maps.lines().filter(|line| line.contains("r-xp"));
    // Files, so that the system can drop what it has of them in memory: the one that was built
    // at the start, and the edit.
    let is_built = |file: &str| file.contains("/hot-loader/runs/") && file.contains(DLL_SUFFIX);
    let built: Vec<&str> = code.filter(|line| is_built(line)).collect();
    assert_eq!(built.len(), 2, "{maps}");
    // Linked with a stub of the engine, which the executable needs by name.
    let names_engine = |file: &Path| {
        let file = std::fs::read(file).unwrap();
        let name = b"libbevy_dylib-";
        file.windows(name.len()).any(|bytes| bytes == name)
    };
    for line in built {
        assert!(!names_engine(Path::new(&line[line.find('/').unwrap()..])));
    }
    let executable = format!("/proc/{}/exe", game.game.process());
    assert!(names_engine(Path::new(&executable)));
    // By descriptors, which still lead to them.
    let open = std::fs::read_dir(format!("/proc/{}/fd", game.game.process())).unwrap();
    let open = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let open = open.filter(|file| is_built(&file.to_string_lossy()));
    assert_eq!(open.count(), 2);
    assert_eq!(game.said("unable to remove watch descriptor"), 0);
}

/// A module is compiled with the part of hot-loader that it uses: all but the plugin.
#[test]
fn a_gameplay_crate_may_name_the_plugin() {
    let mut game = Small::start(
        "fn plugin(app: &mut App) {\n    app.add_systems(Update, speak);\n}\n\nfn speak() {\n    println!(\"one\");\n}\n",
    );
    let one = "println!(\"one\");\n}\n";
    let two = "println!(\"two\");\n}\n\npub fn game() -> hot_loader::HotLoaderPlugin {\n    hot_loader::HotLoaderPlugin::new(HOT_MODULE)\n}\n";
    let event = game.edit(&[(one, two)]);
    assert_eq!(event["event"], "swapped", "{event}");
    game.says("two");
    game.live("body", &[("\"two\"", "\"three\"")]);
    game.says("three");
}

/// Constructors run when a library is loaded; one of types that the sources do not show to
/// differ is built again first.
#[cfg(target_os = "linux")]
#[test]
fn a_library_that_is_built_again_is_never_loaded() {
    let mut game = Small::start(
        "macro_rules! made {\n    ($field:ty) => {{\n        struct Made($field);\n        let made = Made(Default::default());\n        made.0\n    }};\n}\n\n#[used]\n#[unsafe(link_section = \".init_array\")]\nstatic CONSTRUCTOR: extern \"C\" fn() = {\n    extern \"C\" fn constructor() {\n        println!(\"constructed\");\n    }\n    constructor\n};\n\nfn plugin(app: &mut App) {\n    app.add_systems(Update, go);\n}\n\nfn go() {\n    println!(\"made {}\", made!(u32));\n}\n",
    );
    let before = game.said("constructed");
    let event = game.edit(&[("made!(u32)", "made!(u64)")]);
    assert_eq!(event["event"], "swapped", "{event}");
    let log = game.game.log();
    let told = log
        .lines()
        .filter(|line| line.contains("systems::go::Made"));
    assert_eq!(told.count(), 1, "{log}");
    assert_eq!(game.said("constructed"), before + 1);
}
