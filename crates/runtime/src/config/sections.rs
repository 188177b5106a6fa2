//! The sections of [`Settings`](super::Settings). The doc comments here are the users' reference.

#![allow(clippy::ptr_arg, reason = "the settings library hands a field over as its own type")]

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use confique::Config;

use super::bounds::{between, database_url_or_name, log_filter};
use crate::secrets::Secret;

const HOUR_MS: u64 = 3_600_000;
const MIB: u64 = 1 << 20;

/// The HTTP and WebSocket server.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Http {
    /// Address and port to listen on. Keep it on the loopback address unless a reverse proxy with TLS stands in front.
    #[config(env = "RIALTO_HTTP_LISTEN", default = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Largest accepted request body; a larger one is answered with status 413. Between 1024 and 16777216.
    #[config(env = "RIALTO_HTTP_MAX_BODY_BYTES", default = 65536, validate = between::<1024, { 16 * MIB }, _>)]
    pub max_body_bytes: usize,
    /// How long a client may take to send the head of a request before the connection is closed. Between 100 and 3600000.
    #[config(env = "RIALTO_HTTP_HEADER_TIMEOUT_MS", default = 10000, validate = between::<100, HOUR_MS, _>)]
    pub header_timeout_ms: u64,
    /// How long a request may take, its body included, before it is answered with an error. Between 100 and 3600000.
    #[config(env = "RIALTO_HTTP_REQUEST_TIMEOUT_MS", default = 10000, validate = between::<100, HOUR_MS, _>)]
    pub request_timeout_ms: u64,
    /// HTTP connections open at the same time; further ones wait to be accepted. As many WebSockets may be open besides,
    /// one more is refused. Between 1 and 1000000.
    #[config(env = "RIALTO_HTTP_MAX_CONNECTIONS", default = 12000, validate = between::<1, 1_000_000, _>)]
    pub max_connections: usize,
    /// Addresses of reverse proxies. A request from one of them comes from the last address in its `X-Forwarded-For` that is none
    /// of them; from anybody else the field is not read. As an environment variable: separated by commas.
    #[config(env = "RIALTO_HTTP_TRUSTED_PROXIES", default = [], parse_env = confique::env::parse::list_by_comma)]
    pub trusted_proxies: Vec<IpAddr>,
    /// Origins of other sites whose pages may use the native API with a bearer token, such as `https://app.example`. As an environment
    /// variable: separated by commas.
    #[config(env = "RIALTO_HTTP_CORS_ORIGINS", default = [], parse_env = confique::env::parse::list_by_comma)]
    pub cors_origins: Vec<String>,
    /// How long a stopping server waits for requests under way. Between 0 and 3600000.
    #[config(env = "RIALTO_HTTP_SHUTDOWN_TIMEOUT_MS", default = 10000, validate = between::<0, HOUR_MS, _>)]
    pub shutdown_timeout_ms: u64,
    /// WebSocket connections.
    #[config(nested)]
    pub ws: Ws,
}

impl Http {
    /// `header_timeout_ms` as a duration.
    pub fn header_timeout(&self) -> Duration {
        Duration::from_millis(self.header_timeout_ms)
    }

    /// `request_timeout_ms` as a duration.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// `shutdown_timeout_ms` as a duration.
    pub fn shutdown_timeout(&self) -> Duration {
        Duration::from_millis(self.shutdown_timeout_ms)
    }
}

/// WebSocket connections.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Ws {
    /// Streams that one connection may subscribe to. Between 1 and 65536.
    #[config(env = "RIALTO_HTTP_WS_MAX_SUBSCRIPTIONS", default = 1024, validate = between::<1, 65_536, _>)]
    pub max_subscriptions: usize,
    /// Messages per second that one connection may send, pings and pongs included; a faster one is disconnected. Between 1 and 10000.
    #[config(env = "RIALTO_HTTP_WS_MAX_MESSAGES_PER_SECOND", default = 5, validate = between::<1, 10_000, _>)]
    pub max_messages_per_second: u32,
    /// How often the server sends a ping. Between 1000 and 3600000.
    #[config(env = "RIALTO_HTTP_WS_PING_INTERVAL_MS", default = 20000, validate = between::<1000, HOUR_MS, _>)]
    pub ping_interval_ms: u64,
    /// A connection that has answered no ping for so long is closed; greater than the interval of the pings. Between 1000 and 3600000.
    #[config(env = "RIALTO_HTTP_WS_PONG_TIMEOUT_MS", default = 60000, validate = between::<1000, HOUR_MS, _>)]
    pub pong_timeout_ms: u64,
    /// Messages that wait for a slow reader before it is disconnected; those that a newer one replaces do not count. Between 16 and 1048576.
    #[config(env = "RIALTO_HTTP_WS_SEND_BUFFER_MESSAGES", default = 1024, validate = between::<16, MIB, _>)]
    pub send_buffer_messages: usize,
    /// Largest accepted message. Between 1024 and 16777216.
    #[config(env = "RIALTO_HTTP_WS_MAX_MESSAGE_BYTES", default = 65536, validate = between::<1024, { 16 * MIB }, _>)]
    pub max_message_bytes: usize,
}

impl Ws {
    /// `ping_interval_ms` as a duration.
    pub fn ping_interval(&self) -> Duration {
        Duration::from_millis(self.ping_interval_ms)
    }

    /// `pong_timeout_ms` as a duration.
    pub fn pong_timeout(&self) -> Duration {
        Duration::from_millis(self.pong_timeout_ms)
    }
}

/// The gRPC server.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Grpc {
    /// Address and port to listen on; empty: there is no gRPC. Keep it on the loopback address unless a reverse proxy with TLS
    /// stands in front.
    #[config(env = "RIALTO_GRPC_LISTEN", default = "127.0.0.1:9090")]
    pub listen: OptionalAddress,
    /// Connections open at the same time; further ones wait to be accepted. Between 1 and 1000000.
    #[config(env = "RIALTO_GRPC_MAX_CONNECTIONS", default = 1000, validate = between::<1, 1_000_000, _>)]
    pub max_connections: usize,
    /// Calls of one connection that may be open at the same time, streams included; further ones wait at the client. Between 1
    /// and 10000.
    #[config(env = "RIALTO_GRPC_MAX_STREAMS", default = 100, validate = between::<1, 10_000, _>)]
    pub max_streams: u32,
    /// Largest accepted message. Between 1024 and 16777216.
    #[config(env = "RIALTO_GRPC_MAX_MESSAGE_BYTES", default = 65536, validate = between::<1024, { 16 * MIB }, _>)]
    pub max_message_bytes: usize,
    /// Messages of a stream that wait for a slow reader before it is ended. Between 16 and 1048576.
    #[config(env = "RIALTO_GRPC_STREAM_BUFFER_MESSAGES", default = 1024, validate = between::<16, MIB, _>)]
    pub stream_buffer_messages: usize,
    /// How often the server sends a ping. Between 1000 and 3600000.
    #[config(env = "RIALTO_GRPC_KEEPALIVE_INTERVAL_MS", default = 20000, validate = between::<1000, HOUR_MS, _>)]
    pub keepalive_interval_ms: u64,
    /// A connection that does not answer a ping for so long is closed. Between 1000 and 3600000.
    #[config(env = "RIALTO_GRPC_KEEPALIVE_TIMEOUT_MS", default = 20000, validate = between::<1000, HOUR_MS, _>)]
    pub keepalive_timeout_ms: u64,
}

impl Grpc {
    /// `keepalive_interval_ms` as a duration.
    pub fn keepalive_interval(&self) -> Duration {
        Duration::from_millis(self.keepalive_interval_ms)
    }

    /// `keepalive_timeout_ms` as a duration.
    pub fn keepalive_timeout(&self) -> Duration {
        Duration::from_millis(self.keepalive_timeout_ms)
    }
}

/// An address and port, or an empty text for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct OptionalAddress(pub Option<SocketAddr>);

impl TryFrom<String> for OptionalAddress {
    type Error = std::net::AddrParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() { Ok(Self(None)) } else { text.parse().map(|address| Self(Some(address))) }
    }
}

/// Where data lives.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Store {
    /// Directory of the journal, the snapshots, the embedded database and the key that seals secrets; made at the first start.
    #[config(env = "RIALTO_STORE_DATA_DIR", default = "data", validate(!data_dir.as_os_str().is_empty(), "must not be empty"))]
    pub data_dir: PathBuf,
    /// Database: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`. Without it, the file `rialto.db` in the data directory.
    /// May be the name of a secret that holds it: `secret:NAME`.
    #[config(env = "RIALTO_STORE_DATABASE_URL", validate = database_url_or_name)]
    pub database_url: Option<Secret<String>>,
    /// Connections for reading. Between 1 and 256.
    #[config(env = "RIALTO_STORE_READ_CONNECTIONS", default = 4, validate = between::<1, 256, _>)]
    pub read_connections: u32,
    /// Connections for writing to PostgreSQL; SQLite always has one. Between 1 and 256.
    #[config(env = "RIALTO_STORE_WRITE_CONNECTIONS", default = 4, validate = between::<1, 256, _>)]
    pub write_connections: u32,
}

impl Store {
    /// The address of the database: the one that is set, else that of `rialto.db` in the data directory.
    pub fn database_url(&self) -> Secret<String> {
        if let Some(url) = &self.database_url {
            return url.clone();
        }
        let file = self.data_dir.join("rialto.db");
        // The path stands in an address, where these three have a meaning of their own.
        let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        Secret::new(format!("sqlite://{path}"))
    }
}

/// The durable log of commands.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Journal {
    /// Size of one segment file. Between 1048576 and 4294967296.
    #[config(env = "RIALTO_JOURNAL_SEGMENT_BYTES", default = 67108864, validate = between::<MIB, { 4096 * MIB }, _>)]
    pub segment_bytes: u64,
    /// Commands between two snapshots: fewer make a restart quicker and write more. Between 1 and 1000000000.
    #[config(env = "RIALTO_JOURNAL_SNAPSHOT_EVERY_COMMANDS", default = 1000000, validate = between::<1, 1_000_000_000, _>)]
    pub snapshot_every_commands: u64,
    /// Snapshots that are kept, the newest first. Between 1 and 1000.
    #[config(env = "RIALTO_JOURNAL_KEEP_SNAPSHOTS", default = 3, validate = between::<1, 1000, _>)]
    pub keep_snapshots: usize,
    /// Whether all segments are kept. Without them, what is older than the oldest snapshot cannot be replayed, nor the read models rebuilt.
    #[config(env = "RIALTO_JOURNAL_RETAIN_SEGMENTS", default = true)]
    pub retain_segments: bool,
}

/// The engine's queues.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Node {
    /// Commands that wait for the engine; further ones are refused at once. Between 1 and 16777216.
    #[config(env = "RIALTO_NODE_QUEUE_COMMANDS", default = 65536, validate = between::<1, { 16 * MIB }, _>)]
    pub queue_commands: usize,
    /// Most commands that share one write to the disk; not more than the queue holds. Between 1 and 65536.
    #[config(env = "RIALTO_NODE_BATCH_COMMANDS", default = 1024, validate = between::<1, 65_536, _>)]
    pub batch_commands: usize,
    /// Batches of events kept for readers; one that falls further behind is told so and catches up from the journal. Between 1 and 1048576.
    #[config(env = "RIALTO_NODE_FAN_OUT_BATCHES", default = 1024, validate = between::<1, MIB, _>)]
    pub fan_out_batches: usize,
}

/// The SQL read models.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Projections {
    /// Most commands whose rows are written in one transaction. Between 1 and 100000.
    #[config(env = "RIALTO_PROJECTIONS_BATCH_COMMANDS", default = 8000, validate = between::<1, 100_000, _>)]
    pub batch_commands: usize,
    /// Pause after a transaction that was not full, so that more commands share the next. History is behind by as much.
    /// Between 1 and 60000.
    #[config(env = "RIALTO_PROJECTIONS_FLUSH_INTERVAL_MS", default = 50, validate = between::<1, 60_000, _>)]
    pub flush_interval_ms: u64,
}

impl Projections {
    /// `flush_interval_ms` as a duration.
    pub fn flush_interval(&self) -> Duration {
        Duration::from_millis(self.flush_interval_ms)
    }
}

/// What is logged to standard output.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Log {
    /// Level (`error`, `warn`, `info`, `debug`, `trace`), also by crate: `info,api=debug`. The library of migrations tells every step,
    /// which is in the log as one line for each crate already.
    #[config(env = "RIALTO_LOG_FILTER", default = "info,sea_orm_migration=warn", validate = log_filter)]
    pub filter: String,
    /// `text` for people or `json` for machines, one object a line.
    #[config(env = "RIALTO_LOG_FORMAT", default = "text")]
    pub format: LogFormat,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}
