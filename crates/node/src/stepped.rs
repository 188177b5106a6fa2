//! A node without threads: the same recovery, engine, disk, feed, shadow and followers as [`crate::Node`], each moved by a
//! call. For simulations, whose runs must repeat and whose crashes must fall between any two steps.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use journal::Journal;
use model::{Envelope, Image, Receipt, Sequence, Timestamp};
use runtime::clock::Clock;
use tokio::sync::{broadcast, oneshot};

use crate::disk::{StopOnDrop, Writer};
use crate::follower::Follower;
use crate::progress::Progress;
use crate::recovery::{StartReport, recover};
use crate::sequencer::{Commands, Request, Sequencer, Work, next_work};
use crate::shadow::{Failure, Mark, Shadow};
use crate::{Config, Error, SubmitError, Subscription};

/// The parts of a node, between two steps.
pub struct Stepped {
    config: Config,
    requests: Sender<Request>,
    sequencer: Sequencer,
    /// What the engine has applied and the disk was not given yet.
    filling: Work,
    /// What the disk was given and has not written yet.
    closed: Option<Work>,
    /// What is durable and not told to anybody yet.
    written: Option<Work>,
    writer: Writer,
    feed: broadcast::Sender<Arc<model::Batch>>,
    progress: Arc<Progress>,
    shadow: Option<Shadow>,
}

impl std::fmt::Debug for Stepped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stepped").field("journal", &self.writer.journal).finish_non_exhaustive()
    }
}

/// An answer that will come when the command is durable.
#[derive(Debug)]
pub struct Answer(oneshot::Receiver<Result<Receipt, SubmitError>>);

impl Answer {
    /// The receipt, once it is there.
    pub fn take(&mut self) -> Option<Receipt> {
        self.0.try_recv().ok().and_then(Result::ok)
    }
}

/// Why a snapshot was not written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The shadow made other events than the leader.
    #[error("the shadow's events hash to {0:x}, which is not what the leader's do")]
    Diverged(u64),
    /// A file could not be read or written.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Stepped {
    /// Opens the journal on a disk and builds the state. Segments may be smaller than a [`crate::Node`] takes; then groups
    /// of commands must stay below half of one.
    ///
    /// # Errors
    /// As [`crate::Node::start`].
    pub fn start_on(
        config: Config,
        clock: Arc<dyn Clock>,
        disk: Arc<dyn journal::Disk>,
    ) -> Result<(Self, StartReport), Error> {
        let (journal, opened) = Journal::open_on(&config.directory, config.journal.clone(), Arc::clone(&disk))?;
        let recovered = recover(&config.directory)?;
        let report = StartReport {
            journal: opened,
            snapshot: recovered.snapshot,
            passed_over: recovered.passed_over,
            replayed: recovered.replayed,
            image: recovered.replica.image(),
            sources: recovered.replica.source_positions(),
        };
        let position = recovered.replica.sequence().0;
        let progress = Arc::new(Progress::new(position));
        let (feed, _) = broadcast::channel(config.fan_out_batches);
        let (requests, incoming) = unbounded();
        // Nobody is at the other ends: here the batches are moved by calls.
        let ((work, _), (_, done)) = (bounded(1), bounded(1));
        let (shadow, marks) = start_shadow(&config, position, &progress, disk)?;
        let mut writer = Writer {
            progress: StopOnDrop(Arc::clone(&progress)),
            journal,
            clock: Arc::clone(&clock),
            feed: feed.clone(),
            marks,
            snapshot_every_commands: config.snapshot_every_commands,
            next_mark: report.snapshot.unwrap_or(0).saturating_add(config.snapshot_every_commands),
        };
        writer.mark(position, recovered.replica.events_hash());
        let sequencer = Sequencer {
            replica: recovered.replica,
            clock,
            requests: incoming,
            ahead: VecDeque::new(),
            queued: Arc::new(AtomicUsize::new(0)),
            work,
            done,
            batch_commands: config.batch_commands,
            full_batch_bytes: config.journal.max_batch_bytes() / 2,
            time: Timestamp(report.image.time.0),
        };
        let filling = next_work(journal::Batch::new(), &Work::default());
        let (closed, written) = (None, None);
        Ok((Self { config, requests, sequencer, filling, closed, written, writer, feed, progress, shadow }, report))
    }

    /// Queues commands that stay together.
    pub fn submit(&self, envelopes: Vec<Envelope>) -> Answer {
        let (reply, answer) = oneshot::channel();
        // The sequencer, which has the other end, lives as long as this.
        let _ = self.requests.send(Request::Commands { commands: Commands::Many(envelopes), reply });
        Answer(answer)
    }

    /// The engine applies what is queued, as far as the batch has room.
    pub fn fill(&mut self) {
        if !self.sequencer.is_full(&self.filling) {
            self.sequencer.fill(None, &mut self.filling);
        }
    }

    /// Gives the disk what was applied, if it has nothing to do: how many commands that are.
    pub fn close(&mut self) -> usize {
        let commands = self.filling.batch.steps.len();
        if commands == 0 || self.closed.is_some() || self.written.is_some() {
            return 0;
        }
        let next = next_work(journal::Batch::new(), &self.filling);
        self.closed = Some(std::mem::replace(&mut self.filling, next));
        commands
    }

    /// The disk writes and syncs what it was given.
    ///
    /// # Errors
    /// What the journal says; the node must be dropped then.
    pub fn write(&mut self) -> Result<(), journal::Error> {
        if let Some(mut work) = self.closed.take() {
            self.writer.journal.append(&mut work.records)?;
            self.written = Some(work);
        }
        Ok(())
    }

    /// Lets out what is durable: position, feed, receipts, and a mark for the shadow.
    pub fn release(&mut self) {
        if let Some(work) = self.written.take() {
            self.writer.release(work);
        }
    }

    /// The shadow writes a snapshot if it was asked to: at which command.
    ///
    /// # Errors
    /// [`SnapshotError`]; the node goes on all the same.
    pub fn snapshot(&mut self) -> Result<Option<u64>, SnapshotError> {
        let Some(shadow) = &mut self.shadow else { return Ok(None) };
        let Ok(mark) = shadow.marks.try_recv() else { return Ok(None) };
        match shadow.snapshot(mark) {
            Ok(()) => Ok(Some(mark.sequence)),
            Err(Failure::Diverged { ours }) => Err(SnapshotError::Diverged(ours)),
            Err(Failure::Other(cause)) => Err(cause.into()),
        }
    }

    /// The last command that is durable.
    pub fn durable(&self) -> Sequence {
        Sequence(self.progress.durable())
    }

    /// The segment that is written, and where in it the next batch goes.
    pub fn position(&self) -> (&std::path::Path, u64) {
        self.writer.journal.position()
    }

    /// The state of the engine, which may be ahead of the disk.
    pub fn replica(&self) -> &crate::Replica {
        &self.sequencer.replica
    }

    /// As [`crate::Node::subscribe`].
    pub fn subscribe(&self) -> Subscription {
        Subscription(self.feed.subscribe())
    }

    /// As [`crate::Node::follow`].
    ///
    /// # Errors
    /// As [`crate::Node::follow`].
    pub fn follow(&self, after: Sequence) -> Result<Follower, Error> {
        Follower::start(&self.config.directory, after, Some(Arc::clone(&self.progress)))
    }

    /// As [`crate::Node::image_and_feed`].
    ///
    /// # Errors
    /// As [`crate::Node::image_and_feed`].
    pub fn image_and_feed(&self) -> Result<(Image, Subscription), Error> {
        let mut follower = self.follow(self.durable())?;
        let feed = self.subscribe();
        follower.advance_to(self.durable().0)?;
        Ok((follower.image(), feed))
    }
}

type Parts = (Option<Shadow>, Option<Sender<Mark>>);

fn start_shadow(
    config: &Config,
    position: u64,
    progress: &Arc<Progress>,
    disk: Arc<dyn journal::Disk>,
) -> Result<Parts, Error> {
    if config.snapshot_every_commands == 0 {
        return Ok((None, None));
    }
    let follower = Follower::start(&config.directory, Sequence(position), Some(Arc::clone(progress)))?;
    let (marks, marks_in): (Sender<Mark>, Receiver<Mark>) = bounded(1);
    let shadow = Shadow {
        follower,
        marks: marks_in,
        directory: config.directory.clone(),
        disk,
        keep_snapshots: config.keep_snapshots,
        retain_segments: config.retain_segments,
    };
    Ok((Some(shadow), Some(marks)))
}
