//! What `std::any::type_name` calls a function that the compiler's MIR has.
//!
//! The MIR leaves out of a path what is not needed to tell it from others; the sources say
//! the rest. Must not be used where a wrong name would matter: a macro can make a function
//! in a module where no source shows it.

use crate::{
    header::Header,
    mir::Item,
    tokens::{Kind, Source},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

/// The paths of one crate.
pub struct Paths<'a> {
    of_crate: String,
    /// The modules that have an item of this name.
    modules: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Modules at the crate's root.
    roots: BTreeSet<&'a str>,
    source: &'a Source,
}

impl<'a> Paths<'a> {
    /// Those of the crate of this name.
    pub fn of(source: &'a Source, of_crate: &str) -> Self {
        let of_crate = of_crate.replace('-', "_");
        let (mut modules, mut roots) = (BTreeMap::<_, BTreeSet<_>>::new(), BTreeSet::new());
        for item in source.items.iter().filter(|item| item.parent.is_none()) {
            let Some(name) = item.name.as_deref() else {
                continue;
            };
            match item.kind {
                Kind::Mod if item.module == of_crate => {
                    roots.insert(name);
                }
                Kind::Mod | Kind::Use | Kind::MacroCall | Kind::Other => {}
                _ => {
                    modules
                        .entry(name)
                        .or_default()
                        .insert(item.module.as_str());
                }
            }
        }
        Self {
            of_crate,
            modules,
            roots,
            source,
        }
    }

    /// The module, from the crate's root, that has the item which the compiler prints by
    /// this name alone: the only one, or the one at the root.
    pub fn module(&self, name: &str) -> Option<&str> {
        let modules = self.modules.get(name)?;
        let root = modules.get(self.of_crate.as_str());
        let only = modules.first().filter(|_| modules.len() == 1);
        let module = only.or(root)?.strip_prefix(self.of_crate.as_str())?;
        Some(module.strip_prefix("::").unwrap_or(module))
    }

    /// Equal for paths that say the same of every name.
    pub fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.of_crate, &self.modules, &self.roots).hash(&mut hasher);
        hasher.finish()
    }

    /// Whether the crate's root has a module of this name.
    pub fn is_module(&self, name: &str) -> bool {
        self.roots.contains(name)
    }

    /// The name of a function: a member of the impl of this header, which is written or made
    /// in the item `at` of the sources, or of none.
    pub fn name(&self, item: &Item, header: &Header, at: Option<usize>) -> String {
        match item.place {
            Some(_) => self.method(item, header, at),
            None => format!("{}::{}", self.of_crate, item.outer()),
        }
    }

    /// `systems::ship::Ship::far`, `<systems::ship::Ship as systems::ship::Go>::go`.
    fn method(&self, item: &Item, header: &Header, at: Option<usize>) -> String {
        let module = at.map_or(self.of_crate.as_str(), |at| &self.source.items[at].module);
        let method = item.name();
        let owner = header.owner.as_deref().unwrap_or("_");
        let owner = self.full(owner, module);
        match &header.of_trait {
            Some(of_trait) => format!("<{owner} as {}>::{method}", self.full(of_trait, module)),
            None if owner
                .strip_prefix(module)
                .is_some_and(|rest| rest.starts_with("::")) =>
            {
                format!("{owner}::{method}")
            }
            None => format!("{module}::<impl {owner}>::{method}"),
        }
    }

    /// A name as it is meant in a module, as far as the crate's own items tell.
    fn full(&self, path: &str, module: &str) -> String {
        let last = path.rsplit("::").next().unwrap_or(path);
        match self.modules.get(last) {
            Some(modules) if modules.contains(module) => format!("{module}::{last}"),
            Some(modules) => match modules.first().filter(|_| modules.len() == 1) {
                Some(only) => format!("{only}::{last}"),
                None => path.to_owned(),
            },
            None => path.to_owned(),
        }
    }
}
