//! Checks every byte of a journal and its snapshots, for an operator.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::recovery::{Successor, TornTail, check_segment};
use crate::segment;
use crate::snapshot::{self, SnapshotFile};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In which file.
    pub file: PathBuf,
    /// Where, in bytes from its start.
    pub offset: u64,
    /// What, and what to do, as a sentence.
    pub cause: String,
}

/// What a full check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Segment files, damaged ones included.
    pub segments: u64,
    /// Whole batches in undamaged segments.
    pub batches: u64,
    /// Records in those.
    pub records: u64,
    /// Bytes in use in those, headers included.
    pub bytes: u64,
    /// The oldest sequence; `None` without a record.
    pub first_sequence: Option<u64>,
    /// The last sequence of the undamaged segments; `None` without a record.
    pub last_sequence: Option<u64>,
    /// Snapshot files, damaged ones included.
    pub snapshots: u64,
    /// An unfinished last write, which the next start cuts. Beside a live writer: the batch it is writing.
    pub torn: Option<TornTail>,
    /// All that is wrong, in the order of the files.
    pub problems: Vec<Problem>,
}

impl VerifyReport {
    /// True without a problem; a torn tail is none.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Reads every segment and snapshot. Changes nothing and takes no lock, so that it may run beside a live writer.
///
/// # Errors
/// [`Error::Io`], [`Error::NoJournal`]; damage is in the report instead.
pub fn verify(directory: &Path) -> Result<VerifyReport, Error> {
    // First the snapshots: those that are there now cover nothing that the journal does not hold by now.
    let snapshots = snapshot::list(directory)?;
    let segments = segment::list(directory)?;
    if segments.is_empty() {
        return Err(Error::NoJournal { path: directory.to_path_buf() });
    }
    let mut report = VerifyReport::default();
    // What the segment before leaves: its first sequence, and its chain if it is whole.
    let mut before: Option<(u64, Option<u32>)> = None;
    for (place, file) in segments.iter().enumerate() {
        let mut chain = None;
        match check_segment(file, Successor::of(&segments, place)) {
            Ok(checked) => {
                // When the segment before is gone by now, so are those that retention removed after it.
                let before = before.filter(|_| segments[place - 1].path.exists());
                if let Err(error) = checked.follows(before) {
                    report.add(error)?;
                }
                chain = Some(checked.chain);
                report.batches += checked.batches;
                report.records += checked.records;
                report.bytes += checked.end;
                if checked.records > 0 {
                    report.first_sequence.get_or_insert(checked.header.first_sequence);
                    report.last_sequence = Some(checked.next_sequence - 1);
                }
                report.torn = checked.torn;
            }
            // Retention came between.
            Err(error) if error.is_not_found() => {
                before = None;
                continue;
            }
            Err(error) => report.add(error)?,
        }
        report.segments += 1;
        before = Some((file.first_sequence, chain));
    }
    // Without a whole last segment the end is unknown.
    let end_is_known = before.is_some_and(|(_, chain)| chain.is_some());
    verify_snapshots(snapshots, end_is_known, &mut report)?;
    Ok(report)
}

fn verify_snapshots(files: Vec<SnapshotFile>, end_is_known: bool, report: &mut VerifyReport) -> Result<(), Error> {
    let last = report.last_sequence;
    for file in files {
        report.snapshots += 1;
        match snapshot::check(&file) {
            Ok(_) => {
                if let Some(last) = last.filter(|last| end_is_known && *last < file.sequence) {
                    report.add(Error::SnapshotAhead { path: file.path, snapshot: file.sequence, last })?;
                }
            }
            // Retention came between.
            Err(error) if error.is_not_found() => report.snapshots -= 1,
            Err(error) => report.add(error)?,
        }
    }
    Ok(())
}

impl VerifyReport {
    /// Takes damage into the report, passes other errors on.
    fn add(&mut self, error: Error) -> Result<(), Error> {
        let cause = error.to_string();
        let (file, offset) = match error {
            Error::Damaged { segment, offset, .. } => (segment, offset),
            Error::SnapshotDamaged { path, offset, .. } => (path, offset),
            Error::MissingSegment { segment, .. } => (segment, 0),
            Error::SnapshotAhead { path, .. } | Error::Version { path, .. } => (path, 0),
            error => return Err(error),
        };
        self.problems.push(Problem { file, offset, cause });
        Ok(())
    }
}
