//! Numbers that change their type, at the edges of what fits.

use super::{error, exact};
use crate::convert::{
    error::{ConvertError, Why},
    numbers::{Number, Value},
};
use bevy::reflect::Reflect;
use core::any::TypeId;

#[derive(Reflect, Debug, PartialEq)]
#[type_path = "game"]
#[type_name = "Cell"]
struct Old<T> {
    value: T,
}

#[derive(Reflect, Debug, PartialEq)]
#[type_path = "game"]
#[type_name = "Cell"]
struct New<T> {
    value: T,
}

fn to<A: Reflect, B: Reflect + Copy>(value: A) -> Option<B> {
    let (from, to) = (
        Number::of(TypeId::of::<A>()).unwrap(),
        Number::of(TypeId::of::<B>()).unwrap(),
    );
    let value: Value = from.read(value.as_partial_reflect()).unwrap();
    let made = to.make(value)?;
    made.try_downcast_ref::<B>().copied()
}

#[test]
fn whole_numbers_fit_or_do_not() {
    assert_eq!(to::<u32, u8>(255), Some(255u8));
    assert_eq!(to::<u32, u8>(256), None);
    assert_eq!(to::<i64, u64>(-1), None);
    assert_eq!(to::<u128, i128>(u128::MAX), None);
    assert_eq!(to::<i128, u128>(i128::MAX), Some(i128::MAX as u128));
    assert_eq!(to::<u128, u128>(u128::MAX), Some(u128::MAX));
    assert_eq!(to::<i128, i64>(i64::MIN.into()), Some(i64::MIN));
    assert_eq!(to::<usize, u16>(65_536), None);
    assert_eq!(to::<isize, i8>(-128), Some(-128i8));
}

#[test]
fn floats_become_whole_only_if_they_are() {
    assert_eq!(to::<f32, i32>(-3.0), Some(-3));
    assert_eq!(to::<f64, i32>(1.5), None);
    assert_eq!(to::<f64, i32>(f64::NAN), None);
    assert_eq!(to::<f64, i128>(f64::INFINITY), None);
    assert_eq!(to::<f64, u8>(-1.0), None);
    assert_eq!(to::<f64, u128>(2f64.powi(127)), Some(1u128 << 127));
    assert_eq!(to::<f64, u128>(2f64.powi(128)), None);
    assert_eq!(to::<f64, i128>(-(2f64.powi(127))), Some(i128::MIN));
    assert_eq!(to::<f64, i64>(2f64.powi(63)), None);
}

#[test]
fn whole_numbers_become_floats_only_exactly() {
    assert_eq!(to::<u32, f32>(16_777_216), Some(16_777_216f32));
    assert_eq!(to::<u32, f32>(16_777_217), None);
    assert_eq!(to::<u64, f64>(u64::MAX), None);
    assert_eq!(to::<i128, f32>(i128::MAX), None);
    assert_eq!(to::<u128, f32>(u128::MAX), None);
    assert_eq!(to::<u128, f64>(1 << 127), Some(2f64.powi(127)));
}

#[test]
fn floats_lose_precision_but_not_more() {
    assert_eq!(to::<f64, f32>(0.1), Some(0.1f32));
    assert_eq!(to::<f64, f32>(1e300), None);
    assert_eq!(to::<f64, f32>(f64::INFINITY), Some(f32::INFINITY));
    assert!(to::<f64, f32>(f64::NAN).unwrap().is_nan());
    assert_eq!(to::<f32, f64>(0.1), Some(f64::from(0.1f32)));
}

#[test]
fn truth_values_and_characters() {
    assert_eq!(to::<bool, u8>(true), Some(1u8));
    assert_eq!(to::<bool, f32>(false), Some(0f32));
    assert_eq!(to::<u8, bool>(1), Some(true));
    assert_eq!(to::<u8, bool>(2), None);
    assert_eq!(to::<char, bool>('a'), None);
    assert_eq!(to::<char, u32>('ß'), Some(0xDFu32));
    assert_eq!(to::<char, u8>('€'), None);
    assert_eq!(to::<u32, char>(0x20AC), Some('€'));
    assert_eq!(to::<u32, char>(0xD800), None);
    assert_eq!(to::<f32, char>(65.0), None);
}

#[test]
fn in_a_field_it_is_named() {
    let old = Old { value: 300u16 };
    assert_eq!(exact::<New<u32>>(Old { value: 300u16 }), New { value: 300 });
    let refused = error::<New<u8>>(old);
    let expected = ConvertError {
        path: "value".into(),
        why: Why::DoesNotFit("300".into(), "u8".into()),
    };
    assert_eq!(refused, expected);
    let text = refused.to_string();
    for part in ["value", "300", "`u8`"] {
        assert!(text.contains(part), "{part} in: {text}");
    }
    let refused = error::<New<i32>>(Old { value: 1.5f32 });
    assert!(
        matches!(&refused.why, Why::DoesNotFit(value, _) if value == "1.5"),
        "{refused}"
    );
    let refused = error::<New<String>>(Old { value: 1.5f32 });
    assert!(matches!(refused.why, Why::Incompatible { .. }), "{refused}");
}
