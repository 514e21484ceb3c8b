//! Whatever a programmer, the disk, the compiler or another process does: a clear
//! message, the game plays on, and nothing is lost. The faults are real ones: files, a
//! rustc that is something else, folders that are gone.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use hot_loader_tests::{Game, Profile, Tally, Workspace};
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    thread,
    time::{Duration, SystemTime},
};

#[cfg(target_os = "linux")]
use std::{
    collections::BTreeSet,
    env::{self, consts::DLL_EXTENSION},
    io::Write,
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

const RULES: &str = "rules/src/lib.rs";
const TEXT: &str = include_str!("types/rules.rs");

/// The text of another version, which differs in a number.
fn text(version: u32) -> String {
    let first = "tally.note(\"version\", 1.0);";
    assert_eq!(TEXT.matches(first).count(), 1);
    TEXT.replace(first, &format!("tally.note(\"version\", {version}.0);"))
}

struct Playing {
    /// Ends before somebody else gets its files.
    game: Game,
    workspace: Workspace,
    before: Tally,
    version: u32,
}

impl Playing {
    fn start(workspace: Workspace) -> Self {
        let mut game = workspace.start(Profile::DEV);
        game.ready();
        Self::of(workspace, game)
    }

    /// Plays a game that was started with the first version.
    fn of(workspace: Workspace, mut game: Game) -> Self {
        let before = game.tally_until("a frame", |t| t.contains_key("entered"));
        Self {
            workspace,
            game,
            before,
            version: 1,
        }
    }

    /// Saves an edit that is in order.
    fn save(&mut self) {
        self.version += 1;
        self.workspace.write(RULES, &text(self.version));
    }

    /// The last save goes live, with the world as it was.
    #[track_caller]
    fn live(&mut self) -> Value {
        let report = self.game.swapped();
        let version = f64::from(self.version);
        let after = self
            .game
            .tally_until("the new code", |t| t["version"] == version);
        for what in [
            "runners", "at", "names", "weights", "secrets", "luck", "ids",
        ] {
            assert_eq!(self.before[what], after[what], "{what}");
        }
        assert!(after["points"] > self.before["points"]);
        self.before = after;
        report
    }

    /// The game plays on by the code it has.
    #[track_caller]
    fn plays_on(&mut self) {
        let now = self.game.frames(5);
        assert_eq!(now["version"], self.before["version"]);
        assert!(now["points"] > self.before["points"]);
    }

    /// The last save is refused for a reason that names all of `says`.
    #[track_caller]
    fn refused(&mut self, says: &[&str]) {
        let event = self.game.refused();
        assert_says(&event["reason"], says);
        self.plays_on();
    }

    /// The last save does not compile, with an error that names all of `says`.
    #[track_caller]
    fn fails(&mut self, says: &[&str]) {
        let event = self.game.build_failed();
        assert_says(&event["errors"][0]["rendered"], says);
        self.plays_on();
    }

    /// Only a restart helps, for a reason that names all of `says`.
    #[track_caller]
    fn needs_restart(&mut self, says: &[&str]) {
        let event = self
            .game
            .next_event("restart_needed", &["edit", "build_started"]);
        assert_says(&event["reason"], says);
        self.plays_on();
    }
}

#[track_caller]
fn assert_says(text: &Value, says: &[&str]) {
    let text = text.as_str().unwrap();
    for part in says {
        assert!(text.contains(part), "`{part}` in: {text}");
    }
}

#[test]
fn sources_in_every_bad_state() {
    let mut playing = Playing::start(Workspace::types());
    let root = playing.workspace.path(RULES);
    let dir = root.parent().unwrap().to_path_buf();

    // Not UTF-8.
    fs::write(&root, [b'/', b'/', 0xff, 0xfe, b'\n']).unwrap();
    playing.fails(&["UTF-8"]);
    // Gone, and a folder in its place.
    fs::remove_file(&root).unwrap();
    playing.fails(&["lib.rs"]);
    fs::create_dir(&root).unwrap();
    playing.save_nothing();
    fs::remove_dir(&root).unwrap();
    playing.save();
    playing.live();

    // All of it moved away and back.
    let away = dir.with_file_name("away");
    fs::rename(&dir, &away).unwrap();
    playing.game.frames(20);
    fs::rename(&away, &dir).unwrap();
    playing.game.frames(20);
    playing.save();
    playing.until_live();

    // Enormous: thirty megabytes of comments.
    let lines = "// A line that says nothing at all, and that nobody will ever read.\n";
    playing.version += 1;
    let long = format!("{}{}", lines.repeat(450_000), text(playing.version));
    playing.workspace.write(RULES, &long);
    playing.live();
    playing.save();
    playing.live();

    // Nested without end.
    let (open, close) = ("(".repeat(20_000), ")".repeat(20_000));
    let deep = format!("{TEXT}\nfn deep() -> u8 {{\n    {open}1{close}\n}}\n");
    playing.workspace.write(RULES, &deep);
    playing.refused(&["lib.rs:", "nested"]);
    playing.save();
    playing.live();

    // A link to nowhere, and two to the folder they are in.
    symlink("nowhere.rs", dir.join("dangling.rs")).unwrap();
    for name in ["again", "and_again"] {
        symlink(&dir, dir.join(name)).unwrap();
    }
    playing.game.frames(20);
    playing.save();
    playing.until_live();
    for name in ["dangling.rs", "again", "and_again"] {
        fs::remove_file(dir.join(name)).unwrap();
    }
    playing.game.frames(20);

    // A clock that jumps.
    for year in [1971, 2106] {
        playing.version += 1;
        let unnamed = dir.join("lib.new");
        fs::write(&unnamed, text(playing.version)).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs((year - 1970) * 31_556_952);
        let file = fs::File::options().write(true).open(&unnamed).unwrap();
        file.set_modified(time).unwrap();
        drop(file);
        fs::rename(unnamed, &root).unwrap();
        let report = playing.until_live();
        assert!(
            report["edit_to_live_ms"].as_f64().unwrap() >= 0.0,
            "{report}"
        );
    }

    // A thousand saves in about a second: what counts is the last.
    for _ in 0..1000 {
        playing.save();
        thread::sleep(Duration::from_millis(1));
    }
    playing.until_live();
}

impl Playing {
    /// Whatever comes of what is on the disk now, it is no swap.
    #[track_caller]
    fn save_nothing(&mut self) {
        self.game.frames(50);
        self.plays_on();
    }

    /// The last save goes live, perhaps after others that came before it.
    #[track_caller]
    fn until_live(&mut self) -> Value {
        let version = f64::from(self.version);
        let after = self
            .game
            .tally_until("the newest code", |t| t["version"] == version);
        assert_eq!(self.before["ids"], after["ids"]);
        self.before = after;
        // The report of a frame is written after it.
        self.game.frames(3);
        self.game.skip_events();
        let events = self.game.events();
        let swapped = events.iter().rfind(|e| e["event"] == "swapped");
        swapped.unwrap().clone()
    }
}

/// Puts a script in the place of rustc; `$REAL` is the real one, `$OUT` the folder that it
/// writes to.
#[cfg(target_os = "linux")]
fn instead(rustc: &Path, script: &str) {
    let real = rustc.with_file_name("real-rustc");
    if !real.exists() {
        fs::rename(rustc, &real).unwrap();
    }
    let text = format!(
        "#!/bin/sh\nREAL={}\nfor arg; do case \"$arg\" in --out-dir=*) OUT=${{arg#--out-dir=}};; esac; done\nLIB=$OUT/libarena_rules.so\n{script}\n",
        real.display()
    );
    let unnamed = rustc.with_file_name("unnamed");
    fs::write(&unnamed, text).unwrap();
    fs::set_permissions(&unnamed, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(unnamed, rustc).unwrap();
}

/// The real one again.
#[cfg(target_os = "linux")]
fn mended(rustc: &Path) {
    fs::rename(rustc.with_file_name("real-rustc"), rustc).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_rustc_that_is_missing_or_writes_something_else() {
    let workspace = Workspace::types();
    let rustc = workspace.own_rustc();
    let mut playing = Playing::start(workspace);

    let away = rustc.with_file_name("away");
    fs::rename(&rustc, &away).unwrap();
    playing.save();
    playing.refused(&["rustc", "os error 2"]);
    fs::rename(&away, &rustc).unwrap();

    // It ends without a word, in a crash, with words that mean nothing, for want of room.
    for (script, says) in [
        ("exit 7", "exit status: 7"),
        ("kill -SEGV $$", "signal: 11"),
        ("echo 'no such thing' >&2; exit 1", "no such thing"),
        ("echo 'query stack' >&2; kill -SEGV $$", "crashed"),
        ("echo '{\"message\": 3}' >&2; exit 1", "{\"message\": 3}"),
        ("ulimit -f 100; exec $REAL \"$@\"", "disk"),
    ] {
        instead(&rustc, script);
        playing.save();
        playing.fails(&[says]);
    }

    // What it wrote is not a library, or not one for this game.
    let other = "s/libstd-[0-9a-f]*\\.so/libstd-0000000000000000.so/";
    for (script, says) in [
        (": > $LIB", "loadable"),
        ("truncate -s 100000 $LIB", "loadable"),
        ("cp /bin/sh $LIB", "HOT_LOADER_ABI"),
        ("rm $LIB", "libarena_rules.so"),
        ("rm -r $OUT", "arena_rules.d"),
        (
            "LC_ALL=C sed -i 's/;rustc [0-9.]* /;rustc 1.00.0 /' $LIB",
            "rustc 1.00.0",
        ),
        (
            &format!("LC_ALL=C sed -i '{other}' $LIB"),
            "libstd-0000000000000000.so",
        ),
    ] {
        instead(&rustc, &format!("$REAL \"$@\" || exit 1\n{script}"));
        playing.save();
        playing.refused(&[says]);
    }
    // A linker that must find all that the module uses. The module is compiled with what it
    // uses of hot-loader alone.
    let whole = "echo 'error: x: with all of hot-loader' >&2; exit 1";
    instead(
        &rustc,
        &format!(
            "case \"$*\" in *hot_loader=*libhot_loader_face-*) ;; *) {whole};; esac\nexec $REAL \"$@\" -Clink-arg=-Wl,-z,defs"
        ),
    );
    playing.save();
    playing.live();
    mended(&rustc);
    playing.save();
    playing.live();
}

#[test]
#[cfg(target_os = "linux")]
fn a_first_build_that_fails_is_made_up_for_by_the_next_save() {
    let workspace = Workspace::types();
    let rustc = workspace.own_rustc();
    let mut game = workspace.start_with(Profile::DEV, |_| {
        // Cargo has built the game, and only asks it for its version.
        let full = "echo 'error: x: No space left on device (os error 28)' >&2; exit 1";
        instead(
            &rustc,
            &format!("[ -z $OUT ] || {{ {full}; }}\nexec $REAL \"$@\""),
        );
    });
    let event = game.next_event("build_failed", &[]);
    let full = ["disk", "hot-loader/cache"];
    assert_says(&event["errors"][0]["rendered"], &full);
    assert!(game.log().contains("next save"));
    let mut playing = Playing::of(workspace, game);
    playing.save();
    playing.fails(&full);
    mended(&rustc);
    playing.save();
    playing.game.next_event("ready", &["edit", "build_started"]);
    playing.live();
    playing.save();
    playing.live();
}

/// A world of its own for the game alone, made by the system's own tools: what a test does to
/// disks and limits there, nobody else sees.
#[cfg(target_os = "linux")]
struct Own {
    process: String,
}

#[cfg(target_os = "linux")]
impl Own {
    /// Starts the game in one, after the shell did `first` there. `None` where the system
    /// lets this user make none.
    fn start(workspace: Workspace, first: &str) -> Option<(Playing, Self)> {
        let tried = Command::new("unshare")
            .args(["--map-root-user", "--mount", "true"])
            .output();
        if !tried.is_ok_and(|output| output.status.success()) {
            // A test that passes and did nothing is worse than one that fails, where it could.
            let must = env::var_os("HOT_LOADER_NAMESPACES").is_some();
            assert!(!must, "`unshare --map-root-user --mount` is not allowed");
            eprintln!("not tried: this system lets this user mount no disks (unshare)");
            return None;
        }
        let runner = workspace.path("runner.sh");
        let text = format!(
            "#!/bin/sh\nexec unshare --map-root-user --mount sh -c '{first} && exec \"$@\"' sh \"$@\"\n"
        );
        fs::write(&runner, text).unwrap();
        fs::set_permissions(&runner, fs::Permissions::from_mode(0o755)).unwrap();
        let mut game = workspace.start_with(Profile::DEV, |cargo| {
            cargo.arg("--config");
            cargo.arg(format!(
                "target.'cfg(unix)'.runner = '{}'",
                runner.display()
            ));
        });
        game.ready();
        let process = game.process().to_string();
        Some((Playing::of(workspace, game), Self { process }))
    }

    /// Whether the shell can do it there.
    fn does(&self, script: &str) -> bool {
        let status = Command::new("nsenter")
            .args(["--target", &self.process, "--user"])
            .args(["--preserve-credentials", "--mount", "sh", "-c", script])
            .status();
        status.unwrap().success()
    }
}

#[test]
#[cfg(target_os = "linux")]
fn where_a_new_folder_gets_no_watch_changes_are_looked_for() {
    let workspace = Workspace::types();
    let Some((mut playing, own)) = Own::start(workspace, "true") else {
        return;
    };
    playing.save();
    playing.live();
    assert!(own.does("echo 1 > /proc/sys/user/max_inotify_watches"));
    let root = playing.workspace.path(RULES);
    let far = root.with_file_name("far");
    fs::create_dir(&far).unwrap();
    let inside = far.join("mod.rs");
    fs::write(&inside, "pub fn far() -> f64 {\n    1.0\n}\n").unwrap();
    playing
        .game
        .until("it is told of", |game| game.log().contains("polling"));
    playing.version = 3;
    let near = text(3).replace("\"version\", 3.0", "\"version\", 2.0 + far::far()");
    playing
        .workspace
        .write(RULES, &format!("{near}\nmod far;\n"));
    playing.until_live();
    fs::write(&inside, "pub fn far() -> f64 {\n    2.0\n}\n").unwrap();
    playing.version = 4;
    playing.until_live();
    fs::remove_dir_all(&far).unwrap();
    playing.save();
    playing.until_live();
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_and_one_that_may_not_be_written() {
    let workspace = Workspace::types();
    // All that hot-loader writes, builds and runs.
    let disk = workspace.written();
    fs::create_dir_all(&disk).unwrap();
    let disk = disk.display().to_string();
    let resize = |size: &str| format!("mount -o remount,size={size} {disk}");
    let mount = format!("mount -t tmpfs -o size=90% none {disk}");
    let Some((mut playing, own)) = Own::start(workspace, &mount) else {
        return;
    };
    assert!(own.does(&format!("findmnt --noheadings --types tmpfs {disk}")));
    playing.save();
    playing.live();

    let used = format!("$(df --block-size=1 --output=used {disk} | tail -n 1)");
    assert!(own.does(&resize(&used)));
    playing.save();
    playing.fails(&["disk", "hot-loader/cache"]);
    playing.save();
    playing.fails(&["disk", "hot-loader/cache"]);
    assert!(own.does(&resize("90%")));
    playing.save();
    playing.live();

    // Nothing that is open for writing can be made read-only.
    assert!(own.does(&format!("mount -t tmpfs -o ro none {disk}/cache")));
    playing.save();
    playing.refused(&["/cache", "Read-only file system"]);
    assert!(own.does(&format!("umount {disk}/cache")));
    playing.save();
    playing.live();
}

/// Ends what looks at it, also when a test fails.
#[cfg(target_os = "linux")]
struct Ends<'a>(&'a AtomicBool);

#[cfg(target_os = "linux")]
impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_library_that_somebody_writes_to_before_it_is_loaded() {
    let mut playing = Playing::start(Workspace::types());
    let run = playing.game.runs(&playing.workspace).remove(0);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // As fast as it can: the file is there for some milliseconds before it is read.
        scope.spawn(|| {
            let mut written = BTreeSet::new();
            while !done.load(Ordering::Relaxed) {
                for entry in fs::read_dir(&run).unwrap().flatten() {
                    let path = entry.path();
                    let is_library = path.extension() == Some(DLL_EXTENSION.as_ref());
                    if is_library && !written.contains(&path) {
                        let file = fs::File::options().append(true).open(&path);
                        file.unwrap().write_all(b"!").unwrap();
                        written.insert(path);
                    }
                }
            }
        });
        let _ends = Ends(&done);
        let refused = (0..20).any(|_| {
            playing.save();
            let outcome = playing.game.next_outcome();
            let refused = outcome["event"] == "refused";
            if refused {
                assert_says(&outcome["reason"], &["libarena_rules-", "modified"]);
                playing.plays_on();
            } else {
                // Loaded before it was written to.
                playing.until_live();
            }
            refused
        });
        assert!(refused);
    });
    playing.save();
    playing.live();
}

#[test]
fn a_module_that_loads_nowhere() {
    let mut playing = Playing::start(Workspace::types());
    // Without its entry.
    playing.version += 1;
    let without = text(playing.version).replace("hot_loader::export!(rules);\n", "");
    playing.workspace.write(RULES, &without);
    playing.refused(&["export!"]);
    // A function that nobody has. Linkers say so on some systems, loaders on others.
    let nowhere = format!(
        "{}\nunsafe extern \"C\" {{\n    fn defined_nowhere();\n}}\n\n#[unsafe(no_mangle)]\npub extern \"C\" fn calls_it() {{\n    unsafe {{ defined_nowhere() }}\n}}\n",
        text(playing.version)
    );
    playing.workspace.write(RULES, &nowhere);
    let event = playing.game.next_outcome();
    let text = event.to_string();
    assert!(text.contains("defined_nowhere"), "{text}");
    assert_ne!(event["event"], "swapped");
    playing.plays_on();
    playing.save();
    playing.live();
}

#[test]
fn folders_that_are_not_private_gone_or_moved() {
    let mut playing = Playing::start(Workspace::types());
    let run = playing.game.runs(&playing.workspace).remove(0);
    let mode = |mode| fs::set_permissions(&run, fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(
        fs::metadata(&run).unwrap().permissions().mode() & 0o777,
        0o700
    );
    mode(0o777);
    playing.save();
    playing.refused(&["777", "chmod 700"]);
    mode(0o700);
    playing.save();
    playing.live();

    // The workspace moves under the game.
    let here = playing.workspace.path("");
    let missing = playing.workspace.package();
    let there = here.with_file_name(missing.replace("types-", "moved-"));
    if there.exists() {
        fs::remove_dir_all(&there).unwrap();
    }
    fs::rename(&here, &there).unwrap();
    fs::write(there.join(RULES), text(7)).unwrap();
    playing.game.at(&there).until("it is told of", |game| {
        game.events().iter().any(|event| {
            event["event"] == "restart_needed"
                && event["reason"].as_str().unwrap().contains(missing)
        })
    });
    fs::rename(&there, &here).unwrap();
    playing.game.at(&here).skip_events();
    playing.save();
    playing.until_live();
}

#[test]
fn cargo_clean_while_the_game_plays() {
    let workspace = Workspace::types().with_own_target();
    let mut playing = Playing::start(workspace);
    playing.save();
    playing.live();
    playing.workspace.clean();
    assert!(!playing.workspace.executable().exists());
    playing.plays_on();
    playing.save();
    playing.needs_restart(&["/deps-"]);
    playing.game.interrupt();
}

#[test]
fn an_event_file_that_cannot_be_written_and_a_second_instance() {
    let workspace = Workspace::types();
    let mut first = workspace.start(Profile::DEV);
    first.ready();
    let mut second = workspace.start_second(Profile::DEV);
    second.ready();
    assert_ne!(first.runs(&workspace), second.runs(&workspace));
    let mut mute = workspace.start_with(Profile::DEV, |cargo| {
        cargo.env("HOT_LOADER_EVENTS", "/nowhere/at/all/events.jsonl");
    });
    mute.until("it says that it writes no events", |game| {
        game.log().contains("/nowhere/at/all/events.jsonl")
    });
    mute.until("it is ready all the same", |game| {
        game.log().contains("Ready:")
    });
    drop(mute);
    workspace.write(RULES, &text(2));
    for game in [&mut first, &mut second] {
        assert_eq!(game.swapped()["generation"], 1);
    }
    second.tally_until("the new code", |t| t["version"] == 2.0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_game_that_ends_leaves_no_rustc_behind() {
    for killed in [true, false] {
        let mut playing = Playing::start(Workspace::types());
        let endless = format!("{TEXT}\nconst _: () = loop {{}};\n");
        playing.workspace.write(RULES, &endless);
        playing.game.next_event("build_started", &["edit"]);
        let game = playing.game.process().to_string();
        let rustc = || {
            let found = Command::new("pgrep").args(["-P", &game, "rustc"]).output();
            String::from_utf8(found.unwrap().stdout).unwrap()
        };
        playing.game.until("rustc works", |_| !rustc().is_empty());
        let stat = format!("/proc/{}/stat", rustc().trim());
        // Gone, or dead and not asked for its end.
        let working = || fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
        assert!(working());
        match killed {
            true => playing.game.kill(),
            // Ctrl-C, which this game has no handler for.
            false => playing.game.interrupt(),
        }
        let mut waits = 0..1000;
        while working() {
            assert!(waits.next().is_some(), "rustc works on for nobody");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn where_the_system_tells_of_no_changes_they_are_looked_for() {
    let workspace = Workspace::types();
    // In place of the system's own function: it has no watches left.
    let source = workspace.path("none_left.rs");
    fs::write(
        &source,
        "unsafe extern \"C\" {\n    fn __errno_location() -> *mut i32;\n}\n\n/// Always fails.\n#[unsafe(no_mangle)]\npub extern \"C\" fn inotify_init1(_: i32) -> i32 {\n    unsafe { *__errno_location() = 24 };\n    -1\n}\n",
    )
    .unwrap();
    let library = workspace.path("libnone_left.so");
    let built = Command::new("rustc")
        .args(["--edition=2024", "--crate-type=cdylib", "-o"])
        .args([&library, &source])
        .status();
    assert!(built.unwrap().success());
    let mut game = workspace.start_with(Profile::DEV, |cargo| {
        cargo.env("LD_PRELOAD", &library);
    });
    game.ready();
    assert!(game.log().contains("polling"), "{}", game.log());
    workspace.write(RULES, &text(2));
    game.swapped();
    game.tally_until("the new code", |t| t["version"] == 2.0);
}

#[test]
fn a_source_folder_behind_a_link() {
    let workspace = Workspace::types();
    let src = workspace.path("rules/src");
    let real = workspace.path("sources");
    fs::rename(&src, &real).unwrap();
    symlink(&real, &src).unwrap();
    let mut game = workspace.start(Profile::DEV);
    game.ready();
    fs::write(real.join("lib.rs"), text(2)).unwrap();
    game.swapped();
    game.tally_until("the new code", |t| t["version"] == 2.0);
    drop(game);
    fs::remove_file(&src).unwrap();
    fs::rename(&real, &src).unwrap();
}
