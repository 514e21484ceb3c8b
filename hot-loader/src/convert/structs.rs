//! Structs, tuple structs and tuples: field by field.

use super::{ConvertError, Converter, Made, Notes, item, joined, names};
use bevy::reflect::{
    NamedField, PartialReflect, Reflect, ReflectRef, TypeInfo, UnnamedField,
    std_traits::ReflectDefault,
    structs::{DynamicStruct, Struct, StructInfo},
    tuple::{DynamicTuple, Tuple, TupleInfo},
    tuple_struct::{DynamicTupleStruct, TupleStruct, TupleStructInfo},
};

impl Converter {
    pub(super) fn of_struct(
        &self,
        old: &dyn Struct,
        info: &StructInfo,
        new: &'static TypeInfo,
        path: &str,
        notes: &mut Notes,
    ) -> Made {
        let mut made = DynamicStruct::default();
        made.set_represented_type(Some(new));
        let whole = self.whole_default(new);
        let mut used = Vec::new();
        for field in info.iter() {
            let inner = joined(path, field.name());
            let found = named(old, field);
            let value = match found {
                Some((name, value)) => {
                    used.push(name);
                    let ty = item(field.type_info(), field.type_path(), &inner)?;
                    self.value(value, ty, &inner, notes)?
                }
                None => {
                    let whole = whole
                        .as_deref()
                        .and_then(|whole| match whole.reflect_ref() {
                            ReflectRef::Struct(whole) => whole.field(field.name()),
                            _ => None,
                        });
                    self.missing(whole, field.type_info(), field.type_path(), &inner, notes)?
                }
            };
            made.insert_boxed(field.name(), value);
        }
        for at in 0..old.field_len() {
            if let Some(name) = old.name_at(at).filter(|name| !used.contains(name)) {
                notes.lost.insert(joined(path, name));
            }
        }
        Ok(Box::new(made))
    }

    pub(super) fn of_tuple_struct(
        &self,
        old: &dyn TupleStruct,
        info: &TupleStructInfo,
        new: &'static TypeInfo,
        path: &str,
        notes: &mut Notes,
    ) -> Made {
        let mut made = DynamicTupleStruct::default();
        made.set_represented_type(Some(new));
        let whole = self.whole_default(new);
        let fields = info.iter().map(|field| {
            let whole = whole
                .as_deref()
                .and_then(|whole| match whole.reflect_ref() {
                    ReflectRef::TupleStruct(whole) => whole.field(field.index()),
                    _ => None,
                });
            (field, whole)
        });
        self.places(
            &|at| old.field(at),
            old.field_len(),
            fields,
            path,
            notes,
            &mut |value| made.insert_boxed(value),
        )?;
        Ok(Box::new(made))
    }

    pub(super) fn of_tuple(
        &self,
        old: &dyn Tuple,
        info: &TupleInfo,
        new: &'static TypeInfo,
        path: &str,
        notes: &mut Notes,
    ) -> Made {
        let mut made = DynamicTuple::default();
        self.places(
            &|at| old.field(at),
            old.field_len(),
            info.iter().map(|field| (field, None)),
            path,
            notes,
            &mut |value| made.insert_boxed(value),
        )?;
        made.set_represented_type(Some(new));
        Ok(Box::new(made))
    }

    /// Fields without names: each by its place, or by the one that it had.
    pub(super) fn places<'o, 'w>(
        &self,
        old: &dyn Fn(usize) -> Option<&'o dyn PartialReflect>,
        old_count: usize,
        fields: impl Iterator<Item = (&'w UnnamedField, Option<&'w dyn PartialReflect>)>,
        path: &str,
        notes: &mut Notes,
        put: &mut dyn FnMut(Box<dyn PartialReflect>),
    ) -> Result<(), ConvertError> {
        let mut used = Vec::new();
        for (field, whole) in fields {
            let inner = joined(path, &field.index().to_string());
            let mut former = names::of_place(field).peekable();
            let at = match former.peek() {
                Some(_) => former.find(|at| old(*at).is_some()),
                None => Some(field.index()),
            };
            let value = match at.and_then(|at| Some((at, old(at)?))) {
                Some((at, value)) => {
                    used.push(at);
                    let ty = item(field.type_info(), field.type_path(), &inner)?;
                    self.value(value, ty, &inner, notes)?
                }
                None => self.missing(whole, field.type_info(), field.type_path(), &inner, notes)?,
            };
            put(value);
        }
        let lost = (0..old_count).filter(|at| !used.contains(at));
        notes
            .lost
            .extend(lost.map(|at| joined(path, &at.to_string())));
        Ok(())
    }

    /// What a field that the old value had not becomes.
    pub(super) fn missing(
        &self,
        whole: Option<&dyn PartialReflect>,
        ty: Option<&'static TypeInfo>,
        name: &str,
        path: &str,
        notes: &mut Notes,
    ) -> Made {
        let of_whole = whole.and_then(|field| field.reflect_clone().ok());
        let made = match of_whole {
            Some(field) => field.into_partial_reflect(),
            None => self.default_of(item(ty, name, path)?, path)?,
        };
        notes.defaulted.insert(path.to_owned());
        Ok(made)
    }

    /// The default value of a whole, whose fields are its own choice.
    fn whole_default(&self, new: &'static TypeInfo) -> Option<Box<dyn Reflect>> {
        let default = self.new.get_type_data::<ReflectDefault>(new.type_id())?;
        Some(default.default())
    }
}

/// A field by its name, or by one that it had.
pub(super) fn named<'o>(
    old: &'o dyn Struct,
    field: &NamedField,
) -> Option<(&'o str, &'o dyn PartialReflect)> {
    core::iter::once(field.name())
        .chain(names::of_field(field))
        .find_map(|name| {
            let at = (0..old.field_len()).find(|at| old.name_at(*at) == Some(name))?;
            Some((old.name_at(at)?, old.field_at(at)?))
        })
}
