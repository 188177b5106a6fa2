//! Segment files: their names, their order, and how a new one is made.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::disk::{Disk, DiskFile, write_zeros};
use crate::error::{Cause, Error};
use crate::format::{SEGMENT_HEADER_BYTES, SegmentHeader};

/// The name of a segment while it is filled with zeros.
pub(crate) const NEXT_SEGMENT: &str = "journal-next.tmp";
/// A new segment is synced whenever this much was written, so that the syncs of the live one wait little for it.
const SYNC_EVERY_BYTES: u64 = 1 << 20;

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
    cancelled: Arc<AtomicBool>,
    thread: Option<JoinHandle<Zeroed>>,
}

/// A file of zeros, `None` when its making was cancelled.
type Zeroed = io::Result<Option<Box<dyn DiskFile>>>;

impl Preparing {
    /// Starts the thread.
    pub(crate) fn start(disk: &Arc<dyn Disk>, directory: &Path, bytes: u64) -> io::Result<Self> {
        let path = directory.join(NEXT_SEGMENT);
        let cancelled = Arc::new(AtomicBool::new(false));
        let thread = std::thread::Builder::new().name("journal-prepare".into()).spawn({
            let (disk, path, cancelled) = (Arc::clone(disk), path.clone(), Arc::clone(&cancelled));
            move || zeroed(disk.as_ref(), &path, bytes, &|| !cancelled.load(Ordering::Relaxed))
        })?;
        Ok(Self { bytes, path, cancelled, thread: Some(thread) })
    }

    /// Waits until the zeros are on disk.
    fn finish(mut self) -> io::Result<Box<dyn DiskFile>> {
        let thread = self.thread.take().ok_or_else(|| io::Error::other("the preparing thread was joined before"))?;
        let file = thread.join().map_err(|_| io::Error::other("the preparing thread panicked"))??;
        file.ok_or_else(|| io::Error::other("the preparation was cancelled"))
    }
}

impl Drop for Preparing {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.cancelled.store(true, Ordering::Relaxed);
            // Neither failure matters: the next start removes the file.
            let _ = thread.join();
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Makes a file of zeros that are on disk.
fn zeroed(disk: &dyn Disk, path: &Path, bytes: u64, go_on: &dyn Fn() -> bool) -> Zeroed {
    let file = disk.create(path)?;
    let mut offset = 0;
    while offset < bytes {
        let end = bytes.min(offset + SYNC_EVERY_BYTES);
        if !write_zeros(file.as_ref(), offset, end, go_on)? {
            return Ok(None);
        }
        file.sync_data()?;
        offset = end;
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
        let made = zeroed(disk, &unfinished, header.segment_bytes, &|| true)?;
        made.ok_or_else(|| io::Error::other("nobody cancels here"))?
    };
    file.write_all_at(&header.encode(), 0)?;
    file.sync_data()?;
    disk.rename(&unfinished, &path(directory, header.first_sequence))?;
    disk.sync_directory(directory)?;
    Ok((file, header))
}
