//! What `std::any::type_name` calls a function that the compiler's MIR has, and what the
//! sources say to whoever reads that.
//!
//! The MIR leaves out of a path what is not needed to tell it from others; the sources say
//! the rest. Must not be used where a wrong name would matter: a macro can make a function
//! in a module where no source shows it.

use crate::{
    header::Header,
    mir::{Item, Place, Sources, closes, last_segment},
    tokens::{Kind, Source},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

/// The paths of one crate.
pub struct Paths<'a> {
    /// The modules that have an item of this name.
    modules: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Modules at the crate's root.
    roots: BTreeSet<&'a str>,
    source: &'a Source,
}

impl<'a> Paths<'a> {
    /// Those of the crate of these sources.
    pub fn of(source: &'a Source) -> Self {
        let (mut modules, mut roots) = (BTreeMap::<_, BTreeSet<_>>::new(), BTreeSet::new());
        for item in source.items.iter().filter(|item| item.parent.is_none()) {
            let Some(name) = item.name.as_deref() else {
                continue;
            };
            match item.kind {
                Kind::Mod if item.module == source.name => {
                    roots.insert(name);
                }
                Kind::Mod | Kind::Use | Kind::MacroCall | Kind::Other => {}
                _ => _ = modules.entry(name).or_default().insert(&*item.module),
            }
        }
        Self {
            modules,
            roots,
            source,
        }
    }

    /// The name of a function: a member of the impl of this header, which is written or made
    /// in the item `at` of the sources, or of none.
    pub fn name(&self, item: &Item, header: &Header, at: Option<usize>) -> String {
        match item.place {
            Some(_) => self.method(item, header, at),
            None => format!("{}::{}", self.source.name, item.outer()),
        }
    }

    /// `systems::ship::Ship::far`, `<systems::ship::Ship as systems::ship::Go>::go`.
    fn method(&self, item: &Item, header: &Header, at: Option<usize>) -> String {
        let module = at.map_or(&*self.source.name, |at| &self.source.items[at].module);
        let method = item.name();
        let owner = header.owner.as_deref().unwrap_or("_");
        let owner = self.full(owner, module);
        let rest = owner.strip_prefix(module);
        let is_near = rest.is_some_and(|rest| rest.starts_with("::"));
        match &header.of_trait {
            Some(of_trait) => format!("<{owner} as {}>::{method}", self.full(of_trait, module)),
            None if is_near => format!("{owner}::{method}"),
            None => format!("{module}::<impl {owner}>::{method}"),
        }
    }

    /// A name as it is meant in a module, as far as the crate's own items tell.
    fn full(&self, path: &str, module: &str) -> String {
        let last = last_segment(path);
        let modules = self.modules.get(last);
        let near = modules.filter(|all| all.contains(module)).map(|_| module);
        let only = || modules.filter(|all| all.len() == 1)?.first().copied();
        match near.or_else(only) {
            Some(module) => format!("{module}::{last}"),
            None => path.to_owned(),
        }
    }
}

impl Sources for Paths<'_> {
    fn written(&self, place: &Place) -> String {
        shown(self.source, place)
    }

    /// The only one, or the one at the root.
    fn module(&self, name: &str) -> Option<&str> {
        let modules = self.modules.get(name)?;
        let root = modules.get(&*self.source.name);
        let only = modules.first().filter(|_| modules.len() == 1);
        let module = only.or(root)?.strip_prefix(&*self.source.name)?;
        Some(module.strip_prefix("::").unwrap_or(module))
    }

    fn is_module(&self, name: &str) -> bool {
        self.roots.contains(name)
    }

    fn names(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.source.name, &self.modules, &self.roots).hash(&mut hasher);
        hasher.finish()
    }
}

/// What is written at a place, as a name for the impl there.
fn shown(source: &Source, place: &Place) -> String {
    let Some(text) = source.text(Path::new(&place.file), place.from, place.to) else {
        return place.file.clone();
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = match text.starts_with("impl") || text.starts_with("unsafe") {
        true => text.replacen("impl ", "", 1).replace(['{', '}'], ""),
        // A derive: it has its type's name, since many types have such a one.
        false => format!("{text} of {}", derived(source, place).unwrap_or_default()),
    };
    match closes(&text) {
        true => text,
        // A macro's words have what places it says: `[<Sh` of `[<Sh ip>]`.
        false => text.replace(['<', '>', '[', ']', '{', '}'], " "),
    }
}

/// The type that has the derive at this place.
fn derived<'a>(source: &'a Source, place: &Place) -> Option<&'a str> {
    let at = source.at(Path::new(&place.file), place.from.0, place.from.1)?;
    let item = &source.items[at];
    item.name.as_deref().filter(|_| item.kind == Kind::Type)
}
