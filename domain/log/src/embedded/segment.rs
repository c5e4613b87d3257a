//! Segments: the files that records lie in, filled before they are used, and the mark of what is safe.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use uuid::Uuid;

use super::disk::{Disk, DiskFile, read_full, read_whole};
use super::record::Hash;

/// The first bytes of each segment.
const MAGIC: [u8; 8] = *b"LDGRSEG\x01";
/// Where the records begin: a block of its own, so that writing records never rewrites the header.
pub(super) const RECORDS_AT: u64 = 4096;
const HEADER: usize = 76;
/// What an unused segment is filled with; written for real, since it is the first write to a block that is slow.
pub(super) const FILLER: u8 = 0xA5;
const FILL_CHUNK: usize = 1 << 20;

/// An open segment.
pub(super) struct Segment {
    /// The position of its first record, which is its name too.
    pub(super) first: u64,
    /// Drawn anew for each use of a file: a record's checksum covers it, so stale bytes are no records.
    pub(super) epoch: u64,
    /// The hash of the record before its first.
    pub(super) previous: Hash,
    /// The file's length.
    pub(super) capacity: u64,
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) path: PathBuf,
}

/// The folder's files, by purpose.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    pub(super) root: PathBuf,
}

impl Paths {
    pub(super) fn segments(&self) -> PathBuf {
        self.root.join("segments")
    }

    pub(super) fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    pub(super) fn segment(&self, first: u64) -> PathBuf {
        self.segments().join(format!("{first:020}.seg"))
    }

    pub(super) fn spare(&self) -> PathBuf {
        self.segments().join("spare")
    }

    pub(super) fn identity(&self) -> PathBuf {
        self.root.join("log.json")
    }

    pub(super) fn mark(&self) -> PathBuf {
        self.root.join("mark")
    }

    pub(super) fn metadata(&self) -> PathBuf {
        self.root.join("metadata.jsonl")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }
}

/// Returns the first positions of the segments in a folder, in order.
pub(super) fn list(disk: &dyn Disk, paths: &Paths) -> io::Result<Vec<u64>> {
    let names = disk.list(&paths.segments())?;
    let mut firsts: Vec<u64> = names
        .iter()
        .filter_map(|name| name.strip_suffix(".seg"))
        .filter_map(|name| name.parse().ok())
        .collect();
    firsts.sort_unstable();
    Ok(firsts)
}

/// Makes a file of `capacity` bytes that is filled and safe, under the spare's name, unless `stop` is said.
pub(super) fn fill_spare(disk: &dyn Disk, paths: &Paths, capacity: u64, stop: &AtomicBool) -> io::Result<()> {
    let path = paths.spare();
    match disk.remove(&path) {
        Err(refused) if refused.kind() != io::ErrorKind::NotFound => return Err(refused),
        _ => {}
    }
    let filled = fill(disk, &path, capacity, stop);
    if filled.is_err() {
        // A half-filled file only takes the room that is missing; whether removing it works changes nothing.
        let _ = disk.remove(&path);
    }
    filled
}

fn fill(disk: &dyn Disk, path: &Path, capacity: u64, stop: &AtomicBool) -> io::Result<()> {
    let file = disk.open(path)?;
    let chunk = vec![FILLER; FILL_CHUNK];
    let mut offset = 0;
    while offset < capacity {
        if stop.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let size = usize::try_from(capacity - offset)
            .unwrap_or(FILL_CHUNK)
            .min(FILL_CHUNK);
        file.write_at(&chunk[..size], offset)?;
        // Little by little: one sync of it all would hold up the appends that go on meanwhile.
        file.sync()?;
        offset += size as u64;
    }
    Ok(())
}

/// Turns the spare into the segment that begins at `first`, safely named.
pub(super) fn start(
    disk: &dyn Disk,
    paths: &Paths,
    log: Uuid,
    first: u64,
    epoch: u64,
    previous: Hash,
) -> io::Result<Segment> {
    let file = disk.open(&paths.spare())?;
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(log.as_bytes());
    header.extend_from_slice(&first.to_le_bytes());
    header.extend_from_slice(&epoch.to_le_bytes());
    header.extend_from_slice(&previous);
    header.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
    file.write_at(&header, 0)?;
    file.sync()?;
    let capacity = file.length()?;
    let path = paths.segment(first);
    disk.rename(&paths.spare(), &path)?;
    disk.sync_folder(&paths.segments())?;
    Ok(Segment {
        first,
        epoch,
        previous,
        capacity,
        file,
        path,
    })
}

/// Opens the segment that begins at `first`; the inner error says what is wrong with its header.
pub(super) fn open(
    disk: &dyn Disk,
    paths: &Paths,
    log: Uuid,
    first: u64,
    write: bool,
) -> io::Result<Result<Segment, &'static str>> {
    let path = paths.segment(first);
    let file = if write {
        disk.open(&path)?
    } else {
        disk.open_read(&path)?
    };
    let mut header = [0; HEADER];
    if read_full(&*file, &mut header, 0)? < HEADER {
        return Ok(Err("the segment's header is cut"));
    }
    let number = |at: usize| u64::from_le_bytes(header[at..at + 8].try_into().expect("8 bytes"));
    if header[..8] != MAGIC {
        return Ok(Err("the file is no segment of a version that this build reads"));
    }
    if crc32c::crc32c(&header[..72]).to_le_bytes() != header[72..76] {
        return Ok(Err("the segment's header has a wrong checksum"));
    }
    if header[8..24] != *log.as_bytes() {
        return Ok(Err("the segment belongs to another log"));
    }
    if number(24) != first {
        return Ok(Err("the segment's name is not its first position"));
    }
    let previous = header[40..72].try_into().expect("32 bytes");
    let capacity = file.length()?;
    Ok(Ok(Segment {
        first,
        epoch: number(32),
        previous,
        capacity,
        file,
        path,
    }))
}

/// The mark: what was safe when it was last written. It is written after each sync, and not itself synced.
///
/// It lags behind after a power cut, and is never ahead of what was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The position that comes next: all before it are safe.
    pub(super) next: u64,
    /// The first position of the segment written to.
    pub(super) segment: u64,
    /// The byte in that segment that the next record is written to.
    pub(super) offset: u64,
    /// The hash of the last record.
    pub(super) head: Hash,
}

const MARK: usize = 60;

impl Mark {
    pub(super) fn write(&self, file: &dyn DiskFile) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(MARK);
        bytes.extend_from_slice(&self.next.to_le_bytes());
        bytes.extend_from_slice(&self.segment.to_le_bytes());
        bytes.extend_from_slice(&self.offset.to_le_bytes());
        bytes.extend_from_slice(&self.head);
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        file.write_at(&bytes, 0)
    }

    /// Reads the mark; `None` where there is none, or one that was half written.
    pub(super) fn read(disk: &dyn Disk, path: &Path) -> io::Result<Option<Self>> {
        Ok(read_whole(disk, path)?.as_deref().and_then(Self::parse))
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..MARK)?;
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        (crc32c::crc32c(&bytes[..56]).to_le_bytes() == bytes[56..60]).then(|| Self {
            next: number(0),
            segment: number(8),
            offset: number(16),
            head: bytes[24..56].try_into().expect("32 bytes"),
        })
    }
}
