//! Items of the build before, most of which are in this build's text as they were: reading
//! one takes far longer than finding it. Must not give an item that would be read otherwise
//! now.

use super::{Item, Sources, normal::Places};
use crate::HashMap;
use std::{collections::BTreeMap, mem};

/// What was read of the texts before.
#[derive(Debug, Default)]
pub struct Memory {
    /// Of [`Sources::names`].
    names: u64,
    /// By the text of the item.
    pub(super) items: HashMap<Box<str>, Read>,
    /// What the newest text did not have: it may have been read before it was complete.
    pub(super) older: HashMap<Box<str>, Read>,
    /// What that and the text before it did not have: forgotten when another is read.
    oldest: HashMap<Box<str>, Read>,
}

/// An item, and what its text does not say by itself.
#[derive(Debug)]
pub(super) struct Read {
    /// Places of impls in it, and what is written there.
    pub places: BTreeMap<String, String>,
    pub item: Item,
}

impl Memory {
    /// Another text is read: what is known becomes older.
    pub(super) fn renew(&mut self, sources: &dyn Sources) {
        let names = sources.names();
        if mem::replace(&mut self.names, names) != names {
            (self.items, self.older) = Default::default();
        }
        self.oldest = mem::replace(&mut self.older, mem::take(&mut self.items));
    }

    /// The item of this text, if it is what it was.
    pub(super) fn take(&mut self, text: &str, places: &mut Places<'_>) -> Option<Read> {
        let read = self.older.remove(text);
        let read = read.or_else(|| self.oldest.remove(text))?;
        let mut known = read.places.iter();
        known
            .all(|(place, written)| places.written(place) == Some(written))
            .then_some(read)
    }
}
