//! How an edit ends before it is planned, by what is to be done about it.

use crate::{
    events::{BuildErrorReport, HotReloadEvent},
    report::{Reporter, print_error},
};
use hot_loader_compile::build::{BuildError, diagnostics::Diagnostic};

/// Why there is no generation.
pub enum Halt {
    /// The game ends.
    Ended,
    /// Something newer was saved, or what was compiled is not what was read: the sources are
    /// to be built again.
    Outdated,
    /// The sources do not compile.
    Compile(Vec<Diagnostic>),
    /// The edit cannot go live: why, and what to do.
    Refused(String),
    /// Only a restart can bring it live: why, and what to do.
    RestartNeeded(String),
}

impl Halt {
    /// The edit cannot go live because of this error, which says what to do.
    pub fn refused(error: impl ToString) -> Self {
        Self::Refused(error.to_string())
    }

    /// Says why there is no `generation`.
    pub fn report(self, generation: u32, reporter: &Reporter) {
        reporter.emit(match self {
            Self::Ended | Self::Outdated => return,
            Self::Compile(errors) => {
                for error in &errors {
                    print_error(&error.rendered, &error.coloured);
                }
                let errors = errors.into_iter().map(|error| BuildErrorReport {
                    message: error.message,
                    file: error.file,
                    line: error.line,
                    column: error.column,
                    rendered: error.rendered,
                });
                HotReloadEvent::BuildFailed {
                    generation,
                    errors: errors.collect(),
                }
            }
            Self::Refused(reason) => HotReloadEvent::Refused {
                generation,
                reason,
                types: Vec::new(),
                rollback: false,
            },
            Self::RestartNeeded(reason) => HotReloadEvent::RestartNeeded { reason },
        });
    }
}

impl From<BuildError> for Halt {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Stopped => Self::Ended,
            BuildError::Cancelled => Self::Outdated,
            BuildError::Compile(errors) => Self::Compile(errors),
            BuildError::Pin(_) => Self::RestartNeeded(error.to_string()),
            error => Self::refused(error),
        }
    }
}
