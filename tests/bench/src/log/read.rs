//! How fast events are read back, and how soon they are seen live.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

use domain_log::{Delivery, EventLog, Expected, Filter, Range};
use futures_util::{StreamExt as _, TryStreamExt as _};
use hdrhistogram::Histogram;

use super::{event, open, stream};
use crate::figure::{Figure, note};

const READ: u64 = 500_000;
const WATCHED: u64 = 2_000;

/// Compares reading all events with reading the files that hold them, and says what an event costs on the disk.
///
/// # Errors
/// What the log said.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let place = tempfile::tempdir_in(folder)?;
    let log = open(place.path())?;
    note(&format!("writing {READ} events, then reading them"));
    super::large::fill(&log, READ).await?;
    let log = tokio::task::spawn_blocking({
        let place = place.path().to_owned();
        move || {
            drop(log);
            open(&place)
        }
    })
    .await??;
    let started = Instant::now();
    let events = log.read_all(Range::Forwards { after: None }, Filter::default(), usize::MAX);
    let count = events
        .try_fold(0_u64, |count, _| async move { Ok(count + 1) })
        .await?;
    let per_second = count as f64 / started.elapsed().as_secs_f64();
    let (bytes, seconds) = read_files(&place.path().join("segments"))?;
    Figure {
        name: "log.read".to_owned(),
        value: per_second,
        unit: "events/s",
        limit: READ as f64 / seconds,
        limit_name: "reading the files, events/s",
        higher_is_better: true,
    }
    .print();
    let on_disk = bytes + size_of(&place.path().join("index"))?;
    Figure {
        name: "log.bytes_per_event".to_owned(),
        value: on_disk as f64 / READ as f64,
        unit: "bytes",
        limit: super::PAYLOAD as f64,
        limit_name: "the payload alone, bytes",
        higher_is_better: false,
    }
    .print();
    watch(&log).await
}

fn read_files(folder: &Path) -> anyhow::Result<(u64, f64)> {
    let mut buffer = vec![0; 256 << 10];
    let (mut bytes, started) = (0, Instant::now());
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "seg") {
            let mut file = File::open(path)?;
            loop {
                match file.read(&mut buffer)? {
                    0 => break,
                    read => bytes += read as u64,
                }
            }
        }
    }
    Ok((bytes, started.elapsed().as_secs_f64()))
}

fn size_of(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

/// Measures from the answer to the writer until the event is with a subscriber.
async fn watch(log: &impl EventLog) -> anyhow::Result<()> {
    let mut live = log.subscribe(log.tail().await?, Filter::default());
    while !matches!(live.next().await.transpose()?, Some(Delivery::CaughtUp(_)) | None) {}
    let mut micros = Histogram::<u64>::new(3)?;
    for n in 0..WATCHED {
        log.append(&stream(n % 256), Expected::Any, vec![event((1 << 50) + n)])
            .await?;
        let answered = Instant::now();
        loop {
            match live.next().await.transpose()? {
                Some(Delivery::Event(_)) => break,
                Some(Delivery::Checkpoint(_) | Delivery::CaughtUp(_)) => {}
                None => anyhow::bail!("the subscription ended"),
            }
        }
        micros.record(u64::try_from(answered.elapsed().as_micros())?.max(1))?;
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    Figure {
        name: "log.subscribe.p99_ms".to_owned(),
        value: Duration::from_micros(micros.value_at_quantile(0.99)).as_secs_f64() * 1000.0,
        unit: "ms",
        limit: 250.0,
        limit_name: "presence fan-out goal, ms",
        higher_is_better: false,
    }
    .print();
    Ok(())
}
