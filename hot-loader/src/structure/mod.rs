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
mod assets;
mod changes;
mod components;
mod foreign;
mod messages;
mod moves;
mod observers;
mod order;
mod resources;
mod schedules;
mod spawned;
mod startups;
mod states;
#[cfg(test)]
mod tests;
mod types;
mod values;

pub use ahead::Ahead;
pub use messages::AdoptedMessages;
pub use observers::LiveObserver;

use crate::{
    found::FoundMakers,
    migrate::{
        Carried, Generations, Id, Lineage, Migration, MigrationError, Stash, Types, is_needed,
    },
    mover::CarrierFn,
    panics,
    proxy::{Guard, Slots},
    record::{Exported, HostView, RecordError, Recorded, record},
    schedules::{LiveSchedule, Raw},
};

use bevy::{
    app::App,
    ecs::{entity::Entity, schedule::InternedScheduleLabel, world::World},
};
use core::{any::TypeId, mem, ops::Range};
use hot_loader_verdict::{
    affected::{Affected, Registering},
    layouts::Layouts,
};
use resources::Aside;
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
    carriers: &'static [CarrierFn],
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
    stash: Stash,
    /// An edit was applied in part.
    broken: bool,
}

/// One generation's registration, recorded twice: what differs between the two is
/// chance, and is never acted upon.
struct Registered {
    first: Recorded,
    second: Recorded,
    /// How many observers of each name it adds.
    observers: HashMap<String, usize>,
    /// What the second says of each schedule.
    raws: Vec<(InternedScheduleLabel, Raw)>,
    /// The edges without sync points in schedules that the plugin makes.
    unsynced: Vec<(InternedScheduleLabel, HashSet<(u64, u64)>)>,
}

impl Registered {
    fn of(
        host: &HostView,
        exported: &Exported,
        ignores_deferred: bool,
    ) -> Result<Self, RecordError> {
        let first = record(host, &[], exported)?;
        let mut second = record(host, &[], exported)?;
        let raws = raws(&second);
        let mut observers = HashMap::new();
        for (_, name) in second.observers() {
            *observers.entry(name).or_default() += 1;
        }
        let made = first.made(host);
        let is_ordered = |(label, raw): &(InternedScheduleLabel, Raw)| {
            made.contains(label) && !raw.edges.is_empty()
        };
        // The options of edges are only seen in a schedule that is there before the
        // plugin, which may do something else then: a third look, for these alone.
        let unsynced = match ignores_deferred && raws.iter().any(is_ordered) {
            true => raws_of_third(host, &made, exported),
            false => Vec::new(),
        };
        Ok(Self {
            unsynced: unsynced
                .into_iter()
                .filter(|(label, raw)| {
                    raws.iter()
                        .any(|(other, truth)| other == label && truth.builds_as(raw))
                })
                .map(|(label, raw)| (label, raw.unsynced()))
                .collect(),
            first,
            second,
            observers,
            raws,
        })
    }

    /// The raw registration of a schedule.
    fn raw(&self, label: InternedScheduleLabel) -> Option<&Raw> {
        let raw = self.raws.iter().find(|(known, _)| *known == label);
        raw.map(|(_, raw)| raw)
    }

    /// The edges without sync points of a schedule that the plugin made.
    fn unsynced(&self, label: InternedScheduleLabel) -> Option<&HashSet<(u64, u64)>> {
        let edges = self.unsynced.iter().find(|(known, _)| *known == label);
        edges.map(|(_, edges)| edges)
    }
}

fn raws(recorded: &Recorded) -> Vec<(InternedScheduleLabel, Raw)> {
    let schedules = recorded.schedules.schedules.iter();
    schedules
        .map(|recorded| (recorded.schedule.label(), Raw::of(recorded)))
        .collect()
}

fn raws_of_third(
    host: &HostView,
    made: &[InternedScheduleLabel],
    exported: &Exported,
) -> Vec<(InternedScheduleLabel, Raw)> {
    record(host, made, exported).map_or_else(|_| Vec::new(), |third| raws(&third))
}

/// A new generation, as the swap hands it over.
pub struct Edit<'a> {
    /// What it exports.
    pub exported: &'a Exported,
    /// Whether registration code changed. If not, only code is made afresh
    /// that could not be re-pointed.
    pub registration: bool,
    /// Of an edit of types: every type of the module is a new one, and nothing of it stays.
    pub types: Option<&'a NewTypes>,
    /// What the compiler says of the running generation's types, and of its own.
    pub layouts: &'a [Option<Arc<Layouts>>; 2],
    /// What makes observers of functions of the running generation's identity.
    pub makers: &'a [FoundMakers],
    /// Slots whose code stays, or has a new table waiting.
    pub placed: &'a dyn Fn(&Arc<dyn Slots>) -> bool,
    /// Slots that hold a function itself, and not an adapter of its name.
    pub function: &'a dyn Fn(&Arc<dyn Slots>) -> bool,
    /// Read-only data of all images.
    pub constants: &'a [Range<usize>],
    /// Whether no closure captures anything that stands in a function of this name, of the
    /// crate's or of any of its types.
    pub captures_nothing: &'a dyn Fn(&str) -> bool,
    /// The functions whose closures, known by their number alone, may be others now.
    pub renumbered: &'a [String],
    /// The functions that may run changed code.
    pub affected: &'a Affected,
    /// Whose registration may have changed.
    pub registering: &'a Registering,
    /// Whether a name is the module's.
    pub ours: &'a dyn Fn(&str) -> bool,
    /// Whether a function is written in the module.
    pub own: &'a dyn Fn(&str) -> bool,
}

impl Edit<'_> {
    fn is_of_types(&self) -> bool {
        self.types.is_some()
    }
}

/// The types of a generation that are all new.
pub struct NewTypes {
    /// Its crate identity.
    pub identity: Id,
    /// What the compiler says of the running generation's, and of its own.
    pub layouts: [Option<Arc<Layouts>>; 2],
}

/// Cannot be: a swap records both generations first.
const UNRECORDED: &str = "hot-loader did not record what the running generation registers (please report this). Restart the game to run this edit";

/// Why an edit is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be applied as it is.
    Refused {
        /// Why, and what to do.
        reason: String,
        /// What it is about.
        names: Vec<String>,
    },
    /// Only a restart can bring it live.
    Restart(String),
}

impl Refusal {
    /// Why.
    pub fn reason(&self) -> &str {
        let (Self::Refused { reason, .. } | Self::Restart(reason)) = self;
        reason
    }

    fn refused(reason: impl Into<String>, name: &str) -> Self {
        Self::Refused {
            reason: reason.into(),
            names: vec![name.to_owned()],
        }
    }
}

/// What a swap did, for its report: names, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Systems and observers that were made afresh: their `Local`s start anew.
    pub reset: Vec<String>,
    /// New ones.
    pub added: Vec<String>,
    /// Ones that are gone.
    pub removed: Vec<String>,
    /// Resources whose initial value changed, and whose live value stays as it is.
    pub state_kept: Vec<String>,
    /// Resources with fields that took a changed initial value, and new ones.
    pub state_merged: Vec<String>,
    /// Resources that were taken out.
    pub state_removed: Vec<String>,
    /// Types whose values were carried over a change of them.
    pub state_migrated: Vec<String>,
    /// Types that were taken for renamed ones, as `old -> new`.
    pub state_assumed: Vec<String>,
    /// Types whose values start anew, and parts of values that were lost.
    pub state_reset: Vec<String>,
    /// Types whose hooks ran while values were carried over.
    pub hooks: Vec<String>,
    /// Resources that came back as another type, out of the world that kept their values.
    pub resources_back: Vec<String>,
    /// States that follow others, and begin to with the next change of those.
    pub waiting: Vec<String>,
    /// Observers that the game added, and that run new code now.
    pub exchanged: Vec<Entity>,
    /// Whether the asset server has its loaders anew.
    pub loaders: bool,
}

impl Applied {
    fn carried(&mut self, carried: Carried) {
        self.state_migrated.extend(carried.migrated);
        self.state_kept.extend(carried.kept);
        self.state_reset.extend(carried.reset);
        self.state_assumed.extend(carried.assumed);
        self.hooks.extend(carried.hooks);
        self.resources_back.extend(carried.resources_back);
    }
}

impl From<MigrationError> for Refusal {
    fn from(error: MigrationError) -> Self {
        Self::Refused {
            reason: error.to_string(),
            names: error.types(),
        }
    }
}

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
            stash: Stash::default(),
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
        self.stash.tidy(world);
        self.outgoing = None;
    }

    /// Whether something that is no body edit's business could be brought up to date
    /// by recording: observers that may run changed code, systems that are function
    /// pointers, whose value is old code, and those whose initialisation panicked.
    pub fn has_stale(&self, edited: &Affected, own: &dyn Fn(&str) -> bool) -> bool {
        let mut observers = self.observers.iter();
        let mut systems = self.schedules.iter().flat_map(|live| &live.systems);
        self.has_edited_states(edited)
            || observers.any(|observer| observer.may_run(edited, own))
            || (!edited.is_empty() && systems.any(|placed| placed.live.id.name.starts_with("fn(")))
            || self.never_initialised().next().is_some()
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

    /// Whether observers that the game added may run changed code.
    pub fn has_stale_spawned(
        &self,
        world: &mut World,
        edited: &Affected,
        own: &dyn Fn(&str) -> bool,
    ) -> bool {
        let mut all = spawned::all(world, &self.observers).into_iter();
        !edited.is_empty() && all.any(|(_, name)| own(&name) && edited.may_be(&name))
    }

    /// Takes down which observers that the game added were left behind by an edit of code, or
    /// of `types`; the names of all that ever were.
    pub fn left_observers(
        &mut self,
        world: &mut World,
        left: &dyn Fn(&str) -> bool,
        exchanged: &[Entity],
        before: &Id,
    ) -> Vec<String> {
        let (registered, running) = (&self.observers, &self.identity);
        self.spawned
            .note(world, registered, before, left, exchanged);
        self.spawned.end(world, running);
        self.spawned.shown(world, running)
    }

    /// The crate identity of the generation that runs.
    pub fn identity(&self) -> Id {
        self.identity.clone()
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
        edit: &Edit,
        ahead: Ahead,
    ) -> Result<Ready, Refusal> {
        // Before code of other types registers its own under the same names.
        self.lineage
            .look(world.components(), &self.identity, edit.ours);
        self.lineage.begin();
        let prepared = self.compare(world, edit, ahead);
        // Refused or not, what it initialised is known to the world.
        if let Some(types) = edit.types {
            self.lineage
                .look(world.components(), &types.identity, edit.ours);
        }
        prepared
    }

    fn compare(
        &mut self,
        world: &mut World,
        edit: &Edit,
        mut ahead: Ahead,
    ) -> Result<Ready, Refusal> {
        let Some(old) = &mut self.registered else {
            return Err(Refusal::Restart(UNRECORDED.into()));
        };
        let (host, live) = (&self.host, &self.schedules);
        let assets = assets::Change::prepare(world, host, live, [&*old, &ahead.new], edit)?;
        changes::must_be_equal(old, &mut ahead.new)?;
        if edit.is_of_types() {
            changes::must_be_reachable(world, &self.schedules, [&*old, &ahead.new], edit.ours)?;
        }
        let order = match edit.registration {
            true => order::Change::of(world, old, &ahead.new),
            false => None,
        };
        let mut schedules = schedules::Changes::default();
        schedules.prepare(world, self, edit, &mut ahead, order.as_ref())?;
        let mut new = ahead.new;
        let Some(old) = &mut self.registered else {
            return Err(Refusal::Restart(UNRECORDED.into()));
        };
        let states = states::may_change(old, &new, edit.affected, edit.is_of_types());
        let mut known = None;
        let (observers, resources, types) = if edit.registration {
            components::check(world, old, &new, edit)?;
            // Before the observers are taken out of their recordings.
            let mut resources =
                resources::Changes::prepare(world, &self.host, &self.aside, old, &new, edit)?;
            let types = types::Change::of(world, &self.host, old, &new, edit);
            let wanted = |observer: &LiveObserver| {
                observer.stale
                    || (edit.is_of_types() && (edit.ours)(&observer.name))
                    || (edit.own)(&observer.name)
                        && (edit.affected.may_be(&observer.name)
                            || edit.registering.may_concern(&observer.name))
            };
            let live = &self.observers;
            let mut observers = observers::Changes::prepare(world, live, old, &mut new, &wanted)?;
            if let Some(new_types) = edit.types {
                observers.initialize(world)?;
                self.meet(world, edit, new_types);
                let found = Types::look(world, &self.generations(edit, new_types, &new)?)?;
                resources.rename(found.renames(), &new);
                resources.find_renewed(world, &new, edit, self.first_messages.as_ref())?;
                let waiting = resources.waiting(world, &self.aside);
                known = Some((new_types, found, waiting));
            }
            (observers, resources, types)
        } else {
            let changes =
                observers::Changes::refresh(world, &self.observers, old, &mut new, &|observer| {
                    observer.may_run(edit.affected, edit.own)
                })?;
            (
                changes,
                resources::Changes::default(),
                types::Change::default(),
            )
        };
        let live = &self.observers;
        let spawned = spawned::Changes::prepare(world, live, edit, &|name| match edit.types {
            Some(_) => (edit.ours)(name),
            None => (edit.own)(name) && edit.affected.may_be(name),
        });
        let migration = match known {
            Some((types, found, waiting)) => {
                if let Some(assets) = &assets {
                    assets.make_room(world);
                }
                let generations = self.generations(edit, types, &new)?;
                Some(Migration::prepare(world, &generations, found, &waiting)?)
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
            registered: edit.registration.then_some(new),
            exported: edit.exported.clone(),
            identity: edit.types.map(|types| types.identity.clone()),
        })
    }

    /// Files what the new generation brings to a change of types.
    fn meet(&mut self, world: &World, edit: &Edit, types: &NewTypes) {
        self.lineage
            .look(world.components(), &types.identity, edit.ours);
        let known = self.carriers.iter();
        let known: HashSet<_> = known.map(CarrierFn::type_id).collect();
        let more = edit.exported.carriers.iter();
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
                || is_needed(identity, &self.stash, &self.lineage, waiting)
        });
        let [before, after] = &types.layouts;
        if let Some(before) = before {
            self.layouts.insert(self.identity.clone(), before.clone());
            self.stash
                .learn(world, &self.lineage, &self.identity, before);
        }
        if let Some(after) = after {
            self.layouts.insert(types.identity.clone(), after.clone());
        }
    }

    /// What is known of the generations whose types are in the world.
    fn generations<'a>(
        &'a self,
        edit: &'a Edit,
        types: &'a NewTypes,
        new: &'a Registered,
    ) -> Result<Generations<'a>, Refusal> {
        let Some(old) = self.registered.as_ref().map(|old| &old.first.world) else {
            return Err(Refusal::Restart(UNRECORDED.into()));
        };
        Ok(Generations {
            own: edit.own,
            lineage: &self.lineage,
            layouts: &self.layouts,
            new: &types.identity,
            recorded: [old, &new.first.world],
            running: &self.identity,
            found: [&self.exported.types, &edit.exported.types],
            carriers: self.carriers,
            stash: &self.stash,
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
            applied.carried(migration.commit(world, &mut self.stash));
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
