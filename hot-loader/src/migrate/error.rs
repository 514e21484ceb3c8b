//! Why values cannot be carried over, in words for whoever changed their types. Pure.

use super::pairs::Pair;
use crate::mover::Failure;
use core::fmt;
use std::collections::HashMap;

/// One type that cannot be migrated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its name.
    pub name: String,
    /// How many values of it there are.
    pub count: usize,
    /// Why, and what to do.
    pub reason: String,
}

impl Problem {
    pub(super) fn of(pair: &Pair, reason: String) -> Self {
        Self {
            name: pair.name.clone(),
            count: pair.count,
            reason,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            0 => write!(f, "{}: {}", self.name, self.reason),
            1 => write!(f, "{} (1 value): {}", self.name, self.reason),
            count => write!(f, "{} ({count} values): {}", self.name, self.reason),
        }
    }
}

/// Every type that cannot be migrated. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationError(pub(super) Vec<Problem>);

impl MigrationError {
    pub(super) fn of(failure: Failure, counts: &HashMap<String, usize>) -> Self {
        Self(vec![Problem {
            count: counts.get(&failure.component).copied().unwrap_or_default(),
            reason: failure.to_string(),
            name: failure.component,
        }])
    }

    /// About no type in particular.
    pub(super) fn plain(reason: String) -> Self {
        Self(vec![Problem {
            name: "the gameplay's types".into(),
            count: 0,
            reason,
        }])
    }

    /// The types' names.
    pub fn types(&self) -> Vec<String> {
        self.0.iter().map(|problem| problem.name.clone()).collect()
    }
}

impl fmt::Display for MigrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values of changed types cannot be carried over: ")?;
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{problem}")?;
        }
        f.write_str(". The old code plays on")
    }
}

impl std::error::Error for MigrationError {}
