//! The file layer: everything that the embedded log asks of a disk, so that a disk can be made to fail.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A folder tree on something that keeps what was synced.
///
/// What was written but not synced may be lost, whole or in parts of 512 bytes, in any order; so may the names of files
/// made or renamed until their folder is synced.
pub trait Disk: Send + Sync + 'static {
    /// Opens a file for reading and writing, made empty if it is not there.
    ///
    /// # Errors
    /// What the disk said.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file for reading only.
    ///
    /// # Errors
    /// What the disk said; [`io::ErrorKind::NotFound`] if it is not there.
    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// What the disk said.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Lists the names in a folder, sorted.
    ///
    /// # Errors
    /// What the disk said.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Gives a file another name in the same tree; a file of that name is replaced.
    ///
    /// # Errors
    /// What the disk said.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// What the disk said.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder safe.
    ///
    /// # Errors
    /// What the disk said.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Takes the one lock that this file carries, until the answer is dropped; `None` if another process holds it.
    ///
    /// # Errors
    /// What the disk said.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>>;

    /// Says whether somebody holds the lock.
    ///
    /// # Errors
    /// What the disk said.
    fn is_locked(&self, path: &Path) -> io::Result<bool>;
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// Reads at most the buffer's length from a place; 0 at the end of the file.
    ///
    /// # Errors
    /// What the disk said.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Reads like [`read_at`](Self::read_at) where that needs no waiting, for the system holds the bytes in memory.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] where it does not; what the disk said.
    fn read_at_once(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of the buffer at a place.
    ///
    /// # Errors
    /// What the disk said; how much was written is then unknown.
    fn write_at(&self, buffer: &[u8], offset: u64) -> io::Result<()>;

    /// Makes what was written safe, the file's length included.
    ///
    /// # Errors
    /// What the disk said; what is safe is then unknown, now and after any later sync.
    fn sync(&self) -> io::Result<()>;

    /// Returns the file's length.
    ///
    /// # Errors
    /// What the disk said.
    fn length(&self) -> io::Result<u64>;
}

/// Reads until the buffer is full or the file ends; returns how much was read.
///
/// # Errors
/// What the disk said.
pub(super) fn read_full(file: &dyn DiskFile, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(&mut buffer[read..], offset + read as u64)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

/// Reads a small file whole; `None` if it is not there.
///
/// # Errors
/// What the disk said.
pub(super) fn read_whole(disk: &dyn Disk, path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match disk.open_read(path) {
        Ok(file) => file,
        Err(refused) if refused.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(refused) => return Err(refused),
    };
    let length = usize::try_from(file.length()?).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    let read = read_full(&*file, &mut bytes, 0)?;
    bytes.truncate(read);
    Ok(Some(bytes))
}

/// Writes a small file so that it is there whole or not at all: under another name, synced, then renamed.
///
/// # Errors
/// What the disk said.
pub(super) fn write_whole(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    match disk.remove(&beside) {
        Err(refused) if refused.kind() != io::ErrorKind::NotFound => return Err(refused),
        _ => {}
    }
    let file = disk.open(&beside)?;
    file.write_at(bytes, 0)?;
    file.sync()?;
    disk.rename(&beside, path)?;
    disk.sync_folder(path.parent().unwrap_or(Path::new(".")))
}

const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// The machine's own file system.
#[derive(Debug, Clone, Copy)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        Ok(Arc::new(RealFile(file)))
    }

    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(RealFile(File::open(path)?)))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        // Whoever asks whether it is locked holds it for a moment.
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Box::new(file))),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(refused)) => return Err(refused),
            }
        }
        Ok(None)
    }

    fn is_locked(&self, path: &Path) -> io::Result<bool> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(refused) if refused.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(refused) => return Err(refused),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(refused)) => Err(refused),
        }
    }
}

struct RealFile(File);

impl DiskFile for RealFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    #[cfg(target_os = "linux")]
    fn read_at_once(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        use rustix::io::{ReadWriteFlags, preadv2};
        let buffers = &mut [io::IoSliceMut::new(buffer)];
        Ok(preadv2(&self.0, buffers, offset, ReadWriteFlags::NOWAIT)?)
    }

    // Other systems do not say beforehand.
    #[cfg(not(target_os = "linux"))]
    fn read_at_once(&self, _buffer: &mut [u8], _offset: u64) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn write_at(&self, buffer: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(buffer, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn length(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }
}
