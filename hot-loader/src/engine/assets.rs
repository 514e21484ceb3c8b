//! The private parts of a collection of assets (bevy_asset 0.19.1, `assets.rs`), read where
//! the debug info says that they stand. What is not found there, or is not of the type that
//! it is taken for, counts as in use.

#[cfg(feature = "assets")]
use bevy::asset::AssetIndex;
use bevy::{
    ecs::{component::ComponentId, world::World},
    ptr::Ptr,
};
use core::{
    any::type_name,
    ptr::NonNull,
    sync::atomic::{AtomicU32, Ordering},
};
use crossbeam_channel::{Receiver, Sender};
use hot_loader_verdict::layouts::{Kind, Layouts};
use std::sync::Arc;

/// The engine has no assets: no value has a part of this type.
#[cfg(not(feature = "assets"))]
struct AssetIndex;

/// Where a collection counts indices of assets, and where it keeps those to use again.
const NEXT: &str = "dense_storage.allocator.ptr.pointer.data.next_index";
const RECEIVER: &str = "dense_storage.allocator.ptr.pointer.data.recycled_queue_receiver";
const SENDER: &str = "dense_storage.allocator.ptr.pointer.data.recycled_queue_sender";
/// How many assets a collection has that are not counted: they have fixed ids.
const FIXED: &str = "hash_map.__0.table.table.items";

/// An asset has another id than all before it, whichever types those had. `None` if it is not
/// known where they are counted.
pub fn go_on_counting(
    world: &World,
    [before, after]: &[Arc<Layouts>; 2],
    name: &str,
    [old, new]: [ComponentId; 2],
) -> Option<()> {
    let old = world.get_resource_by_id(old)?;
    let new = world.get_resource_by_id(new)?;
    let counted: &AtomicU32 = part(before, name, old, NEXT)?;
    let free: &Receiver<AssetIndex> = part(before, name, old, RECEIVER)?;
    let counter: &AtomicU32 = part(after, name, new, NEXT)?;
    let sender: &Sender<AssetIndex> = part(after, name, new, SENDER)?;
    counter.store(counted.load(Ordering::Relaxed), Ordering::Relaxed);
    // Its receiver is beside it.
    free.try_iter().all(|index| sender.send(index).is_ok());
    Some(())
}

/// Whether no asset is in a collection, and no handle to one is alive. The engine keeps that
/// for itself, so it is read where the debug info says that it stands. What is not found
/// there counts as in use.
pub fn is_unused(world: &World, layouts: &Layouts, name: &str, id: ComponentId) -> bool {
    let is_unused = || {
        let value = world.get_resource_by_id(id)?;
        let size = world.components().get_info(id)?.layout().size();
        if layouts.get(name)?.size != size as u64 {
            return None;
        }
        let allocated: &AtomicU32 = part(layouts, name, value, NEXT)?;
        let freed: &Receiver<AssetIndex> = part(layouts, name, value, RECEIVER)?;
        let fixed: &usize = part(layouts, name, value, FIXED)?;
        // A handle gives its index back when it is dropped.
        Some(allocated.load(Ordering::Relaxed) as usize == freed.len() && *fixed == 0)
    };
    is_unused() == Some(true)
}

/// The part of `value` that the fields of a `path` lead to, through pointers too, if it is a
/// `T`.
fn part<'a, T: 'static>(
    layouts: &Layouts,
    of: &str,
    mut value: Ptr<'a>,
    path: &str,
) -> Option<&'a T> {
    let mut ty = layouts.get(of)?;
    for name in path.split('.') {
        if let Kind::Pointer(to) = &ty.kind {
            // SAFETY: the debug info says that a pointer stands here, in a value that is
            // alive: the engine's `Arc`, whose pointer is never null.
            value = unsafe { Ptr::new(*value.deref::<NonNull<u8>>()) };
            ty = layouts.get(to)?;
        }
        let Kind::Struct(fields) = &ty.kind else {
            return None;
        };
        let field = fields.iter().find(|field| field.name == name)?;
        // SAFETY: within the value, as the compiler laid it out.
        value = unsafe { value.byte_add(usize::try_from(field.offset).ok()?) };
        ty = layouts.get(&field.type_name)?;
    }
    let is_it = *ty.name == *type_name::<T>() && ty.size == size_of::<T>() as u64;
    // SAFETY: the debug info says that a `T` stands here: of the very crate that is linked
    // here, since cargo builds no two releases of one that are compatible.
    is_it.then(|| unsafe { value.deref::<T>() })
}
