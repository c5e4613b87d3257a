//! A disk in memory that fails on purpose: it loses what was not synced, runs full, and refuses to sync.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::{Disk, DiskFile};

/// What a disk keeps or loses as one.
const SECTOR: usize = 512;

/// A disk that fails on purpose.
#[derive(Clone, Default)]
pub struct FaultyDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    files: Vec<Content>,
    /// What a reader sees.
    names: BTreeMap<PathBuf, usize>,
    /// What would be there after a power cut.
    safe_names: BTreeMap<PathBuf, usize>,
    /// Names changed since their folder was synced, in order.
    unsafe_names: Vec<NameChange>,
    locked: BTreeSet<PathBuf>,
    room: Option<usize>,
    writes_refused: bool,
    calls_left: Option<u64>,
    sync_fails: bool,
}

#[derive(Clone)]
enum NameChange {
    Made(PathBuf, usize),
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
}

#[derive(Default, Clone)]
struct Content {
    now: Vec<u8>,
    safe: Vec<u8>,
    dirty: BTreeSet<usize>,
}

impl FaultyDisk {
    /// Lets the power fail at the `calls`-th write or sync from now; from then on every call fails.
    pub fn fail_power_after(&self, calls: u64) {
        self.lock().calls_left = Some(calls);
    }

    /// Says whether the power has failed.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.lock().calls_left == Some(0)
    }

    /// Bounds the sum of all files' lengths; `None`: no bound.
    pub fn set_room(&self, bytes: Option<usize>) {
        self.lock().room = bytes;
    }

    /// Refuses every write for lack of room from now on, or no longer, as a disk that copies on writing does when full.
    pub fn refuse_writes(&self, refuse: bool) {
        self.lock().writes_refused = refuse;
    }

    /// Returns the sum of all files' lengths.
    #[must_use]
    pub fn used(&self) -> usize {
        self.lock().used()
    }

    /// Makes every sync fail from now on, or no longer.
    pub fn fail_syncs(&self, fail: bool) {
        self.lock().sync_fails = fail;
    }

    /// Flips one bit of a file.
    ///
    /// # Panics
    /// If the file has no such bit.
    pub fn flip(&self, path: &Path, bit: usize) {
        let mut state = self.lock();
        let file = state.names[path];
        state.files[file].now[bit / 8] ^= 1 << (bit % 8);
        state.files[file].safe[bit / 8] ^= 1 << (bit % 8);
    }

    /// Lists all files with their lengths.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, usize)> {
        let state = self.lock();
        state
            .names
            .iter()
            .map(|(path, file)| (path.clone(), state.files[*file].now.len()))
            .collect()
    }

    /// Returns a copy of what a reader sees, all of it safe.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let state = self.lock();
        let files = state.files.iter().map(|file| Content {
            safe: file.now.clone(),
            dirty: BTreeSet::new(),
            ..file.clone()
        });
        let names = state.names.clone();
        let copy = State {
            files: files.collect(),
            safe_names: names.clone(),
            names,
            ..State::default()
        };
        Self {
            state: Arc::new(Mutex::new(copy)),
        }
    }

    /// Returns the disk as the power comes back: of what was not synced, what `keep` says survives.
    ///
    /// `keep` is asked once for each sector written and each name changed since the last sync. Names survive in the
    /// order they were changed in, as a journal keeps them: the first that is lost ends them.
    #[must_use]
    pub fn after_power_cut(&self, mut keep: impl FnMut() -> bool) -> Self {
        let state = self.lock();
        let mut files = Vec::with_capacity(state.files.len());
        for file in &state.files {
            let mut safe = file.safe.clone();
            for sector in &file.dirty {
                if keep() {
                    let from = sector * SECTOR;
                    let to = (from + SECTOR).min(file.now.len());
                    if safe.len() < to {
                        safe.resize(to, 0);
                    }
                    safe[from..to].copy_from_slice(&file.now[from..to]);
                }
            }
            files.push(Content {
                now: safe.clone(),
                safe,
                dirty: BTreeSet::new(),
            });
        }
        let mut names = state.safe_names.clone();
        for change in state.unsafe_names.iter().take_while(|_| keep()) {
            apply(&mut names, change);
        }
        let copy = State {
            files,
            safe_names: names.clone(),
            names,
            ..State::default()
        };
        Self {
            state: Arc::new(Mutex::new(copy)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn apply(names: &mut BTreeMap<PathBuf, usize>, change: &NameChange) {
    match change {
        NameChange::Made(path, file) => {
            names.insert(path.clone(), *file);
        }
        NameChange::Renamed(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        NameChange::Removed(path) => {
            names.remove(path);
        }
    }
}

impl State {
    fn used(&self) -> usize {
        self.names.values().map(|file| self.files[*file].now.len()).sum()
    }

    /// Counts a call that changes the disk; fails once the power is gone.
    fn call(&mut self) -> io::Result<()> {
        match &mut self.calls_left {
            Some(0) => Err(io::Error::other("the power has failed")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn alive(&self) -> io::Result<()> {
        if self.calls_left == Some(0) {
            Err(io::Error::other("the power has failed"))
        } else {
            Ok(())
        }
    }

    fn rename_now(&mut self, change: NameChange) {
        apply(&mut self.names, &change);
        self.unsafe_names.push(change);
    }
}

impl Disk for FaultyDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.lock();
        state.alive()?;
        let file = match state.names.get(path) {
            Some(file) => *file,
            None => {
                state.files.push(Content::default());
                let file = state.files.len() - 1;
                state.rename_now(NameChange::Made(path.to_owned(), file));
                file
            }
        };
        drop(state);
        Ok(Arc::new(FaultyFile {
            disk: self.clone(),
            file,
        }))
    }

    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let state = self.lock();
        state.alive()?;
        let file = *state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        drop(state);
        Ok(Arc::new(FaultyFile {
            disk: self.clone(),
            file,
        }))
    }

    fn make_folder(&self, _: &Path) -> io::Result<()> {
        self.lock().alive()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.lock();
        state.alive()?;
        let inside = state.names.keys().filter(|path| path.parent() == Some(folder));
        Ok(inside
            .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            .collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.call()?;
        if !state.names.contains_key(from) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.rename_now(NameChange::Renamed(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.alive()?;
        if !state.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.rename_now(NameChange::Removed(path.to_owned()));
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.call()?;
        // One journal holds the names of all folders, so a sync of one carries what came before it in any.
        let changes = std::mem::take(&mut state.unsafe_names);
        changes
            .iter()
            .for_each(|change| apply(&mut state.safe_names, change));
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let mut state = self.lock();
        state.alive()?;
        let free = state.locked.insert(path.to_owned());
        drop(state);
        Ok(free.then(|| {
            Box::new(Lock {
                disk: self.clone(),
                path: path.to_owned(),
            }) as Box<dyn Send + Sync>
        }))
    }

    fn is_locked(&self, path: &Path) -> io::Result<bool> {
        let state = self.lock();
        state.alive()?;
        Ok(state.locked.contains(path))
    }
}

struct Lock {
    disk: FaultyDisk,
    path: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.disk.lock().locked.remove(&self.path);
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    file: usize,
}

impl DiskFile for FaultyFile {
    // As on a disk that holds nothing in memory: the longer way is the one to be tested.
    fn read_at_once(&self, _buffer: &mut [u8], _offset: u64) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.lock();
        state.alive()?;
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let rest = state.files[self.file].now.get(offset..).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    fn write_at(&self, buffer: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        let cut = state.call();
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let grows = (offset + buffer.len()).saturating_sub(state.files[self.file].now.len());
        let is_full = |room| grows > 0 && state.used() + grows > room;
        if state.writes_refused || state.room.is_some_and(is_full) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let file = &mut state.files[self.file];
        if file.now.len() < offset + buffer.len() {
            file.now.resize(offset + buffer.len(), 0);
        }
        // The write during which the power fails has reached the cache: its sectors survive or not like any.
        file.now[offset..offset + buffer.len()].copy_from_slice(buffer);
        file.dirty
            .extend(offset / SECTOR..(offset + buffer.len()).div_ceil(SECTOR));
        cut
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.lock();
        state.call()?;
        if state.sync_fails {
            return Err(io::Error::other("the disk does not sync"));
        }
        let file = &mut state.files[self.file];
        file.safe.resize(file.now.len(), 0);
        for sector in std::mem::take(&mut file.dirty) {
            let (from, to) = (sector * SECTOR, ((sector + 1) * SECTOR).min(file.now.len()));
            file.safe[from..to].copy_from_slice(&file.now[from..to]);
        }
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        let state = self.disk.lock();
        state.alive()?;
        Ok(state.files[self.file].now.len() as u64)
    }
}
