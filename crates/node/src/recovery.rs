//! From the files to a running state: the newest valid snapshot at or before a position, then the journal after it.

use std::collections::BTreeMap;
use std::path::Path;

use engine::{Engine, RestoreError};
use journal::{Reader, snapshot};
use model::{Event, Image, Sequence, SourceId, SourceSeq, codec};

use crate::Error;
use crate::replica::Replica;

/// What a start found.
#[derive(Debug, Clone)]
pub struct StartReport {
    /// What the journal says: whether it is new, and whether a torn tail was cut.
    pub journal: journal::OpenReport,
    /// Position of the snapshot that the state was built on, if any.
    pub snapshot: Option<u64>,
    /// Why newer snapshots were passed over, a sentence each.
    pub passed_over: Vec<String>,
    /// Commands that were applied again.
    pub replayed: u64,
    /// The state that views load.
    pub image: Image,
    /// How far each source was then: whoever sends as one goes on from there.
    pub sources: BTreeMap<SourceId, SourceSeq>,
}

/// A state, and how it came about.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) replica: Replica,
    pub(crate) snapshot: Option<u64>,
    pub(crate) passed_over: Vec<String>,
    pub(crate) replayed: u64,
}

/// The newest valid snapshot at or before `limit`; damaged ones are passed over and named. One of a newer program, or one
/// that the disk does not give, is an error.
pub(crate) fn newest_state(directory: &Path, limit: u64) -> Result<Recovered, Error> {
    let mut passed_over = Vec::new();
    for file in snapshot::list(directory)? {
        if file.sequence > limit {
            continue;
        }
        match load(directory, file.sequence)? {
            Ok(engine) => {
                let snapshot = Some(file.sequence);
                return Ok(Recovered { replica: Replica::from_engine(engine), snapshot, passed_over, replayed: 0 });
            }
            Err(cause) => passed_over.push(cause),
        }
    }
    Ok(Recovered { replica: Replica::new(), snapshot: None, passed_over, replayed: 0 })
}

/// The inner error says why the snapshot is passed over.
fn load(directory: &Path, sequence: u64) -> Result<Result<Engine, String>, Error> {
    let found = match snapshot::load(directory, sequence) {
        Ok(found) => found,
        Err(error) if error.is_damage() || is_gone(&error) => return Ok(Err(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    let engine: Engine = match Engine::restore(&found.bytes) {
        Ok(engine) => engine,
        Err(cause @ RestoreError::Version(_)) => return Err(Error::SnapshotVersion { sequence, cause }),
        Err(cause) => return Ok(Err(format!("snapshot {sequence}: {cause}"))),
    };
    if engine.sequence() != Sequence(sequence) || engine.state_hash() != found.state_hash {
        return Ok(Err(format!("snapshot {sequence}: its state hash does not match its state")));
    }
    Ok(Ok(engine))
}

/// Whether the shadow removed the file after it was listed.
fn is_gone(error: &journal::Error) -> bool {
    matches!(error, journal::Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
}

/// Opens a reader behind a state; says what is missing when the journal no longer reaches back to it.
pub(crate) fn reader_after(directory: &Path, state: &Recovered) -> Result<Reader, Error> {
    match Reader::open(directory, state.replica.sequence().0 + 1) {
        Err(journal::Error::Trimmed { first_available: first, .. }) => {
            Err(Error::NoState { first, needed: first.saturating_sub(1), passed_over: state.passed_over.clone() })
        }
        other => Ok(other?),
    }
}

/// The whole state of a directory whose journal is open: snapshot and replay.
pub(crate) fn recover(directory: &Path) -> Result<Recovered, Error> {
    let mut recovered = newest_state(directory, u64::MAX)?;
    let mut reader = reader_after(directory, &recovered)?;
    let mut events: Vec<Event> = Vec::new();
    while let Some(record) = reader.next()? {
        let input = codec::decode(Sequence(record.sequence), record.payload)
            .map_err(|cause| Error::Decode { sequence: record.sequence, cause })?;
        events.clear();
        recovered.replica.apply_stamped(&input, &mut events);
        recovered.replayed += 1;
    }
    Ok(recovered)
}
