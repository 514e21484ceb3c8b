//! Checks the columns and converts everything aside: the half that can fail. It must leave
//! the world as it is.

use super::{
    Cause, Column, Failure, carrier,
    column::{ColumnMove, Role},
    plan::{Plan, has},
};
use bevy::ecs::{
    component::ComponentId,
    world::{World, WorldId},
};
use hot_loader_face::carrier::CarrierFn;
use std::collections::HashSet;

/// Everything that has to be converted, converted; the world is untouched. Dropping it drops
/// what was converted.
pub struct Aside<'a> {
    pub(super) world: WorldId,
    pub(super) columns: Vec<ColumnMove<'a>>,
    pub(super) plan: Plan,
    pub(super) more: &'a [CarrierFn],
}

/// Checks that the values of all columns can move, and makes all new values.
///
/// All new components, and both components of each relationship, have to be registered.
/// `more` are carriers beyond those that this crate brings.
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
    more: &'a [CarrierFn],
) -> Result<Aside<'a>, Failure> {
    let columns = columns.into_iter();
    let columns = columns.map(|column| ColumnMove::new(world, column));
    let mut columns = columns.collect::<Result<Vec<_>, _>>()?;
    check_set(&columns)?;
    let plan = Plan::of(world, &columns);
    check_free(world, &columns, &plan)?;
    let filled = plan.fill(world, &mut columns);
    filled.map_err(|(_, failure)| failure)?;
    for (column, _) in plan.values() {
        bind(world, &mut columns[column], more)?;
    }
    Ok(Aside {
        world: world.id(),
        columns,
        plan,
        more,
    })
}

impl Aside<'_> {
    /// Keeps the old values of these components that are converted, in place of dropping
    /// them at the commit. Those of which that cannot be done are dropped.
    pub fn keep(&mut self, world: &mut World, components: &HashSet<ComponentId>) {
        for column in &mut self.columns {
            column.keeps_all = components.contains(&column.old) && column.role != Role::Target;
            column.keeps_all &= bind(world, column, self.more).is_ok();
        }
    }
}

/// Gives the column its carrier, if it needs one.
pub(super) fn bind(
    world: &mut World,
    column: &mut ColumnMove,
    more: &[CarrierFn],
) -> Result<(), Failure> {
    if column.binds() && column.carrier.is_none() {
        column.carrier = carrier::bind(world, column.old, more);
        if column.carrier.is_none() {
            return Err(column.failure(None, Cause::NoCarrier));
        }
    }
    Ok(())
}

/// Checks that no component is in two columns.
fn check_set(columns: &[ColumnMove]) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    for column in columns {
        if !seen.insert(column.old) || !seen.insert(column.new) {
            let reason = "it, or its new component, is in two columns";
            return Err(column.unfit(None, reason));
        }
    }
    // The hooks of a target that stays would remove the sources, or keep them out.
    for column in columns.iter().filter(|column| column.role == Role::Target) {
        let moves = |it: &ColumnMove| it.role == Role::Source(Some(column.old));
        if !columns.iter().any(moves) {
            return Err(column.unfit(None, "its relationship is in no column"));
        }
    }
    Ok(())
}

/// Checks that no entity, and no resource, has a value of both components.
fn check_free(world: &World, columns: &[ColumnMove], plan: &Plan) -> Result<(), Failure> {
    for (index, entities) in plan.values() {
        let column = &columns[index];
        let resources = world.resource_entities();
        let resource = resources.get(column.old).and(resources.get(column.new));
        let mut places = entities.iter().copied().chain(resource);
        if let Some(entity) = places.find(|&it| has(world, it, column.new)) {
            let reason = "the world has a value of the new type there already";
            return Err(column.unfit(Some(entity), reason));
        }
    }
    Ok(())
}
