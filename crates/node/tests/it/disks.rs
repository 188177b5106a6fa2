//! A disk whose syncs can be held up, or made to fail.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use journal::{Disk, DiskFile, RealDisk};

/// What the disk does from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Works.
    Good,
    /// A sync waits until the mood changes.
    Held,
    /// A sync fails, and so does everything after it.
    SyncFails,
    /// A write leaves half of its bytes and fails.
    WriteFails,
    /// A sync panics.
    Panics,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    /// Syncs that wait.
    held: usize,
    /// Syncs that came back, good.
    synced: u64,
}

/// The real file system in a mood.
#[derive(Debug, Clone)]
pub(crate) struct MoodyDisk(Arc<(Mutex<State>, Condvar)>);

impl MoodyDisk {
    pub(crate) fn new() -> Self {
        Self(Arc::new((Mutex::new(State { mood: Mood::Good, held: 0, synced: 0 }), Condvar::new())))
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.0.0.lock().unwrap().mood = mood;
        self.0.1.notify_all();
    }

    /// Syncs that wait now.
    pub(crate) fn held(&self) -> usize {
        self.0.0.lock().unwrap().held
    }

    /// Syncs that came back good.
    pub(crate) fn synced(&self) -> u64 {
        self.0.0.lock().unwrap().synced
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.0.0.lock().unwrap();
        state.held += 1;
        let mut state = self.0.1.wait_while(state, |state| state.mood == Mood::Held).unwrap();
        state.held -= 1;
        let mood = state.mood;
        drop(state);
        match mood {
            Mood::Panics => panic!("the test's disk panics"),
            Mood::SyncFails => Err(io::Error::other("the test's sync fails")),
            _ => Ok(()),
        }
    }

    fn file(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(MoodyFile { file, disk: self.clone() })
    }
}

struct MoodyFile {
    file: Box<dyn DiskFile>,
    disk: MoodyDisk,
}

impl Disk for MoodyDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(RealDisk.create(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(RealDisk.open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_directory(path)
    }
}

impl DiskFile for MoodyFile {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.disk.0.0.lock().unwrap().mood == Mood::WriteFails {
            self.file.write_all_at(&bytes[..bytes.len() / 2], offset)?;
            return Err(io::Error::other("the test's write fails"));
        }
        self.file.write_all_at(bytes, offset)
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.sync()?;
        self.file.sync_data()?;
        self.disk.0.0.lock().unwrap().synced += 1;
        Ok(())
    }
}
