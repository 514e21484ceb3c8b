//! The second state of an edit: what rustc built, compared with all that the world has met
//! under its identity, and found to have the types that the identity promises. After that,
//! and not before, the library is loaded.

use super::{
    Worker,
    halt::Halt,
    reading::{Expected, Read},
    saved::Saved,
};
use crate::{
    generation::Identity,
    load::{self, LoadError, Loaded},
};
use hot_loader_compile::build::Built;
use hot_loader_verdict::{code::Code, contracts::Beside, edit::Edit, layouts::Layouts};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// A build whose types are known to be those that its identity promises.
pub struct Judged {
    /// When its sources were saved.
    pub at: SystemTime,
    /// How long rustc took.
    pub took: Duration,
    pub code: Arc<Code>,
    /// How it differs from the code that runs.
    pub edit: Edit,
    pub identity: Identity,
    pub layouts: Option<Arc<Layouts>>,
    /// Functions whose closures or futures have another environment than in the generation
    /// that runs.
    pub environments: Vec<String>,
    /// The library in the process, or why it is not.
    pub loaded: Result<Loaded, LoadError>,
}

/// Whether a build has the identity that its types ask for.
pub enum Verdict {
    Fits(Box<Judged>),
    /// They ask for this one.
    NeedsIdentity(Identity),
}

impl Saved {
    /// Compares what was built of these sources. What was `expected` of them is of all files
    /// that may be the module's.
    pub fn judge(
        &self,
        worker: &mut Worker,
        built: Built,
        read: Read,
        expected: Expected,
        identity: Identity,
    ) -> Result<Verdict, Halt> {
        let module = &worker.disk.module;
        let sources = match expected.code.wait() {
            Some(code) if code.knows(&built.files) => None,
            _ => Some(module.code(&self.sources, &built.files).map_err(|error| {
                Halt::Refused(format!(
                    "rustc accepts the sources, but hot-loader cannot tell what changed in them: {error}"
                ))
            })?),
        };
        let Read {
            layouts,
            mir,
            library,
        } = read;
        let (code, edit) = mir.code(expected, sources);
        worker.builds.check()?;
        let generations = &mut worker.generations;
        let beside = match layouts {
            Some(_) => Beside::Layouts,
            None => Beside::Nothing,
        };
        let live = generations.live().identity.clone();
        if !generations.identities.may_live(&identity, &code, beside) {
            let other = generations.identities.choose(&live, &code, beside);
            return Ok(Verdict::NeedsIdentity(other));
        }
        let (differ, environments) = match &layouts {
            Some(layouts) => generations.differing(&identity, layouts),
            None => (Vec::new(), Vec::new()),
        };
        if !differ.is_empty() {
            worker.shared.reporter.info(&format!(
                "Types edit: the layout of {} changed; building again with new types",
                differ.join(", ")
            ));
            generations.identities.refuse(&identity, &code);
            let other = generations.identities.choose(&live, &code, beside);
            return Ok(Verdict::NeedsIdentity(other));
        }
        Ok(Verdict::Fits(Box::new(Judged {
            at: self.at,
            took: built.took,
            code,
            edit,
            identity,
            layouts,
            environments,
            // Constructors run: it is the one that is wanted.
            loaded: library.and_then(|checked| load::load(&built, checked)),
        })))
    }
}
