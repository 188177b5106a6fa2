use journal::{Error, repair, snapshot};

use crate::support::{append, expect_records, open, segments, tiny, write};

#[test]
fn a_damaged_journal_can_be_cut_before_the_damage() {
    let directory = tempfile::tempdir().unwrap();
    let journal = write(directory.path(), &tiny(), &[5; 60]);
    assert!(repair::cut_after(directory.path(), 100).unwrap_err().is_locked());
    drop(journal);
    snapshot::write(directory.path(), 100, 1, |out| out.write_all(b"old")).unwrap();
    snapshot::write(directory.path(), 250, 1, |out| out.write_all(b"new")).unwrap();
    let count = segments(directory.path()).len();
    let error = repair::cut_after(directory.path(), 101).unwrap_err();
    assert!(matches!(error, Error::InsideBatch { before: 100, after: 105, .. }), "{error}");
    assert!(matches!(repair::cut_after(directory.path(), 301), Err(Error::Beyond { next: 301, .. })));
    assert!(matches!(repair::cut_after(directory.path(), 0), Err(Error::Trimmed { .. })));
    let report = repair::cut_after(directory.path(), 105).unwrap();
    let left = segments(directory.path());
    assert_eq!(left.last(), Some(&report.segment));
    assert_eq!(report.kept.len(), count - left.len() + 2, "later segments, one snapshot, the segment as it was");
    assert!(report.kept.iter().all(|path| path.exists()));
    let (mut journal, report) = open(directory.path(), &tiny()).unwrap();
    assert_eq!((report.last_sequence, report.torn), (105, None));
    (0..8).for_each(|_| append(&mut journal, 5).unwrap());
    drop(journal);
    expect_records(directory.path(), 1, 145);
    // Once more at the same place: nothing that was kept is overwritten.
    repair::cut_after(directory.path(), 105).unwrap();
    assert_eq!(open(directory.path(), &tiny()).unwrap().1.last_sequence, 105);
}

#[test]
fn a_shortened_journal_can_be_cut_at_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let journal = write(directory.path(), &tiny(), &[4, 4]);
    let end = journal.position().1;
    drop(journal);
    let path = segments(directory.path()).pop().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..usize::try_from(end).unwrap()]).unwrap();
    assert!(open(directory.path(), &tiny()).unwrap_err().is_damage());
    repair::cut_after(directory.path(), 8).unwrap();
    assert_eq!(open(directory.path(), &tiny()).unwrap().1.last_sequence, 8);
}
