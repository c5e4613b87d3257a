//! One node: what its services share, and how it comes up and goes down.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpSocket;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::transport::{Identity, Server, ServerTlsConfig};

use super::line::{self, Lines};
use super::proto::event_store::client::gossip::gossip_server::GossipServer;
use super::proto::event_store::client::server_features::server_features_server::ServerFeaturesServer;
use super::proto::event_store::client::streams::streams_server::StreamsServer;
use super::store::{Expected, Proposed, Store};
use super::{KurrentBreak, KurrentRefusal};

/// The largest message that a real server takes.
const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// How often each method was called.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) append: AtomicU64,
    pub(super) batch_append: AtomicU64,
    pub(super) read: AtomicU64,
    pub(super) subscribe: watch::Sender<u64>,
    pub(super) gossip: AtomicU64,
}

/// What goes wrong next.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) cut_after_commit: AtomicBool,
    pub(super) cut_before_commit: AtomicBool,
    pub(super) go_away_after_commit: AtomicBool,
    pub(super) commit_late: AtomicBool,
    /// Appends that are recorded only when the next comes.
    pub(super) late: Mutex<Vec<(String, Expected, Vec<Proposed>)>>,
    pub(super) say_wrong_revision: AtomicBool,
    pub(super) end_at_once: AtomicBool,
    pub(super) end_when_caught_up: AtomicBool,
    /// What the next calls are answered with.
    pub(super) refusals: Mutex<VecDeque<KurrentRefusal>>,
    pub(super) breaks: Mutex<Breaks>,
}

/// How reads break.
#[derive(Debug, Default)]
pub(super) struct Breaks {
    pub(super) how: Option<KurrentBreak>,
    pub(super) every: u64,
    pub(super) times: u64,
    pub(super) sent: u64,
}

impl Faults {
    /// Says how to break the read that is about to send an event, if it is to.
    pub(super) fn break_now(&self) -> Option<KurrentBreak> {
        let mut breaks = self.breaks.lock().unwrap_or_else(PoisonError::into_inner);
        breaks.sent += 1;
        if breaks.times == 0 || !breaks.sent.is_multiple_of(breaks.every) {
            return None;
        }
        breaks.times -= 1;
        breaks.how
    }

    pub(super) fn refusal(&self) -> Option<KurrentRefusal> {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.pop_front()
    }
}

/// Who belongs to the cluster, who is up, and who leads.
#[derive(Debug, Default)]
pub(super) struct Members(Mutex<(BTreeMap<u16, bool>, u16)>);

impl Members {
    pub(super) fn leader(&self) -> u16 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// Makes a node the leader. `port`: 0 for none.
    pub(super) fn lead(&self, port: u16) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = port;
    }

    pub(super) fn set(&self, port: u16, is_alive: bool) {
        let mut members = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        members.0.insert(port, is_alive);
    }

    pub(super) fn all(&self) -> Vec<(u16, bool)> {
        let members = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        members
            .0
            .iter()
            .map(|(port, is_alive)| (*port, *is_alive))
            .collect()
    }
}

/// What the services of one node know. Everything but the port is shared by the nodes of a cluster.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) store: Arc<Store>,
    pub(super) counters: Arc<Counters>,
    pub(super) faults: Arc<Faults>,
    pub(super) members: Arc<Members>,
    pub(super) end_subscriptions: watch::Sender<u64>,
    pub(super) fall_behind: watch::Sender<u64>,
    pub(super) append_bytes_max: usize,
    /// The header that everybody must send; none where everybody may come in.
    pub(super) authorization: Option<String>,
    pub(super) is_encrypted: bool,
    pub(super) port: u16,
}

/// A node's place: up, with its task and its connections, or down, with its port kept from others.
#[derive(Debug)]
pub(super) enum Process {
    Up { task: JoinHandle<()>, lines: Lines },
    Down { socket: TcpSocket },
}

impl Process {
    pub(super) fn up(node: Node, socket: TcpSocket) -> io::Result<Self> {
        let lines = Lines::default();
        let listener = socket.listen(128)?;
        let connections = line::accept(listener, lines.clone());
        node.members.set(node.port, true);
        let streams = StreamsServer::new(node.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let mut builder = Server::builder();
        if node.is_encrypted {
            let identity = Identity::from_pem(include_str!("tls/node.pem"), include_str!("tls/node.key"));
            let encrypted = builder.tls_config(ServerTlsConfig::new().identity(identity));
            builder = encrypted.map_err(io::Error::other)?;
        }
        let server = builder
            .add_service(streams)
            .add_service(GossipServer::new(node.clone()))
            .add_service(ServerFeaturesServer::new(node));
        let task = tokio::spawn(async move {
            // It ends when the task is aborted; a failed connection ends by itself.
            drop(server.serve_with_incoming(connections).await);
        });
        Ok(Self::Up { task, lines })
    }

    pub(super) async fn down(self, node: &Node) -> io::Result<Self> {
        match self {
            Self::Up { task, lines } => {
                node.members.set(node.port, false);
                task.abort();
                // What matters is that its listener is closed when this returns.
                drop(task.await);
                lines.cut();
                let socket = line::reserve(node.port)?;
                Ok(Self::Down { socket })
            }
            Self::Down { socket } => Ok(Self::Down { socket }),
        }
    }
}

impl Counters {
    pub(super) fn get(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::SeqCst)
    }
}
