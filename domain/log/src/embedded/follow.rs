//! Reading while another process writes: new records are looked for as the writer's mark moves on.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::index;
use super::open::Opened;
use super::record::Hash;
use super::scan::{Scan, Step};
use super::segment::{self, Mark, RECORDS_AT, Segment};
use super::store::{Store, Trouble, index_record};

/// How often the mark is looked at; a follower sees an event this much later at most.
const EVERY: Duration = Duration::from_millis(20);
/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// A thread that follows another process's writing, until it is dropped.
pub(super) struct Follower {
    enough: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    pub(super) fn start(opened: Opened) -> io::Result<Self> {
        let enough = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&enough);
        let mut reached = Reached::of(opened);
        let thread = std::thread::Builder::new().name("log-follower".to_owned()).spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                if let Err(failed) = reached.go_on() {
                    // What could not be read now is tried again; a reader who asks for it is told.
                    tracing::warn!(log.id = %reached.store.log, error = %failed, "the log could not be followed");
                }
                std::thread::park_timeout(EVERY);
            }
            reached.store.safe.send_modify(|safe| safe.closed = true);
        })?;
        Ok(Self {
            enough,
            thread: Some(thread),
        })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

/// How far the log has been read.
pub(super) struct Reached {
    pub(super) store: Arc<Store>,
    pub(super) segment: Option<Arc<Segment>>,
    /// The byte in that segment after the last record.
    pub(super) offset: u64,
    /// The hash of the last record.
    pub(super) chain: Hash,
}

impl Reached {
    pub(super) fn of(opened: Opened) -> Self {
        let Opened { store, offset, chain } = opened;
        let segment = store
            .segments
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .last()
            .cloned();
        Self {
            store,
            segment,
            offset,
            chain,
        }
    }

    fn go_on(&mut self) -> Result<(), Trouble> {
        let Some(mark) = Mark::read(&*self.store.disk, &self.store.paths.mark())? else {
            return Ok(());
        };
        while self.store.safe_next() < mark.next {
            let before = self.store.safe_next();
            if self.segment.is_some() {
                self.read_segment(mark.next)?;
            }
            if self.store.safe_next() < mark.next && !self.next_segment()? && self.store.safe_next() == before
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads on in the segment, to before `end` at most.
    fn read_segment(&mut self, end: u64) -> Result<(), Trouble> {
        let Some(segment) = self.segment.clone() else {
            return Ok(());
        };
        let mut scan = Scan::from(&segment, self.store.safe_next(), self.offset, CHUNK);
        let mut rows = index::Recent::new(scan.position());
        while scan.position() < end {
            match scan.step()? {
                Step::Record(whole) => {
                    self.chain = whole.view().hash();
                    index_record(&mut rows, &whole);
                }
                Step::End(_) => break,
            }
        }
        self.offset = scan.offset();
        self.store.index.extend(rows.records());
        self.store.safe.send_modify(|safe| safe.next = scan.position());
        Ok(())
    }

    /// Goes on to the segment that begins with the next position, if it is there.
    fn next_segment(&mut self) -> Result<bool, Trouble> {
        let Store { disk, paths, log, .. } = &*self.store;
        let next = self.store.safe_next();
        let opened = match segment::open(&**disk, paths, *log, next, false) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => Arc::new(opened?.map_err(io::Error::other)?),
        };
        self.store
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&opened));
        self.offset = RECORDS_AT;
        if self.segment.replace(opened).is_some() {
            self.store.index.next_segment();
            // The writer has made runs of what was full before; they take the place of what is held in memory.
            let (runs, _) = index::open_runs(&**disk, &paths.index(), false)?;
            self.store.index.adopt(runs);
        }
        Ok(true)
    }
}
