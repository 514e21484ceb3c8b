//! One version of the gameplay, and the way from one to the next as the main thread gets
//! it. Plain data; must never build, load or apply anything.

mod planned;

pub use planned::{Cause, Planned};

use crate::{load::Image, record::Exported};
use hot_loader_verdict::{code::Code, layouts::Layouts};
use std::sync::Arc;

/// One version of the gameplay crate.
pub struct Generation {
    /// 0 is the code linked into the executable.
    pub number: u32,
    /// Its sources, and what the compiler made of them.
    pub code: Arc<Code>,
    pub identity: Identity,
    /// What the compiler says of its types. `None` if it said nothing.
    pub layouts: Option<Arc<Layouts>>,
    pub exported: Exported,
    /// Its library, which is mapped for ever; none of generation 0, whose code is the
    /// executable's.
    pub library: Option<Arc<Image>>,
}

/// A crate identity (`-C metadata`), from which rustc derives that of every type: what is
/// added to the recipe's own metadata. That of the executable is empty. Where it ends with `+`
/// and a number, its replays bring as many rows of carriers (`export!` reads it).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity(Arc<str>);

impl Identity {
    /// An identity that is not the executable's.
    pub fn new(name: &str, rows: usize) -> Self {
        match rows {
            0 => Self(name.into()),
            _ => Self(format!("{name}+{rows}").into()),
        }
    }

    /// How many rows of carriers its replays bring.
    pub fn rows(&self) -> usize {
        let rows = self.0.split_once('+').and_then(|it| it.1.parse().ok());
        rows.unwrap_or(0)
    }

    /// What a replay adds to its command line, and its cache is named by.
    pub fn metadata(&self) -> Option<&str> {
        Some(&*self.0).filter(|metadata| !metadata.is_empty())
    }

    /// A name that differs from all others'.
    pub fn name(&self) -> &Arc<str> {
        &self.0
    }
}
