//! Appends, and how a repeat is told from a conflict.
//!
//! The server answers a repeat as it answered at first, which leaves open which of the two an answer is; and with
//! [`Expected::Any`] it promises no more than its best. So each append carries an id of its own, and after success the
//! last event is read back: if another append wrote it, this one was a repeat, or a conflict if the events are not
//! those that were sent. That is one short read for each append, answered from the leader's memory.

use std::error::Error;
use std::sync::Arc;

use domain_model::ids::EventId;
use eventstore::{EventData, StreamState, WriteResult};
use serde_json::value::RawValue;
use tokio::time::timeout;
use uuid::Uuid;

use super::envelope;
use super::link::Link;
use super::reader::{self, Part};
use super::retry::{self, Retry};
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

/// What is to be recorded.
struct Proposal {
    /// Names this append in its events, so that they are told from those of another with the same ids.
    append: Uuid,
    ids: Vec<EventId>,
    events: Vec<EventData>,
}

/// What is in a stream of an append.
enum Found {
    /// All of it.
    Whole(Appended),
    /// A part of it, so that all of it never will.
    Part { last: Option<Revision> },
    /// Nothing.
    Nothing { last: Option<Revision> },
}

/// Neither the append was answered, nor what was asked about it.
#[derive(Debug, thiserror::Error)]
#[error("the answer to an append was lost ({lost}), and the log could not be asked for it")]
struct Unsettled {
    lost: String,
    source: AppendError,
}

impl Append<'_> {
    pub(super) async fn send(self, events: &[NewEvent]) -> Result<Appended, AppendError> {
        let append = Uuid::new_v4();
        let sealed: Vec<EventData> = events
            .iter()
            .map(|event| envelope::seal(append, event).map(|metadata| wire_event(event, metadata)))
            .collect::<Result<_, _>>()?;
        let proposal = Proposal {
            append,
            ids: events.iter().map(|event| event.id).collect(),
            events: sealed,
        };
        let (state, before) = match self.expected {
            Expected::Any => match self.look_back(&proposal).await? {
                Found::Whole(repeated) => return Ok(repeated),
                Found::Part { last } => return Err(self.conflict(last)),
                Found::Nothing { last } => (StreamState::Any, last),
            },
            Expected::NoStream => (StreamState::NoStream, None),
            // Not even the server can count so far.
            Expected::At(Revision(revision)) if revision >= REVISION_MAX => {
                return Err(self.conflict(self.last().await?));
            }
            Expected::At(at) => (StreamState::StreamRevision(at.0), Some(at)),
        };
        match self.write(state, &proposal).await {
            Err(Failure::Unknown { source }) => self.settle(state, before, &proposal, source).await,
            answer => self.heed(answer, &proposal).await,
        }
    }

    async fn write(&self, state: StreamState, proposal: &Proposal) -> Result<WriteResult, Failure> {
        self.writer
            .append(self.stream.as_str(), state, &proposal.events)
            .await
    }

    async fn heed(
        &self,
        answer: Result<WriteResult, Failure>,
        proposal: &Proposal,
    ) -> Result<Appended, AppendError> {
        match answer {
            Ok(written) => self.check(proposal, &written).await,
            Err(Failure::Moved { actual }) => self.look_ahead(proposal, actual).await,
            Err(Failure::Invalid { reason }) => Err(AppendError::Invalid {
                field: "events",
                reason,
            }),
            Err(Failure::Denied { source } | Failure::Unknown { source }) => {
                Err(AppendError::Unknown { source })
            }
        }
    }

    /// Finds out what became of an append whose answer was lost, as long as a caller is patient.
    ///
    /// The log is asked, and where the events are not in it, they are sent again, at the revision that was seen, so that
    /// the first try, which may still be on its way, is recorded in place of the second or is seen in the next round.
    /// Should one with any revision arrive even later, it finds the ids in the server's memory.
    async fn settle(
        &self,
        state: StreamState,
        before: Option<Revision>,
        proposal: &Proposal,
        lost: Box<dyn Error + Send + Sync>,
    ) -> Result<Appended, AppendError> {
        let patience = self.link.connection.patience;
        let mut lost = lost;
        let settling = async {
            let mut retry = Retry::new(patience);
            loop {
                retry.pause().await;
                let state = match (self.look_after(before, proposal).await?, self.expected) {
                    (Found::Whole(appended), _) => return Ok(appended),
                    (Found::Part { last }, Expected::Any) => return Err(self.conflict(last)),
                    (Found::Nothing { last }, Expected::Any) => {
                        last.map_or(StreamState::NoStream, |last| StreamState::StreamRevision(last.0))
                    }
                    (Found::Part { .. } | Found::Nothing { .. }, Expected::NoStream | Expected::At(_)) => {
                        state
                    }
                };
                match (self.write(state, proposal).await, self.expected) {
                    (Err(Failure::Unknown { source }), _) => lost = source,
                    // Somebody was faster, perhaps our own first try.
                    (Err(Failure::Moved { .. }), Expected::Any) => {}
                    (answer, _) => return self.heed(answer, proposal).await,
                }
            }
        };
        let settled = timeout(patience, settling).await;
        match settled {
            Ok(Err(source @ AppendError::Unknown { .. })) => Err(AppendError::Unknown {
                source: Box::new(Unsettled {
                    lost: lost.to_string(),
                    source,
                }),
            }),
            Ok(settled) => settled,
            Err(_) => Err(AppendError::Unknown { source: lost }),
        }
    }

    /// Finds out what the server meant by success.
    async fn check(&self, proposal: &Proposal, written: &WriteResult) -> Result<Appended, AppendError> {
        let revision = written.next_expected_version;
        let said = (written.position != NOWHERE)
            .then(|| Position::pair(written.position.commit, written.position.prepare));
        let last = reader::find(self.link, self.stream.as_str(), revision, said).await;
        let last = last.map_err(unknown)?.ok_or_else(|| unknown(vanished()))?;
        let appended = proposal.appended(&last)?;
        if appended.repeated && self.expected == Expected::Any {
            return match self.stand_before(&last, &proposal.ids).await? {
                true => Ok(appended),
                false => Err(self.conflict(self.last().await?)),
            };
        }
        if last.id() != proposal.ids.last().copied() {
            return Err(unknown(elsewhere(self.stream, revision)));
        }
        Ok(appended)
    }

    /// Says whether events with these ids stand one after the other, ending with this one; where they are hidden, the
    /// server is believed.
    async fn stand_before(&self, last: &Received, ids: &[EventId]) -> Result<bool, AppendError> {
        let Some(first) = (last.revision() + 1).checked_sub(ids.len() as u64) else {
            return Ok(false);
        };
        let there = self.part(Start::At(first), ids.len(), usize::MAX).await?.events;
        let is_hidden = there.first().is_none_or(|event| event.revision() != first);
        Ok(last.id() == ids.last().copied()
            && (is_hidden || there.iter().map(Received::id).eq(ids.iter().map(|id| Some(*id)))))
    }

    /// After a refusal, looks whether the events stand where they were to go: then a repeat was refused, by a server
    /// that does not know repeats, or because its first try came in between.
    async fn look_ahead(
        &self,
        proposal: &Proposal,
        actual: Option<Revision>,
    ) -> Result<Appended, AppendError> {
        let first = match self.expected {
            Expected::Any => return Err(self.conflict(actual)),
            Expected::NoStream => 0,
            Expected::At(revision) => revision.next().0,
        };
        let ids = &proposal.ids;
        let there = self.part(Start::At(first), ids.len(), usize::MAX).await?;
        let stands = |(place, id): (u64, &EventId)| {
            let event = there.events.iter().find(|event| event.revision() == place);
            event.is_some_and(|event| event.id() == Some(*id))
        };
        match there.events.last() {
            Some(last) if (first..).zip(ids).all(stands) => proposal.appended(last),
            Some(_) | None => Err(self.conflict(actual)),
        }
    }

    /// Before an append with any revision, looks whether its events are among the last of the stream.
    async fn look_back(&self, proposal: &Proposal) -> Result<Found, AppendError> {
        let there = self.part(Start::Last, LOOK_BACK_EVENTS_MAX, LOOK_BACK_BYTES_MAX);
        let mut events = there.await?.events;
        let last = events.first().map(|last| Revision(last.revision()));
        events.reverse();
        let is_cut = events.first().is_some_and(|first| first.revision() > 0);
        proposal.find(&events, last, is_cut)
    }

    /// After an append, looks whether its events came to stand behind what was there before.
    async fn look_after(&self, before: Option<Revision>, proposal: &Proposal) -> Result<Found, AppendError> {
        let from = before.map_or(Start::First, |before| Start::At(before.next().0));
        let count = match self.expected {
            Expected::Any => usize::MAX,
            // There or nowhere.
            Expected::NoStream | Expected::At(_) => proposal.ids.len(),
        };
        let there = self.part(from, count, usize::MAX).await?;
        // What was seen comes first: sent again behind something unseen, the events could be recorded a second time.
        let seen = there.events.last().map(Received::revision);
        let last = seen.or(there.last).map(Revision).or(before);
        proposal.find(&there.events, last, false)
    }

    async fn part(&self, from: Start<u64>, count: usize, bytes_max: usize) -> Result<Part, AppendError> {
        let part = reader::part(self.link, self.stream.as_str(), from, count, bytes_max).await;
        part.map_err(unknown)
    }

    async fn last(&self) -> Result<Option<Revision>, AppendError> {
        // Beyond the end there is nothing to read but where the end is.
        let beyond = Start::At(REVISION_MAX - 1);
        Ok(self.part(beyond, 1, usize::MAX).await?.last.map(Revision))
    }

    fn conflict(&self, actual: Option<Revision>) -> AppendError {
        AppendError::Conflict {
            stream: self.stream.clone(),
            expected: self.expected,
            actual,
        }
    }
}

impl Proposal {
    /// Says where it stands, by the last of its events.
    fn appended(&self, last: &Received) -> Result<Appended, AppendError> {
        Ok(Appended {
            revision: Revision(last.revision()),
            position: last.position().ok_or_else(|| unknown(vanished()))?,
            repeated: last.append() != Some(self.append),
        })
    }

    /// Looks for its events among some of the stream, in their order; `is_cut`: others come before those.
    fn find(&self, there: &[Received], last: Option<Revision>, is_cut: bool) -> Result<Found, AppendError> {
        let known: Vec<Option<EventId>> = there.iter().map(Received::id).collect();
        let sent: Vec<Option<EventId>> = self.ids.iter().copied().map(Some).collect();
        if let Some(place) = known.windows(sent.len()).position(|known| known == sent) {
            let end = &there[place + sent.len() - 1];
            return self.appended(end).map(Found::Whole);
        }
        Ok(match known.iter().position(|id| sent.contains(id)) {
            // They may begin before what can be seen from here.
            Some(0) if is_cut && begins_with_an_end_of(&known, &sent) => Found::Nothing { last },
            Some(_) => Found::Part { last },
            None => Found::Nothing { last },
        })
    }
}

fn begins_with_an_end_of<T: PartialEq>(known: &[T], sent: &[T]) -> bool {
    (1..sent.len()).any(|start| known.starts_with(&sent[start..]))
}

fn unknown(source: ReadError) -> AppendError {
    if retry::is_deleted(&source) {
        return AppendError::Invalid {
            field: "events",
            reason: "the stream was deleted for good".to_owned(),
        };
    }
    AppendError::Unknown {
        source: Box::new(source),
    }
}

fn elsewhere(stream: &StreamName, revision: u64) -> ReadError {
    ReadError::Failed {
        source: format!(
            "the server took the events as up to revision {revision} of {stream}, where others stand"
        )
        .into(),
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
