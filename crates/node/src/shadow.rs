//! The shadow replica: follows the journal, checks itself against the leader, and writes snapshots.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Receiver;
use journal::{retention, snapshot};
use runtime::cpu;

use crate::Error;
use crate::follower::Follower;

/// Where a snapshot is due, and what the leader's rolling event hash was there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pub(crate) sequence: u64,
    pub(crate) events_hash: u64,
}

/// The shadow thread's state.
pub(crate) struct Shadow {
    pub(crate) follower: Follower,
    pub(crate) marks: Receiver<Mark>,
    pub(crate) directory: PathBuf,
    /// Where snapshots are written.
    pub(crate) disk: Arc<dyn journal::Disk>,
    pub(crate) keep_snapshots: usize,
    pub(crate) retain_segments: bool,
}

impl Shadow {
    /// Runs until the node has stopped. A failed snapshot is reported; the journal alone is enough to start from.
    pub(crate) fn run(mut self) {
        cpu::give_way();
        while let Ok(mark) = self.marks.recv() {
            match self.snapshot(mark) {
                Ok(()) => tracing::info!(sequence = mark.sequence, "snapshot written"),
                Err(Failure::Diverged { ours }) => {
                    tracing::error!(
                        sequence = mark.sequence,
                        leader = mark.events_hash,
                        shadow = ours,
                        "the shadow's events differ from the leader's: no more snapshots are written; keep the journal and report this defect"
                    );
                    metrics::counter!("rialto_shadow_divergences_total").increment(1);
                    return;
                }
                Err(Failure::Other(cause)) => tracing::error!(%cause, "a snapshot could not be written"),
            }
        }
    }

    pub(crate) fn snapshot(&mut self, mark: Mark) -> Result<(), Failure> {
        self.follower.advance_to(mark.sequence)?;
        let replica = self.follower.replica();
        if replica.events_hash() != mark.events_hash {
            return Err(Failure::Diverged { ours: replica.events_hash() });
        }
        let mut bytes = Vec::new();
        replica.snapshot(&mut bytes);
        let disk = self.disk.as_ref();
        snapshot::write_on(disk, &self.directory, mark.sequence, replica.state_hash(), |out| out.write_all(&bytes))?;
        snapshot::retain_on(disk, &self.directory, self.keep_snapshots)?;
        if !self.retain_segments {
            let oldest = snapshot::list(&self.directory)?.last().map_or(0, |file| file.sequence);
            retention::remove_segments_before_on(disk, &self.directory, oldest + 1)?;
        }
        Ok(())
    }
}

/// Why a snapshot was not written.
pub(crate) enum Failure {
    Diverged { ours: u64 },
    Other(Error),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}
