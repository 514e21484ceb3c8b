//! All that is known of Bevy's insides: what no type says and no document promises. Another
//! version of Bevy is a change in this room.
//!
//! Cargo may choose a later 0.19 than the one that hot-loader was made with (0.19.1). So
//! each assumption that can be asked for is asked for before there can be edits
//! ([`verify`]), in this process's own engine; where an answer is another one, hot reloading
//! stays off and says why. Four are asked for where they are used, and turn off less: the
//! fields of an observer ([`observer`]), the label of a set ([`labels`]), the place of a
//! state in its resource (`state`), and what the debug info says of collections of assets
//! ([`assets`]).
//!
//! Nothing here may know what hot-loader does with the answers.
#![expect(
    unsafe_code,
    reason = "private parts of the engine are read and exchanged where they were found to be, each with its check"
)]

pub mod assets;
pub mod labels;
pub mod names;
pub mod observer;
pub mod plugins;
#[cfg(feature = "snapshots")]
pub mod state;
pub mod tables;

use crate::panics;
use bevy::ecs::{
    component::{Component, ComponentInfo},
    lifecycle::HookContext,
    name::Name,
    system::{IntoSystem, Query, System},
    world::{DeferredWorld, World},
};
use core::any::type_name;

/// What the engine's panics about a system's conflicting parameters begin with.
pub const CONFLICT: &str = "error[B0";

/// Asks the engine for what is relied on.
///
/// # Errors
/// Says what is otherwise, and what to do.
pub fn verify() -> Result<(), String> {
    let asked = tables::verify()
        .and_then(|()| names::verify())
        .and_then(|()| plugins::verify())
        .and_then(|()| verify_names_of_components())
        .and_then(|()| verify_conflicts());
    asked.map_err(|what| {
        format!(
            "unsupported version of Bevy or rustc: {what}. Use versions that hot-loader was tested with (its Cargo.lock, its docs/toolchains.md), or a newer hot-loader"
        )
    })
}

/// Components are known by their names, which the engine keeps with its feature `debug` only.
fn verify_names_of_components() -> Result<(), String> {
    #[derive(Component)]
    struct Worn;
    let mut world = World::new();
    let id = world.register_component::<Worn>();
    let info = world.components().get_info(id);
    match info.is_some_and(|info| info.name().to_string() == type_name::<Worn>()) {
        true => Ok(()),
        false => Err("it does not know components by the names of their types".into()),
    }
}

fn verify_conflicts() -> Result<(), String> {
    let conflicting = |_: Query<&mut Name>, _: Query<&mut Name>| ();
    let conflict = panics::quietly(|| {
        IntoSystem::into_system(conflicting).initialize(&mut World::new());
    });
    match conflict {
        Err(panic) if panic.contains(CONFLICT) => Ok(()),
        _ => Err("its error for conflicting parameters does not begin with `error[B0…]`".into()),
    }
}

/// Which hooks a component has: on add, insert, discard, remove and despawn.
pub fn hooks(info: &ComponentInfo) -> [bool; 5] {
    fn nothing(_: DeferredWorld, _: HookContext) {}
    // A hook cannot be read (lifecycle.rs); but where one is, none can be set.
    let mut hooks = info.hooks().clone();
    [
        hooks.try_on_add(nothing).is_none(),
        hooks.try_on_insert(nothing).is_none(),
        hooks.try_on_discard(nothing).is_none(),
        hooks.try_on_remove(nothing).is_none(),
        hooks.try_on_despawn(nothing).is_none(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_engine_is_known() {
        assert_eq!(verify(), Ok(()));
    }
}
