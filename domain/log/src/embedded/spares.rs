//! The next segment, filled before it is needed.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use super::segment;
use super::store::Store;

/// Fills the next segment in the background.
pub(super) struct Spares {
    /// `None` once no more are wanted.
    wanted: Option<mpsc::Sender<u64>>,
    filled: mpsc::Receiver<(u64, io::Result<()>)>,
    under_way: bool,
    enough: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Spares {
    pub(super) fn start(store: Arc<Store>) -> io::Result<Self> {
        let (wanted, wishes) = mpsc::channel::<u64>();
        let (done, filled) = mpsc::channel();
        let enough = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&enough);
        let thread = std::thread::Builder::new()
            .name("log-filler".to_owned())
            .spawn(move || {
                for capacity in wishes {
                    let outcome = segment::fill_spare(&*store.disk, &store.paths, capacity, &stop);
                    if done.send((capacity, outcome)).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            wanted: Some(wanted),
            filled,
            under_way: false,
            enough,
            thread: Some(thread),
        })
    }

    pub(super) fn ask(&mut self, capacity: u64) {
        if !self.under_way {
            self.under_way = self
                .wanted
                .as_ref()
                .is_some_and(|wanted| wanted.send(capacity).is_ok());
        }
    }

    /// Waits until a spare with at least `needed` bytes is there.
    pub(super) fn take(&mut self, capacity: u64, needed: u64) -> io::Result<()> {
        let gone = || io::Error::other("the thread that fills segments is gone");
        // What was begun before may have failed long ago, when the disk had no room.
        let mut begun_before = self.under_way;
        loop {
            self.ask(capacity.max(needed));
            let (made, outcome) = self.filled.recv().map_err(|_| gone())?;
            self.under_way = false;
            if std::mem::take(&mut begun_before) && outcome.is_err() {
                continue;
            }
            outcome?;
            if made >= needed {
                return Ok(());
            }
        }
    }
}

impl Drop for Spares {
    // Whoever opens the log next fills the same file, so this one has to be done with it.
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
        self.wanted = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
