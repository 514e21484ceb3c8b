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

use super::{Edit, Refusal, Registered, resources::insert_from};
use crate::{
    engine::assets::{go_on_counting, is_unused},
    engine::names::{asset_of, is_asset_processor, is_collection, is_messages, is_of_asset_events},
    record::{Exported, HostView, RecordError, Recorded, record_with_server},
    schedules::LiveSchedule,
};
use bevy::ecs::{component::ComponentId, world::World};
use core::{any::TypeId, mem::ManuallyDrop};
use hot_loader_verdict::layouts::Layouts;
use std::{collections::BTreeMap, sync::Arc};

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
        if !resources(world, is_asset_processor).is_empty() {
            return cannot("the game processes assets".into());
        }
        Ok(Some(Self {
            old: before,
            new: after,
            queues: [old, new].map(|it| {
                let queues = resources(&it.first.world, |name| {
                    is_messages(name) && is_of_asset_events(name) && (edit.ours)(name)
                });
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
