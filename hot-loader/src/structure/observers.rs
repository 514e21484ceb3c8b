//! Observers that the plugin adds: each keeps its entity, and is exchanged for the new
//! generation's if it may be registered in another way, or if it may run changed code and
//! has some that re-pointing does not reach.
//!
//! What an observer listens to, and its conditions, cannot be read, so it is exchanged
//! as a whole, and its `Local`s start anew. Those whose code is a function or a closure alone
//! keep theirs: they are not of this file's.

use super::{Applied, Refusal, Registered};
use crate::{engine::CONFLICT, generation::Planned, panics};
use bevy::ecs::{entity::Entity, observer::Observer, world::World};
use hot_loader_verdict::affected::Affected;
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
        let mut query = world.query::<(Entity, &Observer)>();
        let mut all: Vec<Self> = query
            .iter(world)
            .filter(|(_, observer)| observer.descriptor().entities().is_empty())
            .map(|(entity, observer)| Self {
                entity,
                name: observer.system_name().to_string(),
                stale: false,
            })
            .collect();
        all.sort_by_key(|observer| observer.entity);
        all
    }

    /// Whether it runs old code, or is one of the functions that `edited` tells of. The
    /// code of other crates does not change, and may know itself by its address.
    pub fn may_run(&self, edited: &Affected, own: &dyn Fn(&str) -> bool) -> bool {
        self.stale || (own(&self.name) && edited.may_be(&self.name))
    }

    /// As reports name it.
    pub fn shown(&self) -> String {
        shown(&self.name)
    }
}

fn shown(name: &str) -> String {
    format!("observer {name}")
}

/// What happens to observers.
#[derive(Default)]
pub struct Changes {
    /// The new ones are `None` only while the world looks at them.
    exchanged: Vec<(LiveObserver, Option<Observer>)>,
    new: Vec<(String, Option<Observer>)>,
    gone: Vec<LiveObserver>,
}

impl Changes {
    /// Pairs the live observers with those of the new plugin. Where the registration did not
    /// change, none comes or goes. Those that are `repointed` have their new code without.
    ///
    /// # Errors
    /// If the parameters of a new one conflict.
    pub fn prepare(
        world: &mut World,
        live: &[LiveObserver],
        old: &Registered,
        new: &mut Registered,
        planned: &Planned,
        repointed: &HashSet<Entity>,
    ) -> Result<Self, Refusal> {
        let registration = planned.changes_registration();
        let is_wanted = |observer: &LiveObserver| {
            let (name, verdict) = (&*observer.name, &planned.verdict);
            observer.stale
                || planned.changes_types() && planned.is_ours(name)
                || planned.is_written_here(name)
                    && (registration && verdict.registering.may_concern(name)
                        || verdict.affected.may_be(name) && !repointed.contains(&observer.entity))
        };
        try_out(new)?;
        let mut changes = Self::default();
        let mut incoming: HashMap<String, Vec<Entity>> = HashMap::new();
        for (entity, name) in new.second.observers().into_iter().rev() {
            incoming.entry(name).or_default().push(entity);
        }
        // What the two plugins add differs by so many of a name. What else the game has,
        // or has not, is none of theirs.
        let mut fewer: HashMap<&str, usize> = HashMap::new();
        let mut more: HashMap<&str, usize> = HashMap::new();
        for name in old.observers.keys().chain(new.observers.keys()) {
            let count = |registered: &Registered| registered.observers.get(name).copied();
            let (before, after) = (count(old).unwrap_or(0), count(new).unwrap_or(0));
            fewer.insert(name, before.saturating_sub(after));
            more.insert(name, after.saturating_sub(before));
        }
        for observer in live {
            let recorded = incoming.get_mut(&observer.name).and_then(Vec::pop);
            let recorded = recorded.and_then(|entity| take(&mut new.second.world, entity));
            let is_there = world
                .get_entity(observer.entity)
                .is_ok_and(|entity| entity.contains::<Observer>());
            if !is_there {
                // The game took it away; a plugin that is built once would not add it again.
                continue;
            }
            match recorded {
                Some(new) if is_wanted(observer) => {
                    changes.exchanged.push((observer.clone(), Some(new)))
                }
                Some(_) => {}
                None if registration => {
                    if let Some(left @ 1..) = fewer.get_mut(observer.name.as_str()) {
                        *left -= 1;
                        changes.gone.push(observer.clone());
                    }
                }
                None => {}
            }
        }
        if registration {
            for (entity, name) in new.second.observers() {
                let Some(left @ 1..) = more.get_mut(name.as_str()) else {
                    continue;
                };
                *left -= 1;
                if let Some(observer) = take(&mut new.second.world, entity) {
                    changes.new.push((name, Some(observer)));
                }
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
        let exchanged = self.exchanged.iter_mut();
        let exchanged = exchanged.map(|(live, new)| (live.name.clone(), new));
        let new = self.new.iter_mut().map(|(name, new)| (name.clone(), new));
        for (name, observer) in exchanged.chain(new) {
            let Some(taken) = observer.take() else {
                continue;
            };
            let mut entity = Entity::PLACEHOLDER;
            let initialized = panics::attempt(|| {
                entity = world.spawn(taken).id();
                world.flush();
            });
            *observer = take(world, entity);
            if let Err(error) = initialized {
                return Err(Refusal::refused(
                    format!(
                        "the observer {name} cannot be initialised: {error}. Fix it and save; the old code keeps running"
                    ),
                    &name,
                ));
            }
        }
        Ok(())
    }

    /// Those that go or are exchanged.
    pub fn taken_out(&self) -> impl Iterator<Item = Entity> + '_ {
        let exchanged = self.exchanged.iter().map(|(observer, _)| observer);
        exchanged.chain(&self.gone).map(|observer| observer.entity)
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
        for (observer, _) in &self.exchanged {
            out(world, observer.entity);
        }
    }

    /// Adds what came, or came in place of another.
    pub fn enter(self, world: &mut World, live: &mut Vec<LiveObserver>, applied: &mut Applied) {
        for (observer, new) in self.exchanged {
            let Some(new) = new else { continue };
            let inserted = panics::attempt(|| {
                world.entity_mut(observer.entity).insert(new);
                world.flush();
            });
            if let Err(error) = inserted {
                tracing::warn!("the observer {} was not replaced: {error}", observer.name);
                continue;
            }
            for other in live.iter_mut() {
                if other.entity == observer.entity {
                    other.stale = false;
                }
            }
            applied.reset.push(observer.shown());
        }
        for (name, new) in self.new {
            let Some(new) = new else { continue };
            match panics::attempt(|| world.spawn(new).id()) {
                Ok(entity) => {
                    live.push(LiveObserver {
                        entity,
                        name: name.clone(),
                        stale: false,
                    });
                    applied.added.push(shown(&name));
                }
                Err(error) => tracing::warn!("the observer {name} was not added: {error}"),
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
    let observers: Vec<_> = new
        .first
        .observers()
        .into_iter()
        .filter_map(|(entity, name)| Some((name, take(&mut new.first.world, entity)?)))
        .collect();
    for (name, observer) in observers {
        let mut empty = World::new();
        let tried = panics::attempt(|| {
            empty.spawn(observer);
            empty.flush();
        });
        panics::discard(empty);
        if let Err(error) = tried.or_else(|error| match error.contains(CONFLICT) {
            true => Err(error),
            false => Ok(()),
        }) {
            return Err(Refusal::refused(
                format!(
                    "the observer {name} cannot be initialised: {error}. Fix it and save; the old code keeps running"
                ),
                &name,
            ));
        }
    }
    Ok(())
}
