//! Finds the engine's function that runs an observer in a new image, from the one in the old.
//!
//! It is the engine's generic function for the type of the observer's system, and alone says
//! which code runs: it asks nothing of the boxed system but its type (bevy_ecs 0.19.1,
//! `observer/runner.rs`). What else an observer has of its old image (its hook, and how it
//! is dropped) it keeps.

use crate::load::Image;
use std::collections::BTreeSet;

/// Finds functions of one new image; or none.
#[derive(Default)]
pub struct NewRunners<'a>(Option<Images<'a>>);

struct Images<'a> {
    old: &'a Image,
    new: &'a Image,
    is_all: Box<dyn Fn(&str) -> bool + 'a>,
}

impl<'a> NewRunners<'a> {
    /// `is_all` says of an observer's name whether the type of its system is all of its code.
    /// Types and closures must be the same in both images. None is found without debug
    /// assertions: with them the function asks for the type of the system, so that those of
    /// two types are never equal, and merged into one that has one of their names.
    pub fn new(old: &'a Image, new: &'a Image, is_all: impl Fn(&str) -> bool + 'a) -> Self {
        let is_all = Box::new(is_all);
        Self(cfg!(debug_assertions).then_some(Images { old, new, is_all }))
    }

    /// The new function for an observer of this name and function: of the same symbol, which
    /// says the type of its system. None if that is not one function.
    pub fn find(&self, name: &str, runner: usize) -> Option<usize> {
        let Images { old, new, is_all } = self.0.as_ref()?;
        if !is_all(name) {
            return None;
        }
        // Codegen units may have one each, and either serves.
        let names = old.names_at(runner);
        let found = names.map(|name| new.addresses_of(name).next());
        let found: Option<BTreeSet<usize>> = found.collect();
        found.filter(|found| found.len() == 1)?.pop_first()
    }
}
