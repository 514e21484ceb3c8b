//! Which component ids are of which crate identity: after an edit of types a name
//! stands for several types, and only one of them is alive.
//!
//! Pure bookkeeping; it must be shown the world before code of another identity runs.

use bevy::ecs::{
    component::{ComponentId, Components},
    world::World,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// A crate identity, by a name that differs from all others'.
pub type Id = Arc<str>;

/// The module's component ids.
#[derive(Default)]
pub struct Lineage {
    of: HashMap<ComponentId, Id>,
    seen: HashSet<ComponentId>,
    /// Those that came with the edit that is worked out.
    fresh: HashSet<ComponentId>,
}

impl Lineage {
    /// Files what was registered since the last time under `identity`.
    pub fn look(&mut self, components: &Components, identity: &Id, ours: &dyn Fn(&str) -> bool) {
        for info in components.iter_registered() {
            if !self.seen.insert(info.id()) || info.type_id().is_none() {
                continue;
            }
            let name = info.name().to_string();
            if name.contains("::") && ours(&name) {
                self.of.insert(info.id(), identity.clone());
                self.fresh.insert(info.id());
            }
        }
    }

    /// An edit begins to be worked out.
    pub fn begin(&mut self) {
        self.fresh.clear();
    }

    /// Whether it came with the edit that is worked out: its code has the type, then.
    pub fn is_fresh(&self, id: ComponentId) -> bool {
        self.fresh.contains(&id)
    }

    /// The identities of which there are values in `world`.
    pub fn with_values(&self, world: &World) -> HashSet<Id> {
        let archetypes = world.archetypes().iter().filter(|one| !one.is_empty());
        let components: HashSet<_> = archetypes.flat_map(|one| one.components()).collect();
        let of = self.of.iter().filter(|(id, _)| components.contains(id));
        of.map(|(_, identity)| identity.clone()).collect()
    }

    /// The module's ids and their identities.
    pub fn all(&self) -> impl Iterator<Item = (ComponentId, &Id)> {
        self.of.iter().map(|(id, identity)| (*id, identity))
    }
}
