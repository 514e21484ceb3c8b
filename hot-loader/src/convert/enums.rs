//! Enums: by the names of their variants; and what is put into an `Option`, or out of
//! one.

use super::{ConvertError, Converter, Made, Notes, item, joined, names};
use bevy::reflect::{
    PartialReflect, TypeInfo,
    enums::{DynamicEnum, DynamicVariant, Enum, EnumInfo, VariantInfo},
    structs::DynamicStruct,
    tuple::DynamicTuple,
};

impl Converter {
    pub(super) fn of_enum(
        &self,
        old: &dyn Enum,
        info: &'static EnumInfo,
        path: &str,
        notes: &mut Notes,
    ) -> Made {
        let name = old.variant_name();
        let variant = info.variant(name).or_else(|| {
            info.iter()
                .find(|new| names::of_variant(new).any(|n| n == name))
        });
        let Some(variant) = variant else {
            return Err(ConvertError::new(
                path,
                format!(
                    "a value is `{name}`, which {} has not any more; say what becomes of it with `app.add_migration`, or change the value first",
                    info.type_path()
                ),
            ));
        };
        let inner = joined(path, variant.name());
        let fields = match variant {
            VariantInfo::Unit(_) => {
                for at in 0..old.field_len() {
                    let field = old
                        .name_at(at)
                        .map_or_else(|| at.to_string(), str::to_owned);
                    notes.lost.insert(joined(&inner, &field));
                }
                DynamicVariant::Unit
            }
            VariantInfo::Tuple(new) => {
                let mut made = DynamicTuple::default();
                self.places(
                    &|at| old.field_at(at),
                    old.field_len(),
                    new.iter().map(|field| (field, None)),
                    &inner,
                    notes,
                    &mut |value| made.insert_boxed(value),
                )?;
                DynamicVariant::Tuple(made)
            }
            VariantInfo::Struct(new) => {
                let mut made = DynamicStruct::default();
                let mut used = Vec::new();
                for field in new.iter() {
                    let inner = joined(&inner, field.name());
                    let found = core::iter::once(field.name())
                        .chain(names::of_field(field))
                        .find_map(|name| Some((name, old.field(name)?)));
                    let value = match found {
                        Some((name, value)) => {
                            used.push(name);
                            let ty = item(field.type_info(), field.type_path(), &inner)?;
                            self.value(value, ty, &inner, notes)?
                        }
                        None => {
                            self.missing(None, field.type_info(), field.type_path(), &inner, notes)?
                        }
                    };
                    made.insert_boxed(field.name(), value);
                }
                for at in 0..old.field_len() {
                    let name = old
                        .name_at(at)
                        .map_or_else(|| at.to_string(), str::to_owned);
                    if !used.contains(&name.as_str()) {
                        notes.lost.insert(joined(&inner, &name));
                    }
                }
                DynamicVariant::Struct(made)
            }
        };
        let mut made = DynamicEnum::new(variant.name(), fields);
        made.set_represented_type(self.new.get_type_info(info.type_id()));
        Ok(Box::new(made))
    }

    /// `T` becomes `Some(T)`.
    pub(super) fn wrapped(
        &self,
        old: &dyn PartialReflect,
        info: &'static EnumInfo,
        path: &str,
        notes: &mut Notes,
    ) -> Made {
        let mut some = DynamicTuple::default();
        some.insert_boxed(self.value(old, inside(info, path)?, path, notes)?);
        let mut made = DynamicEnum::new("Some", DynamicVariant::Tuple(some));
        made.set_represented_type(self.new.get_type_info(info.type_id()));
        Ok(Box::new(made))
    }

    /// `Some(T)` becomes `T`, and `None` the default.
    pub(super) fn unwrapped(
        &self,
        old: &dyn Enum,
        new: &'static TypeInfo,
        path: &str,
        notes: &mut Notes,
    ) -> Made {
        match old.field_at(0) {
            Some(value) => self.value(value, new, path, notes),
            None => {
                notes.defaulted.insert(path.to_owned());
                self.default_of(new, path)
            }
        }
    }
}

/// The type that an `Option` holds.
fn inside(option: &'static EnumInfo, path: &str) -> Result<&'static TypeInfo, ConvertError> {
    let field = match option.variant("Some") {
        Some(VariantInfo::Tuple(some)) => some.field_at(0),
        _ => None,
    };
    let info = field.and_then(|field| field.type_info());
    item(info, option.type_path(), path)
}
