//! What decides how the module is built, besides its sources: manifests, the lock
//! file, a build script and what it reads, the toolchain file, cargo's configuration. If
//! one of them changes, the recipe is stale and only cargo can build the module again.
//!
//! Reads files; decides nothing but which differ.

use crate::{build::dep_info::DepInfo, paths::normal, recipe::Recipe};
use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// The inputs as they were when the game started; `None` for one that did not exist.
#[derive(Debug, PartialEq, Eq)]
pub struct BuildInputs {
    contents: BTreeMap<PathBuf, Option<Vec<u8>>>,
    workspace: PathBuf,
}

impl BuildInputs {
    /// Reads the inputs of the module's package and of its workspace.
    pub fn read(recipe: &Recipe) -> Self {
        let package = recipe.package();
        // The lock file is in the workspace's root.
        let workspace = package
            .ancestors()
            .find(|dir| dir.join("Cargo.lock").is_file())
            .unwrap_or(&package);
        let mut paths: Vec<PathBuf> = ["Cargo.toml", "build.rs"]
            .map(|file| package.join(file))
            .into();
        paths.extend(["Cargo.toml", "Cargo.lock"].map(|file| workspace.join(file)));
        // Both hold for everything below the folder that they are in.
        for dir in package.ancestors() {
            let files = [
                "rust-toolchain.toml",
                "rust-toolchain",
                ".cargo/config.toml",
                ".cargo/config",
            ];
            paths.extend(files.map(|file| dir.join(file)));
        }
        if let Some(home) = cargo_home() {
            paths.extend(["config.toml", "config"].map(|file| home.join(file)));
        }
        paths.extend(of_build_script(recipe, &package));
        let contents = paths.into_iter().map(|path| {
            let content = content(&path);
            (path, content)
        });
        Self {
            contents: contents.collect(),
            workspace: workspace.to_path_buf(),
        }
    }

    /// The inputs' paths that are to be watched, existing or not. What is in the folders
    /// around the workspace is looked at when something else changes: those are busy.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.contents.keys().filter(|path| {
            let dir = path.parent().unwrap_or(path);
            !self.workspace.starts_with(dir) || dir == self.workspace
        })
    }

    /// The first input that is not as it was.
    pub fn changed(&self) -> Option<&Path> {
        self.contents
            .iter()
            .find(|(path, before)| content(path) != **before)
            .map(|(path, _)| path.as_path())
    }
}

/// What a file holds; of a folder, what its files are and when they were saved.
fn content(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::metadata(path).ok()?;
    if metadata.is_file() {
        return fs::read(path).ok();
    }
    let mut listed = Vec::new();
    let mut open = vec![path.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            // Of a link itself: what it leads to may lead back.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            match metadata.is_dir() {
                true => open.push(entry.path()),
                false => listed.push((entry.path(), metadata.len(), metadata.modified().ok())),
            }
        }
    }
    listed.sort();
    Some(format!("{listed:?}").into_bytes())
}

/// Where cargo keeps what is the user's own.
fn cargo_home() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").filter(|home| !home.is_empty());
    home.map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// The sources of the package's build script, whatever its name, and what it told cargo that
/// it reads.
fn of_build_script(recipe: &Recipe, package: &Path) -> Vec<PathBuf> {
    // `build/NAME-HASH/out` of its run, beside which cargo keeps what it printed.
    let Some(run) = recipe
        .env
        .get("OUT_DIR")
        .and_then(|out| Path::new(out).parent())
    else {
        return Vec::new();
    };
    let printed = fs::read_to_string(run.join("output")).unwrap_or_default();
    let printed = printed.lines().filter_map(|line| {
        let line = line
            .strip_prefix("cargo::")
            .or_else(|| line.strip_prefix("cargo:"))?;
        let path = line.strip_prefix("rerun-if-changed=")?;
        Some(normal(&package.join(path.trim_end())))
    });
    let root = recipe.root().unwrap_or_default();
    let sources = root.parent().unwrap_or(package);
    // An edit of the module's own sources is an edit.
    let is_source = |path: &PathBuf| {
        let rust = path.extension() == Some(OsStr::new("rs"));
        sources.starts_with(path) || path.starts_with(sources) && (rust || path.is_dir())
    };
    let mut read: Vec<_> = printed.filter(|path| !is_source(path)).collect();
    let name = recipe
        .env
        .get("CARGO_PKG_NAME")
        .map(String::as_str)
        .unwrap_or_default();
    for dir in siblings(run, name) {
        for file in fs::read_dir(dir).into_iter().flatten().flatten() {
            if file.path().extension() == Some(OsStr::new("d"))
                && let Ok(text) = fs::read_to_string(file.path())
            {
                read.extend(DepInfo::parse(&text, &recipe.cwd).files);
            }
        }
    }
    read
}

/// The folders beside `run` that cargo made for builds of the package `name`.
fn siblings(run: &Path, name: &str) -> Vec<PathBuf> {
    let all = run.parent().and_then(|all| fs::read_dir(all).ok());
    let prefix = format!("{name}-");
    all.into_iter()
        .flatten()
        .flatten()
        .filter(|dir| {
            let dir = dir.file_name();
            let hash = dir.to_str().and_then(|dir| dir.strip_prefix(&prefix));
            hash.is_some_and(|hash| hash.len() == 16 && !hash.contains('-'))
        })
        .map(|dir| dir.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::scratch_dir;

    /// The recipe of the package `rules` in a workspace at `dir`, which has a build script.
    fn recipe(dir: &Path) -> Recipe {
        let [package, out] = ["ws/rules", "ws/target/build/rules-0123456789abcdef/out"];
        let json = serde_json::json!({
            "v": 2,
            "rustc": "rustc",
            "cwd": dir.join("ws"),
            "args": ["--crate-name", "rules", "rules/src/lib.rs", "--out-dir", dir.join("ws/target")],
            "env": {
                "CARGO_MANIFEST_DIR": dir.join(package),
                "CARGO_PKG_NAME": "rules",
                "OUT_DIR": dir.join(out),
            },
            "sources": {},
            "started_ms": 0,
        });
        Recipe::parse(&json.to_string(), true).unwrap()
    }

    #[test]
    fn what_a_build_depends_on_is_seen_wherever_it_is() {
        let dir = scratch_dir("inputs");
        let write = |file: &str, text: &str| {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("ws/Cargo.lock", "");
        write("ws/rules/script/main.rs", "mod more;");
        write("ws/rules/script/more.rs", "");
        write("ws/rules/src/lib.rs", "");
        write("ws/rules/levels/one.txt", "1");
        write(
            "ws/target/build/rules-0123456789abcdef/output",
            "cargo::rerun-if-changed=levels\ncargo:rerun-if-changed=names.txt\ncargo::rerun-if-changed=src\ncargo::rerun-if-changed=.\n",
        );
        write(
            "ws/target/build/rules-fedcba9876543210/build_script_main-fedcba9876543210.d",
            "out: rules/script/main.rs rules/script/more.rs\n",
        );
        let recipe = recipe(dir.path());
        let inputs = BuildInputs::read(&recipe);
        assert_eq!(inputs.changed(), None);
        for file in [
            ".cargo/config.toml",
            "ws/.cargo/config",
            "ws/rules/.cargo/config.toml",
            "rust-toolchain.toml",
            "ws/Cargo.toml",
            "ws/rules/build.rs",
            "ws/rules/names.txt",
            "ws/rules/script/more.rs",
        ] {
            let path = dir.path().join(file);
            let before = fs::read(&path).ok();
            write(file, "changed");
            assert_eq!(inputs.changed(), Some(&*path));
            match before {
                Some(before) => fs::write(&path, before).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            assert_eq!(inputs.changed(), None, "{file} undone");
        }
        write("ws/rules/levels/two.txt", "2");
        assert_eq!(inputs.changed(), Some(&*dir.path().join("ws/rules/levels")));
        fs::remove_file(dir.path().join("ws/rules/levels/two.txt")).unwrap();
        // An edit of the module's sources is an edit.
        write("ws/rules/src/lib.rs", "fn more() {}");
        assert_eq!(inputs.changed(), None);
        // Folders around the workspace are busy.
        assert!(inputs.paths().all(|path| path.parent() != Some(dir.path())));
    }
}
