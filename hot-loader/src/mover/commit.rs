//! Moves the values. It must not fail as a whole: what user code makes impossible meanwhile is
//! named, and everything else still moves.

use crate::panics;
use std::collections::BTreeSet;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bevy::ecs::component::ComponentId;
use bevy::ecs::entity::Entity;
use bevy::ecs::world::{EntityWorldMut, World};

use super::aside::{self, Aside};
use super::insert::{self, Inserter};
use super::lane::{Lane, Role};
use super::plan::{Batch, Group, Plan};
use super::{Cause, Failure, How, Moved, relationships, ticks};

/// How often the commit looks for old values that hooks have made meanwhile.
const PASSES: usize = 8;

/// What one run of the commit gathers.
pub(super) struct Run {
    pub(super) moved: Moved,
    hooks: BTreeSet<String>,
    pub(super) rebuilt: BTreeSet<String>,
}

impl Aside<'_> {
    /// Moves all values. Removal hooks of the old components run on the old values, insertion
    /// hooks of the new ones on the new values; a value that is moved by its bytes and has
    /// drop glue is read after its removal hooks. Relationships move last.
    ///
    /// If `world` is not the one that was prepared, nothing moves.
    #[must_use]
    pub fn commit(mut self, world: &mut World) -> Moved {
        let mut run = Run {
            moved: Moved::default(),
            hooks: BTreeSet::new(),
            rebuilt: BTreeSet::new(),
        };
        if world.id() == self.world {
            for pass in 0..PASSES {
                if pass > 0 {
                    self.plan = Plan::of(world, &self.lanes);
                    if self.plan.is_empty() {
                        break;
                    }
                    self.fill_late(world, &mut run);
                }
                self.pass(world, &mut run);
            }
            self.plan = Plan::of(world, &self.lanes);
        }
        for (lane, entities) in self.plan.values() {
            let left = entities.iter();
            let left = left.map(|&it| self.lanes[lane].failure(Some(it), Cause::Hooks));
            run.moved.left.extend(left);
        }
        for mut lane in self.lanes {
            run.moved
                .refused
                .extend(mem::take(&mut lane.refused).into_values());
            if let Some(kept) = lane.take_kept() {
                run.moved.kept.push(kept);
            }
        }
        run.moved.hooks = run.hooks.into_iter().collect();
        run.moved.rebuilt = run.rebuilt.into_iter().collect();
        run.moved
    }

    /// Fills the shelves for values that hooks have made since the preparation. Where that
    /// fails, the column's late values are dropped: it is too late to refuse.
    fn fill_late(&mut self, world: &mut World, run: &mut Run) {
        let present: BTreeSet<usize> = self.plan.values().map(|it| it.0).collect();
        for lane in present {
            if let Err(failure) = aside::bind(world, &mut self.lanes[lane], self.more) {
                self.give_up(lane, &failure, run);
            }
        }
        // Each round gives up one more column, and columns that drop do not fail.
        while let Err((index, failure)) = self.plan.fill(world, &mut self.lanes) {
            for lane in &mut self.lanes {
                lane.shelf.clear();
            }
            self.give_up(index, &failure, run);
        }
    }

    /// Turns the column of a failure into one that drops, and names the values it has now.
    fn give_up(&mut self, lane: usize, failure: &Failure, run: &mut Run) {
        self.lanes[lane].how = How::Drop;
        let values = self.plan.values().filter(|it| it.0 == lane);
        let lost = values.flat_map(|it| it.1).map(|&entity| Failure {
            entity: Some(entity),
            ..failure.clone()
        });
        run.moved.lost.extend(lost);
    }

    /// Moves all values that the plan has.
    fn pass(&mut self, world: &mut World, run: &mut Run) {
        let lanes = &mut self.lanes;
        for (lane, entities) in self.plan.values() {
            run.hooks.extend(lanes[lane].hooks.iter().cloned());
            let keeps = entities.iter().filter(|&&it| lanes[lane].keeps(it)).count();
            if let Err(reason) = lanes[lane].kept.reserve(keeps) {
                let lost = lanes[lane].failure(None, Cause::Unfit(reason));
                run.moved.lost.push(lost);
            }
        }
        for group in &self.plan.groups {
            move_group(world, lanes, group, run);
        }
        relationships::move_all(world, lanes, &self.plan, run);
        for lane in lanes.iter_mut() {
            lane.shelf.clear();
        }
    }
}

impl Run {
    /// Names the hooks of components that were there for a moment.
    pub(super) fn also_ran(&mut self, inserter: &mut Inserter) {
        self.hooks.append(&mut inserter.hooks);
    }

    /// Names a panic, and drops what it left in hand.
    pub(super) fn panicked(
        &mut self,
        entity: Entity,
        lanes: &mut [Lane],
        which: &[usize],
        panic: &(dyn std::any::Any + Send),
    ) {
        let cause = Cause::Panicked(panics::message(panic).to_owned());
        for &lane in which {
            let lane = &mut lanes[lane];
            // A value whose drop panics as well is gone all the same.
            let dropped = catch_unwind(AssertUnwindSafe(|| lane.drop_hand()));
            if dropped.unwrap_or(true) {
                let lost = lane.failure(Some(entity), cause.clone());
                self.moved.lost.push(lost);
            }
        }
        let names: Vec<_> = which.iter().map(|&it| &*lanes[it].name).collect();
        let panic = Failure {
            entity: Some(entity),
            component: names.join(", "),
            cause,
        };
        // A hook that keeps a value in its place panics in each pass.
        if !self.moved.panics.contains(&panic) {
            self.moved.panics.push(panic);
        }
    }
}

/// Moves the values of the archetypes of one table.
fn move_group(world: &mut World, lanes: &mut [Lane], group: &Group, run: &mut Run) {
    let batches = group.batches.iter();
    let ticks: Vec<Vec<_>> = batches
        .clone()
        .map(|batch| {
            let lanes = batch.lanes.iter().map(|&lane| lanes[lane].old);
            lanes
                .map(|old| ticks::read(world, &batch.entities, old))
                .collect()
        })
        .collect();
    let mut movers: Vec<_> = batches
        .clone()
        .map(|batch| Mover::new(world, lanes, batch))
        .collect();
    for &(at, entity) in &group.order {
        let mover = &mut movers[at];
        let done = catch_unwind(AssertUnwindSafe(|| mover.move_entity(world, lanes, entity)));
        match done {
            Ok(values) => {
                run.moved.entities += 1;
                run.moved.values += values;
            }
            Err(panic) => {
                mover.inserter.after_panic(world);
                let saved = catch_unwind(AssertUnwindSafe(|| mover.save(world, lanes, entity)));
                if saved.is_err() {
                    mover.inserter.after_panic(world);
                }
                run.moved.values += saved.unwrap_or(0);
                run.panicked(entity, lanes, &mover.batch.lanes, &*panic);
                for mover in &mut movers {
                    mover.inserter.look(world);
                }
            }
        }
    }
    for mover in &mut movers {
        run.also_ran(&mut mover.inserter);
    }
    for (batch, ticks) in batches.zip(&ticks) {
        for (&lane, ticks) in batch.lanes.iter().zip(ticks) {
            if !matches!(lanes[lane].how, How::Drop) {
                ticks::write(world, &batch.entities, lanes[lane].new, ticks);
            }
        }
    }
}

/// What all entities of a batch share.
struct Mover<'b> {
    batch: &'b Batch,
    /// The old components that are removed as one; carriers take the others.
    removed: Vec<ComponentId>,
    /// Whether the batch may hold a resource.
    resources: bool,
    inserter: Inserter,
}

impl<'b> Mover<'b> {
    fn new(world: &World, lanes: &[Lane], batch: &'b Batch) -> Self {
        let which = || batch.lanes.iter().map(|&lane| &lanes[lane]);
        let is_resource = |lane: &Lane| world.resource_entities().get(lane.old).is_some();
        Self {
            removed: which()
                .filter(|lane| !lane.needs_carrier())
                .map(|lane| lane.old)
                .collect(),
            resources: which().any(is_resource),
            inserter: Inserter::new(world, lanes, &batch.lanes),
            batch,
        }
    }

    /// Moves the values of one entity, and says how many arrived.
    fn move_entity(&mut self, world: &mut World, lanes: &mut [Lane], entity: Entity) -> usize {
        let which = &*self.batch.lanes;
        for &lane in which {
            if matches!(lanes[lane].how, How::Convert(_)) {
                lanes[lane].hand = lanes[lane].next(entity);
            }
        }
        let Ok(mut entity) = world.get_entity_mut(entity) else {
            // Hooks have despawned it.
            drop_hands(lanes, which);
            return 0;
        };
        let resource = self.resources.then(|| {
            let entities = entity.world().resource_entities();
            let mut which = which.iter().copied();
            which.find(|&lane| entities.get(lanes[lane].old) == Some(entity.id()))
        });
        self.take_out(&mut entity, lanes);
        if entity.is_spawned()
            && let Some(Some(resource)) = resource
        {
            insert::release_resource(&mut entity, &lanes[resource]);
        }
        if !entity.is_spawned() {
            drop_hands(lanes, which);
            return 0;
        }
        // SAFETY: it is spawned, and of the world that the inserter was made for.
        unsafe { self.inserter.insert(&mut entity, lanes, which) }
    }

    /// Inserts what was in hand when a hook panicked, and says how many values arrived.
    fn save(&mut self, world: &mut World, lanes: &mut [Lane], entity: Entity) -> usize {
        let which = &*self.batch.lanes;
        let Ok(mut entity) = world.get_entity_mut(entity) else {
            return 0;
        };
        for &lane in which {
            let lane = &mut lanes[lane];
            // What the panic has kept in its place moves in the next pass. Only a value that
            // a carrier has taken is gone from its place for certain.
            if !lane.needs_carrier() && entity.contains_id(lane.old) {
                lane.drop_hand();
            }
        }
        // SAFETY: it is spawned, and of the world that the inserter was made for.
        unsafe { self.inserter.insert(&mut entity, lanes, which) }
    }

    /// Takes all old values out of the entity: those that move are in hand then.
    fn take_out(&self, entity: &mut EntityWorldMut, lanes: &mut [Lane]) {
        let which = &*self.batch.lanes;
        for &lane in which {
            let lane = &mut lanes[lane];
            if lane.needs_carrier() && entity.is_spawned() {
                take(entity, lane);
            } else if entity.is_spawned() && lane.keeps(entity.id()) {
                keep(entity, lane);
            }
        }
        if !entity.is_spawned() {
            return;
        }
        let changed = entity.location().archetype_id != self.batch.archetype;
        for &lane in which {
            let lane = &mut lanes[lane];
            match lane.how {
                How::Bytes if !lane.needs_carrier() => {
                    lane.hand = copy(entity, lane);
                }
                // A hook has removed the old value: the new one must not come back.
                How::Convert(_)
                    if changed
                        && !entity.contains_id(lane.old)
                        && lane.kept.last() != Some(entity.id()) =>
                {
                    lane.drop_hand();
                }
                _ => {}
            }
        }
        if !self.removed.is_empty() {
            entity.remove_by_ids(&self.removed);
        }
    }
}

/// Takes a value that has drop glue out of the entity, which is spawned, into the lane's hand.
///
/// # Panics
///
/// If a hook does, or a command that it queued. The value may be in the hand even then.
pub(super) fn take(entity: &mut EntityWorldMut, lane: &mut Lane) {
    if let (Some(binding), Some(room)) = (lane.binding, lane.shelf.room()) {
        // SAFETY: the binding is of this world, which the commit has compared. The room is for
        // a value of the old component: such is the layout of the shelf of a lane that needs a
        // carrier, and no other has a binding.
        let (taken, result) = unsafe { binding.take(entity, room) };
        lane.hand = taken.then_some(room);
        if let Err(panic) = result {
            resume_unwind(panic);
        }
    }
}

/// Copies an old value to where it is kept, or takes it there if it has drop glue: it must be
/// out of the entity before the copy is used.
///
/// # Panics
///
/// As [`take`].
pub(super) fn keep(entity: &mut EntityWorldMut, lane: &mut Lane) {
    let id = entity.id();
    let Some(room) = lane.kept.room() else {
        return;
    };
    let Some(binding) = lane.binding else {
        if lane.old_drop.is_none()
            && let Ok(value) = entity.get_by_id(lane.old)
        {
            // SAFETY: the room is for a value of the old component, which this is one of; it
            // has no drop glue, so that its removal leaves the copy as the only one.
            unsafe {
                value
                    .as_ptr()
                    .copy_to_nonoverlapping(room.as_ptr(), lane.size);
                lane.kept.grow(id);
            }
        }
        return;
    };
    // SAFETY: as in `take`; the room is for a value of the old component, too.
    let (taken, result) = unsafe { binding.take(entity, room) };
    if taken {
        // SAFETY: the value was written to the room, and the entity has it no more.
        unsafe { lane.kept.grow(id) };
    }
    if let Err(panic) = result {
        resume_unwind(panic);
    }
}

/// Copies a value without drop glue out of the entity, which then is removed: the only one
/// that is used is the copy.
pub(super) fn copy(entity: &EntityWorldMut, lane: &mut Lane) -> Option<std::ptr::NonNull<u8>> {
    debug_assert!(lane.role != Role::Target && lane.old_drop.is_none());
    let value = entity.get_by_id(lane.old).ok()?;
    let room = lane.shelf.room()?;
    // SAFETY: `value` points to a value of the old component, whose size this is and which the
    // room is for; the room is memory of the shelf, which no world has.
    unsafe {
        value
            .as_ptr()
            .copy_to_nonoverlapping(room.as_ptr(), lane.size)
    };
    Some(room)
}

fn drop_hands(lanes: &mut [Lane], which: &[usize]) {
    for &lane in which {
        lanes[lane].drop_hand();
    }
}
