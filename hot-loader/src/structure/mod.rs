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
mod commit;
mod comparison;
mod components;
mod foreign;
mod messages;
mod moves;
mod observers;
mod order;
mod ready;
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
pub use ready::Ready;

use crate::{
    generation::Planned,
    migrate::KnownTypes,
    mover, panics,
    proxy::{Guard, GuardedObservers, Slots},
    record::{Exported, HostView},
    schedules::LiveSchedule,
};

use aside::Aside;
use bevy::{
    app::App,
    ecs::{entity::Entity, world::World},
};
use core::any::TypeId;
use hot_loader_verdict::names::is_ours;
use observers::may_run_old;
use ready::Both;
use registered::Registered;
use spawned::Left;
use startups::Ran;
use std::{
    collections::{BTreeSet, HashSet},
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
    /// The messages that the engine itself updates: what the plugin registered when it
    /// was built.
    first_messages: Option<HashSet<TypeId>>,
    /// Whether its types that derive `Reflect` are known.
    types_known: bool,
    /// What that generation registers, once it was needed.
    registered: Option<Registered>,
    /// What the generation before registered: worlds, which take a while to drop.
    outgoing: Option<Registered>,
    /// What has run in the schedules of the first frame.
    ran: Ran,
    /// Resources that are gone from the code.
    aside: Aside,
    /// Observers that the game added, and that may run old code.
    spawned: Vec<Left>,
    /// What is known of its types, of that generation and of earlier ones. Values that edits took
    /// away are dropped after the worlds above.
    known: KnownTypes,
    /// An edit was applied in part.
    broken: bool,
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
            first_messages: None,
            types_known: false,
            known: KnownTypes::default(),
            registered: None,
            outgoing: None,
            ran: Ran::default(),
            aside: Aside::default(),
            spawned: Vec::new(),
            broken: false,
        }
    }

    /// The slots of all systems and conditions.
    pub fn slots(&self) -> Vec<Arc<dyn Slots>> {
        let schedules = self.schedules.iter();
        schedules.flat_map(LiveSchedule::slots).collect()
    }

    /// The names of all systems and conditions.
    fn names(&self) -> BTreeSet<String> {
        let slots = self.slots().into_iter();
        slots.map(|slot| slot.name().to_owned()).collect()
    }

    /// Drops what a swap left behind, and what was kept of entities that are gone. In a frame
    /// of its own.
    pub fn tidy(&mut self, world: &World) {
        self.known.stash.tidy(world);
        self.outgoing = None;
    }

    /// How many carriers an identity that is built now should bring: to leave the running one,
    /// each component with drop glue needs one, and as many to leave the new one.
    pub fn lacks_carriers(&self, world: &World, module: &str) -> usize {
        let components = world.components().iter_registered();
        let dropped = components.filter(|info| {
            info.drop().is_some()
                && self.known.lineage.may_be_of(info.id(), &self.known.running)
                && is_ours(&info.name().to_string(), module)
        });
        (2 * dropped.count()).saturating_sub(mover::unbound(world, self.known.carriers))
    }

    /// Whether something that tables do not reach could be brought up to date by recording:
    /// observers that may run changed code, systems that are function pointers, whose value
    /// is old code, and those whose initialisation panicked.
    pub fn has_stale(&self, world: &mut World, planned: &Planned) -> bool {
        let edited = &planned.verdict.affected;
        let repointed = GuardedObservers::would_repoint(world, &planned.runners());
        let mut observers = self.observers.iter();
        let mut systems = self.schedules.iter().flat_map(|live| &live.systems);
        let registered = self.has_edited_states(edited)
            || observers.any(|observer| observer.is_old(planned, &repointed))
            || (!edited.is_empty() && systems.any(|placed| placed.id.name.starts_with("fn(")))
            || self.never_initialised().next().is_some();
        if registered || edited.is_empty() {
            return registered;
        }
        let spawned = spawned::all(world, &self.observers);
        let mut spawned = spawned.iter();
        spawned.any(|(entity, name)| may_run_old(*entity, name, planned, &repointed))
    }

    fn never_initialised(&self) -> impl Iterator<Item = Arc<dyn Slots>> {
        let slots = self.slots().into_iter();
        slots.filter(|slot| slot.never_initialised())
    }

    /// Reports systems that stay off, since `why` kept them from being made afresh.
    pub fn report_never_initialised(&self, why: &Refusal) {
        let reason = why.reason();
        for slot in self.never_initialised() {
            slot.report(reason);
        }
    }

    /// Takes down which observers of the plugin may run old code after an edit.
    pub fn note_observers(
        &mut self,
        planned: &Planned,
        applied: &Applied,
        repointed: &HashSet<Entity>,
    ) {
        for observer in &mut self.observers {
            let shown = observer.shown();
            let is_new = applied.reset.contains(&shown) || applied.added.contains(&shown);
            observer.stale = !is_new && observer.is_old(planned, repointed);
        }
    }
}

/// Despawns what is still there of `entities`. A hook or an observer that panics keeps its
/// entity's others from nothing.
pub fn despawn(world: &mut World, entities: &[Entity]) {
    for entity in entities {
        panics::contain("a hook or observer of a despawned entity", || {
            // It may have gone with another of them.
            let _gone = world.try_despawn(*entity);
        });
    }
}
