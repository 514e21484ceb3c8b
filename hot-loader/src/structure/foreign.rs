//! Values that belong to the world they were made in: entities, handles to assets, and
//! what a linked crate keeps of a world. They must not be moved into another.

use super::{
    Both, Refusal,
    changes::restart_for,
    transfer::{resources, type_data, value_of},
    values,
};
use crate::engine::names::{is_asset_server, is_id, is_of_states_or_messages};
use bevy::{
    ecs::{resource::IsResource, world::World},
    ptr::Ptr,
    reflect::{PartialReflect, ReflectFromPtr, ReflectRef},
};
use core::any::TypeId;
use std::collections::HashSet;

/// Whether the initial value of a new resource can live in the game's world.
///
/// # Errors
/// If it may hold ids of the scratch world, with what to do about it.
pub fn may_move(name: &str, type_id: TypeId, both: &Both) -> Result<(), Refusal> {
    let world = &both.new.first.world;
    let has_assets = || !resources(world, |name, _| is_asset_server(name)).is_empty();
    let info = world.components().get_id(type_id);
    let info = info.and_then(|id| world.components().get_info(id));
    let (Some(info), Some(value)) = (info, value_of(world, type_id)) else {
        return Ok(());
    };
    let doubt = match type_data::<ReflectFromPtr>(world, type_id) {
        Some(from_ptr) => {
            // SAFETY: the registration and the resource were looked up by one type id.
            let value = unsafe { from_ptr.as_reflect(value) };
            holds_ids(value.as_partial_reflect()).then_some("it holds entities or handles")
        }
        // The engine's queues and states begin as empty as their types say.
        None if is_of_states_or_messages(name) => None,
        None if !both.planned.is_ours(name) => {
            Some("its type is from a linked crate, and it may hold ids of that world")
        }
        None if info.drop().is_some() && has_assets() => Some(
            "it may hold handles to assets (derive `Reflect` for it, so that hot-loader can see)",
        ),
        None if holds_entity(world, value, info.layout().size()) => {
            Some("it seems to hold an entity (derive `Reflect` for it, so that hot-loader can see)")
        }
        None => None,
    };
    restart_for(doubt, |doubt| {
        format!(
            "the resource {name} is new, and its first value was created in a scratch world: {doubt}"
        )
    })
}

/// Whether the id of an entity that the plugin made stands in a value's bytes.
fn holds_entity(world: &World, value: Ptr, size: usize) -> bool {
    let is_resource = world.components().get_id(TypeId::of::<IsResource>());
    let entities: HashSet<u64> = world
        .archetypes()
        .iter()
        .filter(|archetype| !is_resource.is_some_and(|id| archetype.contains(id)))
        .flat_map(|archetype| archetype.entities())
        .map(|entity| entity.id().to_bits())
        .collect();
    values::bytes(value, size)
        .chunks_exact(size_of::<u64>())
        .filter_map(|bytes| Some(u64::from_ne_bytes(bytes.try_into().ok()?)))
        .any(|word| entities.contains(&word))
}

/// Whether an entity or a handle is somewhere in a value.
pub fn holds_ids(value: &dyn PartialReflect) -> bool {
    let path = value.reflect_type_path();
    if is_id(path) {
        return true;
    }
    match value.reflect_ref() {
        ReflectRef::List(value) => value.iter().any(holds_ids),
        ReflectRef::Array(value) => value.iter().any(holds_ids),
        ReflectRef::Map(value) => value.iter().any(|(k, v)| holds_ids(k) || holds_ids(v)),
        ReflectRef::Set(value) => value.iter().any(holds_ids),
        ReflectRef::Enum(value) => value.iter_fields().any(|field| holds_ids(field.value())),
        _ => values::fields(value).is_some_and(|fields| fields.into_iter().any(holds_ids)),
    }
}
