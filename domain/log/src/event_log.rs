//! The log's trait: one contract, held by `contract` and passed by every implementation.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use bytes::Bytes;
use domain_model::Timestamp;
use domain_model::ids::{EventId, TenantId};
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::{Kind, Position, Revision, StreamName};

/// The largest payload and metadata of one event together, in bytes.
pub const EVENT_BYTES_MAX: usize = 4 << 20;
/// The most events in one append.
pub const APPEND_EVENTS_MAX: usize = 1024;
/// The most payload and metadata in one append, in bytes.
pub const APPEND_BYTES_MAX: usize = 8 << 20;

/// An append-only log of events in streams, with one global order over all of them.
///
/// What an implementation promises:
/// - An append is all or nothing, and what was acknowledged is never lost or changed.
/// - Revisions count 0, 1, 2 … in each stream; positions grow over all streams; a reader never sees an event before
///   one that stands in front of it, nor one that was not acknowledged or about to be.
/// - An append may be repeated with the same ids: see [`EventLog::append`].
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// Appends events to one stream, all or none, and returns once they are safe.
    ///
    /// Event ids make a repeat harmless within the stream. With [`Expected::NoStream`] or [`Expected::At`], events that
    /// already stand right after the expected revision with the same ids in the same order are answered as appended
    /// (`repeated`). With [`Expected::Any`], so are events that stand anywhere in the stream one after the other.
    ///
    /// # Errors
    /// [`AppendError`]; after [`AppendError::Unknown`] alone the events may have been recorded, and a repeat tells.
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError>;

    /// Reads one stream, at most `limit` events; a stream that was never written is empty.
    ///
    /// Events before the stream's `truncate_before` are left out.
    fn read_stream(&self, stream: &StreamName, range: Range<Revision>, limit: usize) -> Events;

    /// Reads all streams in the global order, at most `limit` events that pass the filter, up to the tail as it is now.
    fn read_all(&self, range: Range<Position>, filter: Filter, limit: usize) -> Events;

    /// Follows the log from right after a position (`None`: from its beginning), for ever.
    ///
    /// Catches up with what is there, says so, and goes on live, without gap or repeat. Ends only after an error; whoever
    /// follows then subscribes again from its own checkpoint.
    fn subscribe(&self, after: Option<Position>, filter: Filter) -> Deliveries;

    /// Returns the position of the last event, none if there is no event.
    ///
    /// # Errors
    /// [`ReadError`].
    async fn tail(&self) -> Result<Option<Position>, ReadError>;

    /// Returns a stream's metadata; the default where none was set.
    ///
    /// # Errors
    /// [`ReadError`].
    async fn stream_metadata(&self, stream: &StreamName) -> Result<StreamMetadata, ReadError>;

    /// Replaces a stream's metadata.
    ///
    /// # Errors
    /// [`AppendError`].
    async fn set_stream_metadata(
        &self,
        stream: &StreamName,
        metadata: StreamMetadata,
    ) -> Result<(), AppendError>;

    /// Returns what the log says of itself.
    ///
    /// # Errors
    /// [`ReadError`].
    async fn log_metadata(&self) -> Result<LogMetadata, ReadError>;

    /// Replaces the log's labels.
    ///
    /// # Errors
    /// [`AppendError`].
    async fn set_log_labels(&self, labels: BTreeMap<String, String>) -> Result<(), AppendError>;
}

/// Events on their way to a reader, in order. It ends after the first error.
pub type Events = BoxStream<'static, Result<Recorded, ReadError>>;
/// What a subscription delivers, in order. It ends after the first error.
pub type Deliveries = BoxStream<'static, Result<Delivery, ReadError>>;

/// An event on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Its id, derived from its command's.
    pub id: EventId,
    /// Its kind.
    pub kind: Kind,
    /// Whose it is.
    pub tenant: TenantId,
    /// When it happened by the clock of the edge; clocks go back, so this is no order.
    pub time: Timestamp,
    /// A JSON object about it: command, actor, journey, cause, schema version. `codec` makes it.
    pub meta: Bytes,
    /// Its payload: JSON, personal parts sealed. `codec` makes it.
    pub data: Bytes,
}

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the global order.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// Its place in its stream.
    pub revision: Revision,
    /// Its id.
    pub id: EventId,
    /// Its kind.
    pub kind: Kind,
    /// Whose it is.
    pub tenant: TenantId,
    /// When it happened by the clock of the edge.
    pub time: Timestamp,
    /// A JSON object about it.
    pub meta: Bytes,
    /// Its payload.
    pub data: Bytes,
}

/// What a subscription delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// An event that passes the filter.
    Event(Recorded),
    /// Everything up to here was looked at; a checkpoint may be kept here. Comes at least every 4096 events left out.
    Checkpoint(Position),
    /// Everything that was there has been delivered; what follows is live. `None`: the log is empty.
    CaughtUp(Option<Position>),
}

/// What an append expects to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Anything.
    Any,
    /// A stream that was never written.
    NoStream,
    /// A stream whose last event has this revision.
    At(Revision),
}

impl From<Option<Revision>> for Expected {
    fn from(last: Option<Revision>) -> Self {
        last.map_or(Self::NoStream, Self::At)
    }
}

/// What an append answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The revision of the last of its events.
    pub revision: Revision,
    /// The position of the last of its events.
    pub position: Position,
    /// Whether these events had been there before.
    pub repeated: bool,
}

/// Which way, and from where; the end that is named is itself left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range<T> {
    /// From right after `after` (`None`: the first) towards the tail.
    Forwards {
        /// The last one already known.
        after: Option<T>,
    },
    /// From right before `before` (`None`: the last) towards the beginning.
    Backwards {
        /// The first one already known.
        before: Option<T>,
    },
}

/// Which events of all streams are wanted. What is empty lets everything pass; all parts must agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Streams of these categories.
    pub categories: BTreeSet<String>,
    /// Events of these kinds.
    pub kinds: BTreeSet<Kind>,
    /// Events of this tenant.
    pub tenant: Option<TenantId>,
}

impl Filter {
    /// Says whether an event passes.
    #[must_use]
    pub fn passes(&self, stream: &StreamName, kind: &Kind, tenant: &TenantId) -> bool {
        (self.categories.is_empty() || self.categories.contains(stream.category()))
            && (self.kinds.is_empty() || self.kinds.contains(kind))
            && self.tenant.as_ref().is_none_or(|wanted| wanted == tenant)
    }
}

/// What is known of a stream beside its events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamMetadata {
    /// Events before this revision are no longer read from the stream: for signals, which nobody asks for twice.
    #[serde(rename = "$tb", default, skip_serializing_if = "Option::is_none")]
    pub truncate_before: Option<Revision>,
    /// Anything else worth keeping, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// What a log says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogMetadata {
    /// Which engine keeps it: `memory`, `embedded`, `kurrent`.
    pub engine: &'static str,
    /// The log's own id, made with it; a checkpoint of another log is worth nothing here.
    pub id: String,
    /// Anything else worth keeping, by name.
    pub labels: BTreeMap<String, String>,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else was faster. Load, decide again, append again.
    #[error("stream {stream} is at {}, not at {}", show_revision(*.actual), show_expected(*.expected))]
    Conflict {
        /// The stream.
        stream: StreamName,
        /// What was expected.
        expected: Expected,
        /// What was found.
        actual: Option<Revision>,
    },
    /// The events cannot be stored, now or ever.
    #[error("{field} cannot be stored: {reason}")]
    Invalid {
        /// Which part of the append.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no room. Nothing was written; trying again helps once there is room.
    #[error("the log's disk is full")]
    Full {
        /// What the disk said.
        source: std::io::Error,
    },
    /// The log takes no more events until it is started anew, because a disk write or sync failed and what reached the
    /// disk is unknown.
    #[error("the log stopped writing after a failure at position {position}: {reason}")]
    Stopped {
        /// The first position that was not acknowledged.
        position: Position,
        /// What failed.
        reason: String,
    },
    /// Another process holds the log for writing, or this one opened it for reading only.
    #[error("the log is open for reading only")]
    ReadOnly,
    /// The answer did not come: the events may have been recorded. Repeat with the same ids.
    #[error("the log did not answer whether the events were recorded")]
    Unknown {
        /// What broke.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why reading ended.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What is stored is not what was written. Nothing of it is served.
    #[error("the log is damaged at position {position} ({place}): {reason}")]
    Damaged {
        /// The position that cannot be read.
        position: Position,
        /// File and byte.
        place: String,
        /// What was found.
        reason: String,
    },
    /// The log could not be asked. Trying again may help.
    #[error("the log could not be read")]
    Failed {
        /// What broke.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn show_revision(revision: Option<Revision>) -> String {
    revision.map_or_else(
        || "no event".to_owned(),
        |revision| format!("revision {revision}"),
    )
}

fn show_expected(expected: Expected) -> String {
    match expected {
        Expected::Any => "any revision".to_owned(),
        Expected::NoStream => "no event".to_owned(),
        Expected::At(revision) => format!("revision {revision}"),
    }
}

/// Checks what every log checks before it takes an append.
///
/// # Errors
/// [`AppendError::Invalid`] naming the field.
pub fn check_append(events: &[NewEvent]) -> Result<(), AppendError> {
    let invalid = |field, reason| Err(AppendError::Invalid { field, reason });
    if events.is_empty() {
        return invalid("events", "there is none".to_owned());
    }
    if events.len() > APPEND_EVENTS_MAX {
        return invalid(
            "events",
            format!("there are {}, {APPEND_EVENTS_MAX} are allowed", events.len()),
        );
    }
    let mut total = 0;
    for event in events {
        let size = event.data.len() + event.meta.len();
        if size > EVENT_BYTES_MAX {
            return invalid(
                "data",
                format!("it has {size} bytes with its metadata, {EVENT_BYTES_MAX} are allowed"),
            );
        }
        total += size;
    }
    if total > APPEND_BYTES_MAX {
        return invalid(
            "events",
            format!("they have {total} bytes together, {APPEND_BYTES_MAX} are allowed"),
        );
    }
    let ids: BTreeSet<EventId> = events.iter().map(|event| event.id).collect();
    if ids.len() < events.len() {
        return invalid("id", "two events of one append have the same".to_owned());
    }
    Ok(())
}
