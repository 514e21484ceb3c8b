//! Numbers, truth values and characters that change their type. It must not change
//! what they say: a value that does not fit is refused, never cut, wrapped or rounded
//! to a whole one. Only the precision of a float may shrink from `f64` to `f32`.

use bevy::reflect::PartialReflect;
use core::{any::TypeId, fmt};

/// A value, apart from its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
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
    ($($kind:ident: $ty:ident, $read:expr, $fit:expr, $of_bits:expr, $bits:expr;)*) => {
        /// The type of a number, a truth value or a character.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Number {
            $(#[doc = concat!("`", stringify!($ty), "`.")] $kind,)*
        }

        impl Number {
            /// The kind that a type is, if it is one.
            pub(super) fn of(id: TypeId) -> Option<Self> {
                $(if id == TypeId::of::<$ty>() {
                    return Some(Self::$kind);
                })*
                None
            }

            /// The kind of this name, as Rust has it.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($ty) => Some(Self::$kind),)*
                    _ => None,
                }
            }

            /// What Rust calls it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($ty),)*
                }
            }

            /// Its size in bytes.
            pub fn size(self) -> usize {
                match self {
                    $(Self::$kind => size_of::<$ty>(),)*
                }
            }

            /// The value that these bits mean, the lowest of a number without a sign.
            pub fn of_bits(self, bits: u128) -> Value {
                match self {
                    $(Self::$kind => {
                        let of_bits: fn(u128) -> $ty = $of_bits;
                        $read(of_bits(bits))
                    })*
                }
            }

            /// The bits of the value as this type, if it fits.
            pub fn bits(self, value: Value) -> Option<u128> {
                match self {
                    $(Self::$kind => {
                        let bits: fn($ty) -> u128 = $bits;
                        $fit(value).map(bits)
                    })*
                }
            }

            /// The value, if it is of this type.
            pub(super) fn read(self, value: &dyn PartialReflect) -> Option<Value> {
                match self {
                    $(Self::$kind => value.try_downcast_ref::<$ty>().map(|value| $read(*value)),)*
                }
            }

            /// The value as this type, if it fits.
            pub(super) fn make(self, value: Value) -> Option<Box<dyn PartialReflect>> {
                match self {
                    $(Self::$kind => {
                        let fit: fn(Value) -> Option<$ty> = $fit;
                        fit(value).map(|value| Box::new(value) as Box<dyn PartialReflect>)
                    })*
                }
            }
        }
    };
}

numbers! {
    I8: i8, int, whole, |bits| bits as i8, |v| v as u128;
    I16: i16, int, whole, |bits| bits as i16, |v| v as u128;
    I32: i32, int, whole, |bits| bits as i32, |v| v as u128;
    I64: i64, int, whole, |bits| bits as i64, |v| v as u128;
    I128: i128, int, whole, |bits| bits as i128, |v| v as u128;
    Isize: isize, int, whole, |bits| bits as isize, |v| v as u128;
    U8: u8, int, whole, |bits| bits as u8, u128::from;
    U16: u16, int, whole, |bits| bits as u16, u128::from;
    U32: u32, int, whole, |bits| bits as u32, u128::from;
    U64: u64, int, whole, |bits| bits as u64, u128::from;
    U128: u128, int, whole, |bits| bits, u128::from;
    Usize: usize, int, whole, |bits| bits as usize, |v| v as u128;
    F32: f32, Value::Single, single, |bits| f32::from_bits(bits as u32), |v| v.to_bits().into();
    F64: f64, Value::Double, double, |bits| f64::from_bits(bits as u64), |v| v.to_bits().into();
    Bool: bool, Value::Bool, truth, |bits| bits != 0, u128::from;
    Char: char, Value::Char, character, |bits| char::from_u32(bits as u32).unwrap_or_default(),
        |v| u32::from(v).into();
}

/// Every integer is one of the two.
fn int<T: TryInto<i128> + TryInto<u128> + Copy>(value: T) -> Value {
    let big = |_| Value::Big(value.try_into().unwrap_or_default());
    value.try_into().map_or_else(big, Value::Int)
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
        Value::Single(value) => Some(value),
        Value::Double(value) => {
            let float = value as f32;
            (value.is_finite() == float.is_finite()).then_some(float)
        }
        // What is no float must stay exact.
        value => {
            let exact = double(value)?;
            let float = exact as f32;
            (f64::from(float) == exact).then_some(float)
        }
    }
}

fn double(value: Value) -> Option<f64> {
    match value {
        Value::Int(whole) => exact(whole as f64, whole),
        Value::Big(whole) => exact(whole as f64, whole),
        Value::Single(value) => Some(value.into()),
        Value::Double(value) => Some(value),
        Value::Bool(value) => Some(value.into()),
        Value::Char(_) => None,
    }
}

/// A float, if it is this number.
fn exact<T: TryFrom<i128> + TryFrom<u128> + PartialEq>(float: f64, value: T) -> Option<f64> {
    (whole(Value::Double(float)) == Some(value)).then_some(float)
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
