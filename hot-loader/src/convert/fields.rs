//! Carries out the plans of what is made field by field: structs, tuples and variants.
//! Like `run`, of which it is a part, it must not leave a field at its default where
//! the old value had one.

use super::{
    build::{Part, Scaffold, field, variant},
    error::ConvertError,
    parts::{Shape, Ty},
    plan::{Field, Fields, Initial, Source},
    run::{Begun, Run, place},
    trail::{Step, Trail},
};
use bevy::reflect::{FieldId, PartialReflect, Reflect, ReflectCloneError, prelude::ReflectDefault};

/// Why a value cannot be made.
pub(super) const NOT_REGISTERED: &str = "it has no `FromReflect` or is not registered";

impl Fields {
    /// Whether these are a variant's.
    pub fn is_variant(&self) -> bool {
        matches!(self.shape, Shape::Variant { .. })
    }

    /// Whether these can only be filled in where a value is already.
    pub fn is_loose(&self) -> bool {
        self.default.is_none() && self.build.is_none()
    }

    /// Whether any field is made from nothing.
    pub fn has_new(&self) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|field| matches!(field.source, Source::New))
    }

    /// Whether a value has these very fields: it may be another variant.
    fn is_of(&self, value: &dyn Reflect, new: &Ty) -> bool {
        let is_variant = match self.shape {
            Shape::Variant { name, .. } => {
                variant(value.as_partial_reflect()).is_some_and(|(_, is)| is == name)
            }
            _ => true,
        };
        is_variant && value.as_any().type_id() == new.id
    }

    /// A value to begin with, if the default value is one.
    fn begin(&self, default: &ReflectDefault) -> Option<Box<dyn Reflect>> {
        let value = default.default();
        match self.shape {
            Shape::Variant { name, .. } => {
                let (_, is) = variant(value.as_partial_reflect())?;
                (is == name).then_some(value)
            }
            _ => Some(value),
        }
    }

    fn scaffold(&self, parts: Vec<Option<Part>>) -> Scaffold {
        let names = self.fields.iter().map(|field| &field.name);
        Scaffold::new(self.shape, names.zip(parts))
    }

    /// A value made from the pattern.
    fn make(&self, pattern: &Scaffold) -> Option<Box<dyn Reflect>> {
        match (&self.build, &self.default) {
            (Some(build), _) => build.from_reflect(pattern.get()),
            (None, Some(default)) => {
                // A variant other than the default one.
                let mut value = default.default();
                value.try_apply(pattern.get()).ok()?;
                let (_, is) = variant(value.as_partial_reflect())?;
                let (_, should) = variant(pattern.get())?;
                (is == should).then_some(value)
            }
            (None, None) => None,
        }
    }

    /// Which new fields get a value by themselves: `#[reflect(default)]` does not show in
    /// a definition, so it is tried out.
    fn find_own(&self, parts: &mut Vec<Option<Part>>) -> Vec<bool> {
        let mut own = vec![false; self.fields.len()];
        for (index, field) in self.fields.iter().enumerate() {
            let possible = self.shape.is_named() || index + 1 == self.fields.len();
            if !possible || !matches!(field.source, Source::New) {
                continue;
            }
            let out = parts.get_mut(index).and_then(Option::take);
            let there: Vec<bool> = parts.iter().map(Option::is_some).collect();
            let pattern = self.scaffold(core::mem::take(parts));
            if let Some(own) = own.get_mut(index) {
                *own = self.make(&pattern).is_some();
            }
            *parts = spread(pattern, &there);
            if let Some(part) = parts.get_mut(index) {
                *part = out;
            }
        }
        own
    }
}

/// Parts at the places at which they were.
fn spread(scaffold: Scaffold, there: &[bool]) -> Vec<Option<Part>> {
    let mut parts = scaffold.into_parts().into_iter();
    there
        .iter()
        .map(|there| there.then(|| parts.next()).flatten())
        .collect()
}

impl Run<'_> {
    /// Makes the new value of its fields.
    pub(super) fn fields(
        &mut self,
        new: &Ty,
        fields: &Fields,
        old: &dyn PartialReflect,
        trail: &Trail,
    ) -> Result<Part, ConvertError> {
        let step = match fields.was {
            Some(variant) => Step::Name(variant),
            None => Step::Same,
        };
        let within = trail.to(step);
        if let Some(mut value) = self.below.take()
            && fields.is_of(&*value, new)
        {
            let mark = self.notes.mark();
            let place = (value.as_partial_reflect_mut(), Begun::Default);
            self.fill_fields(fields, new, old, place, &within)?;
            self.notes.given_since(&mark);
            return Ok(value.into_partial_reflect());
        }
        if fields.is_loose() {
            return self.loose(new, fields, old, &within);
        }
        let begun = fields.default.as_ref().and_then(|it| fields.begin(it));
        let (mut value, begun) = match begun {
            Some(value) => (value, Begun::Default),
            None => {
                let pattern = match fields.pattern.get() {
                    Some(pattern) => pattern,
                    None => {
                        let pattern = self.pattern(new, fields, old, &within)?;
                        fields.pattern.get_or_init(|| pattern)
                    }
                };
                let made = fields.make(pattern);
                let made = made.ok_or_else(|| not_made(fields, new, &within))?;
                (made, Begun::Pattern)
            }
        };
        let place = (value.as_partial_reflect_mut(), begun);
        self.fill_fields(fields, new, old, place, &within)?;
        Ok(value.into_partial_reflect())
    }

    /// What values are made from where there is no default one to begin with. What is
    /// in it is of no account: every field that has an old one is filled in after.
    fn pattern(
        &mut self,
        new: &Ty,
        fields: &Fields,
        old: &dyn PartialReflect,
        trail: &Trail,
    ) -> Result<Scaffold, ConvertError> {
        let mut parts = Vec::with_capacity(fields.fields.len());
        for field in &fields.fields {
            let initial = field.initial.as_ref().and_then(Initial::make);
            let mut part = initial.map(|part| part.into_partial_reflect());
            if part.is_none()
                && let Some((id, from, trail)) = source(fields, field, old, trail)?
            {
                part = Some(self.make(id, from, &trail)?);
            }
            parts.push(part);
        }
        let own = fields.find_own(&mut parts);
        for ((part, own), field) in parts.iter_mut().zip(own).zip(&fields.fields) {
            if own {
                *part = None;
            } else if part.is_none() {
                let trail = trail.to(Step::Name(&field.name));
                return Err(ConvertError::no_default(&trail, new, &field.ty));
            }
        }
        Ok(fields.scaffold(parts))
    }

    /// What only the type around it can make.
    fn loose(
        &mut self,
        new: &Ty,
        fields: &Fields,
        old: &dyn PartialReflect,
        trail: &Trail,
    ) -> Result<Part, ConvertError> {
        let mut parts = Vec::with_capacity(fields.fields.len());
        for field in &fields.fields {
            if let Some((id, part, trail)) = source(fields, field, old, trail)? {
                parts.push(Some(self.make(id, part, &trail)?));
                continue;
            }
            self.notes.defaulted(trail, &field.name);
            match field.initial.as_ref().and_then(Initial::make) {
                Some(part) => parts.push(Some(part.into_partial_reflect())),
                None => return Err(not_made(fields, new, trail)),
            }
        }
        for name in &fields.lost {
            self.notes.lost(trail, name);
        }
        Ok(fields.scaffold(parts).into_loose())
    }

    /// Makes the new value of its fields in a place that holds another.
    pub(super) fn fill_fields(
        &mut self,
        fields: &Fields,
        new: &Ty,
        old: &dyn PartialReflect,
        (to, begun): (&mut dyn PartialReflect, Begun),
        trail: &Trail,
    ) -> Result<(), ConvertError> {
        for (index, field) in fields.fields.iter().enumerate() {
            if let Some((id, part, trail)) = source(fields, field, old, trail)? {
                let place = place(to, index, new, &trail)?;
                self.fill(id, part, (place, begun), &trail)?;
                continue;
            }
            self.notes.defaulted(trail, &field.name);
        }
        self.note(fields, old, to, trail);
        Ok(())
    }

    /// Says what found no place, and what reflection does not see.
    fn note(
        &mut self,
        fields: &Fields,
        old: &dyn PartialReflect,
        new: &dyn PartialReflect,
        trail: &Trail,
    ) {
        for name in &fields.lost {
            self.notes.lost(trail, name);
        }
        let [lost, defaulted] = fields.hidden.get_or_init(|| {
            let defaulted = hidden(new);
            let lost = hidden(old).into_iter();
            [
                lost.filter(|name| !defaulted.contains(name)).collect(),
                defaulted,
            ]
        });
        for name in lost {
            self.notes.lost(trail, name);
        }
        for name in defaulted {
            self.notes.defaulted(trail, name);
        }
    }
}

fn not_made(fields: &Fields, new: &Ty, trail: &Trail) -> ConvertError {
    let reason = match &fields.build {
        Some(_) => "its `FromReflect` cannot build it from the converted parts",
        None => NOT_REGISTERED,
    };
    ConvertError::not_buildable(trail, new.path, reason)
}

/// What a field is made from, and where that is. `None` if it is new.
fn source<'a>(
    fields: &Fields,
    to: &'a Field,
    old: &'a dyn PartialReflect,
    trail: &'a Trail<'a>,
) -> Result<Option<(super::plan::Id, &'a dyn PartialReflect, Trail<'a>)>, ConvertError> {
    match &to.source {
        Source::New => Ok(None),
        Source::Whole(id) => Ok(Some((*id, old, trail.to(Step::Same)))),
        Source::Field(index, id) => {
            let trail = trail.to(match fields.shape {
                Shape::Variant { plain: true, .. } => Step::Same,
                _ => Step::Name(&to.name),
            });
            match field(old, *index) {
                Some(part) => Ok(Some((*id, part, trail))),
                None => Err(ConvertError::wrong_type(
                    &trail,
                    "value with this field",
                    old,
                )),
            }
        }
    }
}

/// The first field that reflection is told to ignore. Definitions do not show it; but
/// a derived `reflect_clone` fails at it.
fn hidden(value: &dyn PartialReflect) -> Vec<String> {
    match value.reflect_clone() {
        Err(ReflectCloneError::FieldNotCloneable {
            field,
            container_type_path,
            ..
        }) if container_type_path == value.reflect_type_path() => vec![match field {
            FieldId::Named(name) => name.into_owned(),
            FieldId::Unnamed(index) => index.to_string(),
        }],
        _ => Vec::new(),
    }
}
