//! The one writer.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::batch::Batch;
use crate::config::Config;
use crate::cursor::read_at_most;
use crate::disk::{Disk, DiskFile, RealDisk, write_zeros};
use crate::error::Error;
use crate::format::{SEGMENT_HEADER_BYTES, SegmentHeader, index};
use crate::recovery::{Checked, TornTail, walk};
use crate::segment::{self, NEXT_SEGMENT, Preparing};
use crate::snapshot;

/// The lock file. It stays; the lock on it goes with the process.
const LOCK: &str = "journal.lock";

/// The next segment is prepared once this much is in the current one (or half of it, in a small one): a journal that
/// is hardly used needs none.
const PREPARE_AFTER_BYTES: u64 = 1 << 20;

/// What [`Journal::open`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReport {
    /// The oldest sequence that is there (the next one, when there is none yet).
    pub first_sequence: u64,
    /// The last durable sequence; one less than the first when there is none yet.
    pub last_sequence: u64,
    /// Segment files.
    pub segments: usize,
    /// True when the directory held no journal before.
    pub created: bool,
    /// The batch that was cut, if the last write did not finish.
    pub torn: Option<TornTail>,
    /// Zero bytes that were missing at the end of the last segment and were put back. No crash takes them: somebody
    /// cut the file.
    pub restored_bytes: u64,
}

/// The writer of a journal; there is one at a time for a directory.
pub struct Journal {
    directory: PathBuf,
    config: Config,
    disk: Arc<dyn Disk>,
    /// Held while the journal lives.
    _lock: Lock,
    file: Box<dyn DiskFile>,
    path: PathBuf,
    header: SegmentHeader,
    identity: u32,
    /// Where the next batch goes.
    offset: u64,
    chain: u32,
    next_sequence: u64,
    preparing: Option<Preparing>,
    /// The failure after which nothing is written any more.
    stopped: Option<String>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Journal")
            .field("path", &self.path)
            .field("offset", &self.offset)
            .field("next_sequence", &self.next_sequence)
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the journal of a directory or creates one, checks it, cuts a torn tail and makes sure that what it found
    /// is durable.
    ///
    /// # Errors
    /// [`Error::Locked`] when another writer is there; damage with file and offset (then nothing was changed on disk);
    /// [`Error::SnapshotAhead`] when a snapshot proves that records are missing; [`Error::Io`].
    pub fn open(directory: &Path, config: Config) -> Result<(Self, OpenReport), Error> {
        Self::open_on(directory, config, Arc::new(RealDisk))
    }

    /// [`open`](Self::open) on a given disk, for tests that inject failures.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_on(directory: &Path, config: Config, disk: Arc<dyn Disk>) -> Result<(Self, OpenReport), Error> {
        config.validate()?;
        make_directory(directory, disk.as_ref())?;
        let lock = lock(directory)?;
        let walk = walk(directory, config.check)?;
        let next = walk.as_ref().map_or(config.first_sequence, |walk| walk.last.next_sequence);
        snapshot::refuse_newer_than(directory, next.saturating_sub(1))?;
        remove_leftover(directory, disk.as_ref())?;
        let mut report = OpenReport {
            first_sequence: next,
            last_sequence: next.saturating_sub(1),
            segments: 1,
            created: walk.is_none(),
            torn: None,
            restored_bytes: 0,
        };
        let (file, header, offset, chain) = match walk {
            None => create_first(directory, &config, disk.as_ref(), next)?,
            Some(walk) => {
                report.first_sequence = walk.first_sequence;
                report.segments = walk.segments;
                report.torn.clone_from(&walk.last.torn);
                report.restored_bytes = walk.last.header.segment_bytes.saturating_sub(walk.last.length);
                resume(directory, &config, disk.as_ref(), &walk.last)?
            }
        };
        let journal = Self {
            directory: directory.to_path_buf(),
            config,
            disk,
            _lock: lock,
            file,
            path: segment::path(directory, header.first_sequence),
            identity: header.identity(),
            header,
            offset,
            chain,
            next_sequence: next,
            preparing: None,
            stopped: None,
        };
        Ok((journal, report))
    }

    /// The sequence that the next record must have.
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The segment that is written, and where in it the next batch goes.
    pub fn position(&self) -> (&Path, u64) {
        (&self.path, self.offset)
    }

    /// Writes a batch and waits until it is durable: one write and one fdatasync, and when the segment is full the
    /// change to the next one before. An empty batch does nothing. The batch keeps its records: clear it before reuse.
    ///
    /// # Errors
    /// [`Error::OutOfOrder`], [`Error::RecordTooLarge`], [`Error::BatchTooLarge`]: nothing was written and the journal
    /// goes on. [`Error::Io`]: it is unknown what is on disk, and every further call answers [`Error::Stopped`]; after
    /// a failed sync the system may have dropped the data, so that a second sync that succeeds would prove nothing.
    pub fn append(&mut self, batch: &mut Batch) -> Result<(), Error> {
        if let Some(cause) = &self.stopped {
            return Err(Error::Stopped { cause: cause.clone() });
        }
        let Some(last) = batch.last_sequence() else { return Ok(()) };
        batch.check(self.next_sequence, self.config.max_payload_bytes(), self.config.max_batch_bytes())?;
        if batch.sealed_bytes() > self.header.segment_bytes - self.offset {
            self.change_segment().map_err(|error| self.stop("make the segment after", error))?;
        }
        let (bytes, chain) = batch.seal(self.identity, self.chain);
        let written = bytes.len() as u64;
        if let Err(error) = self.file.write_all_at(bytes, self.offset) {
            return Err(self.stop("write to", error));
        }
        if let Err(error) = self.file.sync_data() {
            return Err(self.stop("sync", error));
        }
        self.offset += written;
        self.chain = chain;
        self.next_sequence = last + 1;
        self.prepare_next();
        Ok(())
    }

    /// Poisons the journal.
    fn stop(&mut self, action: &'static str, error: io::Error) -> Error {
        let error = Error::io(action, &self.path)(error);
        self.stopped = Some(error.to_string());
        error
    }

    /// Goes on in a new segment. Everything in the old one is durable already.
    fn change_segment(&mut self) -> io::Result<()> {
        let header = SegmentHeader {
            first_sequence: self.next_sequence,
            segment_bytes: self.config.following_segment_bytes(self.header.segment_bytes),
            previous_first_sequence: self.header.first_sequence,
            previous_chain: self.chain,
        };
        let prepared = self.preparing.take();
        let (file, header) = segment::create(self.disk.as_ref(), &self.directory, header, prepared)?;
        self.file = file;
        self.path = segment::path(&self.directory, header.first_sequence);
        self.identity = header.identity();
        self.chain = self.identity;
        self.header = header;
        self.offset = SEGMENT_HEADER_BYTES as u64;
        Ok(())
    }

    /// Soon after the start of a segment the next one begins to be filled with zeros aside, at the pace of this one, so
    /// that the disk is never busy with zeros for long. Where no thread can be had, it is made when it is needed.
    fn prepare_next(&mut self) {
        let start = PREPARE_AFTER_BYTES.min(self.header.segment_bytes / 2);
        if self.offset < start {
            return;
        }
        if self.preparing.is_none() {
            let bytes = self.config.following_segment_bytes(self.header.segment_bytes);
            self.preparing = Preparing::start(&self.disk, &self.directory, bytes).ok();
        }
        if let Some(preparing) = &self.preparing {
            preparing.keep_pace(self.offset - start, self.header.segment_bytes - start);
        }
    }
}

fn make_directory(directory: &Path, disk: &dyn Disk) -> Result<(), Error> {
    if directory.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(directory).map_err(Error::io("create", directory))?;
    match directory.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            disk.sync_directory(parent).map_err(Error::io("sync", parent))
        }
        _ => Ok(()),
    }
}

/// The exclusive lock on a directory. The system releases it when the process ends, however it ends.
pub(crate) struct Lock(File);

impl Drop for Lock {
    /// Closing is not enough: a child that was forked and has not reached its exec yet has the file open too. A failure
    /// leaves what closing does.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

pub(crate) fn lock(directory: &Path) -> Result<Lock, Error> {
    let path = directory.join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(Error::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { path }),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
    }
}

/// Removes the half-made next segment of a process that ended.
fn remove_leftover(directory: &Path, disk: &dyn Disk) -> Result<(), Error> {
    let path = directory.join(NEXT_SEGMENT);
    match disk.remove(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", &path)(error)),
        _ => Ok(()),
    }
}

type Place = (Box<dyn DiskFile>, SegmentHeader, u64, u32);

fn create_first(directory: &Path, config: &Config, disk: &dyn Disk, first_sequence: u64) -> Result<Place, Error> {
    let segment_bytes = config.least_segment_bytes();
    let header = SegmentHeader { first_sequence, segment_bytes, previous_first_sequence: 0, previous_chain: 0 };
    let made = segment::create(disk, directory, header, None);
    let (file, header) = made.map_err(Error::io("create the first segment in", directory))?;
    Ok((file, header, SEGMENT_HEADER_BYTES as u64, header.identity()))
}

/// Goes on in the last segment.
fn resume(directory: &Path, config: &Config, disk: &dyn Disk, last: &Checked) -> Result<Place, Error> {
    let path = &last.path;
    // An empty segment that is too small for the settings of this start gives way to a larger one of the same name.
    if last.batches == 0 && last.header.segment_bytes < config.least_segment_bytes() {
        let header = SegmentHeader { segment_bytes: config.least_segment_bytes(), ..last.header };
        let made = segment::create(disk, directory, header, None);
        let (file, header) = made.map_err(Error::io("replace", path))?;
        return Ok((file, header, SEGMENT_HEADER_BYTES as u64, header.identity()));
    }
    let file = disk.open(path).map_err(Error::io("open", path))?;
    settle(file.as_ref(), last).map_err(Error::io("make durable what is in", path))?;
    disk.sync_directory(directory).map_err(Error::io("sync", directory))?;
    Ok((file, last.header, last.end, last.chain))
}

/// Makes what was found durable. The process before may have ended between its last write and the sync, or because the
/// sync failed; then the bytes may be in memory only and even count as clean. So the last batch is written once more,
/// byte by byte the same, and synced.
fn settle(file: &dyn DiskFile, last: &Checked) -> io::Result<()> {
    if last.end > last.last_batch {
        let mut batch = vec![0; index(last.end - last.last_batch)];
        let read = read_at_most(&File::open(&last.path)?, &mut batch, last.last_batch)?;
        if read < batch.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.write_all_at(&batch, last.last_batch)?;
    }
    if let Some(torn) = &last.torn {
        write_zeros(file, torn.offset, torn.offset + torn.bytes)?;
    }
    let allocated = last.header.segment_bytes;
    if last.length < allocated {
        write_zeros(file, last.length, allocated)?;
    } else if last.length > allocated {
        file.set_len(allocated)?;
    }
    file.sync_data()
}
