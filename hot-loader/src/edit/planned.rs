//! The last state of an edit off the main thread, newly built or brought back: compared with
//! the generation that runs, its tables found. What is planned here only needs a moment
//! between two frames; nothing of the game is touched before.

use super::{generations::Generations, judged::Judged};
use crate::{generation::Planned, load::Image, proxy::Slots, repoint::Find, swap::SwapPlan};
use hot_loader_verdict::{
    affected::Affected,
    code::Code,
    names::{is_ours, is_written_in},
};
use std::sync::Arc;

/// Ways to order systems without a sync point between them, which no schedule shows.
const UNSYNCED: [&str; 3] = [
    "chain_ignore_deferred",
    "before_ignore_deferred",
    "after_ignore_deferred",
];

impl Judged {
    /// Plans the way to it from the generation that runs.
    pub fn plan(
        self,
        generations: &Generations,
        module: &'static str,
        slots: &[Arc<dyn Slots>],
    ) -> Planned {
        let Self {
            to,
            cause,
            mut edit,
            environments,
        } = self;
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
        let mut plan = SwapPlan::new(slots, &find, |name| is_ours(name, module));
        if types {
            // Nothing of the module's has a type that is in both.
            plan.move_nothing();
        }
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
        let makers = generations.history.of(&from.identity);
        let library = to.library.as_ref().or(from.library.as_ref());
        Planned {
            module,
            statics: statics(&from.code, library, module),
            cause,
            verdict: edit,
            keeps_closures,
            capturing_nothing: bare.map(str::to_owned).collect(),
            affected,
            plan,
            executable: executable.clone(),
            makers: makers.map(|one| one.exported.makers.clone()).collect(),
            read_only: generations.read_only.clone(),
            ignores_deferred,
            from,
            to,
        }
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
