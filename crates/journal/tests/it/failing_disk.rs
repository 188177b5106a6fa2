use std::sync::Arc;
use std::sync::atomic::Ordering;

use journal::{Batch, Config, Error, Journal, RealDisk};

use crate::support::{FaultyDisk, append, expect_records, fill, tiny};

#[test]
fn after_a_failed_sync_nothing_is_written_any_more() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::never();
    let state = disk.state();
    let (mut journal, _) = Journal::open_on(directory.path(), tiny(), Arc::new(disk)).unwrap();
    append(&mut journal, 2).unwrap();
    let mut batch = Batch::new();
    fill(&mut batch, 3, 1);
    // The write passes, the sync after it fails.
    state.fail_after(1);
    let error = journal.append(&mut batch).unwrap_err();
    assert!(matches!(error, Error::Io { .. }) && error.is_stopped(), "{error}");
    let calls = state.calls.load(Ordering::SeqCst);
    for _ in 0..3 {
        let error = journal.append(&mut batch).unwrap_err();
        assert!(matches!(&error, Error::Stopped { cause } if cause.contains("injected failure")), "{error}");
    }
    assert_eq!(state.calls.load(Ordering::SeqCst), calls, "a stopped journal does not touch the disk");
    assert_eq!(journal.next_sequence(), 3);
}

/// Every call to the disk fails once, in one run each; twice: with a disk that works again after, and with one that is
/// gone. Whatever was acknowledged before is there at the next start.
#[test]
fn any_failing_call_loses_nothing_that_was_acknowledged() {
    for dead_after in [false, true] {
        let mut failed_in_open = 0;
        let mut failed_in_append = 0;
        for call in 0.. {
            let directory = tempfile::tempdir().unwrap();
            let disk = FaultyDisk::at(call, dead_after);
            let state = disk.state();
            let mut acknowledged = 0;
            match Journal::open_on(directory.path(), tiny(), Arc::new(disk)) {
                Ok((mut journal, _)) => {
                    for records in [3, 1, 6, 2, 4, 5, 1, 9, 2, 6, 3, 8, 8, 8] {
                        match append(&mut journal, records) {
                            Ok(()) => acknowledged = journal.next_sequence() - 1,
                            Err(error) => {
                                assert!(error.is_stopped(), "{error}");
                                assert!(matches!(append(&mut journal, 1), Err(Error::Stopped { .. })));
                                failed_in_append += 1;
                                break;
                            }
                        }
                    }
                }
                Err(error) => {
                    assert!(error.is_stopped(), "{error}");
                    failed_in_open += 1;
                }
            }
            let (mut journal, report) = Journal::open_on(directory.path(), tiny(), Arc::new(RealDisk)).unwrap();
            assert!(report.last_sequence >= acknowledged, "call {call}: {report:?}, acknowledged {acknowledged}");
            expect_records(directory.path(), 1, report.last_sequence);
            append(&mut journal, 2).unwrap();
            if !state.has_failed() {
                break;
            }
        }
        assert!(failed_in_open >= 5 && failed_in_append >= 30, "{failed_in_open} {failed_in_append}");
    }
}

/// A start that fails in its own repair leaves a journal that the next start repairs.
#[test]
fn a_failing_repair_is_repeated() {
    for call in 0.. {
        let directory = tempfile::tempdir().unwrap();
        let config = Config { segment_bytes: 4096, ..tiny() };
        let mut journal = crate::support::write(directory.path(), &config, &[5, 5]);
        let path = journal.position().0.to_path_buf();
        append(&mut journal, 20).unwrap();
        let end = usize::try_from(journal.position().1).unwrap();
        drop(journal);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[end - 300..].fill(0);
        std::fs::write(&path, bytes).unwrap();
        let disk = FaultyDisk::at(call, true);
        let state = disk.state();
        let opened = Journal::open_on(directory.path(), config.clone(), Arc::new(disk));
        assert_eq!(opened.is_err(), state.has_failed());
        drop(opened);
        let (_, report) = Journal::open_on(directory.path(), config, Arc::new(RealDisk)).unwrap();
        assert_eq!(report.last_sequence, 10);
        expect_records(directory.path(), 1, 10);
        if !state.has_failed() {
            assert!(call >= 4, "{call}");
            break;
        }
    }
}

/// The process before may have ended between its write and its sync, so a start writes the last batch again and syncs.
#[test]
fn a_start_makes_durable_what_it_found() {
    let directory = tempfile::tempdir().unwrap();
    drop(crate::support::write(directory.path(), &tiny(), &[2, 3]));
    let disk = FaultyDisk::never();
    let state = disk.state();
    let (_, report) = Journal::open_on(directory.path(), tiny(), Arc::new(disk)).unwrap();
    assert_eq!(report.last_sequence, 5);
    assert_eq!((state.writes.load(Ordering::SeqCst), state.syncs.load(Ordering::SeqCst)), (1, 1));
}
