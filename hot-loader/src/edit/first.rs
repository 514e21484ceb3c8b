//! The first build: of the sources of generation 0, so that its types are known and the
//! first edit finds a warm cache. It makes no generation.

use super::{
    Fatal, Input, Worker,
    halt::Halt,
    reading::{Expected, Read},
};
use crate::{
    found::{FoundMakers, FoundTypes},
    generation::{Generation, Identity},
    load,
    record::Exported,
    report,
};
use hot_loader_compile::build::Built;
use std::sync::Arc;

impl Worker {
    /// Builds the sources of generation 0. What fails is tried again at the next save.
    pub(super) fn begin(&mut self) {
        self.inbox.changed = false;
        let live = self.generations.live().number;
        if self.disk.inputs_changed(&self.shared.reporter, live) {
            return;
        }
        let code = self.generations.live().code.clone();
        let expect = || Expected {
            code: Some(code.clone()),
            live: code.clone(),
        };
        let mut built = self.build_unless_saved(expect);
        if matches!(built, Err(Halt::Compile(_))) && self.inbox.let_settle() {
            // Perhaps it read a save that is undone by now.
            built = self.build_unless_saved(expect);
        }
        match built {
            Ok((built, read)) => {
                // Unless one was saved meanwhile.
                if self.disk.is_untouched()
                    && let Err(error) = self.learn(&built, read)
                {
                    return self.shared.reporter.need_restart(error.to_string());
                }
                self.is_ready(built.took);
            }
            Err(Halt::Ended) => return,
            // Perhaps undone by now: then this build is still to be made.
            Err(Halt::Outdated) => self.inbox.changed = true,
            // A save that came first is an edit like any other.
            Err(Halt::Compile(_)) if self.disk.is_changed() => {}
            // A full disk, a compiler that is gone for a moment.
            Err(halt) => {
                report::warn(
                    "the first build failed: the gameplay crate cannot be rebuilt the way cargo built it. The next save tries again",
                );
                halt.report(self.generations.history.next(), &self.shared.reporter);
            }
        }
        // Saved before anybody looked, or while a build was tried twice.
        self.inbox.changed |= self.disk.is_changed();
    }

    /// Builds; a save ends that where rustc has a cache, since the edit's build then takes no
    /// longer than this one. Without one it goes on: the edit's build needs most of what it
    /// has done so far.
    fn build_unless_saved(
        &mut self,
        expect: impl FnOnce() -> Expected + Send,
    ) -> Result<(Built, Read), Halt> {
        let running = &self.shared.running;
        let is_warm = self.builds.builder.is_warm(None);
        let is_useless =
            |input: &Input| is_warm && matches!(input, Input::Changed) && self.disk.is_changed();
        self.inbox
            .attend(running, is_useless, || self.builds.build(None, expect))
    }

    /// Learns from a build of the sources of generation 0 what the executable does not say.
    fn learn(&mut self, built: &Built, read: Read) -> Result<(), Fatal> {
        self.builds.session.check()?;
        let generations = &mut self.generations;
        let live = generations.live();
        let (code, _) = read.mir.code(read.expected, None);
        // The linker drops what the executable does not use of its reflected types; the
        // library has them, of the same sources and identity.
        let (image, entry) = load::load(built, read.library?)?;
        let known = Generation {
            number: 0,
            code,
            identity: Identity::default(),
            layouts: read.layouts,
            exported: Exported {
                build: live.exported.build,
                types: FoundTypes::of(&image),
                // Its observers are of its own code.
                makers: FoundMakers::of(&[&generations.executable, &image]),
                carriers: entry.carriers.as_flattened(),
            },
            library: None,
        };
        generations.read_only.extend_from_slice(image.read_only());
        generations.met(&known);
        self.runs(Arc::new(known), false);
        Ok(())
    }
}
