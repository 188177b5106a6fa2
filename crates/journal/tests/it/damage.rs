//! Every byte of a small journal is cut off or altered. After that a start either has all acknowledged records, or
//! refuses and names the file and the place. Never are records missing or wrong without a word.

use std::io::Write;
use std::path::{Path, PathBuf};

use journal::{Cause, Config, Error, Reader};

use crate::support::{append, expect_records, open, payload, segments, tiny, write};

/// A journal whose files can be put back after each try.
struct Specimen {
    directory: tempfile::TempDir,
    files: Vec<(PathBuf, Vec<u8>)>,
    last: u64,
    /// Where the used bytes of the last segment end.
    end: usize,
}

/// Writes a file without emptying it first, which makes file systems flush it.
fn put(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_len(bytes.len() as u64).unwrap();
}

/// What a start made of an altered journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Whole,
    Torn,
    Refused,
}

fn config() -> Config {
    tiny()
}

impl Specimen {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let journal = write(directory.path(), &config(), &[3, 1, 6, 2, 4, 5, 1, 9, 2, 1]);
        let (last, end) = (journal.next_sequence() - 1, usize::try_from(journal.position().1).unwrap());
        drop(journal);
        let files: Vec<_> =
            segments(directory.path()).into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
        assert_eq!(files.len(), 3, "the specimen has a first, a middle and a last segment");
        assert!(end > 512 && end <= 940, "the last segment ends at {end}: more than a sector, and zeros after it");
        Self { directory, files, last, end }
    }

    /// Starts from a changed file. All acknowledged records must be there, or the error must name this file and a place
    /// that is not behind `offset`.
    fn try_with(&self, file: usize, bytes: &[u8], offset: usize) -> Outcome {
        let path = &self.files[file].0;
        put(path, bytes);
        self.reader_is_never_wrong();
        let outcome = match open(self.directory.path(), &config()) {
            Ok((journal, report)) => {
                assert_eq!(report.last_sequence, self.last, "records are missing after a change at {offset}");
                expect_records(self.directory.path(), 1, self.last);
                drop(journal);
                let (_, again) = open(self.directory.path(), &config()).unwrap();
                assert_eq!((again.torn, again.restored_bytes), (None, 0), "a start repairs for good");
                if report.torn.is_some() { Outcome::Torn } else { Outcome::Whole }
            }
            Err(Error::Damaged { segment, offset: named, cause }) => {
                assert_eq!(&segment, path, "{cause}");
                assert!(named <= offset as u64, "{cause}: {named} is named, {offset} was changed");
                Outcome::Refused
            }
            Err(error) => panic!("a change of {} at {offset} gives: {error}", path.display()),
        };
        put(path, &self.files[file].1);
        outcome
    }

    /// A reader of the damaged journal gives out right records or none.
    fn reader_is_never_wrong(&self) {
        let Ok(mut reader) = Reader::open(self.directory.path(), 1) else { return };
        let mut expected = 1;
        while let Ok(Some(record)) = reader.next_until(self.last) {
            assert_eq!((record.sequence, record.payload), (expected, payload(expected).as_slice()));
            expected += 1;
        }
    }
}

#[test]
fn a_flip_of_any_bit_is_found_or_harmless() {
    let specimen = Specimen::new();
    for file in 0..3 {
        let original = &specimen.files[file].1;
        for offset in 0..original.len() {
            for bit in 0..8 {
                let mut bytes = original.clone();
                bytes[offset] ^= 1 << bit;
                let outcome = specimen.try_with(file, &bytes, offset);
                // In the zeros after the end of the journal a flip is like a torn write; everywhere else it is refused,
                // in the last batch too: its end mark proves that it was written to the end.
                let expected = if file == 2 && offset >= specimen.end { Outcome::Torn } else { Outcome::Refused };
                assert_eq!(outcome, expected, "file {file}, offset {offset}, bit {bit}");
            }
        }
    }
}

#[test]
fn a_cut_at_any_length_is_found_or_harmless() {
    let specimen = Specimen::new();
    for file in 0..3 {
        let original = &specimen.files[file].1;
        for length in 0..=original.len() {
            let outcome = specimen.try_with(file, &original[..length], length);
            let used = original.iter().rposition(|byte| *byte != 0).unwrap() + 1;
            // In the last segment one zero after the last batch must be left, to prove that no batch stood there.
            let harmless = if file == 2 { length > used } else { length >= used };
            let expected = if harmless { Outcome::Whole } else { Outcome::Refused };
            assert_eq!(outcome, expected, "file {file}, length {length}");
        }
    }
}

#[test]
fn zeros_over_any_range_are_found_or_harmless() {
    let specimen = Specimen::new();
    for file in 0..3 {
        let original = &specimen.files[file].1;
        for offset in (0..original.len()).step_by(8) {
            for length in [1, 8, 40, 200] {
                let mut bytes = original.clone();
                let end = bytes.len().min(offset + length);
                bytes[offset..end].fill(0);
                if bytes == *original || (file == 2 && end + 8 >= specimen.end) {
                    // A last batch without its end is a torn one: the tests of crashes.
                    continue;
                }
                let outcome = specimen.try_with_loss(file, &bytes, offset);
                assert_ne!(outcome, Outcome::Whole, "file {file}, {offset} to {end}");
            }
        }
    }
}

impl Specimen {
    /// Like `try_with`, but a whole sector of the last batch may be lost: then it is a torn one.
    fn try_with_loss(&self, file: usize, bytes: &[u8], offset: usize) -> Outcome {
        let path = &self.files[file].0;
        put(path, bytes);
        let outcome = match open(self.directory.path(), &config()) {
            Ok((_, report)) => {
                let torn = report.torn.expect("a loss is told");
                assert!(file == 2 && torn.offset <= offset as u64, "{torn:?}");
                assert_eq!(report.last_sequence, self.last - 1, "only the last batch, of one record, can look torn");
                Outcome::Torn
            }
            Err(Error::Damaged { segment, offset: named, .. }) => {
                assert_eq!((&segment, named <= offset as u64), (path, true));
                Outcome::Refused
            }
            Err(error) => panic!("{error}"),
        };
        put(path, &self.files[file].1);
        outcome
    }
}

/// Whatever sectors before the end a disk loses, at most the last batch looks torn; before it the start is refused.
#[test]
fn lost_sectors_before_the_last_batch_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { segment_bytes: 8192, ..tiny() };
    let mut journal = write(directory.path(), &config, &[9, 1, 22, 30, 1, 1, 17, 3, 25]);
    let (path, last_batch) = (journal.position().0.to_path_buf(), journal.position().1);
    let acknowledged = journal.next_sequence() - 1;
    append(&mut journal, 20).unwrap();
    let end = journal.position().1;
    drop(journal);
    let original = std::fs::read(&path).unwrap();
    let (mut refused, mut torn) = (0, 0);
    for sectors in 1..=5 {
        for first in 0..=original.len() / 512 - sectors {
            let range = first * 512..(first + sectors) * 512;
            // What is zero up to the end is what a torn write leaves: no content can tell them apart. The last 16 bytes
            // are the end of the last batch.
            if range.end as u64 + 16 > end {
                continue;
            }
            let mut bytes = original.clone();
            bytes[range.clone()].fill(0);
            put(&path, &bytes);
            match open(directory.path(), &config) {
                Ok((_, report)) => {
                    assert_eq!(report.last_sequence, acknowledged, "{range:?} is lost");
                    assert!(report.torn.is_some() && range.end as u64 > last_batch);
                    torn += 1;
                }
                Err(error) => {
                    assert!(error.is_damage(), "{error}");
                    assert!((range.start as u64) < last_batch, "{range:?}: {error}");
                    refused += 1;
                }
            }
        }
    }
    put(&path, &original);
    assert!(refused > 20 && torn > 0, "{refused} {torn}");
}

/// Two faults at once: a batch in the middle is gone, and the last one is torn.
#[test]
fn a_lost_batch_before_a_torn_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = write(directory.path(), &tiny(), &[4]);
    let (path, middle) = (journal.position().0.to_path_buf(), usize::try_from(journal.position().1).unwrap());
    append(&mut journal, 2).unwrap();
    let last = usize::try_from(journal.position().1).unwrap();
    append(&mut journal, 4).unwrap();
    let end = usize::try_from(journal.position().1).unwrap();
    drop(journal);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[middle..last].fill(0);
    bytes[end - 30..].fill(0);
    put(&path, &bytes);
    let error = open(directory.path(), &tiny()).unwrap_err();
    let cause = Cause::FollowedBy { at: last as u64 };
    assert!(matches!(error, Error::Damaged { offset, cause: found, .. } if offset == middle as u64 && found == cause));
}

/// A disk cannot lose a header alone, so a last batch without its header is damaged, not torn.
#[test]
fn a_last_batch_without_its_header_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = write(directory.path(), &tiny(), &[2]);
    let (path, last) = (journal.position().0.to_path_buf(), usize::try_from(journal.position().1).unwrap());
    append(&mut journal, 2).unwrap();
    drop(journal);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[last..last + 40].fill(0);
    put(&path, &bytes);
    let error = open(directory.path(), &tiny()).unwrap_err();
    assert!(matches!(error, Error::Damaged { offset, .. } if offset == last as u64), "{error}");
}

#[test]
fn a_missing_segment_is_named() {
    let specimen = Specimen::new();
    let path = &specimen.files[1].0;
    std::fs::remove_file(path).unwrap();
    let error = open(specimen.directory.path(), &config()).unwrap_err();
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let number: u64 = name.trim_start_matches("journal-").parse().unwrap();
    assert!(matches!(error, Error::MissingSegment { missing, .. } if missing == number), "{error}");
    assert!(error.is_damage());
}

#[test]
fn misplaced_segments_are_refused() {
    let specimen = Specimen::new();
    let [first, middle, last] = [0, 1, 2].map(|file| &specimen.files[file]);
    for (path, bytes) in [(&first.0, &middle.1), (&middle.0, &first.1), (&last.0, &middle.1), (&middle.0, &last.1)] {
        put(path, bytes);
        let error = open(specimen.directory.path(), &config()).unwrap_err();
        assert!(
            matches!(&error, Error::Damaged { segment, cause: Cause::Name { .. }, .. } if segment == path),
            "{error}"
        );
        for (path, bytes) in &specimen.files {
            put(path, bytes);
        }
    }
    // The same place in another journal, with the same numbers.
    let other = tempfile::tempdir().unwrap();
    let mut journal = write(other.path(), &config(), &[]);
    for batch in [3, 1, 6, 2, 4, 5, 1, 9, 2, 6, 1] {
        let mut records = journal::Batch::new();
        for sequence in journal.next_sequence()..journal.next_sequence() + batch {
            records.push(sequence, |out| out.extend(payload(sequence).iter().map(|byte| byte ^ 1)));
        }
        journal.append(&mut records).unwrap();
    }
    drop(journal);
    for (ours, theirs) in specimen.files.iter().zip(segments(other.path())) {
        assert_eq!(ours.0.file_name(), theirs.file_name());
        std::fs::copy(theirs, &ours.0).unwrap();
        let error = open(specimen.directory.path(), &config()).unwrap_err();
        assert!(matches!(error, Error::Damaged { cause: Cause::Chain, .. }), "{error}");
        put(&ours.0, &ours.1);
    }
}

#[test]
fn a_batch_copied_to_another_place_is_refused() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = Config { segment_bytes: 4096, ..tiny() };
    let journal = write(ours.path(), &config, &[4, 4]);
    let (path, end) = (journal.position().0.to_path_buf(), usize::try_from(journal.position().1).unwrap());
    drop(journal);
    // The third batch of another journal would have the right number.
    let mut journal = write(theirs.path(), &Config { segment_bytes: 8192, ..tiny() }, &[4, 4]);
    let (other, start) = (journal.position().0.to_path_buf(), usize::try_from(journal.position().1).unwrap());
    append(&mut journal, 4).unwrap();
    drop(journal);
    let original = std::fs::read(&path).unwrap();
    let foreign = std::fs::read(other).unwrap();
    let own_first = &original[64..264];
    for (batch, cause) in
        [(own_first, Cause::Sequence { expected: 9, found: 1 }), (&foreign[start..start + 200], Cause::HeaderChecksum)]
    {
        let mut bytes = original.clone();
        bytes[end..end + batch.len()].copy_from_slice(batch);
        put(&path, &bytes);
        let error = open(ours.path(), &config).unwrap_err();
        assert!(matches!(error, Error::Damaged { offset, cause: found, .. } if offset == end as u64 && found == cause));
    }
}

/// The first segments of two journals have the same identity; there the chain tells their batches apart.
#[test]
fn a_batch_of_another_journal_with_the_right_number_is_refused() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut places = Vec::new();
    for (directory, first) in [(&ours, [1; 8]), (&theirs, [2; 8])] {
        let (mut journal, _) = open(directory.path(), &tiny()).unwrap();
        for (sequence, payload) in [(1, first), (2, [3; 8]), (3, [4; 8])] {
            places.push((journal.position().0.to_path_buf(), usize::try_from(journal.position().1).unwrap()));
            let mut batch = journal::Batch::new();
            batch.push(sequence, |out| out.extend_from_slice(&payload));
            journal.append(&mut batch).unwrap();
        }
    }
    let (path, second, third) = (&places[1].0, places[1].1, places[2].1);
    let (mut bytes, foreign) = (std::fs::read(path).unwrap(), std::fs::read(&places[4].0).unwrap());
    bytes[second..third].copy_from_slice(&foreign[second..third]);
    put(path, &bytes);
    let error = open(ours.path(), &tiny()).unwrap_err();
    assert!(matches!(error, Error::Damaged { offset, cause: Cause::Chain, .. } if offset == second as u64), "{error}");
}

#[test]
fn an_unknown_version_is_not_called_damage() {
    let specimen = Specimen::new();
    let mut bytes = specimen.files[2].1.clone();
    bytes[8] = 2;
    let checksum = crc32c::crc32c(&bytes[..60]);
    bytes[60..64].copy_from_slice(&checksum.to_le_bytes());
    put(&specimen.files[2].0, &bytes);
    let error = open(specimen.directory.path(), &config()).unwrap_err();
    assert!(matches!(error, Error::Version { found: 2, supported: 1, .. }) && !error.is_damage(), "{error}");
}

/// Found by fuzzing: with right checksums, numbers that no journal was made with broke the sums that rely on them.
#[test]
fn a_segment_header_with_impossible_numbers_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(write(directory.path(), &tiny(), &[2]));
    let path = segments(directory.path()).remove(0);
    let original = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for (sequence, segment_bytes) in
        [(0, 1024), (u64::MAX / 2 + 1, 1024), (u64::MAX, 1024), (1, 0), (1, 511), (1, (4 << 30) + 1), (1, u64::MAX)]
    {
        let mut bytes = original.clone();
        bytes[16..24].copy_from_slice(&u64::to_le_bytes(sequence));
        bytes[24..32].copy_from_slice(&u64::to_le_bytes(segment_bytes));
        let checksum = crc32c::crc32c(&bytes[..60]);
        bytes[60..64].copy_from_slice(&checksum.to_le_bytes());
        let path = directory.path().join(format!("journal-{sequence:020}.seg"));
        std::fs::write(&path, &bytes).unwrap();
        let error = open(directory.path(), &tiny()).unwrap_err();
        assert!(matches!(error, Error::Damaged { offset: 0, cause: Cause::Impossible, .. }), "{sequence}: {error}");
        assert!(!journal::verify(directory.path()).unwrap().is_sound());
        std::fs::remove_file(path).unwrap();
    }
}

/// Found by fuzzing: memory was taken for all that a batch's header claims, though the file ends before.
#[test]
fn a_batch_that_claims_more_than_the_file_has_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(write(directory.path(), &tiny(), &[2, 3]));
    let path = segments(directory.path()).remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[24..32].copy_from_slice(&u64::to_le_bytes(4 << 30));
    let identity = crc32c::crc32c(&bytes[..60]);
    bytes[60..64].copy_from_slice(&identity.to_le_bytes());
    bytes[72..76].copy_from_slice(&u32::to_le_bytes(3 << 30));
    bytes[88..92].copy_from_slice(&identity.to_le_bytes());
    let checksum = crc32c::crc32c_append(identity, &bytes[64..100]);
    bytes[100..104].copy_from_slice(&checksum.to_le_bytes());
    put(&path, &bytes);
    let before = resident_bytes();
    let error = open(directory.path(), &tiny()).unwrap_err();
    let cause = Cause::Shortened { allocated: 4 << 30 };
    assert!(matches!(error, Error::Damaged { cause: found, .. } if found == cause), "{error}");
    assert_eq!(Reader::open(directory.path(), 1).unwrap().next().unwrap(), None);
    assert!(resident_bytes() - before < 256 << 20, "{before}");
}

/// The most memory that this process ever had.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok());
    peak.unwrap_or(0) * 1024
}

#[test]
fn an_error_tells_the_operator_what_to_do() {
    let specimen = Specimen::new();
    let (path, bytes) = &specimen.files[0];
    let mut bytes = bytes.clone();
    bytes[130] ^= 4;
    put(path, &bytes);
    let text = open(specimen.directory.path(), &config()).unwrap_err().to_string();
    let name = Path::new(path).file_name().unwrap().to_str().unwrap();
    for part in [name, "offset 64", "checksum of record 1", "restore this segment"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}
