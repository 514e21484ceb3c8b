//! Checks the columns and converts everything aside: the half that can fail. It must leave
//! the world as it is.

use std::collections::HashSet;

use bevy::ecs::component::ComponentId;
use bevy::ecs::entity::Entity;
use bevy::ecs::world::{World, WorldId};

use super::carrier::{self, Carriage};
use super::lane::{Lane, Role};
use super::plan::Plan;
use super::{Cause, Column, Failure};

/// Everything that has to be converted, converted; the world is untouched. Dropping it drops
/// what was converted.
pub struct Aside<'a> {
    pub(super) world: WorldId,
    pub(super) lanes: Vec<Lane<'a>>,
    pub(super) plan: Plan,
    pub(super) more: &'a [Carriage],
}

/// Checks that the values of all columns can move, and makes all new values.
///
/// All new components, and both components of each relationship, have to be registered.
/// `more` are carriers beyond those that this crate brings: see [`carriers`](super::carriers).
///
/// Nothing of the world changes that a system could see: only the carriers that the commit
/// needs are registered with it.
///
/// # Errors
///
/// If two components do not fit together, an entity has the new component already, a
/// conversion refuses or panics, or no carrier is left. What was converted until then is
/// dropped, and the world is as it was.
///
/// # Safety
///
/// - For [`How::Bytes`](super::How::Bytes): each value of the old component, moved byte by
///   byte, is a value of the new one, and the old drop function may drop it.
/// - A [`How::Convert`](super::How::Convert) that returns `Ok` has written a whole value of
///   the new component to the pointer.
/// - The world does not change between this and the commit.
pub unsafe fn prepare<'a>(
    world: &mut World,
    columns: Vec<Column<'a>>,
    more: &'a [Carriage],
) -> Result<Aside<'a>, Failure> {
    let columns = columns.into_iter();
    let mut lanes = columns
        .map(|column| Lane::new(world, column))
        .collect::<Result<Vec<_>, _>>()?;
    check_set(&lanes)?;
    let plan = Plan::of(world, &lanes);
    check_free(world, &lanes, &plan)?;
    plan.fill(world, &mut lanes)
        .map_err(|(_, failure)| failure)?;
    for (lane, _) in plan.values() {
        bind(world, &mut lanes[lane], more)?;
    }
    Ok(Aside {
        world: world.id(),
        lanes,
        plan,
        more,
    })
}

impl Aside<'_> {
    /// Keeps the old values of these components that are converted, in place of dropping
    /// them at the commit. Those of which that cannot be done are dropped.
    pub fn keep(&mut self, world: &mut World, components: &HashSet<ComponentId>) {
        for lane in &mut self.lanes {
            lane.keeps_all = components.contains(&lane.old) && lane.role != Role::Target;
            lane.keeps_all &= bind(world, lane, self.more).is_ok();
        }
    }
}

/// Gives the lane its carrier, if it needs one.
pub(super) fn bind(world: &mut World, lane: &mut Lane, more: &[Carriage]) -> Result<(), Failure> {
    if lane.binds() && lane.binding.is_none() {
        lane.binding = carrier::bind(world, lane.old, more);
        if lane.binding.is_none() {
            return Err(lane.failure(None, Cause::NoCarrier));
        }
    }
    Ok(())
}

/// Checks that no component is in two columns.
fn check_set(lanes: &[Lane]) -> Result<(), Failure> {
    for (index, lane) in lanes.iter().enumerate() {
        let dropped = lane.old == lane.new;
        let twice = lanes.iter().enumerate().any(|(other, it)| {
            other != index && (it.old == lane.old || it.new == lane.new || it.old == lane.new)
        });
        if twice {
            let which = if dropped {
                "it"
            } else {
                "it, or its new component,"
            };
            let reason = format!("{which} is in two columns");
            return Err(lane.failure(None, Cause::Unfit(reason)));
        }
    }
    // The hooks of a target that stays would remove the sources, or keep them out.
    for lane in lanes.iter().filter(|lane| lane.role == Role::Target) {
        let moves = |it: &Lane| it.role == Role::Source(Some(lane.old));
        if !lanes.iter().any(moves) {
            let reason = "its relationship is in no column".to_owned();
            return Err(lane.failure(None, Cause::Unfit(reason)));
        }
    }
    Ok(())
}

/// Checks that no entity, and no resource, has a value of both components.
fn check_free(world: &World, lanes: &[Lane], plan: &Plan) -> Result<(), Failure> {
    for (index, entities) in plan.values() {
        let lane = &lanes[index];
        if lane.old == lane.new {
            continue;
        }
        let has_new = |entity: Entity| {
            let entity = world.get_entity(entity);
            entity.is_ok_and(|it| it.contains_id(lane.new))
        };
        let mut taken = entities.iter().copied().find(|&entity| has_new(entity));
        if world.resource_entities().get(lane.old).is_some() {
            let resource = world.resource_entities().get(lane.new);
            taken = taken.or(resource.filter(|&entity| has_new(entity)));
        }
        if let Some(entity) = taken {
            let reason = "the world has a value of the new type there already".to_owned();
            return Err(lane.failure(Some(entity), Cause::Unfit(reason)));
        }
    }
    Ok(())
}
