//! Finds the table of a system type in a new image, from the table in the old one.

use crate::engine::{
    names::FUNCTION_SYSTEMS,
    tables::{HEADER, IDENTITY, RUN_UNSAFE, TableShape},
};
use crate::load::Image;
use hot_loader_verdict::symbols::Name;
use std::collections::HashMap;

/// Finds tables of one new image.
pub struct Find<'a> {
    old: &'a [&'a Image],
    new: &'a Image,
    /// Where the new image's constant data may hold tables, by the word that says the type.
    tables: HashMap<usize, Vec<usize>>,
}

impl<'a> Find<'a> {
    /// Indexes the constant data of `new`. `old` are the images that tables in
    /// use now may be in.
    pub fn new(old: &'a [&'a Image], new: &'a Image) -> Self {
        let mut tables: HashMap<usize, Vec<usize>> = HashMap::new();
        for range in new.constants() {
            let start = range.start.next_multiple_of(align_of::<usize>());
            let words = range.end.saturating_sub(start) / size_of::<usize>();
            let first = core::ptr::with_exposed_provenance::<usize>(start);
            for table in 0..words.saturating_sub(IDENTITY) {
                // SAFETY: the range is a section of an image that is mapped for ever
                // and is not written after loading (RTLD_NOW has relocated it).
                let word = |i| unsafe { first.add(table + i).read() };
                // A table begins with the address of the drop code, a size and an alignment.
                if word(2).is_power_of_two() && word(1).is_multiple_of(word(2)) {
                    let at = first.wrapping_add(table) as usize;
                    tables.entry(word(IDENTITY)).or_default().push(at);
                }
            }
        }
        Self { old, new, tables }
    }

    /// Whether `table` is in one of the module's old images; tables of the
    /// engine's library are shared by all generations and need no new one.
    pub fn is_modules(&self, table: usize) -> bool {
        self.old_image(table).is_some()
    }

    /// Whether the system of `table` is a function as the engine wraps it, and not an
    /// adapter that holds values of its own beside one of its name: its own methods say so
    /// by their symbols. (`system_type` is the trait's.)
    pub fn is_function(&self, table: usize) -> bool {
        let is_of_function = |symbol: &str| {
            Name::of(symbol).is_some_and(|name| FUNCTION_SYSTEMS.contains(&&*name.owner))
        };
        self.old_image(table).is_some_and(|image| {
            words(image, table, TableShape::System).is_some_and(|words| {
                let mut methods = [words[HEADER], words[RUN_UNSAFE]].into_iter();
                methods.all(|method| image.names_at(method).any(is_of_function))
            })
        })
    }

    fn old_image(&self, table: usize) -> Option<&'a Image> {
        self.old
            .iter()
            .find(|image| image.constants().iter().any(|r| r.contains(&table)))
            .copied()
    }

    /// The new image's table for the type whose table is `table`: None if there is none, or
    /// none that agrees in every method.
    pub fn table(&self, table: usize, shape: TableShape) -> Option<usize> {
        let (old, new) = (self.old_image(table)?, self.new);
        let words = words(old, table, shape)?;
        let names = old.names_at(words[IDENTITY]);
        let addresses = names.flat_map(|name| new.addresses_of(name));
        let mut candidates =
            addresses.flat_map(|address| self.tables.get(&address).into_iter().flatten());
        // Tables of equal symbols are tables of one type; codegen units may have one each, and
        // either serves.
        let found = candidates.find(|candidate| {
            let others = self::words(new, **candidate, shape);
            others.is_some_and(|others| self.agree(old, &words, &others))
        });
        found.copied()
    }

    /// Size, alignment and every method agree.
    fn agree(&self, old: &Image, old_words: &[usize], new_words: &[usize]) -> bool {
        old_words[1..HEADER] == new_words[1..HEADER]
            && self.same_function(old, old_words[0], new_words[0])
            && old_words[HEADER..]
                .iter()
                .zip(&new_words[HEADER..])
                .all(|(&a, &b)| self.same_function(old, a, b))
    }

    /// Equal addresses are a function of a shared library (or no function, for a
    /// type without drop code). Else a symbol must agree; from opt-level 2 on
    /// equal functions are merged and lose their names, so a name that the new
    /// image does not have at all does not disagree with another function of it.
    fn same_function(&self, old: &Image, a: usize, b: usize) -> bool {
        a == b || {
            let mut names = old.names_at(a);
            names
                .clone()
                .any(|name| self.new.names_at(b).any(|n| n == name))
                || (names.clone().next().is_some()
                    && self.new.names_at(b).next().is_some()
                    && names.all(|name| self.new.addresses_of(name).next().is_none()))
        }
    }
}

/// The words of a table, if it lies within the image's constant data.
fn words(image: &Image, table: usize, shape: TableShape) -> Option<Vec<usize>> {
    let count = shape as usize;
    let end = table.checked_add(count * size_of::<usize>())?;
    let mut constants = image.constants().iter();
    let is_inside = table.is_multiple_of(align_of::<usize>())
        && constants.any(|range| range.contains(&table) && end <= range.end);
    let first = core::ptr::with_exposed_provenance::<usize>(table);
    is_inside.then(|| {
        // SAFETY: within a section of a mapped image (above), which is never unmapped and
        // never written to.
        unsafe { core::slice::from_raw_parts(first, count) }.to_vec()
    })
}
