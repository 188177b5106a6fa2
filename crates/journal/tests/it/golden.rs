//! A journal and a snapshot of format version 1 are kept in `tests/golden`. They must stay readable, and as long as
//! version 1 is written, the same content must give the same bytes.

use std::path::{Path, PathBuf};

use journal::{Journal, Reader, snapshot, verify};

use crate::support::{append, expect_records, files, tiny};

const BATCHES: [u64; 11] = [3, 1, 6, 2, 4, 5, 1, 9, 2, 6, 3];
const LAST: u64 = 42;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn write_all(directory: &Path) {
    let (mut journal, _) = Journal::open(directory, tiny()).unwrap();
    for records in BATCHES {
        append(&mut journal, records).unwrap();
    }
    drop(journal);
    snapshot::write(directory, 40, 0x0123_4567_89AB_CDEF, |out| out.write_all(b"the state after record 40")).unwrap();
    std::fs::remove_file(directory.join("journal.lock")).unwrap();
}

#[test]
fn version_1_stays_readable() {
    let report = verify(&golden()).unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
    assert_eq!((report.segments, report.batches, report.records, report.snapshots), (4, 11, LAST, 1));
    expect_records(&golden(), 1, LAST);
    let mut reader = Reader::open(&golden(), 1).unwrap();
    while reader.next().unwrap().is_some() {}
    let snapshot = snapshot::newest(&golden()).unwrap().snapshot.unwrap();
    assert_eq!((snapshot.sequence, snapshot.state_hash), (40, 0x0123_4567_89AB_CDEF));
    assert_eq!(snapshot.bytes, b"the state after record 40");
}

#[test]
fn version_1_is_written_byte_by_byte() {
    let directory = tempfile::tempdir().unwrap();
    write_all(directory.path());
    let names = |directory: &Path| -> Vec<_> {
        files(directory, "").iter().map(|path| path.file_name().unwrap().to_owned()).collect()
    };
    assert_eq!(names(directory.path()), names(&golden()));
    for name in names(&golden()) {
        let (now, then) = (std::fs::read(directory.path().join(&name)), std::fs::read(golden().join(&name)));
        assert!(now.unwrap() == then.unwrap(), "{} changed: a new format needs a new version", name.display());
    }
}

#[test]
#[ignore = "writes the golden files anew, for a new format version"]
fn write_golden_files() {
    write_all(&golden());
}
