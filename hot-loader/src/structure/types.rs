//! The reflection registry: types that are registered anew, and those that no longer
//! are.
//!
//! Types that stay keep their registration: overwriting one makes its short path
//! ambiguous (bevy_reflect 0.19.1 `type_registry.rs:310`).

use super::Both;
use bevy::{
    ecs::{reflect::AppTypeRegistry, world::World},
    reflect::{TypeRegistration, TypeRegistry},
};
use core::any::TypeId;
use std::collections::HashSet;

/// What changes in the registry.
#[derive(Default)]
pub struct Change {
    new: Vec<TypeRegistration>,
    gone: HashSet<TypeId>,
}

impl Change {
    /// The difference between two recordings.
    pub fn of(world: &World, both: &Both) -> Self {
        let (planned, host) = (both.planned, &both.gameplay.host);
        let registries = [&both.old.first.world, &both.new.first.world, world]
            .map(|world| world.get_resource::<AppTypeRegistry>().cloned());
        let [Some(old), Some(new), Some(live)] = registries else {
            return Self::default();
        };
        let (old, new, live) = (old.read(), new.read(), live.read());
        // After an edit of types no type over the module's is one that it has.
        let dead = live.iter().filter(|registration| {
            let path = registration.type_info().type_path();
            planned.changes_types() && path.contains("::") && planned.is_ours(path)
        });
        let gone = old
            .iter()
            .chain(dead)
            .map(TypeRegistration::type_id)
            .filter(|id| !new.contains(*id) && live.contains(*id) && !host.has_type(*id));
        let come = new.iter().filter(|it| !live.contains(it.type_id()));
        Self {
            gone: gone.collect(),
            new: come.cloned().collect(),
        }
    }

    /// Changes the registry.
    pub fn commit(self, world: &World) {
        let Some(registry) = world.get_resource::<AppTypeRegistry>() else {
            return;
        };
        let mut registry = registry.write();
        if !self.gone.is_empty() {
            let mut rebuilt = TypeRegistry::empty();
            for registration in registry.iter() {
                if !self.gone.contains(&registration.type_id()) {
                    rebuilt.add_registration(registration.clone());
                }
            }
            *registry = rebuilt;
        }
        for registration in self.new {
            registry.add_registration(registration);
        }
    }
}
