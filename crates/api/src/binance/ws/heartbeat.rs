//! Pings and the pongs that must follow.

use std::collections::VecDeque;

use axum::body::Bytes;

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Send a ping with this payload; a pong must carry the same.
    Ping(Bytes),
    /// The oldest ping has gone unanswered for too long.
    Dead,
}

/// The pings of one connection.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    timeout_us: u64,
    next: u64,
    /// Number and time of each ping that no pong has answered, oldest first. At most `timeout / interval + 1` of them.
    open: VecDeque<(u64, u64)>,
}

impl Heartbeat {
    /// A connection is dead when a ping is unanswered for `timeout_us`.
    pub(crate) const fn new(timeout_us: u64) -> Self {
        Self { timeout_us, next: 1, open: VecDeque::new() }
    }

    /// To be called at every ping interval.
    pub(crate) fn tick(&mut self, now_us: u64) -> Beat {
        if self.open.front().is_some_and(|&(_, sent)| now_us.saturating_sub(sent) >= self.timeout_us) {
            return Beat::Dead;
        }
        let number = self.next;
        self.next += 1;
        self.open.push_back((number, now_us));
        Beat::Ping(Bytes::from(number.to_string()))
    }

    /// A pong came. It answers its ping and the earlier ones; one that answers none is ignored, as the Binance rules say.
    pub(crate) fn pong(&mut self, payload: &[u8]) {
        let Some(number) = std::str::from_utf8(payload).ok().and_then(|text| text.parse::<u64>().ok()) else { return };
        if self.open.iter().any(|&(sent, _)| sent == number) {
            self.open.retain(|&(sent, _)| sent > number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Beat, Bytes, Heartbeat};

    const SECOND: u64 = 1_000_000;

    #[test]
    fn three_silent_intervals_and_it_is_dead() {
        let mut heart = Heartbeat::new(60 * SECOND);
        assert_eq!(heart.tick(20 * SECOND), Beat::Ping(Bytes::from("1")));
        assert_eq!(heart.tick(40 * SECOND), Beat::Ping(Bytes::from("2")));
        assert_eq!(heart.tick(60 * SECOND), Beat::Ping(Bytes::from("3")));
        assert_eq!(heart.tick(80 * SECOND), Beat::Dead);
    }

    #[test]
    fn only_a_true_answer_keeps_it_alive() {
        let mut heart = Heartbeat::new(60 * SECOND);
        for n in 1..=3 {
            heart.tick(n * 20 * SECOND);
            heart.pong(b"");
            heart.pong(b"99");
            heart.pong(b"\xff");
        }
        assert_eq!(heart.tick(80 * SECOND), Beat::Dead);

        let mut heart = Heartbeat::new(60 * SECOND);
        for n in 1..=100u64 {
            assert_ne!(heart.tick(n * 20 * SECOND), Beat::Dead);
            heart.pong(n.to_string().as_bytes());
        }
    }

    #[test]
    fn a_late_answer_counts_for_the_earlier_pings_only() {
        let mut heart = Heartbeat::new(60 * SECOND);
        heart.tick(20 * SECOND);
        heart.tick(40 * SECOND);
        heart.pong(b"1");
        heart.tick(60 * SECOND);
        assert_ne!(heart.tick(80 * SECOND), Beat::Dead, "the ping of 40 s is 40 s old");
        assert_eq!(heart.tick(100 * SECOND), Beat::Dead);
    }
}
