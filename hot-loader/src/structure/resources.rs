//! Resources: new ones come with their initial value, live ones keep theirs but for
//! the fields whose initial value an edit changed, those that are gone from the code
//! are kept aside and come back with it.

use super::{
    Applied, Both, Refusal, Registered,
    aside::Aside,
    changes::restart_if,
    foreign,
    messages::{self, AdoptedMessages},
    transfer::{Resources, has, insert_from, resources, type_data},
    values::Change,
};
use crate::{
    engine::names::{self, is_collection, is_messages, previous_state_of, state_of, transition_of},
    migrate::Waiting,
    migration::hot::Migrations,
    panics,
    record::record,
};
use bevy::ecs::{
    message::MessageRegistry,
    reflect::{AppTypeRegistry, ReflectComponent},
    schedule::Schedules,
    world::World,
};
use core::{
    any::TypeId,
    mem::{self, ManuallyDrop},
};
use hot_loader_verdict::names::Renames;
use std::collections::BTreeMap;

/// What happens to resources.
#[derive(Default)]
pub struct Changes {
    new: Resources,
    /// Those that cannot come, unless they are old ones under another name.
    unfit: BTreeMap<String, Refusal>,
    /// Those whose types are other ones now.
    renewed: Resources,
    /// Queues of messages under their new types.
    queues: Vec<TypeId>,
    /// Those of them that say which states were entered and left.
    transitions: Vec<TypeId>,
    gone: Resources,
    back: Resources,
    merges: Vec<(String, TypeId, Change)>,
    /// Gives its values to the live world, and serves for nothing else.
    donor: Option<World>,
    /// Updates the new messages.
    updater: Option<World>,
}

/// The registration's own bookkeeping, and what follows from other registrations.
fn is_bookkeeping(type_id: TypeId, name: &str) -> bool {
    type_id == TypeId::of::<Schedules>()
        || type_id == TypeId::of::<MessageRegistry>()
        || type_id == TypeId::of::<AppTypeRegistry>()
        || type_id == TypeId::of::<Migrations>()
        || names::is_bookkeeping(name)
}

fn recorded(registered: &Registered) -> Resources {
    resources(&registered.first.world, |name, type_id| {
        !is_bookkeeping(type_id, name)
    })
}

impl Changes {
    /// Compares two recordings. Fresh systems are initialised by now, so the live world
    /// knows the types that their parameters name.
    ///
    /// # Errors
    /// If a new resource cannot be brought into the live world.
    pub fn prepare(world: &mut World, both: &Both) -> Result<Self, Refusal> {
        let (planned, host) = (both.planned, &both.gameplay.host);
        let mut changes = Self::default();
        let [mut before, mut after] = [both.old, both.new].map(recorded);
        if planned.changes_types() {
            // Collections of assets are exchanged otherwise then.
            let is_left = |name: &str| !(is_collection(name) && planned.is_ours(name));
            before.retain(|name, _| is_left(name));
            after.retain(|name, _| is_left(name));
        }
        for (name, &type_id) in &after {
            match before.get(name) {
                Some(old_id) if *old_id != type_id => {
                    changes.renewed.insert(name.clone(), type_id);
                }
                Some(_) => {
                    let change = Change::of(world, name, type_id, both);
                    let change = change.map(|change| (name.clone(), type_id, change));
                    changes.merges.extend(change);
                }
                None => match changes.add(world, name, type_id, both) {
                    Err(refusal) if planned.changes_types() => {
                        changes.unfit.insert(name.clone(), refusal);
                    }
                    added => added?,
                },
            }
        }
        before.retain(|name, type_id| {
            let is_hosts = host.resources.contains(type_id);
            !after.contains_key(name) && !is_hosts && has(world, *type_id)
        });
        for name in before.keys() {
            changes.gone.extend(what_follows(world, name));
        }
        changes.gone.append(&mut before);
        let record = || {
            let recorded = record(host, &[], &planned.to.exported, None);
            recorded.map(|mut recorded| mem::take(&mut recorded.world))
        };
        changes.donor = (!changes.new.is_empty()).then(record).transpose()?;
        let mut come = changes.renewed.keys().chain(changes.new.keys());
        let updates = come.any(|name| is_messages(name));
        changes.updater = updates.then(record).transpose()?;
        Ok(changes)
    }

    /// A resource that the running generation does not have.
    fn add(
        &mut self,
        world: &mut World,
        name: &str,
        type_id: TypeId,
        both: &Both,
    ) -> Result<(), Refusal> {
        restart_if(is_collection(name), || {
            format!("the plugin registers a new asset type ({name})")
        })?;
        make_known(world, type_id, both, &format!("the resource {name} is new"))?;
        if both.gameplay.aside.has(type_id) {
            self.back.insert(name.to_owned(), type_id);
        } else if !has(world, type_id) {
            foreign::may_move(name, type_id, both)?;
            self.new.insert(name.to_owned(), type_id);
        }
        Ok(())
    }

    /// The resources that come with the code and were in it before, as earlier types.
    pub fn waiting(&self, world: &World, aside: &Aside) -> Vec<Waiting> {
        let new = self.new.iter();
        new.filter_map(|(name, type_id)| aside.outlived(world, name, *type_id))
            .collect()
    }

    /// What has another name now is neither gone nor new: its value is migrated.
    pub fn rename(&mut self, renames: &Renames, new: &Registered) {
        let after = recorded(new);
        self.gone.retain(|old, _| {
            let Some(name) = renames.apply(old) else {
                return true;
            };
            self.new.remove(&name);
            self.unfit.remove(&name);
            if let Some(&type_id) = after.get(&name) {
                self.renewed.insert(name, type_id);
            }
            false
        });
    }

    /// Finds the resources whose types are other ones now, which the live world knows
    /// once everything new is initialised. Their values are migrated.
    ///
    /// # Errors
    /// If the live world cannot know one of them, or a new one cannot come.
    pub fn find_renewed(&mut self, world: &mut World, both: &Both) -> Result<(), Refusal> {
        let updated = both.gameplay.first_messages.as_ref();
        if let Some((_, refusal)) = self.unfit.pop_last() {
            return Err(refusal);
        }
        for (name, &type_id) in &self.renewed {
            make_known(world, type_id, both, &format!("the type of {name} changed"))?;
            if transition_of(name).is_some() {
                self.transitions.push(type_id);
            }
            // The engine's own list has the first generation's, also when they come back.
            let known = updated.is_some_and(|updated| updated.contains(&type_id));
            if is_messages(name) && !known {
                self.queues.push(type_id);
            }
        }
        Ok(())
    }

    /// Applies them. `old` is the registration that was live until now.
    pub fn commit(
        self,
        world: &mut World,
        old: &mut Registered,
        aside: &mut Aside,
        adopted: &mut AdoptedMessages,
        applied: &mut Applied,
    ) {
        // What it gave away is not its own any more.
        let donor = ManuallyDrop::new(self.donor.unwrap_or_default());
        for (name, &type_id) in &self.new {
            // Whether it is still there or a hook took it away: it is nobody else's now.
            if applied.resources_back.contains(name) {
                aside.forget(name);
                continue;
            }
            // It may have been migrated from what the game inserted itself.
            if !has(world, type_id) && insert_from(world, &donor, type_id) {
                match aside.has_outlived(name, type_id) {
                    true => applied.state.reset.push(name.clone()),
                    false => applied.state.merged.push(name.clone()),
                }
            }
        }
        if let Some(mut updater) = self.updater {
            // The systems that act on transitions are new, and would do so once more.
            messages::clear(world, &mut updater, &self.transitions);
            let new = self.new.into_iter().filter(|(name, _)| is_messages(name));
            let queues = new.map(|(_, type_id)| type_id).chain(self.queues);
            adopted.adopt(updater, queues.collect());
        }
        for (name, type_id) in self.back {
            if aside.give_back(world, &name, type_id) {
                applied.state.merged.push(name);
            }
        }
        if !self.gone.is_empty() {
            let gone = without_fragile(&mut old.second.world, self.gone);
            let recorded = mem::take(&mut old.first.world);
            applied.state_removed.extend(gone.keys().cloned());
            aside.keep(world, recorded, gone);
        }
        for (name, type_id, change) in self.merges {
            if let Change::Kept = change {
                applied.state.kept.push(name);
            } else if change.commit(world, type_id) {
                applied.state.merged.push(name);
            }
        }
    }
}

/// Those of which a recorded value does not panic when it is dropped. The others cannot be
/// taken out of the world, in which the engine would be left half changed: they stay there,
/// and that is said.
fn without_fragile(recorded: &mut World, mut gone: Resources) -> Resources {
    let mut is_broken = false;
    gone.retain(|name, type_id| {
        // Nothing is left to try it with.
        if is_broken {
            return false;
        }
        let id = recorded.components().get_id(*type_id);
        let removed = panics::attempt(|| id.map(|id| recorded.remove_resource_by_id(id)));
        if let Err(panic) = removed {
            tracing::warn!(
                "{name} stays in the world although the code no longer has it, because dropping it panics: {panic}"
            );
            // It may hold what is dropped already.
            mem::forget(mem::take(recorded));
            is_broken = true;
        }
        !is_broken
    });
    gone
}

/// The resources that the game itself made of a state that is gone: the engine inserts
/// them at its transitions.
fn what_follows(world: &World, messages: &str) -> Resources {
    let Some(state) = transition_of(messages) else {
        return Resources::new();
    };
    resources(world, |name, _| {
        [state_of(name), previous_state_of(name)].contains(&Some(state))
    })
}

/// Lets the live world know a type: it is registered there, if that can be done. Otherwise
/// `what` needs a restart.
fn make_known(world: &mut World, type_id: TypeId, both: &Both, what: &str) -> Result<(), Refusal> {
    if world.components().get_id(type_id).is_some() {
        return Ok(());
    }
    let components = &both.planned.to.exported.types.components;
    let id = match type_data::<ReflectComponent>(&both.new.first.world, type_id) {
        Some(reflect) => Some(reflect.register_component(world)),
        None => components.register(world, type_id),
    };
    restart_if(id.is_none(), || {
        format!("{what}, but it is neither a parameter of a system nor registered for reflection")
    })
}
