//! The second state of an edit: what rustc built, compared with all that the world has met
//! under its identity, and found to have the types that the identity promises. After that,
//! and not before, the library is loaded.

use super::{
    Worker,
    builds::{Builds, compiled},
    halt::Halt,
    saved::Saved,
};
use crate::{
    generation::Identity,
    load::{self, LoadError, Loaded},
};
use hot_loader_compile::build::Built;
use hot_loader_verdict::{code::Code, contracts::Beside, layouts::Layouts};
use std::{
    panic,
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};

/// A build whose types are known to be those that its identity promises.
pub struct Judged {
    /// When its sources were saved.
    pub at: SystemTime,
    /// How long rustc took.
    pub took: Duration,
    pub code: Arc<Code>,
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

/// What rustc wrote, as it was read.
struct Read<'a> {
    code: Arc<Code>,
    layouts: Option<Arc<Layouts>>,
    /// The library as it may be loaded.
    checked: Result<load::Checked<'a>, LoadError>,
}

impl Saved {
    /// Compares what was built of these sources. Their code was `guessed` before the build,
    /// from all files that may be the module's.
    pub fn judge(
        &self,
        worker: &mut Worker,
        built: Built,
        guessed: Option<&Code>,
        identity: Identity,
    ) -> Result<Verdict, Halt> {
        let module = &worker.disk.module;
        let code = match guessed {
            Some(code) if code.knows(&built.files) => code.clone(),
            _ => module.code(&self.sources, &built.files).map_err(|error| {
                Halt::Refused(format!(
                    "rustc accepts the sources, but hot-loader cannot tell what changed in them: {error}"
                ))
            })?,
        };
        worker.builds.check()?;
        let Read {
            code,
            layouts,
            checked,
        } = read(&mut worker.builds, module.name, &code, &built);
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
            identity,
            layouts,
            environments,
            // Constructors run: it is the one that is wanted.
            loaded: checked.and_then(load::load),
        })))
    }
}

/// Reads what rustc wrote: debug info, symbols and MIR, beside each other.
fn read<'a>(builds: &mut Builds, module: &str, code: &Code, built: &'a Built) -> Read<'a> {
    thread::scope(|scope| {
        let reading = scope.spawn(|| builds.layouts(built, module));
        let code = scope.spawn(|| compiled(code, built));
        let checked = load::check(&built.library, &built.bytes);
        Read {
            checked,
            code: Arc::new(code.join().unwrap_or_else(|panic| panic::resume_unwind(panic))),
            layouts: reading.join().unwrap_or_else(|_| {
                tracing::warn!(target: "hot_loader", "hot-loader panicked while it read the debug info (please report it), so types are compared by their sources alone");
                None
            }),
        }
    })
}
