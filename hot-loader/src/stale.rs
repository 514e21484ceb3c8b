//! What a body edit does not reach: observers, one-shot systems and hooks stay on
//! the code they were made by, and values whose *type* is a closure or an async
//! environment have the layout of the code they were made by.
//!
//! Looks at the world and names things; changes nothing.

use crate::names::is_ours;
use bevy::ecs::{observer::Observer, system::SystemIdMarker, world::World};

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

/// Names of live observers, one-shot systems and hooks of the module's code.
pub fn names(world: &mut World, crate_name: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut observers = world.query::<&Observer>();
    for observer in observers.iter(world) {
        let name = observer.system_name().to_string();
        if is_ours(&name, crate_name) {
            names.push(format!("observer {name}"));
        }
    }
    let one_shots = world.query::<&SystemIdMarker>().iter(world).count();
    if one_shots > 0 {
        names.push(format!("{one_shots} one-shot systems"));
    }
    for info in world.components().iter_registered() {
        let name = info.name().to_string();
        let hooks = info.hooks();
        if is_ours(&name, crate_name) && has_any(hooks) {
            names.push(format!("hooks of {name}"));
        }
    }
    names.sort();
    names.dedup();
    names
}

fn has_any(hooks: &bevy::ecs::lifecycle::ComponentHooks) -> bool {
    // The fields are private; `Debug` shows which are set.
    format!("{hooks:?}").contains("Some(")
}
