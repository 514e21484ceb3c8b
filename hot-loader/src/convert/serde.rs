//! Types that say with serde how they are written and read: for what cannot be made
//! field by field, such as opaque types.

use super::{ConvertError, Converter, Made, represented};
use bevy::reflect::{
    PartialReflect, ReflectDeserialize, ReflectSerialize, TypeInfo, serde::Serializable,
};

impl Converter {
    /// By what both types registered for serde. `None` if one of them did not.
    pub(super) fn by_serde(
        &self,
        old: &dyn PartialReflect,
        new: &'static TypeInfo,
        path: &str,
    ) -> Option<Made> {
        let write = self
            .old
            .get_type_data::<ReflectSerialize>(represented(old)?)?;
        let read = self
            .new
            .get_type_data::<ReflectDeserialize>(new.type_id())?;
        let old = old.try_as_reflect()?;
        let failed = |what: &str, error: String| {
            ConvertError::new(
                path,
                format!("{} cannot be {what} with serde: {error}", new.type_path()),
            )
        };
        let serializable: Serializable = write.get_serializable(old);
        let written = match serde_json::to_value(&*serializable) {
            Ok(written) => written,
            Err(error) => return Some(Err(failed("written", error.to_string()))),
        };
        Some(match read.deserialize(written) {
            Ok(made) => Ok(made.into_partial_reflect()),
            Err(error) => Err(failed("read", error.to_string())),
        })
    }
}
