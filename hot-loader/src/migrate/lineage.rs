//! Which component ids are of which crate identity: after an edit of types a name
//! stands for several types, and only one of them is alive.
//!
//! Pure bookkeeping; it must be shown the world before code of another identity runs.

use bevy::ecs::component::{ComponentId, Components};
use hot_loader_verdict::names::Renames;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// A crate identity, by a name that differs from all others'.
pub type Id = Arc<str>;

/// The module's component ids.
#[derive(Default)]
pub struct Lineage {
    /// The identity that each is of.
    pub(super) of: HashMap<ComponentId, Id>,
    seen: HashSet<ComponentId>,
    /// Those that came with the edit that is worked out: its code has their types, then.
    pub(super) fresh: HashSet<ComponentId>,
    /// Those that are gone from the running code and still have values.
    pub(super) aside: HashSet<ComponentId>,
    /// What types have been renamed to since their identity ran.
    renames: HashMap<Id, Vec<Renames>>,
    /// All that types were ever renamed from and to.
    history: BTreeSet<(String, String)>,
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

    /// Whether a component is of a type of `identity`, or of one that nobody was asked for yet.
    pub fn may_be_of(&self, id: ComponentId, identity: &Id) -> bool {
        self.of.get(&id).is_none_or(|of| of == identity)
    }

    /// An edit begins to be worked out.
    pub fn begin(&mut self) {
        self.fresh.clear();
    }

    /// An edit is live that renamed types; `live` has the names of today.
    pub fn rename(&mut self, renames: &Renames, live: &Id) {
        let identities: HashSet<_> = self.of.values().cloned().collect();
        for identity in identities {
            if identity == *live {
                self.renames.remove(live);
            } else if !renames.is_empty() {
                let since = self.renames.entry(identity).or_default();
                since.push(renames.clone());
            }
        }
        let all = renames.all();
        self.history
            .extend(all.map(|(old, new)| (old.to_owned(), new.to_owned())));
    }

    /// All names that the type of this one ever had, in no order that means anything.
    pub fn names_of<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        let mut names = vec![name];
        let mut at = 0;
        while let Some(name) = names.get(at).copied() {
            let of = self.history.iter();
            let of = of.filter(|(old, new)| old == name || new == name);
            for other in of.flat_map(|(old, new)| [old.as_str(), new.as_str()]) {
                if !names.contains(&other) {
                    names.push(other);
                }
            }
            at += 1;
        }
        names
    }

    /// The name that a type of an identity has today.
    pub fn name_of(&self, identity: &Id, name: String) -> String {
        let renames = self.renames.get(identity).into_iter().flatten();
        renames.fold(name, |name, renames| renames.apply(&name).unwrap_or(name))
    }
}
