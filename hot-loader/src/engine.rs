//! What is known of the engine by name: the paths of its types, and the mark of its panics.
//!
//! Cargo may choose a later 0.19 than the one that hot-loader was made with. What such a
//! release can change without breaking a game is asked for here, at start: hot reloading
//! stays off where an answer is another one. (The tables of systems are asked for in
//! `repoint`, an observer's function in `proxy`.)

use crate::proxy::Guard;
use bevy::{
    app::{MainScheduleOrder, PanicHandlerPlugin, ScheduleRunnerPlugin, TaskPoolPlugin},
    ecs::{
        entity::Entity,
        entity_disabling::DefaultQueryFilters,
        error::FallbackErrorHandler,
        message::{Message, Messages},
        name::Name,
        observer::Observer,
        schedule::common_conditions::resource_exists,
        system::{IntoSystem, Query, System, SystemIdMarker},
        world::World,
    },
    platform::{
        collections::{HashMap, HashSet},
        hash::{FixedHasher, Hashed},
    },
};
use core::any::{type_name, type_name_of_val};

/// What the engine's panics about a system's conflicting parameters begin with.
pub const CONFLICT: &str = "error[B0";

#[derive(Message)]
struct Probe;

/// What the engine calls it, and how that must begin.
type Named = (&'static str, &'static str);

/// Asks the engine for what is relied on.
///
/// # Errors
/// Says what is otherwise, and what to do.
pub fn verify() -> Result<(), String> {
    let other = |what: String| {
        Err(format!(
            "unsupported version of Bevy: {what}. Use the version that hot-loader was tested with (see its Cargo.lock), or a newer hot-loader"
        ))
    };
    if let Some((called, expected)) = elsewhere(&names()) {
        return other(format!("`{expected}` is `{called}` in it"));
    }
    let conflicting = |_: Query<&mut Name>, _: Query<&mut Name>| ();
    let conflict = Guard::quietly(|| {
        IntoSystem::into_system(conflicting).initialize(&mut World::new());
    });
    match conflict {
        Err(panic) if panic.contains(CONFLICT) => Ok(()),
        _ => other("its error for conflicting parameters does not begin with `error[B0…]`".into()),
    }
}

fn elsewhere(names: &[Named]) -> Option<&Named> {
    let mut names = names.iter();
    names.find(|(called, expected)| !called.starts_with(expected))
}

fn names() -> Vec<Named> {
    let exists = resource_exists::<MainScheduleOrder>;
    let all = [
        (
            type_name::<Messages<Probe>>(),
            "bevy_ecs::message::messages::Messages<",
        ),
        (type_name::<Entity>(), "bevy_ecs::entity::"),
        (
            type_name::<DefaultQueryFilters>(),
            "bevy_ecs::entity_disabling::",
        ),
        (type_name::<FallbackErrorHandler>(), "bevy_ecs::error::"),
        (type_name::<Observer>(), "bevy_ecs::observer::"),
        (
            type_name::<SystemIdMarker>(),
            "bevy_ecs::system::system_registry::",
        ),
        (
            type_name_of_val(&exists),
            "bevy_ecs::schedule::condition::common_conditions::resource_",
        ),
        (
            type_name::<MainScheduleOrder>(),
            "bevy_app::main_schedule::",
        ),
        (
            type_name::<PanicHandlerPlugin>(),
            "bevy_app::panic_handler::PanicHandlerPlugin",
        ),
        (
            type_name::<ScheduleRunnerPlugin>(),
            "bevy_app::schedule_runner::ScheduleRunnerPlugin",
        ),
        (
            type_name::<TaskPoolPlugin>(),
            "bevy_app::task_pool_plugin::TaskPoolPlugin",
        ),
        (
            type_name::<HashMap<(), ()>>(),
            "bevy_platform::collections::hash_map::HashMap",
        ),
        (
            type_name::<HashSet<()>>(),
            "bevy_platform::collections::hash_set::HashSet",
        ),
        (
            type_name::<FixedHasher>(),
            "bevy_platform::hash::FixedHasher",
        ),
        (type_name::<Hashed<()>>(), "bevy_platform::hash::Hashed"),
    ];
    let mut all = all.to_vec();
    all.extend(states());
    #[cfg(feature = "assets")]
    all.extend(assets());
    all
}

#[cfg(feature = "assets")]
fn assets() -> [Named; 3] {
    use bevy::asset::{AssetPlugin, AssetServer, Assets, LoadedUntypedAsset};
    [
        (type_name::<AssetPlugin>(), "bevy_asset::AssetPlugin"),
        (
            type_name::<AssetServer>(),
            "bevy_asset::server::AssetServer",
        ),
        (
            type_name::<Assets<LoadedUntypedAsset>>(),
            "bevy_asset::assets::Assets<",
        ),
    ]
}

/// The engine's states, if it has any: which is the game's choice of features, which no
/// crate but the engine can ask for.
fn states() -> Vec<Named> {
    #[allow(
        dead_code,
        clippy::module_inception,
        reason = "unused where the engine has states, whose paths these are"
    )]
    mod absent {
        pub mod state {
            pub mod app {
                pub struct StatesPlugin;
            }
            pub mod state {
                pub trait States {}
                pub struct State<S>(S);
                pub struct StateTransitionEvent<S>(S);
            }
        }
    }
    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    struct Probe;
    #[allow(unused_imports, reason = "unused where the engine has states")]
    use absent::*;
    {
        // Names of an inner block come before those of the outer one.
        #[allow(unused_imports, reason = "unused where the engine has none")]
        use bevy::*;
        impl state::state::States for Probe {}
        let all = [
            (
                type_name::<state::app::StatesPlugin>(),
                "bevy_state::app::StatesPlugin",
            ),
            (
                type_name::<state::state::State<Probe>>(),
                "bevy_state::state::resources::State<",
            ),
            (
                type_name::<state::state::StateTransitionEvent<Probe>>(),
                "bevy_state::state::transitions::StateTransitionEvent<",
            ),
        ];
        let all = all.into_iter();
        all.filter(|(called, _)| !called.contains("::absent::"))
            .collect()
    }
}

/// Whether Bevy's prelude has the macros of its log, which is the game's choice of features.
pub fn prelude_logs() -> bool {
    #[allow(dead_code, reason = "unused where the engine has a log")]
    mod absent {
        pub mod log {
            pub struct LogPlugin;
        }
    }
    #[allow(unused_imports, reason = "unused where the engine has a log")]
    use absent::*;
    {
        // Names of an inner block come before those of the outer one.
        #[allow(unused_imports, reason = "unused where the engine has none")]
        use bevy::*;
        type_name::<log::LogPlugin>().starts_with("bevy_log::")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_engine_is_known() {
        assert_eq!(verify(), Ok(()));
        #[cfg(feature = "assets")]
        assert!(names().iter().any(|(called, _)| called.contains("Assets<")));
        assert!(
            states()
                .iter()
                .any(|(called, _)| called.starts_with("bevy_state")),
            "these tests have states"
        );
    }

    #[test]
    fn a_type_that_moved_is_named() {
        let moved = ("bevy_ecs::messages::Messages<()>", "bevy_ecs::message::");
        let stays = ("bevy_ecs::entity::Entity", "bevy_ecs::entity::");
        assert_eq!(elsewhere(&[stays, moved]), Some(&moved));
        assert_eq!(elsewhere(&[stays]), None);
    }
}
