//! The bytes of an object of a type that only others know.
//!
//! Some of them may be padding, which has no value in Rust: reading it as a number is
//! undefined. So the bytes are copied as they are, and the copy goes through an assembly
//! block, of which the compiler knows nothing but that it may have written to it. What
//! stood in padding is some number then, the same whenever it is looked at.

use core::{arch::asm, mem::MaybeUninit, ptr};

/// Copies `size` bytes from `first`.
///
/// # Safety
/// They must lie within one object that lives, and that nobody writes to meanwhile.
pub unsafe fn copied(first: *const u8, size: usize) -> Vec<u8> {
    let mut copy = vec![MaybeUninit::<u8>::uninit(); size];
    let to = copy.as_mut_ptr();
    // SAFETY: the caller's; the copy is as long, and of a type that may be uninitialised.
    unsafe { ptr::copy_nonoverlapping(first.cast(), to, size) };
    // SAFETY: it does nothing. As far as the compiler knows it initialises the copy, whose
    // address it gets: memory is among what it may change.
    unsafe { asm!("/* {} */", in(reg) to, options(nostack, preserves_flags)) };
    let byte = |byte: MaybeUninit<u8>| {
        // SAFETY: initialised by the block above, for all that the compiler knows.
        unsafe { byte.assume_init() }
    };
    copy.into_iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    struct Padded {
        small: u8,
        wide: u32,
    }

    #[test]
    fn values_are_copied_and_padding_is_some_number() {
        let padded = Padded { small: 7, wide: 9 };
        assert_eq!((padded.small, padded.wide), (7, 9));
        // SAFETY: the whole of an object that lives.
        let bytes = unsafe { copied(ptr::from_ref(&padded).cast(), size_of::<Padded>()) };
        assert_eq!(bytes.len(), 8);
        assert_eq!((bytes[0], &bytes[4..]), (7, &9u32.to_ne_bytes()[..]));
        // SAFETY: no bytes at all.
        let none = unsafe { copied(ptr::from_ref(&padded).cast(), 0) };
        assert!(none.is_empty());
    }
}
