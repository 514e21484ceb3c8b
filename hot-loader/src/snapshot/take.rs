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
        component::{ComponentId, ComponentInfo},
        entity::Entity,
        hierarchy::{ChildOf, Children},
        reflect::{ReflectComponent, ReflectResource},
        resource::IsResource,
        world::{EntityRef, World},
    },
    reflect::{PartialReflect, ReflectFromReflect, TypeRegistration, TypeRegistry},
    world_serialization::{DynamicEntity, DynamicWorld},
};
use core::any::{TypeId, type_name};
use hot_loader_verdict::names::{is_ours, is_written_in};
use std::collections::BTreeSet;

/// A copy of the gameplay's part of a world.
pub struct Taken {
    pub module: &'static str,
    pub world: DynamicWorld,
    /// Children and their parents, as the file numbers entities, in the order of the children.
    pub parents: Vec<(u64, u64)>,
    /// The states, by the names of their types.
    pub states: Vec<(String, Box<dyn PartialReflect>)>,
    /// Types of which values are not held.
    pub missing: BTreeSet<String>,
    /// All types that are known.
    pub types: TypeRegistry,
}

/// Copies what belongs to the crate `module`.
pub fn take(world: &World, module: &'static str, found: &FoundTypes) -> Taken {
    let mut taken = Taken {
        module,
        world: DynamicWorld::default(),
        parents: Vec::new(),
        states: Vec::new(),
        missing: BTreeSet::new(),
        types: found.beside_registered(world),
    };
    taken.entities(world);
    taken.resources(world);
    taken
}

impl Taken {
    fn entities(&mut self, world: &World) {
        let chosen = entities(world, self.module);
        for &entity in &chosen {
            let value = world.entity(entity);
            let mut components = Vec::new();
            for &id in value.archetype().components() {
                let Some(info) = world.components().get_info(id) else {
                    continue;
                };
                // The two sides of the hierarchy belong together, so they are held apart.
                let is_hierarchy = [TypeId::of::<ChildOf>(), TypeId::of::<Children>()];
                if info.type_id().is_some_and(|id| is_hierarchy.contains(&id)) {
                    continue;
                }
                match self.component(value, info) {
                    Some(component) => components.push(component),
                    None => self.miss(info.name().to_string()),
                }
            }
            let parent = value.get::<ChildOf>().map(ChildOf::parent);
            // A parent that is none of the gameplay's is another one in the next run.
            if parent.is_some_and(|parent| !chosen.contains(&parent)) {
                self.miss(type_name::<ChildOf>().to_owned());
            }
            let children = value.get::<Children>().into_iter().flatten();
            let parents = children.map(|child| (child.to_bits(), entity.to_bits()));
            self.parents.extend(parents);
            let entity = DynamicEntity { entity, components };
            self.world.entities.push(entity);
        }
    }

    fn resources(&mut self, world: &World) {
        for (id, entity) in world.resource_entities().iter() {
            let Some(info) = world.components().get_info(id) else {
                continue;
            };
            let name = info.name().to_string();
            if !is_ours(&name, self.module) || is_passing(&name) {
                continue;
            }
            let registration = info.type_id().and_then(|id| self.types.get(id));
            if let Some(state) = state_of(&name) {
                match state::value(world, id, state, &self.types) {
                    Some((value, registration)) => {
                        let value = copy(value.as_partial_reflect(), registration);
                        self.states.push((state.to_owned(), value));
                    }
                    None => self.miss(name),
                }
            } else if let Some(registration) = registration
                && registration.data::<ReflectResource>().is_some()
                && let Some(resource) = self.component(world.entity(entity), info)
            {
                self.world.resources.push(resource);
            } else {
                self.miss(name);
            }
        }
    }

    /// A copy of a component, if reflection sees it.
    fn component(
        &self,
        entity: EntityRef,
        info: &ComponentInfo,
    ) -> Option<Box<dyn PartialReflect>> {
        let registration = self.types.get(info.type_id()?)?;
        let component = registration.data::<ReflectComponent>()?;
        let value = component.reflect(entity)?;
        Some(copy(value.as_partial_reflect(), registration))
    }

    fn miss(&mut self, name: String) {
        self.missing.insert(name);
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
