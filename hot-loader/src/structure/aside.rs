//! Values of resources that are gone from the code: they are kept, and come back with it.

use super::transfer::{Resources, id_of, insert_from, swap, value_of};
use crate::migrate::Waiting;
use bevy::ecs::{component::ComponentId, world::World};
use core::{any::TypeId, mem::ManuallyDrop, ptr::NonNull};

/// The values: each lies in a world in which it was recorded, in place of its initial
/// value. These worlds are never dropped, since values that came back were moved out of
/// them.
#[derive(Default)]
pub struct Aside(Vec<(ManuallyDrop<World>, Resources)>);

impl Aside {
    /// Whether a value of this type is kept.
    pub fn has(&self, type_id: TypeId) -> bool {
        self.types().any(|(_, kept)| *kept == type_id)
    }

    fn types(&self) -> impl Iterator<Item = (&String, &TypeId)> {
        self.0.iter().flat_map(|(_, types)| types)
    }

    /// Whether a value is kept that was of this name and is of an earlier type, so that it
    /// does not come back.
    pub fn has_outlived(&self, name: &str, type_id: TypeId) -> bool {
        let mut types = self.types();
        types.any(|(kept, kept_id)| kept == name && *kept_id != type_id)
    }

    /// The live world's ids of the types of which values are kept.
    pub fn ids(&self, world: &World) -> impl Iterator<Item = ComponentId> {
        let types = self.types();
        types.filter_map(|(_, type_id)| world.components().get_id(*type_id))
    }

    /// The newest value of this name, which is of an earlier type.
    pub fn outlived(&self, world: &World, name: &str, type_id: TypeId) -> Option<Waiting> {
        self.0.iter().rev().find_map(|(kept, types)| {
            let old = *types.get(name)?;
            Some(Waiting {
                name: name.to_owned(),
                old: world.components().get_id(old)?,
                new: world.components().get_id(type_id)?,
                value: NonNull::new(value_of(kept, old)?.as_ptr())?,
            })
        })
    }

    /// Gives up the values of this name: one of them has moved to the live world.
    pub fn forget(&mut self, name: &str) {
        for (_, types) in &mut self.0 {
            types.remove(name);
        }
    }

    /// Moves a value back into the live world. Whether there was one.
    pub fn give_back(&mut self, world: &mut World, name: &str, type_id: TypeId) -> bool {
        let mut kept = self.0.iter_mut();
        let kept = kept.find(|(_, types)| types.get(name) == Some(&type_id));
        kept.is_some_and(|(kept, types)| {
            types.remove(name);
            insert_from(world, kept, type_id)
        })
    }

    /// Takes values out of the live world, into one in which they were recorded.
    pub fn keep(&mut self, world: &mut World, mut recorded: World, mut gone: Resources) {
        gone.retain(|_, type_id| {
            let is_kept = swap(world, &mut recorded, *type_id);
            // What a recording had in its place.
            if let Some(id) = id_of(world, *type_id) {
                world.remove_resource_by_id(id);
            }
            is_kept
        });
        self.0.push((ManuallyDrop::new(recorded), gone));
    }
}
