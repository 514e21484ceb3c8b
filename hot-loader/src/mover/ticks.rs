//! Reads and writes the ticks of many values at once. It must not touch the values.

use super::{How, column::ColumnMove};
use bevy::ecs::{
    change_detection::ComponentTicks, component::StorageType, entity::Entity, world::World,
};

/// The ticks of the old component of the entities; `None` for those that lack it.
pub(super) fn read(
    world: &World,
    entities: &[Entity],
    column: &ColumnMove,
) -> Vec<Option<ComponentTicks>> {
    let ticks = |&it: &Entity| {
        world
            .get_entity(it)
            .ok()?
            .get_change_ticks_by_id(column.old)
    };
    entities.iter().map(ticks).collect()
}

/// Writes ticks that [`read`] gave for as many entities to those of the new component.
pub(super) fn write(
    world: &mut World,
    entities: &[Entity],
    column: &ColumnMove,
    ticks: &[Option<ComponentTicks>],
) {
    let id = column.new;
    let info = world.components().get_info(id);
    let Some(info) = info.filter(|_| !matches!(column.how, How::Drop)) else {
        return;
    };
    let storages = world.storages();
    for (&entity, ticks) in entities.iter().zip(ticks) {
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
        if let (Some((added, changed)), Some(ticks)) = (cells, ticks) {
            // SAFETY: the world is borrowed mutably, so that nobody else has a reference to a
            // tick of it.
            unsafe { (*added.get(), *changed.get()) = (ticks.added, ticks.changed) };
        }
    }
}
