//! What was kept of a value, told to another type. What that type passes over is
//! recorded; it must not be dropped unseen.

use super::{Content, Refused};
use core::cell::RefCell;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor, value::StrDeserializer,
};

/// Tells what was kept.
#[derive(Clone, Copy)]
pub(in super::super) struct ReadContent<'a> {
    content: &'a Content,
    ignored: &'a RefCell<Vec<String>>,
    path: Option<&'a Path<'a>>,
}

/// Where this is, from the inside out.
struct Path<'a> {
    name: &'a str,
    parent: Option<&'a Path<'a>>,
}

impl<'a> ReadContent<'a> {
    /// Of a whole value. Names of fields that nobody asks for go to `ignored`.
    pub fn new(content: &'a Content, ignored: &'a RefCell<Vec<String>>) -> Self {
        Self {
            content,
            ignored,
            path: None,
        }
    }

    fn of(self, content: &'a Content) -> Self {
        Self { content, ..self }
    }

    fn ignore(&self) {
        let mut names = Vec::new();
        let mut path = self.path;
        while let Some(at) = path {
            names.push(at.name);
            path = at.parent;
        }
        names.reverse();
        if !names.is_empty() {
            self.ignored.borrow_mut().push(names.join("."));
        }
    }
}

impl<'de> Deserializer<'de> for ReadContent<'_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.content {
            Content::Bool(value) => visitor.visit_bool(*value),
            Content::Int(value) => visitor.visit_i64(*value),
            Content::Uint(value) => visitor.visit_u64(*value),
            Content::Int128(value) => match i64::try_from(*value) {
                Ok(value) => visitor.visit_i64(value),
                Err(_) => visitor.visit_i128(*value),
            },
            Content::Uint128(value) => match u64::try_from(*value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_u128(*value),
            },
            Content::Single(value) => visitor.visit_f32(*value),
            Content::Double(value) => visitor.visit_f64(*value),
            Content::Char(value) => visitor.visit_char(*value),
            Content::Text(value) => visitor.visit_str(value),
            Content::Bytes(value) => visitor.visit_bytes(value),
            Content::Option(None) => visitor.visit_none(),
            Content::Option(Some(value)) => self.of(value).deserialize_any(visitor),
            Content::Unit => visitor.visit_unit(),
            Content::Newtype(value) => self.of(value).deserialize_any(visitor),
            Content::Elements(all) => visitor.visit_seq(Elements { all, from: self }),
            Content::Entries(all) => visitor.visit_map(Entries {
                all,
                value: None,
                from: self,
            }),
            // As formats for files have it, for types that look before they choose.
            Content::Variant(name, value) if **value == Content::Unit => visitor.visit_str(name),
            Content::Variant(name, value) => visitor.visit_map(Variant {
                name: Some(name),
                value,
                from: self,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.content {
            Content::Option(None) => visitor.visit_none(),
            Content::Option(Some(value)) => visitor.visit_some(self.of(value)),
            Content::Unit => visitor.visit_none(),
            // Became optional.
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        match self.content {
            Content::Newtype(value) => visitor.visit_newtype_struct(self.of(value)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        match self.content {
            Content::Variant(name, value) => visitor.visit_enum(Variant {
                name: Some(name),
                value,
                from: self,
            }),
            Content::Text(name) => visitor.visit_enum(Variant {
                name: Some(name),
                value: &Content::Unit,
                from: self,
            }),
            Content::Newtype(value) | Content::Option(Some(value)) => {
                self.of(value).deserialize_enum("", &[], visitor)
            }
            _ => Err(Refused::invalid_type(
                Unexpected::Other("no variant"),
                &visitor,
            )),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.ignore();
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

struct Elements<'a> {
    all: &'a [Content],
    from: ReadContent<'a>,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refused> {
        let Some((first, rest)) = self.all.split_first() else {
            return Ok(None);
        };
        self.all = rest;
        let path = Path {
            name: "[]",
            parent: self.from.path,
        };
        let mut from = self.from.of(first);
        from.path = Some(&path);
        seed.deserialize(from).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.all.len())
    }
}

struct Entries<'a> {
    all: &'a [(Content, Content)],
    value: Option<(&'a Content, &'a Content)>,
    from: ReadContent<'a>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        let Some(((key, value), rest)) = self.all.split_first() else {
            return Ok(None);
        };
        self.all = rest;
        self.value = Some((key, value));
        seed.deserialize(self.from.of(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let Some((key, value)) = self.value.take() else {
            return Err(Refused::custom("a value was asked for before its key"));
        };
        let path = Path {
            name: match key {
                Content::Text(name) => name,
                _ => "[]",
            },
            parent: self.from.path,
        };
        let mut from = self.from.of(value);
        from.path = Some(&path);
        seed.deserialize(from)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.all.len())
    }
}

struct Variant<'a> {
    name: Option<&'a str>,
    value: &'a Content,
    from: ReadContent<'a>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Refused;
    type Variant = ReadContent<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, ReadContent<'a>), Refused> {
        let name: StrDeserializer<'_, Refused> = self.name.unwrap_or_default().into_deserializer();
        Ok((seed.deserialize(name)?, self.from.of(self.value)))
    }
}

impl<'de> MapAccess<'de> for Variant<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        let Some(name) = self.name.take() else {
            return Ok(None);
        };
        let name: StrDeserializer<'_, Refused> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        seed.deserialize(self.from.of(self.value))
    }
}

impl<'de> VariantAccess<'de> for ReadContent<'_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        match self.content {
            Content::Unit => Ok(()),
            // What the variant held has no place any more.
            _ => {
                self.ignored
                    .borrow_mut()
                    .push("(what its variant held)".into());
                Ok(())
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refused> {
        match self.content {
            Content::Newtype(value) => seed.deserialize(self.of(value)),
            _ => seed.deserialize(self),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_any(visitor)
    }
}
