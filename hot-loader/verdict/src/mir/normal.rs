//! The compiler's text without what moves when a line is inserted somewhere: places in
//! the sources and numbers of allocations.
//!
//! Must not make equal what is not: a place is replaced by what is written there, and of
//! closures and allocations by their order, which is their own.

use super::Sources;
use crate::HashMap;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Where something is written: `src/ship.rs:6:5: 6:21`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, as the compiler names it.
    pub file: String,
    /// Line and column of its begin, from 1.
    pub from: (usize, usize),
    /// Of its end.
    pub to: (usize, usize),
}

/// What is written at the places of impls, asked for once each.
pub(super) struct Places<'a> {
    sources: &'a dyn Sources,
    known: HashMap<String, String>,
}

impl<'a> Places<'a> {
    pub(super) fn new(sources: &'a dyn Sources) -> Self {
        Self {
            sources,
            known: HashMap::default(),
        }
    }

    /// What is written at a place, as it is printed.
    pub(super) fn written(&mut self, text: &str) -> Option<&String> {
        if !self.known.contains_key(text) {
            let name = self.sources.written(&Place::parse(text)?);
            self.known.insert(text.to_owned(), name);
        }
        self.known.get(text)
    }
}

/// Makes the lines of one item comparable.
pub(super) struct Normal<'p, 'a> {
    places: &'p Places<'a>,
    /// The places of impls, as they are printed, and what is written there.
    pub(super) impls: BTreeMap<String, String>,
    /// The places of closures, coroutines and the like, in order.
    others: Vec<Place>,
    /// Allocations in the order in which they are met.
    allocations: HashMap<String, usize>,
}

const IMPL: &str = "impl at ";
const DEFINITION: &str = "DefId(";
const ALLOCATION: &str = "alloc";

impl<'p, 'a> Normal<'p, 'a> {
    /// For the lines of one item.
    pub(super) fn of<'l>(lines: impl Iterator<Item = &'l str>, places: &'p mut Places<'a>) -> Self {
        let (mut impls, mut others) = (BTreeMap::new(), BTreeSet::new());
        for line in lines {
            for found in places_in(line) {
                if !found.is_impl {
                    others.insert(found.place);
                } else if let Some(written) = places.written(found.text) {
                    impls.insert(found.text.to_owned(), written.clone());
                }
            }
        }
        Self {
            places,
            impls,
            others: others.into_iter().collect(),
            allocations: HashMap::default(),
        }
    }

    /// A line of it.
    pub(super) fn line<'t>(&mut self, line: &'t str) -> Cow<'t, str> {
        if line.contains(DEFINITION) {
            return self.placed(&without_numbers(line)).into();
        }
        // Most lines have nothing of all that.
        match line.contains('@') || line.contains(IMPL) || line.contains(ALLOCATION) {
            true => self.placed(line).into(),
            false => line.into(),
        }
    }

    fn placed(&mut self, line: &str) -> String {
        let mut text = String::with_capacity(line.len());
        let mut at = 0;
        for found in places_in(line) {
            self.allocated(line.get(at..found.begin).unwrap_or_default(), &mut text);
            at = found.end;
            if let Some(name) = self.places.known.get(found.text) {
                text.push_str("impl ");
                text.push_str(name);
            } else {
                let order = self.others.binary_search(&found.place);
                let order = order.unwrap_or_default();
                let _ = write!(text, "#{order}");
            }
        }
        self.allocated(line.get(at..).unwrap_or_default(), &mut text);
        text
    }

    /// The lines of allocations in the order in which what refers to them does. The compiler
    /// prints them by their own numbers, which a warm cache gives in another order.
    pub(super) fn in_order<'t>(&mut self, lines: &[&'t str]) -> Vec<&'t str> {
        let begins = |line: &&str| line.starts_with(ALLOCATION);
        let mut blocks: Vec<&[&str]> = lines.chunk_by(|_, next| !begins(next)).collect();
        let mut found = Vec::with_capacity(lines.len());
        loop {
            // What nothing names by its number is printed where it stands, a text: by its bytes.
            let key = |block: &[&'t str]| {
                let first = block.first().copied().unwrap_or_default();
                let digits = first.trim_start_matches(ALLOCATION);
                let (id, rest) = split_number(digits);
                let number = self.allocations.get(id).copied().unwrap_or(usize::MAX);
                (number, rest, block.get(1..).unwrap_or_default().to_vec())
            };
            let all = blocks.iter().enumerate();
            let Some((at, _)) = all.min_by_key(|(_, block)| key(block)) else {
                return found;
            };
            for line in blocks.remove(at) {
                // Those that it refers to are numbered with it.
                self.line(line);
                found.push(*line);
            }
        }
    }

    /// Copies `line` with its allocations numbered anew.
    fn allocated(&mut self, line: &str, into: &mut String) {
        let mut rest = line;
        while let Some(at) = rest.find(ALLOCATION) {
            let (before, from) = rest.split_at(at);
            let digits = from.get(ALLOCATION.len()..).unwrap_or_default();
            let (number, after) = split_number(digits);
            let in_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if number.is_empty() || in_word {
                into.push_str(before);
                into.push_str(ALLOCATION);
                rest = digits;
                continue;
            }
            // How a pointer among bytes is filled up depends on its number's length.
            let padded = before.trim_end_matches('─');
            into.push_str(padded);
            let next = self.allocations.len();
            let number = *self.allocations.entry(number.to_owned()).or_insert(next);
            let _ = write!(into, "alloc#{number}");
            rest = after;
            if padded.ends_with('╾')
                && let Some((pointer, after)) = after.split_once('╼')
            {
                into.push_str(pointer.trim_end_matches('─'));
                into.push('╼');
                rest = after;
            }
        }
        into.push_str(rest);
    }

    /// Where the last impl is written that an item's `head` goes through.
    pub(super) fn last_impl(&self, head: &str) -> Option<Place> {
        let impls = places_in(head).filter(|found| found.is_impl);
        impls.last().map(|found| found.place)
    }
}

/// The number that a text begins with, and the rest.
fn split_number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

/// `DefId(0:5 ~ systems[63d2]::ship::TABLE)`, without what a crate's or an item's number is.
fn without_numbers(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut parts = line.split(DEFINITION);
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        text.push_str(DEFINITION);
        let path = part.split_once(" ~ ").map_or(part, |(_, path)| path);
        let (of_crate, rest) = path.split_once('[').unwrap_or((path, ""));
        text.push_str(of_crate);
        text.push_str(rest.split_once(']').map_or("", |(_, rest)| rest));
    }
    text
}

/// A line without what stands between `<` and `>`.
pub(super) fn without_arguments(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let (mut depth, mut previous) = (0usize, ' ');
    for char in line.chars() {
        match char {
            '<' => depth += 1,
            '>' if matches!(previous, '-' | '=') => {}
            '>' => depth = depth.saturating_sub(1),
            char if depth == 0 => text.push(char),
            _ => {}
        }
        previous = char;
    }
    text
}

/// A place in a line.
struct Found<'a> {
    begin: usize,
    end: usize,
    text: &'a str,
    place: Place,
    is_impl: bool,
}

/// The places in a line: `{closure@src/a.rs:11:45: 11:53}`, `<impl at src/a.rs:6:5: 6:21>`.
fn places_in(line: &str) -> impl Iterator<Item = Found<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = line.get(from..)?;
            let (closure, of_impl) = (rest.find('@'), rest.find(IMPL));
            let is_impl = of_impl.is_some_and(|at| closure.is_none_or(|closure| at < closure));
            let (begin, length, close) = match is_impl {
                true => (from + of_impl?, IMPL.len(), '>'),
                false => (from + closure? + 1, 0, '}'),
            };
            from = begin + length;
            let text = line.get(from..)?.split(close).next()?;
            // Not `x @ ..` in a message, say.
            if let Some(place) = Place::parse(text) {
                from += text.len();
                return Some(Found {
                    begin,
                    end: from,
                    text,
                    place,
                    is_impl,
                });
            }
        }
    })
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        // `{coroutine@src/a.rs:16:26: 16:44 (#0)}`
        let text = text.split_once(" (#").map_or(text, |(text, _)| text);
        let (from, to) = text.rsplit_once(": ")?;
        let (to_line, to_column) = to.split_once(':')?;
        let (from, from_column) = from.rsplit_once(':')?;
        let (file, from_line) = from.rsplit_once(':')?;
        let number = |text: &str| text.parse::<usize>().ok();
        Some(Self {
            file: file.to_owned(),
            from: (number(from_line)?, number(from_column)?),
            to: (number(to_line)?, number(to_column)?),
        })
    }
}
