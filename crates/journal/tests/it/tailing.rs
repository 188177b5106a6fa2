use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use journal::{Error, Reader, retention};

use crate::support::{Seeded, append, expect_records, open, payload, segments, tiny, write};

/// A reader behind a live writer gets every record once, in order, and never one that is not durable.
#[test]
fn a_reader_follows_a_live_writer() {
    const LAST: u64 = 20_000;
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(directory.path(), &tiny()).unwrap();
    let durable = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let (path, durable) = (directory.path(), &durable);
        for limited in [true, false] {
            scope.spawn(move || {
                let mut reader = Reader::open(path, 1).unwrap();
                let mut expected = 1;
                while expected <= LAST {
                    let limit = durable.load(Ordering::SeqCst);
                    let record = if limited { reader.next_until(limit) } else { reader.next() };
                    let Some(record) = record.unwrap() else {
                        std::thread::yield_now();
                        continue;
                    };
                    assert!(!limited || record.sequence <= limit);
                    assert_eq!((record.sequence, record.payload), (expected, payload(expected).as_slice()));
                    expected += 1;
                }
            });
        }
        let mut seeded = Seeded(3);
        while journal.next_sequence() <= LAST {
            let records = (1 + seeded.below(9)).min(LAST + 1 - journal.next_sequence());
            append(&mut journal, records).unwrap();
            durable.store(journal.next_sequence() - 1, Ordering::SeqCst);
        }
    });
    assert!(segments(directory.path()).len() > 500);
}

/// A reader that retention overtakes is told where to start again.
#[test]
fn a_reader_is_told_that_it_was_overtaken() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = write(directory.path(), &tiny(), &[5]);
    let mut reader = Reader::open(directory.path(), 1).unwrap();
    assert_eq!(reader.next().unwrap().unwrap().sequence, 1);
    for _ in 0..60 {
        append(&mut journal, 5).unwrap();
    }
    retention::remove_segments_before(directory.path(), 200).unwrap();
    let error = loop {
        match reader.next() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the reader must not wait for what will never come"),
            Err(error) => break error,
        }
    };
    let Error::Trimmed { requested, first_available } = error else { panic!("{error}") };
    assert_eq!(requested, reader.next_sequence());
    assert!(first_available > 100 && first_available <= 200);
    expect_records(directory.path(), first_available, 305);
}

/// Retention beside a writer and a reader: the reader gets right records or the word that it was overtaken.
#[test]
fn retention_runs_beside_reader_and_writer() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(directory.path(), &tiny()).unwrap();
    let (durable, done) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (path, durable, done) = (directory.path(), &durable, &done);
        // Before the writer goes on: later the first record may be gone.
        let mut reader = Reader::open(path, 1).unwrap();
        scope.spawn(move || {
            let mut seen = 0;
            while !done.load(Ordering::SeqCst) {
                match reader.next_until(durable.load(Ordering::SeqCst)) {
                    Ok(Some(record)) => {
                        assert!(record.sequence > seen);
                        assert_eq!(record.payload, payload(record.sequence));
                        seen = record.sequence;
                    }
                    Ok(None) => std::thread::yield_now(),
                    Err(Error::Trimmed { first_available, .. }) => match Reader::open(path, first_available) {
                        Ok(again) => reader = again,
                        Err(error) => assert!(error.is_trimmed(), "{error}"),
                    },
                    Err(error) => panic!("{error}"),
                }
            }
        });
        for round in 0..3_000 {
            append(&mut journal, 1 + round % 7).unwrap();
            durable.store(journal.next_sequence() - 1, Ordering::SeqCst);
            if round % 10 == 0 {
                retention::remove_segments_before(path, journal.next_sequence() - 1).unwrap();
            }
        }
        done.store(true, Ordering::SeqCst);
    });
}

#[test]
fn a_record_that_is_said_to_be_durable_and_is_not_there_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let _journal = write(directory.path(), &tiny(), &[4]);
    let mut reader = Reader::open(directory.path(), 5).unwrap();
    assert_eq!(reader.next().unwrap(), None);
    assert_eq!(reader.next_until(4).unwrap(), None);
    let error = reader.next_until(5).unwrap_err();
    assert!(error.is_damage(), "{error}");
}
