//! Which edit is of which kind: tables of small sources, each compiled by the real rustc
//! before and after. Every row is also read backwards, as an undo.
//!
//! A group of rows is one crate with a module a row, so that it costs two compilations; each
//! row is judged by itself. Rows must never state a smaller kind than the true one to make
//! a test pass: what is called more than it is stands among the `ALARMS`, and what is
//! called less among the `MISSES`. Must not load or run what it compiles.

mod build;
mod judge;

mod bodies;
mod calls;
mod constants;
mod definitions;
mod edges;
mod functions;
mod game;
mod inside;
mod later;
mod macros;
mod names;
mod patterns;
mod plugins;
mod traits;
mod values;
mod wiring;
mod written;

use judge::check;

/// What an edit is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    Body,
    Structure,
    Types,
}

/// A behaviour, its source, the kind of the edit and of its undo. In the source `‹a¦b›` is
/// `a` before and `b` after; of more than two each follows the one before it. `§` is `‹1¦2›`.
/// Further files begin with a line `//// path`.
type Row = (&'static str, &'static str, Kind, Kind);

/// What a plugin's `build` says, and what stands beside it, edited as in a [`Row`].
type Wired = (&'static str, &'static str);

/// A behaviour, its source, the true kind, the kinds that it and its undo are said to be
/// of, and why.
type Alarm = (&'static str, &'static str, Kind, Kind, Kind, &'static str);

/// One edit.
#[derive(Clone, Debug)]
struct Case {
    behaviour: String,
    before: String,
    after: String,
    kind: Kind,
    undo: Kind,
}

fn rows(rows: &[Row]) -> Vec<Case> {
    let all = rows.iter().map(|&(behaviour, source, kind, undo)| {
        edits(&wired(source))
            .into_iter()
            .map(move |(before, after)| (behaviour.to_owned(), before, after, kind, undo))
    });
    all.flatten().map(case).collect()
}

/// Rows that are of one kind both ways.
fn plugins(kind: Kind, rows: &[Wired]) -> Vec<Case> {
    let all = rows.iter().flat_map(|&(build, more)| {
        let behaviour = format!("{build} | {more}");
        edits(&plugin(build, more))
            .into_iter()
            .map(move |(before, after)| (behaviour.clone(), before, after, kind, kind))
    });
    all.map(case).collect()
}

/// What is called more than it is. (Their count is the length of the table.)
fn alarms(alarms: &[Alarm]) -> Vec<Case> {
    let all = alarms
        .iter()
        .flat_map(|&(behaviour, source, truth, said, undo, why)| {
            assert!(said >= truth && undo >= truth && (said, undo) != (truth, truth));
            assert!(!why.is_empty());
            let edits = edits(&wired(source)).into_iter();
            edits.map(move |(before, after)| (behaviour.to_owned(), before, after, said, undo))
        });
    all.map(case).collect()
}

/// What is called less than it is, and must not be. Asserted as it is, so that a fix shows.
fn misses(misses: &[Alarm]) -> Vec<Case> {
    let all = misses
        .iter()
        .flat_map(|&(behaviour, source, truth, said, undo, why)| {
            assert!(said < truth || undo < truth);
            assert!(!why.is_empty());
            let edits = edits(&wired(source)).into_iter();
            edits.map(move |(before, after)| (behaviour.to_owned(), before, after, said, undo))
        });
    all.map(case).collect()
}

/// A source in which what stands before `⟶` is what a plugin's `build` says.
fn wired(source: &str) -> String {
    match source.split_once('⟶') {
        Some((build, more)) => plugin(build.trim(), more.trim()),
        None => source.to_owned(),
    }
}

/// A plugin with this `build`, and more items.
fn plugin(build: &str, more: &str) -> String {
    let export = match more.contains("export!") {
        true => "",
        false => "hot_loader::export!(P); ",
    };
    let plugin = format!(
        "pub struct P; impl Plugin for P {{ fn build(&self, app: &mut App) {{ {build} }} }} {export}"
    );
    // A macro has to be there before it is called.
    match more.contains("macro_rules!") {
        true => format!("{more} {plugin}"),
        false => format!("{plugin}{more}"),
    }
}

/// The sources before and after, for each step of the edits in `source`.
fn edits(source: &str) -> Vec<(String, String)> {
    let source = source.replace('§', "‹1¦2›");
    let mut versions: Vec<String> = Vec::new();
    let mut parts = source.split('‹');
    let first = parts.next().unwrap_or_default().to_owned();
    let parts: Vec<(Vec<&str>, &str)> = parts
        .map(|part| {
            let (values, rest) = part.split_once('›').unwrap();
            (values.split('¦').collect(), rest)
        })
        .collect();
    let count = parts.iter().map(|(values, _)| values.len()).max().unwrap();
    for at in 0..count {
        let mut version = first.clone();
        for (values, rest) in &parts {
            version.push_str(values[at.min(values.len() - 1)]);
            version.push_str(rest);
        }
        versions.push(version);
    }
    let pairs = versions.windows(2);
    pairs
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect()
}

fn case((behaviour, before, after, kind, undo): (String, String, String, Kind, Kind)) -> Case {
    assert_ne!(before, after, "nothing is edited: {behaviour}");
    let needed = defaults(&format!("{before} {after}"));
    Case {
        before: complete(&before, &needed),
        after: complete(&after, &needed),
        behaviour,
        kind,
        undo,
    }
}

/// What the rows need and do not say, by its name.
#[rustfmt::skip]
const DEFAULTS: &[(&str, &str)] = &[
    ("a", "fn a() {}"),
    ("b", "fn b() {}"),
    ("c", "fn c() -> bool { true }"),
    ("s", "fn s() {}"),
    ("t", "fn t() {}"),
    ("R", "#[derive(Resource, Default, Clone, PartialEq)] pub struct R(pub u8);"),
    ("Q", "#[derive(Resource, Default, Clone, PartialEq)] pub struct Q(pub u8);"),
    ("S", "#[derive(States, Default, Clone, PartialEq, Eq, Hash, Debug)] pub enum S { #[default] A1, A2 }"),
    ("G", "#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)] pub enum G { A1, A2, A, B }"),
    ("M", "#[derive(Message)] pub struct M(pub u8);"),
    ("L", "#[derive(ScheduleLabel, Clone)] pub struct L;"),
    ("Boot", "#[derive(ScheduleLabel, Clone)] pub struct Boot;"),
    ("Ship", "#[derive(Component, Default)] pub struct Ship(pub u8);"),
    ("Hull", "#[derive(Component, Default)] pub struct Hull(pub u8);"),
    ("Boom", "#[derive(Event)] pub struct Boom;"),
    ("Hit", "#[derive(Event)] pub struct Hit;"),
];

/// The defaults that a source says and does not define.
fn defaults(source: &str) -> String {
    let words: Vec<&str> = words(source).collect();
    let defines = |name: &str| {
        words.windows(2).any(|pair| {
            pair[1] == name
                && [
                    "fn", "struct", "enum", "union", "const", "static", "type", "trait", "mod",
                    "as",
                ]
                .contains(&pair[0])
        })
    };
    let wanted = DEFAULTS
        .iter()
        .filter(|(name, _)| words.contains(name) && !defines(name));
    wanted.map(|(_, text)| format!(" {text}")).collect()
}

/// The source with imports, defaults, and uses of its types: debug info has no others.
fn complete(source: &str, needed: &str) -> String {
    let (root, files) = match source.find("//// ") {
        Some(at) => source.split_at(at),
        None => (source, ""),
    };
    let mut kept = String::new();
    if !root.contains("#[cfg(") && !root.contains("fn keep") {
        for name in types(root) {
            kept.push_str(&format!(" pub fn keep_{name}(_: &{name}) {{}}"));
        }
    }
    let prelude = match root.starts_with("//!") || root.starts_with("#![") {
        true => "",
        false => "use bevy::prelude::*; ",
    };
    format!("{prelude}{root}\n{needed}{kept}\n{files}")
}

/// The types without arguments at the root of a source.
fn types(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut depth = 0usize;
    let mut rest = source;
    while let Some(char) = rest.chars().next() {
        match char {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let keyword = ["struct ", "enum ", "union "];
        let named = keyword.iter().find_map(|word| rest.strip_prefix(word));
        rest = &rest[char.len_utf8()..];
        if let Some(named) = named.filter(|_| depth == 0) {
            let end = named.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            let (name, behind) = named.split_at(end.unwrap_or(named.len()));
            if !behind.trim_start().starts_with('<') && !name.is_empty() {
                found.push(name);
            }
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}
