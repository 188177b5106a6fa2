//! Orders at a pace, whether or not the exchange keeps up with it.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};
use runtime::clock::{Clock as _, SystemClock};

use crate::rest::load::{Count, connect};
use crate::rest::orders::Kind;

/// How long the last answers may take.
const GRACE: Duration = Duration::from_secs(15);
/// Requests for three orders: the fourth cancels one.
const REQUESTS_PER_ORDER: f64 = 4.0 / 3.0;

/// Orders over REST, in the mix of the section `rest`.
pub(super) struct Flow {
    pub(super) address: SocketAddr,
    pub(super) kind: Kind,
    /// Numbers of the connections; the names of orders have them, so that no later flow has an earlier one's.
    pub(super) connections: Range<usize>,
    /// Placed ones, a second.
    pub(super) orders_per_second: f64,
    pub(super) begin: Instant,
    pub(super) measured_from: Instant,
    pub(super) end: Instant,
}

impl Flow {
    /// Sends until the end, and waits for the answers. Counts those that came while it was measured; their latency runs from when
    /// the request was due.
    pub(super) fn run(&self) -> anyhow::Result<Count> {
        let clock = SystemClock::new();
        let mut poll = Poll::new()?;
        let mut connections = Vec::new();
        for number in self.connections.clone() {
            let token = Token(connections.len());
            connections.push(connect(&self.kind, self.address, number, &poll, token)?);
        }
        let mut idle: Vec<usize> = (0..connections.len()).rev().collect();
        let between = Duration::from_secs_f64(1.0 / (self.orders_per_second * REQUESTS_PER_ORDER));
        let mut due = self.begin;
        let mut count = Count::new();
        let mut events = Events::with_capacity(256);
        std::thread::sleep(self.begin.saturating_duration_since(Instant::now()));
        loop {
            let now = Instant::now();
            while due <= now && due < self.end {
                let Some(connection) = idle.pop() else { break };
                connections[connection].send(due, clock.now_us())?;
                due += between;
            }
            if now >= self.end && (idle.len() == connections.len() || now >= self.end + GRACE) {
                anyhow::ensure!(
                    idle.len() == connections.len(),
                    "{} orders have no answer",
                    connections.len() - idle.len()
                );
                return Ok(count);
            }
            // The system waits whole milliseconds; the few requests that became due meanwhile are sent at once then.
            poll.poll(&mut events, Some(Duration::from_millis(1)))?;
            for event in &events {
                let number = event.token().0;
                let Some(connection) = connections.get_mut(number) else { continue };
                if event.is_writable() {
                    connection.flush()?;
                }
                let Some(answer) = connection.receive()? else { continue };
                let now = Instant::now();
                if now >= self.measured_from && now < self.end {
                    count.add(&answer, now);
                    if answer.status != 200 {
                        count.fault(answer.status, || connection.text(&answer));
                    }
                }
                idle.push(number);
            }
        }
    }
}
