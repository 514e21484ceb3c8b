//! The same game in a new process: built while this one plays on, by the command that
//! started it, and started when that is done. It must never end this process before the
//! other is known to have been built.

use hot_loader_compile::build::group::{Priority, ProcessGroup};
use std::{
    collections::HashSet,
    env,
    ffi::{OsStr, OsString},
    io,
    path::Path,
    process::{Command, Stdio},
};

/// How the game is started, if it is otherwise than by cargo's own words.
const RUN: &str = "HOT_LOADER_RUN";
const USUAL: &str = "cargo run --features hot";

/// A new process on its way. The build ends with it, or with the game.
pub struct Restart {
    words: Vec<String>,
    build: ProcessGroup,
}

impl Restart {
    /// Begins to build the game.
    ///
    /// # Errors
    /// If `HOT_LOADER_RUN` is no such command, or it cannot be started.
    pub fn begin() -> Result<Self, String> {
        let run = env::var(RUN).unwrap_or_else(|_| USUAL.into());
        let words = words(&run).ok_or_else(|| {
            format!(
                "{RUN} is `{run}`, but must be a `cargo run` command with its options and without the game's own arguments. Correct it, then start the game by hand"
            )
        })?;
        let build = build_words(&words);
        let build = ProcessGroup::spawn(command(&build).stdin(Stdio::null()), Priority::Normal)
            .map_err(|error| unstarted(&build, &error))?;
        Ok(Self { words, build })
    }

    /// Whether the build has succeeded.
    ///
    /// # Errors
    /// If it has failed.
    pub fn is_built(&mut self) -> Result<bool, String> {
        let words = build_words(&self.words);
        let status = self.build.try_wait();
        match status.map_err(|error| unstarted(&words, &error))? {
            None => Ok(false),
            Some(status) if status.success() => Ok(true),
            Some(status) => Err(format!(
                "`{}` failed ({status}). Fix the errors in the terminal, then restart again",
                words.join(" ")
            )),
        }
    }

    /// Goes on in the new process, with the world that is written in a file. Returns only
    /// if that fails: why.
    pub fn go_on(self, world: &Path) -> String {
        let mut run = command(&self.words);
        run.arg("--")
            .args(env::args_os().skip(1))
            .env("HOT_LOADER_RESTORE", world);
        unstarted(&self.words, &replace(run))
    }
}

fn unstarted(words: &[String], error: &io::Error) -> String {
    format!(
        "cannot start `{}`: {error}. Check that command, or set another one in {RUN}",
        words.join(" ")
    )
}

/// This process becomes the other, with its terminal and its number.
#[cfg(unix)]
fn replace(mut run: Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(&mut run)
}

/// The other process begins, and this one waits for its end, to end alike.
#[cfg(not(unix))]
fn replace(mut run: Command) -> io::Error {
    match run.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

/// Cargo and rustup set their variables themselves, for whichever package and toolchain.
fn command(words: &[String]) -> Command {
    let mut command = Command::new(words.first().map_or("cargo", String::as_str));
    command.args(words.iter().skip(1));
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    // Cargo puts the same folders before what is there, in each run.
    if let Some(paths) = env::var_os(SEARCHED).and_then(|paths| each_once(&paths)) {
        command.env(SEARCHED, paths);
    }
    // Rustup counts how deep it calls itself, and this is not deeper.
    command.env_remove("RUST_RECURSION_COUNT");
    // A toolchain file may be what changed.
    let files = ["rust-toolchain.toml", "rust-toolchain"];
    let has_file = |dir: &Path| files.iter().any(|file| dir.join(file).exists());
    if env::current_dir().is_ok_and(|dir| dir.ancestors().any(has_file)) {
        command.env_remove("RUSTUP_TOOLCHAIN");
    }
    command
}

/// Where the system's loader looks for libraries, as cargo sets it.
const SEARCHED: &str = if cfg!(windows) {
    "PATH"
} else if cfg!(target_vendor = "apple") {
    "DYLD_FALLBACK_LIBRARY_PATH"
} else {
    "LD_LIBRARY_PATH"
};

/// The same folders in the same order. `None` where they cannot be said so.
fn each_once(paths: &OsStr) -> Option<OsString> {
    let mut seen = HashSet::new();
    let folders = env::split_paths(paths);
    env::join_paths(folders.filter(|folder| seen.insert(folder.clone()))).ok()
}

/// The words of a `cargo run`; none if it is something else.
fn words(run: &str) -> Option<Vec<String>> {
    let words: Vec<String> = run.split_whitespace().map(str::to_owned).collect();
    (words.iter().any(|word| word == "run") && !words.iter().any(|word| word == "--"))
        .then_some(words)
}

/// The same that only builds.
fn build_words(words: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    if let Some(run) = words.iter_mut().find(|word| *word == "run") {
        *run = "build".into();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_once_each_in_their_order() {
        let folders = |names: &[&str]| env::join_paths(names).unwrap();
        assert_eq!(
            each_once(&folders(&["deps", "rust", "deps", "mine", "rust"])),
            Some(folders(&["deps", "rust", "mine"]))
        );
    }

    #[test]
    fn a_run_is_built_by_the_same_words() {
        let run = words("cargo run --release -p game --features game/hot").unwrap();
        assert_eq!(
            build_words(&run).join(" "),
            "cargo build --release -p game --features game/hot"
        );
        assert_eq!(words("make play"), None);
        assert_eq!(words("cargo run -- --fast"), None, "the game has its own");
    }
}
