//! Moves the values of some components of a world to other components, with the entities,
//! their other components, the ticks and the relationships as they were. It must not decide
//! what becomes of which type: the caller says how each value moves, and answers for it.
//!
//! [`prepare`] makes every new value that has to be made, aside, with the world untouched;
//! [`Aside::commit`] then moves all, and cannot fail as a whole. What user code that runs
//! meanwhile (hooks, and commands that hooks queue) makes impossible is named in [`Moved`].
//!
//! `EntityCloner` with `move_components` is no way to do this: it drops sparse-set values it
//! has moved (bundle/remove.rs of `bevy_ecs` 0.19.1, "Handle sparse set removes").
#![expect(
    unsafe_code,
    reason = "values move between components by their bytes; who calls answers for their types"
)]

mod aside;
mod carrier;
mod column;
mod commit;
mod insert;
mod kept;
mod plan;
mod relationships;
mod ticks;
mod value_stack;

#[cfg(test)]
mod tests;

use bevy::ecs::{component::ComponentId, entity::Entity, world::World};
use bevy::ptr::Ptr;

pub use aside::{Aside, prepare};
pub use carrier::unbound;
pub use hot_loader_face::carrier::CarrierFn;
pub use kept::{Kept, insert_resource, make};

use crate::panics::{self, Panic};

/// How the values of one component become those of another.
pub struct Column<'a> {
    /// The component that has the values now.
    pub old: ComponentId,
    /// The component that is to have them, another one.
    pub new: ComponentId,
    /// How they get there.
    pub how: How<'a>,
    /// Whether a value that a conversion refuses is kept aside by itself, in place of all
    /// that moves. Resources are not.
    pub is_lenient: bool,
}

/// Writes a value of the new component that is made from one of the old to the pointer, which
/// has the new one's size and alignment; or says why it cannot, and leaves nothing there.
pub type Convert<'a> = dyn FnMut(&World, Entity, Ptr<'_>, *mut u8) -> Result<(), String> + 'a;

/// How the values of a [`Column`] get to the new component.
pub enum How<'a> {
    /// The bytes move; nothing is dropped, cloned or made.
    Bytes,
    /// A new value is made from a reference to the old one, which is dropped at the commit.
    Convert(Box<Convert<'a>>),
    /// The values are dropped, and the entities lose the component.
    Drop,
}

/// A value, or a component, that cannot move or did not, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{component}{}{cause}", entity.map_or_else(String::new, |it| format!(" of entity {it}")))]
pub struct Failure {
    /// The entity of the value; `None` where all of the component are meant.
    pub entity: Option<Entity>,
    /// The path of the old component.
    pub component: String,
    /// Why.
    pub cause: Cause,
}

/// Why a [`Failure`] is one, in words that follow what failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The two components, or the world, do not allow it.
    #[error(" cannot be migrated: {0}")]
    Unfit(String),
    /// The conversion said that it cannot.
    #[error(" could not be converted: {0}")]
    Refused(String),
    /// The conversion, or a hook, panicked.
    #[error(": its conversion or a hook panicked: {0}")]
    Panicked(String),
    /// The component has drop glue, and no carrier is left to move its bytes with: convert
    /// its values, or pass more carriers.
    #[error(
        " cannot be migrated by its bytes: too many types with drop glue have been migrated in this world already"
    )]
    NoCarrier,
    /// Hooks put the old component back each time, or keep it from leaving.
    #[error(" was not migrated: hooks keep it in place or put it back")]
    Hooks,
}

impl Cause {
    fn panicked(panic: &Panic) -> Self {
        Self::Panicked(panics::message(&**panic).to_owned())
    }
}

/// What [`Aside::commit`] did.
#[derive(Default)]
pub struct Moved {
    /// The components whose hooks ran, sorted: they cannot be kept from it.
    pub hooks: Vec<String>,
    /// The relationship targets that the hooks built anew, sorted: the entities in them are
    /// the same in the same order, other fields start as in a new target.
    pub rebuilt: Vec<String>,
    /// Old values that were kept, of the components that [`Aside::keep`] was asked for.
    pub kept: Vec<Kept>,
    /// Old values that a lenient column refused.
    pub set_aside: Vec<Kept>,
    /// Why it did, of each.
    pub refused: Vec<Failure>,
    /// Values that were dropped though they should have moved.
    pub lost: Vec<Failure>,
    /// Old values that are still in the world.
    pub left: Vec<Failure>,
    /// Hooks that panicked. The entities named may lack what the hook was to do.
    pub panics: Vec<Failure>,
}
