//! From what the units of a library say to what is known under each name. It must not let one
//! definition stand for another that differs.

use std::{mem, sync::Arc};

use crate::{HashMap, IndexMap};

use super::{
    Kind, LayoutError, Layouts, Maker, Node, Type, UNKNOWN_NAME,
    naming::DEEPEST,
    unit::{Unit, add},
};

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
        let mut nodes: IndexMap<Arc<str>, Node> = IndexMap::default();
        let mut makers = HashMap::default();
        for unit in units {
            for told in &unit.nodes {
                let node = nodes.entry(told.name.clone());
                let node = node.or_insert_with(|| told.clone());
                node.doubt |= told.doubt;
                for known in &told.types {
                    add(&mut node.types, known);
                }
            }
            makers.extend(unit.makers.clone());
        }
        if nodes.is_empty() {
            return Err(LayoutError::NoTypes(crate_name.to_owned()));
        }
        let mut layouts = Self::joined(nodes, makers);
        layouts.measure_arrays();
        Ok(layouts)
    }

    /// These nodes, with what each mentions of them.
    pub(super) fn joined(nodes: IndexMap<Arc<str>, Node>, makers: HashMap<String, Maker>) -> Self {
        let mut joined = Self { nodes, makers };
        for at in 0..joined.nodes.len() {
            let mut node = mem::take(&mut joined.nodes[at]);
            node.doubt |= node.types.is_empty();
            node.mentions.clear();
            for known in &mut node.types {
                known.for_each_name(&mut |name| {
                    node.doubt |= **name == *UNKNOWN_NAME;
                    node.mentions.extend(joined.at(name));
                });
            }
            node.mentions.sort_unstable();
            node.mentions.dedup();
            joined.nodes[at] = node;
        }
        joined
    }

    /// Sizes and alignments of arrays, which the debug info leaves to be worked out.
    fn measure_arrays(&mut self) {
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            let is_array = |known: &Type| matches!(known.kind, Kind::Array(..));
            if !node.sure().is_some_and(is_array) {
                continue;
            }
            match self.measure(node, 0) {
                Some(measured) => {
                    let known = self.nodes[at].types.iter_mut();
                    known.for_each(|known| (known.size, known.align) = measured);
                }
                None => self.nodes[at].doubt = true,
            }
        }
    }

    fn measure(&self, node: &Node, depth: u32) -> Option<(u64, u64)> {
        let known = node.sure()?;
        let Kind::Array(of, length) = &known.kind else {
            return Some((known.size, known.align));
        };
        let of = self.nodes.get(of)?;
        if depth > DEEPEST {
            return None;
        }
        let (size, align) = self.measure(of, depth + 1)?;
        Some((size.checked_mul(length.unwrap_or(0))?, align))
    }
}
