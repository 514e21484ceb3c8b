//! What an edit says beside its kind: which functions changed, which of them have other
//! closures now, who may run changed code, and whose registration may have changed.
//!
//! Must not ask of which kind an edit is.

use super::judge::codes;
use super::{Kind, case};
use crate::edit::{Edit, compare};

/// The edits of `source` by these replacements, with how to write a path of its module.
fn edits<'a>(source: &str, replaced: &[(&'a str, &'a str)]) -> Vec<(Edit, String)> {
    let cases: Vec<_> = replaced
        .iter()
        .map(|(from, to)| {
            let after = source.replace(from, to);
            let behaviour = format!("{from} -> {to}");
            case((behaviour, source.to_owned(), after, Kind::Body, Kind::Body))
        })
        .collect();
    codes(&cases)
        .iter()
        .map(|(module, old, new)| (compare(old, new), module.clone()))
        .collect()
}

/// Without the module that a row is, as the paths of a crate of its own would be.
fn bare(names: &[String], module: &str) -> Vec<String> {
    let module = format!("systems::{module}");
    let names = names.iter().map(|name| name.replace(&module, "systems"));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The functions that changed when what stands for `#` does.
fn changed(source: &str, from: &str, to: &str) -> Vec<String> {
    let (before, after) = (source.replace('#', from), source.replace('#', to));
    let all = edits(&before, &[(before.as_str(), after.as_str())]);
    let (edit, module) = &all[0];
    bare(&edit.functions, module)
}

#[test]
fn changed_functions_are_named_as_type_name_names_them() {
    let source = "mod ship { pub fn steer() -> u8 { # } pub struct Vessel(pub u8); impl Vessel { pub fn turn(&self) -> u8 { # } } }
        pub trait Go { fn go(&self) -> u8; fn stop(&self) -> u8 { # } } pub struct Any<T>(T);
        impl Go for Any<u8> { fn go(&self) -> u8 { # } } impl From<u8> for ship::Vessel { fn from(_: u8) -> Self { ship::Vessel(#) } }
        mod far { impl super::ship::Vessel { pub fn far(&self) -> u8 { # } } } fn same() {}";
    assert_eq!(
        changed(source, "1", "2"),
        [
            "<systems::Any as systems::Go>::go",
            "<systems::ship::Vessel as From>::from",
            "systems::Go::stop",
            "systems::far::<impl systems::ship::Vessel>::far",
            "systems::ship::Vessel::turn",
            "systems::ship::steer",
        ]
    );
}

#[test]
fn functions_that_come_and_go_are_named_and_comments_name_none() {
    assert_eq!(
        changed("fn x() {} #", "fn y() {}", "fn z() {}"),
        ["systems::y", "systems::z"]
    );
    let none: [String; 0] = [];
    let source = "# struct A; fn x() -> u8 { 1 #  }";
    assert_eq!(changed(source, "", "/* a */"), none);
    assert_eq!(changed(source, "\n", "// a\n\n\n"), none);
    assert_eq!(changed("# fn x() {}", "", "/// Said.\n"), none);
    assert_eq!(
        changed("fn f() -> (u8,) { (1#) } ", ",", ", "),
        none,
        "formatting"
    );
}

#[test]
fn operators_that_differ_by_a_space_are_different_code() {
    let both = "fn f(a: bool, b: bool) -> bool { a # b }";
    assert_eq!(changed(both, "& !!", "&&").len(), 1);
    let less = "fn f(a: i8) -> bool { let x = &&a; **x #1 }";
    assert_eq!(changed(less, "< -", "<= ").len(), 1);
}

#[test]
fn functions_whose_closures_are_renumbered_are_named() {
    let with = "struct A; struct B; trait Go { fn go(&self); fn no(&self) {} } /**/ \
        impl Go for B { fn go(&self) { x(|| 1); } fn no(&self) {} } fn x(f: impl Fn() -> u8) { f(); }";
    let all = edits(with, &[("/**/", "impl Go for A { fn go(&self) {} }")]);
    let (edit, module) = &all[0];
    let renumbered = bare(&edit.renumbered, module);
    assert!(
        renumbered.contains(&"<systems::B as systems::Go>::go".to_owned()),
        "{renumbered:?}"
    );
    assert!(
        !renumbered.contains(&"<systems::B as systems::Go>::no".to_owned()),
        "{renumbered:?}"
    );
}

#[test]
fn closures_keep_their_numbers_where_they_are_edited_or_others_follow() {
    let uses = "struct F; impl F { fn g<X: Fn() -> u8>(self, f: X) -> F { f(); F } fn h<X: Fn() -> u8>(self, f: X) -> F { f(); F } } \
        fn f<X: Fn() -> u8>(f: X) -> F { f(); F } fn x() {} fn deep<X: Fn() -> Y, Y: Fn() -> u8>(f: X) {}";
    let rows: &[(bool, &str, &str)] = &[
        (true, "f(|| 1).g(|| 2);", "x(); f(|| 1).g(|| 2);"),
        (true, "f(|| 1).g(|| 2);", "f(|| 3).g(|| 2);"),
        (true, "f(|| 1);", "f(|| 1).g(|| 2);"),
        (true, "f(|| 1).g(|| 2);", "f(|| 1);"),
        (false, "f(|| 1);", "f(|| 2).g(|| 1);"),
        (false, "f(|| 1).g(|| 2);", "f(|| 2).g(|| 1);"),
        (false, "f(|| 1).g(|| 2).h(|| 3);", "f(|| 1).h(|| 3);"),
        (false, "deep(|| || 1); f(|| 2);", "f(|| 2); deep(|| || 1);"),
        (true, "deep(|| || 1);", "deep(|| || 2);"),
    ];
    let cases: Vec<_> = rows
        .iter()
        .map(|(_, before, after)| {
            let [before, after] =
                [before, after].map(|body| format!("{uses} fn within() {{ {body} }}"));
            case((after.clone(), before, after, Kind::Body, Kind::Body))
        })
        .collect();
    for ((kept, before, after), (module, old, new)) in rows.iter().zip(codes(&cases)) {
        let edit = compare(&old, &new);
        let renumbered = bare(&edit.renumbered, &module);
        let is_kept = !renumbered.contains(&"systems::within".to_owned());
        assert_eq!(*kept, is_kept, "{before} -> {after}: {renumbered:?}");
    }
}

const AFFECTED: &str = "
    const SPEED: f32 = 1.0;
    fn speed() -> f32 { SPEED * 2.0 }
    fn on_bell(_: On<Bell>) { speed(); }
    fn on_hit(_: On<Hit>) { score(); }
    fn score() { let _ = 7; }
    fn level() -> &'static str { include_str!(\"crate/level.txt\") }
    fn generic<T>() { speed(); }
    #[derive(Event)] struct Bell;
    trait Load { fn load(&self) -> u32 { 0 } fn extensions(&self) -> &[&str]; }
    fn parse() -> u32 { 1 }
    fn other() -> u32 { 1 }
    struct First;
    impl Load for First { fn load(&self) -> u32 { parse() } fn extensions(&self) -> &[&str] { &[\"a\"] } }
    struct Second;
    impl Load for Second { fn extensions(&self) -> &[&str] { &[] } }
\n//// level.txt\nthe first level";

#[test]
fn an_edit_affects_what_reaches_it_and_nothing_else() {
    let all = edits(
        AFFECTED,
        &[
            ("SPEED: f32 = 1.0", "SPEED: f32 = 3.0"),
            ("the first level", "another level"),
            ("let _ = 7;", "/* nothing */ let _ = 7;"),
            ("parse() -> u32 { 1", "parse() -> u32 { 2"),
            ("&[] }", "&[\"lvl\"] }"),
            ("other() -> u32 { 1", "other() -> u32 { 2"),
        ],
    );
    let functions = |at: usize| {
        let (edit, module) = &all[at];
        let names: Vec<String> = edit.affected.functions.iter().cloned().collect();
        bare(&names, module)
    };
    assert_eq!(
        functions(0),
        ["systems::generic", "systems::on_bell", "systems::speed"]
    );
    let (edit, module) = &all[0];
    let full = |name: &str| name.replace("g::", &format!("systems::{module}::"));
    for system in [
        "g::on_bell",
        "observer g::on_bell",
        "Pipe(g::score, g::speed)",
    ] {
        assert!(edit.affected.changes(&full(system)), "{system}");
    }
    for system in ["g::score", "!g::on_hit", "other::speed", "speed"] {
        assert!(!edit.affected.changes(&full(system)), "{system}");
    }
    for function in [
        "g::on_bell",
        "g::on_bell::{{closure}}",
        "g::generic<g::Bell>",
        // What is unknown is named.
        "other::unknown",
    ] {
        assert!(edit.affected.may_be(&full(function)), "{function}");
    }
    assert!(!edit.affected.may_be(&full("g::on_hit")));
    assert_eq!(functions(1), ["systems::level"], "an included file");
    assert!(all[2].0.affected.is_empty(), "a comment");
    let loaders = |at: usize| -> Vec<String> {
        let (edit, module) = &all[at];
        let found: Vec<String> = edit.affected.impls_of("Load").map(str::to_owned).collect();
        bare(&found, module)
    };
    assert_eq!(loaders(3), ["systems::First"]);
    assert_eq!(loaders(4), ["systems::Second"]);
    assert!(loaders(5).is_empty());
}

const REGISTERING: &str = "
    use bevy::prelude::in_state as when;
    const LIMIT: u32 = 3;
    pub struct First;
    impl Plugin for First {
        fn build(&self, app: &mut App) {
            app.add_systems(Update, walk.run_if(at_most(LIMIT)));
        }
    }
    pub struct Second;
    impl Plugin for Second {
        fn build(&self, app: &mut App) {
            app.add_systems(Update, jump.run_if(when(State::On)));
            app.add_observer(on_bell);
        }
    }
    #[derive(States)] enum State { On, Off }
    #[derive(Event)] struct Bell;
    fn at_most(limit: u32) -> impl FnMut() -> bool { move || limit > 1 }
    fn walk(mut q: Query<&mut Ship>) { step(); }
    fn jump() { step(); }
    fn step() { other(1.0); }
    fn other(x: f32) {}
    fn on_bell(_: On<Bell>) { step(); }
";

#[test]
fn an_edit_concerns_the_registration_of_what_changed_code_says() {
    let all = edits(
        REGISTERING,
        &[
            ("State::On)", "State::Off)"),
            ("LIMIT: u32 = 3", "LIMIT: u32 = 4"),
            ("fn walk(mut q", "fn walk(mut more: Local<u8>, mut q"),
            ("1.0", "2.0"),
        ],
    );
    let concerns = |at: usize, name: &str| all[at].0.registering.may_concern(name);
    // An edited build, and what it says.
    for name in [
        "g::jump",
        "g::on_bell",
        "bevy_state::condition::in_state<g::State>::{{closure}}",
    ] {
        assert!(concerns(0, name), "{name}");
    }
    assert!(!concerns(0, "g::walk"));
    assert!(!concerns(0, "g::at_most::{{closure}}"));
    // A value that a build evaluates.
    assert!(concerns(1, "g::at_most::{{closure}}"));
    assert!(!concerns(1, "g::on_bell"));
    // Another signature.
    assert!(concerns(2, "g::walk"));
    assert!(!concerns(2, "g::at_most::{{closure}}"));
    assert!(!concerns(2, "g::on_bell"));
    // A body.
    for name in ["g::walk", "g::jump", "g::on_bell"] {
        assert!(!concerns(3, name), "{name}");
    }
}
