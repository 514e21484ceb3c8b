//! How a library makes its types known to a world: the engine's own generic functions,
//! found by their symbols. So types get their ids that no system's parameters name:
//! those that are only spawned, or that observers, hooks and `&mut World` touch.
//!
//! Old symbols do not say which type a function is for, but all of one path have one
//! signature: each is called in a scratch world first, and tells. It must never call one
//! in the live world that it was not asked for.

use crate::{
    engine::names::{REGISTER_BUNDLE, REGISTER_COMPONENT},
    load::Image,
    panics,
};

use bevy::ecs::{
    bundle::{BundleId, Bundles},
    component::{ComponentId, ComponentsRegistrator},
    storage::Storages,
    world::World,
};
use core::{any::TypeId, mem};
use hot_loader_verdict::symbols::Name;
use std::{collections::HashMap, sync::OnceLock};

/// `ComponentsRegistrator::register_component`, which optimisation inlines.
type OfComponent = fn(&mut ComponentsRegistrator) -> ComponentId;

/// `Bundles::register_info`, for what is spawned and inserted, resources and queues of
/// messages that begin with their default among it.
type OfBundle = unsafe fn(&mut Bundles, &mut ComponentsRegistrator, &mut Storages) -> BundleId;

/// One of the engine's functions, for some type.
#[derive(Clone, Copy, Debug)]
enum Registrar {
    Component(OfComponent),
    Bundle(OfBundle),
}

/// Those of one library.
#[derive(Debug, Default)]
pub struct Registrars {
    all: Vec<Registrar>,
    known: OnceLock<Known>,
}

/// What the scratch world showed: by type, its name and a function that registers it.
type Known = HashMap<TypeId, (String, Registrar)>;

impl Registrars {
    /// Looks through the symbols of a loaded generation.
    pub fn of(image: &Image) -> Self {
        let words = ["register_component", "register_info"];
        let mut all: Vec<_> = words
            .into_iter()
            // One whose name has both words is asked twice, and says the same.
            .flat_map(|word| image.functions_with(word))
            .filter_map(|(symbol, address)| {
                let path = Name::of(symbol)?.path()?;
                // SAFETY: the symbol, of this image's own code, has the whole path of the
                // engine's function, of which there is one: its only generic is a type that
                // neither its parameters nor its result depend on, so all its instances
                // have the one signature that each variant spells (bevy_ecs 0.19.1,
                // `component/register.rs:169`, `bundle/info.rs:428`). Compiler and engine
                // are this process's (`load::check`), and images stay mapped.
                unsafe { Registrar::at(&path, address) }
            })
            .collect();
        // The first is asked that registers the least beside its type.
        all.sort_by_key(|registrar| matches!(registrar, Registrar::Bundle(_)));
        Self {
            all,
            known: OnceLock::new(),
        }
    }

    /// Makes a type known to `world`. `None` if this library has no code for that.
    pub fn register(&self, world: &mut World, type_id: TypeId) -> Option<ComponentId> {
        let (name, registrar) = self.known().get(&type_id)?;
        // Once it went well in the scratch world; but what it calls is the game's.
        panics::attempt(|| registrar.call(world))
            .inspect_err(|panic| tracing::debug!("{name} cannot be registered: {panic}"))
            .ok()?;
        world.components().get_id(type_id)
    }

    /// The types of this name.
    pub fn named(&self, name: &str) -> Vec<TypeId> {
        let known = self.known().iter();
        let named = known.filter(|(_, (known, _))| known == name);
        named.map(|(type_id, _)| *type_id).collect()
    }

    /// What each function registers.
    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let mut known = Known::new();
            let mut world = World::new();
            for registrar in &self.all {
                match panics::attempt(|| registrar.call(&mut world)) {
                    Ok(ids) => {
                        for info in ids.iter().filter_map(|id| world.components().get_info(*id)) {
                            if let Some(type_id) = info.type_id() {
                                let entry = known.entry(type_id);
                                entry.or_insert_with(|| (info.name().to_string(), *registrar));
                            }
                        }
                    }
                    // It may be left half changed.
                    Err(_) => panics::discard(mem::take(&mut world)),
                }
            }
            known
        })
    }
}

impl Registrar {
    /// The function of this path.
    ///
    /// # Safety
    /// At `address` must be an instance of the engine's function of this path, in an image
    /// that stays mapped.
    unsafe fn at(path: &str, address: usize) -> Option<Self> {
        // SAFETY: the caller's; each path is that of the function whose signature the
        // variant spells.
        unsafe {
            Some(match path {
                REGISTER_COMPONENT => {
                    Self::Component(mem::transmute::<usize, OfComponent>(address))
                }
                REGISTER_BUNDLE => Self::Bundle(mem::transmute::<usize, OfBundle>(address)),
                _ => return None,
            })
        }
    }

    /// Registers its types, and says what they are known by.
    fn call(self, world: &mut World) -> Vec<ComponentId> {
        let mut registrator = world.components_registrator();
        let ids = match self {
            Self::Component(register) => vec![register(&mut registrator)],
            Self::Bundle(register) => {
                // The world's own list of bundles stays as it is.
                let (mut bundles, mut storages) = (Bundles::default(), Storages::default());
                // SAFETY: lists and storages are those of no world, in which nothing has a
                // value, and go at once; of the components they take no more than their
                // descriptions.
                let bundle = unsafe { register(&mut bundles, &mut registrator, &mut storages) };
                let info = bundles.get(bundle);
                info.map_or_else(Vec::new, |info| info.explicit_components().to_vec())
            }
        };
        let infos = ids.iter().filter_map(|id| registrator.get_info(*id));
        let required: Vec<_> = infos
            .flat_map(|info| info.required_components().iter_ids())
            .collect();
        ids.into_iter().chain(required).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::ecs::prelude::*;
    use hot_loader_verdict::symbols::Name;

    #[derive(Component)]
    #[require(Needed)]
    struct Spawned;

    #[derive(Component, Default)]
    struct Needed;

    #[derive(Component)]
    struct Never;

    #[test]
    fn a_symbols_path_is_read_as_a_whole() {
        let path = |symbol| Name::of(symbol)?.path();
        let old = "_ZN8bevy_ecs9component8register21ComponentsRegistrator18register_component17h3a43ab1fb3b16505E";
        assert_eq!(path(old).as_deref(), Some(REGISTER_COMPONENT));
        let closure = "_ZN8bevy_ecs9component8register21ComponentsRegistrator18register_component28_$u7b$$u7b$closure$u7d$$u7d$17h3a43ab1fb3b16505E";
        assert_ne!(path(closure).as_deref(), Some(REGISTER_COMPONENT));
        let other = "_ZN4game21ComponentsRegistrator18register_component17h3a43ab1fb3b16505E";
        assert_ne!(path(other).as_deref(), Some(REGISTER_COMPONENT));
    }

    #[test]
    fn what_is_only_spawned_is_found_in_an_image_with_what_it_requires() {
        // Else optimisation inlines it, and the linker drops it.
        type Kept = fn(&mut ComponentsRegistrator<'static>) -> ComponentId;
        std::hint::black_box(ComponentsRegistrator::register_component::<Spawned> as Kept);
        let anchor = what_is_only_spawned_is_found_in_an_image_with_what_it_requires as fn();
        let registrars = Registrars::of(&Image::of_executable(anchor as usize).unwrap());
        let mut world = World::new();
        for name in ["Spawned", "Needed"] {
            let path = format!("{}::{name}", module_path!());
            let [type_id] = registrars.named(&path)[..] else {
                panic!("{path} among {} types", registrars.known().len());
            };
            let id = registrars.register(&mut world, type_id).unwrap();
            assert_eq!(world.components().get_id(type_id), Some(id));
        }
        assert_eq!(
            world.component_id::<Spawned>(),
            world.components().get_id(TypeId::of::<Spawned>())
        );
        assert!(registrars.named(core::any::type_name::<Never>()).is_empty());
        assert_eq!(world.component_id::<Never>(), None);
        let spawned = world.spawn(Spawned);
        assert!(spawned.contains::<Needed>());
        spawned.despawn();
    }
}
