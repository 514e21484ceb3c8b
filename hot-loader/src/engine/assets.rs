//! The private parts of a collection of assets (bevy_asset 0.19.1, `assets.rs`), read where
//! the debug info says that they stand. What is not found there, or is not of the type that
//! it is taken for, counts as in use.

use bevy::{
    ecs::{component::ComponentId, world::World},
    ptr::Ptr,
};
use core::{
    any::type_name,
    ptr::NonNull,
    sync::atomic::{AtomicU32, Ordering},
};
use hot_loader_verdict::layouts::{Kind, Layouts};
use std::sync::Arc;

/// Where a collection counts indices of assets, and where it keeps those to use again.
const ALLOCATOR: [&str; 5] = ["dense_storage", "allocator", "ptr", "pointer", "data"];

fn in_allocator(field: &'static str) -> [&'static str; 6] {
    let [a, b, c, d, e] = ALLOCATOR;
    [a, b, c, d, e, field]
}

/// An asset has another id than all before it, whichever types those had.
#[cfg(feature = "assets")]
pub fn go_on_counting(
    world: &World,
    layouts: &[Arc<Layouts>; 2],
    name: &str,
    ids: [ComponentId; 2],
) {
    use bevy::asset::AssetIndex;
    use crossbeam_channel::{Receiver, Sender};
    let values = ids.map(|id| world.get_resource_by_id(id));
    let [Some(old), Some(new)] = values else {
        return;
    };
    let at = |of: usize, value, field| place(&layouts[of], name, value, &in_allocator(field));
    let (Some(counted), Some(free), Some(counter), Some(sender)) = (
        at(0, old, "next_index"),
        at(0, old, "recycled_queue_receiver"),
        at(1, new, "next_index"),
        at(1, new, "recycled_queue_sender"),
    ) else {
        return;
    };
    if let (Some(counted), Some(free), Some(counter), Some(sender)) = (
        counted.get::<AtomicU32>(),
        free.get::<Receiver<AssetIndex>>(),
        counter.get::<AtomicU32>(),
        sender.get::<Sender<AssetIndex>>(),
    ) {
        counter.store(counted.load(Ordering::Relaxed), Ordering::Relaxed);
        // Its receiver is beside it.
        free.try_iter().all(|index| sender.send(index).is_ok());
    }
}

#[cfg(not(feature = "assets"))]
pub fn go_on_counting(_: &World, _: &[Arc<Layouts>; 2], _: &str, _: [ComponentId; 2]) {}

/// Whether no asset is in a collection, and no handle to one is alive. The engine keeps that
/// for itself, so it is read where the debug info says that it stands. What is not found
/// there counts as in use.
pub fn is_unused(world: &World, layouts: &Layouts, name: &str, id: ComponentId) -> bool {
    let info = world.components().get_info(id);
    let (Some(info), Some(value)) = (info, world.get_resource_by_id(id)) else {
        return false;
    };
    let size = layouts.get(name).map(|ty| ty.size);
    if size != Some(info.layout().size() as u64) {
        return false;
    }
    let at = |path: &[&str]| place(layouts, name, value, path);
    let allocated = at(&in_allocator("next_index"));
    let freed = at(&in_allocator("recycled_queue_receiver"));
    // Those that are not counted: they have fixed ids.
    let fixed = at(&["hash_map", "__0", "table", "table", "items"]);
    let (Some(allocated), Some(freed), Some(fixed)) = (allocated, freed, fixed) else {
        return false;
    };
    // A handle gives its index back when it is dropped.
    let allocated = allocated.get::<AtomicU32>();
    let allocated = allocated.map(|allocated| allocated.load(Ordering::Relaxed) as usize);
    allocated.is_some() && allocated == queued(&freed) && fixed.get::<usize>() == Some(&0)
}

/// How many indices wait in a queue of the engine's.
#[cfg(feature = "assets")]
fn queued(place: &Place) -> Option<usize> {
    let queue = place.get::<crossbeam_channel::Receiver<bevy::asset::AssetIndex>>();
    queue.map(crossbeam_channel::Receiver::len)
}

#[cfg(not(feature = "assets"))]
fn queued(_: &Place) -> Option<usize> {
    None
}

/// A part of a value.
struct Place<'a> {
    value: Ptr<'a>,
    type_name: &'a str,
    size: u64,
}

/// The part of `value` that the fields of a `path` lead to, through pointers too.
fn place<'a>(
    layouts: &'a Layouts,
    type_name: &str,
    value: Ptr<'a>,
    path: &[&str],
) -> Option<Place<'a>> {
    let mut ty = layouts.get(type_name)?;
    let mut value = value;
    for name in path {
        if let Kind::Pointer(to) = &ty.kind {
            // SAFETY: the debug info says that a pointer stands here, in a value that is
            // alive: the engine's `Arc`, whose pointer is never null.
            value = unsafe { Ptr::new(*value.deref::<NonNull<u8>>()) };
            ty = layouts.get(to)?;
        }
        let Kind::Struct(fields) = &ty.kind else {
            return None;
        };
        let field = fields.iter().find(|field| field.name == *name)?;
        // SAFETY: within the value, as the compiler laid it out.
        value = unsafe { value.byte_add(usize::try_from(field.offset).ok()?) };
        ty = layouts.get(&field.type_name)?;
    }
    Some(Place {
        value,
        type_name: &ty.name,
        size: ty.size,
    })
}

impl Place<'_> {
    /// What stands here, if it is of this type.
    fn get<T: 'static>(&self) -> Option<&T> {
        let is_it = self.type_name == type_name::<T>() && self.size == size_of::<T>() as u64;
        // SAFETY: the debug info says that a `T` stands here: of the very crate that is
        // linked here, since cargo builds no two releases of one that are compatible.
        is_it.then(|| unsafe { self.value.deref::<T>() })
    }
}
