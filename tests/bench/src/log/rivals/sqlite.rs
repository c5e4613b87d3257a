//! SQLite as a log: one thread, all that waits in one transaction, WAL, `synchronous=FULL`, revisions checked.

use std::path::Path;

use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot};

use super::super::{event, stream};

type Call = (u64, u64, oneshot::Sender<()>);

/// A running log.
#[derive(Debug, Clone)]
pub struct Sqlite {
    calls: mpsc::Sender<Call>,
}

impl Sqlite {
    /// Makes the database and starts its thread.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let database = Connection::open(folder.join("events.sqlite"))?;
        database.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
             CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL,
                 id BLOB NOT NULL, kind TEXT NOT NULL, time INTEGER NOT NULL, data BLOB NOT NULL,
                 UNIQUE (stream, revision));",
        )?;
        let (calls, waiting) = mpsc::channel::<Call>(8192);
        // A writer that waits is told by the dropped answer when the thread ends early.
        std::thread::Builder::new()
            .name("sqlite".to_owned())
            .spawn(move || work(&database, waiting))?;
        Ok(Self { calls })
    }

    /// Waits until one event is safe.
    ///
    /// # Errors
    /// If the database failed.
    pub async fn call(&self, to: u64, n: u64) -> anyhow::Result<()> {
        let (answer, answered) = oneshot::channel();
        self.calls.send((to, n, answer)).await?;
        Ok(answered.await?)
    }
}

fn work(database: &Connection, mut waiting: mpsc::Receiver<Call>) -> rusqlite::Result<()> {
    let mut insert = database.prepare(
        "INSERT INTO events (stream, revision, id, kind, time, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    while let Some(first) = waiting.blocking_recv() {
        let mut group = vec![first];
        while let Ok(more) = waiting.try_recv() {
            group.push(more);
        }
        database.execute_batch("BEGIN")?;
        for (to, n, _) in &group {
            let event = event(*n);
            insert.execute(params![
                stream(*to).as_str(),
                n.cast_signed(),
                event.id.uuid().as_bytes(),
                event.kind.as_str(),
                event.time.micros(),
                &event.data[..]
            ])?;
        }
        database.execute_batch("COMMIT")?;
        for (_, _, answer) in group {
            // A writer that has stopped no longer listens.
            let _ = answer.send(());
        }
    }
    Ok(())
}
