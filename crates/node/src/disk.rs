//! The disk thread: makes batches durable, then answers, publishes and tells the shadow.

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

/// The disk thread's state.
pub(crate) struct Disk {
    pub(crate) journal: Journal,
    /// Measures how long a write and sync take; nothing is decided by it.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) work: Receiver<Work>,
    pub(crate) free: Sender<journal::Batch>,
    pub(crate) feed: broadcast::Sender<Arc<Batch>>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) marks: Option<Sender<Mark>>,
    pub(crate) snapshot_every_commands: u64,
    /// First position at or after which the shadow is given a mark.
    pub(crate) next_mark: u64,
}

impl Disk {
    /// Runs until the engine thread has ended and everything is written, or a write fails.
    pub(crate) fn run(mut self) {
        // Dropping this, also by a panic, tells everybody that nothing more becomes durable.
        let _stop = StopOnDrop(Arc::clone(&self.progress));
        if self.free.send(journal::Batch::new()).is_err() {
            return;
        }
        while let Ok(mut work) = self.work.recv() {
            let started = self.clock.monotonic_us();
            let written = self.journal.append(&mut work.records);
            let took = Duration::from_micros(self.clock.monotonic_us().saturating_sub(started));
            metrics::histogram!("rialto_journal_sync_seconds").record(took);
            if let Err(cause) = written {
                tracing::error!(%cause, "the journal cannot be written: the node stops; waiting commands have an unknown outcome");
                return;
            }
            self.release(work);
        }
    }

    /// The batch is durable: lets it out.
    pub(crate) fn release(&mut self, work: Work) {
        let Work { mut records, batch, replies, events_hash } = work;
        let last = batch.last_sequence().unwrap_or_default().0;
        metrics::counter!("rialto_commands_total").increment(batch.steps.len() as u64);
        metrics::counter!("rialto_journal_batches_total").increment(1);
        let batch = Arc::new(batch);
        // Before the feed: who subscribes and then loads an image up to this position misses nothing between the two.
        self.progress.advance(last);
        // No reader is no fault.
        let _ = self.feed.send(Arc::clone(&batch));
        for (reply, index) in replies {
            // A task that no longer waits is no fault either.
            let _ = reply.send(Ok(Receipt { batch: Arc::clone(&batch), index }));
        }
        self.mark(last, events_hash);
        records.clear();
        // When the engine thread has ended, nobody needs the buffer.
        let _ = self.free.send(records);
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

struct StopOnDrop(Arc<Progress>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
