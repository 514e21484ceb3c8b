//! Asset types of the module, in edits of types. Handles, the asset server and its loaders
//! go by the type that an asset had when it was registered. So a collection goes live under
//! its new type only where nothing goes by the old one: no asset of it is there, and no handle
//! to one. Else such an edit needs a restart, with the types' names.
//!
//! The new collections come from a recording that is made with the game's own asset server:
//! what the plugin registers with it (collections, loaders) is registered there by the engine's
//! own code. It must never be made before everything else has succeeded, since the server
//! forgets nothing.

use super::{Edit, Refusal, Registered, changes::restart, resources::insert_from};
use crate::{
    layouts::{Kind, Layouts},
    record::{Exported, HostView, RecordError, record_with_server},
    schedules::LiveSchedule,
};
use bevy::{
    ecs::{component::ComponentId, world::World},
    ptr::Ptr,
};
use core::{
    any::{TypeId, type_name},
    mem::ManuallyDrop,
    ptr::NonNull,
    sync::atomic::{AtomicU32, Ordering},
};
use std::collections::BTreeMap;

const ASSETS: &str = "bevy_asset::assets::Assets<";

/// Whether a type of this name is a collection of assets.
pub fn is_collection(name: &str) -> bool {
    name.starts_with(ASSETS)
}

/// The asset's name of a collection's.
fn asset_of(collection: &str) -> &str {
    let asset = collection.strip_prefix(ASSETS);
    asset
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(collection)
}

/// The module's collections that get new types.
pub struct Change {
    old: Vec<ComponentId>,
    new: Vec<TypeId>,
    exported: Exported,
}

/// Collections by their names, with what a world knows them by.
type Collections = BTreeMap<String, (ComponentId, TypeId)>;

/// The collections of a world: the module's own, and others.
fn collections(world: &World, edit: &Edit) -> (Collections, Collections) {
    let resources = world.iter_resources().filter_map(|(info, _)| {
        let name = info.name().to_string();
        is_collection(&name).then_some((name, (info.id(), info.type_id()?)))
    });
    resources.partition(|(name, _)| (edit.ours)(name))
}

impl Change {
    /// Looks for asset types that the edit would renew.
    ///
    /// # Errors
    /// If that cannot be done in the running game, with their names and what to do.
    pub fn prepare(
        world: &World,
        host: &HostView,
        schedules: &[LiveSchedule],
        [old, new]: [&Registered; 2],
        edit: &Edit,
    ) -> Result<Option<Self>, Refusal> {
        let Some(types) = edit.types else {
            return Ok(None);
        };
        let (own, _) = collections(world, edit);
        let (own_after, others) = collections(&new.first.world, edit);
        if own.is_empty() && own_after.is_empty() {
            return Ok(None);
        }
        let (registered, _) = collections(&old.first.world, edit);
        let layouts = types.layouts[0].as_deref();
        let in_use = own.iter().filter(|(name, (id, type_id))| {
            let is_plugins = registered.get(*name).is_some_and(|(_, own)| own == type_id);
            !is_plugins
                || host.resources.contains(type_id)
                || !layouts.is_some_and(|layouts| is_unused(world, layouts, name, *id))
        });
        let in_use: Vec<_> = in_use.map(|(name, _)| asset_of(name)).collect();
        if !in_use.is_empty() {
            return Err(Refusal::Restart(format!(
                "types changed, but assets of the gameplay's own types are in use ({}), and their handles refer to the old types. Restart the game to run this edit, or undo that part. Asset types in a crate that is not reloaded do not need this",
                in_use.join(", ")
            )));
        }
        // The server would take them for those of the recording.
        let others = others
            .iter()
            .filter(|(_, (_, type_id))| !host.resources.contains(type_id));
        let mut others: Vec<_> = others.map(|(name, _)| asset_of(name).to_owned()).collect();
        others.extend(registered_again(schedules, edit));
        if !others.is_empty() || has_processor(world) {
            return Err(restart(&format!(
                "types changed, and with them the gameplay's own asset types, which its plugin would have to register again together with others ({})",
                others.join(", ")
            )));
        }
        Ok(Some(Self {
            old: own.into_values().map(|(id, _)| id).collect(),
            new: own_after
                .into_values()
                .map(|(_, type_id)| type_id)
                .collect(),
            exported: edit.exported.clone(),
        }))
    }

    /// Exchanges them.
    ///
    /// # Errors
    /// If the plugin cannot be recorded any more. Then nothing was changed.
    pub fn commit(self, world: &mut World, host: &HostView) -> Result<(), RecordError> {
        let recorded = record_with_server(host, world, &self.exported)?;
        // What it gave away is not its own any more.
        let recorded = ManuallyDrop::new(recorded);
        for id in self.old {
            world.remove_resource_by_id(id);
        }
        for type_id in self.new {
            let ids = [&*world, &recorded.world].map(|world| world.components().get_id(type_id));
            if let [Some(live), Some(id)] = ids {
                insert_from(world, live, &recorded.world, id);
            }
        }
        Ok(())
    }
}

/// Collections of others that the plugin registers, by the systems that come with that.
fn registered_again(schedules: &[LiveSchedule], edit: &Edit) -> impl Iterator<Item = String> {
    let systems = schedules.iter().flat_map(|live| &live.systems);
    let names = systems.map(|placed| &placed.live.id.name);
    let others = names.filter(|name| is_collection(name) && !(edit.ours)(name));
    others.map(|name| {
        let end = name.rfind(">::").map_or(name.len(), |end| end + 1);
        asset_of(&name[..end]).to_owned()
    })
}

/// Whether assets are processed, by a server of its own.
fn has_processor(world: &World) -> bool {
    let mut resources = world.iter_resources();
    resources.any(|(info, _)| info.name().to_string() == "bevy_asset::processor::AssetProcessor")
}

/// Whether no asset is in a collection, and no handle to one is alive. The engine keeps that
/// for itself, so it is read where the debug info says that it stands. What is not found
/// there counts as in use.
fn is_unused(world: &World, layouts: &Layouts, name: &str, id: ComponentId) -> bool {
    let info = world.components().get_info(id);
    let (Some(info), Some(value)) = (info, world.get_resource_by_id(id)) else {
        return false;
    };
    let size = layouts.get(name).map(|ty| ty.size);
    if size != Some(info.layout().size() as u64) {
        return false;
    }
    const ALLOCATOR: [&str; 5] = ["dense_storage", "allocator", "ptr", "pointer", "data"];
    let at = |path: &[&str]| place(layouts, name, value, path);
    let allocated = at(&[&ALLOCATOR[..], &["next_index"]].concat());
    let freed = at(&[&ALLOCATOR[..], &["recycled_queue_receiver"]].concat());
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
