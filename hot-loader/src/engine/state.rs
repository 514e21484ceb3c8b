//! The value of a state, in the resource that holds it: `State<S>` has one field, of the
//! type `S` (bevy_state 0.19.1, `state/resources.rs`), and nothing else, so a pointer to the
//! one is a pointer to the other. That their layouts agree is looked at each time: else there
//! is no value. `State` itself is not registered for reflection by itself.

use bevy::{
    ecs::{component::ComponentId, world::World},
    reflect::{Reflect, ReflectFromPtr, TypeRegistration, TypeRegistry},
};
use core::alloc::Layout;

/// The value of the state `state`, whose resource is `id`, and what is registered of its type.
pub fn value<'w, 'r>(
    world: &'w World,
    id: ComponentId,
    state: &str,
    types: &'r TypeRegistry,
) -> Option<(&'w dyn Reflect, &'r TypeRegistration)> {
    let registration = types.get_with_type_path(state)?;
    let from_ptr = registration.data::<ReflectFromPtr>()?;
    let layout = world.components().get_info(id)?.layout();
    // SAFETY: the resource holds the state and nothing else (above), so this is a reference
    // to it; nothing is read through it unless the layouts agree.
    let value = unsafe { from_ptr.as_reflect(world.get_resource_by_id(id)?) };
    (Layout::for_value(value) == layout).then_some((value, registration))
}

/// The same, to be written to.
pub fn value_mut<'w>(
    world: &'w mut World,
    id: ComponentId,
    state: &str,
    types: &TypeRegistry,
) -> Option<&'w mut dyn Reflect> {
    let from_ptr = types.get_with_type_path(state)?.data::<ReflectFromPtr>()?;
    let layout = world.components().get_info(id)?.layout();
    let resource = world.get_resource_mut_by_id(id)?;
    // SAFETY: as in `value`.
    let value = unsafe { from_ptr.as_reflect_mut(resource.into_inner()) };
    (Layout::for_value(&*value) == layout).then_some(value)
}
