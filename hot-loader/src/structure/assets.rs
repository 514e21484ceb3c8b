//! Asset types of the module, in edits of types. Handles, the asset server and its loaders
//! go by the type that an asset had when it was registered. So a collection goes live under
//! its new type only where nothing goes by the old one: no asset of it is there, and no handle
//! to one. Else such an edit needs a restart, with the types' names.
//!
//! The new collections come from a recording that is made with the game's own asset server:
//! what the plugin registers with it (collections, loaders) is registered there by the engine's
//! own code. The server forgets nothing, so that comes last of all that can fail, and what it
//! may still put events or assets into stays in the world, where no code sees it: the old
//! collections, empty, and their queues.

use super::{
    Edit, Refusal, Registered,
    resources::{insert_from, is_messages},
};
use crate::{
    record::{Exported, HostView, RecordError, Recorded, record_with_server},
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
use hot_loader_verdict::layouts::{Kind, Layouts};
use std::{collections::BTreeMap, sync::Arc};

const ASSETS: &str = "bevy_asset::assets::Assets<";

/// Whether a type of this name is a collection of assets.
pub fn is_collection(name: &str) -> bool {
    name.starts_with(ASSETS)
}

/// Whether a type of this name is a queue of events of assets.
pub fn is_queue(name: &str) -> bool {
    is_messages(name) && name.contains("<bevy_asset::event::")
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
    old: BTreeMap<String, TypeId>,
    new: BTreeMap<String, TypeId>,
    /// Queues of events of theirs, before and after.
    queues: [Vec<TypeId>; 2],
    layouts: [Arc<Layouts>; 2],
    exported: Exported,
    /// What was recorded with the game's own server. It gives its collections away.
    recorded: Option<ManuallyDrop<Recorded>>,
}

/// The types of resources of some kind, by their names.
fn resources(world: &World, is: impl Fn(&str) -> bool) -> BTreeMap<String, TypeId> {
    let resources = world.iter_resources().filter_map(|(info, _)| {
        let name = info.name().to_string();
        is(&name).then_some((name, info.type_id()?))
    });
    resources.collect()
}

/// The resource of a type, where it is there.
fn id_of(world: &World, type_id: TypeId) -> Option<ComponentId> {
    let id = world.components().get_id(type_id);
    id.filter(|id| world.contains_resource_by_id(*id))
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
        let is_own = |name: &str| is_collection(name) && (edit.ours)(name);
        let [before, after] = [old, new].map(|it| resources(&it.first.world, is_own));
        let mut all = world.iter_resources();
        let is_hosts = all.any(|(info, _)| {
            let is_hosts = info
                .type_id()
                .is_some_and(|id| host.resources.contains(&id));
            is_hosts && is_own(&info.name().to_string())
        });
        if before.is_empty() && after.is_empty() && !is_hosts {
            return Ok(None);
        }
        let names = |all: &[&String]| {
            let names: Vec<_> = all.iter().map(|name| asset_of(name)).collect();
            names.join(", ")
        };
        let cannot = |why: String| {
            Err(Refusal::Restart(format!(
                "types change, and with them the gameplay's own asset types, but {why}. Restart the game to run this edit, or undo that part; asset types in a crate that is not reloaded do not stand in the way"
            )))
        };
        let [Some(layouts), Some(new_layouts)] = &types.layouts else {
            return cannot("without debug info it is not known whether any are in use".into());
        };
        let in_use: Vec<_> = before
            .iter()
            .filter(|(name, type_id)| {
                let id = id_of(world, **type_id);
                id.is_some_and(|id| !is_unused(world, layouts, name, id))
            })
            .map(|(name, _)| name)
            .collect();
        if !in_use.is_empty() {
            return cannot(format!(
                "some are in use ({}), and their handles belong to the old types",
                names(&in_use)
            ));
        }
        let made: Vec<_> = after
            .iter()
            .filter(|(name, type_id)| {
                let world = &new.first.world;
                let id = id_of(world, **type_id);
                id.is_some_and(|id| !is_unused(world, new_layouts, name, id))
            })
            .map(|(name, _)| name)
            .collect();
        if !made.is_empty() {
            return cannot(format!(
                "the plugin loads or adds some while it is built ({})",
                names(&made)
            ));
        }
        // The server would take them for those of the recording.
        let others = resources(&new.first.world, |name| {
            is_collection(name) && !is_own(name)
        });
        let others = others
            .iter()
            .filter(|(_, id)| !host.resources.contains(*id));
        let mut others: Vec<_> = others.map(|(name, _)| asset_of(name).to_owned()).collect();
        others.extend(registered_again(schedules, edit));
        if !others.is_empty() {
            return cannot(format!(
                "its plugin would have to register others again with them ({})",
                others.join(", ")
            ));
        }
        if is_hosts {
            return cannot("the executable registers them itself".into());
        }
        if has_processor(world) {
            return cannot("the game processes assets".into());
        }
        Ok(Some(Self {
            old: before,
            new: after,
            queues: [old, new].map(|it| {
                let queues = resources(&it.first.world, |name| is_queue(name) && (edit.ours)(name));
                queues.into_values().collect()
            }),
            layouts: [layouts.clone(), new_layouts.clone()],
            exported: edit.exported.clone(),
            recorded: None,
        }))
    }

    /// Removes what an earlier edit left under the new types, which are old ones that come back.
    pub fn make_room(&self, world: &mut World) {
        let [_, queues] = &self.queues;
        for type_id in queues.iter().chain(self.new.values()) {
            if let Some(id) = id_of(world, *type_id) {
                world.remove_resource_by_id(id);
            }
        }
    }

    /// Registers the new types with the game's server.
    ///
    /// # Errors
    /// If the plugin cannot be recorded any more. Then the world is as it was.
    pub fn record(&mut self, world: &World, host: &HostView) -> Result<(), RecordError> {
        let recorded = record_with_server(host, world, &self.exported)?;
        self.recorded = Some(ManuallyDrop::new(recorded));
        Ok(())
    }

    /// Puts the new collections into the world, and empty queues for events that the server
    /// may still have for the old ones: out of `old`, which must never be dropped then.
    pub fn commit(self, world: &mut World, old: &World) {
        let Some(recorded) = &self.recorded else {
            return;
        };
        for (name, type_id) in &self.new {
            let ids = [&*world, &recorded.world].map(|world| world.components().get_id(*type_id));
            if let [Some(live), Some(id)] = ids
                && insert_from(world, live, &recorded.world, id)
                && let Some(before) = self.old.get(name).and_then(|old| id_of(world, *old))
            {
                go_on_counting(world, &self.layouts, name, [before, live]);
            }
        }
        let [queues, _] = &self.queues;
        for type_id in queues {
            let ids = [&*world, old].map(|world| world.components().get_id(*type_id));
            if let [Some(live), Some(id)] = ids
                && !world.contains_resource_by_id(live)
            {
                insert_from(world, live, old, id);
            }
        }
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

/// Where a collection counts indices of assets, and where it keeps those to use again.
const ALLOCATOR: [&str; 5] = ["dense_storage", "allocator", "ptr", "pointer", "data"];

fn in_allocator(field: &'static str) -> [&'static str; 6] {
    let [a, b, c, d, e] = ALLOCATOR;
    [a, b, c, d, e, field]
}

/// An asset has another id than all before it, whichever types those had.
#[cfg(feature = "assets")]
fn go_on_counting(world: &World, layouts: &[Arc<Layouts>; 2], name: &str, ids: [ComponentId; 2]) {
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
fn go_on_counting(_: &World, _: &[Arc<Layouts>; 2], _: &str, _: [ComponentId; 2]) {}

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
