//! The paths of the engine's types, by which its resources, components, systems and
//! conditions are known where their types cannot be named: they are generic over the
//! module's types, private, or of a feature that the game may not have.
//!
//! [`verify`] asks this process's engine for each that can be asked for. What it cannot ask
//! for: `Bundles::register_info`, which is private, and whole crates and modules
//! (`bevy_window::`, `bevy_winit::`, `bevy_ecs::event::`, `bevy_input::common_conditions::`).

use bevy::{
    app::{MainScheduleOrder, PanicHandlerPlugin, ScheduleRunnerPlugin, TaskPoolPlugin},
    ecs::{
        component::{Component, ComponentsRegistrator},
        entity::Entity,
        entity_disabling::DefaultQueryFilters,
        error::FallbackErrorHandler,
        event::Event,
        message::{Message, Messages},
        observer::{Observer, On},
        schedule::common_conditions::resource_exists,
        system::{IntoSystem, SystemIdMarker},
        world::World,
    },
    platform::{
        collections::{HashMap, HashSet},
        hash::{FixedHasher, Hashed},
    },
    reflect::GetTypeRegistration,
};
use core::any::{type_name, type_name_of_val};
use hot_loader_verdict::layouts::OBSERVER_MAKER;

const ASSET_SERVER: &str = "bevy_asset::server::AssetServer";
const ASSETS: &str = "bevy_asset::assets::Assets<";
const ASSET_EVENTS: &str = "bevy_asset::event::";
const CONDITIONS: &str = "bevy_state::condition::";
const ENTITY: &str = "bevy_ecs::entity::";
const ERRORS: &str = "bevy_ecs::error::";
const FILTERS: &str = "bevy_ecs::entity_disabling::";
const MAIN_ORDER: &str = "bevy_app::main_schedule::";
const MESSAGES: &str = "bevy_ecs::message::messages::Messages<";
const NEXT_STATE: &str = "bevy_state::state::resources::NextState<";
const OBSERVERS: &str = "bevy_ecs::observer::";
const PREVIOUS_STATE: &str = "bevy_state::state::resources::PreviousState<";
const ASSET_PROCESSOR: &str = "bevy_asset::processor::AssetProcessor";
const RESOURCE_CONDITIONS: &str = "bevy_ecs::schedule::condition::common_conditions::resource_";
const STATE: &str = "bevy_state::state::resources::State<";
const SYSTEM_REGISTRY: &str = "bevy_ecs::system::system_registry::";
const TRANSITION: &str = "bevy_state::state::transitions::StateTransitionEvent<";

/// What the engine wraps functions in.
pub const FUNCTION_SYSTEMS: [&str; 2] = [
    "bevy_ecs::system::function_system::FunctionSystem",
    "bevy_ecs::system::exclusive_function_system::ExclusiveFunctionSystem",
];
/// The trait whose derived function registers a type that is reflected.
pub const REGISTRATION: &str = "bevy_reflect::type_registry::GetTypeRegistration";
/// What registers a component.
pub const REGISTER_COMPONENT: &str =
    "bevy_ecs::component::register::ComponentsRegistrator::register_component";
/// What registers a bundle.
pub const REGISTER_BUNDLE: &str = "bevy_ecs::bundle::info::Bundles::register_info";

/// Whether a name begins in one of these ways.
macro_rules! begins {
    ($($(#[$attribute:meta])+ $is:ident: $($with:expr),+;)+) => {
        $($(#[$attribute])+ pub fn $is(name: &str) -> bool {
            [$($with),+].iter().any(|path| name.starts_with(path))
        })+
    };
}

begins! {
    /// Whether a type of this name is a queue of messages.
    is_messages: MESSAGES;
    /// Whether the next frames say it anew: queues of messages, a state that was asked for.
    #[cfg(feature = "snapshots")]
    is_passing: "bevy_ecs::message::", NEXT_STATE, PREVIOUS_STATE;
    /// Whether a resource of this name is the engine's bookkeeping of what is registered.
    is_bookkeeping: MAIN_ORDER, SYSTEM_REGISTRY, FILTERS, ERRORS;
    /// Whether a resource of this name changes by itself from the first frame on.
    changes_by_itself:
        "bevy_state::state::", "bevy_ecs::message::", "bevy_asset::", "bevy_ecs::event::";
    /// Whether a type of this name is the engine's, of its states or messages.
    is_of_states_or_messages: "bevy_state::", "bevy_ecs::message::";
    /// Whether a type of this name is the engine's for one-shot systems.
    is_one_shot: SYSTEM_REGISTRY;
    /// Whether an entity with a component of this name is the game's own, whoever marked it.
    #[cfg(feature = "snapshots")]
    is_of_hosts_entities: "bevy_window::", "bevy_winit::", "bevy_ecs::system::", OBSERVERS;
    /// Whether a type of this path is an entity's id, or an asset's.
    is_id: ENTITY, "bevy_asset::";
    /// Whether a type of this path refers to the type of an asset.
    is_of_assets: "bevy_asset::";
    /// Whether a type of this name is a collection of assets.
    is_collection: ASSETS;
    /// Whether a condition of this name is one of the engine's that hold nothing.
    is_stateless_condition: CONDITIONS, RESOURCE_CONDITIONS, "bevy_input::common_conditions::";
}

/// The state, if the type of this name is a queue of its transitions.
pub fn transition_of(name: &str) -> Option<&str> {
    name.strip_prefix(MESSAGES)?
        .strip_prefix(TRANSITION)?
        .strip_suffix(">>")
}

/// The state, if the type of this name holds its current value.
pub fn state_of(name: &str) -> Option<&str> {
    name.strip_prefix(STATE)?.strip_suffix('>')
}

/// The state, if the type of this name holds its last value.
pub fn previous_state_of(name: &str) -> Option<&str> {
    name.strip_prefix(PREVIOUS_STATE)?.strip_suffix('>')
}

/// The asset's name of a collection's.
pub fn asset_of(collection: &str) -> &str {
    let asset = collection.strip_prefix(ASSETS);
    asset
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(collection)
}

/// Whether something of this name is made of events of assets.
pub fn is_of_asset_events(name: &str) -> bool {
    name.contains(&format!("<{ASSET_EVENTS}"))
}

/// Whether a resource of this name serves assets.
pub fn is_asset_server(name: &str) -> bool {
    name == ASSET_SERVER
}

/// Whether a resource of this name processes assets.
pub fn is_asset_processor(name: &str) -> bool {
    name == ASSET_PROCESSOR
}

/// What the engine calls something, and how that must begin.
type Named = (&'static str, &'static str);

/// Asks the engine for the paths that are relied on.
///
/// # Errors
/// What has another path.
pub fn verify() -> Result<(), String> {
    match elsewhere(&all()) {
        Some((called, expected)) => Err(format!("`{expected}` is `{called}` in it")),
        None => Ok(()),
    }
}

fn elsewhere(names: &[Named]) -> Option<&Named> {
    let mut names = names.iter();
    // Of a method's type the lifetimes are told too.
    names.find(|(called, expected)| !called.replace("<'_>", "").starts_with(expected))
}

#[derive(Message)]
struct Sent;

#[derive(Event)]
struct Rung;

#[derive(Component)]
struct Worn;

fn ty<T>(expected: &'static str) -> Named {
    (type_name::<T>(), expected)
}

fn of<T>(value: &T, expected: &'static str) -> Named {
    (type_name_of_val(value), expected)
}

fn all() -> Vec<Named> {
    fn function() {}
    fn exclusive(_: &mut World) {}
    let registration = type_name_of_val(&<bool as GetTypeRegistration>::get_type_registration);
    let exists = resource_exists::<MainScheduleOrder>;
    let mut all = vec![
        ty::<Messages<Sent>>(MESSAGES),
        ty::<Entity>(ENTITY),
        ty::<DefaultQueryFilters>(FILTERS),
        ty::<FallbackErrorHandler>(ERRORS),
        ty::<Observer>(OBSERVERS),
        ty::<SystemIdMarker>(SYSTEM_REGISTRY),
        of(&exists, RESOURCE_CONDITIONS),
        ty::<MainScheduleOrder>(MAIN_ORDER),
        ty::<PanicHandlerPlugin>("bevy_app::panic_handler::PanicHandlerPlugin"),
        ty::<ScheduleRunnerPlugin>("bevy_app::schedule_runner::ScheduleRunnerPlugin"),
        ty::<TaskPoolPlugin>("bevy_app::task_pool_plugin::TaskPoolPlugin"),
        // What debug info is read by (`hot_loader_verdict::layouts`).
        ty::<HashMap<(), ()>>("bevy_platform::collections::hash_map::HashMap"),
        ty::<HashSet<()>>("bevy_platform::collections::hash_set::HashSet"),
        ty::<FixedHasher>("bevy_platform::hash::FixedHasher"),
        ty::<Hashed<()>>("bevy_platform::hash::Hashed"),
        // What functions are found by, among the symbols of a library.
        of(&IntoSystem::into_system(function), FUNCTION_SYSTEMS[0]),
        of(&IntoSystem::into_system(exclusive), FUNCTION_SYSTEMS[1]),
        of(&Observer::new::<Rung, (), _, fn(On<Rung>)>, OBSERVER_MAKER),
        of(
            &ComponentsRegistrator::register_component::<Worn>,
            REGISTER_COMPONENT,
        ),
        (registration.trim_start_matches("<bool as "), REGISTRATION),
    ];
    all.extend(states());
    #[cfg(feature = "assets")]
    all.extend(assets());
    all
}

#[cfg(feature = "assets")]
fn assets() -> [Named; 5] {
    use bevy::asset::{
        AssetEvent, AssetPlugin, AssetServer, Assets, LoadedUntypedAsset, processor::AssetProcessor,
    };
    [
        ty::<AssetPlugin>("bevy_asset::AssetPlugin"),
        ty::<AssetServer>(ASSET_SERVER),
        ty::<AssetProcessor>(ASSET_PROCESSOR),
        ty::<AssetEvent<LoadedUntypedAsset>>(ASSET_EVENTS),
        ty::<Assets<LoadedUntypedAsset>>(ASSETS),
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
            pub mod condition {
                pub fn in_state<S>(_: S) {}
            }
            pub mod state {
                pub trait States {}
                pub trait FreelyMutableState {}
                pub struct State<S>(S);
                pub struct NextState<S>(S);
                pub struct PreviousState<S>(S);
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
        impl state::state::FreelyMutableState for Probe {}
        let all = [
            ty::<state::app::StatesPlugin>("bevy_state::app::StatesPlugin"),
            ty::<state::state::State<Probe>>(STATE),
            ty::<state::state::NextState<Probe>>(NEXT_STATE),
            ty::<state::state::PreviousState<Probe>>(PREVIOUS_STATE),
            of(&state::condition::in_state::<Probe>, CONDITIONS),
            ty::<state::state::StateTransitionEvent<Probe>>(TRANSITION),
        ];
        let all = all.into_iter();
        all.filter(|(called, _)| !called.contains("::absent::"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_engine_is_known() {
        assert_eq!(verify(), Ok(()));
        #[cfg(feature = "assets")]
        assert!(all().iter().any(|(called, _)| called.contains("Assets<")));
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

    #[test]
    fn what_a_plugin_registers_with_states_does_not_change_by_itself() {
        let registered = "bevy_state::state_scoped_events::StateScopedMessages<a::Screen>";
        assert!(!changes_by_itself(registered));
        assert!(changes_by_itself(
            "bevy_state::state::resources::State<a::Screen>"
        ));
    }
}
