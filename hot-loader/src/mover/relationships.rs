//! Moves relationships. It must not move a target's value: hooks write it.
//!
//! The hooks of a source keep the list of its target equal (relationship/mod.rs): removing an
//! old source takes it out of the old list, and inserting a new one puts it into the new list,
//! at its end. So all sources go out first, in the reverse of the order in which the targets
//! list them, and come in again in that order. No entity is despawned: `linked_spawn` acts
//! when a target is despawned, not when its component is removed.

use super::{
    How, Moved,
    column::ColumnMove,
    commit::take_out,
    insert::Inserter,
    plan::{Plan, Related, has},
    ticks,
};
use crate::panics;
use bevy::ecs::world::World;

/// Moves all relationships of the plan.
pub(super) fn move_all(
    world: &mut World,
    columns: &mut [ColumnMove],
    plan: &Plan,
    moved: &mut Moved,
) {
    let ticks = ticks::read(world, columns, plan.related());
    let out = plan.sources.iter();
    let out = out.map(|sources| take_sources(world, columns, sources, moved));
    let out: Vec<_> = out.collect();
    for targets in &plan.targets {
        remove_rest(world, columns, targets, moved);
    }
    for (sources, out) in plan.sources.iter().zip(&out) {
        put_in(world, columns, sources, out, moved);
    }
    ticks::write(world, columns, &ticks);
}

/// Takes the sources out of their entities, and says from which there was one to take. Taken
/// bytes are on the stack then, the first of the order on top, as converted values are.
fn take_sources(
    world: &mut World,
    columns: &mut [ColumnMove],
    sources: &Related,
    moved: &mut Moved,
) -> Vec<bool> {
    let which = [sources.column];
    let old = columns[sources.column].old;
    let mut out = vec![false; sources.order.len()];
    for (&id, out) in sources.order.iter().zip(&mut out).rev() {
        let entity = world.get_entity_mut(id).ok();
        let Some(mut entity) = entity.filter(|it| it.contains_id(old)) else {
            continue;
        };
        let done = panics::catch(|| take_out(&mut entity, columns, &which));
        let column = &mut columns[sources.column];
        *out = if column.needs_carrier() {
            column.held.is_some()
        } else {
            !has(world, id, column.old)
        };
        if column.held.take().is_some() && *out {
            // SAFETY: what was held was in the room of the stack, with a whole value in it; the
            // entity has it no more.
            unsafe { column.stack.grow() };
        }
        if let Err(panic) = done {
            moved.panicked(id, columns, &which, &panic);
        }
    }
    out
}

/// Removes what is left of the old targets: hooks have removed those that became empty.
fn remove_rest(
    world: &mut World,
    columns: &mut [ColumnMove],
    targets: &Related,
    moved: &mut Moved,
) {
    let column = &columns[targets.column];
    let old = column.old;
    if !matches!(column.how, How::Drop) {
        moved.rebuilt.push(column.name.clone());
    }
    for &id in &targets.order {
        let done = panics::catch(|| {
            if let Ok(mut entity) = world.get_entity_mut(id) {
                entity.remove_by_id(old);
            }
        });
        if let Err(panic) = done {
            moved.panicked(id, columns, &[targets.column], &panic);
        }
    }
}

/// Puts the new sources into the entities that the old ones came from.
fn put_in(
    world: &mut World,
    columns: &mut [ColumnMove],
    sources: &Related,
    out: &[bool],
    moved: &mut Moved,
) {
    let which = [sources.column];
    let mut inserter = Inserter::new(world, columns, &which);
    for (&id, &taken) in sources.order.iter().zip(out) {
        let column = &mut columns[sources.column];
        match column.how {
            How::Drop => continue,
            How::Bytes if !taken => continue,
            _ => column.held = column.next(id),
        }
        let done = panics::catch(|| {
            match world.get_entity_mut(id) {
                // SAFETY: it is spawned, and of the world that the inserter was made for.
                Ok(mut entity) if taken => unsafe { inserter.insert(&mut entity, columns) },
                _ => {
                    columns[sources.column].drop_held();
                }
            }
        });
        if let Err(panic) = done {
            inserter.after_panic(world);
            moved.panicked(id, columns, &which, &panic);
        }
    }
    moved.hooks.extend(inserter.hooks);
}
