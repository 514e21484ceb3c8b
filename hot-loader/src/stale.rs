//! What a body edit does not reach: one-shot systems and asset loaders stay on the code they
//! were made by, and values whose *type* is a closure or an async
//! environment have the layout of the code they were made by.
//!
//! Looks at the world and names things; changes nothing.

use crate::structure::LiveObserver;

use bevy::ecs::{entity::Entity, query::With, system::SystemIdMarker, world::World};
use hot_loader_verdict::affected::Affected;

/// Values of closure types live in the world, and the edit changed their function.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the world holds values of {}, whose layout depends on the body of a function that this edit changed. Restart the game to run this edit, or undo it",
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

/// One-shot systems that an edit of types left behind: their code is not only old, it is of
/// types that have no values any more.
#[derive(Debug, Default)]
pub struct Dead(Vec<(Entity, String)>);

impl Dead {
    /// Takes down what is there now. To be called right after an edit of types.
    pub fn add_all(&mut self, world: &mut World) {
        let known = |entity| self.0.iter().any(|(dead, _)| *dead == entity);
        let mut found = one_shots(world);
        found.retain(|(entity, _)| !known(*entity));
        self.0.extend(found);
    }

    fn is(&self, entity: Entity) -> bool {
        self.0.iter().any(|(dead, _)| *dead == entity)
    }

    /// Names of those that are still there.
    fn names(&mut self, world: &World) -> impl Iterator<Item = String> {
        self.0
            .retain(|(entity, _)| world.get_entity(*entity).is_ok());
        self.0.iter().map(|(_, name)| name.clone())
    }
}

/// Names of the plugin's observers, of one-shot systems and of asset loaders that may run code
/// older than an edit, of this reload or of an earlier one. Hooks are none of them: their
/// functions are contracts.
///
/// The plugin's own observers are `registered`, and known to be stale or not.
pub fn names(
    world: &mut World,
    affected: &Affected,
    registered: &[LiveObserver],
    dead: &mut Dead,
) -> Vec<String> {
    let mut names: Vec<String> = registered
        .iter()
        .filter(|observer| observer.stale)
        .map(LiveObserver::shown)
        .chain(dead.names(world))
        .collect();
    if !affected.is_empty() {
        // The running server keeps those that it was given.
        let loaders = affected.impls_of("AssetLoader");
        names.extend(loaders.map(|name| format!("asset loader {name}")));
        // The engine tells nothing of these but that they are there.
        let one_shots = one_shots(world).into_iter();
        names.extend(
            one_shots
                .filter(|(e, _)| !dead.is(*e))
                .map(|(_, name)| name),
        );
    }
    names.sort();
    names.dedup();
    names
}

fn one_shots(world: &mut World) -> Vec<(Entity, String)> {
    let mut one_shots = world.query_filtered::<Entity, With<SystemIdMarker>>();
    one_shots
        .iter(world)
        .map(|entity| (entity, format!("one-shot system {entity}")))
        .collect()
}
