//! Instances of `Observer::new` (bevy_ecs 0.19.1, `observer/distributed_storage.rs`), and
//! whether what each makes an observer of has a value: a function and a closure that
//! captured nothing have none, so such an observer can be made at any time.

use super::dwarf::{Entries, Entry, text};
use crate::{HashMap, symbols::Name};
use gimli::constants as dw;
use std::iter;

/// What an instance takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// A function or a function pointer: their types are written alike.
    Function,
    /// A value of no size.
    Nothing,
}

/// One instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Maker {
    /// What it takes.
    pub takes: Takes,
    /// Of a closure: its number in its function, behind those of the closures it is in.
    pub place: Vec<u32>,
}

/// The engine's function.
pub const OBSERVER_MAKER: &str = "bevy_ecs::observer::distributed_storage::Observer::new";

/// Whether this is the symbol of an instance.
pub fn makes_observers(symbol: &str) -> bool {
    // Both manglings write each word as it is; reading all takes far longer.
    if !symbol.contains("Observer") {
        return false;
    }
    let path = Name::of(symbol).and_then(|name| name.path());
    let path = path.unwrap_or_default();
    // The tests have an engine of their own.
    let path = match cfg!(test) {
        true => path.trim_start_matches("systems::"),
        false => &path,
    };
    path == OBSERVER_MAKER
}

/// Those whose argument is known to have no value, by their symbols.
pub(super) fn of(entries: &Entries<'_>) -> HashMap<String, Maker> {
    let makers = entries.all.iter().enumerate();
    let makers = makers.filter(|(_, entry)| entry.tag == dw::DW_TAG_subprogram);
    let makers = makers.filter_map(|(at, maker)| {
        // `new<E, B, M, I>(system: I)`.
        let argument =
            |part: &Entry<'_>| part.tag == dw::DW_TAG_template_type_parameter && part.name == b"I";
        let (argument, _) = entries.parts(at).find(|(_, part)| argument(part))?;
        let at = entries.target(argument)?;
        let taken = entries.all.get(at)?;
        let takes = match taken.tag {
            dw::DW_TAG_pointer_type if text(taken.name).starts_with("fn(") => Takes::Function,
            dw::DW_TAG_structure_type if taken.size == Some(0) => Takes::Nothing,
            _ => return None,
        };
        let place = numbers(entries, at);
        Some((text(maker.name).into_owned(), Maker { takes, place }))
    });
    makers.collect()
}

/// The numbers of the closures in the path of the entry at this position.
fn numbers(entries: &Entries<'_>, at: usize) -> Vec<u32> {
    let path = iter::successors(Some(at), |at| entries.parent(*at));
    let numbers = path.filter_map(|at| {
        let segment = text(entries.all.get(at)?.name);
        let (_, rest) = segment.split_once("{closure")?.1.split_once('#')?;
        rest.split('}').next()?.parse().ok()
    });
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.reverse();
    numbers
}
