//! The last state of an edit off the main thread, newly built or brought back: compared with
//! the generation that runs, its tables found. What is planned here only needs a moment
//! between two frames; nothing of the game is touched before.

use super::{generations::Generations, halt::Halt, judged::Judged};
use crate::{
    found::{FoundMakers, FoundTypes},
    generation::{Cause, Generation, Planned},
    load::{Image, Loaded},
    proxy::Slots,
    record::Exported,
    repoint::Find,
    swap::SwapPlan,
};
use hot_loader_verdict::{
    affected::Affected,
    code::Code,
    edit::{Edit, compare},
    names::{is_ours, is_written_in},
};
use std::{sync::Arc, time::SystemTime};

/// Ways to order systems without a sync point between them, which no schedule shows.
const UNSYNCED: [&str; 3] = [
    "chain_ignore_deferred",
    "before_ignore_deferred",
    "after_ignore_deferred",
];

impl Judged {
    /// Plans the way to this build, as the next generation.
    pub fn plan(
        self,
        generations: &mut Generations,
        module: &'static str,
        slots: &[Arc<dyn Slots>],
    ) -> Result<Planned, Halt> {
        let Loaded {
            image,
            build,
            carriers,
        } = self.loaded?;
        generations.read_only.extend_from_slice(image.read_only());
        let to = Arc::new(Generation {
            number: generations.history.next(),
            code: self.code,
            identity: self.identity,
            layouts: self.layouts,
            exported: Exported {
                build,
                types: FoundTypes::of(&image),
                makers: FoundMakers::of(&[&image]),
                carriers,
            },
            library: Some(Arc::new(image)),
        });
        let cause = Cause::Save {
            at: self.at,
            took: self.took,
        };
        Ok(plan(
            generations,
            to,
            cause,
            self.edit,
            self.environments,
            module,
            slots,
        ))
    }
}

/// Plans the way back to an earlier generation.
pub fn plan_back(
    generations: &Generations,
    to: Arc<Generation>,
    module: &'static str,
    slots: &[Arc<dyn Slots>],
) -> Planned {
    let live = generations.live();
    let environments = match (&live.layouts, &to.layouts) {
        (Some(before), Some(after)) if live.identity == to.identity => {
            let differences = before.differences(after);
            differences.environments.into_iter().collect()
        }
        _ => Vec::new(),
    };
    let cause = Cause::RollBack {
        at: SystemTime::now(),
    };
    let edit = compare(&live.code, &to.code);
    plan(generations, to, cause, edit, environments, module, slots)
}

/// `environments` are functions whose closures or futures have another environment now.
fn plan(
    generations: &Generations,
    to: Arc<Generation>,
    cause: Cause,
    mut edit: Edit,
    environments: Vec<String>,
    module: &'static str,
    slots: &[Arc<dyn Slots>],
) -> Planned {
    let from = generations.live().clone();
    tracing::debug!(
        "structure: {}; {:?} as {:?}",
        edit.structure,
        edit.functions,
        to.identity,
    );
    let keeps_closures = edit.renumbered.is_empty() && environments.is_empty();
    // What the text of a function does not show: a macro that makes another closure. Values
    // of their types may live in the world.
    let unseen = environments.iter();
    let unseen = unseen.filter(|function| !edit.functions.contains(function));
    edit.renumbered.extend(unseen.cloned());
    edit.functions.extend(environments);

    let types = from.identity != to.identity;
    let executable = &generations.executable;
    let libraries = from.library.iter().chain([executable]);
    let old: Vec<&Image> = libraries.map(|image| &**image).collect();
    let find = Find::new(&old, to.library.as_ref().unwrap_or(executable));
    let ours = |name: &str| is_ours(name, module);
    let plan = match types {
        // Nothing of the module's has a type that is in both.
        true => SwapPlan::keeping(slots, &find, ours),
        false => SwapPlan::new(slots, &find, ours),
    };
    let ignores_deferred = [&from, &to].iter().any(|one| one.code.says_any(&UNSYNCED));
    let layouts = to.layouts.iter();
    let bare = layouts.flat_map(|layouts| layouts.capturing_nothing());
    // What was not reached by an earlier reload is not reached by this one. What an edit of
    // types leaves behind is named one by one, and everything else is new.
    let mut affected = Affected::default();
    if !types {
        affected = generations.affected.clone();
        affected.merge(edit.affected.clone());
    }
    Planned {
        module,
        statics: statics(
            &from.code,
            to.library.as_ref().or(from.library.as_ref()),
            module,
        ),
        cause,
        verdict: edit,
        keeps_closures,
        capturing_nothing: bare.map(str::to_owned).collect(),
        affected,
        plan,
        executable: executable.clone(),
        makers: generations.makers(),
        read_only: generations.read_only.clone(),
        ignores_deferred,
        from,
        to,
    }
}

/// The statics that can hold state: the module's own, of which the sources tell most, and
/// those of the crates that its library links, fewer than the executable does.
fn statics(code: &Code, library: Option<&Arc<Image>>, module: &str) -> Vec<String> {
    let linked = library.into_iter().flat_map(|image| image.variables());
    let linked = linked.filter(|name| !is_written_in(name, module));
    let linked = linked.map(|name| format!("static {name}"));
    code.statics().into_iter().chain(linked).collect()
}
