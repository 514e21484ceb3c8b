//! What a body edit does not reach: observers and one-shot systems stay on the
//! code they were made by, and values whose *type* is a closure or an async
//! environment have the layout of the code they were made by.
//!
//! Looks at the world and names things; changes nothing.

use crate::{names::is_ours, structure::LiveObserver, surface::Affected};
use bevy::ecs::{
    entity::Entity, observer::Observer, query::With, system::SystemIdMarker, world::World,
};

/// Values of closure types live in the world, and the edit changed their function.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the world holds values of {}, whose layout follows from the body of a function that this edit changed; restart the game to run it",
    .types.join(", ")
)]
pub struct LiveEnvironment {
    /// The types' names.
    pub types: Vec<String>,
}

/// Refuses an edit of `functions` if a component or resource is made of the
/// environment of one of them.
///
/// # Errors
/// Names the types.
pub fn environments(world: &World, functions: &[String]) -> Result<(), LiveEnvironment> {
    if functions.is_empty() {
        return Ok(());
    }
    let types: Vec<String> = world
        .components()
        .iter_registered()
        .map(|info| info.name().to_string())
        .filter(|name| {
            name.contains("{{closure}}") || name.contains("{{async") || name.contains("{async")
        })
        .filter(|name| functions.iter().any(|function| mentions(name, function)))
        .collect();
    if types.is_empty() {
        Ok(())
    } else {
        Err(LiveEnvironment { types })
    }
}

/// Whether a type's name mentions something inside `function`, by its last two
/// segments: generic arguments and impl headers are spelled in several ways.
fn mentions(type_name: &str, function: &str) -> bool {
    let name = function.rsplit("::").next().unwrap_or(function);
    type_name.contains(&format!("::{name}::{{{{")) || type_name.contains(&format!("::{name}<"))
}

/// Names of live observers and one-shot systems that may run code older than an
/// edit, of this reload or of an earlier one. Hooks are none of them: their functions are type surface.
///
/// The plugin's own observers are `registered`, and known to be stale or not.
pub fn names(
    world: &mut World,
    crate_name: &str,
    affected: &Affected,
    registered: &[LiveObserver],
) -> Vec<String> {
    let mut names: Vec<String> = registered
        .iter()
        .filter(|observer| observer.stale)
        .map(LiveObserver::shown)
        .collect();
    if affected.is_empty() {
        return names;
    }
    let mut observers = world.query::<(Entity, &Observer)>();
    for (entity, observer) in observers.iter(world) {
        let name = observer.system_name().to_string();
        if registered.iter().any(|known| known.entity == entity) {
            continue;
        }
        if is_ours(&name, crate_name) && affected.may_be(&name) {
            names.push(format!("observer {name}"));
        }
    }
    // The engine tells nothing of these but that they are there.
    let mut one_shots = world.query_filtered::<Entity, With<SystemIdMarker>>();
    for entity in one_shots.iter(world) {
        names.push(format!("one-shot system {entity}"));
    }
    names.sort();
    names.dedup();
    names
}
