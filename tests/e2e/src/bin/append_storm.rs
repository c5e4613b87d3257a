//! Appends to a log from 64 writers until it is killed, and says what was acknowledged.
//!
//! `append_storm FOLDER`: one line on standard output for each acknowledged append, written before the writer goes on:
//! stream, revision, position and id of its last event. Ends by itself only when the log refuses; then it says why on
//! standard error and goes on trying if the log says that trying again helps.

use std::io::Write as _;
use std::sync::Arc;

use domain_log::contract::sample::{large, stream};
use domain_log::{AppendError, EmbeddedConfig, EmbeddedLog, EventLog, Range};
use futures_util::StreamExt as _;

const WRITERS: u64 = 64;
/// Small, so that a run of this goes through several.
const SEGMENT_BYTES: u64 = 2 << 20;

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).map(std::path::PathBuf::from);
    let folder = folder.ok_or_else(|| anyhow::anyhow!("usage: append_storm FOLDER"))?;
    let log = Arc::new(EmbeddedLog::open(&EmbeddedConfig {
        folder,
        segment_bytes: SEGMENT_BYTES,
    })?);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(Arc::clone(&log), writer)))
        .collect();
    for writer in writers {
        writer.await??;
    }
    Ok(())
}

async fn write(log: Arc<EmbeddedLog>, writer: u64) -> anyhow::Result<()> {
    let to = stream(&format!("call-acme_{writer}"));
    let mut latest = log.read_stream(&to, Range::Backwards { before: None }, 1);
    let mut last = latest.next().await.transpose()?.map(|event| event.revision);
    loop {
        let next = last.map_or(0, |last| last.0 + 1);
        // One to three events of different sizes, each append whole or not there at all.
        let numbers = next..next + 1 + next % 3;
        let size = 100 + usize::try_from(next * 131 % 900)?;
        let events: Vec<_> = numbers.map(|n| large(writer * 1_000_000_000 + n, size)).collect();
        let id = events.last().map(|event| event.id);
        match log.append(&to, last.into(), events).await {
            Ok(appended) => {
                last = Some(appended.revision);
                let line = format!(
                    "{to} {} {} {}\n",
                    appended.revision,
                    appended.position,
                    id.map(|id| id.to_string()).unwrap_or_default()
                );
                std::io::stdout().lock().write_all(line.as_bytes())?;
            }
            Err(full @ AppendError::Full { .. }) => {
                std::io::stderr()
                    .lock()
                    .write_all(format!("{full}\n").as_bytes())?;
                tokio::task::yield_now().await;
            }
            Err(refused) => return Err(refused.into()),
        }
    }
}
