//! Files: where modules are found, what is included, and each error.

use super::super::{Error, Kind, Source};
use super::{files, heads, read, try_read};
use std::path::Path;

#[test]
fn a_module_is_found_where_rustc_finds_it() {
    let cases: &[&[(&str, &str)]] = &[
        &[("src/lib.rs", "mod a;"), ("src/a.rs", "struct A;")],
        &[("src/lib.rs", "mod a;"), ("src/a/mod.rs", "struct A;")],
        &[
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", "mod b;"),
            ("src/a/b.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "mod a;"),
            ("src/a/mod.rs", "mod b;"),
            ("src/a/b.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "mod a { mod b; }"),
            ("src/a/b.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "mod a { mod b { mod c; } }"),
            ("src/a/b/c/mod.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "#[path = \"x.rs\"] mod a;"),
            ("src/x.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "#[path = r\"../other/x.rs\"] mod a;"),
            ("other/x.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", "#[path = \"x.rs\"] mod b;"),
            ("src/x.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", "mod b { #[path = \"x.rs\"] mod c; }"),
            ("src/a/b/x.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "#[path = \"d\"] mod a { mod b; }"),
            ("src/d/b.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "#[path = \"x.rs\"] mod a;"),
            ("src/x.rs", "mod b;"),
            ("src/b.rs", "struct A;"),
        ],
        &[
            (
                "src/lib.rs",
                "#[cfg_attr(all(f, g), path = \"x.rs\")] mod a;",
            ),
            ("src/x.rs", "struct A;"),
        ],
        &[("src/lib.rs", "mod r#type;"), ("src/type.rs", "struct A;")],
        &[
            ("src/lib.rs", "mod a { include!(\"d/x.rs\"); }"),
            ("src/d/x.rs", "struct A;"),
        ],
        &[
            ("src/lib.rs", "mod a { include!(\"d/x.rs\",); }"),
            ("src/d/x.rs", "mod b;"),
            ("src/d/b.rs", "struct A;"),
        ],
    ];
    for case in cases {
        let source = try_read(case).unwrap_or_else(|error| panic!("{case:?}: {error}"));
        let last = source.items.last().expect("there are items");
        let depth = source
            .items
            .iter()
            .filter(|item| item.kind == Kind::Mod)
            .count();
        assert_eq!(last.head, "struct A", "{case:?}");
        assert_eq!(last.module.matches("::").count(), depth, "{case:?}");
        assert_eq!(
            (last.file, source.read.len()),
            (case.len() - 1, case.len()),
            "{case:?}"
        );
    }
}

#[test]
fn an_include_is_read_in_place() {
    let source = try_read(&[
        ("src/lib.rs", "mod m { include!(\"x.rs\"); fn g() {} }"),
        ("src/x.rs", "fn f() {}"),
    ])
    .expect("it is Rust");
    let expected = [
        (Kind::Mod, "m", "mod m"),
        (Kind::Other, "include", "include ! ( \"x.rs\" )"),
        (Kind::Fn, "f", "fn f ( )"),
        (Kind::Fn, "g", "fn g ( )"),
    ];
    assert_eq!(heads(&source), expected);
    assert_eq!(source.items[2].module, "systems::m");
}

#[test]
fn tests_are_no_items() {
    let source =
        read("#[cfg(test)] mod tests; #[test] fn t() {} #[cfg(test)] use a; #[cfg(x)] fn f() {}");
    assert_eq!(heads(&source), [(Kind::Fn, "f", "fn f ( )")]);
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let missing = try_read(&[("src/main.rs", "")]).map(|_| ());
    assert!(
        matches!(missing, Err(Error::MissingRoot { .. })),
        "{missing:?}"
    );

    let missing = try_read(&[("src/lib.rs", "\n/// A.\nmod a;")]).map(|_| ());
    let Err(Error::MissingModule {
        line,
        module,
        tried,
        ..
    }) = missing
    else {
        panic!("{missing:?}");
    };
    assert_eq!((line, module.as_str()), (3, "a"));
    assert_eq!(
        tried,
        [Path::new("/w/src/a.rs"), Path::new("/w/src/a/mod.rs")]
    );
    let missing = try_read(&[("src/lib.rs", "include!(\"x.rs\");")]).map(|_| ());
    assert!(
        matches!(missing, Err(Error::MissingModule { .. })),
        "{missing:?}"
    );
    for may_be_absent in [
        "#[cfg(x)] mod a;",
        "#[cfg(x)] mod a { mod b; }",
        "#[cfg(x)] include!(\"x\");",
    ] {
        assert!(
            try_read(&[("src/lib.rs", may_be_absent)]).is_ok(),
            "{may_be_absent}"
        );
    }

    for (text, line, column) in [("fn f() {\n  é }}", 2, 6), ("fn f(", 1, 5), ("a \"", 1, 3)] {
        let found = try_read(&[("src/lib.rs", text)]).map(|_| ());
        let Err(Error::Parse {
            line: at,
            column: in_line,
            ..
        }) = found
        else {
            panic!("{text}: {found:?}");
        };
        assert_eq!((at, in_line), (line, column), "{text}");
    }

    let mut latin = files(&[("src/lib.rs", "")]);
    latin[0].bytes = [0xe9].as_slice().into();
    let found = Source::of("a", &latin[0].path, &latin).map(|_| ());
    assert!(matches!(found, Err(Error::NotUtf8 { .. })), "{found:?}");

    for itself in ["#[path = \"lib.rs\"] mod a;", "include!(\"lib.rs\");"] {
        let found = try_read(&[("src/lib.rs", itself)]).map(|_| ());
        assert!(
            matches!(found, Err(Error::CircularModule { .. })),
            "{found:?}"
        );
    }
}

#[test]
fn too_deep_is_an_error_and_no_overflow() {
    let nested =
        |open: &str, close: &str, times| format!("{}{}", open.repeat(times), close.repeat(times));
    let shapes = [
        ("fn f() { ", "(", ")", " }"),
        ("use a::", "{ a::", "}", ";"),
        ("", "mod a {", "}", ""),
    ];
    for (before, open, close, after) in shapes {
        let text = |times| format!("{before}{}{after}", nested(open, close, times));
        for times in [1_000, 200_000] {
            let found = try_read(&[("src/lib.rs", &format!("\n{}", text(times)))]).map(|_| ());
            assert!(
                matches!(found, Err(Error::Deep { line: 2, .. })),
                "{before}{open}"
            );
        }
        assert!(
            try_read(&[("src/lib.rs", &text(190))]).is_ok(),
            "{before}{open}"
        );
    }
    // Each file is flat, but there are many.
    let chain = |length: usize| {
        let name = |at| {
            if at == 0 {
                "src/lib.rs".to_owned()
            } else {
                format!("src/m{at}.rs")
            }
        };
        let text = |at| format!("#[path = \"m{}.rs\"] mod m;", at + 1);
        let owned: Vec<_> = (0..length).map(|at| (name(at), text(at))).collect();
        let last = (name(length), String::new());
        let all: Vec<_> = owned
            .iter()
            .chain([&last])
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        try_read(&all).map(|_| ())
    };
    assert!(chain(90).is_ok());
    assert!(matches!(chain(5_000), Err(Error::Deep { .. })));
}

#[test]
fn a_mark_and_a_line_for_a_shell_are_skipped() {
    let source = read("\u{feff}#!/usr/bin/env run\nfn f() {}");
    assert_eq!(
        (source.items[0].from, source.items[0].to),
        ((2, 1), (2, 10))
    );
    let source = read("\u{feff}fn f() {}");
    assert_eq!(source.items[0].from, (1, 1));
    assert_eq!(
        source.text(Path::new("src/lib.rs"), (1, 1), (1, 7)),
        Some("fn f()")
    );
    let source = read("#![no_std]\nfn f() {}");
    assert_eq!((source.items[0].from, source.attributes.len()), ((2, 1), 1));
}
