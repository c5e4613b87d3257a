//! The log in a KurrentDB cluster, for those who run one.
//!
//! How what this crate promises is kept on such a server:
//! - Events are appended one call at a time by the official client (its package is named `eventstore` here), never by
//!   its batches, in which one conflict fails its neighbours. A client whose connection broke is replaced.
//! - All reading is our own client of the same protocol, with a connection for each subscription. A read or a
//!   subscription that breaks goes on from where it was, on a new connection, to whoever leads then; it ends with an
//!   error where nobody answered for as long as [`KurrentConfig::patience`] says, or where asking again cannot help.
//! - An append whose answer was lost is looked for in the log and, where it is not there, sent again at the revision that
//!   was seen, so that the first try and the second are not both recorded.
//! - Positions are pairs, both halves of which are kept. The ends that a range names are left out, whatever the server
//!   includes: reading `$all` forwards it does, backwards and following it does not.
//! - Filters are handed to the server where it can express them, and checked again here. Its own events (`$…`), those
//!   of other programs on the same server, and the stream in which the log keeps its id are never shown.
//! - What cannot be found out in time is [`AppendError::Unknown`]; a repeat tells. After success the last event is read
//!   back, which tells a repeat from a first time. With [`Expected::Any`] the newest 64 events of the stream are looked
//!   through before, and what lies further back is left to the server's memory.
//!
//! An event is stored under its own id and kind; tenant and time stand in front of its metadata, which begins
//! `{"append":"0198c0de-…","tenant":"acme","time":"2026-11-22T10:00:00.000000Z", …`.
//!
//! Servers from 22.10 on will do. Up to 25 they take 1 MiB in one append unless `MaxAppendSize` says otherwise, which
//! is less than [`crate::event_log::APPEND_BYTES_MAX`]; what is too large for them is [`AppendError::Invalid`].

mod append;
mod connection;
mod envelope;
mod follow;
mod keep;
mod link;
mod proto;
mod reader;
mod retry;
mod words;
mod writer;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::event_log::check_append;
use crate::{
    AppendError, Appended, Deliveries, EventLog, Events, Expected, Filter, LogMetadata, NewEvent, Position,
    Range, ReadError, Revision, StreamMetadata, StreamName,
};
use append::Append;
use connection::Connection;
pub use connection::InvalidConnection;
use keep::Keep;
use link::Link;
use words::OWN_CATEGORY;
use writer::Writer;

/// How to reach a cluster.
#[derive(Clone)]
pub struct KurrentConfig {
    /// The official connection string: `kurrentdb://user:password@host:2113,other:2113?tls=true`, `esdb://` as well.
    ///
    /// One host is taken for the leader, several are asked who leads. Unknown settings are refused.
    pub connection: String,
    /// How long an append, or the beginning of an answer, may take before it counts as lost, and how long a server that
    /// does not answer is asked again: longer than the cluster needs to elect a leader, short enough that a caller can
    /// be told. What becomes of a lost append takes at most so long again, and so does the last try of a read.
    pub patience: Duration,
    /// How long a connection may be silent while reading before it is asked for a sign of life, and how long that may
    /// take: after twice this, a subscription on a half-open connection goes on over a new one.
    pub keep_alive: Duration,
}

impl fmt::Debug for KurrentConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KurrentConfig")
            .field("connection", &"‹private›")
            .field("patience", &self.patience)
            .field("keep_alive", &self.keep_alive)
            .finish()
    }
}

/// The log in a KurrentDB cluster.
pub struct KurrentLog {
    link: Arc<Link>,
    writer: Writer,
}

impl KurrentLog {
    /// Prepares to use a cluster. Nobody is called yet, so that we may be started first; use it in a Tokio runtime.
    ///
    /// # Errors
    /// [`InvalidConnection`] if the cluster could never be called like that.
    pub fn open(config: &KurrentConfig) -> Result<Self, InvalidConnection> {
        let connection = Arc::new(Connection::read(config)?);
        Ok(Self {
            link: Arc::new(Link::new(Arc::clone(&connection))),
            writer: Writer::new(connection),
        })
    }

    fn keep(&self) -> Keep<'_> {
        Keep {
            link: &self.link,
            writer: &self.writer,
        }
    }
}

#[async_trait]
impl EventLog for KurrentLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        check_append(&events)?;
        if stream.category() == OWN_CATEGORY {
            return Err(AppendError::Invalid {
                field: "stream",
                reason: format!("the category {OWN_CATEGORY} is the log's own"),
            });
        }
        let append = Append {
            link: &self.link,
            writer: &self.writer,
            stream,
            expected,
        };
        append.send(&events).await
    }

    fn read_stream(&self, stream: &StreamName, range: Range<Revision>, limit: usize) -> Events {
        reader::read_stream(Arc::clone(&self.link), stream, range, limit)
    }

    fn read_all(&self, range: Range<Position>, filter: Filter, limit: usize) -> Events {
        reader::read_all(Arc::clone(&self.link), range, filter, limit)
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> Deliveries {
        follow::subscribe(Arc::clone(&self.link), after, filter)
    }

    async fn tail(&self) -> Result<Option<Position>, ReadError> {
        reader::tail(&self.link).await
    }

    async fn stream_metadata(&self, stream: &StreamName) -> Result<StreamMetadata, ReadError> {
        self.keep().stream_metadata(stream.as_str()).await
    }

    async fn set_stream_metadata(
        &self,
        stream: &StreamName,
        metadata: StreamMetadata,
    ) -> Result<(), AppendError> {
        self.keep().set_stream_metadata(stream.as_str(), &metadata).await
    }

    async fn log_metadata(&self) -> Result<LogMetadata, ReadError> {
        let about = self.keep().about().await?;
        Ok(LogMetadata {
            engine: "kurrent",
            id: about.id.to_string(),
            labels: about.labels,
        })
    }

    async fn set_log_labels(&self, labels: BTreeMap<String, String>) -> Result<(), AppendError> {
        self.keep().set_labels(&labels).await
    }
}
