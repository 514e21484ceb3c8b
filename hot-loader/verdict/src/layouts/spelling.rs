//! One spelling for a type's name. `core::any::type_name` and the debug info write some
//! types differently: default arguments, lifetimes, `dyn` in parentheses, tuples of one,
//! `Fn(A) -> B`. Text only: knows no library, and must not guess. A name that it cannot
//! read is no name.

use std::sync::Arc;

use crate::HashMap;

/// How deep a name may nest. Deeper ones are not read, so that no name can overflow the stack.
const DEEPEST: u32 = 64;

/// Default arguments that `type_name` leaves out and the debug info writes: the type's path
/// (an empty one stands for any type of the standard library), the argument's position (none:
/// the last one), and the default. A default that is missing here costs only that the type
/// is not found by its name.
const DEFAULTS: &[(&str, Option<usize>, &str)] = &[
    ("", None, "alloc::alloc::Global"),
    (
        "std::collections::hash::map::HashMap",
        Some(2),
        "std::hash::random::RandomState",
    ),
    (
        "std::collections::hash::set::HashSet",
        Some(1),
        "std::hash::random::RandomState",
    ),
    ("core::ops::control_flow::ControlFlow", Some(1), "()"),
    (
        "bevy_platform::collections::hash_map::HashMap",
        Some(2),
        "bevy_platform::hash::FixedHasher",
    ),
    (
        "bevy_platform::collections::hash_set::HashSet",
        Some(1),
        "bevy_platform::hash::FixedHasher",
    ),
    (
        "bevy_platform::hash::Hashed",
        Some(1),
        "bevy_platform::hash::FixedHasher",
    ),
    ("bevy_time::time::Time", Some(0), "()"),
    (
        "indexmap::map::IndexMap",
        Some(2),
        "std::hash::random::RandomState",
    ),
    (
        "indexmap::set::IndexSet",
        Some(1),
        "std::hash::random::RandomState",
    ),
];

/// What a name says besides itself.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Says {
    /// It mentions a `dyn` type, a function pointer or a closure, but for the arguments of
    /// `PhantomData`, which holds nothing.
    pub code: bool,
    /// It mentions the environment of a closure, a future or a coroutine.
    pub environment: bool,
}

/// The one spelling of a type's name, or none if it cannot be read.
pub(super) fn canonical(name: &str) -> Option<(String, Says)> {
    let mut reader = Reader {
        rest: name.trim(),
        depth: 0,
        phantom: 0,
        says: Says::default(),
    };
    let spelled = reader.a_type()?;
    reader.skip_space();
    reader.rest.is_empty().then_some((spelled, reader.says))
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

/// Whether a path that begins with the crate's name stands somewhere in the name.
pub(super) fn mentions_crate(name: &str, crate_name: &str) -> bool {
    !crate_name.is_empty()
        && name.match_indices(crate_name).any(|(at, _)| {
            let begins = name[..at]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
            begins && name[at + crate_name.len()..].starts_with("::")
        })
}

/// Whether a path's segment is what the compiler calls the environment of a closure, a
/// future or a coroutine.
pub(super) fn is_environment(segment: &str) -> bool {
    segment.starts_with('{') && (segment.contains("_env#") || segment.contains("{closure}"))
}

/// Whether a (canonical) name is that of an environment, and not of a pointer to one or of a
/// type over one.
pub(super) fn ends_in_environment(name: &str) -> bool {
    if !name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '<')) {
        return false;
    }
    let mut open = 0_i32;
    let mut last = 0;
    let mut before = ' ';
    for (at, c) in name.char_indices() {
        match c {
            '<' | '(' | '[' | '{' => open += 1,
            '>' if before == '-' => {}
            '>' | ')' | ']' | '}' => open -= 1,
            ':' if open == 0 => last = at + 1,
            _ => {}
        }
        before = c;
    }
    name.get(last..).is_some_and(is_environment)
}

/// The path of the function that a (canonical) name's first environment stands in, which for
/// a closure inside a closure is that of the outermost.
pub(super) fn function_of(name: &str) -> &str {
    let Some(at) = name
        .match_indices("::{")
        .map(|(at, _)| at)
        // What else is written in braces is no code: an impl, an `extern` block.
        .find(|at| {
            let segment = &name[at + 2..];
            !segment.starts_with("{impl#") && !segment.starts_with("{extern#")
        })
    else {
        return name;
    };
    let start = name[..at]
        .rfind(['<', '&', '*', '(', '[', ' ', ','])
        .map_or(0, |at| at + 1);
    &name[start..at]
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
    /// How many `PhantomData` are open.
    phantom: u32,
    says: Says,
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes a mark if it comes next.
    fn eat(&mut self, mark: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes a word if it comes next, and ends there.
    fn eat_word(&mut self, word: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(word) {
            Some(rest)
                if !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') =>
            {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes a lifetime if one comes next, and not a character.
    fn eat_lifetime(&mut self) -> bool {
        self.skip_space();
        let Some(rest) = self.rest.strip_prefix('\'') else {
            return false;
        };
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        if end == 0 || rest[end..].starts_with('\'') {
            return false;
        }
        self.rest = &rest[end..];
        true
    }

    fn code(&mut self) {
        if self.phantom == 0 {
            self.says.code = true;
        }
    }

    fn a_type(&mut self) -> Option<String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let spelled = self.any_type();
        self.depth -= 1;
        spelled
    }

    fn any_type(&mut self) -> Option<String> {
        if self.eat("&") {
            self.eat_lifetime();
            let mutable = if self.eat_word("mut") { "mut " } else { "" };
            return Some(format!("&{mutable}{}", self.a_type()?));
        }
        if self.eat("*") {
            let which = if self.eat_word("const") {
                "const "
            } else if self.eat_word("mut") {
                "mut "
            } else {
                ""
            };
            return Some(format!("*{which}{}", self.a_type()?));
        }
        if self.eat("(") {
            return self.tuple();
        }
        if self.eat("[") {
            let of = self.a_type()?;
            if self.eat("]") {
                return Some(format!("[{of}]"));
            }
            if !self.eat(";") {
                return None;
            }
            let count = self.constant()?;
            return self.eat("]").then(|| format!("[{of}; {count}]"));
        }
        if self.eat("!") {
            return Some("!".to_owned());
        }
        if self.eat_word("for") {
            self.skip_angles()?;
            return self.a_type();
        }
        if self.eat_word("dyn") {
            self.code();
            let mut bounds = Vec::new();
            loop {
                if self.eat_word("for") {
                    self.skip_angles()?;
                }
                if !self.eat_lifetime() {
                    bounds.push(self.path(true)?);
                }
                if !self.eat("+") {
                    break;
                }
            }
            return (!bounds.is_empty()).then(|| format!("dyn {}", bounds.join(" + ")));
        }
        if let Some(function) = self.function() {
            return function;
        }
        self.path(false)
    }

    /// What follows an opening parenthesis.
    fn tuple(&mut self) -> Option<String> {
        let (parts, comma) = self.types_until(")")?;
        match parts.as_slice() {
            [only] if !comma && only.starts_with("dyn ") => Some(only.clone()),
            [only] => Some(format!("({only},)")),
            _ => Some(format!("({})", parts.join(", "))),
        }
    }

    /// Types between commas up to the closing mark, and whether the last one has a comma.
    fn types_until(&mut self, end: &str) -> Option<(Vec<String>, bool)> {
        let mut parts = Vec::new();
        let mut comma = false;
        while !self.eat(end) {
            if !parts.is_empty() && !comma {
                return None;
            }
            if self.eat("...") {
                parts.push("...".to_owned());
            } else {
                parts.push(self.a_type()?);
            }
            comma = self.eat(",");
        }
        Some((parts, comma))
    }

    /// A function pointer, if one comes next; the inner option is none if it cannot be read.
    fn function(&mut self) -> Option<Option<String>> {
        let before = self.rest;
        let mut spelled = String::new();
        if self.eat_word("unsafe") {
            spelled.push_str("unsafe ");
        }
        if self.eat_word("extern") {
            if !self.eat("\"") {
                return Some(None);
            }
            let end = self.rest.find('"')?;
            spelled.push_str(&format!("extern \"{}\" ", &self.rest[..end]));
            self.rest = &self.rest[end + 1..];
        }
        if !self.eat_word("fn") {
            self.rest = before;
            return None;
        }
        self.code();
        Some(self.signature(spelled))
    }

    fn signature(&mut self, mut spelled: String) -> Option<String> {
        if !self.eat("(") {
            return None;
        }
        let (parameters, _) = self.types_until(")")?;
        spelled.push_str(&format!("fn({})", parameters.join(", ")));
        if self.eat("->") {
            let returned = self.a_type()?;
            if returned != "()" {
                spelled.push_str(" -> ");
                spelled.push_str(&returned);
            }
        }
        Some(spelled)
    }

    /// Takes what stands in angle brackets (lifetimes of `for`).
    fn skip_angles(&mut self) -> Option<()> {
        if !self.eat("<") {
            return None;
        }
        let end = self.rest.find('>')?;
        self.rest = &self.rest[end + 1..];
        Some(())
    }

    /// A path with generic arguments. `of_bound`: `Fn(A) -> B` may follow.
    fn path(&mut self, of_bound: bool) -> Option<String> {
        self.skip_space();
        let mut path = String::new();
        if self.eat("<") {
            path.push('<');
            path.push_str(&self.a_type()?);
            if self.eat_word("as") {
                path.push_str(" as ");
                path.push_str(&self.path(true)?);
            }
            if !self.eat(">") || !self.eat("::") {
                return None;
            }
            path.push_str(">::");
        }
        loop {
            let segment = self.segment()?;
            if is_environment(segment) {
                self.says.environment = true;
                self.code();
            }
            path.push_str(segment);
            if self.rest.starts_with('<') || self.rest.starts_with("::<") {
                self.eat("::");
                self.eat("<");
                let phantom = u32::from(path == "core::marker::PhantomData");
                self.phantom += phantom;
                let arguments = self.arguments(&path)?;
                self.phantom -= phantom;
                if !arguments.is_empty() {
                    path.push_str(&format!("<{}>", arguments.join(", ")));
                }
            } else if of_bound && self.rest.starts_with('(') {
                self.eat("(");
                let (parameters, _) = self.types_until(")")?;
                let output = if self.eat("->") {
                    self.a_type()?
                } else {
                    "()".to_owned()
                };
                let comma = if parameters.len() == 1 { "," } else { "" };
                path.push_str(&format!(
                    "<({}{comma}), Output={output}>",
                    parameters.join(", ")
                ));
            }
            if !self.rest.starts_with("::") {
                return Some(path);
            }
            self.rest = &self.rest[2..];
            path.push_str("::");
        }
    }

    /// One name of a path: an identifier, or what the compiler writes in braces.
    fn segment(&mut self) -> Option<&'a str> {
        let rest = self.rest;
        let end = if rest.starts_with('{') {
            let mut open = 0_u32;
            let mut end = None;
            for (at, c) in rest.char_indices() {
                match c {
                    '{' => open += 1,
                    '}' => open -= 1,
                    _ => {}
                }
                if open == 0 {
                    end = Some(at + 1);
                    break;
                }
            }
            end?
        } else {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '#')
                .unwrap_or(rest.len())
        };
        if end == 0 {
            return None;
        }
        let (segment, rest) = rest.split_at(end);
        self.rest = rest;
        Some(segment)
    }

    /// Generic arguments up to the closing bracket, without lifetimes and known defaults.
    fn arguments(&mut self, path: &str) -> Option<Vec<String>> {
        let mut arguments = Vec::new();
        loop {
            if self.eat(">") {
                break;
            }
            if !self.eat_lifetime() {
                arguments.push(self.argument()?);
            }
            if self.eat(",") {
                continue;
            }
            if self.eat(">") {
                break;
            }
            return None;
        }
        while arguments
            .last()
            .is_some_and(|last| is_default(path, arguments.len() - 1, last))
        {
            arguments.pop();
        }
        Some(arguments)
    }

    fn argument(&mut self) -> Option<String> {
        self.skip_space();
        if self
            .rest
            .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '\'' | '"'))
        {
            return self.constant();
        }
        // `Output=T`: an associated type.
        let end = self
            .rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(0);
        let after = self.rest[end..].trim_start();
        if end > 0 && after.starts_with('=') {
            let name = &self.rest[..end];
            self.rest = &after[1..];
            return Some(format!("{name}={}", self.a_type()?));
        }
        self.a_type()
    }

    /// A number, a character, `true`: the value of a constant argument.
    fn constant(&mut self) -> Option<String> {
        self.skip_space();
        let mut escaped = false;
        let mut quoted = None;
        let mut end = self.rest.len();
        for (at, c) in self.rest.char_indices() {
            match quoted {
                Some(quote) => {
                    if !escaped && c == quote {
                        quoted = None;
                    }
                    escaped = c == '\\' && !escaped;
                }
                None if matches!(c, '\'' | '"') => quoted = Some(c),
                None if matches!(c, ',' | '>' | ']' | ' ') => {
                    end = at;
                    break;
                }
                None => {}
            }
        }
        let (constant, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!constant.is_empty()).then(|| constant.to_owned())
    }
}

fn is_default(path: &str, position: usize, argument: &str) -> bool {
    DEFAULTS.iter().any(|(of, at, default)| {
        let path_fits = if of.is_empty() {
            ["alloc::", "core::", "std::"]
                .iter()
                .any(|root| path.starts_with(root))
        } else {
            path == *of
        };
        path_fits && at.is_none_or(|at| at == position) && argument == *default
    })
}
