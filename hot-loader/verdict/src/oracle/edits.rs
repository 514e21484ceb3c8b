//! Random edits of a fragment: a place of its template takes another value, or something is
//! done to its text that no template says.
//!
//! An edit that is called harmless must be so for every type of every fragment, unless the
//! compiler says otherwise.

use super::fragments::{FRAGMENTS, HEADER};
use super::template::{Mark, NUMBERS, Random, Template};
use super::truth::{Files, is_question};

/// A fragment as it stands.
#[derive(Clone)]
pub(super) struct Fragment {
    pub(super) name: &'static str,
    source: &'static str,
    /// Where it stands in the crate.
    pub(super) module: usize,
    values: Vec<u32>,
}

/// An edit of one fragment.
pub(super) struct Edit {
    /// What it does.
    pub(super) what: String,
    pub(super) mark: Mark,
    /// The fragment afterwards, if it can be edited further.
    pub(super) next: Option<Fragment>,
    pub(super) files: Files,
}

impl Fragment {
    /// A fragment with random values.
    pub(super) fn new(which: usize, module: usize, random: &mut Random) -> Self {
        let (name, source) = FRAGMENTS[which % FRAGMENTS.len()];
        let mut fragment = Self {
            name,
            source,
            module,
            values: Vec::new(),
        };
        let places = fragment.template().places;
        // The smallest values are those that most probably compile together.
        fragment.values = (0..places)
            .map(|_| u32::try_from(random.below(12)).unwrap())
            .map(|value| if value > 6 { 0 } else { value })
            .collect();
        fragment
    }

    fn template(&self) -> Template {
        Template::parse(&format!("{HEADER}{}", self.source))
    }

    /// Its files, the one of the module first.
    pub(super) fn files(&self) -> Files {
        let text = self.template().render(&self.values, self.module).text;
        let mut parts = text.split("//// ");
        let root = parts.next().unwrap_or_default().to_owned();
        let mut files = vec![(format!("m{}.rs", self.module), root)];
        for part in parts {
            let (path, text) = part.split_once('\n').unwrap();
            files.push((path.to_owned(), text.to_owned()));
        }
        files
    }

    /// Some edit of it.
    pub(super) fn edit(&self, random: &mut Random) -> Edit {
        loop {
            let edit = match random.below(10) {
                0..=5 => self.turn(random),
                6 => self.harmless(random),
                _ => self.mutation(random),
            };
            if let Some(edit) = edit.filter(|edit| edit.files != self.files()) {
                return edit;
            }
        }
    }

    /// Another value for one place.
    fn turn(&self, random: &mut Random) -> Option<Edit> {
        let rendered = self.template().render(&self.values, self.module);
        let harmless = random.below(3) == 0;
        let places: Vec<_> = rendered
            .places
            .iter()
            .filter(|place| (place.mark == Mark::Harmless) == harmless)
            .collect();
        if places.is_empty() {
            return None;
        }
        let place = random.pick(&places);
        let mut next = self.clone();
        let by = 1 + u32::try_from(random.below(place.values as usize - 1)).unwrap();
        next.values[place.id] = (self.values[place.id] + by) % place.values;
        let files = next.files();
        let what = first_difference(&self.files(), &files);
        Some(Edit {
            what,
            mark: place.mark,
            next: Some(next),
            files,
        })
    }

    /// Something that can be done to any Rust file.
    fn harmless(&self, random: &mut Random) -> Option<Edit> {
        let mut files = self.files();
        let (_, text) = pick_source(&mut files, random)?;
        let number = random.below(1000);
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = random.below(lines.len());
        let insert = |line: &str| {
            let mut lines = lines.clone();
            // Nothing stands before `//!`, and no attribute is torn from its item.
            lines.insert(at, line.to_owned());
            lines.join("\n")
        };
        let append = |item: &str| format!("{text}\n{item}\n");
        let starts_item = |line: &str| ["pub ", "impl ", "fn "].iter().any(|s| line.starts_with(s));
        let (what, changed) = match random.below(12) {
            0 => ("a comment", insert(&format!("// Comment {number}."))),
            1 => ("an empty line", insert("")),
            2 if starts_item(&lines[at]) => {
                ("a doc comment", insert(&format!("/// Doc {number}.")))
            }
            3 => ("wider spaces", text.replace(" { ", " {\n        ")),
            4 => ("a comment behind", text.replace(";\n", "; // so\n")),
            5 => (
                "a function",
                append(&format!("pub fn new_{number}() -> u8 {{ 1 }}")),
            ),
            6 => (
                "a struct",
                append(&format!("pub struct New{number}(pub u8);")),
            ),
            7 => (
                "a method",
                append(&format!(
                    "impl crate::m{}::Leaf {{ pub fn new_{number}(&self) {{}} }}",
                    self.module
                )),
            ),
            8 => (
                "a constant",
                append(&format!("pub const NEW_{number}: f32 = 1.5;")),
            ),
            9 => (
                "a test",
                append("#[cfg(test)] mod tests { struct T; #[test] fn t() {} }"),
            ),
            10 => (
                "a module",
                append(&format!(
                    "pub mod new_{number} {{ pub fn go() -> u8 {{ 1 }} }}"
                )),
            ),
            11 if starts_item(&lines[at]) => ("a lint", insert("#[allow(dead_code)]")),
            _ => return None,
        };
        *text = changed;
        Some(Edit {
            what: format!("{what} is added"),
            mark: Mark::Harmless,
            next: None,
            files,
        })
    }

    /// A change of the text that no one thought of; what it means, the compiler says.
    fn mutation(&self, random: &mut Random) -> Option<Edit> {
        let mut files = self.files();
        let all_words: Vec<String> = files
            .iter()
            .flat_map(|(_, text)| words(text).into_iter().map(|at| text[at].to_owned()))
            .collect();
        let (_, text) = pick_source(&mut files, random)?;
        let words = words(text);
        let some = |random: &mut Random, wanted: fn(&str) -> bool| {
            let found: Vec<_> = words
                .iter()
                .filter(|at| wanted(&text[(*at).clone()]))
                .collect();
            (!found.is_empty()).then(|| (*random.pick(&found)).clone())
        };
        let (what, changed) = match random.below(14) {
            0..=4 => {
                let at = some(random, is_number)?;
                let new = random.below(6).to_string();
                ("a number", with(text, at, &new))
            }
            5..=7 => {
                let at = some(random, |word| NUMBERS.contains(&word))?;
                (
                    "a number's type",
                    with(text, at, random.pick::<&str>(NUMBERS)),
                )
            }
            8..=9 => ("two lines", swap_lines(text, random)?),
            10..=12 => {
                let names: Vec<_> = all_words.iter().filter(|word| is_name(word)).collect();
                let name = *random.pick(&names);
                let item = match random.below(3) {
                    _ if name.chars().all(|char| char.is_uppercase()) => {
                        format!("pub const {name}: usize = 6;")
                    }
                    0 => format!("pub type {name} = u64;"),
                    1 => format!(
                        "pub mod {} {{ pub struct {name}(pub u8); }}",
                        random.pick(&["new", "a", "b", "std"])
                    ),
                    _ => format!("#[derive(Clone, Copy)] pub struct {name}(pub u64);"),
                };
                let modules: Vec<usize> = text
                    .match_indices("mod ")
                    .filter_map(|(at, _)| {
                        let line = text[at..].lines().next()?;
                        line.find('{')
                            .filter(|open| !line[..*open].contains(';'))
                            .map(|open| at + open + 1)
                    })
                    .collect();
                let at = match modules.is_empty() || random.below(2) == 0 {
                    true => text.len(),
                    false => *random.pick(&modules),
                };
                (
                    "an item of a known name",
                    with(text, at..at, &format!(" {item} ")),
                )
            }
            _ => {
                let at = some(random, is_name)?;
                let constant = text[at.clone()].chars().all(|char| !char.is_lowercase());
                let names: Vec<_> = all_words
                    .iter()
                    .filter(|word| {
                        is_name(word) && word.chars().all(|char| !char.is_lowercase()) == constant
                    })
                    .collect();
                ("a name", with(text, at, random.pick::<&String>(&names)))
            }
        };
        *text = changed;
        let what = format!("{what}: {}", first_difference(&self.files(), &files));
        Some(Edit {
            what,
            mark: Mark::Ask,
            next: None,
            files,
        })
    }
}

/// One of the Rust files that are not for the compiler alone.
fn pick_source<'a>(files: &'a mut Files, random: &mut Random) -> Option<&'a mut (String, String)> {
    let mut sources: Vec<_> = files
        .iter_mut()
        .filter(|(path, text)| path.ends_with(".rs") && !is_question(path) && !text.is_empty())
        .collect();
    let at = random.below(sources.len());
    (at < sources.len()).then(|| sources.swap_remove(at))
}

type Range = std::ops::Range<usize>;

/// Where words and numbers stand.
fn words(text: &str) -> Vec<Range> {
    let mut found: Vec<Range> = Vec::new();
    for (at, char) in text.char_indices() {
        if !(char.is_ascii_alphanumeric() || char == '_' || char == '.') {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.end == at && char != '.' => last.end += 1,
            _ if char != '.' => found.push(at..at + 1),
            _ => {}
        }
    }
    found
}

fn is_number(word: &str) -> bool {
    word.chars().all(|char| char.is_ascii_digit())
}

/// Of a type or a constant.
fn is_name(word: &str) -> bool {
    word.starts_with(|char: char| char.is_ascii_uppercase()) && !["Self", "Sized"].contains(&word)
}

fn with(text: &str, at: Range, new: &str) -> String {
    format!("{}{new}{}", &text[..at.start], &text[at.end..])
}

/// Exchanges two neighbours that are each whole in themselves.
fn swap_lines(text: &str, random: &mut Random) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let whole = |line: &str| {
        let count = |of: char| line.matches(of).count();
        !line.is_empty() && count('{') == count('}') && count('(') == count(')')
    };
    let at = random.below(lines.len().checked_sub(2)? + 1);
    (whole(lines[at]) && whole(lines[at + 1])).then(|| {
        lines.swap(at, at + 1);
        lines.join("\n")
    })
}

/// The first line that differs, before and after.
fn first_difference(before: &Files, after: &Files) -> String {
    let lines = |files: &Files| -> Vec<String> {
        files
            .iter()
            .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let (before, after) = (lines(before), lines(after));
    let at = before
        .iter()
        .zip(&after)
        .take_while(|(a, b)| a == b)
        .count();
    let shown = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
    format!("`{}` -> `{}`", shown(&before), shown(&after))
}
