//! Numbers of one type read as another: exactly, or not at all. Pure but for the
//! places that it reads and writes.
#![expect(
    unsafe_code,
    reason = "numbers are read and written by their addresses"
)]

/// A primitive type; the number is its size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Unsigned.
    Unsigned(usize),
    /// Signed.
    Signed(usize),
    /// Floating-point.
    Float(usize),
    /// `bool`.
    Bool,
    /// `char`.
    Char,
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number that is not negative.
    Natural(u128),
    /// A negative number.
    Negative(i128),
    /// A floating-point number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A character.
    Char(char),
}

impl core::fmt::Display for Value {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Natural(value) => value.fmt(f),
            Self::Negative(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Char(value) => value.fmt(f),
        }
    }
}

impl Number {
    fn size(self) -> usize {
        match self {
            Self::Unsigned(size) | Self::Signed(size) | Self::Float(size) => size,
            Self::Bool => 1,
            Self::Char => 4,
        }
    }

    /// The bits at `place`, as a number without a sign.
    ///
    /// # Safety
    /// A number of this type must be there.
    unsafe fn bits(self, place: *const u8) -> u128 {
        // SAFETY: the caller's; unaligned, since packed types are not.
        unsafe {
            match self.size() {
                1 => u128::from(place.read()),
                2 => u128::from(place.cast::<u16>().read_unaligned()),
                4 => u128::from(place.cast::<u32>().read_unaligned()),
                8 => u128::from(place.cast::<u64>().read_unaligned()),
                _ => place.cast::<u128>().read_unaligned(),
            }
        }
    }

    /// The integer at `place`, as the values of an enum's tag are given.
    ///
    /// # Safety
    /// A number of this type must be there.
    pub unsafe fn integer(self, place: *const u8) -> i128 {
        // SAFETY: the caller's.
        let bits = unsafe { self.bits(place) };
        let unused = 128 - 8 * self.size().min(16) as u32;
        match self {
            Self::Signed(_) => ((bits << unused) as i128) >> unused,
            _ => bits as i128,
        }
    }

    /// Whether two integers are the same bits in this type.
    pub fn same(self, a: i128, b: i128) -> bool {
        let unused = 128 - 8 * self.size().min(16) as u32;
        (a << unused) == (b << unused)
    }

    /// Writes the low bytes of an integer.
    ///
    /// # Safety
    /// `place` must be one for a number of this type.
    pub unsafe fn put(self, value: i128, place: *mut u8) {
        // SAFETY: the caller's.
        unsafe {
            match self.size() {
                1 => place.write(value as u8),
                2 => place.cast::<u16>().write_unaligned(value as u16),
                4 => place.cast::<u32>().write_unaligned(value as u32),
                8 => place.cast::<u64>().write_unaligned(value as u64),
                _ => place.cast::<i128>().write_unaligned(value),
            }
        }
    }

    /// The number at `place`.
    ///
    /// # Safety
    /// One of this type must be there.
    pub unsafe fn read(self, place: *const u8) -> Value {
        // SAFETY: the caller's.
        let bits = unsafe { self.bits(place) };
        match self {
            Self::Unsigned(_) => Value::Natural(bits),
            Self::Signed(_) => {
                // SAFETY: the caller's.
                let value = unsafe { self.integer(place) };
                u128::try_from(value).map_or(Value::Negative(value), Value::Natural)
            }
            Self::Float(4) => Value::Float(f64::from(f32::from_bits(bits as u32))),
            Self::Float(_) => Value::Float(f64::from_bits(bits as u64)),
            Self::Bool => Value::Bool(bits != 0),
            Self::Char => Value::Char(char::from_u32(bits as u32).unwrap_or_default()),
        }
    }

    /// Writes `value` as a number of this type.
    ///
    /// # Safety
    /// `place` must be one for it.
    ///
    /// # Errors
    /// If it does not fit exactly; a float may be rounded to a shorter one.
    pub unsafe fn write(self, value: Value, place: *mut u8) -> Result<(), String> {
        let bits = self.bits_of(value);
        let bits = bits.ok_or_else(|| format!("{value} does not fit {}", self.name()))?;
        // SAFETY: the caller's.
        unsafe { self.put(bits, place) };
        Ok(())
    }

    fn name(self) -> String {
        match self {
            Self::Unsigned(size) => format!("u{}", size * 8),
            Self::Signed(size) => format!("i{}", size * 8),
            Self::Float(size) => format!("f{}", size * 8),
            Self::Bool => "bool".into(),
            Self::Char => "char".into(),
        }
    }

    fn bits_of(self, value: Value) -> Option<i128> {
        match self {
            Self::Unsigned(size) => {
                let value = natural(value)?;
                let most = u128::MAX >> (128 - 8 * size as u32);
                (value <= most).then_some(value as i128)
            }
            Self::Signed(size) => {
                let value = integer(value)?;
                let most = i128::MAX >> (128 - 8 * size as u32);
                (-most - 1..=most).contains(&value).then_some(value)
            }
            Self::Float(size) => {
                let exact = float(value)?;
                if size == 4 {
                    let short = exact as f32;
                    let whole = !matches!(value, Value::Float(_));
                    let fits = short.is_finite() == exact.is_finite()
                        && (!whole || f64::from(short) == exact);
                    return fits.then_some(i128::from(short.to_bits()));
                }
                Some(i128::from(exact.to_bits()))
            }
            Self::Bool => match value {
                Value::Bool(value) => Some(value.into()),
                Value::Natural(0) => Some(0),
                Value::Natural(1) => Some(1),
                _ => None,
            },
            Self::Char => match value {
                Value::Char(value) => Some(i128::from(u32::from(value))),
                Value::Natural(value) => {
                    let value = u32::try_from(value).ok()?;
                    char::from_u32(value).map(|_| i128::from(value))
                }
                _ => None,
            },
        }
    }
}

fn natural(value: Value) -> Option<u128> {
    match value {
        Value::Natural(value) => Some(value),
        Value::Negative(_) => None,
        Value::Float(value) => {
            let whole = value.fract() == 0.0 && (0.0..2f64.powi(128)).contains(&value);
            whole.then_some(value as u128)
        }
        Value::Bool(value) => Some(value.into()),
        Value::Char(value) => Some(u32::from(value).into()),
    }
}

fn integer(value: Value) -> Option<i128> {
    match value {
        Value::Negative(value) => Some(value),
        Value::Float(value) if value < 0.0 => {
            let whole = value.fract() == 0.0 && value >= -(2f64.powi(127));
            whole.then_some(value as i128)
        }
        other => i128::try_from(natural(other)?).ok(),
    }
}

/// An integer only if a float holds it exactly.
fn float(value: Value) -> Option<f64> {
    match value {
        Value::Natural(whole) => {
            let float = whole as f64;
            (float < 2f64.powi(127) && float as u128 == whole).then_some(float)
        }
        Value::Negative(whole) => {
            let float = whole as f64;
            (float as i128 == whole).then_some(float)
        }
        Value::Float(value) => Some(value),
        Value::Bool(value) => Some(f64::from(u8::from(value))),
        Value::Char(_) => None,
    }
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
        unsafe { to.write(from.0.read(from.1.as_ptr()), bytes.as_mut_ptr()) }?;
        Ok(bytes)
    }

    #[test]
    fn what_fits_is_the_same_number() {
        use Number::{Bool, Char, Float, Signed, Unsigned};
        let u32s = (Unsigned(4), 200u32.to_ne_bytes());
        assert_eq!(converted(u32s, Unsigned(8)), Ok(200u64.to_ne_bytes()));
        assert_eq!(converted(u32s, Unsigned(1)), Ok([200u8]));
        assert_eq!(converted(u32s, Signed(2)), Ok(200i16.to_ne_bytes()));
        assert_eq!(converted(u32s, Float(4)), Ok(200f32.to_ne_bytes()));
        let negative = (Signed(1), (-5i8).to_ne_bytes());
        assert_eq!(converted(negative, Signed(8)), Ok((-5i64).to_ne_bytes()));
        assert_eq!(converted(negative, Float(8)), Ok((-5f64).to_ne_bytes()));
        let float = (Float(8), 0.1f64.to_ne_bytes());
        assert_eq!(converted(float, Float(4)), Ok(0.1f32.to_ne_bytes()));
        assert_eq!(converted((Bool, [1]), Unsigned(4)), Ok(1u32.to_ne_bytes()));
        let letter = (Char, u32::from('x').to_ne_bytes());
        assert_eq!(converted(letter, Unsigned(1)), Ok([b'x']));
    }

    #[test]
    fn what_does_not_fit_is_said_and_not_cut() {
        use Number::{Bool, Char, Float, Signed, Unsigned};
        let big = (Unsigned(4), 300u32.to_ne_bytes());
        let error = converted::<4, 1>(big, Unsigned(1)).unwrap_err();
        assert_eq!(error, "300 does not fit u8");
        assert!(converted::<4, 1>(big, Bool).is_err());
        let negative = (Signed(4), (-1i32).to_ne_bytes());
        assert!(converted::<4, 4>(negative, Unsigned(4)).is_err());
        let half = (Float(4), 1.5f32.to_ne_bytes());
        assert!(converted::<4, 8>(half, Signed(8)).is_err());
        let nan = (Float(8), f64::NAN.to_ne_bytes());
        assert!(converted::<8, 8>(nan, Signed(8)).is_err());
        let huge = (Float(8), 1e300f64.to_ne_bytes());
        assert!(converted::<8, 4>(huge, Float(4)).is_err());
        let odd = (Unsigned(8), (u64::from(u32::MAX) + (1 << 40)).to_ne_bytes());
        assert!(converted::<8, 4>(odd, Float(4)).is_err(), "rounded");
        let surrogate = (Unsigned(4), 0xd800u32.to_ne_bytes());
        assert!(converted::<4, 4>(surrogate, Char).is_err());
    }
}
