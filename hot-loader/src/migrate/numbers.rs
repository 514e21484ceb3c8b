//! Numbers where they stand: of which type the compiler says that they are, and their bits.
//! What a number becomes in another type is not decided here (`convert::numbers`).
#![expect(
    unsafe_code,
    reason = "numbers are read and written by their addresses"
)]

use crate::convert::numbers::Number;
use core::ops::Range;
use hot_loader_verdict::layouts::{Kind, Type};

/// The number that a type is.
pub fn number(ty: &Type) -> Option<Number> {
    let number = Number::named(&ty.name)?;
    let is_known = matches!(ty.kind, Kind::Base(_)) && ty.size == number.size() as u64;
    is_known.then_some(number)
}

/// The bits of a number of `size` bytes.
///
/// # Safety
/// One must be at `place`.
pub unsafe fn read(place: *const u8, size: usize) -> u128 {
    let mut bytes = [0; 16];
    let lowest = &mut bytes[lowest(size)];
    // SAFETY: the caller's; as long as these bytes, or longer.
    unsafe { place.copy_to_nonoverlapping(lowest.as_mut_ptr(), lowest.len()) };
    u128::from_ne_bytes(bytes)
}

/// The places of the lowest `size` bytes of sixteen.
fn lowest(size: usize) -> Range<usize> {
    let size = size.min(16);
    match cfg!(target_endian = "big") {
        true => 16 - size..16,
        false => 0..size,
    }
}

/// Writes the lowest bits as a number of `size` bytes.
///
/// # Safety
/// `place` must be one for it.
pub unsafe fn write(bits: u128, place: *mut u8, size: usize) {
    let lowest = &bits.to_ne_bytes()[lowest(size)];
    // SAFETY: the caller's; as long as these bytes, or longer.
    unsafe { place.copy_from_nonoverlapping(lowest.as_ptr(), lowest.len()) };
}

/// Writes the number of one type at `from` as one of another to `to`.
///
/// # Safety
/// One must be at `from`, and `to` must be a place for the other.
///
/// # Errors
/// If it does not fit exactly; a float may be rounded to a shorter one.
pub unsafe fn convert(
    (from, old): (*const u8, Number),
    (to, new): (*mut u8, Number),
) -> Result<(), String> {
    // SAFETY: the caller's.
    let value = old.of_bits(unsafe { read(from, old.size()) });
    let bits = new.bits(value);
    let bits = bits.ok_or_else(|| format!("{value} does not fit {}", new.name()))?;
    // SAFETY: the caller's.
    unsafe { write(bits, to, new.size()) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of the bytes of one number in another type.
    fn converted<const N: usize, const M: usize>(
        from: (Number, [u8; N]),
        to: Number,
    ) -> Result<[u8; M], String> {
        let mut bytes = [0; M];
        // SAFETY: both are arrays of the numbers' sizes.
        unsafe { convert((from.1.as_ptr(), from.0), (bytes.as_mut_ptr(), to)) }?;
        Ok(bytes)
    }

    #[test]
    fn what_fits_is_the_same_number() {
        use Number::{Bool, Char, F32, F64, I8, I16, I64, U8, U32, U64};
        let u32s = (U32, 200u32.to_ne_bytes());
        assert_eq!(converted(u32s, U64), Ok(200u64.to_ne_bytes()));
        assert_eq!(converted(u32s, U8), Ok([200u8]));
        assert_eq!(converted(u32s, I16), Ok(200i16.to_ne_bytes()));
        assert_eq!(converted(u32s, F32), Ok(200f32.to_ne_bytes()));
        let negative = (I8, (-5i8).to_ne_bytes());
        assert_eq!(converted(negative, I64), Ok((-5i64).to_ne_bytes()));
        assert_eq!(converted(negative, F64), Ok((-5f64).to_ne_bytes()));
        let float = (F64, 0.1f64.to_ne_bytes());
        assert_eq!(converted(float, F32), Ok(0.1f32.to_ne_bytes()));
        assert_eq!(converted((Bool, [1]), U32), Ok(1u32.to_ne_bytes()));
        let letter = (Char, u32::from('x').to_ne_bytes());
        assert_eq!(converted(letter, U8), Ok([b'x']));
    }

    #[test]
    fn what_does_not_fit_is_said_and_not_cut() {
        use Number::{Bool, Char, F32, F64, I32, I64, U8, U32, U64};
        let big = (U32, 300u32.to_ne_bytes());
        let error = converted::<4, 1>(big, U8).unwrap_err();
        assert_eq!(error, "300 does not fit u8");
        assert!(converted::<4, 1>(big, Bool).is_err());
        let negative = (I32, (-1i32).to_ne_bytes());
        assert!(converted::<4, 4>(negative, U32).is_err());
        let half = (F32, 1.5f32.to_ne_bytes());
        assert!(converted::<4, 8>(half, I64).is_err());
        let nan = (F64, f64::NAN.to_ne_bytes());
        assert!(converted::<8, 8>(nan, I64).is_err());
        let huge = (F64, 1e300f64.to_ne_bytes());
        assert!(converted::<8, 4>(huge, F32).is_err());
        let odd = (U64, (u64::from(u32::MAX) + (1 << 40)).to_ne_bytes());
        assert!(converted::<8, 4>(odd, F32).is_err(), "rounded");
        let surrogate = (U32, 0xd800u32.to_ne_bytes());
        assert!(converted::<4, 4>(surrogate, Char).is_err());
    }
}
