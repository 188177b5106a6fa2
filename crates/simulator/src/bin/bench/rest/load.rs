//! The load generator: threads, each with its connections and one loop.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use runtime::clock::{Clock as _, SystemClock};
use runtime::cpu;

use super::connection::Connection;
use super::frame;
use super::orders::{Kind, Script};
use super::server::Server;
use crate::figures::{Latency, histogram, latency};

/// An answer that takes longer than this ends the measurement with an error.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A run.
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    pub(crate) connections: usize,
    pub(crate) threads: u32,
    pub(crate) warm_up: Duration,
    pub(crate) time: Duration,
}

/// What a run gave.
pub(crate) struct Measured {
    pub(crate) requests_per_second: f64,
    pub(crate) orders_per_second: f64,
    pub(crate) latency: Latency,
    pub(crate) not_ok: u64,
    pub(crate) not_ok_example: Option<String>,
    /// CPU seconds of the generator in a second.
    pub(crate) generator_cpu: f64,
    /// CPU microseconds of the server for one request.
    pub(crate) server_cpu_us: f64,
    /// Commands by which the history in SQL was behind a second after the end.
    pub(crate) history_lag: u64,
}

/// What one thread counted between warm-up and end.
pub(crate) struct Count {
    requests: u64,
    orders: u64,
    not_ok: u64,
    not_ok_example: Option<String>,
    latencies: Histogram<u64>,
    pub(crate) cpu: Duration,
}

impl Plan {
    /// Opens the connections and keeps each of them busy.
    pub(crate) fn run(&self, server: &Server) -> anyhow::Result<Measured> {
        let threads = usize::try_from(self.threads)?.min(self.connections);
        let begin = Instant::now() + self.warm_up;
        let (counts, cpu) = std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads)
                .map(|number| scope.spawn(move || self.work(server.address, number, threads, begin)))
                .collect();
            std::thread::sleep(begin.saturating_duration_since(Instant::now()));
            let cpu_before = server.cpu_time();
            std::thread::sleep((begin + self.time).saturating_duration_since(Instant::now()));
            let cpu = server.cpu_time().saturating_sub(cpu_before);
            let counts: anyhow::Result<Vec<Count>> = running
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the load generator panicked"))))
                .collect();
            (counts, cpu)
        });
        let counts = counts?;
        let history_lag = match self.kind {
            Kind::Get(_) => 0,
            Kind::Orders(_) | Kind::Logged(_) => server.history_lag()?,
        };
        Ok(Measured { history_lag, ..Measured::of(counts, self.time, cpu)? })
    }

    /// One thread: its share of the connections until the time is over.
    fn work(&self, address: SocketAddr, number: usize, threads: usize, begin: Instant) -> anyhow::Result<Count> {
        let clock = SystemClock::new();
        let mut poll = Poll::new()?;
        let mut connections = Vec::new();
        for connection in (number..self.connections).step_by(threads) {
            let token = Token(connections.len());
            connections.push(connect(&self.kind, address, connection, &poll, token)?);
        }
        let end = begin + self.time;
        let mut count = Count::new();
        let mut cpu_at_begin = None;
        let mut events = Events::with_capacity(256);
        for connection in &mut connections {
            connection.send(Instant::now(), clock.now_us())?;
        }
        loop {
            poll.poll(&mut events, Some(PATIENCE))?;
            anyhow::ensure!(!events.is_empty(), "the server gave no answer for {} s", PATIENCE.as_secs());
            for event in &events {
                let Some(connection) = connections.get_mut(event.token().0) else { continue };
                if event.is_writable() {
                    connection.flush()?;
                }
                let Some(answer) = connection.receive()? else { continue };
                let now = Instant::now();
                if now >= end {
                    count.cpu = cpu::thread_time().saturating_sub(cpu_at_begin.unwrap_or_default());
                    return Ok(count);
                }
                if now >= begin {
                    cpu_at_begin.get_or_insert_with(cpu::thread_time);
                    count.add(&answer, now);
                    if answer.status != 200 {
                        count.fault(answer.status, || connection.text(&answer));
                    }
                }
                connection.send(now, clock.now_us())?;
            }
        }
    }
}

impl Measured {
    /// Sums up what was counted in a time.
    pub(crate) fn of(counts: Vec<Count>, time: Duration, server_cpu: Duration) -> anyhow::Result<Self> {
        let mut latencies = histogram();
        for count in &counts {
            latencies.add(&count.latencies)?;
        }
        let seconds = time.as_secs_f64();
        let requests = counts.iter().map(|count| count.requests).sum::<u64>() as f64;
        let orders = counts.iter().map(|count| count.orders).sum::<u64>() as f64;
        Ok(Self {
            requests_per_second: requests / seconds,
            orders_per_second: orders / seconds,
            latency: Latency::of(&latencies),
            not_ok: counts.iter().map(|count| count.not_ok).sum(),
            generator_cpu: counts.iter().map(|count| count.cpu.as_secs_f64()).sum::<f64>() / seconds,
            server_cpu_us: server_cpu.as_secs_f64() * 1e6 / requests.max(1.0),
            history_lag: 0,
            not_ok_example: counts.into_iter().find_map(|count| count.not_ok_example),
        })
    }
}

/// A connection that has sent no request yet; one to the WebSocket API is logged on.
pub(crate) fn connect(
    kind: &Kind,
    address: SocketAddr,
    number: usize,
    poll: &Poll,
    token: Token,
) -> anyhow::Result<Connection> {
    let mut socket = std::net::TcpStream::connect(address).context("cannot connect to the server")?;
    socket.set_nodelay(true)?;
    if let Kind::Logged(traders) = kind {
        socket.set_read_timeout(Some(PATIENCE))?;
        let trader = traders.get(number % traders.len().max(1)).context("there is no account")?;
        // Answers without the use of limits, which nobody here reads.
        let mut input = frame::open(&mut socket, "/ws-api/v3?returnRateLimits=false")?;
        let logon = trader.logon(SystemClock::new().now_us() / 1_000);
        let answer = frame::ask(&mut socket, &logon, &mut input)?;
        anyhow::ensure!(answer.contains("\"status\":200") && input.is_empty(), "a log-on was answered with {answer}");
    }
    socket.set_nonblocking(true)?;
    let mut socket = TcpStream::from_std(socket);
    poll.registry().register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
    Ok(Connection::new(socket, Script::new(kind, number), Instant::now()))
}

impl Count {
    pub(crate) fn new() -> Self {
        let (latencies, cpu) = (histogram(), Duration::ZERO);
        Self { requests: 0, orders: 0, not_ok: 0, not_ok_example: None, latencies, cpu }
    }

    /// An answer of a connection came.
    pub(crate) fn add(&mut self, answer: &super::connection::Answer, now: Instant) {
        self.answered(answer.places && answer.status == 200, answer.sent, now);
    }

    /// An answer came; `placed` is whether it says that an order was placed.
    pub(crate) fn answered(&mut self, placed: bool, sent: Instant, now: Instant) {
        self.requests += 1;
        self.orders += u64::from(placed);
        self.latencies.saturating_record(latency::nanos(sent, now));
    }

    /// It was another than hoped for.
    pub(crate) fn fault(&mut self, status: impl std::fmt::Display, text: impl FnOnce() -> String) {
        self.not_ok += 1;
        if self.not_ok_example.is_none() {
            self.not_ok_example = Some(format!("{status} {}", text()));
        }
    }
}
