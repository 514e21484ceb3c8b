//! Compiles the rows of a group as one crate, beside a stand-in for the engine that is
//! compiled once, and cuts what comes of it into what each row is by itself.
//!
//! Writes to a folder of its own in the temporary folder, and takes it away again. Must not
//! run what it built but the stand-in's derives, and must not know what a row expects.

use super::{Case, words};
use crate::code::{Code, MirError, SourceFile};
use crate::layouts::{Layouts, Spellings};
use crate::mir::Memory;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Weak};
use std::{env, fs, sync::Arc};

const CRATE: &str = "systems";

/// A folder that goes when nobody holds it any more.
pub(super) struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("hot-cases-{}-{next}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The stand-in for the engine, compiled, as long as some group needs it.
pub(super) fn engine() -> Arc<Folder> {
    // A static is never dropped, and its folder would stay.
    static ENGINE: Mutex<Weak<Folder>> = Mutex::new(Weak::new());
    let mut engine = ENGINE.lock().unwrap_or_else(|broken| broken.into_inner());
    if let Some(known) = engine.upgrade() {
        return known;
    }
    let folder = Folder::new();
    for (name, kind, text, needs) in [
        (
            "bevy_derives",
            "proc-macro",
            include_str!("engine/derives.rs"),
            None,
        ),
        (
            "bevy",
            "rlib",
            include_str!("engine/bevy.rs"),
            Some("bevy_derives"),
        ),
        (
            "hot_loader",
            "rlib",
            include_str!("engine/hot_loader.rs"),
            Some("bevy"),
        ),
        (
            "kit_macros",
            "proc-macro",
            include_str!("engine/kit_macros.rs"),
            None,
        ),
        (
            "kit",
            "rlib",
            include_str!("engine/kit.rs"),
            Some("kit_macros"),
        ),
    ] {
        let file = format!("{name}.rs");
        write(&folder.0.join(&file), text);
        let mut command = rustc(&folder.0);
        command.args(["--crate-name", name, "--crate-type", kind, "-L", "."]);
        command.args(needs.map(|needs| format!("--extern={needs}")));
        let output = command.args(["--edition=2024", &file]).output().unwrap();
        assert!(output.status.success(), "{name}:\n{}", said(&output));
    }
    let folder = Arc::new(folder);
    *engine = Arc::downgrade(&folder);
    folder
}

/// One side of a group, compiled.
pub(super) struct Built {
    /// None if there is no type in it.
    pub(super) layouts: Option<Layouts>,
    /// The MIR of each row's module, and the files of each.
    mir: BTreeMap<usize, String>,
    files: BTreeMap<usize, Vec<(String, String)>>,
}

/// What the compiler says of the rows that it does not accept.
pub(super) type Refused = BTreeMap<usize, String>;

/// Compiles the rows of these numbers, as they are before or after.
pub(super) fn compile(
    engine: &Folder,
    cases: &[Case],
    which: &BTreeSet<usize>,
    side: fn(&Case) -> &str,
) -> Result<Built, Refused> {
    let folder = Folder::new();
    let mut files = BTreeMap::new();
    let mut root = "#![allow(warnings)]\n".to_owned();
    for &at in which {
        root.push_str(&format!("pub mod m{at};\n"));
        let of = files_of(at, side(&cases[at]));
        for (path, text) in &of {
            write(&folder.0.join("src").join(path), text);
        }
        files.insert(at, of);
    }
    root.push_str(&ballast(cases));
    // How the compiler prints this path in a derive's constant depends on whether any code
    // of the crate says it, and one row's edit must not change another's.
    root.push_str("pub mod said { use bevy::prelude::*; pub fn storage(_: &StorageType) {} }\n");
    write(&folder.0.join("src/lib.rs"), &root);
    let mut command = rustc(&folder.0);
    command
        .args(["--edition=2024", "--crate-type=cdylib"])
        .args(["--crate-name", CRATE, "-Cmetadata=same"])
        .args(["-Cdebuginfo=2", "-Copt-level=0", "-Clink-dead-code"])
        .args(["-Cprefer-dynamic", "--error-format=short", "src/lib.rs"])
        .args(["--emit=dep-info=out.d,link=out,mir=out.mir"])
        .args(["--extern=bevy", "--extern=hot_loader", "--extern=kit", "-L"])
        .arg(&engine.0);
    let output = command.output().unwrap();
    if !output.status.success() {
        return Err(refused(&said(&output)));
    }
    let library = fs::read(folder.0.join("out")).unwrap();
    Ok(Built {
        layouts: Layouts::read(&library, CRATE, &mut Spellings::default()).ok(),
        mir: cut(&fs::read_to_string(folder.0.join("out.mir")).unwrap()),
        files,
    })
}

impl Built {
    /// The row as a crate of its one module; `bare` as if that were the crate's root, whose
    /// paths the compiler prints without it. Fails if the compiler's text is not understood.
    pub(super) fn code(&self, at: usize, bare: bool) -> Result<Code, MirError> {
        let source = Path::new("/game/systems/src");
        let file = |path: &str, text: &str| SourceFile {
            path: source.join(path),
            bytes: text.as_bytes().into(),
        };
        let mut files: Vec<SourceFile> = self.files[&at]
            .iter()
            .map(|(path, text)| file(path, text))
            .collect();
        let root = match bare {
            true => format!("m{at}.rs"),
            false => "lib.rs".to_owned(),
        };
        if !bare {
            files.push(file(
                "lib.rs",
                &format!("#![allow(warnings)]\npub mod m{at};\n"),
            ));
        }
        let mir = self.mir.get(&at).map_or("", String::as_str);
        let mir = match bare {
            true => mir.replace(&format!("m{at}::"), ""),
            false => mir.to_owned(),
        };
        let code = Code::of(CRATE, &source.join(root), &files).unwrap();
        code.built(&mir, &mut Memory::default())
    }

    /// Whether the row is one file, which can be a crate's root.
    pub(super) fn is_one_file(&self, at: usize) -> bool {
        self.files[&at].len() == 1
    }
}

/// The files of a row: paths from `src`, and contents. Its `crate` is its module.
fn files_of(at: usize, source: &str) -> Vec<(String, String)> {
    // A file that it includes stands in its folder.
    let source = source
        .replace("crate::", &format!("crate::m{at}::"))
        .replace("\"crate/", &format!("\"m{at}/"));
    let mut sections = source.split("//// ");
    let root = sections.next().unwrap_or_default().to_owned();
    let mut files = vec![(format!("m{at}.rs"), root)];
    for section in sections {
        let (path, text) = section.split_once('\n').unwrap();
        files.push((format!("m{at}/{}", path.trim()), text.to_owned()));
    }
    files
}

/// A second item of every name that any row defines. The compiler prints a path in full if
/// its last segment is not unique, and one row's edit must not change how another is printed.
fn ballast(cases: &[Case]) -> String {
    let sources = || cases.iter().flat_map(|case| [&case.before, &case.after]);
    let keywords = [
        "fn", "struct", "enum", "union", "const", "static", "type", "trait", "mod", "mut",
    ];
    // What `thread_local!` makes.
    let mut names = BTreeSet::from(
        ["__rust_std_internal_init_fn", "__RUST_STD_INTERNAL_INIT"].map(str::to_owned),
    );
    for source in sources() {
        let source = pasted(source);
        let words: Vec<&str> = words(&source).collect();
        let defined = words
            .windows(2)
            .filter(|pair| keywords.contains(&pair[0]))
            .map(|pair| pair[1])
            .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
            .filter(|word| {
                !keywords.contains(word) && !["self", "Self", "super", "crate", "_"].contains(word)
            });
        names.extend(defined.map(str::to_owned));
    }
    let items = names
        .iter()
        .map(|name| format!("pub struct r#{name} {{}} pub fn r#{name}(_: Ballast) {{}}\n"));
    format!(
        "pub mod ballast {{ pub struct Ballast; const _: () = (); {} }}\n",
        items.collect::<String>()
    )
}

/// A source with the names that `paste!` makes.
fn pasted(source: &str) -> String {
    let mut parts = source.split("[<");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(">]").unwrap_or((part, ""));
        text.extend(name.split_whitespace());
        text.push_str(rest);
    }
    text
}

/// The MIR of each module `mN`.
fn cut(mir: &str) -> BTreeMap<usize, String> {
    let mut found: BTreeMap<usize, String> = BTreeMap::new();
    let mut of = None;
    let mut within = false;
    for line in mir.lines() {
        let begins = !within
            && !line.starts_with("alloc")
            && line.starts_with(|c: char| c.is_ascii_alphabetic());
        if begins {
            of = module(line);
            // A path that is printed without its module would be lost.
            let ours = [
                "Ballast",
                "StorageType",
                "const ballast::_",
                "const _: () =",
            ];
            let known = of.is_some() || ours.iter().any(|word| line.contains(word));
            assert!(known, "whose item is it? {line}");
        }
        within = if within {
            line != "}"
        } else {
            line.ends_with('{')
        };
        if let Some(of) = of {
            let text = found.entry(of).or_default();
            text.push_str(line);
            text.push('\n');
        }
    }
    found
}

/// The row that the item of this head is of: `fn m3::s(…)`, `fn <impl at src/m3.rs:…>::go(…)`.
fn module(head: &str) -> Option<usize> {
    let mut found = head.match_indices('m').filter_map(|(at, _)| {
        let before = head[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let rest = &head[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, rest) = rest.split_at(end);
        let is_path = rest.starts_with("::") || rest.starts_with(".rs") || rest.starts_with('/');
        number.parse().ok().filter(|_| is_path)
    });
    found.next()
}

fn rustc(folder: &Path) -> Command {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(compiler);
    command.current_dir(folder).arg("--cap-lints=allow");
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `src/m3.rs:1:2: error…`, by the row.
fn refused(said: &str) -> Refused {
    let mut found = Refused::new();
    for line in said.lines().filter(|line| line.contains(": error")) {
        if let Some(at) = module(line) {
            let text = found.entry(at).or_default();
            text.push_str(line);
            text.push('\n');
        }
    }
    assert!(!found.is_empty(), "the compiler blames no row:\n{said}");
    found
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
