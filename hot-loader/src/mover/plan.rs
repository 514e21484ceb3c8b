//! Finds the values that have to move, and fills the shelves. It must not change the world.

use std::collections::{HashMap, HashSet};

use bevy::ecs::archetype::{Archetype, ArchetypeId};
use bevy::ecs::component::ComponentId;
use bevy::ecs::entity::Entity;
use bevy::ecs::relationship::RelationshipAccessor;
use bevy::ecs::world::World;

use super::lane::{Lane, Role};
use super::{Cause, Failure, How};

/// The entities of one archetype with the lanes that have values there.
pub(super) struct Batch {
    pub(super) archetype: ArchetypeId,
    pub(super) entities: Vec<Entity>,
    /// Indices of plain lanes, sorted by the new component.
    pub(super) lanes: Vec<usize>,
}

/// The archetypes that share a table. Their entities move in the order of its rows, in
/// which queries visit them.
#[derive(Default)]
pub(super) struct Group {
    pub(super) batches: Vec<Batch>,
    /// The rows: the index of the batch, and the entity.
    pub(super) order: Vec<(usize, Entity)>,
}

/// The entities with one relationship source, in the order in which they are put back.
pub(super) struct Strand {
    pub(super) lane: usize,
    pub(super) order: Vec<Entity>,
}

/// All values that have to move.
pub(super) struct Plan {
    pub(super) groups: Vec<Group>,
    pub(super) strands: Vec<Strand>,
    /// The lanes of relationship targets with the entities that have one.
    pub(super) targets: Vec<Strand>,
}

impl Plan {
    /// Finds them by archetypes, since queries pass over disabled entities.
    pub(super) fn of(world: &World, lanes: &[Lane]) -> Self {
        let mut strands = Vec::new();
        let mut targets = Vec::new();
        for (index, lane) in lanes.iter().enumerate() {
            let having = || with(world, lane.old);
            let (list, order): (_, Vec<_>) = match lane.role {
                Role::Plain => continue,
                Role::Target => (&mut targets, having().collect()),
                Role::Source(target) => (&mut strands, sorted(world, target, having())),
            };
            if !order.is_empty() {
                list.push(Strand { lane: index, order });
            }
        }
        Self {
            groups: groups(world, lanes),
            strands,
            targets,
        }
    }

    /// Whether no value has to move.
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.strands.is_empty() && self.targets.is_empty()
    }

    /// The lanes that have values to move, with the entities.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, &[Entity])> {
        let batches = self.groups.iter().flat_map(|it| &it.batches);
        let batches = batches.flat_map(|it| it.lanes.iter().map(|&lane| (lane, &*it.entities)));
        let related = self.strands.iter().chain(&self.targets);
        batches.chain(related.map(|it| (it.lane, &*it.order)))
    }

    /// Reserves room for the values and converts those that have to be. The shelves are
    /// stacks: the commit goes through the groups and the strands in their order, so that
    /// what it takes first is converted last. A failure comes with the index of its lane.
    pub(super) fn fill(&self, world: &World, lanes: &mut [Lane]) -> Result<(), (usize, Failure)> {
        let mut counts = vec![0; lanes.len()];
        for batch in self.groups.iter().flat_map(|it| &it.batches) {
            for &lane in &batch.lanes {
                match lanes[lane].how {
                    How::Bytes => counts[lane] = 1,
                    How::Convert(_) => counts[lane] += batch.entities.len(),
                    How::Drop => {}
                }
            }
        }
        for strand in &self.strands {
            counts[strand.lane] = strand.order.len();
        }
        for (index, (lane, count)) in lanes.iter_mut().zip(counts).enumerate() {
            let reserved = lane.shelf.reserve(count);
            reserved.map_err(|reason| (index, lane.failure(None, Cause::Unfit(reason))))?;
        }
        let mut convert = |lane: usize, entity| {
            let made = lanes[lane].convert(world, entity);
            made.map_err(|failure| (lane, failure))
        };
        for group in self.groups.iter().rev() {
            for &(batch, entity) in group.order.iter().rev() {
                for &lane in &group.batches[batch].lanes {
                    convert(lane, entity)?;
                }
            }
        }
        for strand in &self.strands {
            for &entity in strand.order.iter().rev() {
                convert(strand.lane, entity)?;
            }
        }
        Ok(())
    }
}

/// The plain lanes' values.
fn groups(world: &World, lanes: &[Lane]) -> Vec<Group> {
    let mut groups: Vec<(Group, Vec<usize>)> = Vec::new();
    let mut of_table = HashMap::new();
    // Queries visit tables in the order of their first archetypes, empty or not.
    for archetype in world.archetypes().iter() {
        let mut present: Vec<usize> = (0..lanes.len())
            .filter(|&lane| lanes[lane].role == Role::Plain)
            .filter(|&lane| archetype.contains(lanes[lane].old))
            .collect();
        if present.is_empty() {
            continue;
        }
        present.sort_unstable_by_key(|&lane| lanes[lane].new);
        let at = *of_table
            .entry(archetype.table_id().as_u32())
            .or_insert(groups.len());
        if at == groups.len() {
            groups.push(Default::default());
        }
        if archetype.is_empty() {
            continue;
        }
        let (group, rows) = &mut groups[at];
        let batch = group.batches.len();
        for entity in archetype.entities() {
            group.order.push((batch, entity.id()));
            rows.push(entity.table_row().index());
        }
        group.batches.push(Batch {
            archetype: archetype.id(),
            entities: entities(archetype).collect(),
            lanes: present,
        });
    }
    let in_order = groups.into_iter().map(|(mut group, rows)| {
        let mut order: Vec<_> = rows.into_iter().zip(group.order).collect();
        order.sort_unstable_by_key(|(row, _)| *row);
        group.order = order.into_iter().map(|(_, entity)| entity).collect();
        group
    });
    in_order.filter(|group| !group.order.is_empty()).collect()
}

fn entities(archetype: &Archetype) -> impl Iterator<Item = Entity> + '_ {
    archetype.entities().iter().map(|entity| entity.id())
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
    let values = with(world, target).filter_map(|it| world.entity(it).get_by_id(target).ok());
    // SAFETY: the value is one of the component that the accessor belongs to.
    values.map(|list| unsafe { iter(list) }.collect()).collect()
}
