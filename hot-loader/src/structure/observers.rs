//! Observers that the plugin adds: each keeps its entity, and is exchanged for the new
//! generation's if it may be registered in another way, or if it may run changed code and
//! has some that re-pointing does not reach.
//!
//! What an observer listens to, and its conditions, cannot be read, so it is exchanged
//! as a whole, and its `Local`s start anew. Those whose code is a function or a closure alone
//! keep theirs: they are not of this file's.

use super::{Applied, Gameplay, Refusal, Registered};
use crate::{engine::CONFLICT, generation::Planned, panics, record::observers};
use bevy::ecs::{entity::Entity, observer::Observer, world::World};
use std::collections::{HashMap, HashSet};

/// An observer of the running game that the plugin added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveObserver {
    /// Its entity.
    pub entity: Entity,
    /// The name of its system.
    pub name: String,
    /// Whether it may run code older than the last edit.
    pub stale: bool,
}

impl LiveObserver {
    /// All observers in `world` that are on no entity.
    pub fn all(world: &mut World) -> Vec<Self> {
        let all = observers(world).into_iter();
        let all = all.map(|(entity, name)| Self {
            entity,
            name,
            stale: false,
        });
        all.collect()
    }

    /// Whether it runs old code, or may do so after the edit. What was stale is never brought up
    /// to date by its tables alone: it may not even be registered.
    pub fn is_old(&self, planned: &Planned, repointed: &HashSet<Entity>) -> bool {
        self.stale || may_run_old(self.entity, &self.name, planned, repointed)
    }

    /// As reports name it.
    pub fn shown(&self) -> String {
        format!("observer {}", self.name)
    }
}

/// Whether an observer may run code that the edit changes and re-pointing does not reach. The
/// code of other crates does not change, and may know itself by its address.
pub fn may_run_old(
    entity: Entity,
    name: &str,
    planned: &Planned,
    repointed: &HashSet<Entity>,
) -> bool {
    planned.is_written_here(name)
        && planned.verdict.affected.may_be(name)
        && !repointed.contains(&entity)
}

/// What happens to observers.
#[derive(Default)]
pub struct Changes {
    /// The new plugin's, and those in the place of what the game added (`spawned`).
    pub incoming: Vec<Incoming>,
    gone: Vec<LiveObserver>,
}

/// A new one.
pub struct Incoming {
    pub name: String,
    /// Where it takes the place of another.
    pub entity: Option<Entity>,
    /// The entities that the other is on.
    pub watched: Vec<Entity>,
    /// `None` only while the world looks at it.
    pub observer: Option<Observer>,
}

impl Changes {
    /// Pairs the live observers with those of the new plugin. Where the registration did not
    /// change, none comes or goes. Those that are `repointed` have their new code without.
    ///
    /// # Errors
    /// If the parameters of a new one conflict.
    pub fn prepare(
        world: &mut World,
        gameplay: &Gameplay,
        new: &mut Registered,
        planned: &Planned,
        repointed: &HashSet<Entity>,
    ) -> Result<Self, Refusal> {
        let registration = planned.changes_registration();
        let is_wanted = |observer: &LiveObserver| {
            let name = &observer.name;
            observer.is_old(planned, repointed)
                || planned.changes_types() && planned.is_ours(name)
                || registration
                    && planned.is_written_here(name)
                    && planned.verdict.registering.may_concern(name)
        };
        try_out(new)?;
        let mut changes = Self::default();
        let mut incoming: HashMap<String, Vec<Entity>> = HashMap::new();
        for (entity, name) in observers(&mut new.second.world).into_iter().rev() {
            incoming.entry(name).or_default().push(entity);
        }
        // The new plugin adds so many more of a name. What else the game has, or has not, is
        // none of theirs.
        let mut more = new.observers.clone();
        let old = gameplay.registered.iter();
        for (name, before) in old.flat_map(|old| &old.observers) {
            *more.entry(name.clone()).or_default() -= before;
        }
        for observer in &gameplay.observers {
            let recorded = incoming.get_mut(&observer.name).and_then(Vec::pop);
            let recorded = recorded.and_then(|entity| take(&mut new.second.world, entity));
            if world.get::<Observer>(observer.entity).is_none() {
                // The game took it away; a plugin that is built once would not add it again.
                continue;
            }
            match recorded {
                Some(new) if is_wanted(observer) => changes.incoming.push(Incoming {
                    name: observer.name.clone(),
                    entity: Some(observer.entity),
                    watched: Vec::new(),
                    observer: Some(new),
                }),
                None if registration => {
                    if let Some(more @ ..0) = more.get_mut(observer.name.as_str()) {
                        *more += 1;
                        changes.gone.push(observer.clone());
                    }
                }
                Some(_) | None => {}
            }
        }
        if registration {
            for (entity, name) in observers(&mut new.second.world) {
                let Some(more @ 1..) = more.get_mut(name.as_str()) else {
                    continue;
                };
                *more -= 1;
                let observer = take(&mut new.second.world, entity);
                changes.incoming.push(Incoming {
                    name,
                    entity: None,
                    watched: Vec::new(),
                    observer,
                });
            }
        }
        Ok(changes)
    }

    /// Lets the world know what the new observers' parameters are of, and nothing of
    /// the observers themselves: they are added, and taken out again at once.
    ///
    /// # Errors
    /// If one of them panics while it is initialised.
    pub fn initialize(&mut self, world: &mut World) -> Result<(), Refusal> {
        for Incoming { name, observer, .. } in &mut self.incoming {
            let Some(taken) = observer.take() else {
                continue;
            };
            let mut entity = Entity::PLACEHOLDER;
            let initialized = panics::attempt(|| {
                entity = world.spawn(taken).id();
                world.flush();
            });
            *observer = take(world, entity);
            initialized.map_err(|error| uninitialised(name, &error))?;
        }
        Ok(())
    }

    /// Those that go or are exchanged: taken out, and perhaps put in again.
    pub fn taken_out(&self) -> impl Iterator<Item = Entity> + '_ {
        let exchanged = self.incoming.iter().filter_map(|incoming| incoming.entity);
        exchanged.chain(self.gone.iter().map(|observer| observer.entity))
    }

    /// Takes out what goes or is exchanged.
    pub fn leave(
        &mut self,
        world: &mut World,
        live: &mut Vec<LiveObserver>,
        applied: &mut Applied,
    ) {
        for observer in self.gone.drain(..) {
            live.retain(|other| other.entity != observer.entity);
            out(world, observer.entity);
            super::despawn(world, &[observer.entity]);
            applied.removed.push(observer.shown());
        }
        for entity in self.incoming.iter().filter_map(|incoming| incoming.entity) {
            out(world, entity);
        }
    }

    /// Adds what came, or came in place of another.
    pub fn enter(self, world: &mut World, live: &mut Vec<LiveObserver>, applied: &mut Applied) {
        for mut incoming in self.incoming {
            let (name, entity) = (incoming.name, incoming.entity);
            let Some(new) = incoming.observer else {
                continue;
            };
            let watched = incoming.watched.len();
            let is_there = |entity: &Entity| world.get_entity(*entity).is_ok();
            incoming.watched.retain(is_there);
            // The engine despawns an observer with the last that it watches.
            if incoming.watched.is_empty() && watched > 0 {
                super::despawn(world, entity.as_slice());
                continue;
            }
            // It went with the edit.
            if !entity.iter().all(is_there) {
                if let Some(at) = live.iter().position(|it| Some(it.entity) == entity) {
                    applied.removed.push(live.remove(at).shown());
                }
                continue;
            }
            let entered = panics::attempt(|| match entity {
                Some(entity) => {
                    let new = new.with_entities(incoming.watched);
                    world.entity_mut(entity).insert(new);
                    world.flush();
                    entity
                }
                None => world.spawn(new).id(),
            });
            let shown = format!("observer {name}");
            match (entered, entity) {
                (Ok(entity), Some(_)) => {
                    applied.reset.push(shown);
                    applied.exchanged.push(entity);
                    if let Some(known) = live.iter_mut().find(|known| known.entity == entity) {
                        known.stale = false;
                    }
                }
                (Ok(entity), None) => {
                    applied.added.push(shown);
                    live.push(LiveObserver {
                        entity,
                        name,
                        stale: false,
                    });
                }
                (Err(error), Some(_)) => {
                    tracing::warn!("the observer {name} was not replaced: {error}");
                    applied.removed.push(shown);
                }
                (Err(error), None) => {
                    tracing::warn!("the observer {name} was not added: {error}");
                }
            }
        }
    }
}

/// Takes the observer out of its entity. Not dropped there: where a `Local`'s `Drop` panics
/// in the midst of a removal, the engine's storages are left half changed.
pub(super) fn out(world: &mut World, entity: Entity) {
    let mut observer = None;
    panics::contain("a hook or observer of a removed observer", || {
        if let Ok(mut entity) = world.get_entity_mut(entity) {
            observer = entity.take::<Observer>();
        }
    });
    panics::discard(observer);
}

fn take(world: &mut World, entity: Entity) -> Option<Observer> {
    let mut entity = world.get_entity_mut(entity).ok()?;
    let observer = entity.take::<Observer>();
    entity.despawn();
    observer
}

/// Adds the first recording's observers to an empty world: conflicting parameters
/// show there. Other panics (of a `Local` that needs a resource) mean nothing.
fn try_out(new: &mut Registered) -> Result<(), Refusal> {
    for (entity, name) in observers(&mut new.first.world) {
        let Some(observer) = take(&mut new.first.world, entity) else {
            continue;
        };
        let mut empty = World::new();
        let tried = panics::attempt(|| {
            empty.spawn(observer);
            empty.flush();
        });
        panics::discard(empty);
        if let Err(error) = tried
            && error.contains(CONFLICT)
        {
            return Err(uninitialised(&name, &error));
        }
    }
    Ok(())
}

fn uninitialised(name: &str, error: &str) -> Refusal {
    Refusal::uninitialised(&format!("the observer {name}"), name, error)
}
