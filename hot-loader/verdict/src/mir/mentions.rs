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
    /// The segment before that: of `<Ship as Go>::go` the type.
    pub owner: Option<Name>,
    /// That has a path itself, so it is no type parameter.
    pub is_path: bool,
    /// Of `<Ship as Go>::go` the trait.
    pub of_trait: Option<Name>,
    /// It is called there.
    pub called: bool,
    /// More of the path follows: it is a module, a type or a trait.
    pub within: bool,
}

/// Gathers what `line` mentions; in a signature nothing is called.
pub(super) fn mentions(line: &str, signature: bool, into: &mut Vec<Mention>) {
    let mut scan = Scan {
        line,
        open: Vec::new(),
        owner: Owner::default(),
        path: None,
        into,
    };
    scan.all(signature);
}

/// What stands before `::`.
#[derive(Clone, Copy, Default)]
struct Owner {
    name: Option<Name>,
    is_path: bool,
    of_trait: Option<Name>,
}

/// What is open between `<` and `>`.
struct Angle {
    /// The path before it, if it is the arguments of that.
    path: Option<(Name, Owner)>,
    /// The type and trait in it, of `<A as B>`.
    first: Owner,
    of_trait: Option<Name>,
    /// `as` was met at this level.
    after_as: bool,
}

struct Scan<'a, 'b> {
    line: &'a str,
    open: Vec<Angle>,
    /// Of the segment that comes.
    owner: Owner,
    /// A segment whose end is not known yet.
    path: Option<(Name, Owner)>,
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
                    let end = bytes
                        .get(at..)
                        .and_then(|rest| {
                            rest.iter().position(|b| {
                                !(b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80)
                            })
                        })
                        .map_or(bytes.len(), |length| at + length);
                    self.word(self.line.get(at..end).unwrap_or_default());
                    at = end;
                    continue;
                }
                b':' if next == Some(b':') => {
                    at += 2;
                    // `::<…>` belongs to what is before it.
                    if bytes.get(at) != Some(&b'<')
                        && let Some((name, owner)) = self.path.take()
                    {
                        self.push(name, owner, false, true);
                        self.owner = Owner {
                            name: Some(name),
                            is_path: owner.name.is_some(),
                            of_trait: None,
                        };
                    }
                    continue;
                }
                b'<' => {
                    let path = self.path.take();
                    self.owner = Owner::default();
                    self.open.push(Angle {
                        path,
                        first: Owner::default(),
                        of_trait: None,
                        after_as: false,
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
                b'(' if self.path.is_some_and(|(name, _)| name == hash::name("fn")) => {
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
        if let Some((name, owner)) = self.path.take() {
            self.push(name, owner, false, false);
        }
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
        let owner = std::mem::take(&mut self.owner);
        self.path = Some((name, owner));
        self.within(name, owner);
        if let Some(angle) = self.open.last_mut() {
            angle.first.is_path |= is_primitive(word);
        }
    }

    /// A segment of a path between `<` and `>`, of which the last counts.
    fn within(&mut self, name: Name, owner: Owner) {
        if let Some(angle) = self.open.last_mut() {
            match angle.after_as {
                true => angle.of_trait = Some(name),
                false => {
                    angle.first = Owner {
                        name: Some(name),
                        is_path: owner.name.is_some(),
                        of_trait: None,
                    };
                }
            }
        }
    }

    /// Behind `>`.
    fn close(&mut self, angle: Angle, rest: &[u8]) {
        let goes_on = rest.starts_with(b"::");
        match angle.path {
            // `Vec<u8>`, `helper::<u8>`.
            Some((name, owner)) => {
                self.path = Some((name, owner));
                self.within(name, owner);
            }
            // `<A as B>::`.
            None if goes_on => {
                self.path = None;
                self.owner = Owner {
                    of_trait: angle.of_trait,
                    ..angle.first
                };
            }
            None => {}
        }
    }

    /// A path ends here.
    fn end(&mut self, called: bool) {
        if let Some((name, owner)) = self.path.take() {
            self.push(name, owner, called, false);
        }
        self.owner = Owner::default();
    }

    fn push(&mut self, name: Name, owner: Owner, called: bool, within: bool) {
        self.into.push(Mention {
            name,
            owner: owner.name,
            is_path: owner.is_path,
            of_trait: owner.of_trait,
            called,
            within,
        });
    }
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
fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
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

/// A type that is in no crate.
fn is_primitive(word: &str) -> bool {
    let number = word.strip_prefix(['u', 'i', 'f']);
    matches!(word, "bool" | "char" | "str")
        || number.is_some_and(|bits| matches!(bits, "8" | "16" | "32" | "64" | "128" | "size"))
}
