//! Files: where modules are found, what is included, what is wrong.

use super::super::EditKind::{self, Body, Structure, Types};
use super::super::{Crate, SourceFile, Surface, SurfaceError};
use super::{edit_files, file, surface_of};
use std::path::{Path, PathBuf};

fn kind(before: &[(&str, &str)], after: &[(&str, &str)]) -> EditKind {
    edit_files(before, after).kind
}

#[test]
fn a_struct_is_found_wherever_its_module_is() {
    let cases: &[&[(&str, &str)]] = &[
        &[("src/lib.rs", "mod a;"), ("src/a.rs", "struct A(§);")],
        &[("src/lib.rs", "mod a;"), ("src/a/mod.rs", "struct A(§);")],
        &[
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", "mod b;"),
            ("src/a/b.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "mod a;"),
            ("src/a/mod.rs", "mod b;"),
            ("src/a/b.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "mod a { mod b; }"),
            ("src/a/b.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "mod a { mod b { mod c; } }"),
            ("src/a/b/c/mod.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "#[path = \"x.rs\"] mod a;"),
            ("src/x.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "#[path = \"../other/x.rs\"] mod a;"),
            ("other/x.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", "#[path = \"x.rs\"] mod b;"),
            ("src/x.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", "mod b { #[path = \"x.rs\"] mod c; }"),
            ("src/a/b/x.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "#[path = \"d\"] mod a { mod b; }"),
            ("src/d/b.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "#[path = \"x.rs\"] mod a;"),
            ("src/x.rs", "mod b;"),
            ("src/b.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "#[cfg_attr(f, path = \"x.rs\")] mod a;"),
            ("src/x.rs", "struct A(§);"),
        ],
        &[
            ("src/lib.rs", "mod r#type;"),
            ("src/type.rs", "struct A(§);"),
        ],
    ];
    for files in cases {
        let with = |value: &'static str| -> Vec<(&str, String)> {
            files
                .iter()
                .map(|(path, text)| (*path, text.replace('§', value)))
                .collect()
        };
        let surface = |files: &[(&str, String)]| {
            let files: Vec<(&str, &str)> = files
                .iter()
                .map(|(path, text)| (*path, text.as_str()))
                .collect();
            surface_of(&files).expect("every module has its file")
        };
        let edit = super::compare(&surface(&with("u8")), &surface(&with("u16")));
        assert_eq!(edit.kind, Types, "{files:?}");
        let module = edit.changes[0]
            .item
            .strip_prefix("struct systems::")
            .expect("it is the struct");
        assert!(module.ends_with("::A"), "{files:?}: {module}");
        assert!(
            edit.changes[0].item.matches("::").count() >= 2,
            "{files:?}: {module}"
        );
    }
}

#[test]
fn a_new_file_of_functions_is_a_body_edit() {
    let before = [
        ("src/lib.rs", "pub mod ship;"),
        ("src/ship.rs", "pub struct Ship(f32);"),
    ];
    let after = [
        ("src/lib.rs", "pub mod ship; mod steering;"),
        ("src/ship.rs", "pub struct Ship(f32);"),
        (
            "src/steering.rs",
            "//! Steering.\nuse bevy::prelude::*;\nuse crate::ship::Ship;\npub const TURN: f32 = 1.0;\npub fn steer(ships: Query<&mut Ship>) {}",
        ),
    ];
    assert_eq!(kind(&before, &after), Body);
    assert_eq!(kind(&after, &before), Body);
}

#[test]
fn a_new_file_with_a_component_is_a_structure_edit() {
    let before = [("src/lib.rs", "fn s() {}")];
    let after = [
        ("src/lib.rs", "mod ship; fn s() {}"),
        (
            "src/ship.rs",
            "use bevy::prelude::*; #[derive(Component)] pub struct Ship(f32);",
        ),
    ];
    assert_eq!(kind(&before, &after), Structure);
    assert_eq!(kind(&after, &before), Types);
}

#[test]
fn an_inline_module_that_moves_to_a_file_is_no_change() {
    let before = [(
        "src/lib.rs",
        "pub mod ship { pub struct Ship(f32); fn s() { 1; } }",
    )];
    let after = [
        ("src/lib.rs", "pub mod ship;"),
        ("src/ship.rs", "pub struct Ship(f32);\nfn s() { 1; }"),
    ];
    let edit = edit_files(&before, &after);
    assert_eq!((edit.kind, edit.changes.len()), (Body, 0));
}

#[test]
fn included_data_counts_by_what_includes_it() {
    let case = |source: &str| {
        let with = |data: &'static str| {
            [
                ("src/lib.rs", source.to_owned()),
                ("src/level.txt", data.to_owned()),
            ]
        };
        let (before, after) = (with("1"), with("2"));
        let view = |files: &[(&'static str, String); 2]| {
            let files: Vec<(&str, &str)> = files
                .iter()
                .map(|(path, text)| (*path, text.as_str()))
                .collect();
            surface_of(&files).expect("it is Rust")
        };
        super::compare(&view(&before), &view(&after)).kind
    };
    assert_eq!(case("fn s() { include_str!(\"level.txt\"); }"), Body);
    assert_eq!(
        case("const LEVEL: &str = include_str!(\"level.txt\");"),
        Body
    );
    assert_eq!(case("#[doc = include_str!(\"level.txt\")] fn s() {}"), Body);
    assert_eq!(case("#![doc = include_str!(\"level.txt\")]"), Body);
    assert_eq!(
        case("fn p(app: &mut App) { include_bytes!(\"../src/level.txt\"); }"),
        Structure
    );
    assert_eq!(
        case("fn p(app: &mut App) { LEVEL; } const LEVEL: &str = include_str!(\"level.txt\");"),
        Structure
    );
    assert_eq!(
        case("fn p(app: &mut App) { embedded_asset!(app, \"level.txt\"); }"),
        Structure
    );
    assert_eq!(
        case("struct A([u8; LEVEL.len()]); const LEVEL: &str = include_str!(\"level.txt\");"),
        Types
    );
    assert_eq!(
        case("fn p(app: &mut App) { include_str!(concat!(\"level\", \".txt\")); }"),
        Structure
    );
    assert_eq!(
        case("struct A([u8; include_bytes!(concat!(\"a\")).len()]);"),
        Types
    );
    assert_eq!(case("fn s() { include!(\"level.txt\"); }"), Types);
    assert_eq!(case("fn s() {}"), Types, "no one knows what includes it");
}

#[test]
fn included_code_is_type_surface() {
    for source in [
        "include!(\"x.rs\");",
        "fn s() { include!(\"x.rs\"); }",
        "const A: u8 = include!(\"x.rs\");",
    ] {
        let with = |code| [("src/lib.rs", source), ("src/x.rs", code)];
        assert_eq!(
            kind(&with("fn a() { 1 }"), &with("fn a() { 2 }")),
            Types,
            "{source}"
        );
    }
}

#[test]
fn what_included_code_calls_may_register() {
    let with = |helper| {
        [
            ("src/lib.rs", helper),
            ("src/x.rs", "fn p(app: &mut App) { h(); }"),
        ]
    };
    assert_eq!(
        kind(
            &with("include!(\"x.rs\"); fn h() { 1; }"),
            &with("include!(\"x.rs\"); fn h() { 2; }")
        ),
        Structure
    );
}

#[test]
fn a_syntax_error_says_where() {
    let error = surface_of(&[("src/lib.rs", "fn a() {}\nfn b() { let x = ; }\n")])
        .expect_err("it is not Rust");
    let SurfaceError::Parse {
        file, line, column, ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(
        (file.as_path(), *line, *column),
        (Path::new("/game/systems/src/lib.rs"), 2, 18)
    );
    assert!(
        error
            .to_string()
            .starts_with("/game/systems/src/lib.rs:2:18: "),
        "{error}"
    );

    let error = surface_of(&[("src/lib.rs", "mod a;"), ("src/a.rs", "fn a() {\n")])
        .expect_err("it is not Rust");
    let SurfaceError::Parse { file, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(file.as_path(), Path::new("/game/systems/src/a.rs"));
}

#[test]
fn files_that_cannot_be_read_as_a_crate_are_named() {
    let utf16 = SourceFile {
        path: PathBuf::from("/g/lib.rs"),
        bytes: [0xff, 0xfe, 0x00][..].into(),
    };
    let error = Surface::of(
        Crate {
            name: "g",
            root: Path::new("/g/lib.rs"),
            prelude_logs: true,
        },
        &[utf16],
    )
    .expect_err("it is not UTF-8");
    assert_eq!(
        error,
        SurfaceError::NotUtf8 {
            file: PathBuf::from("/g/lib.rs")
        }
    );

    let error = Surface::of(
        Crate {
            name: "g",
            root: Path::new("/g/lib.rs"),
            prelude_logs: true,
        },
        &[file("/g/main.rs", "")],
    )
    .expect_err("no root");
    assert_eq!(
        error,
        SurfaceError::MissingRoot {
            root: PathBuf::from("/g/lib.rs")
        }
    );

    let error = surface_of(&[("src/lib.rs", "\nmod new;")]).expect_err("no file");
    let SurfaceError::MissingModule {
        line: 2,
        module,
        tried,
        ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(module, "new");
    assert_eq!(
        tried,
        &["/game/systems/src/new.rs", "/game/systems/src/new/mod.rs"].map(PathBuf::from)
    );

    let error =
        surface_of(&[("src/lib.rs", "#[path = \"lib.rs\"] mod again;")]).expect_err("a circle");
    assert_eq!(
        error,
        SurfaceError::CircularModule {
            file: PathBuf::from("/game/systems/src/lib.rs")
        }
    );
}

#[test]
fn a_conditional_module_may_have_no_file() {
    let text = "#[cfg(feature = \"x\")] mod x; mod a { #![cfg(f)] mod b; }";
    assert!(surface_of(&[("src/lib.rs", text)]).is_ok());
    assert!(surface_of(&[("src/lib.rs", "mod x;")]).is_err());
}

#[test]
fn hashes_do_not_depend_on_where_the_package_is() {
    let at = |base: &str| {
        let files = [
            file(
                &format!("{base}/src/lib.rs"),
                "mod a; struct S; fn p(app: &mut App) { include_str!(\"t.txt\"); }",
            ),
            file(&format!("{base}/src/a.rs"), "struct S;"),
            file(&format!("{base}/src/t.txt"), "text"),
        ];
        let surface = Surface::of(
            Crate {
                name: "my-game",
                root: Path::new(&format!("{base}/src/lib.rs")),
                prelude_logs: true,
            },
            &files,
        )
        .expect("it is Rust");
        (surface.type_hash(), surface.registration_hash())
    };
    assert_eq!(at("/home/a/game"), at("/tmp/b"));
    // A process that did not compute these would not find its generations' caches.
    assert_eq!(
        at("/x"),
        (
            99_802_817_133_262_430_168_447_573_571_972_564_051,
            67_332_617_304_080_772_758_514_413_716_820_985_547
        )
    );
}
