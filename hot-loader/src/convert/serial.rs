//! The way through a type's own serde implementations, for what reflection cannot make.
//! It must go through the type's own, not through reflection's serializers, so that the
//! attributes that the user wrote (`default`, `alias`, …) count.

use super::{
    build::Part,
    content::{ReadContent, serializer},
    error::{ConvertError, Why},
    guard,
    parts::Ty,
    trail::{Notes, Trail},
};
use bevy::reflect::{PartialReflect, ReflectDeserialize, ReflectSerialize, TypeRegistry};
use core::{any::TypeId, cell::RefCell};
use std::sync::Arc;

/// Both implementations.
#[derive(Clone)]
pub(super) struct Serde {
    write: ReflectSerialize,
    read: ReflectDeserialize,
}

impl Serde {
    /// If both are registered.
    pub fn of(types: &[Arc<TypeRegistry>; 2], [old, new]: [TypeId; 2]) -> Option<Self> {
        Some(Self {
            write: types[0].get_type_data::<ReflectSerialize>(old)?.clone(),
            read: types[1].get_type_data::<ReflectDeserialize>(new)?.clone(),
        })
    }

    /// Makes the new value. What serde passes over is noted as lost.
    pub fn convert(
        &self,
        new: &Ty,
        old: &dyn PartialReflect,
        trail: &Trail,
        notes: &mut Notes,
    ) -> Result<Part, ConvertError> {
        let failed = |reason| trail.error(Why::Serde(new.path.into(), reason));
        let Some(value) = old.try_as_reflect() else {
            return Err(failed("the old value is incomplete".into()));
        };
        let what = || format!("serde's implementation of `{}`", new.path);
        let written = guard(trail, what, || self.write.serialize(value, serializer()))?;
        let content = written.map_err(|error| failed(error.to_string()))?;
        let ignored = RefCell::new(Vec::new());
        let read = guard(trail, what, || {
            self.read.deserialize(ReadContent::new(content, &ignored))
        })?;
        let made = read.map_err(|error| failed(error.to_string()))?;
        let made = new.checked(made, trail)?;
        for name in ignored.into_inner() {
            notes.lost(trail, &name);
        }
        Ok(made)
    }
}
