//! Whether a name that the engine gives (of a system, an observer, a component)
//! is one of the module's, and what it is called now. Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
};

/// Whether a path that begins with the crate's name stands somewhere in `name`
/// (generic code of others over types of the module counts), or it is no path at
/// all (`IntoSystem::with_name`).
pub fn is_ours(name: &str, crate_name: &str) -> bool {
    !name.contains("::") || mentions_crate(name, crate_name)
}

/// Whether the function of this name is written in the crate itself: code of others,
/// generic over the module's types, is not.
pub fn is_written_in(name: &str, crate_name: &str) -> bool {
    name.trim_start_matches('<')
        .strip_prefix(crate_name)
        .is_some_and(|rest| rest.starts_with("::"))
}

/// Whether a system or condition of this name is, or is made of, a function that is
/// written in the crate: what the engine makes for its types is not.
pub fn is_own_code(name: &str, crate_name: &str) -> bool {
    // Of a function pointer only the type is known.
    !name.contains("::")
        || name.contains("fn(")
        || functions(name).any(|function| is_written_in(function, crate_name))
}

/// The functions that a system or condition of this name is made of, among other words.
pub fn functions(name: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    name.split(move |c| {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(c, ' ' | '!' | '(' | ')' | ',')
    })
}

/// Names for people: each path by its last segment, in full where two names would be the
/// same.
pub fn shortened<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let mut of_short: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for name in names {
        of_short.entry(short(name)).or_default().insert(name);
    }
    let shown = of_short.into_iter().flat_map(|(short, names)| {
        let is_clear = names.len() == 1;
        names.into_iter().map(move |name| match is_clear {
            true => (name, short.clone()),
            false => (name, name.to_owned()),
        })
    });
    shown.collect()
}

/// The last segment of each path in a name: `go<Ship>` for `a::go<a::b::Ship>`. A closure
/// keeps the function that it is in.
fn short(name: &str) -> String {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '{' | '}' | '#');
    with_paths(name, is_path, |path| [last_segment(path), ""])
}

/// A name in which each path, which consists of such characters, is what `spelled` says.
fn with_paths<'a>(
    name: &'a str,
    is_path: impl Fn(char) -> bool,
    spelled: impl Fn(&'a str) -> [&'a str; 2],
) -> String {
    let is_path = &is_path;
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while !rest.is_empty() {
        let (path, tail) = rest.split_at(rest.find(|c| !is_path(c)).unwrap_or(rest.len()));
        let (between, tail) = tail.split_at(tail.find(is_path).unwrap_or(tail.len()));
        text.extend(spelled(path));
        text.push_str(between);
        rest = tail;
    }
    text
}

fn last_segment(path: &str) -> &str {
    // What follows a type in angle brackets.
    if path.starts_with("::") {
        return path;
    }
    let mut ends = path.rmatch_indices("::").map(|(at, _)| &path[at + 2..]);
    ends.find(|end| !end.starts_with('{')).unwrap_or(path)
}

/// Types that have another path now, by their paths without arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames(BTreeMap<String, String>);

impl Renames {
    /// Whether nothing has another name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the type of this path has another one now.
    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Whether some type has this path now, and had another one.
    pub fn has_new(&self, path: &str) -> bool {
        self.0.values().any(|new| new == path)
    }

    /// What was, and what it is now.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter();
        all.map(|(old, new)| (old.as_str(), new.as_str()))
    }

    /// One more.
    pub fn add(&mut self, old: &str, new: &str) {
        self.0.insert(old.to_owned(), new.to_owned());
    }

    /// No longer.
    pub fn remove(&mut self, old: &str) {
        self.0.remove(old);
    }

    /// The name of today, of the type itself or of one that mentions it; `None` if it is
    /// the same.
    pub fn apply(&self, name: &str) -> Option<String> {
        if self.0.keys().all(|old| !name.contains(old.as_str())) {
            return None;
        }
        let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let spelled = with_paths(name, is_path, |path| self.of(path).unwrap_or([path, ""]));
        (spelled != name).then_some(spelled)
    }

    /// The new path of a type, and what follows the old one: a variant, a function.
    fn of<'a>(&'a self, path: &'a str) -> Option<[&'a str; 2]> {
        let ends = path.match_indices("::").map(|(at, _)| at);
        let mut ends = iter::once(path.len()).chain(ends);
        ends.find_map(|at| Some([self.0.get(&path[..at])?, &path[at..]]))
    }
}

/// A type's path without its arguments.
pub fn base(name: &str) -> &str {
    name.split('<').next().unwrap_or(name)
}

/// Whether a path that begins with the crate's name stands somewhere in `name`.
pub(crate) fn mentions_crate(name: &str, crate_name: &str) -> bool {
    name.match_indices(crate_name).any(|(at, _)| {
        let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        !name[..at].ends_with(goes_on) && name[at + crate_name.len()..].starts_with("::")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_others_over_types_of_the_module_is_not_written_in_it() {
        assert!(is_written_in("systems::ship::steer", "systems"));
        assert!(is_written_in("<systems::Ship as other::Go>::go", "systems"));
        assert!(!is_written_in("other::apply<systems::Ship>", "systems"));
        assert!(!is_written_in("systems_more::apply", "systems"));
    }

    #[test]
    fn what_combines_the_modules_functions_is_its_own_code() {
        for own in [
            "systems::steer",
            "!systems::is_calm",
            "Pipe(bevy_ecs::number, systems::take<bevy::A, bevy::B>)",
            "<systems::Ship as other::Go>::go",
            "fn(bevy_ecs::ResMut<systems::Score>)",
            "steer",
        ] {
            assert!(is_own_code(own, "systems"), "{own}");
        }
        for other in [
            "bevy_state::apply<a::B, systems::Game>",
            "!bevy::in_state<systems::Game>",
        ] {
            assert!(!is_own_code(other, "systems"), "{other}");
        }
    }

    #[test]
    fn names_for_people_are_short_where_that_is_clear() {
        for (name, shown) in [
            ("systems::ship::steer", "steer"),
            ("steer", "steer"),
            ("systems::build::{{closure}}", "build::{{closure}}"),
            (
                "systems::a::build::{{closure}}::{{closure}}",
                "build::{{closure}}::{{closure}}",
            ),
            ("systems::go<systems::parts::Ship>", "go<Ship>"),
            ("<systems::Ship as other::Go>::go", "<Ship as Go>::go"),
            ("observer systems::on_hit", "observer on_hit"),
            ("Pipe(systems::a::one, systems::two)", "Pipe(one, two)"),
        ] {
            assert_eq!(short(name), shown);
        }
        let names = ["systems::a::go", "systems::b::go", "systems::fly"];
        let shown = shortened(names);
        let shown: Vec<&str> = names.iter().map(|name| shown[name].as_str()).collect();
        assert_eq!(shown, ["systems::a::go", "systems::b::go", "fly"]);
    }

    #[test]
    fn a_system_is_the_modules_if_its_name_mentions_the_crate() {
        assert!(is_ours("systems::ship::steer", "systems"));
        assert!(is_ours("bevy_state::apply<systems::Game>", "systems"));
        assert!(is_ours("steer", "systems"), "a custom name");
        assert!(!is_ours("bevy_ecs::systems::apply", "systems"));
        assert!(!is_ours("my_systems::apply", "systems"));
        assert!(!is_ours("systems_more::apply", "systems"));
    }

    #[test]
    fn a_renamed_type_is_found_wherever_its_whole_path_stands() {
        let mut renames = Renames::default();
        renames.add("systems::Old", "systems::parts::New");
        renames.add("systems::A", "systems::B");
        renames.add("systems::B", "systems::A");
        for (old, new) in [
            ("systems::Old", Some("systems::parts::New")),
            (
                "bevy_state::State<systems::Old>",
                Some("bevy_state::State<systems::parts::New>"),
            ),
            (
                "(systems::Old, systems::Older)",
                Some("(systems::parts::New, systems::Older)"),
            ),
            (
                "systems::Old<u32>::{variant Full}",
                Some("systems::parts::New<u32>::{variant Full}"),
            ),
            (
                "systems::Old::{variant Full}",
                Some("systems::parts::New::{variant Full}"),
            ),
            (
                "[systems::A; 3] systems::B",
                Some("[systems::B; 3] systems::A"),
            ),
            ("more_systems::Old", None),
            ("game::systems::Old", None),
            ("systems::Older", None),
        ] {
            assert_eq!(renames.apply(old).as_deref(), new, "{old}");
        }
    }
}
