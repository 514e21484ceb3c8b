//! Former names, as [`Was`] says them. Pure.

use crate::migration::Was;
use bevy::reflect::{
    NamedField, TypeInfo, UnnamedField, attributes::CustomAttributes, enums::VariantInfo,
};

/// The names that `attributes` say something had.
fn names(attributes: &CustomAttributes) -> impl Iterator<Item = &'static str> + use<> {
    let was = attributes.get::<Was>().map(|was| was.0);
    was.into_iter()
        .flat_map(|names| names.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// The full paths that a type had.
pub fn former_paths(info: &TypeInfo) -> impl Iterator<Item = &'static str> {
    let attributes = match info {
        TypeInfo::Struct(info) => Some(info.custom_attributes()),
        TypeInfo::TupleStruct(info) => Some(info.custom_attributes()),
        TypeInfo::Enum(info) => Some(info.custom_attributes()),
        _ => None,
    };
    attributes.into_iter().flat_map(names)
}

/// Whether something in a type, or the type, has a former name.
pub fn former_names(info: &TypeInfo) -> bool {
    let has = |attributes: &CustomAttributes| names(attributes).next().is_some();
    former_paths(info).next().is_some()
        || match info {
            TypeInfo::Struct(info) => info.iter().any(|field| has(field.custom_attributes())),
            TypeInfo::TupleStruct(info) => info.iter().any(|f| has(f.custom_attributes())),
            TypeInfo::Enum(info) => info.iter().any(|variant| {
                has(variant.custom_attributes())
                    || match variant {
                        VariantInfo::Struct(v) => v.iter().any(|f| has(f.custom_attributes())),
                        VariantInfo::Tuple(v) => v.iter().any(|f| has(f.custom_attributes())),
                        VariantInfo::Unit(_) => false,
                    }
            }),
            _ => false,
        }
}

/// The former names of a field.
pub(super) fn of_field(field: &NamedField) -> impl Iterator<Item = &'static str> + use<> {
    names(field.custom_attributes())
}

/// The former places of a field without a name: `0`, `1`.
pub(super) fn of_place(field: &UnnamedField) -> impl Iterator<Item = usize> + use<> {
    names(field.custom_attributes()).filter_map(|name| name.parse().ok())
}

/// The former names of a variant.
pub(super) fn of_variant(variant: &VariantInfo) -> impl Iterator<Item = &'static str> + use<> {
    names(variant.custom_attributes())
}
