//! A change of the registration that was checked: worked out of two recordings, with all
//! that can fail, while the game is as it was.

use super::{
    Ahead, Gameplay, Refusal, Registered, assets, changes, components, observers, order, resources,
    schedules, spawned, states, types,
};
use crate::{
    generation::{Generation, Planned},
    migrate::{Migration, TypeChange, Types},
    proxy::GuardedObservers,
    record::{Order, record},
};
use bevy::ecs::world::World;
use core::mem::ManuallyDrop;
use std::{collections::HashSet, sync::Arc};

/// Cannot be: a swap records both generations first.
fn unrecorded() -> Refusal {
    Refusal::Restart("hot-loader did not record what the running generation registers (please report this). Restart the game to run this edit".into())
}

/// A change that was checked and only waits to be committed.
pub struct Ready {
    pub(super) schedules: schedules::Changes,
    pub(super) resources: resources::Changes,
    pub observers: observers::Changes,
    pub(super) migration: Option<Migration>,
    pub(super) order: Option<Order>,
    pub(super) types: types::Change,
    pub(super) assets: Option<assets::Change>,
    pub(super) registered: Option<Registered>,
    /// What runs then.
    pub(super) to: Arc<Generation>,
    /// Whether states that follow others may be other ones now.
    pub(super) states: bool,
}

/// What an edit goes from and to.
pub struct Both<'a> {
    /// The module in the running game.
    pub gameplay: &'a Gameplay,
    /// What the running generation registers.
    pub old: &'a Registered,
    /// What the new one does.
    pub new: &'a Registered,
    /// The edit itself.
    pub planned: &'a Planned,
}

impl Gameplay {
    /// Works out what `planned` changes, and makes sure that it can be applied. The
    /// world's schedules, resources and observers are as they were when this returns.
    /// The running generation must have been recorded.
    ///
    /// # Errors
    /// If it cannot be applied, with the reason.
    pub fn prepare(
        &mut self,
        world: &mut World,
        planned: &Planned,
        ahead: Ahead,
    ) -> Result<Ready, Refusal> {
        // Before code of other types registers its own under the same names.
        let (lineage, running) = (&mut self.known.lineage, &self.known.running);
        lineage.look(world.components(), running, &planned.ours());
        lineage.begin();
        let prepared = self.compare(world, planned, ahead);
        // Refused or not, what it initialised is known to the world.
        if planned.changes_types() {
            let identity = planned.to.identity.name();
            let lineage = &mut self.known.lineage;
            lineage.look(world.components(), identity, &planned.ours());
        }
        prepared
    }

    fn compare(
        &mut self,
        world: &mut World,
        planned: &Planned,
        mut ahead: Ahead,
    ) -> Result<Ready, Refusal> {
        let both = self.both(&ahead.new, planned)?;
        let assets = assets::Change::prepare(world, &both)?;
        changes::must_be_equal(&both)?;
        if planned.changes_types() {
            changes::must_be_reachable(world, &both)?;
        }
        let registration = planned.changes_registration();
        let order = registration.then(|| order::change(world, both.old, both.new));
        let order = order.flatten();
        let mut schedules = schedules::Changes::default();
        schedules.prepare(world, self, planned, &mut ahead, order.as_ref())?;
        let mut new = ahead.new;
        let both = self.both(&new, planned)?;
        let states = states::may_change(both.old, both.new, planned);
        let (mut resources, mut types) = Default::default();
        if registration {
            components::check(world, &both)?;
            // Before the observers are taken out of their recordings.
            resources = resources::Changes::prepare(world, &both)?;
            types = types::Change::of(world, &both);
        }
        // These get their new code with the tables.
        let repointed = GuardedObservers::would_repoint(world, &planned.runners());
        let mut observers =
            observers::Changes::prepare(world, self, &mut new, planned, &repointed)?;
        let mut found = None;
        if planned.changes_types() {
            observers.initialize(world)?;
            self.meet(world, planned);
            let both = self.both(&new, planned)?;
            let types = Types::look(world, &self.type_change(&both))?;
            resources.rename(&types.renames, &new);
            resources.find_renewed(world, &both)?;
            let waiting = resources.waiting(world, &self.aside);
            found = Some((types, waiting));
        }
        let live = &self.observers;
        let exchanged = spawned::exchanges(world, live, planned, &repointed);
        observers.incoming.extend(exchanged);
        if let Some(assets) = &assets {
            assets.make_room(world);
        }
        let change = self.type_change(&self.both(&new, planned)?);
        let migration =
            found.map(|(types, waiting)| Migration::prepare(world, &change, types, &waiting));
        Ok(Ready {
            migration: migration.transpose()?,
            states,
            schedules,
            resources,
            observers,
            order,
            types,
            assets,
            registered: registration.then_some(new),
            to: planned.to.clone(),
        })
    }

    /// Files what the new generation brings to a change of types.
    fn meet(&mut self, world: &World, planned: &Planned) {
        let (known, identity) = (&mut self.known, planned.to.identity.name());
        let lineage = &mut known.lineage;
        lineage.look(world.components(), identity, &planned.ours());
        let had: HashSet<_> = known.carriers.iter().map(|it| it.type_id).collect();
        let more = planned.to.exported.carriers.iter();
        let more: Vec<_> = more.filter(|more| !had.contains(&more.type_id)).collect();
        if !more.is_empty() {
            // What is prepared holds them as long as it likes. They are few words for each
            // identity that there ever was.
            known.carriers = Vec::leak(known.carriers.iter().chain(more).copied().collect());
        }
        let needed = known.with_values(world, self.aside.ids(world));
        let (layouts, running) = (&mut known.layouts, &known.running);
        layouts.retain(|identity, _| identity == running || needed.contains(identity));
        if let Some(before) = &planned.from.layouts {
            layouts.insert(running.clone(), before.clone());
            let lineage = &known.lineage;
            known.stash.learn(world, lineage, running, before);
        }
        if let Some(after) = &planned.to.layouts {
            known.layouts.insert(identity.clone(), after.clone());
        }
    }

    /// What the running generation registers beside what the new one does.
    pub(super) fn both<'a>(
        &'a self,
        new: &'a Registered,
        planned: &'a Planned,
    ) -> Result<Both<'a>, Refusal> {
        Ok(Both {
            gameplay: self,
            old: self.registered.as_ref().ok_or_else(unrecorded)?,
            new,
            planned,
        })
    }

    /// The change of types from the running generation to the new one.
    fn type_change<'a>(&'a self, both: &Both<'a>) -> TypeChange<'a> {
        let planned = both.planned;
        TypeChange {
            module: planned.module,
            known: &self.known,
            new: planned.to.identity.name(),
            recorded: [both.old, both.new].map(|registered| &registered.first.world),
            found: [&self.exported.types, &planned.to.exported.types],
        }
    }

    /// The last step that can fail, which leaves something behind outside of the world: new
    /// asset types are registered with the game's server. In the frame of the commit.
    ///
    /// # Errors
    /// If it cannot be applied. The game is as it was.
    pub fn register_assets(&self, world: &World, ready: &mut Ready) -> Result<(), Refusal> {
        if let Some(assets) = &mut ready.assets {
            let recorded = record(&self.host, &[], &ready.to.exported, Some(world));
            let recorded = recorded.map_err(|error| {
                Refusal::unnamed(format!("{error}. The old code keeps running"))
            })?;
            assets.recorded = Some(ManuallyDrop::new(recorded));
        }
        Ok(())
    }
}
