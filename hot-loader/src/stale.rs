//! What an edit does not reach: observers that could not be exchanged, one-shot systems,
//! asset loaders, systems of schedules that ran too early; and values whose *type* is a
//! closure or an async environment, which have the layout of the code they were made by.
//!
//! Looks at the world and names things; changes nothing.

use crate::{
    generation::Planned,
    structure::{Applied, Gameplay, LiveObserver, Refusal},
};

use bevy::ecs::{entity::Entity, query::With, system::SystemIdMarker, world::World};
use std::collections::{BTreeSet, HashSet};

/// Refuses an edit of `functions` if a component or resource is made of the
/// environment of one of them.
///
/// # Errors
/// Names the types.
pub fn environments(world: &World, functions: &[String]) -> Result<(), Refusal> {
    if functions.is_empty() {
        return Ok(());
    }
    let names = world.components().iter_registered();
    let types: Vec<String> = names
        .map(|info| info.name())
        // Of a thousand names hardly one has a brace, and a frame waits for this.
        .filter(|name| name.contains('{'))
        .filter(|name| name.contains("{{closure}}") || name.contains("{async"))
        .filter(|name| functions.iter().any(|function| mentions(name, function)))
        .map(|name| name.to_string())
        .collect();
    if types.is_empty() {
        return Ok(());
    }
    Err(Refusal::Refused {
        reason: format!(
            "the world holds values of {}, whose layout depends on the body of a function that this edit changed. Restart the game to run this edit, or undo it",
            types.join(", ")
        ),
        names: types,
    })
}

/// Whether a type's name mentions something inside `function`, by its last two
/// segments: generic arguments and impl headers are spelled in several ways.
fn mentions(type_name: &str, function: &str) -> bool {
    let name = function.rsplit("::").next().unwrap_or(function);
    type_name.contains(&format!("::{name}::{{{{")) || type_name.contains(&format!("::{name}<"))
}

/// What edits so far did not reach, and nothing but a restart will.
#[derive(Debug, Default)]
pub struct Stale {
    /// Schedules that ran before their systems could get proxies.
    pub missed: BTreeSet<String>,
    /// One-shot systems that an edit of types left behind: their code is not only old, it is
    /// of types that have no values any more.
    dead: Vec<Entity>,
}

impl Stale {
    /// Names of what runs code older than an edit that was just `applied`, or than an earlier
    /// one: `repointed` observers do not. Hooks are none of them: their functions are contracts.
    pub fn names(
        &mut self,
        world: &mut World,
        gameplay: &mut Gameplay,
        planned: &Planned,
        applied: &Applied,
        repointed: &HashSet<Entity>,
    ) -> Vec<String> {
        let types = planned.changes_types();
        let mut one_shots = world.query_filtered::<Entity, With<SystemIdMarker>>();
        let one_shots: Vec<Entity> = one_shots.iter(world).collect();
        if types {
            self.dead.clone_from(&one_shots);
        }
        self.dead.retain(|entity| world.get_entity(*entity).is_ok());
        let registered = gameplay.observers.iter().filter(|observer| observer.stale);
        let mut names: Vec<String> = registered.map(LiveObserver::shown).collect();
        // The engine tells nothing of these but that they are there.
        let one_shots = match planned.affected.is_empty() {
            true => &self.dead,
            false => &one_shots,
        };
        let one_shots = one_shots.iter();
        names.extend(one_shots.map(|entity| format!("one-shot system {entity}")));
        // The running server keeps those that it was given.
        let loaders = match types {
            true if applied.loaders => None,
            true => Some(&planned.verdict.affected),
            false => Some(&planned.affected),
        };
        let loaders = loaders
            .into_iter()
            .flat_map(|all| all.impls_of("AssetLoader"));
        names.extend(loaders.map(|name| format!("asset loader {name}")));
        names.sort();
        names.dedup();
        names.extend(gameplay.left_observers(world, planned, applied, repointed));
        let missed = self.missed.iter();
        names.extend(missed.map(|schedule| format!("systems of the schedule {schedule}")));
        let hooks = applied.hooks.iter();
        names.extend(hooks.map(|name| format!("hooks of {name} ran while it was migrated")));
        let waiting = applied.waiting.iter();
        names.extend(waiting.map(|name| format!("state {name}, until its source state changes")));
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::ecs::component::Component;

    #[derive(Component)]
    struct Runs<F: Send + Sync + 'static>(F);

    fn counts() -> impl Fn() -> u8 + Send + Sync {
        let number = 1;
        move || number
    }

    #[test]
    fn an_edit_of_a_function_is_refused_while_there_are_values_of_its_closures() {
        let mut world = World::new();
        world.spawn(Runs(0_u8));
        let edited = |names: &[&str]| names.iter().map(|&name| name.into()).collect::<Vec<_>>();
        let functions = edited(&["game::other", "game::counts"]);
        assert!(environments(&world, &functions).is_ok());
        world.spawn(Runs(counts()));
        let Err(Refusal::Refused { reason, names }) = environments(&world, &functions) else {
            panic!("a value's layout may be another");
        };
        assert_eq!(names.len(), 1, "{names:?}");
        assert!(names[0].ends_with("counts::{{closure}}>"), "{names:?}");
        assert!(reason.contains(&names[0]), "{reason}");
        for others in [&["game::other"][..], &[]] {
            assert!(environments(&world, &edited(others)).is_ok());
        }
    }
}
