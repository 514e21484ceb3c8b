//! Reads and writes the ticks of many values at once. It must not touch the values.

use std::cell::UnsafeCell;

use bevy::ecs::change_detection::Tick;
use bevy::ecs::component::{ComponentId, StorageType};
use bevy::ecs::entity::Entity;
use bevy::ecs::world::World;

/// When a value was added and when it last changed.
pub(super) type Ticks = (Tick, Tick);

/// The ticks of one component of the entities; `None` for those that lack it.
pub(super) fn read(world: &World, entities: &[Entity], id: ComponentId) -> Vec<Option<Ticks>> {
    let mut ticks = vec![None; entities.len()];
    cells(world, entities, id, |index, added, changed| {
        // SAFETY: nothing writes a tick while we have the world, and this is the only access.
        ticks[index] = Some(unsafe { (*added.get(), *changed.get()) });
    });
    ticks
}

/// Writes ticks that [`read`] gave for as many entities.
pub(super) fn write(
    world: &mut World,
    entities: &[Entity],
    id: ComponentId,
    ticks: &[Option<Ticks>],
) {
    cells(world, entities, id, |index, added, changed| {
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
    let located = entities.iter().enumerate().filter_map(|(index, entity)| {
        Some((index, *entity, world.entities().get_spawned(*entity).ok()?))
    });
    match info.storage_type() {
        StorageType::Table => {
            let mut table = None;
            let mut slices = None;
            for (index, _, location) in located {
                if table != Some(location.table_id) {
                    table = Some(location.table_id);
                    slices = world
                        .storages()
                        .tables
                        .get(location.table_id)
                        .and_then(|table| {
                            let added = table.get_added_ticks_slice_for(id)?;
                            Some((added, table.get_changed_ticks_slice_for(id)?))
                        });
                }
                let row = location.table_row.index();
                if let Some((added, changed)) = slices
                    && let (Some(added), Some(changed)) = (added.get(row), changed.get(row))
                {
                    visit(index, added, changed);
                }
            }
        }
        StorageType::SparseSet => {
            let Some(set) = world.storages().sparse_sets.get(id) else {
                return;
            };
            for (index, entity, _) in located {
                if let (Some(added), Some(changed)) =
                    (set.get_added_tick(entity), set.get_changed_tick(entity))
                {
                    visit(index, added, changed);
                }
            }
        }
    }
}
