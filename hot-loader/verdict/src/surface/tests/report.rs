//! What an edit reports beside its kind.

use super::super::EditKind::{self, Body, Structure, Types};
use super::{edit, edit_files, surface_of};

#[test]
fn the_largest_kind_wins_and_comes_first() {
    let before = "struct A(u8); fn p(app: &mut App) { 1; } fn s() { 1; }";
    let after = "struct A(u16); fn p(app: &mut App) { 2; } fn s() { 2; }";
    let edit = edit(before, after);
    assert_eq!(edit.kind, Types);
    let kinds: Vec<EditKind> = edit.changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [Types, Structure, Body]);
}

#[test]
fn changes_say_what_and_where() {
    let edit = edit_files(
        &[
            ("src/lib.rs", "mod ship;"),
            (
                "src/ship.rs",
                "\n\npub struct Ship {\n  speed: f32,\n}\nfn old() {}\n",
            ),
        ],
        &[
            ("src/lib.rs", "mod ship;"),
            ("src/ship.rs", "\npub struct Ship {\n  speed: f64,\n}\n"),
        ],
    );
    let said: Vec<(&str, usize)> = edit
        .changes
        .iter()
        .map(|change| (change.item.as_str(), change.line))
        .collect();
    // What was removed has its old line.
    assert_eq!(
        said,
        [
            ("struct systems::ship::Ship", 2),
            ("fn systems::ship::old", 6),
        ]
    );
    for change in &edit.changes {
        assert!(change.file.ends_with("src/ship.rs"), "{change:?}");
        assert!(change.reason.contains(&change.item), "{change:?}");
    }
}

#[test]
fn changed_functions_are_named_as_type_name_names_them() {
    let source = "mod ship { pub fn steer() { # } pub struct Ship; impl Ship { fn turn(&self) { # } } }
        pub trait Go { fn go(&self); fn stop(&self) { # } } struct A<T>(T);
        impl Go for A<u8> { fn go(&self) { # } } impl Default for ship::Ship { fn default() -> Self { # } }
        mod far { impl super::ship::Ship { fn far(&self) { # } } } fn same() {}";
    let edit = edit(&source.replace('#', "1;"), &source.replace('#', "2;"));
    assert_eq!(
        edit.functions,
        [
            "<ship::Ship as core::default::Default>::default",
            "<systems::A<u8> as systems::Go>::go",
            "systems::Go::stop",
            "systems::far::<impl super::ship::Ship>::far",
            "systems::ship::Ship::turn",
            "systems::ship::steer",
        ]
    );
}

#[test]
fn added_and_removed_functions_are_named() {
    let edit = edit("fn a() {} fn b() {}", "fn b() {} fn c() {}");
    assert_eq!(edit.functions, ["systems::a", "systems::c"]);
}

#[test]
fn functions_whose_closures_are_renumbered_are_named() {
    let with = |before: &str| {
        format!(
            "struct A; struct B; {before} impl Go for B {{ fn go(&self) {{ x(|| 1); }} fn no(&self) {{}} }}"
        )
    };
    let edit = edit(&with(""), &with("impl Go for A { fn go(&self) {} }"));
    assert!(
        edit.functions
            .contains(&"<systems::B as Go>::go".to_owned()),
        "{:?}",
        edit.functions
    );
    assert!(
        !edit
            .functions
            .contains(&"<systems::B as Go>::no".to_owned()),
        "{:?}",
        edit.functions
    );
}

#[test]
fn a_surface_can_go_to_another_thread() {
    fn sent<T: Send + Sync + Clone + 'static>(_: &T) {}
    sent(&surface_of(&[("src/lib.rs", "struct A;")]).expect("it is Rust"));
}

#[test]
fn types_that_lived_under_one_identity_are_compared_with_all_of_them() {
    // Why the caller has to keep every surface of an identity.
    let (none, one, other) = (
        "fn s() {}",
        "fn s() {} struct A(u8);",
        "fn s() {} struct A(u16);",
    );
    assert_eq!(edit(none, one).kind, Structure);
    assert_eq!(edit(one, none).kind, Types);
    assert_eq!(edit(none, other).kind, Structure);
    assert_eq!(edit(one, other).kind, Types);
}

#[test]
fn statics_that_can_hold_state_are_named() {
    let surface = surface_of(&[(
        "src/lib.rs",
        "static NAMES: [&str; 2] = [\"a\", \"b\"]; static COUNT: AtomicU32 = AtomicU32::new(0); \
         static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new()); fn f() { static HERE: AtomicU32 = AtomicU32::new(0); } \
         mod m { pub static ONCE: std::sync::OnceLock<u8> = std::sync::OnceLock::new(); }",
    )])
    .expect("it is Rust");
    assert_eq!(
        surface.statics(),
        [
            "static systems::COUNT",
            "static systems::LOG",
            "static systems::f::HERE",
            "static systems::m::ONCE"
        ]
    );
}
