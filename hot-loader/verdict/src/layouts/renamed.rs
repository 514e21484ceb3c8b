//! The same types under other names: what an edit renamed, or moved to another module.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    mem,
    sync::Arc,
};

use crate::IndexMap;

use super::{Field, Kind, Layouts, Node, Type};

/// Gives a name its new spelling, or none if it stays.
pub type Rename<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Layouts {
    /// The names of the module's own types that these and all that they mention are made
    /// of, as far as they are known.
    pub fn own_within<'a>(&self, roots: impl IntoIterator<Item = &'a str>) -> BTreeSet<&str> {
        let roots = roots.into_iter().filter_map(|root| self.find(root));
        let own = self.mentioned(roots).filter(|node| node.is_own_type());
        own.map(|node| &*node.name).collect()
    }

    /// The names of the module's own types.
    pub fn own(&self) -> impl Iterator<Item = &str> {
        let own = self.nodes.values().filter(|node| node.is_own_type());
        own.map(|node| &*node.name)
    }

    /// A number for what the type of this name and all that it mentions are, equal in all
    /// libraries in which that is the same; none if anything is in doubt.
    pub fn digest(&self, type_name: &str) -> Option<u64> {
        let all = self.mentioned([self.find(type_name)?]);
        let all = all.map(|node| Some((&*node.name, node.sure()?)));
        let all: BTreeMap<_, _> = all.collect::<Option<_>>()?;
        let mut hasher = DefaultHasher::new();
        all.hash(&mut hasher);
        Some(hasher.finish())
    }

    /// These types under other names. Names that become equal are in doubt.
    #[must_use]
    pub fn renamed(&self, rename: Rename) -> Self {
        let mut nodes: IndexMap<Arc<str>, Node> = IndexMap::default();
        for node in self.nodes.values() {
            let name = rename(&node.name).map_or_else(|| node.name.clone(), Arc::from);
            let is_taken = nodes.contains_key(&name);
            let renamed = nodes.entry(name.clone()).or_insert_with(|| Node {
                name,
                types: Vec::new(),
                ..node.clone()
            });
            let types = node.types.iter().map(|it| it.renamed(rename));
            renamed.types.extend(types);
            renamed.doubt |= is_taken || node.doubt;
            renamed.own |= node.own;
            renamed.concerned |= node.concerned;
        }
        Self::joined(nodes, self.makers.clone())
    }
}

impl Node {
    fn is_own_type(&self) -> bool {
        self.own && !self.inner && !self.says.environment
    }
}

impl Type {
    /// The same definition under other names.
    #[must_use]
    pub fn renamed(&self, rename: Rename) -> Self {
        let mut renamed = self.clone();
        renamed.for_each_name(&mut |name| {
            if let Some(new) = rename(name) {
                *name = new.into();
            }
        });
        renamed
    }

    /// Whether the same is written in both, but for names that `agree`.
    pub(super) fn is_like(&self, other: &Self, agree: impl Fn(&str, &str) -> bool) -> bool {
        let without_names = |known: &Self| {
            let (mut known, mut names) = (known.clone(), Vec::new());
            known.for_each_name(&mut |name| names.push(mem::take(name)));
            (known, names)
        };
        self == other || {
            let ((our, ours), (their, theirs)) = (without_names(self), without_names(other));
            let mut names = ours.iter().zip(&theirs);
            our == their && names.all(|(our, their)| our == their || agree(our, their))
        }
    }

    /// Calls `visit` for its own name and all that stand in it, in order.
    pub(super) fn for_each_name(&mut self, visit: &mut dyn FnMut(&mut Arc<str>)) {
        visit(&mut self.name);
        self.arguments.iter_mut().for_each(&mut *visit);
        self.kind.for_each_name(visit);
    }
}

impl Kind {
    /// Calls `visit` for all names that stand in it, in order.
    pub(super) fn for_each_name(&mut self, visit: &mut dyn FnMut(&mut Arc<str>)) {
        let mut fields = |all: &mut [Field]| {
            for field in all {
                visit(&mut field.type_name);
            }
        };
        match self {
            Self::Struct(all) | Self::Union(all) => fields(all),
            Self::Enum {
                discriminant,
                variants,
            } => {
                fields(discriminant.as_mut_slice());
                variants.iter_mut().for_each(|it| fields(&mut it.fields));
            }
            Self::Pointer(to) => visit(to),
            Self::Array(of, _) => visit(of),
            Self::Function(of, to) => of.iter_mut().chain(to).for_each(visit),
            Self::Base(_) | Self::Unknown => {}
        }
    }
}
