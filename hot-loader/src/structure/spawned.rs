//! Observers that the game adds while it plays, on entities or not: each keeps its entity,
//! and gets the new generation's code if it may run changed code, or its types are other
//! ones now.
//!
//! One whose type is all of its code is re-pointed, and none of this file's business.
//! Others are exchanged as a whole, as the plugin's own are, for one that the new code makes of
//! the function of the same name. Closures of one function have one name, and are told apart
//! by their order in it. What has values of its own (captures, run conditions, an error
//! handler) cannot be made again.

use super::{
    Applied, Gameplay, LiveObserver, despawn,
    observers::{Incoming, may_run_old, out},
};
use crate::{
    found::{FoundMakers, Made},
    generation::Planned,
    migrate::Id,
    panics,
    proxy::GuardedObservers,
};
use bevy::ecs::{entity::Entity, observer::Observer, world::World};
use std::collections::{BTreeSet, HashMap, HashSet};

/// One that an edit could not bring up to date.
#[derive(Debug)]
pub struct Left {
    entity: Entity,
    name: String,
    /// The crate identity of its code.
    identity: Id,
}

impl Left {
    /// Whether the types of its code have no values any more. A bare name may be anybody's.
    fn is_ended(&self, running: &Id) -> bool {
        self.identity != *running && self.name.contains("::")
    }
}

impl Gameplay {
    /// Takes down which observers that the game added were left behind by an edit, of which
    /// neither what was `applied` nor re-pointing reached them. Of all that ever were, those
    /// run no more whose types have no values now. Returns the names of those that are still
    /// there, as reports say them.
    pub fn left_observers(
        &mut self,
        world: &mut World,
        planned: &Planned,
        applied: &Applied,
        repointed: &HashSet<Entity>,
    ) -> Vec<String> {
        let edited = &planned.verdict.affected;
        let all_left = &mut self.spawned;
        for (entity, name) in all(world, &self.observers) {
            let known = all_left.iter().any(|left| left.entity == entity);
            let is_new = applied.exchanged.contains(&entity) || repointed.contains(&entity);
            let is_left =
                planned.is_ours(&name) && (planned.changes_types() || edited.may_be(&name));
            if !known && !is_new && is_left {
                all_left.push(Left {
                    entity,
                    name,
                    identity: planned.from.identity.name().clone(),
                });
            }
        }
        all_left.retain(|left| {
            !applied.exchanged.contains(&left.entity)
                && world.get::<Observer>(left.entity).is_some()
        });
        let running = &self.known.running;
        let ended = all_left.iter().filter(|left| left.is_ended(running));
        GuardedObservers::end(world, ended.map(|left| left.entity).collect());
        let guarded = world.contains_resource::<GuardedObservers>();
        let shown = all_left
            .iter()
            .map(|left| match guarded && left.is_ended(running) {
                true => format!("observer {} no longer runs", left.name),
                false => format!("observer {}", left.name),
            });
        let shown: BTreeSet<String> = shown.collect();
        shown.into_iter().collect()
    }
}

/// All observers but the plugin's own.
pub fn all(world: &mut World, registered: &[LiveObserver]) -> Vec<(Entity, String)> {
    let mut observers = world.query::<(Entity, &Observer)>();
    observers
        .iter(world)
        .filter(|(entity, _)| registered.iter().all(|known| known.entity != *entity))
        .map(|(entity, observer)| (entity, observer.system_name().to_string()))
        .collect()
}

/// What an observer listens to, as far as it can be compared: to how many events and
/// components.
type Watches = [usize; 2];

fn watches(observer: &Observer) -> Watches {
    let descriptor = observer.descriptor();
    [descriptor.event_keys().len(), descriptor.components().len()]
}

/// Makes those that take the place of others. The world knows all types of their parameters
/// when this returns.
pub fn exchanges(
    world: &mut World,
    registered: &[LiveObserver],
    planned: &Planned,
    repointed: &HashSet<Entity>,
) -> Vec<Incoming> {
    let mut live = all(world, registered);
    live.retain(|(entity, name)| match planned.changes_types() {
        true => planned.is_ours(name),
        false => may_run_old(*entity, name, planned, repointed),
    });
    let names: BTreeSet<&str> = live.iter().map(|(_, name)| name.as_str()).collect();
    let Some(choice) = Choice::of(world, &names, planned) else {
        return Vec::new();
    };
    let exchanges = live.iter().filter_map(|(entity, name)| {
        let guarded = world.get_resource::<GuardedObservers>()?;
        let observer = world.get::<Observer>(*entity)?;
        let runner = guarded.runner(*entity)?;
        let (made, made_watches) = choice.of_live(name, runner)?;
        let fits = guarded.fields.is_plain(observer) && watches(observer) == *made_watches;
        Some(Incoming {
            name: name.clone(),
            entity: Some(*entity),
            watched: observer.descriptor().entities().to_vec(),
            observer: Some(fits.then(|| made.again())??),
        })
    });
    exchanges.collect()
}

/// What the new code makes of functions, by their names.
struct Choice {
    /// Of the running generation's closures, by the engine's function for each, which of
    /// their name it is.
    places: HashMap<usize, (String, Vec<u32>)>,
    new: HashMap<String, Vec<(Made, Watches)>>,
}

impl Choice {
    /// `None` if there are no such names, or nothing is known of their code.
    fn of(world: &mut World, names: &BTreeSet<&str>, planned: &Planned) -> Option<Self> {
        names.first()?;
        let (before, after) = (planned.from.layouts.as_ref()?, planned.to.layouts.as_ref()?);
        let guarded = world.get_resource::<GuardedObservers>()?;
        let old = planned.makers.iter().flat_map(|makers| makers.make(before));
        let mut places = HashMap::new();
        for made in old.filter(|made| names.contains(made.name.as_str())) {
            let runner = guarded.fields.runner(&made.observer);
            places.insert(runner, (made.name, made.place));
        }
        let mut new: HashMap<String, Vec<(Made, Watches)>> = HashMap::new();
        let makers: &FoundMakers = &planned.to.exported.makers;
        for made in makers.make(after) {
            let of_name = new.entry(made.name.clone()).or_default();
            // One image may hold an instance twice, and two images the same.
            let is_known = of_name.iter().any(|(known, _)| known.symbol == made.symbol);
            if names.contains(made.name.as_str())
                && !is_known
                && let Some(watches) = initialize(world, &made)
            {
                of_name.push((made, watches));
            }
        }
        for of_name in new.values_mut() {
            of_name.sort_by(|(a, _), (b, _)| a.place.cmp(&b.place));
        }
        Some(Self { places, new })
    }

    /// The new one for a live observer of this name and function of the engine's.
    fn of_live(&self, name: &str, runner: usize) -> Option<&(Made, Watches)> {
        let new = self.new.get(name)?;
        if !name.contains("{{closure}}") {
            let [only] = &new[..] else { return None };
            return Some(only);
        }
        let (_, place) = self.places.get(&runner)?;
        let of_name = self.places.values().filter(|(other, _)| other == name);
        let old: BTreeSet<&Vec<u32>> = of_name.map(|(_, place)| place).collect();
        let nth = old.iter().position(|other| *other == place)?;
        // Of another number of closures it is not known which is which.
        (old.len() == new.len()).then(|| new.get(nth))?
    }
}

/// Lets the world know what an observer's parameters are of, and says what it listens to:
/// it is added, and taken out again at once. None if it cannot be added.
fn initialize(world: &mut World, made: &Made) -> Option<Watches> {
    let observer = made.again()?;
    let entity = world.spawn_empty().id();
    let mut watched = None;
    panics::contain("initialising an observer", || {
        world.entity_mut(entity).insert(observer);
        world.flush();
        watched = world.get::<Observer>(entity).map(watches);
    });
    out(world, entity);
    despawn(world, &[entity]);
    watched
}
