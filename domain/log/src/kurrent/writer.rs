//! Appends, through the official client, which is built anew when its connection breaks.
//!
//! Each append is a call of its own. The client's batches would be faster, and are never used: there one conflict fails
//! whatever else is under way, also where the server had recorded it.
//!
//! The client leaves Nagle's algorithm on and sends an append in several packets, so that a lone append waits for the
//! server's delayed acknowledgement: 40 ms on Linux, none while appends follow each other closely.

use std::sync::Arc;

use eventstore::{
    AppendToStreamOptions, Client, ClientSettings, CurrentRevision, Error, EventData, StreamState,
    WriteResult,
};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tonic::Code;
use tracing::debug;

use super::connection::Connection;
use super::link;
use crate::Revision;

/// How often an append is tried that never left this process, or that a follower turned away.
const ATTEMPTS_MAX: u32 = 3;

/// Why an append was not answered with success.
#[derive(Debug)]
pub(super) enum Failure {
    /// The stream is somewhere else.
    Moved {
        /// Where it is.
        actual: Option<Revision>,
    },
    /// It can never be stored.
    Invalid {
        /// What the server said.
        reason: String,
    },
    /// It was turned away, as whatever we send would be.
    Denied {
        /// What to do about it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nobody knows.
    Unknown {
        /// What broke.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("the server did not answer within {} ms", .0.as_millis())]
    Silent(std::time::Duration),
    #[error("the official client could not be built: {0}")]
    NoClient(String),
    #[error(
        "the server lets nobody append as whom the connection string names; it takes one who may, as in \
         kurrentdb://user:password@host"
    )]
    Denied { source: Error },
}

/// The official client, one after the other.
pub(super) struct Writer {
    connection: Arc<Connection>,
    current: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    client: Option<Client>,
    number: u64,
}

impl Writer {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        Self {
            connection,
            current: Mutex::default(),
        }
    }

    async fn client(&self) -> Result<(Client, u64), Unanswered> {
        let mut slot = self.current.lock().await;
        let client = match &slot.client {
            Some(client) => client.clone(),
            None => {
                let client = build(self.connection.settings.clone()).await?;
                slot.number += 1;
                slot.client = Some(client.clone());
                client
            }
        };
        Ok((client, slot.number))
    }

    /// Gives a client up; whoever appends next builds the next one.
    async fn give_up(&self, number: u64) {
        let mut slot = self.current.lock().await;
        if slot.number == number {
            slot.client = None;
        }
    }

    /// Appends once; only what surely was not sent is tried again here.
    pub(super) async fn append(
        &self,
        stream: &str,
        expected: StreamState,
        events: &[EventData],
    ) -> Result<WriteResult, Failure> {
        let patience = self.connection.patience;
        let mut options = AppendToStreamOptions::default()
            .stream_state(expected)
            .deadline(patience);
        if let Some(credentials) = &self.connection.credentials {
            options = options.authenticated(credentials.clone());
        }
        let mut attempt = 1;
        loop {
            let (client, number) = self.client().await.map_err(unknown)?;
            let appending = client.append_to_stream(stream, &options, events.to_vec());
            let failed = match timeout(patience, appending).await {
                Ok(Ok(written)) => return Ok(written),
                Ok(Err(failed)) => failed,
                Err(_) => {
                    self.give_up(number).await;
                    return Err(unknown(Unanswered::Silent(patience)));
                }
            };
            debug!(
                error = &failed as &dyn std::error::Error,
                attempt, "an append failed"
            );
            match after(failed) {
                // The client goes to the leader that the follower named by itself.
                After::TryAgain(_) if attempt < ATTEMPTS_MAX => {}
                After::Rebuild { is_sent: false, .. } if attempt < ATTEMPTS_MAX => self.give_up(number).await,
                After::TryAgain(failed) | After::Rebuild { failed, .. } => {
                    self.give_up(number).await;
                    return Err(unknown(failed));
                }
                After::Fail(failure) => return Err(failure),
            }
            attempt += 1;
        }
    }
}

// It reads all certificates of this machine, with and without TLS.
async fn build(settings: ClientSettings) -> Result<Client, Unanswered> {
    let runtime = Handle::current();
    let building = tokio::task::spawn_blocking(move || Client::with_runtime_handle(runtime, settings));
    match building.await {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(failed)) => Err(Unanswered::NoClient(failed.to_string())),
        Err(failed) => Err(Unanswered::NoClient(failed.to_string())),
    }
}

fn unknown(source: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Unknown {
        source: Box::new(source),
    }
}

/// What to do after a failed call.
enum After {
    TryAgain(Error),
    Rebuild { failed: Error, is_sent: bool },
    Fail(Failure),
}

fn after(failed: Error) -> After {
    match failed {
        Error::WrongExpectedVersion { current, .. } => After::Fail(Failure::Moved {
            actual: match current {
                CurrentRevision::Current(revision) => Some(Revision(revision)),
                CurrentRevision::NoStream => None,
            },
        }),
        Error::NotLeaderException(_) => After::TryAgain(failed),
        Error::ConnectionClosed | Error::GrpcConnectionError(_) => After::Rebuild {
            failed,
            is_sent: false,
        },
        Error::ServerError(_) | Error::DeadlineExceeded => After::Rebuild {
            failed,
            is_sent: true,
        },
        Error::Grpc { code, message } if is_refusal(code, &message) => {
            After::Fail(Failure::Invalid { reason: message })
        }
        Error::ResourceDeleted => After::Fail(Failure::Invalid {
            reason: "the stream was deleted for good".to_owned(),
        }),
        Error::Grpc { .. } => After::Rebuild {
            failed,
            is_sent: true,
        },
        Error::AccessDenied => After::Fail(Failure::Denied {
            source: Box::new(Unanswered::Denied { source: failed }),
        }),
        Error::InternalParsingError(_)
        | Error::ResourceAlreadyExists
        | Error::ResourceNotFound
        | Error::UnsupportedFeature
        | Error::InternalClientError
        | Error::InitializationError(_)
        | Error::IllegalStateError(_) => After::Fail(unknown(failed)),
    }
}

/// Says whether the server turned the append itself down, as too large for one. HTTP/2 uses the same code where it
/// closes a connection, and then nobody knows.
fn is_refusal(code: Code, message: &str) -> bool {
    let is_refused = matches!(
        code,
        Code::InvalidArgument | Code::OutOfRange | Code::ResourceExhausted
    );
    is_refused && !link::is_http_2(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_connection_is_no_refusal() {
        assert!(is_refusal(
            Code::ResourceExhausted,
            "Received message exceeds the maximum."
        ));
        assert!(!is_refusal(
            Code::ResourceExhausted,
            "h2 protocol error: http2 error"
        ));
        assert!(!is_refusal(Code::Unavailable, "Server Is Not Ready"));
    }
}
