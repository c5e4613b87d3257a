//! The log in a KurrentDB: the suite that every log passes, what networks and leaders do to it, and the server that
//! stands in for the real one, judged by the official client.

mod contract;
mod doubt;
mod faults;
mod interruptions;
mod neighbours;
mod official;
mod refusals;
mod shared;

use std::sync::Arc;
use std::time::Duration;

use domain_log::contract::sample::{event, stream};
use domain_log::{AppendError, Appended, EventLog, Expected, KurrentConfig, KurrentLog};
use tests_support::kurrent::{KurrentServer, KurrentSettings};

/// The patience of a log whose server will not answer.
const SHORT: Duration = Duration::from_secs(1);

/// Starts a server of one node that lets everybody in.
fn start() -> KurrentServer {
    KurrentServer::start(KurrentSettings::OPEN).expect("a port is free")
}

/// Opens the log that a connection string leads to.
fn open(connection: &str) -> Arc<dyn EventLog> {
    open_with(connection, Duration::from_secs(10), Duration::from_secs(5))
}

fn open_with(connection: &str, patience: Duration, keep_alive: Duration) -> Arc<dyn EventLog> {
    let config = KurrentConfig {
        connection: connection.to_owned(),
        patience,
        keep_alive,
    };
    Arc::new(KurrentLog::open(&config).expect("a server's own connection string is right"))
}

/// Appends event `n` to one stream, whatever is there.
async fn note(log: &dyn EventLog, n: u64) -> Result<Appended, AppendError> {
    log.append(&stream("call-acme_1"), Expected::Any, vec![event(n)])
        .await
}

/// Returns what an error says, and what its causes say, as it would be printed.
fn said(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
