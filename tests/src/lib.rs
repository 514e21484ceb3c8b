//! The end-to-end driver: copies a game, builds it hot, runs it, edits its
//! sources as an editor would, and waits for what it reports.
//!
//! Everything is real: cargo, rustc, a process, files. It waits with a generous
//! deadline and asserts nothing on how long something took. A test that fails
//! shows the game's own output.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a driver of tests panics where a test must fail"
)]

mod small;

pub use small::Small;

use serde_json::Value;
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::OsStr,
    fs::{self, File, TryLockError},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long anything may take before a test gives up: cold builds on a loaded
/// machine are slow.
const DEADLINE: Duration = Duration::from_secs(300);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// What may come before the outcome of an edit.
const PASSING: [&str; 4] = ["edit", "build_started", "snapshot", "spare"];

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// The target directory that this test was built into.
pub fn target_dir() -> PathBuf {
    // target/debug/deps/test-…
    let exe = env::current_exe().unwrap();
    exe.ancestors().nth(3).unwrap().to_path_buf()
}

/// Cargo's configuration of a game's workspace.
const CONFIG: &str = ".cargo/config.toml";

/// How a game is built.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Of the game's own crates.
    pub opt_level: u8,
    /// With the feature `hot`.
    pub hot: bool,
}

impl Profile {
    /// A hot build with gameplay as a developer has it.
    pub const DEV: Self = Self {
        opt_level: 0,
        hot: true,
    };
    /// A hot build of optimised gameplay.
    pub const OPT_1: Self = Self {
        opt_level: 1,
        hot: true,
    };
    /// A hot build in which the compiler merges equal functions, which then lose
    /// their symbols.
    pub const OPT_2: Self = Self {
        opt_level: 2,
        hot: true,
    };
    /// A static build.
    pub const STATIC: Self = Self {
        opt_level: 0,
        hot: false,
    };
}

thread_local! {
    /// Whether this thread's games have symbols of the new mangling.
    static NEW_SYMBOLS: Cell<bool> = const { Cell::new(false) };
}

/// Runs a test with games whose own crates have symbols of the mangling v0, in an engine that
/// has those of this rustc: in folders of their own.
pub fn with_new_symbols(test: impl FnOnce()) {
    NEW_SYMBOLS.set(true);
    test();
}

/// The mangling that the games' crates are to have, if it is not this rustc's.
fn new_symbols() -> bool {
    NEW_SYMBOLS.get() || env::var_os("HOT_LOADER_TEST_SYMBOLS").is_some_and(|which| which == "v0")
}

/// A copy of a game's workspace, a test's own as long as the value lives.
///
/// There are as many copies as tests run at a time. The next test finds what cargo and
/// hot-loader built there before, as who starts the same game again does, and the game's
/// sources as they were at first.
#[derive(Debug)]
pub struct Workspace {
    /// The package of the executable.
    package: String,
    dir: PathBuf,
    target: PathBuf,
    _timed: Timed,
    _place: Place,
}

/// Who has a copy: its file is locked meanwhile, and holds a mark until a test has ended well.
#[derive(Debug)]
struct Place(File);

impl Place {
    /// Takes the copy in the folder `dir`, if nobody has it.
    fn take(dir: &Path) -> Option<Self> {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(dir.with_extension("lock"))
            .unwrap();
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return None,
            Err(TryLockError::Error(error)) => panic!("{}: {error}", dir.display()),
        }
        // Whoever had it left it in the midst of something.
        if file.metadata().unwrap().len() > 0 && dir.exists() {
            fs::remove_dir_all(dir).unwrap();
        }
        file.write_all(b"taken\n").unwrap();
        Some(Self(file))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.0.set_len(0).unwrap();
        }
    }
}

/// Appends to the file that `HOT_LOADER_TEST_TIMES` names how long a test had its game,
/// when that ends.
#[derive(Debug)]
struct Timed(Instant);

impl Drop for Timed {
    fn drop(&mut self) {
        let Some(list) = env::var_os("HOT_LOADER_TEST_TIMES") else {
            return;
        };
        let thread = thread::current();
        let line = format!(
            "{:6} s  {}\n",
            self.0.elapsed().as_secs(),
            thread.name().unwrap_or("?")
        );
        let file = File::options().append(true).create(true).open(list);
        // A list for people; a test does not fail for it.
        if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
            eprintln!("no time was listed: {error}");
        }
    }
}

impl Workspace {
    /// Copies the fixture.
    pub fn fixture() -> Self {
        Self::headless("fixture", "fixture", &str::to_owned)
    }

    /// Copies the fixture with the gameplay of `tests/types/rules.rs`.
    pub fn types() -> Self {
        let first = Self::fixture_text("rules/src/lib.rs");
        let rules = fs::read_to_string(repository().join("tests/types/rules.rs")).unwrap();
        Self::headless("types", "fixture", &|text| match *text == first {
            true => rules.clone(),
            false => text.to_owned(),
        })
    }

    /// Copies the game with third-party plugins.
    pub fn plugins() -> Self {
        Self::headless("plugins", "plugins", &str::to_owned)
    }

    /// Copies the game with an empty plugin.
    pub fn small() -> Self {
        Self::headless("small", "small", &str::to_owned)
    }

    /// Copies a game of the tests, edited, with its placeholders filled in. Its copies are
    /// called `name`.
    fn headless(name: &str, game: &str, edit: &dyn Fn(&str) -> String) -> Self {
        let this = Self::take(name, target_dir().join("fixtures/target"));
        let repository = repository();
        // A literal string of TOML, so that backslashes are no escapes.
        let path = |part| format!("'{}'", repository.join(part).display());
        let [loader, engine] = ["hot-loader", "tests/engine"].map(path);
        let mut kept = BTreeSet::new();
        let game = repository.join("tests").join(game);
        copy_dir(&game, &this.dir, &mut kept, &|text| {
            edit(text)
                .replace("\"@hot-loader@\"", &loader)
                .replace("\"@engine@\"", &engine)
                .replace("@case@", &this.package)
        });
        remove_others(&this.dir, &kept);
        // One for all, so that they share what is built.
        let lock = repository.join("tests/engine/games.lock");
        fs::copy(lock, this.dir.join("Cargo.lock")).unwrap();
        this
    }

    /// Copies the demo game. It shares the engine with the repository's own builds.
    pub fn demo() -> Self {
        let this = Self::take("demo", target_dir());
        let case = &this.package;
        let repository = repository();
        let mut kept = BTreeSet::new();
        for part in ["game", "systems", "assets"] {
            copy_dir(
                &repository.join(part),
                &this.dir.join(part),
                &mut kept,
                &|text| {
                    // Cargo tells packages of one target directory apart by their names.
                    text.replace("name = \"game\"", &format!("name = \"{case}\""))
                        .replace("name = \"systems\"", &format!("name = \"systems-{case}\""))
                        .replace(
                            "[dependencies]\nhot-loader",
                            "[lib]\nname = \"systems\"\n\n[dependencies]\nhot-loader",
                        )
                },
            );
        }
        // Cargo knows a package by its place in the workspace: as this it is built already.
        let loader = this.dir.join("hot-loader");
        link_dir(&repository.join("hot-loader"), &loader);
        kept.insert(loader);
        let manifest = fs::read_to_string(repository.join("Cargo.toml")).unwrap();
        let manifest: String = manifest
            .lines()
            .map(|line| {
                let key = line.split('=').next().unwrap_or_default().trim();
                match key {
                    "members" => "members = [\"game\", \"systems\"]".into(),
                    "systems" => {
                        format!("systems = {{ path = \"systems\", package = \"systems-{case}\" }}")
                    }
                    _ => line.to_owned(),
                }
            })
            .flat_map(|line| [line, "\n".into()])
            .collect();
        let [file, lock] = ["Cargo.toml", "Cargo.lock"].map(|name| this.dir.join(name));
        write_if_changed(&file, &manifest);
        fs::copy(repository.join("Cargo.lock"), &lock).unwrap();
        kept.extend([file, lock]);
        remove_others(&this.dir, &kept);
        // The engine of the tests, whatever command of cargo's builds it.
        let test = manifest.find("[profile.test").unwrap();
        let mut headers = manifest[test..]
            .lines()
            .filter(|line| line.starts_with('['));
        assert!(headers.all(|header| header.starts_with("[profile.test")));
        let config = manifest[test..].replace("profile.test", "profile.dev");
        this.write(CONFIG, &config);
        this
    }

    /// Takes the first copy of a game that nobody has.
    fn take(game: &str, target: PathBuf) -> Self {
        let cases = target_dir().join("fixtures/cases");
        fs::create_dir_all(&cases).unwrap();
        let mangling = if new_symbols() { "-v0" } else { "" };
        let (package, place) = (0..)
            .find_map(|number| {
                let package = format!("{game}{mangling}-{number}");
                let place = Place::take(&cases.join(&package))?;
                Some((package, place))
            })
            .unwrap();
        Self {
            dir: cases.join(&package),
            package,
            target,
            _timed: Timed(Instant::now()),
            _place: place,
        }
    }

    /// A file of the fixture as it is before any edit.
    pub fn fixture_text(file: &str) -> String {
        fs::read_to_string(repository().join("tests/fixture").join(file)).unwrap()
    }

    /// The package of its executable.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The built executable.
    pub fn executable(&self) -> PathBuf {
        self.target
            .join("debug")
            .join(format!("{}{}", self.package, env::consts::EXE_SUFFIX))
    }

    /// Gives the demo the engine that a developer has, instead of that of the tests.
    #[must_use]
    pub fn optimised(self) -> Self {
        fs::remove_file(self.path(CONFIG)).unwrap();
        self
    }

    /// Gives it a target directory of its own, with the engine that the tests have built so
    /// far, for a test that does to it what would disturb the others.
    #[must_use]
    pub fn with_own_target(mut self) -> Self {
        let own = target_dir()
            .join("fixtures/targets")
            .join(self.dir.file_name().unwrap());
        if own.exists() {
            fs::remove_dir_all(&own).unwrap();
        }
        let [from, to] = [self.target.join("debug"), own.join("debug")];
        fs::create_dir_all(&from).unwrap();
        // As cargo does while it builds.
        let lock = File::create(from.join(".cargo-lock")).unwrap();
        lock.lock().unwrap();
        for part in [".fingerprint", "build"] {
            copy_built(&from.join(part), &to.join(part), &copy_with_time);
        }
        // Compilers write new files, and never into these.
        copy_built(&from.join("deps"), &to.join("deps"), &|from, to| {
            fs::hard_link(from, to).unwrap();
        });
        let tag = "CACHEDIR.TAG";
        if self.target.join(tag).exists() {
            copy_with_time(&self.target.join(tag), &own.join(tag));
        }
        self.target = own;
        self.renew();
        self
    }

    /// Has cargo compile the gameplay again: what an earlier test built names its compiler
    /// and its folders.
    fn renew(&self) {
        for root in ["rules/src/lib.rs", "systems/src/lib.rs"] {
            if self.path(root).exists() {
                self.write(root, &self.read(root));
            }
        }
    }

    /// Runs `cargo clean`.
    pub fn clean(&self) {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let status = command
            .arg("clean")
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target)
            .status();
        assert!(status.unwrap().success());
    }

    /// Where hot-loader keeps everything that it writes for games.
    pub fn written(&self) -> PathBuf {
        self.target.join("debug/hot-loader")
    }

    /// An artifact of cargo's.
    pub fn artifact(&self, name: &OsStr) -> PathBuf {
        self.target.join("debug/deps").join(name)
    }

    /// The path of a file of the workspace.
    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.join(file)
    }

    /// Reads a file.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    /// Writes a file, as an editor that saves in place.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces `from`, which must stand in the file exactly once, and saves.
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.replaced(file, from, to);
        self.write(file, &text);
    }

    /// What [`replace`](Self::replace) would save.
    pub fn replaced(&self, file: &str, from: &str, to: &str) -> String {
        let text = self.read(file);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {file}");
        text.replace(from, to)
    }

    /// Builds the game.
    pub fn build(&self, profile: Profile) {
        let mut command = self.cargo(profile, "build");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "cargo build failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// A compiler that mangles the game's own crates as rustc 1.97 does by default. Cargo knows
    /// nothing of it, and builds nothing else again.
    fn new_symbols_path(&self) -> PathBuf {
        let path = self.dir.join("rustc-v0");
        if !path.exists() {
            let script = r#"#!/bin/sh
case $CARGO_PKG_NAME in
*-v0-*) set -- "$@" -Csymbol-mangling-version=v0 ;;
esac
own=${0%/*}/toolchain/bin/rustc
[ -x "$own" ] || own=rustc
exec "$own" "$@"
"#;
            fs::write(&path, script).unwrap();
            #[cfg(unix)]
            {
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
                fs::set_permissions(&path, mode).unwrap();
            }
        }
        path
    }

    fn cargo(&self, profile: Profile, what: &str) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .arg(what)
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", profile.opt_level.to_string())
            .env_remove("RUSTC")
            // Of the outer cargo, which runs the tests.
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("RUSTFLAGS");
        if self.own_rustc_path().exists() {
            command.env("RUSTC", self.own_rustc_path());
        }
        if new_symbols() {
            command.env("RUSTC", self.new_symbols_path());
        }
        if profile.hot {
            command.args(["--features", &format!("{}/hot", self.package)]);
        }
        command
    }

    /// Builds and starts the game, through cargo as a developer does.
    pub fn start(&self, profile: Profile) -> Game {
        self.start_with(profile, |_| {})
    }

    /// As [`start`](Self::start); `with` can change the command, `cargo run`.
    pub fn start_with(&self, profile: Profile, with: impl FnOnce(&mut Command)) -> Game {
        self.build(profile);
        let mut command = self.cargo(profile, "run");
        command.arg("--quiet");
        Game::start(command, &self.dir, "", with)
    }

    /// Starts the game as it was built last, whatever was saved since.
    pub fn start_built(&self) -> Game {
        let mut command = Command::new(self.executable());
        // As `cargo run` does, which tells the system where the engine's library is.
        let libraries = Command::new("rustc")
            .args(["--print", "target-libdir"])
            .output();
        let libraries = String::from_utf8(libraries.unwrap().stdout).unwrap();
        let dirs = [self.target.join("debug/deps"), libraries.trim().into()];
        let variable = if cfg!(target_vendor = "apple") {
            "DYLD_FALLBACK_LIBRARY_PATH"
        } else {
            "LD_LIBRARY_PATH"
        };
        command
            .current_dir(&self.dir)
            .env(variable, env::join_paths(dirs).unwrap());
        Game::start(command, &self.dir, "", |_| {})
    }

    /// Starts the game once more while it runs already.
    pub fn start_second(&self, profile: Profile) -> Game {
        let mut command = self.cargo(profile, "run");
        command.arg("--quiet");
        Game::start(command, &self.dir, "second-", |_| {})
    }

    /// Gives the workspace a rustc of its own, which is the toolchain's, but a test can put
    /// something else in its place. Before the game is built.
    #[cfg(unix)]
    pub fn own_rustc(&self) -> PathBuf {
        let output = Command::new("rustc").args(["--print", "sysroot"]).output();
        let sysroot = String::from_utf8(output.unwrap().stdout).unwrap();
        let sysroot = Path::new(sysroot.trim());
        let rustc = self.own_rustc_path();
        let bin = rustc.parent().unwrap();
        fs::create_dir_all(bin).unwrap();
        std::os::unix::fs::symlink(sysroot.join("lib"), bin.with_file_name("lib")).unwrap();
        fs::copy(sysroot.join("bin/rustc"), &rustc).unwrap();
        self.renew();
        rustc
    }

    /// Lets the next rustc that builds something, but for cargo, run without end. The folder
    /// that it makes then.
    #[cfg(unix)]
    pub fn next_rustc_waits(&self) -> PathBuf {
        let rustc = self.own_rustc_path();
        let [real, waits, script] =
            ["real-rustc", "waits", "script"].map(|name| rustc.with_file_name(name));
        fs::rename(&rustc, &real).unwrap();
        let text = format!(
            "#!/bin/sh\ncase \"$*\" in *--out-dir=*) mkdir {} 2> /dev/null && sleep 3600;; esac\nexec {} \"$@\"\n",
            waits.display(),
            real.display()
        );
        fs::write(&script, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&script, mode).unwrap();
        fs::rename(script, rustc).unwrap();
        waits
    }

    fn own_rustc_path(&self) -> PathBuf {
        self.dir.join("toolchain/bin/rustc")
    }
}

/// A running game. Ends with the value.
#[derive(Debug)]
pub struct Game {
    child: Child,
    events: PathBuf,
    out: PathBuf,
    log: PathBuf,
    /// How many events were read.
    seen: usize,
}

/// What the fixture's systems noted in one frame.
pub type Tally = BTreeMap<String, f64>;

impl Game {
    fn start(
        mut command: Command,
        dir: &Path,
        prefix: &str,
        with: impl FnOnce(&mut Command),
    ) -> Self {
        let [events, out, log] =
            ["events.jsonl", "out.txt", "log.txt"].map(|name| dir.join(format!("{prefix}{name}")));
        for file in [&events, &out, &log] {
            fs::write(file, "").unwrap();
        }
        // Both append: else what one writes goes over what the other wrote.
        let append = || File::options().append(true).open(&log).unwrap();
        command
            .env("HOT_LOADER_EVENTS", &events)
            .env("FIXTURE_OUT", &out)
            // It would take the machine from other tests.
            .env("HOT_LOADER_SPARE", "0")
            .stdin(Stdio::null())
            .stdout(append())
            .stderr(append());
        with(&mut command);
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            // Its own group, so that the game ends with cargo.
            command.process_group(0);
        }
        let child = command.spawn().unwrap();
        Self {
            child,
            events,
            out,
            log,
            seen: 0,
        }
    }

    fn fail(&self, what: &str) -> ! {
        panic!(
            "{what}\n--- events\n{}\n--- the game's output\n{}",
            fs::read_to_string(&self.events).unwrap_or_default(),
            fs::read_to_string(&self.log).unwrap_or_default()
        );
    }

    /// Looks until `look` finds something.
    fn wait<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                self.fail(&format!(
                    "the game ended ({status}) while waiting for {what}"
                ));
            }
            if started.elapsed() > DEADLINE {
                self.fail(&format!("waited too long for {what}"));
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Waits until `until` holds.
    pub fn until(&mut self, what: &str, until: impl Fn(&Self) -> bool) {
        self.wait(what, |game| until(game).then_some(()));
    }

    /// Waits for the game to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            if started.elapsed() > DEADLINE {
                self.fail("waited too long for the game to end");
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// All events so far.
    pub fn events(&self) -> Vec<Value> {
        fs::read_to_string(&self.events)
            .unwrap_or_default()
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Waits for the next event that is none of `before`, and asserts that it is a `kind`.
    pub fn next_event(&mut self, kind: &str, before: &[&str]) -> Value {
        let event = self.wait(&format!("the event {kind}"), |game| {
            let events = game.events();
            while let Some(event) = events.get(game.seen) {
                game.seen += 1;
                if !before.contains(&event["event"].as_str().unwrap()) {
                    return Some(event.clone());
                }
            }
            None
        });
        if event["event"] != kind {
            self.fail(&format!("expected the event {kind}, got {event}"));
        }
        event
    }

    /// Waits for the outcome of an edit, whichever it is.
    pub fn next_outcome(&mut self) -> Value {
        self.wait("an outcome", |game| {
            let events = game.events();
            while let Some(event) = events.get(game.seen) {
                game.seen += 1;
                if !PASSING.contains(&event["event"].as_str().unwrap()) {
                    return Some(event.clone());
                }
            }
            None
        })
    }

    /// Passes over the events so far.
    pub fn skip_events(&mut self) {
        self.seen = self.events().len();
    }

    /// The workspace was moved to `dir`, and what the game writes with it.
    pub fn at(&mut self, dir: &Path) -> &mut Self {
        for file in [&mut self.events, &mut self.out, &mut self.log] {
            *file = dir.join(file.file_name().unwrap());
        }
        self
    }

    /// Waits for `ready`.
    pub fn ready(&mut self) -> Value {
        self.next_event("ready", &[])
    }

    /// Waits for the outcome of an edit, which must be a swap.
    pub fn swapped(&mut self) -> Value {
        self.next_event("swapped", &PASSING)
    }

    /// Waits for the outcome of an edit, which must be a refusal.
    pub fn refused(&mut self) -> Value {
        self.next_event("refused", &PASSING)
    }

    /// Waits for the outcome of an edit, which must be a failed build.
    pub fn build_failed(&mut self) -> Value {
        self.next_event("build_failed", &PASSING)
    }

    /// The newest frame's numbers, once there is one.
    pub fn tally(&mut self) -> Tally {
        self.wait("a frame", |game| {
            let text = fs::read_to_string(&game.out).unwrap_or_default();
            let end = text.rfind('\n')?;
            let line = text[..end].rsplit('\n').next()?;
            Some(
                line.split_whitespace()
                    .filter_map(|entry| {
                        let (who, number) = entry.split_once('=')?;
                        Some((who.to_owned(), number.parse().ok()?))
                    })
                    .collect(),
            )
        })
    }

    /// Waits until the frame's numbers satisfy `until`.
    pub fn tally_until(&mut self, what: &str, until: impl Fn(&Tally) -> bool) -> Tally {
        self.wait(what, |game| {
            let tally = game.tally();
            until(&tally).then_some(tally)
        })
    }

    /// Lets the game run for `frames` more frames, and returns the last one's numbers.
    pub fn frames(&mut self, frames: u32) -> Tally {
        let now = self.tally()["frames"];
        self.tally_until("more frames", |t| t["frames"] >= now + f64::from(frames))
    }

    /// What is registered in the fixture's world, as text.
    pub fn registrations(&mut self) -> String {
        let ask = self.out.with_extension("ask");
        let text = self.out.with_extension("text");
        if text.exists() {
            fs::remove_file(&text).unwrap();
        }
        fs::write(&ask, "").unwrap();
        self.until("the registrations", |_| text.exists() && !ask.exists());
        fs::read_to_string(text).unwrap()
    }

    /// Has the fixture ask hot-loader for something.
    pub fn wish(&mut self, wish: &str) {
        // By a rename: the game must not read half of it.
        let unnamed = self.out.with_extension("unnamed");
        fs::write(&unnamed, wish).unwrap();
        fs::rename(unnamed, self.out.with_extension("wish")).unwrap();
    }

    /// Waits for the two events of a generation that is brought back: what became of
    /// everything, after which it says from where to where.
    pub fn rolled_back(&mut self, from: u32, to: u32) -> Value {
        let report = self.swapped();
        assert_eq!(report["generation"], to, "{report}");
        let event = self.next_event("rolled_back", &[]);
        assert_eq!(
            (&event["generation"], &event["to"]),
            (&from.into(), &to.into())
        );
        report
    }

    /// The private folders of this game's process.
    pub fn runs(&self, workspace: &Workspace) -> Vec<PathBuf> {
        let runs = workspace.target.join("debug").join("hot-loader/runs");
        let prefix = format!("{}-", self.process());
        fs::read_dir(runs)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
            })
            .collect()
    }

    /// The pinned library whose name begins with `prefix`.
    pub fn pinned(&self, workspace: &Workspace, prefix: &str) -> PathBuf {
        let run = self.runs(workspace).remove(0);
        fs::read_dir(run.join("deps-0"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| {
                let name = path.file_name().unwrap().to_string_lossy();
                name.starts_with(prefix) && name.ends_with(".rlib")
            })
            .unwrap()
    }

    /// The process id: on Unix cargo becomes the game.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// What the game printed.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends the game as the system does that is out of memory: it alone, at once.
    #[cfg(unix)]
    pub fn kill(&mut self) {
        // Cargo has become the game.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether the game still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks the game to end, as Ctrl-C does, and waits for it.
    pub fn interrupt(&mut self) {
        #[cfg(unix)]
        signal(&self.child, "-INT");
        #[cfg(not(unix))]
        self.child.kill().unwrap();
        self.ended();
    }
}

impl Drop for Game {
    fn drop(&mut self) {
        #[cfg(unix)]
        signal(&self.child, "-KILL");
        #[cfg(not(unix))]
        let _killed = self.child.kill();
        // It may have ended by itself.
        let _ended = self.child.wait();
    }
}

/// Sends a signal to the child's process group: cargo and the game.
#[cfg(unix)]
fn signal(child: &Child, signal: &str) {
    let group = format!("-{}", child.id());
    let _sent = Command::new("kill")
        .args([signal, "--", &group])
        .stderr(Stdio::null())
        .status();
}

/// Copies a folder, and notes each file that it writes.
fn copy_dir(
    from: &Path,
    to: &Path,
    copied: &mut BTreeSet<PathBuf>,
    edit: &impl Fn(&str) -> String,
) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            if path.file_name() != Some(OsStr::new("target")) {
                copy_dir(&path, &target, copied, edit);
            }
            continue;
        }
        match String::from_utf8(fs::read(&path).unwrap()) {
            Ok(text) => write_if_changed(&target, &edit(&text)),
            Err(_) => {
                fs::copy(&path, &target).unwrap();
            }
        }
        copied.insert(target);
    }
}

/// Copies what cargo has built, if there is anything.
fn copy_built(from: &Path, to: &Path, copy: &impl Fn(&Path, &Path)) {
    let Ok(entries) = fs::read_dir(from) else {
        return;
    };
    fs::create_dir_all(to).unwrap();
    for entry in entries {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy_built(&path, &target, copy),
            false => copy(&path, &target),
        }
    }
}

/// Cargo goes by the times of files.
fn copy_with_time(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    let time = fs::metadata(from).unwrap().modified().unwrap();
    let file = File::options().write(true).open(to).unwrap();
    file.set_modified(time).unwrap();
}

/// Makes `link` mean the folder `to`.
fn link_dir(to: &Path, link: &Path) {
    if fs::read_link(link).ok().as_deref() == Some(to) {
        return;
    }
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(to, link);
    #[cfg(windows)]
    let linked = std::os::windows::fs::symlink_dir(to, link);
    linked.unwrap();
}

/// Removes all that former tests have left in a folder, but for the files `kept`.
fn remove_others(dir: &Path, kept: &BTreeSet<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        let is_dir = entry.file_type().unwrap().is_dir();
        if kept.iter().any(|file| file.starts_with(&path)) {
            if is_dir {
                remove_others(&path, kept);
            }
        } else if is_dir {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }
}

/// Keeps the time of a file whose content is right, so that cargo builds nothing again.
fn write_if_changed(file: &Path, text: &str) {
    if fs::read_to_string(file).ok().as_deref() != Some(text) {
        fs::write(file, text).unwrap();
    }
}
