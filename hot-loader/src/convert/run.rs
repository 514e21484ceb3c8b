//! Carries out plans for one value. It must not leave any part of a new value at its
//! default where the old value had one: what cannot be set is an error, and what has
//! no place is noted.

use super::{
    build::{Part, elements, field, field_mut, insert, push, put, variant},
    error::{ConvertError, Done, Why},
    guard,
    plan::{Elements, Id, Initial, Method, Plan, Plans, is_spoken_for},
    trail::{Notes, Step, Trail},
};
use bevy::reflect::{
    PartialReflect, Reflect, ReflectCloneError, ReflectMut, array::DynamicArray, list::DynamicList,
    map::DynamicMap,
};

/// A run through the plans.
pub(super) struct Run<'a> {
    /// The plans.
    pub plans: &'a Plans,
    /// What there is to say.
    pub notes: Notes,
    /// What the value itself begins as, if it has parts that the old one lacks.
    pub below: Option<Box<dyn Reflect>>,
}

/// What a value was that is filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begun {
    /// A default one: what no old value is there for stays.
    Default,
    /// Any at all: it may hold parts of another old value, and none must stay.
    Pattern,
}

/// A new part, or why there is none.
pub(super) type Made = Result<Part, ConvertError>;

impl Run<'_> {
    /// Makes the new value.
    pub fn make(&mut self, id: Id, old: &dyn PartialReflect, trail: &Trail) -> Made {
        trail.check_depth()?;
        let plan = self.plans.get(id);
        let Some(serde) = &plan.serde else {
            return self.make_by(plan, old, trail);
        };
        if let Method::None(_) = plan.method {
            return serde.convert(&plan.new, old, trail, &mut self.notes);
        }
        let mark = self.notes.mark();
        match self.make_by(plan, old, trail) {
            Err(error) if error.is_structural() && !is_spoken_for(self.plans, id) => {
                // The type's own serde implementations may know better.
                self.notes.back_to(mark);
                let made = serde.convert(&plan.new, old, trail, &mut self.notes);
                made.map_err(|_| {
                    self.notes.back_to(mark);
                    error
                })
            }
            made => made,
        }
    }

    fn make_by(&mut self, plan: &Plan, old: &dyn PartialReflect, trail: &Trail) -> Made {
        let new = &plan.new;
        let incompatible =
            |reason: &str| ConvertError::incompatible(trail, plan.old.path, new.path, reason);
        match &plan.method {
            Method::Copied | Method::Cloned(_) => self.clone(plan, old, trail),
            Method::Number(from, to) => {
                let value = from.read(old).ok_or_else(|| other(plan, old, trail))?;
                let why = || Why::DoesNotFit(value.to_string(), new.path.into());
                to.make(value).ok_or_else(|| trail.error(why()))
            }
            Method::Fields(fields) => self.fields(fields, old, trail),
            Method::Variants(variants) => {
                let (index, name) = variant(old).ok_or_else(|| other(plan, old, trail))?;
                match variants.get(index) {
                    Some(Some(fields)) => self.fields(fields, old, trail),
                    _ => Err(trail.error(Why::NoVariant(name.into(), new.path.into()))),
                }
            }
            Method::Elements { item, into } => self.elements(plan, *item, into, old, trail),
            Method::One { item, empty } => {
                let part = self.make(*item, old, &trail.to(Step::Same))?;
                collect(empty, vec![part], trail)
            }
            Method::Entries { key, value, empty } => {
                self.entries(plan, [*key, *value], empty, old, trail)
            }
            Method::Unwrapped { within, none } => match field(old, 0) {
                Some(old) => self.make(*within, old, &trail.to(Step::Same)),
                None => {
                    self.notes.began_anew(trail);
                    let error = || ConvertError::no_default(trail, new, new);
                    none().ok_or_else(error)
                }
            },
            Method::Within(within) => {
                let old = field(old, 0).ok_or_else(|| other(plan, old, trail))?;
                self.make(*within, old, &trail.to(Step::Same))
            }
            Method::Nothing(default) => Ok(default.default().into_partial_reflect()),
            Method::Migrated(migration) => {
                let what = || format!("the migration for `{}`", new.path);
                let made = guard(trail, what, || migration(old))?;
                let failed = |reason| trail.error(Why::Migration(new.path.into(), reason));
                new.checked(made.map_err(failed)?, trail)
            }
            Method::Pending => Err(incompatible("the plan was not finished")),
            Method::None(reason) => Err(incompatible(reason)),
        }
    }

    /// Makes the new value in a place that holds another, which is of account only if
    /// it is a default one. It may be left half done by an error.
    pub fn fill(
        &mut self,
        id: Id,
        old: &dyn PartialReflect,
        (place, begun): (&mut dyn PartialReflect, Begun),
        trail: &Trail,
    ) -> Done {
        let plan = self.plans.get(id);
        match &plan.method {
            Method::Copied if place.try_apply(old).is_ok() => Ok(()),
            // What stands there is the default of the type around it.
            Method::Unwrapped { .. } if begun == Begun::Default && field(old, 0).is_none() => {
                self.notes.began_anew(trail);
                Ok(())
            }
            Method::Elements {
                item,
                into: Elements::Array { length, .. },
            } if begun == Begun::Default => {
                let all = elements(old).ok_or_else(|| other(plan, old, trail))?;
                self.check_length(plan, all.len(), *length, trail)?;
                for (index, old) in all.into_iter().enumerate() {
                    let trail = trail.to(Step::Index(index));
                    let place = field_mut(place, index).ok_or_else(|| other(plan, old, &trail))?;
                    self.fill(*item, old, (place, begun), &trail)?;
                }
                Ok(())
            }
            Method::Fields(fields)
                if fields.is_loose()
                    && !fields.is_variant()
                    && (begun == Begun::Default || !fields.has_new()) =>
            {
                trail.check_depth()?;
                self.fill_fields(fields, old, (place, begun), trail)
            }
            Method::Fields(fields) if begun == Begun::Default && fields.default.is_none() => {
                let mark = self.notes.mark();
                match self.make(id, old, trail) {
                    Ok(part) => put(part, place, trail),
                    Err(ConvertError {
                        why: Why::NoDefault(owner, _),
                        ..
                    }) if !fields.is_variant() && owner == plan.new.path => {
                        // The default value around it has one.
                        self.notes.back_to(mark);
                        self.fill_fields(fields, old, (place, begun), trail)
                    }
                    Err(error) => Err(error),
                }
            }
            _ => put(self.make(id, old, trail)?, place, trail),
        }
    }

    fn clone(&mut self, plan: &Plan, old: &dyn PartialReflect, trail: &Trail) -> Made {
        let error = match old.reflect_clone() {
            Ok(value) if value.as_any().type_id() == plan.new.id => {
                return Ok(value.into_partial_reflect());
            }
            Ok(_) => return Err(other(plan, old, trail)),
            Err(error) => error,
        };
        // All but what reflection does not see.
        if let (Method::Cloned(Some(build)), ReflectCloneError::FieldNotCloneable { field, .. }) =
            (&plan.method, &error)
            && let Some(value) = build.from_reflect(old)
        {
            self.notes.defaulted(trail, &field.to_string());
            return Ok(value.into_partial_reflect());
        }
        Err(trail.error(Why::NotCopied(plan.new.path.into(), error.to_string())))
    }

    fn elements(
        &mut self,
        plan: &Plan,
        item: Id,
        into: &Elements,
        old: &dyn PartialReflect,
        trail: &Trail,
    ) -> Made {
        let all = elements(old).ok_or_else(|| other(plan, old, trail))?;
        if let Elements::Array { length, .. } = into {
            self.check_length(plan, all.len(), *length, trail)?;
        }
        let mut parts = Vec::with_capacity(all.len());
        for (index, old) in all.into_iter().enumerate() {
            parts.push(self.make(item, old, &trail.to(Step::Index(index)))?);
        }
        match into {
            Elements::List(empty) => collect(empty, parts, trail),
            Elements::Set(empty) => {
                let reason = "cannot create an empty one";
                let none = || ConvertError::not_buildable(trail, plan.new.path, reason);
                let mut set = empty().ok_or_else(none)?;
                let all = set.reflect_mut().as_set();
                let all = all.map_err(|_| other(plan, old, trail))?;
                for (index, part) in parts.into_iter().enumerate() {
                    if !all.insert_boxed(part) {
                        let trail = trail.to(Step::Index(index));
                        return Err(trail.error(Why::Collision(plan.new.path.into())));
                    }
                }
                Ok(set)
            }
            Elements::Array { length, fill } => {
                while parts.len() < *length {
                    let trail = trail.to(Step::Index(parts.len()));
                    let none = || ConvertError::no_default(&trail, &plan.new, &plan.new);
                    parts.push(fill().ok_or_else(none)?);
                }
                Ok(Box::new(DynamicArray::from_iter(parts)))
            }
        }
    }

    fn check_length(&mut self, plan: &Plan, length: usize, room: usize, trail: &Trail) -> Done {
        if length > room {
            return Err(trail.error(Why::TooLong(length, plan.new.path.into())));
        }
        if length < room {
            self.notes.began_anew(&trail.to(Step::Index(length)));
        }
        Ok(())
    }

    fn entries(
        &mut self,
        plan: &Plan,
        [key, value]: [Id; 2],
        empty: &Initial,
        old: &dyn PartialReflect,
        trail: &Trail,
    ) -> Made {
        let wrong = |_| other(plan, old, trail);
        let map = old.reflect_ref().as_map().map_err(wrong)?;
        let loose = || Box::new(DynamicMap::default()) as Part;
        let mut made = empty().unwrap_or_else(loose);
        let entries = made.reflect_mut().as_map().map_err(wrong)?;
        for (old_key, old_value) in map.iter() {
            let trail = trail.to(Step::Key(old_key));
            let key = self.make(key, old_key, &trail)?;
            let value = self.make(value, old_value, &trail)?;
            insert(entries, key, value, &trail)?;
        }
        Ok(made)
    }
}

/// A list of the parts.
fn collect(empty: &Initial, parts: Vec<Part>, trail: &Trail) -> Made {
    let Some(mut list) = empty() else {
        return Ok(Box::new(DynamicList::from_iter(parts)));
    };
    if let ReflectMut::List(all) = list.reflect_mut() {
        for (index, part) in parts.into_iter().enumerate() {
            push(all, part, &trail.to(Step::Index(index)))?;
        }
    }
    Ok(list)
}

/// The value is not what its type says.
pub(super) fn other(plan: &Plan, old: &dyn PartialReflect, trail: &Trail) -> ConvertError {
    ConvertError::wrong_type(trail, plan.old.path, old)
}
