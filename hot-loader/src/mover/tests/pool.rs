//! The pool of carriers: what happens when it is used up.

use std::alloc::Layout;

use bevy::ecs::component::{ComponentCloneBehavior, ComponentDescriptor, StorageType};
use bevy::ptr::OwningPtr;

use super::super::Cause;
use super::*;
use hot_loader_face::carrier::{CarrierFn, carriers};

fn component(world: &mut World) -> ComponentId {
    // SAFETY: the layout and the drop function are those of a `Box`, which may be sent.
    let descriptor = unsafe {
        ComponentDescriptor::new_with_layout(
            "dynamic",
            StorageType::Table,
            Layout::new::<Box<u32>>(),
            Some(|value| drop(value.read::<Box<u32>>())),
            true,
            ComponentCloneBehavior::Default,
            None,
        )
    };
    world.register_component_with_descriptor(descriptor)
}

#[test]
fn a_world_can_have_more() {
    let mut world = World::new();
    let mut id = component(&mut world);
    let entity = world.spawn_empty().id();
    OwningPtr::make(Box::new(9u32), |value| {
        // SAFETY: the component is one of `Box<u32>`.
        unsafe { world.entity_mut(entity).insert_by_id(id, value) };
    });
    let mut moves = |world: &mut World, more: &[CarrierFn]| {
        let new = component(world);
        let column = Column {
            old: id,
            new,
            how: How::Bytes,
            is_lenient: false,
        };
        // SAFETY: both components are of `Box<u32>`.
        let aside = unsafe { prepare(world, vec![column], more) }?;
        assert!(aside.commit(world).left.is_empty());
        assert_eq!(with(world, new).count(), 1);
        id = new;
        Ok::<_, Failure>(())
    };
    for _ in 0..64 {
        moves(&mut world, &[]).unwrap();
    }
    assert_eq!(moves(&mut world, &[]).unwrap_err().cause, Cause::NoCarrier);
    let mut other = World::new();
    assert!(matches!(
        moves(&mut other, &[]).unwrap_err().cause,
        Cause::Unfit(_)
    ));
    struct Mine;
    let more = carriers::<Mine>();
    for _ in 0..16 {
        moves(&mut world, &more).unwrap();
    }
    assert_eq!(
        moves(&mut world, &more).unwrap_err().cause,
        Cause::NoCarrier
    );
    let value = world.entity(entity).get_by_id(id).unwrap();
    // SAFETY: the component is one of `Box<u32>`.
    assert_eq!(unsafe { **value.deref::<Box<u32>>() }, 9);
}
