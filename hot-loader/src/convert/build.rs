//! Puts finished parts into values. A part is moved as it is: neither this nor the
//! `FromReflect` of what is around it may leave a copy in its place, which could lack
//! what reflection does not see.
//!
//! What cannot be made on its own (tuples, arrays and types that are not registered have
//! no `FromReflect` in the registry) goes about as one of bevy's dynamic types until it
//! is put somewhere. Such are called loose.

use super::{
    error::{ConvertError, Done, Why},
    parts::Shape,
    trail::Trail,
};
use bevy::reflect::{
    PartialReflect, ReflectKind, ReflectMut, ReflectOwned, ReflectRef,
    enums::{DynamicEnum, DynamicVariant, VariantType},
    list::List,
    map::Map,
    structs::DynamicStruct,
    tuple::DynamicTuple,
    tuple_struct::DynamicTupleStruct,
};
use std::borrow::Cow;

/// A part on its way.
pub(super) type Part = Box<dyn PartialReflect>;

/// The field at an index of the reflected ones.
pub(super) fn field(value: &dyn PartialReflect, index: usize) -> Option<&dyn PartialReflect> {
    match value.reflect_ref() {
        ReflectRef::Struct(value) => value.field_at(index),
        ReflectRef::TupleStruct(value) => value.field(index),
        ReflectRef::Tuple(value) => value.field(index),
        ReflectRef::Enum(value) => value.field_at(index),
        _ => None,
    }
}

/// The field at an index of the reflected ones, or the element of an array.
pub(super) fn field_mut(
    value: &mut dyn PartialReflect,
    index: usize,
) -> Option<&mut dyn PartialReflect> {
    match value.reflect_mut() {
        ReflectMut::Struct(value) => value.field_at_mut(index),
        ReflectMut::TupleStruct(value) => value.field_mut(index),
        ReflectMut::Tuple(value) => value.field_mut(index),
        ReflectMut::Enum(value) => value.field_at_mut(index),
        ReflectMut::Array(value) => value.get_mut(index),
        _ => None,
    }
}

/// The variant that an enum's value is of.
pub(super) fn variant(value: &dyn PartialReflect) -> Option<(usize, &str)> {
    let value = value.reflect_ref().as_enum().ok()?;
    Some((value.variant_index(), value.variant_name()))
}

/// The elements of a list, an array or a set.
pub(super) fn elements(value: &dyn PartialReflect) -> Option<Vec<&dyn PartialReflect>> {
    match value.reflect_ref() {
        ReflectRef::List(value) => Some(value.iter().collect()),
        ReflectRef::Array(value) => Some(value.iter().collect()),
        ReflectRef::Set(value) => Some(value.iter().collect()),
        _ => None,
    }
}

/// Moves a part to a place for one of its type.
pub(super) fn put(part: Part, place: &mut dyn PartialReflect, trail: &Trail) -> Done {
    if part.is_dynamic() {
        return put_dynamic(part, place, trail);
    }
    let (expected, part) = match (part.try_into_reflect(), place.try_as_reflect_mut()) {
        (Ok(part), Some(place)) => match place.set(part) {
            Ok(()) => return Ok(()),
            Err(part) => (place.reflect_type_path(), part.into_partial_reflect()),
        },
        (Ok(part), None) => ("another", part.into_partial_reflect()),
        (Err(part), _) => ("another", part),
    };
    Err(ConvertError::wrong_type(trail, expected, &*part))
}

/// Moves the parts of what could not be made on its own.
fn put_dynamic(part: Part, place: &mut dyn PartialReflect, trail: &Trail) -> Done {
    if let ReflectKind::Struct | ReflectKind::TupleStruct | ReflectKind::Enum = part.reflect_kind()
    {
        return put_copy(&*part, place, trail);
    }
    let wrong = |place: &dyn PartialReflect| {
        trail.error(Why::WrongType(
            place.reflect_type_path().into(),
            "loose part".into(),
        ))
    };
    let parts = match part.reflect_owned() {
        ReflectOwned::Tuple(part) => part.drain(),
        ReflectOwned::Array(part) => part.drain(),
        ReflectOwned::List(mut part) => {
            let ReflectMut::List(list) = place.reflect_mut() else {
                return Err(wrong(place));
            };
            while list.pop().is_some() {}
            let mut parts = part.drain().into_iter();
            return parts.try_for_each(|part| push(list, part, trail));
        }
        ReflectOwned::Map(mut part) => {
            let ReflectMut::Map(map) = place.reflect_mut() else {
                return Err(wrong(place));
            };
            map.retain(&mut |_, _| false);
            for (key, value) in part.drain() {
                insert(map, key, value, trail)?;
            }
            return Ok(());
        }
        _ => return Err(wrong(place)),
    };
    for (index, part) in parts.into_iter().enumerate() {
        match field_mut(place, index) {
            Some(place) => put(part, place, trail)?,
            None => return Err(wrong(place)),
        }
    }
    Ok(())
}

/// The same for what does not give its parts away.
fn put_copy(part: &dyn PartialReflect, place: &mut dyn PartialReflect, trail: &Trail) -> Done {
    let refused =
        |reason: &str| ConvertError::not_buildable(trail, part.reflect_type_path(), reason);
    if !part.is_dynamic() {
        return match part.reflect_clone() {
            Ok(part) => put(part.into_partial_reflect(), place, trail),
            Err(error) => Err(refused(&error.to_string())),
        };
    }
    let count = match part.reflect_ref() {
        ReflectRef::Struct(part) => part.field_len(),
        ReflectRef::TupleStruct(part) => part.field_len(),
        ReflectRef::Tuple(part) => part.field_len(),
        ReflectRef::Enum(all) => {
            if variant(place).map(|(_, name)| name) != Some(all.variant_name()) {
                place
                    .try_apply(part)
                    .map_err(|error| refused(&error.to_string()))?;
            }
            all.field_len()
        }
        ReflectRef::List(all) => {
            let ReflectMut::List(list) = place.reflect_mut() else {
                return Err(refused("it is not registered"));
            };
            while list.pop().is_some() {}
            for (index, part) in all.iter().enumerate() {
                list.push(part.to_dynamic());
                if let Some(place) = list.get_mut(index) {
                    put_copy(part, place, trail)?;
                }
            }
            0
        }
        _ => return Err(refused("it is not registered")),
    };
    for index in 0..count {
        match (field(part, index), field_mut(place, index)) {
            (Some(part), Some(place)) => put_copy(part, place, trail)?,
            _ => return Err(refused("reflection does not see one of its fields")),
        }
    }
    Ok(())
}

/// Adds an element to a list of its type.
pub(super) fn push(list: &mut dyn List, part: Part, trail: &Trail) -> Done {
    if !part.is_dynamic() {
        list.push(part);
        return Ok(());
    }
    // The list makes an element of a copy, whose parts then give way to the real ones.
    list.push(part.to_dynamic());
    let last = list.len().saturating_sub(1);
    match list.get_mut(last) {
        Some(place) => put(part, place, trail),
        None => Ok(()),
    }
}

/// Adds an entry to a map of its types.
pub(super) fn insert(map: &mut dyn Map, key: Part, value: Part, trail: &Trail) -> Done {
    let again = value.is_dynamic().then(|| key.reflect_clone().ok());
    let replaced = match again.flatten() {
        None => map.insert_boxed(key, value),
        Some(again) => {
            let replaced = map.insert_boxed(key, value.to_dynamic());
            if let Some(place) = map.get_mut(again.as_partial_reflect()) {
                put(value, place, trail)?;
            }
            replaced
        }
    };
    match replaced {
        None => Ok(()),
        Some(_) => Err(trail.error(Why::Collision(map.reflect_type_path().into()))),
    }
}

/// Parts put together, to make a value from.
pub(super) enum Scaffold {
    /// Of a struct.
    Struct(DynamicStruct),
    /// Of a tuple struct.
    TupleStruct(DynamicTupleStruct),
    /// Of a tuple.
    Tuple(DynamicTuple),
    /// Of a variant.
    Variant(DynamicEnum),
}

impl Scaffold {
    /// Of the parts that there are, with the names of all. Without names nothing can
    /// come after a part that is not there.
    pub fn new<'a>(
        shape: Shape,
        parts: impl Iterator<Item = (&'a Cow<'static, str>, Option<Part>)>,
    ) -> Self {
        match shape {
            Shape::Struct => Self::Struct(named(parts)),
            Shape::TupleStruct => Self::TupleStruct(parts.map_while(|(_, part)| part).collect()),
            Shape::Tuple => Self::Tuple(parts.map_while(|(_, part)| part).collect()),
            Shape::Variant { index, info, .. } => {
                let variant = match info.variant_type() {
                    VariantType::Unit => DynamicVariant::Unit,
                    VariantType::Struct => DynamicVariant::Struct(named(parts)),
                    VariantType::Tuple => {
                        DynamicVariant::Tuple(parts.map_while(|(_, part)| part).collect())
                    }
                };
                Self::Variant(DynamicEnum::new_with_index(index, info.name(), variant))
            }
        }
    }

    /// To make a value from.
    pub fn get(&self) -> &dyn PartialReflect {
        match self {
            Self::Struct(all) => all,
            Self::TupleStruct(all) => all,
            Self::Tuple(all) => all,
            Self::Variant(all) => all,
        }
    }

    /// As a value that what is around it can make the real one of.
    pub fn into_loose(self) -> Part {
        match self {
            Self::Struct(all) => Box::new(all),
            Self::TupleStruct(all) => Box::new(all),
            Self::Tuple(all) => Box::new(all),
            Self::Variant(all) => Box::new(all),
        }
    }

    /// The parts that there were, in their order.
    pub fn into_parts(self) -> Vec<Part> {
        match self {
            Self::Struct(all) => all.into_iter().map(|(_, part)| part).collect(),
            Self::TupleStruct(all) => all.into_iter().collect(),
            Self::Tuple(all) => all.into_iter().collect(),
            Self::Variant(mut all) => match core::mem::take(all.variant_mut()) {
                DynamicVariant::Unit => Vec::new(),
                DynamicVariant::Tuple(all) => all.into_iter().collect(),
                DynamicVariant::Struct(all) => all.into_iter().map(|(_, part)| part).collect(),
            },
        }
    }
}

fn named<'a>(parts: impl Iterator<Item = (&'a Cow<'static, str>, Option<Part>)>) -> DynamicStruct {
    let there = parts.filter_map(|(name, part)| Some((name.clone(), part?)));
    there.collect()
}
