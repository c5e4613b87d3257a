//! PostgreSQL as a log: a connection for each writer, one insert a transaction, `synchronous_commit=on`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use tokio_postgres::{Client, NoTls, Statement};

use super::super::{event, stream};

/// A server of our own, ended with this value.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
}

impl Postgres {
    /// Makes a cluster in a folder and starts it, reachable only through a socket in that folder.
    ///
    /// # Errors
    /// If PostgreSQL is not installed or does not start.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let programs = programs().context("PostgreSQL is not installed: make bench installs it")?;
        let server = Self {
            folder: folder.to_owned(),
            programs,
        };
        server.run(
            "initdb",
            &[
                "--auth=trust",
                "--username=bench",
                "--no-sync",
                "--pgdata",
                "data",
            ],
        )?;
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}'",
            folder.display()
        );
        let connections = "-c max_connections=600 -c fsync=on -c synchronous_commit=on";
        server.run(
            "pg_ctl",
            &[
                "--pgdata=data",
                "--wait",
                "--log=server.log",
                &format!("--options={options} {connections}"),
                "start",
            ],
        )?;
        Ok(server)
    }

    // The server refuses to run as root; as root, its own user does it, to whom the folder then belongs.
    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let path = self.programs.join(program);
        let root = Command::new("id").arg("-u").output()?.stdout.starts_with(b"0\n");
        let mut command = if root {
            Command::new("chown")
                .args(["-R", "postgres"])
                .arg(&self.folder)
                .status()?;
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        let status = command
            .args(arguments)
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .status()?;
        if status.success() {
            Ok(())
        } else {
            bail!("{program} failed: {status}")
        }
    }

    /// Makes the table, and a connection for each writer.
    ///
    /// # Errors
    /// What the server said.
    pub async fn connect(&self, writers: u64) -> anyhow::Result<Vec<(Client, Statement)>> {
        let mut connections = Vec::new();
        for writer in 0..writers {
            let address = format!("host={} user=bench dbname=postgres", self.folder.display());
            let (client, connection) = tokio_postgres::connect(&address, NoTls).await?;
            tokio::spawn(connection);
            if writer == 0 {
                client
                    .batch_execute(
                        "CREATE TABLE IF NOT EXISTS events (position bigserial PRIMARY KEY, stream text NOT NULL,
                             revision bigint NOT NULL, id bytea NOT NULL, kind text NOT NULL, time bigint NOT NULL,
                             data bytea NOT NULL, UNIQUE (stream, revision))",
                    )
                    .await?;
            }
            let insert = client
                .prepare("INSERT INTO events (stream, revision, id, kind, time, data) VALUES ($1, $2, $3, $4, $5, $6)")
                .await?;
            connections.push((client, insert));
        }
        Ok(connections)
    }
}

/// Inserts one event.
///
/// # Errors
/// What the server said.
pub async fn insert((client, insert): &(Client, Statement), to: u64, n: u64) -> anyhow::Result<()> {
    let event = event(n);
    let id = event.id.uuid();
    let revision = n.cast_signed();
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 6] = [
        &stream(to).as_str().to_owned(),
        &revision,
        &id.as_bytes().as_slice(),
        &event.kind.as_str().to_owned(),
        &event.time.micros(),
        &&event.data[..],
    ];
    client.execute(insert, &parameters).await?;
    Ok(())
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Its folder is removed next; a server that does not end would only write into nothing.
        let _ = self.run("pg_ctl", &["--pgdata=data", "--mode=immediate", "stop"]);
    }
}

fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.sort();
    versions
        .into_iter()
        .rev()
        .find(|folder| folder.join("initdb").exists())
}
