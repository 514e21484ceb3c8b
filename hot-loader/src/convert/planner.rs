//! Finds out how values of one type become those of another. It looks at definitions
//! and registrations, never at a value.

use super::{
    Converter,
    build::Part,
    numbers::Number,
    parts::{Shape, Slot, Ty, match_slots, match_variants, related, slots_of, slots_of_variant},
    plan::{Elements, Field, Fields, Id, Initial, Method, Plan, Plans, Source},
    serial::Serde,
};
use crate::engine::names::is_of_assets;
use bevy::reflect::{
    ReflectFromReflect, TypeData, TypeInfo, TypeRegistry,
    enums::{DynamicEnum, DynamicVariant, EnumInfo},
    list::DynamicList,
    map::{DynamicMap, MapInfo},
    prelude::ReflectDefault,
    set::DynamicSet,
};
use core::any::TypeId;
use std::cell::OnceCell;

/// What plans are made by.
pub(super) struct Planner<'a> {
    /// The plans to which new ones are added.
    pub plans: &'a mut Plans,
    /// Whose they are.
    pub of: &'a Converter,
}

impl Planner<'_> {
    /// Plans a pair and all that is in it, unless that was done.
    pub fn plan(&mut self, old: Ty, new: Ty) -> Id {
        if let Some(id) = self.plans.find(old.id, new.id) {
            return id;
        }
        let id = self.plans.add(Plan {
            old,
            new,
            method: Method::Pending,
            serde: related(&old, &new, &self.of.renames)
                .then(|| Serde::of(&self.of.types, [old.id, new.id]))
                .flatten(),
        });
        let method = self.method(&old, &new);
        self.plans.decide(id, method);
        id
    }

    fn method(&mut self, old: &Ty, new: &Ty) -> Method {
        if old.id == new.id {
            return match new.info {
                Some(TypeInfo::Opaque(_)) => Method::Copied,
                _ => Method::Cloned(self.data(new.id)),
            };
        }
        let migration = self.of.migrations.get(&new.id).cloned();
        if let Some(migration) = &migration
            && related(old, new, &self.of.renames)
        {
            return Method::Migrated(migration.clone());
        }
        let method = self.structural(old, new);
        match (method, migration) {
            (Method::None(_), Some(migration)) => Method::Migrated(migration),
            (method, _) => method,
        }
    }

    /// By what the definitions say.
    fn structural(&mut self, old: &Ty, new: &Ty) -> Method {
        if let (Some(old), Some(new)) = (Number::of(old.id), Number::of(new.id)) {
            return Method::Number(old, new);
        }
        if is_of_assets(new.path) {
            return Method::None("it refers to the type of an asset, which changed".into());
        }
        match (old.option(), new.option()) {
            (None, Some((info, within))) => return self.wrap([old, new], info, within),
            (Some((_, within)), None) => {
                let within = self.plan(within, *new);
                if !self.is_none(within) {
                    let none = self.initial(new);
                    return Method::Unwrapped { within, none };
                }
            }
            _ => {}
        }
        let (Some(before), Some(after)) = (old.info, new.info) else {
            return Method::None("it contains a type without type information".into());
        };
        if let Some(fields) = self.fields(old, new) {
            return Method::Fields(Box::new(fields));
        }
        if let (TypeInfo::Enum(before), TypeInfo::Enum(after)) = (before, after) {
            return self.variants(new, before, after);
        }
        if let Some(method) = self.collection(new, before, after) {
            return method;
        }
        if let TypeInfo::List(list) = after {
            let item = self.plan(*old, Ty::new(&list.item_ty(), list.item_info()));
            if !self.is_none(item) {
                let empty = self.initial(new);
                return Method::One { item, empty };
            }
        }
        if let Some(method) = self.newtype(old, new) {
            return method;
        }
        if let (TypeInfo::Opaque(_), TypeInfo::Opaque(_)) = (before, after)
            && before.ty().ident() == Some("PhantomData")
            && after.ty().ident() == Some("PhantomData")
            && let Some(default) = self.data(new.id)
        {
            return Method::Nothing(default);
        }
        Method::None(match (before, after) {
            (TypeInfo::Opaque(_), _) | (_, TypeInfo::Opaque(_)) => {
                "reflection cannot look inside; serde can, if both definitions have `#[reflect(Serialize, Deserialize)]`".into()
            }
            _ => "their parts have nothing in common; `#[reflect(@Was(…))]` on a field gives its former name".into(),
        })
    }

    fn fields(&mut self, old: &Ty, new: &Ty) -> Option<Fields> {
        let ((_, before), (shape, after)) = (slots_of(old.info?)?, slots_of(new.info?)?);
        let matched = match_slots(&before, &after);
        let all = before.len();
        let used = |index: &usize| matched.contains(&Some(*index));
        let kept = (0..all).filter(used).count();
        let same_shape = old.info.map(TypeInfo::kind) == new.info.map(TypeInfo::kind);
        let possible = match related(old, new, &self.of.renames) {
            // Either may have been empty. But names and indices have nothing in common.
            true => kept > 0 || same_shape || all == 0 || after.is_empty(),
            // Some other type that happens to have the same fields, and more.
            false => kept > 0 && kept == all,
        };
        possible.then(|| self.fill_in(new, shape, None, &before, after))
    }

    fn fill_in(
        &mut self,
        new: &Ty,
        shape: Shape,
        was: Option<&'static str>,
        before: &[Slot],
        after: Vec<Slot>,
    ) -> Fields {
        let matched = match_slots(before, &after);
        let lost = before.iter().enumerate();
        let lost = lost.filter(|(index, _)| !matched.contains(&Some(*index)));
        let lost = lost.map(|(_, slot)| slot.name.clone()).collect();
        let mut fields = Vec::new();
        for (slot, from) in after.into_iter().zip(matched) {
            let source = match from {
                Some(index) => Source::Field(index, self.plan(before[index].ty, slot.ty)),
                None => Source::New,
            };
            fields.push(Field {
                initial: self.initial(&slot.ty),
                name: slot.name,
                ty: slot.ty,
                source,
            });
        }
        Fields {
            lost,
            was,
            ..self.made(*new, shape, fields)
        }
    }

    fn made(&self, new: Ty, shape: Shape, fields: Vec<Field>) -> Fields {
        Fields {
            new,
            shape,
            fields,
            lost: Vec::new(),
            was: None,
            default: self.data(new.id),
            build: self.data(new.id),
            pattern: OnceCell::new(),
            hidden: OnceCell::new(),
        }
    }

    fn variants(
        &mut self,
        new: &Ty,
        before: &'static EnumInfo,
        after: &'static EnumInfo,
    ) -> Method {
        let plain = new.option().is_some();
        let all = before.iter().zip(match_variants(before, after));
        let variants = all.map(|(old_variant, becomes)| {
            let index = becomes?;
            let info = after.variant_at(index)?;
            let shape = Shape::Variant { index, info, plain };
            let was = (!plain).then_some(old_variant.name());
            let (before, after) = (slots_of_variant(old_variant), slots_of_variant(info));
            Some(self.fill_in(new, shape, was, &before, after))
        });
        Method::Variants(variants.collect())
    }

    fn wrap(&mut self, [old, new]: [&Ty; 2], info: &'static EnumInfo, within: Ty) -> Method {
        let item = self.plan(*old, within);
        let (some, plain) = (info.index_of("Some").zip(info.variant("Some")), true);
        match some {
            Some((index, info)) if !self.is_none(item) => {
                let shape = Shape::Variant { index, info, plain };
                self.around(*new, shape, within, item)
            }
            _ => Method::None(format!("nor to `{}`", within.path)),
        }
    }

    fn collection(
        &mut self,
        new: &Ty,
        before: &'static TypeInfo,
        after: &'static TypeInfo,
    ) -> Option<Method> {
        if let (TypeInfo::Map(before), TypeInfo::Map(after)) = (before, after) {
            let key = |map: &MapInfo| Ty::new(&map.key_ty(), map.key_info());
            let value = |map: &MapInfo| Ty::new(&map.value_ty(), map.value_info());
            let key = self.plan(key(before), key(after));
            let value = self.plan(value(before), value(after));
            let empty = self.initial(new);
            return Some(Method::Entries { key, value, empty });
        }
        let [old_types, new_types] = &self.of.types;
        let (from, to) = (element(before, old_types)?, element(after, new_types)?);
        let item = self.plan(from, to);
        let into = match after {
            TypeInfo::List(_) => Elements::List(self.initial(new)),
            TypeInfo::Set(_) => Elements::Set(self.initial(new)),
            TypeInfo::Array(array) => Elements::Array {
                length: array.capacity(),
                fill: self.initial(&to),
            },
            _ => return None,
        };
        Some(Method::Elements { item, into })
    }

    /// Into a tuple struct of one field, or out of one.
    fn newtype(&mut self, old: &Ty, new: &Ty) -> Option<Method> {
        let one = |ty: &Ty| match slots_of(ty.info?)? {
            (Shape::TupleStruct, slots) if slots.len() == 1 => Some(slots[0].ty),
            _ => None,
        };
        if let Some(within) = one(new) {
            let whole = self.plan(*old, within);
            if !self.is_none(whole) {
                return Some(self.around(*new, Shape::TupleStruct, within, whole));
            }
        }
        let within = self.plan(one(old)?, *new);
        (!self.is_none(within)).then_some(Method::Within(within))
    }

    /// What is nothing but a field for the whole old value.
    fn around(&self, new: Ty, shape: Shape, ty: Ty, whole: Id) -> Method {
        let field = Field {
            initial: self.initial(&ty),
            name: "0".into(),
            ty,
            source: Source::Whole(whole),
        };
        Method::Fields(Box::new(self.made(new, shape, vec![field])))
    }

    fn is_none(&self, id: Id) -> bool {
        let plan = self.plans.get(id);
        plan.serde.is_none() && matches!(plan.method, Method::None(_))
    }

    fn initial(&self, ty: &Ty) -> Initial {
        if let Some(default) = self.data::<ReflectDefault>(ty.id) {
            return Box::new(move || Some(default.default().into_partial_reflect()));
        }
        let empty: Part = match ty.info {
            Some(TypeInfo::List(_)) => Box::new(DynamicList::default()),
            Some(TypeInfo::Map(_)) => Box::new(DynamicMap::default()),
            Some(TypeInfo::Set(_)) => Box::new(DynamicSet::default()),
            Some(TypeInfo::Enum(_)) if ty.option().is_some() => {
                Box::new(DynamicEnum::new("None", DynamicVariant::Unit))
            }
            _ => return Box::new(|| None),
        };
        let build = self.data::<ReflectFromReflect>(ty.id);
        Box::new(move || {
            let made = build.as_ref()?.from_reflect(&*empty)?;
            Some(made.into_partial_reflect())
        })
    }

    fn data<T: TypeData + Clone>(&self, id: TypeId) -> Option<T> {
        self.of.types[1].get_type_data::<T>(id).cloned()
    }
}

/// The type of the elements.
fn element(info: &'static TypeInfo, types: &TypeRegistry) -> Option<Ty> {
    match info {
        TypeInfo::List(info) => Some(Ty::new(&info.item_ty(), info.item_info())),
        TypeInfo::Array(info) => Some(Ty::new(&info.item_ty(), info.item_info())),
        // Sets do not say it themselves.
        TypeInfo::Set(info) => {
            let item = info.value_ty();
            Some(Ty::new(&item, types.get_type_info(item.id())))
        }
        _ => None,
    }
}
