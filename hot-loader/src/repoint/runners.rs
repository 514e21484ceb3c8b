//! Finds the engine's function that runs an observer in a new image, from the one in the old.
//!
//! It is the engine's generic function for the type of the observer's system, and alone says
//! which code runs: it asks nothing of the boxed system but its type (bevy_ecs 0.19.1,
//! `observer/runner.rs`).

use crate::load::Image;
use hot_loader_verdict::edit::Edit;
use std::collections::BTreeSet;

/// Finds functions of one new image; or none.
#[derive(Default)]
pub struct NewRunners<'a>(Option<Images<'a>>);

struct Images<'a> {
    old: Vec<&'a Image>,
    new: &'a Image,
    edit: &'a Edit,
}

impl<'a> NewRunners<'a> {
    /// `old` are the images that functions in use now may be in, and `edit` is the way from
    /// them to `new`. Their types must be the same.
    pub fn new(old: Vec<&'a Image>, new: &'a Image, edit: &'a Edit) -> Self {
        Self(Some(Images { old, new, edit }))
    }

    /// The new function for an observer of this name and function: of the same symbol, which
    /// says the type of its system. None if that is not one function (from opt-level 2 on
    /// equal functions are merged, and have several names), or if the type is not all of its
    /// code.
    pub fn find(&self, name: &str, runner: usize) -> Option<usize> {
        let Images { old, new, edit } = self.0.as_ref()?;
        // A pointer to a function is a value, and stays what it is.
        if name.contains("fn(") || edit.renumbers(name) {
            return None;
        }
        let names = old.iter().flat_map(|image| image.names_at(runner));
        // Codegen units may have one each, and either serves.
        let found = names.filter_map(|name| new.addresses_of(name).first());
        let found: BTreeSet<usize> = found.copied().collect();
        match found.len() {
            1 => found.first().copied(),
            _ => None,
        }
    }
}
