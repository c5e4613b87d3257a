//! Whom customers talked with last, so that a queue can keep a returning customer for the same agent.
//!
//! A talk counts once its call is over: whoever handed a caller on to a queue is not whom that queue keeps them for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::call::Event;
use crate::call::concerns::events_of;
use crate::call::parties::{Caller, Party};
use crate::ids::{AgentId, CallId, LegId, PersonId, QueueId};
use crate::queue::LAST_AGENT_WITHIN_MAX;
use crate::{Millis, Timestamp, queue};

/// The most customers of one tenant whose agent is remembered; who talked longest ago is forgotten first.
pub const CUSTOMERS_MAX: usize = 50_000;
/// For how long an agent is remembered: as long as any queue may ask for.
pub const REMEMBERED_MS: Millis = LAST_AGENT_WITHIN_MAX;

/// Whom the customers of a tenant talked with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Talks {
    // Calls in progress with somebody who can be known again.
    calls: BTreeMap<CallId, Talk>,
    last: BTreeMap<PersonId, (AgentId, Timestamp)>,
    by_age: BTreeSet<(Timestamp, PersonId)>,
    // How long ago it may be, in the queues that keep customers for their agents.
    keeps: BTreeMap<QueueId, Millis>,
}

/// Who talks in a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Talk {
    person: PersonId,
    customer: Option<LegId>,
    agents: BTreeMap<LegId, AgentId>,
    last: Option<Last>,
}

/// The agent whom the customer heard last.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Last {
    leg: LegId,
    agent: AgentId,
    // When they parted; none while they talk.
    parted: Option<Timestamp>,
}

impl Talks {
    /// Takes note of how a queue is set up.
    pub(super) fn fold_queue(&mut self, id: QueueId, event: &queue::Event) {
        if let queue::Event::Configured { settings, .. } = event {
            match settings.offers.last_agent {
                Some(rule) => self.keeps.insert(id, rule.within_ms),
                None => self.keeps.remove(&id),
            };
        }
    }

    /// Takes note of who talks in a call.
    pub(super) fn fold_call(&mut self, id: CallId, event: &Event) {
        match event {
            Event::Offered { leg, caller, .. } => {
                if let Caller::Number { number } = caller {
                    self.begin(id, number.of(), Some(*leg));
                }
            }
            Event::Placed { to, .. } => self.begin(id, to.of(), None),
            Event::Ended { at, .. } => self.end(id, *at),
            Event::LegCreated { leg, party, .. } => self.change(id, |talk| talk.come(*leg, party)),
            Event::LegJoined { leg, with, .. } => self.change(id, |talk| talk.meet(*leg, with)),
            Event::LegLeft { leg, at, .. } | Event::LegEnded { leg, at, .. } => {
                self.change(id, |talk| talk.part(*leg, *at));
            }
            Event::PropertiesSet { .. }
            | Event::LegRang { .. }
            | Event::LegEarlyMedia { .. }
            | Event::LegAnswered { .. }
            | Event::LegMuted { .. }
            | Event::LegUnmuted { .. }
            | Event::DtmfSent { .. }
            | Event::LegMeasured { .. }
            | events_of!(routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
                {}
        }
    }

    /// Returns the agent whom a call's customer had last, if a queue keeps customers for agents whom they had then.
    pub(super) fn last_agent(&self, call: CallId, queue: QueueId, now: Timestamp) -> Option<AgentId> {
        let within = self.keeps.get(&queue)?;
        let (agent, parted) = self.last.get(&self.calls.get(&call)?.person)?;
        (now <= parted.plus(*within)).then_some(*agent)
    }

    fn begin(&mut self, id: CallId, person: PersonId, customer: Option<LegId>) {
        self.calls.entry(id).or_insert_with(|| Talk {
            person,
            customer,
            agents: BTreeMap::new(),
            last: None,
        });
    }

    fn change(&mut self, id: CallId, how: impl FnOnce(&mut Talk)) {
        if let Some(talk) = self.calls.get_mut(&id) {
            how(talk);
        }
    }

    fn end(&mut self, id: CallId, at: Timestamp) {
        let Some(talk) = self.calls.remove(&id) else {
            return;
        };
        if let Some(last) = talk.last {
            self.remember(talk.person, last.agent, last.parted.unwrap_or(at));
        }
        self.forget(at);
    }

    fn remember(&mut self, person: PersonId, agent: AgentId, parted: Timestamp) {
        let before = self.last.get(&person).map(|(_, before)| *before);
        if before.is_some_and(|before| before > parted) {
            return;
        }
        if let Some(before) = before {
            self.by_age.remove(&(before, person));
        }
        self.last.insert(person, (agent, parted));
        self.by_age.insert((parted, person));
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((parted, person)) = self.by_age.first().copied() {
            if self.by_age.len() <= CUSTOMERS_MAX && now <= parted.plus(REMEMBERED_MS) {
                return;
            }
            self.by_age.pop_first();
            self.last.remove(&person);
        }
    }

    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        assert_eq!(self.last.len(), self.by_age.len());
        self.last.len()
    }
}

impl Talk {
    fn come(&mut self, leg: LegId, party: &Party) {
        match party {
            Party::Customer { .. } => self.customer = self.customer.or(Some(leg)),
            Party::Agent { agent, .. } => {
                self.agents.insert(leg, *agent);
            }
            Party::Number { .. } | Party::Recorder | Party::Supervisor { .. } => {}
        }
    }

    fn meet(&mut self, leg: LegId, with: &[LegId]) {
        let customer = self.customer;
        // The customer who comes to several hears them all; the one who was added last counts.
        let agent = if customer == Some(leg) {
            let mut agents = with.iter().rev();
            agents.find_map(|other| Some((*other, *self.agents.get(other)?)))
        } else {
            let there = customer.is_some_and(|customer| with.contains(&customer));
            let agent = self.agents.get(&leg).filter(|_| there);
            agent.map(|agent| (leg, *agent))
        };
        if let Some((leg, agent)) = agent {
            self.last = Some(Last {
                leg,
                agent,
                parted: None,
            });
        }
    }

    fn part(&mut self, leg: LegId, at: Timestamp) {
        let customer = self.customer;
        if let Some(last) = self
            .last
            .as_mut()
            .filter(|last| last.leg == leg || customer == Some(leg))
        {
            last.parted.get_or_insert(at);
        }
    }
}
