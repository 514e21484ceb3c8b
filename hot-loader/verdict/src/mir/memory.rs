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
}

/// An item, and what its text does not say by itself.
#[derive(Debug)]
pub(super) struct Read {
    /// Places of impls in it, and what is written there.
    pub places: BTreeMap<String, String>,
    pub item: Item,
}

impl Memory {
    /// Another text is read: gives what is known for it.
    pub(super) fn renew(&mut self, sources: &dyn Sources) -> Self {
        let names = sources.names();
        let before = mem::take(self);
        self.names = names;
        match before.names == names {
            true => before,
            false => Self::default(),
        }
    }

    /// The item of this text, if it is what it was.
    pub(super) fn take(&mut self, text: &str, places: &mut Places<'_>) -> Option<Read> {
        let read = self.items.remove(text);
        let read = read.or_else(|| self.older.remove(text))?;
        let mut known = read.places.iter();
        known
            .all(|(place, written)| places.written(place) == Some(written))
            .then_some(read)
    }
}
