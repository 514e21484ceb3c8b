//! From what the units of a library say to what is known under each name. It must not let one
//! definition stand for another that differs.

use std::sync::Arc;

use crate::HashMap;

use super::{
    Kind, LayoutError, Layouts, Node, Type, UNKNOWN_NAME,
    naming::{DEEPEST, Named, UNKNOWN},
    unit::{Definition, Unit, add},
};

/// Under one name.
struct Known<'a> {
    named: &'a Named,
    /// Those that differ, each with the numbers of its unit's names.
    definitions: Vec<(&'a Definition, usize)>,
}

impl Known<'_> {
    fn node(&self, numbers: &[Vec<u32>]) -> Node {
        let mut types: Vec<Type> = Vec::with_capacity(self.definitions.len());
        let mut mentions = Vec::new();
        let mut doubt = self.definitions.is_empty();
        for (definition, unit) in &self.definitions {
            let mut known = definition.known.clone();
            known.for_each_name(&mut |name| doubt |= **name == *UNKNOWN_NAME);
            doubt |= definition.doubt;
            let names = definition.mentions.iter();
            mentions.extend(names.filter_map(|name| numbers[*unit].get(*name as usize)));
            types.push(known);
        }
        mentions.sort_unstable();
        mentions.dedup();
        let mut types = types.into_iter();
        let known = types.next().unwrap_or_else(|| Type {
            name: self.named.name.clone(),
            ..Type::default()
        });
        Node {
            known,
            others: types.collect(),
            doubt: doubt || mentions.contains(&UNKNOWN),
            mentions,
            inner: self.named.inner,
            own: self.named.own,
            concerned: self.named.concerned,
            says: self.named.says,
        }
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
        let mut by_name: HashMap<Arc<str>, u32> = HashMap::default();
        let mut all: Vec<Known<'a>> = Vec::new();
        // Of each unit's names, which of all they are.
        let mut numbers: Vec<Vec<u32>> = Vec::new();
        let mut makers = HashMap::default();
        for (at, unit) in units.into_iter().enumerate() {
            let names = unit.names.iter().map(|(named, definitions)| {
                let number = *by_name.entry(named.name.clone()).or_insert_with(|| {
                    all.push(Known {
                        named,
                        definitions: Vec::new(),
                    });
                    all.len() as u32 - 1
                });
                for definition in definitions {
                    let known = &mut all[number as usize].definitions;
                    add(known, (definition, at), |(ours, _), (theirs, _)| {
                        ours.is_covered(theirs)
                    });
                }
                number
            });
            numbers.push(names.collect());
            makers.extend(unit.makers.clone());
        }
        if all.len() <= UNKNOWN as usize + 1 {
            return Err(LayoutError::NoTypes(crate_name.to_owned()));
        }
        let nodes = all.iter().map(|known| known.node(&numbers)).collect();
        let mut layouts = Self {
            nodes,
            by_name,
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
