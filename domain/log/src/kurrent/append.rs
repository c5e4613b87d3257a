//! Appends, and how a repeat is told from a conflict.
//!
//! The server answers a repeat as it answered at first, which leaves open which of the two an answer is; and with
//! [`Expected::Any`] it promises no more than its best. So each append carries an id of its own, and after success the
//! last event is read back: if another append wrote it, this one was a repeat, or a conflict if the events are not
//! those that were sent. That is one short read for each append, answered from the leader's memory.

use std::sync::Arc;

use domain_model::ids::EventId;
use eventstore::{EventData, StreamState, WriteResult};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::envelope;
use super::link::Link;
use super::reader;
use super::words::{REVISION_MAX, Received, Start};
use super::writer::{Failure, Writer};
use crate::{AppendError, Appended, Expected, NewEvent, Position, ReadError, Revision, StreamName};

/// How far back a repeat with [`Expected::Any`] is looked for: so many events, of so many bytes together. Beyond, the
/// server's own memory of ids decides, which holds the newest of all streams and is lost with its process. A repeat
/// follows its first try within seconds, and each such append pays for the look.
const LOOK_BACK_EVENTS_MAX: usize = 64;
const LOOK_BACK_BYTES_MAX: usize = 256 << 10;
/// The server took an append without saying where.
const NOWHERE: eventstore::Position = eventstore::Position {
    commit: 0,
    prepare: 0,
};

/// One append on its way.
pub(super) struct Append<'a> {
    pub(super) link: &'a Arc<Link>,
    pub(super) writer: &'a Writer,
    pub(super) stream: &'a StreamName,
    pub(super) expected: Expected,
}

impl Append<'_> {
    pub(super) async fn send(self, events: &[NewEvent]) -> Result<Appended, AppendError> {
        let append = Uuid::new_v4();
        let sealed: Vec<EventData> = events
            .iter()
            .map(|event| envelope::seal(append, event).map(|metadata| wire_event(event, metadata)))
            .collect::<Result<_, _>>()?;
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        let state = match self.expected {
            Expected::Any => match self.look_back(&ids).await? {
                Some(repeated) => return Ok(repeated),
                None => StreamState::Any,
            },
            Expected::NoStream => StreamState::NoStream,
            // Not even the server can count so far.
            Expected::At(Revision(revision)) if revision >= REVISION_MAX => {
                return Err(self.conflict(self.last().await?));
            }
            Expected::At(Revision(revision)) => StreamState::StreamRevision(revision),
        };
        match self.writer.append(self.stream.as_str(), state, &sealed).await {
            Ok(written) => self.check(append, &ids, &written).await,
            Err(Failure::Moved { actual }) => self.look_ahead(&ids, actual).await,
            Err(Failure::Invalid { reason }) => Err(AppendError::Invalid {
                field: "events",
                reason,
            }),
            Err(Failure::Unknown { source }) => Err(AppendError::Unknown { source }),
        }
    }

    /// Finds out what the server meant by success.
    async fn check(
        &self,
        append: Uuid,
        ids: &[EventId],
        written: &WriteResult,
    ) -> Result<Appended, AppendError> {
        let revision = written.next_expected_version;
        let said = (written.position != NOWHERE)
            .then(|| Position::pair(written.position.commit, written.position.prepare));
        let last = reader::find(self.link, self.stream.as_str(), revision, said).await;
        let last = last.map_err(unknown)?.ok_or_else(|| unknown(vanished()))?;
        let appended = Appended {
            revision: Revision(revision),
            position: last.position().ok_or_else(|| unknown(vanished()))?,
            repeated: last.append() != Some(append),
        };
        if appended.repeated && self.expected == Expected::Any && !self.stand_before(&last, ids).await? {
            return Err(self.conflict(self.last().await?));
        }
        Ok(appended)
    }

    /// Says whether events with these ids stand one after the other, ending with this one; where they are hidden, the
    /// server is believed.
    async fn stand_before(&self, last: &Received, ids: &[EventId]) -> Result<bool, AppendError> {
        let Some(first) = (last.revision() + 1).checked_sub(ids.len() as u64) else {
            return Ok(false);
        };
        let there = self.part(Start::At(first), ids.len(), usize::MAX).await?;
        let is_hidden = there.first().is_none_or(|event| event.revision() != first);
        Ok(last.id() == ids.last().copied()
            && (is_hidden || there.iter().map(Received::id).eq(ids.iter().map(|id| Some(*id)))))
    }

    /// After a refusal, looks whether the events stand where they were to go: then a repeat was refused, by a server
    /// that does not know repeats, or because its first try came in between.
    async fn look_ahead(&self, ids: &[EventId], actual: Option<Revision>) -> Result<Appended, AppendError> {
        let first = match self.expected {
            Expected::Any => return Err(self.conflict(actual)),
            Expected::NoStream => 0,
            Expected::At(revision) => revision.next().0,
        };
        let there = self.part(Start::At(first), ids.len(), usize::MAX).await?;
        let stands = |(place, id): (u64, &EventId)| {
            let event = there.iter().find(|event| event.revision() == place);
            event.is_some_and(|event| event.id() == Some(*id))
        };
        match there.last().and_then(Received::position) {
            Some(position) if (first..).zip(ids).all(stands) => Ok(Appended {
                revision: Revision(first + ids.len() as u64 - 1),
                position,
                repeated: true,
            }),
            Some(_) | None => Err(self.conflict(actual)),
        }
    }

    /// Before an append with any revision, looks whether its events are among the last of the stream.
    async fn look_back(&self, ids: &[EventId]) -> Result<Option<Appended>, AppendError> {
        let mut there = self
            .part(Start::Last, LOOK_BACK_EVENTS_MAX, LOOK_BACK_BYTES_MAX)
            .await?;
        let actual = there.first().map(|last| Revision(last.revision()));
        there.reverse();
        let known: Vec<Option<EventId>> = there.iter().map(Received::id).collect();
        let sent: Vec<Option<EventId>> = ids.iter().copied().map(Some).collect();
        if let Some(place) = known.windows(sent.len()).position(|known| known == sent) {
            let last = &there[place + sent.len() - 1];
            return Ok(last.position().map(|position| Appended {
                revision: Revision(last.revision()),
                position,
                repeated: true,
            }));
        }
        match known.iter().position(|id| sent.contains(id)) {
            // They may begin before what can be seen from here.
            Some(0) if begins_with_an_end_of(&known, &sent) => Ok(None),
            // A part of them stands there, so that all of them never will.
            Some(_) => Err(self.conflict(actual)),
            None => Ok(None),
        }
    }

    async fn part(
        &self,
        from: Start<u64>,
        count: usize,
        bytes_max: usize,
    ) -> Result<Vec<Received>, AppendError> {
        let part = reader::part(self.link, self.stream.as_str(), from, count, bytes_max).await;
        part.map(|part| part.events).map_err(unknown)
    }

    async fn last(&self) -> Result<Option<Revision>, AppendError> {
        // Beyond the end there is nothing to read but where the end is.
        let beyond = Start::At(REVISION_MAX - 1);
        let part = reader::part(self.link, self.stream.as_str(), beyond, 1, usize::MAX).await;
        Ok(part.map_err(unknown)?.last.map(Revision))
    }

    fn conflict(&self, actual: Option<Revision>) -> AppendError {
        AppendError::Conflict {
            stream: self.stream.clone(),
            expected: self.expected,
            actual,
        }
    }
}

fn begins_with_an_end_of<T: PartialEq>(known: &[T], sent: &[T]) -> bool {
    (1..sent.len()).any(|start| known.starts_with(&sent[start..]))
}

fn unknown(source: ReadError) -> AppendError {
    AppendError::Unknown {
        source: Box::new(source),
    }
}

fn vanished() -> ReadError {
    ReadError::Failed {
        source: "the server took the events and does not show them".into(),
    }
}

/// Says of an event what the server wants to know. What is JSON is marked so, for the server's own tools.
fn wire_event(event: &NewEvent, metadata: bytes::Bytes) -> EventData {
    let json = std::str::from_utf8(&event.data).ok();
    let json = json.and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
    // White space around it would be lost.
    let json = json.filter(|json| json.get().len() == event.data.len());
    let marked = json.and_then(|json| EventData::json(event.kind.as_str(), &json).ok());
    marked
        .unwrap_or_else(|| EventData::binary(event.kind.as_str(), event.data.clone()))
        .id(event.id.uuid())
        .metadata(metadata)
}
