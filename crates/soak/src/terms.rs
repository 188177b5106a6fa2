//! The two forms of the soak: how long, and under which limits of the server.

use std::time::Duration;

/// How long it goes on, and what the server is told that differs from its defaults.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// Whether this is the short form.
    pub(crate) is_short: bool,
    /// From the first to the last client.
    pub(crate) time: Duration,
    /// How long the highest load is looked for.
    pub(crate) calibration: Duration,
    /// Between two lines for whoever watches.
    pub(crate) progress: Duration,
    /// `http.header_timeout_ms`
    pub(crate) head: Duration,
    /// `http.request_timeout_ms`
    pub(crate) request: Duration,
    /// `http.ws.ping_interval_ms`
    pub(crate) ping: Duration,
    /// `http.ws.pong_timeout_ms`
    pub(crate) pong: Duration,
    /// `grpc.keepalive_interval_ms` and `grpc.keepalive_timeout_ms` together.
    pub(crate) keepalive: Duration,
    /// `http.ws.send_buffer_messages` and `grpc.stream_buffer_messages`
    pub(crate) send_buffer: u32,
    /// `limits.orders_10s`
    pub(crate) orders_10s: u64,
}

/// `limits.weight_1m` and `limits.refusals_before_ban`: the defaults.
pub(crate) const WEIGHT_1M: u64 = 6_000;
/// See [`WEIGHT_1M`].
pub(crate) const REFUSALS_BEFORE_BAN: u64 = 100;
/// `http.max_body_bytes` and `http.ws.max_message_bytes`: the defaults.
pub(crate) const MAX_BODY: usize = 65_536;
/// How much later than it has to something may happen on a machine that is busy with all this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

impl Terms {
    /// So many minutes with the deadlines of the defaults.
    pub(crate) const fn of(minutes: u64) -> Self {
        Self {
            is_short: false,
            time: Duration::from_secs(60 * minutes),
            calibration: Duration::from_secs(5),
            progress: Duration::from_secs(10),
            head: Duration::from_secs(10),
            request: Duration::from_secs(10),
            ping: Duration::from_secs(20),
            pong: Duration::from_secs(60),
            keepalive: Duration::from_secs(40),
            send_buffer: 1_024,
            orders_10s: 20_000,
        }
    }

    /// The short form.
    pub(crate) const fn short() -> Self {
        Self {
            is_short: true,
            time: Duration::from_secs(40),
            calibration: Duration::from_secs(2),
            progress: Duration::from_secs(5),
            head: Duration::from_secs(3),
            request: Duration::from_secs(4),
            ping: Duration::from_secs(4),
            pong: Duration::from_secs(8),
            keepalive: Duration::from_secs(8),
            send_buffer: 64,
            orders_10s: 1_000,
        }
    }

    /// The settings of the server that is watched.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let milliseconds = |time: Duration| time.as_millis().to_string();
        vec![
            ("RIALTO_HTTP_HEADER_TIMEOUT_MS", milliseconds(self.head)),
            ("RIALTO_HTTP_REQUEST_TIMEOUT_MS", milliseconds(self.request)),
            ("RIALTO_HTTP_WS_PING_INTERVAL_MS", milliseconds(self.ping)),
            ("RIALTO_HTTP_WS_PONG_TIMEOUT_MS", milliseconds(self.pong)),
            ("RIALTO_HTTP_WS_SEND_BUFFER_MESSAGES", self.send_buffer.to_string()),
            ("RIALTO_GRPC_STREAM_BUFFER_MESSAGES", self.send_buffer.to_string()),
            ("RIALTO_GRPC_KEEPALIVE_INTERVAL_MS", milliseconds(self.keepalive / 2)),
            ("RIALTO_GRPC_KEEPALIVE_TIMEOUT_MS", milliseconds(self.keepalive / 2)),
            ("RIALTO_LIMITS_ORDERS_10S", self.orders_10s.to_string()),
            // A day's worth would be used up within minutes; there is one kind of refusal for both spans.
            ("RIALTO_LIMITS_ORDERS_1D", "0".to_owned()),
        ]
    }
}
