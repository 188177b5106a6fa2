//! The hash that compares two runs of the engine: of events as they come, and of whole states.

/// A rolling 64-bit hash over words, by folded multiplication (the step of wyhash and of FoldHash).
///
/// It is the same on every machine and every version, and costs about a nanosecond a word. It finds differences between
/// replicas and replays; it does not stand up to somebody who forges a collision, and nothing here relies on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mixer(u64);

const K0: u64 = 0x9E37_79B9_7F4A_7C15;
const K1: u64 = 0xD6E8_FEB8_6659_FD93;

impl Mixer {
    /// A fresh hash.
    pub const fn new() -> Self {
        Self(K0)
    }

    /// Continues from a value that [`Mixer::value`] gave.
    pub const fn resume(value: u64) -> Self {
        Self(value)
    }

    /// Takes in one word.
    #[inline]
    pub const fn word(&mut self, word: u64) {
        let product = ((self.0 ^ word) as u128).wrapping_mul(K1 as u128);
        #[allow(clippy::cast_possible_truncation, reason = "the two halves of the product are what is folded")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        self.0 = folded.rotate_left(29).wrapping_add(K0);
    }

    /// Takes in two words with one multiplication: faster, for the hot path.
    #[inline]
    pub const fn pair(&mut self, a: u64, b: u64) {
        let product = ((self.0 ^ a) as u128).wrapping_mul((b ^ K1) as u128);
        #[allow(clippy::cast_possible_truncation, reason = "the two halves of the product are what is folded")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        // Adding the operands keeps them when the other factor is zero.
        self.0 = (folded ^ self.0.rotate_left(23)).wrapping_add(a.rotate_left(32) ^ b).wrapping_add(K0);
    }

    /// Takes in a signed word.
    #[inline]
    pub const fn signed(&mut self, word: i64) {
        self.word(word.cast_unsigned());
    }

    /// The hash so far.
    pub const fn value(self) -> u64 {
        self.0
    }
}

/// Spreads a key over all 64 bits for a hash table: one folded multiplication, so that neighbours fill groups evenly.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "the two halves of the product are what is folded")]
pub const fn spread(key: u64) -> u64 {
    let product = (key ^ K0) as u128 * K1 as u128;
    (product as u64) ^ ((product >> 64) as u64)
}

impl Default for Mixer {
    fn default() -> Self {
        Self::new()
    }
}
