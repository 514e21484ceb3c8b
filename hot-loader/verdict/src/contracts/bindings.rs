//! What the names of a crate's modules mean, as far as the sources say, and which of them
//! may mean something else after an edit.
//!
//! For what the compiler resolved and nothing shows how: the names in headers of impls, in
//! associated types, in attributes. Must never resolve a name: a changed one is changed
//! wherever it is said.

use super::{Beside, Contracts, PLACE, all_names};
use crate::{
    mir::last_segment,
    tokens::{Item, Kind},
    traits::Traits,
};
use hot_loader_compile::hash::{Fnv, Name, name};
use std::collections::BTreeSet;

/// A glob import whose names reach other modules.
const WIDE: &str = "**";

/// What a name means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Binding {
    hash: u128,
    /// It is imported.
    is_use: bool,
    /// It is another name for what these mean.
    names: BTreeSet<Name>,
}

impl Contracts {
    /// The names that may mean something else in `new`.
    pub(super) fn meanings(&self, new: &Self, beside: Beside) -> BTreeSet<Name> {
        let keys: BTreeSet<_> = self.bindings.keys().chain(new.bindings.keys()).collect();
        let mut changed = BTreeSet::new();
        if beside == Beside::Nothing {
            changed.insert(name(PLACE));
        }
        for key @ (module, bound) in keys {
            // What a new module has is named by nothing old, unless a `use` changed too.
            let in_both = self.modules.contains(module) && new.modules.contains(module);
            let [before, after] = [self, new].map(|side| side.bindings.get(key));
            if !in_both || before == after {
                continue;
            }
            // Whatever the module names, or any. An imported trait changes what methods and
            // constants mean that do not say its name.
            let is_use = before.into_iter().chain(after).any(|it| it.is_use);
            let blind = beside == Beside::Nothing && is_use;
            let near = (bound == "*" || blind) && bound != WIDE;
            let within = format!(" in {module}");
            let reach = |key: &str| bound == WIDE || near && key.ends_with(&within);
            let facts = self.facts.iter().chain(&self.laid_out);
            for (_, fact) in facts.filter(|(key, _)| reach(key)) {
                changed.extend(&fact.names);
                if beside != Beside::Layouts {
                    changed.extend(&fact.shown);
                }
            }
            changed.insert(name(bound));
        }
        loop {
            let before = changed.len();
            for sides in [self, new] {
                for ((_, bound), binding) in &sides.bindings {
                    if binding.names.iter().any(|name| changed.contains(name)) {
                        changed.insert(name(bound));
                    }
                }
            }
            if changed.len() == before {
                return changed;
            }
        }
    }

    /// Notes what a name means.
    pub(super) fn bind(&mut self, traits: &Traits<'_>, item: &Item) {
        let mut bind = |bound: &str, hash: u128, names: BTreeSet<Name>| {
            let key = (item.module.clone(), bound.to_owned());
            let binding = self.bindings.entry(key).or_default();
            let all = Fnv::default().number(binding.hash).number(hash);
            binding.hash = all.text(&item.vis).finish();
            binding.names.extend(names);
            binding.is_use |= item.kind == Kind::Use;
        };
        if item.kind == Kind::Use {
            for (bound, path) in &item.uses {
                let hash = Fnv::default().text(path).finish();
                let bound = match bound.as_str() {
                    // Others import it from here, or it has what others change.
                    "*" if !item.vis.is_empty() || !traits.is_external(path) => WIDE,
                    bound => bound,
                };
                bind(bound, hash, BTreeSet::from([name(last_segment(path))]));
            }
            return;
        }
        let Some(bound) = &item.name else { return };
        // What the last two give has a type that follows from the body.
        let mut words = ["const ", "async ", "impl "].iter();
        let is_value = item.kind == Kind::Fn && words.any(|word| item.head.contains(word));
        let value = || (item.whole(), all_names(item));
        let (hash, names) = match item.kind {
            Kind::Alias | Kind::Const | Kind::Static | Kind::MacroRules => value(),
            Kind::Fn if is_value => value(),
            // A member is named through its type.
            _ if item.parent.is_some() => return,
            _ => (0, BTreeSet::new()),
        };
        bind(bound, hash, names);
    }
}
