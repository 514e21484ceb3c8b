//! The command of a replay: the recipe's own, but for where rustc writes to and what it makes.

use super::{DEPENDENCY_KINDS, Recipe};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Where a replay puts its results, and what it reads instead of the recipe's artifacts.
pub struct ReplayPaths<'a> {
    /// The folder of the library and its dep-info file. Part of what rustc's
    /// incremental cache is valid for: debug information of every codegen unit
    /// depends on where the output goes, so another folder each time, or another
    /// name in it, makes every build a cold one (measured).
    pub out_dir: &'a Path,
    /// The incremental compilation directory.
    pub incremental: &'a Path,
    /// Replaces a path of an `--extern` or `-L`.
    pub artifact: &'a dyn Fn(&Path) -> PathBuf,
    /// Makes it another crate: added to the recipe's own `-C metadata`.
    pub metadata: Option<&'a str>,
}

/// Options of `-C` that a replay sets itself.
const REPLACED_CODEGEN: [&str; 13] = [
    "extra-filename",
    "debuginfo",
    "split-debuginfo",
    "incremental",
    "codegen-units",
    "lto",
    "linker-plugin-lto",
    "embed-bitcode",
    "strip",
    "prefer-dynamic",
    "debug-assertions",
    "overflow-checks",
    "save-temps",
];

/// Flags whose value a replay sets itself.
const REPLACED_FLAGS: [&str; 8] = [
    "--crate-type",
    "--emit",
    "--out-dir",
    "-o",
    "--error-format",
    "--json",
    "--diagnostic-width",
    "--cap-lints",
];

impl Recipe {
    /// The arguments of a replay: the same crate, as a library of its own that
    /// shares the engine with the executable.
    pub fn replay_args(&self, paths: &ReplayPaths) -> Vec<OsString> {
        let mut args: Vec<OsString> = Vec::with_capacity(self.args.len() + 24);
        let placed = |kind: &str, path: &str| {
            let path = (paths.artifact)(&self.cwd.join(path));
            joined(&format!("{kind}="), &path)
        };
        for (flag, value) in self.pairs() {
            match (flag, value.split_once('=')) {
                _ if REPLACED_FLAGS.contains(&flag) => {}
                ("-C", option)
                    if REPLACED_CODEGEN.contains(&option.map_or(value, |(name, _)| name)) => {}
                ("--extern", Some((name, path))) => {
                    args.extend([flag.into(), placed(name, path)]);
                }
                ("-L", Some((kind, dir))) if DEPENDENCY_KINDS.contains(&kind) => {
                    args.extend([flag.into(), placed(kind, dir)]);
                }
                // What stands alone: the source file, and flags without a value.
                ("", _) => args.push(value.into()),
                ("--extern", None) => args.extend([flag.into(), value.into()]),
                _ if flag.starts_with("--") => args.push(format!("{flag}={value}").into()),
                _ => args.extend([flag.into(), value.into()]),
            }
        }
        let on_off = |on: bool| if on { "on" } else { "off" };
        let debug = on_off(self.debug_assertions);
        // rustc's own default: overflow checks follow debug assertions.
        let overflow = self.codegen("overflow-checks").unwrap_or(debug);
        for option in [
            "--crate-type=cdylib",
            "--error-format=json",
            "--json=diagnostic-rendered-ansi",
            // A replay is a rebuild of what cargo has accepted: lints were its business.
            "--cap-lints=allow",
            "-Cprefer-dynamic",
            // At opt-level 1 thin-local LTO takes half the time of a build.
            "-Clto=off",
            // What the compiler says of types, for comparing two builds.
            "-Cdebuginfo=2",
            &format!("-Cdebug-assertions={debug}"),
            &format!("-Coverflow-checks={overflow}"),
        ] {
            args.push(option.into());
        }
        if cfg!(target_os = "linux") {
            // One file for each codegen unit: those of units that did not change stay as they
            // are, so that only the others are read again. The linker does not touch them.
            args.push("-Csplit-debuginfo=unpacked".into());
        }
        if cfg!(all(unix, not(target_vendor = "apple"))) {
            // Else a module's own exported symbols can bind to the executable's.
            args.push("-Clink-arg=-Wl,-Bsymbolic".into());
        }
        if let Some(metadata) = paths.metadata {
            args.push(format!("-Cmetadata={metadata}").into());
        }
        args.push(joined("-Cincremental=", paths.incremental));
        // MIR, which two builds are compared by. For it rustc would build one unit, and
        // each time all of it, unless the number is given.
        args.push("--emit=link,dep-info,mir".into());
        if self.codegen("codegen-units").is_none() {
            args.push("-Ccodegen-units=256".into());
        }
        args.push(joined("--out-dir=", paths.out_dir));
        args
    }
}

fn joined(prefix: &str, path: &Path) -> OsString {
    let mut joined = OsString::from(prefix);
    joined.push(path);
    joined
}

#[cfg(test)]
mod tests {
    use super::super::tests::{CARGO, recipe};
    use super::*;

    fn replay(args: &str) -> Vec<String> {
        replay_as(args, None)
    }

    fn replay_as(args: &str, metadata: Option<&str>) -> Vec<String> {
        recipe(args)
            .replay_args(&ReplayPaths {
                out_dir: Path::new("/out"),
                incremental: Path::new("/inc"),
                artifact: &|path| {
                    let name = path.with_extension("rlib");
                    Path::new("/pin").join(name.file_name().unwrap_or_default())
                },
                metadata,
            })
            .into_iter()
            .map(|arg| arg.into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_replay_is_the_same_crate_as_a_library_of_its_own() {
        let args = replay(CARGO).join(" ");
        for kept in [
            "--crate-name=systems",
            "--edition=2024",
            "systems/src/lib.rs",
            "-C metadata=53c0",
            "-C opt-level=1",
            "-Cdebuginfo=2",
            "--cfg=feature=\"x\"",
            "--check-cfg=cfg(docsrs,test)",
            "-D unsafe_code",
            "-L native=/ws/native",
            "--extern proc_macro",
            "-l static=z",
            "--extern bevy=/pin/libbevy-1.rlib",
            "--crate-type=cdylib",
            "-Cdebug-assertions=on",
            "-Coverflow-checks=on",
            "-Cincremental=/inc",
            "--emit=link,dep-info,mir -Ccodegen-units=256 --out-dir=/out",
        ] {
            assert!(args.contains(kept), "{kept} is missing in: {args}");
        }
        for gone in [
            "--crate-type=lib",
            "artifacts",
            "-8a2f",
            "/ws/target/debug/incremental",
            "/ws/target/debug/deps --",
            "strip",
            "embed-bitcode",
            ".rmeta",
        ] {
            assert!(!args.contains(gone), "{gone} is still in: {args}");
        }
    }

    #[test]
    fn another_identity_is_added_to_the_recipes_own() {
        let args = replay_as(CARGO, Some("hot-loader-1")).join(" ");
        assert!(args.contains("-C metadata=53c0"), "{args}");
        assert!(args.contains("-Cmetadata=hot-loader-1"), "{args}");
        assert!(!replay(CARGO).join(" ").contains("hot-loader-1"));
    }

    #[test]
    fn overflow_checks_of_the_profile_are_kept() {
        let args = replay(&format!("{CARGO} -C overflow-checks=off")).join(" ");
        assert!(args.contains("-Coverflow-checks=off"), "{args}");
    }
}
