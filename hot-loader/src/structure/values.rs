//! Initial values of resources: what an edit changed in them, field by field, and putting
//! that into a live value (a three-way merge of old initial, new initial, and live).
//!
//! Only what both recordings of a generation agree on counts: ids, times and random
//! numbers differ, and are left alone. Types that are not registered for reflection
//! are compared as a whole, by their bytes, if they own nothing.

use super::{
    Both, foreign,
    transfer::{id_of, type_data, value_of},
};
use crate::{engine::names::changes_by_itself, proxy};
use bevy::{
    ecs::{change_detection::DetectChangesMut, world::World},
    ptr::Ptr,
    reflect::{
        Access, ParsedPath, PartialReflect, Reflect, ReflectFromPtr, ReflectKind, ReflectPath,
        ReflectRef,
    },
};
use core::{any::TypeId, ptr};

/// What an edit changed in an initial value.
pub enum Change {
    /// Fields, which the live value takes.
    Fields(Vec<Field>),
    /// A value that owns nothing, and that the game left alone: the new one, as bytes.
    Bytes(Vec<u8>),
    /// It cannot be told, or the game did something to the value, which stays as it is.
    Kept,
}

/// A changed field: where it is, and its new value.
type Field = (ParsedPath, Box<dyn Reflect>);

/// An initial value, as both recordings of the old and of the new generation have it.
fn recorded<'a>(both: &Both<'a>, type_id: TypeId) -> Option<[Ptr<'a>; 4]> {
    let (old, new) = (both.old, both.new);
    Some([
        value_of(&old.first.world, type_id)?,
        value_of(&old.second.world, type_id)?,
        value_of(&new.first.world, type_id)?,
        value_of(&new.second.world, type_id)?,
    ])
}

impl Change {
    /// What changed in the initial value of a resource that both generations have.
    pub fn of(world: &World, name: &str, type_id: TypeId, both: &Both) -> Option<Self> {
        let planned = both.planned;
        // It comes and goes with the code, and is never merged.
        if changes_by_itself(name) {
            return None;
        }
        let live = id_of(world, type_id)?;
        let values = recorded(both, type_id)?;
        if let Some(from_ptr) = type_data::<ReflectFromPtr>(world, type_id) {
            // SAFETY: `recorded` looked the values up by `type_id`, as was the registration.
            let read = |value| unsafe { from_ptr.as_reflect(value) }.as_partial_reflect();
            let mut fields = Vec::new();
            find(&mut Vec::new(), values.map(read), &mut fields);
            return (!fields.is_empty()).then_some(Self::Fields(fields));
        }
        // Bytes of what owns something say nothing about it, and padding can look like a
        // change: of others' types that would only be noise.
        if !planned.is_ours(name) {
            return None;
        }
        let info = world.components().get_info(live)?;
        if info.drop().is_some() {
            let may_change = planned.verdict.registering.may_concern(name);
            return may_change.then_some(Self::Kept);
        }
        let size = info.layout().size();
        let [old, old_twin, new, new_twin] = values.map(|value| bytes(value, size));
        if old != old_twin || new != new_twin || old == new {
            return None;
        }
        Some(match bytes(world.get_resource_by_id(live)?, size) == old {
            true => Self::Bytes(new),
            false => Self::Kept,
        })
    }

    /// Puts it into the live value. Whether that is another one now.
    pub fn commit(self, world: &mut World, type_id: TypeId) -> bool {
        let from_ptr = type_data::<ReflectFromPtr>(world, type_id);
        let value = id_of(world, type_id).and_then(|id| world.get_resource_mut_by_id(id));
        let Some(mut value) = value else {
            return false;
        };
        let live = value.bypass_change_detection();
        let changed = match (self, from_ptr) {
            (Self::Fields(fields), Some(from_ptr)) => {
                // SAFETY: the registration and the resource are of one type id.
                let live = unsafe { from_ptr.as_reflect_mut(live.reborrow()) };
                set(live, fields)
            }
            (Self::Bytes(bytes), _) => {
                // SAFETY: the bytes are a whole value of this type (equal type ids, and
                // so equal sizes), which owns nothing that would be dropped twice.
                unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), live.as_ptr(), bytes.len()) };
                true
            }
            (Self::Fields(_) | Self::Kept, _) => false,
        };
        if changed {
            value.set_changed();
        }
        changed
    }
}

/// The bytes of a value of `size` bytes.
pub fn bytes(value: Ptr, size: usize) -> Vec<u8> {
    // SAFETY: within the value, which is borrowed. Padding that differs makes twins differ,
    // which decides nothing.
    unsafe { proxy::copied(value.as_ptr(), size) }
}

/// Puts changed fields into a live value. Fields that it does not have (it is another
/// variant by now) are left. Whether that makes it another value.
fn set(live: &mut dyn Reflect, fields: Vec<Field>) -> bool {
    let mut changed = false;
    for (path, value) in fields {
        let place = path.reflect_element_mut(live.as_partial_reflect_mut());
        let Ok(place) = place else { continue };
        if place.reflect_partial_eq(value.as_partial_reflect()) == Some(true) {
            continue;
        }
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

fn find(path: &mut Vec<Access<'static>>, values: [&dyn PartialReflect; 4], found: &mut Vec<Field>) {
    let [old, old_twin, new, new_twin] = values;
    if let [Some(a), Some(b), Some(c), Some(d)] = values.map(fields)
        && [b.len(), c.len(), d.len()] == [a.len(); 3]
    {
        let access = match old.reflect_kind() {
            ReflectKind::Struct => Access::FieldIndex,
            _ => Access::TupleIndex,
        };
        for at in 0..a.len() {
            path.push(access(at));
            find(path, [a[at], b[at], c[at], d[at]], found);
            path.pop();
        }
        return;
    }
    // Ids of one world mean something else in another.
    if !foreign::holds_ids(new)
        && old.reflect_partial_eq(old_twin) == Some(true)
        && new.reflect_partial_eq(new_twin) == Some(true)
        && old.reflect_partial_eq(new) == Some(false)
        && let Ok(value) = new.reflect_clone()
    {
        found.push((path.clone().into(), value));
    }
}

/// The fields of a struct or tuple.
pub fn fields(value: &dyn PartialReflect) -> Option<Vec<&dyn PartialReflect>> {
    match value.reflect_ref() {
        ReflectRef::Struct(value) => Some(value.iter_fields().map(|(_, field)| field).collect()),
        ReflectRef::TupleStruct(value) => Some(value.iter_fields().collect()),
        ReflectRef::Tuple(value) => Some(value.iter_fields().collect()),
        _ => None,
    }
}
