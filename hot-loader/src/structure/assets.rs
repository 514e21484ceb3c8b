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
    Both, Refusal, Registered,
    transfer::{Resources, has, id_of, insert_from, resources},
};
use crate::{
    engine::assets::{go_on_counting, is_unused},
    engine::names::{asset_of, is_asset_processor, is_collection, is_messages, is_of_asset_events},
    record::Recorded,
};
use bevy::ecs::world::World;
use core::{any::TypeId, mem::ManuallyDrop};
use hot_loader_verdict::layouts::Layouts;
use std::sync::Arc;

/// The module's collections that get new types.
pub struct Change {
    old: Resources,
    new: Resources,
    /// Queues of events of theirs, before and after.
    queues: [Vec<TypeId>; 2],
    layouts: [Arc<Layouts>; 2],
    /// What was recorded with the game's own server. It gives its collections away.
    pub(super) recorded: Option<ManuallyDrop<Recorded>>,
}

impl Change {
    /// Looks for asset types that the edit would renew.
    ///
    /// # Errors
    /// If that cannot be done in the running game, with their names and what to do.
    pub fn prepare(world: &World, both: &Both) -> Result<Option<Self>, Refusal> {
        let planned = both.planned;
        if !planned.changes_types() {
            return Ok(None);
        }
        let is_own = |name: &str, _| is_collection(name) && planned.is_ours(name);
        let [before, after] = [both.old, both.new].map(|it| resources(&it.first.world, is_own));
        let hosts = resources(world, |name, type_id| {
            is_own(name, type_id) && both.gameplay.host.resources.contains(&type_id)
        });
        if before.is_empty() && after.is_empty() && hosts.is_empty() {
            return Ok(None);
        }
        let cannot = |why: String| {
            Err(Refusal::Restart(format!(
                "types change, and with them the gameplay's own asset types, but {why}. Restart the game to run this edit, or undo that part; asset types in a crate that is not reloaded do not stand in the way"
            )))
        };
        let (Some(layouts), Some(new_layouts)) = (&planned.from.layouts, &planned.to.layouts)
        else {
            return cannot("without debug info it is not known whether any are in use".into());
        };
        let used = in_use(world, &before, layouts);
        let made = in_use(&both.new.first.world, &after, new_layouts);
        let others = registered_again(both);
        let why = if !used.is_empty() {
            format!("some are in use ({used}), and their handles belong to the old types")
        } else if !made.is_empty() {
            format!("the plugin loads or adds some while it is built ({made})")
        } else if !others.is_empty() {
            format!("its plugin would have to register others again with them ({others})")
        } else if !hosts.is_empty() {
            "the executable registers them itself".into()
        } else if !resources(world, |name, _| is_asset_processor(name)).is_empty() {
            "the game processes assets".into()
        } else {
            String::new()
        };
        if !why.is_empty() {
            return cannot(why);
        }
        let queues = |it: &Registered| {
            let queues = resources(&it.first.world, |name, _| {
                is_messages(name) && is_of_asset_events(name) && planned.is_ours(name)
            });
            queues.into_values().collect()
        };
        Ok(Some(Self {
            old: before,
            new: after,
            queues: [both.old, both.new].map(queues),
            layouts: [layouts.clone(), new_layouts.clone()],
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

    /// Puts the new collections into the world, and empty queues for events that the server
    /// may still have for the old ones: out of `old`, which must never be dropped then.
    pub fn commit(self, world: &mut World, old: &World) {
        let Some(recorded) = &self.recorded else {
            return;
        };
        for (name, type_id) in &self.new {
            if insert_from(world, &recorded.world, *type_id)
                && let Some(live) = id_of(world, *type_id)
                && let Some(before) = self.old.get(name).and_then(|old| id_of(world, *old))
            {
                go_on_counting(world, &self.layouts, name, [before, live]);
            }
        }
        let [queues, _] = &self.queues;
        for type_id in queues {
            if !has(world, *type_id) {
                insert_from(world, old, *type_id);
            }
        }
    }
}

/// The assets of those collections that hold some, or of which there are handles.
fn in_use(world: &World, collections: &Resources, layouts: &Layouts) -> String {
    let used = collections.iter().filter(|(name, type_id)| {
        let id = id_of(world, **type_id);
        id.is_some_and(|id| !is_unused(world, layouts, name, id))
    });
    let names: Vec<_> = used.map(|(name, _)| asset_of(name)).collect();
    names.join(", ")
}

/// The assets of others that the plugin registers, by their collections and by the systems
/// that come with that: the server would take them for those of the recording.
fn registered_again(both: &Both) -> String {
    let is_others = |name: &str| is_collection(name) && !both.planned.is_ours(name);
    let collections = resources(&both.new.first.world, |name, type_id| {
        is_others(name) && !both.gameplay.host.resources.contains(&type_id)
    });
    let live = both.gameplay.schedules.iter();
    let systems = live.flat_map(|live| &live.systems);
    let systems = systems.map(|placed| placed.id.name.as_str());
    let systems = systems.filter(|name| is_others(name)).map(|name| {
        let end = name.rfind(">::").map_or(name.len(), |end| end + 1);
        &name[..end]
    });
    let all = collections.keys().map(String::as_str).chain(systems);
    let names: Vec<_> = all.map(asset_of).collect();
    names.join(", ")
}
