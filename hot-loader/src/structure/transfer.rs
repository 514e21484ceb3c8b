//! Resources that cross between worlds: by their bytes, under the type that both worlds
//! know them by. A world that a value was moved out of must never be dropped.

use bevy::{
    ecs::{
        change_detection::{DetectChangesMut, MaybeLocation},
        component::ComponentId,
        reflect::AppTypeRegistry,
        world::World,
    },
    ptr::{OwningPtr, Ptr},
    reflect::TypeData,
};
use core::{any::TypeId, ptr};
use std::collections::BTreeMap;

/// The types of resources, by their names.
pub type Resources = BTreeMap<String, TypeId>;

/// The resources of some kind.
pub fn resources(world: &World, is: impl Fn(&str, TypeId) -> bool) -> Resources {
    let all = world.iter_resources();
    let all = all.filter_map(|(info, _)| Some((info.name().to_string(), info.type_id()?)));
    all.filter(|(name, type_id)| is(name, *type_id)).collect()
}

/// The resource of a type, where it is there.
pub fn id_of(world: &World, type_id: TypeId) -> Option<ComponentId> {
    let id = world.components().get_id(type_id);
    id.filter(|id| world.contains_resource_by_id(*id))
}

/// Whether there is a resource of a type.
pub fn has(world: &World, type_id: TypeId) -> bool {
    id_of(world, type_id).is_some()
}

/// The value of the resource of a type.
pub fn value_of(world: &World, type_id: TypeId) -> Option<Ptr<'_>> {
    world.get_resource_by_id(world.components().get_id(type_id)?)
}

/// What a type is registered with for reflection.
pub fn type_data<D: TypeData + Clone>(world: &World, type_id: TypeId) -> Option<D> {
    let registry = world.get_resource::<AppTypeRegistry>()?.read();
    registry.get_type_data::<D>(type_id).cloned()
}

/// Moves a resource out of `from`, which must never be dropped if this returns `true`.
pub fn insert_from(world: &mut World, from: &World, type_id: TypeId) -> bool {
    let ids = [&*world, from].map(|world| world.components().get_id(type_id));
    if let [Some(live), Some(id)] = ids
        && layout(world, live) == layout(from, id)
        && let Some(value) = from.get_resource_by_id(id)
        && let Some(value) = ptr::NonNull::new(value.as_ptr())
    {
        // SAFETY: the value is a resource of the same type in both worlds (both ids were
        // looked up by one type id, and the layouts agree), and is owned by the live world
        // from here on: the caller forgets the other.
        unsafe {
            let value = OwningPtr::new(value);
            world.insert_resource_by_id(live, value, MaybeLocation::caller());
        }
        return true;
    }
    false
}

/// Exchanges a resource of two worlds, without drops or ticks. `false` if one of them
/// has none.
pub fn swap(a: &mut World, b: &mut World, type_id: TypeId) -> bool {
    let ids = [&*a, &*b].map(|world| world.components().get_id(type_id));
    let [Some(a_id), Some(b_id)] = ids else {
        return false;
    };
    // SAFETY: both ids were looked up by one type id.
    unsafe { swap_ids(a, a_id, b, b_id) }
}

/// As [`swap`], by the resources' ids.
///
/// # Safety
/// The types must be made alike, so that a value of one may stand for one of the other.
pub unsafe fn swap_ids(a: &mut World, a_id: ComponentId, b: &mut World, b_id: ComponentId) -> bool {
    if let Some(layout) = layout(a, a_id).filter(|it| layout(b, b_id) == Some(*it))
        && let Some(mut a) = a.get_resource_mut_by_id(a_id)
        && let Some(mut b) = b.get_resource_mut_by_id(b_id)
    {
        let [a, b] = [&mut a, &mut b].map(|value| value.bypass_change_detection().as_ptr());
        // SAFETY: two values of types made alike (the caller's) and of one layout, in two
        // worlds, so they do not overlap.
        unsafe { ptr::swap_nonoverlapping(a, b, layout.size()) };
        return true;
    }
    false
}

fn layout(world: &World, id: ComponentId) -> Option<core::alloc::Layout> {
    world.components().get_info(id).map(|info| info.layout())
}
