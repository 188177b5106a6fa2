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
use super::orders::{Kind, Script};
use super::server::Server;
use crate::figures::{Latency, histogram, latency};

/// An answer that takes longer than this ends the measurement with an error.
const PATIENCE: Duration = Duration::from_secs(15);

/// A run.
pub(super) struct Plan {
    pub(super) kind: Kind,
    pub(super) connections: usize,
    pub(super) threads: u32,
    pub(super) warm_up: Duration,
    pub(super) time: Duration,
}

/// What a run gave.
pub(super) struct Measured {
    pub(super) requests_per_second: f64,
    pub(super) orders_per_second: f64,
    pub(super) latency: Latency,
    pub(super) not_ok: u64,
    pub(super) not_ok_example: Option<String>,
    /// CPU seconds of the generator in a second.
    pub(super) generator_cpu: f64,
    /// CPU microseconds of the server for one request.
    pub(super) server_cpu_us: f64,
    /// Commands by which the history in SQL was behind a second after the end.
    pub(super) history_lag: u64,
}

/// What one thread counted between warm-up and end.
struct Count {
    requests: u64,
    orders: u64,
    not_ok: u64,
    not_ok_example: Option<String>,
    latencies: Histogram<u64>,
    cpu: Duration,
}

impl Plan {
    /// Opens the connections and keeps each of them busy.
    pub(super) fn run(&self, server: &Server) -> anyhow::Result<Measured> {
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
            Kind::Orders(_) => server.history_lag()?,
        };
        Ok(Measured { history_lag, ..self.sum_up(counts, cpu)? })
    }

    fn sum_up(&self, counts: Vec<Count>, server_cpu: Duration) -> anyhow::Result<Measured> {
        let mut latencies = histogram();
        for count in &counts {
            latencies.add(&count.latencies)?;
        }
        let seconds = self.time.as_secs_f64();
        let requests = counts.iter().map(|count| count.requests).sum::<u64>() as f64;
        let orders = counts.iter().map(|count| count.orders).sum::<u64>() as f64;
        Ok(Measured {
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

    /// One thread: its share of the connections until the time is over.
    fn work(&self, address: SocketAddr, number: usize, threads: usize, begin: Instant) -> anyhow::Result<Count> {
        let clock = SystemClock::new();
        let mut poll = Poll::new()?;
        let mut connections = Vec::new();
        for connection in (number..self.connections).step_by(threads) {
            let socket = std::net::TcpStream::connect(address).context("cannot connect to the server")?;
            socket.set_nodelay(true)?;
            socket.set_nonblocking(true)?;
            let mut socket = TcpStream::from_std(socket);
            let token = Token(connections.len());
            poll.registry().register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
            connections.push(Connection::new(socket, Script::new(&self.kind, connection), Instant::now()));
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

impl Count {
    fn new() -> Self {
        let (latencies, cpu) = (histogram(), Duration::ZERO);
        Self { requests: 0, orders: 0, not_ok: 0, not_ok_example: None, latencies, cpu }
    }

    fn add(&mut self, answer: &super::connection::Answer, now: Instant) {
        self.requests += 1;
        self.orders += u64::from(answer.places && answer.status == 200);
        self.latencies.saturating_record(latency::nanos(answer.sent, now));
    }

    fn fault(&mut self, status: u16, text: impl FnOnce() -> String) {
        self.not_ok += 1;
        if self.not_ok_example.is_none() {
            self.not_ok_example = Some(format!("{status} {}", text()));
        }
    }
}
