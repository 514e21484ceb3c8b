//! Takes a snapshot back, in place of what the fresh start set up. All of it is read and
//! understood before the first thing in the world changes.

use super::{
    take::entities,
    write::{Unloaded, can_make, header, path_of, read_value, registration_of},
};
use crate::{
    engine::{names::state_of, state},
    events::HotReloadEvent,
    found::FoundTypes,
    panics,
};
use bevy::{
    asset::AssetServer,
    ecs::{
        component::ComponentId,
        entity::{Entity, EntityHashMap},
        hierarchy::ChildOf,
        reflect::{ReflectComponent, ReflectResource},
        world::World,
    },
    reflect::{PartialReflect, TypeData, TypeRegistry},
    world_serialization::{DynamicWorld, WorldInstanceSpawnError, serde::WorldDeserializer},
};
use std::{fs, io, path::Path};

/// Why a snapshot was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("cannot read it: {0}")]
    Io(#[from] io::Error),
    #[error("it was written by another gameplay crate, `{0}`")]
    Foreign(String),
    #[error("cannot read its values, perhaps because their types changed: {0}")]
    Read(#[from] Box<ron::error::SpannedError>),
    #[error(
        "cannot create a {0} from its saved value, perhaps because its fields changed. Derive `Default` for it and add `#[reflect(Default)]`"
    )]
    Make(String),
    #[error("it holds a {0}, which is no longer registered for reflection. Register the type")]
    Unregistered(String),
    /// By then the world had changed.
    #[error("{0}")]
    Partly(String),
}

/// Takes back what `file` holds.
///
/// # Errors
/// The world is as it was then, except after [`RestoreError::Partly`]: the gameplay's own
/// code, a hook or an observer, failed in the midst of it.
pub fn restore(
    world: &mut World,
    module: &str,
    found: &FoundTypes,
    file: &Path,
) -> Result<HotReloadEvent, RestoreError> {
    let mut header = header(file)?;
    if header.module != module {
        return Err(RestoreError::Foreign(header.module));
    }
    let text = fs::read_to_string(file)?;
    let types = found.beside_registered(world);
    let held = read(&text, world, &types)?;
    let components = held.entities.iter().flat_map(|entity| &entity.components);
    for value in components {
        check::<ReflectComponent>(&**value, &types)?;
    }
    for value in &held.resources {
        check::<ReflectResource>(&**value, &types)?;
    }
    let mut states = Vec::new();
    for (name, text) in &header.states {
        // A sub-state is there with the next transition of what it depends on.
        if state_id(world, name).is_none() {
            header.missing.insert(format!("State<{name}>"));
            continue;
        }
        states.push((name.clone(), read_value(text, &types).map_err(Box::new)?));
    }
    // From here on the world changes, and code of the game runs: hooks, observers.
    let mut map = EntityHashMap::default();
    let written = panics::attempt(|| {
        for entity in entities(world, module) {
            // A parent took it along.
            if world.get_entity(entity).is_ok() {
                world.despawn(entity);
            }
        }
        held.write_to_world_with(world, &mut map, &types)?;
        for (child, parent) in &header.parents {
            let found = |bits: &u64| map.get(&Entity::try_from_bits(*bits)?).copied();
            if let (Some(child), Some(parent)) = (found(child), found(parent))
                && let Ok(mut child) = world.get_entity_mut(child)
            {
                child.insert(ChildOf(parent));
            }
        }
        for (name, value) in states {
            set_state(world, &name, &*value, &types);
        }
        Ok(())
    });
    written
        .map_err(RestoreError::Partly)?
        .map_err(|error: WorldInstanceSpawnError| RestoreError::Partly(error.to_string()))?;
    Ok(HotReloadEvent::Restored {
        file: file.display().to_string(),
        entities: header.entities,
        resources: header.resources,
        missing: header.missing.into_iter().collect(),
    })
}

/// Checks that the engine can put a value into the world.
fn check<D: TypeData>(
    value: &dyn PartialReflect,
    types: &TypeRegistry,
) -> Result<(), RestoreError> {
    let registration = registration_of(value, types);
    if registration.is_none_or(|it| it.data::<D>().is_none()) {
        return Err(RestoreError::Unregistered(path_of(value)));
    }
    match can_make(value, types) {
        true => Ok(()),
        false => Err(RestoreError::Make(path_of(value))),
    }
}

/// The resource that holds a current state.
fn state_id(world: &World, state: &str) -> Option<ComponentId> {
    let mut resources = world.iter_resources();
    let found = resources.find(|(info, _)| state_of(&info.name().to_string()) == Some(state));
    found.map(|(info, _)| info.id())
}

fn read(text: &str, world: &World, types: &TypeRegistry) -> Result<DynamicWorld, RestoreError> {
    let mut server = world.get_resource::<AssetServer>();
    let seed = WorldDeserializer {
        type_registry: types,
        load_from_path: match &mut server {
            Some(server) => server,
            None => &mut Unloaded,
        },
    };
    let read = ron::Options::default().from_str_seed(text, seed);
    Ok(read.map_err(Box::new)?)
}

/// Sets a current state, without entering or leaving anything.
fn set_state(world: &mut World, state: &str, value: &dyn PartialReflect, types: &TypeRegistry) {
    let current = state_id(world, state).and_then(|id| state::value_mut(world, id, state, types));
    let Some(current) = current else {
        tracing::warn!(target: "hot_loader", "the state {state} differs from the saved one, so it is not restored and keeps its initial value");
        return;
    };
    if let Err(error) = current.try_apply(value) {
        tracing::warn!(target: "hot_loader", "the state {state} cannot be restored and keeps its initial value: {error}");
    }
}
