//! Randomness as an argument: whoever needs it takes a [`Random`].

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::rand::SecureRandom;

use crate::secrets::Secret;

/// A source of random bytes.
pub trait Random: Send + Sync + Debug {
    /// Fills the whole of `out`.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator, fit for keys.
#[derive(Debug, Clone)]
pub struct SystemRandom(ring::rand::SystemRandom);

impl SystemRandom {
    /// The generator; nothing is opened or read yet.
    pub fn new() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) {
        // A kernel that cannot give random bytes is broken, and a guessable key is worse than a stop.
        self.0.fill(out).expect("the kernel gives random bytes once it has started");
    }
}

/// The same bytes for the same seed, on every machine: for tests and simulations, never for keys of a running exchange.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    blocks: AtomicU64,
}

impl SeededRandom {
    /// A generator that starts at the beginning of the stream that `seed` names.
    pub fn new(seed: u64) -> Self {
        Self { seed, blocks: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let mut block = [0; 16];
            block[..8].copy_from_slice(&self.seed.to_le_bytes());
            block[8..].copy_from_slice(&self.blocks.fetch_add(1, Ordering::SeqCst).to_le_bytes());
            let digest = ring::digest::digest(&ring::digest::SHA256, &block);
            chunk.copy_from_slice(&digest.as_ref()[..chunk.len()]);
        }
    }
}

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `length` ASCII letters and digits, each of the 62 equally likely.
///
/// Bytes from 248 up are thrown away: 248 is the largest multiple of 62 in a byte, and using the rest would make the first
/// letters of the alphabet likelier.
pub fn alphanumeric(random: &dyn Random, length: usize) -> Secret<String> {
    let mut text = String::with_capacity(length);
    let mut bytes = Secret::new([0_u8; 64]);
    while text.len() < length {
        random.fill(bytes.expose_mut());
        let usable = bytes.expose().iter().filter(|byte| **byte < 248);
        let letters = usable.map(|byte| char::from(ALPHANUMERIC[usize::from(byte % 62)]));
        text.extend(letters.take(length - text.len()));
    }
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_bytes_and_another_does_not() {
        let draw = |seed| {
            let random = SeededRandom::new(seed);
            let mut out = [0; 100];
            random.fill(&mut out);
            out
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_ne!(draw(7)[..32], draw(7)[32..64]);
    }

    #[test]
    fn alphanumeric_text_uses_all_letters_about_equally() {
        let text = alphanumeric(&SeededRandom::new(1), 62_000);
        assert_eq!(text.expose().len(), 62_000);
        for letter in ALPHANUMERIC {
            let count = text.expose().bytes().filter(|byte| byte == letter).count();
            assert!((800..1_200).contains(&count), "{} came {count} times, about 1000 expected", char::from(*letter));
        }
    }

    #[test]
    fn the_system_gives_different_bytes_each_time() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        SystemRandom::new().fill(&mut first);
        SystemRandom::new().fill(&mut second);
        assert_ne!(first, second);
    }
}
