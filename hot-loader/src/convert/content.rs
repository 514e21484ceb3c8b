//! What a value tells serde, on its way to another type's serde implementation. It keeps
//! everything apart that serde does, and is read more freely than `serde_content` does by
//! itself: the type that reads is not the one that wrote. It must not know any type, and
//! must not drop unseen what that type passes over. (`serde_ignored` would see it, but fails
//! at maps whose keys are not strings.)

use core::{cell::RefCell, iter, mem};
use serde::{
    Deserializer,
    de::{
        Error as _, IntoDeserializer, Unexpected, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer},
    },
};
use serde_content::{Data, Error, Number, Serializer, Value};
use std::borrow::Cow;

/// Keeps a value, as text formats see it.
pub(super) fn serializer() -> Serializer<'static> {
    Serializer::new().human_readable()
}

/// Tells what was kept.
pub(super) struct ReadContent<'a> {
    value: Value<'static>,
    /// Where this is in the whole value.
    path: String,
    ignored: &'a RefCell<Vec<String>>,
    /// Whether this is what a variant holds.
    is_of_variant: bool,
}

impl<'a> ReadContent<'a> {
    /// Of a whole value. Names of fields that nobody asks for go to `ignored`.
    pub fn new(value: Value<'static>, ignored: &'a RefCell<Vec<String>>) -> Self {
        Self {
            value,
            path: String::new(),
            ignored,
            is_of_variant: false,
        }
    }

    /// What stands in the same place.
    fn within(self, value: Value<'static>) -> Self {
        Self { value, ..self }
    }

    /// What is one step on.
    fn at(&self, name: &str, value: Value<'static>) -> Self {
        let path = match &*self.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        Self {
            path,
            ..Self::new(value, self.ignored)
        }
    }

    /// A map of the variant's name and what it holds, as formats for files have it.
    fn variant<'de>(self, name: Cow<'static, str>, data: Data<'static>) -> Variant<'de, 'a> {
        let name = self.at("", Value::String(name));
        let held = Self {
            is_of_variant: true,
            ..self.within(plain(data))
        };
        MapDeserializer::new(iter::once((name, held)))
    }
}

type Variant<'de, 'a> = MapDeserializer<'de, iter::Once<(ReadContent<'a>, ReadContent<'a>)>, Error>;

/// What is held, whoever holds it.
fn plain(data: Data<'static>) -> Value<'static> {
    match data {
        Data::Unit => Value::Unit,
        Data::NewType { value } => value,
        Data::Tuple { values } => Value::Seq(values),
        Data::Struct { fields } => {
            let named = fields.into_iter();
            Value::Map(named.map(|(name, it)| (Value::String(name), it)).collect())
        }
    }
}

impl<'de> IntoDeserializer<'de, Error> for ReadContent<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for ReadContent<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match mem::replace(&mut self.value, Value::Unit) {
            Value::Seq(all) | Value::Tuple(all) => {
                let all = all.into_iter().map(|value| self.at("[]", value));
                visitor.visit_seq(SeqDeserializer::new(all))
            }
            Value::Map(all) => {
                let all = all.into_iter().map(|(key, value)| {
                    let value = match &key {
                        Value::String(name) => self.at(name, value),
                        _ => self.at("[]", value),
                    };
                    (self.at("", key), value)
                });
                visitor.visit_map(MapDeserializer::new(all))
            }
            Value::Option(Some(value)) => self.within(*value).deserialize_any(visitor),
            Value::Struct(it) => self.within(plain(it.data)).deserialize_any(visitor),
            // For types that look before they choose.
            Value::Enum(it) if it.data == Data::Unit => visitor.visit_str(&it.variant),
            Value::Enum(it) => visitor.visit_map(self.variant(it.variant, it.data)),
            Value::Number(Number::I128(value)) if let Ok(value) = i64::try_from(value) => {
                visitor.visit_i64(value)
            }
            Value::Number(Number::U128(value)) if let Ok(value) = u64::try_from(value) => {
                visitor.visit_u64(value)
            }
            value => serde_content::Deserializer::new(value).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match mem::replace(&mut self.value, Value::Unit) {
            Value::Option(None) | Value::Unit => visitor.visit_none(),
            Value::Option(Some(value)) => visitor.visit_some(self.within(*value)),
            // Became optional.
            value => visitor.visit_some(self.within(value)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let value = match mem::replace(&mut self.value, Value::Unit) {
            Value::Struct(it) => plain(it.data),
            value => value,
        };
        visitor.visit_newtype_struct(self.within(value))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        all: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (variant, data) = match mem::replace(&mut self.value, Value::Unit) {
            Value::Enum(it) => (it.variant, it.data),
            Value::String(variant) => (variant, Data::Unit),
            Value::Option(Some(value)) => {
                return self.within(*value).deserialize_enum(name, all, visitor);
            }
            Value::Struct(it) if matches!(it.data, Data::NewType { .. }) => {
                let held = self.within(plain(it.data));
                return held.deserialize_enum(name, all, visitor);
            }
            _ => {
                let found = Unexpected::Other("no variant");
                return Err(Error::invalid_type(found, &visitor));
            }
        };
        visitor.visit_enum(MapAccessDeserializer::new(self.variant(variant, data)))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_of_variant && self.value != Value::Unit {
            // It has no place any more.
            let held = "(what its variant held)".to_owned();
            self.ignored.borrow_mut().push(held);
            return visitor.visit_unit();
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if !self.path.is_empty() {
            self.ignored.borrow_mut().push(self.path);
        }
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit_struct seq tuple tuple_struct map struct identifier
    }
}
