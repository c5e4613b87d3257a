//! What is kept beside the events: metadata of streams, and what the log says of itself.
//!
//! A stream's metadata is where the server looks for it, in `$$` and the stream's name: `$tb` and our labels under
//! `labels`; whatever else stands there, such as who may read, stays. The log's id and labels are the last event of a
//! stream of our own, [`ABOUT_THE_LOG`], which no reader of the log ever sees.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::{EventData, StreamState};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::link::Link;
use super::reader;
use super::words::Start;
use super::writer::{Failure, Writer};
use crate::{AppendError, ReadError, StreamMetadata};

/// The stream in which the log keeps its id and labels.
pub(super) const ABOUT_THE_LOG: &str = "ledgerline-log";
/// The kind of the events there.
const ABOUT_THE_LOG_KIND: &str = "LogLabelled";
/// The kind that the server expects in metadata streams.
const METADATA_KIND: &str = "$metadata";
/// How often somebody else may change the same at the same time.
const ATTEMPTS_MAX: u32 = 5;

/// What the log says of itself, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) id: Uuid,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
}

/// Reads and replaces the last event of streams that hold one thing each.
pub(super) struct Keep<'a> {
    pub(super) link: &'a Arc<Link>,
    pub(super) writer: &'a Writer,
}

impl Keep<'_> {
    /// Returns what is kept in a stream now, and what the stream is expected to be at for the next.
    async fn last<T: DeserializeOwned>(&self, stream: &str) -> Result<(Option<T>, StreamState), ReadError> {
        let part = reader::part(self.link, stream, Start::Last, 1, 0).await?;
        let Some(last) = part.events.first() else {
            return Ok((None, StreamState::NoStream));
        };
        let value = serde_json::from_slice(&last.0.data).map_err(|wrong| ReadError::Failed {
            source: Box::new(wrong),
        })?;
        Ok((Some(value), StreamState::StreamRevision(last.revision())))
    }

    /// Replaces what is kept, unless somebody else did.
    async fn put<T: Serialize>(
        &self,
        stream: &str,
        kind: &str,
        at: StreamState,
        value: &T,
    ) -> Result<(), Failure> {
        let event = EventData::json(kind, value).map_err(|wrong| Failure::Unknown {
            source: Box::new(wrong),
        })?;
        let event = event.id(Uuid::new_v4());
        self.writer.append(stream, at, &[event]).await.map(|_| ())
    }

    /// Changes what is kept, again if somebody else was faster.
    async fn change<T: DeserializeOwned + Serialize>(
        &self,
        stream: &str,
        kind: &str,
        change: impl Fn(Option<T>) -> T,
    ) -> Result<T, AppendError> {
        let mut attempt = 1;
        loop {
            let (before, at) = self.last(stream).await.map_err(unknown)?;
            let value = change(before);
            match self.put(stream, kind, at, &value).await {
                Ok(()) => return Ok(value),
                Err(Failure::Moved { .. }) if attempt < ATTEMPTS_MAX => attempt += 1,
                Err(Failure::Moved { .. }) => return Err(unknown(contended(stream))),
                Err(Failure::Invalid { reason }) => {
                    return Err(AppendError::Invalid {
                        field: "metadata",
                        reason,
                    });
                }
                Err(Failure::Denied { source } | Failure::Unknown { source }) => {
                    return Err(AppendError::Unknown { source });
                }
            }
        }
    }

    pub(super) async fn stream_metadata(&self, stream: &str) -> Result<StreamMetadata, ReadError> {
        let (metadata, _) = self.last(&metadata_of(stream)).await?;
        Ok(metadata.unwrap_or_default())
    }

    pub(super) async fn set_stream_metadata(
        &self,
        stream: &str,
        metadata: &StreamMetadata,
    ) -> Result<(), AppendError> {
        let ours = match serde_json::to_value(metadata) {
            Ok(Value::Object(ours)) => ours,
            Ok(_) | Err(_) => Map::new(),
        };
        let changed = |before: Option<Map<String, Value>>| {
            let mut all = before.unwrap_or_default();
            all.retain(|key, _| key != "$tb" && key != "labels");
            all.extend(ours.clone());
            all
        };
        let changed = self.change(&metadata_of(stream), METADATA_KIND, changed).await;
        changed.map(|_| ())
    }

    /// Returns what the log says of itself; the first to ask gives it its id.
    pub(super) async fn about(&self) -> Result<About, ReadError> {
        if let (Some(about), _) = self.last(ABOUT_THE_LOG).await? {
            return Ok(about);
        }
        let new = About::new();
        let made = self.put(ABOUT_THE_LOG, ABOUT_THE_LOG_KIND, StreamState::NoStream, &new);
        match made.await {
            Ok(()) => Ok(new),
            Err(Failure::Moved { .. }) => {
                let (about, _) = self.last(ABOUT_THE_LOG).await?;
                about.ok_or_else(|| failed(format!("{ABOUT_THE_LOG} is there and cannot be read")))
            }
            Err(Failure::Invalid { reason }) => Err(failed(reason)),
            Err(Failure::Denied { source } | Failure::Unknown { source }) => {
                Err(ReadError::Failed { source })
            }
        }
    }

    pub(super) async fn set_labels(&self, labels: &BTreeMap<String, String>) -> Result<(), AppendError> {
        let changed = |before: Option<About>| About {
            labels: labels.clone(),
            ..before.unwrap_or_else(About::new)
        };
        let changed = self.change(ABOUT_THE_LOG, ABOUT_THE_LOG_KIND, changed).await;
        changed.map(|_| ())
    }
}

impl About {
    fn new() -> Self {
        Self {
            id: Uuid::new_v4(),
            labels: BTreeMap::new(),
        }
    }
}

fn metadata_of(stream: &str) -> String {
    format!("$${stream}")
}

fn contended(stream: &str) -> ReadError {
    failed(format!(
        "{stream} was changed by others {ATTEMPTS_MAX} times meanwhile"
    ))
}

fn failed(reason: String) -> ReadError {
    ReadError::Failed {
        source: reason.into(),
    }
}

fn unknown(source: ReadError) -> AppendError {
    AppendError::Unknown {
        source: Box::new(source),
    }
}
