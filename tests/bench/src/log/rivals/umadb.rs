//! UmaDB's engine in this process, without its server: an append is refused if its stream has gone on meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{mpsc, oneshot, watch};
use umadb_core::mvcc::{Mvcc, StorageOptions};
use umadb_core::writer_thread_blocking::writer_thread_blocking;
use umadb_core::writer_thread_request::WriterThreadRequest;
use umadb_dcb::{DcbAppendCondition, DcbEvent, DcbQuery, DcbQueryItem};

use super::super::{event, stream};

/// How many events the engine takes into one batch, and how many requests may wait: what its server sets.
const BATCH: usize = 2048;
const WAITING: usize = 1024;

/// A running engine.
#[derive(Debug, Clone)]
pub struct UmaDb {
    requests: mpsc::Sender<WriterThreadRequest>,
    /// The position of each stream's last event; 0: none yet.
    last: Arc<Vec<AtomicU64>>,
}

impl UmaDb {
    /// Makes the database and starts its thread.
    ///
    /// # Errors
    /// What UmaDB said.
    pub fn start(folder: &Path, streams: u64) -> anyhow::Result<Self> {
        let database = Arc::new(Mvcc::new(false, StorageOptions::default().db_path(folder))?);
        let (requests, waiting) = mpsc::channel(WAITING);
        let (head, _) = watch::channel(None);
        std::thread::Builder::new()
            .name("umadb".to_owned())
            .spawn(move || writer_thread_blocking(database, waiting, head, BATCH))?;
        Ok(Self {
            requests,
            last: Arc::new((0..streams).map(|_| AtomicU64::new(0)).collect()),
        })
    }

    /// Waits until one event is safe.
    ///
    /// # Errors
    /// What UmaDB said.
    pub async fn call(&self, to: u64, n: u64) -> anyhow::Result<()> {
        let last = &self.last[usize::try_from(to)?];
        let (to, event) = (stream(to), event(n));
        let tag = to.as_str().to_owned();
        let after = Some(last.load(Ordering::Relaxed)).filter(|position| *position > 0);
        let (response_tx, answered) = oneshot::channel();
        let append = WriterThreadRequest::Append {
            events: vec![
                DcbEvent::new()
                    .event_type(event.kind.as_str())
                    .tags([&tag])
                    .uuid(event.id.uuid())
                    .data(event.data),
            ],
            condition: Some(DcbAppendCondition {
                fail_if_events_match: DcbQuery::with_items([DcbQueryItem::new().tags([&tag])]),
                after,
            }),
            tracking_info: None,
            response_tx,
            cancel: None,
        };
        self.requests.send(append).await?;
        last.store(answered.await??, Ordering::Relaxed);
        Ok(())
    }
}
