//! What of the host a plugin finds when it is built: taken down before the module is
//! added for the first time, shown to every recording.
//!
//! Recordings see copies: nothing that a plugin does to them reaches the game.

use crate::engine::plugins;
use bevy::{
    app::{App, FixedMainScheduleOrder, InternedAppLabel, MainScheduleOrder},
    ecs::{
        reflect::{AppTypeRegistry, ReflectResource},
        schedule::{InternedScheduleLabel, Schedules},
        world::World,
    },
    reflect::{Reflect, ReflectFromPtr, TypeRegistration},
};
use core::any::TypeId;
use indexmap::IndexSet;
use std::collections::HashSet;

/// The host, as a plugin sees it.
pub struct HostView {
    /// The schedules that the app has, and those that it runs in every frame or at its
    /// start: they are the host's, even if nothing stands in them yet.
    pub labels: Vec<InternedScheduleLabel>,
    /// The names of the engine's plugins.
    pub(super) plugins: Vec<&'static str>,
    pub(super) order: Option<Order>,
    pub(super) sub_apps: Vec<InternedAppLabel>,
    /// Types that are registered for reflection.
    pub(super) types: Option<Vec<TypeRegistration>>,
    /// Whether types that derive `Reflect` are registered by that alone.
    pub registers_derived: bool,
    /// Copies of the resources that can be copied.
    pub(super) values: Vec<Box<dyn Reflect>>,
    /// The types of all resources.
    pub resources: HashSet<TypeId>,
}

/// The order of the main schedules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Those of every frame.
    pub labels: Vec<InternedScheduleLabel>,
    /// Those of the first one.
    pub startup: Vec<InternedScheduleLabel>,
    /// Those of every fixed step, if there are such.
    pub fixed: Option<Vec<InternedScheduleLabel>>,
}

impl Order {
    /// The order in `world`, if it has one.
    pub fn of(world: &World) -> Option<Self> {
        let main = world.get_resource::<MainScheduleOrder>()?;
        let fixed = world.get_resource::<FixedMainScheduleOrder>();
        Some(Self {
            labels: main.labels.clone(),
            startup: main.startup_labels.clone(),
            fixed: fixed.map(|fixed| fixed.labels.clone()),
        })
    }

    /// Makes it the order in `world`.
    pub fn set(self, world: &mut World) {
        world.insert_resource(MainScheduleOrder {
            labels: self.labels,
            startup_labels: self.startup,
        });
        if let Some(labels) = self.fixed {
            world.insert_resource(FixedMainScheduleOrder { labels });
        }
    }

    /// Whether a schedule runs in the first frame alone.
    pub fn runs_once(&self, label: InternedScheduleLabel) -> bool {
        self.startup.contains(&label) && !self.labels.contains(&label)
    }
}

impl HostView {
    /// Takes down what `app` has, before the module is added. `ours` says of a name
    /// whether it is the module's.
    pub fn of(app: &mut App, ours: &dyn Fn(&str) -> bool) -> Self {
        let plugins = plugins::plugins_of(app);
        let sub_apps = app.sub_apps().sub_apps.keys().copied().collect();
        let world = app.world();
        let order = Order::of(world);
        let schedules = world.get_resource::<Schedules>().into_iter();
        let labels = schedules.flat_map(Schedules::iter);
        let labels = labels.map(|(_, schedule)| schedule.label());
        let ordered = order.iter().flat_map(|order| {
            let main = order.labels.iter().chain(&order.startup);
            main.chain(order.fixed.iter().flatten())
        });
        let labels: IndexSet<_> = labels.chain(ordered.copied()).collect();
        let mut registers_derived = false;
        let types = world.get_resource::<AppTypeRegistry>().map(|registry| {
            let registry = registry.read();
            // Bevy's `reflect_auto_register` has registered the module's by now.
            let all = registry.iter().cloned();
            let (own, others): (Vec<_>, Vec<_>) = all.partition(|registration| {
                let path = registration.type_info().type_path();
                path.contains("::") && ours(path)
            });
            registers_derived = !own.is_empty();
            others
        });
        let resources = world.iter_resources();
        let resources = resources.filter_map(|(info, _)| info.type_id());
        Self {
            labels: labels.into_iter().collect(),
            plugins,
            order,
            sub_apps,
            types,
            registers_derived,
            values: copies(world),
            resources: resources.collect(),
        }
    }

    /// Whether the host registered this type for reflection.
    pub fn has_type(&self, type_id: TypeId) -> bool {
        let types = self.types.iter().flatten();
        types.map(TypeRegistration::type_id).any(|id| id == type_id)
    }
}

/// Copies of the resources that are registered for reflection and can be copied.
fn copies(world: &World) -> Vec<Box<dyn Reflect>> {
    let Some(registry) = world.get_resource::<AppTypeRegistry>() else {
        return Vec::new();
    };
    let registry = registry.read();
    world
        .iter_resources()
        .filter_map(|(info, value)| {
            let type_id = info.type_id()?;
            registry.get_type_data::<ReflectResource>(type_id)?;
            let from_ptr = registry.get_type_data::<ReflectFromPtr>(type_id)?;
            #[expect(unsafe_code, reason = "a resource is read as its own type")]
            // SAFETY: the resource's own type id chose the registration, and the
            // engine's `Ptr` to it is valid for the type it was registered with.
            let value = unsafe { from_ptr.as_reflect(value) };
            value.reflect_clone().ok()
        })
        .collect()
}
