//! Choices out of bytes. When they end, every further choice is the first one.

/// What is left.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

/// Numbers at the edges of what fits.
const EXTREMES: [i64; 8] = [0, -1, i64::MAX, i64::MIN, i64::MAX / 2, 1 << 40, 1_000_000, 1];

impl Bytes<'_> {
    /// The next byte; zero at the end.
    pub(super) fn byte(&mut self) -> u8 {
        let [first, rest @ ..] = self.0 else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `bound`, which is above zero.
    pub(super) fn below(&mut self, bound: u8) -> u8 {
        self.byte() % bound
    }

    /// True for about so many bytes of 256.
    pub(super) fn chance(&mut self, of_256: u8) -> bool {
        // The highest, so that the end of the bytes means no.
        self.byte() > u8::MAX - of_256
    }

    /// One of the items.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::from(self.byte()) % items.len()]
    }

    /// A number from `low` on, one of `span`, which is at most 240; seldom something else altogether.
    pub(super) fn number(&mut self, low: i64, span: u8) -> i64 {
        let byte = self.byte();
        match usize::from(byte).checked_sub(248) {
            Some(extreme) => EXTREMES[extreme],
            None => low + i64::from(byte % span),
        }
    }
}
