//! The committing thread: the one place where events enter the log.
//!
//! It takes all appends that wait, checks each against its stream, writes them as one group, syncs once, and answers
//! them all. While a sync is under way the next group gathers.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::io;
use std::sync::{Arc, PoisonError, mpsc};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc as async_mpsc, oneshot};

use super::disk::DiskFile;
use super::index::{Keep, Listed};
use super::record::{self, Hash, Place};
use super::request::{Request, unreadable};
use super::segment::{self, Mark, RECORDS_AT, Segment};
use super::spares::Spares;
use super::store::{Store, Trouble};
use crate::{AppendError, Appended, Expected, Position, Revision};

/// A group ends when it has this many bytes; one larger append is a group of its own.
const GROUP_BYTES_MAX: usize = 4 << 20;
/// How long a group waits at most for appends that are expected; less where the disk is fast.
const PATIENCE_MAX: Duration = Duration::from_micros(100);
/// The first segment's size; each further one has twice the size of the one before, up to the configured size.
const FIRST_SEGMENT: u64 = 4 << 20;

/// Where writing goes on.
pub(super) struct Writer {
    store: Arc<Store>,
    segment: Option<Arc<Segment>>,
    /// The byte in the segment that the next record is written to.
    offset: u64,
    next: u64,
    chain: Hash,
    mark: Arc<dyn DiskFile>,
    spares: Spares,
    upkeep: mpsc::Sender<()>,
    segment_bytes: u64,
    group: Group,
    pace: Pace,
}

/// How many appends come at once, and what a commit takes.
///
/// Those who were just answered are about to append again: a group that waits for them a little saves them a sync.
#[derive(Default)]
struct Pace {
    counts: [usize; 2],
    patience: Duration,
}

impl Pace {
    fn expects_more(&self, count: usize, since: Instant) -> bool {
        self.counts.iter().any(|expected| count < *expected) && since.elapsed() < self.patience
    }

    fn committed(&mut self, count: usize, took: Duration) {
        self.counts = [count, self.counts[0]];
        self.patience = (took / 8).min(PATIENCE_MAX);
    }
}

/// Records that are to be written together.
#[derive(Default)]
struct Group {
    bytes: Vec<u8>,
    answers: Vec<(oneshot::Sender<Result<Appended, AppendError>>, Appended)>,
    /// For the index.
    rows: Vec<Listed>,
    ids: HashSet<u64, BuildHasherDefault<Keep>>,
    /// Where the log stood before the group.
    before: (u64, Hash),
}

/// What to go on from after opening.
pub(super) struct Start {
    pub(super) segment: Option<Arc<Segment>>,
    pub(super) offset: u64,
    pub(super) next: u64,
    pub(super) chain: Hash,
    pub(super) mark: Arc<dyn DiskFile>,
    pub(super) segment_bytes: u64,
}

impl Writer {
    pub(super) fn new(store: Arc<Store>, start: Start, upkeep: mpsc::Sender<()>) -> io::Result<Self> {
        let mut writer = Self {
            spares: Spares::start(Arc::clone(&store))?,
            store,
            segment: start.segment,
            offset: start.offset,
            next: start.next,
            chain: start.chain,
            mark: start.mark,
            upkeep,
            segment_bytes: start.segment_bytes,
            group: Group::default(),
            pace: Pace::default(),
        };
        writer.spares.ask(writer.next_capacity());
        Ok(writer)
    }

    /// Works until nobody can send any more.
    pub(super) fn run(mut self, mut requests: async_mpsc::Receiver<Request>) {
        while let Some(first) = requests.blocking_recv() {
            self.group.before = (self.next, self.chain);
            self.take(first);
            let began = Instant::now();
            while self.group.bytes.len() < GROUP_BYTES_MAX {
                match requests.try_recv() {
                    Ok(request) => self.take(request),
                    Err(_) if self.pace.expects_more(self.group.answers.len(), began) => {
                        std::thread::yield_now();
                    }
                    Err(_) => break,
                }
            }
            let (count, began) = (self.group.answers.len(), Instant::now());
            // Whoever waited for the group has been told how it went.
            let _ = self.commit();
            self.pace.committed(count, began.elapsed());
        }
        self.store.safe.send_modify(|safe| safe.closed = true);
    }

    fn take(&mut self, mut request: Request) {
        if let Some(stopped) = self.stopped() {
            return answer(request.answer, Err(stopped));
        }
        match self.stage(&mut request) {
            Ok(Staged::New(appended)) => self.group.answers.push((request.answer, appended)),
            Ok(Staged::Repeat(appended)) => answer(request.answer, Ok(appended)),
            Err(refused) => answer(request.answer, Err(refused)),
        }
    }

    fn stage(&mut self, request: &mut Request) -> Result<Staged, AppendError> {
        let expected = request.expected;
        let last = self.last(request).map_err(unreadable)?;
        let as_expected = match expected {
            Expected::Any => true,
            Expected::NoStream => last.is_none(),
            Expected::At(revision) => last.map(u64::from) == Some(revision.0),
        };
        if !as_expected || (expected == Expected::Any && self.may_repeat(request).map_err(unreadable)?) {
            // The index, which tells a repeat, knows only what is safe.
            self.commit()?;
            match self.repeat(request).map_err(unreadable)? {
                Repeat::Whole(appended) => return Ok(Staged::Repeat(appended)),
                Repeat::None if as_expected => {}
                Repeat::None | Repeat::Partly => {
                    let actual = last.map(|revision| Revision(revision.into()));
                    return Err(AppendError::Conflict {
                        stream: request.stream.clone(),
                        expected,
                        actual,
                    });
                }
            }
        }
        let first = last.map_or(0, |last| last.saturating_add(1));
        let count = u32::try_from(request.ids.len()).expect("an append's events were counted");
        if first.checked_add(count).is_none() {
            return Err(AppendError::Invalid {
                field: "stream",
                reason: "it has as many events as a stream can".to_owned(),
            });
        }
        self.make_room(request.records.len())?;
        Ok(Staged::New(self.settle(request, first)))
    }

    /// Gives an append's records their places, and takes them into the group.
    fn settle(&mut self, request: &mut Request, first: u32) -> Appended {
        let epoch = self.segment.as_ref().expect("room was made in one").epoch;
        let mut offset = self.offset + self.group.bytes.len() as u64;
        let mut records = &mut request.records[..];
        let left = (0..u32::try_from(request.ids.len()).expect("counted")).rev();
        for ((revision, (_, id)), append_left) in (first..).zip(&request.ids).zip(left) {
            let place = Place {
                position: self.next,
                revision: revision.into(),
                group_index: u32::try_from(self.group.rows.len()).expect("a group is bounded"),
                append_left,
                previous: self.chain,
            };
            let length;
            (length, self.chain) = record::settle(records, epoch, place);
            records = &mut records[length..];
            self.group.ids.insert(*id);
            self.group.rows.push(Listed {
                stream: request.key,
                id: *id,
                revision,
                offset: u32::try_from(offset).expect("a segment is smaller than 4 GiB"),
            });
            self.next += 1;
            offset += length as u64;
        }
        self.group.bytes.extend_from_slice(&request.records);
        let last = first + u32::try_from(request.ids.len()).expect("counted") - 1;
        self.store.heads.put(request.key, last);
        Appended {
            revision: Revision(last.into()),
            position: Position::at(self.next - 1),
            repeated: false,
        }
    }

    /// Returns the revision of the stream's last event, safe or in the group.
    fn last(&self, request: &Request) -> Result<Option<u32>, Trouble> {
        let Request { key, seen, .. } = request;
        if let Some(last) = self.store.heads.get(*key) {
            return Ok(Some(last));
        }
        match seen.last {
            Some(last) => Ok(self.store.last_revision(*key, seen.as_of)?.or(last)),
            None => self.store.last_revision(*key, 0),
        }
    }

    fn may_repeat(&self, request: &Request) -> Result<bool, Trouble> {
        let Request { ids, seen, .. } = request;
        if seen.id {
            return Ok(true);
        }
        for (_, key) in ids {
            if self.group.ids.contains(key) || self.store.knows_id(*key, seen.as_of)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks whether the events stand in the stream already, where a repeat of their append would have them.
    fn repeat(&self, request: &Request) -> Result<Repeat, Trouble> {
        let Request { stream, ids, .. } = request;
        let from = match request.expected {
            Expected::NoStream => Some(0),
            Expected::At(revision) => revision.0.checked_add(1),
            Expected::Any => {
                let mut places = ids.iter().map(|(id, _)| self.store.find(stream, *id));
                match places.find_map(Result::transpose).transpose()? {
                    Some((revision, _)) => Some(revision),
                    None => return Ok(Repeat::None),
                }
            }
        };
        let Some(from) = from else {
            return Ok(Repeat::Partly);
        };
        let there = self.store.ids_from(stream, from, ids.len())?;
        let same = there.len() == ids.len() && there.iter().zip(ids).all(|((there, _), (id, _))| there == id);
        Ok(match there.last() {
            Some((_, position)) if same => Repeat::Whole(Appended {
                revision: Revision(from + ids.len() as u64 - 1),
                position: Position::at(*position),
                repeated: true,
            }),
            _ => Repeat::Partly,
        })
    }

    /// Sees to it that the segment has room for so many bytes more.
    fn make_room(&mut self, bytes: usize) -> Result<(), AppendError> {
        let fits = |writer: &Self| {
            let end = writer.offset + writer.group.bytes.len() as u64 + bytes as u64;
            writer
                .segment
                .as_ref()
                .is_some_and(|segment| end <= segment.capacity)
        };
        if fits(self) {
            return Ok(());
        }
        self.commit()?;
        let needed = RECORDS_AT + bytes as u64;
        self.start_segment(needed).map_err(|refused| {
            if is_full(&refused) {
                AppendError::Full { source: refused }
            } else {
                AppendError::Unknown {
                    source: refused.into(),
                }
            }
        })
    }

    fn start_segment(&mut self, needed: u64) -> io::Result<()> {
        self.spares.take(self.next_capacity(), needed)?;
        let epoch = u64::from_le_bytes(random()?);
        let Store { disk, paths, log, .. } = &*self.store;
        let started = Arc::new(segment::start(
            &**disk, paths, *log, self.next, epoch, self.chain,
        )?);
        let first = self.segment.is_none();
        self.store
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&started));
        if !first {
            self.store.index.next_segment();
            // The upkeep thread ends only with this one.
            let _ = self.upkeep.send(());
        }
        self.segment = Some(started);
        self.offset = RECORDS_AT;
        self.spares.ask(self.next_capacity());
        Ok(())
    }

    fn next_capacity(&self) -> u64 {
        let count = self
            .store
            .segments
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .len();
        (FIRST_SEGMENT << count.min(16)).min(self.segment_bytes)
    }

    fn stopped(&self) -> Option<AppendError> {
        let (position, reason) = self.store.stopped.get()?;
        Some(AppendError::Stopped {
            position: Position::at(*position),
            reason: reason.clone(),
        })
    }

    /// Writes the group, makes it safe, and answers all that are in it.
    ///
    /// # Errors
    /// What the next append has to be told, whose place in the log followed from the group.
    fn commit(&mut self) -> Result<(), AppendError> {
        if self.group.rows.is_empty() {
            self.group.before = (self.next, self.chain);
            return Ok(());
        }
        let segment = Arc::clone(self.segment.as_ref().expect("the group was staged for one"));
        let group = std::mem::take(&mut self.group);
        let written = segment
            .file
            .write_at(&group.bytes, self.offset)
            .map_err(|failed| ("write", failed));
        match written.and_then(|()| segment.file.sync().map_err(|failed| ("sync", failed))) {
            Ok(()) => {
                self.committed(&segment, group);
                Ok(())
            }
            Err(("write", full)) if is_full(&full) => {
                self.undo(group, &full);
                Err(AppendError::Full { source: full })
            }
            Err((what, failed)) => {
                self.stop(group, &failed, what);
                Err(self.stopped().unwrap_or(AppendError::Unknown {
                    source: failed.into(),
                }))
            }
        }
    }

    fn committed(&mut self, segment: &Segment, mut group: Group) {
        self.offset += group.bytes.len() as u64;
        self.store.index.extend(group.rows.iter().copied());
        let mark = Mark {
            next: self.next,
            segment: segment.first,
            offset: self.offset,
            head: self.chain,
        };
        if let Err(failed) = mark.write(&*self.mark) {
            // The mark only sharpens what recovery can tell; the events are safe without it.
            tracing::warn!(log.id = %self.store.log, error = %failed, "the log's mark could not be written");
        }
        self.store.safe.send_modify(|safe| safe.next = self.next);
        for (sender, appended) in group.answers.drain(..) {
            answer(sender, Ok(appended));
        }
        // The buffers are kept: the next group has about the same size.
        group.bytes.clear();
        group.rows.clear();
        group.ids.clear();
        group.before = (self.next, self.chain);
        self.group = group;
    }

    // Nothing was acknowledged and the same bytes are written over next time, so there is nothing to stop for.
    fn undo(&mut self, group: Group, full: &io::Error) {
        (self.next, self.chain) = group.before;
        self.group.before = group.before;
        self.store.heads.clear();
        for (sender, _) in group.answers {
            answer(
                sender,
                Err(AppendError::Full {
                    source: io::Error::new(full.kind(), full.to_string()),
                }),
            );
        }
    }

    // After a failed sync nobody can say what is safe: pages may have been dropped and reported once (fsyncgate, 2018).
    fn stop(&mut self, group: Group, failed: &io::Error, what: &'static str) {
        let (position, _) = group.before;
        let reason = format!("a {what} of the disk failed: {failed}");
        tracing::error!(log.id = %self.store.log, position, reason, "the log stops writing for good");
        let _ = self.store.stopped.set((position, reason));
        for (sender, _) in group.answers {
            let source = io::Error::new(failed.kind(), failed.to_string()).into();
            answer(sender, Err(AppendError::Unknown { source }));
        }
    }
}

/// What of an append stands in its stream already.
enum Repeat {
    None,
    /// Some of it, or something else where it would stand.
    Partly,
    Whole(Appended),
}

enum Staged {
    New(Appended),
    Repeat(Appended),
}

// Whoever dropped the receiver no longer waits; the events are recorded all the same.
fn answer(sender: oneshot::Sender<Result<Appended, AppendError>>, answer: Result<Appended, AppendError>) {
    let _ = sender.send(answer);
}

/// Says whether a disk, or what somebody may use of it, is full.
pub(super) fn is_full(refused: &io::Error) -> bool {
    matches!(
        refused.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}
