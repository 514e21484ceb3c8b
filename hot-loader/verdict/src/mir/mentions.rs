//! The paths that a line of MIR mentions, as far as they tell items apart: a last
//! segment, what stands before it, and whether it is called.
//!
//! Finds too many rather than too few. Must not resolve anything.

use hot_loader_compile::hash::{self, Name};

/// A path that is mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mention {
    /// Its last segment.
    pub name: Name,
    /// What stands before that.
    pub owner: Owner,
    /// It is called there.
    pub called: bool,
    /// The engine makes a system there, by the types that it infers for that.
    pub system: bool,
    /// More of the path follows: it is a module, a type or a trait.
    pub within: bool,
}

/// In the markers of Bevy's `IntoSystem` for functions, exclusive ones too: type arguments of
/// whatever takes a system.
const SYSTEM: &str = "FunctionSystem";

/// Gathers what `line` mentions; in a signature nothing is called.
pub(super) fn mentions(line: &str, signature: bool, into: &mut Vec<Mention>) {
    let mut scan = Scan {
        line,
        open: Vec::new(),
        owner: Owner::default(),
        path: None,
        system: !signature && line.contains(SYSTEM),
        into,
    };
    scan.all(signature);
}

/// What stands before `::`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// The segment: of `<Ship as Go>::go` the type.
    pub name: Option<Name>,
    /// That may stand for any type: `dyn Go`, `impl Go`, `<T as Go>::Out`, `Self`.
    pub is_open: bool,
    /// Of `<Ship as Go>::go` the trait.
    pub of_trait: Option<Name>,
}

/// What is open between `<` and `>`.
#[derive(Default)]
struct Angle {
    /// The path before it, if it is the arguments of that.
    path: Option<Mention>,
    /// The type and trait in it, of `<A as B>`.
    owner: Owner,
    /// `as` was met at this level.
    after_as: bool,
}

struct Scan<'a, 'b> {
    line: &'a str,
    open: Vec<Angle>,
    /// Of the segment that comes.
    owner: Owner,
    /// A segment whose end is not known yet.
    path: Option<Mention>,
    system: bool,
    into: &'b mut Vec<Mention>,
}

impl Scan<'_, '_> {
    fn all(&mut self, signature: bool) {
        let bytes = self.line.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1).copied();
            match byte {
                b'"' => {
                    self.end(false);
                    at = end_of_text(bytes, at + 1);
                    continue;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
                    let end = end_of_word(bytes, at);
                    self.word(self.line.get(at..end).unwrap_or_default());
                    at = end;
                    continue;
                }
                b':' if next == Some(b':') => {
                    at += 2;
                    // `::<…>` belongs to what is before it.
                    if bytes.get(at) != Some(&b'<')
                        && let Some(path) = self.path.take()
                    {
                        self.into.push(Mention {
                            within: true,
                            ..path
                        });
                        self.owner = Owner {
                            name: Some(path.name),
                            ..Owner::default()
                        };
                    }
                    continue;
                }
                b'<' => {
                    // `far::<impl Ship>::steps`: that is what it is a method of.
                    let rest = self.line.get(at + 1..).unwrap_or_default();
                    let path = self.path.take().filter(|_| !rest.starts_with("impl "));
                    self.owner = Owner::default();
                    self.open.push(Angle {
                        path,
                        ..Angle::default()
                    });
                }
                b'>' if at > 0 && matches!(bytes.get(at - 1), Some(b'-' | b'=')) => {
                    self.end(false);
                }
                b'>' => {
                    self.end(false);
                    if let Some(angle) = self.open.pop() {
                        self.close(angle, bytes.get(at + 1..).unwrap_or_default());
                    }
                }
                // The types of a function that is named, or of a pointer.
                b'(' if self.path.is_some_and(|path| path.name == hash::name("fn")) => {
                    self.path = None;
                    at = end_of_parentheses(bytes, at);
                    continue;
                }
                b'(' => self.end(!signature),
                _ => self.end(false),
            }
            at += 1;
        }
        self.end(false);
    }

    fn word(&mut self, word: &str) {
        self.into.extend(self.path.take());
        // A local, a lifetime: `_12`, `'_`.
        let bare = word.trim_start_matches('_');
        if bare.is_empty() || word.starts_with('_') && bare.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        if word == "as" {
            if let Some(angle) = self.open.last_mut() {
                angle.after_as = true;
            }
            return;
        }
        let name = hash::name(word);
        self.path = Some(Mention {
            name,
            owner: std::mem::take(&mut self.owner),
            called: false,
            system: self.system,
            within: false,
        });
        if let Some(angle) = self.open.last_mut() {
            angle.owner.is_open |= matches!(word, "dyn" | "impl" | "Self");
        }
        self.within(name);
    }

    /// A segment of a path between `<` and `>`, of which the last counts.
    fn within(&mut self, name: Name) {
        if let Some(angle) = self.open.last_mut() {
            match angle.after_as {
                true => angle.owner.of_trait = Some(name),
                false => angle.owner.name = Some(name),
            }
        }
    }

    /// Behind `>`.
    fn close(&mut self, angle: Angle, rest: &[u8]) {
        let goes_on = rest.starts_with(b"::");
        match angle.path {
            // `Vec<u8>`, `helper::<u8>`.
            Some(path) => {
                self.path = Some(path);
                self.within(path.name);
            }
            // `<A as B>::`.
            None if goes_on => {
                self.path = None;
                self.owner = angle.owner;
                // What follows is a type, perhaps, that is whatever that trait says.
                if let Some(outer) = self.open.last_mut() {
                    outer.owner.is_open = true;
                }
            }
            None => {}
        }
    }

    /// A path ends here.
    fn end(&mut self, called: bool) {
        let path = self.path.take();
        self.into
            .extend(path.map(|path| Mention { called, ..path }));
        self.owner = Owner::default();
    }
}

/// Whether it is a part of an identifier or a number.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Behind the rest of the word from `from` on.
pub(super) fn end_of_word(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| is_word(**byte)).count()
}

/// Behind the parenthesis that closes the one at `at`.
fn end_of_parentheses(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'(' => depth += 1,
            b')' if depth <= 1 => break,
            b')' => depth -= 1,
            _ => {}
        }
    }
    at
}

/// Behind the text that begins at `at`.
pub(super) fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => return at + 1,
            _ => {}
        }
        at += 1;
    }
    at
}
