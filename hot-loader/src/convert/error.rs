//! Why a value has no counterpart of the new definition, in words for whoever changed
//! the type. It must not hold anything of the generations: it outlives both.

use super::{parts::Ty, trail::Trail};
use bevy::reflect::PartialReflect;
use thiserror::Error;

/// A value could not be converted. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {why}", if path.is_empty() { "the value" } else { path })]
pub struct ConvertError {
    /// Leads from the converted value to the part that is meant (`weapon.ammo[3].kind`), and
    /// is empty if the value itself is.
    pub path: String,
    /// Why.
    pub why: Why,
}

/// Nothing, or why there is none.
pub(super) type Done = Result<(), ConvertError>;

/// Why a part of a value could not be converted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Why {
    /// Nothing is known that makes the new type of the old one: the old type, the new type, and
    /// what stands against it.
    #[error(
        "cannot convert `{0}` to `{1}` ({2}). Add a migration for the type that changed (`app.add_migration`)"
    )]
    Incompatible(String, String, String),
    /// A number, or a truth value, or a character, that the new type cannot hold: the value,
    /// and the type.
    #[error(
        "{0} does not fit `{1}`. Choose a type that holds it, or add a migration for the type around it (`app.add_migration`)"
    )]
    DoesNotFit(String, String),
    /// There is nothing to begin a new field with: the type that the part is of, and the
    /// part's type.
    #[error(
        "the new field of `{0}` has no initial value. Derive `Default` for `{0}` with `#[reflect(Default)]`, or give the field `#[reflect(default)]`{or}",
        or = or_derive_default(.0, .1)
    )]
    NoDefault(String, String),
    /// The value is of a variant that the new definition lacks: the variant, and the type.
    #[error(
        "this value is `{0}`, a variant `{1}` no longer has. Mark the variant that replaces it with `#[reflect(@Was(\"{0}\"))]`, or add a migration for the type (`app.add_migration`)"
    )]
    NoVariant(String, String),
    /// More elements than the new array has room for: how many, and the array.
    #[error(
        "{0} elements do not fit `{1}`. Make it longer, or add a migration for the type around it (`app.add_migration`)"
    )]
    TooLong(usize, String),
    /// Two keys of a map or elements of a set became the same: the new map or set.
    #[error(
        "another element of this `{0}` became equal to this one. Add a migration for the type around it (`app.add_migration`)"
    )]
    Collision(String),
    /// The parts are there, but no value can be made of them: the new type, and what stands
    /// against it.
    #[error(
        "cannot create a `{0}` ({1}). Derive `Reflect` without `from_reflect = false`, or `Default` with `#[reflect(Default)]`, and register the type"
    )]
    NotBuildable(String, String),
    /// A value of a type that did not change cannot be copied: the type, and what stands against
    /// it.
    #[error(
        "cannot copy a `{0}` ({1}). Add a migration for the type around it (`app.add_migration`)"
    )]
    NotCopied(String, String),
    /// The type's own serde implementations refused: the new type, and what they said.
    #[error(
        "cannot deserialize `{0}` from the serialized old value: {1}. Adapt it with serde's attributes, or add a migration (`app.add_migration`)"
    )]
    Serde(String, String),
    /// The user's migration refused: the new type, and what it said.
    #[error("the migration for `{0}` failed: {1}")]
    Migration(String, String),
    /// User code panicked: what was called, and the message.
    #[error("{0} panicked: {1}")]
    Panicked(String, String),
    /// Something handed over a value of another type than it promised: that type, and the one
    /// that it is.
    #[error("expected a `{0}`, found a `{1}`")]
    WrongType(String, String),
    /// Parts within parts, deeper than is followed.
    #[error(
        "more than {} levels deep. Add a migration for a type on the way (`app.add_migration`)",
        super::trail::DEEPEST
    )]
    TooDeep,
}

impl ConvertError {
    pub(super) fn incompatible(trail: &Trail, old: &str, new: &str, reason: &str) -> Self {
        trail.error(Why::Incompatible(old.into(), new.into(), reason.into()))
    }

    pub(super) fn no_default(trail: &Trail, owner: &Ty, ty: &Ty) -> Self {
        trail.error(Why::NoDefault(owner.path.into(), ty.path.into()))
    }

    pub(super) fn not_buildable(trail: &Trail, new: &str, reason: &str) -> Self {
        trail.error(Why::NotBuildable(new.into(), reason.into()))
    }

    pub(super) fn wrong_type(trail: &Trail, expected: &str, found: &dyn PartialReflect) -> Self {
        trail.error(Why::WrongType(
            expected.into(),
            found.reflect_type_path().into(),
        ))
    }

    /// Whether the definitions are in the way, rather than this value or user code.
    /// Serde may then know better.
    pub(super) fn is_structural(&self) -> bool {
        matches!(
            self.why,
            Why::Incompatible { .. }
                | Why::NoDefault { .. }
                | Why::NoVariant { .. }
                | Why::NotBuildable { .. }
                | Why::NotCopied { .. }
        )
    }
}

/// Only in the crate that the part is added in can anything be derived.
fn or_derive_default(owner: &str, ty: &str) -> String {
    let of = |path: &str| path.split("::").next().map(str::to_owned);
    match owner != ty && ty.contains("::") && of(owner) == of(ty) {
        true => format!(", or derive `Default` with `#[reflect(Default)]` for `{ty}`"),
        false => String::new(),
    }
}
