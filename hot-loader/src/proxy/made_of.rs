//! What a system that never ran was made of: the values that it captured.
//!
//! A function is nothing but its type. A closure holds what it captured, a function
//! pointer its function, `in_state(State::Playing)` its state: equal types, and yet
//! another system when the value changes. So the bytes of the object decide, before
//! it is initialised.
//!
//! In doubt two objects are not alike: bytes that nothing was written to, and values
//! behind pointers, differ by accident. It must never call objects alike that are not.

use super::bytes;
use core::{mem::size_of_val, ops::Range, ptr};

/// The bytes of a system, as words.
#[derive(Clone, Debug, Default)]
pub struct MadeOf {
    words: Vec<usize>,
    /// The bytes behind the last whole word.
    rest: Vec<u8>,
}

impl MadeOf {
    /// Reads an object.
    pub fn read<T: ?Sized>(object: &T) -> Self {
        let first = ptr::from_ref(object).cast();
        // SAFETY: the bytes of `object`, which is borrowed.
        let bytes = unsafe { bytes::copied(first, size_of_val(object)) };
        let (words, rest) = bytes.as_chunks();
        Self {
            words: words.iter().copied().map(usize::from_ne_bytes).collect(),
            rest: rest.to_vec(),
        }
    }

    /// Whether two objects of one type captured the same values. Both hold the system's
    /// `name` as text in `constants`, the mapped images' read-only data, each its own.
    pub fn is_like(&self, other: &Self, name: &str, constants: &[Range<usize>]) -> bool {
        if self.words.len() != other.words.len() || self.rest != other.rest {
            return false;
        }
        let mut at = 0;
        while at < self.words.len() {
            if self.words[at] == other.words[at] {
                at += 1;
                continue;
            }
            // Of what lies behind a pointer nothing is known, but for the name.
            let is_name = |made: &Self| {
                let length = made.words.get(at + 1).copied().unwrap_or_default();
                text(made.words[at], length, constants) == Some(name.as_bytes())
            };
            if !(is_name(self) && is_name(other)) {
                return false;
            }
            at += 2;
        }
        true
    }
}

/// The bytes of a `&'static str` in constant data.
fn text(address: usize, length: usize, constants: &[Range<usize>]) -> Option<&'static [u8]> {
    const LONGEST: usize = 4096;
    let end = address.checked_add(length)?;
    let inside = (1..=LONGEST).contains(&length)
        && constants
            .iter()
            .any(|range| range.contains(&address) && end <= range.end);
    inside.then(|| {
        // SAFETY: within read-only data of a mapped image (above), which is never
        // unmapped and never written to.
        unsafe { core::slice::from_raw_parts(ptr::with_exposed_provenance::<u8>(address), length) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures(number: u64) -> impl Fn() -> u64 {
        move || number
    }

    #[test]
    fn a_captured_value_decides() {
        let read = |number| MadeOf::read(&captures(number));
        assert!(read(7).is_like(&read(7), "", &[]));
        assert!(!read(7).is_like(&read(8), "", &[]));
    }

    #[test]
    fn the_name_may_lie_elsewhere_and_nothing_else_may() {
        static DATA: &str = "one.one.two";
        let (one, also_one, two) = (&DATA[..3], &DATA[4..7], &DATA[8..]);
        let range = DATA.as_ptr() as usize..DATA.as_ptr() as usize + DATA.len();
        let constants = [range];
        let read = |text: &'static str| MadeOf::read(&text);
        assert!(read(one).is_like(&read(also_one), "one", &constants));
        assert!(!read(one).is_like(&read(also_one), "two", &constants));
        assert!(!read(one).is_like(&read(two), "one", &constants));
        assert!(
            !read(one).is_like(&read(also_one), "one", &[]),
            "it may be gone"
        );
    }
}
