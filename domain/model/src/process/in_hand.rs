//! Keeps what agents have in hand in step with the calls and conversations they take part in.
//!
//! Who talks to whom is the call's to say, and who answers a conversation the conversation's; agents follow. A contact
//! that was offered is accepted by [`offering`](super::offering); one that nobody offered (dialled, rung directly,
//! picked from an inbox, handed over) is begun here, and either is ended here when the agent has no answered leg left
//! or is no longer responsible. Whoever was never in touch with anybody has no notes to write. A callback that an agent
//! took becomes the call that is placed for it. The time for notes goes the other way: the agent keeps it, since it takes their
//! capacity, and the call's wrap-up follows; the codes are the call's, and the agent is told the first.

mod known;
#[cfg(test)]
mod stories;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::index::Index;
use super::{AnyEvent, Fact, Happened, Order, Process, by_age};
use crate::agent::Holding;
use crate::contact::{Contact, WorkChannel};
use crate::ids::{AgentId, CallId, ConversationId, LegId, TenantId, WrapUpCodeId};
use crate::{Timestamp, agent};

/// Keeps what agents have in hand in step with calls and conversations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InHand {
    tenants: BTreeMap<TenantId, Tenant>,
    // Shares of which somebody is to be told something.
    ready: BTreeSet<(TenantId, AgentId, Contact)>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tenant {
    calls: BTreeMap<CallId, Call>,
    conversations: BTreeMap<ConversationId, WorkChannel>,
    agents: BTreeMap<AgentId, Vec<Share>>,
    // Who has a share in each contact.
    holders: Index<Contact, AgentId>,
}

/// A call that is not over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Call {
    // Whom the call is for, and who waits when an agent puts it on hold.
    caller: Option<LegId>,
    legs: BTreeMap<LegId, Leg>,
    // The legs of those who only listen.
    quiet: BTreeSet<LegId>,
}

/// A live leg of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Leg {
    agent: AgentId,
    answered: bool,
}

/// One agent's share in one contact: what part they take in it, and what they have in hand of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Share {
    contact: Contact,
    channel: WorkChannel,
    part: Part,
    hand: Hand,
    // Which time in hand that is.
    holding: Option<Holding>,
    // Whether they were in touch with anybody, so that there is something to write notes about.
    talked: bool,
    // The call that was placed for a callback.
    placed: Option<(CallId, Fact)>,
    // Whether the caller waits, as the call says, until the agent knows; and as the agent says.
    waits: Option<(bool, Fact)>,
    on_hold: bool,
    // The leg that they answered last, by which the call knows their wrap-up; and the last one that is over.
    leg: Option<LegId>,
    over: Option<LegId>,
    // The first code chosen on the call, until the agent knows; and the one that they know.
    code: Option<(WrapUpCodeId, Fact)>,
    known_code: Option<WrapUpCodeId>,
    notes: Notes,
    call_notes: CallNotes,
}

/// What part an agent takes in a contact, as the call or conversation says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Part {
    None,
    Takes(Fact),
    Took { from: Fact, until: Fact },
}

/// What an agent has in hand of a contact, as the agent says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Hand {
    Empty,
    Offered,
    // A call that comes in place of the callback that they took.
    Comes,
    Busy,
    Notes,
    Done,
}

/// The time for notes, as the agent says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Notes {
    None,
    Begun {
        from: Fact,
        leg: Option<LegId>,
        without_code: bool,
    },
    Ended {
        from: Fact,
        leg: Option<LegId>,
        how: agent::WrapUpEnd,
        without_code: bool,
        until: Fact,
    },
}

/// The time for notes, as the call says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum CallNotes {
    None,
    Begun,
    Ended,
}

impl Process for InHand {
    const NAME: &'static str = "in-hand";

    fn fold(&mut self, happened: &Happened) {
        match &happened.what {
            AnyEvent::Agent(agent, event) => self.fold_agent(happened, *agent, event),
            AnyEvent::Call(call, event) => self.fold_call(happened, *call, event),
            AnyEvent::Conversation(conversation, event) => {
                self.fold_conversation(happened, *conversation, event);
            }
            AnyEvent::Consent(..)
            | AnyEvent::Queue(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
    }

    // What is to be told is to be told at once.
    fn due(&self) -> Option<Timestamp> {
        (!self.ready.is_empty()).then_some(Timestamp::MIN)
    }

    fn orders(&self, _now: Timestamp) -> Vec<Order> {
        let orders = |(tenant, agent, contact): &(TenantId, AgentId, Contact)| {
            let share = self.find(tenant, *agent, *contact)?;
            Some(told::orders(*agent, share))
        };
        by_age(self.ready.iter().filter_map(orders).flatten())
    }
}

impl InHand {
    fn tenant(&mut self, tenant: &TenantId) -> &mut Tenant {
        self.tenants.entry(tenant.clone()).or_default()
    }

    fn find(&self, tenant: &TenantId, agent: AgentId, contact: Contact) -> Option<&Share> {
        let shares = self.tenants.get(tenant)?.agents.get(&agent)?;
        shares.iter().find(|share| share.contact == contact)
    }

    /// Begins a share, unless there is one.
    fn begin(&mut self, tenant: &TenantId, agent: AgentId, contact: Contact, channel: WorkChannel) {
        let known = self.tenant(tenant);
        known.holders.add(contact, agent);
        let shares = known.agents.entry(agent).or_default();
        if shares.iter().all(|share| share.contact != contact) {
            shares.push(Share {
                contact,
                channel,
                part: Part::None,
                hand: Hand::Empty,
                holding: None,
                talked: contact.is_conversation(),
                placed: None,
                waits: None,
                on_hold: false,
                leg: None,
                over: None,
                code: None,
                known_code: None,
                notes: Notes::None,
                call_notes: CallNotes::None,
            });
        }
    }

    /// Changes a share, if there is one, and says what follows anew.
    fn change(&mut self, tenant: &TenantId, agent: AgentId, contact: Contact, how: impl FnOnce(&mut Share)) {
        let Some(known) = self.tenants.get_mut(tenant) else {
            return;
        };
        let Some(shares) = known.agents.get_mut(&agent) else {
            return;
        };
        let Some(place) = shares.iter().position(|share| share.contact == contact) else {
            return;
        };
        how(&mut shares[place]);
        let key = (tenant.clone(), agent, contact);
        if !told::orders(agent, &shares[place]).is_empty() {
            self.ready.insert(key);
            return;
        }
        self.ready.remove(&key);
        if shares[place].is_over() {
            self.forget(tenant, agent, contact);
        }
    }

    fn forget(&mut self, tenant: &TenantId, agent: AgentId, contact: Contact) -> Option<Share> {
        let known = self.tenants.get_mut(tenant)?;
        let shares = known.agents.get_mut(&agent)?;
        let place = shares.iter().position(|share| share.contact == contact)?;
        let share = shares.remove(place);
        if shares.is_empty() {
            known.agents.remove(&agent);
        }
        known.holders.strike(&contact, agent);
        self.ready.remove(&(tenant.clone(), agent, contact));
        Some(share)
    }

    /// Changes the wanted shares in a contact.
    fn change_all(
        &mut self,
        tenant: &TenantId,
        contact: Contact,
        wanted: impl Fn(&Share) -> bool,
        how: impl Fn(&mut Share),
    ) {
        let known = self.tenants.get(tenant);
        let holders = known.map(|known| known.holders.of(&contact)).unwrap_or_default();
        for agent in holders {
            if self.find(tenant, agent, contact).is_some_and(&wanted) {
                self.change(tenant, agent, contact, &how);
            }
        }
    }
}

impl Share {
    // Nobody is to be told anything, and whoever took part is done.
    const fn is_over(&self) -> bool {
        let takes_no_part = !matches!(self.part, Part::Takes(_));
        let done = matches!(self.hand, Hand::Done | Hand::Empty);
        takes_no_part && done && !matches!(self.notes, Notes::Begun { .. })
    }
}
