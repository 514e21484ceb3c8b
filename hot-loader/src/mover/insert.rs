//! Puts the values that columns hold into an entity. It must not take any out.

use crate::panics;
use std::collections::BTreeSet;
use std::sync::Mutex;

use bevy::ecs::component::ComponentId;
use bevy::ecs::resource::{IS_RESOURCE, IsResource};
use bevy::ecs::world::{EntityWorldMut, World, WorldId};
use bevy::ptr::OwningPtr;

use super::{How, column::ColumnMove};

/// The lists of ids that must not be inserted as one: where a hook panics,
/// `insert_by_ids_internal` (world/entity_access/world_mut.rs) leaves the storage types of the
/// bundle taken out for ever, and a later insertion of the same ids would write no values.
static SPOILED: Mutex<Vec<(WorldId, Vec<ComponentId>)>> = Mutex::new(Vec::new());

/// Inserts the values of the same columns into one entity after the other.
pub(super) struct Inserter<'w> {
    /// The columns.
    pub(super) which: &'w [usize],
    /// The new components of all columns that have one, sorted.
    ids: Vec<ComponentId>,
    /// Whether `ids` must not be inserted as one.
    one_by_one: bool,
    /// Whether an insertion of `ids` as one has begun and not ended.
    under_way: bool,
    /// What the components that are inserted require.
    required: BTreeSet<ComponentId>,
    /// The components that were added for a moment and have hooks.
    pub(super) hooks: Vec<String>,
}

impl<'w> Inserter<'w> {
    /// For the columns `which`, sorted by their new components.
    pub(super) fn new(world: &World, columns: &[ColumnMove], which: &'w [usize]) -> Self {
        let arriving = which.iter().map(|&column| &columns[column]);
        let ids: Vec<_> = arriving
            .filter(|column| !matches!(column.how, How::Drop))
            .map(|column| column.new)
            .collect();
        let required = ids
            .iter()
            .filter_map(|&id| world.components().get_info(id))
            .flat_map(|info| info.required_components().iter_ids())
            // A resource is none without it.
            .filter(|&id| id != IS_RESOURCE && !ids.contains(&id))
            .collect();
        let mut inserter = Self {
            which,
            ids,
            one_by_one: false,
            under_way: false,
            required,
            hooks: Vec::new(),
        };
        inserter.look(world);
        inserter
    }

    /// Looks whether its ids are spoiled, as another's panic may have done by now.
    pub(super) fn look(&mut self, world: &World) {
        let spoiled = panics::lock(&SPOILED);
        let mut spoiled = spoiled.iter();
        self.one_by_one = spoiled.any(|it| it.0 == world.id() && it.1 == self.ids);
    }

    /// Inserts what the columns hold, and removes again what came along only
    /// because it is required: the entity lacked it on purpose.
    ///
    /// # Panics
    ///
    /// If a hook panics; [`Inserter::after_panic`] has to be called then.
    ///
    /// # Safety
    ///
    /// The entity is spawned, and is of the world that `new` was called with.
    pub(super) unsafe fn insert(
        &mut self,
        entity: &mut EntityWorldMut,
        columns: &mut [ColumnMove],
    ) {
        let which = self.which;
        let held = which.iter().filter(|&&it| columns[it].held.is_some());
        let count = held.count();
        if count == 0 {
            return;
        }
        let added = self.required.iter().copied();
        let added = added.filter(|&id| !entity.contains_id(id));
        let added: Vec<_> = added.collect();
        if count == self.ids.len() && !self.one_by_one {
            self.under_way = true;
            let values = which
                .iter()
                .filter_map(|&column| columns[column].held.take());
            // SAFETY: `ids` are of this world, and sorted as `which` is: `Plan::of` does it.
            // As many values are held as there are ids, so that each value is one of its
            // id: a converted one, or bytes that are valid for it, as `prepare` was promised.
            // What is taken is given up.
            unsafe { entity.insert_by_ids(&self.ids, values.map(|value| OwningPtr::new(value))) };
            self.under_way = false;
        } else {
            for &column in which {
                let column = &mut columns[column];
                if !entity.is_spawned() {
                    column.drop_held();
                } else if let Some(value) = column.held.take() {
                    // SAFETY: as above, for one id.
                    unsafe { entity.insert_by_id(column.new, OwningPtr::new(value)) };
                }
            }
        }
        self.remove_added(entity, &added);
    }

    /// Removes what the insertion added beyond its own components.
    fn remove_added(&mut self, entity: &mut EntityWorldMut, added: &[ComponentId]) {
        if added.is_empty() || !entity.is_spawned() {
            return;
        }
        if self.hooks.is_empty() {
            let infos = added
                .iter()
                .filter_map(|&id| entity.world().components().get_info(id));
            self.hooks = infos.filter_map(super::column::any_hook).collect();
        }
        entity.remove_by_ids(added);
    }

    /// Remembers what a panic has spoiled.
    pub(super) fn after_panic(&mut self, world: &World) {
        if self.under_way {
            self.under_way = false;
            self.one_by_one = true;
            panics::lock(&SPOILED).push((world.id(), self.ids.clone()));
        }
    }
}

/// Makes the entity that holds the resource of `column` free to hold the new one: a resource is
/// a component of one entity, which its [`IsResource`] marks (resource.rs). Inserting the new
/// component brings the new mark, since it requires it.
///
/// # Panics
///
/// If a command that is queued panics.
pub(super) fn release_resource(entity: &mut EntityWorldMut, column: &ColumnMove) {
    let marks = entity.get::<IsResource>();
    if marks.is_none_or(|mark| mark.resource_component_id() != column.old) {
        return;
    }
    entity.remove::<IsResource>();
    // An entity whose resource was removed keeps the mark, and the hook of the mark would
    // throw out the value that we are about to insert elsewhere.
    let id = entity.id();
    entity.world_scope(|world| {
        let empty = world.resource_entities().get(column.new);
        if let Some(empty) = empty.filter(|&it| it != id)
            && let Ok(mut empty) = world.get_entity_mut(empty)
        {
            empty.remove::<IsResource>();
        }
    });
}
