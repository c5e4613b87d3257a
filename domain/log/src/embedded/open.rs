//! Opening: what is there is found, checked as far as it may have been cut short, and gone on from.

use std::io;
use std::sync::{Arc, OnceLock, RwLock};

use tokio::sync::watch;
use uuid::Uuid;

use super::disk::{Disk, read_whole, write_whole};
use super::heads::Heads;
use super::index::{self, Index, Recent};
use super::record::Hash;
use super::scan::{After, Scan, Step, look_behind};
use super::segment::{self, FILLER, Mark, Paths, RECORDS_AT, Segment};
use super::store::{Safe, Store, Trouble, index_record};
use super::writer::Start;

/// The version of the format that this build reads and writes; `docs/log-format.md` describes it.
const FORMAT: u32 = 1;

/// Why a log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The disk failed.
    #[error("the log's folder cannot be used")]
    Disk(#[from] io::Error),
    /// Another process has it open for writing.
    #[error("the log is open for writing in another process")]
    Locked,
    /// There is no log, and it was to be read only.
    #[error("there is no log in this folder")]
    Missing,
    /// It was written by another version.
    #[error("the log has format {found}, this build reads format {FORMAT}")]
    Format {
        /// What its `log.json` says.
        found: u32,
    },
    /// What is stored is not what was written.
    #[error("the log is damaged at position {position} ({place}): {reason}")]
    Damaged {
        /// The position that cannot be read.
        position: u64,
        /// File and byte.
        place: String,
        /// What was found.
        reason: String,
    },
}

impl From<Trouble> for OpenError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Disk(refused) => Self::Disk(refused),
            Trouble::Damaged {
                position,
                place,
                reason,
            } => Self::Damaged {
                position,
                place,
                reason,
            },
        }
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Identity {
    format: u32,
    id: Uuid,
}

/// Reads who the log is; makes it where there is none and `write` is said.
pub(super) fn identity(disk: &dyn Disk, paths: &Paths, write: bool) -> Result<Uuid, OpenError> {
    let stored = match read_whole(disk, &paths.identity()) {
        Ok(stored) => stored,
        Err(refused) if refused.kind() == io::ErrorKind::NotFound => None,
        Err(refused) => return Err(refused.into()),
    };
    let Some(bytes) = stored else {
        if !write {
            return Err(OpenError::Missing);
        }
        let made = Identity {
            format: FORMAT,
            id: Uuid::new_v4(),
        };
        let json = serde_json::to_vec(&made).map_err(io::Error::other)?;
        write_whole(disk, &paths.identity(), &json)?;
        return Ok(made.id);
    };
    let damaged = |why: serde_json::Error| OpenError::Damaged {
        position: 0,
        place: "log.json".to_owned(),
        reason: why.to_string(),
    };
    let identity: Identity = serde_json::from_slice(&bytes).map_err(damaged)?;
    if identity.format == FORMAT {
        Ok(identity.id)
    } else {
        Err(OpenError::Format {
            found: identity.format,
        })
    }
}

/// A log that was found and checked.
pub(super) struct Opened {
    pub(super) store: Arc<Store>,
    /// The byte in the last segment after its last record.
    pub(super) offset: u64,
    /// The hash of the last record.
    pub(super) chain: Hash,
}

/// Finds what is there. For writing, an append that was cut short is wiped; for reading only, it is passed over.
pub(super) fn find(disk: Arc<dyn Disk>, paths: Paths, log: Uuid, write: bool) -> Result<Opened, OpenError> {
    let mark = Mark::read(&*disk, &paths.mark())?;
    // While another process writes, what it has not yet made safe is not there for anybody.
    let live = !write && disk.is_locked(&paths.lock())?;
    let reading = match mark {
        _ if write => Reading::ForWriting,
        Some(mark) if live => Reading::UpTo(mark.next),
        _ => Reading::All,
    };
    let firsts = segment::list(&*disk, &paths)?;
    let mut segments = Vec::with_capacity(firsts.len());
    for first in &firsts {
        segments.push(Arc::new(open_segment(&*disk, &paths, log, *first, write)?));
    }
    let (mut runs, dropped) = match index::open_runs(&*disk, &paths.index(), write) {
        Ok(found) => found,
        Err(refused) if refused.kind() == io::ErrorKind::NotFound => (Vec::new(), Vec::new()),
        Err(refused) => return Err(refused.into()),
    };
    for name in dropped {
        tracing::warn!(log.id = %log, name, "an index file was of no use");
    }
    // A run may not reach into the last segment, nor beyond it.
    let last_first = firsts.last().copied().unwrap_or(0);
    while runs
        .last()
        .is_some_and(|run| run.end() > last_first || !firsts.contains(&run.end()))
    {
        runs.pop();
    }
    let indexed_to = runs.last().map_or(0, |run| run.end());
    let store = Store {
        disk,
        paths,
        log,
        segments: RwLock::new(segments.clone()),
        index: Index::new(Vec::new(), Vec::new(), Recent::new(0)),
        heads: Heads::default(),
        safe: watch::Sender::new(Safe {
            next: 0,
            closed: false,
        }),
        stopped: OnceLock::new(),
    };
    let mut full = Vec::new();
    for pair in segments.windows(2).filter(|pair| pair[0].first >= indexed_to) {
        full.push(Arc::new(store.index_segment(&pair[0], pair[1].first)?));
    }
    if firsts.first().is_some_and(|first| *first != 0) {
        return Err(missing(0, "the first segment is missing"));
    }
    let (active, offset, chain) = match segments.last() {
        Some(last) => read_last(&store, last, mark, reading)?,
        None => (Recent::new(0), RECORDS_AT, [0; 32]),
    };
    let next = active.end();
    if let Some(mark) = mark.filter(|mark| mark.next > next && !matches!(reading, Reading::UpTo(_))) {
        return Err(missing(
            next,
            &format!("positions up to {} had been acknowledged", mark.next - 1),
        ));
    }
    let store = Store {
        index: Index::new(runs, full, active),
        safe: watch::Sender::new(Safe { next, closed: false }),
        ..store
    };
    Ok(Opened {
        store: Arc::new(store),
        offset,
        chain,
    })
}

fn missing(position: u64, reason: &str) -> OpenError {
    OpenError::Damaged {
        position,
        place: "segments".to_owned(),
        reason: reason.to_owned(),
    }
}

fn open_segment(
    disk: &dyn Disk,
    paths: &Paths,
    log: Uuid,
    first: u64,
    write: bool,
) -> Result<Segment, OpenError> {
    segment::open(disk, paths, log, first, write)?.map_err(|reason| OpenError::Damaged {
        position: first,
        place: format!("segments/{first:020}.seg byte 0"),
        reason: reason.to_owned(),
    })
}

/// How far the last segment is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// To its end; what was cut short there is wiped.
    ForWriting,
    /// To its end; what was cut short there is passed over.
    All,
    /// To before this position: what follows is another process's, and may still change.
    UpTo(u64),
}

/// Reads the last segment up to its last whole append; returns its index, the byte after it, and the last hash.
fn read_last(
    store: &Store,
    segment: &Segment,
    mark: Option<Mark>,
    reading: Reading,
) -> Result<(Recent, u64, Hash), OpenError> {
    let mut recent = Recent::new(segment.first);
    let mut chain = segment.previous;
    // Records of an append whose last one has not been met yet.
    let mut waiting = Vec::new();
    let mut scan = Scan::all(segment);
    let mut end = scan.offset();
    let why = loop {
        if reading == Reading::UpTo(scan.position()) {
            return Ok((recent, end, chain));
        }
        let whole = match scan.step()? {
            Step::Record(whole) if whole.view().previous() == chain => whole,
            Step::Record(_) => break "the record does not follow from the one before it",
            Step::End(why) => break why,
        };
        chain = whole.view().hash();
        waiting.push(whole);
        if waiting.last().is_some_and(|last| last.view().append_left() == 0) {
            waiting
                .drain(..)
                .for_each(|whole| index_record(&mut recent, &whole));
            end = scan.offset();
        }
    };
    let next = recent.end();
    let broken_at = next + waiting.len() as u64;
    if let Some(first) = waiting.first() {
        chain = first.view().previous();
    }
    if mark.is_some_and(|mark| mark.next > next) {
        return Err(store
            .damaged(segment, broken_at, scan_end(end, &waiting), why)
            .into());
    }
    match look_behind(segment, end, broken_at)? {
        After::Damaged { proof } => {
            let reason = format!("{why}, and position {proof} was written only after it was safe");
            Err(store
                .damaged(segment, broken_at, scan_end(end, &waiting), &reason)
                .into())
        }
        After::Torn { used_to } => {
            if reading == Reading::ForWriting {
                wipe(segment, end, used_to)?;
            }
            Ok((recent, end, chain))
        }
    }
}

fn scan_end(end: u64, waiting: &[super::scan::Whole]) -> u64 {
    waiting
        .last()
        .map_or(end, |last| last.offset + last.view().length() as u64)
}

/// Removes what an append that was cut short left behind, so that it cannot be taken for a record later, and makes
/// safe what a killed process may have written without syncing.
fn wipe(segment: &Segment, from: u64, to: u64) -> io::Result<()> {
    let chunk = vec![FILLER; 1 << 20];
    let mut at = from;
    while at < to {
        let size = usize::try_from(to - at).unwrap_or(chunk.len()).min(chunk.len());
        segment.file.write_at(&chunk[..size], at)?;
        at += size as u64;
    }
    segment.file.sync()
}

/// Says where the writer goes on.
pub(super) fn start(opened: &Opened, segment_bytes: u64) -> io::Result<Start> {
    let store = &opened.store;
    let mark = store.disk.open(&store.paths.mark())?;
    let segment = store
        .segments
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .last()
        .cloned();
    let next = store.safe_next();
    if let Some(segment) = &segment {
        Mark {
            next,
            segment: segment.first,
            offset: opened.offset,
            head: opened.chain,
        }
        .write(&*mark)?;
    }
    Ok(Start {
        segment,
        offset: opened.offset,
        next,
        chain: opened.chain,
        mark,
        segment_bytes,
    })
}
