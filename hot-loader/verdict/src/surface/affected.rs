//! Which functions may run code that an edit changed: themselves edited, or naming
//! something that was, directly or through others.
//!
//! By names alone, so it names too many rather than too few. Must never be used to
//! decide whether an edit is sound: it only says what is worth telling.

use super::items::{Item, Role};
use super::{Surface, text::Text};
use crate::names;
use hot_loader_compile::hash::{Name, name};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What an edit can be noticed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    functions: BTreeSet<String>,
    others: BTreeSet<String>,
}

impl Affected {
    /// Whether the function of this `std::any::type_name`, a closure in it, or an
    /// instance of it may run changed code. `true` for functions that are unknown.
    #[must_use]
    pub fn may_be(&self, type_name: &str) -> bool {
        let plain = plain(type_name);
        !self.others.contains(plain) || self.functions.contains(plain)
    }

    /// Whether a system of this name is made of a function that may run changed code.
    /// `false` if all of its functions are unknown.
    #[must_use]
    pub fn changes(&self, system: &str) -> bool {
        names::functions(system).any(|function| self.functions.contains(plain(function)))
    }

    /// Whether a function of one of these names, wherever it is, may run changed code.
    #[must_use]
    pub fn reaches(&self, names: &[&str]) -> bool {
        let mut functions = self.functions.iter();
        functions.any(|path| names.contains(&path.rsplit("::").next().unwrap_or(path)))
    }

    /// What either can be noticed in.
    pub fn merge(&mut self, other: Self) {
        self.functions.extend(other.functions);
        self.others.extend(other.others);
    }

    /// Whether no function may run changed code: a comment was edited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// The types with an impl of this trait that may run changed code.
    pub fn impls_of<'a>(&'a self, of_trait: &'a str) -> impl Iterator<Item = &'a str> {
        self.functions.iter().filter_map(move |function| {
            let (owner, rest) = function.strip_prefix('<')?.split_once(" as ")?;
            let (path, _) = rest.split_once(">::")?;
            (path.rsplit("::").next() == Some(of_trait)).then_some(owner)
        })
    }

    /// The functions that may run changed code.
    #[cfg(test)]
    pub(super) fn functions(&self) -> Vec<&str> {
        self.functions.iter().map(String::as_str).collect()
    }
}

/// The path of a function, or of the one that a closure is in, without arguments.
fn plain(type_name: &str) -> &str {
    let plain = type_name.split("::{{closure}}").next().unwrap_or(type_name);
    match plain.starts_with('<') {
        // A method of an impl: as it stands.
        true => plain,
        false => plain.split('<').next().unwrap_or(plain),
    }
}

/// What the edit from `old` to `new` can be noticed in.
pub(super) fn between(old: &Surface, new: &Surface) -> Affected {
    let mut names: HashSet<Name> = changed(old, new)
        .iter()
        .filter_map(|item| match item.role {
            // Files are named by the last component of a literal.
            Role::Data => item.key.rsplit(['/', '\\']).next().map(name),
            _ => item.name,
        })
        .collect();
    let changed_paths: HashSet<&str> = changed(old, new)
        .iter()
        .map(|item| item.path.as_str())
        .collect();
    let mut reached: Vec<bool> = new
        .items
        .iter()
        .map(|item| item.role == Role::Fn && changed_paths.contains(item.path.as_str()))
        .collect();
    loop {
        let before = names.len();
        for (item, reached) in new.items.iter().zip(&mut reached) {
            if !*reached && says_any(item, &names) {
                *reached = true;
                names.extend(item.name);
            }
        }
        if names.len() == before {
            break;
        }
    }
    let mut affected = Affected::default();
    for (item, reached) in new.items.iter().zip(reached) {
        if item.role == Role::Fn {
            if reached {
                affected.functions.insert(item.path.clone());
            }
            affected.others.insert(item.path.clone());
        }
    }
    affected
}

fn says_any(item: &Item, names: &HashSet<Name>) -> bool {
    let says = |text: &Text| {
        let all = [&text.heads, &text.tails, &text.dots, &text.strings];
        text.any_file || all.into_iter().flatten().any(|name| names.contains(name))
    };
    says(&item.shape) || item.body.as_ref().is_some_and(says)
}

/// Items that are not the same in both.
fn changed<'a>(old: &'a Surface, new: &'a Surface) -> Vec<&'a Item> {
    let mut of_key: BTreeMap<&str, [Vec<&Item>; 2]> = BTreeMap::new();
    for (side, surface) in [old, new].into_iter().enumerate() {
        for item in &surface.items {
            of_key.entry(&item.key).or_default()[side].push(item);
        }
    }
    let content = |items: &[&Item]| -> Vec<_> {
        items
            .iter()
            .map(|item| (item.shape.hash, item.body.as_ref().map(|body| body.hash)))
            .collect()
    };
    of_key
        .into_values()
        .filter(|[before, after]| content(before) != content(after))
        .flatten()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Crate, SourceFile, Surface, compare};
    use std::path::{Path, PathBuf};

    fn surface(text: &str, data: &str) -> Surface {
        let file = |path: &str, text: &str| SourceFile {
            path: PathBuf::from(path),
            bytes: text.as_bytes().into(),
        };
        let files = [file("/g/src/lib.rs", text), file("/g/src/level.txt", data)];
        Surface::of(
            Crate {
                name: "g",
                root: Path::new("/g/src/lib.rs"),
                prelude_logs: true,
            },
            &files,
        )
        .expect("it is Rust")
    }

    const SOURCE: &str = "
        const SPEED: f32 = 1.0;
        fn speed() -> f32 { SPEED * 2.0 }
        fn on_bell(_: On<Bell>) { speed(); }
        fn on_hit(_: On<Hit>) { score(); }
        fn score() {}
        fn level() -> &'static str { include_str!(\"level.txt\") }
        fn generic<T>() { speed(); }
    ";

    #[test]
    fn an_edit_reaches_what_names_it_through_others_and_nothing_else() {
        let edited = SOURCE.replace("= 1.0", "= 3.0");
        let affected = compare(&surface(SOURCE, "a"), &surface(&edited, "a")).affected;
        assert_eq!(
            affected.functions(),
            ["g::generic", "g::on_bell", "g::speed"]
        );
        assert!(affected.may_be("g::on_bell"));
        for system in [
            "g::on_bell",
            "observer g::on_bell",
            "Pipe(g::score, g::speed)",
        ] {
            assert!(affected.changes(system), "{system}");
        }
        for system in ["g::score", "!g::on_hit", "other::speed", "speed"] {
            assert!(!affected.changes(system), "{system}");
        }
        assert!(affected.may_be("g::on_bell::{{closure}}"));
        assert!(affected.may_be("g::generic<g::Bell>"));
        assert!(!affected.may_be("g::on_hit"));
        assert!(
            affected.may_be("other::unknown"),
            "what is unknown is named"
        );
    }

    #[test]
    fn an_edit_of_what_a_loader_calls_reaches_the_loader() {
        let source = "
            fn parse() -> u32 { 1 }
            fn other() -> u32 { 1 }
            struct Loader;
            impl AssetLoader for Loader { async fn load(&self) -> u32 { parse() } }
            struct Second;
            impl bevy::asset::AssetLoader for Second { fn extensions(&self) -> &[&str] { &[] } }
        ";
        let loaders = |from: &str, to: &str| {
            let edited = source.replace(from, to);
            let affected = compare(&surface(source, "a"), &surface(&edited, "a")).affected;
            let loaders = affected.impls_of("AssetLoader");
            loaders.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            loaders("parse() -> u32 { 1", "parse() -> u32 { 2"),
            ["g::Loader"]
        );
        assert_eq!(loaders("&[] }", "&[\"lvl\"] }"), ["g::Second"]);
        assert!(loaders("other() -> u32 { 1", "other() -> u32 { 2").is_empty());
    }

    #[test]
    fn an_included_file_reaches_what_includes_it() {
        let affected = compare(&surface(SOURCE, "a"), &surface(SOURCE, "b")).affected;
        assert_eq!(affected.functions(), ["g::level"]);
    }

    #[test]
    fn a_comment_reaches_nothing() {
        let edited = format!("// Nothing.\n{SOURCE}");
        let affected = compare(&surface(SOURCE, "a"), &surface(&edited, "a")).affected;
        assert!(affected.functions().is_empty());
    }
}
