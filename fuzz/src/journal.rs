//! The journal's files: whatever stands in a directory, readers, verification, the start of a writer and a repair end with
//! an answer, and the answers agree.

mod files;
mod idle;

use std::path::Path;
use std::sync::Arc;

use ::journal::{Batch, Check, Config, Error, Journal, Reader, VerifyReport, repair, snapshot, verify};
use idle::IdleDisk;

/// Flags of the first byte: files get right checksums, they get right links, a start checks only a part, a repair comes
/// first.
const SEALED: u8 = 1;
const LINKED: u8 = 2;
const PARTLY: u8 = 4;
const CUT: u8 = 8;

/// One byte of flags, one for a sequence, then files as [`files::write`] takes them.
pub fn run(data: &[u8]) {
    let [flags, number, rest @ ..] = data else { return };
    let directory = directory();
    let path = directory.path();
    files::write(path, rest, flags & SEALED != 0, flags & LINKED != 0);
    let number = u64::from(*number);
    if flags & CUT != 0 {
        let _ = repair::cut_after(path, number);
    }
    let report = verify(path);
    let records = read(path, 1).or_else(|_| read(path, number));
    let _ = snapshot::newest(path)
        .map(|newest| newest.snapshot.map(|snapshot| assert!(snapshot.bytes.len() <= data.len())));
    let before = files::content(path);
    let check = if flags & PARTLY != 0 { Check::From(number) } else { Check::Everything };
    match open(path, check) {
        Ok(journal) => {
            let report = report.as_ref().ok();
            started(path, journal, check, report, &records);
        }
        Err(Error::Io { .. }) => {}
        Err(_) => assert!(before == files::content(path), "a refused start changed a file"),
    }
}

/// In memory where the system has such a place.
fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a temporary directory can be made")
}

fn open(path: &Path, check: Check) -> Result<(Journal, ::journal::OpenReport), Error> {
    let config = Config { segment_bytes: 512, check, ..Config::default() };
    Journal::open_on(path, config, Arc::new(IdleDisk))
}

/// All records from `first` on, as far as they can be read.
fn read(path: &Path, first: u64) -> Result<Vec<(u64, Vec<u8>)>, Error> {
    let mut reader = Reader::open(path, first)?;
    let mut records = Vec::new();
    while let Ok(Some(record)) = reader.next() {
        records.push((record.sequence, record.payload.to_vec()));
    }
    assert!(records.iter().zip(first..).all(|((sequence, _), expected)| *sequence == expected));
    Ok(records)
}

/// What must hold once a writer has started on these files.
fn started(
    path: &Path,
    (mut journal, opened): (Journal, ::journal::OpenReport),
    check: Check,
    report: Option<&VerifyReport>,
    before: &Result<Vec<(u64, Vec<u8>)>, Error>,
) {
    let next = journal.next_sequence();
    assert_eq!(next, opened.last_sequence + 1);
    if check == Check::Everything && !opened.created {
        let report = report.expect("what a writer starts on can be verified");
        let segments = |problem: &&::journal::Problem| problem.file.extension().is_some_and(|end| end == "seg");
        assert!(!report.problems.iter().any(|problem| segments(&problem)), "{:?}", report.problems);
        assert_eq!(report.torn, opened.torn);
        assert_eq!(report.last_sequence.map_or(next, |last| last + 1), next);
        assert_eq!(report.records, next - opened.first_sequence);
    }
    let mut batch = Batch::new();
    batch.push(next, |out| out.extend_from_slice(b"fuzz"));
    match journal.append(&mut batch) {
        Ok(()) => {}
        // The disk is small.
        Err(error) => return assert!(error.is_stopped(), "{error}"),
    }
    drop(journal);
    if check == Check::Everything {
        let now = read(path, opened.first_sequence).expect("what was opened can be read");
        assert_eq!(now.last(), Some(&(next, b"fuzz".to_vec())));
        assert_eq!(now.len() as u64, next - opened.first_sequence + 1);
        if let Ok(before) = before {
            assert!(now.windows(before.len().max(1)).any(|part| part == before.as_slice()) || before.is_empty());
        }
        let (journal, again) = open(path, check).expect("what was written can be opened again");
        assert_eq!((journal.next_sequence(), again.torn), (next + 1, None));
    }
}
