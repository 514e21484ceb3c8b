//! Carries out the plans of what is made field by field: structs, tuples and variants.
//! Like `run`, of which it is a part, it must not leave a field at its default where
//! the old value had one.

use super::{
    build::{Part, Scaffold, field, field_mut, variant},
    error::{ConvertError, Done},
    parts::Shape,
    plan::{Field, Fields, Source},
    run::{Begun, Made, Run},
    trail::{Step, Trail},
};
use bevy::reflect::{FieldId, PartialReflect, Reflect, ReflectCloneError, prelude::ReflectDefault};
use core::mem;

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
    fn is_of(&self, value: &dyn Reflect) -> bool {
        match self.shape {
            Shape::Variant { info, .. } => {
                variant(value.as_partial_reflect()).is_some_and(|(_, is)| is == info.name())
            }
            _ => true,
        }
    }

    fn scaffold(&self, parts: Vec<Option<Part>>) -> Scaffold {
        let names = self.fields.iter().map(|field| &field.name);
        Scaffold::new(self.shape, names.zip(parts))
    }

    /// A value made from the pattern.
    fn make(&self, pattern: &Scaffold) -> Option<Box<dyn Reflect>> {
        if let Some(build) = &self.build {
            return build.from_reflect(pattern.get());
        }
        // A variant other than the default one.
        let mut value = self.default.as_ref()?.default();
        value.try_apply(pattern.get()).ok()?;
        self.is_of(&*value).then_some(value)
    }

    /// Takes a new field out if it gets a value by itself: `#[reflect(default)]` does not
    /// show in a definition, so it is tried out. Whether it does.
    fn take_own(&self, index: usize, parts: &mut Vec<Option<Part>>) -> bool {
        let is_possible = self.shape.is_named() || index + 1 == self.fields.len();
        if !is_possible || !matches!(self.fields[index].source, Source::New) {
            return false;
        }
        let out = parts[index].take();
        let there: Vec<bool> = parts.iter().map(Option::is_some).collect();
        let pattern = self.scaffold(mem::take(parts));
        let is_own = self.make(&pattern).is_some();
        // Back to the places at which they were.
        let mut left = pattern.into_parts().into_iter();
        let left = there
            .iter()
            .map(|there| there.then(|| left.next()).flatten());
        *parts = left.collect();
        if !is_own {
            parts[index] = out;
        }
        is_own
    }
}

impl Run<'_> {
    /// Makes the new value of its fields.
    pub(super) fn fields(
        &mut self,
        fields: &Fields,
        old: &dyn PartialReflect,
        trail: &Trail,
    ) -> Made {
        let within = trail.to(fields.was.map_or(Step::Same, Step::Name));
        if let Some(mut value) = self.below.take()
            && fields.is_of(&*value)
            && value.as_any().type_id() == fields.new.id
        {
            let mark = self.notes.mark();
            let place = (value.as_partial_reflect_mut(), Begun::Default);
            self.fill_fields(fields, old, place, &within)?;
            self.notes.given_since(mark);
            return Ok(value.into_partial_reflect());
        }
        if fields.is_loose() {
            return self.loose(fields, old, &within);
        }
        let default = fields.default.as_ref().map(ReflectDefault::default);
        let (mut value, begun) = match default.filter(|value| fields.is_of(&**value)) {
            Some(value) => (value, Begun::Default),
            None => {
                let pattern = match fields.pattern.get() {
                    Some(pattern) => pattern,
                    None => {
                        let pattern = self.pattern(fields, old, &within)?;
                        fields.pattern.get_or_init(|| pattern)
                    }
                };
                let made = fields.make(pattern);
                let made = made.ok_or_else(|| not_made(fields, &within))?;
                (made, Begun::Pattern)
            }
        };
        let place = (value.as_partial_reflect_mut(), begun);
        self.fill_fields(fields, old, place, &within)?;
        Ok(value.into_partial_reflect())
    }

    /// What values are made from where there is no default one to begin with. What is
    /// in it is of no account: every field that has an old one is filled in after.
    fn pattern(
        &mut self,
        fields: &Fields,
        old: &dyn PartialReflect,
        trail: &Trail,
    ) -> Result<Scaffold, ConvertError> {
        let mut parts = Vec::with_capacity(fields.fields.len());
        for field in &fields.fields {
            let mut part = (field.initial)();
            if part.is_none()
                && let Some((id, from, trail)) = source(fields, field, old, trail)?
            {
                part = Some(self.make(id, from, &trail)?);
            }
            parts.push(part);
        }
        for (index, field) in fields.fields.iter().enumerate() {
            if !fields.take_own(index, &mut parts) && parts[index].is_none() {
                let trail = trail.to(Step::Name(&field.name));
                return Err(ConvertError::no_default(&trail, &fields.new, &field.ty));
            }
        }
        Ok(fields.scaffold(parts))
    }

    /// What only the type around it can make.
    fn loose(&mut self, fields: &Fields, old: &dyn PartialReflect, trail: &Trail) -> Made {
        let mut parts = Vec::with_capacity(fields.fields.len());
        for field in &fields.fields {
            if let Some((id, part, trail)) = source(fields, field, old, trail)? {
                parts.push(Some(self.make(id, part, &trail)?));
                continue;
            }
            self.notes.defaulted(trail, &field.name);
            let part = (field.initial)();
            parts.push(Some(part.ok_or_else(|| not_made(fields, trail))?));
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
        old: &dyn PartialReflect,
        (to, begun): (&mut dyn PartialReflect, Begun),
        trail: &Trail,
    ) -> Done {
        for (index, field) in fields.fields.iter().enumerate() {
            if let Some((id, part, trail)) = source(fields, field, old, trail)? {
                let reason = "reflection does not see one of its fields";
                let place = field_mut(to, index)
                    .ok_or_else(|| ConvertError::not_buildable(&trail, fields.new.path, reason))?;
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
            let lost = hidden(old).filter(|name| defaulted.as_ref() != Some(name));
            [lost, defaulted]
        });
        if let Some(name) = lost {
            self.notes.lost(trail, name);
        }
        if let Some(name) = defaulted {
            self.notes.defaulted(trail, name);
        }
    }
}

fn not_made(fields: &Fields, trail: &Trail) -> ConvertError {
    let reason = match &fields.build {
        Some(_) => "its `FromReflect` cannot build it from the converted parts",
        None => NOT_REGISTERED,
    };
    ConvertError::not_buildable(trail, fields.new.path, reason)
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
            let expected = "value with this field";
            match field(old, *index) {
                Some(part) => Ok(Some((*id, part, trail))),
                None => Err(ConvertError::wrong_type(&trail, expected, old)),
            }
        }
    }
}

/// The first field that reflection is told to ignore. Definitions do not show it; but
/// a derived `reflect_clone` fails at it.
fn hidden(value: &dyn PartialReflect) -> Option<String> {
    match value.reflect_clone() {
        Err(ReflectCloneError::FieldNotCloneable {
            field,
            container_type_path,
            ..
        }) if container_type_path == value.reflect_type_path() => Some(match field {
            FieldId::Named(name) => name.into_owned(),
            FieldId::Unnamed(index) => index.to_string(),
        }),
        _ => None,
    }
}
