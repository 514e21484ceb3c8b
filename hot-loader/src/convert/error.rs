//! Why a value has no counterpart of the new definition, in words for whoever changed
//! the type. It must not hold anything of the generations: it outlives both.

use super::{parts::Ty, trail::Trail};
use bevy::reflect::PartialReflect;
use thiserror::Error;

/// Why a value could not be converted. Nothing was changed.
///
/// `path` leads from the converted value to the part that is meant
/// (`weapon.ammo[3].kind`), and is empty if the value itself is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConvertError {
    /// Nothing is known that makes the new type of the old one.
    #[error(
        "{}: cannot convert `{old}` to `{new}` ({reason}). Add a migration for the type that changed (`app.add_migration`)",
        shown(path)
    )]
    Incompatible {
        /// Where.
        path: String,
        /// The old type.
        old: String,
        /// The new type.
        new: String,
        /// What stands against it.
        reason: String,
    },
    /// A number, or a truth value, or a character, that the new type cannot hold.
    #[error(
        "{}: {value} does not fit `{new}`. Choose a type that holds it, or add a migration for the type around it (`app.add_migration`)",
        shown(path)
    )]
    DoesNotFit {
        /// Where.
        path: String,
        /// The value.
        value: String,
        /// The new type.
        new: String,
    },
    /// There is nothing to begin a new field with.
    #[error(
        "{}: the new field of `{owner}` has no initial value. Derive `Default` for `{owner}` with `#[reflect(Default)]`, or give the field `#[reflect(default)]`{}",
        shown(path),
        or_derive_default(owner, ty)
    )]
    NoDefault {
        /// Where.
        path: String,
        /// The type that the part is of.
        owner: String,
        /// The part's type.
        ty: String,
    },
    /// The value is of a variant that the new definition lacks.
    #[error(
        "{}: this value is `{variant}`, a variant `{new}` no longer has. Mark the variant that replaces it with `#[reflect(@Was(\"{variant}\"))]`, or add a migration for the type (`app.add_migration`)",
        shown(path)
    )]
    NoVariant {
        /// Where.
        path: String,
        /// The variant.
        variant: String,
        /// The new type.
        new: String,
    },
    /// More elements than the new array has room for.
    #[error(
        "{}: {length} elements do not fit `{new}`. Make it longer, or add a migration for the type around it (`app.add_migration`)",
        shown(path)
    )]
    TooLong {
        /// Where.
        path: String,
        /// How many there are.
        length: usize,
        /// The new type.
        new: String,
    },
    /// Two keys of a map or elements of a set became the same.
    #[error(
        "{}: another element of this `{new}` became equal to this one. Add a migration for the type around it (`app.add_migration`)",
        shown(path)
    )]
    Collision {
        /// Where.
        path: String,
        /// The new map or set.
        new: String,
    },
    /// The parts are there, but no value can be made of them.
    #[error(
        "{}: cannot create a `{new}` ({reason}). Derive `Reflect` without `from_reflect = false`, or `Default` with `#[reflect(Default)]`, and register the type",
        shown(path)
    )]
    NotBuildable {
        /// Where.
        path: String,
        /// The new type.
        new: String,
        /// What stands against it.
        reason: String,
    },
    /// A value of a type that did not change cannot be copied.
    #[error(
        "{}: cannot copy a `{ty}` ({reason}). Add a migration for the type around it (`app.add_migration`)",
        shown(path)
    )]
    NotCopied {
        /// Where.
        path: String,
        /// The type.
        ty: String,
        /// What stands against it.
        reason: String,
    },
    /// The type's own serde implementations refused.
    #[error(
        "{}: cannot deserialize `{new}` from the serialized old value: {reason}. Adapt it with serde's attributes, or add a migration (`app.add_migration`)",
        shown(path)
    )]
    Serde {
        /// Where.
        path: String,
        /// The new type.
        new: String,
        /// What it said.
        reason: String,
    },
    /// The user's migration refused.
    #[error("{}: the migration for `{new}` failed: {reason}", shown(path))]
    Migration {
        /// Where.
        path: String,
        /// The new type.
        new: String,
        /// What it said.
        reason: String,
    },
    /// User code panicked.
    #[error("{}: {what} panicked: {message}", shown(path))]
    Panicked {
        /// Where.
        path: String,
        /// What was called.
        what: String,
        /// The message.
        message: String,
    },
    /// Something handed over a value of another type than it promised.
    #[error("{}: expected a `{expected}`, found a `{found}`", shown(path))]
    WrongType {
        /// Where.
        path: String,
        /// The type that was promised.
        expected: String,
        /// The type that it is.
        found: String,
    },
    /// Parts within parts, deeper than is followed.
    #[error(
        "{}: more than {} levels deep. Add a migration for a type on the way (`app.add_migration`)",
        shown(path),
        super::trail::DEEPEST
    )]
    TooDeep {
        /// Where.
        path: String,
    },
}

impl ConvertError {
    pub(super) fn incompatible(trail: &Trail, old: &str, new: &str, reason: &str) -> Self {
        Self::Incompatible {
            path: trail.path(),
            old: old.into(),
            new: new.into(),
            reason: reason.into(),
        }
    }

    pub(super) fn no_default(trail: &Trail, owner: &Ty, ty: &Ty) -> Self {
        Self::NoDefault {
            path: trail.path(),
            owner: owner.path.into(),
            ty: ty.path.into(),
        }
    }

    pub(super) fn not_buildable(trail: &Trail, new: &str, reason: &str) -> Self {
        Self::NotBuildable {
            path: trail.path(),
            new: new.into(),
            reason: reason.into(),
        }
    }

    pub(super) fn collision(trail: &Trail, new: &str) -> Self {
        Self::Collision {
            path: trail.path(),
            new: new.into(),
        }
    }

    pub(super) fn wrong_type(trail: &Trail, expected: &str, found: &dyn PartialReflect) -> Self {
        Self::WrongType {
            path: trail.path(),
            expected: expected.into(),
            found: found.reflect_type_path().into(),
        }
    }

    /// Whether the definitions are in the way, rather than this value or user code.
    /// Serde may then know better.
    pub(super) fn is_structural(&self) -> bool {
        matches!(
            self,
            Self::Incompatible { .. }
                | Self::NoDefault { .. }
                | Self::NoVariant { .. }
                | Self::NotBuildable { .. }
                | Self::NotCopied { .. }
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

fn shown(path: &str) -> &str {
    match path {
        "" => "the value",
        path => path,
    }
}
