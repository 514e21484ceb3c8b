//! Makes a value of the new definition of a type from a live value of the old one.
//!
//! ```text
//! old and new type ─► plan (planner, parts), once a pair ─► run (run, fields, numbers)
//!                                                          ├─► the user's function
//!                                                          └─► serde (serial, content)
//! ```
//!
//! Fields and variants are matched by their names and by [`Was`](crate::migration::Was),
//! numbers change their type as long as they fit, parts that are new begin at their
//! default. It must not touch the old value, nor leave any part of the new one at its
//! default where the old one had a value: that is an error, or, where the part is gone,
//! noted in [`Notes`]. User code that panics (`Default`, `FromReflect`, serde,
//! migrations) is an error like others.

mod build;
mod content;
mod error;
mod fields;
pub mod numbers;
mod parts;
mod plan;
mod planner;
mod run;
mod serial;
#[cfg(test)]
mod tests;
mod trail;

pub use error::ConvertError;
pub use parts::{former_names, former_paths};

use crate::{
    migration::hot::{Migration, Migrations},
    panics,
};

use bevy::reflect::{PartialReflect, Reflect, TypeInfo, TypeRegistration, TypeRegistry};
use core::any::TypeId;
use error::Why;
use hot_loader_verdict::names::Renames;
use parts::Ty;
use plan::{Id, Plans};
use planner::Planner;
use run::Run;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use trail::{Notes, Trail};

/// Converts values between two generations of types. What it finds out about a pair of
/// types it keeps for the next value.
pub struct Converter {
    /// The types of the running generation, and those of the new one.
    types: [Arc<TypeRegistry>; 2],
    /// The user's functions, by new types.
    migrations: HashMap<TypeId, Migration>,
    /// Types that have other names now.
    renames: Renames,
    plans: Mutex<Plans>,
}

/// A new value, and what became of the parts of the old one.
#[derive(Debug)]
pub struct Converted {
    /// The value, concretely of the new type.
    pub value: Box<dyn Reflect>,
    /// What the old one lost, and what of the new one began anew.
    pub notes: Notes,
}

impl Converter {
    /// Between the types of the running generation and those of the new one, with the
    /// functions that users wrote for new types, and the types that have other names now.
    pub fn new(types: [Arc<TypeRegistry>; 2], migrations: &Migrations, renames: Renames) -> Self {
        Self {
            types,
            migrations: migrations.by_type.clone(),
            renames,
            plans: Mutex::default(),
        }
    }

    /// Makes the value of the type `new` (a registration of the new types) that stands
    /// for `old`. Parts that the old value lacks stay as `below` has them, a value of the
    /// new type.
    ///
    /// # Errors
    /// Says which part has no counterpart, why, and what to do. Nothing has changed.
    pub fn convert_over(
        &self,
        below: Option<Box<dyn Reflect>>,
        old: &dyn PartialReflect,
        new: &TypeRegistration,
    ) -> Result<Converted, ConvertError> {
        let (root, path) = (&Trail::ROOT, new.type_info().type_path());
        let unknown = || {
            let reason = "the type of the old value is unknown";
            ConvertError::incompatible(root, old.reflect_type_path(), path, reason)
        };
        let concrete = old.try_as_reflect().ok_or_else(unknown)?;
        let mut plans = panics::lock(&self.plans);
        let id = self.plan(&mut plans, concrete.reflect_type_info(), new);
        let mut run = Run {
            plans: &plans,
            notes: Notes::default(),
            below,
        };
        let what = || format!("code of `{path}`");
        let made = guard(root, what, || run.make(id, old, root))??;
        let loose = |_| ConvertError::not_buildable(root, path, fields::NOT_REGISTERED);
        let value = made.try_into_reflect().map_err(loose)?;
        if value.as_any().type_id() != new.type_id() {
            return Err(ConvertError::wrong_type(root, path, &*value));
        }
        let notes = run.notes;
        Ok(Converted { value, notes })
    }

    /// Whether values of one type can be converted at all, by what the definitions say.
    /// A value may still be refused: for a number that does not fit, for a variant that
    /// is gone, for a new field that turns out to have no default.
    ///
    /// # Errors
    /// The first thing that every value would be refused for.
    pub fn check(
        &self,
        old: &'static TypeInfo,
        new: &TypeRegistration,
    ) -> Result<(), ConvertError> {
        let mut plans = panics::lock(&self.plans);
        let id = self.plan(&mut plans, old, new);
        plan::check(&plans, id)
    }

    fn plan(&self, plans: &mut Plans, old: &'static TypeInfo, new: &TypeRegistration) -> Id {
        let mut planner = Planner { plans, of: self };
        planner.plan(Ty::of(old), Ty::of(new.type_info()))
    }
}

/// Calls what may be user code. What it works on is given up when it panics.
fn guard<T>(
    trail: &Trail,
    what: impl Fn() -> String,
    call: impl FnOnce() -> T,
) -> Result<T, ConvertError> {
    panics::catch(call).map_err(|payload| {
        trail.error(Why::Panicked(what(), panics::message(&*payload).to_owned()))
    })
}
