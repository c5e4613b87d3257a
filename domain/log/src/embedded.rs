//! The embedded log, the default: segments on one disk, one committing thread, no server.
//!
//! What was acknowledged is on the disk. Other processes may read while this one writes. The format is described byte by byte in `docs/log-format.md`.
//!
//! Reading order: [`disk`] (what is asked of a disk), `record`, `segment`, `scan`, `index`, `store` (reading),
//! `request` and `writer` (appending), with `heads` and `spares` at its side, `open` (recovery), `follow` (reading while
//! another writes).

mod copy;
pub mod disk;
#[cfg(feature = "contract")]
pub mod faulty;
mod follow;
mod heads;
mod index;
mod metadata;
mod open;
mod record;
mod request;
mod scan;
mod segment;
mod spares;
mod store;
mod writer;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::sync::{mpsc as async_mpsc, oneshot};

use crate::event_log::{Range, check_append};
use crate::{
    AppendError, Appended, Deliveries, Delivery, EventLog, Events, Expected, Filter, LogMetadata, NewEvent,
    Position, ReadError, Recorded, Revision, StreamMetadata, StreamName,
};
pub use copy::{Verified, copy, verify, verify_on};
use disk::{Disk, RealDisk};
use follow::Follower;
use metadata::MetadataFile;
pub use open::OpenError;
use request::Request;
use segment::Paths;
use store::{Page, Store, Trouble};
use writer::Writer;

/// How many appends may wait for the committing thread before the next one waits to be let in.
const WAITING_MAX: usize = 8192;
/// The smallest segment; one that has to hold a larger append is made larger.
const SEGMENT_BYTES_MIN: u64 = 64 << 10;

/// How an embedded log is kept.
#[derive(Debug, Clone)]
pub struct EmbeddedConfig {
    /// The folder that is its own; made if it is not there.
    pub folder: PathBuf,
    /// The largest segment in bytes, 64 KiB to 1 GiB; 64 MiB is a good size: an open reads the last one whole.
    pub segment_bytes: u64,
}

/// The embedded log.
pub struct EmbeddedLog {
    store: Arc<Store>,
    metadata: Arc<MetadataFile>,
    /// `None` where it is open for reading only.
    writer: Option<WriterHandle>,
    _follower: Option<Follower>,
}

struct WriterHandle {
    /// `None` once closing.
    requests: Option<async_mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
    upkeep: Option<JoinHandle<()>>,
}

impl EmbeddedLog {
    /// Opens the log for reading and writing; makes it where there is none.
    ///
    /// An append that a crash cut short is removed; damage to anything that had been acknowledged is an error.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(config: &EmbeddedConfig) -> Result<Self, OpenError> {
        Self::open_on(Arc::new(RealDisk), config)
    }

    /// Opens the log on a disk of the caller's.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_on(disk: Arc<dyn Disk>, config: &EmbeddedConfig) -> Result<Self, OpenError> {
        let segment_bytes = config.segment_bytes.clamp(SEGMENT_BYTES_MIN, 1 << 30);
        let paths = Paths {
            root: config.folder.clone(),
        };
        disk.make_folder(&paths.segments())?;
        disk.make_folder(&paths.index())?;
        let lock = disk.lock(&paths.lock())?.ok_or(OpenError::Locked)?;
        let log = open::identity(&*disk, &paths, true)?;
        disk.sync_folder(&paths.root)?;
        let metadata = MetadataFile::open(&*disk, &paths, true)?;
        let opened = open::find(disk, paths, log, true)?;
        let (tidy_up, due) = mpsc::channel();
        let writer = Writer::new(
            Arc::clone(&opened.store),
            open::start(&opened, segment_bytes)?,
            tidy_up.clone(),
        )?;
        let store = opened.store;
        let upkeep = spawn("log-upkeep", {
            let store = Arc::clone(&store);
            move || keep_index(&store, &due)
        })?;
        // Segments that were full before may still lack their runs.
        let _ = tidy_up.send(());
        drop(tidy_up);
        let (requests, waiting) = async_mpsc::channel(WAITING_MAX);
        let thread = spawn("log-writer", move || {
            writer.run(waiting);
            drop(lock);
        })?;
        let writer = WriterHandle {
            requests: Some(requests),
            thread: Some(thread),
            upkeep: Some(upkeep),
        };
        Ok(Self {
            store,
            metadata: Arc::new(metadata),
            writer: Some(writer),
            _follower: None,
        })
    }

    /// Opens the log for reading only, and follows what another process writes to it.
    ///
    /// An event is seen here a few hundredths of a second after it was acknowledged there.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_read_only(config: &EmbeddedConfig) -> Result<Self, OpenError> {
        Self::open_read_only_on(Arc::new(RealDisk), config)
    }

    /// Opens the log for reading only on a disk of the caller's.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_read_only_on(disk: Arc<dyn Disk>, config: &EmbeddedConfig) -> Result<Self, OpenError> {
        let paths = Paths {
            root: config.folder.clone(),
        };
        let log = open::identity(&*disk, &paths, false)?;
        let metadata = MetadataFile::open(&*disk, &paths, false)?;
        let opened = open::find(disk, paths, log, false)?;
        let store = Arc::clone(&opened.store);
        let follower = Follower::start(opened)?;
        Ok(Self {
            store,
            metadata: Arc::new(metadata),
            writer: None,
            _follower: Some(follower),
        })
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work)
}

fn keep_index(store: &Store, due: &mpsc::Receiver<()>) {
    for () in due {
        if let Err(failed) = store.tidy_up_index() {
            // What has no file stays in memory, and is tried again with the next full segment.
            tracing::warn!(log.id = %store.log, error = %failed, "the index could not be put in order");
        }
    }
}

impl Drop for WriterHandle {
    // What was sent is still written; then the lock is free for whoever opens the log next.
    fn drop(&mut self) {
        self.requests = None;
        for thread in [self.thread.take(), self.upkeep.take()].into_iter().flatten() {
            let _ = thread.join();
        }
    }
}

/// Reads pages on a thread that may block, one after the other, and hands out what is in them.
fn pages<P, F>(first: Option<P>, limit: usize, read: F) -> Events
where
    P: Send + 'static,
    F: Fn(P, usize) -> Result<Page<P>, Trouble> + Send + Sync + 'static,
{
    let read = Arc::new(read);
    let start = (VecDeque::new(), first, limit);
    stream::unfold(start, move |(mut buffer, mut next, mut left)| {
        let read = Arc::clone(&read);
        async move {
            loop {
                if let Some(event) = buffer.pop_front() {
                    return Some((Ok(event), (buffer, next, left)));
                }
                let place = next.take().filter(|_| left > 0)?;
                let read = Arc::clone(&read);
                match blocking(move || read(place, left)).await {
                    Ok(page) => {
                        left = left.saturating_sub(page.events.len());
                        buffer.extend(page.events);
                        next = page.next;
                    }
                    Err(failed) => return Some((Err(failed), (buffer, None, 0))),
                }
            }
        }
    })
    .boxed()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, ReadError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(ReadError::from),
        Err(lost) => Err(ReadError::Failed { source: lost.into() }),
    }
}

#[async_trait]
impl EventLog for EmbeddedLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        check_append(&events)?;
        let requests = self
            .writer
            .as_ref()
            .and_then(|writer| writer.requests.as_ref())
            .ok_or(AppendError::ReadOnly)?;
        let (answer, answered) = oneshot::channel();
        let request = Request::prepare(&self.store, stream, expected, events, answer).await?;
        let gone = || AppendError::Unknown {
            source: "the committing thread is gone".into(),
        };
        requests.send(request).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    fn read_stream(&self, stream: &StreamName, range: Range<Revision>, limit: usize) -> Events {
        let (store, stream) = (Arc::clone(&self.store), stream.clone());
        let hidden = self
            .metadata
            .stream(&stream)
            .truncate_before
            .map_or(0, |revision| revision.0);
        pages(Some(range), limit, move |range, limit| {
            store.page_stream(&stream, range, hidden, limit)
        })
    }

    fn read_all(&self, range: Range<Position>, filter: Filter, limit: usize) -> Events {
        let store = Arc::clone(&self.store);
        let end = store.safe_next();
        match range {
            Range::Forwards { after } => {
                let from = after.map_or(0, |after| after.commit().saturating_add(1));
                pages((from < end).then_some(from), limit, move |from, limit| {
                    store.page_forwards(from, end, &filter, limit)
                })
            }
            Range::Backwards { before } => {
                let before = before.map_or(end, |before| before.commit().min(end));
                pages((before > 0).then_some(before), limit, move |before, limit| {
                    store.page_backwards(before, &filter, limit)
                })
            }
        }
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> Deliveries {
        let from = after.map_or(0, |after| after.commit().saturating_add(1));
        let subscription = Subscription {
            safe: self.store.safe.subscribe(),
            store: Arc::clone(&self.store),
            filter: Arc::new(filter),
            next: from,
            live: false,
            ready: VecDeque::new(),
        };
        stream::unfold(Some(subscription), |subscription| async move {
            let mut subscription = subscription?;
            match subscription.next().await {
                Ok(delivery) => Some((Ok(delivery), Some(subscription))),
                Err(failed) => Some((Err(failed), None)),
            }
        })
        .boxed()
    }

    async fn tail(&self) -> Result<Option<Position>, ReadError> {
        Ok(self.store.safe_next().checked_sub(1).map(Position::at))
    }

    async fn stream_metadata(&self, stream: &StreamName) -> Result<StreamMetadata, ReadError> {
        Ok(self.metadata.stream(stream))
    }

    async fn set_stream_metadata(
        &self,
        stream: &StreamName,
        metadata: StreamMetadata,
    ) -> Result<(), AppendError> {
        let (file, stream) = (Arc::clone(&self.metadata), stream.clone());
        written(tokio::task::spawn_blocking(move || file.set_stream(stream, metadata)).await)
    }

    async fn log_metadata(&self) -> Result<LogMetadata, ReadError> {
        Ok(LogMetadata {
            engine: "embedded",
            id: self.store.log.to_string(),
            labels: self.metadata.labels(),
        })
    }

    async fn set_log_labels(&self, labels: BTreeMap<String, String>) -> Result<(), AppendError> {
        let file = Arc::clone(&self.metadata);
        written(tokio::task::spawn_blocking(move || file.set_labels(labels)).await)
    }
}

fn written(outcome: Result<io::Result<bool>, tokio::task::JoinError>) -> Result<(), AppendError> {
    match outcome {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(AppendError::ReadOnly),
        Ok(Err(full)) if writer::is_full(&full) => Err(AppendError::Full { source: full }),
        Ok(Err(failed)) => Err(AppendError::Unknown {
            source: failed.into(),
        }),
        Err(lost) => Err(AppendError::Unknown { source: lost.into() }),
    }
}

/// Where a subscription stands.
struct Subscription {
    store: Arc<Store>,
    safe: tokio::sync::watch::Receiver<store::Safe>,
    filter: Arc<Filter>,
    next: u64,
    live: bool,
    ready: VecDeque<Delivery>,
}

impl Subscription {
    async fn next(&mut self) -> Result<Delivery, ReadError> {
        loop {
            if let Some(delivery) = self.ready.pop_front() {
                return Ok(delivery);
            }
            let safe = *self.safe.borrow_and_update();
            if self.next < safe.next {
                self.read_page(safe.next).await?;
            } else if !self.live {
                self.live = true;
                return Ok(Delivery::CaughtUp(self.next.checked_sub(1).map(Position::at)));
            } else if safe.closed || self.safe.changed().await.is_err() {
                return Err(ReadError::Failed {
                    source: "the log was closed".into(),
                });
            }
        }
    }

    async fn read_page(&mut self, end: u64) -> Result<(), ReadError> {
        let (store, filter, from) = (Arc::clone(&self.store), Arc::clone(&self.filter), self.next);
        let page = blocking(move || store.page_forwards(from, end, &filter, usize::MAX)).await?;
        self.next = page.next.unwrap_or(end);
        let reached = Position::at(self.next - 1);
        let behind = page
            .events
            .last()
            .is_none_or(|last: &Recorded| last.position < reached);
        self.ready.extend(page.events.into_iter().map(Delivery::Event));
        // What was left out is told too, so that a checkpoint moves on where nothing passes the filter.
        if behind {
            self.ready.push_back(Delivery::Checkpoint(reached));
        }
        Ok(())
    }
}
