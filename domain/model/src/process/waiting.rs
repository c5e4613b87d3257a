//! Keeps the line of a queue in step with the calls and conversations that wait in it.
//!
//! That a caller waits, and why they no longer do, is the call's to say: it knows who hung up. Their place in the line
//! is the queue's, and so are the rules by which it sends callers on. A callback keeps the place of who hung up. A
//! caller whom an agent accepted and could not be connected to waits again, in the same place. Whoever a queue sends on to
//! another waits there and has waited since they began to; a conversation is told that it waits no more.
//!
//! A caller who rings again is known by their person: where the call names no agent of theirs, the queue hears whom they
//! talked with last, if it keeps customers for their agents and that is not too long ago.

mod chats;
mod known;
#[cfg(test)]
mod stories;
mod talks;
mod told;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::index::Index;
use super::{AnyEvent, AnyRejection, Fact, Happened, Order, Process, by_age};
use crate::contact::{Contact, WorkChannel};
use crate::ids::{AgentId, CallId, CallbackId, ConversationId, EntryId, OfferId, QueueId, TenantId};
use crate::queue::{Departure, LeftBecause, PolicyTold, Priority};
use crate::skills::SkillRequests;
use crate::text::Key;
use crate::{Actor, Timestamp};
use talks::Talks;

pub use talks::{CUSTOMERS_MAX, REMEMBERED_MS};

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
    callbacks: BTreeMap<CallbackId, Promise>,
    // The waits of each call, and those of each contact in each queue.
    of_call: Index<CallId, EntryId>,
    of_contact: Index<(QueueId, Contact), EntryId>,
    // Callbacks that are over, the last ones: their places may yet be taken by orders that were on their way.
    ended: VecDeque<(CallbackId, Gone, Fact)>,
    chats: BTreeMap<ConversationId, EntryId>,
    // The conversations that are open, and since when an agent has each of those that one has.
    open: BTreeSet<ConversationId>,
    held: BTreeMap<ConversationId, Fact>,
    // Conversations that were archived, the last ones: their places may yet be taken by orders that were on their way.
    archived: VecDeque<(ConversationId, Gone, Fact)>,
    talks: Talks,
}

/// A callback that was promised.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Promise {
    // The waits that it concerns: the one that led to it, and the one that keeps its place.
    entries: BTreeSet<EntryId>,
    // Not before when the customer is to be rung, as the call says.
    due: Option<(Timestamp, Fact)>,
}

/// The most callbacks, and the most conversations, that are remembered after their end.
const ENDED_MAX: usize = 1_000;

/// One time in one queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wait {
    queue: QueueId,
    // What waits, as the queue says: a callback once the caller chose one.
    contact: Contact,
    // What the call asked for, if a call waits, or did until it became a callback.
    asked: Option<Box<Asked>>,
    // What a conversation waits as, and whether it knows that it no longer does.
    chat: Option<Box<Chat>>,
    at_contact: AtContact,
    at_queue: AtQueue,
    // When the queue took it.
    entered: Option<Timestamp>,
    // How urgent the call says that it is by now, until the queue knows; and how urgent the queue says.
    urgency: Option<Box<(Priority, Actor, Fact)>>,
    known_urgency: Option<Priority>,
    // Before when it is to be offered to nobody, until the queue knows; and as the queue says.
    deferred: Option<Box<(Timestamp, Fact)>>,
    known_deferred: Option<Timestamp>,
    // The offer that was accepted, as the queue says.
    accepted: Option<OfferId>,
    // Whether a caller who is to wait again does.
    again: bool,
    // The callback that was promised the place, and whether another entry keeps it.
    promised: Option<CallbackId>,
    kept: bool,
    way: Way,
}

/// Whether it may enter: a contact is in a line at most once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Way {
    Free,
    // An entry of the same contact stands there.
    Blocked,
    // Such an entry left.
    Cleared(Fact),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Asked {
    call: CallId,
    // The newest that either side said; none is as the queue says.
    priority: Option<Priority>,
    skills: SkillRequests,
    last_agent: Option<AgentId>,
    // Whom the customer had last, where the call names nobody.
    remembered: Option<AgentId>,
    told: Option<PolicyTold>,
    since: Timestamp,
    // The queues that took them before this one, and when first, without another step of a routing policy in between.
    trail: Vec<(QueueId, Timestamp)>,
    // When this queue first took them, if it is one of those, so that they go on.
    returned: Option<Timestamp>,
}

/// A conversation that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Chat {
    conversation: ConversationId,
    channel: WorkChannel,
    priority: Priority,
    skills: SkillRequests,
    last_agent: Option<AgentId>,
    since: Timestamp,
    // When this queue first took it, if it came back.
    returned: Option<Timestamp>,
    open: bool,
    told: bool,
    // The queue that it was sent on to did not take it, so that it comes back.
    back: Option<Fact>,
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
    SentOn(QueueId),
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
            AnyEvent::Consent(..)
            | AnyEvent::Agent(..)
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
        let wait = |(tenant, entry): &(TenantId, EntryId)| Some((*entry, self.find(tenant, *entry)?));
        let ready = self.ready.iter().filter_map(wait);
        by_age(ready.flat_map(|(entry, wait)| told::orders(entry, wait)))
    }

    fn refused(&self, order: &Order, why: &AnyRejection) -> Vec<Order> {
        let find = |entry| self.find(&order.cause.tenant, entry);
        let call_of = |callback| self.call_of(&order.cause.tenant, callback);
        let chat_in = |chat| {
            let entry = *self.tenants.get(&order.cause.tenant)?.chats.get(&chat)?;
            Some((entry, self.find(&order.cause.tenant, entry)?.queue))
        };
        told::instead(order, why, find, (call_of, chat_in))
    }
}

impl Waiting {
    fn find(&self, tenant: &TenantId, entry: EntryId) -> Option<&Wait> {
        self.tenants.get(tenant)?.waits.get(&entry)
    }

    /// Returns the call that promised a callback.
    fn call_of(&self, tenant: &TenantId, callback: CallbackId) -> Option<CallId> {
        let known = self.tenants.get(tenant)?;
        let entries = &known.callbacks.get(&callback)?.entries;
        let asked = |entry| known.waits.get(entry)?.asked.as_deref();
        entries.iter().find_map(asked).map(|asked| asked.call)
    }

    fn begin(&mut self, tenant: &TenantId, entry: EntryId, wait: Wait) {
        let known = self.tenants.entry(tenant.clone()).or_default();
        known.learn(entry, wait);
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
            known.forget(entry);
        }
    }
}

impl Tenant {
    fn learn(&mut self, entry: EntryId, wait: Wait) {
        if self.waits.contains_key(&entry) {
            return;
        }
        self.of_contact.add((wait.queue, wait.contact), entry);
        if let Some(asked) = wait.asked.as_deref() {
            self.of_call.add(asked.call, entry);
        }
        self.waits.insert(entry, wait);
    }

    // The entry stands for something else from now on.
    fn rename(&mut self, entry: EntryId, contact: Contact) {
        let Some(wait) = self.waits.get_mut(&entry) else {
            return;
        };
        self.of_contact.strike(&(wait.queue, wait.contact), entry);
        wait.contact = contact;
        self.of_contact.add((wait.queue, contact), entry);
    }

    fn forget(&mut self, entry: EntryId) {
        let Some(wait) = self.waits.remove(&entry) else {
            return;
        };
        self.of_contact.strike(&(wait.queue, wait.contact), entry);
        if let Some(asked) = wait.asked.as_deref() {
            self.of_call.strike(&asked.call, entry);
        }
        if let Contact::Conversation(chat) = wait.contact
            && self.chats.get(&chat) == Some(&entry)
        {
            self.chats.remove(&chat);
        }
        let Some(callback) = wait.promised else { return };
        if let Some(promise) = self.callbacks.get_mut(&callback) {
            promise.entries.remove(&entry);
            if promise.entries.is_empty() {
                self.callbacks.remove(&callback);
            }
        }
    }
}

impl Wait {
    fn is_over(&self) -> bool {
        let waits_no_more = match (&self.at_contact, self.contact) {
            (AtContact::Gone(..), _) => true,
            (AtContact::Waits(_), Contact::Conversation(_)) => matches!(self.at_queue, AtQueue::Left(..)),
            (AtContact::Waits(_), Contact::Call(_) | Contact::Callback(_)) => false,
        };
        waits_no_more
            && !matches!(self.at_queue, AtQueue::Waits)
            && self.owes_place().is_none()
            && self.owes_move().is_none()
            && self.owes_return().is_none()
            && self.owes_cancel().is_none()
    }

    fn new(queue: QueueId, contact: Contact, asked: Option<Asked>, at_contact: AtContact) -> Self {
        Self {
            queue,
            contact,
            asked: asked.map(Box::new),
            chat: None,
            at_contact,
            at_queue: AtQueue::Unknown,
            entered: None,
            urgency: None,
            known_urgency: None,
            deferred: None,
            known_deferred: None,
            accepted: None,
            again: false,
            promised: None,
            kept: false,
            way: Way::Free,
        }
    }

    // The queue that it was sent on to, if it does not stand there yet.
    fn owes_move(&self) -> Option<(QueueId, &Fact)> {
        let AtQueue::Left(
            LeftBecause::MovedTo { queue: to, .. } | LeftBecause::Overflowed { to: Some(to) },
            fact,
        ) = &self.at_queue
        else {
            return None;
        };
        let owes = match (self.contact, &self.at_contact) {
            (Contact::Conversation(_), AtContact::Waits(_)) => {
                !self.again && self.chat.as_deref().is_some_and(|chat| chat.open)
            }
            (Contact::Callback(_), AtContact::Gone(Gone::Promised(_), _)) => {
                !self.kept && self.asked.is_some()
            }
            // A caller waits there once the call says so.
            (Contact::Call(_) | Contact::Conversation(_) | Contact::Callback(_), _) => false,
        };
        owes.then_some((*to, fact))
    }

    // The conversation that comes back, if it does not stand here yet.
    fn owes_return(&self) -> Option<(&Chat, &Fact)> {
        let chat = self.chat.as_deref().filter(|chat| chat.open)?;
        let waits = matches!(self.at_contact, AtContact::Waits(_));
        chat.back.as_ref().filter(|_| waits).map(|fact| (chat, fact))
    }

    // The callback that was promised the place, if nothing stands in the line for it.
    const fn owes_place(&self) -> Option<CallbackId> {
        match (&self.at_contact, &self.at_queue, self.contact) {
            (
                AtContact::Gone(Gone::Promised(callback), _),
                AtQueue::Unknown | AtQueue::Left(..),
                Contact::Call(_),
            )
            | (AtContact::Gone(Gone::Promised(callback), _), AtQueue::Unknown, Contact::Callback(_))
                if !self.kept && self.asked.is_some() =>
            {
                Some(*callback)
            }
            _ => None,
        }
    }

    // The callback that was called off in the line, or was taken out of it, if the call does not know that.
    const fn owes_cancel(&self) -> Option<CallbackId> {
        match (&self.at_contact, &self.at_queue, self.contact) {
            (
                AtContact::Gone(Gone::Promised(callback), _),
                AtQueue::Left(LeftBecause::CallbackCancelled { .. } | LeftBecause::Removed { .. }, _),
                Contact::Callback(_),
            ) if self.asked.is_some() && !self.kept => Some(*callback),
            _ => None,
        }
    }
}

fn system() -> Actor {
    Actor::System(Key::new(Waiting::NAME).expect("a process's name is a key"))
}
