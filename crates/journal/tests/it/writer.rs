use std::sync::Arc;
use std::sync::atomic::Ordering;

use journal::{Batch, Config, Error, Journal, TornTail};

use crate::support::{FaultyDisk, append, expect_records, fill, open, segments, tiny, write};

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let (first, _) = Journal::open(directory.path(), tiny()).unwrap();
    let error = Journal::open(directory.path(), tiny()).unwrap_err();
    assert!(error.is_locked(), "{error}");
    drop(first);
    Journal::open(directory.path(), tiny()).unwrap();
}

#[test]
fn a_batch_is_one_write_and_one_sync() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::never();
    let state = disk.state();
    let (mut journal, _) = Journal::open_on(directory.path(), Config::default(), Arc::new(disk)).unwrap();
    let mut batch = Batch::new();
    for _ in 0..5 {
        fill(&mut batch, journal.next_sequence(), 1000);
        let before = (state.writes.load(Ordering::SeqCst), state.syncs.load(Ordering::SeqCst));
        journal.append(&mut batch).unwrap();
        let after = (state.writes.load(Ordering::SeqCst), state.syncs.load(Ordering::SeqCst));
        assert_eq!(after, (before.0 + 1, before.1 + 1));
    }
}

#[test]
fn what_cannot_be_written_is_refused_and_the_journal_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = write(directory.path(), &tiny(), &[3]);
    let mut batch = Batch::new();
    fill(&mut batch, 9, 1);
    assert!(matches!(journal.append(&mut batch), Err(Error::OutOfOrder { expected: 4, found: 9 })));
    batch.clear();
    batch.push(4, |_| {});
    batch.push(6, |_| {});
    batch.push(6, |_| {});
    assert!(matches!(journal.append(&mut batch), Err(Error::OutOfOrder { expected: 5, found: 6 })));
    batch.clear();
    batch.push(4, |out| out.resize(out.len() + 1000, 7));
    assert!(matches!(journal.append(&mut batch), Err(Error::RecordTooLarge { bytes: 1000, .. })));
    batch.clear();
    (4..40).for_each(|sequence| batch.push(sequence, |out| out.extend_from_slice(&[1; 20])));
    let error = journal.append(&mut batch).unwrap_err();
    assert!(matches!(error, Error::BatchTooLarge { .. }) && error.is_caller_fault(), "{error}");
    batch.clear();
    journal.append(&mut batch).unwrap();
    append(&mut journal, 2).unwrap();
    drop(journal);
    expect_records(directory.path(), 1, 5);
}

#[test]
fn the_largest_allowed_batch_fits_every_segment() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(directory.path(), &tiny()).unwrap();
    let largest = usize::try_from(tiny().max_payload_bytes()).unwrap();
    for sequence in 1..=4 {
        let mut batch = Batch::new();
        batch.push(sequence, |out| out.resize(out.len() + largest, 0xEE));
        assert!(batch.len_bytes() <= tiny().max_batch_bytes());
        journal.append(&mut batch).unwrap();
    }
    assert_eq!(segments(directory.path()).len(), 4);
    drop(journal);
    let (_, report) = open(directory.path(), &tiny()).unwrap();
    assert_eq!((report.first_sequence, report.last_sequence, report.segments), (1, 4, 4));
}

#[test]
fn a_batch_that_goes_on_after_its_append_is_framed_anew() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(directory.path(), &tiny()).unwrap();
    let mut batch = Batch::new();
    fill(&mut batch, 1, 2);
    journal.append(&mut batch).unwrap();
    // The same records again are out of order; with one more pushed they still are.
    assert!(journal.append(&mut batch).is_err());
    fill(&mut batch, 3, 1);
    batch.push(4, |out| out.extend_from_slice(&crate::support::payload(4)));
    assert_eq!((batch.len(), batch.first_sequence(), batch.last_sequence()), (2, Some(3), Some(4)));
    journal.append(&mut batch).unwrap();
    drop(journal);
    expect_records(directory.path(), 1, 4);
}

#[test]
fn an_empty_segment_grows_with_the_settings() {
    let directory = tempfile::tempdir().unwrap();
    drop(write(directory.path(), &tiny(), &[]));
    let mut reader = journal::Reader::open(directory.path(), 1).unwrap();
    assert_eq!(reader.next().unwrap(), None);
    let larger = Config { segment_bytes: 64 << 10, ..Config::default() };
    let (mut journal, report) = open(directory.path(), &larger).unwrap();
    assert!(!report.created);
    let mut batch = Batch::new();
    batch.push(1, |out| out.resize(out.len() + 50_000, 3));
    journal.append(&mut batch).unwrap();
    assert_eq!(reader.next().unwrap().unwrap().payload.len(), 50_000);
}

#[test]
fn a_journal_can_start_at_any_sequence() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { first_sequence: 1_000, ..tiny() };
    let (mut journal, report) = open(directory.path(), &config).unwrap();
    assert_eq!((report.first_sequence, report.last_sequence, report.created), (1_000, 999, true));
    append(&mut journal, 2).unwrap();
    drop(journal);
    // Later starts go by what is on disk.
    let (_, report) = open(directory.path(), &tiny()).unwrap();
    assert_eq!((report.first_sequence, report.last_sequence, report.created), (1_000, 1_001, false));
    for wrong in [Config { first_sequence: 0, ..tiny() }, Config { segment_bytes: 100, ..tiny() }] {
        assert!(matches!(open(directory.path(), &wrong), Err(Error::Setting { .. })));
    }
}

#[test]
fn after_a_torn_tail_the_journal_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = write(directory.path(), &tiny(), &[2, 3]);
    let (path, end) = (journal.position().0.to_path_buf(), journal.position().1);
    append(&mut journal, 4).unwrap();
    drop(journal);
    // The last batch loses its second half.
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let start = usize::try_from(end).unwrap();
    let middle = (start + last) / 2;
    bytes[middle..].fill(0);
    let bytes_left = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1 - start;
    std::fs::write(&path, &bytes).unwrap();
    let (mut journal, report) = open(directory.path(), &tiny()).unwrap();
    assert_eq!(report.torn, Some(TornTail { segment: path, offset: end, bytes: bytes_left as u64 }));
    assert_eq!(journal.next_sequence(), 6);
    append(&mut journal, 7).unwrap();
    drop(journal);
    let (_, report) = open(directory.path(), &tiny()).unwrap();
    assert_eq!((report.last_sequence, report.torn), (12, None));
    expect_records(directory.path(), 1, 12);
}
