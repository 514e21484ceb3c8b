//! Tests of the mover with real components. What they share must not know a single case.
#![allow(
    dead_code,
    reason = "the fields of many types are moved and never read"
)]

mod hooks;
mod kept;
mod pool;
mod relationships;
mod resources;
mod values;

use std::sync::Arc;

use bevy::ecs::change_detection::Tick;
use bevy::ecs::component::{Component, ComponentId};
use bevy::ecs::entity::Entity;
use bevy::ecs::world::World;
use bevy::ptr::Ptr;

use super::plan::with;
use super::{Aside, Column, Failure, How, Moved, prepare};

/// A value that counts how many of it there are.
#[derive(Clone, Debug)]
pub(super) struct Counted(pub Arc<()>, pub u32);

impl Drop for Counted {
    fn drop(&mut self) {
        // A second drop would be one of a count that is gone.
        assert!(Arc::strong_count(&self.0) > 0);
    }
}

pub(super) fn column<'a, A: Component, B: Component>(
    world: &mut World,
    how: How<'a>,
) -> Column<'a> {
    Column {
        old: world.register_component::<A>(),
        new: world.register_component::<B>(),
        how,
        is_lenient: false,
    }
}

pub(super) fn bytes<A: Component, B: Component>(world: &mut World) -> Column<'static> {
    column::<A, B>(world, How::Bytes)
}

/// A conversion between two types.
pub(super) fn by<A: Component, B: Component>(
    mut make: impl FnMut(Entity, &A) -> Result<B, String>,
) -> impl FnMut(&World, Entity, Ptr<'_>, *mut u8) -> Result<(), String> {
    move |_, entity, old, new| {
        assert!(new.cast::<B>().is_aligned());
        // SAFETY: the tests use it for columns from `A` to `B` only.
        unsafe { new.cast::<B>().write(make(entity, old.deref::<A>())?) };
        Ok(())
    }
}

pub(super) fn converted<'a, A: Component, B: Component>(
    world: &mut World,
    make: impl FnMut(&World, Entity, Ptr<'_>, *mut u8) -> Result<(), String> + 'a,
) -> Column<'a> {
    column::<A, B>(world, How::Convert(Box::new(make)))
}

pub(super) fn aside<'a>(world: &mut World, columns: Vec<Column<'a>>) -> Result<Aside<'a>, Failure> {
    // SAFETY: the types of the tests' columns are equal but for their names, or `by` converts.
    unsafe { prepare(world, columns, &[]) }
}

pub(super) fn moved(world: &mut World, columns: Vec<Column>) -> Moved {
    let olds: Vec<_> = columns.iter().map(|it| it.old).collect();
    let moved = aside(world, columns).unwrap().commit(world);
    for old in olds {
        let mut archetypes = world.archetypes().iter().filter(|it| it.contains(old));
        assert!(archetypes.all(|it| it.is_empty()) || !moved.left.is_empty());
    }
    moved
}

/// Moves, and nothing is lost.
pub(super) fn clean(world: &mut World, columns: Vec<Column>) -> Moved {
    let moved = moved(world, columns);
    assert_eq!(
        (&*moved.lost, &*moved.left, &*moved.panics),
        (&[][..], &[][..], &[][..])
    );
    moved
}

/// How many values of a component there are.
pub(super) fn count<C: Component>(world: &World) -> usize {
    with(world, world.component_id::<C>().unwrap()).count()
}

pub(super) fn ticks(world: &World, entity: Entity, id: ComponentId) -> (Tick, Tick) {
    let ticks = world.entity(entity).get_change_ticks_by_id(id).unwrap();
    (ticks.added, ticks.changed)
}

pub(super) fn ticks_of<C: Component>(world: &World, entity: Entity) -> (Tick, Tick) {
    ticks(world, entity, world.component_id::<C>().unwrap())
}
