//! What a value says of itself, kept. It must not leave anything out that serde tells.

use super::{Content, Refused};
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// Keeps a value.
pub(in super::super) struct WriteContent;

type Written = Result<Content, Refused>;

/// Keeps what has elements.
pub(in super::super) struct WriteElements {
    variant: Option<&'static str>,
    all: Vec<Content>,
}

/// Keeps what has entries.
pub(in super::super) struct WriteEntries {
    variant: Option<&'static str>,
    all: Vec<(Content, Content)>,
    key: Option<Content>,
}

fn kept(variant: Option<&'static str>, content: Content) -> Written {
    Ok(match variant {
        Some(variant) => Content::Variant(variant, Box::new(content)),
        None => content,
    })
}

fn elements(variant: Option<&'static str>, length: usize) -> Result<WriteElements, Refused> {
    // What the value says of its length need not be true.
    let all = Vec::with_capacity(length.min(1024));
    Ok(WriteElements { variant, all })
}

fn entries(variant: Option<&'static str>, length: usize) -> Result<WriteEntries, Refused> {
    Ok(WriteEntries {
        variant,
        all: Vec::with_capacity(length.min(1024)),
        key: None,
    })
}

macro_rules! simple {
    ($($name:ident: $ty:ty => $kind:ident;)*) => {
        $(fn $name(self, value: $ty) -> Written {
            Ok(Content::$kind(value.into()))
        })*
    };
}

impl Serializer for WriteContent {
    type Ok = Content;
    type Error = Refused;
    type SerializeSeq = WriteElements;
    type SerializeTuple = WriteElements;
    type SerializeTupleStruct = WriteElements;
    type SerializeTupleVariant = WriteElements;
    type SerializeMap = WriteEntries;
    type SerializeStruct = WriteEntries;
    type SerializeStructVariant = WriteEntries;

    simple! {
        serialize_bool: bool => Bool;
        serialize_i8: i8 => Int;
        serialize_i16: i16 => Int;
        serialize_i32: i32 => Int;
        serialize_i64: i64 => Int;
        serialize_i128: i128 => Int128;
        serialize_u8: u8 => Uint;
        serialize_u16: u16 => Uint;
        serialize_u32: u32 => Uint;
        serialize_u64: u64 => Uint;
        serialize_u128: u128 => Uint128;
        serialize_f32: f32 => Single;
        serialize_f64: f64 => Double;
        serialize_char: char => Char;
        serialize_str: &str => Text;
        serialize_bytes: &[u8] => Bytes;
    }

    fn serialize_none(self) -> Written {
        Ok(Content::Option(None))
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Written {
        Ok(Content::Option(Some(Box::new(value.serialize(self)?))))
    }

    fn serialize_unit(self) -> Written {
        Ok(Content::Unit)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(Content::Unit)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        kept(Some(variant), Content::Unit)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        Ok(Content::Newtype(Box::new(value.serialize(self)?)))
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let within = Content::Newtype(Box::new(value.serialize(self)?));
        kept(Some(variant), within)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<WriteElements, Refused> {
        elements(None, length.unwrap_or_default())
    }

    fn serialize_tuple(self, length: usize) -> Result<WriteElements, Refused> {
        elements(None, length)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<WriteElements, Refused> {
        elements(None, length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<WriteElements, Refused> {
        elements(Some(variant), length)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<WriteEntries, Refused> {
        entries(None, length.unwrap_or_default())
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<WriteEntries, Refused> {
        entries(None, length)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<WriteEntries, Refused> {
        entries(Some(variant), length)
    }
}

macro_rules! compound {
    ($($how:ident($write:ident) for $ty:ident;)*) => {
        $(impl $how for $ty {
            type Ok = Content;
            type Error = Refused;

            fn $write<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Refused> {
                self.all.push(value.serialize(WriteContent)?);
                Ok(())
            }

            fn end(self) -> Written {
                kept(self.variant, Content::Elements(self.all))
            }
        })*
    };
}

compound! {
    SerializeSeq(serialize_element) for WriteElements;
    SerializeTuple(serialize_element) for WriteElements;
    SerializeTupleStruct(serialize_field) for WriteElements;
    SerializeTupleVariant(serialize_field) for WriteElements;
}

impl SerializeMap for WriteEntries {
    type Ok = Content;
    type Error = Refused;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Refused> {
        self.key = Some(key.serialize(WriteContent)?);
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Refused> {
        let Some(key) = self.key.take() else {
            return Err(Refused("a value came without its key".into()));
        };
        self.all.push((key, value.serialize(WriteContent)?));
        Ok(())
    }

    fn end(self) -> Written {
        kept(self.variant, Content::Entries(self.all))
    }
}

macro_rules! fields {
    ($($how:ident;)*) => {
        $(impl $how for WriteEntries {
            type Ok = Content;
            type Error = Refused;

            fn serialize_field<T: ?Sized + Serialize>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Refused> {
                let name = Content::Text(name.to_owned());
                self.all.push((name, value.serialize(WriteContent)?));
                Ok(())
            }

            fn end(self) -> Written {
                kept(self.variant, Content::Entries(self.all))
            }
        })*
    };
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}
