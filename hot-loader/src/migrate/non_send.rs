//! Non-send values of the module's types: the engine has no way to move one to another
//! type without dropping it, so an edit of types waits until there is none.

use super::{TypeChange, error::Problem};
use bevy::ecs::world::World;

/// Adds a problem for each that is there.
pub fn check(world: &World, change: &TypeChange, problems: &mut Vec<Problem>) {
    let old = change.known.lineage.of.iter();
    for (&id, _) in old.filter(|(_, identity)| *identity != change.new) {
        let there = world.storages().non_sends.get(id);
        if there.is_some_and(|data| data.is_present())
            && let Some(info) = world.components().get_info(id)
        {
            problems.push(Problem {
                name: info.name().to_string(),
                count: 1,
                reason: "it is a non-send value, which Bevy cannot move to another type. Restart the game to run this edit".into(),
            });
        }
    }
}
