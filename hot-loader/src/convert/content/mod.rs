//! The form in which values pass from one type's serde implementation to another's. It
//! keeps everything apart that serde does (integers of every width, floats with their
//! bits, bytes, maps with any keys), unlike formats that are meant for files. It must
//! not know any type.

mod read;
mod write;

pub(super) use read::ReadContent;
pub(super) use write::WriteContent;

use core::fmt;

/// A value in serde's terms.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    /// A truth value.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A signed number of 128 bits.
    Int128(i128),
    /// An unsigned number of 128 bits.
    Uint128(u128),
    /// A single float.
    Single(f32),
    /// A double float.
    Double(f64),
    /// A character.
    Char(char),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// `None`, or `Some`.
    Option(Option<Box<Content>>),
    /// Nothing.
    Unit,
    /// What is within a newtype.
    Newtype(Box<Content>),
    /// Elements.
    Elements(Vec<Content>),
    /// Entries: of a map, or the fields of a struct.
    Entries(Vec<(Content, Content)>),
    /// A variant, and what it holds.
    Variant(&'static str, Box<Content>),
}

/// What a type's implementation had against it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for Refused {}

impl serde::ser::Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl serde::de::Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}
