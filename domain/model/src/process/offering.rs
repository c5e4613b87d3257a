//! Carries offers between the three who take part in one: the queue that decides, the agent whose capacity it takes,
//! and the call or conversation that is offered.
//!
//! Each of the three has the last word on one thing, and hears of the others' by command:
//! - the *queue* says who is offered what;
//! - the *agent* says whether they can: capacity is reserved before anything rings, and a refusal goes back to the
//!   queue with everything that stands in the way, so that the next candidate is asked;
//! - the *call or conversation* says how it ended: it alone knows who answered first and whether the customer is still
//!   there. A callback has nobody on the line: whether they take it is the agent's to say, and whether the customer was
//!   reached is said by the call that promised it.
//!
//! What is ordered follows from how far the offer has come at each of the three and from nothing else, so that lost,
//! late and repeated steps come to the same. An offer leaves memory when all three know its end. A reservation or a
//! ringing that no open decision stands behind came too late, and is taken back.

mod known;
#[cfg(test)]
mod stories;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::index::Index;
use super::{AnyEvent, AnyRejection, Fact, Happened, Order, Process, by_age};
use crate::agent::{Ask, Terms};
use crate::call::facts::{CANDIDATES_MAX, Candidate};
use crate::contact::{Contact, WorkChannel};
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{AgentId, EntryId, OfferId, QueueId, TenantId};
use crate::queue::{OfferEnd, Strategy};
use crate::{Millis, Timestamp};

/// Carries offers between queue, agent, and call or conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Offering {
    tenants: BTreeMap<TenantId, Tenant>,
    // Offers of which somebody is to be told something.
    ready: BTreeSet<(TenantId, OfferId)>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tenant {
    queues: BTreeMap<QueueId, Rules>,
    entries: BTreeMap<EntryId, Waiting>,
    offers: BTreeMap<OfferId, Offer>,
    // The offers of each entry and of each contact.
    of_entry: Index<EntryId, OfferId>,
    of_contact: Index<Contact, OfferId>,
}

/// What a queue's settings say of its offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Rules {
    units: std::num::NonZeroU16,
    ring_ms: Millis,
    terms: Terms,
    hash: ContentHash,
}

/// Who waits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Waiting {
    contact: Contact,
    channel: WorkChannel,
}

/// One offer as the three know it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Offer {
    // The queue that decided; none if it has gone on without it.
    queue: Option<QueueId>,
    entry: EntryId,
    agent: AgentId,
    contact: Contact,
    // What the agent and then the call are told; gone when they were.
    decided: Option<Box<Decided>>,
    at_queue: Stage,
    at_agent: Stage,
    at_contact: Stage,
    // Whether the entry has left the queue, for whatever reason.
    left: bool,
}

/// What a decision says of the offers that it makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Decided {
    ask: Ask,
    terms: Terms,
    ring_ms: Millis,
    until: Timestamp,
    strategy: Strategy,
    settings: ContentHash,
    candidates: Few<Candidate, CANDIDATES_MAX>,
}

/// How far an offer has come at one of the three.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
enum Stage {
    #[default]
    Unknown,
    Open(Fact),
    Accepted(Fact),
    Over(OfferEnd, Fact),
}

impl Process for Offering {
    const NAME: &'static str = "offering";

    fn fold(&mut self, happened: &Happened) {
        match &happened.what {
            AnyEvent::Queue(queue, event) => self.fold_queue(happened, *queue, event),
            AnyEvent::Agent(agent, event) => self.fold_agent(happened, *agent, event),
            AnyEvent::Call(call, event) => self.fold_call(happened, *call, event),
            AnyEvent::Conversation(conversation, event) => {
                self.fold_conversation(happened, *conversation, event);
            }
            AnyEvent::Consent(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
    }

    // What is to be told is to be told at once.
    fn due(&self) -> Option<Timestamp> {
        (!self.ready.is_empty()).then_some(Timestamp::MIN)
    }

    fn orders(&self, now: Timestamp) -> Vec<Order> {
        let offer = |(tenant, offer): &(TenantId, OfferId)| Some((*offer, self.find(tenant, *offer)?));
        let ready = self.ready.iter().filter_map(offer);
        by_age(ready.flat_map(|(id, offer)| told::orders(id, offer, now)))
    }

    fn refused(&self, order: &Order, why: &AnyRejection) -> Vec<Order> {
        let find = |offer| self.find(&order.cause.tenant, offer);
        told::instead(order, why, find).into_iter().collect()
    }
}

impl Offering {
    fn find(&self, tenant: &TenantId, offer: OfferId) -> Option<&Offer> {
        self.tenants.get(tenant)?.offers.get(&offer)
    }

    /// Changes an offer, if it is known and not over, and says what follows anew.
    fn change(&mut self, tenant: &TenantId, id: OfferId, how: impl FnOnce(&mut Offer)) {
        let Some(known) = self.tenants.get_mut(tenant) else {
            return;
        };
        let Some(offer) = known.offers.get_mut(&id) else {
            return;
        };
        how(offer);
        let key = (tenant.clone(), id);
        if offer.is_settled() {
            known.forget(id);
            self.ready.remove(&key);
        } else if told::orders(id, offer, Timestamp::MIN).is_empty() {
            self.ready.remove(&key);
        } else {
            self.ready.insert(key);
        }
    }

    /// Changes the offers of an entry that are wanted.
    fn change_of_entry(
        &mut self,
        tenant: &TenantId,
        entry: EntryId,
        wanted: impl Fn(&Offer) -> bool,
        how: impl Fn(&mut Offer),
    ) {
        let known = self.tenants.get(tenant);
        let ids = known.map(|known| known.of_entry.of(&entry));
        self.change_all(tenant, ids, wanted, how);
    }

    /// Changes the offers of a contact that are wanted.
    fn change_of_contact(
        &mut self,
        tenant: &TenantId,
        contact: Contact,
        wanted: impl Fn(&Offer) -> bool,
        how: impl Fn(&mut Offer),
    ) {
        let known = self.tenants.get(tenant);
        let ids = known.map(|known| known.of_contact.of(&contact));
        self.change_all(tenant, ids, wanted, how);
    }

    fn change_all(
        &mut self,
        tenant: &TenantId,
        ids: Option<Vec<OfferId>>,
        wanted: impl Fn(&Offer) -> bool,
        how: impl Fn(&mut Offer),
    ) {
        for id in ids.into_iter().flatten() {
            if self.find(tenant, id).is_some_and(&wanted) {
                self.change(tenant, id, &how);
            }
        }
    }
}

impl Tenant {
    fn learn(&mut self, id: OfferId, offer: Offer) {
        if self.offers.contains_key(&id) {
            return;
        }
        self.of_entry.add(offer.entry, id);
        self.of_contact.add(offer.contact, id);
        self.offers.insert(id, offer);
    }

    fn forget(&mut self, id: OfferId) {
        let Some(offer) = self.offers.remove(&id) else {
            return;
        };
        self.of_entry.strike(&offer.entry, id);
        self.of_contact.strike(&offer.contact, id);
    }
}

impl Offer {
    // How the offer stands with the one who has the last word on its outcome. Of a callback it is the agent until they
    // took it, and the promise once a call is placed.
    const fn outcome(&self) -> &Stage {
        match (self.contact, &self.at_contact) {
            (Contact::Callback(_), Stage::Unknown) => &self.at_agent,
            (Contact::Callback(_) | Contact::Call(_) | Contact::Conversation(_), at_contact) => at_contact,
        }
    }

    // Whether all three know its end, so that nobody is to be told anything more.
    fn is_settled(&self) -> bool {
        let Stage::Over(at_queue, _) = &self.at_queue else {
            return false;
        };
        let answered = match self.outcome() {
            Stage::Over(how, _) => *how == OfferEnd::Answered,
            Stage::Unknown => false,
            Stage::Open(_) | Stage::Accepted(_) => return false,
        };
        let agent_knows = match self.at_agent {
            Stage::Unknown | Stage::Over(..) => true,
            Stage::Open(_) => false,
            // What became of a callback in their hands they hear from its call.
            Stage::Accepted(_) => answered || (self.contact.is_callback() && self.is_over_at_contact()),
        };
        agent_knows && (!answered || self.left || *at_queue == OfferEnd::Answered)
    }

    const fn is_over_at_contact(&self) -> bool {
        matches!(self.at_contact, Stage::Over(..))
    }
}
