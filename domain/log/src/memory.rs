//! A log in memory, for tests only: what is written is gone with the process.
//!
//! It does what [`EventLog`] says in the plainest way there is, one list under one lock, so that it can be believed:
//! the suite in `contract` compares the other logs with it, answer by answer.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use domain_model::ids::EventId;
use futures_util::{StreamExt as _, stream};
use tokio::sync::watch;
use uuid::Uuid;

use crate::event_log::check_append;
use crate::{
    AppendError, Appended, Deliveries, Delivery, EventLog, Events, Expected, Filter, LogMetadata, NewEvent,
    Position, Range, ReadError, Recorded, Revision, StreamMetadata, StreamName,
};

/// After how many events left out in a row a subscription says how far it has looked.
const CHECKPOINT_EVERY: usize = 4096;

/// A log in memory, for tests only. A clone is the same log.
#[derive(Debug, Clone)]
pub struct MemoryLog {
    id: Uuid,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    content: RwLock<Content>,
    // Said after each append, so that subscriptions look again.
    news: watch::Sender<()>,
}

/// All there is. An event's position is its index in `events`.
#[derive(Debug, Default)]
struct Content {
    events: Vec<Recorded>,
    streams: HashMap<StreamName, Stream>,
    labels: BTreeMap<String, String>,
}

/// An event's revision is its index in `ids` and in `places`.
#[derive(Debug, Default)]
struct Stream {
    ids: Vec<EventId>,
    places: Vec<usize>,
    metadata: StreamMetadata,
}

/// What an append comes to.
enum Verdict {
    Fresh,
    Repeat { last: usize },
    Conflict,
}

impl MemoryLog {
    /// Makes an empty log.
    #[must_use]
    pub fn new() -> Self {
        Self {
            id: Uuid::new_v4(),
            shared: Arc::new(Shared {
                content: RwLock::default(),
                news: watch::Sender::new(()),
            }),
        }
    }
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::new()
    }
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, Content> {
        self.content.read().expect("nobody panics while holding it")
    }

    fn write(&self) -> RwLockWriteGuard<'_, Content> {
        self.content.write().expect("nobody panics while holding it")
    }
}

impl Stream {
    fn last(&self) -> Option<Revision> {
        self.ids.len().checked_sub(1).map(|last| Revision(last as u64))
    }

    fn judge(&self, expected: Expected, ids: &[EventId]) -> Verdict {
        let start = match expected {
            Expected::NoStream => 0,
            Expected::At(revision) => index(revision.0).saturating_add(1),
            Expected::Any => return self.judge_any(ids),
        };
        match self.ids.get(start..) {
            Some([]) => Verdict::Fresh,
            Some(there) if there.starts_with(ids) => Verdict::Repeat {
                last: start + ids.len() - 1,
            },
            Some(_) | None => Verdict::Conflict,
        }
    }

    fn judge_any(&self, ids: &[EventId]) -> Verdict {
        if let Some(start) = self.ids.windows(ids.len()).position(|there| there == ids) {
            return Verdict::Repeat {
                last: start + ids.len() - 1,
            };
        }
        if ids.iter().any(|id| self.ids.contains(id)) {
            Verdict::Conflict
        } else {
            Verdict::Fresh
        }
    }
}

impl Content {
    fn append(
        &mut self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        let unwritten = Stream::default();
        let found = self.streams.get(stream).unwrap_or(&unwritten);
        match found.judge(expected, &ids) {
            Verdict::Fresh => Ok(self.record(stream, events)),
            Verdict::Repeat { last } => Ok(Appended {
                revision: Revision(last as u64),
                position: self.events[found.places[last]].position,
                repeated: true,
            }),
            Verdict::Conflict => Err(AppendError::Conflict {
                stream: stream.clone(),
                expected,
                actual: found.last(),
            }),
        }
    }

    fn record(&mut self, name: &StreamName, events: Vec<NewEvent>) -> Appended {
        let stream = self.streams.entry(name.clone()).or_default();
        for event in events {
            let place = self.events.len();
            self.events.push(Recorded {
                position: Position::at(place as u64),
                stream: name.clone(),
                revision: Revision(stream.ids.len() as u64),
                id: event.id,
                kind: event.kind,
                tenant: event.tenant,
                time: event.time,
                meta: event.meta,
                data: event.data,
            });
            stream.ids.push(event.id);
            stream.places.push(place);
        }
        Appended {
            revision: stream.last().expect("an append has at least one event"),
            position: Position::at(self.events.len() as u64 - 1),
            repeated: false,
        }
    }

    fn read_stream(&self, name: &StreamName, range: Range<Revision>, limit: usize) -> Vec<Recorded> {
        let Some(stream) = self.streams.get(name) else {
            return vec![];
        };
        let end = stream.places.len();
        let hidden = stream.metadata.truncate_before.map_or(0, |first| index(first.0));
        let event = |place: &usize| self.events[*place].clone();
        match range {
            Range::Forwards { after } => {
                let start = after.map_or(0, |known| index(known.0).saturating_add(1));
                let start = start.max(hidden).min(end);
                stream.places[start..].iter().take(limit).map(event).collect()
            }
            Range::Backwards { before } => {
                let end = before.map_or(end, |known| index(known.0).min(end));
                let start = hidden.min(end);
                let places = stream.places[start..end].iter().rev();
                places.take(limit).map(event).collect()
            }
        }
    }

    fn read_all(&self, range: Range<Position>, filter: &Filter, limit: usize) -> Vec<Recorded> {
        let passes = |event: &&Recorded| filter.passes(&event.stream, &event.kind, &event.tenant);
        match range {
            Range::Forwards { after } => {
                let start = self.events.partition_point(|event| Some(event.position) <= after);
                let events = self.events[start..].iter();
                events.filter(passes).take(limit).cloned().collect()
            }
            Range::Backwards { before } => {
                let known = |event: &Recorded| before.is_none_or(|before| event.position < before);
                let events = self.events[..self.events.partition_point(known)].iter().rev();
                events.filter(passes).take(limit).cloned().collect()
            }
        }
    }
}

/// A subscription between two deliveries.
struct Follower {
    shared: Arc<Shared>,
    news: watch::Receiver<()>,
    filter: Filter,
    looked: Option<Position>,
    left_out: usize,
    caught_up: bool,
}

impl Follower {
    async fn next(&mut self) -> Delivery {
        loop {
            // Seen before looking: what comes in while we look wakes us again.
            self.news.borrow_and_update();
            if let Some(delivery) = self.look() {
                return delivery;
            }
            let closed = self.news.changed().await.is_err();
            assert!(!closed, "the sender lives in what we share");
        }
    }

    fn look(&mut self) -> Option<Delivery> {
        let content = self.shared.read();
        let start = content
            .events
            .partition_point(|event| Some(event.position) <= self.looked);
        for event in &content.events[start..] {
            self.looked = Some(event.position);
            self.left_out += 1;
            if self.filter.passes(&event.stream, &event.kind, &event.tenant) {
                self.left_out = 0;
                return Some(Delivery::Event(event.clone()));
            }
            if self.left_out == CHECKPOINT_EVERY {
                self.left_out = 0;
                return Some(Delivery::Checkpoint(event.position));
            }
        }
        if self.caught_up {
            return None;
        }
        self.caught_up = true;
        self.left_out = 0;
        Some(Delivery::CaughtUp(self.looked))
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        check_append(&events)?;
        let appended = self.shared.write().append(stream, expected, events)?;
        self.shared.news.send_replace(());
        Ok(appended)
    }

    fn read_stream(&self, stream: &StreamName, range: Range<Revision>, limit: usize) -> Events {
        let events = self.shared.read().read_stream(stream, range, limit);
        stream::iter(events).map(Ok).boxed()
    }

    fn read_all(&self, range: Range<Position>, filter: Filter, limit: usize) -> Events {
        let events = self.shared.read().read_all(range, &filter, limit);
        stream::iter(events).map(Ok).boxed()
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> Deliveries {
        let follower = Follower {
            shared: self.shared.clone(),
            news: self.shared.news.subscribe(),
            filter,
            looked: after,
            left_out: 0,
            caught_up: false,
        };
        let deliveries = stream::unfold(follower, async |mut follower| {
            let delivery = follower.next().await;
            Some((Ok(delivery), follower))
        });
        deliveries.boxed()
    }

    async fn tail(&self) -> Result<Option<Position>, ReadError> {
        Ok(self.shared.read().events.last().map(|event| event.position))
    }

    async fn stream_metadata(&self, stream: &StreamName) -> Result<StreamMetadata, ReadError> {
        let content = self.shared.read();
        let found = content.streams.get(stream);
        Ok(found.map_or_else(StreamMetadata::default, |stream| stream.metadata.clone()))
    }

    async fn set_stream_metadata(
        &self,
        stream: &StreamName,
        metadata: StreamMetadata,
    ) -> Result<(), AppendError> {
        let mut content = self.shared.write();
        content.streams.entry(stream.clone()).or_default().metadata = metadata;
        Ok(())
    }

    async fn log_metadata(&self) -> Result<LogMetadata, ReadError> {
        Ok(LogMetadata {
            engine: "memory",
            id: self.id.to_string(),
            labels: self.shared.read().labels.clone(),
        })
    }

    async fn set_log_labels(&self, labels: BTreeMap<String, String>) -> Result<(), AppendError> {
        self.shared.write().labels = labels;
        Ok(())
    }
}

// A number too large for this machine's memory stands behind everything that is in it.
fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
