//! Finds the values that have to move, and fills the stacks. It must not change the world.

use std::collections::{HashMap, HashSet};

use bevy::ecs::{
    archetype::Archetype, component::ComponentId, entity::Entity,
    relationship::RelationshipAccessor, world::World,
};
use indexmap::IndexMap;

use super::Failure;
use super::column::{ColumnMove, Role};

/// The entities of one archetype with the columns that have values there.
pub(super) struct Batch {
    pub(super) entities: Vec<Entity>,
    /// Indices of plain columns, sorted by the new component.
    pub(super) columns: Vec<usize>,
}

/// The archetypes that share a table. Their entities move in the order of its rows, in
/// which queries visit them.
#[derive(Default)]
pub(super) struct Group {
    pub(super) batches: Vec<Batch>,
    /// The rows: the index in the table, that of the batch, and the entity.
    pub(super) order: Vec<(usize, usize, Entity)>,
}

impl Group {
    /// The columns that have values in it, with the entities.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, &[Entity])> {
        let batches = self.batches.iter();
        batches.flat_map(|it| it.columns.iter().map(|&column| (column, &*it.entities)))
    }
}

/// The entities with one relationship source, in the order in which they are put back.
pub(super) struct Related {
    pub(super) column: usize,
    pub(super) order: Vec<Entity>,
}

/// All values that have to move.
pub(super) struct Plan {
    pub(super) groups: Vec<Group>,
    pub(super) sources: Vec<Related>,
    /// The columns of relationship targets with the entities that have one.
    pub(super) targets: Vec<Related>,
}

impl Plan {
    /// Finds them by archetypes, since queries pass over disabled entities.
    pub(super) fn of(world: &World, columns: &[ColumnMove]) -> Self {
        let mut sources = Vec::new();
        let mut targets = Vec::new();
        for (column, &ColumnMove { old, role, .. }) in columns.iter().enumerate() {
            let having = || with(world, old);
            let (list, order): (_, Vec<_>) = match role {
                Role::Plain => continue,
                Role::Target => (&mut targets, having().collect()),
                Role::Source(target) => (&mut sources, sorted(world, target, having())),
            };
            if !order.is_empty() {
                list.push(Related { column, order });
            }
        }
        Self {
            groups: groups(world, columns),
            sources,
            targets,
        }
    }

    /// The columns that have values to move, with the entities.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, &[Entity])> {
        self.groups
            .iter()
            .flat_map(Group::values)
            .chain(self.related())
    }

    /// Those of relationships, with the entities.
    pub(super) fn related(&self) -> impl Iterator<Item = (usize, &[Entity])> {
        let related = self.targets.iter().chain(&self.sources);
        related.map(|it| (it.column, &*it.order))
    }

    /// Converts the values that have to be. The stacks are stacks: the commit goes through
    /// the groups and the sources in their order, so that what it takes first is converted
    /// last. A failure comes with the index of its column.
    pub(super) fn fill(
        &self,
        world: &World,
        columns: &mut [ColumnMove],
    ) -> Result<(), (usize, Failure)> {
        let mut convert = |column: usize, entity| {
            let made = columns[column].convert(world, entity);
            made.map_err(|failure| (column, failure))
        };
        for group in self.groups.iter().rev() {
            for &(_, batch, entity) in group.order.iter().rev() {
                for &column in &group.batches[batch].columns {
                    convert(column, entity)?;
                }
            }
        }
        for sources in &self.sources {
            for &entity in sources.order.iter().rev() {
                convert(sources.column, entity)?;
            }
        }
        Ok(())
    }
}

/// The plain columns' values.
fn groups(world: &World, columns: &[ColumnMove]) -> Vec<Group> {
    let mut groups: IndexMap<u32, Group> = IndexMap::new();
    // Queries visit tables in the order of their first archetypes, empty or not.
    for archetype in world.archetypes().iter() {
        let mut present: Vec<usize> = (0..columns.len())
            .filter(|&column| columns[column].role == Role::Plain)
            .filter(|&column| archetype.contains(columns[column].old))
            .collect();
        if present.is_empty() {
            continue;
        }
        present.sort_unstable_by_key(|&column| columns[column].new);
        let group = groups.entry(archetype.table_id().as_u32()).or_default();
        if archetype.is_empty() {
            continue;
        }
        let batch = group.batches.len();
        let rows = archetype.entities().iter();
        let rows = rows.map(|it| (it.table_row().index(), batch, it.id()));
        group.order.extend(rows);
        group.batches.push(Batch {
            entities: entities(archetype).collect(),
            columns: present,
        });
    }
    groups.retain(|_, group| !group.order.is_empty());
    for group in groups.values_mut() {
        group.order.sort_unstable_by_key(|(row, ..)| *row);
    }
    groups.into_values().collect()
}

fn entities(archetype: &Archetype) -> impl Iterator<Item = Entity> + '_ {
    archetype.entities().iter().map(|entity| entity.id())
}

/// Whether the entity is there and has the component.
pub(super) fn has(world: &World, entity: Entity, id: ComponentId) -> bool {
    let entity = world.get_entity(entity);
    entity.is_ok_and(|it| it.contains_id(id))
}

/// The entities that have a component.
pub(super) fn with(world: &World, id: ComponentId) -> impl Iterator<Item = Entity> + '_ {
    let archetypes = world.archetypes().iter();
    archetypes
        .filter(move |it| it.contains(id))
        .flat_map(entities)
}

/// Relationship sources, each target's in the order in which it lists them, and otherwise in
/// the order in which queries visit them; those that no target lists come last.
fn sorted(
    world: &World,
    target: Option<ComponentId>,
    sources: impl Iterator<Item = Entity>,
) -> Vec<Entity> {
    let sources: Vec<Entity> = sources.collect();
    let Some(target) = target else {
        return sources;
    };
    let mut lists = lists(world, target);
    let mut open: HashSet<Entity> = sources.iter().copied().collect();
    let mut list_of = HashMap::new();
    for (at, list) in lists.iter_mut().enumerate() {
        // From the end, where they are taken off.
        list.reverse();
        list_of.extend(list.iter().map(|source| (*source, at)));
    }
    let mut order = Vec::with_capacity(sources.len());
    for source in &sources {
        let Some(&at) = list_of.get(source) else {
            continue;
        };
        while open.contains(source)
            && let Some(next) = lists[at].pop()
        {
            if open.remove(&next) {
                order.push(next);
            }
        }
    }
    order.extend(sources.into_iter().filter(|source| open.contains(source)));
    order
}

/// What the targets of a relationship list.
fn lists(world: &World, target: ComponentId) -> Vec<Vec<Entity>> {
    let info = world.components().get_info(target);
    let Some(RelationshipAccessor::RelationshipTarget { iter, .. }) =
        info.and_then(|info| info.relationship_accessor())
    else {
        return Vec::new();
    };
    let values = with(world, target).filter_map(|it| world.get_by_id(it, target));
    // SAFETY: the value is one of the component that the accessor belongs to.
    values.map(|list| unsafe { iter(list) }.collect()).collect()
}
