//! Where items are, and that no token of this repository's own files is in none.

use super::super::{Item, Kind, Source, SourceFile};
use super::try_read;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn a_place_is_in_the_innermost_item() {
    let ship = "/* é */ mod inside {\n    impl Ship {\n        /// é\n        fn go() { é(); }\n    }\n}\n";
    let source = try_read(&[
        ("systems/src/lib.rs", "fn other() {}"),
        (
            "src/lib.rs",
            "mod ship; #[path = \"../systems/src/lib.rs\"] mod x;",
        ),
        ("src/ship.rs", ship),
    ])
    .expect("it is Rust");
    let named = |file: &str, line, column| {
        let at = source.at(Path::new(file), line, column)?;
        Some(source.items[at].head.as_str())
    };
    for (line, column, expected) in [
        (1, 1, None),
        (1, 9, Some("mod inside")),
        (2, 5, Some("impl Ship")),
        (3, 9, Some("fn go ( )")),
        (4, 24, Some("fn go ( )")),
        (4, 25, Some("impl Ship")),
        (5, 5, Some("impl Ship")),
        (5, 6, Some("mod inside")),
        (6, 2, None),
    ] {
        for file in [
            "ship.rs",
            "src/ship.rs",
            "w/src/ship.rs",
            "/w/src/ship.rs",
            "./src/x/../ship.rs",
        ] {
            assert_eq!(
                named(file, line, column),
                expected,
                "{file}:{line}:{column}"
            );
        }
    }
    for file in ["hip.rs", "a/src/ship.rs", "/rustc/library/src/ship.rs"] {
        assert_eq!(named(file, 2, 5), None, "{file}");
    }
    // Both end in it; more of the path to the other is not said.
    assert_eq!(named("src/lib.rs", 1, 1), Some("mod ship"));
    assert_eq!(named("systems/src/lib.rs", 1, 1), Some("fn other ( )"));

    let text = |from, to| source.text(Path::new("src/ship.rs"), from, to);
    assert_eq!(text((2, 5), (2, 14)), Some("impl Ship"));
    assert_eq!(text((4, 19), (4, 22)), Some("é()"));
    assert_eq!(text((2, 10), (3, 4)), Some("Ship {\n   "));
    for (from, to) in [
        ((2, 5), (2, 99)),
        ((0, 1), (1, 1)),
        ((2, 5), (1, 1)),
        ((1, 0), (1, 1)),
        ((99, 1), (99, 5)),
    ] {
        assert_eq!(text(from, to), None, "{from:?} {to:?}");
    }
}

/// Every Rust file below a directory.
fn below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Where each token begins that is no bracket of a group with content.
fn places(tokens: TokenStream, found: &mut Vec<(usize, usize)>) {
    for token in tokens {
        let start = token.span().start();
        found.push((start.line, start.column + 1));
        if let TokenTree::Group(group) = token {
            let close = group.span_close().start();
            found.push((close.line, close.column + 1));
            places(group.stream(), found);
        }
    }
}

/// Without what begins a file for all of it.
fn without_inner_attributes(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: usize, char| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == char);
    let mut at = 0;
    while is(at, '#') && is(at + 1, '!') {
        at += 3;
    }
    tokens[at..].iter().cloned().collect()
}

#[test]
fn no_token_of_this_repository_is_lost() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    for directory in ["hot-loader", "systems"] {
        below(&home.join(directory), &mut paths);
    }
    let all: Vec<SourceFile> = paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a text");
            // Tests too are to be split.
            let text = text
                .replace("#[cfg(test)]", "#[cfg(tset)]")
                .replace("#[test]", "#[tset]");
            let bytes = text.into_bytes().into();
            SourceFile { path, bytes }
        })
        .collect();
    let mut reached = BTreeSet::new();
    for root in &all {
        let directory = root.path.parent().and_then(Path::file_name);
        let is_root = root.path.ends_with("src/lib.rs")
            || directory.is_some_and(|directory| directory == "engine")
                && root.path.to_string_lossy().contains("cases")
            || root.path.ends_with("build.rs")
            || directory.is_some_and(|directory| directory == "tests")
                && root.path.starts_with(home.join("systems"));
        if !is_root {
            continue;
        }
        let source = Source::of("a", &root.path, &all).unwrap_or_else(|error| panic!("{error}"));
        for file in &source.read {
            all_is_covered(&source, *file, &all[*file]);
        }
        reached.extend(source.read);
    }
    let lost: Vec<_> = (0..all.len())
        .filter(|at| !reached.contains(at))
        .map(|at| &all[at].path)
        .collect();
    assert!(lost.is_empty() && all.len() > 100, "{lost:?}");
}

fn all_is_covered(source: &Source, file: usize, of: &SourceFile) {
    let path = of.path.display();
    let items: Vec<&Item> = source
        .items
        .iter()
        .filter(|item| item.file == file)
        .collect();
    for (at, item) in items.iter().enumerate() {
        let (from, to) = (item.from, item.to);
        assert!(from < to, "{path}: {item:?}");
        if let Some(parent) = item.parent {
            let parent = &source.items[parent];
            assert!(parent.from < from && to <= parent.to, "{path}: {item:?}");
        }
        for other in &items[at + 1..] {
            let siblings = (other.parent, &other.module) == (item.parent, &item.module);
            assert!(!siblings || to <= other.from, "{path}: {item:?} {other:?}");
            let apart = to <= other.from || (from < other.from && other.to <= to);
            assert!(apart, "{path}: {item:?} {other:?}");
        }
        let text = source.text(&of.path, from, to).expect("it is in its file");
        assert!(text.trim() == text && !text.is_empty(), "{path}: {text}");
    }
    let text = std::str::from_utf8(&of.bytes).expect("a text");
    let tokens: TokenStream = text.parse().expect("tokens");
    let mut found = Vec::new();
    places(without_inner_attributes(tokens), &mut found);
    for (line, column) in found {
        let place = (line, column);
        let item = items
            .iter()
            .rev()
            .find(|item| item.from <= place && place < item.to);
        assert!(item.is_some(), "{path}:{line}:{column}");
        let known = item
            .is_some_and(|item| item.kind != Kind::Other || item.head.starts_with("extern crate"));
        assert!(known, "{path}:{line}:{column}: {item:?}");
    }
    proc_macro2::extra::invalidate_current_thread_spans();
}
