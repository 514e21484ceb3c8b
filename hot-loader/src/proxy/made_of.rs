//! What a system that never ran was made of: the values that it captured.
//!
//! A function is nothing but its type. A closure holds what it captured, a function
//! pointer its function, `in_state(State::Playing)` its state: equal types, and yet
//! another system when the value changes. So the bytes of the object decide, before
//! it is initialised.
//!
//! In doubt two objects are not alike: bytes that nothing was written to, and values
//! behind pointers, differ by accident. It must never call objects alike that are not.

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
        const WORD: usize = size_of::<usize>();
        let size = size_of_val(object);
        let first = ptr::from_ref(object).cast::<u8>();
        // SAFETY: the bytes lie within `object`. Some may be padding, so nothing is
        // assumed of their values: they are read one by one as plain memory, and a
        // wrong one makes two objects differ, never alike.
        let byte = |at: usize| unsafe { first.add(at).read_volatile() };
        let words = (0..size / WORD).map(|word| {
            let mut bytes = [0; WORD];
            for (i, to) in bytes.iter_mut().enumerate() {
                *to = byte(word * WORD + i);
            }
            usize::from_ne_bytes(bytes)
        });
        Self {
            words: words.collect(),
            rest: (size / WORD * WORD..size).map(byte).collect(),
        }
    }

    /// Whether two objects of one type captured the same values. `constants` are the
    /// mapped images' read-only data: text in them is compared by what it says.
    pub fn is_like(&self, other: &Self, constants: &[Range<usize>]) -> bool {
        if self.words.len() != other.words.len() || self.rest != other.rest {
            return false;
        }
        let mut at = 0;
        while at < self.words.len() {
            if self.words[at] == other.words[at] {
                at += 1;
                continue;
            }
            // Two images have one text at two addresses: a system's name, for one.
            let text = |made: &Self| text(made.words[at], *made.words.get(at + 1)?, constants);
            match (text(self), text(other)) {
                (Some(ours), Some(theirs)) if ours == theirs => at += 2,
                _ => return false,
            }
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
        unsafe {
            core::slice::from_raw_parts(ptr::with_exposed_provenance::<u8>(address), length)
        }
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
        assert!(read(7).is_like(&read(7), &[]));
        assert!(!read(7).is_like(&read(8), &[]));
    }

    #[test]
    fn equal_text_in_constant_data_is_alike_and_other_text_is_not() {
        static DATA: &str = "one.one.two";
        let (one, also_one, two) = (&DATA[..3], &DATA[4..7], &DATA[8..]);
        let range = DATA.as_ptr() as usize..DATA.as_ptr() as usize + DATA.len();
        let constants = [range];
        let read = |text: &'static str| MadeOf::read(&text);
        assert!(read(one).is_like(&read(also_one), &constants));
        assert!(!read(one).is_like(&read(two), &constants));
        assert!(!read(one).is_like(&read(also_one), &[]), "elsewhere it may be gone");
    }
}
