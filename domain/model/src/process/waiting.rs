//! Keeps the line of a queue in step with the calls and conversations that wait in it.
//!
//! That a caller waits, and why they no longer do, is the call's to say: it knows who hung up. Their place in the line
//! is the queue's, and so are the rules by which it sends callers on. A callback keeps the place of who hung up. A
//! caller whom an agent accepted and could not be connected to waits again, in the same place.

mod known;
#[cfg(test)]
mod stories;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{AnyEvent, AnyRejection, Fact, Happened, Order, Process};
use crate::contact::Contact;
use crate::ids::{CallId, CallbackId, ConversationId, EntryId, QueueId, TenantId};
use crate::queue::{Departure, LeftBecause, Priority};
use crate::skills::SkillRequests;
use crate::text::Key;
use crate::{Actor, Timestamp};

/// Keeps the line of a queue in step with the calls and conversations that wait in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    tenants: BTreeMap<TenantId, Tenant>,
    // Waits of which somebody is to be told something.
    ready: BTreeSet<(TenantId, EntryId)>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tenant {
    waits: BTreeMap<EntryId, Wait>,
    callbacks: BTreeMap<CallbackId, EntryId>,
    chats: BTreeMap<ConversationId, EntryId>,
}

/// One time in one queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wait {
    queue: QueueId,
    // What waits, as the queue says: a callback once the caller chose one.
    contact: Contact,
    // What the call asked for, if a call waits, or did until it became a callback.
    asked: Option<Box<Asked>>,
    at_contact: AtContact,
    at_queue: AtQueue,
    // How urgent the call says that it is by now, until the queue knows; and how urgent the queue says.
    urgency: Option<Box<(Priority, Actor, Fact)>>,
    known_urgency: Option<Priority>,
    // Whether a caller who is to wait again does.
    again: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Asked {
    call: CallId,
    // The newest that either side said; none is as the queue says.
    priority: Option<Priority>,
    skills: SkillRequests,
    since: Timestamp,
}

/// What the call or conversation says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum AtContact {
    Waits(Fact),
    Gone(Gone, Fact),
}

/// Why it waits no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Gone {
    // The queue hears of it by the offer that led to it.
    Answered,
    NotConnected,
    Promised(CallbackId),
    Left(Departure),
}

/// What the queue says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum AtQueue {
    Unknown,
    Waits,
    Left(LeftBecause, Fact),
}

impl Process for Waiting {
    const NAME: &'static str = "waiting";

    fn fold(&mut self, happened: &Happened) {
        match &happened.what {
            AnyEvent::Queue(queue, event) => self.fold_queue(happened, *queue, event),
            AnyEvent::Call(call, event) => self.fold_call(happened, *call, event),
            AnyEvent::Conversation(conversation, event) => {
                self.fold_conversation(happened, *conversation, event);
            }
            AnyEvent::Consent(..) | AnyEvent::Agent(..) | AnyEvent::RoutingPolicy(..) => {}
        }
    }

    // What is to be told is to be told at once.
    fn due(&self) -> Option<Timestamp> {
        (!self.ready.is_empty()).then_some(Timestamp::MIN)
    }

    fn orders(&self, _now: Timestamp) -> Vec<Order> {
        let wait = |(tenant, entry): &(TenantId, EntryId)| Some((*entry, self.find(tenant, *entry)?));
        let ready = self.ready.iter().filter_map(wait);
        ready
            .flat_map(|(entry, wait)| told::orders(entry, wait))
            .collect()
    }

    fn refused(&self, order: &Order, why: &AnyRejection) -> Vec<Order> {
        let find = |entry| self.find(&order.cause.tenant, entry);
        told::instead(order, why, find)
    }
}

impl Waiting {
    fn find(&self, tenant: &TenantId, entry: EntryId) -> Option<&Wait> {
        self.tenants.get(tenant)?.waits.get(&entry)
    }

    fn begin(&mut self, tenant: &TenantId, entry: EntryId, wait: Wait) {
        let known = self.tenants.entry(tenant.clone()).or_default();
        known.waits.entry(entry).or_insert(wait);
    }

    /// Changes a wait, if it is known and not over, and says what follows anew.
    fn change(&mut self, tenant: &TenantId, entry: EntryId, how: impl FnOnce(&mut Wait)) {
        let Some(known) = self.tenants.get_mut(tenant) else {
            return;
        };
        let Some(wait) = known.waits.get_mut(&entry) else {
            return;
        };
        how(wait);
        let key = (tenant.clone(), entry);
        if !told::orders(entry, wait).is_empty() {
            self.ready.insert(key);
            return;
        }
        self.ready.remove(&key);
        if wait.is_over() {
            match wait.contact {
                Contact::Callback(callback) => drop(known.callbacks.remove(&callback)),
                Contact::Conversation(chat) => drop(known.chats.remove(&chat)),
                Contact::Call(_) => {}
            }
            known.waits.remove(&entry);
        }
    }
}

impl Wait {
    const fn is_over(&self) -> bool {
        matches!(self.at_contact, AtContact::Gone(..)) && !matches!(self.at_queue, AtQueue::Waits)
    }
}

fn system() -> Actor {
    Actor::System(Key::new(Waiting::NAME).expect("a process's name is a key"))
}
