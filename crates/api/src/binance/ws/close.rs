//! Why a connection ends, in the codes of RFC 6455 (section 7.4.1) and in words.

use axum::extract::ws::{CloseFrame, Utf8Bytes, close_code};
use projections::End;

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseReason {
    /// The client closed it, or the network did.
    Gone,
    /// More messages per second than allowed.
    TooManyMessages,
    /// A message longer than allowed, a broken frame, or text that is not UTF-8.
    BrokenFrame,
    /// A binary message: this door speaks JSON text.
    Binary,
    /// The client does not read as fast as it is sent to.
    SlowReader,
    /// No answer to a ping for too long.
    NoPong,
    /// A day has passed.
    MaximumAge,
    /// The server lost the thread of a stream that the client listens to; a new connection starts afresh.
    Resync,
    /// The server stops.
    Shutdown,
}

impl CloseReason {
    /// That of a connection whose events of an account have ended.
    pub(crate) const fn of(end: End) -> Self {
        match end {
            End::SlowReader => Self::SlowReader,
            End::Resync => Self::Resync,
            End::Stopped => Self::Shutdown,
        }
    }

    /// A word for metrics and the log.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::TooManyMessages => "too_many_messages",
            Self::BrokenFrame => "broken_frame",
            Self::Binary => "binary",
            Self::SlowReader => "slow_reader",
            Self::NoPong => "no_pong",
            Self::MaximumAge => "maximum_age",
            Self::Resync => "resync",
            Self::Shutdown => "shutdown",
        }
    }

    /// The close frame; at most 123 bytes of reason (RFC 6455, section 5.5).
    pub(crate) const fn frame(self) -> CloseFrame {
        let (code, text) = match self {
            Self::Gone => (close_code::NORMAL, ""),
            Self::TooManyMessages => (close_code::POLICY, "Too many requests"),
            Self::BrokenFrame => (close_code::POLICY, "Invalid or oversized message"),
            Self::Binary => (close_code::UNSUPPORTED, "Binary messages are not supported; send JSON text"),
            Self::SlowReader => (close_code::POLICY, "Slow reader: the buffer of outgoing messages is full"),
            Self::NoPong => (close_code::POLICY, "Pong timeout"),
            Self::MaximumAge => (close_code::NORMAL, "The connection is 24 hours old; connect again"),
            Self::Resync => (close_code::AGAIN, "Messages were lost on the server; connect again"),
            Self::Shutdown => (close_code::AWAY, "The server is shutting down"),
        };
        CloseFrame { code, reason: Utf8Bytes::from_static(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::CloseReason;

    #[test]
    fn reasons_fit_in_a_control_frame() {
        for reason in [
            CloseReason::Gone,
            CloseReason::TooManyMessages,
            CloseReason::BrokenFrame,
            CloseReason::Binary,
            CloseReason::SlowReader,
            CloseReason::NoPong,
            CloseReason::MaximumAge,
            CloseReason::Resync,
            CloseReason::Shutdown,
        ] {
            assert!(reason.frame().reason.len() <= 123, "{reason:?}");
            assert!(!reason.label().is_empty());
        }
    }
}
