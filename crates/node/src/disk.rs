//! Makes batches durable, then answers, publishes and tells the shadow: on the engine thread or on the disk thread,
//! whichever has the writer.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError};
use journal::Journal;
use model::{Batch, Receipt};
use runtime::clock::Clock;
use tokio::sync::broadcast;

use crate::progress::Progress;
use crate::sequencer::Work;
use crate::shadow::Mark;

/// What writes. There is one, and who has it may write; its end, also by a panic, is the end of the node.
pub(crate) struct Writer {
    /// Before the feed, so that whoever sees the feed's end sees that the node has stopped.
    pub(crate) progress: StopOnDrop,
    pub(crate) journal: Journal,
    /// Measures how long a write and sync take; nothing is decided by it.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) feed: broadcast::Sender<Arc<Batch>>,
    pub(crate) marks: Option<Sender<Mark>>,
    pub(crate) snapshot_every_commands: u64,
    /// First position at or after which the shadow is given a mark.
    pub(crate) next_mark: u64,
}

/// A failed write or sync; it was reported.
pub(crate) struct WriteFailed;

/// The disk thread's state: it writes what the engine thread does not want to wait for.
pub(crate) struct Disk {
    pub(crate) work: Receiver<(Box<Writer>, Work)>,
    pub(crate) done: Sender<(Box<Writer>, journal::Batch)>,
}

impl Disk {
    /// Runs until the engine thread has ended, or a write fails.
    pub(crate) fn run(self) {
        while let Ok((mut writer, work)) = self.work.recv() {
            let Ok(buffer) = writer.write(work) else { return };
            // When the engine thread has ended, the writer ends here.
            if self.done.send((writer, buffer)).is_err() {
                return;
            }
        }
    }
}

impl Writer {
    /// Makes a batch durable and lets it out; gives back the buffer of its records.
    pub(crate) fn write(&mut self, mut work: Work) -> Result<journal::Batch, WriteFailed> {
        let started = self.clock.monotonic_us();
        let written = self.journal.append(&mut work.records);
        let took = Duration::from_micros(self.clock.monotonic_us().saturating_sub(started));
        metrics::histogram!("rialto_journal_sync_seconds").record(took);
        if let Err(cause) = written {
            tracing::error!(%cause, "the journal cannot be written: the node stops; waiting commands have an unknown outcome");
            return Err(WriteFailed);
        }
        Ok(self.release(work))
    }

    /// The batch is durable: lets it out.
    pub(crate) fn release(&mut self, work: Work) -> journal::Batch {
        let Work { mut records, batch, replies, events_hash } = work;
        let last = batch.last_sequence().unwrap_or_default().0;
        metrics::counter!("rialto_commands_total").increment(batch.steps.len() as u64);
        metrics::counter!("rialto_journal_batches_total").increment(1);
        let batch = Arc::new(batch);
        // Before the feed: who subscribes and then loads an image up to this position misses nothing between the two.
        self.progress.0.advance(last);
        // No reader is no fault.
        let _ = self.feed.send(Arc::clone(&batch));
        for (reply, index) in replies {
            // A task that no longer waits is no fault either.
            let _ = reply.send(Ok(Receipt { batch: Arc::clone(&batch), index }));
        }
        self.mark(last, events_hash);
        records.clear();
        records
    }

    /// Asks the shadow for a snapshot when it is due. A shadow that is still busy is asked again after the next batch.
    pub(crate) fn mark(&mut self, sequence: u64, events_hash: u64) {
        let Some(marks) = &self.marks else { return };
        if sequence < self.next_mark {
            return;
        }
        match marks.try_send(Mark { sequence, events_hash }) {
            Ok(()) => self.next_mark = sequence.saturating_add(self.snapshot_every_commands),
            Err(TrySendError::Full(_)) => {}
            Err(TrySendError::Disconnected(_)) => {
                tracing::error!(
                    "the shadow has ended: no more snapshots are written, and starts take longer and longer"
                );
                self.marks = None;
            }
        }
    }
}

/// Its drop, also by a panic, tells everybody that nothing more becomes durable.
pub(crate) struct StopOnDrop(pub(crate) Arc<Progress>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
