//! Proving a log whole, and copying one while it is written to.

use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::disk::{Disk, DiskFile, read_full, read_whole, write_whole};
use super::follow::Reached;
use super::open::{self, OpenError};
use super::scan::{Scan, Step};
use super::segment::{Mark, Paths, Segment};
use super::store::Store;
use super::{EmbeddedConfig, RealDisk};

/// What was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The log's id.
    pub log: String,
    /// How many records it has; the last one's position is one less.
    pub records: u64,
    /// The SHA-256 of the last record in hexadecimal: who knows it can tell later whether anything before was changed.
    pub head: String,
}

/// Reads every record and proves that none was changed, lost, added or moved.
///
/// Each record carries a checksum and the hash of the record before it. A log that is written to meanwhile is proved up
/// to where it was when the reading began.
///
/// # Errors
/// [`OpenError::Damaged`] names the first position at which this does not hold.
pub fn verify(config: &EmbeddedConfig) -> Result<Verified, OpenError> {
    verify_on(Arc::new(RealDisk), config)
}

/// Proves a log on a disk of the caller's.
///
/// # Errors
/// As [`verify`].
pub fn verify_on(disk: Arc<dyn Disk>, config: &EmbeddedConfig) -> Result<Verified, OpenError> {
    let reached = read_only(disk, config)?;
    let store = &reached.store;
    let end = store.safe_next();
    let mut chain = [0; 32];
    for (segment, next) in segments_with_ends(store) {
        if segment.previous != chain {
            return Err(store
                .damaged(
                    &segment,
                    segment.first,
                    40,
                    "the segment does not follow from the one before it",
                )
                .into());
        }
        let mut scan = Scan::all(&segment);
        while scan.position() < next.min(end) {
            let (position, offset) = (scan.position(), scan.offset());
            match scan.step().map_err(OpenError::Disk)? {
                Step::Record(whole) if whole.view().previous() == chain => chain = whole.view().hash(),
                Step::Record(_) => {
                    let reason = "the record does not follow from the one before it";
                    return Err(store.damaged(&segment, position, offset, reason).into());
                }
                Step::End(why) => return Err(store.damaged(&segment, position, offset, why).into()),
            }
        }
    }
    let head = chain.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Verified {
        log: store.log.to_string(),
        records: end,
        head,
    })
}

/// Copies a log into an empty folder, while it may be written to, and returns what the copy was proved to hold.
///
/// The copy holds every event that had been acknowledged when the copying began. Its `log.json` comes last, so that a
/// copy cut short is no log.
///
/// # Errors
/// [`OpenError`]; [`io::ErrorKind::AlreadyExists`] if something is in the folder already.
pub fn copy(config: &EmbeddedConfig, to: &Path) -> Result<Verified, OpenError> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let reached = read_only(Arc::clone(&disk), config)?;
    let target = Paths { root: to.to_owned() };
    disk.make_folder(to)?;
    if !disk.list(to)?.is_empty() {
        let full = io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("{} is not empty", to.display()),
        );
        return Err(full.into());
    }
    disk.make_folder(&target.segments())?;
    disk.make_folder(&target.index())?;
    let store = &reached.store;
    for (segment, _) in segments_with_ends(store) {
        let last = reached
            .segment
            .as_ref()
            .is_some_and(|last| last.first == segment.first);
        let length = if last { reached.offset } else { segment.capacity };
        copy_file(
            &*segment.file,
            &*disk.open(&target.segment(segment.first))?,
            length,
        )?;
    }
    disk.sync_folder(&target.segments())?;
    if let Some(last) = &reached.segment {
        let mark = Mark {
            next: store.safe_next(),
            segment: last.first,
            offset: reached.offset,
            head: reached.chain,
        };
        let file = disk.open(&target.mark())?;
        mark.write(&*file)?;
        file.sync()?;
    }
    for (from, to) in [
        (store.paths.metadata(), target.metadata()),
        (store.paths.identity(), target.identity()),
    ] {
        if let Some(bytes) = read_whole(&*disk, &from)? {
            write_whole(&*disk, &to, &bytes)?;
        }
    }
    verify(&EmbeddedConfig {
        folder: to.to_owned(),
        ..*config
    })
}

fn read_only(disk: Arc<dyn Disk>, config: &EmbeddedConfig) -> Result<Reached, OpenError> {
    let paths = Paths {
        root: config.folder.clone(),
    };
    let log = open::identity(&*disk, &paths, false)?;
    open::find(disk, paths, log, false).map(Reached::of)
}

fn segments_with_ends(store: &Store) -> Vec<(Arc<Segment>, u64)> {
    let segments = store.segments.read().unwrap_or_else(PoisonError::into_inner);
    let ends = segments.iter().skip(1).map(|next| next.first).chain([u64::MAX]);
    segments.iter().cloned().zip(ends).collect()
}

fn copy_file(from: &dyn DiskFile, to: &dyn DiskFile, length: u64) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 20];
    let mut at = 0;
    while at < length {
        let size = usize::try_from(length - at)
            .unwrap_or(buffer.len())
            .min(buffer.len());
        let read = read_full(from, &mut buffer[..size], at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        to.write_at(&buffer[..read], at)?;
        at += read as u64;
    }
    to.sync()
}
