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
/// added to the recipe's own metadata. That of the executable is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity(Arc<str>);

impl Identity {
    /// An identity that is not the executable's.
    pub fn new(metadata: &str) -> Self {
        Self(metadata.into())
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
