//! The last resort of an operator whose journal is damaged and who has no copy.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::cursor::{Cursor, Step};
use crate::disk::{Disk, DiskFile, RealDisk, write_zeros};
use crate::error::{Cause, Error};
use crate::segment;
use crate::snapshot;
use crate::writer::lock;

/// Removed pieces of one name get numbers up to this.
const MOST_KEPT: u32 = 1000;

/// What a cut did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutReport {
    /// The segment that is now the last one.
    pub segment: PathBuf,
    /// Where it ends now.
    pub offset: u64,
    /// Where the removed segments and snapshots, and the segment as it was before the cut, are kept.
    pub kept: Vec<PathBuf>,
}

/// Cuts the journal after `last`, which must end a batch (see [`Error::InsideBatch`]). **Acknowledged records after it
/// are lost.** What is cut stays beside the journal in files named `*.cut`, `*.cut1` and so on; snapshots of later
/// sequences are set aside likewise. After a crash in the middle call it again.
///
/// # Errors
/// [`Error::Locked`] beside a live writer, [`Error::Trimmed`], [`Error::Beyond`], [`Error::InsideBatch`],
/// [`Error::Io`]; damage before `last`.
pub fn cut_after(directory: &Path, last: u64) -> Result<CutReport, Error> {
    let _lock = lock(directory)?;
    let disk = RealDisk;
    let segments = segment::list(directory)?;
    let Some(oldest) = segments.first() else { return Err(Error::NoJournal { path: directory.to_path_buf() }) };
    let first_available = oldest.first_sequence;
    let Some(place) = segments.iter().rposition(|segment| segment.first_sequence <= last) else {
        return Err(Error::Trimmed { requested: last, first_available });
    };
    let offset = end_of(&segments[place], last)?;
    let mut kept = Vec::new();
    // Newest first, so that what is left is at every moment a journal without its end.
    for snapshot in snapshot::list(directory)?.into_iter().filter(|snapshot| snapshot.sequence > last) {
        kept.push(set_aside(&disk, &snapshot.path)?);
    }
    for later in segments[place + 1..].iter().rev() {
        kept.push(set_aside(&disk, &later.path)?);
    }
    let path = &segments[place].path;
    let copy = free_name(path)?;
    let cut = copy_then_zero(&disk, path, &copy, offset);
    cut.map_err(Error::io("cut", path))?;
    kept.push(copy);
    disk.sync_directory(directory).map_err(Error::io("sync", directory))?;
    Ok(CutReport { segment: path.clone(), offset, kept })
}

/// Where the batch that ends with `last` ends.
fn end_of(segment: &segment::SegmentFile, last: u64) -> Result<u64, Error> {
    let (mut cursor, _) = Cursor::open(segment)?;
    loop {
        let before = cursor.expected;
        match cursor.step()? {
            Step::Batch { .. } if cursor.expected - 1 == last => return Ok(cursor.offset),
            Step::Batch { .. } if cursor.expected - 1 > last => {
                let (before, after) = (before - 1, cursor.expected - 1);
                return Err(Error::InsideBatch { requested: last, before, after });
            }
            Step::Batch { .. } => {}
            Step::Nothing => return Err(Error::Beyond { requested: last, next: cursor.expected }),
            Step::Broken(cause @ Cause::Version { .. }) => {
                return Err(Error::damaged(&cursor.path, cursor.offset, cause));
            }
            Step::Broken(_) => return Err(Error::Beyond { requested: last, next: cursor.expected }),
        }
    }
}

fn free_name(path: &Path) -> Result<PathBuf, Error> {
    for number in 0..MOST_KEPT {
        let mut name = path.as_os_str().to_os_string();
        name.push(if number == 0 { ".cut".to_owned() } else { format!(".cut{number}") });
        let name = PathBuf::from(name);
        if !name.exists() {
            return Ok(name);
        }
    }
    Err(Error::io("find a free name for a copy of", path)(io::ErrorKind::AlreadyExists.into()))
}

fn set_aside(disk: &RealDisk, path: &Path) -> Result<PathBuf, Error> {
    let name = free_name(path)?;
    disk.rename(path, &name).map_err(Error::io("rename", path))?;
    Ok(name)
}

fn copy_then_zero(disk: &RealDisk, path: &Path, copy: &Path, offset: u64) -> io::Result<()> {
    let bytes = std::fs::copy(path, copy)?;
    File::open(copy)?.sync_all()?;
    let file: Box<dyn DiskFile> = disk.open(path)?;
    write_zeros(file.as_ref(), offset, bytes.max(offset + 1))?;
    file.sync_data()
}
