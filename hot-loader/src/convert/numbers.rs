//! Numbers, truth values and characters that change their type. It must not change
//! what they say: a value that does not fit is refused, never cut, wrapped or rounded
//! to a whole one. Only the precision of a float may shrink from `f64` to `f32`.

use bevy::reflect::PartialReflect;
use core::{any::TypeId, fmt};

/// A value, apart from its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// A whole number.
    Int(i128),
    /// A whole number beyond `i128`.
    Big(u128),
    /// A single float. Apart from the double one so that it is shown as it was written.
    Single(f32),
    /// A double float.
    Double(f64),
    /// A truth value.
    Bool(bool),
    /// A character.
    Char(char),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::Big(value) => value.fmt(f),
            Self::Single(value) => value.fmt(f),
            Self::Double(value) => value.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Char(value) => fmt::Debug::fmt(value, f),
        }
    }
}

macro_rules! numbers {
    ($($kind:ident: $ty:ident, $read:expr, $fit:expr;)*) => {
        /// The type of a number, a truth value or a character.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Number {
            $(#[doc = concat!("`", stringify!($ty), "`.")] $kind,)*
        }

        impl Number {
            /// The kind that a type is, if it is one.
            pub fn of(id: TypeId) -> Option<Self> {
                $(if id == TypeId::of::<$ty>() {
                    return Some(Self::$kind);
                })*
                None
            }

            /// The value, if it is of this type.
            pub fn read(self, value: &dyn PartialReflect) -> Option<Value> {
                match self {
                    $(Self::$kind => {
                        let read: fn($ty) -> Value = $read;
                        value.try_downcast_ref::<$ty>().map(|value| read(*value))
                    })*
                }
            }

            /// The value as this type, if it fits.
            pub fn make(self, value: Value) -> Option<Box<dyn PartialReflect>> {
                match self {
                    $(Self::$kind => {
                        let fit: fn(Value) -> Option<$ty> = $fit;
                        fit(value).map(|value| Box::new(value) as Box<dyn PartialReflect>)
                    })*
                }
            }

            /// Writes the value to a place of this type, if it fits. False if it does
            /// not; the place is as it was then.
            pub fn write(self, value: Value, place: &mut dyn PartialReflect) -> bool {
                match self {
                    $(Self::$kind => {
                        let fit: fn(Value) -> Option<$ty> = $fit;
                        match (fit(value), place.try_downcast_mut::<$ty>()) {
                            (Some(value), Some(place)) => {
                                *place = value;
                                true
                            }
                            _ => false,
                        }
                    })*
                }
            }
        }
    };
}

numbers! {
    I8: i8, |v| Value::Int(v.into()), whole;
    I16: i16, |v| Value::Int(v.into()), whole;
    I32: i32, |v| Value::Int(v.into()), whole;
    I64: i64, |v| Value::Int(v.into()), whole;
    I128: i128, Value::Int, whole;
    Isize: isize, |v| Value::Int(v as i128), whole;
    U8: u8, |v| Value::Int(v.into()), whole;
    U16: u16, |v| Value::Int(v.into()), whole;
    U32: u32, |v| Value::Int(v.into()), whole;
    U64: u64, |v| Value::Int(v.into()), whole;
    U128: u128, |v| i128::try_from(v).map_or(Value::Big(v), Value::Int), whole;
    Usize: usize, |v| Value::Int(v as i128), whole;
    F32: f32, Value::Single, single;
    F64: f64, Value::Double, double;
    Bool: bool, Value::Bool, truth;
    Char: char, Value::Char, character;
}

/// Some fit from `Value`, by way of the two widest integers.
fn whole<T: TryFrom<i128> + TryFrom<u128>>(value: Value) -> Option<T> {
    match value {
        Value::Int(value) => T::try_from(value).ok(),
        Value::Big(value) => T::try_from(value).ok(),
        Value::Single(value) => whole(Value::Double(value.into())),
        Value::Double(value) => {
            // The bounds are exact as floats. Beyond them a cast would saturate.
            let (least, beyond) = (-(2f64.powi(127)), 2f64.powi(128));
            if value.fract() != 0.0 || value < least || value >= beyond {
                return None;
            }
            match value < 0.0 {
                true => T::try_from(value as i128).ok(),
                false => T::try_from(value as u128).ok(),
            }
        }
        Value::Bool(value) => T::try_from(i128::from(value)).ok(),
        Value::Char(value) => T::try_from(u128::from(u32::from(value))).ok(),
    }
}

fn single(value: Value) -> Option<f32> {
    match value {
        Value::Int(value) => {
            let float = value as f32;
            (whole(Value::Single(float)) == Some(value)).then_some(float)
        }
        Value::Big(value) => {
            let float = value as f32;
            (whole(Value::Single(float)) == Some(value)).then_some(float)
        }
        Value::Single(value) => Some(value),
        Value::Double(value) => {
            let float = value as f32;
            (value.is_finite() == float.is_finite()).then_some(float)
        }
        Value::Bool(value) => Some(value.into()),
        Value::Char(_) => None,
    }
}

fn double(value: Value) -> Option<f64> {
    match value {
        Value::Int(value) => {
            let float = value as f64;
            (whole(Value::Double(float)) == Some(value)).then_some(float)
        }
        Value::Big(value) => {
            let float = value as f64;
            (whole(Value::Double(float)) == Some(value)).then_some(float)
        }
        Value::Single(value) => Some(value.into()),
        Value::Double(value) => Some(value),
        Value::Bool(value) => Some(value.into()),
        Value::Char(_) => None,
    }
}

fn truth(value: Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(value),
        Value::Char(_) => None,
        value => match whole(value) {
            Some(0u8) => Some(false),
            Some(1u8) => Some(true),
            _ => None,
        },
    }
}

fn character(value: Value) -> Option<char> {
    match value {
        Value::Char(value) => Some(value),
        Value::Int(value) => u32::try_from(value).ok().and_then(char::from_u32),
        _ => None,
    }
}
