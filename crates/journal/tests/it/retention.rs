use journal::{Error, Reader, retention};

use crate::support::{append, expect_records, open, segments, tiny, write};

#[test]
fn only_whole_segments_below_the_sequence_go() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = write(directory.path(), &tiny(), &[4; 40]);
    let all = segments(directory.path());
    let firsts: Vec<u64> =
        all.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()[8..].parse().unwrap()).collect();
    assert!(retention::remove_segments_before(directory.path(), firsts[1] - 1).unwrap().is_empty());
    assert_eq!(retention::remove_segments_before(directory.path(), firsts[2]).unwrap(), all[..2]);
    let error = Reader::open(directory.path(), firsts[2] - 1).unwrap_err();
    assert!(matches!(error, Error::Trimmed { first_available, .. } if first_available == firsts[2]), "{error}");
    expect_records(directory.path(), firsts[2], 160);
    // The segment that is written stays, whatever is asked for.
    retention::remove_segments_before(directory.path(), u64::MAX).unwrap();
    assert_eq!(segments(directory.path()), all[all.len() - 1..]);
    (0..10).for_each(|_| append(&mut journal, 3).unwrap());
    drop(journal);
    let (_, report) = open(directory.path(), &tiny()).unwrap();
    assert_eq!((report.first_sequence, report.last_sequence), (firsts[firsts.len() - 1], 190));
}
