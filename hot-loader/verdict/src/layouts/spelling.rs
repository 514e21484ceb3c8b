//! One spelling for a type's name. `core::any::type_name` and the debug info write some
//! types differently: default arguments, lifetimes, `dyn` in parentheses, tuples of one,
//! `Fn(A) -> B`. Text only: knows no library, and must not guess. A name that it cannot
//! read is no name.

use std::{ops::Range, sync::Arc};

use crate::HashMap;

/// How deep a name may nest. Deeper ones are not read, so that no name can overflow the stack.
const DEEPEST: u32 = 64;

const RANDOM_STATE: &str = "std::hash::random::RandomState";
const FIXED_HASHER: &str = "bevy_platform::hash::FixedHasher";

/// Default arguments that `type_name` leaves out and the debug info writes: the type's path,
/// the argument's position, and the default. A default that is missing here costs only that
/// the type is not found by its name.
const DEFAULTS: &[(&str, usize, &str)] = &[
    ("std::collections::hash::map::HashMap", 2, RANDOM_STATE),
    ("std::collections::hash::set::HashSet", 1, RANDOM_STATE),
    ("core::ops::control_flow::ControlFlow", 1, "()"),
    (
        "bevy_platform::collections::hash_map::HashMap",
        2,
        FIXED_HASHER,
    ),
    (
        "bevy_platform::collections::hash_set::HashSet",
        1,
        FIXED_HASHER,
    ),
    ("bevy_platform::hash::Hashed", 1, FIXED_HASHER),
    ("bevy_time::time::Time", 0, "()"),
    ("indexmap::map::IndexMap", 2, RANDOM_STATE),
    ("indexmap::set::IndexSet", 1, RANDOM_STATE),
];
/// The default of any type of the standard library, wherever it stands.
const ALLOCATOR: &str = "alloc::alloc::Global";

/// What a name says besides itself.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Says {
    /// It mentions a `dyn` type, a function pointer or a closure, but for the arguments of
    /// `PhantomData`, which holds nothing.
    pub code: bool,
    /// It mentions the environment of a closure, a future or a coroutine.
    pub environment: bool,
    /// It is that of one, and not of a pointer to one or of a type over one.
    pub is_environment: bool,
}

/// The one spelling of a type's name, or none if it cannot be read.
pub(super) fn canonical(name: &str) -> Option<(String, Says)> {
    let mut reader = Reader {
        rest: name.trim(),
        spelled: String::with_capacity(name.len()),
        depth: 0,
        phantom: 0,
        says: Says::default(),
    };
    reader.a_type()?;
    let is_whole = reader.rest.is_empty();
    is_whole.then_some((reader.spelled, reader.says))
}

/// The spellings of names that were asked for, since most names of a library are those of
/// the build before it, and reading them takes a third of the time.
#[derive(Default, Debug)]
pub struct Spellings(HashMap<Box<str>, Option<(Arc<str>, Says)>>);

impl Spellings {
    /// More names than a large crate has: forgotten together, so that a long session's do
    /// not pile up.
    const MOST: usize = 200_000;

    /// See [`canonical`].
    pub(super) fn canonical(&mut self, name: &str) -> Option<(Arc<str>, Says)> {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        let spelled = canonical(name).map(|(spelled, says)| (spelled.into(), says));
        self.0.insert(name.into(), spelled.clone());
        spelled
    }
}

/// Whether a path's segment is what the compiler calls the environment of a closure, a
/// future or a coroutine.
fn is_environment(segment: &str) -> bool {
    segment.starts_with('{') && (segment.contains("_env#") || segment.contains("{closure}"))
}

/// The path of the function that a (canonical) name's first environment stands in, which for
/// a closure inside a closure is that of the outermost.
pub(super) fn function_of(name: &str) -> &str {
    // What else is written in braces is no code: an impl, an `extern` block.
    let is_code = |at: &usize| {
        let segment = &name[at + 2..];
        !segment.starts_with("{impl#") && !segment.starts_with("{extern#")
    };
    let mut braces = name.match_indices("::{").map(|(at, _)| at);
    let Some(at) = braces.find(is_code) else {
        return name;
    };
    let begins = ['<', '&', '*', '(', '[', ' ', ','];
    name[..at].rsplit(begins).next().unwrap_or_default()
}

struct Reader<'a> {
    rest: &'a str,
    /// What was read, in the one spelling.
    spelled: String,
    depth: u32,
    /// How many `PhantomData` are open.
    phantom: u32,
    says: Says,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Each takes what comes next, and is none if that cannot be read.
impl<'a> Reader<'a> {
    /// Takes a mark if it comes next.
    fn eat(&mut self, mark: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, mark: &str) -> Option<()> {
        self.eat(mark).then_some(())
    }

    /// Takes a word if it comes next, and ends there.
    fn eat_word(&mut self, word: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(word);
        let rest = rest.filter(|rest| !rest.starts_with(|c| is_word(c) || c == ':'));
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes a lifetime if one comes next, and not a character.
    fn eat_lifetime(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        let Some(rest) = self.rest.strip_prefix('\'') else {
            return false;
        };
        let after = rest.trim_start_matches(is_word);
        if after.len() == rest.len() || after.starts_with('\'') {
            return false;
        }
        self.rest = after;
        true
    }

    /// Takes what a `for` declares if one comes next.
    fn skip_for(&mut self) -> Option<bool> {
        if !self.eat_word("for") {
            return Some(false);
        }
        self.expect("<")?;
        self.rest = self.rest.split_once('>')?.1;
        Some(true)
    }

    fn code(&mut self) {
        self.says.code |= self.phantom == 0;
    }

    fn a_type(&mut self) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.any_type()?;
        self.depth -= 1;
        self.rest = self.rest.trim_start();
        Some(())
    }

    fn any_type(&mut self) -> Option<()> {
        for mark in ["&", "*"] {
            if self.eat(mark) {
                self.spelled.push_str(mark);
                self.eat_lifetime();
                if let Some(word) = ["mut", "const"].into_iter().find(|it| self.eat_word(it)) {
                    self.spelled.extend([word, " "]);
                }
                return self.a_type();
            }
        }
        if self.eat("(") {
            return self.tuple();
        }
        if self.eat("[") {
            self.spelled.push('[');
            self.a_type()?;
            if self.eat(";") {
                self.spelled.push_str("; ");
                self.a_type()?;
            }
            self.spelled.push(']');
            return self.expect("]");
        }
        // The type that has no value, and parameters that C functions leave open.
        for mark in ["!", "..."] {
            if self.eat(mark) {
                self.spelled.push_str(mark);
                return Some(());
            }
        }
        let is_constant = |c: char| c.is_ascii_digit() || matches!(c, '-' | '\'' | '"');
        if self.rest.starts_with(is_constant) {
            return self.constant();
        }
        if self.skip_for()? {
            return self.a_type();
        }
        if self.eat_word("dyn") {
            return self.bounds();
        }
        if self.function()? {
            return Some(());
        }
        self.path(false)
    }

    /// What follows `dyn`.
    fn bounds(&mut self) -> Option<()> {
        self.code();
        self.spelled.push_str("dyn ");
        let start = self.spelled.len();
        loop {
            self.skip_for()?;
            if !self.eat_lifetime() {
                if self.spelled.len() > start {
                    self.spelled.push_str(" + ");
                }
                self.path(true)?;
            }
            if !self.eat("+") {
                return (self.spelled.len() > start).then_some(());
            }
        }
    }

    /// What follows an opening parenthesis.
    fn tuple(&mut self) -> Option<()> {
        let start = self.spelled.len();
        self.spelled.push('(');
        let (count, comma) = self.types_until(")", 0..0)?;
        if count == 1 && !comma && self.spelled[start + 1..].starts_with("dyn ") {
            self.spelled.remove(start);
            return Some(());
        }
        self.spelled.push_str(if count == 1 { ",)" } else { ")" });
        Some(())
    }

    /// Types between commas up to the closing mark, without lifetimes and the last ones that are
    /// known defaults of the `path`: how many, and whether the last one has a comma.
    fn types_until(&mut self, end: &str, path: Range<usize>) -> Option<(usize, bool)> {
        let (mut count, mut comma, mut kept) = (0, true, self.spelled.len());
        while !self.eat(end) {
            if !comma {
                return None;
            }
            if !self.eat_lifetime() {
                if count > 0 {
                    self.spelled.push_str(", ");
                }
                let begin = self.spelled.len();
                self.a_type()?;
                let path = &self.spelled[path.clone()];
                if !is_default(path, count, &self.spelled[begin..]) {
                    kept = self.spelled.len();
                }
                count += 1;
            }
            comma = self.eat(",");
        }
        self.spelled.truncate(kept);
        Some((count, comma))
    }

    /// A function pointer, if one comes next.
    fn function(&mut self) -> Option<bool> {
        let (rest, start) = (self.rest, self.spelled.len());
        if self.eat_word("unsafe") {
            self.spelled.push_str("unsafe ");
        }
        if self.eat_word("extern") {
            self.expect("\"")?;
            let (abi, rest) = self.rest.split_once('"')?;
            self.spelled.extend(["extern \"", abi, "\" "]);
            self.rest = rest;
        }
        if !self.eat_word("fn") {
            self.rest = rest;
            self.spelled.truncate(start);
            return Some(false);
        }
        self.code();
        self.expect("(")?;
        self.spelled.push_str("fn(");
        self.types_until(")", 0..0)?;
        self.spelled.push(')');
        if self.eat("->") {
            let end = self.spelled.len();
            self.spelled.push_str(" -> ");
            self.a_type()?;
            if &self.spelled[end..] == " -> ()" {
                self.spelled.truncate(end);
            }
        }
        Some(true)
    }

    /// A path with generic arguments. `of_bound`: `Fn(A) -> B` may follow.
    fn path(&mut self, of_bound: bool) -> Option<()> {
        let start = self.spelled.len();
        if self.eat("<") {
            self.spelled.push('<');
            self.a_type()?;
            if self.eat_word("as") {
                self.spelled.push_str(" as ");
                self.path(true)?;
            }
            self.expect(">")?;
            self.expect("::")?;
            self.spelled.push_str(">::");
        }
        loop {
            let segment = self.segment()?;
            let is_environment = is_environment(segment);
            // Not what an argument ends in.
            if self.depth == 1 {
                self.says.is_environment = is_environment;
            }
            if is_environment {
                self.says.environment = true;
                self.code();
            }
            self.spelled.push_str(segment);
            if self.rest.starts_with('<') || self.rest.starts_with("::<") {
                self.eat("::");
                self.eat("<");
                let end = self.spelled.len();
                let phantom = &self.spelled[start..] == "core::marker::PhantomData";
                self.phantom += u32::from(phantom);
                self.spelled.push('<');
                self.types_until(">", start..end)?;
                self.phantom -= u32::from(phantom);
                if self.spelled.len() > end + 1 {
                    self.spelled.push('>');
                } else {
                    self.spelled.truncate(end);
                }
            } else if of_bound && self.rest.starts_with('(') {
                self.eat("(");
                self.spelled.push_str("<(");
                let (count, _) = self.types_until(")", 0..0)?;
                let comma = if count == 1 { "," } else { "" };
                self.spelled.extend([comma, "), Output="]);
                if self.eat("->") {
                    self.a_type()?;
                } else {
                    self.spelled.push_str("()");
                }
                self.spelled.push('>');
            }
            let Some(rest) = self.rest.strip_prefix("::") else {
                // `Output=T`: an associated type.
                return match self.eat("=") {
                    true => {
                        self.spelled.push('=');
                        self.a_type()
                    }
                    false => Some(()),
                };
            };
            self.rest = rest;
            self.spelled.push_str("::");
        }
    }

    /// One name of a path: an identifier, or what the compiler writes in braces.
    fn segment(&mut self) -> Option<&'a str> {
        let end = if self.rest.starts_with('{') {
            let mut open = 0_u32;
            let closes = |c| {
                open += u32::from(c == '{');
                open -= u32::from(c == '}');
                open == 0
            };
            self.rest.find(closes)? + 1
        } else {
            let ends = self.rest.find(|c| !is_word(c) && c != '#');
            ends.unwrap_or(self.rest.len())
        };
        self.take(end)
    }

    /// The next `length` bytes, if there are any.
    fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        (length > 0).then_some(taken)
    }

    /// A number or a character: the value of a constant argument.
    fn constant(&mut self) -> Option<()> {
        let (mut quoted, mut escaped) = (None, false);
        let ends = |c| match quoted {
            Some(quote) => {
                if c == quote && !escaped {
                    quoted = None;
                }
                escaped = c == '\\' && !escaped;
                false
            }
            None => {
                quoted = Some(c).filter(|c| matches!(c, '\'' | '"'));
                matches!(c, ',' | '>' | ']' | ' ')
            }
        };
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let constant = self.take(end).filter(|_| quoted.is_none())?;
        self.spelled.push_str(constant);
        Some(())
    }
}

fn is_default(path: &str, position: usize, argument: &str) -> bool {
    let roots = ["alloc::", "core::", "std::"];
    argument == ALLOCATOR && roots.iter().any(|root| path.starts_with(root))
        || DEFAULTS.contains(&(path, position, argument))
}
