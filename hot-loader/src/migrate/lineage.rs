//! Which component ids are of which crate identity: after an edit of types a name
//! stands for several types, and only one of them is alive.
//!
//! Pure bookkeeping; it must be shown the world before code of another identity runs.

use bevy::ecs::component::{ComponentId, Components};
use std::{collections::HashMap, sync::Arc};

/// A crate identity, by a name that differs from all others'.
pub type Id = Arc<str>;

/// The module's component ids.
#[derive(Default)]
pub struct Lineage {
    of: HashMap<ComponentId, Id>,
    /// How many components were looked at: ids count up.
    seen: usize,
}

impl Lineage {
    /// Files what was registered since the last time under `identity`.
    pub fn look(&mut self, components: &Components, identity: &Id, ours: &dyn Fn(&str) -> bool) {
        if components.len() == self.seen {
            return;
        }
        for info in components.iter_registered() {
            if info.id().index() < self.seen || info.type_id().is_none() {
                continue;
            }
            let name = info.name();
            let name = name.to_string();
            if name.contains("::") && ours(&name) {
                self.of.insert(info.id(), identity.clone());
            }
        }
        self.seen = components.len();
    }

    /// The module's ids and their identities.
    pub fn all(&self) -> impl Iterator<Item = (ComponentId, &Id)> {
        self.of.iter().map(|(id, identity)| (*id, identity))
    }
}
