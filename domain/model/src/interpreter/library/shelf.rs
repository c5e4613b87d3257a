//! The shelf: fills a tenant's library from the log.
//!
//! A fold of the events of one tenant, its queues, its routing policies and its calls, in the order of the log. The library
//! is another one only once something in it changed, so that whoever holds it sees by the pointer whether to hand
//! it to the machines.
//!
//! What begins a policy is what its live document says, but for what was unbound from it. Where several begin with the
//! same, the one counts that the number is assigned to, or else that the start is bound to, or else that was published
//! last; the policies that come with the platform stand behind all others. A number that is assigned to a user
//! begins no policy that names it: it leads to the user. An event begins every policy that names it.
//!
//! A document that cannot be read changes nothing of what is live; [`Shelf::unreadable`] tells of it. A version that a
//! newer one took the place of stays until the calls are over that entered it, and an hour more, for what runs after
//! the end of a call. The texts of all published versions stay, since each may go live again.
//!
//! [`Shelf::memory`] is plain data. A shelf that is made from it again has the same library.

mod calls;
mod house;
mod policies;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Account, Library, Published};
use crate::ids::{CalendarId, QueueId, RoutingPolicyId};
use crate::process::{AnyEvent, Happened};
use crate::routing_policy::graph::Fault;
use crate::text::Name;
use crate::{queue, tenant};

pub use calls::{AFTERWARDS_MS, OVER_MAX};

/// Fills the library of one tenant.
#[derive(Debug, Clone)]
pub struct Shelf {
    memory: Memory,
    library: Arc<Library>,
    begins: policies::Begins,
    unreadable: BTreeMap<RoutingPolicyId, Unreadable>,
}

/// What a shelf remembers of the log: plain data, for a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    tenant: tenant::State,
    queues: BTreeMap<QueueId, Line>,
    policies: BTreeMap<RoutingPolicyId, policies::Drawn>,
    // How many publications there were.
    published: u64,
    calls: calls::Calls,
}

/// A queue, as far as routing policies know it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    name: Name,
    hours: Option<CalendarId>,
    // Whether somebody opened or closed it, whatever its hours say.
    by_hand: bool,
}

/// A published version that cannot be read, while nothing newer can.
#[derive(Debug, Clone, PartialEq)]
pub struct Unreadable {
    /// The routing policy.
    pub policy: RoutingPolicyId,
    /// Its version.
    pub version: u32,
    /// What is wrong with the document.
    pub faults: Vec<Fault>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self::resume(Memory::default())
    }
}

impl Shelf {
    /// Makes the shelf of a tenant of whom nothing was heard: with the policies that come with the platform.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a shelf from a snapshot.
    #[must_use]
    pub fn resume(memory: Memory) -> Self {
        let account = house::account(&memory.tenant);
        let mut shelf = Self {
            library: Arc::new(Library::new(account)),
            begins: policies::Begins::default(),
            unreadable: BTreeMap::new(),
            memory,
        };
        shelf.furnish();
        shelf.read_all();
        shelf
    }

    /// Returns what the shelf remembers.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Returns the library as it is now.
    #[must_use]
    pub const fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// Returns the published versions that cannot be read, at most one of each policy.
    pub fn unreadable(&self) -> impl Iterator<Item = &Unreadable> {
        self.unreadable.values()
    }

    /// Takes note of an event of the tenant, or of its queues, routing policies or calls. Events of others say nothing.
    pub fn fold(&mut self, happened: &Happened) {
        match &happened.what {
            AnyEvent::Queue(queue, event) => self.fold_queue(*queue, event),
            AnyEvent::RoutingPolicy(policy, event) => self.fold_policy(*policy, event),
            AnyEvent::Call(_, event) if !calls::matters(event) => {}
            AnyEvent::Call(call, event) => self.fold_call(*call, event),
            AnyEvent::Tenant(_, event) => self.fold_tenant(event),
            AnyEvent::Consent(..)
            | AnyEvent::Agent(..)
            | AnyEvent::Conversation(..)
            | AnyEvent::Retention(..) => {}
        }
    }

    fn fold_queue(&mut self, queue: QueueId, event: &queue::Event) {
        match event {
            queue::Event::Configured { settings, .. } => {
                let by_hand = self.memory.queues.get(&queue).is_some_and(|line| line.by_hand);
                let line = Line {
                    name: settings.name.clone(),
                    hours: settings.hours,
                    by_hand,
                };
                self.set_queue(queue, Some(line));
            }
            queue::Event::Retired { .. } => self.set_queue(queue, None),
            queue::Event::Opened { .. } | queue::Event::Closed { .. } => self.set_by_hand(queue, true),
            queue::Event::HoursFollowed { .. } => self.set_by_hand(queue, false),
            queue::Event::HoursSet { .. }
            | queue::Event::LeaseAcquired { .. }
            | queue::Event::LeaseRenewed { .. }
            | queue::Event::LeaseReleased { .. }
            | queue::Event::LeaseLapsed { .. }
            | queue::Event::Entered { .. }
            | queue::Event::PriorityChanged { .. }
            | queue::Event::Moved { .. }
            | queue::Event::CallbackChosen { .. }
            | queue::Event::Deferred { .. }
            | queue::Event::Reserved { .. }
            | queue::Event::Accepted { .. }
            | queue::Event::OfferEnded { .. }
            | queue::Event::Left { .. } => {}
        }
    }

    fn set_by_hand(&mut self, queue: QueueId, by_hand: bool) {
        let line = self.memory.queues.get(&queue).cloned();
        let line = line.map(|line| Line { by_hand, ..line });
        self.set_queue(queue, line);
    }

    fn set_queue(&mut self, queue: QueueId, line: Option<Line>) {
        if self.memory.queues.get(&queue) == line.as_ref() {
            return;
        }
        match line {
            Some(line) => self.memory.queues.insert(queue, line),
            None => self.memory.queues.remove(&queue),
        };
        self.furnish_queues();
    }

    fn furnish_queues(&mut self) {
        let lines = self.memory.queues.iter();
        let follows = |line: &Line| line.hours.filter(|_| !line.by_hand);
        let library = Arc::make_mut(&mut self.library);
        library.queues = lines
            .clone()
            .map(|(queue, line)| (*queue, line.name.clone()))
            .collect();
        library.queue_hours = lines
            .filter_map(|(queue, line)| Some((*queue, follows(line)?)))
            .collect();
    }
}
