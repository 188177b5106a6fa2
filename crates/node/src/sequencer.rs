//! The engine thread: stamps commands, applies them, and fills the batch that the disk thread writes next.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use model::{Batch, Command, Envelope, Receipt, Sequence, Stamped, Timestamp, codec};
use runtime::clock::Clock;
use tokio::sync::oneshot;

use crate::SubmitError;
use crate::disk::Writer;
use crate::follower::step;
use crate::replica::Replica;

/// Answer to a request: the batch it became durable with, and its first step there.
pub(crate) type Reply = oneshot::Sender<Result<Receipt, SubmitError>>;

/// Requests that are worth applying while the disk is still busy: fewer are applied faster than they save.
const LONG_QUEUE: usize = 64;

/// Commands whose accounts and orders are brought into the caches together; the last request may have more.
const AHEAD: usize = 64;

/// What the handle sends to the engine thread.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a box would cost each command an allocation")]
pub(crate) enum Request {
    /// Commands that one task submitted together. They stay in one batch.
    Commands { commands: Commands, reply: Reply },
    /// Nothing more is taken after this.
    Stop,
}

impl Request {
    fn commands(&self) -> &[Envelope] {
        match self {
            Self::Commands { commands, .. } => commands.as_slice(),
            Self::Stop => &[],
        }
    }
}

/// One command without an allocation, or several.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a box would cost each command an allocation")]
pub(crate) enum Commands {
    One(Envelope),
    Many(Vec<Envelope>),
}

impl Commands {
    pub(crate) fn as_slice(&self) -> &[Envelope] {
        match self {
            Self::One(envelope) => std::slice::from_ref(envelope),
            Self::Many(envelopes) => envelopes,
        }
    }
}

/// What the engine thread hands to the disk thread.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) records: journal::Batch,
    pub(crate) batch: Batch,
    /// Who waits for which step.
    pub(crate) replies: Vec<(Reply, usize)>,
    /// The leader's rolling event hash after the batch.
    pub(crate) events_hash: u64,
}

/// The engine thread's state.
pub(crate) struct Sequencer {
    pub(crate) replica: Replica,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) requests: Receiver<Request>,
    /// Requests that were taken out of `requests` to be read ahead, at most [`AHEAD`].
    pub(crate) ahead: VecDeque<Request>,
    /// Commands that wait in `requests`.
    pub(crate) queued: Arc<AtomicUsize>,
    /// To the disk thread, with the writer.
    pub(crate) work: Sender<(Box<Writer>, Work)>,
    /// The writer comes back with an empty buffer when the disk is free.
    pub(crate) done: Receiver<(Box<Writer>, journal::Batch)>,
    pub(crate) batch_commands: usize,
    /// Framed bytes above which a batch takes nothing more.
    pub(crate) full_batch_bytes: u64,
    /// Time of the last command; the stamp never falls.
    pub(crate) time: Timestamp,
}

impl Sequencer {
    /// Runs until it is told to stop or the writer has ended.
    ///
    /// This thread writes by itself, and what comes meanwhile waits: so a submitter needs not wake it for each command,
    /// and a batch changes threads only where that pays, when a long queue can be worked on while the disk is busy.
    pub(crate) fn run(mut self, writer: Box<Writer>) {
        let mut filling = next_work(journal::Batch::new(), &Work::default());
        let mut free = Some((writer, journal::Batch::new()));
        let mut running = true;
        while running || !filling.batch.steps.is_empty() {
            let Some((mut writer, buffer)) = free.take() else {
                if running && self.is_queue_long() && !self.is_full(&filling) {
                    running = self.fill(None, &mut filling);
                    continue;
                }
                let Ok(back) = self.done.recv() else { return };
                free = Some(back);
                running = running && self.fill(None, &mut filling);
                continue;
            };
            if filling.batch.steps.is_empty() {
                free = Some((writer, buffer));
                let Some(more) = self.wait(&mut filling) else { return };
                running = more;
                continue;
            }
            let next = next_work(buffer, &filling);
            let work = std::mem::replace(&mut filling, next);
            if running && self.is_queue_long() {
                if self.work.send((writer, work)).is_err() {
                    return;
                }
            } else {
                let Ok(buffer) = writer.write(work) else { return };
                free = Some((writer, buffer));
                running = running && self.fill(None, &mut filling);
            }
        }
    }

    /// The disk waits for us, and we for a command. Whether to go on; `None` when nobody can send any more.
    fn wait(&mut self, filling: &mut Work) -> Option<bool> {
        let request = match self.next_request() {
            Ok(request) => Some(request),
            Err(RecvTimeoutError::Timeout) => {
                self.tick(filling);
                None
            }
            Err(RecvTimeoutError::Disconnected) => return None,
        };
        let running = self.fill(request, filling);
        // Where processors are scarce, tasks that are about to submit get their turn before the batch closes. Where they
        // are not, this returns at once.
        std::thread::yield_now();
        Some(running && self.fill(None, filling))
    }

    fn is_queue_long(&self) -> bool {
        // A command is counted before it stands in the queue.
        self.queued.load(Ordering::Relaxed) >= LONG_QUEUE && !(self.requests.is_empty() && self.ahead.is_empty())
    }

    /// Takes a request and all that wait behind it, as far as the batch has room. Whether to go on after them.
    pub(crate) fn fill(&mut self, first: Option<Request>, filling: &mut Work) -> bool {
        self.time = self.time.max(Timestamp(self.clock.now_us()));
        let mut request = first;
        loop {
            match request.take() {
                Some(Request::Commands { commands, reply }) => self.take(commands, reply, filling),
                Some(Request::Stop) => return false,
                None => {}
            }
            if self.is_full(filling) {
                return true;
            }
            match self.next_waiting() {
                Ok(next) => request = Some(next),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// The next request that waits already. Several are taken at a time, and what they will need is read ahead.
    fn next_waiting(&mut self) -> Result<Request, TryRecvError> {
        if let Some(next) = self.ahead.pop_front() {
            return Ok(next);
        }
        let first = self.requests.try_recv()?;
        let mut commands = first.commands().len();
        while commands < AHEAD
            && let Ok(next) = self.requests.try_recv()
        {
            commands += next.commands().len();
            self.ahead.push_back(next);
        }
        if commands > 1 {
            let waiting = std::iter::once(&first).chain(&self.ahead);
            self.replica.warm(waiting.flat_map(Request::commands).map(|envelope| &envelope.command));
        }
        Ok(first)
    }

    pub(crate) fn is_full(&self, filling: &Work) -> bool {
        filling.batch.steps.len() >= self.batch_commands || filling.records.len_bytes() > self.full_batch_bytes
    }

    fn take(&mut self, commands: Commands, reply: Reply, filling: &mut Work) {
        self.queued.fetch_sub(commands.as_slice().len(), Ordering::Relaxed);
        filling.replies.push((reply, filling.batch.steps.len()));
        match commands {
            Commands::One(envelope) => self.apply(envelope, filling),
            Commands::Many(envelopes) => envelopes.into_iter().for_each(|envelope| self.apply(envelope, filling)),
        }
        filling.events_hash = self.replica.events_hash();
    }

    fn apply(&mut self, envelope: Envelope, filling: &mut Work) {
        let sequence = Sequence(self.replica.sequence().0 + 1);
        let input = Stamped { sequence, time: self.time, envelope };
        let first = filling.batch.events.len();
        self.replica.apply_stamped(&input, &mut filling.batch.events);
        filling.records.push(sequence.0, |out| codec::encode(out, input.time, &input.envelope));
        filling.batch.steps.push(step(&input, first, filling.batch.events.len()));
    }

    /// The next request, or the time-out when something is due in the engine before one comes.
    fn next_request(&mut self) -> Result<Request, RecvTimeoutError> {
        if let Some(next) = self.ahead.pop_front() {
            return Ok(next);
        }
        let Some(deadline) = self.replica.next_deadline() else {
            return self.requests.recv().map_err(|_| RecvTimeoutError::Disconnected);
        };
        loop {
            let wait_us = deadline.0.saturating_sub(self.clock.now_us());
            // Not less than a millisecond: the two clocks, of the wait and of the stamp, need not agree to the last.
            let wait_us = if wait_us == 0 { 0 } else { wait_us.max(1_000) };
            match self.requests.recv_timeout(Duration::from_micros(wait_us)) {
                Err(RecvTimeoutError::Timeout) if self.clock.now_us() < deadline.0 => {}
                other => return other,
            }
        }
    }

    /// Lets the time pass in the engine. Nobody waits for the answer; readers of the feed see what it brought.
    fn tick(&mut self, filling: &mut Work) {
        self.time = self.time.max(Timestamp(self.clock.now_us()));
        self.apply(Envelope::client(Command::Tick), filling);
        filling.events_hash = self.replica.events_hash();
    }
}

impl Drop for Sequencer {
    /// The channels that go with this stop the disk thread; what waits in them is answered `Stopped`.
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(
                "the engine thread ended by a panic: the node stops; waiting commands have an unknown outcome"
            );
        }
    }
}

/// Room for a batch like the one before it.
pub(crate) fn next_work(records: journal::Batch, before: &Work) -> Work {
    let batch = Batch {
        steps: Vec::with_capacity(before.batch.steps.len()),
        events: Vec::with_capacity(before.batch.events.len()),
    };
    Work { records, batch, replies: Vec::with_capacity(before.replies.len()), events_hash: 0 }
}
