//! The limit: one thread that writes what waits into a file written before, syncs, and answers. No index, no check.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use tokio::sync::{mpsc, oneshot};

/// As long as one record of the log with the same payload: what has to reach the disk at least.
const RECORD: usize = 332;
const FILE: u64 = 1 << 30;

/// A running loop.
#[derive(Debug, Clone)]
pub struct Bare {
    calls: mpsc::Sender<oneshot::Sender<()>>,
}

impl Bare {
    /// Fills a file and starts the loop on it; at the file's end it goes on at its beginning.
    ///
    /// # Errors
    /// What the disk said.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(folder.join("bare"))?;
        let chunk = vec![0xA5; 1 << 20];
        for at in (0..FILE).step_by(1 << 20) {
            file.write_all_at(&chunk, at)?;
        }
        file.sync_all()?;
        let (calls, mut waiting) = mpsc::channel::<oneshot::Sender<()>>(8192);
        std::thread::Builder::new()
            .name("bare-loop".to_owned())
            .spawn(move || {
                let (mut at, mut group, mut answers) = (0, Vec::new(), Vec::new());
                while let Some(first) = waiting.blocking_recv() {
                    answers.push(first);
                    while let Ok(more) = waiting.try_recv() {
                        answers.push(more);
                    }
                    group.resize(answers.len() * RECORD, 0x5A);
                    at = if at + group.len() as u64 > FILE { 0 } else { at };
                    let safe = file.write_all_at(&group, at).and_then(|()| file.sync_data());
                    if safe.is_err() {
                        return;
                    }
                    at += group.len() as u64;
                    for answer in answers.drain(..) {
                        // A writer that has stopped no longer listens.
                        let _ = answer.send(());
                    }
                }
            })?;
        Ok(Self { calls })
    }

    /// Waits until one record is safe.
    ///
    /// # Errors
    /// If the disk failed.
    pub async fn call(&self) -> anyhow::Result<()> {
        let (answer, answered) = oneshot::channel();
        self.calls.send(answer).await?;
        Ok(answered.await?)
    }
}
