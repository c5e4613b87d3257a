//! One node: what its services share, and how it comes up and goes down.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpSocket;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::transport::Server;

use super::line::{self, Lines};
use super::proto::event_store::client::gossip::gossip_server::GossipServer;
use super::proto::event_store::client::server_features::server_features_server::ServerFeaturesServer;
use super::proto::event_store::client::streams::streams_server::StreamsServer;
use super::store::Store;

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
    pub(super) end_at_once: AtomicBool,
}

/// Who belongs to the cluster, who is up, and who leads.
#[derive(Debug, Default)]
pub(super) struct Members(Mutex<(BTreeMap<u16, bool>, u16)>);

impl Members {
    pub(super) fn leader(&self) -> u16 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

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
    pub(super) append_bytes_max: usize,
    /// The header that everybody must send; none where everybody may come in.
    pub(super) authorization: Option<String>,
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
        let server = Server::builder()
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
