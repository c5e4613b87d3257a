//! The matcher: which agent gets which of those who wait in one queue, and why.
//!
//! A machine without IO, one for each queue, run by the node that owns or wants to own it. The queue keeps the line and
//! the books ([`crate::queue`]); the matcher hands in decisions with their evidence, renews the lease under which it
//! may, sends on who waited too long by the queue's rules, and says what those who wait are to be told. It decides by
//! what it has folded and by what it has handed in since, never by a clock or by chance of its own.
//!
//! How a driver runs it:
//! - the past, in the log's order, goes into [`Matcher::fold`], from which nothing follows;
//! - [`Matcher::handle_timeout`] makes it live: from then on it decides;
//! - what happens then goes into [`Matcher::handle_input`], the events of one append together, so that nobody is
//!   chosen between a missed offer and the cooldown that follows it;
//! - after each of these [`Matcher::poll_output`] is drained, and at [`Matcher::poll_timeout`] it is told the time;
//! - a command that the queue refused goes into [`Matcher::handle_refusal`]; one that failed is sent again.
//!
//! What it wants to hear of, once each and in the log's order: its own queue, all agents of the tenant, and from calls
//! what callers were told. Whatever else comes is passed over.
//!
//! How it chooses: entries in the order of [`crate::queue::State::line`]; for each the best by the queue's
//! [`Strategy`](crate::queue::Strategy) of all agents who can be offered it ([`crate::agent::State::obstacles`]),
//! decisions that the agents have not heard of included. Nobody waits for somebody before them whom no free agent
//! suits. Above the strategy stand two rules: an entry is kept for its last agent for as long as the settings say, if
//! that agent is at work and only busy; and who missed or rejected an entry is asked for it again only when nobody else
//! is left, and not within [`RETRY_PAUSE`].

use std::collections::VecDeque;

use crate::agent;
use crate::call::facts::{Announcement, Nth};
use crate::ids::{AgentId, EntryId, QueueId};
use crate::process::AnyEvent;
use crate::queue::{self, Command, Rejection};
use crate::tenant::zone::ZoneName;
use crate::text::Key;
use crate::{Millis, Timestamp};

mod choice;
mod desk;
pub mod estimate;
mod figures;
mod floor;
mod groups;
mod line;
mod news;
mod owner;
mod round;
mod rules;
mod score;
mod told;
mod wait;

#[cfg(test)]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "stories look for the few kinds that they are about"
)]
mod tests;

pub use rules::NOBODY_FOR;
pub use wait::{REFUSAL_PAUSE, RETRY_PAUSE};

use estimate::Estimates;
use figures::Day;
use floor::Floor;
use groups::Groups;
use line::Line;
use owner::Owner;
use rules::Absence;

/// What a matcher is told once.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// One run of one node, the name under which it owns the queue.
    pub node: Key,
    /// How long it wants to own the queue without renewing, at most [`queue::LEASE_MS_MAX`]; after so long another node can
    /// take over from one that is gone.
    pub lease_ms: Millis,
    /// The time zone by whose clocks "today" begins and ends.
    pub zone: ZoneName,
    /// Drawn at the start, for the strategy that goes by chance. What follows from it is recorded as the score.
    pub seed: u64,
}

/// What a matcher wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// A command to its queue: about the lease, or one that only the owner may say.
    Command(Command),
    /// Something to be said to somebody who waits, on the line now.
    Announce {
        /// The entry.
        entry: EntryId,
        /// Which of the announcements to this entry it is.
        nth: Nth,
        /// What they are told.
        announcement: Announcement,
    },
    /// Somebody who waits may be asked whether they want to be rung back instead; once for each entry.
    OfferCallback {
        /// The entry.
        entry: EntryId,
    },
}

/// Chooses the agents of one queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Matcher {
    id: QueueId,
    seed: u64,
    queue: queue::State,
    groups: Groups,
    day: Day,
    floor: Floor,
    line: Line,
    owner: Owner,
    absence: Absence,
    absent_until: Option<Timestamp>,
    estimates: Estimates,
    is_live: bool,
    outputs: VecDeque<Output>,
}

impl Matcher {
    /// Makes the matcher of a queue that knows nothing yet.
    #[must_use]
    pub fn new(queue: QueueId, config: Config) -> Self {
        Self {
            id: queue,
            seed: config.seed,
            queue: queue::State::default(),
            groups: Groups::default(),
            day: Day::new(&config.zone),
            floor: Floor::default(),
            line: Line::default(),
            owner: Owner::new(config.node, config.lease_ms),
            absence: Absence::default(),
            absent_until: None,
            estimates: Estimates::default(),
            is_live: false,
            outputs: VecDeque::new(),
        }
    }

    /// Takes note of an event of the past. Nothing follows from it until the matcher is told the time.
    pub fn fold(&mut self, event: &AnyEvent) {
        match event {
            AnyEvent::Queue(id, event) if *id == self.id => self.fold_queue(event),
            AnyEvent::Agent(id, event) => self.fold_agent(*id, event),
            AnyEvent::Call(_, event) => self.fold_call(event),
            AnyEvent::Queue(..)
            | AnyEvent::Consent(..)
            | AnyEvent::Conversation(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
    }

    /// Takes note of the events of one append, in their order, and decides what follows from them.
    pub fn handle_input(&mut self, events: &[AnyEvent], now: Timestamp) {
        for event in events {
            self.fold(event);
        }
        self.handle_timeout(now);
    }

    /// Decides what follows from what is known at a moment. The first time makes the matcher live.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if !self.is_live {
            self.is_live = true;
            self.line.skip(now);
        }
        self.decide(now);
    }

    /// Takes note that the queue refused a command, and decides what follows.
    ///
    /// The event that made it so is mostly on its way here. Until then, and at the longest for [`REFUSAL_PAUSE`], the
    /// same is not asked again, so that nothing is lost and nothing spins.
    pub fn handle_refusal(&mut self, command: &Command, why: &Rejection, now: Timestamp) {
        self.take_back(command, why, now);
        self.decide(now);
    }

    /// Gives the queue up: from now on another node may decide.
    pub fn release(&mut self, now: Timestamp) {
        let released = self.owner.stop(self.queue.lease(), now);
        self.outputs.extend(released.map(Output::Command));
    }

    /// Returns what is wanted next; nothing once all is said.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns when the matcher wants to be told the time; never if it is not live or there is nothing to wait for.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        if !self.is_live || self.queue.settings().is_err() {
            return None;
        }
        let lease = self.queue.lease();
        let asks = self.owner.due(lease);
        let ours = lease.filter(|lease| self.owner.is(lease)).map(|_| {
            let moments = [
                self.owner.doubts_until(),
                self.line.next(),
                self.floor.next(),
                self.absent_until,
            ];
            moments.into_iter().flatten().min()
        });
        asks.into_iter().chain(ours.flatten()).min()
    }

    /// Returns where the queue stands as far as the matcher has heard.
    #[must_use]
    pub const fn queue(&self) -> &queue::State {
        &self.queue
    }

    /// Returns where an agent stands as far as the matcher has heard.
    #[must_use]
    pub fn agent(&self, agent: AgentId) -> Option<&agent::State> {
        self.floor.find(agent).map(|(_, desk)| &*desk.state)
    }
}
