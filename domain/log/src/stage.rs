//! What the tests of codec, send and erase play with: a tally that anybody may add to, and a log that makes trouble.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain_model::context::{Actor, Context};
use domain_model::ids::{CommandId, EventId, JourneyId, TenantId};
use domain_model::testing::sample::{at, id};
use domain_model::text::Name;
use domain_model::{Decider, Event as _, EventDoc, Private};
use serde::{Deserialize, Serialize};

use crate::codec::Codec;
use crate::upcast::Upcasts;
use crate::vault::Vault;
use crate::{
    AppendError, Appended, Deliveries, EventLog, Events, Expected, Filter, Ledger, LogMetadata, MemoryLog,
    NewEvent, Position, Range, ReadError, Revision, StreamMetadata, StreamName,
};

/// A count that anybody may add to, and a guest book beside it. It records every command, so that only `send` can keep
/// one from being recorded twice.
#[derive(Debug)]
pub(crate) struct Tally;

domain_model::events! {
    /// What happened to a tally.
    pub enum Event of "Tally" {
        /// Something was added.
        Added {
            /// How much.
            n: u64
        },
        /// Somebody signed.
        Signed {
            /// Their name.
            name: Private<Name>,
            /// Who was with them.
            with: Vec<Private<Name>>
        },
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Command {
    Add {
        n: u64,
    },
    AddTwice {
        n: u64,
    },
    Sign {
        name: Private<Name>,
        with: Vec<Private<Name>>,
    },
    Look,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) sum: u64,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("the sum is {sum} already")]
    TooMuch { sum: u64 },
}

/// The sum from which on nothing more is added.
pub(crate) const ENOUGH: u64 = 1_000_000;

impl Decider for Tally {
    const CATEGORY: &'static str = "tally";
    type Id = JourneyId;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Add { .. } | Command::AddTwice { .. } if state.sum >= ENOUGH => {
                Err(Rejection::TooMuch { sum: state.sum })
            }
            Command::Add { n } => Ok(vec![Event::Added { n }]),
            Command::AddTwice { n } => Ok(vec![Event::Added { n }, Event::Added { n }]),
            Command::Sign { name, with } => Ok(vec![Event::Signed { name, with }]),
            Command::Look => Ok(vec![]),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match event {
            Event::Added { n } => State {
                sum: state.sum.saturating_add(*n),
            },
            Event::Signed { .. } => state,
        }
    }
}

pub(crate) fn acme() -> TenantId {
    TenantId::new("acme").expect("a right tenant")
}

pub(crate) fn tally() -> JourneyId {
    JourneyId::new(id(700))
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a right name")
}

/// The context of the `n`th command.
pub(crate) fn command(n: u128) -> Context {
    Context {
        command: CommandId::new(id(n)),
        tenant: acme(),
        actor: Actor::Customer,
        time: at(0),
        journey: Some(JourneyId::new(id(500))),
        cause: Some(EventId::new(id(600))),
    }
}

/// A codec over a vault in memory, for the model's events and the tally's.
pub(crate) fn codec() -> Codec {
    codec_over(Vault::in_memory(1))
}

/// A codec over a vault, for the model's events and the tally's.
pub(crate) fn codec_over(vault: Vault) -> Codec {
    let kinds = domain_model::catalogue();
    let more: Vec<&'static EventDoc> = Event::CATALOGUE.iter().collect();
    let upcasts = Upcasts::new(kinds.into_iter().chain(more), crate::upcast::STEPS);
    Codec::new(Arc::new(vault), upcasts.expect("this build's chain"))
}

/// A ledger over a log.
pub(crate) fn ledger(log: impl EventLog) -> Ledger {
    Ledger::new(Arc::new(log), codec())
}

/// What befalls one append.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// Nothing.
    None,
    /// It is lost on its way, and nobody says so.
    LostBefore,
    /// It is recorded, and the answer is lost on its way.
    LostAfter,
    /// Somebody else is faster.
    Overtaken,
    /// The disk is full.
    Full,
}

/// A log that has trouble with its appends, one after the other, and then no more.
pub(crate) struct TroubledLog {
    log: MemoryLog,
    codec: Codec,
    troubles: Mutex<VecDeque<Trouble>>,
}

impl TroubledLog {
    pub(crate) fn new(log: MemoryLog, troubles: impl IntoIterator<Item = Trouble>) -> Self {
        Self {
            log,
            codec: codec(),
            troubles: Mutex::new(troubles.into_iter().collect()),
        }
    }

    // Appends an event of a command of its own in front.
    async fn overtake(&self, stream: &StreamName) {
        let other = Context {
            command: CommandId::new(uuid::Uuid::new_v4()),
            ..command(0)
        };
        let event = self.codec.encode(&other, 0, &Event::Added { n: 1 });
        let event = event.expect("it can be stored");
        self.log
            .append(stream, Expected::Any, vec![event])
            .await
            .expect("it is taken");
    }
}

fn lost() -> AppendError {
    AppendError::Unknown {
        source: "the connection broke".into(),
    }
}

#[async_trait]
impl EventLog for TroubledLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        let trouble = self.troubles.lock().expect("nobody panics with it").pop_front();
        match trouble.unwrap_or(Trouble::None) {
            Trouble::None => self.log.append(stream, expected, events).await,
            Trouble::LostBefore => Err(lost()),
            Trouble::LostAfter => {
                self.log.append(stream, expected, events).await?;
                Err(lost())
            }
            Trouble::Overtaken => {
                self.overtake(stream).await;
                self.log.append(stream, expected, events).await
            }
            Trouble::Full => Err(AppendError::Full {
                source: std::io::ErrorKind::StorageFull.into(),
            }),
        }
    }

    fn read_stream(&self, stream: &StreamName, range: Range<Revision>, limit: usize) -> Events {
        self.log.read_stream(stream, range, limit)
    }

    fn read_all(&self, range: Range<Position>, filter: Filter, limit: usize) -> Events {
        self.log.read_all(range, filter, limit)
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> Deliveries {
        self.log.subscribe(after, filter)
    }

    async fn tail(&self) -> Result<Option<Position>, ReadError> {
        self.log.tail().await
    }

    async fn stream_metadata(&self, stream: &StreamName) -> Result<StreamMetadata, ReadError> {
        self.log.stream_metadata(stream).await
    }

    async fn set_stream_metadata(
        &self,
        stream: &StreamName,
        metadata: StreamMetadata,
    ) -> Result<(), AppendError> {
        self.log.set_stream_metadata(stream, metadata).await
    }

    async fn log_metadata(&self) -> Result<LogMetadata, ReadError> {
        self.log.log_metadata().await
    }

    async fn set_log_labels(&self, labels: BTreeMap<String, String>) -> Result<(), AppendError> {
        self.log.set_log_labels(labels).await
    }
}
