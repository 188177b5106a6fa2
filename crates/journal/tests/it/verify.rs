use journal::{Error, snapshot, verify};

use crate::support::{append, open, segments, tiny, write};

#[test]
fn a_sound_journal_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(verify(directory.path()), Err(Error::NoJournal { .. })));
    let journal = write(directory.path(), &tiny(), &[5; 30]);
    snapshot::write(directory.path(), 100, 1, |out| out.write_all(b"state")).unwrap();
    // Also beside the live writer.
    let report = verify(directory.path()).unwrap();
    assert!(report.is_sound());
    assert_eq!((report.batches, report.records, report.snapshots), (30, 150, 1));
    assert_eq!((report.first_sequence, report.last_sequence), (Some(1), Some(150)));
    assert_eq!(report.segments, segments(directory.path()).len() as u64);
    drop(journal);
    let empty = tempfile::tempdir().unwrap();
    drop(write(empty.path(), &tiny(), &[]));
    let report = verify(empty.path()).unwrap();
    assert_eq!((report.first_sequence, report.last_sequence, report.is_sound()), (None, None, true));
}

#[test]
fn every_problem_is_listed() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = write(directory.path(), &tiny(), &[5; 61]);
    let path = snapshot::write(directory.path(), 100, 1, |out| out.write_all(b"state")).unwrap();
    let offset = usize::try_from(journal.position().1).unwrap();
    append(&mut journal, 3).unwrap();
    drop(journal);
    let files = segments(directory.path());
    let flip = |file: &std::path::Path, offset: usize| {
        let mut bytes = std::fs::read(file).unwrap();
        bytes[offset] ^= 0x10;
        std::fs::write(file, bytes).unwrap();
    };
    flip(&files[0], 100);
    flip(&files[2], 10);
    flip(&path, 66);
    std::fs::remove_file(&files[4]).unwrap();
    let last = files.last().unwrap();
    let mut bytes = std::fs::read(last).unwrap();
    bytes[offset + 50..].fill(0);
    std::fs::write(last, bytes).unwrap();
    let before: Vec<_> = segments(directory.path()).iter().map(|path| std::fs::read(path).unwrap()).collect();
    let report = verify(directory.path()).unwrap();
    let found: Vec<_> = report.problems.iter().map(|problem| (problem.file.clone(), problem.offset)).collect();
    assert_eq!(found, [(files[0].clone(), 64), (files[2].clone(), 0), (files[5].clone(), 0), (path, 64)]);
    assert!(report.problems[2].cause.contains("is missing"), "{}", report.problems[2].cause);
    assert_eq!(report.torn.map(|torn| (torn.segment, torn.offset)), Some((last.clone(), offset as u64)));
    let after: Vec<_> = segments(directory.path()).iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(before == after, "verification changes nothing");
    assert!(open(directory.path(), &tiny()).is_err());
}

/// Beside a writer that rolls segments, snapshots and retention, a verification sees no problem.
#[test]
fn a_live_journal_is_sound() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let directory = tempfile::tempdir().unwrap();
    let mut journal = write(directory.path(), &tiny(), &[1]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (path, done) = (directory.path(), &done);
        let verifier = scope.spawn(move || {
            let mut rounds = 0;
            while !done.load(Ordering::SeqCst) {
                let report = verify(path).unwrap();
                assert!(report.is_sound(), "{:?}", report.problems);
                rounds += 1;
            }
            rounds
        });
        for round in 0..3_000 {
            append(&mut journal, 1 + round % 9).unwrap();
            let durable = journal.next_sequence() - 1;
            if round % 40 == 0 {
                snapshot::write(path, durable, round, |out| out.write_all(b"state")).unwrap();
                snapshot::retain(path, 2).unwrap();
                journal::retention::remove_segments_before(path, durable.saturating_sub(200)).unwrap();
            }
        }
        done.store(true, Ordering::SeqCst);
        assert!(verifier.join().unwrap() > 20);
    });
}
