//! How the exchange is: looked at every second, written down, judged at the end.

mod figures;
mod metrics;
mod process;
mod verdict;

pub(crate) use figures::{Table, table};
pub(crate) use metrics::Metrics;
pub(crate) use verdict::{flat, left_behind};

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::sync::watch;

use crate::honest::Counter;
use crate::http::{Connection, get};
use crate::terms::PATIENCE;
use crate::world::WATCHER;

/// What was seen at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sample {
    /// Since the first client.
    pub(crate) at: Duration,
    /// Memory that is in use, in KiB.
    pub(crate) memory_kb: u64,
    /// Open files, sockets included.
    pub(crate) files: u64,
    pub(crate) threads: u64,
    /// CPU time used so far.
    pub(crate) cpu: Duration,
    /// Tasks of the program that live.
    pub(crate) tasks: u64,
    /// Connections by door.
    pub(crate) http: u64,
    pub(crate) websockets: u64,
    pub(crate) grpc: u64,
    /// Commands by which the history in SQL lies behind after it was waited for, a second at most.
    pub(crate) lag: u64,
    /// Requests of the honest traders since the sample before, and the 99th percentile of their latency.
    pub(crate) requests: u64,
    pub(crate) p99_us: u64,
}

/// Looks at the exchange.
pub(crate) struct Watcher {
    pid: u32,
    http: SocketAddr,
    begin: Instant,
    counter: Counter,
    metrics: watch::Sender<Metrics>,
    /// One connection for all of it, so that looking costs the same each time.
    connection: Option<Connection>,
}

impl Watcher {
    /// Of a process and its HTTP door; `counter` is what the honest traders count in.
    pub(crate) fn new(pid: u32, http: SocketAddr, counter: Counter, metrics: watch::Sender<Metrics>) -> Self {
        Self { pid, http, begin: Instant::now(), counter, metrics, connection: None }
    }

    /// The first client comes now.
    pub(crate) fn begin(&mut self) {
        self.begin = Instant::now();
        self.counter.take();
    }

    /// Looks once. The operator's path must answer at any time.
    pub(crate) async fn look(&mut self) -> anyhow::Result<Sample> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(Connection::open(self.http, WATCHER).await?),
        };
        let answer = tokio::time::timeout(PATIENCE, connection.ask(&get("/metrics"))).await??;
        ensure!(answer.status == 200, "/metrics answers {}", answer.status);
        let metrics = Metrics::read(&answer.body);
        let history = connection.ask(&get("/api/v3/aggTrades?symbol=BTCUSDT&limit=1")).await?;
        ensure!(history.status == 200, "the history answers {} {}", history.status, history.body);
        let count = self.counter.take();
        let mut sample = Sample {
            at: self.begin.elapsed(),
            tasks: metrics.sum("rialto_tasks", ""),
            http: metrics.sum("rialto_http_connections", ""),
            websockets: metrics.sum("rialto_ws_connections", ""),
            grpc: metrics.sum("rialto_grpc_connections", ""),
            lag: history.lag.unwrap_or(0),
            requests: count.requests,
            p99_us: count.p99_us(),
            ..Sample::default()
        };
        // At least this connection and its task: a figure that is not told any more must not pass for none.
        ensure!(sample.tasks > 0 && sample.http > 0, "/metrics tells neither tasks nor connections");
        process::look(self.pid, &mut sample)?;
        self.metrics.send_replace(metrics);
        Ok(sample)
    }
}
