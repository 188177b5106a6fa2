use std::io;
use std::path::Path;

use journal::{Cause, Config, Error, snapshot};

use crate::support::{Seeded, files, open, tiny, write};

fn content(sequence: u64, length: usize) -> Vec<u8> {
    let mut seeded = Seeded(sequence);
    (0..length).map(|_| seeded.next().to_le_bytes()[0]).collect()
}

fn store(directory: &Path, sequence: u64, length: usize) {
    let bytes = content(sequence, length);
    snapshot::write(directory, sequence, sequence * 3, |out| {
        bytes.chunks(777).try_for_each(|chunk| out.write_all(chunk))
    })
    .unwrap();
}

#[test]
fn what_was_written_is_loaded() {
    let directory = tempfile::tempdir().unwrap();
    for (sequence, length) in [(5, 0), (9, 1), (10, 300_000), (12, 1_000)] {
        store(directory.path(), sequence, length);
        let loaded = snapshot::load(directory.path(), sequence).unwrap();
        assert_eq!((loaded.sequence, loaded.state_hash), (sequence, sequence * 3));
        assert_eq!(loaded.bytes, content(sequence, length));
    }
    let sequences: Vec<u64> = snapshot::list(directory.path()).unwrap().iter().map(|file| file.sequence).collect();
    assert_eq!(sequences, [12, 10, 9, 5]);
    assert_eq!(files(directory.path(), ".tmp").len(), 0);
}

#[test]
fn damage_falls_back_to_an_older_one_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    for sequence in [10, 20, 30] {
        store(directory.path(), sequence, 500);
    }
    for sequence in [20, 30] {
        let path = directory.path().join(format!("snapshot-{sequence:020}.snap"));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[100] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
    let newest = snapshot::newest(directory.path()).unwrap();
    assert_eq!(newest.snapshot.unwrap().sequence, 10);
    let texts: Vec<String> = newest.passed_over.iter().map(ToString::to_string).collect();
    assert!(texts[0].contains("snapshot-00000000000000000030.snap") && texts[1].contains("0020.snap"), "{texts:?}");
    let none = tempfile::tempdir().unwrap();
    assert!(snapshot::newest(none.path()).unwrap().snapshot.is_none());
}

#[test]
fn every_flip_and_every_cut_is_found() {
    let directory = tempfile::tempdir().unwrap();
    store(directory.path(), 7, 200);
    let path = directory.path().join("snapshot-00000000000000000007.snap");
    let original = std::fs::read(&path).unwrap();
    for offset in 0..original.len() {
        for bit in 0..8 {
            let mut bytes = original.clone();
            bytes[offset] ^= 1 << bit;
            std::fs::write(&path, bytes).unwrap();
            let error = snapshot::load(directory.path(), 7).unwrap_err();
            assert!(matches!(&error, Error::SnapshotDamaged { path: named, .. } if *named == path), "{error}");
        }
        std::fs::write(&path, &original[..offset]).unwrap();
        assert!(snapshot::load(directory.path(), 7).unwrap_err().is_damage());
    }
    std::fs::write(&path, [&original[..], b"x"].concat()).unwrap();
    assert!(snapshot::load(directory.path(), 7).unwrap_err().is_damage());
    let other = directory.path().join("snapshot-00000000000000000008.snap");
    std::fs::write(other, &original).unwrap();
    let error = snapshot::load(directory.path(), 8).unwrap_err();
    assert!(matches!(error, Error::SnapshotDamaged { cause: Cause::Name { expected: 8, found: 7 }, .. }), "{error}");
}

#[test]
fn a_failed_write_leaves_the_older_ones() {
    let directory = tempfile::tempdir().unwrap();
    store(directory.path(), 7, 200);
    let failed = snapshot::write(directory.path(), 8, 0, |out| {
        out.write_all(&[1; 100])?;
        Err(io::Error::other("the state is broken"))
    });
    assert!(failed.unwrap_err().to_string().contains("the state is broken"));
    assert_eq!(snapshot::list(directory.path()).unwrap().len(), 1);
    assert_eq!(files(directory.path(), ".tmp").len(), 0);
    assert_eq!(snapshot::load(directory.path(), 7).unwrap().bytes, content(7, 200));
}

#[test]
fn retention_counts_only_good_ones() {
    let directory = tempfile::tempdir().unwrap();
    for sequence in 1..=6 {
        store(directory.path(), sequence, 50);
    }
    std::fs::write(directory.path().join("snapshot-00000000000000000006.snap"), "broken").unwrap();
    let removed = snapshot::retain(directory.path(), 2).unwrap();
    assert_eq!(removed.len(), 3);
    let left: Vec<u64> = snapshot::list(directory.path()).unwrap().iter().map(|file| file.sequence).collect();
    assert_eq!(left, [6, 5, 4]);
    snapshot::retain(directory.path(), 0).unwrap();
    assert_eq!(snapshot::newest(directory.path()).unwrap().snapshot.unwrap().sequence, 5);
}

#[test]
fn a_journal_that_lost_its_end_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let journal = write(directory.path(), &tiny(), &[5; 30]);
    drop(journal);
    store(directory.path(), 150, 10);
    open(directory.path(), &tiny()).unwrap();
    let newest = crate::support::segments(directory.path()).pop().unwrap();
    std::fs::remove_file(newest).unwrap();
    let error = open(directory.path(), &tiny()).unwrap_err();
    assert!(matches!(error, Error::SnapshotAhead { snapshot: 150, .. }) && error.is_damage(), "{error}");
    // A standby begins with a snapshot and an empty journal after it.
    let standby = tempfile::tempdir().unwrap();
    store(standby.path(), 150, 10);
    assert!(open(standby.path(), &tiny()).unwrap_err().is_damage());
    open(standby.path(), &Config { first_sequence: 151, ..tiny() }).unwrap();
}
