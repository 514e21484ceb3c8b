//! Reads and writes the ticks of many values at once. It must not touch the values.

use std::cell::UnsafeCell;

use bevy::ecs::change_detection::Tick;
use bevy::ecs::component::{ComponentId, StorageType};
use bevy::ecs::entity::Entity;
use bevy::ecs::world::World;

use super::How;
use super::column::ColumnMove;

/// When a value was added and when it last changed.
pub(super) type Ticks = (Tick, Tick);

/// The ticks of the old component of the entities; `None` for those that lack it.
pub(super) fn read(world: &World, entities: &[Entity], column: &ColumnMove) -> Vec<Option<Ticks>> {
    let mut ticks = vec![None; entities.len()];
    cells(world, entities, column.old, |index, added, changed| {
        // SAFETY: nothing writes a tick while we have the world, and this is the only access.
        ticks[index] = Some(unsafe { (*added.get(), *changed.get()) });
    });
    ticks
}

/// Writes ticks that [`read`] gave for as many entities to those of the new component.
pub(super) fn write(
    world: &mut World,
    entities: &[Entity],
    column: &ColumnMove,
    ticks: &[Option<Ticks>],
) {
    if matches!(column.how, How::Drop) {
        return;
    }
    cells(world, entities, column.new, |index, added, changed| {
        if let Some(Some(ticks)) = ticks.get(index) {
            // SAFETY: the world is borrowed mutably by `write`, so that nobody else has a
            // reference to a tick of it.
            unsafe { (*added.get(), *changed.get()) = *ticks };
        }
    });
}

/// Calls `visit` with the index and the tick cells of each entity that has the component.
fn cells(
    world: &World,
    entities: &[Entity],
    id: ComponentId,
    mut visit: impl FnMut(usize, &UnsafeCell<Tick>, &UnsafeCell<Tick>),
) {
    let Some(info) = world.components().get_info(id) else {
        return;
    };
    let storages = world.storages();
    for (index, &entity) in entities.iter().enumerate() {
        let cells = match info.storage_type() {
            StorageType::Table => world.entities().get_spawned(entity).ok().and_then(|it| {
                let table = storages.tables.get(it.table_id)?;
                let added = table.get_added_tick(id, it.table_row)?;
                Some((added, table.get_changed_tick(id, it.table_row)?))
            }),
            StorageType::SparseSet => storages.sparse_sets.get(id).and_then(|set| {
                let added = set.get_added_tick(entity)?;
                Some((added, set.get_changed_tick(entity)?))
            }),
        };
        if let Some((added, changed)) = cells {
            visit(index, added, changed);
        }
    }
}
