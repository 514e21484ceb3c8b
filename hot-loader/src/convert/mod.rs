//! Makes a value of the new definition of a type from one of the old, through
//! reflection: field by field, variant by variant, as deep as they are nested.
//!
//! Each part is made as a value of its very type before the whole is put together of
//! them, so that nothing quietly keeps a default although the old value had it. What
//! has no place, or nothing to be made of, is named. Relies on the two registries; must
//! never hand out a value of another type than the one that was asked for.

mod enums;
mod error;
mod names;
mod numbers;
mod serde;
mod structs;
#[cfg(test)]
mod tests;

pub use error::ConvertError;
pub use names::{former_names, former_paths};

use crate::{
    migration::hot::{Migration, Migrations},
    proxy::Guard,
};
use bevy::reflect::{
    PartialReflect, Reflect, ReflectFromReflect, ReflectRef, TypeInfo, TypeRegistration,
    TypeRegistry,
    array::DynamicArray,
    list::DynamicList,
    map::{DynamicMap, Map},
    set::{DynamicSet, Set},
    std_traits::ReflectDefault,
};
use core::any::TypeId;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// Converts between two generations' types.
pub struct Converter {
    old: Arc<TypeRegistry>,
    new: Arc<TypeRegistry>,
    migrations: HashMap<TypeId, Migration>,
}

/// A converted value.
pub struct Converted {
    /// Of the new type.
    pub value: Box<dyn Reflect>,
    /// Parts of the old value that the new type has no place for; indices left out.
    pub lost: BTreeSet<String>,
    /// Parts of the new value that the old one had not: they are as the type's default.
    pub defaulted: BTreeSet<String>,
}

/// What is found on the way.
#[derive(Default)]
struct Notes {
    lost: BTreeSet<String>,
    defaulted: BTreeSet<String>,
}

type Made = Result<Box<dyn PartialReflect>, ConvertError>;

impl Converter {
    /// Between the types of `old` and those of `new`, by what the user said in `migrations`
    /// where it says something.
    pub fn new(old: Arc<TypeRegistry>, new: Arc<TypeRegistry>, migrations: &Migrations) -> Self {
        Self {
            old,
            new,
            migrations: migrations.by_type.clone(),
        }
    }

    /// Makes the value of type `new` that stands for `old`.
    ///
    /// # Errors
    /// Which part cannot be made, why, and what to do.
    pub fn convert(
        &self,
        old: &dyn PartialReflect,
        new: &TypeRegistration,
    ) -> Result<Converted, ConvertError> {
        let mut notes = Notes::default();
        let made = self.value(old, new.type_info(), "", &mut notes)?;
        let wrong = || {
            ConvertError::new(
                "",
                "it cannot be put together of its parts; derive `Default` with `#[reflect(Default)]`, or write a migration (`app.add_migration`)",
            )
        };
        let value = made.try_into_reflect().map_err(|_| wrong())?;
        if value.as_any().type_id() != new.type_id() {
            return Err(wrong());
        }
        Ok(Converted {
            value,
            lost: notes.lost,
            defaulted: notes.defaulted,
        })
    }

    /// Makes one part.
    fn value(
        &self,
        old: &dyn PartialReflect,
        new: &'static TypeInfo,
        path: &str,
        notes: &mut Notes,
    ) -> Made {
        if let Some(migration) = self.migrations.get(&new.type_id()) {
            return written(migration, old, new, path);
        }
        if represented(old) == Some(new.type_id()) {
            return same(old, path);
        }
        if let Some(made) = numbers::convert(old, new, path) {
            return made;
        }
        let structural = self.structural(old, new, path, notes);
        match structural {
            Ok(dynamic) => match self.concrete(&*dynamic, new) {
                Some(made) => Ok(made),
                None => self.by_serde(old, new, path).unwrap_or(Ok(dynamic)),
            },
            Err(error) => self.by_serde(old, new, path).unwrap_or(Err(error)),
        }
    }

    fn structural(
        &self,
        old: &dyn PartialReflect,
        new: &'static TypeInfo,
        path: &str,
        notes: &mut Notes,
    ) -> Made {
        let reference = old.reflect_ref();
        match (new, &reference) {
            (TypeInfo::Enum(new), ReflectRef::Enum(old))
                if is_option(new.type_path()) == is_option_value(*old) =>
            {
                self.of_enum(*old, new, path, notes)
            }
            (TypeInfo::Enum(info), _) if is_option(info.type_path()) => {
                self.wrapped(old, info, path, notes)
            }
            (_, ReflectRef::Enum(option)) if is_option_value(*option) => {
                self.unwrapped(*option, new, path, notes)
            }
            (TypeInfo::Struct(info), ReflectRef::Struct(old)) => {
                self.of_struct(*old, info, new, path, notes)
            }
            (TypeInfo::TupleStruct(info), ReflectRef::TupleStruct(old)) => {
                self.of_tuple_struct(*old, info, new, path, notes)
            }
            (TypeInfo::Tuple(info), ReflectRef::Tuple(old)) => {
                self.of_tuple(*old, info, new, path, notes)
            }
            (TypeInfo::List(info), ReflectRef::List(old)) => {
                let item = item(info.item_info(), info.item_ty().path(), path)?;
                let mut list = DynamicList::default();
                for value in old.iter() {
                    list.push_box(self.value(value, item, &format!("{path}[]"), notes)?);
                }
                list.set_represented_type(Some(new));
                Ok(Box::new(list))
            }
            (TypeInfo::Array(info), ReflectRef::Array(old)) => {
                let element = item(info.item_info(), info.item_ty().path(), path)?;
                if old.len() > info.capacity() {
                    return Err(ConvertError::new(
                        path,
                        format!(
                            "{} elements do not fit an array of {}",
                            old.len(),
                            info.capacity()
                        ),
                    ));
                }
                let inner = format!("{path}[]");
                let mut values = Vec::with_capacity(info.capacity());
                for value in old.iter() {
                    values.push(self.value(value, element, &inner, notes)?);
                }
                while values.len() < info.capacity() {
                    notes.defaulted.insert(inner.clone());
                    values.push(self.default_of(element, &inner)?);
                }
                let mut array = DynamicArray::new(values.into_boxed_slice());
                array.set_represented_type(Some(new));
                Ok(Box::new(array))
            }
            (TypeInfo::Map(info), ReflectRef::Map(old)) => {
                let key = item(info.key_info(), info.key_ty().path(), path)?;
                let value = item(info.value_info(), info.value_ty().path(), path)?;
                let mut map = DynamicMap::default();
                let (keys, values) = (format!("{path}[key]"), format!("{path}[]"));
                for (old_key, old_value) in old.iter() {
                    let key = self.value(old_key, key, &keys, notes)?;
                    let value = self.value(old_value, value, &values, notes)?;
                    if map.insert_boxed(key, value).is_some() {
                        return Err(ConvertError::new(&keys, "two keys become the same"));
                    }
                }
                map.set_represented_type(Some(new));
                Ok(Box::new(map))
            }
            (TypeInfo::Set(info), ReflectRef::Set(old)) => {
                let value = self.new.get_type_info(info.value_ty().id());
                let value = item(value, info.value_ty().path(), path)?;
                let mut set = DynamicSet::default();
                for old in old.iter() {
                    let made = self.value(old, value, &format!("{path}[]"), notes)?;
                    if !set.insert_boxed(made) {
                        return Err(ConvertError::new(path, "two elements become the same"));
                    }
                }
                set.set_represented_type(Some(new));
                Ok(Box::new(set))
            }
            // One becomes the only one of a list.
            (TypeInfo::List(info), _) => {
                let item = item(info.item_info(), info.item_ty().path(), path)?;
                let mut list = DynamicList::default();
                list.push_box(self.value(old, item, path, notes)?);
                list.set_represented_type(Some(new));
                Ok(Box::new(list))
            }
            _ => Err(ConvertError::new(
                path,
                format!(
                    "{} does not become {} by itself; write a migration (`app.add_migration`)",
                    old.reflect_type_path(),
                    new.type_path()
                ),
            )),
        }
    }

    /// The very type, out of its parts.
    fn concrete(
        &self,
        dynamic: &dyn PartialReflect,
        new: &'static TypeInfo,
    ) -> Option<Box<dyn PartialReflect>> {
        let from_reflect = self
            .new
            .get_type_data::<ReflectFromReflect>(new.type_id())?;
        let made = from_reflect.from_reflect(dynamic)?;
        Some(made.into_partial_reflect())
    }

    /// The type's own default value.
    fn default_of(&self, new: &'static TypeInfo, path: &str) -> Made {
        match self.new.get_type_data::<ReflectDefault>(new.type_id()) {
            Some(default) => Ok(default.default().into_partial_reflect()),
            None => Err(ConvertError::new(
                path,
                format!(
                    "it is new, and there is nothing to make it of; derive `Default` with `#[reflect(Default)]` for the type that has it, or for {}",
                    new.type_path()
                ),
            )),
        }
    }
}

/// The type that a value is, or stands for.
fn represented(value: &dyn PartialReflect) -> Option<TypeId> {
    value.get_represented_type_info().map(|info| info.type_id())
}

/// By the user's own function.
fn written(
    migration: &Migration,
    old: &dyn PartialReflect,
    new: &'static TypeInfo,
    path: &str,
) -> Made {
    let made = Guard::attempt(|| migration(old));
    let failed = |reason: String| {
        ConvertError::new(
            path,
            format!("the migration to {} failed: {reason}", new.type_path()),
        )
    };
    match made {
        Ok(Ok(made)) if made.as_any().type_id() == new.type_id() => Ok(made.into_partial_reflect()),
        Ok(Ok(_)) => Err(failed("it made another type".into())),
        Ok(Err(error)) => Err(failed(error)),
        Err(panic) => Err(failed(format!("it panicked: {panic}"))),
    }
}

/// A copy of what is of the same type on both sides.
fn same(old: &dyn PartialReflect, path: &str) -> Made {
    let cloned = old.reflect_clone();
    cloned
        .map(|value| value.into_partial_reflect())
        .map_err(|error| {
            ConvertError::new(
                path,
                format!("{} cannot be copied: {error}", old.reflect_type_path()),
            )
        })
}

fn item(
    info: Option<&'static TypeInfo>,
    name: &str,
    path: &str,
) -> Result<&'static TypeInfo, ConvertError> {
    info.ok_or_else(|| {
        ConvertError::new(
            path,
            format!("{name} cannot be seen into; derive `Reflect` for it"),
        )
    })
}

fn is_option(path: &str) -> bool {
    path.starts_with("core::option::Option<")
}

fn is_option_value(value: &dyn bevy::reflect::enums::Enum) -> bool {
    value
        .get_represented_type_info()
        .is_some_and(|info| is_option(info.type_path()))
}

fn joined(path: &str, field: &str) -> String {
    match path {
        "" => field.to_owned(),
        path => format!("{path}.{field}"),
    }
}
