//! Resources: new ones come with their initial value, live ones keep theirs but for
//! the fields whose initial value an edit changed, those that are gone from the code
//! are kept aside and come back with it.
//!
//! Values cross between worlds by their bytes, under the type that both worlds know
//! them by. A world that a value was moved out of is never dropped.

use super::{
    Applied, Edit, Refusal, Registered,
    changes::restart,
    foreign,
    messages::{self, AdoptedMessages},
    values::{self, Field},
};
use crate::{
    engine::names::{
        self, changes_by_itself, is_collection, is_messages, is_transitions, previous_state_of,
        state_of, transition_of,
    },
    migrate::Waiting,
    migration::hot::Migrations,
    panics,
    record::{HostView, record},
};
use bevy::{
    ecs::{
        change_detection::{DetectChangesMut, MaybeLocation},
        component::ComponentId,
        message::MessageRegistry,
        reflect::{AppTypeRegistry, ReflectComponent},
        schedule::Schedules,
        world::World,
    },
    ptr::OwningPtr,
    reflect::ReflectFromPtr,
};
use core::{
    any::TypeId,
    mem::{self, ManuallyDrop},
    ptr,
};
use hot_loader_verdict::names::Renames;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What happens to resources.
#[derive(Default)]
pub struct Changes {
    new: Vec<Resource>,
    /// Those that cannot come, unless they are old ones under another name.
    unfit: Vec<(String, Refusal)>,
    /// Those whose types are other ones now.
    renewed: Vec<(String, TypeId)>,
    /// Queues of messages under their new types.
    queues: Vec<Resource>,
    /// Those of them that say which states were entered and left.
    transitions: Vec<Resource>,
    gone: Vec<Resource>,
    back: Vec<Resource>,
    merges: Vec<(Resource, Merge)>,
    kept: Vec<String>,
    /// Gives its values to the live world, and serves for nothing else.
    donor: Option<World>,
    /// Updates the new messages.
    updater: Option<World>,
}

/// A resource, by what the worlds know it by.
#[derive(Clone, Debug)]
struct Resource {
    type_id: TypeId,
    name: String,
    /// In the live world.
    live: ComponentId,
}

impl Resource {
    fn is_messages(&self) -> bool {
        is_messages(&self.name)
    }
}

/// The types of all queues of messages in `world`.
pub fn messages_of(world: &World) -> HashSet<TypeId> {
    let resources = resources_of(world).into_iter();
    resources
        .filter(|(name, _)| is_messages(name))
        .map(|(_, type_id)| type_id)
        .collect()
}

enum Merge {
    Fields(Vec<Field>),
    Bytes(Vec<u8>),
}

/// Values of resources that are gone from the code: each lies in a world in which it
/// was recorded, in place of its initial value. These worlds are never dropped, since
/// values that came back were moved out of them.
#[derive(Default)]
pub struct Aside(Vec<(ManuallyDrop<World>, HashMap<TypeId, String>)>);

impl Aside {
    fn has(&self, type_id: TypeId) -> bool {
        let mut kept = self.0.iter();
        kept.any(|(_, types)| types.contains_key(&type_id))
    }

    /// Whether a value is kept that was of this name and is of an earlier type, so that it
    /// does not come back.
    fn has_outlived(&self, resource: &Resource) -> bool {
        let mut kept = self.0.iter().flat_map(|(_, types)| types);
        kept.any(|(type_id, name)| *type_id != resource.type_id && *name == resource.name)
    }

    /// The live world's ids of the types of which values are kept.
    pub fn ids(&self, world: &World) -> impl Iterator<Item = ComponentId> {
        let types = self.0.iter().flat_map(|(_, types)| types.keys());
        types.filter_map(|type_id| world.components().get_id(*type_id))
    }

    /// The values that are of this name and of an earlier type.
    fn outlived(&self, world: &World, resource: &Resource) -> Option<Waiting> {
        self.0.iter().rev().find_map(|(kept, types)| {
            let mut types = types.iter();
            let (type_id, _) = types.find(|(_, name)| **name == resource.name)?;
            let id = kept.components().get_id(*type_id)?;
            let value = kept.get_resource_by_id(id)?;
            Some(Waiting {
                name: resource.name.clone(),
                old: world.components().get_id(*type_id)?,
                new: resource.live,
                value: ptr::NonNull::new(value.as_ptr())?,
            })
        })
    }

    /// Gives up the values of this name: one of them has moved to the live world.
    fn forget(&mut self, name: &str) {
        for (_, types) in &mut self.0 {
            types.retain(|_, kept| kept != name);
        }
    }

    /// Moves a value back into the live world. Whether there was one.
    fn give_back(&mut self, world: &mut World, resource: &Resource) -> bool {
        let kept = self
            .0
            .iter_mut()
            .find(|(_, types)| types.contains_key(&resource.type_id));
        let Some((kept, types)) = kept else {
            return false;
        };
        types.remove(&resource.type_id);
        let id = kept.components().get_id(resource.type_id);
        id.is_some_and(|id| insert_from(world, resource.live, kept, id))
    }

    /// Takes values out of the live world, into one in which they were recorded.
    fn keep(&mut self, world: &mut World, mut recorded: World, gone: &[Resource]) {
        let mut types = HashMap::new();
        for resource in gone {
            if let Some(id) = recorded.components().get_id(resource.type_id)
                && swap(world, resource.live, &mut recorded, id)
            {
                types.insert(resource.type_id, resource.name.clone());
            }
            // What a recording had in its place.
            world.remove_resource_by_id(resource.live);
        }
        self.0.push((ManuallyDrop::new(recorded), types));
    }
}

/// The registration's own bookkeeping, and what follows from other registrations.
fn is_bookkeeping(type_id: TypeId, name: &str) -> bool {
    type_id == TypeId::of::<Schedules>()
        || type_id == TypeId::of::<MessageRegistry>()
        || type_id == TypeId::of::<AppTypeRegistry>()
        || type_id == TypeId::of::<Migrations>()
        || names::is_bookkeeping(name)
}

fn resources_of(world: &World) -> BTreeMap<String, TypeId> {
    world
        .iter_resources()
        .filter_map(|(info, _)| Some((info.name().to_string(), info.type_id()?)))
        .filter(|(name, type_id)| !is_bookkeeping(*type_id, name))
        .collect()
}

impl Changes {
    /// Compares two recordings. Fresh systems are initialised by now, so the live world
    /// knows the types that their parameters name.
    ///
    /// # Errors
    /// If a new resource cannot be brought into the live world.
    pub fn prepare(
        world: &mut World,
        host: &HostView,
        aside: &Aside,
        old: &Registered,
        new: &Registered,
        edit: &Edit,
    ) -> Result<Self, Refusal> {
        let mut changes = Self::default();
        // Collections of assets are exchanged otherwise then.
        let is_left = |name: &String, _: &mut TypeId| {
            !(edit.is_of_types() && (edit.ours)(name) && is_collection(name))
        };
        let [mut before, mut after] = [old, new].map(|it| resources_of(&it.first.world));
        before.retain(is_left);
        after.retain(is_left);
        for (name, &type_id) in &after {
            match before.get(name) {
                Some(old_id) if *old_id != type_id => {
                    changes.renewed.push((name.clone(), type_id));
                    continue;
                }
                Some(_) => {
                    changes.merge(world, name, type_id, old, new, edit);
                    continue;
                }
                None => {}
            }
            match changes.add(world, aside, name, type_id, new, edit) {
                Ok(()) => {}
                Err(refusal) if edit.is_of_types() => {
                    changes.unfit.push((name.clone(), refusal));
                }
                Err(refusal) => return Err(refusal),
            }
        }
        for (name, &type_id) in &before {
            let live = world.components().get_id(type_id);
            if let Some(live) = live.filter(|live| {
                !after.contains_key(name)
                    && !host.resources.contains(&type_id)
                    && world.contains_resource_by_id(*live)
            }) {
                changes.gone.push(Resource {
                    type_id,
                    name: name.clone(),
                    live,
                });
                changes.gone.extend(what_follows(world, name));
            }
        }
        let record = || {
            record(host, &[], edit.exported)
                .map(|mut recorded| mem::take(&mut recorded.world))
                .map_err(|error| Refusal::Refused {
                    reason: format!("{error}; the old code keeps running"),
                    names: Vec::new(),
                })
        };
        if !changes.new.is_empty() {
            changes.donor = Some(record()?);
        }
        let is_queue = |(name, _): &(String, TypeId)| is_messages(name);
        if changes.renewed.iter().any(is_queue) || changes.new.iter().any(Resource::is_messages) {
            changes.updater = Some(record()?);
        }
        Ok(changes)
    }

    /// A resource that the running generation does not have.
    fn add(
        &mut self,
        world: &mut World,
        aside: &Aside,
        name: &str,
        type_id: TypeId,
        new: &Registered,
        edit: &Edit,
    ) -> Result<(), Refusal> {
        if is_collection(name) {
            return Err(restart(&format!(
                "the plugin registers a new asset type ({name})"
            )));
        }
        let Some(live) = live_id(world, type_id, new, edit) else {
            return Err(restart(&format!(
                "the resource {name} is new, but it is neither a parameter of a system nor registered for reflection"
            )));
        };
        let resource = Resource {
            type_id,
            name: name.to_owned(),
            live,
        };
        if aside.has(type_id) {
            self.back.push(resource);
        } else if !world.contains_resource_by_id(live) {
            foreign::may_move(name, type_id, new, edit.ours)?;
            self.new.push(resource);
        }
        Ok(())
    }

    /// The resources that come with the code and were in it before, as earlier types.
    pub fn waiting(&self, world: &World, aside: &Aside) -> Vec<Waiting> {
        let new = self.new.iter();
        new.filter_map(|resource| aside.outlived(world, resource))
            .collect()
    }

    /// What has another name now is neither gone nor new: its value is migrated.
    pub fn rename(&mut self, renames: &Renames, new: &Registered) {
        if renames.is_empty() {
            return;
        }
        let after = resources_of(&new.first.world);
        for resource in mem::take(&mut self.gone) {
            let Some(name) = renames.apply(&resource.name) else {
                self.gone.push(resource);
                continue;
            };
            self.new.retain(|new| new.name != name);
            self.unfit.retain(|(unfit, _)| *unfit != name);
            if let Some(&type_id) = after.get(&name) {
                self.renewed.push((name, type_id));
            }
        }
    }

    /// Finds the resources whose types are other ones now, which the live world knows
    /// once everything new is initialised. Their values are migrated.
    ///
    /// # Errors
    /// If the live world cannot know one of them, or a new one cannot come.
    pub fn find_renewed(
        &mut self,
        world: &mut World,
        new: &Registered,
        edit: &Edit,
        updated: Option<&HashSet<TypeId>>,
    ) -> Result<(), Refusal> {
        if let Some((_, refusal)) = self.unfit.pop() {
            return Err(refusal);
        }
        for (name, type_id) in mem::take(&mut self.renewed) {
            let Some(live) = live_id(world, type_id, new, edit) else {
                return Err(restart(&format!(
                    "the type of {name} changed, but it is neither a parameter of a system nor registered for reflection"
                )));
            };
            let resource = Resource {
                type_id,
                name,
                live,
            };
            if is_transitions(&resource.name) {
                self.transitions.push(resource.clone());
            }
            // The engine's own list has the first generation's, also when they come back.
            let known = updated.is_some_and(|updated| updated.contains(&type_id));
            if resource.is_messages() && !known {
                self.queues.push(resource);
            }
        }
        Ok(())
    }

    fn merge(
        &mut self,
        world: &World,
        name: &str,
        type_id: TypeId,
        old: &Registered,
        new: &Registered,
        edit: &Edit,
    ) {
        // It comes and goes with the code, and is never merged.
        if changes_by_itself(name) {
            return;
        }
        let live = world.components().get_id(type_id);
        let Some(live) = live.filter(|live| world.contains_resource_by_id(*live)) else {
            return;
        };
        let (Some(old), Some(new)) = (twins(old, type_id), twins(new, type_id)) else {
            return;
        };
        let resource = Resource {
            type_id,
            name: name.to_owned(),
            live,
        };
        if let Some(from_ptr) = from_ptr(world, type_id) {
            // SAFETY: `twins` looked the values up by `type_id`, as was the registration.
            let fields = unsafe { values::changed_fields(&from_ptr, old, new) };
            if !fields.is_empty() {
                self.merges.push((resource, Merge::Fields(fields)));
            }
            return;
        }
        let Some(info) = world.components().get_info(live) else {
            return;
        };
        // Bytes of what owns something say nothing about it, and padding can look like a
        // change: of others' types that would only be noise.
        if !(edit.ours)(name) {
            return;
        }
        if info.drop().is_some() {
            if edit.registering.may_concern(name) {
                self.kept.push(name.to_owned());
            }
            return;
        }
        let size = info.layout().size();
        if let Some((initial, changed)) = values::changed_bytes(size, old, new) {
            let untouched = world
                .get_resource_by_id(live)
                .is_some_and(|value| values::bytes(value, size) == initial);
            match untouched {
                true => self.merges.push((resource, Merge::Bytes(changed))),
                false => self.kept.push(name.to_owned()),
            }
        }
    }

    /// Applies them. `old` is the registration that was live until now.
    pub fn commit(
        self,
        world: &mut World,
        old: Option<&mut Registered>,
        aside: &mut Aside,
        adopted: &mut AdoptedMessages,
        applied: &mut Applied,
    ) {
        // What it gave away is not its own any more.
        let donor = ManuallyDrop::new(self.donor.unwrap_or_default());
        for resource in &self.new {
            // Whether it is still there or a hook took it away: it is nobody else's now.
            if applied.resources_back.contains(&resource.name) {
                aside.forget(&resource.name);
                continue;
            }
            // It may have been migrated from what the game inserted itself.
            if !world.contains_resource_by_id(resource.live)
                && let Some(id) = donor.components().get_id(resource.type_id)
                && insert_from(world, resource.live, &donor, id)
            {
                match aside.has_outlived(resource) {
                    true => applied.state_reset.push(resource.name.clone()),
                    false => applied.state_merged.push(resource.name.clone()),
                }
            }
        }
        if let Some(mut updater) = self.updater {
            let ids = |resource: &Resource| {
                let id = updater.components().get_id(resource.type_id)?;
                Some((resource.live, id))
            };
            // The systems that act on transitions are new, and would do so once more.
            let transitions: Vec<_> = self.transitions.iter().filter_map(ids).collect();
            let new = self.new.iter().filter(|resource| resource.is_messages());
            let queues = new.chain(&self.queues).filter_map(ids).collect();
            messages::clear(world, &mut updater, &transitions);
            adopted.adopt(updater, queues);
        }
        for resource in &self.back {
            if aside.give_back(world, resource) {
                applied.state_merged.push(resource.name.clone());
            }
        }
        if !self.gone.is_empty() {
            // A state may be in the list for itself and for its messages.
            let mut gone = self.gone;
            gone.sort_by(|a, b| a.name.cmp(&b.name));
            gone.dedup_by(|a, b| a.type_id == b.type_id);
            let mut old = old;
            let twins = old.as_mut().map(|old| &mut old.second.world);
            let stays = twins.map(|twins| fragile(twins, &gone)).unwrap_or_default();
            gone.retain(|resource| !stays.contains(&resource.type_id));
            let names = gone.iter().map(|resource| resource.name.clone());
            applied.state_removed.extend(names);
            let recorded = old.map(|old| mem::take(&mut old.first.world));
            let recorded = recorded.unwrap_or_default();
            aside.keep(world, recorded, &gone);
        }
        for (resource, merge) in self.merges {
            if merge.commit(world, &resource) {
                applied.state_merged.push(resource.name);
            }
        }
        applied.state_kept.extend(self.kept);
    }
}

/// Those of which a recorded value panics when it is dropped. They cannot be taken out of the
/// world, in which the engine would be left half changed: they stay there, and that is said.
fn fragile(recorded: &mut World, gone: &[Resource]) -> HashSet<TypeId> {
    let mut fragile = HashSet::new();
    for resource in gone {
        // Nothing is left to try it with.
        if !fragile.is_empty() {
            fragile.insert(resource.type_id);
            continue;
        }
        let id = recorded.components().get_id(resource.type_id);
        let removed = panics::attempt(|| id.map(|id| recorded.remove_resource_by_id(id)));
        if let Err(panic) = removed {
            tracing::warn!(
                "{} stays in the world although the code no longer has it, because dropping it panics: {panic}",
                resource.name
            );
            fragile.insert(resource.type_id);
            // It may hold what is dropped already.
            mem::forget(mem::take(recorded));
        }
    }
    fragile
}

/// The resources that the game itself made of a state that is gone: the engine inserts
/// them at its transitions.
fn what_follows(world: &World, messages: &str) -> Vec<Resource> {
    let Some(state) = transition_of(messages) else {
        return Vec::new();
    };
    world
        .iter_resources()
        .filter_map(|(info, _)| {
            let name = info.name().to_string();
            let made = [state_of(&name), previous_state_of(&name)];
            made.contains(&Some(state)).then_some(Resource {
                type_id: info.type_id()?,
                live: info.id(),
                name,
            })
        })
        .collect()
}

impl Merge {
    /// Whether the live value is another one now.
    fn commit(self, world: &mut World, resource: &Resource) -> bool {
        let from_ptr = from_ptr(world, resource.type_id);
        let Some(mut value) = world.get_resource_mut_by_id(resource.live) else {
            return false;
        };
        let live = value.bypass_change_detection();
        let changed = match (self, from_ptr) {
            (Self::Fields(fields), Some(from_ptr)) => {
                // SAFETY: the registration and the resource are of one type id.
                let live = unsafe { from_ptr.as_reflect_mut(live.reborrow()) };
                values::set(live, &fields)
            }
            (Self::Bytes(bytes), _) => {
                // SAFETY: the bytes are a whole value of this type (equal type ids, and
                // so equal sizes), which owns nothing that would be dropped twice.
                unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), live.as_ptr(), bytes.len()) };
                true
            }
            (Self::Fields(_), None) => false,
        };
        if changed {
            value.set_changed();
        }
        changed
    }
}

/// A type's id in the live world, registered there if that can be done.
fn live_id(
    world: &mut World,
    type_id: TypeId,
    new: &Registered,
    edit: &Edit,
) -> Option<ComponentId> {
    if let Some(id) = world.components().get_id(type_id) {
        return Some(id);
    }
    let registry = new.first.world.get_resource::<AppTypeRegistry>();
    let reflect = registry.and_then(|registry| {
        let registry = registry.read();
        registry.get_type_data::<ReflectComponent>(type_id).cloned()
    });
    match reflect {
        Some(reflect) => Some(reflect.register_component(world)),
        None => edit.exported.types.components.register(world, type_id),
    }
}

fn from_ptr(world: &World, type_id: TypeId) -> Option<ReflectFromPtr> {
    let registry = world.get_resource::<AppTypeRegistry>()?.read();
    registry.get_type_data::<ReflectFromPtr>(type_id).cloned()
}

fn twins(registered: &Registered, type_id: TypeId) -> Option<values::Twins<'_>> {
    let value = |world: &'_ World| -> Option<ComponentId> { world.components().get_id(type_id) };
    let first = &registered.first.world;
    let second = &registered.second.world;
    Some([
        first.get_resource_by_id(value(first)?)?,
        second.get_resource_by_id(value(second)?)?,
    ])
}

/// Moves a resource out of `from`, which must never be dropped if this returns `true`.
pub fn insert_from(world: &mut World, live: ComponentId, from: &World, id: ComponentId) -> bool {
    let Some(value) = from.get_resource_by_id(id) else {
        return false;
    };
    let layouts = [
        world.components().get_info(live).map(|info| info.layout()),
        from.components().get_info(id).map(|info| info.layout()),
    ];
    if layouts[0] != layouts[1] {
        return false;
    }
    let Some(first) = ptr::NonNull::new(value.as_ptr()) else {
        return false;
    };
    // SAFETY: the value is a resource of the same type in both worlds (both ids were
    // looked up by one type id, and the layouts agree), and is owned by the live world
    // from here on: the caller forgets the other.
    unsafe {
        let value = OwningPtr::new(first);
        world.insert_resource_by_id(live, value, MaybeLocation::caller());
    }
    true
}

/// Exchanges a resource of two worlds, without drops or ticks. `false` if one of them
/// has none.
pub fn swap(a: &mut World, a_id: ComponentId, b: &mut World, b_id: ComponentId) -> bool {
    let layout = |world: &World, id| world.components().get_info(id).map(|info| info.layout());
    let Some(size) = layout(a, a_id)
        .filter(|layout_a| layout(b, b_id) == Some(*layout_a))
        .map(|layout| layout.size())
    else {
        return false;
    };
    let (Some(mut a), Some(mut b)) = (
        a.get_resource_mut_by_id(a_id),
        b.get_resource_mut_by_id(b_id),
    ) else {
        return false;
    };
    let [a, b] = [&mut a, &mut b].map(|value| value.bypass_change_detection().as_ptr());
    // SAFETY: two values of one type (the callers looked both ids up by one type id,
    // and the layouts agree) in two worlds, so they do not overlap.
    unsafe { ptr::swap_nonoverlapping(a, b, size) };
    true
}
