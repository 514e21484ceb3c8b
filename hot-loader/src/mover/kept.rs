//! Values that left the world and may come back: each with the entity that it was of. It
//! must not decide what comes back.

use crate::panics;
use std::ptr::NonNull;

use bevy::ecs::{
    change_detection::MaybeLocation, component::ComponentId, entity::Entity, world::World,
};
use bevy::ptr::{OwningPtr, Ptr};

use super::{Convert, value_stack::ValueStack};

/// Values of one component, out of the world. Dropping it drops them.
pub struct Kept {
    component: ComponentId,
    /// Room for more is made here; [`Kept::grow`] counts what comes.
    pub(super) stack: ValueStack,
    entities: Vec<Entity>,
}

impl Kept {
    /// No values yet.
    pub(super) fn new(component: ComponentId, stack: ValueStack) -> Self {
        Self {
            component,
            stack,
            entities: Vec::new(),
        }
    }

    /// The component that they are of.
    pub fn component(&self) -> ComponentId {
        self.component
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// Counts the value of `entity` that was written to the room of the stack.
    ///
    /// # Safety
    ///
    /// As for [`ValueStack::grow`].
    pub(super) unsafe fn grow(&mut self, entity: Entity) {
        // SAFETY: the caller's.
        unsafe { self.stack.grow() };
        self.entities.push(entity);
    }

    /// The entity whose value was the last to come.
    pub(super) fn last(&self) -> Option<Entity> {
        self.entities.last().copied()
    }

    /// The values. They stay in place until one comes or goes.
    pub fn values(&self) -> impl Iterator<Item = (Entity, NonNull<u8>)> + '_ {
        let entities = self.entities.iter().copied();
        entities
            .enumerate()
            .filter_map(|(at, entity)| Some((entity, self.stack.get(at)?)))
    }

    /// Those of the entities that are asked for; the others are left.
    #[must_use]
    pub fn take_of(&mut self, is_one: impl Fn(Entity) -> bool) -> Self {
        let mut taken = Self::new(self.component, self.stack.empty());
        for at in (0..self.entities.len()).rev() {
            let entity = self.entities[at];
            if is_one(entity) && taken.stack.push_from(&mut self.stack, at) {
                self.entities.swap_remove(at);
                taken.entities.push(entity);
            }
        }
        taken
    }

    /// Inserts the one value as the resource `new`.
    ///
    /// # Safety
    ///
    /// The value, byte by byte, is one of `new`, which is a resource.
    pub unsafe fn put_back_resource(mut self, world: &mut World, new: ComponentId) {
        self.entities.clear();
        if let Some(value) = self.stack.pop() {
            // SAFETY: the caller's; it is off the stack.
            unsafe { insert_resource(world, new, value) };
        }
    }

    /// Puts each value into its entity as one of `new`, if the entity is there and has none;
    /// drops the others. Says how many arrived.
    ///
    /// # Safety
    ///
    /// The values, byte by byte, are values of `new`.
    pub unsafe fn put_back(mut self, world: &mut World, new: ComponentId) -> usize {
        let mut arrived = 0;
        while let Some(entity) = self.entities.pop() {
            let room = world.get_entity_mut(entity).ok();
            let Some(mut entity) = room.filter(|entity| !entity.contains_id(new)) else {
                self.stack.drop_top();
                continue;
            };
            if let Some(value) = self.stack.pop() {
                panics::contain("a hook or observer of a restored value", || {
                    // SAFETY: it is a value of `new`, says the caller, and off the stack.
                    unsafe { entity.insert_by_id(new, OwningPtr::new(value)) };
                });
                arrived += 1;
            }
        }
        arrived
    }
}

/// Makes values of `new` from others by a conversion. Those that it refuses are left out.
///
/// # Safety
///
/// As for [`prepare`](super::prepare): a conversion that succeeds has written a whole value.
pub unsafe fn make(
    world: &World,
    new: ComponentId,
    convert: &mut Convert<'_>,
    values: Vec<(Entity, NonNull<u8>)>,
) -> Option<Kept> {
    let info = world.components().get_info(new)?;
    let mut made = Kept::new(new, ValueStack::of(info));
    for (entity, value) in values {
        let room = made.stack.room();
        // SAFETY: the values are such as the conversion is for, and stay meanwhile.
        let value = unsafe { Ptr::new(value) };
        let done = panics::catch(|| convert(world, entity, value, room.as_ptr()));
        if let Ok(Ok(())) = done {
            // SAFETY: a whole value was written to the room.
            unsafe { made.grow(entity) };
        }
    }
    Some(made)
}

/// Inserts a value as the resource `new`.
///
/// # Safety
///
/// The value, byte by byte, is one of `new`, which is a resource, and is given up.
pub unsafe fn insert_resource(world: &mut World, new: ComponentId, value: NonNull<u8>) {
    panics::contain("a hook or observer of a restored resource", || {
        // SAFETY: the caller's.
        unsafe {
            let value = OwningPtr::new(value);
            world.insert_resource_by_id(new, value, MaybeLocation::caller());
        }
    });
}
