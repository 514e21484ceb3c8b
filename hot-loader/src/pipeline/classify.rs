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
    code::{Code, Error},
    contracts::Beside,
    layouts::{Differences, LayoutError, Layouts, Spellings},
};
use std::{ptr, sync::Arc, thread};

/// A build whose types are known to be those that its identity promises.
pub struct Classified {
    pub built: Built,
    pub code: Arc<Code>,
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
    Deep(Error),
    /// Nothing was built.
    Build(BuildError),
    /// It was, and what changed in it cannot be told.
    Unread(Fatal),
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
        let predicted = self.module.predicted(&self.seen);
        let predicted = predicted.map_err(Unclassified::Deep)?;
        let live = self.live.identity.clone();
        let mut identity = match &predicted {
            Some(code) => self.identities.choose(&live, code, Beside::Guess),
            None => live.clone(),
        };
        for _ in 0..LONGEST_SEARCH {
            let built = self.build_attended(identity.metadata());
            let built = built.map_err(Unclassified::Build)?;
            self.files.push(built.library.clone());
            if self.adopt_included(&built) {
                return Err(Unclassified::Included);
            }
            let code = match &predicted {
                Some(code) if code.knows(&built.files) => code.clone(),
                _ => {
                    let code = self.module.code(&self.seen, &built.files);
                    code.map_err(|error| Unclassified::Unread(error.into()))?
                }
            };
            let code = Arc::new(compiled(code, &built));
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
            let beside = match layouts {
                Some(_) => Beside::Layouts,
                None => Beside::Nothing,
            };
            if !self.identities.may_live(&identity, &code, beside) {
                identity = self.identities.choose(&live, &code, beside);
                continue;
            }
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
                tracing::debug!("the layout of {} changed: built again", differ.join(", "));
                self.identities.refuse(&identity, &code);
                identity = self.identities.choose(&live, &code, beside);
                continue;
            }
            let loaded = checked.and_then(load::load);
            return Ok(Classified {
                built,
                code,
                identity,
                layouts,
                loaded,
                environments,
            });
        }
        Err(Unclassified::Unread(
            "builds of the same sources differ from each other. Restart the game".into(),
        ))
    }
}

/// These sources with what the compiler made of them, as far as that is understood.
pub fn compiled(code: Code, built: &Built) -> Code {
    code.built(&built.mir).unwrap_or_else(|(code, error)| {
        tracing::warn!(
            target: "hot_loader",
            "{error}, so each edit counts as larger than it may be. Use a rustc that this hot-loader knows, or a newer hot-loader"
        );
        code
    })
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
