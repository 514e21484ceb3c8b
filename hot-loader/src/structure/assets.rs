//! Asset types of the module, in edits of types: handles, the asset server and its
//! loaders go by the type that it had when it was registered, and the engine offers no
//! way to tell them another. Such an edit needs a restart, with the types' names.

use super::{Edit, Refusal};
use bevy::ecs::world::World;

const ASSETS: &str = "bevy_asset::assets::Assets<";

/// Looks for asset types that the edit would renew.
///
/// # Errors
/// Names them, with what to do.
pub fn check(world: &World, edit: &Edit) -> Result<(), Refusal> {
    if !edit.is_of_types() {
        return Ok(());
    }
    let resources = world.iter_resources();
    let mut types: Vec<String> = resources
        .filter_map(|(info, _)| {
            let name = info.name().to_string();
            let asset = name.strip_prefix(ASSETS)?.strip_suffix('>')?;
            (edit.ours)(&name).then(|| asset.to_owned())
        })
        .collect();
    types.sort();
    if types.is_empty() {
        return Ok(());
    }
    Err(Refusal::Restart(format!(
        "types change, and the gameplay has asset types of its own ({}): the asset server, its loaders and all handles go by the old types, which cannot go live yet. Restart the game to run this edit, or undo that part; asset types in a crate that is not reloaded do not stand in the way",
        types.join(", ")
    )))
}
