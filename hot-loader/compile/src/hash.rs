//! Hashes that mean the same in every process and on every machine.
//!
//! FNV-1a, spelled out here because the crate identity of a generation is derived
//! from it. Must never be replaced by std's `DefaultHasher`, which promises
//! nothing between releases.

/// An identifier, as its 64-bit FNV-1a hash. Two identifiers of equal hash would
/// only ever make more things count as named, never fewer.
pub type Name = u64;

/// The [`Name`] of an identifier; `r#type` and `type` are one.
pub fn name(ident: &str) -> Name {
    let ident = ident.strip_prefix("r#").unwrap_or(ident);
    ident.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// 128-bit FNV-1a.
#[derive(Clone, Copy, Debug)]
pub struct Fnv(u128);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Fnv {
    /// Takes in bytes.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(self.0, |hash, byte| {
            (hash ^ u128::from(*byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b)
        }))
    }

    /// A text and its end, so that `ab c` and `a bc` differ.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).bytes(&[0xff])
    }

    /// Takes in a number.
    #[must_use]
    pub fn number(self, number: u128) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    /// The hash of all that was taken in.
    #[must_use]
    pub const fn finish(self) -> u128 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Fnv, name};

    #[test]
    fn the_hashes_are_the_published_fnv_1a() {
        assert_eq!(name("a"), 0xaf63_dc4c_8601_ec8c);
        let hash = Fnv::default().bytes(b"a");
        assert_eq!(hash.finish(), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }
}
