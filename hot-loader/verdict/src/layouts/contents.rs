//! What a value of a type can hold: code, pointers. Follows what the debug info shows; must
//! count what is not known as the worse.

use std::collections::HashSet;

use super::{Encoding, Field, Kind, Layouts, Node};

/// Why a value must not be moved into new code as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// It can hold code: the name of the `dyn` type, function pointer or environment.
    Held(String),
    /// What is in it is not known, and why.
    Unknown(String),
}

impl Code {
    /// In words, after the name of the value.
    pub fn held(&self) -> String {
        match self {
            Self::Held(name) => format!("holds `{name}`, which is code of the running generation"),
            Self::Unknown(why) => format!("may hold code of the running generation ({why})"),
        }
    }
}

impl Layouts {
    /// Whether the type is written in the module itself.
    pub fn is_own(&self, type_name: &str) -> bool {
        let node = self.find(type_name).and_then(|at| self.node(at));
        node.is_some_and(|node| node.own)
    }

    /// Whether a value of the type can hold code, so that it must not be moved into new code
    /// as bytes. A type that is not known, or in doubt, counts as holding code.
    ///
    /// Followed are the module's types and those that mention it: fields, arguments, what
    /// pointers point to. A type of another crate that does not mention the module is not
    /// looked into, only its arguments are: what it keeps for itself is not the module's to
    /// move. The arguments of `PhantomData` do not count.
    #[must_use]
    pub fn holds_code(&self, type_name: &str) -> Option<Code> {
        let Some(start) = self.find(type_name) else {
            return Some(Code::Unknown(format!(
                "{type_name} is not in the debug info"
            )));
        };
        let mut seen = HashSet::from([start]);
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            let Some(node) = self.node(at) else {
                return Some(Code::Unknown(format!(
                    "{type_name} mentions an unknown type"
                )));
            };
            let name = &node.known.name;
            if name.starts_with("core::marker::PhantomData<") {
                continue;
            }
            if node.is_code() {
                return Some(Code::Held(name.to_string()));
            }
            if !node.concerned && node.is_foreign() {
                if node.says.code {
                    return Some(Code::Held(name.to_string()));
                }
                continue;
            }
            if node.doubt || !node.others.is_empty() {
                return Some(Code::Unknown(format!("{name} is ambiguous")));
            }
            open.extend(node.mentions.iter().filter(|at| seen.insert(**at)));
        }
        None
    }

    /// Whether zeros are a value of the type, and the one that it begins at by itself:
    /// numbers, `bool`s, `char`s, `None`, and what is made of them.
    #[must_use]
    pub fn may_be_zero(&self, type_name: &str) -> bool {
        self.plain(type_name) && self.is_zero(type_name, 0)
    }

    fn is_zero(&self, type_name: &str, depth: u32) -> bool {
        let Some(known) = self.get(type_name).filter(|_| depth < 32) else {
            return false;
        };
        let all = |fields: &[Field]| {
            let mut fields = fields.iter();
            fields.all(|field| self.is_zero(&field.type_name, depth + 1))
        };
        match &known.kind {
            Kind::Base(_) => true,
            // All whose zero is none are built of those of `core`.
            Kind::Struct(fields) => !known.name.starts_with("core::num::") && all(fields),
            Kind::Array(of, Some(_)) => self.is_zero(of, depth + 1),
            Kind::Enum { variants, .. } => {
                known.name.starts_with("core::option::Option<")
                    && variants
                        .iter()
                        .any(|it| it.name == "None" && it.value == Some(0))
            }
            _ => false,
        }
    }

    /// Whether a value of the type consists of numbers, `bool`s and `char`s only, by
    /// themselves or in structs, tuples, enums and arrays, so that its bytes can be
    /// duplicated: no pointer, union, or environment anywhere. Types of other crates are
    /// looked into. False if anything is in doubt.
    ///
    /// Whether the type has `Drop`, and what its numbers mean, is not looked at.
    #[must_use]
    pub fn plain(&self, type_name: &str) -> bool {
        let Some(start) = self.find(type_name) else {
            return false;
        };
        let mut seen: HashSet<u32> = HashSet::from([start]);
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            let Some(node) = self.node(at) else {
                return false;
            };
            if node.doubt || !node.others.is_empty() || node.is_code() {
                return false;
            }
            let mut fields: Vec<&str> = Vec::new();
            match &node.known.kind {
                Kind::Base(Encoding::Other(_)) => return false,
                Kind::Base(_) => {}
                Kind::Struct(of) => fields.extend(of.iter().map(|field| &*field.type_name)),
                Kind::Enum {
                    discriminant,
                    variants,
                } => {
                    fields.extend(discriminant.iter().map(|field| &*field.type_name));
                    fields.extend(
                        variants
                            .iter()
                            .flat_map(|variant| &variant.fields)
                            .map(|field| &*field.type_name),
                    );
                }
                Kind::Array(of, Some(_)) => fields.push(of),
                Kind::Array(_, None)
                | Kind::Union(_)
                | Kind::Pointer(_)
                | Kind::Function(..)
                | Kind::Unknown => return false,
            }
            for field in fields {
                match self.by_name.get(field) {
                    Some(at) if seen.insert(*at) => open.push(*at),
                    Some(_) => {}
                    None => return false,
                }
            }
        }
        true
    }
}

impl Node {
    /// Whether the type is code itself: a `dyn` type, a function pointer, an environment.
    fn is_code(&self) -> bool {
        let name = &*self.known.name;
        let starts = [
            "dyn ",
            "fn(",
            "unsafe fn(",
            "unsafe extern ",
            "extern ",
            "{code of ",
        ];
        starts.iter().any(|start| name.starts_with(start)) || self.is_environment()
    }

    /// Whether it is written in a crate (not a tuple, an array, a pointer), and not in the
    /// module.
    fn is_foreign(&self) -> bool {
        let name = &*self.known.name;
        !self.own && name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '<')
    }
}
