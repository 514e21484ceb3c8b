//! The oracle: random edits of random crates, compiled by the real rustc before and after.
//! What debug info says of the types (and, of what that does not show, what the edit is
//! known to mean) is held against the verdict.
//!
//! `HOT_LOADER_ORACLE=N` asks for N edits, `HOT_LOADER_ORACLE_SEED=S` for other ones, and with
//! `HOT_LOADER_ORACLE_REPORT` set the test fails in any case, with its figures. Must not load
//! or run what it compiles, and must not let a miss pass because it is rare.

mod edits;
mod fragments;
mod template;
mod truth;

use crate::contracts::{Beside, Contracts};
use crate::graph::Graph;
use crate::mir::{self, Memory};
use crate::paths::Paths;
use crate::tokens::{Source, SourceFile};
use edits::{Edit, Fragment};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use template::{Mark, Random};
use truth::{Built, CRATE, Files, Folder, changed, compile, is_question};

/// Edits when nobody asks for more.
const EDITS: usize = 200;
/// Fragments of a crate; all of them are edited at each step, and judged one by one.
const AT_ONCE: usize = 11;
/// Compilations of a crate after the first.
const STEPS: usize = 6;
/// In percent of the harmless edits.
const ALLOWED_FALSE_ALARMS: usize = 7;

/// What came of the edits.
#[derive(Default)]
struct Tally {
    edits: usize,
    /// That do not compile; they are not among the edits.
    broken: usize,
    changed: usize,
    harmless: usize,
    /// By the fragment; of each only the first is shown.
    misses: BTreeMap<&'static str, Vec<String>>,
    /// Harmless edits that are called types edits, by what they are.
    alarms: BTreeMap<String, usize>,
    /// The same of a verdict that knows the sources alone.
    blind_alarms: usize,
}

#[test]
fn no_edit_that_changes_a_type_is_called_less() {
    let number = |name: &str| env::var(name).ok().map(|value| value.parse().unwrap());
    let wanted = number("HOT_LOADER_ORACLE").unwrap_or(EDITS);
    let seed = number("HOT_LOADER_ORACLE_SEED").unwrap_or(1);
    // Some edits of each crate do not compile.
    let crates = wanted.div_ceil(AT_ONCE * STEPS * 9 / 10);
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= crates {
                        break;
                    }
                    let found = one_crate(seed * 1_000_003 + at, at * AT_ONCE);
                    tally.lock().unwrap().add(found);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    let Tally {
        edits,
        broken,
        changed,
        harmless,
        misses,
        alarms,
        blind_alarms,
    } = &tally;
    let false_alarms: usize = alarms.values().sum();
    let summary = format!(
        "{edits} edits, {changed} of them changed types; {broken} more did not compile; of \
         {harmless} harmless ones {false_alarms} are called types edits, and {blind_alarms} by \
         their sources alone: {alarms:#?}"
    );
    let shown: Vec<String> = misses
        .iter()
        .map(|(fragment, all)| format!("{} in {fragment}, such as\n{}", all.len(), all[0]))
        .collect();
    assert!(
        misses.is_empty(),
        "edits that change types and are called less. {summary}\n{}",
        shown.join("\n----\n")
    );
    assert!(*changed > edits / 5 && *harmless > edits / 6, "{summary}");
    assert!(*broken * 4 < *edits, "too many do not compile: {summary}");
    assert!(
        false_alarms * 100 <= harmless * ALLOWED_FALSE_ALARMS,
        "{summary}"
    );
    if env::var_os("HOT_LOADER_ORACLE_REPORT").is_some() {
        panic!("{summary}");
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.edits += other.edits;
        self.broken += other.broken;
        self.changed += other.changed;
        self.harmless += other.harmless;
        for (fragment, misses) in other.misses {
            self.misses.entry(fragment).or_default().extend(misses);
        }
        for (what, count) in other.alarms {
            *self.alarms.entry(what).or_default() += count;
        }
        self.blind_alarms += other.blind_alarms;
    }
}

/// The edits of one crate, whose first fragment is number `first`.
fn one_crate(seed: usize, first: usize) -> Tally {
    let mut random = Random::new(u64::try_from(seed).unwrap());
    let mut tally = Tally::default();
    let folder = Folder::new();
    let mut fragments: Vec<Fragment> = (0..AT_ONCE)
        .map(|at| Fragment::new(first + at, at, &mut random))
        .collect();
    let mut tries = 0;
    let start = loop {
        let files: Vec<Files> = fragments.iter().map(Fragment::files).collect();
        match compile(&folder, &files) {
            Ok(built) => break (files, built),
            Err((wrong, said)) => {
                tries += 1;
                assert!(tries < 12, "some fragment never compiles:\n{said}");
                for at in wrong {
                    fragments[at] = Fragment::new(first + at, at, &mut random);
                }
            }
        }
    };
    // Every version that was compiled, and which of them each fragment is edited from.
    let mut versions: Vec<(Vec<Files>, Built)> = vec![start];
    let mut from = [0; AT_ONCE];
    for _ in 0..STEPS {
        let mut edits: Vec<Option<Edit>> = fragments
            .iter()
            .map(|fragment| Some(fragment.edit(&mut random)))
            .collect();
        let (files, built) = loop {
            let files: Vec<Files> = edits
                .iter()
                .zip(&fragments)
                .map(|(edit, fragment)| match edit {
                    Some(edit) => edit.files.clone(),
                    None => fragment.files(),
                })
                .collect();
            match compile(&folder, &files) {
                Ok(built) => break (files, built),
                Err((wrong, said)) => {
                    for at in wrong {
                        assert!(edits[at].is_some(), "it compiled before:\n{said}");
                        edits[at] = None;
                        tally.broken += 1;
                    }
                }
            }
        };
        let now = versions.len();
        versions.push((files, built));
        let mut differences = BTreeMap::new();
        for (at, edit) in edits.into_iter().enumerate() {
            let Some(edit) = edit else { continue };
            let (before, after) = (&versions[from[at]], &versions[now]);
            let truth = differences
                .entry(from[at])
                .or_insert_with(|| changed(&before.1.layouts, &after.1.layouts));
            let types: Vec<&String> = truth
                .iter()
                .filter(|(of, _)| *of == at)
                .map(|(_, name)| name)
                .collect();
            judge(
                seed,
                &fragments[at],
                &edit,
                &types,
                before,
                after,
                &mut tally,
            );
            if let Some(next) = edit.next {
                fragments[at] = next;
                from[at] = now;
            }
        }
    }
    tally
}

/// Holds the answers about one fragment's edit against the truth.
fn judge(
    seed: usize,
    fragment: &Fragment,
    edit: &Edit,
    types: &[&String],
    before: &(Vec<Files>, Built),
    after: &(Vec<Files>, Built),
    tally: &mut Tally,
) {
    let at = fragment.module;
    tally.edits += 1;
    let must_be_types = !types.is_empty() || edit.mark == Mark::Contract;
    tally.changed += usize::from(must_be_types);
    let harmless = !must_be_types && edit.mark == Mark::Harmless;
    tally.harmless += usize::from(harmless);
    // Debug info of the game's own types is always compared, once both are built.
    let is_shown = types.iter().any(|name| !name.contains("::keep::"));
    for blind in [false, true] {
        let [old, new] = [before, after].map(|side| contracts(side, at, blind));
        for (way, old, new) in [("", &old, &new), (" (undone)", &new, &old)] {
            let beside = if blind {
                Beside::Nothing
            } else {
                Beside::Layouts
            };
            let differences = old.differences(new, beside);
            let seen = !differences.is_empty() || is_shown && !blind;
            if must_be_types && !seen {
                let miss = format!(
                    "seed {seed}, fragment {} ({at}), blind: {blind}, {}{way}\nchanged: {types:?}, mark {:?}\n{}\n{}",
                    fragment.name,
                    edit.what,
                    edit.mark,
                    shown("before", &before.0[at]),
                    shown("after", &after.0[at]),
                );
                tally.misses.entry(fragment.name).or_default().push(miss);
                return;
            }
            // What an undo removes is a types edit by design.
            if !harmless || !way.is_empty() || differences.is_empty() {
                continue;
            }
            if blind {
                tally.blind_alarms += 1;
            } else {
                let what = format!("{}: {}: {}", fragment.name, edit.what, differences[0]);
                *tally.alarms.entry(what).or_default() += 1;
            }
        }
    }
}

/// The contracts of one fragment, as it was compiled with all others; by its sources alone
/// if `blind`.
fn contracts((fragments, built): &(Vec<Files>, Built), at: usize, blind: bool) -> Contracts {
    let files = source_files(&fragments[at], at, &built.read);
    let source = Source::of(CRATE, Path::new(ROOT), &files).unwrap();
    if blind {
        return Contracts::of(&source, None);
    }
    let paths = Paths::of(&source);
    let mut items = mir::read(&built.mir, &paths, &mut Memory::default()).unwrap();
    let others = |text: &str, before: &str| {
        text.strip_prefix(before).and_then(|text| {
            let end = text.find(|char: char| !char.is_ascii_digit())?;
            text[..end].parse::<usize>().ok()
        })
    };
    items.retain(|item| {
        let by_path = others(&item.path, "m").filter(|_| item.path.contains("::"));
        let by_place = item
            .place
            .as_ref()
            .and_then(|place| others(&place.file, "src/m"));
        [by_path, by_place].into_iter().flatten().all(|of| of == at)
            && !item.path.starts_with("keep::")
    });
    Contracts::of(&source, Some(&Graph::of(items, &source)))
}

const ROOT: &str = "/game/systems/src/lib.rs";

/// The files of a crate of one fragment alone, those of them that the compiler read.
fn source_files(of: &Files, at: usize, read: &BTreeSet<String>) -> Vec<SourceFile> {
    let source = Path::new("/game/systems/src");
    let file = |path: &str, text: &str| SourceFile {
        path: source.join(path),
        bytes: text.as_bytes().into(),
    };
    let of = of
        .iter()
        .filter(|(path, _)| !is_question(path) && read.contains(path));
    let files = of.map(|(path, text)| file(path, text));
    let root = format!("#![allow(warnings)]\npub mod m{at};\n");
    files.chain([file("lib.rs", &root)]).collect()
}

fn shown(when: &str, files: &Files) -> String {
    let files: Vec<String> = files
        .iter()
        .map(|(path, text)| format!("// {when}: {path}\n{text}"))
        .collect();
    files.join("\n")
}
