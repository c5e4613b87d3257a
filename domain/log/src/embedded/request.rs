//! An append before it comes to the committing thread: all is done for it that can be done by whoever appends.

use std::sync::Arc;

use domain_model::ids::EventId;
use tokio::sync::oneshot;

use super::index::{Index, Reach, RunError};
use super::record::{self, StreamKey, id_hash};
use super::store::{Store, Trouble};
use crate::{AppendError, Appended, Expected, NewEvent, StreamName};

/// An append on its way to the committing thread, with all done for it that can be done outside.
pub(super) struct Request {
    pub(super) stream: StreamName,
    pub(super) key: StreamKey,
    pub(super) expected: Expected,
    /// The events' ids, and their keys in the index.
    pub(super) ids: Vec<(EventId, u64)>,
    /// The events' records, which lack only their places.
    pub(super) records: Vec<u8>,
    pub(super) seen: Seen,
    pub(super) answer: oneshot::Sender<Result<Appended, AppendError>>,
}

/// What the index said about an append's stream and ids when the log had come to a position.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    /// The position; what came later has to be looked for.
    pub(super) as_of: u64,
    /// The revision of the stream's last record; `None` where nobody asked, for it was remembered.
    pub(super) last: Option<Option<u32>>,
    /// One of the ids, or another one with the same key, is there.
    pub(super) id: bool,
}

impl Request {
    /// Prepares an append; looks up, away from the committing thread, what that thread would have to ask the disk.
    pub(super) async fn prepare(
        store: &Arc<Store>,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
        answer: oneshot::Sender<Result<Appended, AppendError>>,
    ) -> Result<Self, AppendError> {
        let key = StreamKey::of(stream.as_str());
        let ids: Vec<_> = events.iter().map(|event| (event.id, id_hash(event.id))).collect();
        let seen = Seen::of(store, key, expected, &ids).await?;
        let mut records = Vec::new();
        for event in &events {
            record::encode(&mut records, stream, key, event);
        }
        Ok(Self {
            stream: stream.clone(),
            key,
            expected,
            ids,
            records,
            seen,
            answer,
        })
    }
}

impl Seen {
    async fn of(
        store: &Arc<Store>,
        key: StreamKey,
        expected: Expected,
        ids: &[(EventId, u64)],
    ) -> Result<Self, AppendError> {
        let stream = store.heads.get(key).is_none().then_some(key);
        // Only an append that expects nothing is told by its ids from one that is said again.
        let ids = if expected == Expected::Any { ids } else { &[] };
        if stream.is_none() && ids.is_empty() {
            return Ok(Self::default());
        }
        // Read first: what is recorded meanwhile may be found or not, and is looked for again.
        let as_of = store.safe_next();
        let in_memory = Self::look(&store.index, as_of, stream, ids, Reach::Memory);
        if let Ok(seen) = in_memory {
            return Ok(seen);
        }
        let (store, ids) = (Arc::clone(store), ids.to_vec());
        let on_disk = move || store.ask(|index| Self::look(index, as_of, stream, &ids, Reach::Disk));
        tokio::task::spawn_blocking(on_disk)
            .await
            .map_err(|lost| AppendError::Unknown { source: lost.into() })?
            .map_err(unreadable)
    }

    fn look(
        index: &Index,
        as_of: u64,
        stream: Option<StreamKey>,
        ids: &[(EventId, u64)],
        reach: Reach,
    ) -> Result<Self, RunError> {
        let last = stream.map(|key| index.last(key, 0, reach)).transpose()?;
        let mut id = false;
        for (_, key) in ids {
            id = id || index.has_id(*key, 0, reach)?;
        }
        Ok(Self { as_of, last, id })
    }
}

pub(super) fn unreadable(trouble: Trouble) -> AppendError {
    AppendError::Unknown {
        source: trouble.into(),
    }
}
