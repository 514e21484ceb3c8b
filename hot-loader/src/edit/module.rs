//! The names and places of the module, its code, and whether it is known what the
//! executable was compiled from. It must never build anything.

use hot_loader_compile::{recipe::Recipe, sources::Sources};
use hot_loader_verdict::code::{Code, Error, SourceFile, are_same};
use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// Names and places of the module.
pub struct Module {
    pub name: &'static str,
    /// How cargo built it.
    pub recipe: Recipe,
}

impl Module {
    /// The folder that all its sources are in, but for what it includes.
    pub fn source_dir(&self) -> &Path {
        self.recipe.root.parent().unwrap_or(&self.recipe.cwd)
    }

    /// Whether `file` is a Rust file below the source folder.
    pub fn holds(&self, file: &Path) -> bool {
        file.starts_with(self.source_dir()) && file.extension().is_some_and(|e| e == "rs")
    }

    /// What these files of `sources` say.
    ///
    /// # Errors
    /// If they are no Rust.
    pub fn code<'a>(
        &self,
        sources: &Sources,
        files: impl IntoIterator<Item = &'a PathBuf>,
    ) -> Result<Code, Error> {
        let files = files.into_iter().filter_map(|path| {
            Some(SourceFile {
                path: path.clone(),
                bytes: sources.get(path)?.clone(),
            })
        });
        Code::of(self.name, &self.recipe.root, &files.collect::<Vec<_>>())
    }

    /// What a build of `sources` will probably be of. `None` if they are no Rust: rustc will
    /// say so better.
    ///
    /// # Errors
    /// If they are nested too deep: rustc may crash on them, and says no place then.
    pub fn predicted(&self, sources: &Sources) -> Result<Option<Code>, Error> {
        match self.code(sources, sources.iter().map(|(path, _)| path)) {
            Ok(code) => Ok(Some(code)),
            Err(error @ Error::Deep { .. }) => Err(error),
            Err(_) => Ok(None),
        }
    }
}

/// Whether comments and blanks are all that differs between sources of one crate.
pub fn are_same_tokens(old: &Sources, new: &Sources) -> bool {
    new.changed_since(old).iter().all(|path| {
        let is_rust = path.extension().is_some_and(|it| it == "rs");
        let both = old.get(path).zip(new.get(path));
        is_rust && both.is_some_and(|(old, new)| are_same(old, new))
    })
}

/// Files that are not among those that [`Sources::read`] finds by itself.
pub fn outside(files: &[PathBuf], module: &Module) -> Vec<PathBuf> {
    let outside = files.iter().filter(|file| !module.holds(file));
    outside.cloned().collect()
}

/// How long after its start rustc reads included files at the earliest. The start is known to
/// two hundredths of a second.
const STARTUP: Duration = Duration::from_millis(30);

/// The first of the `compiled` files whose content in generation 0 is not certain: it was
/// saved while rustc read the sources, until `read`, or afterwards if its text is not known.
/// In `OUT_DIR` only the build script writes, which ran before, and macros, which run in it:
/// cargo keeps others out of the target folder meanwhile.
pub fn uncertain<'a>(
    recipe: &Recipe,
    compiled: &'a [PathBuf],
    now: &Sources,
    read: SystemTime,
) -> Option<&'a PathBuf> {
    let started = recipe.started_at();
    compiled.iter().find(|file| {
        let saved = now.modified(file);
        match recipe.sources.get(*file).map(String::as_bytes) {
            // Some are read after `export!`: a `mod` that another macro writes.
            Some(text) => {
                now.get(file).is_none_or(|now| **now != *text)
                    && saved.is_some_and(|saved| (started..=read).contains(&saved))
            }
            None => {
                let out_dir = recipe.env.get("OUT_DIR");
                let is_made = out_dir.is_some_and(|dir| file.starts_with(dir));
                let until = if is_made { read } else { started + STARTUP };
                saved.is_none_or(|saved| saved > until)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::scratch_dir;
    use std::fs;

    #[test]
    fn a_text_is_known_unless_it_was_saved_while_it_was_read() {
        let dir = scratch_dir("uncertain");
        let [lib, data, made] =
            ["lib.rs", "data.txt", "out/made.rs"].map(|name| dir.path().join(name));
        fs::create_dir(dir.path().join("out")).unwrap();
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let save = |path: &Path, text: &str, seconds: u64| {
            fs::write(path, text).unwrap();
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(at(seconds)).unwrap();
        };
        let json = serde_json::json!({
            "v": 2,
            "rustc": "rustc",
            "cwd": dir.path(),
            "args": ["--crate-name", "rules", "lib.rs", "--out-dir", "target"],
            "env": { "OUT_DIR": dir.path().join("out") },
            "sources": { (lib.to_str().unwrap()): "one" },
            "started_ms": 1_000_000,
        });
        let recipe = Recipe::parse(&json.to_string(), true).unwrap();
        let compiled = [lib.clone(), data.clone(), made.clone()];
        let look = || {
            let now = Sources::read(dir.path(), &compiled);
            let unsure = uncertain(&recipe, &compiled, &now, at(1003)).cloned();
            (unsure, now.as_of(&recipe.sources, at(1003)))
        };
        save(&data, "1", 900);
        // By a build script in the last moment, or a macro.
        save(&made, "3", 1002);
        // As it was compiled, and saved since, to the same and to another text.
        for (text, seconds) in [("one", 900), ("one", 1001), ("two", 900), ("two", 1010)] {
            save(&lib, text, seconds);
            let (unsure, before) = look();
            assert_eq!(unsure, None, "{text} at {seconds}");
            assert_eq!(**before.get(&lib).unwrap(), *b"one");
            assert_eq!(**before.get(&data).unwrap(), *b"1");
            assert_eq!(**before.get(&made).unwrap(), *b"3");
        }
        // While rustc read its sources: perhaps after `export!`, before rustc did.
        save(&lib, "two", 1002);
        assert_eq!(look().0, Some(lib.clone()));
        // What is included has no text that is known.
        save(&lib, "one", 900);
        save(&data, "2", 1010);
        assert_eq!(look().0, Some(data.clone()));
        save(&data, "2", 900);
        save(&made, "4", 1010);
        assert_eq!(look().0, Some(made));
    }
}
