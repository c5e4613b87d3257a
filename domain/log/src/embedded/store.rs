//! What readers and the writer share: the open segments, the index, and how far the log is safe.

use std::io;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tokio::sync::watch;
use uuid::Uuid;

use super::disk::Disk;
use super::heads::Heads;
use super::index::{Index, Listed, Reach, Recent, RunError};
use super::record::{Names, StreamKey, id_hash};
use super::scan::{Scan, Step, Whole};
use super::segment::{Paths, RECORDS_AT, Segment};
use crate::event_log::Range;
use crate::{Filter, Position, ReadError, Recorded, Revision, StreamName};
use domain_model::ids::EventId;

/// How many bytes a reader of many records asks the disk for at once.
const READ_AHEAD: usize = 256 << 10;
/// How many bytes a reader of one record asks for: most records are shorter.
const READ_ONE: usize = 4 << 10;
/// A page ends after this many events, or bytes of them, or records left out: so that a reader never blocks for long.
const PAGE_EVENTS: usize = 512;
const PAGE_BYTES: usize = 1 << 20;
const PAGE_SKIPPED: u64 = 4096;
/// How many records a backward reader reads at once.
const STRETCH_EVENTS: usize = 128;

/// How far the log is safe, and whether it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Safe {
    /// The position that comes next.
    pub(super) next: u64,
    /// The log was closed.
    pub(super) closed: bool,
}

pub(super) struct Store {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) paths: Paths,
    pub(super) log: Uuid,
    pub(super) segments: RwLock<Vec<Arc<Segment>>>,
    pub(super) index: Index,
    pub(super) heads: Heads,
    pub(super) safe: watch::Sender<Safe>,
    /// The first position that was not acknowledged when writing failed, and how it failed.
    pub(super) stopped: OnceLock<(u64, String)>,
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the disk failed")]
    Disk(#[from] io::Error),
    #[error("damaged at position {position} ({place}): {reason}")]
    Damaged {
        position: u64,
        place: String,
        reason: String,
    },
}

impl From<Trouble> for ReadError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Disk(source) => Self::Failed {
                source: source.into(),
            },
            Trouble::Damaged {
                position,
                place,
                reason,
            } => Self::Damaged {
                position: Position::at(position),
                place,
                reason,
            },
        }
    }
}

/// Some events, and how far was looked.
pub(super) struct Page<P> {
    pub(super) events: Vec<Recorded>,
    /// Where to go on; `None`: there is no more.
    pub(super) next: Option<P>,
}

impl Store {
    pub(super) fn safe_next(&self) -> u64 {
        self.safe.borrow().next
    }

    pub(super) fn damaged(&self, segment: &Segment, position: u64, offset: u64, reason: &str) -> Trouble {
        let file = segment
            .path
            .strip_prefix(&self.paths.root)
            .unwrap_or(&segment.path);
        Trouble::Damaged {
            position,
            place: format!("{} byte {offset}", file.display()),
            reason: reason.to_owned(),
        }
    }

    /// Returns the segment that holds a position, and the position that the next one begins with.
    fn segment_of(&self, position: u64) -> (Arc<Segment>, u64) {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let after = segments.partition_point(|segment| segment.first <= position);
        let end = segments.get(after).map_or(u64::MAX, |next| next.first);
        (Arc::clone(&segments[after.saturating_sub(1)]), end)
    }

    /// Asks the index; where it is damaged it is made anew from the segments, and asked again.
    pub(super) fn ask<T>(&self, question: impl Fn(&Index) -> Result<T, RunError>) -> Result<T, Trouble> {
        match question(&self.index) {
            Ok(answer) => Ok(answer),
            Err(RunError::Disk(refused)) => Err(refused.into()),
            Err(RunError::Damaged(reason)) => {
                tracing::warn!(log.id = %self.log, reason, "an index file is damaged and is made anew");
                self.index
                    .replace_damaged(|first, end| self.index_again(first, end))?;
                question(&self.index).map_err(|still| io::Error::other(still).into())
            }
        }
    }

    /// Writes what of the index is still in memory, and merges what is there.
    pub(super) fn tidy_up_index(&self) -> Result<(), Trouble> {
        self.ask(|index| index.tidy_up(&*self.disk, &self.paths.index()))
    }

    /// Indexes the segments that hold the positions from `first` to before `end`.
    fn index_again(&self, first: u64, end: u64) -> Result<Vec<Arc<Recent>>, Trouble> {
        let mut made = Vec::new();
        let mut position = first;
        while position < end {
            let (segment, next) = self.segment_of(position);
            made.push(Arc::new(self.index_segment(&segment, next)?));
            position = next;
        }
        Ok(made)
    }

    /// Reads a full segment and indexes it; `next`: the position that the next segment begins with.
    pub(super) fn index_segment(&self, segment: &Segment, next: u64) -> Result<Recent, Trouble> {
        let mut recent = Recent::new(segment.first);
        let mut scan = Scan::all(segment);
        while scan.position() < next {
            let (position, offset) = (scan.position(), scan.offset());
            match scan.step()? {
                Step::Record(whole) => index_record(&mut recent, &whole),
                Step::End(why) => return Err(self.damaged(segment, position, offset, why)),
            }
        }
        Ok(recent)
    }

    /// Returns where a record lies.
    fn locate(&self, position: u64) -> Result<(Arc<Segment>, u64, u64), Trouble> {
        let (segment, end) = self.segment_of(position);
        if position == segment.first {
            return Ok((segment, end, RECORDS_AT));
        }
        match self.ask(|index| index.offset(position))? {
            Some(offset) => Ok((segment, end, u64::from(offset))),
            None => Err(self.damaged(&segment, position, 0, "the index does not know the position")),
        }
    }

    /// Reads one record.
    fn record(&self, position: u64) -> Result<Whole, Trouble> {
        let (segment, _, offset) = self.locate(position)?;
        match Scan::from(&segment, position, offset, READ_ONE).step()? {
            Step::Record(whole) => Ok(whole),
            Step::End(why) => Err(self.damaged(&segment, position, offset, why)),
        }
    }

    /// Reads on from `from`, to before `end` at most.
    pub(super) fn page_forwards(
        &self,
        from: u64,
        end: u64,
        filter: &Filter,
        limit: usize,
    ) -> Result<Page<u64>, Trouble> {
        let mut events = Vec::new();
        let mut names = Names::default();
        let (mut position, mut bytes) = (from, 0);
        let full = |events: &[Recorded], bytes, position| {
            events.len() >= limit.min(PAGE_EVENTS) || bytes >= PAGE_BYTES || position - from >= PAGE_SKIPPED
        };
        while position < end && !full(&events, bytes, position) {
            let (segment, segment_end, offset) = self.locate(position)?;
            let mut scan = Scan::from(&segment, position, offset, READ_AHEAD);
            while position < end.min(segment_end) && !full(&events, bytes, position) {
                let offset = scan.offset();
                let whole = match scan.step()? {
                    Step::Record(whole) => whole,
                    Step::End(why) => return Err(self.damaged(&segment, position, offset, why)),
                };
                position = scan.position();
                if whole.view().passes(filter) {
                    bytes += whole.view().length();
                    events.push(whole.recorded(&mut names));
                }
            }
        }
        Ok(Page {
            events,
            next: (position < end).then_some(position),
        })
    }

    /// Reads back from right before `before`.
    pub(super) fn page_backwards(
        &self,
        before: u64,
        filter: &Filter,
        limit: usize,
    ) -> Result<Page<u64>, Trouble> {
        // A stretch is read forwards, since only the beginnings of records are known, and turned round.
        let stretch = if filter == &Filter::default() {
            limit.min(STRETCH_EVENTS)
        } else {
            STRETCH_EVENTS
        } as u64;
        let from = before.saturating_sub(stretch);
        let mut events = Vec::new();
        let mut next = (from < before).then_some(from);
        while let Some(position) = next {
            let page = self.page_forwards(position, before, filter, usize::MAX)?;
            events.extend(page.events);
            next = page.next;
        }
        events.reverse();
        events.truncate(limit);
        Ok(Page {
            events,
            next: (from > 0).then_some(from),
        })
    }

    /// Reads a part of a stream; `hidden`: revisions before it are left out.
    pub(super) fn page_stream(
        &self,
        stream: &StreamName,
        range: Range<Revision>,
        hidden: u64,
        limit: usize,
    ) -> Result<Page<Range<Revision>>, Trouble> {
        let key = StreamKey::of(stream.as_str());
        let limit = limit.min(PAGE_EVENTS);
        let entries = match range {
            Range::Forwards { after } => {
                let from = after.map_or(0, |after| after.0.saturating_add(1)).max(hidden);
                match u32::try_from(from) {
                    Ok(from) => self.ask(|index| index.stream_from(key, from, limit))?,
                    Err(_) => Vec::new(),
                }
            }
            Range::Backwards {
                before: Some(Revision(0)),
            } => Vec::new(),
            Range::Backwards { before } => {
                let to = before.map_or(u64::MAX, |before| before.0 - 1);
                let to = u32::try_from(to).unwrap_or(u32::MAX);
                self.ask(|index| index.stream_to(key, to, limit))?
            }
        };
        let safe = self.safe_next();
        let (mut events, mut names, mut bytes, mut last) = (Vec::new(), Names::default(), 0, None);
        for entry in &entries {
            if bytes >= PAGE_BYTES {
                break;
            }
            last = Some(Revision(entry.revision.into()));
            if entry.position >= safe || u64::from(entry.revision) < hidden {
                continue;
            }
            let whole = self.record(entry.position)?;
            if whole.view().stream() == stream.as_str() {
                bytes += whole.view().length();
                events.push(whole.recorded(&mut names));
            }
        }
        let more = entries.len() == limit || bytes >= PAGE_BYTES;
        let next = last.filter(|_| more).map(|last| match range {
            Range::Forwards { .. } => Range::Forwards { after: Some(last) },
            Range::Backwards { .. } => Range::Backwards { before: Some(last) },
        });
        Ok(Page { events, next })
    }

    /// Returns the revision of a stream's last record; looks only where records from `since` on are.
    pub(super) fn last_revision(&self, key: StreamKey, since: u64) -> Result<Option<u32>, Trouble> {
        self.ask(|index| index.last(key, since, Reach::Disk))
    }

    /// Says whether some event's id has this key; looks only where records from `since` on are.
    pub(super) fn knows_id(&self, key: u64, since: u64) -> Result<bool, Trouble> {
        self.ask(|index| index.has_id(key, since, Reach::Disk))
    }

    /// Returns the revision and position of a stream's event with an id.
    pub(super) fn find(&self, stream: &StreamName, id: EventId) -> Result<Option<(u64, u64)>, Trouble> {
        for position in self.ask(|index| index.id(id_hash(id), usize::MAX))? {
            let whole = self.record(position)?;
            if whole.view().id() == id && whole.view().stream() == stream.as_str() {
                return Ok(Some((whole.view().revision(), position)));
            }
        }
        Ok(None)
    }

    /// Returns the id and position of a stream's events from a revision on, at most `limit`.
    pub(super) fn ids_from(
        &self,
        stream: &StreamName,
        from: u64,
        limit: usize,
    ) -> Result<Vec<(EventId, u64)>, Trouble> {
        let Ok(from) = u32::try_from(from) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        let key = StreamKey::of(stream.as_str());
        for entry in self.ask(|index| index.stream_from(key, from, limit))? {
            let whole = self.record(entry.position)?;
            if whole.view().stream() == stream.as_str() {
                found.push((whole.view().id(), entry.position));
            }
        }
        Ok(found)
    }
}

/// Takes a record into the index of its segment.
pub(super) fn index_record(recent: &mut Recent, whole: &Whole) {
    let view = whole.view();
    let offset = u32::try_from(whole.offset).expect("a segment is smaller than 4 GiB");
    let revision = u32::try_from(view.revision()).expect("an append beyond u32::MAX revisions is refused");
    recent.push(Listed {
        stream: StreamKey::of(view.stream()),
        id: id_hash(view.id()),
        revision,
        offset,
    });
}
