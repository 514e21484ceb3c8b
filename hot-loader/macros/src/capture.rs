//! Captures the recipe: how the crate being compiled is compiled.
//!
//! Inside the compiler process `std::env::args()` is rustc's own command line
//! (probed on rustc 1.95). Everything here is read-only and cannot fail: where
//! something is not as expected, no recipe is embedded, and the game says at
//! start-up that it cannot be hot-reloaded.

use crate::walk::sources_in;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Set by hot-loader in the environment of a replay.
const REPLAY: &str = "HOT_LOADER_REPLAY";

/// In bytes. The text of a larger source is not embedded; it counts as unchanged until
/// it is saved.
const LARGEST: u64 = 1 << 22;

/// The recipe, as `hot_loader_compile::recipe::Recipe` reads it.
#[derive(Serialize)]
struct Recipe {
    v: u32,
    rustc: PathBuf,
    cwd: PathBuf,
    args: Vec<String>,
    env: BTreeMap<String, String>,
    /// The text of each source as it was when this was compiled, where that is certain.
    sources: BTreeMap<PathBuf, String>,
    /// When the compiler was started, in Unix milliseconds: later saves are not certain
    /// to be in it.
    started_ms: u64,
}

/// Whether this is hot-loader's own rebuild of the module.
pub fn is_replay() -> bool {
    env::var_os(REPLAY).is_some()
}

/// The recipe of the running compiler process as JSON, if that is a build of the module by
/// cargo, and not anything else (clippy, rustdoc, a test build, an editor). Whether it can be
/// replayed is the game's to judge, which can say so.
pub fn json() -> Option<String> {
    serde_json::to_string(&recipe()?).ok()
}

fn recipe() -> Option<Recipe> {
    let args = expand_response_files(env::args_os().skip(1).map(|a| a.into_string().ok()))?;
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let value = |flag: &str| {
        let behind = args.iter().skip_while(|a| *a != flag).nth(1);
        let joined = || {
            args.iter()
                .find_map(|a| a.strip_prefix(flag)?.strip_prefix('='))
        };
        behind.map(String::as_str).or_else(joined)
    };
    // Only a real build: checks emit no `link`, rustdoc and editors have other arguments.
    let builds = value("--crate-type").is_some()
        && value("--emit").is_some_and(|e| e.split(',').any(|kind| kind == "link"))
        && value("--crate-name").is_some()
        && !has("--test");
    if !builds {
        return None;
    }
    let cwd = env::current_dir().ok()?;
    let mut sources = args.iter().filter(|a| a.ends_with(".rs"));
    let root = sources.find(|a| !a.starts_with('-'))?;
    let source_dir = cwd.join(root).parent()?.to_path_buf();
    let started = started().unwrap_or_else(SystemTime::now);
    Some(Recipe {
        v: 2,
        rustc: env::current_exe().ok()?,
        env: env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .filter(|(k, _)| k.starts_with("CARGO_") || k == "OUT_DIR" || k == "CARGO")
            // The job server's descriptors, which end with this cargo.
            .filter(|(k, _)| k != "CARGO_MAKEFLAGS")
            .collect(),
        sources: texts(&source_dir, started),
        cwd,
        args,
        started_ms: started.duration_since(UNIX_EPOCH).ok()?.as_millis() as u64,
    })
}

/// The library, or its metadata, that the running compiler reads for the extern crate `name`.
pub fn library_of(name: &str) -> Option<String> {
    let args = expand_response_files(env::args_os().skip(1).map(|a| a.into_string().ok()))?;
    let path = args.iter().find_map(|arg| {
        let (named, path) = arg.trim_start_matches("--extern=").split_once('=')?;
        (named == name).then_some(path)
    })?;
    let path = env::current_dir().ok()?.join(path);
    Some(path.to_str()?.to_owned())
}

/// How many rows of carriers a replay is to define: its identity says so.
pub fn rows_of_carriers() -> u32 {
    let mut identities = env::args_os().filter_map(|arg| {
        let identity = arg.to_str()?.strip_prefix("-Cmetadata=hot-loader-")?;
        identity.split_once('+')?.1.parse().ok()
    });
    identities.next().unwrap_or(0)
}

/// The texts of the sources below `dir`, of a compiler that was `started` then.
fn texts(dir: &Path, started: SystemTime) -> BTreeMap<PathBuf, String> {
    let mut texts = BTreeMap::new();
    sources_in(dir, &mut Vec::new(), &mut |path| {
        // The compiler has read them by now. What was saved since it was started it may
        // have read before that save.
        let certain = fs::metadata(&path).is_ok_and(|metadata| {
            let saved = metadata.modified();
            metadata.len() <= LARGEST
                && saved.is_ok_and(|saved| saved < started || saved > SystemTime::now())
        });
        if certain && let Ok(text) = fs::read_to_string(&path) {
            texts.insert(path, text);
        }
    });
    texts
}

/// `@file` arguments hold one argument a line; the file is gone once rustc has
/// ended, so it is read now (rustc_driver's `args.rs` reads them the same way).
fn expand_response_files(args: impl Iterator<Item = Option<String>>) -> Option<Vec<String>> {
    let mut expanded = Vec::new();
    for arg in args {
        let arg = arg?;
        match arg.strip_prefix('@') {
            Some(path) => {
                expanded.extend(fs::read_to_string(path).ok()?.lines().map(str::to_owned))
            }
            None => expanded.push(arg),
        }
    }
    Some(expanded)
}

/// When this process was started at the earliest, where the system says so.
fn started() -> Option<SystemTime> {
    /// Both times below are rounded down to hundredths of a second.
    const ROUNDED: f64 = 0.01;
    // Before the others are read: if that takes a while, the answer is too early, not too late.
    let now = SystemTime::now();
    // Field 22, in hundredths of a second since the system was; the second is the
    // program's name in brackets, which may hold anything.
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let ticks: u64 = stat.rsplit_once(')')?.1.split(' ').nth(20)?.parse().ok()?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split(' ').next()?.parse().ok()?;
    let age = Duration::try_from_secs_f64(uptime - ticks as f64 / 100.0 + ROUNDED).ok()?;
    now.checked_sub(age)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::{os::unix::fs::symlink, process};

    #[test]
    fn a_walk_comes_to_an_end_and_finds_files_alone() {
        let dir = env::temp_dir().join(format!("hot-loader-capture-{}", process::id()));
        let write = |file: &str| {
            let path = dir.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        for file in [
            "lib.rs",
            "parts/mod.rs",
            "parts/notes.txt",
            ".lib.rs",
            ".git/hook.rs",
            "target/CACHEDIR.TAG",
            "target/made.rs",
            "other/Cargo.toml",
            "other/lib.rs",
        ] {
            write(file);
        }
        symlink(&dir, dir.join("parts/again")).unwrap();
        symlink("/", dir.join("up")).unwrap();
        symlink("nowhere.rs", dir.join("dangling.rs")).unwrap();
        fs::create_dir(dir.join("folder.rs")).unwrap();
        // Whoever opens a pipe waits for its other end.
        let pipe = dir.join("pipe.rs");
        assert!(
            process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let large = fs::File::create(dir.join("large.rs")).unwrap();
        large.set_len(LARGEST + 1).unwrap();

        let later = SystemTime::now() + Duration::from_secs(60);
        let found: Vec<_> = texts(&dir, later).into_keys().collect();
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!(found, ["lib.rs", "parts/mod.rs"].map(|file| dir.join(file)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_start_of_the_process_is_known() {
        // The file of `/proc` is made when it is first asked for, and so no answer.
        let before = SystemTime::now();
        let child = process::Command::new("cat")
            .arg("/proc/self/stat")
            .output()
            .unwrap();
        assert!(child.status.success());
        let started = started().unwrap();
        assert!(started <= before);
        assert!(before.duration_since(started).unwrap() < Duration::from_secs(600));
    }
}
