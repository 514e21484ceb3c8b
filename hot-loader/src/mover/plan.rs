//! Finds the values that have to move, and fills the shelves. It must not change the world.

use std::collections::HashSet;

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

/// The entities with one relationship source, in the order in which they are put back.
pub(super) struct Strand {
    pub(super) lane: usize,
    pub(super) order: Vec<Entity>,
}

/// All values that have to move.
pub(super) struct Plan {
    pub(super) batches: Vec<Batch>,
    pub(super) strands: Vec<Strand>,
    /// The lanes of relationship targets with the entities that have one.
    pub(super) targets: Vec<Strand>,
}

impl Plan {
    /// Finds them by archetypes, since queries pass over disabled entities.
    pub(super) fn of(world: &World, lanes: &[Lane]) -> Self {
        let mut batches = Vec::new();
        for archetype in world.archetypes().iter().filter(|it| !it.is_empty()) {
            let mut present: Vec<usize> = (0..lanes.len())
                .filter(|&lane| lanes[lane].role == Role::Plain)
                .filter(|&lane| archetype.contains(lanes[lane].old))
                .collect();
            if !present.is_empty() {
                present.sort_unstable_by_key(|&lane| lanes[lane].new);
                batches.push(Batch {
                    archetype: archetype.id(),
                    entities: entities(archetype).collect(),
                    lanes: present,
                });
            }
        }
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
            batches,
            strands,
            targets,
        }
    }

    /// Whether no value has to move.
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty() && self.strands.is_empty() && self.targets.is_empty()
    }

    /// The lanes that have values to move, with the entities.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, &[Entity])> {
        let batches = self.batches.iter();
        let batches = batches.flat_map(|it| it.lanes.iter().map(|&lane| (lane, &*it.entities)));
        let related = self.strands.iter().chain(&self.targets);
        batches.chain(related.map(|it| (it.lane, &*it.order)))
    }

    /// Reserves room for the values and converts those that have to be. The shelves are
    /// stacks: the commit goes through the batches from the last to the first, and through
    /// each from the last entity to the first, where removal has the least to move; it goes
    /// through the strands in their order. A failure comes with the index of its lane.
    pub(super) fn fill(&self, world: &World, lanes: &mut [Lane]) -> Result<(), (usize, Failure)> {
        let mut counts = vec![0; lanes.len()];
        for batch in &self.batches {
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
        for batch in &self.batches {
            for &lane in &batch.lanes {
                for &entity in &batch.entities {
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

/// Relationship sources in the order in which their targets list them; those that no target
/// lists come last.
fn sorted(
    world: &World,
    target: Option<ComponentId>,
    sources: impl Iterator<Item = Entity>,
) -> Vec<Entity> {
    let sources: Vec<Entity> = sources.collect();
    let mut open: HashSet<Entity> = sources.iter().copied().collect();
    let mut order = Vec::with_capacity(sources.len());
    if let Some(target) = target.filter(|_| !sources.is_empty())
        && let Some(info) = world.components().get_info(target)
        && let Some(RelationshipAccessor::RelationshipTarget { iter, .. }) =
            info.relationship_accessor()
    {
        for entity in with(world, target) {
            let Ok(list) = world.entity(entity).get_by_id(target) else {
                continue;
            };
            // SAFETY: the value is one of the component that the accessor belongs to.
            order.extend(unsafe { iter(list) }.filter(|source| open.remove(source)));
        }
    }
    order.extend(sources.into_iter().filter(|source| open.contains(source)));
    order
}
