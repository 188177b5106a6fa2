//! Segment files: their names, their order, and how a new one is made.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use crate::disk::{Disk, DiskFile, write_zeros};
use crate::error::{Cause, Error};
use crate::format::{SEGMENT_HEADER_BYTES, SegmentHeader};

/// The name of a segment while it is filled with zeros.
pub(crate) const NEXT_SEGMENT: &str = "journal-next.tmp";
/// A new segment is filled and synced in pieces between these sizes, as small as the pace allows: a sync of the live
/// segment waits for the piece that is under way (a piece of 1 MiB makes it take 0.9 ms, one of 64 KiB 0.15 ms).
const LEAST_PIECE_BYTES: u64 = 64 << 10;
const MOST_PIECE_BYTES: u64 = 1 << 20;

/// A segment file in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentFile {
    /// The first sequence as the name says.
    pub(crate) first_sequence: u64,
    pub(crate) path: PathBuf,
}

pub(crate) fn path(directory: &Path, first_sequence: u64) -> PathBuf {
    directory.join(format!("journal-{first_sequence:020}.seg"))
}

/// The number in names such as `journal-00000000000000000001.seg`; `None` for any other name.
pub(crate) fn number_in_name(name: &str, prefix: &str, suffix: &str) -> Option<u64> {
    let digits = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
    if digits.len() != 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// Files of a directory by the number in their names, ascending; other files are ignored.
pub(crate) fn numbered(directory: &Path, prefix: &str, suffix: &str) -> Result<Vec<(u64, PathBuf)>, Error> {
    let entries = std::fs::read_dir(directory).map_err(Error::io("list", directory))?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Error::io("list", directory))?;
        let name = entry.file_name();
        if let Some(number) = name.to_str().and_then(|name| number_in_name(name, prefix, suffix)) {
            found.push((number, entry.path()));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The segments of a directory, oldest first.
pub(crate) fn list(directory: &Path) -> Result<Vec<SegmentFile>, Error> {
    let files = numbered(directory, "journal-", ".seg")?;
    Ok(files.into_iter().map(|(first_sequence, path)| SegmentFile { first_sequence, path }).collect())
}

/// Opens a segment for reading and checks its header; also the file's length.
pub(crate) fn open(segment: &SegmentFile) -> Result<(File, SegmentHeader, u64), Error> {
    let path = &segment.path;
    let file = File::open(path).map_err(Error::io("open", path))?;
    let length = file.metadata().map_err(Error::io("read the length of", path))?.len();
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    match file.read_exact_at(&mut bytes, 0) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(Error::damaged(path, length, Cause::HeaderMissing));
        }
        Err(error) => return Err(Error::io("read", path)(error)),
    }
    let header = SegmentHeader::decode(&bytes).map_err(|cause| Error::damaged(path, 0, cause))?;
    if header.first_sequence != segment.first_sequence {
        let cause = Cause::Name { expected: segment.first_sequence, found: header.first_sequence };
        return Err(Error::damaged(path, 0, cause));
    }
    Ok((file, header, length))
}

/// A segment that a thread of its own fills with zeros, so that the change to it does not wait.
pub(crate) struct Preparing {
    bytes: u64,
    path: PathBuf,
    pace: Arc<Pace>,
    thread: Option<JoinHandle<Zeroed>>,
}

/// A file of zeros, `None` when its making was cancelled.
type Zeroed = io::Result<Option<Box<dyn DiskFile>>>;

/// How far the zeros are wanted; they wait there, so that the disk is not flooded long before the segment is needed.
#[derive(Default)]
struct Pace {
    wanted: AtomicU64,
    cancelled: AtomicBool,
}

impl Pace {
    /// Waits until more than `done` of `bytes` is wanted; how far, or `None` when nothing is any more.
    fn wait(&self, done: u64, bytes: u64) -> Option<u64> {
        loop {
            if self.cancelled.load(Ordering::Acquire) {
                return None;
            }
            let wanted = self.wanted.load(Ordering::Acquire).min(bytes);
            if wanted >= bytes.min(done + LEAST_PIECE_BYTES) {
                return Some(wanted);
            }
            std::thread::park();
        }
    }
}

impl Preparing {
    /// Starts the thread.
    pub(crate) fn start(disk: &Arc<dyn Disk>, directory: &Path, bytes: u64) -> io::Result<Self> {
        let path = directory.join(NEXT_SEGMENT);
        let pace = Arc::<Pace>::default();
        let thread = std::thread::Builder::new().name("journal-prepare".into()).spawn({
            let (disk, path, pace) = (Arc::clone(disk), path.clone(), Arc::clone(&pace));
            move || zeroed(disk.as_ref(), &path, bytes, &|done| pace.wait(done, bytes))
        })?;
        Ok(Self { bytes, path, pace, thread: Some(thread) })
    }

    /// Lets the zeros go on as far as they are wanted when `used` of the `room` in the segment before is used: they are
    /// done when three quarters are.
    pub(crate) fn keep_pace(&self, used: u64, room: u64) {
        let part = u128::from(self.bytes) * u128::from(used) * 4 / (u128::from(room.max(1)) * 3);
        let wanted = u64::try_from(part).unwrap_or(u64::MAX).saturating_add(LEAST_PIECE_BYTES);
        let before = self.pace.wanted.load(Ordering::Relaxed);
        // Not for every small batch: the other thread works in pieces anyway.
        if wanted >= before.saturating_add(LEAST_PIECE_BYTES) && before < self.bytes {
            self.want(wanted);
        }
    }

    fn want(&self, bytes: u64) {
        self.pace.wanted.store(bytes, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Waits until the zeros are on disk.
    fn finish(mut self) -> io::Result<Box<dyn DiskFile>> {
        self.want(u64::MAX);
        let thread = self.thread.take().ok_or_else(|| io::Error::other("the preparing thread was joined before"))?;
        let file = thread.join().map_err(|_| io::Error::other("the preparing thread panicked"))??;
        file.ok_or_else(|| io::Error::other("the preparation was cancelled"))
    }
}

impl Drop for Preparing {
    fn drop(&mut self) {
        self.pace.cancelled.store(true, Ordering::Release);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // Neither failure matters: the next start removes the file.
            let _ = thread.join();
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Makes a file of zeros that are on disk. `wanted` says how far to go when so much is done; `None` cancels.
fn zeroed(disk: &dyn Disk, path: &Path, bytes: u64, wanted: &dyn Fn(u64) -> Option<u64>) -> Zeroed {
    let file = disk.create(path)?;
    let mut done = 0;
    while done < bytes {
        let Some(wanted) = wanted(done) else { return Ok(None) };
        let end = bytes.min(wanted.clamp(done + LEAST_PIECE_BYTES, done + MOST_PIECE_BYTES));
        write_zeros(file.as_ref(), done, end)?;
        file.sync_data()?;
        done = end;
    }
    Ok(Some(file))
}

/// Makes the segment that `header` describes, from the prepared file if one is there; durable with its name on return.
pub(crate) fn create(
    disk: &dyn Disk,
    directory: &Path,
    mut header: SegmentHeader,
    prepared: Option<Preparing>,
) -> io::Result<(Box<dyn DiskFile>, SegmentHeader)> {
    let unfinished = directory.join(NEXT_SEGMENT);
    let prepared = prepared.and_then(|prepared| Some((prepared.bytes, prepared.finish().ok()?)));
    let file = if let Some((bytes, file)) = prepared {
        header.segment_bytes = bytes;
        file
    } else {
        // Without a prepared one, or when the disk was full then: it holds no data yet, so a new try risks nothing.
        let made = zeroed(disk, &unfinished, header.segment_bytes, &|_| Some(u64::MAX))?;
        made.ok_or_else(|| io::Error::other("nobody cancels here"))?
    };
    file.write_all_at(&header.encode(), 0)?;
    file.sync_data()?;
    disk.rename(&unfinished, &path(directory, header.first_sequence))?;
    disk.sync_directory(directory)?;
    Ok((file, header))
}
