//! Keeps a panic of an observer of the module from taking the game down: whoever
//! triggers it may be the engine, where nothing of ours stands on the stack.
//!
//! The engine runs an observer through a function pointer that `Observer::new` put into
//! the component, and copies it when it registers the observer (bevy_ecs 0.19.1,
//! `observer/distributed_storage.rs` and `observer/mod.rs`). The pointer is exchanged in
//! between, for one that catches what the first throws. It must never change anything
//! else of an observer.

use super::Guard;
use crate::{engine::observer::ObserverFields, panics, repoint::NewRunners};
use bevy::{
    ecs::{
        entity::Entity,
        lifecycle::{Add, Remove},
        observer::{Observer, ObserverRunner, On, TriggerContext},
        resource::Resource,
        world::{DeferredWorld, World},
    },
    ptr::PtrMut,
};
use core::mem;
use hot_loader_verdict::names::is_ours;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The observers whose panics are caught.
#[derive(Resource)]
pub struct GuardedObservers {
    guard: Arc<Guard>,
    /// Of each, the engine's own function, and its name.
    runners: HashMap<Entity, (ObserverRunner, String)>,
    /// Those that panicked.
    off: HashSet<Entity>,
    /// Those of code whose types have no values any more.
    ended: HashSet<Entity>,
    /// Where an observer has what the engine keeps for itself.
    pub fields: ObserverFields,
}

impl GuardedObservers {
    /// Guards the observers that code of the crate `name` adds from here on.
    pub fn install(world: &mut World, guard: Arc<Guard>, name: &'static str) {
        let Some(fields) = ObserverFields::find() else {
            tracing::warn!(
                "unsupported version of Bevy: the fields of `Observer` differ, so a panic in an observer ends the game. Install a matching hot-loader"
            );
            return;
        };
        world.insert_resource(Self {
            guard,
            runners: HashMap::new(),
            off: HashSet::new(),
            ended: HashSet::new(),
            fields,
        });
        world.add_observer(move |added: On<Add, Observer>, mut world: DeferredWorld| {
            let entity = added.entity;
            let Some(mut observer) = world.get_mut::<Observer>(entity) else {
                return;
            };
            let system = observer.system_name().to_string();
            if !is_ours(&system, name) {
                return;
            }
            let runner = fields.exchange_runner(&mut observer, guarded);
            if let Some(mut known) = world.get_resource_mut::<Self>() {
                known.runners.insert(entity, (runner, system));
            }
        });
        // It may be added again, to another entity.
        world.add_observer(
            move |removed: On<Remove, Observer>, mut world: DeferredWorld| {
                let entity = removed.entity;
                let known = world.get_resource_mut::<Self>();
                let known = known.and_then(|mut known| {
                    known.off.remove(&entity);
                    known.ended.remove(&entity);
                    known.runners.remove(&entity)
                });
                if let Some((runner, _)) = known
                    && let Some(mut observer) = world.get_mut::<Observer>(entity)
                {
                    fields.exchange_runner(&mut observer, runner);
                }
            },
        );
    }

    /// Turns observers on again that panicked.
    pub fn renew(world: &mut World) {
        if let Some(mut known) = world.get_resource_mut::<Self>() {
            known.off.clear();
        }
    }

    /// Lets observers be run by new code, where there is some. Returns those that run nothing
    /// but new code now.
    pub fn repoint(world: &mut World, new: &NewRunners) -> HashSet<Entity> {
        let repointed = Self::would_repoint(world, new);
        if let Some(mut known) = world.get_resource_mut::<Self>() {
            for (runner, name) in known.runners.values_mut() {
                if let Some(address) = new.find(name, *runner as usize) {
                    // SAFETY: the engine's function for the same type of system, by its
                    // symbol (`NewRunners::find`), in an image that stays mapped.
                    *runner = unsafe { mem::transmute::<usize, ObserverRunner>(address) };
                }
            }
        }
        repointed
    }

    /// Those that [`repoint`](Self::repoint) would bring up to date: the conditions of an
    /// observer, and its own error handler, have code of their own.
    pub fn would_repoint(world: &World, new: &NewRunners) -> HashSet<Entity> {
        let known = world.get_resource::<Self>().into_iter();
        let all = known.flat_map(|known| known.runners.iter().map(move |one| (known, one)));
        let repointed = all.filter(|(known, (entity, (runner, name)))| {
            let observer = world.get::<Observer>(**entity);
            observer.is_some_and(|observer| known.fields.is_plain(observer))
                && new.find(name, *runner as usize).is_some()
        });
        repointed.map(|(_, (entity, _))| *entity).collect()
    }

    /// Lets none but these of the observers stay off for good.
    pub fn end(world: &mut World, observers: HashSet<Entity>) {
        if let Some(mut known) = world.get_resource_mut::<Self>() {
            known.ended = observers;
        }
    }

    /// The engine's own function of an observer that is guarded: one for each type of system.
    pub fn runner(&self, observer: Entity) -> Option<usize> {
        let (runner, _) = self.runners.get(&observer)?;
        Some(*runner as usize)
    }
}

/// Runs an observer with the engine's own function, and catches its panic.
///
/// # Safety
/// That function's own.
unsafe fn guarded(
    mut world: DeferredWorld,
    observer: Entity,
    context: &TriggerContext,
    event: PtrMut,
    trigger: PtrMut,
) {
    let runner = world.get_resource::<GuardedObservers>().and_then(|known| {
        let (runner, _) = known.runners.get(&observer)?;
        let is_off = known.off.contains(&observer) || known.ended.contains(&observer);
        (!is_off).then_some(*runner)
    });
    let Some(runner) = runner else {
        return;
    };
    let ran = panics::attempt(|| {
        // SAFETY: the caller's: it is what the engine would have called with these.
        unsafe { runner(world.reborrow(), observer, context, event, trigger) }
    });
    if let Err(message) = ran
        && let Some(mut known) = world.get_resource_mut::<GuardedObservers>()
    {
        known.off.insert(observer);
        // It may have been removed meanwhile.
        let name = known.runners.get(&observer);
        let name = name.map_or("that was removed", |(_, name)| name.as_str());
        known.guard.report(&format!("observer {name}"), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::ecs::{error::panic, event::Event, system::ResMut};

    #[derive(Event)]
    struct Bell;

    #[derive(Resource, Default)]
    struct Rung(u32, u32);

    fn world() -> (World, Arc<Guard>) {
        let mut world = World::new();
        world.init_resource::<Rung>();
        let guard = Arc::new(Guard::new(panic));
        GuardedObservers::install(&mut world, guard.clone(), env!("CARGO_CRATE_NAME"));
        (world, guard)
    }

    fn falls(_: On<Bell>, mut rung: ResMut<Rung>) {
        rung.0 += 1;
        panic!("cracked");
    }

    fn rings(_: On<Bell>, mut rung: ResMut<Rung>) {
        rung.1 += 1;
    }

    fn fails(_: On<Bell>) -> bevy::ecs::error::Result {
        Err("no clapper".into())
    }

    #[test]
    fn an_observer_that_panics_is_off_and_the_others_ring_on() {
        let (mut world, guard) = world();
        world.add_observer(falls);
        world.add_observer(rings);
        for _ in 0..3 {
            world.trigger(Bell);
        }
        let rung = world.resource::<Rung>();
        assert_eq!((rung.0, rung.1), (1, 3));
        let [(system, message)] = &guard.take_panics()[..] else {
            panic!("one report");
        };
        assert!(system.contains("observer"), "{system}");
        assert!(system.contains("::falls"), "{system}");
        assert!(message.contains("cracked"), "{message}");
        assert!(message.contains("observer.rs:"), "{message}");

        GuardedObservers::renew(&mut world);
        world.trigger(Bell);
        assert_eq!(world.resource::<Rung>().0, 2, "it is on again");
        assert_eq!(guard.take_panics().len(), 1);
    }

    #[test]
    fn an_error_that_the_handler_panics_on_is_caught_too() {
        let (mut world, guard) = world();
        world.add_observer(fails);
        world.trigger(Bell);
        assert_eq!(guard.take_panics().len(), 1);
    }

    #[test]
    fn observers_of_others_are_left_alone() {
        let mut world = World::new();
        world.init_resource::<Rung>();
        let guard = Arc::new(Guard::new(panic));
        GuardedObservers::install(&mut world, guard, "somebody_elses");
        world.add_observer(falls);
        assert!(panics::does_panic(|| world.trigger(Bell)));
    }

    #[test]
    fn what_is_gone_is_forgotten_and_what_moves_to_another_entity_runs_there() {
        let (mut world, guard) = world();
        let known = |world: &World| world.resource::<GuardedObservers>().runners.len();
        // In this crate's own tests what guards counts as the crate's.
        let first = known(&world);
        let entity = world.add_observer(rings).id();
        let observer = world.entity_mut(entity).take::<Observer>().unwrap();
        world.flush();
        assert_eq!(known(&world), first);
        world.despawn(entity);
        let entity = world.spawn(observer).id();
        world.flush();
        world.trigger(Bell);
        assert_eq!(world.resource::<Rung>().1, 1);
        world.despawn(entity);
        world.trigger(Bell);
        assert_eq!(world.resource::<Rung>().1, 1);
        assert_eq!(known(&world), first);
        assert_eq!(guard.take_panics(), []);
    }
}
