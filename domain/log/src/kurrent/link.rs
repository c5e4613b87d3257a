//! The connection over which we read: to the leader, built anew when it breaks.

use std::sync::Arc;

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
    #[error("{host} could not be connected to")]
    Refused {
        host: String,
        source: tonic::transport::Error,
    },
    #[error("the leader could not be connected to")]
    Wrong {
        #[from]
        source: InvalidConnection,
    },
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
        let mut state = self.state.lock().await;
        let channel = match (&state.current, way) {
            (Some(channel), Way::Shared) => channel.clone(),
            (None, Way::Shared) => {
                let channel = self.connect(&mut state).await?;
                state.number += 1;
                state.current = Some(channel.clone());
                channel
            }
            (_, Way::Own) => self.connect(&mut state).await?,
        };
        let number = state.number;
        Ok(Line { channel, number })
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

    async fn connect(&self, state: &mut State) -> Result<Channel, Unreachable> {
        let leader = match state.leader.take() {
            Some(leader) => leader,
            None => self.find_leader().await?,
        };
        let channel = self.connect_to(&leader).await?;
        state.leader = Some(leader);
        Ok(channel)
    }

    async fn connect_to(&self, host: &Host) -> Result<Channel, Unreachable> {
        let patience = self.connection.patience;
        let endpoint = self.connection.endpoint(host)?;
        match timeout(patience, endpoint.connect()).await {
            Ok(Ok(channel)) => Ok(channel),
            Ok(Err(source)) => Err(Unreachable::Refused {
                host: host.to_string(),
                source,
            }),
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
        for seed in seeds {
            match self.ask(seed).await {
                Ok(Some(leader)) => return Ok(leader),
                Ok(None) => debug!(%seed, "knows no leader"),
                Err(failed) => debug!(%seed, error = &failed as &dyn std::error::Error, "was no help"),
            }
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
fn leader_named_by(status: &Status) -> Option<Host> {
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
    match status.code() {
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

/// Says whether the refusal names another leader.
pub(super) fn is_moved(status: &Status) -> bool {
    leader_named_by(status).is_some()
}
