//! Market streams to thousands of sockets while orders come in.

mod crowd;
mod flow;
mod message;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use runtime::clock::{Clock as _, SystemClock};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

pub(super) use self::crowd::Heard;
use self::crowd::{Crowd, Shared};
use self::flow::Flow;
use self::message::Feed;
use crate::rest::load::Count;
use crate::rest::orders::Kind;
use crate::rest::server::Server;

/// Files that a process opens beside the sockets.
const OTHER_FILES: u64 = 256;
/// Connections that the orders come over: enough for the pace when each answer takes a while.
const ORDER_CONNECTIONS: usize = 256;
/// How long the exchange may do what a new connection makes it do, before its memory is read.
const SETTLE: Duration = Duration::from_millis(500);
/// How often its memory is read under load.
const SAMPLE: Duration = Duration::from_millis(100);
/// Nothing comes any more when nothing came for so long.
const QUIET: Duration = Duration::from_millis(500);
/// The longest wait for that.
const DRAIN: Duration = Duration::from_secs(20);

/// A run.
pub(super) struct Plan {
    pub(super) depth_sockets: usize,
    pub(super) trade_sockets: usize,
    pub(super) orders_per_second: f64,
    /// Of those that listen.
    pub(super) threads: u32,
    pub(super) warm_up: Duration,
    pub(super) time: Duration,
}

/// What a run gave.
pub(super) struct Measured {
    pub(super) trades: Heard,
    pub(super) depth: Heard,
    pub(super) orders: crate::rest::load::Measured,
    /// CPU seconds in a second of those that listen.
    pub(super) listener_cpu: f64,
    /// CPU seconds in a second of the server.
    pub(super) server_cpu: f64,
    /// Bytes of the server: before the sockets, with them, and at most while orders came.
    pub(super) memory: [u64; 3],
    /// Bytes that it grew by in as long a time with the same orders, but without the sockets.
    pub(super) growth: u64,
}

/// Lets this process open as many files as the system allows; gives how many of `wanted` sockets that is enough for. The server
/// does the same.
pub(super) fn sockets(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    // A limit that cannot be raised stays; what is read afterwards counts.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX).min(wanted)
}

impl Plan {
    /// Sends orders without listeners, opens the sockets, and sends as many orders again.
    pub(super) fn run(&self, server: &Server) -> anyhow::Result<Measured> {
        // What the exchange itself needs for the orders is not what the sockets cost.
        let first = self.flow(server, 0, Instant::now())?;
        let at_first = server.memory();
        first.run()?;
        let before = server.memory();
        let mut crowds = Vec::new();
        let threads = usize::try_from(self.threads)?;
        for _ in 0..threads {
            crowds.push(Crowd::new()?);
        }
        let feeds = [(Feed::Depth, self.depth_sockets), (Feed::Trades, self.trade_sockets)];
        let feeds = feeds.iter().flat_map(|(feed, count)| std::iter::repeat_n(*feed, *count));
        for (number, feed) in feeds.enumerate() {
            crowds[number % threads].join(server.address, feed)?;
        }
        std::thread::sleep(SETTLE);
        let idle = server.memory();
        let flow = self.flow(server, ORDER_CONNECTIONS, Instant::now() + SAMPLE)?;
        self.listen(server, crowds, &flow, [before, idle], before.saturating_sub(at_first))
    }

    fn flow(&self, server: &Server, first: usize, begin: Instant) -> anyhow::Result<Flow> {
        let measured_from = begin + self.warm_up;
        Ok(Flow {
            address: server.address,
            kind: Kind::Orders(server.traders()?),
            connections: first..first + ORDER_CONNECTIONS,
            orders_per_second: self.orders_per_second,
            begin,
            measured_from,
            end: measured_from + self.time,
        })
    }

    fn listen(
        &self,
        server: &Server,
        crowds: Vec<Crowd>,
        flow: &Flow,
        [before, idle]: [u64; 2],
        growth: u64,
    ) -> anyhow::Result<Measured> {
        let shared = Shared::default();
        // The same moments on the clock of the messages.
        let in_us = |moment: Instant| {
            let until = u64::try_from(moment.saturating_duration_since(Instant::now()).as_micros());
            until.map(|until| SystemClock::new().now_us() + until)
        };
        let window = in_us(flow.measured_from)?..in_us(flow.end)?;
        let (heard, count, memory, server_cpu) = std::thread::scope(|scope| {
            let (window, shared) = (&window, &shared);
            let listening: Vec<_> =
                crowds.into_iter().map(|crowd| scope.spawn(move || crowd.listen(window, shared))).collect();
            let sending = scope.spawn(|| flow.run());
            std::thread::sleep(flow.measured_from.saturating_duration_since(Instant::now()));
            let cpu_before = server.cpu_time();
            let mut most = idle;
            while Instant::now() < flow.end {
                std::thread::sleep(SAMPLE.min(flow.end.saturating_duration_since(Instant::now())));
                most = most.max(server.memory());
            }
            let server_cpu = server.cpu_time().saturating_sub(cpu_before);
            let count = sending.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the orders panicked")));
            drain(shared);
            shared.over.store(true, Ordering::Release);
            let heard: anyhow::Result<Vec<_>> = listening
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the listeners panicked"))))
                .collect();
            (heard, count, [before, idle, most], server_cpu)
        });
        let (mut trades, mut depth, mut cpu) = (Heard::new(), Heard::new(), Duration::ZERO);
        for (of_trades, of_depth, of_thread) in heard? {
            trades.add(&of_trades)?;
            depth.add(&of_depth)?;
            cpu += of_thread;
        }
        let count: Count = count.context("orders beside the listeners")?;
        let seconds = self.time.as_secs_f64();
        Ok(Measured {
            trades,
            depth,
            orders: crate::rest::load::Measured::of(vec![count], self.time, server_cpu)?,
            listener_cpu: cpu.as_secs_f64() / seconds,
            server_cpu: server_cpu.as_secs_f64() / seconds,
            memory,
            growth,
        })
    }
}

/// Waits until no message comes any more.
fn drain(shared: &Shared) {
    let begin = Instant::now();
    let mut before = None;
    while begin.elapsed() < DRAIN {
        let now = Some(shared.messages.load(Ordering::Acquire));
        if now == before {
            return;
        }
        before = now;
        std::thread::sleep(QUIET);
    }
}
