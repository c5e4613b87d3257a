//! Moves what a log holds into another log: at once by [`copy`], or through a [`mod@file`].
//!
//! Events arrive in the same global order, with the same ids and revisions and to the byte: what is sealed stays sealed.
//! Positions are the new log's own, so a checkpoint of the old one is worth nothing there. Metadata of streams that have
//! an event and the log's labels come along; the log's id does not.
//!
//! All of it may break off and be done again: what has arrived is compared, not written twice. The receiving log is
//! therefore empty, or holds the beginning of the other as an earlier attempt left it, and nobody else writes to it.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::event_log::APPEND_BYTES_MAX;
use crate::{
    AppendError, EventLog, Events, Expected, Filter, NewEvent, Position, Range, ReadError, Recorded,
    Revision, StreamMetadata, StreamName,
};

pub mod file;

/// The most events that are appended together. They follow each other in one stream, so order is kept.
const TOGETHER_MAX: usize = 256;
/// After how many events that were there already progress is told.
const TELL_EVERY: u64 = 4096;

/// How far a copy has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many events have arrived, with those of earlier attempts.
    pub events: u64,
    /// Up to which position of the log that is copied.
    pub position: Position,
}

/// What a copy came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// How many events have arrived, with those of earlier attempts.
    pub events: u64,
    /// How many of them this attempt wrote.
    pub written: u64,
    /// The last position of the log that was copied; what it took in since then has not arrived.
    pub up_to: Option<Position>,
}

/// Why a copy broke off. What has arrived stays, and the next attempt goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The log that is copied could not be read.
    #[error("the log to copy from could not be read")]
    From(#[source] ReadError),
    /// The receiving log could not be read.
    #[error("the log to copy to could not be read")]
    To(#[source] ReadError),
    /// The receiving log holds something else. Nothing was written; trying again does not help.
    #[error("the log to copy to holds another event at position {position}: its {field} differs")]
    Different {
        /// Where in the receiving log.
        position: Position,
        /// What differs first.
        field: &'static str,
    },
    /// The log that is copied has removed events for good, so that revisions cannot stay the same.
    #[error("stream {stream} begins at revision {revision}: what stood before it is gone")]
    HeadGone {
        /// The stream.
        stream: StreamName,
        /// Its first revision that is left.
        revision: Revision,
    },
    /// The receiving log took no events.
    #[error("stream {stream} could not be written at revision {revision}")]
    Append {
        /// The stream.
        stream: StreamName,
        /// The first revision that was to be written.
        revision: Revision,
        /// What the log said.
        source: AppendError,
    },
    /// The receiving log took the events and no metadata.
    #[error("the metadata of {of} could not be written")]
    Metadata {
        /// Whose: a stream's name, or `the log`.
        of: String,
        /// What the log said.
        source: AppendError,
    },
}

/// Copies everything that one log holds now into another, and tells how far it has come after each append.
///
/// Appends go one after the other, for that is what keeps the order: a log that acknowledges 2 000 appends a second to
/// one writer takes no more than that here, unless events of one stream follow each other.
///
/// # Errors
/// [`CopyError`]; call again to go on.
pub async fn copy(
    from: &dyn EventLog,
    to: &dyn EventLog,
    progress: impl FnMut(Progress),
) -> Result<Copied, CopyError> {
    let mut events = from.read_all(Range::Forwards { after: None }, Filter::default(), usize::MAX);
    let mut receiver = Receiver::new(to, progress);
    let mut beside = vec![];
    while let Some(event) = events.try_next().await.map_err(CopyError::From)? {
        beside.extend(metadata_at_head(from, &event).await.map_err(CopyError::From)?);
        receiver.take(event).await?;
    }
    receiver.flush().await?;
    for (stream, metadata) in &beside {
        receiver.set_stream_metadata(stream, metadata).await?;
    }
    let labels = from.log_metadata().await.map_err(CopyError::From)?.labels;
    receiver.set_labels(labels).await?;
    Ok(receiver.copied)
}

// Asked for once a stream, at its first event; only what was set is kept, so that memory does not grow with the streams.
async fn metadata_at_head(
    log: &dyn EventLog,
    event: &Recorded,
) -> Result<Option<(StreamName, StreamMetadata)>, ReadError> {
    if event.revision > Revision(0) {
        return Ok(None);
    }
    let metadata = log.stream_metadata(&event.stream).await?;
    Ok((metadata != StreamMetadata::default()).then(|| (event.stream.clone(), metadata)))
}

/// Takes events in their order into a log that may hold the first of them already.
struct Receiver<'a, P> {
    to: &'a dyn EventLog,
    // What the log holds and nobody has compared yet; none once it has been read to its end.
    there: Option<Events>,
    // Events of one stream that follow each other and are to be appended.
    waiting: Vec<Recorded>,
    waiting_bytes: usize,
    copied: Copied,
    progress: P,
}

impl<'a, P: FnMut(Progress)> Receiver<'a, P> {
    fn new(to: &'a dyn EventLog, progress: P) -> Self {
        Self {
            to,
            there: Some(to.read_all(Range::Forwards { after: None }, Filter::default(), usize::MAX)),
            waiting: vec![],
            waiting_bytes: 0,
            copied: Copied::default(),
            progress,
        }
    }

    async fn take(&mut self, event: Recorded) -> Result<(), CopyError> {
        if let Some(there) = self.next_there().await? {
            if let Some(field) = difference(&there, &event) {
                return Err(CopyError::Different {
                    position: there.position,
                    field,
                });
            }
            self.arrived(1, event.position);
            if self.copied.events.is_multiple_of(TELL_EVERY) {
                self.tell(event.position);
            }
            return Ok(());
        }
        if !self.goes_with_those_waiting(&event) {
            self.flush().await?;
        }
        self.waiting_bytes += size(&event);
        self.waiting.push(event);
        Ok(())
    }

    async fn next_there(&mut self) -> Result<Option<Recorded>, CopyError> {
        let Some(there) = &mut self.there else {
            return Ok(None);
        };
        let next = there.next().await.transpose().map_err(CopyError::To)?;
        if next.is_none() {
            self.there = None;
        }
        Ok(next)
    }

    fn goes_with_those_waiting(&self, event: &Recorded) -> bool {
        self.waiting.last().is_some_and(|last| {
            last.stream == event.stream
                && last.revision.next() == event.revision
                && self.waiting.len() < TOGETHER_MAX
                && self.waiting_bytes + size(event) <= APPEND_BYTES_MAX
                && self.waiting.iter().all(|waiting| waiting.id != event.id)
        })
    }

    async fn flush(&mut self) -> Result<(), CopyError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let (Some(first), Some(last)) = (waiting.first(), waiting.last()) else {
            return Ok(());
        };
        let (stream, revision, position) = (first.stream.clone(), first.revision, last.position);
        let count = waiting.len() as u64;
        let expected = Expected::from(revision.0.checked_sub(1).map(Revision));
        let events = waiting.into_iter().map(anew).collect();
        match self.to.append(&stream, expected, events).await {
            Ok(_) => {
                self.copied.written += count;
                self.arrived(count, position);
                self.tell(position);
                Ok(())
            }
            Err(AppendError::Conflict { actual, .. }) if actual.map_or(0, |last| last.0 + 1) < revision.0 => {
                Err(CopyError::HeadGone { stream, revision })
            }
            Err(source) => Err(CopyError::Append {
                stream,
                revision,
                source,
            }),
        }
    }

    fn arrived(&mut self, count: u64, position: Position) {
        self.copied.events += count;
        self.copied.up_to = Some(position);
    }

    fn tell(&mut self, position: Position) {
        (self.progress)(Progress {
            events: self.copied.events,
            position,
        });
    }

    // After the events: what is hidden may be removed by some logs, and would then no longer be there to compare.
    async fn set_stream_metadata(
        &self,
        stream: &StreamName,
        metadata: &StreamMetadata,
    ) -> Result<(), CopyError> {
        if self.to.stream_metadata(stream).await.map_err(CopyError::To)? == *metadata {
            return Ok(());
        }
        let setting = self.to.set_stream_metadata(stream, metadata.clone());
        setting.await.map_err(|source| CopyError::Metadata {
            of: stream.to_string(),
            source,
        })
    }

    // Labels that only the receiving log has stay.
    async fn set_labels(&self, labels: BTreeMap<String, String>) -> Result<(), CopyError> {
        let before = self.to.log_metadata().await.map_err(CopyError::To)?.labels;
        let mut wanted = before.clone();
        wanted.extend(labels);
        if wanted == before {
            return Ok(());
        }
        let setting = self.to.set_log_labels(wanted);
        setting.await.map_err(|source| CopyError::Metadata {
            of: "the log".to_owned(),
            source,
        })
    }
}

fn size(event: &Recorded) -> usize {
    event.meta.len() + event.data.len()
}

fn anew(event: Recorded) -> NewEvent {
    NewEvent {
        id: event.id,
        kind: event.kind,
        tenant: event.tenant,
        time: event.time,
        meta: event.meta,
        data: event.data,
    }
}

fn difference(one: &Recorded, other: &Recorded) -> Option<&'static str> {
    let same = [
        ("stream", one.stream == other.stream),
        ("revision", one.revision == other.revision),
        ("id", one.id == other.id),
        ("kind", one.kind == other.kind),
        ("tenant", one.tenant == other.tenant),
        ("time", one.time == other.time),
        ("metadata", one.meta == other.meta),
        ("payload", one.data == other.data),
    ];
    same.into_iter().find(|(_, same)| !same).map(|(field, _)| field)
}

#[cfg(test)]
#[cfg(feature = "contract")]
mod tests;
