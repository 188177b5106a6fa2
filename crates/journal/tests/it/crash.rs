//! What a power cut during the write of a batch can leave: any choice of its sectors, or any number of its first bytes.

use std::io::Write;

use journal::Config;

use crate::support::{append, expect_records, open, tiny, write};

const SECTOR: usize = 512;

fn config() -> Config {
    Config { segment_bytes: 8192, ..tiny() }
}

struct Crash {
    directory: tempfile::TempDir,
    path: std::path::PathBuf,
    before: Vec<u8>,
    after: Vec<u8>,
    /// The range of the last batch.
    start: usize,
    end: usize,
    /// The last sequence before it and in it.
    acknowledged: u64,
    written: u64,
}

impl Crash {
    /// A journal whose last batch of `records` is the one that was being written.
    fn new(first: &[u64], records: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = write(directory.path(), &config(), first);
        let path = journal.position().0.to_path_buf();
        let before = std::fs::read(&path).unwrap();
        let (start, acknowledged) = (usize::try_from(journal.position().1).unwrap(), journal.next_sequence() - 1);
        append(&mut journal, records).unwrap();
        let (end, written) = (usize::try_from(journal.position().1).unwrap(), journal.next_sequence() - 1);
        assert_eq!(journal.position().0, path, "the batch went to the same segment");
        drop(journal);
        let after = std::fs::read(&path).unwrap();
        Self { directory, path, before, after, start, end, acknowledged, written }
    }

    /// Starts from these bytes: the last batch is there as a whole or not at all, and never is the start refused.
    fn start_with(&self, bytes: &[u8], what: &str) {
        // Without emptying it first, which makes file systems flush it.
        std::fs::OpenOptions::new().write(true).open(&self.path).unwrap().write_all(bytes).unwrap();
        let (journal, report) =
            open(self.directory.path(), &config()).unwrap_or_else(|error| panic!("{what}: {error}"));
        let whole = bytes == self.after;
        let expected = if whole { self.written } else { self.acknowledged };
        assert_eq!(report.last_sequence, expected, "{what}");
        let rest_is_zero = bytes[self.start..].iter().all(|byte| *byte == 0);
        assert_eq!(report.torn.is_some(), !whole && !rest_is_zero, "{what}");
        if let Some(torn) = report.torn {
            assert_eq!((torn.segment.as_path(), torn.offset), (self.path.as_path(), self.start as u64), "{what}");
        }
        expect_records(self.directory.path(), 1, expected);
        drop(journal);
    }
}

#[test]
fn any_choice_of_sectors_is_cut_or_whole() {
    // The starts of the last batch lie at different places of a sector; one header crosses a border.
    let mut crossing = 0;
    for first in 0..30 {
        for records in [1, 9, 40, 60] {
            let crash = Crash::new(&vec![1; first], records);
            crossing += u32::from(crash.start / SECTOR != (crash.start + 39) / SECTOR);
            let sectors: Vec<usize> = (crash.start / SECTOR..=(crash.end - 1) / SECTOR).collect();
            for choice in 0..1_u32 << sectors.len() {
                let mut bytes = crash.before.clone();
                for (place, sector) in sectors.iter().enumerate() {
                    if choice & (1 << place) != 0 {
                        let range = sector * SECTOR..(sector + 1) * SECTOR;
                        bytes[range.clone()].copy_from_slice(&crash.after[range]);
                    }
                }
                crash.start_with(&bytes, &format!("{first} {records} sectors {choice:b} of {}", sectors.len()));
            }
        }
    }
    assert!(crossing > 0, "no header crosses a border: choose other sizes");
}

#[test]
fn any_number_of_first_bytes_is_cut_or_whole() {
    for first in [&[][..], &[3], &[2, 5]] {
        for records in [1, 2, 30] {
            let crash = Crash::new(first, records);
            for written in crash.start..=crash.end {
                let mut bytes = crash.before.clone();
                bytes[..written].copy_from_slice(&crash.after[..written]);
                crash.start_with(&bytes, &format!("{first:?} {records} bytes {written} of {}", crash.end));
            }
        }
    }
}

#[test]
fn every_start_of_a_batch_in_a_sector_is_handled() {
    // One batch of one record after another, so that headers come to lie at many places.
    for count in 0..40 {
        let crash = Crash::new(&vec![1; count], 12);
        let sectors: Vec<usize> = (crash.start / SECTOR..=(crash.end - 1) / SECTOR).collect();
        for lost in &sectors {
            let mut bytes = crash.after.clone();
            let range = (lost * SECTOR).max(crash.start)..((lost + 1) * SECTOR).min(crash.end);
            bytes[range].fill(0);
            crash.start_with(&bytes, &format!("{count} batches, sector {lost} lost"));
        }
    }
}

#[test]
fn garbage_after_the_end_of_the_file_is_cut() {
    let crash = Crash::new(&[3], 2);
    let mut bytes = crash.after.clone();
    bytes.extend_from_slice(b"garbage");
    std::fs::write(&crash.path, &bytes).unwrap();
    let (_, report) = open(crash.directory.path(), &config()).unwrap();
    assert!(report.torn.is_some());
    assert_eq!(report.last_sequence, crash.written);
    assert_eq!(std::fs::read(&crash.path).unwrap(), crash.after);
}
