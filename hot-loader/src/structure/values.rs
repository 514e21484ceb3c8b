//! Initial values: what an edit changed in them, field by field, and putting that
//! into a live value (a three-way merge of old initial, new initial, and live).
//!
//! Only what both recordings of a generation agree on counts: ids, times and random
//! numbers differ, and are left alone. Types that are not registered for reflection
//! are compared as a whole, by their bytes, if they own nothing.

use super::foreign;
use crate::proxy;
use bevy::{
    ptr::Ptr,
    reflect::{PartialReflect, Reflect, ReflectFromPtr, ReflectMut, ReflectRef},
};

/// A changed field: where it is, by its number in each struct, and its new value.
pub struct Field {
    path: Vec<usize>,
    value: Box<dyn Reflect>,
}

/// An initial value, as the first and the second recording have it.
pub type Twins<'a> = [Ptr<'a>; 2];

/// The fields that differ between two initial values of the type that `from_ptr` is
/// for.
///
/// # Safety
/// All values must be of that type.
pub unsafe fn changed_fields(from_ptr: &ReflectFromPtr, old: Twins, new: Twins) -> Vec<Field> {
    // SAFETY: the caller's.
    let read = |value| unsafe { from_ptr.as_reflect(value) }.as_partial_reflect();
    let mut fields = Vec::new();
    find(&mut Vec::new(), old.map(read), new.map(read), &mut fields);
    fields
}

/// The new bytes of a value that owns nothing, with the old ones, if they differ.
pub fn changed_bytes(size: usize, old: Twins, new: Twins) -> Option<(Vec<u8>, Vec<u8>)> {
    let [old, old_twin] = old.map(|value| bytes(value, size));
    let [new, new_twin] = new.map(|value| bytes(value, size));
    (old == old_twin && new == new_twin && old != new).then_some((old, new))
}

/// The bytes of a value of `size` bytes.
pub fn bytes(value: Ptr, size: usize) -> Vec<u8> {
    // SAFETY: within the value, which is borrowed. Padding that differs makes twins differ,
    // which decides nothing.
    unsafe { proxy::copied(value.as_ptr(), size) }
}

/// Puts changed fields into a live value. Fields that it does not have (it is another
/// variant by now) are left. Whether that makes it another value.
pub fn set(live: &mut dyn Reflect, fields: &[Field]) -> bool {
    let mut changed = false;
    for field in fields {
        let Some(place) = at_path(live.as_partial_reflect_mut(), &field.path) else {
            continue;
        };
        if place.reflect_partial_eq(field.value.as_partial_reflect()) == Some(true) {
            continue;
        }
        let Ok(value) = field.value.reflect_clone() else {
            continue;
        };
        let set = place
            .try_as_reflect_mut()
            .is_some_and(|place| place.set(value).is_ok());
        changed |= set;
        if !set {
            tracing::debug!("a field has another type in the live value");
        }
    }
    changed
}

fn at_path<'a>(
    value: &'a mut dyn PartialReflect,
    path: &[usize],
) -> Option<&'a mut dyn PartialReflect> {
    let Some((first, rest)) = path.split_first() else {
        return Some(value);
    };
    let field = match value.reflect_mut() {
        ReflectMut::Struct(value) => value.field_at_mut(*first),
        ReflectMut::TupleStruct(value) => value.field_mut(*first),
        ReflectMut::Tuple(value) => value.field_mut(*first),
        _ => None,
    }?;
    at_path(field, rest)
}

fn find(
    path: &mut Vec<usize>,
    old: [&dyn PartialReflect; 2],
    new: [&dyn PartialReflect; 2],
    found: &mut Vec<Field>,
) {
    let count = count(old[0]);
    let alike = [old[1], new[0], new[1]]
        .iter()
        .all(|value| self::count(*value) == count);
    if let Some(count) = count.filter(|_| alike) {
        for at in 0..count {
            let field = |value| field_at(value, at);
            if let ([Some(a), Some(b)], [Some(c), Some(d)]) = (old.map(field), new.map(field)) {
                path.push(at);
                find(path, [a, b], [c, d], found);
                path.pop();
            }
        }
        return;
    }
    // Ids of one world mean something else in another.
    if !foreign::holds_ids(new[0])
        && old[0].reflect_partial_eq(old[1]) == Some(true)
        && new[0].reflect_partial_eq(new[1]) == Some(true)
        && old[0].reflect_partial_eq(new[0]) == Some(false)
        && let Ok(value) = new[0].reflect_clone()
    {
        found.push(Field {
            path: path.clone(),
            value,
        });
    }
}

/// How many fields a struct or tuple has.
fn count(value: &dyn PartialReflect) -> Option<usize> {
    match value.reflect_ref() {
        ReflectRef::Struct(value) => Some(value.field_len()),
        ReflectRef::TupleStruct(value) => Some(value.field_len()),
        ReflectRef::Tuple(value) => Some(value.field_len()),
        _ => None,
    }
}

fn field_at(value: &dyn PartialReflect, at: usize) -> Option<&dyn PartialReflect> {
    match value.reflect_ref() {
        ReflectRef::Struct(value) => value.field_at(at),
        ReflectRef::TupleStruct(value) => value.field(at),
        ReflectRef::Tuple(value) => value.field(at),
        _ => None,
    }
}
