//! Thousands of listeners in one loop.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use runtime::clock::{Clock as _, SystemClock};
use runtime::cpu;

use super::message::Feed;
use crate::figures::histogram;
use crate::rest::frame;
use crate::rest::load::PATIENCE;

/// Bytes that are read at once; more than the server sends to a socket in a moment.
const READ: usize = 256 << 10;
/// How often a quiet loop looks whether it has to end.
const LOOK: Duration = Duration::from_millis(20);

/// A socket that listens to one stream.
struct Listener {
    feed: Feed,
    socket: TcpStream,
    /// The begin of a message whose end has not come.
    rest: Vec<u8>,
    messages: u64,
    last: Option<u64>,
    gaps: u64,
    closed: bool,
}

/// Listeners of one thread.
pub(super) struct Crowd {
    poll: Poll,
    listeners: Vec<Listener>,
}

/// What the loops of all threads and who waits for them share.
#[derive(Default)]
pub(super) struct Shared {
    /// Messages so far, on all sockets.
    pub(super) messages: AtomicU64,
    /// Whether to end.
    pub(super) over: AtomicBool,
}

/// What was heard of one stream.
pub(in crate::sockets) struct Heard {
    pub(in crate::sockets) sockets: usize,
    /// Received in the time that is measured.
    pub(in crate::sockets) messages: u64,
    /// Of all messages ever, those of the socket with the fewest, and the most.
    pub(in crate::sockets) fewest: u64,
    pub(in crate::sockets) most: u64,
    /// Messages that did not go on where the one before ended.
    pub(in crate::sockets) gaps: u64,
    /// Sockets that the server closed.
    pub(in crate::sockets) closed: usize,
    /// From the trade in the engine to here.
    pub(in crate::sockets) since_trade: Histogram<u64>,
    /// From the publication to here.
    pub(in crate::sockets) since_published: Histogram<u64>,
}

impl Crowd {
    /// Nobody yet.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { poll: Poll::new()?, listeners: Vec::new() })
    }

    /// One more listener.
    pub(super) fn join(&mut self, address: SocketAddr, feed: Feed) -> anyhow::Result<()> {
        let mut socket = std::net::TcpStream::connect(address).context("cannot connect to the server")?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let rest = frame::open(&mut socket, feed.path())?;
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        self.poll.registry().register(&mut socket, Token(self.listeners.len()), Interest::READABLE)?;
        self.listeners.push(Listener { feed, socket, rest, messages: 0, last: None, gaps: 0, closed: false });
        Ok(())
    }

    /// Listens until it is over; latencies are those of what comes within `window`, in microseconds since 1970. Gives what was
    /// heard of trades and of the book, and the CPU time for it within the window.
    pub(super) fn listen(mut self, window: &Range<u64>, shared: &Shared) -> anyhow::Result<(Heard, Heard, Duration)> {
        let clock = SystemClock::new();
        let (mut trades, mut depth) = (Heard::new(), Heard::new());
        let mut buffer = vec![0; READ];
        let mut events = Events::with_capacity(1_024);
        let (mut cpu_at_begin, mut cpu_at_end) = (None, None);
        while !shared.over.load(Ordering::Acquire) {
            self.poll.poll(&mut events, Some(LOOK))?;
            let now = clock.now_us();
            if now >= window.start {
                cpu_at_begin.get_or_insert_with(cpu::thread_time);
            }
            if now >= window.end {
                cpu_at_end.get_or_insert_with(cpu::thread_time);
            }
            let mut messages = 0;
            for event in &events {
                let Some(listener) = self.listeners.get_mut(event.token().0) else { continue };
                let heard = if listener.feed == Feed::Trades { &mut trades } else { &mut depth };
                messages += listener.receive(&mut buffer, &clock, window, heard)?;
            }
            shared.messages.fetch_add(messages, Ordering::Release);
        }
        for listener in &self.listeners {
            (if listener.feed == Feed::Trades { &mut trades } else { &mut depth }).count(listener);
        }
        let cpu = cpu_at_end.unwrap_or_else(cpu::thread_time).saturating_sub(cpu_at_begin.unwrap_or_default());
        Ok((trades, depth, cpu))
    }
}

impl Listener {
    /// Reads what is there; gives how many messages.
    fn receive(
        &mut self,
        buffer: &mut [u8],
        clock: &SystemClock,
        window: &Range<u64>,
        heard: &mut Heard,
    ) -> anyhow::Result<u64> {
        let before = self.messages;
        loop {
            let start = self.rest.len();
            anyhow::ensure!(start < buffer.len(), "a message is longer than {READ} bytes");
            let count = match self.socket.read(&mut buffer[start..]) {
                Ok(0) => None,
                Ok(count) => Some(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => None,
            };
            let Some(count) = count else {
                self.closed = true;
                break;
            };
            let now = clock.now_us();
            buffer[..start].copy_from_slice(&self.rest);
            self.rest.clear();
            let mut input = &buffer[..start + count];
            while let Some(frame) = frame::read(input)? {
                let (payload, end) = (&input[frame.payload.clone()], frame.payload.end);
                match frame.opcode {
                    frame::TEXT => self.message(payload, now, window, heard)?,
                    frame::PING => self.pong(payload),
                    frame::CLOSE => self.closed = true,
                    opcode => anyhow::bail!("the server sent a frame of kind {opcode} in a stream"),
                }
                input = &input[end..];
            }
            self.rest.extend_from_slice(input);
            // Less than there was room for: nothing is left, and more is a new event.
            if start + count < buffer.len() {
                break;
            }
        }
        Ok(self.messages - before)
    }

    fn message(&mut self, text: &[u8], now: u64, window: &Range<u64>, heard: &mut Heard) -> anyhow::Result<()> {
        let stamp = self.feed.stamp(text);
        let stamp = stamp.with_context(|| format!("not of the stream: {}", String::from_utf8_lossy(text)))?;
        self.messages += 1;
        self.gaps += u64::from(self.last.is_some_and(|last| stamp.first != last + 1));
        self.last = Some(stamp.last);
        if window.contains(&now) {
            heard.messages += 1;
            let record = |times: &mut Histogram<u64>, since| times.saturating_record(now.saturating_sub(since) * 1_000);
            record(&mut heard.since_published, stamp.published_us);
            if let Some(traded) = stamp.traded_us {
                record(&mut heard.since_trade, traded);
            }
        }
        Ok(())
    }

    /// Answers a ping. A socket that takes no few bytes is full of unread answers, which there are not here.
    fn pong(&mut self, payload: &[u8]) {
        let mut out = Vec::new();
        frame::write(frame::PONG, payload, &mut out);
        let _ = self.socket.write(&out);
    }
}

impl Heard {
    pub(super) fn new() -> Self {
        let (since_trade, since_published) = (histogram(), histogram());
        Self { sockets: 0, messages: 0, fewest: u64::MAX, most: 0, gaps: 0, closed: 0, since_trade, since_published }
    }

    fn count(&mut self, listener: &Listener) {
        self.sockets += 1;
        self.fewest = self.fewest.min(listener.messages);
        self.most = self.most.max(listener.messages);
        self.gaps += listener.gaps;
        self.closed += usize::from(listener.closed);
    }

    /// Adds what another thread heard.
    pub(super) fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        self.sockets += other.sockets;
        self.messages += other.messages;
        self.fewest = self.fewest.min(other.fewest);
        self.most = self.most.max(other.most);
        self.gaps += other.gaps;
        self.closed += other.closed;
        self.since_trade.add(&other.since_trade)?;
        self.since_published.add(&other.since_published)?;
        Ok(())
    }

    /// What is wrong with the run, if anything: then its latencies mean nothing.
    pub(in crate::sockets) fn fault(&self) -> Option<String> {
        let Self { closed, gaps, fewest, most, .. } = self;
        if *closed > 0 {
            Some(format!("the server closed {closed} sockets"))
        } else if *gaps > 0 {
            Some(format!("{gaps} messages did not go on where the one before ended"))
        } else if most.saturating_sub(*fewest) > 1 {
            // Very many are told in groups, each at its own moment of the 100 ms: one of them may have had its turn just before the
            // end.
            Some(format!("the sockets got between {fewest} and {most} messages, not the same ones"))
        } else {
            (*most == 0).then(|| "nothing was published".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Heard;

    #[test]
    fn a_run_that_is_not_whole_is_told() {
        let whole = || Heard { sockets: 2, fewest: 5, most: 5, ..Heard::new() };
        assert_eq!(whole().fault(), None);
        assert!(Heard { closed: 1, ..whole() }.fault().unwrap().contains("closed 1"));
        assert!(Heard { gaps: 3, ..whole() }.fault().unwrap().contains("3 messages"));
        assert_eq!(Heard { fewest: 4, ..whole() }.fault(), None);
        assert!(Heard { fewest: 3, ..whole() }.fault().unwrap().contains("between 3 and 5"));
        assert!(Heard { fewest: 0, most: 0, ..whole() }.fault().unwrap().contains("nothing"));
        let mut all = whole();
        all.add(&Heard { fewest: 3, ..whole() }).unwrap();
        assert_eq!((all.sockets, all.fewest, all.most), (4, 3, 5));
    }
}
