//! Moves relationships. It must not move a target's value: hooks write it.
//!
//! The hooks of a source keep the list of its target equal (relationship/mod.rs): removing an
//! old source takes it out of the old list, and inserting a new one puts it into the new list,
//! at its end. So all sources go out first, in the reverse of the order in which the targets
//! list them, and come in again in that order. No entity is despawned: `linked_spawn` acts
//! when a target is despawned, not when its component is removed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bevy::ecs::component::ComponentId;
use bevy::ecs::entity::Entity;
use bevy::ecs::world::World;

use super::commit::{Run, copy, keep, take};
use super::insert::Inserter;
use super::lane::Lane;
use super::plan::{Plan, Strand};
use super::{How, ticks};

/// Moves all relationships of the plan.
pub(super) fn move_all(world: &mut World, lanes: &mut [Lane], plan: &Plan, run: &mut Run) {
    let related = plan.targets.iter().chain(&plan.strands);
    let ticks: Vec<_> = related
        .clone()
        .map(|it| ticks::read(world, &it.order, lanes[it.lane].old))
        .collect();
    let out: Vec<Vec<bool>> = plan
        .strands
        .iter()
        .map(|strand| take_out(world, lanes, strand, run))
        .collect();
    for targets in &plan.targets {
        remove_rest(world, lanes, targets, run);
    }
    for (strand, out) in plan.strands.iter().zip(&out) {
        put_in(world, lanes, strand, out, run);
    }
    for (it, ticks) in related.zip(&ticks) {
        if !matches!(lanes[it.lane].how, How::Drop) {
            ticks::write(world, &it.order, lanes[it.lane].new, ticks);
        }
    }
}

/// Takes the sources out of their entities, and says from which there was one to take. Taken
/// bytes are on the shelf then, the first of the order on top, as converted values are.
fn take_out(world: &mut World, lanes: &mut [Lane], strand: &Strand, run: &mut Run) -> Vec<bool> {
    let mut out = vec![false; strand.order.len()];
    for (&id, out) in strand.order.iter().zip(&mut out).rev() {
        let lane = &mut lanes[strand.lane];
        if !has(world, id, lane.old) {
            continue;
        }
        let done = catch_unwind(AssertUnwindSafe(|| take_one(world, lane, id)));
        *out = if lane.needs_carrier() {
            lane.hand.is_some()
        } else {
            !has(world, id, lane.old)
        };
        if lane.hand.take().is_some() && *out {
            // SAFETY: the hand was the room of the shelf, with a whole value in it; the
            // entity has it no more.
            unsafe { lane.shelf.grow() };
        }
        if let Err(panic) = done {
            run.panicked(id, lanes, &[strand.lane], &*panic);
        }
    }
    out
}

/// Whether the entity is there and has the component.
fn has(world: &World, entity: Entity, id: ComponentId) -> bool {
    let entity = world.get_entity(entity);
    entity.is_ok_and(|it| it.contains_id(id))
}

/// Takes one source out, into the hand if its bytes move.
fn take_one(world: &mut World, lane: &mut Lane, entity: Entity) {
    let Ok(mut entity) = world.get_entity_mut(entity) else {
        return;
    };
    if lane.needs_carrier() {
        take(&mut entity, lane);
        return;
    }
    if matches!(lane.how, How::Bytes) {
        lane.hand = copy(&entity, lane);
    }
    if lane.keeps(entity.id()) {
        keep(&mut entity, lane);
    }
    if entity.is_spawned() {
        entity.remove_by_id(lane.old);
    }
}

/// Removes what is left of the old targets: hooks have removed those that became empty.
fn remove_rest(world: &mut World, lanes: &mut [Lane], targets: &Strand, run: &mut Run) {
    let lane = &lanes[targets.lane];
    let old = lane.old;
    if !matches!(lane.how, How::Drop) {
        run.rebuilt.insert(lane.name.clone());
    }
    for &id in &targets.order {
        let done = catch_unwind(AssertUnwindSafe(|| {
            if let Ok(mut entity) = world.get_entity_mut(id) {
                entity.remove_by_id(old);
            }
        }));
        if let Err(panic) = done {
            run.panicked(id, lanes, &[targets.lane], &*panic);
        }
    }
}

/// Puts the new sources into the entities that the old ones came from.
fn put_in(world: &mut World, lanes: &mut [Lane], strand: &Strand, out: &[bool], run: &mut Run) {
    let which = [strand.lane];
    let mut inserter = Inserter::new(world, lanes, &which);
    for (&id, &taken) in strand.order.iter().zip(out) {
        run.moved.entities += usize::from(taken);
        let lane = &mut lanes[strand.lane];
        match lane.how {
            How::Drop => continue,
            How::Bytes if !taken => continue,
            _ => lane.hand = lane.next(id),
        }
        let done = catch_unwind(AssertUnwindSafe(|| {
            match world.get_entity_mut(id) {
                // SAFETY: it is spawned, and of the world that the inserter was made for.
                Ok(mut entity) if taken => unsafe { inserter.insert(&mut entity, lanes, &which) },
                _ => {
                    lanes[strand.lane].drop_hand();
                    0
                }
            }
        }));
        match done {
            Ok(values) => run.moved.values += values,
            Err(panic) => {
                inserter.after_panic(world);
                run.panicked(id, lanes, &which, &*panic);
            }
        }
    }
    run.also_ran(&mut inserter);
}
