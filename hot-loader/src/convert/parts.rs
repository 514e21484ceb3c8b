//! The parts that types are made of, and which old part each new one is made from. It
//! looks at definitions only, never at a value.

use super::{error::ConvertError, run::Made, trail::Trail};
use crate::migration::Was;

use bevy::reflect::{
    NamedField, Reflect, Type, TypeInfo, UnnamedField,
    enums::{EnumInfo, VariantInfo, VariantType},
};
use core::any::TypeId;
use hot_loader_verdict::names::Renames;
use std::borrow::Cow;

/// A type, which need not be registered.
#[derive(Clone, Copy)]
pub(super) struct Ty {
    /// Its id.
    pub id: TypeId,
    /// Its path.
    pub path: &'static str,
    /// Its definition, unless it is one that says nothing of itself.
    pub info: Option<&'static TypeInfo>,
}

impl Ty {
    /// A type, with its definition if there is one.
    pub fn new(ty: &Type, info: Option<&'static TypeInfo>) -> Self {
        Self {
            id: ty.id(),
            path: ty.path(),
            info,
        }
    }

    /// A type with a definition.
    pub fn of(info: &'static TypeInfo) -> Self {
        Self::new(info.ty(), Some(info))
    }

    /// A value that user code made, if it is of this type.
    pub fn checked(&self, made: Box<dyn Reflect>, trail: &Trail) -> Made {
        match made.as_any().type_id() == self.id {
            true => Ok(made.into_partial_reflect()),
            false => Err(ConvertError::wrong_type(trail, self.path, &*made)),
        }
    }

    /// As an `Option`: its definition, and the type within.
    pub fn option(&self) -> Option<(&'static EnumInfo, Ty)> {
        let info = self.info?.as_enum().ok()?;
        if info.ty().module_path() != Some("core::option") || info.ty().ident() != Some("Option") {
            return None;
        }
        let within = slots_of_variant(info.variant("Some")?).into_iter().next()?;
        Some((info, within.ty))
    }
}

/// A field.
pub(super) struct Slot {
    /// Its name, or its index.
    pub name: Cow<'static, str>,
    /// Its type.
    pub ty: Ty,
    was: &'static str,
}

/// How a type holds its fields.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// By names.
    Struct,
    /// By indices.
    TupleStruct,
    /// By indices, and has no name.
    Tuple,
    /// As a variant.
    Variant {
        /// Which one.
        index: usize,
        /// Its definition.
        info: &'static VariantInfo,
        /// Whether to leave it out of paths: an `Option`'s.
        plain: bool,
    },
}

impl Shape {
    /// Whether each field stands for itself, so that any of them may be left out.
    pub fn is_named(self) -> bool {
        match self {
            Self::Variant { info, .. } => info.variant_type() == VariantType::Struct,
            other => matches!(other, Self::Struct),
        }
    }
}

/// The fields of a type that is nothing but fields.
pub(super) fn slots_of(info: &'static TypeInfo) -> Option<(Shape, Vec<Slot>)> {
    match info {
        TypeInfo::Struct(info) => Some((Shape::Struct, info.iter().map(named).collect())),
        TypeInfo::TupleStruct(info) => {
            Some((Shape::TupleStruct, info.iter().map(unnamed).collect()))
        }
        TypeInfo::Tuple(info) => Some((Shape::Tuple, info.iter().map(unnamed).collect())),
        _ => None,
    }
}

/// The fields of a variant.
pub(super) fn slots_of_variant(variant: &'static VariantInfo) -> Vec<Slot> {
    match variant {
        VariantInfo::Struct(variant) => variant.iter().map(named).collect(),
        VariantInfo::Tuple(variant) => variant.iter().map(unnamed).collect(),
        VariantInfo::Unit(_) => Vec::new(),
    }
}

fn named(field: &'static NamedField) -> Slot {
    Slot {
        name: Cow::Borrowed(field.name()),
        ty: Ty::new(field.ty(), field.type_info()),
        was: was(field.get_attribute()),
    }
}

fn unnamed(field: &'static UnnamedField) -> Slot {
    Slot {
        name: Cow::Owned(field.index().to_string()),
        ty: Ty::new(field.ty(), field.type_info()),
        was: was(field.get_attribute()),
    }
}

fn was(attribute: Option<&Was>) -> &'static str {
    attribute.map_or("", |was| was.0)
}

fn names(was: &'static str) -> impl Iterator<Item = &'static str> {
    was.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// Which old field each new one is made from.
pub(super) fn match_slots(old: &[Slot], new: &[Slot]) -> Vec<Option<usize>> {
    let old: Vec<&str> = old.iter().map(|slot| &*slot.name).collect();
    let new: Vec<_> = new.iter().map(|slot| (&*slot.name, slot.was)).collect();
    match_names(&old, &new)
}

/// Which new variant each old one becomes.
pub(super) fn match_variants(old: &EnumInfo, new: &EnumInfo) -> Vec<Option<usize>> {
    let old: Vec<&str> = old.iter().map(VariantInfo::name).collect();
    let new: Vec<_> = new
        .iter()
        .map(|variant| (variant.name(), was(variant.get_attribute())))
        .collect();
    let matched = match_names(&old, &new);
    let becomes = |old| matched.iter().rposition(|it| *it == Some(old));
    (0..old.len()).map(becomes).collect()
}

/// By its own name, or by the first of its former names that there is. A former name
/// counts as long as the own one is not there; then who has that name today is new.
fn match_names(old: &[&str], new: &[(&str, &'static str)]) -> Vec<Option<usize>> {
    let find = |name: &str| old.iter().position(|old| *old == name);
    let by_former = |(name, was): &(&str, &'static str)| match find(name) {
        Some(_) => None,
        None => names(was).find_map(find),
    };
    let former: Vec<_> = new.iter().map(by_former).collect();
    let by_own = |(name, _): &(&str, _)| find(name).filter(|old| !former.contains(&Some(*old)));
    let own = new.iter().map(by_own);
    own.zip(&former)
        .map(|(own, former)| own.or(*former))
        .collect()
}

/// Whether the two are definitions of one type, as far as names say.
pub(super) fn related(old: &Ty, new: &Ty, renames: &Renames) -> bool {
    if old.path == new.path || renames.apply(old.path).as_deref() == Some(new.path) {
        return true;
    }
    let (Some(old_info), Some(new_info)) = (old.info, new.info) else {
        return false;
    };
    if former_paths(new_info).any(|path| path == old.path) {
        return true;
    }
    // The same generic type, over other types.
    let (before, after) = (old_info.ty(), new_info.ty());
    match (before.ident(), after.ident()) {
        (Some(before_ident), Some(after_ident)) => {
            before_ident == after_ident
                && before.module_path() == after.module_path()
                && before.path().contains('<')
                && after.path().contains('<')
        }
        _ => matches!(
            (old_info, new_info),
            (TypeInfo::Tuple(_), TypeInfo::Tuple(_))
        ),
    }
}

/// The paths that a type had before, as its [`Was`] says.
pub fn former_paths(info: &TypeInfo) -> impl Iterator<Item = &'static str> + use<> {
    let attribute = match info {
        TypeInfo::Struct(info) => info.get_attribute(),
        TypeInfo::TupleStruct(info) => info.get_attribute(),
        TypeInfo::Enum(info) => info.get_attribute(),
        _ => None,
    };
    names(was(attribute))
}

/// Whether a [`Was`] is on any field or variant of a type, so that its parts cannot be
/// matched by their names alone.
pub fn former_names(info: &'static TypeInfo) -> bool {
    let has = |slots: Vec<Slot>| slots.iter().any(|slot| !slot.was.is_empty());
    match info {
        TypeInfo::Enum(info) => info.iter().any(|variant| {
            !was(variant.get_attribute()).is_empty() || has(slots_of_variant(variant))
        }),
        _ => slots_of(info).is_some_and(|(_, slots)| has(slots)),
    }
}
