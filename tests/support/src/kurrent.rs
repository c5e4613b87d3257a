//! A KurrentDB server that speaks the official protocol and keeps its events in memory.
//!
//! What the documentation promises of the real one holds here: idempotent appends, refusals with their details, `$all`
//! with gaps, system events and pairs of positions, prefix filters with checkpoints, the word that a subscription has
//! caught up, metadata streams with `$tb` and `$maxCount`, soft and hard deletes, gossip, leaders that followers name.
//! Where the real server may do one thing or another, this one does what is harder on its client: the two halves of a
//! position always differ. And it can be made to fail in the ways that networks do.
//!
//! It is no oracle: what passes here is also run against a real server where there is one.

#![expect(
    clippy::result_large_err,
    reason = "the size of tonic's refusal is tonic's choice"
)]

mod batch;
mod filter;
mod line;
mod node;
mod proto;
mod read;
mod rules;
mod service;
mod statuses;
mod store;
mod subscription;
mod words;

use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use tokio::sync::watch;

use node::{Breaks, Counters, Members, Node, Process};
use store::Store;

/// How a server is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KurrentSettings {
    /// The most bytes of one append. Real servers up to 25 take 1 MiB unless told otherwise, later ones much more.
    pub append_bytes_max: usize,
    /// The value of the `authorization` header that everybody must send; none lets everybody in.
    pub authorization: Option<String>,
    /// Whether it speaks TLS, with a certificate that [`KurrentServer::authority`] signed.
    pub is_encrypted: bool,
}

impl KurrentSettings {
    /// A server that lets everybody in and takes the largest appends that the log allows.
    pub const OPEN: Self = Self {
        append_bytes_max: 16 << 20,
        authorization: None,
        is_encrypted: false,
    };
}

/// How a read breaks in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KurrentBreak {
    /// The server says that it is not ready.
    NotReady,
    /// Its connection is cut.
    Cut,
    /// HTTP/2 says that the connection is closed, as it does to who resets too many streams.
    GoAway,
    /// HTTP/2 says that the stream is reset.
    Reset,
}

/// What a call is answered with instead of being served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KurrentRefusal {
    /// That the server is not ready.
    NotReady,
    /// That the server took too long.
    TimedOut,
}

/// How often each method was called since the start, over all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KurrentCalls {
    /// Appends one at a time.
    pub append: u64,
    /// Sessions of batch append.
    pub batch_append: u64,
    /// Reads that end.
    pub read: u64,
    /// Subscriptions.
    pub subscribe: u64,
    /// Questions for the members of the cluster.
    pub gossip: u64,
}

/// A server of one node or more, over one store that outlives them. Drop it, and its port is free again.
#[derive(Debug)]
pub struct KurrentServer {
    shared: Node,
    nodes: Vec<(u16, Option<Process>)>,
}

impl KurrentServer {
    /// Starts a server of one node on a free port of this machine, in the runtime that this is called in.
    ///
    /// # Errors
    /// If no port can be had.
    pub fn start(settings: KurrentSettings) -> io::Result<Self> {
        let mut server = Self::absent(settings)?;
        server.start_node(0)?;
        Ok(server)
    }

    /// Starts a cluster in the runtime that this is called in; its first node leads.
    ///
    /// # Errors
    /// If no port can be had.
    pub fn cluster(size: usize, settings: KurrentSettings) -> io::Result<Self> {
        let mut server = Self::absent(settings)?;
        for _ in 1..size {
            server.reserve()?;
        }
        for node in 0..size {
            server.start_node(node)?;
        }
        Ok(server)
    }

    /// Takes a port at which nobody answers until the node is started.
    ///
    /// # Errors
    /// If no port can be had.
    pub fn absent(settings: KurrentSettings) -> io::Result<Self> {
        let shared = Node {
            store: Arc::new(Store::new()),
            counters: Arc::default(),
            faults: Arc::default(),
            members: Arc::<Members>::default(),
            end_subscriptions: watch::Sender::new(0),
            fall_behind: watch::Sender::new(0),
            append_bytes_max: settings.append_bytes_max,
            authorization: settings.authorization,
            is_encrypted: settings.is_encrypted,
            port: 0,
        };
        let mut server = Self {
            shared,
            nodes: Vec::new(),
        };
        server.reserve()?;
        server.lead(0);
        Ok(server)
    }

    fn reserve(&mut self) -> io::Result<()> {
        let socket = line::reserve(0)?;
        let port = socket.local_addr()?.port();
        self.shared.members.set(port, false);
        self.nodes.push((port, Some(Process::Down { socket })));
        Ok(())
    }

    fn node(&self, node: usize) -> Node {
        Node {
            port: self.nodes[node].0,
            ..self.shared.clone()
        }
    }

    /// Starts a node, with everything that the server ever took. Nothing happens to one that is up.
    ///
    /// # Errors
    /// If its port cannot be listened at.
    pub fn start_node(&mut self, node: usize) -> io::Result<()> {
        let services = self.node(node);
        let process = match self.nodes[node].1.take() {
            Some(Process::Down { socket }) => Process::up(services, socket)?,
            Some(up @ Process::Up { .. }) => up,
            None => Process::up(services, line::reserve(self.nodes[node].0)?)?,
        };
        self.nodes[node].1 = Some(process);
        Ok(())
    }

    /// Stops a node and breaks its connections; its port stays taken, so that connecting to it is refused.
    ///
    /// # Errors
    /// If its port cannot be taken again.
    pub async fn stop_node(&mut self, node: usize) -> io::Result<()> {
        let services = self.node(node);
        if let Some(process) = self.nodes[node].1.take() {
            self.nodes[node].1 = Some(process.down(&services).await?);
        }
        Ok(())
    }

    /// Makes another node the leader.
    pub fn lead(&self, node: usize) {
        self.shared.members.lead(self.nodes[node].0);
    }

    /// Makes no node the leader, as while one is being elected.
    pub fn lead_nobody(&self) {
        self.shared.members.lead(0);
    }

    /// Returns the file of the authority that signed the certificate of every server that speaks TLS.
    #[must_use]
    pub fn authority() -> &'static Path {
        Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/kurrent/tls/authority.pem"
        ))
    }

    /// Returns what a client connects by: all nodes.
    #[must_use]
    pub fn connection(&self) -> String {
        let hosts: Vec<String> = self
            .nodes
            .iter()
            .map(|(port, _)| format!("127.0.0.1:{port}"))
            .collect();
        format!("kurrentdb://{}?tls={}", hosts.join(","), self.shared.is_encrypted)
    }

    /// Returns what a client connects to one node by.
    #[must_use]
    pub fn connection_to(&self, node: usize) -> String {
        format!("kurrentdb://127.0.0.1:{}?tls=false", self.nodes[node].0)
    }

    /// Returns how often each method was called.
    #[must_use]
    pub fn calls(&self) -> KurrentCalls {
        let counters = &self.shared.counters;
        KurrentCalls {
            append: Counters::get(&counters.append),
            batch_append: Counters::get(&counters.batch_append),
            read: Counters::get(&counters.read),
            subscribe: *counters.subscribe.borrow(),
            gossip: Counters::get(&counters.gossip),
        }
    }

    /// Waits until somebody has subscribed so many times.
    pub async fn until_subscribed(&self, times: u64) {
        let mut counter = self.shared.counters.subscribe.subscribe();
        // It cannot fail, for we hold the other end.
        drop(counter.wait_for(|counted| *counted >= times).await);
    }

    /// Breaks the connection of the next append after its events are safe and before anybody hears of it.
    pub fn cut_next_append_after_commit(&self) {
        self.shared.faults.cut_after_commit.store(true, Ordering::SeqCst);
    }

    /// Has HTTP/2 close the connection of the next append after its events are safe and before anybody hears of it, as it
    /// does to who resets too many streams.
    pub fn go_away_after_next_commit(&self) {
        self.shared
            .faults
            .go_away_after_commit
            .store(true, Ordering::SeqCst);
    }

    /// Breaks the connection of the next append before its events are recorded, which they never are.
    pub fn cut_next_append_before_commit(&self) {
        self.shared.faults.cut_before_commit.store(true, Ordering::SeqCst);
    }

    /// Breaks the connection of the next append, and records its events only when another append comes, in front of it.
    pub fn commit_next_append_late(&self) {
        self.shared.faults.commit_late.store(true, Ordering::SeqCst);
    }

    /// Says of the next append that is recorded that its last event has revision 0, whatever it has.
    pub fn say_wrong_revision_next(&self) {
        self.shared
            .faults
            .say_wrong_revision
            .store(true, Ordering::SeqCst);
    }

    /// Takes repeats with any revision for new from now on: that the server knows them is its best, no promise.
    pub fn forget_ids(&self) {
        self.shared.store.forget();
    }

    /// Refuses the next calls that only a leader may answer.
    pub fn refuse_next(&self, refusal: KurrentRefusal, times: usize) {
        let mut refusals = self
            .shared
            .faults
            .refusals
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        refusals.extend(std::iter::repeat_n(refusal, times));
    }

    /// Breaks whichever read sends it before every so manieth event from now on, so many times.
    pub fn break_reads(&self, how: KurrentBreak, every: u64, times: u64) {
        *self
            .shared
            .faults
            .breaks
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Breaks {
            how: Some(how),
            every,
            times,
            sent: 0,
        };
    }

    /// Returns how many of the breaks that were ordered have not happened.
    #[must_use]
    pub fn breaks_left(&self) -> u64 {
        self.shared
            .faults
            .breaks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .times
    }

    /// Makes every subscription that is live fall behind, and catch up again.
    pub fn fall_behind(&self) {
        self.shared.fall_behind.send_modify(|times| *times += 1);
    }

    /// Ends every subscription as soon as it has caught up, without an error; or no longer.
    pub fn end_subscriptions_when_caught_up(&self, wanted: bool) {
        self.shared
            .faults
            .end_when_caught_up
            .store(wanted, Ordering::SeqCst);
    }

    /// Ends every subscription that is under way, without an error.
    pub fn end_subscriptions(&self) {
        self.shared.end_subscriptions.send_modify(|times| *times += 1);
    }

    /// Ends every subscription that begins from now on as soon as it is confirmed, without an error; or no longer.
    pub fn end_subscriptions_at_once(&self, wanted: bool) {
        self.shared.faults.end_at_once.store(wanted, Ordering::SeqCst);
    }

    /// Makes every connection that there is half-open: nothing comes through any more, and nobody is told. New
    /// connections are sound.
    pub fn silence_connections(&self) {
        for (_, process) in &self.nodes {
            match process {
                Some(Process::Up { lines, .. }) => lines.silence(),
                Some(Process::Down { .. }) | None => {}
            }
        }
    }

    /// Has the server write events of its own, as a real one does.
    pub fn add_system_events(&self, count: usize) {
        self.shared.store.add_system_events(count);
    }
}

impl Drop for KurrentServer {
    fn drop(&mut self) {
        for (_, process) in &self.nodes {
            match process {
                Some(Process::Up { task, lines }) => {
                    task.abort();
                    lines.cut();
                }
                Some(Process::Down { .. }) | None => {}
            }
        }
    }
}
