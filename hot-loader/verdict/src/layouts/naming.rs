//! The name of each entry: its path in one spelling, or, of what the debug info gives none
//! (arrays, parts of wide pointers, signatures), one that is made of the names that it
//! mentions. What a variant holds has none.

use std::sync::Arc;

use crate::{
    IndexMap,
    names::{is_written_in, mentions_crate},
};
use gimli::constants as dw;

use super::{
    Node, UNKNOWN_NAME,
    dwarf::{Entries, text},
    reach::Reached,
    spelling::{Says, Spellings},
};

/// What the compiler writes for a function pointer inside of itself.
const RECURSIVE: &[u8] = b"<recur_type>";
/// How deep types without names of their own may nest (arrays of arrays).
pub(super) const DEEPEST: u32 = 32;
/// How long their names may be, in bytes: a broken file must not make them grow without end.
const LONGEST: usize = 1 << 16;

pub(super) struct Names<'t, 'a> {
    pub entries: &'t Entries<'a>,
    pub reached: &'t Reached,
    pub crate_name: &'t str,
    pub spellings: &'t mut Spellings,
    /// What each says by itself.
    pub all: IndexMap<Arc<str>, Node>,
    /// Of each entry, once asked for, where its name is among these, if that is known.
    pub named: Vec<Option<Option<usize>>>,
}

impl Names<'_, '_> {
    /// The name of the type that the entry at this position refers to; of nothing, that of
    /// `()`. All that are reached must be named.
    pub(super) fn target(&self, at: usize) -> Arc<str> {
        if self.entries.all[at].target.is_none() {
            return "()".into();
        }
        let target = self.entries.target(at);
        let name = target.and_then(|target| self.named[target].flatten());
        name.map_or_else(|| UNKNOWN_NAME.into(), |name| self.spelled(name))
    }

    /// Names the type at this position, if its name can be known; `depth` many are being
    /// named. Gives its position among all names.
    pub(super) fn name(&mut self, at: usize, depth: u32) -> Option<usize> {
        if let Some(known) = self.named[at] {
            return known;
        }
        if depth > DEEPEST {
            return None;
        }
        let name = self.make(at, depth + 1);
        self.named[at] = Some(name);
        name
    }

    fn make(&mut self, at: usize, depth: u32) -> Option<usize> {
        let entry = &self.entries.all[at];
        if entry.name.is_empty() {
            return self.without_name(at, depth);
        }
        let namespace = self.reached.around(self.entries, at)?;
        let own = is_written_in(namespace, self.crate_name);
        let path = format!("{namespace}{}", text(entry.name));
        (entry.name != RECURSIVE).then(|| self.intern_spelled(path, false, own))
    }

    /// Names what the debug info gives no name: arrays, parts of wide pointers, signatures.
    fn without_name(&mut self, at: usize, depth: u32) -> Option<usize> {
        let entries = self.entries;
        let entry = &entries.all[at];
        let mut spell = |at: usize| {
            let name = self.name(entries.target(at)?, depth)?;
            Some(self.spelled(name))
        };
        let of = match entry.target {
            Some(_) => spell(at)?,
            None => "()".into(),
        };
        let name = match entry.tag {
            dw::DW_TAG_array_type => match length(entries, at)? {
                Some(length) => format!("[{of}; {length}]"),
                None => format!("[{of}]"),
            },
            dw::DW_TAG_pointer_type => format!("*{of}"),
            dw::DW_TAG_subroutine_type => {
                let parts = entries.parts(at).map(|(part, _)| spell(part));
                let parameters = parts.collect::<Option<Vec<_>>>()?.join(", ");
                // Not a function pointer, which is the pointer to this.
                format!("{{code of fn({parameters}) -> {of}}}")
            }
            _ => return None,
        };
        (name.len() <= LONGEST).then(|| match entry.tag {
            dw::DW_TAG_subroutine_type => {
                let code = Says {
                    code: true,
                    ..Says::default()
                };
                self.intern(name.into(), code, true, false)
            }
            // A pointer without a name is not the type that Rust would spell so.
            tag => self.intern_spelled(name, tag == dw::DW_TAG_pointer_type, false),
        })
    }

    fn intern_spelled(&mut self, name: String, inner: bool, own: bool) -> usize {
        match self.spellings.canonical(&name) {
            Some((name, says)) => self.intern(name, says, inner, own),
            // Kept as it is: nobody asks for it by that name, but it is compared.
            None => {
                let environment = name.contains("_env#");
                let says = Says {
                    code: true,
                    environment,
                    is_environment: environment,
                };
                self.intern(name.into(), says, true, own)
            }
        }
    }

    fn intern(&mut self, name: Arc<str>, says: Says, inner: bool, own: bool) -> usize {
        let known = self.all.entry(name);
        let at = known.index();
        known.or_insert_with_key(|name| Node {
            name: name.clone(),
            inner,
            own,
            concerned: mentions_crate(name, self.crate_name),
            says,
            ..Node::default()
        });
        at
    }

    fn spelled(&self, at: usize) -> Arc<str> {
        self.all[at].name.clone()
    }
}

/// An array's length; the inner option is none if it has none.
fn length(entries: &Entries<'_>, at: usize) -> Option<Option<u64>> {
    let mut parts = entries.parts(at);
    let (_, part) = parts.next()?;
    if part.tag != dw::DW_TAG_subrange_type || part.strange || parts.next().is_some() {
        return None;
    }
    match part.number() {
        // What has no fixed length has -1, or nothing.
        None | Some(-1) => Some(None),
        Some(length) => {
            let length = u64::try_from(length).ok()?;
            Some((length != u64::MAX).then_some(length))
        }
    }
}
