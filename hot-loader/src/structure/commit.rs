//! Applies a change of the registration that was checked, between two frames.

use super::{Applied, Gameplay, Ready, despawn, states};
use crate::panics;
use bevy::ecs::{entity::Entity, world::World};
use core::mem;

impl Gameplay {
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
        mut ready: Ready,
        marked: &[Entity],
    ) -> Result<Applied, String> {
        let mut applied = mem::take(&mut ready.schedules.applied);
        let before = self.names();
        if ready.migration.is_none() {
            despawn(world, marked);
        }
        let live = &mut self.observers;
        ready.observers.leave(world, live, &mut applied);
        if let Some(migration) = ready.migration {
            let identity = ready.to.identity.name();
            (applied.state, applied.hooks, applied.resources_back) =
                migration.commit(world, &mut self.known, identity);
            self.messages.forget_gone(world);
            // Not before: their values were converted with all others.
            despawn(world, marked);
            self.known.running = identity.clone();
        }
        ready.types.commit(world);
        if ready.registered.is_some()
            && let Some(mut old) = self.registered.take()
        {
            if let Some(assets) = ready.assets {
                applied.loaders = true;
                assets.commit(world, &old.first.world);
            }
            let (aside, messages) = (&mut self.aside, &mut self.messages);
            let resources = ready.resources;
            resources.commit(world, &mut old, aside, messages, &mut applied);
            // It gave queues away.
            if applied.loaders {
                mem::forget(mem::take(&mut old.first.world));
            }
            self.outgoing = Some(old);
        }
        if let Some(order) = ready.order {
            order.set(world);
        }
        let scheduled = ready.schedules.commit(world, &mut self.schedules);
        let live = &mut self.observers;
        ready.observers.enter(world, live, &mut applied);
        // Conditions come and go with what they are on.
        let after = self.names();
        applied.added.extend(after.difference(&before).cloned());
        applied.removed.extend(before.difference(&after).cloned());
        if ready.states {
            // Before systems run that need them.
            let fresh = [&applied.added[..], &applied.reset].concat();
            let waiting = states::follow(world, &self.host, &ready.to.exported, &fresh);
            applied.waiting = waiting.unwrap_or_else(|error| {
                tracing::warn!(
                    "computed states and sub-states are not updated before their source states change: {error}"
                );
                let after = after.into_iter();
                after.filter(|name| states::is_follower(name)).collect()
            });
        }
        if let Some(new) = ready.registered {
            self.registered = Some(new);
            self.exported = ready.to.exported.clone();
            self.types_known = true;
        }
        scheduled?.run(world);
        applied.state.migrated.append(&mut applied.resources_back);
        applied.sort();
        Ok(applied)
    }
}
