//! The build stage: replays the module's recipe as a library of its own.
//!
//! Relies on the recipe; runs rustc, never cargo. It must never touch cargo's
//! own artifacts, and what it builds is named so that no two builds of a process
//! share a file (loaders cache libraries by path).

pub mod dep_info;
pub mod diagnostics;
pub mod group;
pub mod pin;

use crate::{
    lock,
    recipe::{Recipe, RecipeError, ReplayPaths},
    session::create_private,
};
use dep_info::DepInfo;
use diagnostics::Diagnostic;
use group::ProcessGroup;
use pin::{PinError, Pins};
use std::{
    env,
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant, SystemTime},
};

/// Variables of cargo that a replay must not inherit from `cargo run`'s game.
const CARGO_PREFIX: &str = "CARGO_";

/// Replays a recipe.
#[derive(Debug)]
pub struct Builder {
    recipe: Recipe,
    pins: Pins,
    env: Vec<(String, Option<String>)>,
    dir: PathBuf,
    /// Where the caches of all identities are.
    caches: PathBuf,
    serial: u32,
    running: RunningBuild,
}

/// A finished build.
#[derive(Debug)]
pub struct Built {
    /// The library.
    pub library: PathBuf,
    /// Its content as rustc wrote it.
    pub bytes: Vec<u8>,
    /// What was compiled into it.
    pub files: Vec<PathBuf>,
    /// The compiler's MIR of it, as text.
    pub mir: String,
    /// How long rustc took.
    pub took: Duration,
}

/// Why there is no new library. The game runs on.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The sources do not compile.
    #[error("the gameplay crate does not compile: {}. Fix the error, then save again", first_message(.0))]
    Compile(Vec<Diagnostic>),
    /// What the module is compiled against is not what the game was linked with.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The recipe is not one.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// rustc could not be started.
    #[error(
        "cannot start {rustc}: {source}. Check that its toolchain is installed, then save again"
    )]
    Rustc {
        /// The compiler of the recipe.
        rustc: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder that cargo built the module in is gone.
    #[error(
        "the folder {0}, which the gameplay is built in, was moved or removed. Move it back, or start the game from its new place"
    )]
    Moved(PathBuf),
    /// A result of the build could not be read or a folder not be made.
    #[error("cannot read or write {path}: {source}. Fix that, then save again")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The build was stopped, because the game ends.
    #[error("the build was stopped")]
    Stopped,
    /// The build was given up, because something newer is to be done.
    #[error("the build was cancelled for a newer one")]
    Cancelled,
}

fn first_message(errors: &[Diagnostic]) -> &str {
    errors.first().map_or("rustc failed", |e| &e.message)
}

/// The rustc process that runs now, if one does; stops it from another thread.
#[derive(Clone, Debug, Default)]
pub struct RunningBuild(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    group: Option<ProcessGroup>,
    /// No build is to run any more.
    stopped: bool,
    /// The running build is to end.
    cancelled: bool,
}

/// How a build ended.
enum Ended {
    /// By itself: what it wrote to stderr, and how.
    Itself(String, ExitStatus),
    Stopped,
    Cancelled,
}

impl Running {
    fn kill(&mut self) {
        if let Some(group) = &mut self.group {
            group.kill();
        }
    }
}

impl RunningBuild {
    /// Ends the running build, and any that would follow.
    pub fn stop(&self) {
        let mut running = self.lock();
        running.stopped = true;
        running.kill();
    }

    /// Ends the running build.
    pub fn cancel(&self) {
        let mut running = self.lock();
        running.cancelled = true;
        running.kill();
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A build begins: what cancelled the last one is done. Before whoever might cancel
    /// it knows of it.
    pub fn begin(&self) {
        self.lock().cancelled = false;
    }

    /// How a build has to end that did not yet.
    fn ends(&self) -> Option<BuildError> {
        let running = self.lock();
        match (running.stopped, running.cancelled) {
            (true, _) => Some(BuildError::Stopped),
            (false, true) => Some(BuildError::Cancelled),
            (false, false) => None,
        }
    }

    /// Runs `command` to its end.
    fn run(&self, mut command: Command) -> io::Result<Ended> {
        let mut stderr = {
            let mut running = self.lock();
            if running.stopped {
                return Ok(Ended::Stopped);
            }
            if running.cancelled {
                return Ok(Ended::Cancelled);
            }
            let mut group = ProcessGroup::spawn(&mut command)?;
            let stderr = group.take_stderr();
            running.group = Some(group);
            stderr
        };
        let mut output = Vec::new();
        if let Some(stderr) = &mut stderr {
            stderr.read_to_end(&mut output)?;
        }
        // stderr is closed, so rustc is at its end, unless it is no rustc.
        let (status, running) = loop {
            let mut running = self.lock();
            let Some(group) = &mut running.group else {
                return Ok(Ended::Stopped);
            };
            if let Some(status) = group.try_wait()? {
                running.group = None;
                break (status, running);
            }
            drop(running);
            thread::sleep(Duration::from_millis(1));
        };
        if running.stopped {
            return Ok(Ended::Stopped);
        }
        if running.cancelled && !status.success() {
            return Ok(Ended::Cancelled);
        }
        let output = String::from_utf8_lossy(&output).into_owned();
        Ok(Ended::Itself(output, status))
    }
}

impl Builder {
    /// Pins the recipe's artifacts and makes the folders of the builds below
    /// `dir`, which belongs to this process alone. `shared` is kept between runs
    /// of the game, for the incremental cache. `linked` is when the running
    /// executable was linked; `running` stops the builds from elsewhere.
    ///
    /// # Errors
    /// If a dependency is not the executable's, or the disk refuses.
    pub fn new(
        recipe: Recipe,
        dir: &Path,
        shared: &Path,
        linked: SystemTime,
        running: RunningBuild,
    ) -> Result<Self, BuildError> {
        Ok(Self {
            caches: shared.join(recipe.unit_name()?),
            pins: Pins::new(&recipe, dir, linked)?,
            env: environment(&recipe)?,
            dir: dir.to_path_buf(),
            serial: 0,
            running,
            recipe,
        })
    }

    /// Compiles the sources as they are on the disk now, as a crate of this identity.
    ///
    /// # Errors
    /// If they do not compile, or anything around rustc fails.
    pub fn build(&mut self, metadata: Option<&str>) -> Result<Built, BuildError> {
        if !self.recipe.cwd.is_dir() {
            return Err(BuildError::Moved(self.recipe.cwd.clone()));
        }
        let cache = Cache::create(&self.caches, metadata)?;
        self.pins.verify()?;
        self.serial += 1;
        let name = self.recipe.crate_name()?;
        let (prefix, extension) = (env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
        // As rustc names them.
        let built = cache.out.join(format!("{prefix}{name}{extension}"));
        let dep_info = cache.out.join(format!("{name}.d"));
        let mir = cache.out.join(format!("{name}.mir"));
        let library = self
            .dir
            .join(format!("{prefix}{name}-{}{extension}", self.serial));
        let args = self.recipe.replay_args(&ReplayPaths {
            out_dir: &cache.out,
            incremental: &cache.incremental,
            artifact: &|path| self.pins.placed(&self.pins.pinned(path), &cache.deps),
            metadata,
        });
        let _locked = cache.lock(&self.running)?;
        self.pins
            .place(&cache.deps)
            .map_err(io_error(&cache.deps))?;
        // Nothing but this build's: what a killed one left may still be written to.
        for old in [&built, &mir] {
            match fs::remove_file(old) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(io_error(old)(error));
                }
                _ => {}
            }
        }
        let started = Instant::now();
        let finished =
            self.running
                .run(self.command(args))
                .map_err(|source| BuildError::Rustc {
                    rustc: self.recipe.rustc.clone(),
                    source,
                })?;
        let (output, status) = match finished {
            Ended::Itself(output, status) => (output, status),
            Ended::Stopped => return Err(BuildError::Stopped),
            Ended::Cancelled => return Err(BuildError::Cancelled),
        };
        if !status.success() {
            let mut errors = diagnostics::errors(&output);
            if errors.is_empty() {
                errors.push(Diagnostic::plain(format!(
                    "rustc ended with {status} and reported no error. Check that neither the disk nor the memory is full, then save again{}{}",
                    if output.trim().is_empty() { "" } else { ". rustc's output: " },
                    output.trim()
                )));
            } else if diagnostics::of_a_full_disk(&errors) {
                // rustc may crash of it, too.
                errors.insert(
                    0,
                    Diagnostic::plain(format!(
                        "the disk that holds {} seems to be full. Free some space, then save again",
                        cache.out.display()
                    )),
                );
            } else if status.code() != Some(1) && errors.iter().all(|error| error.file.is_empty()) {
                errors.insert(
                    0,
                    Diagnostic::plain(format!(
                        "rustc crashed ({status}), possibly on deeply nested code. Undo the edit or split it up. rustc's output follows"
                    )),
                );
            }
            return Err(BuildError::Compile(errors));
        }
        let took = started.elapsed();
        // What rustc read is what was pinned only if it still is.
        self.pins.verify()?;
        if !self.pins.are_in(&cache.deps) {
            return Err(PinError::Stale(cache.deps).into());
        }
        let text = fs::read_to_string(&dep_info).map_err(io_error(&dep_info))?;
        let mir = fs::read_to_string(&mir).map_err(io_error(&mir))?;
        // Its own name for each: loaders cache libraries by path, and the next build
        // writes to the same place.
        let bytes = fs::read(&built).map_err(io_error(&built))?;
        if let Err(error) = fs::rename(&built, &library) {
            // The caches may be on another file system than the runs.
            tracing::debug!("{}: {error}; written again", built.display());
            if let Err(error) = fs::write(&library, &bytes) {
                // Of no use to anybody, and where room may be what is missing.
                let _removed = fs::remove_file(&library);
                return Err(io_error(&library)(error));
            }
        }
        Ok(Built {
            library,
            bytes,
            files: DepInfo::parse(&text, &self.recipe.cwd)
                .files
                .into_iter()
                .collect(),
            mir,
            took,
        })
    }

    fn command(&self, args: Vec<std::ffi::OsString>) -> Command {
        let mut command = Command::new(&self.recipe.rustc);
        command
            .args(args)
            .current_dir(&self.recipe.cwd)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // The game under `cargo run` has its own package's variables.
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|n| n.starts_with(CARGO_PREFIX)) {
                command.env_remove(name);
            }
        }
        command.env_remove("OUT_DIR");
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        // Names descriptors of a cargo that has ended.
        command
            .env_remove("CARGO_MAKEFLAGS")
            .env_remove("MAKEFLAGS");
        command.env("HOT_LOADER_REPLAY", "1");
        command
    }
}

/// Where rustc works: the same folders for every build of one identity of the module
/// and every run of the game, so that its incremental cache stays valid.
#[derive(Debug)]
struct Cache {
    /// Where rustc reads the pinned artifacts.
    deps: PathBuf,
    incremental: PathBuf,
    out: PathBuf,
    lock: PathBuf,
}

impl Cache {
    /// How many identities besides the executable's keep their caches.
    const KEPT: usize = 6;

    fn create(caches: &Path, metadata: Option<&str>) -> Result<Self, BuildError> {
        let dir = match metadata {
            None => caches.to_path_buf(),
            Some(metadata) => {
                let all = caches.join("identities");
                let dir = all.join(metadata);
                if !dir.exists() {
                    remove_oldest(&all, Self::KEPT - 1);
                }
                dir
            }
        };
        let cache = Self {
            deps: dir.join("deps"),
            incremental: dir.join("incremental"),
            out: dir.join("out"),
            lock: dir.join("lock"),
        };
        Ok(cache)
    }

    /// Makes the folders, and waits until no other run of the game builds in them. Unlocked
    /// by dropping it.
    fn lock(&self, running: &RunningBuild) -> Result<File, BuildError> {
        const LOOK_AGAIN: Duration = Duration::from_millis(20);
        loop {
            if let Some(end) = running.ends() {
                return Err(end);
            }
            for path in [&self.incremental, &self.out] {
                create_private(path).map_err(io_error(path))?;
            }
            let file = File::create(&self.lock).map_err(io_error(&self.lock))?;
            match file.try_lock() {
                // Another run may have removed all of it since the folders were made.
                Ok(()) if lock::is_at(&file, &self.lock) => return Ok(file),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => thread::sleep(LOOK_AGAIN),
                Err(TryLockError::Error(error)) => return Err(io_error(&self.lock)(error)),
            }
        }
    }
}

/// Removes the caches that were not built in for longest, and that no other run builds
/// in, until `left` are left.
fn remove_oldest(all: &Path, left: usize) {
    let Ok(entries) = fs::read_dir(all) else {
        return;
    };
    let mut dirs: Vec<(SystemTime, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            // Opened anew by every build.
            let used = fs::metadata(entry.path().join("lock"))
                .ok()?
                .modified()
                .ok()?;
            Some((used, entry.path()))
        })
        .collect();
    dirs.sort();
    let many = dirs.len().saturating_sub(left);
    for (_, dir) in dirs.into_iter().take(many) {
        if let Err(error) = remove_unused(&dir) {
            tracing::debug!("cannot remove {}: {error}", dir.display());
        }
    }
}

/// Removes a cache that no run builds in. It loses its name first, while it is locked: who
/// wants that one from here on makes another.
fn remove_unused(dir: &Path) -> io::Result<()> {
    let path = dir.join("lock");
    let lock = File::open(&path)?;
    if lock.try_lock().is_err() || !lock::is_at(&lock, &path) {
        return Ok(());
    }
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let unnamed = dir.with_file_name(format!("removed-{}-{name}", std::process::id()));
    fs::rename(dir, &unnamed)?;
    drop(lock);
    fs::remove_dir_all(&unnamed)
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> BuildError {
    let path = path.to_path_buf();
    |source| BuildError::Io { path, source }
}

/// The module's own environment: what cargo had set, and what `env!` is known to
/// have read (build scripts set variables of any name).
fn environment(recipe: &Recipe) -> Result<Vec<(String, Option<String>)>, RecipeError> {
    let mut env: Vec<_> = recipe
        .env
        .iter()
        .map(|(name, value)| (name.clone(), Some(value.clone())))
        .collect();
    if let Ok(text) = fs::read_to_string(recipe.dep_info()?) {
        env.extend(DepInfo::parse(&text, &recipe.cwd).env);
    }
    Ok(env)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::scratch_dir;

    #[test]
    fn a_cache_that_was_removed_while_it_was_waited_for_is_made_again() {
        let dir = scratch_dir("cache");
        let running = RunningBuild::default();
        let cache = Cache::create(dir.path(), Some("one")).unwrap();
        let first = cache.lock(&running).unwrap();
        let second = thread::scope(|scope| {
            let second = scope.spawn(|| cache.lock(&running).unwrap());
            // Until it waits.
            thread::sleep(Duration::from_millis(60));
            let one = dir.path().join("identities/one");
            fs::rename(&one, one.with_file_name("removed")).unwrap();
            fs::remove_dir_all(one.with_file_name("removed")).unwrap();
            drop(first);
            second.join().unwrap()
        });
        assert!(cache.out.is_dir() && cache.incremental.is_dir());
        // It is held against everybody else.
        let other = File::open(&cache.lock).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(second);
    }

    #[test]
    fn only_caches_that_nobody_builds_in_are_removed() {
        let dir = scratch_dir("caches");
        let running = RunningBuild::default();
        let cache = |name: &str| Cache::create(dir.path(), Some(name)).unwrap();
        let held = cache("held").lock(&running).unwrap();
        drop(cache("free").lock(&running).unwrap());
        let all = dir.path().join("identities");
        remove_oldest(&all, 0);
        let left: Vec<_> = fs::read_dir(&all)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert_eq!(left, ["held"]);
        drop(held);
    }
}
