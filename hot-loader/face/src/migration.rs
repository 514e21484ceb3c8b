//! How a game controls the migration of values whose types change: [`Was`], an attribute
//! for what was renamed, and [`AppExtMigration`], methods for a plugin's `build`.
//!
//! All of it exists in static builds too, where no type ever changes and the methods do
//! nothing. This file stores what the game asks for; `migrate` acts on it.

use bevy::{
    app::App,
    ecs::component::Component,
    reflect::{PartialReflect, Reflect},
};
use core::fmt::Display;

/// The former names of a field, a variant or a type, separated by commas. A custom
/// attribute for `#[reflect(…)]`.
///
/// A type's former name is a path. Its last segments are enough where they are
/// unambiguous.
///
/// ```no_run,standalone_crate
/// # use bevy::prelude::*;
/// # fn main() {}
/// use hot_loader::Was;
///
/// #[derive(Component, Reflect, Default)]
/// #[reflect(Component, Default, @Was("systems::ship::Boat"))]
/// struct Ship {
///     #[reflect(@Was("velocity"))]
///     speed: Vec2,
/// }
/// ```
///
/// It matters only for the reload that renames. A later edit may remove it.
#[derive(Reflect, Clone, Copy, Debug, PartialEq, Eq)]
// Else its registration would be linked into every generation, and run when one is loaded.
#[reflect(no_auto_register)]
pub struct Was(pub &'static str);

/// Controls what happens to values of types that an edit changes.
pub trait AppExtMigration {
    /// Registers a function that makes a value of `T` from one that has the definition of
    /// before an edit. It replaces the migration that hot-loader would choose.
    ///
    /// The function sees the old value through reflection. It is called for each value of
    /// the type, wherever it is: in components, in resources, in fields of other types.
    ///
    /// It runs in the edit that adds it and whenever `T` changes again. Remove it once it
    /// has run.
    ///
    /// An error or a panic rejects the edit, and the old code keeps running.
    ///
    /// ```no_run,standalone_crate
    /// # use bevy::prelude::*;
    /// # fn main() {}
    /// use hot_loader::AppExtMigration;
    ///
    /// /// Was in degrees; is now in radians.
    /// #[derive(Component, Reflect)]
    /// struct Heading(f32);
    ///
    /// fn gameplay(app: &mut App) {
    ///     app.add_migration(|old| {
    ///         let old = old.reflect_ref().as_tuple_struct()?;
    ///         let degrees = old.field(0).and_then(|f| f.try_downcast_ref::<f32>());
    ///         let degrees = degrees.ok_or("no number in it")?;
    ///         Ok::<_, BevyError>(Heading(degrees.to_radians()))
    ///     });
    /// }
    /// ```
    fn add_migration<T: Reflect, E: Display>(
        &mut self,
        migration: impl Fn(&dyn PartialReflect) -> Result<T, E> + Send + Sync + 'static,
    ) -> &mut Self;

    /// Allows the values of the component `T` to be lost when an edit changes `T`. They
    /// become `T::default()`, and the reload's report names the type.
    fn reset_on_change<T: Component + Default>(&mut self) -> &mut Self;
}

impl AppExtMigration for App {
    fn add_migration<T: Reflect, E: Display>(
        &mut self,
        migration: impl Fn(&dyn PartialReflect) -> Result<T, E> + Send + Sync + 'static,
    ) -> &mut Self {
        #[cfg(feature = "hot")]
        self.world_mut()
            .get_resource_or_init::<hot::Migrations>()
            .by_type
            .insert(
                core::any::TypeId::of::<T>(),
                std::sync::Arc::new(move |old| match migration(old) {
                    Ok(new) => Ok(Box::new(new)),
                    Err(error) => Err(error.to_string()),
                }),
            );
        #[cfg(not(feature = "hot"))]
        let _ = migration;
        self
    }

    fn reset_on_change<T: Component + Default>(&mut self) -> &mut Self {
        #[cfg(feature = "hot")]
        self.world_mut()
            .get_resource_or_init::<hot::Migrations>()
            .resets
            .insert(core::any::TypeId::of::<T>(), hot::write_default::<T>);
        self
    }
}

#[cfg(feature = "hot")]
#[doc(hidden)]
pub mod hot {
    //! What was registered, kept in the world in which it was registered.

    use super::{PartialReflect, Reflect};
    use bevy::ecs::resource::Resource;
    use core::any::TypeId;
    use std::{collections::HashMap, sync::Arc};

    /// Makes a value of a type from one of its old definition.
    pub type Migration =
        Arc<dyn Fn(&dyn PartialReflect) -> Result<Box<dyn Reflect>, String> + Send + Sync>;

    /// Writes a fresh value of a type to a place that holds none.
    ///
    /// # Safety
    /// The place must be valid for a write of the type that it is filed under.
    pub type Reset = unsafe fn(*mut u8);

    /// By the new types.
    #[derive(Resource, Default, Clone)]
    pub struct Migrations {
        /// What users wrote.
        pub by_type: HashMap<TypeId, Migration>,
        /// What may be lost.
        pub resets: HashMap<TypeId, Reset>,
    }

    /// Writes a default value, as a [`Reset`] of its type does.
    #[expect(
        unsafe_code,
        reason = "a value is written to the place it is meant for"
    )]
    pub(super) unsafe fn write_default<T: Default>(place: *mut u8) {
        // SAFETY: the caller's.
        unsafe { place.cast::<T>().write(T::default()) };
    }
}
