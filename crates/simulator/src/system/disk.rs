//! A disk that loses, tears and reorders what was not synced, fails, runs full and is slow; out of a seed.
//!
//! The files are real, in a folder of the run, since the journal's readers open them by themselves: what they show is what
//! a process sees. Beside them stands what would survive the loss of power: [`SimDisk::lose_power`] makes the files show
//! that.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::{Disk, DiskFile};
use runtime::clock::ManualClock;

use crate::Random;

/// Disks write sectors of this size whole or not at all.
const SECTOR: usize = 512;
/// Names that end so are of unfinished files, which nobody reads.
const UNFINISHED: &str = ".tmp";
/// The thread on which the journal fills its next segment. When it runs is up to the system, so it takes no part in
/// chances that others see.
const ASIDE: &str = "journal-prepare";

/// Calls of that thread that fail, in a thousand.
const ASIDE_FAILS: u64 = 20;

/// A change of a file that was not synced.
#[derive(Debug, Clone)]
enum Change {
    Bytes { offset: usize, bytes: Vec<u8> },
    Length(usize),
}

/// A file as power would leave it.
#[derive(Debug, Default)]
struct Inode {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

/// A change of a name that was not synced.
#[derive(Debug, Clone)]
enum NameChange {
    Set(OsString, u64),
    Gone(OsString),
}

/// What the disk does from now on, each in a thousand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moods {
    /// Calls that fail.
    pub(crate) fails: u64,
    /// Syncs that take long.
    pub(crate) slow: u64,
    /// Syncs that answer well and do nothing: a deliberate fault.
    pub(crate) lies: u64,
}

#[derive(Debug)]
struct State {
    folder: PathBuf,
    random: Random,
    /// Chances of the thread aside: begun anew with each file that it makes, since how far it gets with one is up to the
    /// system.
    aside: Random,
    aside_seed: u64,
    moods: Moods,
    /// Calls until the power goes.
    power: Option<u64>,
    dead: bool,
    /// Calls that make files which fail from now on, for lack of space.
    full_for: u64,
    failures: u64,
    inodes: BTreeMap<u64, Inode>,
    next_inode: u64,
    /// Names as the process sees them, and as power would leave them.
    names: BTreeMap<OsString, u64>,
    durable_names: BTreeMap<OsString, u64>,
    pending_names: Vec<NameChange>,
}

/// The disk.
#[derive(Debug, Clone)]
pub(crate) struct SimDisk(Arc<Mutex<State>>, Arc<ManualClock>);

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    inode: u64,
    file: File,
}

/// The kinds of calls, as far as failing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Make,
    Write,
    Sync,
    Name,
}

fn name_of(path: &Path) -> OsString {
    path.file_name().unwrap_or_default().to_owned()
}

fn is_unfinished(name: &OsString) -> bool {
    name.to_string_lossy().ends_with(UNFINISHED)
}

fn is_aside() -> bool {
    std::thread::current().name() == Some(ASIDE)
}

fn number(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn no_power() -> io::Error {
    io::Error::other("the power is gone")
}

impl State {
    /// Counts a call: whether it works, fails, or is the last one before the power goes.
    fn call(&mut self, call: Call) -> io::Result<()> {
        if self.dead {
            return Err(no_power());
        }
        if is_aside() {
            if call == Call::Make {
                self.aside_seed = self.aside_seed.wrapping_add(1);
                self.aside = Random::new(self.aside_seed);
            }
            return if self.aside.chance(ASIDE_FAILS) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) };
        }
        if let Some(left) = &mut self.power {
            if *left == 0 {
                self.dead = true;
                return Err(no_power());
            }
            *left -= 1;
        }
        if call == Call::Make && self.full_for > 0 {
            self.full_for -= 1;
            self.failures += 1;
            return Err(io::ErrorKind::StorageFull.into());
        }
        if !self.random.chance(self.moods.fails) {
            return Ok(());
        }
        self.failures += 1;
        if self.random.chance(300) {
            self.full_for = self.random.below(6);
            return Err(io::ErrorKind::StorageFull.into());
        }
        Err(io::Error::other("the disk does not answer"))
    }

    fn inode(&mut self, inode: u64) -> &mut Inode {
        self.inodes.entry(inode).or_default()
    }

    /// Drops some of what was not synced for good, as systems do after a failed sync, though the process still sees it.
    fn forget_some(&mut self, inode: u64) {
        let random = &mut self.random;
        let pending = &mut self.inodes.entry(inode).or_default().pending;
        pending.retain(|_| random.chance(500));
    }

    fn set_name(&mut self, name: OsString, inode: u64) {
        // Unfinished files are settled apart: when the thread aside makes one is up to the system.
        if !is_unfinished(&name) {
            self.pending_names.push(NameChange::Set(name.clone(), inode));
        }
        self.names.insert(name, inode);
    }

    fn drop_name(&mut self, name: &OsString) {
        if !is_unfinished(name) {
            self.pending_names.push(NameChange::Gone(name.clone()));
        }
        self.names.remove(name);
    }
}

impl Inode {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Length(length) => self.durable.resize(*length, 0),
            Change::Bytes { offset, bytes } => {
                let end = offset + bytes.len();
                if self.durable.len() < end {
                    self.durable.resize(end, 0);
                }
                self.durable[*offset..end].copy_from_slice(bytes);
            }
        }
    }

    fn sync(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            self.apply(&change);
        }
    }

    /// What was not synced survives in part: nothing, all, a torn beginning, or any sectors in any order.
    fn lose_power(&mut self, random: &mut Random) {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return;
        }
        match random.below(4) {
            0 => {}
            1 => pending.iter().for_each(|change| self.apply(change)),
            2 => {
                let sectors: Vec<Change> = pending.iter().flat_map(sectors).collect();
                let kept = number(random.below(sectors.len() as u64 + 1));
                sectors.iter().take(kept).for_each(|change| self.apply(change));
            }
            _ => {
                let share = random.below(1_001);
                let sectors = pending.iter().flat_map(sectors);
                sectors.filter(|_| random.chance(share)).for_each(|change| self.apply(&change));
            }
        }
    }
}

/// How much of a write that broke off is there: it ends between two sectors, for the journal relies on whole ones.
fn whole_sectors(offset: u64, length: usize, random: &mut Random) -> usize {
    let (start, end) = (number(offset), number(offset) + number(random.below(length as u64 + 1)));
    if end == start + length { length } else { (end - end % SECTOR).saturating_sub(start) }
}

/// A change sector by sector.
fn sectors(change: &Change) -> Vec<Change> {
    let Change::Bytes { offset, bytes } = change else { return vec![change.clone()] };
    let (mut at, mut rest, mut pieces) = (*offset, bytes.as_slice(), Vec::new());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
        pieces.push(Change::Bytes { offset: at, bytes: piece.to_vec() });
        at += piece.len();
        rest = after;
    }
    pieces
}

impl SimDisk {
    /// A disk over an empty folder.
    pub(crate) fn new(folder: &Path, seed: u64, clock: Arc<ManualClock>) -> Self {
        let state = State {
            folder: folder.to_owned(),
            random: Random::new(seed),
            aside: Random::new(!seed),
            aside_seed: !seed,
            moods: Moods::default(),
            power: None,
            dead: false,
            full_for: 0,
            failures: 0,
            inodes: BTreeMap::new(),
            next_inode: 0,
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            pending_names: Vec::new(),
        };
        Self(Arc::new(Mutex::new(state)), clock)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, moods: Moods) {
        self.state().moods = moods;
    }

    /// The power goes after so many calls; `None`: it stays.
    pub(crate) fn cut_after(&self, calls: Option<u64>) {
        self.state().power = calls;
    }

    /// Whether the power is gone.
    pub(crate) fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Calls that failed without a loss of power.
    pub(crate) fn failures(&self) -> u64 {
        self.state().failures
    }

    /// The process ended; the files stay as it saw them, and the half-made next segment is there or not.
    pub(crate) fn end_process(&self) -> io::Result<()> {
        let mut state = self.state();
        (state.dead, state.power, state.full_for) = (false, None, 0);
        state.leave_unfinished()
    }

    /// The power was lost and is back: the files show what survived. No file of the disk may be open.
    pub(crate) fn lose_power(&self) -> io::Result<()> {
        let mut state = self.state();
        (state.dead, state.power, state.full_for) = (false, None, 0);
        let pending = std::mem::take(&mut state.pending_names);
        let kept = number(state.random.below(pending.len() as u64 + 1));
        for change in pending.into_iter().take(kept) {
            match change {
                NameChange::Set(name, inode) => state.durable_names.insert(name, inode),
                NameChange::Gone(name) => state.durable_names.remove(&name),
            };
        }
        state.names = state.durable_names.clone();
        let mut files = BTreeMap::new();
        for (name, id) in state.names.clone() {
            let mut inode = state.inodes.remove(&id).unwrap_or_default();
            inode.lose_power(&mut state.random);
            std::fs::write(state.folder.join(&name), &inode.durable)?;
            files.insert(id, inode);
        }
        state.inodes = files;
        for entry in std::fs::read_dir(&state.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name != "journal.lock" && !state.names.contains_key(&name) {
                std::fs::remove_file(entry.path())?;
            }
        }
        state.leave_unfinished()
    }

    /// Changes a file in both its lives, as failing hardware does.
    pub(crate) fn damage(&self, path: &Path, change: impl FnOnce(&mut Random, &mut Vec<u8>)) -> io::Result<()> {
        let mut state = self.state();
        let mut bytes = std::fs::read(path)?;
        change(&mut state.random, &mut bytes);
        std::fs::write(path, &bytes)?;
        if let Some(inode) = state.names.get(&name_of(path)).copied() {
            *state.inode(inode) = Inode { durable: bytes, pending: Vec::new() };
        }
        Ok(())
    }
}

impl State {
    /// What is left of files that were not finished says nothing, so it may be anything.
    fn leave_unfinished(&mut self) -> io::Result<()> {
        for name in ["journal-next.tmp", "snapshot-next.tmp"] {
            let path = self.folder.join(name);
            self.names.remove(&OsString::from(name));
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            if self.random.chance(300) {
                let bytes = number(self.random.below(3_000));
                let fill = self.random.number().to_le_bytes()[0];
                std::fs::write(&path, vec![fill; bytes])?;
                let inode = self.new_inode();
                self.names.insert(name.into(), inode);
            }
        }
        Ok(())
    }

    fn new_inode(&mut self) -> u64 {
        self.next_inode += 1;
        self.next_inode
    }
}

impl Disk for SimDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.call(Call::Make)?;
        // Another file takes the name: the one that had it may be open still.
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let inode = state.new_inode();
        state.set_name(name_of(path), inode);
        Ok(Box::new(SimFile { disk: self.clone(), inode, file }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.call(Call::Name)?;
        let file = OpenOptions::new().write(true).open(path)?;
        let inode = state.names.get(&name_of(path)).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(SimFile { disk: self.clone(), inode, file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call(Call::Name)?;
        std::fs::rename(from, to)?;
        let (from, to) = (name_of(from), name_of(to));
        let inode = state.names.get(&from).copied().ok_or(io::ErrorKind::NotFound)?;
        state.drop_name(&from);
        state.set_name(to, inode);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call(Call::Name)?;
        std::fs::remove_file(path)?;
        state.drop_name(&name_of(path));
        Ok(())
    }

    fn sync_directory(&self, _: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call(Call::Sync)?;
        for change in std::mem::take(&mut state.pending_names) {
            match change {
                NameChange::Set(name, inode) => state.durable_names.insert(name, inode),
                NameChange::Gone(name) => state.durable_names.remove(&name),
            };
        }
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        let failed = state.call(Call::Write).err();
        let written = match &failed {
            None => bytes,
            // A call that fails may have done a part of its work.
            Some(_) if is_aside() => &bytes[..0],
            Some(_) => &bytes[..whole_sectors(offset, bytes.len(), &mut state.random)],
        };
        FileExt::write_all_at(&self.file, written, offset)?;
        let change = Change::Bytes { offset: number(offset), bytes: written.to_vec() };
        state.inode(self.inode).pending.push(change);
        failed.map_or(Ok(()), Err)
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.call(Call::Write)?;
        self.file.set_len(bytes)?;
        state.inode(self.inode).pending.push(Change::Length(number(bytes)));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        if let Err(error) = state.call(Call::Sync) {
            if !is_aside() && !state.dead {
                state.forget_some(self.inode);
            }
            return Err(error);
        }
        if is_aside() {
            state.inode(self.inode).sync();
            return Ok(());
        }
        let moods = state.moods;
        if state.random.chance(moods.slow) {
            let late = state.random.below(400_000);
            self.disk.1.advance_us(late);
        }
        if !state.random.chance(moods.lies) {
            state.inode(self.inode).sync();
        }
        Ok(())
    }
}
