//! Any decider as an aggregate of `cqrs-es`, and the log as its event store.
//!
//! Of `cqrs-es` this is its [`Aggregate`], [`DomainEvent`] and [`EventStore`]. Its memory store never reports a conflict,
//! its queries lose their news in a crash, and its snapshots apply every event twice: none of them is used.
//!
//! What the trait [`EventStore`] has no room for is carried like this. A [`Store`] is made for one command, from its
//! [`Context`]: tenant, command id, time, actor, journey and cause come from there, and the `metadata` map that `commit`
//! takes must be empty. What was found on loading (the last revision, and the events that this very command recorded
//! earlier) travels in the [`Loaded`] context. An envelope's `metadata` holds the stored metadata, a text per key, beside
//! `event` (its id), `time` and, where it was read from the log, `position`; its `sequence` counts from 1, a revision
//! from 0.
//!
//! [`send`](mod@crate::send) calls [`Store::load`] and [`Store::append`], the typed half of the same store.

use std::collections::HashMap;
use std::fmt;

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, AggregateContext, AggregateError, DomainEvent, EventEnvelope, EventStore};
use domain_model::ids::EventId;
use domain_model::{Context, Decider, Event, Timestamp};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::codec::{DecodeError, Decoded, EncodeError, Metadata};
use crate::ledger::CHUNK_EVENTS;
use crate::{
    AppendError, Appended, Expected, Ledger, Position, Range, ReadError, Recorded, Revision, StreamName,
};

/// A decider's folded state, as an aggregate of `cqrs-es`.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Folded<D: Decider>(pub D::State);

/// A decider's event, as an event of `cqrs-es`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Said<E: Event>(pub E);

/// The event store of one command; see the module.
#[derive(Debug, Clone, Copy)]
pub struct Store<'a> {
    ledger: &'a Ledger,
    context: &'a Context,
}

/// An aggregate as it was loaded.
pub struct Loaded<D: Decider> {
    folded: Folded<D>,
    stream: StreamName,
    last: Option<(Revision, Position)>,
    said: Vec<Placed<D::Event>>,
}

/// An event with its place in its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<E> {
    /// Its revision; two events that an upcast made of one share it.
    pub revision: Revision,
    /// Its id.
    pub id: EventId,
    /// The event.
    pub event: E,
}

/// Why an aggregate could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The log could not be read.
    #[error("the stream could not be read")]
    Read(#[from] ReadError),
    /// One of its events could not be understood.
    #[error("the stream has an event that cannot be used")]
    Decode(#[from] DecodeError),
    /// One of its events is another tenant's. Nothing of the stream is used.
    #[error("stream {stream} has an event of another tenant at position {position}")]
    ForeignTenant {
        /// The stream.
        stream: StreamName,
        /// The event's position.
        position: Position,
    },
}

/// Why events were not stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// They cannot be written in the form in which the log takes them.
    #[error("an event cannot be stored")]
    Encode(#[from] EncodeError),
    /// The log did not take them.
    #[error("the log did not take the events")]
    Append(#[from] AppendError),
}

impl<D: Decider> Default for Folded<D> {
    fn default() -> Self {
        Self(D::State::default())
    }
}

// Derived, it would ask of every decider that it can be printed itself.
impl<D: Decider> fmt::Debug for Folded<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Folded").field(&self.0).finish()
    }
}

impl<D: Decider> fmt::Debug for Loaded<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("stream", &self.stream)
            .field("last", &self.last)
            .field("folded", &self.folded)
            .field("said", &self.said)
            .finish()
    }
}

impl<D: Decider> Aggregate for Folded<D> {
    const TYPE: &'static str = D::CATEGORY;
    type Command = D::Command;
    type Event = Said<D::Event>;
    type Error = D::Rejection;
    type Services = ();

    async fn handle(
        &mut self,
        command: D::Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), D::Rejection> {
        for event in D::decide(&self.0, command)? {
            sink.write(Said(event), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, Said(event): Said<D::Event>) {
        self.0 = D::evolve(std::mem::take(&mut self.0), &event);
    }
}

impl<E: Event> DomainEvent for Said<E> {
    fn event_type(&self) -> String {
        self.0.kind().to_owned()
    }

    fn event_version(&self) -> String {
        self.0.version().to_string()
    }
}

impl<D: Decider> AggregateContext<Folded<D>> for Loaded<D> {
    fn aggregate(&mut self) -> &mut Folded<D> {
        &mut self.folded
    }
}

impl<D: Decider> Loaded<D> {
    /// Returns the place of the last event, none if there is none.
    #[must_use]
    pub fn last(&self) -> Option<(Revision, Position)> {
        self.last
    }

    /// Returns the events that the store's own command recorded here before.
    #[must_use]
    pub fn said(&self) -> &[Placed<D::Event>] {
        &self.said
    }

    /// Returns the events that the store's own command recorded here before.
    #[must_use]
    pub fn into_said(self) -> Vec<Placed<D::Event>> {
        self.said
    }
}

impl<'a> Store<'a> {
    /// Makes the store of one command.
    #[must_use]
    pub fn new(ledger: &'a Ledger, context: &'a Context) -> Self {
        Self { ledger, context }
    }

    /// Folds a stream of the command's tenant.
    ///
    /// # Errors
    /// [`LoadError`].
    pub async fn load<D: Decider>(&self, stream: &StreamName) -> Result<Loaded<D>, LoadError> {
        let mut loaded = Loaded {
            folded: Folded::default(),
            stream: stream.clone(),
            last: None,
            said: Vec::new(),
        };
        self.each::<D::Event>(stream, |recorded, decoded| {
            loaded.last = Some((recorded.revision, recorded.position));
            for event in decoded.events {
                if decoded.metadata.command == self.context.command {
                    loaded.said.push(Placed {
                        revision: recorded.revision,
                        id: recorded.id,
                        event: event.clone(),
                    });
                }
                loaded.folded.apply(Said(event));
            }
        })
        .await?;
        Ok(loaded)
    }

    /// Appends events right after what was loaded, under ids that derive from the command's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn append<D: Decider>(
        &self,
        loaded: &Loaded<D>,
        events: &[D::Event],
    ) -> Result<Appended, StoreError> {
        let encoded = self.ledger.encode(self.context, events).await?;
        let expected = Expected::from(loaded.last.map(|(revision, _)| revision));
        Ok(self
            .ledger
            .log()
            .append(&loaded.stream, expected, encoded)
            .await?)
    }

    async fn each<E: Event>(
        &self,
        stream: &StreamName,
        mut take: impl FnMut(Recorded, Decoded<E>) + Send,
    ) -> Result<(), LoadError> {
        let mut chunks = self
            .ledger
            .log()
            .read_stream(stream, Range::Forwards { after: None }, usize::MAX)
            .ready_chunks(CHUNK_EVENTS);
        while let Some(chunk) = chunks.next().await {
            let recorded: Vec<Recorded> = chunk.into_iter().collect::<Result<_, _>>()?;
            let foreign = recorded.iter().find(|event| event.tenant != self.context.tenant);
            if let Some(event) = foreign {
                return Err(LoadError::ForeignTenant {
                    stream: stream.clone(),
                    position: event.position,
                });
            }
            for (recorded, decoded) in self.ledger.decode(recorded).await? {
                take(recorded, decoded);
            }
        }
        Ok(())
    }

    fn stream<D: Decider>(&self, aggregate_id: &str) -> Result<StreamName, AggregateError<D::Rejection>> {
        StreamName::new(&format!("{}-{}_{aggregate_id}", D::CATEGORY, self.context.tenant))
            .map_err(|refused| AggregateError::UnexpectedError(Box::new(refused)))
    }
}

impl<D: Decider> EventStore<Folded<D>> for Store<'_> {
    type AC = Loaded<D>;

    async fn load_events(
        &self,
        aggregate_id: &str,
    ) -> Result<Vec<EventEnvelope<Folded<D>>>, AggregateError<D::Rejection>> {
        let mut envelopes = Vec::new();
        self.each(
            &self.stream::<D>(aggregate_id)?,
            |recorded, decoded: Decoded<D::Event>| {
                let mut metadata = described(&decoded.metadata, recorded.id, recorded.time);
                metadata.insert("position".to_owned(), recorded.position.to_string());
                envelopes.extend(decoded.events.into_iter().map(|event| EventEnvelope {
                    aggregate_id: aggregate_id.to_owned(),
                    sequence: sequence(recorded.revision),
                    payload: Said(event),
                    metadata: metadata.clone(),
                }));
            },
        )
        .await
        .map_err(not_loaded)?;
        Ok(envelopes)
    }

    async fn load_aggregate(&self, aggregate_id: &str) -> Result<Loaded<D>, AggregateError<D::Rejection>> {
        self.load(&self.stream::<D>(aggregate_id)?)
            .await
            .map_err(not_loaded)
    }

    async fn commit(
        &self,
        events: Vec<Said<D::Event>>,
        context: Loaded<D>,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<Folded<D>>>, AggregateError<D::Rejection>> {
        if let Some(key) = metadata.into_keys().next() {
            return Err(AggregateError::UnexpectedError(
                format!("{key} has no place in the log: metadata comes from the command's context").into(),
            ));
        }
        if events.is_empty() {
            return Ok(vec![]);
        }
        let events: Vec<D::Event> = events.into_iter().map(|Said(event)| event).collect();
        let appended = self.append(&context, &events).await.map_err(not_stored)?;
        let before = events.len() as u64 - 1;
        let first = appended.revision.0.saturating_sub(before);
        let aggregate_id = context.stream.as_str().split_once('_').map_or("", |(_, id)| id);
        Ok((first..)
            .zip(events)
            .enumerate()
            .map(|(place, (revision, event))| EventEnvelope {
                aggregate_id: aggregate_id.to_owned(),
                sequence: sequence(Revision(revision)),
                metadata: self.describe(place, &event),
                payload: Said(event),
            })
            .collect())
    }
}

impl Store<'_> {
    fn describe<E: Event>(&self, place: usize, event: &E) -> HashMap<String, String> {
        let metadata = Metadata::of(self.context, event);
        described(
            &metadata,
            EventId::of(self.context.command, place),
            self.context.time,
        )
    }
}

fn described(metadata: &Metadata, id: EventId, time: Timestamp) -> HashMap<String, String> {
    let stored = match serde_json::to_value(metadata) {
        Ok(Value::Object(stored)) => stored,
        Ok(_) | Err(_) => serde_json::Map::new(),
    };
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    stored
        .into_iter()
        .map(|(key, value)| (key, text(value)))
        .chain([
            ("event".to_owned(), id.to_string()),
            ("time".to_owned(), time.to_string()),
        ])
        .collect()
}

// A count of events in memory fits a machine word.
fn sequence(revision: Revision) -> usize {
    usize::try_from(revision.next().0).unwrap_or(usize::MAX)
}

fn not_loaded<R: std::error::Error>(refused: LoadError) -> AggregateError<R> {
    match refused {
        LoadError::Read(source) => AggregateError::DatabaseConnectionError(Box::new(source)),
        LoadError::Decode(source) => AggregateError::DeserializationError(Box::new(source)),
        LoadError::ForeignTenant { .. } => AggregateError::UnexpectedError(Box::new(refused)),
    }
}

fn not_stored<R: std::error::Error>(refused: StoreError) -> AggregateError<R> {
    match refused {
        StoreError::Append(AppendError::Conflict { .. }) => AggregateError::AggregateConflict,
        StoreError::Append(source) => AggregateError::DatabaseConnectionError(Box::new(source)),
        StoreError::Encode(source) => AggregateError::UnexpectedError(Box::new(source)),
    }
}

#[cfg(test)]
mod tests;
