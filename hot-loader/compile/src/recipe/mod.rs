//! The recipe: the exact rustc command that built the module, embedded in it by
//! `export!`, and what follows from it (which artifacts it names, how a replay
//! of it is spelled).
//!
//! Pure: it reads strings and writes strings, and touches neither disk nor
//! process.

mod replay;

use crate::{hash::name, paths::normal};
pub use replay::ReplayPaths;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, SystemTime},
};

/// The recipe of one module, as `hot-loader-macros` wrote it.
#[derive(Clone, Debug, Deserialize)]
pub struct Recipe {
    v: u32,
    /// The compiler's executable.
    pub rustc: PathBuf,
    /// Where it ran; the crate root in `args` is relative to this.
    pub cwd: PathBuf,
    /// Its arguments, response files expanded.
    pub args: Vec<String>,
    /// What cargo had set in its environment.
    pub env: BTreeMap<String, String>,
    /// The text of each source that the executable's module was compiled from, where that
    /// is certain.
    pub sources: BTreeMap<PathBuf, String>,
    /// When the compiler was started, in Unix milliseconds.
    started_ms: u64,
    /// The crate's name. Set by [`Recipe::parse`], as all below.
    #[serde(skip)]
    pub crate_name: String,
    /// The root source file, absolute.
    #[serde(skip)]
    pub root: PathBuf,
    /// Where cargo put the module's artifacts, absolute.
    #[serde(skip)]
    out_dir: PathBuf,
    #[serde(skip)]
    debug_assertions: bool,
}

/// Why a recipe cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// The embedded text is not a recipe.
    #[error(
        "cannot read the recipe embedded in the gameplay crate ({0}). Rebuild the game so that its `export!` and hot-loader have the same version"
    )]
    Unreadable(#[from] serde_json::Error),
    /// Another version of `export!` wrote it.
    #[error(
        "the recipe embedded in the gameplay crate has version {0}, but this hot-loader reads version 2. Rebuild the game"
    )]
    Version(u32),
    /// The command line lacks something every build by cargo has.
    #[error(
        "the rustc command line embedded in the gameplay crate has no {0}. Build the game with cargo"
    )]
    Lacks(&'static str),
    /// Cargo built no library that becomes a part of the executable, or another one too, which
    /// does not.
    #[error(
        "the gameplay crate is built as `{kinds}`, which cannot be reloaded. {change} of {manifest}, then start the game again"
    )]
    Kinds {
        /// What to do.
        change: &'static str,
        /// As which it was built.
        kinds: String,
        /// Of the package.
        manifest: PathBuf,
    },
    /// It is the executable itself.
    #[error(
        "`export!` is in a program, but only a library can be reloaded. Move the gameplay into a library crate, then start the game again"
    )]
    Program,
}

impl Recipe {
    /// Reads an embedded recipe.
    ///
    /// # Errors
    /// If it is unreadable, of another version, or not a build by cargo.
    pub fn parse(json: &str, debug_assertions: bool) -> Result<Self, RecipeError> {
        let mut recipe: Self = serde_json::from_str(json)?;
        if recipe.v != 2 {
            return Err(RecipeError::Version(recipe.v));
        }
        recipe.debug_assertions = debug_assertions;
        let sources = std::mem::take(&mut recipe.sources).into_iter();
        recipe.sources = sources.map(|(path, text)| (normal(&path), text)).collect();
        let value = |wanted| {
            recipe
                .values(wanted)
                .next()
                .ok_or(RecipeError::Lacks(wanted))
        };
        let (crate_name, out_dir) = (value("--crate-name")?, value("--out-dir")?);
        let root = recipe.values("").find(|value| value.ends_with(".rs"));
        let root = root.ok_or(RecipeError::Lacks("source file"))?;
        Ok(Self {
            crate_name: crate_name.to_owned(),
            root: normal(&recipe.cwd.join(root)),
            out_dir: recipe.cwd.join(out_dir),
            ..recipe
        })
    }

    /// When the executable's module began to be compiled: what was saved later may not be in it.
    pub fn started_at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.started_ms)
    }

    /// The folder of the module's package.
    pub fn package(&self) -> PathBuf {
        let dir = self.env.get("CARGO_MANIFEST_DIR");
        dir.map_or_else(|| self.cwd.clone(), PathBuf::from)
    }

    /// Checks that cargo built a library that becomes a part of the executable.
    ///
    /// # Errors
    /// If it did not.
    pub fn verify_kind(&self) -> Result<(), RecipeError> {
        let kinds = self.values("--crate-type");
        let kinds: Vec<&str> = kinds.flat_map(|kinds| kinds.split(',')).collect();
        let has_rlib = kinds.iter().any(|kind| matches!(*kind, "lib" | "rlib"));
        let change = match (has_rlib, kinds.contains(&"dylib")) {
            (true, false) => return Ok(()),
            // Beside the engine's library, which is one, the linker prefers it.
            (true, true) => "Remove `\"dylib\"` from the `crate-type`",
            (false, true) => "Replace `\"dylib\"` with `\"rlib\"` in the `crate-type`",
            (false, false) if kinds.contains(&"bin") => return Err(RecipeError::Program),
            (false, false) => "Add `\"rlib\"` to the `crate-type`",
        };
        Err(RecipeError::Kinds {
            change,
            kinds: kinds.join(", "),
            manifest: self.package().join("Cargo.toml"),
        })
    }

    /// The dep-info file that cargo's build of the module left, absolute: it lists
    /// the sources and the environment variables that were read.
    pub fn dep_info(&self) -> PathBuf {
        self.out_dir.join(format!("{}.d", self.unit_name()))
    }

    /// The crate's name with the `-C extra-filename` of cargo's build: of this build of this
    /// package.
    pub fn unit_name(&self) -> String {
        let extra = self.codegen("extra-filename").unwrap_or_default();
        format!("{}{extra}", self.crate_name)
    }

    /// The crate's name, with a number for the package's folder: of all builds of this package.
    pub fn package_name(&self) -> String {
        let number = name(&self.package().to_string_lossy());
        format!("{}-{number:016x}", self.crate_name)
    }

    /// The folders of `-L`, absolute, native ones left out.
    pub fn dependency_dirs(&self) -> Vec<PathBuf> {
        let dirs = self.values("-L").filter_map(|value| {
            let (kind, dir) = value.split_once('=').unwrap_or(("all", value));
            DEPENDENCY_KINDS.contains(&kind).then(|| self.cwd.join(dir))
        });
        dirs.collect()
    }

    /// The files of `--extern`, absolute.
    pub fn externs(&self) -> impl Iterator<Item = PathBuf> {
        let externs = self.values("--extern");
        let paths = externs.filter_map(|value| Some(value.split_once('=')?.1));
        paths.map(|path| self.cwd.join(path))
    }

    fn values(&self, wanted: &str) -> impl Iterator<Item = &str> {
        let pairs = self.pairs().filter(move |(flag, _)| *flag == wanted);
        pairs.map(|(_, value)| value)
    }

    /// The last value of a `-C` option, which is the one that holds.
    fn codegen(&self, option: &str) -> Option<&str> {
        let options = self.values("-C").filter_map(|value| value.split_once('='));
        let values = options.filter(|(name, _)| *name == option);
        values.map(|(_, value)| value).last()
    }

    /// The arguments as (flag, value): `-C x`, `-Cx`, `--flag=value` and `--flag
    /// value` all come out alike, arguments that stand alone with an empty flag.
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut args = self.args.iter().map(String::as_str).peekable();
        std::iter::from_fn(move || {
            let arg = args.next()?;
            let is_long = arg.starts_with("--");
            if is_long && let Some((flag, value)) = arg.split_once('=') {
                return Some((flag, value));
            }
            // The one-letter flags that take a value, joined or not.
            let letter = arg.get(..2).filter(|it| SHORT_WITH_VALUE.contains(it));
            if let Some(flag) = letter
                && arg.len() > 2
            {
                return Some((flag, &arg[2..]));
            }
            let takes_value = is_long && !LONG_WITHOUT_VALUE.contains(&arg);
            let is_value = |value: &&str| takes_value && !value.starts_with('-');
            let value = args.next_if(|value| letter.is_some() || is_value(value));
            Some(value.map_or(("", arg), |value| (arg, value)))
        })
    }
}

/// The kinds of `-L` in which crates are looked for.
const DEPENDENCY_KINDS: [&str; 3] = ["dependency", "crate", "all"];

const SHORT_WITH_VALUE: [&str; 10] = ["-C", "-L", "-l", "-o", "-A", "-W", "-D", "-F", "-Z", "-j"];

/// All of rustc's: every other one takes a value.
const LONG_WITHOUT_VALUE: [&str; 4] = ["--test", "--verbose", "--version", "--help"];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    pub fn recipe(args: &str) -> Recipe {
        let json = serde_json::json!({
            "v": 2,
            "rustc": "rustc",
            "cwd": "/ws",
            "args": args.split_whitespace().collect::<Vec<_>>(),
            "env": {},
            "sources": {},
            "started_ms": 0,
        });
        Recipe::parse(&json.to_string(), true).unwrap()
    }

    pub const CARGO: &str = "--crate-name systems --edition=2024 systems/src/lib.rs --error-format=json \
        --json=diagnostic-rendered-ansi,artifacts --crate-type lib --emit=dep-info,metadata,link \
        -C embed-bitcode=no -C debuginfo=line-tables-only -Copt-level=1 -C metadata=53c0 \
        -C extra-filename=-8a2f --out-dir /ws/target/debug/deps -C incremental=/ws/target/debug/incremental \
        -C strip=debuginfo --cfg feature=\"x\" --check-cfg cfg(docsrs,test) -D unsafe_code --test-threads \
        -L dependency=/ws/target/debug/deps -L native=/ws/native --extern bevy=/ws/target/debug/deps/libbevy-1.rmeta \
        --extern proc_macro -l static=z";

    #[test]
    fn the_parts_of_a_cargo_command_line_are_found() {
        let recipe = recipe(CARGO);
        assert_eq!(recipe.crate_name, "systems");
        assert_eq!(recipe.root, Path::new("/ws/systems/src/lib.rs"));
        assert_eq!(
            recipe.dep_info(),
            Path::new("/ws/target/debug/deps/systems-8a2f.d")
        );
        assert_eq!(
            recipe.dependency_dirs(),
            [Path::new("/ws/target/debug/deps")]
        );
        assert_eq!(
            recipe.externs().collect::<Vec<_>>(),
            [PathBuf::from("/ws/target/debug/deps/libbevy-1.rmeta")]
        );
    }

    #[test]
    fn a_recipe_of_another_version_is_refused_by_its_number() {
        let json =
            r#"{"v":1,"rustc":"r","cwd":"/","args":[],"env":{},"sources":{},"started_ms":0}"#;
        let error = Recipe::parse(json, true).unwrap_err();
        assert!(matches!(error, RecipeError::Version(1)), "{error}");
    }

    #[test]
    fn crate_types_may_stand_in_any_order_and_one_must_be_an_rlib() {
        let of = |kinds: &str| {
            let kinds = kinds.split(' ').map(|kind| format!(" --crate-type {kind}"));
            recipe(&CARGO.replace(" --crate-type lib", &kinds.collect::<String>())).verify_kind()
        };
        for kinds in [
            "lib",
            "rlib",
            "cdylib rlib",
            "rlib cdylib",
            "staticlib,rlib",
        ] {
            of(kinds).unwrap();
        }
        // What has to be added, and what has to be removed.
        for (kinds, add, remove) in [
            ("cdylib", true, false),
            ("cdylib staticlib", true, false),
            ("dylib", true, true),
            ("dylib rlib", false, true),
            ("rlib,dylib", false, true),
        ] {
            match of(kinds) {
                Err(RecipeError::Kinds {
                    change, manifest, ..
                }) => {
                    assert_eq!(change.contains("\"rlib\""), add, "{kinds}: {change}");
                    assert_eq!(change.contains("\"dylib\""), remove, "{kinds}: {change}");
                    assert_eq!(manifest, Path::new("/ws/Cargo.toml"), "{kinds}");
                }
                other => panic!("{kinds}: {other:?}"),
            }
        }
        assert!(matches!(of("bin"), Err(RecipeError::Program)));
    }
}
