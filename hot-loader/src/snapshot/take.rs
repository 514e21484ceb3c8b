//! Copies the gameplay's part of the world, between two frames. It must be quick, and
//! writes nothing: what can be written is found out on another thread.

use crate::{
    engine::{
        names::{is_of_hosts_entities, is_passing, state_of},
        state,
    },
    found::FoundTypes,
};

use bevy::{
    ecs::{
        component::ComponentId,
        entity::Entity,
        hierarchy::{ChildOf, Children},
        reflect::{ReflectComponent, ReflectResource},
        resource::IsResource,
        world::World,
    },
    reflect::{PartialReflect, ReflectFromReflect, TypeRegistration, TypeRegistry},
    world_serialization::{DynamicEntity, DynamicWorld},
};
use hot_loader_verdict::names::{is_ours, is_written_in};
use std::collections::BTreeSet;

/// A copy of the gameplay's part of a world.
pub struct Taken {
    pub module: &'static str,
    pub world: DynamicWorld,
    /// Children and their parents, in the order of the children.
    pub parents: Vec<(Entity, Entity)>,
    /// The states, by the names of their types.
    pub states: Vec<(String, Box<dyn PartialReflect>)>,
    /// Types of which values are not held.
    pub missing: BTreeSet<String>,
    /// All types that are known.
    pub types: TypeRegistry,
}

/// Copies what belongs to the crate `module`.
pub fn take(world: &World, module: &'static str, found: &FoundTypes) -> Taken {
    let types = found.beside_registered(world);
    let mut missing = BTreeSet::new();
    let chosen = entities(world, module);
    let mut entities = Vec::with_capacity(chosen.len());
    let mut parents = Vec::new();
    // They are held apart: the two sides of it belong together.
    let hierarchy = [
        world.components().component_id::<ChildOf>(),
        world.components().component_id::<Children>(),
    ];
    for &entity in &chosen {
        let value = world.entity(entity);
        let mut components = Vec::new();
        for &id in value.archetype().components() {
            let Some(info) = world.components().get_info(id) else {
                continue;
            };
            let name = info.name().to_string();
            if hierarchy.contains(&Some(id)) {
                // A parent that is none of the gameplay's is another one in the next run.
                if value
                    .get::<ChildOf>()
                    .is_some_and(|of| !chosen.contains(&of.parent()))
                {
                    missing.insert(core::any::type_name::<ChildOf>().to_owned());
                }
                continue;
            }
            let registration = info.type_id().and_then(|id| types.get(id));
            let reflected = registration.and_then(|registration| {
                let component = registration.data::<ReflectComponent>()?;
                Some((registration, component.reflect(value)?))
            });
            match reflected {
                Some((registration, component)) => {
                    components.push(copy(component.as_partial_reflect(), registration));
                }
                None => {
                    missing.insert(name);
                }
            }
        }
        entities.push(DynamicEntity { entity, components });
        if let Some(children) = value.get::<Children>() {
            parents.extend(children.iter().map(|child| (*child, entity)));
        }
    }
    let mut resources = Vec::new();
    let mut states = Vec::new();
    for (id, entity) in world.resource_entities().iter() {
        let Some(info) = world.components().get_info(id) else {
            continue;
        };
        let name = info.name().to_string();
        if !is_ours(&name, module) || is_passing(&name) {
            continue;
        }
        if let Some(state) = state_of(&name) {
            match state::value(world, id, state, &types) {
                Some((value, registration)) => {
                    states.push((
                        state.to_owned(),
                        copy(value.as_partial_reflect(), registration),
                    ));
                }
                None => {
                    missing.insert(name);
                }
            }
            continue;
        }
        let registration = info.type_id().and_then(|id| types.get(id));
        let reflected = registration.and_then(|registration| {
            registration.data::<ReflectResource>()?;
            let component = registration.data::<ReflectComponent>()?;
            Some((registration, component.reflect(world.entity(entity))?))
        });
        match reflected {
            Some((registration, resource)) => {
                resources.push(copy(resource.as_partial_reflect(), registration));
            }
            None => {
                missing.insert(name);
            }
        }
    }
    Taken {
        module,
        world: DynamicWorld {
            resources,
            entities,
        },
        parents,
        states,
        missing,
        types,
    }
}

/// The gameplay's entities: those with a component of its types, and their descendants;
/// not windows, observers and systems.
pub fn entities(world: &World, module: &str) -> BTreeSet<Entity> {
    let is_resource = world.components().component_id::<IsResource>();
    let is = |id: &ComponentId, of: &dyn Fn(&str) -> bool| {
        let info = world.components().get_info(*id);
        info.is_some_and(|info| of(&info.name().to_string()))
    };
    let ours = |id: &ComponentId| is(id, &|name| is_written_in(name, module));
    let hosts = |id: &ComponentId| is(id, &is_of_hosts_entities);
    let mut open: Vec<Entity> = world
        .archetypes()
        .iter()
        .filter(|archetype| !is_resource.is_some_and(|id| archetype.contains(id)))
        .filter(|archetype| archetype.components().iter().any(ours))
        .filter(|archetype| !archetype.components().iter().any(hosts))
        .flat_map(|archetype| archetype.entities().iter().map(|entity| entity.id()))
        .collect();
    let mut chosen = BTreeSet::new();
    while let Some(entity) = open.pop() {
        if chosen.insert(entity)
            && let Some(children) = world.get::<Children>(entity)
        {
            open.extend(children.iter());
        }
    }
    chosen
}

/// A copy of a value; what cannot be cloned is copied part by part.
fn copy(value: &dyn PartialReflect, registration: &TypeRegistration) -> Box<dyn PartialReflect> {
    if let Ok(clone) = value.reflect_clone() {
        return clone.into_partial_reflect();
    }
    registration
        .data::<ReflectFromReflect>()
        .and_then(|from| from.from_reflect(value))
        .map_or_else(|| value.to_dynamic(), |copy| copy.into_partial_reflect())
}
