//! Those that behave: traders at a steady rate, and readers of streams. Nothing may ever be refused to them.

mod listener;
mod script;

pub(crate) use listener::listen;
pub(crate) use script::{Books, assets};

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use crate::http::Connection;
use crate::key::Key;
use crate::world::HONEST;
use script::Script;

/// Connections of the traders.
pub(crate) const CONNECTIONS: u32 = 64;
/// A connection that is so late goes on from now: it has lost those requests.
const LATE: Duration = Duration::from_secs(1);

/// What the traders did since it was looked at last.
pub(crate) struct Count {
    pub(crate) requests: u64,
    latencies: Histogram<u64>,
}

impl Count {
    /// The 99th percentile in microseconds.
    pub(crate) fn p99_us(&self) -> u64 {
        self.latencies.value_at_quantile(0.99)
    }

    fn empty() -> Self {
        let latencies = Histogram::new_with_bounds(1, 60_000_000, 3).expect("three significant digits are allowed");
        Self { requests: 0, latencies }
    }
}

/// The count that all connections share; each adds what it did a few times a second.
#[derive(Clone)]
pub(crate) struct Counter(Arc<Mutex<Count>>);

impl Counter {
    /// Of nothing yet.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Count::empty())))
    }

    /// Takes what was counted, and begins anew.
    pub(crate) fn take(&self) -> Count {
        std::mem::replace(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), Count::empty())
    }

    fn add(&self, latency: Duration) {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count.requests += 1;
        count.latencies.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }
}

/// Trades until `stop`, with so many requests per second, or without a rate as fast as it goes. Gives what was traded; at the end
/// nothing is open.
pub(crate) async fn trade(
    to: SocketAddr,
    traders: [Key; 2],
    rate: Option<u64>,
    counter: Counter,
    stop: CancellationToken,
) -> anyhow::Result<Books> {
    let mut connections = JoinSet::new();
    let begin = Instant::now();
    for number in 0..CONNECTIONS {
        let interval = rate.map(|rate| Duration::from_secs(1) * CONNECTIONS / u32::try_from(rate).unwrap_or(u32::MAX));
        // Spread evenly, so that they do not all send at once.
        let first = begin + interval.unwrap_or_default() * number / CONNECTIONS;
        let script = Script::new(traders[number as usize % 2].clone(), number);
        connections.spawn(follow(to, script, first, interval, counter.clone(), stop.clone()));
    }
    let mut books = Books::default();
    while let Some(ended) = connections.join_next().await {
        books.add(&ended??);
    }
    Ok(books)
}

/// One connection: a request, its answer, the next request when it is time.
async fn follow(
    to: SocketAddr,
    mut script: Script,
    mut due: Instant,
    interval: Option<Duration>,
    counter: Counter,
    stop: CancellationToken,
) -> anyhow::Result<Books> {
    let mut connection = Connection::open(to, HONEST).await?;
    loop {
        if stop.is_cancelled() && script.is_at_rest() {
            return Ok(script.books);
        }
        if let Some(interval) = interval {
            sleep_until(due.into()).await;
            due = if due.elapsed() > LATE { Instant::now() } else { due + interval };
        }
        let request = script.next();
        let sent = Instant::now();
        let answer = connection.ask(&request).await.context("an honest trader")?;
        counter.add(sent.elapsed());
        script.check(&answer).context("an honest trader")?;
    }
}
