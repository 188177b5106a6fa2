use journal::{Batch, Check, Config, Reader};
use proptest::prelude::*;

use crate::support::{Seeded, append, expect_records, open, segments, tiny, write};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever was appended is read back, whatever the batches, the segment size and the restarts.
    #[test]
    fn random_batches_come_back(
        batches in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..4), 1..40),
        segment_bytes in 1024_u64..8192,
        restart_every in 1_usize..10,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let config = Config { segment_bytes, ..Config::default() };
        let (mut journal, _) = open(directory.path(), &config).unwrap();
        let mut batch = Batch::new();
        for (place, records) in batches.iter().enumerate() {
            batch.clear();
            for (sequence, payload) in (journal.next_sequence()..).zip(records) {
                batch.push(sequence, |out| out.extend_from_slice(payload));
            }
            journal.append(&mut batch).unwrap();
            if place % restart_every == 0 {
                drop(journal);
                let (reopened, report) = open(directory.path(), &config).unwrap();
                prop_assert_eq!(&report.torn, &None);
                prop_assert_eq!(Some(report.last_sequence), batch.last_sequence());
                journal = reopened;
            }
        }
        let mut reader = Reader::open(directory.path(), 1).unwrap();
        for (sequence, payload) in (1..).zip(batches.iter().flatten()) {
            let record = reader.next_until(u64::MAX).unwrap().unwrap();
            prop_assert_eq!((record.sequence, record.payload), (sequence, payload.as_slice()));
        }
        prop_assert_eq!(reader.next().unwrap(), None);
    }
}

#[test]
fn every_sequence_can_be_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let mut seeded = Seeded(7);
    let batches: Vec<u64> = (0..30).map(|_| 1 + seeded.below(5)).collect();
    let journal = write(directory.path(), &tiny(), &batches);
    let last = journal.next_sequence() - 1;
    assert!(segments(directory.path()).len() > 3);
    for first in 1..=last {
        expect_records(directory.path(), first, last);
    }
    let mut reader = Reader::open(directory.path(), last + 1).unwrap();
    assert_eq!(reader.next().unwrap(), None);
    assert_eq!(reader.next_sequence(), last + 1);
    let error = Reader::open(directory.path(), last + 2).unwrap_err();
    assert!(matches!(error, journal::Error::Beyond { next, .. } if next == last + 1), "{error}");
}

#[test]
fn a_limit_inside_a_batch_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let _journal = write(directory.path(), &tiny(), &[4, 4]);
    let mut reader = Reader::open(directory.path(), 2).unwrap();
    assert_eq!(reader.next_until(1).unwrap(), None);
    assert_eq!(reader.next_until(3).unwrap().unwrap().sequence, 2);
    assert_eq!(reader.next_until(3).unwrap().unwrap().sequence, 3);
    assert_eq!(reader.next_until(3).unwrap(), None);
    assert_eq!(reader.next_until(8).unwrap().unwrap().sequence, 4);
    assert_eq!(reader.next().unwrap().unwrap().sequence, 5);
}

#[test]
fn segments_grow_to_the_setting_and_prepared_ones_are_used() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { segment_bytes: 16 << 20, ..Config::default() };
    let (mut journal, _) = open(directory.path(), &config).unwrap();
    let mut batch = Batch::new();
    while segments(directory.path()).len() < 4 {
        batch.clear();
        batch.push(journal.next_sequence(), |out| out.resize(out.len() + 500_000, 0x11));
        journal.append(&mut batch).unwrap();
    }
    let lengths: Vec<u64> =
        segments(directory.path()).iter().map(|path| path.metadata().unwrap().len() >> 20).collect();
    assert_eq!(lengths, [4, 16, 16, 16]);
    drop(journal);
    let (journal, report) = open(directory.path(), &config).unwrap();
    assert_eq!((report.torn, report.restored_bytes), (None, 0));
    assert_eq!(crate::support::files(directory.path(), ".tmp").len(), 0);
    drop(journal);
}

#[test]
fn a_partial_check_reads_only_what_it_must() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = write(directory.path(), &tiny(), &[5; 30]);
    append(&mut journal, 1).unwrap();
    drop(journal);
    let oldest = &segments(directory.path())[0];
    let mut bytes = std::fs::read(oldest).unwrap();
    bytes[200] ^= 1;
    std::fs::write(oldest, bytes).unwrap();
    let partial = Config { check: Check::From(100), ..tiny() };
    let (_, report) = open(directory.path(), &partial).unwrap();
    assert_eq!((report.first_sequence, report.last_sequence), (1, 151));
    assert!(open(directory.path(), &tiny()).unwrap_err().is_damage());
    expect_records(directory.path(), 100, 151);
    assert!(Reader::open(directory.path(), 1).unwrap().next_until(151).unwrap_err().is_damage());
}
