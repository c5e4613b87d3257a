//! The connection over which we read: to the leader, built anew when it breaks.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tracing::debug;

use super::connection::{Connection, Host, InvalidConnection};
use super::proto::event_store::client::gossip::gossip_client::GossipClient;
use super::proto::event_store::client::gossip::member_info::VNodeState;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("no node of {seeds} knows a leader")]
    NoLeader { seeds: String },
    #[error("{host} did not answer within {} ms", .patience.as_millis())]
    Silent {
        host: String,
        patience: std::time::Duration,
    },
    #[error("others have been looking for the server for {} ms", .patience.as_millis())]
    Crowded { patience: std::time::Duration },
    #[error("{host} could not be connected to")]
    Refused {
        host: String,
        source: tonic::transport::Error,
    },
    #[error(
        "the certificate of {host} cannot be trusted; tlsCaFile in the connection string names the file of the \
         authority that signed it"
    )]
    Untrusted {
        host: String,
        source: tonic::transport::Error,
    },
    #[error(
        "{host} does not speak TLS; it takes tls=false in the connection string, or a server with a certificate"
    )]
    Plain {
        host: String,
        source: tonic::transport::Error,
    },
    #[error("the leader could not be connected to")]
    Wrong {
        #[from]
        source: InvalidConnection,
    },
}

impl Unreachable {
    fn refused(host: &Host, source: tonic::transport::Error) -> Self {
        let host = host.to_string();
        // The reason is the TLS library's, whose types do not come this far.
        if chain_says(&source, "invalid peer certificate") {
            Self::Untrusted { host, source }
        } else if chain_says(&source, "InvalidContentType") {
            Self::Plain { host, source }
        } else {
            Self::Refused { host, source }
        }
    }

    /// Says whether trying again can help.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::NoLeader { .. } | Self::Silent { .. } | Self::Crowded { .. } | Self::Refused { .. } => true,
            Self::Untrusted { .. } | Self::Plain { .. } | Self::Wrong { .. } => false,
        }
    }
}

fn chain_says(error: &dyn std::error::Error, text: &str) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.to_string().contains(text))
}

/// Which connection a read goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The one that short reads share.
    Shared,
    /// One of its own, for whoever follows the log: servers take only so many calls on each.
    Own,
}

/// A connection, and which one it is of all that there were.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) channel: Channel,
    number: u64,
}

#[derive(Default)]
struct State {
    current: Option<Channel>,
    /// Who leads, as far as we were told.
    leader: Option<Host>,
    number: u64,
}

/// The way to the leader.
pub(super) struct Link {
    pub(super) connection: Arc<Connection>,
    state: Mutex<State>,
}

impl Link {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        Self {
            connection,
            state: Mutex::default(),
        }
    }

    /// Returns a connection, and builds it if there is none.
    pub(super) async fn line(&self, way: Way) -> Result<Line, Unreachable> {
        let patience = self.connection.patience;
        let locked = timeout(patience, self.state.lock()).await;
        let mut state = locked.map_err(|_| Unreachable::Crowded { patience })?;
        match (&state.current, way) {
            (Some(channel), Way::Shared) => {
                let (channel, number) = (channel.clone(), state.number);
                Ok(Line { channel, number })
            }
            (None, Way::Shared) => {
                let leader = self.leader(&mut state).await?;
                let channel = self.connect_to(&leader).await;
                let channel = channel.inspect_err(|_| state.leader = None)?;
                state.number += 1;
                state.current = Some(channel.clone());
                let number = state.number;
                Ok(Line { channel, number })
            }
            (_, Way::Own) => {
                let leader = self.leader(&mut state).await?;
                let number = state.number;
                // Many do this at once, and none is to wait for the others.
                drop(state);
                match self.connect_to(&leader).await {
                    Ok(channel) => Ok(Line { channel, number }),
                    Err(unreachable) => {
                        self.forget(&leader).await;
                        Err(unreachable)
                    }
                }
            }
        }
    }

    async fn leader(&self, state: &mut State) -> Result<Host, Unreachable> {
        if let Some(leader) = &state.leader {
            return Ok(leader.clone());
        }
        let leader = self.find_leader().await?;
        state.leader = Some(leader.clone());
        Ok(leader)
    }

    async fn forget(&self, leader: &Host) {
        let mut state = self.state.lock().await;
        if state.leader.as_ref() == Some(leader) {
            state.leader = None;
        }
    }

    /// Says what came of a call over a line, so that the next call finds a better one.
    pub(super) async fn learn(&self, line: &Line, status: &Status) {
        let leader = leader_named_by(status);
        if leader.is_none() && !is_broken(status) {
            return;
        }
        let mut state = self.state.lock().await;
        if state.number == line.number {
            debug!(code = ?status.code(), "the connection for reading is given up");
            state.current = None;
            state.leader = leader;
        }
    }

    async fn connect_to(&self, host: &Host) -> Result<Channel, Unreachable> {
        let patience = self.connection.patience;
        let endpoint = self.connection.endpoint(host)?;
        match timeout(patience, endpoint.connect()).await {
            Ok(Ok(channel)) => Ok(channel),
            Ok(Err(source)) => Err(Unreachable::refused(host, source)),
            Err(_) => Err(Unreachable::Silent {
                host: host.to_string(),
                patience,
            }),
        }
    }

    async fn find_leader(&self) -> Result<Host, Unreachable> {
        let seeds = &self.connection.seeds;
        if let ([only], false) = (seeds.as_slice(), self.connection.is_cluster) {
            return Ok(only.clone());
        }
        // All at once, so that nobody waits for those that are gone without a word.
        let asking = seeds
            .iter()
            .map(|seed| async move { (seed, self.ask(seed).await) });
        let mut answers: FuturesUnordered<_> = asking.collect();
        let mut hopeless = None;
        while let Some((seed, answer)) = answers.next().await {
            match answer {
                Ok(Some(leader)) => return Ok(leader),
                Ok(None) => debug!(%seed, "knows no leader"),
                // The others may know the leader all the same.
                Err(failed) if !failed.may_pass() => hopeless = Some(failed),
                Err(failed) => debug!(%seed, error = &failed as &dyn std::error::Error, "was no help"),
            }
        }
        if let Some(hopeless) = hopeless {
            return Err(hopeless);
        }
        let names: Vec<String> = seeds.iter().map(ToString::to_string).collect();
        Err(Unreachable::NoLeader {
            seeds: names.join(", "),
        })
    }

    async fn ask(&self, seed: &Host) -> Result<Option<Host>, Unreachable> {
        let channel = self.connect_to(seed).await?;
        let mut request = Request::new(());
        self.authorize(&mut request);
        let mut client = GossipClient::new(channel);
        let Ok(Ok(answer)) = timeout(self.connection.patience, client.read(request)).await else {
            return Ok(None);
        };
        let leads = |state: i32| state == i32::from(VNodeState::Leader);
        let mut members = answer.into_inner().members.into_iter();
        let leader = members.find(|member| member.is_alive && leads(member.state));
        Ok(leader.and_then(|leader| leader.http_end_point).map(|end| Host {
            name: end.address,
            port: end.port,
        }))
    }

    /// Says who we are.
    pub(super) fn authorize<T>(&self, request: &mut Request<T>) {
        if let Some(authorization) = &self.connection.authorization {
            request
                .metadata_mut()
                .insert("authorization", authorization.clone());
        }
    }
}

/// Reads the leader's address from a follower's refusal.
pub(super) fn leader_named_by(status: &Status) -> Option<Host> {
    let header = |name: &str| status.metadata().get(name).and_then(|value| value.to_str().ok());
    if header("exception") != Some("not-leader") {
        return None;
    }
    Some(Host {
        name: header("leader-endpoint-host")?.to_owned(),
        port: header("leader-endpoint-port")?.parse().ok()?,
    })
}

/// Says whether a refusal is one of the connection, not of what was asked.
pub(super) fn is_broken(status: &Status) -> bool {
    // HTTP/2 has codes of its own, which are translated: a peer whom we reset too many streams says that its resources
    // are exhausted, and closes the connection.
    std::error::Error::source(status).is_some() || is_http_2(status.message()) || is_passing(status.code())
}

/// Says whether a status was made on this side, of an error that HTTP/2 reported.
pub(super) fn is_http_2(message: &str) -> bool {
    message.starts_with("h2 protocol error")
}

fn is_passing(code: Code) -> bool {
    match code {
        Code::Unavailable
        | Code::Unknown
        | Code::Internal
        | Code::Cancelled
        | Code::DeadlineExceeded
        | Code::DataLoss
        | Code::Aborted => true,
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::Unauthenticated => false,
    }
}

/// Says whether the server does not know us, or does not let us.
pub(super) fn is_denied(status: &Status) -> bool {
    matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied) && !is_broken(status)
}
