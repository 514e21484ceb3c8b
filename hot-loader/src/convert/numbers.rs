//! Numbers: exactly, or not at all. The rules are those of `migrate::numbers`.

use super::{ConvertError, Made};
use crate::migrate::Value;
use bevy::reflect::{PartialReflect, TypeInfo};
use core::any::TypeId;

/// A number of another type, if both are numbers.
pub(super) fn convert(old: &dyn PartialReflect, new: &TypeInfo, path: &str) -> Option<Made> {
    let value = value(old)?;
    let made = made(value, new.type_id())?;
    Some(made.map_err(|reason| ConvertError::new(path, reason)))
}

macro_rules! numbers {
    ($($kind:ident: $($ty:ty)*;)*) => {
        fn value(old: &dyn PartialReflect) -> Option<Value> {
            $($(
                if let Some(value) = old.try_downcast_ref::<$ty>() {
                    return Some(Value::from(*value));
                }
            )*)*
            None
        }

        fn made(
            value: Value,
            new: TypeId,
        ) -> Option<Result<Box<dyn PartialReflect>, String>> {
            $($(
                if new == TypeId::of::<$ty>() {
                    return Some(<$ty>::try_from(value).map(|value| -> Box<dyn PartialReflect> {
                        Box::new(value)
                    }));
                }
            )*)*
            None
        }
    };
}

numbers! {
    unsigned: u8 u16 u32 u64 u128 usize;
    signed: i8 i16 i32 i64 i128 isize;
    float: f32 f64;
    others: bool char;
}
