//! Journals with known content, and disks that misbehave.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use journal::{Batch, Config, Disk, DiskFile, Error, Journal, OpenReport, Reader, RealDisk};

/// Small segments, so that a few batches fill one.
pub(crate) fn tiny() -> Config {
    Config { segment_bytes: 1024, ..Config::default() }
}

/// A generator whose seed is the whole story of a run (SplitMix64).
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// The payload of a record: up to 60 bytes that follow from its sequence; some have zeros inside and at the end.
pub(crate) fn payload(sequence: u64) -> Vec<u8> {
    let mut seeded = Seeded(sequence);
    let length = seeded.below(61);
    (0..length).map(|_| if seeded.below(4) == 0 { 0 } else { seeded.next().to_le_bytes()[0] }).collect()
}

pub(crate) fn fill(batch: &mut Batch, first: u64, records: u64) {
    batch.clear();
    for sequence in first..first + records {
        batch.push(sequence, |out| out.extend_from_slice(&payload(sequence)));
    }
}

/// Appends one batch of `records` known records.
pub(crate) fn append(journal: &mut Journal, records: u64) -> Result<(), Error> {
    let mut batch = Batch::new();
    fill(&mut batch, journal.next_sequence(), records);
    journal.append(&mut batch)
}

/// A journal with batches of these sizes.
pub(crate) fn write(directory: &Path, config: &Config, batches: &[u64]) -> Journal {
    let (mut journal, _) = open(directory, config).unwrap();
    for records in batches {
        append(&mut journal, *records).unwrap();
    }
    journal
}

/// Opens without syncs: the tests that open a journal ten thousand times prove nothing about them.
pub(crate) fn open(directory: &Path, config: &Config) -> Result<(Journal, OpenReport), Error> {
    Journal::open_on(directory, config.clone(), Arc::new(FaultyDisk::never()))
}

/// Reads all from `first` to `last` and compares; panics at the first difference.
pub(crate) fn expect_records(directory: &Path, first: u64, last: u64) {
    let mut reader = Reader::open(directory, first).unwrap();
    for sequence in first..=last {
        let record = reader.next_until(last).unwrap().unwrap_or_else(|| panic!("record {sequence} is missing"));
        assert_eq!((record.sequence, record.payload), (sequence, payload(sequence).as_slice()));
    }
    assert_eq!(reader.next_until(last).unwrap(), None);
}

/// The segment files, oldest first.
pub(crate) fn segments(directory: &Path) -> Vec<PathBuf> {
    files(directory, ".seg")
}

pub(crate) fn files(directory: &Path, suffix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(suffix)).collect();
    files.sort();
    files
}

/// The real file system without real syncs, on which a chosen call fails.
pub(crate) struct FaultyDisk {
    state: Arc<Fault>,
}

pub(crate) struct Fault {
    /// Calls until the failing one.
    left: AtomicU64,
    /// What failed.
    failed: AtomicBool,
    /// When set, nothing that comes after the failure reaches the disk, as when the power is cut.
    dead_after: bool,
    pub(crate) calls: AtomicU64,
    pub(crate) syncs: AtomicU64,
    pub(crate) writes: AtomicU64,
}

impl FaultyDisk {
    pub(crate) fn never() -> Self {
        Self::at(u64::MAX, false)
    }

    pub(crate) fn at(call: u64, dead_after: bool) -> Self {
        Self {
            state: Arc::new(Fault {
                left: AtomicU64::new(call),
                failed: AtomicBool::new(false),
                dead_after,
                calls: AtomicU64::new(0),
                syncs: AtomicU64::new(0),
                writes: AtomicU64::new(0),
            }),
        }
    }

    pub(crate) fn state(&self) -> Arc<Fault> {
        Arc::clone(&self.state)
    }
}

impl Fault {
    /// Counts a call and fails it when its turn has come.
    fn call(&self) -> io::Result<()> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.dead_after && self.failed.load(Ordering::SeqCst) {
            return Err(io::Error::other("the disk is gone"));
        }
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            self.failed.store(true, Ordering::SeqCst);
            return Err(io::Error::other("injected failure"));
        }
        Ok(())
    }

    /// Of the following calls, the one after `calls` good ones fails.
    pub(crate) fn fail_after(&self, calls: u64) {
        self.left.store(calls, Ordering::SeqCst);
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }
}

struct FaultyFile {
    file: Box<dyn DiskFile>,
    state: Arc<Fault>,
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.state.call()?;
        Ok(Box::new(FaultyFile { file: RealDisk.create(path)?, state: self.state() }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.state.call()?;
        Ok(Box::new(FaultyFile { file: RealDisk.open(path)?, state: self.state() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.state.call()?;
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.state.call()?;
        RealDisk.remove(path)
    }

    fn sync_directory(&self, _: &Path) -> io::Result<()> {
        self.state.call()
    }
}

impl DiskFile for FaultyFile {
    /// A failing write leaves half of its bytes.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.state.writes.fetch_add(1, Ordering::SeqCst);
        let had_failed = self.state.has_failed();
        if let Err(error) = self.state.call() {
            if !had_failed {
                self.file.write_all_at(&bytes[..bytes.len() / 2], offset)?;
            }
            return Err(error);
        }
        self.file.write_all_at(bytes, offset)
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.state.call()?;
        self.file.set_len(bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.state.syncs.fetch_add(1, Ordering::SeqCst);
        self.state.call()
    }
}
