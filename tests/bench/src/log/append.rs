//! How fast events become safe.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use domain_log::{EmbeddedLog, EventLog as _, Expected, Revision};
use tempfile::TempDir;

use super::load::{self, Load};
use super::rivals::bare::Bare;
use super::rivals::postgres::{self, Postgres};
use super::rivals::sqlite::Sqlite;
use super::rivals::umadb::UmaDb;
use super::{event, open, stream};
use crate::figure::{Figure, note};

/// How many streams each writer writes to in turn.
const STREAMS_PER_WRITER: u64 = 256;
/// How often each contender runs; the middle one counts, for other work on the machine comes and goes.
const ROUNDS: usize = 5;

/// Compares the log with the bare loop under 1, 8, 64 and 512 writers, and with others under 64.
///
/// # Errors
/// What any of them said.
pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let bare_folder = tempfile::tempdir_in(folder)?;
    let bare = Bare::start(bare_folder.path())?;
    for writers in [1, 8, 64, 512] {
        note(&format!(
            "{writers} writers, the bare loop and the log in turn, {ROUNDS} rounds"
        ));
        let (mut limits, mut loads) = (Vec::new(), Vec::new());
        let (mut sqlites, mut postgreses, mut umadbs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let bare = bare.clone();
            limits.push(
                load::run(writers, move |_, _| {
                    let bare = bare.clone();
                    async move { bare.call().await }
                })
                .await?,
            );
            loads.push(embedded(folder, writers).await?);
            if writers == 64 {
                sqlites.push(sqlite(folder, writers).await?);
                postgreses.push(postgresql(folder, writers).await?);
                umadbs.push(umadb(folder, writers).await?);
            }
        }
        let (limit, log) = (middle(limits), middle(loads));
        figure(
            &format!("log.append.{writers}"),
            &log,
            &limit,
            "bare loop over written blocks, events/s",
        );
        latency(&format!("log.append.{writers}.p50_ms"), 0.5, &log, &limit);
        latency(&format!("log.append.{writers}.p99_ms"), 0.99, &log, &limit);
        if writers == 64 {
            let rivals = [
                ("sqlite", sqlites, "SQLite WAL FULL, events/s"),
                (
                    "postgres",
                    postgreses,
                    "PostgreSQL, a connection a writer, events/s",
                ),
                ("umadb", umadbs, "UmaDB's engine without its server, events/s"),
            ];
            for (rival, loads, limit_name) in rivals {
                let name = format!("log.append.64.vs_{rival}");
                figure(&name, &log, &middle(loads), limit_name);
            }
        }
    }
    Ok(())
}

async fn embedded(folder: &Path, writers: u64) -> anyhow::Result<Load> {
    let folder = tempfile::tempdir_in(folder)?;
    let log = Arc::new(open(folder.path())?);
    let id = Arc::new(AtomicU64::new(0));
    let load = load::run(writers, {
        let log = Arc::clone(&log);
        move |writer, n| {
            let (log, event) = (Arc::clone(&log), event(id.fetch_add(1, Ordering::Relaxed)));
            async move {
                let to = stream(writer * STREAMS_PER_WRITER + n % STREAMS_PER_WRITER);
                let before = (n / STREAMS_PER_WRITER).checked_sub(1).map(Revision);
                log.append(&to, Expected::from(before), vec![event]).await?;
                Ok(())
            }
        }
    })
    .await?;
    tokio::task::spawn_blocking(move || drop(log)).await?;
    Ok(load)
}

async fn sqlite(folder: &Path, writers: u64) -> anyhow::Result<Load> {
    let folder = tempfile::tempdir_in(folder)?;
    let sqlite = Sqlite::start(folder.path())?;
    load::run(writers, move |writer, n| {
        let sqlite = sqlite.clone();
        async move {
            sqlite
                .call(writer * STREAMS_PER_WRITER + n % STREAMS_PER_WRITER, n)
                .await
        }
    })
    .await
}

async fn umadb(folder: &Path, writers: u64) -> anyhow::Result<Load> {
    let folder = tempfile::tempdir_in(folder)?;
    let umadb = UmaDb::start(folder.path(), writers * STREAMS_PER_WRITER)?;
    let id = Arc::new(AtomicU64::new(0));
    load::run(writers, move |writer, n| {
        let (umadb, id) = (umadb.clone(), id.fetch_add(1, Ordering::Relaxed));
        async move {
            umadb
                .call(writer * STREAMS_PER_WRITER + n % STREAMS_PER_WRITER, id)
                .await
        }
    })
    .await
}

async fn postgresql(folder: &Path, writers: u64) -> anyhow::Result<Load> {
    // A socket's path is short, and so is this folder's.
    let folder = tempfile::Builder::new().prefix("pg").tempdir_in(folder)?;
    let server = Postgres::start(folder.path())?;
    let connections = Arc::new(server.connect(writers).await?);
    let load = load::run(writers, move |writer, n| {
        let connections = Arc::clone(&connections);
        async move {
            let connection = &connections[usize::try_from(writer)?];
            postgres::insert(
                connection,
                writer * STREAMS_PER_WRITER + n % STREAMS_PER_WRITER,
                n,
            )
            .await
        }
    })
    .await?;
    tokio::task::spawn_blocking(move || drop(server)).await?;
    Ok(load)
}

fn middle(mut loads: Vec<Load>) -> Load {
    loads.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    loads.swap_remove(loads.len() / 2)
}

fn figure(name: &str, load: &Load, limit: &Load, limit_name: &'static str) {
    Figure {
        name: name.to_owned(),
        value: load.per_second,
        unit: "events/s",
        limit: limit.per_second,
        limit_name,
        higher_is_better: true,
    }
    .print();
}

fn latency(name: &str, share: f64, load: &Load, limit: &Load) {
    Figure {
        name: name.to_owned(),
        value: load.ms(share),
        unit: "ms",
        limit: limit.ms(share),
        limit_name: "bare loop over written blocks, ms",
        higher_is_better: false,
    }
    .print();
}

/// Compares the middle append on logs of many streams with that on a log of few: on logs that have run for a while, with
/// either kind of append, and on logs that were opened just before.
///
/// # Errors
/// What the log said.
pub async fn growth(folder: &Path) -> anyhow::Result<()> {
    let mut grown = Vec::new();
    for (size, streams) in [("1x", 10_000), ("10x", 100_000), ("100x", 1_000_000)] {
        note(&format!("writing to {streams} streams"));
        let place = tempfile::tempdir_in(folder)?;
        let log = Arc::new(open(place.path())?);
        super::large::one_event_each(&log, streams).await?;
        let revisions = Arc::new((0..streams).map(|_| AtomicU64::new(0)).collect());
        grown.push(Grown {
            size,
            place,
            log: Some(log),
            revisions,
        });
    }
    compare("log.growth", &mut grown, Asks::Revision, Log::StaysOpen).await?;
    compare("log.growth.any", &mut grown, Asks::Nothing, Log::StaysOpen).await?;
    compare(
        "log.growth.opened",
        &mut grown,
        Asks::Revision,
        Log::IsOpenedAgain,
    )
    .await
}

/// A log with some number of streams.
struct Grown {
    size: &'static str,
    place: TempDir,
    log: Option<Arc<EmbeddedLog>>,
    /// The revision of each stream's last event.
    revisions: Arc<Vec<AtomicU64>>,
}

/// Whether a log remembers what was appended to it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Log {
    StaysOpen,
    IsOpenedAgain,
}

async fn compare(name: &str, grown: &mut [Grown], asks: Asks, before: Log) -> anyhow::Result<()> {
    note(&format!(
        "{name}: appends to any stream, the logs in turn, {ROUNDS} rounds"
    ));
    let mut loads = vec![Vec::new(); grown.len()];
    for _ in 0..ROUNDS {
        for (grown, loads) in grown.iter_mut().zip(&mut loads) {
            if before == Log::IsOpenedAgain {
                grown.open_again().await?;
            }
            loads.push(grown.append_to_any(asks).await?);
        }
    }
    let p50s: Vec<_> = loads.into_iter().map(|loads| middle(loads).ms(0.5)).collect();
    for (grown, p50) in grown.iter().zip(&p50s) {
        Figure {
            name: format!("{name}.{}.p50_ms", grown.size),
            value: *p50,
            unit: "ms",
            limit: p50s[0],
            limit_name: "the same with 10,000 streams, ms",
            higher_is_better: false,
        }
        .print();
    }
    Ok(())
}

/// What an append asks of its stream.
#[derive(Debug, Clone, Copy)]
enum Asks {
    /// To be at a revision, as whoever decides by a stream's events does.
    Revision,
    /// Nothing; then the events' ids have to be looked up, so that what is said twice is recorded once.
    Nothing,
}

impl Grown {
    async fn open_again(&mut self) -> anyhow::Result<()> {
        let closing = self.log.take();
        tokio::task::spawn_blocking(move || drop(closing)).await?;
        self.log = Some(Arc::new(open(self.place.path())?));
        Ok(())
    }

    /// Appends to streams in an order that no cache foresees; each of 64 writers has streams of its own.
    async fn append_to_any(&self, asks: Asks) -> anyhow::Result<Load> {
        const WRITERS: u64 = 64;
        static ROUND: AtomicU64 = AtomicU64::new(1);
        let log = self.log.clone().context("it is open")?;
        let revisions = Arc::clone(&self.revisions);
        let round = ROUND.fetch_add(1, Ordering::Relaxed);
        load::run(WRITERS, move |writer, n| {
            let (log, revisions) = (Arc::clone(&log), Arc::clone(&revisions));
            async move {
                let seed = (round << 40) | (writer << 32) | n;
                let random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
                let number = random % (revisions.len() as u64 / WRITERS) * WRITERS + writer;
                let revision = &revisions[usize::try_from(number)?];
                let expected = match asks {
                    Asks::Revision => Expected::At(Revision(revision.load(Ordering::Relaxed))),
                    Asks::Nothing => Expected::Any,
                };
                let appended = log.append(&stream(number), expected, vec![event(seed)]).await?;
                revision.store(appended.revision.0, Ordering::Relaxed);
                Ok(())
            }
        })
        .await
    }
}
