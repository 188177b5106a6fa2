//! Removes old segments.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, RealDisk};
use crate::error::Error;
use crate::segment;

/// Removes the segments that hold only records below `sequence`, oldest first, never the one that is written. May run
/// beside the writer and readers; a reader that is overtaken gets [`Error::Trimmed`]. The removed files.
///
/// Keep what follows the oldest snapshot that may still be needed.
///
/// # Errors
/// [`Error::Io`].
pub fn remove_segments_before(directory: &Path, sequence: u64) -> Result<Vec<PathBuf>, Error> {
    remove_segments_before_on(&RealDisk, directory, sequence)
}

/// [`remove_segments_before`] on a given disk, for tests that inject failures.
///
/// # Errors
/// As [`remove_segments_before`].
pub fn remove_segments_before_on(disk: &dyn Disk, directory: &Path, sequence: u64) -> Result<Vec<PathBuf>, Error> {
    let segments = segment::list(directory)?;
    let mut removed = Vec::new();
    for pair in segments.windows(2) {
        let [segment, next] = pair else { break };
        if next.first_sequence > sequence {
            break;
        }
        match disk.remove(&segment.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", &segment.path)(error));
            }
            _ => removed.push(segment.path.clone()),
        }
    }
    if !removed.is_empty() {
        disk.sync_directory(directory).map_err(Error::io("sync", directory))?;
    }
    Ok(removed)
}
