//! Moves the values. It must not fail as a whole: what user code makes impossible meanwhile is
//! named, and everything else still moves.

use super::{
    Cause, Failure, How, Moved,
    aside::{self, Aside},
    carrier,
    column::ColumnMove,
    insert::{self, Inserter},
    plan::{Group, Plan},
    relationships, ticks,
};
use crate::panics::{self, Panic};
use bevy::ecs::{
    entity::Entity,
    world::{EntityWorldMut, World},
};
use std::{collections::BTreeSet, panic::resume_unwind, ptr::NonNull};

/// How often the commit looks for old values that hooks have made meanwhile.
const PASSES: usize = 8;

impl Aside<'_> {
    /// Moves all values. Removal hooks of the old components run on the old values, insertion
    /// hooks of the new ones on the new values; a value that is moved by its bytes and has
    /// drop glue is read after its removal hooks. Relationships move last.
    ///
    /// If `world` is not the one that was prepared, nothing moves.
    #[must_use]
    pub fn commit(mut self, world: &mut World) -> Moved {
        let mut moved = Moved::default();
        if world.id() == self.world {
            for pass in 0..PASSES {
                if pass > 0 {
                    self.plan = Plan::of(world, &self.columns);
                    if self.plan.values().next().is_none() {
                        break;
                    }
                    self.fill_late(world, &mut moved);
                }
                self.pass(world, &mut moved);
            }
            self.plan = Plan::of(world, &self.columns);
        }
        for (column, entities) in self.plan.values() {
            let left = entities.iter();
            let left = left.map(|&it| self.columns[column].failure(Some(it), Cause::Hooks));
            moved.left.extend(left);
        }
        for column in self.columns {
            let (refused, mut kept) = (column.refused, column.kept);
            let set_aside = kept.take_of(|entity| refused.contains_key(&entity));
            moved.set_aside.push(set_aside);
            moved.kept.push(kept);
            moved.refused.extend(refused.into_values());
        }
        for names in [&mut moved.hooks, &mut moved.rebuilt] {
            names.sort_unstable();
            names.dedup();
        }
        moved
    }

    /// Fills the stacks for values that hooks have made since the preparation. Where that
    /// fails, the column's late values are dropped: it is too late to refuse.
    fn fill_late(&mut self, world: &mut World, moved: &mut Moved) {
        let present: BTreeSet<usize> = self.plan.values().map(|it| it.0).collect();
        for column in present {
            if let Err(failure) = aside::bind(world, &mut self.columns[column], self.more) {
                self.give_up(column, &failure, moved);
            }
        }
        // Each round gives up one more column, and columns that drop do not fail.
        while let Err((index, failure)) = self.plan.fill(world, &mut self.columns) {
            for column in &mut self.columns {
                column.stack.clear();
            }
            self.give_up(index, &failure, moved);
        }
    }

    /// Turns the column of a failure into one that drops, and names the values it has now.
    fn give_up(&mut self, column: usize, failure: &Failure, moved: &mut Moved) {
        self.columns[column].how = How::Drop;
        let values = self.plan.values().filter(|it| it.0 == column);
        let lost = values.flat_map(|it| it.1).map(|&entity| Failure {
            entity: Some(entity),
            ..failure.clone()
        });
        moved.lost.extend(lost);
    }

    /// Moves all values that the plan has.
    fn pass(&mut self, world: &mut World, moved: &mut Moved) {
        let columns = &mut self.columns;
        for (column, _) in self.plan.values() {
            moved.hooks.extend(columns[column].hooks.iter().cloned());
        }
        for group in &self.plan.groups {
            move_group(world, columns, group, moved);
        }
        relationships::move_all(world, columns, &self.plan, moved);
        for column in columns.iter_mut() {
            column.stack.clear();
        }
    }
}

impl Moved {
    /// Names a panic, and drops what it left held.
    pub(super) fn panicked(
        &mut self,
        entity: Entity,
        columns: &mut [ColumnMove],
        which: &[usize],
        panic: &Panic,
    ) {
        let cause = Cause::panicked(panic);
        for &column in which {
            let column = &mut columns[column];
            if column.drop_held() {
                let lost = column.failure(Some(entity), cause.clone());
                self.lost.push(lost);
            }
        }
        let names: Vec<_> = which.iter().map(|&it| &*columns[it].name).collect();
        let panic = Failure {
            entity: Some(entity),
            component: names.join(", "),
            cause,
        };
        // A hook that keeps a value in its place panics in each pass.
        if !self.panics.contains(&panic) {
            self.panics.push(panic);
        }
    }
}

/// Moves the values of the archetypes of one table.
fn move_group(world: &mut World, columns: &mut [ColumnMove], group: &Group, moved: &mut Moved) {
    let ticks = ticks::read(world, columns, group.values());
    let inserters = group.batches.iter();
    let inserters = inserters.map(|batch| Inserter::new(world, columns, &batch.columns));
    let mut inserters: Vec<_> = inserters.collect();
    for &(_, at, entity) in &group.order {
        let inserter = &mut inserters[at];
        let done = panics::catch(|| move_entity(world, columns, inserter, entity));
        if let Err(panic) = done {
            inserter.after_panic(world);
            let saved = panics::catch(|| save(world, columns, inserter, entity));
            if saved.is_err() {
                inserter.after_panic(world);
            }
            moved.panicked(entity, columns, inserter.which, &panic);
            for inserter in &mut inserters {
                inserter.look(world);
            }
        }
    }
    moved
        .hooks
        .extend(inserters.into_iter().flat_map(|it| it.hooks));
    ticks::write(world, columns, &ticks);
}

/// Moves the values of one entity, of the inserter's columns.
fn move_entity(
    world: &mut World,
    columns: &mut [ColumnMove],
    inserter: &mut Inserter,
    entity: Entity,
) {
    let which = inserter.which;
    for &column in which {
        if matches!(columns[column].how, How::Convert(_)) {
            columns[column].held = columns[column].next(entity);
        }
    }
    if let Ok(mut entity) = world.get_entity_mut(entity) {
        let resources = entity.world().resource_entities();
        let is_resource = |&column: &usize| resources.get(columns[column].old) == Some(entity.id());
        let resource = which.iter().copied().find(is_resource);
        take_out(&mut entity, columns, which);
        if entity.is_spawned()
            && let Some(resource) = resource
        {
            insert::release_resource(&mut entity, &columns[resource]);
        }
        if entity.is_spawned() {
            // SAFETY: it is spawned, and of the world that the inserter was made for.
            return unsafe { inserter.insert(&mut entity, columns) };
        }
    }
    // Hooks have despawned it.
    for &column in which {
        columns[column].drop_held();
    }
}

/// Inserts what was held when a hook panicked.
fn save(world: &mut World, columns: &mut [ColumnMove], inserter: &mut Inserter, entity: Entity) {
    let Ok(mut entity) = world.get_entity_mut(entity) else {
        return;
    };
    for &column in inserter.which {
        let column = &mut columns[column];
        // What the panic has kept in its place moves in the next pass. Only a value that
        // a carrier has taken is gone from its place for certain.
        if !column.needs_carrier() && entity.contains_id(column.old) {
            column.drop_held();
        }
    }
    // SAFETY: it is spawned, and of the world that the inserter was made for.
    unsafe { inserter.insert(&mut entity, columns) }
}

/// Takes the old values of the columns `which` out of the entity: those that move are held
/// then.
///
/// # Panics
///
/// If a hook does, or a command that it queued. Values may be held even then.
pub(super) fn take_out(entity: &mut EntityWorldMut, columns: &mut [ColumnMove], which: &[usize]) {
    for &column in which {
        let column = &mut columns[column];
        if column.needs_carrier() && entity.is_spawned() {
            take(entity, column);
        } else if entity.is_spawned() && column.keeps(entity.id()) {
            keep(entity, column);
        }
    }
    if !entity.is_spawned() {
        return;
    }
    // Carriers have taken the others.
    let mut removed = Vec::new();
    for &column in which {
        let column = &mut columns[column];
        if column.needs_carrier() {
            continue;
        }
        removed.push(column.old);
        match column.how {
            How::Bytes => take(entity, column),
            // A hook has removed the old value: the new one must not come back.
            How::Convert(_)
                if !entity.contains_id(column.old) && column.kept.last() != Some(entity.id()) =>
            {
                column.drop_held();
            }
            _ => {}
        }
    }
    if !removed.is_empty() {
        entity.remove_by_ids(&removed);
    }
}

/// Takes the value of a column that moves by its bytes out, and holds it. One without drop
/// glue is copied: it must be out of the entity before the copy is used.
fn take(entity: &mut EntityWorldMut, column: &mut ColumnMove) {
    let room = column.stack.room();
    let (taken, result) = take_to(entity, column, room);
    column.held = taken.then_some(room);
    result.unwrap_or_else(|panic| resume_unwind(panic));
}

/// Takes or copies an old value to where it is kept.
fn keep(entity: &mut EntityWorldMut, column: &mut ColumnMove) {
    let id = entity.id();
    let room = column.kept.stack.room();
    let (taken, result) = take_to(entity, column, room);
    if taken {
        // SAFETY: the value was written to the room, and the entity has it no more, or
        // loses it without dropping anything.
        unsafe { column.kept.grow(id) };
    }
    result.unwrap_or_else(|panic| resume_unwind(panic));
}

/// Takes or copies the old value to `room`, which is one for it. Whether there was one.
fn take_to(
    entity: &mut EntityWorldMut,
    column: &ColumnMove,
    room: NonNull<u8>,
) -> (bool, Result<(), Panic>) {
    if let Some(carrier) = column.carrier {
        // SAFETY: the carrier is bound to the old component, in this world, which the commit
        // has compared; this is the size of its values, and the room is for one of them: such
        // is the layout of `kept`, and of the stack of a column that moves bytes.
        return unsafe { carrier::take(carrier, entity, room, column.size) };
    }
    let value = entity.get_by_id(column.old).ok();
    let value = value.filter(|_| column.old_drop.is_none());
    if let Some(value) = value {
        // SAFETY: `value` points to a value of the old component, whose size this is and which
        // the room is for; the room is memory of a stack, which no world has. Nothing drops
        // the value when it is removed, so that the copy is the only one.
        unsafe {
            value
                .as_ptr()
                .copy_to_nonoverlapping(room.as_ptr(), column.size);
        }
    }
    (value.is_some(), Ok(()))
}
