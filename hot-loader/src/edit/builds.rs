//! The libraries of this session: built, read, and removed when no generation of theirs can
//! come back.

use super::{
    halt::Halt,
    reading::{Expected, Read, Reading},
};
use hot_loader_compile::{
    build::{Builder, Built},
    session::SessionDir,
};
use std::{
    convert::Infallible,
    fs, panic,
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

/// How often it is looked whether rustc has written something.
const LOOK: Duration = Duration::from_millis(50);

/// Builds the module, into a private folder.
pub struct Builds {
    pub builder: Builder,
    /// Holds the folder until the end.
    pub session: SessionDir,
    /// The libraries in it that may be removed: all but the first build's, which generation 0
    /// uses.
    pub libraries: Vec<PathBuf>,
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

    /// Runs rustc on what is on the disk, and reads what it writes meanwhile, once it is known
    /// what to `expect`.
    pub fn build(
        &mut self,
        metadata: Option<&str>,
        expect: impl FnOnce() -> Expected + Send,
    ) -> Result<(Built, Read), Halt> {
        let Self {
            builder, reading, ..
        } = self;
        let outputs = builder.outputs(metadata);
        reading.begin(&outputs);
        thread::scope(|scope| {
            let (end, ended) = mpsc::channel::<Infallible>();
            let ahead = scope.spawn(move || {
                let expected = expect();
                while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                    reading.look(&outputs, &expected);
                }
                (reading, expected)
            });
            // It has `end`, so the reading ends however the build does.
            let built = builder.build(metadata, move |outputs, built| {
                drop(end);
                let ahead = ahead.join();
                let (reading, expected) = ahead.unwrap_or_else(|panic| panic::resume_unwind(panic));
                reading.finish(outputs, built, expected)
            });
            Ok(built?)
        })
    }

    /// Removes all libraries but these. Those that are removed stay mapped. Where they were
    /// loaded by their paths, a backtrace through their code finds no names for it then.
    pub fn keep(&mut self, kept: &[&Path]) {
        self.libraries.retain(|file| {
            // Windows keeps what is mapped; the end of the run removes it.
            kept.contains(&&**file) || fs::remove_file(file).is_err() && file.exists()
        });
    }
}
