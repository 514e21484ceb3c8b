//! Captures the recipe: how the crate being compiled is compiled.
//!
//! Inside the compiler process `std::env::args()` is rustc's own command line
//! (probed on rustc 1.95). Everything here is read-only and cannot fail: where
//! something is not as expected, no recipe is embedded, and the game says at
//! start-up that it cannot be hot-reloaded.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// Set by hot-loader in the environment of a replay.
const REPLAY: &str = "HOT_LOADER_REPLAY";

/// Who runs the macro.
pub enum Captured {
    /// A build of the module by cargo: the recipe as JSON.
    Recipe(String),
    /// hot-loader's own rebuild of the module.
    Replay,
    /// Anything else (clippy, rustdoc, a test build, an editor).
    Nothing,
}

/// The recipe, as `hot_loader::recipe::Recipe` reads it.
#[derive(Serialize)]
struct Recipe {
    v: u32,
    rustc: PathBuf,
    cwd: PathBuf,
    args: Vec<String>,
    env: BTreeMap<String, String>,
    /// SHA-256 in hex of each source as it was when this was compiled.
    sources: BTreeMap<PathBuf, String>,
    /// Now, in Unix milliseconds.
    compiled_ms: u64,
}

/// Captures the recipe of the running compiler process.
pub fn capture() -> Captured {
    if env::var_os(REPLAY).is_some() {
        return Captured::Replay;
    }
    match recipe().and_then(|recipe| serde_json::to_string(&recipe).ok()) {
        Some(json) => Captured::Recipe(json),
        None => Captured::Nothing,
    }
}

fn recipe() -> Option<Recipe> {
    let args = expand_response_files(env::args_os().skip(1).map(|a| a.into_string().ok()))?;
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let value = |flag: &str| {
        args.iter()
            .position(|a| a == flag)
            .and_then(|i| args.get(i + 1))
            .cloned()
            .or_else(|| {
                let joined = format!("{flag}=");
                args.iter()
                    .find_map(|a| a.strip_prefix(&joined).map(str::to_owned))
            })
    };
    // Only a real build of a library: checks emit no `link`, rustdoc and editors have other arguments.
    let builds_lib = value("--crate-type").is_some_and(|t| matches!(t.as_str(), "lib" | "rlib"))
        && value("--emit").is_some_and(|e| e.split(',').any(|kind| kind == "link"))
        && value("--crate-name").is_some()
        && !has("--test");
    if !builds_lib {
        return None;
    }
    let cwd = env::current_dir().ok()?;
    let root = args
        .iter()
        .find(|a| !a.starts_with('-') && a.ends_with(".rs"))?;
    let source_dir = cwd.join(root).parent()?.to_path_buf();
    let mut sources = BTreeMap::new();
    hash_sources(&source_dir, &mut sources);
    Some(Recipe {
        v: 1,
        rustc: env::current_exe().ok()?,
        env: env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .filter(|(k, _)| k.starts_with("CARGO_") || k == "OUT_DIR" || k == "CARGO")
            // The job server's descriptors, which end with this cargo.
            .filter(|(k, _)| k != "CARGO_MAKEFLAGS")
            .collect(),
        cwd,
        args,
        sources,
        compiled_ms: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()?
            .as_millis() as u64,
    })
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

fn hash_sources(dir: &Path, hashes: &mut BTreeMap<PathBuf, String>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            hash_sources(&path, hashes);
        } else if path.extension().is_some_and(|e| e == "rs")
            && let Ok(bytes) = fs::read(&path)
        {
            let hash = Sha256::digest(&bytes);
            hashes.insert(path, hash.iter().map(|b| format!("{b:02x}")).collect());
        }
    }
}
