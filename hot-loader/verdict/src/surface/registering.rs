//! What an edit may have changed in registrations: the names that changed registration
//! code says, and code that evaluates what changed.
//!
//! A closure that is registered, or a condition with a value, is made where it is
//! registered: if nothing there that says its name changed, it is the same. By names
//! alone, so it suspects too many rather than too few.

use super::Surface;
use super::items::{Item, Role};
use super::text::Text;
use hot_loader_compile::hash::{Name, name};
use std::collections::{BTreeMap, HashSet};

/// The names that changed registration code says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registering {
    names: HashSet<Name>,
    /// It holds code that cannot be read.
    anything: bool,
}

impl Registering {
    /// Whether the registration of a system, condition or observer of this
    /// `std::any::type_name` may have changed.
    #[must_use]
    pub fn may_concern(&self, type_name: &str) -> bool {
        self.anything
            || type_name
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|part| !part.is_empty() && *part != "closure")
                .any(|part| self.names.contains(&name(part)))
    }

    /// Whatever is registered may have changed: of an edit that nothing is known of.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            names: HashSet::new(),
            anything: true,
        }
    }
}

/// What the edit from `old` to `new` may have changed in registrations.
pub(super) fn between(old: &Surface, new: &Surface) -> Registering {
    let changed = changed(old, new);
    let mut found = Registering::default();
    let mut seeds: HashSet<Name> = HashSet::new();
    for item in &changed {
        found.take(item);
        // A system is named, and not evaluated, where it is registered.
        if item.role != Role::Fn || item.body_flags.registration {
            seeds.extend(item.name);
        }
    }
    // What evaluates something that changed is as if it had changed itself.
    loop {
        let before = seeds.len();
        for item in &new.items {
            if parts(item).any(|text| says_any(text, &seeds)) {
                found.take(item);
                if item.role != Role::Fn || item.body_flags.registration {
                    seeds.extend(item.name);
                }
            }
        }
        if seeds.len() == before {
            break;
        }
    }
    // Names that stand for others.
    loop {
        let before = found.names.len();
        for item in &new.items {
            let renames = matches!(item.role, Role::Use | Role::Alias | Role::Const);
            if renames && item.name.is_some_and(|name| found.names.contains(&name)) {
                found.names.extend(names(&item.shape));
            }
        }
        if found.names.len() == before {
            break;
        }
    }
    found
}

/// The parts of an item that are registration surface: a system's body is none, and
/// its signature is.
fn parts(item: &Item) -> impl Iterator<Item = &Text> {
    let shape = item.shape_flags.registration.then_some(&item.shape);
    let body = item.body.as_ref().filter(|_| item.body_flags.registration);
    shape.into_iter().chain(body)
}

/// Items whose registration surface is not the same in both.
fn changed<'a>(old: &'a Surface, new: &'a Surface) -> Vec<&'a Item> {
    let mut of_key: BTreeMap<&str, [Vec<&Item>; 2]> = BTreeMap::new();
    for (side, surface) in [old, new].into_iter().enumerate() {
        for item in &surface.items {
            of_key.entry(&item.key).or_default()[side].push(item);
        }
    }
    let content = |items: &[&Item]| -> Vec<Vec<u128>> {
        let hashes = items
            .iter()
            .map(|item| parts(item).map(|text| text.hash).collect());
        hashes.collect()
    };
    of_key
        .into_values()
        .filter(|[before, after]| content(before) != content(after))
        .flatten()
        .flatten()
        .filter(|item| parts(item).next().is_some())
        .collect()
}

fn names(text: &Text) -> impl Iterator<Item = Name> {
    let all = [&text.heads, &text.tails, &text.outer, &text.dots];
    all.into_iter().flatten().copied()
}

impl Registering {
    fn take(&mut self, item: &Item) {
        self.names.extend(item.name);
        // A macro can say anything, and an import decides what a method means.
        self.anything |= matches!(item.role, Role::Macro | Role::Use | Role::Glob);
        for text in parts(item) {
            self.anything |= text.includes_code || text.crate_wide;
            self.names.extend(names(text));
        }
    }
}

fn says_any(text: &Text, names: &HashSet<Name>) -> bool {
    let all = [&text.heads, &text.tails, &text.dots];
    all.into_iter().flatten().any(|name| names.contains(name))
}

#[cfg(test)]
mod tests {
    use super::super::{Crate, SourceFile, Surface, compare};
    use std::path::{Path, PathBuf};

    const SOURCE: &str = "
        use bevy::prelude::in_state as when;
        const LIMIT: u32 = 3;
        pub struct A;
        impl Plugin for A {
            fn build(&self, app: &mut App) {
                app.add_systems(Update, walk.run_if(at_most(LIMIT)));
            }
        }
        pub struct B;
        impl Plugin for B {
            fn build(&self, app: &mut App) {
                app.add_systems(Update, jump.run_if(when(State::On)));
                app.add_observer(on_bell);
            }
        }
        fn walk(mut q: Query<&mut A>) { step(); }
        fn jump() { step(); }
        fn step() { other(1.0); }
        fn on_bell(_: On<Bell>) { step(); }
    ";

    fn concerns(from: &str, to: &str) -> impl Fn(&str) -> bool {
        let surface = |text: &str| {
            let file = SourceFile {
                path: PathBuf::from("/g/src/lib.rs"),
                bytes: text.as_bytes().into(),
            };
            Surface::of(
                Crate {
                    name: "g",
                    root: Path::new("/g/src/lib.rs"),
                    prelude_logs: true,
                },
                &[file],
            )
            .expect("it is Rust")
        };
        let edited = SOURCE.replace(from, to);
        assert_ne!(edited, SOURCE);
        let registering = compare(&surface(SOURCE), &surface(&edited)).registering;
        move |name| registering.may_concern(name)
    }

    #[test]
    fn an_edited_build_concerns_what_it_says_and_nothing_else() {
        let concerned = concerns("State::On)", "State::Off)");
        assert!(concerned("g::jump"));
        assert!(concerned("g::on_bell"));
        assert!(concerned(
            "bevy_state::condition::in_state<g::State>::{{closure}}"
        ));
        assert!(!concerned("g::walk"));
        assert!(!concerned("g::at_most::{{closure}}"));
    }

    #[test]
    fn a_value_that_a_build_evaluates_concerns_what_that_build_says() {
        let concerned = concerns("= 3", "= 4");
        assert!(concerned("g::at_most::{{closure}}"));
        assert!(!concerned("g::on_bell"));
    }

    #[test]
    fn another_signature_concerns_that_system_alone() {
        let concerned = concerns("fn walk(mut q", "fn walk(mut more: Local<u8>, mut q");
        assert!(concerned("g::walk"));
        assert!(!concerned("g::at_most::{{closure}}") && !concerned("g::on_bell"));
    }

    #[test]
    fn a_body_edit_concerns_no_registration() {
        let concerned = concerns("1.0", "2.0");
        assert!(
            !["g::walk", "g::jump", "g::on_bell"]
                .into_iter()
                .any(concerned)
        );
    }
}
