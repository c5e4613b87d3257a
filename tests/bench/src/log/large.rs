//! A log of ten million streams with an event each: how long it takes to open, and how much memory it holds.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use domain_log::{EmbeddedLog, EventLog, Expected, Range};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::{PAYLOAD, event, open, stream};
use crate::figure::{Figure, note};

/// The word that has the bench serve a log that is there.
pub const SERVE: &str = "serve";
const EVENTS: u64 = 10_000_000;
/// How many events one append of a fill has, all to one stream.
const AT_ONCE: u64 = 500;
/// How many appends of a fill are under way at once.
const UNDER_WAY: u64 = 64;

/// Appends events as fast as it goes, each append to a stream of its own.
///
/// # Errors
/// What the log said.
pub async fn fill(log: &EmbeddedLog, count: u64) -> anyhow::Result<()> {
    let appends = (0..count / AT_ONCE).map(|n| async move {
        let events = (n * AT_ONCE..(n + 1) * AT_ONCE).map(event).collect();
        log.append(&stream(n), Expected::NoStream, events).await
    });
    drain(appends).await
}

/// Gives each of `count` streams one event.
///
/// # Errors
/// What the log said.
pub async fn one_event_each(log: &EmbeddedLog, count: u64) -> anyhow::Result<()> {
    let appends =
        (0..count).map(|n| async move { log.append(&stream(n), Expected::NoStream, vec![event(n)]).await });
    drain(appends).await
}

async fn drain<F>(appends: impl Iterator<Item = F>) -> anyhow::Result<()>
where
    F: Future<Output = Result<domain_log::Appended, domain_log::AppendError>>,
{
    let under_way = usize::try_from(UNDER_WAY)? * 8;
    futures_util::stream::iter(appends)
        .buffer_unordered(under_way)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    Ok(())
}

/// Writes ten million streams, and has another process open and serve the log: what this one took for writing is not to
/// count.
///
/// # Errors
/// What the log said, or that process.
pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let place = tempfile::tempdir_in(folder)?;
    note(&format!("writing to {EVENTS} streams, then opening the log"));
    let log = open(place.path())?;
    one_event_each(&log, EVENTS).await?;
    tokio::task::spawn_blocking(move || drop(log)).await?;
    let server = Command::new(std::env::current_exe()?)
        .arg(place.path())
        .arg(SERVE)
        .status()?;
    ensure!(server.success(), "serving the log failed");
    Ok(())
}

/// Opens the log of ten million streams in `folder`, looks into some of them, and appends to any from 64 writers.
///
/// # Errors
/// What the log said; if a stream does not hold what was written to it.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
pub async fn serve(folder: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    let log = Arc::new(open(folder)?);
    let seconds = started.elapsed().as_secs_f64();
    Figure {
        name: "log.open.10M_s".to_owned(),
        value: seconds,
        unit: "s",
        limit: 1.0,
        limit_name: "goal, s",
        higher_is_better: false,
    }
    .print();
    for n in (0..EVENTS).step_by(4_999) {
        let range = Range::Forwards { after: None };
        let events: Vec<_> = log.read_stream(&stream(n), range, 2).try_collect().await?;
        let there = matches!(&events[..], [only] if only.data == event(n).data);
        ensure!(there, "stream {n} does not hold its event");
    }
    let serving = Arc::clone(&log);
    super::load::run(64, move |writer, n| {
        let log = Arc::clone(&serving);
        async move {
            let to = stream((writer * 7919 + n * 104_729) % EVENTS);
            log.append(&to, Expected::Any, vec![event((1 << 52) + (writer << 32) + n)])
                .await?;
            Ok(())
        }
    })
    .await?;
    Figure {
        name: "log.memory.10M_MiB".to_owned(),
        value: memory_kib()? as f64 / 1024.0,
        unit: "MiB",
        limit: (EVENTS * PAYLOAD as u64) as f64 / f64::from(1 << 20),
        limit_name: "the payloads, MiB",
        higher_is_better: false,
    }
    .print();
    Ok(())
}

/// Returns how much memory this process has of its own; files that the system keeps in memory are not in it.
fn memory_kib() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let mut words = line
        .context("/proc/self/status has no RssAnon")?
        .split_whitespace();
    Ok(words.next().unwrap_or_default().parse()?)
}
