//! The same types under other names: what an edit renamed, or moved to another module.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use crate::HashMap;

use super::{Field, Kind, Layouts, Node, Type, Variant};

/// Gives a name its new spelling, or none if it stays.
pub type Rename<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Layouts {
    /// The names of the module's own types that these and all that they mention are made
    /// of, as far as they are known.
    pub fn own_within<'a>(&self, roots: impl IntoIterator<Item = &'a str>) -> BTreeSet<&str> {
        let mut open: Vec<u32> = roots.into_iter().filter_map(|it| self.find(it)).collect();
        let mut seen: HashSet<u32> = open.iter().copied().collect();
        let mut own = BTreeSet::new();
        while let Some(node) = open.pop().and_then(|at| self.node(at)) {
            if node.is_own_type() {
                own.insert(&*node.known.name);
            }
            open.extend(node.mentions.iter().filter(|at| seen.insert(**at)));
        }
        own
    }

    /// The names of the module's own types.
    pub fn own(&self) -> impl Iterator<Item = &str> {
        let own = self.nodes.iter().filter(|node| node.is_own_type());
        own.map(|node| &*node.known.name)
    }

    /// A number for what the type of this name and all that it mentions are, equal in all
    /// libraries in which that is the same; none if anything is in doubt.
    pub fn digest(&self, type_name: &str) -> Option<u64> {
        let mut open = vec![self.find(type_name)?];
        let mut seen: HashSet<u32> = open.iter().copied().collect();
        let mut all = BTreeMap::new();
        while let Some(at) = open.pop() {
            let node = self.node(at)?;
            if node.doubt || !node.others.is_empty() {
                return None;
            }
            all.insert(&*node.known.name, &node.known);
            open.extend(node.mentions.iter().filter(|at| seen.insert(**at)));
        }
        let mut hasher = DefaultHasher::new();
        all.hash(&mut hasher);
        Some(hasher.finish())
    }

    /// These types under other names. Names that become equal are in doubt.
    #[must_use]
    pub fn renamed(&self, rename: Rename) -> Self {
        let mut nodes: Vec<Node> = self
            .nodes
            .iter()
            .map(|node| Node {
                known: node.known.renamed(rename),
                others: node.others.iter().map(|it| it.renamed(rename)).collect(),
                ..node.clone()
            })
            .collect();
        let mut by_name: HashMap<Arc<str>, u32> = HashMap::default();
        for (name, at) in &self.by_name {
            if let Some(other) = by_name.insert(renamed(name, rename), *at)
                && other != *at
            {
                for at in [other, *at] {
                    if let Some(node) = nodes.get_mut(at as usize) {
                        node.doubt = true;
                    }
                }
            }
        }
        Self {
            nodes,
            by_name,
            makers: self.makers.clone(),
        }
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
        let name = |it: &Arc<str>| renamed(it, rename);
        let field = |it: &Field| Field {
            type_name: name(&it.type_name),
            ..it.clone()
        };
        let fields = |all: &[Field]| all.iter().map(field).collect();
        let kind = match &self.kind {
            Kind::Struct(all) => Kind::Struct(fields(all)),
            Kind::Union(all) => Kind::Union(fields(all)),
            Kind::Enum {
                discriminant,
                variants,
            } => Kind::Enum {
                discriminant: discriminant.as_ref().map(field),
                variants: variants
                    .iter()
                    .map(|it| Variant {
                        fields: fields(&it.fields),
                        ..it.clone()
                    })
                    .collect(),
            },
            Kind::Pointer(to) => Kind::Pointer(name(to)),
            Kind::Array(of, count) => Kind::Array(name(of), *count),
            Kind::Function(of, to) => {
                Kind::Function(of.iter().map(name).collect(), to.as_ref().map(name))
            }
            kind @ (Kind::Base(_) | Kind::Unknown) => kind.clone(),
        };
        Self {
            name: name(&self.name),
            kind,
            arguments: self.arguments.iter().map(name).collect(),
            ..*self
        }
    }
}

fn renamed(name: &Arc<str>, rename: Rename) -> Arc<str> {
    rename(name).map_or_else(|| name.clone(), Arc::from)
}
