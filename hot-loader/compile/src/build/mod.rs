//! The build stage: replays the module's recipe as a library of its own.
//!
//! Relies on the recipe; runs rustc, never cargo. It must never touch cargo's
//! own artifacts, and what it builds is named so that no two builds of a process
//! share a file (loaders cache libraries by path).

mod cache;
pub mod dep_info;
pub mod diagnostics;
pub mod group;
pub mod outputs;
pub mod pin;
mod running;
mod stub;

use crate::{
    paths::PathError,
    recipe::{Recipe, ReplayPaths},
    session::{self, SessionError},
    stamp::Stamp,
    walk::entries,
};
use cache::Cache;
use dep_info::DepInfo;
use diagnostics::Diagnostic;
use group::Priority;
use outputs::Outputs;
use pin::{PinError, Pins};
pub use running::RunningBuild;
use std::{
    collections::BTreeMap,
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant, SystemTime},
};
pub use stub::needed_by;

/// Replays a recipe.
#[derive(Debug)]
pub struct Builder {
    recipe: Recipe,
    pins: Pins,
    /// What `env!` is known to have read: build scripts set variables of any name.
    env: BTreeMap<String, Option<String>>,
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
    /// The library, open since it was read: the same file, whatever takes its path.
    pub file: fs::File,
    /// Of the library, as rustc wrote it.
    pub stamp: Stamp,
    /// Its content as rustc wrote it.
    pub bytes: Vec<u8>,
    /// What was compiled into it.
    pub files: Vec<PathBuf>,
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
    /// The library is somebody else's.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// rustc could not be started.
    #[error("cannot start {0}. Check that its toolchain is installed, then save again")]
    Rustc(#[source] PathError),
    /// The folder that cargo built the module in is gone.
    #[error(
        "the folder {0}, which the gameplay is built in, was moved or removed. Move it back, or start the game from its new place"
    )]
    Moved(PathBuf),
    /// A result of the build could not be read or a folder not be made.
    #[error("cannot read or write {0}. Fix that, then save again")]
    Io(#[from] PathError),
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

impl Builder {
    /// Pins the recipe's artifacts and makes the folders of the builds below
    /// `dir`, which belongs to this process alone. `shared` is kept between runs
    /// of the game, for the incremental cache. `linked` is when the running
    /// executable was linked; `running` stops the builds from elsewhere. `face` is the library
    /// that a replay reads instead of hot-loader's, if there is one.
    ///
    /// # Errors
    /// If a dependency is not the executable's, or the disk refuses.
    pub fn new(
        recipe: Recipe,
        dir: &Path,
        shared: &Path,
        linked: SystemTime,
        running: RunningBuild,
        face: Option<&Path>,
    ) -> Result<Self, BuildError> {
        let dep_info = fs::read_to_string(recipe.dep_info()).unwrap_or_default();
        Ok(Self {
            caches: shared.join(recipe.unit_name()),
            pins: Pins::new(&recipe, dir, linked, &stub::needed(), face)?,
            env: DepInfo::parse(&dep_info, &recipe.cwd).env,
            dir: dir.to_path_buf(),
            serial: 0,
            running,
            recipe,
        })
    }

    /// Where a build as a crate of this identity writes to.
    pub fn outputs(&self, metadata: Option<&str>) -> Outputs {
        let cache = Cache::of(&self.caches, metadata);
        Outputs::new(&cache.out, &self.recipe.crate_name)
    }

    /// Compiles the sources as they are on the disk now, as a crate of this identity. When
    /// all is written, `read` reads what it wants of it: the next build, perhaps of another
    /// run of the game, writes to the same place.
    ///
    /// # Errors
    /// If they do not compile, or anything around rustc fails.
    pub fn build<T>(
        &mut self,
        metadata: Option<&str>,
        read: impl FnOnce(&Outputs, &Built) -> T,
    ) -> Result<(Built, T), BuildError> {
        self.serial += 1;
        let (outputs, took, _locked) = self.run(metadata, Priority::Normal)?;
        let dep_info = &outputs.dep_info;
        let text = fs::read_to_string(dep_info).map_err(PathError::at(dep_info))?;
        let files = DepInfo::parse(&text, &self.recipe.cwd).files;
        let library = self.take(&outputs.library)?;
        let (file, stamp, bytes) = read_own(&library)?;
        let built = Built {
            library,
            file,
            stamp,
            bytes,
            files: files.into_iter().collect(),
            took,
        };
        let read = read(&outputs, &built);
        Ok((built, read))
    }

    /// Compiles as [`build`](Self::build) does, when nobody else needs the machine, and keeps
    /// nothing but rustc's cache: how long that took.
    ///
    /// # Errors
    /// As there.
    pub fn warm(&mut self, metadata: Option<&str>) -> Result<Duration, BuildError> {
        let (outputs, took, _locked) = self.run(metadata, Priority::Lowest)?;
        outputs.clear()?;
        Ok(took)
    }

    /// Whether rustc has a cache for an identity, perhaps of an earlier run.
    pub fn is_warm(&self, metadata: Option<&str>) -> bool {
        let cache = Cache::of(&self.caches, metadata);
        entries(&cache.incremental).next().is_some()
    }

    /// Runs rustc: where to, how long, and what keeps others from that place.
    fn run(
        &mut self,
        metadata: Option<&str>,
        priority: Priority,
    ) -> Result<(Outputs, Duration, fs::File), BuildError> {
        if !self.recipe.cwd.is_dir() {
            return Err(BuildError::Moved(self.recipe.cwd.clone()));
        }
        let cache = Cache::of(&self.caches, metadata);
        let locked = cache.lock(&self.running, priority)?;
        let outputs = self.outputs(metadata);
        let started = Instant::now();
        let took = loop {
            let before = started.elapsed();
            match self.replay(metadata, priority, &cache, &outputs) {
                Err(BuildError::Compile(errors)) if self.pins.use_all(&errors) => {
                    let message = first_message(&errors);
                    tracing::debug!("uses more of the libraries from here on: {message}");
                }
                other => break before + other?,
            }
        };
        Ok((outputs, took, locked))
    }

    /// Runs rustc in a place that is locked: how long it took.
    fn replay(
        &self,
        metadata: Option<&str>,
        priority: Priority,
        cache: &Cache,
        outputs: &Outputs,
    ) -> Result<Duration, BuildError> {
        if !self.pins.are_in(&cache.deps) {
            self.pins.verify()?;
            let placed = self.pins.place(&cache.deps);
            placed.map_err(PathError::at(&cache.deps))?;
        }
        // Nothing but this build's: what a killed one left may still be written to.
        outputs.clear()?;
        let started = Instant::now();
        let args = self.recipe.replay_args(&ReplayPaths {
            out_dir: &cache.out,
            incremental: &cache.incremental,
            artifact: &|path| self.pins.placed(path, &cache.deps),
            metadata,
        });
        let (output, status) = self.running.run(self.command(args), priority)?;
        if !status.success() {
            let errors = diagnostics::of_failure(&output, status, &cache.out);
            return Err(BuildError::Compile(errors));
        }
        let took = started.elapsed();
        // What rustc read is what was pinned only if it still is.
        self.pins.verify()?;
        if !self.pins.are_in(&cache.deps) {
            return Err(PinError::Stale(cache.deps.clone()).into());
        }
        Ok(took)
    }

    /// Takes the library over, with its own name: loaders know libraries by their paths.
    fn take(&self, from: &Path) -> Result<PathBuf, BuildError> {
        let name = format!("{}-{}", self.recipe.crate_name, self.serial);
        let library = self.dir.join(library_name(&name));
        let Err(error) = fs::rename(from, &library) else {
            return Ok(library);
        };
        // The caches may be on another file system than the runs.
        tracing::debug!("{}: {error}; written again", from.display());
        // The copy is this user's, so what it is made of must be.
        let (_, _, bytes) = read_own(from)?;
        if let Err(error) = fs::write(&library, bytes) {
            // Of no use to anybody, and where room may be what is missing.
            let _removed = fs::remove_file(&library);
            return Err(PathError::at(&library)(error).into());
        }
        Ok(library)
    }

    fn command(&self, args: Vec<std::ffi::OsString>) -> Command {
        let mut command = Command::new(&self.recipe.rustc);
        command
            .args(args)
            .current_dir(&self.recipe.cwd)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // The game under `cargo run` has its own package's variables; a replay must not have them.
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|n| n.starts_with("CARGO_")) {
                command.env_remove(name);
            }
        }
        command.env_remove("OUT_DIR").envs(&self.recipe.env);
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

/// The file of a library of this name.
fn library_name(name: &str) -> String {
    let (prefix, suffix) = (env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    format!("{prefix}{name}{suffix}")
}

/// Opens and reads a file that must be this user's.
fn read_own(path: &Path) -> Result<(fs::File, Stamp, Vec<u8>), BuildError> {
    let mut file = fs::File::open(path).map_err(PathError::at(path))?;
    let metadata = file.metadata().map_err(PathError::at(path))?;
    session::must_be_own(path, &metadata)?;
    // The stamp first: what is written later has another.
    let stamp = Stamp::read(&metadata).map_err(PathError::at(path))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(PathError::at(path))?;
    Ok((file, stamp, bytes))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::scratch_dir;
    use std::os::unix::fs::{MetadataExt, chown};

    #[test]
    fn a_library_of_another_user_is_not_taken() {
        let dir = scratch_dir("own");
        let own = dir.path().join("library");
        fs::write(&own, "as rustc wrote it").unwrap();
        let (_, _, bytes) = read_own(&own).unwrap();
        assert_eq!(bytes, b"as rustc wrote it");
        // Only root may give a file away; to others root's own is foreign.
        let given = dir.path().join("given");
        fs::write(&given, "by somebody else").unwrap();
        let other = match chown(&given, Some(12345), None) {
            Ok(()) => given,
            Err(_) => PathBuf::from("/etc/passwd"),
        };
        let [user, me] = [&other, &own].map(|file| fs::metadata(file).unwrap().uid());
        if user == me {
            // A container in which every file is this user's.
            return;
        }
        let error = read_own(&other).unwrap_err().to_string();
        assert!(error.contains(&format!("user {user}")), "{error}");
    }
}
