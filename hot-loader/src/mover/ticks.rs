//! Reads and writes the ticks of many values at once. It must not touch the values.

use super::{How, column::ColumnMove};
use bevy::ecs::{
    change_detection::ComponentTicks, component::StorageType, entity::Entity, world::World,
};

/// A column, an entity, and the ticks of the value that it has there.
type Ticks = (usize, Entity, ComponentTicks);

/// The ticks of the old components of columns, for the entities with each.
pub(super) fn read<'v>(
    world: &World,
    columns: &[ColumnMove],
    values: impl Iterator<Item = (usize, &'v [Entity])>,
) -> Vec<Ticks> {
    let each = values.flat_map(|(column, all)| all.iter().map(move |&entity| (column, entity)));
    let ticks = each.filter_map(|(column, entity)| {
        let value = world.get_entity(entity).ok()?;
        let ticks = value.get_change_ticks_by_id(columns[column].old)?;
        Some((column, entity, ticks))
    });
    ticks.collect()
}

/// Writes the ticks that [`read`] gave to those of the new components.
pub(super) fn write(world: &mut World, columns: &[ColumnMove], all: &[Ticks]) {
    let storages = world.storages();
    for &(column, entity, ticks) in all {
        let (how, id) = (&columns[column].how, columns[column].new);
        let info = world.components().get_info(id);
        let Some(info) = info.filter(|_| !matches!(how, How::Drop)) else {
            continue;
        };
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
            // SAFETY: the world is borrowed mutably, so that nobody else has a reference to a
            // tick of it.
            unsafe { (*added.get(), *changed.get()) = (ticks.added, ticks.changed) };
        }
    }
}
