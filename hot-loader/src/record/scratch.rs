//! A scratch app, the plugin built in it, and what it registered there.

use super::host::HostView;
use crate::{
    engine::plugins::Placeholder,
    found::{FoundMakers, FoundTypes},
    mover::CarrierFn,
    panics,
    recording::Recording,
    schedules::{Diversion, RecordedSchedules},
};
use bevy::{
    app::{App, Main, PluginsState, SubApp},
    ecs::{
        entity::Entity,
        lifecycle::ComponentHooks,
        observer::Observer,
        query::With,
        reflect::{AppTypeRegistry, ReflectComponent},
        resource::IsResource,
        schedule::{InternedScheduleLabel, ScheduleLabel, Schedules},
        system::SystemIdMarker,
        world::World,
    },
};
use core::{
    any::TypeId,
    mem,
    sync::atomic::{AtomicBool, Ordering},
};
use std::{collections::BTreeMap, ffi::OsString, fs, thread, time::Duration};

/// Why a plugin could not be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It panicked.
    #[error(
        "the plugin panicked in a scratch world, where hot-loader builds it again to learn what it registers: {0}. Guard what it may do only once with `if !hot_loader::is_recording(app)`"
    )]
    Panicked(String),
    /// It waits for something outside.
    #[error("a plugin of the gameplay is not ready right after it is built (`Plugin::ready`)")]
    NotReady,
}

/// What a generation exports.
#[derive(Clone)]
pub struct Exported {
    /// Adds its plugin to an app.
    pub build: fn(&mut App),
    /// Its types that derive `Reflect`.
    pub types: FoundTypes,
    /// What makes observers of its functions.
    pub makers: FoundMakers,
    /// What it brings for moving values.
    pub carriers: &'static [CarrierFn],
}

impl Exported {
    /// A plugin of which no more is known.
    pub fn plugin(build: fn(&mut App)) -> Self {
        Self {
            build,
            types: FoundTypes::default(),
            makers: FoundMakers::default(),
            carriers: &[],
        }
    }
}

/// What a generation registers.
pub struct Recorded {
    /// In schedules; the systems have never been in a world.
    pub schedules: RecordedSchedules,
    /// Everything else: the world that it was built in.
    pub world: World,
    /// What it registered in sub-apps, by their names: never more than looked at.
    pub sub_apps: BTreeMap<String, Vec<String>>,
}

impl Drop for Recorded {
    fn drop(&mut self) {
        panics::discard(mem::take(&mut self.schedules));
        panics::discard(mem::take(&mut self.world));
    }
}

impl Recorded {
    /// How many entities were spawned, besides those of resources, observers and
    /// one-shot systems.
    pub fn entities(&self) -> usize {
        let engines = [
            TypeId::of::<IsResource>(),
            TypeId::of::<Observer>(),
            TypeId::of::<SystemIdMarker>(),
        ]
        .map(|type_id| self.world.components().get_id(type_id));
        let archetypes = self.world.archetypes().iter();
        archetypes
            .filter(|archetype| !engines.iter().flatten().any(|id| archetype.contains(*id)))
            .map(|archetype| archetype.len() as usize)
            .sum()
    }

    /// How many one-shot systems were registered.
    pub fn one_shots(&self) -> usize {
        let all = self.world.try_query_filtered::<(), With<SystemIdMarker>>();
        all.map_or(0, |mut all| all.iter(&self.world).count())
    }
}

/// Builds a generation's plugin in a scratch world that shows it `host`. Schedules of the names
/// `made` are there before it is built: only then are the options of edges in them seen. With
/// the asset server of the world `server_of`, if there is one: what the plugin registers with
/// that stays.
///
/// # Errors
/// If the plugin panics, or is not ready when it is built. The server may have what was
/// registered until then.
pub fn record(
    host: &HostView,
    made: &[InternedScheduleLabel],
    exported: &Exported,
    server_of: Option<&World>,
) -> Result<Recorded, RecordError> {
    let scratch = panics::quietly(|| scratch(host, &exported.types, server_of));
    let mut app = scratch.map_err(RecordError::Panicked)?;
    let before = threads();
    // Whoever asked reports a panic.
    let recorded = panics::quietly(|| {
        let labels: Vec<_> = host.labels.iter().chain(made).copied().collect();
        let diversion = Diversion::begin(app.world_mut(), &labels);
        (exported.build)(&mut app);
        if app.plugins_state() == PluginsState::Adding {
            return Err(RecordError::NotReady);
        }
        app.finish();
        app.cleanup();
        let schedules = diversion.end(app.world_mut());
        app.world_mut().flush();
        Ok(Recorded {
            schedules,
            sub_apps: sub_apps(&app),
            world: mem::take(app.world_mut()),
        })
    });
    // What it holds may panic in its turn when it is dropped half-built.
    let dropped = panics::quietly(|| drop(app));
    name_left_threads(&before);
    let recorded = recorded.map_err(RecordError::Panicked)??;
    dropped.map_err(RecordError::Panicked)?;
    Ok(recorded)
}

/// The observers in `world` that are on no entity, with the names of their systems, in the
/// order of their entities.
pub fn observers(world: &mut World) -> Vec<(Entity, String)> {
    let mut all = world.query::<(Entity, &Observer)>();
    let mut observers: Vec<_> = all
        .iter(world)
        // Those of an entity go with it: entities are not spawned again.
        .filter(|(_, observer)| observer.descriptor().entities().is_empty())
        .map(|(entity, observer)| (entity, observer.system_name().to_string()))
        .collect();
    observers.sort_by_key(|(entity, _)| *entity);
    observers
}

/// The threads of this process by their numbers, with their names, where the system tells.
fn threads() -> BTreeMap<OsString, String> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
    let named = threads.flatten().filter_map(|thread| {
        let name = fs::read_to_string(thread.path().join("comm")).ok()?;
        Some((thread.file_name(), name.trim_end().to_owned()))
    });
    named.collect()
}

/// Says once which threads are there that were not `before` the plugin was built.
fn name_left_threads(before: &BTreeMap<OsString, String>) {
    static SAID: AtomicBool = AtomicBool::new(false);
    let left = || {
        let mut now = threads();
        now.retain(|id, name| !before.contains_key(id) && !name.starts_with("hot-loader"));
        now
    };
    if !SAID.load(Ordering::Relaxed) && !left().is_empty() {
        // A thread has its parent's name until it runs and takes its own.
        thread::sleep(Duration::from_millis(10));
        let names: Vec<String> = left().into_values().collect();
        if names.is_empty() {
            return;
        }
        SAID.store(true, Ordering::Relaxed);
        tracing::warn!(
            target: "hot_loader",
            "the gameplay's plugin starts threads while it is built ({}), but hot-loader builds it again in scratch worlds to learn what it registers. Start them only `if !hot_loader::is_recording(app)`",
            names.join(", ")
        );
    }
}

/// An app that looks like the host, with nothing in its schedules.
fn scratch(host: &HostView, found: &FoundTypes, server_of: Option<&World>) -> App {
    let mut app = App::empty();
    app.main_mut().update_schedule = Some(Main.intern());
    for name in &host.plugins {
        app.add_plugins(Placeholder(name));
    }
    for label in &host.sub_apps {
        app.insert_sub_app(*label, SubApp::new());
    }
    let world = app.world_mut();
    // Observers wait to be moved into the live world: here they must do nothing.
    *world.register_component_hooks::<Observer>() = ComponentHooks::default();
    if let Some(order) = host.order.clone() {
        order.set(world);
    }
    if let Some(types) = &host.types {
        let registry = AppTypeRegistry::default();
        for registration in types {
            registry.write().add_registration(registration.clone());
        }
        if host.registers_derived {
            found.register_derived(&mut registry.write());
        }
        world.insert_resource(registry);
    }
    world.insert_resource(Recording);
    show_values(world, host);
    #[cfg(feature = "assets")]
    super::assets::show(world, host, server_of);
    #[cfg(not(feature = "assets"))]
    let _ = server_of;
    app
}

/// Copies of the host's resources.
fn show_values(world: &mut World, host: &HostView) {
    let Some(registry) = world.get_resource::<AppTypeRegistry>().cloned() else {
        return;
    };
    let registry = registry.read();
    for value in &host.values {
        let Some(reflect) = registry.get_type_data::<ReflectComponent>((**value).type_id()) else {
            continue;
        };
        let id = reflect.register_component(world);
        // What the scratch world has of itself stays.
        if world.contains_resource_by_id(id) {
            continue;
        }
        // A type that cannot be made from its reflection panics: the plugin does
        // without it then.
        if panics::does_panic(|| {
            let mut entity = world.spawn(IsResource::new(id));
            reflect.insert(&mut entity, value.as_partial_reflect(), &registry);
        }) {
            tracing::debug!(
                "{} cannot be shown to a recording",
                value.reflect_type_path()
            );
        }
    }
}

/// What is registered in sub-apps.
fn sub_apps(app: &App) -> BTreeMap<String, Vec<String>> {
    let all = app.sub_apps().sub_apps.iter();
    all.map(|(label, sub_app)| (format!("{label:?}"), registered(sub_app.world())))
        .collect()
}

fn registered(world: &World) -> Vec<String> {
    let resources = world.iter_resources();
    let resources = resources.map(|(info, _)| format!("resource {}", info.name()));
    let mut names: Vec<String> = resources.collect();
    let schedules = world.get_resource::<Schedules>().into_iter();
    for (label, schedule) in schedules.flat_map(Schedules::iter) {
        let systems = schedule.graph().systems.iter();
        names.extend(systems.map(|(_, system, _)| format!("{} in {label:?}", system.name())));
    }
    names.sort();
    names
}
