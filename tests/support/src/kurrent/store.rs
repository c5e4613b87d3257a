//! What the server keeps, and the rules by which it takes events: in memory, without a wire.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use prost::bytes::Bytes;
use tokio::sync::watch;
use uuid::Uuid;

use super::rules::{self, Decision};

/// Where an event stands in `$all`, ordered by commit, then prepare.
///
/// Both are offsets into a file that nobody writes: events of one append share the commit that follows them, as under
/// explicit transactions, so that whoever keeps one half alone is found out. There are gaps everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) commit: u64,
    pub(super) prepare: u64,
}

/// An event as it was sent.
#[derive(Debug, Clone)]
pub(super) struct Proposed {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) content_type: String,
    pub(super) custom: Bytes,
    pub(super) data: Bytes,
}

/// An event as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) place: Place,
    pub(super) stream: String,
    pub(super) revision: u64,
    /// 100 ns since 1970, as the wire has it.
    pub(super) created: u64,
    pub(super) event: Proposed,
}

/// What a writer expects of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Any,
    NoStream,
    StreamExists,
    Revision(u64),
}

/// The answer to an append that was taken, or had been taken before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub(super) revision: u64,
    /// Unknown where a repeat is of events that are hidden: the real server knows them by their ids alone.
    pub(super) place: Option<Place>,
}

/// Why an append was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    WrongExpectedVersion { current: Option<u64> },
    Deleted,
}

/// What may be read of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// It was never written, or everything was deleted softly.
    Absent,
    /// It was deleted for good.
    Deleted,
    /// Revisions from `first` to `last` may be read; none if `first` is the greater.
    Open { first: u64, last: u64 },
}

#[derive(Debug, Default)]
struct State {
    records: Vec<Record>,
    /// Of each stream the indices of its records, by revision.
    streams: HashMap<String, Vec<usize>>,
    tombstones: HashSet<String>,
    /// The first offset that is free.
    offset: u64,
}

/// The kept events. Nodes of one cluster share them.
#[derive(Debug)]
pub(super) struct Store {
    state: Mutex<State>,
    grown: watch::Sender<usize>,
    /// Whether repeats with any revision are taken for new, as by a server whose memory of ids has moved on.
    forgets: AtomicBool,
}

/// What `$tb` is set to by a soft delete.
const SOFTLY_DELETED: u64 = i64::MAX as u64;

impl Store {
    pub(super) fn new() -> Self {
        let store = Self {
            state: Mutex::default(),
            grown: watch::Sender::new(0),
            forgets: AtomicBool::new(false),
        };
        // What a real server writes before anybody asks it to.
        store.add_system_events(2);
        store
    }

    /// Writes events that no user wrote, as a real server does every half minute.
    pub(super) fn add_system_events(&self, count: usize) {
        for _ in 0..count {
            let event = Proposed::json("$statsCollected", &serde_json::json!({ "proc-cpu": 1 }));
            self.append("$stats-127.0.0.1:2113", Expected::Any, vec![event])
                .expect("any revision will do");
        }
    }

    /// Forgets ids from now on.
    pub(super) fn forget(&self) {
        self.forgets.store(true, Ordering::SeqCst);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while the state is held")
    }

    /// Tells whoever holds the receiver how many events there are, whenever there are more.
    pub(super) fn watch(&self) -> watch::Receiver<usize> {
        self.grown.subscribe()
    }

    pub(super) fn append(
        &self,
        stream: &str,
        expected: Expected,
        events: Vec<Proposed>,
    ) -> Result<Written, Refused> {
        let mut state = self.state();
        if state.tombstones.contains(stream) {
            return Err(Refused::Deleted);
        }
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        let kept = state.ids(stream);
        let is_deleted = state.first(stream) == SOFTLY_DELETED;
        let decision = match expected {
            // A stream that was deleted softly may be begun anew.
            Expected::NoStream if is_deleted => Decision::Take,
            Expected::Any if self.forgets.load(Ordering::SeqCst) => Decision::Take,
            Expected::Any | Expected::NoStream | Expected::StreamExists | Expected::Revision(_) => {
                rules::decide(&kept, expected, &ids)
            }
        };
        match decision {
            Decision::Take => {}
            Decision::Repeat { revision } => {
                let is_hidden = revision < state.first(stream);
                let place = (!is_hidden).then(|| state.record(stream, revision).place);
                return Ok(Written { revision, place });
            }
            Decision::Refuse => {
                let current = (kept.len() as u64).checked_sub(1);
                return Err(Refused::WrongExpectedVersion { current });
            }
        }
        if is_deleted {
            // What was deleted stays hidden, and what comes is not.
            let event = Proposed::json("$metadata", &serde_json::json!({ "$tb": kept.len() }));
            state.write(&metadata_of(stream), vec![event]);
        }
        let written = state.write(stream, events);
        let count = state.records.len();
        drop(state);
        // Two appends may come to this line in the other order.
        self.grown.send_modify(|known| *known = count.max(*known));
        Ok(written)
    }

    /// Hides all that is in a stream; what is appended later goes on counting.
    pub(super) fn delete(&self, stream: &str, expected: Expected) -> Result<Place, Refused> {
        self.check(stream, expected)?;
        let event = Proposed::json("$metadata", &serde_json::json!({ "$tb": SOFTLY_DELETED }));
        let written = self.append(&metadata_of(stream), Expected::Any, vec![event])?;
        Ok(written.place.expect("metadata is never hidden"))
    }

    /// Closes a stream for good.
    pub(super) fn tombstone(&self, stream: &str, expected: Expected) -> Result<Place, Refused> {
        self.check(stream, expected)?;
        let event = Proposed::json("$streamDeleted", &serde_json::json!({}));
        let written = self.append(stream, Expected::Any, vec![event])?;
        self.state().tombstones.insert(stream.to_owned());
        Ok(written.place.expect("it is new"))
    }

    fn check(&self, stream: &str, expected: Expected) -> Result<(), Refused> {
        let state = self.state();
        if state.tombstones.contains(stream) {
            return Err(Refused::Deleted);
        }
        let kept = state.ids(stream);
        match rules::decide(&kept, expected, &[]) {
            Decision::Take => Ok(()),
            Decision::Repeat { .. } | Decision::Refuse => Err(Refused::WrongExpectedVersion {
                current: (kept.len() as u64).checked_sub(1),
            }),
        }
    }

    pub(super) fn stream(&self, stream: &str) -> Stream {
        let state = self.state();
        if state.tombstones.contains(stream) {
            return Stream::Deleted;
        }
        let Some(last) = (state.ids(stream).len() as u64).checked_sub(1) else {
            return Stream::Absent;
        };
        match state.first(stream) {
            SOFTLY_DELETED => Stream::Absent,
            first => Stream::Open { first, last },
        }
    }

    pub(super) fn in_stream(&self, stream: &str, revision: u64) -> Record {
        self.state().record(stream, revision).clone()
    }

    /// Returns the event at an index of `$all`, if there are so many.
    pub(super) fn at(&self, index: usize) -> Option<Record> {
        self.state().records.get(index).cloned()
    }

    /// Returns how many events `$all` has.
    pub(super) fn len(&self) -> usize {
        self.state().records.len()
    }

    /// Returns the index of the first event that stands at a place or after it.
    pub(super) fn index_of(&self, place: Place) -> usize {
        self.state()
            .records
            .partition_point(|record| record.place < place)
    }
}

impl State {
    fn ids(&self, stream: &str) -> Vec<Uuid> {
        let indices = self.streams.get(stream).map_or(&[][..], Vec::as_slice);
        indices
            .iter()
            .map(|index| self.records[*index].event.id)
            .collect()
    }

    fn record(&self, stream: &str, revision: u64) -> &Record {
        let revision = usize::try_from(revision).expect("it was counted here");
        &self.records[self.streams[stream][revision]]
    }

    /// Returns the first revision of a stream that may be read.
    fn first(&self, stream: &str) -> u64 {
        let metadata = self.metadata(stream);
        let limit = |key: &str| metadata.get(key).and_then(serde_json::Value::as_u64);
        let counted =
            limit("$maxCount").map_or(0, |count| (self.ids(stream).len() as u64).saturating_sub(count));
        limit("$tb").map_or(counted, |truncated| truncated.max(counted))
    }

    fn metadata(&self, stream: &str) -> serde_json::Value {
        let indices = self.streams.get(&metadata_of(stream));
        let last = indices.and_then(|indices| indices.last());
        last.and_then(|index| serde_json::from_slice(&self.records[*index].event.data).ok())
            .unwrap_or_default()
    }

    fn write(&mut self, stream: &str, events: Vec<Proposed>) -> Written {
        let created = now();
        let mut prepares = Vec::new();
        for event in &events {
            prepares.push(self.offset);
            self.offset += 64 + (event.kind.len() + event.custom.len() + event.data.len()) as u64;
        }
        let commit = self.offset;
        self.offset += 48;
        let mut written = None;
        for (prepare, event) in prepares.into_iter().zip(events) {
            let indices = self.streams.entry(stream.to_owned()).or_default();
            let place = Place { commit, prepare };
            let revision = indices.len() as u64;
            indices.push(self.records.len());
            self.records.push(Record {
                place,
                stream: stream.to_owned(),
                revision,
                created,
                event,
            });
            written = Some(Written {
                revision,
                place: Some(place),
            });
        }
        written.expect("an append without events is refused on the wire")
    }
}

impl Proposed {
    fn json(kind: &str, data: &serde_json::Value) -> Self {
        Self {
            id: Uuid::new_v4(),
            kind: kind.to_owned(),
            content_type: "application/json".to_owned(),
            custom: Bytes::new(),
            data: data.to_string().into(),
        }
    }
}

/// Names the stream that says of a stream how much of it may be read.
fn metadata_of(stream: &str) -> String {
    format!("$${stream}")
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos() / 100).unwrap_or(u64::MAX)
}
