//! The oracle: random edits of random crates, compiled by the real rustc before and after.
//! What the compiler says of the types (and, of what debug info does not show, what the
//! edit is known to mean) is held against what the surface says.
//!
//! `HOT_LOADER_ORACLE=N` asks for N edits, `HOT_LOADER_ORACLE_SEED=S` for other ones, and with
//! `HOT_LOADER_ORACLE_REPORT` set the test fails in any case, with its figures. Must not load
//! or run what it compiles, and must not let a miss pass because it is rare.

mod edits;
mod fragments;
mod template;
mod truth;

use crate::contracts::Contracts;
use crate::graph::{Graph, read_mir};
use crate::surface::{Crate, EditKind, SourceFile, Surface, compare};
use crate::tokens::Source;
use edits::{Edit, Fragment};
use std::collections::BTreeMap;
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
    /// The same, by what the compiler says.
    compiled_misses: BTreeMap<&'static str, Vec<String>>,
    compiled_alarms: BTreeMap<String, usize>,
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
        compiled_misses,
        compiled_alarms,
    } = &tally;
    let false_alarms: usize = alarms.values().sum();
    let summary = format!(
        "{edits} edits, {changed} of them changed types; {broken} more did not compile; of \
         {harmless} harmless ones {false_alarms} are called types edits: {alarms:#?}"
    );
    let missed = |misses: &BTreeMap<&'static str, Vec<String>>| -> usize {
        misses.values().map(Vec::len).sum()
    };
    let summary = format!(
        "{summary}\nby the compiler {} are missed and {} of the harmless ones called types edits \
         (by the sources {} and {false_alarms}): {compiled_alarms:#?}",
        missed(compiled_misses),
        compiled_alarms.values().sum::<usize>(),
        missed(misses),
    );
    let shown: Vec<String> = misses
        .iter()
        .chain(compiled_misses)
        .map(|(fragment, all)| format!("{} in {fragment}, such as\n{}", all.len(), all[0]))
        .collect();
    assert!(
        misses.is_empty() && compiled_misses.is_empty(),
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
        for (fragment, misses) in other.compiled_misses {
            self.compiled_misses
                .entry(fragment)
                .or_default()
                .extend(misses);
        }
        for (what, count) in other.compiled_alarms {
            *self.compiled_alarms.entry(what).or_default() += count;
        }
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
    let [old, new] = [before, after].map(|side| contracts(side, at));
    // Debug info of the game's own types is always compared.
    let is_shown = types.iter().any(|name| !name.contains("::keep::"));
    for (way, old, new) in [("", &old, &new), (" (undone)", &new, &old)] {
        let differences = old.differences(new, true);
        if must_be_types && !is_shown && differences.is_empty() {
            let miss = format!(
                "COMPILED seed {seed}, fragment {} ({at}), {}{way}\nchanged: {types:?}, mark {:?}\n{}\n{}",
                fragment.name,
                edit.what,
                edit.mark,
                shown("before", &before.0[at]),
                shown("after", &after.0[at]),
            );
            tally
                .compiled_misses
                .entry(fragment.name)
                .or_default()
                .push(miss);
            break;
        }
        if harmless && way.is_empty() && !differences.is_empty() {
            let what = format!("{}: {}: {:?}", fragment.name, edit.what, differences);
            *tally.compiled_alarms.entry(what).or_default() += 1;
        }
    }
    // By itself nothing else can make it a types edit; in the crate of all others
    // something else might hide it.
    for alone in [true, false] {
        let only = |of: &(Vec<Files>, Built), edited: &(Vec<Files>, Built)| {
            let mut fragments = of.0.clone();
            fragments[at] = edited.0[at].clone();
            let is_read = |number: usize, path: &str| match number == at {
                true => edited.1.read.contains(path),
                false => of.1.read.contains(path),
            };
            surface(&fragments, alone.then_some(at), is_read)
        };
        let old = only(before, before);
        let new = only(before, after);
        for (way, old, new) in [("", &old, &new), (" (undone)", &new, &old)] {
            let answer = compare(old, new);
            let sound = answer.kind == EditKind::Types && old.type_hash() != new.type_hash();
            if must_be_types && !sound {
                let miss = format!(
                    "seed {seed}, fragment {} ({}), alone: {alone}, {}{way}: {:?}\nchanged: \
                     {types:?}, mark {:?}\n{}\n{}",
                    fragment.name,
                    at,
                    edit.what,
                    answer.kind,
                    edit.mark,
                    shown("before", &before.0[at]),
                    shown("after", &after.0[at]),
                );
                tally.misses.entry(fragment.name).or_default().push(miss);
                return;
            }
            // What an undo removes is a types edit by design.
            if harmless && alone && way.is_empty() && answer.kind == EditKind::Types {
                let what = format!("{}: {}", fragment.name, edit.what);
                *tally.alarms.entry(what).or_default() += 1;
            }
        }
    }
}

/// The contracts of one fragment, as it was compiled with all others.
fn contracts((fragments, built): &(Vec<Files>, Built), at: usize) -> Contracts {
    let files = source_files(fragments, Some(at), |_, path| built.read.contains(path));
    let source = Source::of(the_crate(), &files).unwrap();
    let mut mir = read_mir(&source, &built.mir).unwrap();
    let others = |text: &str, before: &str| {
        text.strip_prefix(before).and_then(|text| {
            let end = text.find(|char: char| !char.is_ascii_digit())?;
            text[..end].parse::<usize>().ok()
        })
    };
    mir.items.retain(|item| {
        let by_path = others(&item.path, "m").filter(|_| item.path.contains("::"));
        let by_place = item
            .place
            .as_ref()
            .and_then(|place| others(&place.file, "src/m"));
        [by_path, by_place].into_iter().flatten().all(|of| of == at)
            && !item.path.starts_with("keep::")
    });
    Contracts::of(&source, Some(&Graph::of(&mir, &source)))
}

/// The surface of the crate, or of a crate of one fragment alone.
fn surface(
    fragments: &[Files],
    alone: Option<usize>,
    is_read: impl Fn(usize, &str) -> bool,
) -> Surface {
    Surface::of(the_crate(), &source_files(fragments, alone, is_read)).unwrap()
}

const ROOT: &str = "/game/systems/src/lib.rs";

fn the_crate() -> Crate<'static> {
    Crate {
        name: CRATE,
        root: Path::new(ROOT),
        prelude_logs: true,
    }
}

/// The files of the crate, or of a crate of one fragment alone.
fn source_files(
    fragments: &[Files],
    alone: Option<usize>,
    is_read: impl Fn(usize, &str) -> bool,
) -> Vec<SourceFile> {
    let source = Path::new("/game/systems/src");
    let file = |path: &str, text: &str| SourceFile {
        path: source.join(path),
        bytes: text.as_bytes().into(),
    };
    let mut root = "#![allow(warnings)]\n".to_owned();
    let mut files = Vec::new();
    for (number, of) in fragments.iter().enumerate() {
        if alone.is_some_and(|alone| alone != number) {
            continue;
        }
        root.push_str(&format!("pub mod m{number};\n"));
        let of = of
            .iter()
            .filter(|(path, _)| !is_question(path) && is_read(number, path));
        files.extend(of.map(|(path, text)| file(path, text)));
    }
    files.push(file("lib.rs", &root));
    files
}

fn shown(when: &str, files: &Files) -> String {
    let files: Vec<String> = files
        .iter()
        .map(|(path, text)| format!("// {when}: {path}\n{text}"))
        .collect();
    files.join("\n")
}
