//! Builds the sources under the identity that their types ask for: predicted before
//! the build, checked after it against the sources that rustc read, and against what
//! the compiler itself says of the types.
//!
//! Doubt costs a second build here, and never a type.

use super::{Fatal, Pipeline, identity::Identity};
use crate::load::{self, LoadError, Loaded};
use hot_loader_compile::{
    build::{BuildError, Built},
    session::SessionError,
};
use hot_loader_verdict::{
    layouts::{Differences, LayoutError, Layouts, Spellings},
    surface::{Surface, SurfaceError},
};
use std::{ptr, sync::Arc, thread};

/// A build whose types are known to be those that its identity promises.
pub struct Classified {
    pub built: Built,
    pub surface: Arc<Surface>,
    pub identity: Identity,
    pub layouts: Option<Arc<Layouts>>,
    /// The library in the process, or why it is not.
    pub loaded: Result<Loaded, LoadError>,
    /// Functions whose closures or futures have another environment now.
    pub environments: Vec<String>,
}

/// Why there is none.
pub enum Unclassified {
    /// Nobody looks at it.
    Deep(SurfaceError),
    /// Nothing was built.
    Build(BuildError),
    /// It was, and what changed in it cannot be told.
    Surface(Fatal),
    /// It was, where it must not be loaded from.
    Session(SessionError),
    /// Files were included for the first time: what was compiled is not known.
    Included,
}

/// More builds of one edit than there is a reason for.
const LONGEST_SEARCH: usize = 4;

impl Pipeline {
    /// Builds what is on the disk.
    pub(super) fn build(&mut self) -> Result<Classified, Unclassified> {
        let predicted = self.module.predicted(&self.seen, &self.live.surface);
        let predicted = predicted.map_err(Unclassified::Deep)?.map(Arc::new);
        let live = self.live.identity.clone();
        let mut identity = match &predicted {
            Some(surface) => self.identities.choose(&live, surface),
            None => live.clone(),
        };
        for _ in 0..LONGEST_SEARCH {
            let built = self.build_attended(identity.metadata());
            let built = built.map_err(Unclassified::Build)?;
            self.files.push(built.library.clone());
            if self.adopt_included(&built) {
                return Err(Unclassified::Included);
            }
            let surface = match &predicted {
                Some(surface) if surface.is_of(&built.files) => surface.clone(),
                _ => {
                    let surface = self.module.surface(&self.seen, &built.files);
                    Arc::new(surface.map_err(Unclassified::Surface)?)
                }
            };
            let wanted = self.identities.choose(&live, &surface);
            if wanted != identity {
                identity = wanted;
                continue;
            }
            self.session.check().map_err(Unclassified::Session)?;
            // Both read the library for a while. It is loaded once it is known to be the one
            // that is wanted: its constructors run then.
            let (layouts, checked) = thread::scope(|scope| {
                let (name, spellings) = (&self.module.name, &mut self.spellings);
                let reading = scope.spawn(|| layouts(&built, name, spellings));
                let checked = load::check(&built.library, &built.bytes);
                let layouts = reading.join().unwrap_or_else(|_| {
                    tracing::warn!(target: "hot_loader", "hot-loader panicked while it read the debug info (please report it), so types are compared by their sources alone");
                    None
                });
                (layouts, checked)
            });
            let mut environments = Vec::new();
            let mut differ = Vec::new();
            if let Some(after) = &layouts {
                let current = self.live.layouts.as_deref();
                let current = current.filter(|_| identity == live);
                let met = self.identities.layouts(&identity);
                for before in
                    met.filter(|met| current.is_none_or(|current| !ptr::eq(*met, current)))
                {
                    differ.extend(before.differences(after).types);
                }
                if let Some(before) = current {
                    let Differences {
                        types,
                        environments: changed,
                    } = before.differences(after);
                    differ.extend(types);
                    environments = changed.into_iter().map(|e| e.function).collect();
                }
            }
            if !differ.is_empty() {
                differ.sort();
                differ.dedup();
                tracing::warn!(
                    target: "hot_loader",
                    "the layout of {} changed, although the sources do not show it: rebuilding with new types",
                    differ.join(", ")
                );
                self.identities.refuse(&identity, &surface);
                identity = self.identities.choose(&live, &surface);
                continue;
            }
            let loaded = checked.and_then(load::load);
            return Ok(Classified {
                built,
                surface,
                identity,
                layouts,
                loaded,
                environments,
            });
        }
        Err(Unclassified::Surface(
            "builds of the same sources differ from each other. Restart the game".into(),
        ))
    }
}

/// What the compiler says of the module's types in a library.
pub fn layouts(built: &Built, name: &str, spellings: &mut Spellings) -> Option<Arc<Layouts>> {
    match Layouts::read(&built.bytes, name, spellings) {
        Ok(layouts) => Some(Arc::new(layouts)),
        Err(error @ LayoutError::NoDebugInfo) => {
            tracing::debug!("{error}");
            None
        }
        Err(error) => {
            tracing::warn!(
                target: "hot_loader",
                "cannot read the debug info of {}, so types are compared by their sources alone: {error}",
                built.library.display()
            );
            None
        }
    }
}
