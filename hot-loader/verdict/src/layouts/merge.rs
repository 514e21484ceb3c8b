//! From what the units of a library say to what is known under each name. It must not let one
//! definition stand for another that differs.

use crate::{HashMap, IndexMap};

use super::{
    Kind, LayoutError, Layouts, Node, Type, UNKNOWN_NAME,
    naming::{DEEPEST, Named, UNKNOWN},
    unit::{Definition, Unit, add},
};

/// What is known under a name, of which these definitions differ. `at` says where the node of
/// a name is.
fn node(named: &Named, all: &[&Definition], at: impl Fn(&str) -> Option<usize>) -> Node {
    let mut types: Vec<Type> = Vec::with_capacity(all.len());
    let mut mentions = Vec::new();
    let mut doubt = all.is_empty();
    for definition in all {
        let mut known = definition.known.clone();
        known.for_each_name(&mut |name| {
            doubt |= **name == *UNKNOWN_NAME;
            mentions.extend(at(name).map(|at| at as u32));
        });
        doubt |= definition.doubt;
        types.push(known);
    }
    mentions.sort_unstable();
    mentions.dedup();
    let mut types = types.into_iter();
    let known = types.next().unwrap_or_else(|| Type {
        name: named.name.clone(),
        ..Type::default()
    });
    Node {
        known,
        others: types.collect(),
        doubt,
        mentions,
        inner: named.inner,
        own: named.own,
        concerned: named.concerned,
        says: named.says,
    }
}

impl Layouts {
    /// What these units, all that a library has, say together.
    ///
    /// # Errors
    ///
    /// If no type concerns the crate `crate_name`.
    pub fn of<'a>(
        units: impl IntoIterator<Item = &'a Unit>,
        crate_name: &str,
    ) -> Result<Self, LayoutError> {
        let mut all: IndexMap<&str, (&Named, Vec<&Definition>)> = IndexMap::default();
        let mut makers = HashMap::default();
        for unit in units {
            for (named, definitions) in &unit.names {
                let (_, known) = all.entry(&named.name).or_insert((named, Vec::new()));
                for definition in definitions {
                    add(known, definition, |our, their| our.is_covered(their));
                }
            }
            makers.extend(unit.makers.clone());
        }
        if all.len() <= UNKNOWN as usize + 1 {
            return Err(LayoutError::NoTypes(crate_name.to_owned()));
        }
        let nodes = all
            .values()
            .map(|(named, known)| node(named, known, |name| all.get_index_of(name)));
        let names = all.values().map(|(named, _)| named.name.clone());
        let mut layouts = Self {
            nodes: nodes.collect(),
            by_name: names.zip(0..).collect(),
            makers,
        };
        layouts.measure_arrays();
        Ok(layouts)
    }

    /// Sizes and alignments of arrays, which the debug info leaves to be worked out.
    fn measure_arrays(&mut self) {
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            if !matches!(node.known.kind, Kind::Array(..)) || node.doubt {
                continue;
            }
            match self.measure(node, 0) {
                Some((size, align)) => {
                    let known = &mut self.nodes[at].known;
                    (known.size, known.align) = (size, align);
                }
                None => self.nodes[at].doubt = true,
            }
        }
    }

    fn measure(&self, node: &Node, depth: u32) -> Option<(u64, u64)> {
        let Kind::Array(of, length) = &node.known.kind else {
            return Some((node.known.size, node.known.align));
        };
        let of = self.node(*self.by_name.get(of)?)?;
        if depth > DEEPEST || !of.is_sure() {
            return None;
        }
        let (size, align) = self.measure(of, depth + 1)?;
        Some((size.checked_mul(length.unwrap_or(0))?, align))
    }
}
