//! What no token says: where something is written, and how. `line!()` and
//! `Location::caller()` ask for the one, `stringify!` for the other, and a type can
//! depend on the answer.
//!
//! Relies on the flags that `reach` set, since a place that counted everywhere would
//! make an edit of every line. Must never leave out a macro or function that passes
//! such a question on.

use super::items::{Extra, Item, Role};
use super::known;
use super::text::Text;
use hot_loader_compile::hash::{Fnv, Name, name};
use std::collections::HashSet;

/// Sets what counts of each text that is type surface. `files` are the files' paths,
/// which `file!()` asks for.
pub(super) fn settle(items: &mut [Item], extras: &[Extra], files: &[String]) {
    let own = items.iter().filter(|item| item.role == Role::Macro);
    let own: HashSet<Name> = own.filter_map(|item| item.name).collect();
    let mut asks = Asks {
        own,
        tracked: name("track_caller"),
        placed: HashSet::new(),
        spelled: HashSet::from([name("stringify")]),
        hidden_placed: false,
        hidden_spelled: false,
    };
    asks.pass_on(items, extras);
    for (item, extra) in items.iter_mut().zip(extras) {
        // A definition is wherever it expands.
        let definition = item.role == Role::Macro && item.name.is_some();
        let file = files.get(item.file).map_or("", String::as_str);
        let tracked = asks.is_tracked(item, extra);
        if item.shape_flags.types {
            item.shape.exact = asks.exact(&item.shape, file, tracked, definition);
        }
        if item.body_flags.types
            && let Some(body) = &mut item.body
        {
            body.exact = asks.exact(body, file, false, false);
        }
    }
}

/// Hash of what [`settle`] found, 0 if that is nothing.
pub(super) fn hash_of(items: &[Item]) -> u128 {
    let mut hash = Fnv::default();
    for item in items {
        let body = item.body.as_ref().map_or(0, |body| body.exact);
        if (item.shape.exact, body) != (0, 0) {
            hash.text(&item.key);
            hash.number(item.shape.exact);
            hash.number(body);
        }
    }
    hash.finish() ^ Fnv::default().finish()
}

/// What asks for places and for spelling.
struct Asks {
    /// Macros that the crate defines.
    own: HashSet<Name>,
    tracked: Name,
    /// Macros, and functions with `#[track_caller]`, whose value can depend on where
    /// they are called.
    placed: HashSet<Name>,
    /// Macros that can show how their arguments are spelled.
    spelled: HashSet<Name>,
    /// A macro that asks for its place, or shows spelling, may have been defined by
    /// another macro, or in a file that is included.
    hidden_placed: bool,
    hidden_spelled: bool,
}

impl Asks {
    /// Adds what calls something that asks, until nothing new comes up.
    fn pass_on(&mut self, items: &[Item], extras: &[Extra]) {
        loop {
            let before = self.size();
            for (item, extra) in items.iter().zip(extras) {
                match (item.role, item.name) {
                    (Role::Macro | Role::Other, named) => {
                        let (placed, spelled) =
                            (self.is_placed(&item.shape), self.is_spelled(&item.shape));
                        let included = item.role == Role::Other;
                        let defines = item.shape.defines
                            || (included && item.shape.says(name("macro_rules")));
                        self.hidden_placed |= placed && defines;
                        self.hidden_spelled |= spelled && defines;
                        self.placed.extend(named.filter(|_| placed));
                        self.spelled.extend(named.filter(|_| spelled));
                    }
                    (Role::Fn, Some(named)) if self.is_tracked(item, extra) => {
                        self.placed.insert(named);
                    }
                    (Role::Use, Some(named)) => {
                        let Some(meant) = extra.renames else {
                            continue;
                        };
                        let is_macro = |word: &&str| name(word) == meant;
                        if self.placed.contains(&meant) || known::PLACES.iter().any(is_macro) {
                            self.placed.insert(named);
                        }
                        if self.spelled.contains(&meant) {
                            self.spelled.insert(named);
                        }
                    }
                    _ => {}
                }
            }
            if before == self.size() {
                return;
            }
        }
    }

    fn size(&self) -> (usize, usize, bool, bool) {
        (
            self.placed.len(),
            self.spelled.len(),
            self.hidden_placed,
            self.hidden_spelled,
        )
    }

    /// Whether this is a constant function whose value can depend on where it is called.
    fn is_tracked(&self, item: &Item, extra: &Extra) -> bool {
        extra.is_const
            && item.shape.says(self.tracked)
            && item.body.as_ref().is_none_or(|body| self.is_placed(body))
    }

    fn is_placed(&self, text: &Text) -> bool {
        text.asks_place
            || self.placed.iter().any(|asks| text.says(*asks))
            || (self.hidden_placed && self.calls_unknown(text))
    }

    fn is_spelled(&self, text: &Text) -> bool {
        // Another crate's macro could show it too, but formatting its arguments would then
        // always be an edit of types.
        self.spelled.iter().any(|asks| text.says(*asks))
            || (self.hidden_spelled && self.calls_unknown(text))
    }

    /// Whether it calls a macro of which nothing is known.
    fn calls_unknown(&self, text: &Text) -> bool {
        text.calls.iter().any(|called| !self.own.contains(called))
    }

    /// Of what counts of a text, 0 if nothing does. Called through a pointer, a tracked
    /// function's place is its own.
    fn exact(&self, text: &Text, file: &str, tracked: bool, definition: bool) -> u128 {
        let mut hash = Fnv::default();
        let nothing = hash.finish();
        if !definition && (tracked || self.is_placed(text)) {
            hash.text(file);
            hash.number(text.place);
        }
        if self.is_spelled(text) {
            hash.number(text.spelling);
        }
        hash.finish() ^ nothing
    }
}
