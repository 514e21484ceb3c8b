//! What the compiler says: builds a crate, and reads the debug info of what it made.
//!
//! Writes to a folder of its own in the temporary folder, and takes it away again. Must not
//! run what it built, and must not know the verdict.

use crate::layouts::{Layouts, Spellings};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

/// The crate that every fixture is.
pub(super) const CRATE: &str = "systems";

/// The files of one fragment, the first one its root: paths from `src`, and contents.
pub(super) type Files = Vec<(String, String)>;

/// A folder that goes when the test does.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("hot-oracle-{}-{next}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether a file is there for the compiler only: it asks for what debug info leaves out.
pub(super) fn is_question(path: &str) -> bool {
    path.starts_with("keep/")
}

/// What a compilation gave.
pub(super) struct Built {
    pub(super) layouts: Layouts,
    /// The files that it read: paths from `src`.
    pub(super) read: BTreeSet<String>,
    /// Its MIR.
    pub(super) mir: String,
}

/// Compiles the fragments as one crate. Gives its types, or the numbers of the fragments
/// that do not compile, with what the compiler says of them.
pub(super) fn compile(
    folder: &Folder,
    fragments: &[Files],
) -> Result<Built, (BTreeSet<usize>, String)> {
    let from = folder.0.join("src");
    let _ = fs::remove_dir_all(&from);
    let modules = |wanted: fn(&str) -> bool| {
        let mut named = String::new();
        for (at, files) in fragments.iter().enumerate() {
            if files.iter().any(|(path, _)| wanted(path)) {
                named.push_str(&format!("pub mod m{at};\n"));
            }
        }
        named
    };
    write(
        &from.join("lib.rs"),
        &format!(
            "#![allow(warnings)]\n{}pub mod keep;\n",
            modules(|path| !is_question(path))
        ),
    );
    write(&from.join("keep.rs"), &modules(is_question));
    for (path, text) in fragments.iter().flatten() {
        write(&from.join(path), text);
    }
    let to = folder.0.join("out");
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler)
        .current_dir(&folder.0)
        .args([
            "--edition=2024",
            "--crate-type=cdylib",
            "--crate-name",
            CRATE,
        ])
        .args(["-Cmetadata=same", "-Cdebuginfo=2", "-Copt-level=0"])
        // Without the second one functions that nothing calls are left out, and their types.
        .args(["-Cprefer-dynamic", "-Clink-dead-code", "-Awarnings"])
        .args(["--error-format=short", "src/lib.rs"])
        .args(["--emit=dep-info=out.d,link=out,mir=out.mir"])
        .output()
        .unwrap();
    if output.status.success() {
        let layouts =
            Layouts::read(&fs::read(&to).unwrap(), CRATE, &mut Spellings::default()).unwrap();
        let dep_info = fs::read_to_string(folder.0.join("out.d")).unwrap();
        let read = dep_info
            .lines()
            .filter_map(|line| line.strip_suffix(':')?.strip_prefix("src/"))
            .map(str::to_owned)
            .collect();
        let mir = fs::read_to_string(folder.0.join("out.mir")).unwrap();
        return Ok(Built { layouts, read, mir });
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let wrong: BTreeSet<usize> = said.lines().filter_map(fragment_of_error).collect();
    assert!(
        !wrong.is_empty(),
        "the compiler blames no fragment:\n{said}"
    );
    Err((wrong, said))
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// `src/m3.rs:1:2: error…`, `src/m3/sub.rs:…`, `src/keep/m3.rs:…`.
fn fragment_of_error(line: &str) -> Option<usize> {
    let (path, _) = line.split_once(": error")?;
    let path = path.strip_prefix("src/")?;
    let path = path.strip_prefix("keep/").unwrap_or(path);
    let number = path.strip_prefix('m')?;
    let end = number.find(|char: char| !char.is_ascii_digit())?;
    number.get(..end)?.parse().ok()
}

/// The fragments whose types differ, each with the names of the types. Environments do not
/// count: they are compared at the swap, by the types that are alive.
pub(super) fn changed(before: &Layouts, after: &Layouts) -> Vec<(usize, String)> {
    let mut changed = Vec::new();
    for name in before.differences(after).types {
        let mut of = BTreeSet::new();
        for part in name.split("::m").skip(1) {
            let end = part.find(|char: char| !char.is_ascii_digit());
            let number = part.get(..end.unwrap_or(part.len())).unwrap_or_default();
            of.extend(number.parse::<usize>().ok());
        }
        assert!(!of.is_empty(), "a type of no fragment: {name}");
        changed.extend(of.into_iter().map(|number| (number, name.clone())));
    }
    changed
}
