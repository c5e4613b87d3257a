//! How fast events become safe.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain_log::{EventLog, Expected};

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
                let before = (n / STREAMS_PER_WRITER).checked_sub(1).map(domain_log::Revision);
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

/// Compares the middle append on logs of many streams with that on a log of few, each opened just before.
///
/// # Errors
/// What the log said.
pub async fn growth(folder: &Path) -> anyhow::Result<()> {
    let sizes = [("1x", 10_000), ("10x", 100_000), ("100x", 1_000_000)];
    let mut places = Vec::new();
    for (_, streams) in sizes {
        note(&format!("writing to {streams} streams"));
        let place = tempfile::tempdir_in(folder)?;
        let log = open(place.path())?;
        super::large::one_event_each(&log, streams).await?;
        tokio::task::spawn_blocking(move || drop(log)).await?;
        places.push(place);
    }
    note(&format!(
        "appends to any of the streams, the logs in turn, {ROUNDS} rounds"
    ));
    let mut loads = sizes.map(|_| Vec::new());
    for round in 0..ROUNDS as u64 {
        for (((_, streams), place), loads) in sizes.iter().zip(&places).zip(&mut loads) {
            // Opened again, it remembers none of the streams.
            let log = Arc::new(open(place.path())?);
            loads.push(to_random_streams(&log, *streams, round).await?);
            tokio::task::spawn_blocking(move || drop(log)).await?;
        }
    }
    let middle = loads.map(|loads| middle(loads).ms(0.5));
    for ((name, _), p50) in sizes.iter().zip(middle) {
        Figure {
            name: format!("log.growth.{name}.p50_ms"),
            value: p50,
            unit: "ms",
            limit: middle[0],
            limit_name: "the same with 10,000 streams, ms",
            higher_is_better: false,
        }
        .print();
    }
    Ok(())
}

async fn to_random_streams(log: &Arc<impl EventLog>, streams: u64, round: u64) -> anyhow::Result<Load> {
    let log = Arc::clone(log);
    load::run(64, move |writer, n| {
        let log = Arc::clone(&log);
        async move {
            // A step that is no divisor of the count goes through all streams in an order that no cache foresees.
            let seed = ((round << 40) | (writer << 32)) + n;
            let to = stream(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) % streams);
            log.append(&to, Expected::Any, vec![event((1 << 48) + seed)])
                .await?;
            Ok(())
        }
    })
    .await
}
