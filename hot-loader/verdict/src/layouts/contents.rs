//! What a value of a type can hold: code, pointers. Follows what the debug info shows; must
//! count what is not known as the worse.

use gimli::constants as dw;

use super::{Field, Kind, Layouts, Node, Type, Variant};

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
    pub fn holds_code(&self, type_name: &str) -> Option<Code> {
        let Some(start) = self.find(type_name) else {
            return Some(Code::Unknown(format!(
                "{type_name} is not in the debug info"
            )));
        };
        let is_phantom = |node: &Node| node.name.starts_with("core::marker::PhantomData<");
        let is_others = |node: &Node| !node.concerned && node.is_foreign();
        let followed = self.walk([start], |node| {
            let is_end = is_phantom(node) || is_others(node);
            let mentions = node.mentions.iter().filter(move |_| !is_end);
            mentions.copied()
        });
        let mut followed = followed.filter(|node| !is_phantom(node));
        followed.find_map(|node| {
            let name = &node.name;
            if node.is_code() || is_others(node) && node.says.code {
                return Some(Code::Held(name.to_string()));
            }
            let is_known = is_others(node) || node.sure().is_some();
            (!is_known).then(|| Code::Unknown(format!("{name} is ambiguous")))
        })
    }

    /// Whether zeros are a value of the type, and the one that it begins at by itself:
    /// numbers, `bool`s, `char`s, `None`, and what is made of them.
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
                let is_none = |it: &Variant| it.name == "None" && it.value == Some(0);
                known.name.starts_with("core::option::Option<") && variants.iter().any(is_none)
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
    pub fn plain(&self, type_name: &str) -> bool {
        // Without the arguments of a type, which need not be in it.
        let parts = |node: &'_ Node| {
            let mut parts: Vec<u32> = Vec::new();
            if let Some(known) = node.sure() {
                let mut kind = known.kind.clone();
                kind.for_each_name(&mut |name| parts.extend(self.at(name)));
            }
            parts
        };
        let is_plain = |known: &Type| match &known.kind {
            Kind::Base(encoding) => matches!(
                *encoding,
                dw::DW_ATE_unsigned
                    | dw::DW_ATE_signed
                    | dw::DW_ATE_float
                    | dw::DW_ATE_boolean
                    | dw::DW_ATE_UTF
                    | dw::DW_ATE_unsigned_char
            ),
            kind => matches!(
                kind,
                Kind::Struct(_) | Kind::Enum { .. } | Kind::Array(_, Some(_))
            ),
        };
        self.find(type_name).is_some_and(|start| {
            let mut all = self.walk([start], parts);
            all.all(|node| !node.is_code() && node.sure().is_some_and(is_plain))
        })
    }
}

impl Node {
    /// Whether the type is code itself: a `dyn` type, a function pointer, an environment.
    fn is_code(&self) -> bool {
        let name = self.name.trim_start_matches("unsafe ");
        let starts = ["dyn ", "fn(", "extern ", "{code of "];
        starts.iter().any(|start| name.starts_with(start)) || self.says.is_environment
    }

    /// Whether it is written in a crate (not a tuple, an array, a pointer), and not in the
    /// module.
    fn is_foreign(&self) -> bool {
        let name = &*self.name;
        !self.own && name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '<')
    }
}
