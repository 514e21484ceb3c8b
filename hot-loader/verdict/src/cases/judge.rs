//! Asks the verdict about each row of a group, and holds its answer against the row.
//!
//! Must not know how a row is compiled.

use super::build::{Built, compile, engine};
use super::{Case, Kind};
use crate::code::Code;
use crate::contracts::Beside;
use crate::edit::compare;
use crate::layouts::Layouts;
use crate::mir::Text;
use std::collections::BTreeSet;

/// That every row is of its kind. Lists all that are not, and all that do not compile.
pub(super) fn check(cases: &[Case]) {
    let engine = engine();
    let mut which: BTreeSet<usize> = (0..cases.len()).collect();
    let mut wrong = Vec::new();
    let (before, after) = loop {
        let (before, after) = std::thread::scope(|scope| {
            let before = scope.spawn(|| compile(&engine, cases, &which, |case| &case.before));
            let after = compile(&engine, cases, &which, |case| &case.after);
            (before.join().unwrap(), after)
        });
        match (before, after) {
            (Ok(before), Ok(after)) => break (before, after),
            (before, after) => {
                for (side, said) in [("before", before.err()), ("after", after.err())] {
                    for (at, said) in said.into_iter().flatten() {
                        if which.remove(&at) {
                            let Case { behaviour, .. } = &cases[at];
                            wrong.push(format!("{behaviour}: does not compile {side}:\n{said}"));
                        }
                    }
                }
            }
        }
    };
    fn of(built: &Built) -> &Layouts {
        built.layouts.as_ref().unwrap()
    }
    let differ = [
        of(&before).differences(of(&after)).types,
        of(&after).differences(of(&before)).types,
    ];
    for &at in &which {
        let case = &cases[at];
        for bare in [false, true] {
            if bare && !(before.is_one_file(at) && after.is_one_file(at)) {
                continue;
            }
            let code = |built: &Built| built.code(at, bare);
            let (old, new) = match (code(&before), code(&after)) {
                (Ok(old), Ok(new)) => (old, new),
                (old, new) => {
                    let error = old.err().or(new.err()).unwrap();
                    wrong.push(format!("{}: {error}", case.behaviour));
                    continue;
                }
            };
            for (way, said, expected) in [
                ("", said(at, &old, &new, &differ[0]), case.kind),
                (" (undone)", said(at, &new, &old, &differ[1]), case.undo),
            ] {
                let (kind, why) = said;
                if kind != expected {
                    wrong.push(format!(
                        "{}{way}{}: expected {expected:?}, got {kind:?}: {why}, registering {:?}\n{}",
                        case.behaviour,
                        if bare { " (at the root)" } else { "" },
                        registering(&old, &new),
                        shown(&case.before, &case.after),
                    ));
                }
            }
        }
    }
    let count = cases.len();
    assert!(
        wrong.is_empty(),
        "{} answers of {count} rows:\n{}",
        wrong.len(),
        wrong.join("\n----\n")
    );
}

/// Both sides of each row, which all compile; with what its module is called.
pub(super) fn codes(cases: &[Case]) -> Vec<(String, Code, Code)> {
    let engine = engine();
    let which: BTreeSet<usize> = (0..cases.len()).collect();
    let built = |side| {
        let built = compile(&engine, cases, &which, side);
        built.unwrap_or_else(|said| panic!("{said:#?}"))
    };
    let (before, after) = (built(|case| &case.before), built(|case| &case.after));
    let code = |built: &Built, at| built.code(at, false).unwrap();
    which
        .iter()
        .map(|&at| (format!("m{at}"), code(&before, at), code(&after, at)))
        .collect()
}

/// Where two sources differ, and a little before and behind.
fn shown(before: &str, after: &str) -> String {
    const AROUND: usize = 120;
    let (before, after): (Vec<char>, Vec<char>) =
        (before.chars().collect(), after.chars().collect());
    let same = |(one, other): &(&char, &char)| one == other;
    let begin = before.iter().zip(&after).take_while(same).count();
    let end = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take_while(same)
        .count();
    let part = |text: &[char]| -> String {
        let to = (text.len() - end.min(text.len()) + AROUND).min(text.len());
        text[begin.saturating_sub(AROUND).min(to)..to]
            .iter()
            .collect()
    };
    format!("  {}\n  {}", part(&before), part(&after))
}

/// What the verdict says, and why.
fn said(at: usize, old: &Code, new: &Code, layouts: &[String]) -> (Kind, String) {
    let mut why = old
        .contracts()
        .differences(new.contracts(), Beside::Layouts);
    let module = format!("::m{at}::");
    let laid_out = layouts.iter().filter(|name| name.contains(&module));
    why.extend(laid_out.map(|name| format!("layout of {name}")));
    if !why.is_empty() {
        return (Kind::Types, why.join(", "));
    }
    let edit = compare(old, new);
    let kind = match edit.structure {
        true => Kind::Structure,
        false => Kind::Body,
    };
    (kind, format!("functions {:?}", edit.functions))
}

/// The registering items that are not the same in both.
fn registering<'a>(old: &'a Code, new: &'a Code) -> Vec<&'a str> {
    let [before, after] = [old, new].map(registered);
    let gone = before.iter().filter(|item| !after.contains(item));
    let come = after.iter().filter(|item| !before.contains(item));
    gone.chain(come).map(|(path, _)| *path).collect()
}

/// What of a build registers.
fn registered(code: &Code) -> Vec<(&str, &Text)> {
    let Some(compiled) = &code.compiled else {
        return Vec::new();
    };
    let items = compiled.registration.items.iter();
    let items = items.map(|at| &compiled.graph.items[*at]);
    items.map(|item| (item.path.as_str(), &item.body)).collect()
}
