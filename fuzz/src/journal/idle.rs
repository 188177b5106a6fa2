//! The file system without its syncs, which prove nothing here, and with little room.

use std::io;
use std::path::Path;

use ::journal::{Disk, DiskFile, RealDisk};

/// No file may grow beyond this: a header can ask for any length.
const MOST_BYTES: u64 = 1 << 20;

/// See the module.
pub(super) struct IdleDisk;

struct IdleFile(Box<dyn DiskFile>);

impl Disk for IdleDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(IdleFile(RealDisk.create(path)?)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(IdleFile(RealDisk.open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_directory(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for IdleFile {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if offset.saturating_add(bytes.len() as u64) > MOST_BYTES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.write_all_at(bytes, offset)
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        if bytes > MOST_BYTES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.set_len(bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }
}
