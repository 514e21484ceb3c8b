//! Builds the sources under the identity that their types ask for: guessed before the
//! build from their tokens, and checked after it against what the compiler itself says.
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
    layouts::{LayoutError, Layouts, Spellings},
};
use std::{panic, ptr, sync::Arc, thread};

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

/// What rustc wrote, as it was read.
struct Read<'a> {
    code: Arc<Code>,
    layouts: Option<Arc<Layouts>>,
    /// The library as it may be loaded.
    checked: Result<load::Checked<'a>, LoadError>,
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
            self.session.check().map_err(Unclassified::Session)?;
            let Read {
                code,
                layouts,
                checked,
            } = self.read(predicted.as_ref(), &built)?;
            let beside = match layouts {
                Some(_) => Beside::Layouts,
                None => Beside::Nothing,
            };
            if !self.identities.may_live(&identity, &code, beside) {
                identity = self.identities.choose(&live, &code, beside);
                continue;
            }
            let (differ, environments) = match &layouts {
                Some(layouts) => self.differing(&identity, layouts),
                None => (Vec::new(), Vec::new()),
            };
            if !differ.is_empty() {
                self.shared.reporter.info(&format!(
                    "Types edit: the layout of {} changed; building again with new types",
                    differ.join(", ")
                ));
                self.identities.refuse(&identity, &code);
                identity = self.identities.choose(&live, &code, beside);
                continue;
            }
            // Constructors run: it is the one that is wanted.
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

    /// Reads what rustc wrote: debug info, symbols and MIR, each for a while.
    fn read<'a>(
        &mut self,
        predicted: Option<&Code>,
        built: &'a Built,
    ) -> Result<Read<'a>, Unclassified> {
        let code = match predicted {
            Some(code) if code.knows(&built.files) => code.clone(),
            _ => {
                let code = self.module.code(&self.seen, &built.files);
                code.map_err(|error| Unclassified::Unread(error.into()))?
            }
        };
        let (name, spellings) = (&self.module.name, &mut self.spellings);
        Ok(thread::scope(|scope| {
            let reading = scope.spawn(|| layouts(built, name, spellings));
            let code = scope.spawn(|| compiled(&code, built));
            let checked = load::check(&built.library, &built.bytes);
            Read {
                checked,
                code: Arc::new(code.join().unwrap_or_else(|panic| panic::resume_unwind(panic))),
                layouts: reading.join().unwrap_or_else(|_| {
                    tracing::warn!(target: "hot_loader", "hot-loader panicked while it read the debug info (please report it), so types are compared by their sources alone");
                    None
                }),
            }
        }))
    }

    /// The types that are not as the world met them under `identity`, by debug info; and if
    /// it is the one that runs, functions whose closures have another environment.
    fn differing(&self, identity: &Identity, after: &Layouts) -> (Vec<String>, Vec<String>) {
        let current = self.live.layouts.as_deref();
        let current = current.filter(|_| *identity == self.live.identity);
        let met = self.identities.layouts(identity);
        let others = met.filter(|met| current.is_none_or(|current| !ptr::eq(*met, current)));
        let mut differ: Vec<String> = others
            .flat_map(|before| before.differences(after).types)
            .collect();
        let mut environments = Vec::new();
        if let Some(before) = current {
            let found = before.differences(after);
            differ.extend(found.types);
            environments.extend(found.environments.into_iter().map(|e| e.function));
        }
        differ.sort();
        differ.dedup();
        (differ, environments)
    }
}

/// These sources with what the compiler made of them, as far as that is understood.
pub fn compiled(code: &Code, built: &Built) -> Code {
    code.built(&built.mir).unwrap_or_else(|error| {
        tracing::warn!(
            target: "hot_loader",
            "{error}, so each edit counts as larger than it may be. Use a rustc that this hot-loader knows, or a newer hot-loader"
        );
        code.clone()
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
