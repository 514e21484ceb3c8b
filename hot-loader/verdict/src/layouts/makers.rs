//! Instances of `Observer::new` (bevy_ecs 0.19.1, `observer/distributed_storage.rs`), and
//! whether what each makes an observer of has a value: a function and a closure that
//! captured nothing have none, so such an observer can be made at any time.

use super::read::{Entry, NOWHERE, Place, Tables, text};
use crate::HashMap;
use crate::symbols::Name;
use gimli::constants as dw;

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
    if !Name::may_have(symbol, "Observer") {
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
pub(super) fn of(tables: &Tables<'_>) -> HashMap<String, Maker> {
    let makers = tables.makers.iter();
    let makers = makers.filter(|(_, takes)| *takes != NOWHERE);
    let makers = makers.filter_map(|(symbol, takes)| {
        let entry = tables.entries.get(tables.at(*takes)?)?;
        let name = text(entry.name);
        let takes = match entry.tag {
            dw::DW_TAG_pointer_type if name.starts_with("fn(") => Takes::Function,
            dw::DW_TAG_structure_type if entry.size == Some(0) => Takes::Nothing,
            _ => return None,
        };
        let place = numbers(tables, entry);
        Some((text(symbol).into_owned(), Maker { takes, place }))
    });
    makers.collect()
}

/// The numbers of the closures in a path.
fn numbers(tables: &Tables<'_>, entry: &Entry<'_>) -> Vec<u32> {
    let number = |segment: &[u8]| {
        let segment = text(segment);
        let (_, rest) = segment.split_once("{closure")?.1.split_once('#')?;
        rest.split('}').next()?.parse().ok()
    };
    let mut numbers: Vec<u32> = number(entry.name).into_iter().collect();
    let mut at = match entry.place {
        Place::Namespace(at) => at,
        _ => 0,
    };
    while at != 0
        && let Some(namespace) = tables.namespaces.get(at as usize)
    {
        numbers.extend(number(namespace.name));
        at = namespace.parent;
    }
    numbers.reverse();
    numbers
}
