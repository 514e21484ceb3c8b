//! The compiler's own words on every function, constant and static of a crate: the text
//! of `--emit=mir`, cut into items that can be compared.
//!
//! The text is made for people and promised to nobody, so nothing is read in it but where
//! items begin, what they are called, which paths they mention, and whether two are equal.
//! What does not parse is an error, and an error never means "unchanged". Pure, no I/O.

mod memory;
mod mentions;
mod normal;
mod spelling;
#[cfg(test)]
mod tests;

pub use memory::Memory;
pub use mentions::Mention;
pub use normal::Place;
pub use spelling::Text;

use memory::Read;
use mentions::mentions;
use normal::{Normal, Places};
use spelling::Reading;

/// What an item is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A function, a method, a closure, a constructor.
    Function,
    /// A constant, a static, a promoted value, an anonymous constant.
    Value,
}

/// One item.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Its path from the crate's root, as far as the sources tell. An impl in it is told by
    /// what is written at its place: `ship::<impl Go for Ship>::go`.
    pub path: String,
    /// Where the innermost impl of its path is written.
    pub place: Option<Place>,
    /// Its parameters and what it returns, or its type.
    pub signature: String,
    /// Signature and what it does, with the constants that it refers to.
    pub body: Text,
    /// What it does without type arguments: a function that is named in it may have got
    /// another signature.
    pub bare: Text,
    /// The paths that it mentions.
    pub mentions: Vec<Mention>,
}

impl Item {
    /// The path of the function, constant or static that it is, or is a part of: without
    /// closures, promoted values and anonymous constants.
    pub fn outer(&self) -> &str {
        let part = ["::{", "::promoted["].into_iter();
        let ends = part.filter_map(|part| self.path.find(part));
        self.path
            .get(..ends.min().unwrap_or(self.path.len()))
            .unwrap_or_default()
    }

    /// The last segment of that path.
    pub fn name(&self) -> &str {
        last_segment(self.outer())
    }
}

/// The last segment of a path without arguments.
pub fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// Whether the brackets of what stands in a path's own close.
pub fn closes(text: &str) -> bool {
    path_of(&format!("<{text}>::f ")).is_some_and(|(path, _)| path.len() == text.len() + 5)
}

/// The text is not as it was when this was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the compiler's MIR cannot be read: {text}")]
pub struct MirError {
    /// From 1.
    pub line: usize,
    /// The line.
    pub text: String,
}

/// All items of a crate, those of one path in the order of the sources: reads the text, which
/// was made of these sources. `memory` is of the text that was read before.
///
/// # Errors
///
/// If a line is not understood.
pub fn read(text: &str, sources: &dyn Sources, memory: &mut Memory) -> Result<Vec<Item>, MirError> {
    memory.renew(sources);
    let mut items = Vec::new();
    let mut places = Places::new(sources);
    let mut open: Option<Open<'_>> = None;
    let mut within = false;
    let mut end = 0;
    let mut item = |open: Open<'_>, end: usize| {
        let whole = text.get(open.begin..end).unwrap_or_default();
        let read = match memory.take(whole, &mut places) {
            Some(read) => read,
            None => open.close(&mut places, sources)?,
        };
        items.push(read.item.clone());
        memory.items.insert(whole.into(), read);
        Ok(())
    };
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let begin = end;
        end += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let error = || MirError {
            line: at + 1,
            text: line.chars().take(200).collect(),
        };
        let beginning = line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '<');
        if within {
            // Blocks are indented; what is not ends the item or the allocation.
            within = line != "}";
            if let Some(open) = &mut open {
                open.body.push(line);
            }
            if beginning {
                return Err(error());
            }
        } else if line.is_empty() || line.starts_with("//") {
            // Between items, or above one.
        } else if line.starts_with("alloc") {
            let open = open.as_mut().ok_or_else(error)?;
            open.body.push(line);
            within = line.ends_with('{');
        } else if beginning {
            if let Some(open) = open.take() {
                item(open, begin).map_err(|()| error())?;
            }
            let kind = match line.split(' ').next() {
                Some("fn") => Kind::Function,
                Some("const" | "static") => Kind::Value,
                // `ship::launch::promoted[0] in ship::launch: &str = {` and the like.
                _ if line.contains("promoted[") || line.contains("{constant#") => Kind::Value,
                _ => return Err(error()),
            };
            within = line.ends_with('{');
            open = Some(Open {
                kind,
                begin,
                head: line,
                body: Vec::new(),
            });
        } else {
            return Err(error());
        }
    }
    if let Some(open) = open.take() {
        let error = MirError {
            line: text.lines().count(),
            text: open.head.to_owned(),
        };
        if within {
            return Err(error);
        }
        item(open, text.len()).map_err(|()| error)?;
    }
    Ok(items)
}

/// An item whose lines are being gathered.
struct Open<'a> {
    kind: Kind,
    /// Where it begins in the text.
    begin: usize,
    head: &'a str,
    body: Vec<&'a str>,
}

/// What the sources of the crate say.
pub trait Sources {
    /// What is written at a place, as a name for the impl that stands there or is made there.
    fn written(&self, place: &Place) -> String;

    /// The module, from the crate's root, that has the item which is printed by this name alone.
    fn module(&self, name: &str) -> Option<&str>;

    /// Whether the crate's root has a module of this name.
    fn is_module(&self, name: &str) -> bool;

    /// Equal if these say the same of every name.
    fn names(&self) -> u64;
}

impl Open<'_> {
    fn close(self, places: &mut Places<'_>, sources: &dyn Sources) -> Result<Read, ()> {
        let Self {
            kind, head, body, ..
        } = self;
        let lines = || [head].into_iter().chain(body.iter().copied());
        let mut normal = Normal::of(lines(), places);
        let place = path_of(head).and_then(|(path, _)| normal.last_impl(path));
        let head = normal.line(head);
        let (path, rest) = path_of(&head).ok_or(())?;
        // `const N: usize = const 3_usize;` has its value in the same line.
        let (signature, value) = match kind {
            Kind::Value => rest.split_once(" = ").unwrap_or((rest, "")),
            Kind::Function => (rest, ""),
        };
        let (mut text, mut bare) = (Reading::new(sources), Reading::new(sources));
        let signature_text = text.spelled(signature);
        text.line(value);
        bare.line(value);
        let mut mentioned = Vec::new();
        mentions(signature, true, &mut mentioned);
        mentions(value, false, &mut mentioned);
        let is_allocation = |line: &&str| line.starts_with("alloc");
        let begin = body.iter().position(is_allocation).unwrap_or(body.len());
        let (code, allocations) = body.split_at(begin);
        for line in code.iter().map(|line| line.trim()) {
            let mut said = ["debug ", "scope ", "//"].iter();
            let said = said.any(|begin| line.starts_with(begin));
            if said || line == "}" || line.is_empty() {
                continue;
            }
            let line = normal.line(line);
            text.line(&line);
            if line.starts_with("let ") {
                continue;
            }
            match line.contains('<') {
                true => bare.line(&normal::without_arguments(&line)),
                false => bare.line(&line),
            }
            mentions(&line, false, &mut mentioned);
        }
        for line in normal.in_order(allocations) {
            let line = normal.line(line);
            // What one stands for has a path; bytes, and what they would be as text, have none.
            match is_allocation(&&*line) {
                true => {
                    text.line(&line);
                    bare.line(&line);
                    mentions(&line, false, &mut mentioned);
                }
                false => {
                    text.bytes(&line);
                    bare.bytes(&line);
                }
            }
        }
        mentioned.sort_unstable();
        mentioned.dedup();
        let places = normal.impls;
        let item = Item {
            kind,
            place,
            path: whole_path(path, sources),
            signature: signature_text,
            body: text.end(),
            bare: bare.end(),
            mentions: mentioned,
        };
        Ok(Read { places, item })
    }
}

/// A path of an item of the crate, with the module that it may be printed without.
fn whole_path(path: &str, sources: &dyn Sources) -> String {
    let first = path.split("::").next().unwrap_or(path);
    let is_whole = path.contains("::") && sources.is_module(first);
    match sources.module(first).filter(|_| !is_whole) {
        Some(module) if !module.is_empty() => format!("{module}::{path}"),
        _ => path.to_owned(),
    }
}

/// An item's path, and what stands behind it.
fn path_of(head: &str) -> Option<(&str, &str)> {
    let mut begins = ["fn ", "const ", "static mut ", "static "].into_iter();
    let head = begins
        .find_map(|word| head.strip_prefix(word))
        .unwrap_or(head);
    let mut depth = 0usize;
    let mut previous = ' ';
    for (at, char) in head.char_indices() {
        match char {
            '<' | '{' | '[' => depth += 1,
            '>' if previous == '-' => {}
            '>' | '}' | ']' => depth = depth.checked_sub(1)?,
            '(' | ' ' if depth == 0 => return head.split_at_checked(at),
            // Of a constant: `N: usize`, and not `ship::N`.
            ':' if depth == 0 => {
                let next = head.as_bytes().get(at + 1);
                if previous != ':' && next != Some(&b':') {
                    return head.split_at_checked(at);
                }
            }
            _ => {}
        }
        previous = char;
    }
    None
}
