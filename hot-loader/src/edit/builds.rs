//! The libraries of this session: built, read, and removed when no generation of theirs can
//! come back.

use super::{
    halt::Halt,
    reading::{Expected, Read, Reading},
};
use hot_loader_compile::{
    build::{Builder, Built},
    session::{SessionDir, SessionError},
};
use std::{
    fs, panic,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, Thread},
    time::Duration,
};

/// How often it is looked whether rustc has written something.
const LOOK: Duration = Duration::from_millis(50);

/// Builds the module, into a private folder.
pub struct Builds {
    builder: Builder,
    /// Holds the folder until the end.
    session: SessionDir,
    /// The libraries in it, but for the first build's: generation 0 uses it.
    libraries: Vec<PathBuf>,
    reading: Reading,
}

impl Builds {
    /// Nothing was built yet.
    pub fn new(builder: Builder, session: SessionDir, module: &'static str) -> Self {
        Self {
            builder,
            session,
            libraries: Vec::new(),
            reading: Reading::new(module),
        }
    }

    /// Runs rustc on what is on the disk, and reads what it writes meanwhile.
    pub fn build(
        &mut self,
        metadata: Option<&str>,
        expected: Expected,
    ) -> Result<(Built, Read), Halt> {
        let Self {
            builder, reading, ..
        } = self;
        let outputs = builder.outputs(metadata)?;
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            let ahead = scope.spawn(|| {
                reading.begin(&outputs);
                while !ended.load(Ordering::Acquire) {
                    reading.look(&outputs, expected);
                    thread::park_timeout(LOOK);
                }
                reading
            });
            let _at_last = Ended(&ended, ahead.thread().clone());
            let built = builder.build(metadata, |outputs, built| {
                ended.store(true, Ordering::Release);
                ahead.thread().unpark();
                let reading = ahead.join();
                let reading = reading.unwrap_or_else(|panic| panic::resume_unwind(panic));
                reading.finish(outputs, built, expected)
            });
            Ok(built?)
        })
    }

    /// Lets rustc warm its cache for an identity, when nobody else needs the machine.
    pub fn warm(&self, metadata: Option<&str>) -> Result<Duration, Halt> {
        Ok(self.builder.warm(metadata)?)
    }

    /// Whether rustc has built under an identity before, perhaps in an earlier run.
    pub fn is_warm(&self, metadata: Option<&str>) -> bool {
        self.builder.is_warm(metadata)
    }

    /// A library may become a generation's, and be removed when that cannot come back.
    pub fn add(&mut self, library: PathBuf) {
        self.libraries.push(library);
    }

    /// Whether the folder is still nobody else's.
    pub fn check(&self) -> Result<(), SessionError> {
        self.session.check()
    }

    /// Removes all libraries but these. Those that are removed stay mapped; a debugger, or a
    /// backtrace through their code, would find no names for it.
    pub fn keep(&mut self, kept: &[&Path]) {
        self.libraries.retain(|file| {
            // Windows keeps what is mapped; the end of the run removes it.
            kept.contains(&&**file) || fs::remove_file(file).is_err() && file.exists()
        });
    }
}

/// Ends the reading, however the build does.
struct Ended<'a>(&'a AtomicBool, Thread);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
        self.1.unpark();
    }
}
