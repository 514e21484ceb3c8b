//! The second state of an edit: what rustc built, compared with all that the world has met
//! under its identity, and found to have the types that the identity promises. After that,
//! and not before, the library is loaded.

use super::{Worker, generations::Generations, halt::Halt, reading::Read, saved::Saved};
use crate::{
    found::{FoundMakers, FoundTypes},
    generation::{Cause, Generation, Identity},
    load,
    record::Exported,
    report,
};
use core::ops::ControlFlow::{self, Break, Continue};
use hot_loader_compile::build::Built;
use hot_loader_verdict::{
    contracts::Beside,
    edit::{Edit, compare},
};
use std::{collections::BTreeSet, sync::Arc, time::SystemTime};

/// A generation that is to run, whose types are known to be those that its identity promises.
pub struct Judged {
    pub to: Arc<Generation>,
    pub cause: Cause,
    /// How its code differs from the code that runs.
    pub edit: Edit,
    /// Functions whose closures or futures have another environment than in the generation
    /// that runs.
    pub environments: BTreeSet<String>,
}

impl Saved {
    /// Compares what was built of these sources. If its types ask for another identity, goes
    /// on with that.
    pub fn judge(
        &self,
        worker: &mut Worker,
        built: Built,
        read: Read,
        identity: Identity,
    ) -> Result<ControlFlow<Judged, Identity>, Halt> {
        let module = &worker.disk.module;
        let others = match &read.expected.code {
            Some(code) if code.knows(&built.files) => None,
            _ => Some(module.code(&self.sources, &built.files).map_err(|error| {
                Halt::Refused(format!(
                    "rustc accepts the sources, but hot-loader cannot tell what changed in them: {error}"
                ))
            })?),
        };
        let (code, edit) = read.mir.code(read.expected, others);
        worker.builds.session.check().map_err(Halt::refused)?;
        let generations = &mut worker.generations;
        let beside = match read.layouts {
            Some(_) => Beside::Layouts,
            None => Beside::Nothing,
        };
        let live = generations.live().identity.clone();
        if !generations.identities.may_live(&identity, &code, beside) {
            let other = generations.identities.choose(&live, &code, beside);
            return Ok(Continue(other));
        }
        let layouts = read.layouts.as_ref();
        let differ = layouts.map(|it| generations.differing(&identity, it));
        let differ = differ.unwrap_or_default();
        if !differ.types.is_empty() {
            report::info(&format!(
                "Types edit: the layout of {} changed; building again with new types",
                differ.types.join(", ")
            ));
            generations.identities.refuse(&identity, &code);
            let other = generations.identities.choose(&live, &code, beside);
            return Ok(Continue(other));
        }
        worker.is_ready(built.took);
        // Constructors run: it is the one that is wanted.
        let loaded = read.library.and_then(|checked| load::load(&built, checked));
        let (image, entry) = loaded.map_err(Halt::refused)?;
        let generations = &mut worker.generations;
        generations.read_only.extend_from_slice(image.read_only());
        Ok(Break(Judged {
            to: Arc::new(Generation {
                number: generations.history.next(),
                code,
                identity,
                layouts: read.layouts,
                exported: Exported {
                    build: entry.build,
                    types: FoundTypes::of(&image),
                    makers: FoundMakers::of(&[&image]),
                    carriers: entry.carriers.as_flattened(),
                },
                library: Some(Arc::new(image)),
            }),
            cause: Cause::Save {
                at: self.at,
                took: built.took,
            },
            edit,
            environments: differ.environments,
        }))
    }
}

impl Judged {
    /// An earlier generation, whose types were judged when it was new.
    pub fn back(to: Arc<Generation>, generations: &Generations) -> Self {
        let layouts = to.layouts.as_ref();
        let differ = layouts.map(|it| generations.live_differences(&to.identity, it));
        Self {
            cause: Cause::RollBack {
                at: SystemTime::now(),
            },
            edit: compare(&generations.live().code, &to.code),
            environments: differ.unwrap_or_default().environments,
            to,
        }
    }
}
