//! The one way from a command to the log: load, decide, append.
//!
//! A command may be repeated, by the same [`Context`]: the events that it recorded are answered again and nothing is
//! decided. Two commands that meet at one aggregate take turns: who comes second loads what the first one recorded and
//! decides again. When the log does not say whether it took the events, the stream is read again, and says it.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate as _, AggregateContext as _};
use domain_model::ids::{EventId, PersonId};
use domain_model::{Context, Decider};
use tracing::Instrument as _;

use crate::aggregate::{Folded, LoadError, Loaded, Placed, Said, Store, StoreError};
use crate::codec::{DecodeError, EncodeError};
use crate::vault::{SealError, UnsealError};
use crate::{AppendError, Appended, Ledger, Position, ReadError, Revision, StreamName};

/// How often a command is decided again after somebody else was faster.
pub const AGAIN_MAX: usize = 3;

/// What a command led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent<E> {
    /// What it recorded, now or when it was first said; empty if it was already so.
    pub events: Vec<Placed<E>>,
    /// Whoever wants to see what the command led to waits for this position; none if the stream is empty.
    pub position: Option<Position>,
    /// Whether it had been recorded before.
    pub repeated: bool,
}

/// Why a command led to nothing.
#[derive(Debug, thiserror::Error)]
pub enum SendError<R: std::error::Error + 'static> {
    /// The domain said no.
    #[error(transparent)]
    Rejected(R),
    /// It would have recorded personal data of somebody who was erased; whoever they are now has another id.
    #[error("person {person} was erased, and nothing new may be kept of them")]
    Erased {
        /// The person.
        person: PersonId,
    },
    /// Others were faster, time and again. Trying again helps.
    #[error("others were faster at stream {stream}, {times} times in a row")]
    Contended {
        /// The stream.
        stream: StreamName,
        /// How often it was decided.
        times: usize,
    },
    /// The aggregate could not be loaded.
    #[error("stream {stream} could not be loaded")]
    Load {
        /// The stream.
        stream: StreamName,
        /// Why.
        source: LoadError,
    },
    /// Its events cannot be written in the form in which the log takes them.
    #[error("the events for stream {stream} cannot be stored")]
    Encode {
        /// The stream.
        stream: StreamName,
        /// Why.
        source: EncodeError,
    },
    /// The log did not take its events, or did not say whether.
    #[error("the events for stream {stream} were not appended")]
    Append {
        /// The stream.
        stream: StreamName,
        /// Why; after [`AppendError::Unknown`] alone they may have been recorded, and sending again tells.
        source: AppendError,
    },
}

impl<R: std::error::Error + 'static> SendError<R> {
    /// Says whether sending the same again, later, can help.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Rejected(_) | Self::Erased { .. } => false,
            Self::Contended { .. } => true,
            Self::Load { source, .. } => matches!(
                source,
                LoadError::Read(ReadError::Failed { .. })
                    | LoadError::Decode(DecodeError::Unseal {
                        source: UnsealError::Failed(_),
                        ..
                    })
            ),
            Self::Encode { source, .. } => matches!(
                source,
                EncodeError::Seal {
                    source: SealError::Failed(_),
                    ..
                }
            ),
            Self::Append { source, .. } => match source {
                AppendError::Conflict { .. } | AppendError::Full { .. } | AppendError::Unknown { .. } => true,
                AppendError::Invalid { .. } | AppendError::Stopped { .. } | AppendError::ReadOnly => false,
            },
        }
    }
}

/// Sends a command to one aggregate of its tenant.
///
/// Returns once what it led to is safe in the log. Said twice, it is recorded once.
/// # Errors
/// [`SendError`]; nothing was recorded, unless the log did not say ([`AppendError::Unknown`]).
pub async fn send<D: Decider>(
    ledger: &Ledger,
    context: &Context,
    id: D::Id,
    command: D::Command,
) -> Result<Sent<D::Event>, SendError<D::Rejection>> {
    let stream = StreamName::of::<D>(&context.tenant, id);
    let span = tracing::debug_span!("send", %stream, command.id = %context.command);
    deliver::<D>(ledger, context, stream, command)
        .instrument(span)
        .await
}

async fn deliver<D: Decider>(
    ledger: &Ledger,
    context: &Context,
    stream: StreamName,
    command: D::Command,
) -> Result<Sent<D::Event>, SendError<D::Rejection>> {
    let store = Store::new(ledger, context);
    let mut refused = None;
    let mut in_doubt = false;
    for _ in 0..=AGAIN_MAX {
        let mut loaded = load::<D>(&store, &stream).await?;
        if !loaded.said().is_empty() {
            return Ok(answer(loaded, !in_doubt));
        }
        let events = decide(&mut loaded, command.clone()).await?;
        if events.is_empty() {
            return Ok(answer(loaded, false));
        }
        match store.append(&loaded, &events).await {
            // The log knows these ids: the same command came by another way meanwhile. The stream says what it recorded.
            Ok(appended) if appended.repeated => {}
            Ok(appended) => {
                tracing::debug!(position = %appended.position, "{} events appended", events.len());
                return Ok(placed(context, &loaded, events, appended));
            }
            Err(StoreError::Append(source @ AppendError::Conflict { .. })) => refused = Some(source),
            Err(StoreError::Append(source @ AppendError::Unknown { .. })) => {
                in_doubt = true;
                refused = Some(source);
            }
            Err(source) => return Err(not_stored(stream, source)),
        }
    }
    let loaded = load::<D>(&store, &stream).await?;
    if !loaded.said().is_empty() {
        return Ok(answer(loaded, !in_doubt));
    }
    match refused {
        Some(source @ AppendError::Unknown { .. }) => Err(SendError::Append { stream, source }),
        Some(_) | None => Err(SendError::Contended {
            stream,
            times: AGAIN_MAX + 1,
        }),
    }
}

async fn load<D: Decider>(
    store: &Store<'_>,
    stream: &StreamName,
) -> Result<Loaded<D>, SendError<D::Rejection>> {
    store.load(stream).await.map_err(|source| SendError::Load {
        stream: stream.clone(),
        source,
    })
}

async fn decide<D: Decider>(
    loaded: &mut Loaded<D>,
    command: D::Command,
) -> Result<Vec<D::Event>, SendError<D::Rejection>> {
    let sink = EventSink::<Folded<D>>::default();
    loaded
        .aggregate()
        .handle(command, &(), &sink)
        .await
        .map_err(SendError::Rejected)?;
    let said = sink.collect().await;
    Ok(said.into_iter().map(|Said(event)| event).collect())
}

// Answers with what stands in the stream, from the command's first saying or from nobody's.
fn answer<D: Decider>(loaded: Loaded<D>, before: bool) -> Sent<D::Event> {
    let position = loaded.last().map(|(_, position)| position);
    let events = loaded.into_said();
    Sent {
        repeated: before && !events.is_empty(),
        events,
        position,
    }
}

fn placed<D: Decider>(
    context: &Context,
    loaded: &Loaded<D>,
    events: Vec<D::Event>,
    appended: Appended,
) -> Sent<D::Event> {
    let first = loaded.last().map_or(Revision(0), |(revision, _)| revision.next());
    let events = (first.0..)
        .zip(events)
        .enumerate()
        .map(|(place, (revision, event))| Placed {
            revision: Revision(revision),
            id: EventId::of(context.command, place),
            event,
        })
        .collect();
    Sent {
        events,
        position: Some(appended.position),
        repeated: false,
    }
}

fn not_stored<R: std::error::Error + 'static>(stream: StreamName, refused: StoreError) -> SendError<R> {
    match refused {
        StoreError::Encode(EncodeError::Erased { person, .. }) => SendError::Erased { person },
        StoreError::Encode(source) => SendError::Encode { stream, source },
        StoreError::Append(source) => SendError::Append { stream, source },
    }
}

#[cfg(test)]
mod tests;
