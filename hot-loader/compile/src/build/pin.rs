//! Pins the artifacts that the module is compiled against.
//!
//! A `cargo build` in another terminal replaces a dependency's library under
//! the same name, and a module compiled against the new one has other layouts
//! under equal type ids (seen). So every library that a replay can read is hard
//! linked into a private folder at start-up, and its size and modification time
//! are checked before every build.
//!
//! rustc reads them in another place, which all runs of the game share in turn: an
//! incremental cache is of use only to builds that read their dependencies by the same
//! paths (seen: 11 s with others, 2 s with the same).
//!
//! Of the libraries that the game itself is linked with, rustc gets stubs there, and of
//! hot-loader itself the part that a module uses: else it would read and link all of it.
//!
//! It must never write to a file that it did not make.

use super::{diagnostics::Diagnostic, stub};
use crate::{paths::PathError, recipe::Recipe, session::create_private, walk::entries};
use std::{
    collections::BTreeMap,
    fs, io, mem,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Why the module cannot be rebuilt against what the executable was linked with.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// A folder of `-L` cannot be read, or the private one not be made.
    #[error("cannot pin (link or copy) the libraries in {0}. Fix that, then save again")]
    Io(#[from] PathError),
    /// A dependency is gone.
    #[error(
        "{0}, which the gameplay crate was built against, was removed. Restart the game to rebuild it"
    )]
    Missing(PathBuf),
    /// A dependency was built again after the executable.
    #[error(
        "{0} was rebuilt after the game was linked or started. Restart the game so that all of it matches"
    )]
    Stale(PathBuf),
}

/// Size and modification time: two builds of one artifact differ in the latter.
type Stamp = (u64, SystemTime);

fn stamp(path: &Path) -> io::Result<Stamp> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified()?))
}

/// The pinned artifacts.
#[derive(Debug)]
pub struct Pins {
    /// The folder of ours that they are all in.
    dir: PathBuf,
    /// Cargo's folders, and the names of ours in `dir`.
    dirs: BTreeMap<PathBuf, PathBuf>,
    /// By their paths in `dir`, or absolute ones if they are in no such folder.
    stamps: BTreeMap<PathBuf, Stamp>,
    /// What a replay reads instead of a library, by the path of that in `dir`.
    stubs: BTreeMap<PathBuf, Vec<u8>>,
    /// hot-loader's own library, and the one of its face, which a replay reads instead.
    face: Option<(PathBuf, PathBuf)>,
}

impl Pins {
    /// Pins what `recipe` names in folders below `dir`. `linked` is when the
    /// executable was linked: a direct dependency that is younger belongs to a
    /// later build. `needed` has the file names of the libraries that the executable needs;
    /// `face` is the library of the crate that shows modules the same names as `hot_loader`,
    /// but for the plugin.
    ///
    /// # Errors
    /// If a dependency is gone or younger than the executable, or the disk refuses.
    pub fn new(
        recipe: &Recipe,
        dir: &Path,
        linked: SystemTime,
        needed: &[String],
        face: Option<&Path>,
    ) -> Result<Self, PinError> {
        let mut pins = Self {
            dir: dir.to_path_buf(),
            dirs: BTreeMap::new(),
            stamps: BTreeMap::new(),
            stubs: BTreeMap::new(),
            face: None,
        };
        for (i, path) in recipe.dependency_dirs().into_iter().enumerate() {
            let name = PathBuf::from(format!("deps-{i}"));
            let pinned = pins.pin_dir(&path, &name);
            pinned.map_err(PathError::at(&path))?;
            pins.dirs.insert(path, name);
        }
        for path in recipe.externs() {
            let pinned = pins.pinned(&path);
            match stamp(&dir.join(&pinned)) {
                Err(_) => return Err(PinError::Missing(path)),
                Ok((_, modified)) if modified > linked => return Err(PinError::Stale(path)),
                Ok(stamp) => pins.stamps.insert(pinned, stamp),
            };
        }
        let libraries = pins.stamps.keys().filter(|path| path.is_relative());
        let libraries = libraries.filter(|path| needed.iter().any(|name| path.ends_with(name)));
        let stubs = libraries.filter_map(|it| Some((it.clone(), stub::of(&dir.join(it))?)));
        pins.stubs = stubs.collect();
        pins.face = face.and_then(|face| pins.instead(recipe, face, linked));
        Ok(pins)
    }

    /// What stands for hot-loader's own library: that is compiled with all of it where its
    /// face is not to be found.
    fn instead(
        &self,
        recipe: &Recipe,
        face: &Path,
        linked: SystemTime,
    ) -> Option<(PathBuf, PathBuf)> {
        let mut externs = recipe.externs().map(|path| self.pinned(&path));
        let whole = externs.find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.trim_start_matches("lib").starts_with("hot_loader-")
        })?;
        // The folders may have moved since it was compiled.
        let face = whole.with_file_name(face.with_extension("rlib").file_name()?);
        let (_, modified) = self.stamps.get(&face)?;
        (*modified <= linked).then_some((whole, face))
    }

    fn pin_dir(&mut self, from: &Path, name: &Path) -> io::Result<()> {
        fs::create_dir_all(self.dir.join(name))?;
        for entry in fs::read_dir(from)? {
            let path = entry?.path();
            let extension = path.extension().and_then(|it| it.to_str());
            let is_library = |it| matches!(it, "rlib" | "rmeta" | "so" | "dylib" | "dll" | "lib");
            let (Some(file), true) = (path.file_name(), extension.is_some_and(is_library)) else {
                continue;
            };
            let pinned = name.join(file);
            // A file that cargo removes just now is none of the module's: what it
            // is built against is checked by name below.
            let to = self.dir.join(&pinned);
            link(&path, &to)?;
            if let Ok(stamp) = stamp(&to) {
                self.stamps.insert(pinned, stamp);
            }
        }
        Ok(())
    }

    /// The path in `dir` of what stands for cargo's `path`, or that path itself.
    ///
    /// A `.rmeta`, which cannot be linked, stands for the `.rlib` or the dynamic
    /// library beside it.
    fn pinned(&self, path: &Path) -> PathBuf {
        if let Some(dir) = self.dirs.get(path) {
            return dir.clone();
        }
        let dir = path.parent().and_then(|parent| self.dirs.get(parent));
        let pinned = match (dir, path.file_name()) {
            (Some(dir), Some(name)) => dir.join(name),
            _ => path.to_path_buf(),
        };
        if pinned.extension().is_some_and(|it| it == "rmeta") {
            let beside = ["rlib", "so", "dylib", "dll"].map(|it| pinned.with_extension(it));
            let mut beside = beside.into_iter();
            if let Some(linkable) = beside.find(|it| self.dir.join(it).exists()) {
                return linkable;
            }
        }
        pinned
    }

    /// What stands for cargo's file or folder `path` in the folder `place`.
    pub fn placed(&self, path: &Path, place: &Path) -> PathBuf {
        let pinned = self.pinned(path);
        match &self.face {
            Some((whole, face)) if *whole == pinned => place.join(face),
            _ => place.join(pinned),
        }
    }

    /// Puts them into the folder `place`, and nothing else is in it then. Nobody else may use
    /// it meanwhile.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn place(&self, place: &Path) -> io::Result<()> {
        if place.exists() {
            fs::remove_dir_all(place)?;
        }
        create_private(place)?;
        for dir in self.dirs.values() {
            fs::create_dir_all(place.join(dir))?;
        }
        for pinned in self.stamps.keys().filter(|it| it.is_relative()) {
            let to = place.join(pinned);
            if let Some(stub) = self.stubs.get(pinned) {
                fs::write(&to, stub)?;
            } else {
                link(&self.dir.join(pinned), &to)?;
            }
        }
        Ok(())
    }

    /// Whether they are in the folder `place`, and nothing else is.
    pub fn are_in(&self, place: &Path) -> bool {
        let files = |dir: PathBuf| entries(&dir).count();
        let is_whole = |dir| files(self.dir.join(dir)) == files(place.join(dir));
        let mut stamps = self.stamps.iter();
        self.dirs.values().all(is_whole)
            && stamps.all(|(pinned, was)| {
                let placed = place.join(pinned);
                match self.stubs.get(pinned) {
                    Some(stub) => {
                        // The length first: a library of the engine is large.
                        stamp(&placed).is_ok_and(|(length, _)| length == stub.len() as u64)
                            && fs::read(placed).is_ok_and(|is| is == *stub)
                    }
                    None => stamp(&placed).is_ok_and(|is| is == *was),
                }
            })
    }

    /// Drops what stands for a library, if that may be why a build failed with these errors: a
    /// linker can be told to find all that a library uses (`-z defs`), and a module may name
    /// the plugin. Returns whether there was any.
    pub fn use_all(&mut self, errors: &[Diagnostic]) -> bool {
        let of_linker = errors
            .iter()
            .any(|it| it.message.starts_with("linking with"));
        let of_face = errors
            .iter()
            .any(|it| it.rendered.contains("HotLoaderPlugin"));
        of_linker && !mem::take(&mut self.stubs).is_empty() || of_face && self.face.take().is_some()
    }

    /// Checks that no pinned file was written over in place.
    ///
    /// # Errors
    /// Names the first that was, or that is gone.
    pub fn verify(&self) -> Result<(), PinError> {
        for (pinned, was) in &self.stamps {
            let path = self.dir.join(pinned);
            match stamp(&path) {
                Ok(is) if is == *was => {}
                Ok(_) => return Err(PinError::Stale(path)),
                Err(_) => return Err(PinError::Missing(path)),
            }
        }
        Ok(())
    }
}

/// Makes the file `to` be the file `from`, if that is there.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    if fs::hard_link(from, to).is_err() && from.exists() {
        // File systems without hard links: a copy is as good, and slower.
        fs::copy(from, to)?;
        let modified = fs::metadata(from)?.modified()?;
        let file = fs::File::options().write(true).open(to)?;
        file.set_modified(modified)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::scratch_dir;
    use std::{process::Command, time::Duration};

    const HAS_STUBS: bool = cfg!(all(target_os = "linux", target_pointer_width = "64"));

    #[test]
    fn what_is_pinned_stands_in_its_place_and_nothing_else_is_written_to() {
        let dir = scratch_dir("pins");
        let at = |name: &str| dir.path().join(name);
        for folder in ["cargo", "other", "ours"] {
            fs::create_dir(at(folder)).unwrap();
        }
        for file in [
            "cargo/libone-1.rlib",
            "cargo/libone-1.rmeta",
            "cargo/libface-1.rlib",
            "cargo/libhot_loader-1.rlib",
            "other/libtwo.rlib",
        ] {
            fs::write(at(file), file).unwrap();
        }
        fs::write(at("cargo/one-1.d"), "").unwrap();
        fs::write(at("engine.rs"), "pub fn one() {}").unwrap();
        let mut rustc = Command::new("rustc");
        rustc.args(["--crate-type=dylib", "-Cprefer-dynamic", "-o"]);
        rustc.args([at("cargo/libengine.so"), at("engine.rs")]);
        assert!(rustc.status().unwrap().success());
        let needed = ["libengine.so".into(), "libone-1.rlib".into()];
        let json = serde_json::json!({
            "v": 2,
            "rustc": "rustc",
            "cwd": dir.path(),
            "args": [
                "--crate-name", "rules", "src/lib.rs", "--out-dir", at("cargo"),
                "-L", format!("dependency={}", at("cargo").display()),
                "--extern", format!("one={}", at("cargo/libone-1.rmeta").display()),
                "--extern", format!("hot_loader={}", at("cargo/libhot_loader-1.rlib").display()),
                "--extern", format!("two={}", at("other/libtwo.rlib").display()),
            ],
            "env": {},
            "sources": {},
            "started_ms": 0,
        });
        let recipe = Recipe::parse(&json.to_string(), true).unwrap();
        let linked = SystemTime::now() + Duration::from_secs(60);
        let face = at("cargo/libface-1.rmeta");
        let mut pins = Pins::new(&recipe, &at("ours"), linked, &needed, Some(&face)).unwrap();
        let place = at("place");
        assert!(!pins.are_in(&place));
        pins.place(&place).unwrap();
        assert!(pins.are_in(&place));
        pins.verify().unwrap();
        for (cargos, placed) in [
            ("cargo", "place/deps-0"),
            ("cargo/libone-1.rmeta", "place/deps-0/libone-1.rlib"),
            ("cargo/libone-1.rlib", "place/deps-0/libone-1.rlib"),
            ("other/libtwo.rlib", "other/libtwo.rlib"),
            ("cargo/libhot_loader-1.rlib", "place/deps-0/libface-1.rlib"),
        ] {
            assert_eq!(pins.placed(&at(cargos), &place), at(placed));
        }
        assert!(!at("place/deps-0/one-1.d").exists());
        let two = fs::read_to_string(at("other/libtwo.rlib")).unwrap();
        assert_eq!(two, "other/libtwo.rlib", "it is in no folder of `-L`");
        // One more, or another.
        fs::write(at("place/deps-0/more.rlib"), "").unwrap();
        assert!(!pins.are_in(&place));
        pins.place(&place).unwrap();
        assert!(pins.are_in(&place));
        let length = |path: &str| fs::metadata(at(path)).unwrap().len();
        let [whole, stub] = ["cargo/libengine.so", "place/deps-0/libengine.so"].map(length);
        assert_eq!(stub < whole, HAS_STUBS);
        if HAS_STUBS {
            // Another file of the same length.
            fs::write(at("place/deps-0/libengine.so"), vec![0; stub as usize]).unwrap();
            assert!(!pins.are_in(&place));
            pins.place(&place).unwrap();
        }
        // A linker wants all of it.
        assert!(!pins.use_all(&[Diagnostic::plain("mismatched types")]));
        let refused = [Diagnostic::plain(
            "linking with `cc` failed: exit status: 1",
        )];
        assert_eq!(pins.use_all(&refused), HAS_STUBS);
        assert!(!pins.use_all(&refused));
        pins.place(&place).unwrap();
        assert!(pins.are_in(&place));
        assert_eq!(length("place/deps-0/libengine.so"), whole);
        assert_eq!(length("cargo/libengine.so"), whole);
        // The module names the plugin, which is not in the face.
        let hot_loader = at("cargo/libhot_loader-1.rlib");
        let lacks = [Diagnostic::plain("no `HotLoaderPlugin` in the root")];
        assert!(pins.use_all(&lacks));
        assert!(!pins.use_all(&lacks));
        assert_eq!(
            pins.placed(&hot_loader, &place),
            at("place/deps-0/libhot_loader-1.rlib")
        );
        // As if the folders had moved.
        let gone = Some(Path::new("/no/such/libgone-1.rmeta"));
        let pins_without = Pins::new(&recipe, &at("without"), linked, &needed, gone).unwrap();
        assert!(
            pins_without
                .placed(&hot_loader, &place)
                .ends_with("libhot_loader-1.rlib")
        );
        fs::write(at("cargo/libone-1.rlib"), "written over in place").unwrap();
        assert!(matches!(pins.verify(), Err(PinError::Stale(_))));
        assert!(matches!(
            Pins::new(&recipe, &at("again"), SystemTime::UNIX_EPOCH, &needed, None),
            Err(PinError::Stale(_))
        ));
    }
}
