//! Snapshots: the state after a sequence, in a file of its own that is written at once or not at all.
//!
//! Of two calls that write or remove snapshots in one directory, one must end before the other starts.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crc32c::{crc32c, crc32c_append};

use crate::disk::{Disk, DiskFile, RealDisk};
use crate::error::{Cause, Error};
use crate::format::{index, u16_at, u32_at, u64_at};
use crate::segment::numbered;

const MAGIC: [u8; 8] = *b"RIALTOSN";
const VERSION: u16 = 1;
const HEADER_BYTES: usize = 64;
const PREFIX: &str = "snapshot-";
const SUFFIX: &str = ".snap";
/// The name of a snapshot while it is written.
const UNFINISHED: &str = "snapshot-next.tmp";
const BUFFER_BYTES: usize = 256 << 10;
/// A snapshot is written and synced in pieces of this size.
const PIECE_BYTES: usize = 64 << 10;

/// A snapshot that was read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last sequence that the state contains.
    pub sequence: u64,
    /// The hash of the state, as the caller gave it.
    pub state_hash: u64,
    /// The content.
    pub bytes: Vec<u8>,
}

/// A snapshot file; nothing of it was checked but its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotFile {
    /// The last sequence that the state contains, as the name says.
    pub sequence: u64,
    /// The file.
    pub path: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    sequence: u64,
    state_hash: u64,
    /// Bytes after the header.
    length: u64,
    /// CRC-32C of those.
    content: u32,
}

impl Header {
    fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.state_hash.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.length.to_le_bytes());
        bytes[40..44].copy_from_slice(&self.content.to_le_bytes());
        let checksum = crc32c(&bytes[..60]);
        bytes[60..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Cause> {
        if bytes[..8] != MAGIC {
            return Err(Cause::Magic);
        }
        if crc32c(&bytes[..60]) != u32_at(bytes, 60) {
            return Err(Cause::HeaderChecksum);
        }
        let found = u16_at(bytes, 8);
        if found != VERSION {
            return Err(Cause::Version { found, supported: VERSION });
        }
        Ok(Self {
            sequence: u64_at(bytes, 16),
            state_hash: u64_at(bytes, 24),
            length: u64_at(bytes, 32),
            content: u32_at(bytes, 40),
        })
    }
}

fn path(directory: &Path, sequence: u64) -> PathBuf {
    directory.join(format!("{PREFIX}{sequence:020}{SUFFIX}"))
}

/// Counts and sums what passes, and brings it to the disk piece by piece: at the end nothing is left that would flood the
/// disk, for which the journal beside it would have to wait.
struct Content {
    file: Box<dyn DiskFile>,
    /// Where in the file the buffer begins.
    offset: u64,
    buffer: Vec<u8>,
    length: u64,
    checksum: u32,
}

impl Content {
    fn new(file: Box<dyn DiskFile>) -> Self {
        // The header's place.
        let mut buffer = Vec::with_capacity(PIECE_BYTES);
        buffer.resize(HEADER_BYTES, 0);
        Self { file, offset: 0, buffer, length: 0, checksum: 0 }
    }
}

impl Write for Content {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() == PIECE_BYTES {
            self.flush()?;
        }
        let taken = &bytes[..bytes.len().min(PIECE_BYTES - self.buffer.len())];
        self.buffer.extend_from_slice(taken);
        self.checksum = crc32c_append(self.checksum, taken);
        self.length += taken.len() as u64;
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all_at(&self.buffer, self.offset)?;
        self.offset += self.buffer.len() as u64;
        self.buffer.clear();
        self.file.sync_data()
    }
}

/// Writes the state after `sequence`; `write` streams the content. On return the file is durable under its name, and
/// one of that sequence that was there before is replaced. The path of the file.
///
/// # Errors
/// [`Error::Io`]: then the snapshots that were there before still are.
pub fn write(
    directory: &Path,
    sequence: u64,
    state_hash: u64,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<PathBuf, Error> {
    write_on(&RealDisk, directory, sequence, state_hash, write)
}

/// [`write`](fn@write) on a given disk, for tests that inject failures.
///
/// # Errors
/// As [`write`](fn@write).
pub fn write_on(
    disk: &dyn Disk,
    directory: &Path,
    sequence: u64,
    state_hash: u64,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<PathBuf, Error> {
    let (unfinished, path) = (directory.join(UNFINISHED), path(directory, sequence));
    let file = disk.create(&unfinished).map_err(Error::io("create", &unfinished))?;
    let written = write_file(file, sequence, state_hash, write);
    if let Err(error) = written {
        // What is left is no snapshot; the next one overwrites it if this fails too.
        let _ = disk.remove(&unfinished);
        return Err(Error::io("write", &unfinished)(error));
    }
    disk.rename(&unfinished, &path).map_err(Error::io("give its name to", &path))?;
    sync_directory(disk, directory)?;
    Ok(path)
}

fn write_file(
    file: Box<dyn DiskFile>,
    sequence: u64,
    state_hash: u64,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut content = Content::new(file);
    write(&mut content)?;
    content.flush()?;
    let header = Header { sequence, state_hash, length: content.length, content: content.checksum };
    content.file.write_all_at(&header.encode(), 0)?;
    content.file.sync_data()
}

fn sync_directory(disk: &dyn Disk, directory: &Path) -> Result<(), Error> {
    disk.sync_directory(directory).map_err(Error::io("sync", directory))
}

/// The snapshot files of a directory, newest first.
///
/// # Errors
/// [`Error::Io`].
pub fn list(directory: &Path) -> Result<Vec<SnapshotFile>, Error> {
    let files = numbered(directory, PREFIX, SUFFIX)?;
    Ok(files.into_iter().rev().map(|(sequence, path)| SnapshotFile { sequence, path }).collect())
}

/// Reads one snapshot and checks every byte of it.
///
/// # Errors
/// [`Error::SnapshotDamaged`], [`Error::Version`], [`Error::Io`] (not found among them).
pub fn load(directory: &Path, sequence: u64) -> Result<Snapshot, Error> {
    let path = path(directory, sequence);
    let mut bytes = Vec::new();
    let header = read(&path, sequence, |piece| bytes.extend_from_slice(piece))?;
    Ok(Snapshot { sequence, state_hash: header.state_hash, bytes })
}

/// Reads and checks a snapshot file piece by piece.
fn read(path: &Path, sequence: u64, mut take: impl FnMut(&[u8])) -> Result<Header, Error> {
    let damaged = |offset, cause| Error::snapshot_damaged(path, offset, cause);
    let (mut file, header, length) = open(path)?;
    if header.sequence != sequence {
        return Err(damaged(0, Cause::Name { expected: sequence, found: header.sequence }));
    }
    if header.length.checked_add(HEADER_BYTES as u64) != Some(length) {
        return Err(damaged(length, Cause::Length));
    }
    let (mut left, mut checksum) = (header.length, 0);
    let mut piece = vec![0; BUFFER_BYTES.min(index(left))];
    while left > 0 {
        let wanted = piece.len().min(index(left));
        let piece = &mut piece[..wanted];
        file.read_exact(piece).map_err(Error::io("read", path))?;
        checksum = crc32c_append(checksum, piece);
        take(piece);
        left -= piece.len() as u64;
    }
    if checksum != header.content {
        return Err(damaged(HEADER_BYTES as u64, Cause::Content));
    }
    Ok(header)
}

/// Opens a snapshot and checks its header; also the file's length.
fn open(path: &Path) -> Result<(File, Header, u64), Error> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let length = file.metadata().map_err(Error::io("read the length of", path))?.len();
    if length < HEADER_BYTES as u64 {
        return Err(Error::snapshot_damaged(path, length, Cause::HeaderMissing));
    }
    let mut bytes = [0; HEADER_BYTES];
    file.read_exact(&mut bytes).map_err(Error::io("read", path))?;
    let header = Header::decode(&bytes).map_err(|cause| Error::snapshot_damaged(path, 0, cause))?;
    Ok((file, header, length))
}

/// The snapshots of a directory, newest first, each read and checked when it is asked for: take the first good one and
/// report those before it.
///
/// # Errors
/// [`Error::Io`] when the directory cannot be listed. The items have the errors of [`load`].
pub fn newest_first(directory: &Path) -> Result<impl Iterator<Item = Result<Snapshot, Error>>, Error> {
    let directory = directory.to_path_buf();
    Ok(list(&directory)?.into_iter().map(move |file| load(&directory, file.sequence)))
}

/// What [`newest`] found.
#[derive(Debug)]
pub struct Newest {
    /// The newest good snapshot, if there is one.
    pub snapshot: Option<Snapshot>,
    /// Why newer ones were passed over, to be reported to the operator.
    pub passed_over: Vec<Error>,
}

/// The newest good snapshot, and the newer ones that are damaged.
///
/// # Errors
/// [`Error::Io`], [`Error::Version`] (an older snapshot would hide that the program is too old).
pub fn newest(directory: &Path) -> Result<Newest, Error> {
    let mut passed_over = Vec::new();
    for found in newest_first(directory)? {
        match found {
            Ok(snapshot) => return Ok(Newest { snapshot: Some(snapshot), passed_over }),
            Err(error) if error.is_damage() => passed_over.push(error),
            Err(error) => return Err(error),
        }
    }
    Ok(Newest { snapshot: None, passed_over })
}

/// Keeps the `keep` newest good snapshots (at least one) and removes all that are older; a damaged one does not count.
/// The removed files.
///
/// # Errors
/// [`Error::Io`].
pub fn retain(directory: &Path, keep: usize) -> Result<Vec<PathBuf>, Error> {
    retain_on(&RealDisk, directory, keep)
}

/// [`retain`] on a given disk, for tests that inject failures.
///
/// # Errors
/// As [`retain`].
pub fn retain_on(disk: &dyn Disk, directory: &Path, keep: usize) -> Result<Vec<PathBuf>, Error> {
    let (mut good, mut removed) = (0, Vec::new());
    for file in list(directory)? {
        if good >= keep.max(1) {
            disk.remove(&file.path).map_err(Error::io("remove", &file.path))?;
            removed.push(file.path);
            continue;
        }
        match check(&file) {
            Ok(_) => good += 1,
            Err(error) if error.is_damage() => {}
            Err(error) => return Err(error),
        }
    }
    if !removed.is_empty() {
        sync_directory(disk, directory)?;
    }
    Ok(removed)
}

/// Checks every byte of a snapshot without keeping it; its content's length.
pub(crate) fn check(file: &SnapshotFile) -> Result<u64, Error> {
    Ok(read(&file.path, file.sequence, |_| {})?.length)
}

/// Refuses a journal that ends before a snapshot in its directory: a snapshot has durable records only, so the journal
/// lost some. A file whose header is damaged proves nothing.
pub(crate) fn refuse_newer_than(directory: &Path, last: u64) -> Result<(), Error> {
    for SnapshotFile { sequence, path } in list(directory)? {
        if sequence <= last {
            break;
        }
        match open(&path) {
            Ok((_, header, _)) if header.sequence == sequence => {
                return Err(Error::SnapshotAhead { path, snapshot: sequence, last });
            }
            Err(error) if !error.is_damage() => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
