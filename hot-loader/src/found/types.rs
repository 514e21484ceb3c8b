//! The types of a generation that derive `Reflect`, registered or not: found by the
//! symbols of their registration functions, which the derive writes and nobody needs
//! to have called.
//!
//! Found so, they are asked for while values are migrated; into a registry that games
//! see they come only where the engine itself would have put them.

use super::registrars::Registrars;
use crate::{engine::names::REGISTRATION, load::Image};
use bevy::{
    ecs::{reflect::AppTypeRegistry, world::World},
    reflect::{TypeRegistration, TypeRegistry},
};
use hot_loader_verdict::symbols::Name;
use std::sync::Arc;

/// `GetTypeRegistration::get_type_registration`.
type Register = fn() -> TypeRegistration;

/// `GetTypeRegistration::register_type_dependencies`.
type Depend = fn(&mut TypeRegistry);

/// Types of one image.
#[derive(Clone, Debug, Default)]
pub struct FoundTypes {
    register: Vec<Register>,
    depend: Vec<Depend>,
    /// All its components and resources, whether they derive it or not.
    pub components: Arc<Registrars>,
}

impl FoundTypes {
    /// Looks through the symbols of a loaded generation.
    pub fn of(image: &Image) -> Self {
        let mut found = Self {
            components: Arc::new(Registrars::of(image)),
            ..Self::default()
        };
        for (symbol, address) in image.functions_with("GetTypeRegistration") {
            let name = Name::of(symbol);
            let method = name.filter(|name| name.of_trait.as_deref() == Some(REGISTRATION));
            match method.as_ref().map(|method| method.name.as_str()) {
                Some("get_type_registration") => {
                    // SAFETY: the symbol is that of the trait's method in some impl of
                    // bevy_reflect's own trait, whose signature has neither generics nor
                    // `self`; compiler and engine are this process's (`load::check`), and
                    // images stay mapped.
                    let function = unsafe { core::mem::transmute::<usize, Register>(address) };
                    found.register.push(function);
                }
                Some("register_type_dependencies") => {
                    // SAFETY: as above.
                    let function = unsafe { core::mem::transmute::<usize, Depend>(address) };
                    found.depend.push(function);
                }
                _ => {}
            }
        }
        found
    }

    /// Adds those that Bevy's `reflect_auto_register` would: generic types are not among
    /// them.
    pub fn register_derived(&self, registry: &mut TypeRegistry) {
        self.add(registry, |type_path| !type_path.contains('<'));
    }

    fn add(&self, registry: &mut TypeRegistry, is_wanted: impl Fn(&str) -> bool) {
        for register in &self.register {
            let registration = register();
            let is_wanted = is_wanted(registration.type_info().type_path());
            if is_wanted && !registry.contains(registration.type_id()) {
                registry.add_registration(registration);
            }
        }
        // `register` adds what a type depends on.
        for depend in &self.depend {
            depend(registry);
        }
    }

    /// How many functions of types were found.
    #[cfg(feature = "snapshots")]
    pub fn len(&self) -> usize {
        self.register.len() + self.depend.len()
    }

    /// The types that are registered in `world`, and these.
    pub fn beside_registered(&self, world: &World) -> TypeRegistry {
        let mut all = TypeRegistry::empty();
        if let Some(registered) = world.get_resource::<AppTypeRegistry>() {
            for registration in registered.read().iter() {
                all.add_registration(registration.clone());
            }
        }
        self.add(&mut all, |_| true);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::reflect::Reflect;

    #[derive(Reflect)]
    struct Unregistered {
        _number: u32,
    }

    #[test]
    fn types_that_nobody_registered_are_found_in_an_image() {
        // Else the linker drops its functions.
        let mut used = TypeRegistry::empty();
        used.register::<Unregistered>();
        let anchor = types_that_nobody_registered_are_found_in_an_image as fn() as usize;
        let image = Image::of_executable(anchor).unwrap();
        let mut world = World::new();
        world.init_resource::<AppTypeRegistry>();
        let all = FoundTypes::of(&image).beside_registered(&world);
        assert!(all.contains(core::any::TypeId::of::<Unregistered>()));
        assert!(
            all.contains(core::any::TypeId::of::<bool>()),
            "what was registered"
        );
    }
}
