//! Moves the values. It must not fail as a whole: what user code makes impossible meanwhile is
//! named, and everything else still moves.

use super::{
    Cause, Failure, How, Moved,
    aside::{self, Aside},
    column::ColumnMove,
    insert::{self, Inserter},
    plan::{Batch, Group, Plan},
    relationships, ticks,
};
use crate::panics::{self, Panic};
use bevy::ecs::{
    archetype::ArchetypeId,
    change_detection::ComponentTicks,
    component::ComponentId,
    entity::Entity,
    world::{EntityWorldMut, World},
};
use std::{collections::BTreeSet, mem, panic::resume_unwind, ptr::NonNull};

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
        for mut column in self.columns {
            let refused = mem::take(&mut column.refused);
            let mut kept = column.take_kept();
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
    let movers = group.batches.iter();
    let movers = movers.map(|batch| Mover::new(world, columns, batch));
    let mut movers: Vec<_> = movers.collect();
    for &(_, at, entity) in &group.order {
        let mover = &mut movers[at];
        let done = panics::catch(|| mover.move_entity(world, columns, entity));
        if let Err(panic) = done {
            mover.inserter.after_panic(world);
            let saved = panics::catch(|| mover.save(world, columns, entity));
            if saved.is_err() {
                mover.inserter.after_panic(world);
            }
            moved.panicked(entity, columns, &mover.batch.columns, &panic);
            for mover in &mut movers {
                mover.inserter.look(world);
            }
        }
    }
    for mover in movers {
        moved.hooks.extend(mover.inserter.hooks);
        let batch = mover.batch;
        for (&column, ticks) in batch.columns.iter().zip(&mover.ticks) {
            ticks::write(world, &batch.entities, &columns[column], ticks);
        }
    }
}

/// What all entities of a batch share.
struct Mover<'b> {
    batch: &'b Batch,
    /// The old components that are removed as one; carriers take the others.
    removed: Vec<ComponentId>,
    /// Of each column and entity, before the move.
    ticks: Vec<Vec<Option<ComponentTicks>>>,
    inserter: Inserter,
}

impl<'b> Mover<'b> {
    fn new(world: &World, columns: &[ColumnMove], batch: &'b Batch) -> Self {
        let which = || batch.columns.iter().map(|&column| &columns[column]);
        Self {
            removed: which()
                .filter(|column| !column.needs_carrier())
                .map(|column| column.old)
                .collect(),
            ticks: which()
                .map(|column| ticks::read(world, &batch.entities, column))
                .collect(),
            inserter: Inserter::new(world, columns, &batch.columns),
            batch,
        }
    }

    /// Moves the values of one entity.
    fn move_entity(&mut self, world: &mut World, columns: &mut [ColumnMove], entity: Entity) {
        let which = &*self.batch.columns;
        for &column in which {
            if matches!(columns[column].how, How::Convert(_)) {
                columns[column].held = columns[column].next(entity);
            }
        }
        let Ok(mut entity) = world.get_entity_mut(entity) else {
            // Hooks have despawned it.
            drop_all_held(columns, which);
            return;
        };
        let resources = entity.world().resource_entities();
        let is_resource = |&column: &usize| resources.get(columns[column].old) == Some(entity.id());
        let resource = which.iter().copied().find(is_resource);
        let archetype = self.batch.archetype;
        take_out(&mut entity, columns, which, &self.removed, archetype);
        if entity.is_spawned()
            && let Some(resource) = resource
        {
            insert::release_resource(&mut entity, &columns[resource]);
        }
        if !entity.is_spawned() {
            drop_all_held(columns, which);
            return;
        }
        // SAFETY: it is spawned, and of the world that the inserter was made for.
        unsafe { self.inserter.insert(&mut entity, columns, which) }
    }

    /// Inserts what was held when a hook panicked.
    fn save(&mut self, world: &mut World, columns: &mut [ColumnMove], entity: Entity) {
        let which = &*self.batch.columns;
        let Ok(mut entity) = world.get_entity_mut(entity) else {
            return;
        };
        for &column in which {
            let column = &mut columns[column];
            // What the panic has kept in its place moves in the next pass. Only a value that
            // a carrier has taken is gone from its place for certain.
            if !column.needs_carrier() && entity.contains_id(column.old) {
                column.drop_held();
            }
        }
        // SAFETY: it is spawned, and of the world that the inserter was made for.
        unsafe { self.inserter.insert(&mut entity, columns, which) }
    }
}

/// Takes the old values of the columns `which` out of the entity, which was of this archetype:
/// those that move are held then. Carriers take those that are not among the `removed`.
///
/// # Panics
///
/// If a hook does, or a command that it queued. Values may be held even then.
pub(super) fn take_out(
    entity: &mut EntityWorldMut,
    columns: &mut [ColumnMove],
    which: &[usize],
    removed: &[ComponentId],
    archetype: ArchetypeId,
) {
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
    let changed = entity.location().archetype_id != archetype;
    for &column in which {
        let column = &mut columns[column];
        match column.how {
            How::Bytes if !column.needs_carrier() => take(entity, column),
            // A hook has removed the old value: the new one must not come back.
            How::Convert(_)
                if changed
                    && !entity.contains_id(column.old)
                    && column.kept.last() != Some(entity.id()) =>
            {
                column.drop_held();
            }
            _ => {}
        }
    }
    if !removed.is_empty() {
        entity.remove_by_ids(removed);
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
        return unsafe { carrier.take(entity, room, column.size) };
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

fn drop_all_held(columns: &mut [ColumnMove], which: &[usize]) {
    for &column in which {
        columns[column].drop_held();
    }
}
