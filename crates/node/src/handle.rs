//! The handle that the rest of the program holds.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Sender, bounded, unbounded};
use journal::{Journal, RealDisk};
use model::{Batch, Envelope, Image, Receipt, Sequence, Timestamp};
use parking_lot::Mutex;
use runtime::clock::Clock;
use tokio::sync::{broadcast, oneshot};

use crate::disk::{Disk, StopOnDrop, Writer};
use crate::follower::Follower;
use crate::progress::Progress;
use crate::recovery::{StartReport, recover};
use crate::sequencer::{Commands, Request, Sequencer};
use crate::shadow::Shadow;
use crate::{Config, Error, SubmitError, Subscription};

/// A running engine with its journal. Cheap to clone; [`Node::stop`] or the drop of the last clone ends it.
#[derive(Debug, Clone)]
pub struct Node {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    requests: Sender<Request>,
    queued: Arc<AtomicUsize>,
    feed: broadcast::WeakSender<Arc<Batch>>,
    progress: Arc<Progress>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Node {
    /// Most commands that may be submitted together.
    pub const MOST_TOGETHER: usize = 1_024;

    /// Opens the journal, builds the state, and starts the threads. Reads files: call it where blocking is allowed.
    ///
    /// # Errors
    /// A setting that cannot work; a journal that is locked, damaged or newer than this program; no state to start from.
    pub fn start(config: Config, clock: Arc<dyn Clock>) -> Result<(Self, StartReport), Error> {
        Self::start_on(config, clock, Arc::new(RealDisk))
    }

    /// [`Node::start`] with journal and snapshots on a given disk, for tests that inject failures.
    ///
    /// # Errors
    /// As [`Node::start`].
    pub fn start_on(
        config: Config,
        clock: Arc<dyn Clock>,
        disk: Arc<dyn journal::Disk>,
    ) -> Result<(Self, StartReport), Error> {
        config.check()?;
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
        let (work, work_in) = bounded(1);
        let (done, done_in) = bounded(1);
        let queued = Arc::new(AtomicUsize::new(0));
        let mut threads = Vec::new();

        let shadow = start_shadow(&config, position, &progress, disk)?;
        let marks = shadow.map(|(marks, thread)| {
            threads.push(thread);
            marks
        });
        let feed_handle = feed.downgrade();
        let mut writer = Box::new(Writer {
            progress: StopOnDrop(Arc::clone(&progress)),
            journal,
            clock: Arc::clone(&clock),
            feed,
            marks,
            snapshot_every_commands: config.snapshot_every_commands,
            next_mark: report.snapshot.unwrap_or(0).saturating_add(config.snapshot_every_commands),
        });
        // A start that had to replay more than lies between two snapshots makes the next start shorter.
        writer.mark(position, recovered.replica.events_hash());
        let disk = Disk { work: work_in, done };
        threads.push(spawn("rialto-disk", move || disk.run())?);
        let sequencer = Sequencer {
            replica: recovered.replica,
            clock,
            requests: incoming,
            ahead: VecDeque::new(),
            queued: Arc::clone(&queued),
            work,
            done: done_in,
            batch_commands: config.batch_commands,
            full_batch_bytes: config.full_batch_bytes(),
            time: Timestamp(report.image.time.0),
        };
        threads.push(spawn("rialto-engine", move || sequencer.run(writer))?);
        let shared = Shared { config, requests, queued, feed: feed_handle, progress, threads: Mutex::new(threads) };
        Ok((Self { shared: Arc::new(shared) }, report))
    }

    /// Sends one command; the receipt comes when it is durable. To drop the future after its first poll takes nothing
    /// back.
    ///
    /// # Errors
    /// [`SubmitError::Busy`]: nothing has happened. [`SubmitError::Stopped`]: the outcome shows after the restart.
    pub async fn submit(&self, envelope: Envelope) -> Result<Receipt, SubmitError> {
        self.send(Commands::One(envelope))?.await.unwrap_or(Err(SubmitError::Stopped))
    }

    /// Sends commands that are applied one after another with nothing between them, and become durable together. The
    /// receipt is that of the first; the others follow it in the same batch.
    ///
    /// At least one and at most [`Node::MOST_TOGETHER`]; another number is answered `Busy`, as nothing has happened.
    pub async fn submit_together(&self, envelopes: Vec<Envelope>) -> Result<Receipt, SubmitError> {
        if envelopes.is_empty() || envelopes.len() > Self::MOST_TOGETHER {
            return Err(SubmitError::Busy);
        }
        self.send(Commands::Many(envelopes))?.await.unwrap_or(Err(SubmitError::Stopped))
    }

    fn send(&self, commands: Commands) -> Result<oneshot::Receiver<Result<Receipt, SubmitError>>, SubmitError> {
        let shared = &self.shared;
        let count = commands.as_slice().len();
        if shared.queued.fetch_add(count, Ordering::Relaxed) + count > shared.config.queue_commands {
            shared.queued.fetch_sub(count, Ordering::Relaxed);
            if self.is_stopped() {
                return Err(SubmitError::Stopped);
            }
            metrics::counter!("rialto_commands_refused_busy_total").increment(count as u64);
            return Err(SubmitError::Busy);
        }
        let (reply, answer) = oneshot::channel();
        if shared.requests.send(Request::Commands { commands, reply }).is_err() {
            shared.queued.fetch_sub(count, Ordering::Relaxed);
            return Err(SubmitError::Stopped);
        }
        Ok(answer)
    }

    /// Reads the feed from the next batch on.
    pub fn subscribe(&self) -> Subscription {
        match self.shared.feed.upgrade() {
            Some(feed) => Subscription(feed.subscribe()),
            // The node has stopped: a feed that is at its end.
            None => Subscription(broadcast::channel(1).1),
        }
    }

    /// The last command that is durable.
    pub fn durable(&self) -> Sequence {
        Sequence(self.shared.progress.durable())
    }

    /// Commands that wait for the engine; none once the node has stopped.
    pub fn queued(&self) -> usize {
        // What stood in the queue at a stop was answered and dropped, without being counted down.
        if self.is_stopped() { 0 } else { self.shared.queued.load(Ordering::Relaxed) }
    }

    /// Follows the journal from behind a position. Reads files: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`Error::is_behind`] when retention removed what is needed.
    pub fn follow(&self, after: Sequence) -> Result<Follower, Error> {
        Follower::start(&self.shared.config.directory, after, Some(Arc::clone(&self.shared.progress)))
    }

    /// What views need, at a position that was durable when the call was made or later. Reads files: call it where
    /// blocking is allowed. To go on from it take [`Node::image_and_feed`], or subscribe before the call and pass over
    /// what the image has already.
    pub fn image(&self) -> Result<Image, Error> {
        Ok(self.caught_up()?.image())
    }

    /// An image and the feed that goes on from it: what a view starts with, and what one that fell behind starts anew
    /// with. The feed is subscribed to when the replay is nearly done, so that a long one does not make it fall behind
    /// again. Batches up to the image's sequence may come once more and must be passed over. Reads files: call it where
    /// blocking is allowed.
    pub fn image_and_feed(&self) -> Result<(Image, Subscription), Error> {
        let mut follower = self.caught_up()?;
        let feed = self.subscribe();
        follower.advance_to(self.durable().0)?;
        Ok((follower.image(), feed))
    }

    /// A follower at a durable position, nearly the last one however long the replay took.
    fn caught_up(&self) -> Result<Follower, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_catch_up() {
                // While the files were looked for or read the shadow removed them; what it wrote before is there.
                Err(error) if error.is_behind() && tries < 5 => {}
                other => return other,
            }
        }
    }

    fn try_catch_up(&self) -> Result<Follower, Error> {
        let mut follower = self.follow(self.durable())?;
        // While a pass runs more becomes durable, but each pass is a fraction of the one before.
        for _ in 0..4 {
            follower.advance_to(self.durable().0)?;
        }
        Ok(follower)
    }

    /// Whether the node has stopped, by [`Node::stop`] or by a failure.
    pub fn is_stopped(&self) -> bool {
        self.shared.progress.is_stopped()
    }

    /// Resolves when the node has stopped, by [`Node::stop`] or by a failure.
    pub async fn stopped(&self) {
        self.shared.progress.stopped().await;
    }

    /// Takes no more commands, makes those that were taken durable, and waits for the threads, also when another call
    /// stops them. Blocks, for as long as the shadow may need to finish a snapshot. When the last handle is dropped
    /// instead, the threads end the same way, and nobody waits for them.
    pub fn stop(&self) {
        // An engine thread that has ended needs no word.
        let _ = self.shared.requests.send(Request::Stop);
        for thread in self.shared.threads.lock().drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the node ended by a panic");
            }
        }
    }
}

/// Where the disk thread asks for snapshots, and the thread that writes them.
type ShadowHandle = (Sender<crate::shadow::Mark>, JoinHandle<()>);

fn start_shadow(
    config: &Config,
    position: u64,
    progress: &Arc<Progress>,
    disk: Arc<dyn journal::Disk>,
) -> Result<Option<ShadowHandle>, Error> {
    if config.snapshot_every_commands == 0 {
        return Ok(None);
    }
    let follower = Follower::start(&config.directory, Sequence(position), Some(Arc::clone(progress)))?;
    let (marks, marks_in) = bounded(1);
    let shadow = Shadow {
        follower,
        marks: marks_in,
        directory: config.directory.clone(),
        disk,
        keep_snapshots: config.keep_snapshots,
        retain_segments: config.retain_segments,
    };
    Ok(Some((marks, spawn("rialto-shadow", move || shadow.run())?)))
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    Builder::new().name(name.to_owned()).spawn(run).map_err(Error::Thread)
}
