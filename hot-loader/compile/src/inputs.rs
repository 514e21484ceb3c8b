//! What decides how the module is built, besides its sources: manifests, the lock
//! file, a build script and what it reads, the toolchain file, cargo's configuration. If
//! one of them changes, the recipe is stale and only cargo can build the module again.
//!
//! Reads files; decides nothing but which differ.

use crate::{build::dep_info::DepInfo, paths::normal, recipe::Recipe, walk::entries};
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
    ///
    /// # Errors
    /// If cargo keeps what the build script printed in no place that is known.
    pub fn read(recipe: &Recipe) -> Result<Self, String> {
        let package = recipe.package();
        // The lock file is in the workspace's root.
        let mut around = package.ancestors();
        let workspace = around.find(|dir| dir.join("Cargo.lock").is_file());
        let workspace = workspace.unwrap_or(&package);
        let mut paths = of_build_script(recipe, &package)?;
        let mut add = |dir: &Path, files: [&str; 2]| paths.extend(files.map(|it| dir.join(it)));
        add(&package, ["Cargo.toml", "build.rs"]);
        add(workspace, ["Cargo.toml", "Cargo.lock"]);
        // Both hold for everything below the folder that they are in.
        for dir in package.ancestors() {
            add(dir, ["rust-toolchain.toml", "rust-toolchain"]);
            add(dir, [".cargo/config.toml", ".cargo/config"]);
        }
        if let Some(home) = cargo_home() {
            add(&home, ["config.toml", "config"]);
        }
        let contents = paths.into_iter().map(|path| {
            let content = content(&path);
            (path, content)
        });
        Ok(Self {
            contents: contents.collect(),
            workspace: workspace.to_path_buf(),
        })
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
        let mut contents = self.contents.iter();
        let (path, _) = contents.find(|(path, before)| content(path) != **before)?;
        Some(path)
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
        for path in entries(&dir) {
            // Of a link itself: what it leads to may lead back.
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            match metadata.is_dir() {
                true => open.push(path),
                false => listed.push((path, metadata.len(), metadata.modified().ok())),
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
fn of_build_script(recipe: &Recipe, package: &Path) -> Result<Vec<PathBuf>, String> {
    // The folder of its run, in which cargo keeps what it printed.
    let out = recipe.env.get("OUT_DIR");
    let Some(run) = out.and_then(|out| Path::new(out).parent()) else {
        return Ok(Vec::new());
    };
    // By the layout of cargo's build directory that all releases had until 1.97, and the new one.
    let files = ["output", "run/stdout"].map(|file| run.join(file));
    let printed = files.iter().find_map(|file| fs::read(file).ok());
    let printed = printed.ok_or_else(|| {
        format!(
            "cannot tell which files the gameplay's build script reads: cargo saved its output neither in {} nor in {}. Rebuild the game; if that does not help, this cargo is newer than hot-loader: update hot-loader",
            files[0].display(),
            files[1].display(),
        )
    })?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let printed = printed.lines().filter_map(|line| {
        let line = line.strip_prefix("cargo:")?;
        let line = line.strip_prefix(':').unwrap_or(line);
        let path = line.strip_prefix("rerun-if-changed=")?;
        Some(normal(&package.join(path.trim_end())))
    });
    let sources = recipe.root.parent().unwrap_or(package);
    // An edit of the module's own sources is an edit.
    let is_source = |path: &PathBuf| {
        let rust = path.extension() == Some(OsStr::new("rs"));
        sources.starts_with(path) || path.starts_with(sources) && (rust || path.is_dir())
    };
    let mut read: Vec<_> = printed.filter(|path| !is_source(path)).collect();
    let name = recipe.env.get("CARGO_PKG_NAME");
    for dep_info in of_build_scripts(run, name.map_or("", String::as_str)) {
        read.extend(DepInfo::parse(&dep_info, &recipe.cwd).files);
    }
    Ok(read)
}

/// The dep-info files that rustc wrote for build scripts of the package `name`. Cargo has each
/// run and each build of one in a folder `NAME-HASH`, or in its new layout `NAME/HASH`.
fn of_build_scripts(run: &Path, name: &str) -> impl Iterator<Item = String> {
    let all = run.parent().unwrap_or(run);
    let is_packages = all.file_name().and_then(OsStr::to_str) == Some(name);
    let prefix = format!("{name}-");
    let dirs = entries(all).filter(move |dir| {
        let dir = dir.file_name().and_then(OsStr::to_str);
        let hash = dir.and_then(|dir| dir.strip_prefix(&prefix));
        is_packages || hash.is_some_and(|hash| !hash.contains('-'))
    });
    let dirs = dirs.flat_map(|dir| [dir.join("out"), dir]);
    let all = dirs.flat_map(|dir| entries(&dir));
    let is_scripts = |file: &PathBuf| {
        // Cargo's name for the crate of each build script.
        let name = file.file_stem().and_then(OsStr::to_str);
        file.extension() == Some(OsStr::new("d"))
            && name.is_some_and(|name| name.starts_with("build_script_"))
    };
    all.filter(is_scripts)
        .filter_map(|file| fs::read_to_string(file).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::scratch_dir;

    /// The recipe of the package `rules` in a workspace at `dir`, which has a build script.
    fn recipe(dir: &Path, out: &str) -> Recipe {
        let package = "ws/rules";
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
        // Of another package: its script is no input.
        write(
            "ws/target/build/more-fedcba9876543210/build_script_build-fedcba9876543210.d",
            "out: more/build.rs\n",
        );
        write("ws/more/build.rs", "");
        let recipe = recipe(dir.path(), "ws/target/build/rules-0123456789abcdef/out");
        let inputs = BuildInputs::read(&recipe).unwrap();
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
        // An edit of the module's sources is an edit, and others' scripts are theirs.
        write("ws/rules/src/lib.rs", "fn more() {}");
        write("ws/more/build.rs", "fn main() {}");
        assert_eq!(inputs.changed(), None);
        // Folders around the workspace are busy.
        assert!(inputs.paths().all(|path| path.parent() != Some(dir.path())));
    }

    #[test]
    fn a_build_script_is_found_in_cargos_new_layout_and_missed_aloud_in_no_layout() {
        let dir = scratch_dir("inputs-layout");
        let write = |file: &str, text: &str| {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("ws/Cargo.lock", "");
        write("ws/rules/names.txt", "");
        write("ws/rules/script/main.rs", "");
        write("ws/rules/src/lib.rs", "");
        let recipe = recipe(dir.path(), "ws/target/build/rules/01/out");
        let error = BuildInputs::read(&recipe).unwrap_err();
        assert!(error.contains("run/stdout"), "{error}");
        write(
            "ws/target/build/rules/01/run/stdout",
            "cargo::rerun-if-changed=names.txt\n",
        );
        write(
            "ws/target/build/rules/02/out/build_script_main.d",
            "out: rules/script/main.rs\n",
        );
        write(
            "ws/target/build/rules/03/out/rules-03.d",
            "out: rules/src/lib.rs\n",
        );
        let inputs = BuildInputs::read(&recipe).unwrap();
        for file in ["ws/rules/names.txt", "ws/rules/script/main.rs"] {
            write(file, "changed");
            assert_eq!(inputs.changed(), Some(&*dir.path().join(file)));
            write(file, "");
        }
        write("ws/rules/src/lib.rs", "fn more() {}");
        assert_eq!(inputs.changed(), None);
    }
}
