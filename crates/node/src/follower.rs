//! A replica that follows the journal at its own pace: it makes the events again for readers that may lag.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use journal::Reader;
use model::codec::DecodeError;
use model::{Batch, Image, Sequence, Stamped, Step, codec};

use crate::Error;
use crate::progress::Progress;
use crate::recovery::{newest_state, reader_after};
use crate::replica::Replica;

/// Reads the journal from a position on and gives the steps with their events. Its lag stands on disk, not in memory.
#[derive(Debug)]
pub struct Follower {
    replica: Replica,
    reader: Reader,
    /// Steps at or before this one are applied and not given out.
    after: u64,
    progress: Option<Arc<Progress>>,
    directory: PathBuf,
    /// The record that ended the reading for good.
    undecodable: Option<(u64, DecodeError)>,
}

impl Follower {
    /// Follows a journal that no node of this process writes, for instance for a rebuild: everything in it counts.
    ///
    /// # Errors
    /// [`Error::is_behind`] when retention removed what is needed; a journal that is missing, damaged or newer than this
    /// program.
    pub fn open(directory: &Path, after: Sequence) -> Result<Self, Error> {
        Self::start(directory, after, None)
    }

    pub(crate) fn start(directory: &Path, after: Sequence, progress: Option<Arc<Progress>>) -> Result<Self, Error> {
        let state = newest_state(directory, after.0)?;
        for cause in &state.passed_over {
            tracing::warn!(%cause, "a snapshot was passed over");
        }
        let reader = reader_after(directory, &state).map_err(|error| match error {
            Error::NoState { first, passed_over, .. } => Error::Behind { after: after.0, first, passed_over },
            other => other,
        })?;
        let directory = directory.to_owned();
        Ok(Self { replica: state.replica, reader, after: after.0, progress, directory, undecodable: None })
    }

    /// The journal's folder.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Applies what is durable and not applied yet, at most `most` commands, and gives the new steps with their events.
    /// Empty when there is nothing new. The first call may take long: it applies all that lies between a snapshot and the
    /// position that the follower was started behind.
    ///
    /// # Errors
    /// Damage, a record of another program version, or retention that overtook the follower ([`Error::is_behind`]). What
    /// was applied before the error is given out first; the error then comes with every further call.
    pub fn take(&mut self, most: usize) -> Result<Batch, Error> {
        let durable = self.progress.as_ref().map(|progress| progress.durable());
        let mut batch = Batch::default();
        let mut applied = 0;
        while applied < most {
            let input = match self.next_input(durable) {
                Ok(Some(input)) => input,
                Ok(None) => break,
                Err(_) if applied > 0 => break,
                Err(error) => return Err(error),
            };
            let first = batch.events.len();
            self.replica.apply_stamped(&input, &mut batch.events);
            if input.sequence.0 <= self.after {
                batch.events.truncate(first);
                continue;
            }
            applied += 1;
            batch.steps.push(step(&input, first, batch.events.len()));
        }
        Ok(batch)
    }

    /// Waits on this thread until there may be something new, the node stops, or the time is over. Without a node there
    /// is nothing to wait for.
    pub fn wait(&self, timeout: Duration) {
        if let Some(progress) = &self.progress {
            progress.wait_above(self.sequence().0, timeout);
        }
    }

    /// Whether the node that is followed has stopped; nothing new comes after what [`Follower::take`] gives then.
    pub fn is_at_end(&self) -> bool {
        self.progress.as_ref().is_none_or(|progress| progress.is_stopped() && progress.durable() <= self.sequence().0)
    }

    /// The last command applied.
    pub fn sequence(&self) -> Sequence {
        self.replica.sequence()
    }

    /// Everything that views need, at [`Follower::sequence`].
    pub fn image(&self) -> Image {
        self.replica.image()
    }

    /// The state that was reached.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Applies everything up to a durable position, keeping no events.
    pub(crate) fn advance_to(&mut self, sequence: u64) -> Result<(), Error> {
        let mut events = Vec::new();
        while let Some(input) = self.next_input(Some(sequence))? {
            events.clear();
            self.replica.apply_stamped(&input, &mut events);
        }
        Ok(())
    }

    /// The next command up to a position, or whatever was written when there is no limit.
    fn next_input(&mut self, limit: Option<u64>) -> Result<Option<Stamped>, Error> {
        if let Some((sequence, cause)) = self.undecodable {
            return Err(Error::Decode { sequence, cause });
        }
        let next = match limit {
            Some(limit) => self.reader.next_until(limit)?,
            None => self.reader.next()?,
        };
        let Some(record) = next else { return Ok(None) };
        let sequence = record.sequence;
        match codec::decode(Sequence(sequence), record.payload) {
            Ok(input) => Ok(Some(input)),
            Err(cause) => {
                self.undecodable = Some((sequence, cause));
                Err(Error::Decode { sequence, cause })
            }
        }
    }
}

/// The step of an input whose events stand in `first..end` of its batch.
pub(crate) fn step(input: &Stamped, first: usize, end: usize) -> Step {
    let bounded = |n: usize| u32::try_from(n).expect("a batch has far fewer than 2^32 events");
    Step {
        sequence: input.sequence,
        time: input.time,
        source: input.envelope.source,
        source_seq: input.envelope.source_seq,
        first_event: bounded(first),
        event_count: bounded(end - first),
    }
}
