//! The limit of incoming messages.

use std::collections::VecDeque;

const WINDOW_US: u64 = 1_000_000;

/// Counts messages in the second before each.
#[derive(Debug)]
pub(crate) struct MessageRate {
    limit: usize,
    /// Times of the last messages, at most `limit` of them, in microseconds.
    recent: VecDeque<u64>,
}

impl MessageRate {
    /// Lets `limit` messages through in any second.
    pub(crate) const fn new(limit: usize) -> Self {
        Self { limit, recent: VecDeque::new() }
    }

    /// Counts a message that came at `now_us` of a clock that never goes back; `false` when it is one too many.
    pub(crate) fn allow(&mut self, now_us: u64) -> bool {
        while self.recent.front().is_some_and(|&first| now_us.saturating_sub(first) >= WINDOW_US) {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.limit {
            return false;
        }
        self.recent.push_back(now_us);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::MessageRate;

    #[test]
    fn five_in_any_second_and_not_six() {
        let mut rate = MessageRate::new(5);
        let times = [0, 100, 200, 300, 999_999];
        assert!(times.iter().all(|&at| rate.allow(at)));
        assert!(!rate.allow(999_999), "the sixth within a second");
        assert!(rate.allow(1_000_000), "the first has left the window");
        assert!(!rate.allow(1_000_050));
        assert!(rate.allow(1_000_100));
    }

    #[test]
    fn a_steady_client_is_never_cut_off() {
        let mut rate = MessageRate::new(5);
        assert!((0..1_000u64).all(|n| rate.allow(n * 200_000)));
    }
}
