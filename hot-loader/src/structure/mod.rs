//! The structure stage: what differs between two generations' registrations, applied
//! to the running game and to nothing else.
//!
//! ```text
//! record old │ record new │ compare ─► prepare (fresh systems initialised)
//!              └─ candidates built ─┘     └─► commit: schedules, resources, observers …
//! ```
//!
//! A bar is the end of a frame: an edit takes three, so that none of them is long.
//! Everything that can fail happens in `prepare` or before it; until it has succeeded
//! the game is as it was. What cannot be applied soundly is answered by a refusal or by the need
//! of a restart, with its reason. It must never run `build` on the live world.
#![expect(
    unsafe_code,
    reason = "values are moved between worlds by their bytes; equal types are the check"
)]

mod ahead;
mod applied;
mod aside;
mod assets;
mod changes;
mod comparison;
mod components;
mod foreign;
mod messages;
mod moves;
mod observers;
mod order;
mod registered;
mod resources;
mod reuse;
mod schedules;
mod spawned;
mod startups;
mod states;
mod target;
#[cfg(test)]
mod tests;
mod transfer;
mod types;
mod values;

pub use ahead::Ahead;
pub use applied::{Applied, Refusal};
pub use messages::AdoptedMessages;
pub use observers::LiveObserver;

use crate::{
    generation::Planned,
    migrate::{Attic, Generations, Id, Lineage, Migration, Types, is_needed},
    mover::Carriage,
    panics,
    proxy::{Guard, GuardedObservers, Slots},
    record::{Exported, HostView},
    schedules::LiveSchedule,
};

use aside::Aside;
use bevy::{
    app::App,
    ecs::{entity::Entity, world::World},
};
use core::{any::TypeId, mem};
use hot_loader_verdict::layouts::Layouts;
use registered::Registered;
use spawned::Spawned;
use startups::Ran;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// The module in the running game: what it registered, and where that is.
pub struct Gameplay {
    /// Its part of each schedule.
    pub schedules: Vec<LiveSchedule>,
    /// The observers that its plugin added.
    pub observers: Vec<LiveObserver>,
    /// Messages whose types came with an edit.
    pub messages: AdoptedMessages,
    /// What the host looked like before it.
    pub host: HostView,
    /// What all its proxies share.
    pub guard: Arc<Guard>,
    /// The generation whose registration is live.
    pub exported: Exported,
    /// What all generations brought for moving values.
    carriers: &'static [Carriage],
    /// The messages that the engine itself updates: what the plugin registered when it
    /// was built.
    first_messages: Option<HashSet<TypeId>>,
    /// Whether its types that derive `Reflect` are known.
    types_known: bool,
    /// The crate identity of that generation.
    identity: Id,
    /// Which types are whose.
    lineage: Lineage,
    /// What the compiler says of the types of each identity that ran.
    layouts: HashMap<Id, Arc<Layouts>>,
    /// What that generation registers, once it was needed.
    registered: Option<Registered>,
    /// What the generation before registered: worlds, which take a while to drop.
    outgoing: Option<Registered>,
    /// What has run in the schedules of the first frame.
    ran: Ran,
    /// Resources that are gone from the code.
    aside: Aside,
    /// Observers that the game added, and that may run old code.
    spawned: Spawned,
    /// What edits of types took away.
    attic: Attic,
    /// An edit was applied in part.
    broken: bool,
}

/// Cannot be: a swap records both generations first.
const UNRECORDED: &str = "hot-loader did not record what the running generation registers (please report this). Restart the game to run this edit";

/// A change that was checked and only waits to be committed.
pub struct Ready {
    schedules: schedules::Changes,
    resources: resources::Changes,
    observers: observers::Changes,
    spawned: spawned::Changes,
    migration: Option<Migration>,
    order: Option<order::Change>,
    types: types::Change,
    assets: Option<assets::Change>,
    registered: Option<Registered>,
    exported: Exported,
    /// Whether states that follow others may be other ones now.
    states: bool,
    /// The new crate identity.
    identity: Option<Id>,
}

impl Gameplay {
    /// For a module that was just built.
    pub fn new(
        schedules: Vec<LiveSchedule>,
        observers: Vec<LiveObserver>,
        host: HostView,
        guard: Arc<Guard>,
        build: fn(&mut App),
    ) -> Self {
        Self {
            exported: Exported::plugin(build),
            schedules,
            observers,
            messages: AdoptedMessages::default(),
            host,
            guard,
            carriers: &[],
            first_messages: None,
            types_known: false,
            identity: Id::default(),
            lineage: Lineage::default(),
            layouts: HashMap::new(),
            registered: None,
            outgoing: None,
            ran: Ran::default(),
            aside: Aside::default(),
            spawned: Spawned::default(),
            attic: Attic::default(),
            broken: false,
        }
    }

    /// The slots of all systems and conditions.
    pub fn slots(&self) -> Vec<Arc<dyn Slots>> {
        self.schedules
            .iter()
            .flat_map(LiveSchedule::slots)
            .collect()
    }

    /// The names of all systems and conditions.
    fn names(&self) -> BTreeSet<String> {
        let slots = self.schedules.iter().flat_map(LiveSchedule::slots);
        slots.map(|slot| slot.name().to_owned()).collect()
    }

    /// Drops what a swap left behind, and what was kept of entities that are gone. In a frame
    /// of its own.
    pub fn tidy(&mut self, world: &World) {
        self.attic.tidy(world);
        self.outgoing = None;
    }

    /// Whether something that tables do not reach could be brought up to date by recording:
    /// observers that may run changed code, systems that are function pointers, whose value
    /// is old code, and those whose initialisation panicked.
    pub fn has_stale(&self, world: &mut World, planned: &Planned) -> bool {
        let edited = &planned.verdict.affected;
        let own = |function: &str| planned.is_written_here(function);
        let repointed = GuardedObservers::repointed(world, &planned.runners());
        let mut observers = self.observers.iter();
        let mut systems = self.schedules.iter().flat_map(|live| &live.systems);
        let registered = self.has_edited_states(edited)
            || observers.any(|observer| {
                observer.may_run(edited, &own) && !repointed.contains(&observer.entity)
            })
            || (!edited.is_empty() && systems.any(|placed| placed.live.id.name.starts_with("fn(")))
            || self.never_initialised().next().is_some();
        if registered || edited.is_empty() {
            return registered;
        }
        let spawned = spawned::all(world, &self.observers);
        spawned.into_iter().any(|(entity, name)| {
            own(&name) && edited.may_be(&name) && !repointed.contains(&entity)
        })
    }

    fn never_initialised(&self) -> impl Iterator<Item = Arc<dyn Slots>> {
        let slots = self.schedules.iter().flat_map(LiveSchedule::slots);
        slots.filter(|slot| slot.never_initialised())
    }

    /// Reports systems that stay off, since `why` kept them from being made afresh.
    pub fn report_never_initialised(&self, why: &Refusal) {
        let reason = why.reason();
        for slot in self.never_initialised() {
            slot.report(reason);
        }
    }

    /// Takes down which observers that the game added were left behind by an edit; the names
    /// of all that ever were.
    pub fn left_observers(
        &mut self,
        world: &mut World,
        planned: &Planned,
        applied: &Applied,
    ) -> Vec<String> {
        let (registered, running) = (&self.observers, &self.identity);
        let left = |observer: &str| {
            let edited = &planned.verdict.affected;
            planned.is_ours(observer) && (planned.changes_types() || edited.may_be(observer))
        };
        let before = planned.from.identity.name();
        self.spawned
            .note(world, registered, before, &left, &applied.exchanged);
        self.spawned.end(world, running);
        self.spawned.shown(world, running)
    }

    /// Takes down which observers of the plugin may run old code after an edit.
    pub fn note_observers(&mut self, planned: &Planned, applied: &Applied) {
        for observer in &mut self.observers {
            let shown = observer.shown();
            observer.stale = !applied.exchanged.contains(&observer.entity)
                && !applied.reset.contains(&shown)
                && !applied.added.contains(&shown)
                && observer.may_run(&planned.verdict.affected, &|function| {
                    planned.is_written_here(function)
                });
        }
    }

    /// Works out what `edit` changes, and makes sure that it can be applied. The
    /// world's schedules, resources and observers are as they were when this returns.
    /// The running generation must have been recorded.
    ///
    /// # Errors
    /// If it cannot be applied, with the reason.
    pub fn prepare(
        &mut self,
        world: &mut World,
        edit: &Planned,
        ahead: Ahead,
    ) -> Result<Ready, Refusal> {
        // Before code of other types registers its own under the same names.
        self.lineage
            .look(world.components(), &self.identity, &edit.ours());
        self.lineage.begin();
        let prepared = self.compare(world, edit, ahead);
        // Refused or not, what it initialised is known to the world.
        if edit.changes_types() {
            self.lineage
                .look(world.components(), edit.to.identity.name(), &edit.ours());
        }
        prepared
    }

    fn compare(
        &mut self,
        world: &mut World,
        edit: &Planned,
        mut ahead: Ahead,
    ) -> Result<Ready, Refusal> {
        let Some(old) = &mut self.registered else {
            return Err(Refusal::Restart(UNRECORDED.into()));
        };
        let (host, live) = (&self.host, &self.schedules);
        let assets = assets::Change::prepare(world, host, live, [&*old, &ahead.new], edit)?;
        changes::must_be_equal(old, &mut ahead.new)?;
        if edit.changes_types() {
            changes::must_be_reachable(world, &self.schedules, [&*old, &ahead.new], &edit.ours())?;
        }
        let registration = edit.changes_registration();
        let order = match registration {
            true => order::Change::of(world, old, &ahead.new),
            false => None,
        };
        let mut schedules = schedules::Changes::default();
        schedules.prepare(world, self, edit, &mut ahead, order.as_ref())?;
        let mut new = ahead.new;
        let Some(old) = &mut self.registered else {
            return Err(Refusal::Restart(UNRECORDED.into()));
        };
        let states = states::may_change(old, &new, edit);
        let (mut resources, mut types) = Default::default();
        if registration {
            components::check(world, old, &new, edit)?;
            // Before the observers are taken out of their recordings.
            resources =
                resources::Changes::prepare(world, &self.host, &self.aside, old, &new, edit)?;
            types = types::Change::of(world, &self.host, old, &new, edit);
        }
        // These get their new code with the tables.
        let repointed = GuardedObservers::repointed(world, &edit.runners());
        let live = &self.observers;
        let mut observers =
            observers::Changes::prepare(world, live, old, &mut new, edit, &repointed)?;
        let mut found = None;
        if edit.changes_types() {
            observers.initialize(world)?;
            self.meet(world, edit);
            let types = Types::look(world, &self.generations(edit, &new)?)?;
            resources.rename(types.renames(), &new);
            resources.find_renewed(world, &new, edit, self.first_messages.as_ref())?;
            let waiting = resources.waiting(world, &self.aside);
            found = Some((types, waiting));
        }
        let live = &self.observers;
        let spawned = spawned::Changes::prepare(world, live, edit, &repointed);
        let migration = match found {
            Some((types, waiting)) => {
                if let Some(assets) = &assets {
                    assets.make_room(world);
                }
                let generations = self.generations(edit, &new)?;
                Some(Migration::prepare(world, &generations, types, &waiting)?)
            }
            None => None,
        };
        Ok(Ready {
            migration,
            spawned,
            states,
            schedules,
            resources,
            observers,
            order,
            types,
            assets,
            registered: registration.then_some(new),
            exported: edit.to.exported.clone(),
            identity: edit
                .changes_types()
                .then(|| edit.to.identity.name().clone()),
        })
    }

    /// Files what the new generation brings to a change of types.
    fn meet(&mut self, world: &World, edit: &Planned) {
        let identity = edit.to.identity.name();
        self.lineage
            .look(world.components(), identity, &edit.ours());
        let known = self.carriers.iter();
        let known: HashSet<_> = known.map(Carriage::type_id).collect();
        let more = edit.to.exported.carriers.iter();
        let more: Vec<_> = more
            .filter(|more| !known.contains(&more.type_id()))
            .collect();
        if !more.is_empty() {
            // What is prepared holds them as long as it likes. They are sixteen words for each
            // identity that there ever was.
            self.carriers = Vec::leak(self.carriers.iter().chain(more).copied().collect());
        }
        let with_values = self.lineage.with_values(world);
        self.layouts.retain(|identity, _| {
            let waiting = self.aside.ids(world);
            *identity == self.identity
                || with_values.contains(identity)
                || is_needed(identity, &self.attic, &self.lineage, waiting)
        });
        if let Some(before) = &edit.from.layouts {
            self.layouts.insert(self.identity.clone(), before.clone());
            self.attic
                .learn(world, &self.lineage, &self.identity, before);
        }
        if let Some(after) = &edit.to.layouts {
            self.layouts.insert(identity.clone(), after.clone());
        }
    }

    /// What is known of the generations whose types are in the world.
    fn generations<'a>(
        &'a self,
        edit: &'a Planned,
        new: &'a Registered,
    ) -> Result<Generations<'a>, Refusal> {
        let Some(old) = self.registered.as_ref().map(|old| &old.first.world) else {
            return Err(Refusal::Restart(UNRECORDED.into()));
        };
        Ok(Generations {
            module: edit.module,
            lineage: &self.lineage,
            layouts: &self.layouts,
            new: edit.to.identity.name(),
            recorded: [old, &new.first.world],
            running: &self.identity,
            found: [&self.exported.types, &edit.to.exported.types],
            carriers: self.carriers,
            attic: &self.attic,
        })
    }

    /// The last step that can fail, which leaves something behind outside of the world. In the
    /// frame of the commit.
    ///
    /// # Errors
    /// If it cannot be applied. The game is as it was.
    pub fn register_assets(&self, world: &World, ready: &mut Ready) -> Result<(), Refusal> {
        let Some(assets) = &mut ready.assets else {
            return Ok(());
        };
        assets
            .record(world, &self.host)
            .map_err(|error| Refusal::Refused {
                reason: format!("{error}. The old code keeps running"),
                names: Vec::new(),
            })
    }

    /// Applies a change. Between frames, after the proxies that stay were re-pointed.
    ///
    /// # Errors
    /// If something failed that `prepare` could not foresee; what it was. Later edits of
    /// the registration need a restart then.
    /// `marked` entities are despawned before anything new is added.
    pub fn commit(
        &mut self,
        world: &mut World,
        ready: Ready,
        marked: &[Entity],
    ) -> Result<Applied, String> {
        // Each piece of module code in it is caught where it runs, so that the rest is applied.
        // Should one be forgotten, the game still plays on.
        let applied = panics::attempt(|| self.apply(world, ready, marked));
        let applied = applied.unwrap_or_else(|panic| Err(format!("something panicked: {panic}")));
        self.broken |= applied.is_err();
        applied
    }

    fn apply(
        &mut self,
        world: &mut World,
        ready: Ready,
        marked: &[Entity],
    ) -> Result<Applied, String> {
        let mut applied = Applied::default();
        let before = self.names();
        let Ready {
            schedules,
            resources,
            mut observers,
            spawned,
            migration,
            order,
            types,
            assets,
            registered,
            exported,
            states,
            identity,
        } = ready;
        if migration.is_none() {
            despawn(world, marked);
        }
        observers.leave(world, &mut self.observers, &mut applied);
        spawned.leave(world);
        if let Some(mut migration) = migration {
            let live = identity.as_ref().unwrap_or(&self.identity);
            migration.file(&mut self.lineage, live, &mut self.layouts);
            applied.carried(migration.commit(world, &mut self.attic));
            self.messages.forget_gone(world);
            // Not before: their values were converted with all others.
            despawn(world, marked);
        }
        if let Some(identity) = identity {
            self.identity = identity;
        }
        types.commit(world);
        if registered.is_some() {
            self.outgoing = self.registered.take();
            let exchanged = assets.zip(self.outgoing.as_ref());
            applied.loaders = exchanged.is_some();
            if let Some((assets, old)) = exchanged {
                assets.commit(world, &old.first.world);
            }
            resources.commit(
                world,
                self.outgoing.as_mut(),
                &mut self.aside,
                &mut self.messages,
                &mut applied,
            );
            // It gave queues away.
            if applied.loaders
                && let Some(old) = &mut self.outgoing
            {
                mem::forget(mem::take(&mut old.first.world));
            }
        }
        if let Some(order) = order {
            order.commit(world);
        }
        let scheduled = schedules.commit(world, &mut self.schedules, &mut applied);
        observers.enter(world, &mut self.observers, &mut applied);
        applied.exchanged = spawned.enter(world, &mut applied);
        // Conditions come and go with what they are on.
        let after = self.names();
        applied.added.extend(after.difference(&before).cloned());
        applied.removed.extend(before.difference(&after).cloned());
        if states {
            // Before systems run that need them.
            let fresh = [&applied.added[..], &applied.reset].concat();
            let is_fresh = |system: &str| fresh.iter().any(|name| name == system);
            match states::follow(world, &self.host, &exported, &is_fresh) {
                Ok(waiting) => applied.waiting = waiting,
                Err(error) => {
                    tracing::warn!(
                        "computed states and sub-states are not updated before their source states change: {error}"
                    );
                    applied.waiting = after
                        .into_iter()
                        .filter(|name| states::is_follower(name))
                        .collect();
                }
            }
        }
        if let Some(new) = registered {
            self.registered = Some(new);
            self.exported = exported;
            self.types_known = true;
        }
        scheduled?.run(world);
        let resources_back = mem::take(&mut applied.resources_back);
        applied.state_migrated.extend(resources_back);
        for list in [
            &mut applied.reset,
            &mut applied.added,
            &mut applied.removed,
            &mut applied.state_kept,
            &mut applied.state_merged,
            &mut applied.state_removed,
            &mut applied.state_migrated,
            &mut applied.state_assumed,
            &mut applied.state_reset,
            &mut applied.hooks,
        ] {
            list.sort();
            list.dedup();
        }
        Ok(applied)
    }
}

/// Despawns what is still there of `entities`. A hook or an observer that panics keeps its
/// entity's others from nothing.
pub fn despawn(world: &mut World, entities: &[Entity]) {
    for entity in entities {
        panics::contain("a hook or observer of a despawned entity", || {
            // It may have gone with another of them.
            if let Ok(entity) = world.get_entity_mut(*entity) {
                entity.despawn();
            }
        });
    }
}
